"""Pages of changes of units: what was recorded, recording one, carrying it out by hand, calling it off."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.vietnamese import date_vn
from tracker.units import access, queries, succession_access
from tracker.units import succession_queries as successions_read
from tracker.units import succession_service as service
from tracker.units.current import actor, desk
from tracker.units.models import Unit
from tracker.units.rules import Action, UnitKind
from tracker.units.succession_forms import SuccessionForm
from tracker.units.succession_rules import KIND_WORDS, STATE_WORDS, SuccessionKind, SuccessionState
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of units."""
    for rule, view, methods in (
        ("/successions", successions, ["GET"]),
        ("/successions/new", new_succession, ["GET", "POST"]),
        ("/successions/<int:succession_id>/apply", apply_succession, ["POST"]),
        ("/successions/<int:succession_id>/undo", undo_succession, ["POST"]),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=methods)


@allows(Action.MANAGE_UNITS)
def successions(authority: str) -> Page:
    today = clock.today()
    rows = successions_read.recorded(db.session())
    return render_template(
        "units/successions.html",
        rows=[
            {
                "row": row,
                "one": row.succession,
                "kind": KIND_WORDS[row.succession.kind],
                "state": STATE_WORDS[row.state],
                # Of a unit that was renamed, what it was called before.
                "former": row.succession.kept.get("name") if row.state is SuccessionState.APPLIED else None,
                "waiting": row.state is SuccessionState.WAITING,
                "due": row.succession.effective_on <= today,
                "applied": row.state is SuccessionState.APPLIED,
                "undoable": row.state is SuccessionState.WAITING or _applied_today(row),
                "moves": row.state is SuccessionState.APPLIED and row.succession.kind is not SuccessionKind.RENAME,
            }
            for row in rows
        ],
        kinds=[(k.value, words) for k, words in KIND_WORDS.items()],
        authority=authority,
    )


def _applied_today(row: successions_read.SuccessionRow) -> bool:
    at = row.succession.applied_at
    return row.state is SuccessionState.APPLIED and at is not None and clock.local_day(at) == clock.today()


def _form(kind: SuccessionKind) -> SuccessionForm:
    form = SuccessionForm()
    found = queries.units(db.session())
    groups = kind is SuccessionKind.RENAME
    alive = [u for u in found if u.valid_to is None or u.valid_to >= clock.today()]
    form.predecessors.choices = [SelectChoice(u.slug, u.name) for u in found if groups or u.kind is not UnitKind.GROUP]
    form.successors.choices = [SelectChoice(u.slug, u.name) for u in alive if u.kind is not UnitKind.GROUP]
    if request.method == "GET":
        form.effective_on.data = clock.today()
        form.predecessors.data = request.args.getlist("unit")
    return form


@allows(Action.MANAGE_UNITS)
def new_succession(authority: str) -> Page:
    """Records a change of one kind, which the address says."""
    asked = request.args.get("kind", "")
    if asked not in set(SuccessionKind):
        return redirect(url_for("units.successions", authority=authority))
    kind = SuccessionKind(asked)
    form = _form(kind)
    if request.method == "POST" and form.validate():
        with saving(form) as attempt:
            row = service.record(
                db.session(),
                actor(),
                desk().authority.id,
                _change(kind, form),
                _units(form.predecessors.data),
                _units(form.successors.data),
                clock.now(),
            )
            waits, day = row.state is SuccessionState.WAITING, row.succession.effective_on
        if attempt.saved:
            told = _("Đã ghi nhận; hệ thống thực hiện vào sáng %(day)s.", day=date_vn(day)) if waits else _("Đã ghi nhận và thực hiện.")
            flash(told, "success")
            return redirect(url_for("units.successions", authority=authority))
        form.predecessors.choices, form.successors.choices = _form(kind).predecessors.choices, _form(kind).successors.choices
    page = render_template("units/succession_new.html", form=form, kind=kind, words=KIND_WORDS[kind], authority=authority)
    return (page, 400) if request.method == "POST" else page


def _change(kind: SuccessionKind, form: SuccessionForm) -> service.Change:
    return service.Change(
        kind=kind,
        effective_on=form.effective_on.data,
        document=form.document.data or "",
        note=form.note.data or "",
        new_name=form.new_name.data or "",
        new_short_name=form.new_short_name.data or "",
        new_units=tuple((form.new_units.data or "").splitlines()),
    )


def _units(slugs: list[str] | None) -> list[Unit]:
    return [access.unit_by_slug(db.session(), slug) for slug in dict.fromkeys(slugs or [])]


@allows(Action.MANAGE_UNITS)
def apply_succession(authority: str, succession_id: int) -> Response:
    """By hand, where the scheduler has not come by yet."""
    service.apply(db.session(), actor(), succession_access.succession(db.session(), succession_id), clock.now())
    db.session.commit()
    flash(_("Đã thực hiện."), "success")
    return redirect(url_for("units.successions", authority=authority))


@allows(Action.MANAGE_UNITS)
def undo_succession(authority: str, succession_id: int) -> Response:
    row = succession_access.succession(db.session(), succession_id)
    service.undo(db.session(), actor(), row, request.form.get("version", 0, type=int), clock.now())
    db.session.commit()
    flash(_("Đã hủy thay đổi. Đơn vị mới đã lập (nếu có) được giữ lại."), "success")
    return redirect(url_for("units.successions", authority=authority))
