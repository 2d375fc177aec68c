"""Step 3: the units the document names, ticked, put right, added to."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.indicators import queries as indicators
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import BadInput, Refused
from tracker.kernel.vietnamese import clean, fold
from tracker.start import queries, service
from tracker.start.current import rail, sample_of, standing
from tracker.start.forms import FileForm
from tracker.start.rules import Proposed, Step, typed_units
from tracker.units import queries as units
from tracker.units.current import actor, desk
from tracker.units.models import Unit
from tracker.units.rules import KIND_WORDS, Action, UnitKind
from tracker.web import sheets
from tracker.web.fields import tell
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]

#: A heading over the names of an uploaded list.
_HEADINGS = ("ten don vi", "don vi", "ten", "co quan")


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of the start."""
    blueprint.add_url_rule("/<authority>/start/units", "units", units_step, methods=["GET", "POST"])
    blueprint.add_url_rule("/<authority>/start/units/file", "units_file", units_file, methods=["POST"])


@allows(Action.MANAGE_UNITS)
def units_step(authority: str) -> Page:
    if request.method == "GET":
        return _page(_proposed())
    given, fields = _given(request.form)
    lines = request.form.get("lines", "")
    try:
        chosen = [*given, *typed_units(lines), *_members(fields)]
        made = service.take_units(db.session(), desk().authority, chosen, actor(), clock.now())
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        return _page(_proposed(), lines=lines, problem=refusal.message, typed=request.form), 400
    if made:
        flash(_("Đã thêm %(count)s đơn vị.", count=made), "success")
    if not standing().units:
        return _page(_proposed(), lines=lines, problem=_("Chưa có đơn vị nào; đồng chí đánh dấu hoặc ghi ít nhất một đơn vị.")), 400
    return redirect(url_for("start.leads", authority=authority))


def _proposed() -> list[Proposed]:
    session, here = db.session(), desk()
    used = indicators.adopted_sets(session, here.authority.id, clock.today())
    return queries.proposed_units(session, used, sample_of(), clock.today())


def _given(form: Mapping[str, str]) -> tuple[list[Proposed], Mapping[str, str]]:
    """The ticked lines: the proposal as it stands, under the name and the kind that were typed. What it was printed as stays a spelling."""
    found = []
    for one in _proposed():
        place = key_of(one)
        if f"pick-{place}" not in form:
            continue
        name = clean(form.get(f"name-{place}", "")) or one.name
        kind = form.get(f"kind-{place}", one.kind.value)
        spellings = (one.name, *one.spellings) if name != one.name else one.spellings
        found.append(Proposed(name, UnitKind(kind) if kind in set(UnitKind) else one.kind, spellings, one.leads, one.helps, one.catch_all, one.focal))
    return found, form


def key_of(one: Proposed) -> str:
    """What the fields of a proposal are called: its name, so that a list that changed meanwhile cannot mix two up."""
    return fold(one.name).replace(" ", "_")[:80]


def _members(form: Mapping[str, str]) -> list[Proposed]:
    """What was typed into the boxes of groups without members."""
    found = []
    for group in _empty_groups():
        names = tuple(one for one in (clean(line).strip(" .;") for line in form.get(f"members-{group.slug}", "").splitlines()) if one)
        if names:
            found.append(Proposed(group.name, group.kind, members=names))
    return found


def _empty_groups() -> list[Unit]:
    session, today = db.session(), clock.today()
    groups = [unit for unit in units.units(session, day=today, kind=UnitKind.GROUP) if not unit.catch_all]
    members = units.members_of(session, [unit.id for unit in groups], today)
    return [unit for unit in groups if not members[unit.id]]


def _page(
    proposed: list[Proposed], *, lines: str = "", problem: str = "", form: FileForm | None = None, typed: Mapping[str, str] | None = None
) -> str:
    at = standing()
    rows = [
        {
            "key": key_of(one),
            "one": one,
            "picked": typed is None or f"pick-{key_of(one)}" in typed,
            "name": (typed or {}).get(f"name-{key_of(one)}", one.name),
            "kind": (typed or {}).get(f"kind-{key_of(one)}", one.kind.value),
        }
        for one in proposed
    ]
    return render_template(
        "start/units.html",
        rail=rail(Step.UNITS, at),
        at=at,
        rows=rows,
        kinds=[(kind.value, _(words)) for kind, words in KIND_WORDS.items()],
        have=units.units(db.session(), day=clock.today()),
        empty_groups=_empty_groups(),
        lines=lines,
        problem=problem,
        form=form or FileForm(formdata=None),
        authority=desk().authority.slug,
    )


@allows(Action.MANAGE_UNITS)
def units_file(authority: str) -> Page:
    """The first column of a spreadsheet, put into the box of names: nothing is saved before somebody has seen it."""
    form = FileForm()
    lines: list[str] = []
    if form.validate():
        try:
            rows = sheets.read(form.file.data.read())
            names = [clean(str(row[0])) for row in rows if row and row[0] is not None]
            lines = [name for name in names if name and fold(name) not in _HEADINGS]
            if not lines:
                raise BadInput(_("Cột đầu của tệp không có tên đơn vị nào."), field="file")
        except BadInput as refusal:
            tell(form, refusal)
    if not lines:
        return _page(_proposed(), form=form), 400
    return _page(_proposed(), lines="\n".join(lines))
