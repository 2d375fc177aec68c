"""One piece of evidence for many tasks of a unit, new or from what the unit has: nothing is copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.deadlines import queries as deadlines
from tracker.evidence import bulk_access, bulk_queries, bulk_service
from tracker.evidence.bulk_forms import ShareForm
from tracker.evidence.bulk_rules import best_line, tickets
from tracker.evidence.bulk_service import Choice, Piece
from tracker.evidence.content_rules import some_files
from tracker.evidence.current import content_of
from tracker.evidence.queries import checklists
from tracker.evidence.rules import ITEM_WORDS, WHOLE, Asked, ItemKind
from tracker.evidence.waiting import Seal, Waiting
from tracker.files.rules import FILE_TYPES
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refused, Unable
from tracker.kernel.words import translated
from tracker.tasks import queries as tasks_queries
from tracker.tasks.queries import Filters, TaskRow
from tracker.tasks.rules import Horizon
from tracker.units.current import desk
from tracker.units.models import Unit
from tracker.units.rules import Action
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of evidence."""
    blueprint.add_url_rule("/units/<slug>/store", view_func=store, methods=["GET"])
    blueprint.add_url_rule("/units/<slug>/share", view_func=share, methods=["GET", "POST"])


def open_rows(unit: Unit) -> list[TaskRow]:
    """The unit's tasks that take evidence still, the nearest deadline first."""
    session, here = db.session(), desk()
    calendar = deadlines.working_calendar(session)
    horizon = Horizon.of(calendar, clock.today(), here.authority)
    return tasks_queries.listed(session, Filters(unit_ids=frozenset({unit.id}), open_only=True), calendar, horizon, seen_by=here.viewer)


def lines_of(rows: Sequence[TaskRow]) -> dict[int, list[Asked]]:
    """Task → the lines of its checklist."""
    asked = checklists(db.session(), {row.indicator_id for row in rows if row.indicator_id is not None})
    return {row.id: asked[row.indicator_id] if row.indicator_id is not None else [] for row in rows}


def seal(unit: Unit) -> Seal:
    """What this person's previews for this unit are signed with."""
    here = desk()
    return Seal(current_app.config["SECRET_KEY"], here.authority.id, here.viewer.account_id, unit.id)


def back_to(authority: str, unit: Unit) -> str:
    """Whoever works in the unit goes to its work list, the focal point to its page."""
    if unit.id in desk().viewer.unit_ids:
        return url_for("dashboard.work", authority=authority)
    return url_for("dashboard.unit_page", authority=authority, slug=unit.slug)


@allows(Action.SEE_TASKS)
def store(authority: str, slug: str) -> str:
    """What the unit has brought before, to be chosen for another task («task» in the address) or for many."""
    session, viewer = db.session(), desk().viewer
    unit, stand = bulk_access.to_bring_for(session, viewer, slug)
    text = (request.args.get("q") or "").strip()[:100]
    return render_template(
        "evidence/store.html",
        unit=unit,
        on_behalf=stand.on_behalf_of,
        found=bulk_queries.store(session, unit.id, text),
        shown=bulk_queries.ITEMS_SHOWN,
        kinds=ITEM_WORDS,
        q=text,
        task_id=request.args.get("task", type=int),
        back=back_to(authority, unit),
        authority=authority,
    )


@dataclass(frozen=True, slots=True)
class Source:
    """What is to serve many tasks: an item the unit has, or files that wait for confirmation."""

    kind: ItemKind
    title: str
    item_id: int | None = None
    version_id: int | None = None
    waiting: Waiting | None = None

    def piece(self, choices: Sequence[Choice]) -> Piece:
        content = some_files(self.waiting.files).with_particulars(self.waiting.particulars) if self.waiting else None
        return Piece(self.kind, self.title, tuple(choices), content, self.version_id)


@allows(Action.SEE_TASKS)
def share(authority: str, slug: str) -> Page:
    """Chooses the tasks and the piece; shows which line of each checklist it will tick; ties it to all of them."""
    session, viewer = db.session(), desk().viewer
    unit, stand = bulk_access.to_bring_for(session, viewer, slug)
    rows = {row.id: row for row in open_rows(unit)}
    form = ShareForm()
    try:
        source = _source(unit, form)
        chosen = tickets(request.form.getlist("tickets")) or _asked_for(rows)
    except (NotFound, Unable):
        raise
    except Refused as refusal:
        db.session.rollback()
        form.form_errors.append(refusal.message)
        return _choose(authority, unit, stand.on_behalf_of, list(rows.values()), None, form), 400
    if request.form.get("confirm") and source is not None and chosen:
        return _confirmed(authority, unit, source, chosen)
    if source is not None and chosen:
        return _preview(authority, unit, stand.on_behalf_of, source, [rows[task_id] for task_id in chosen if task_id in rows])
    if request.method == "POST":
        form.form_errors.append(_("Đồng chí chọn tệp và ít nhất một nhiệm vụ.") if source is None else _("Đồng chí chọn ít nhất một nhiệm vụ."))
        return _choose(authority, unit, stand.on_behalf_of, list(rows.values()), source, form), 400
    return _choose(authority, unit, stand.on_behalf_of, list(rows.values()), source, form)


def _asked_for(rows: Mapping[int, TaskRow]) -> dict[int, int]:
    """The task the address names, where one leads here from its page."""
    row = rows.get(request.args.get("task", 0, type=int)) if request.method == "GET" else None
    return {row.id: row.version} if row is not None else {}


def _source(unit: Unit, form: ShareForm) -> Source | None:
    session, here = db.session(), desk()
    item_id = request.values.get("item", type=int)
    if item_id is not None:
        item = bulk_access.item_of(session, here.viewer, unit, item_id)
        return Source(item.kind, item.title, item.id, bulk_queries.newest_version(session, item.id).id)
    sealed = request.form.get("sealed")
    if sealed:
        waiting = seal(unit).open(sealed, clock.real_now())
    elif request.method == "POST" and form.uploads:
        if not form.validate():
            raise Refused(_("Đồng chí sửa các ô chưa đúng ở dưới rồi chọn lại tệp."))
        content = content_of(form, here.authority.id)
        waiting = Waiting(content.files, ("",) * len(content.files), clock.real_now().timestamp(), content.particulars)
    else:
        return None
    return Source(ItemKind.FILE, some_files(waiting.files).with_particulars(waiting.particulars).title, waiting=waiting)


def _choose(authority: str, unit: Unit, on_behalf: str | None, rows: Sequence[TaskRow], source: Source | None, form: ShareForm) -> str:
    return render_template(
        "evidence/share.html",
        form=form,
        unit=unit,
        rows=rows,
        source=source,
        sealed=seal(unit).close(source.waiting) if source and source.waiting else None,
        on_behalf=on_behalf,
        accept=",".join(FILE_TYPES),
        back=back_to(authority, unit),
        authority=authority,
    )


def _preview(authority: str, unit: Unit, on_behalf: str | None, source: Source, rows: Sequence[TaskRow]) -> str:
    asked = lines_of(rows)
    return render_template(
        "evidence/share_preview.html",
        unit=unit,
        source=source,
        sealed=seal(unit).close(source.waiting) if source.waiting else None,
        rows=rows,
        options={row.id: [("", _("Cả chỉ số")), *((one.slot.key, one.name) for one in asked[row.id])] for row in rows},
        best={row.id: best_line(asked[row.id], source.title).key for row in rows},
        on_behalf=on_behalf,
        back=back_to(authority, unit),
        authority=authority,
    )


def _confirmed(authority: str, unit: Unit, source: Source, chosen: Mapping[int, int]) -> Page:
    session, viewer = db.session(), desk().viewer
    _unit, stand = bulk_access.to_bring_for(session, viewer, unit.slug)
    rows = bulk_access.of_unit(session, unit.id, chosen)
    asked = checklists(session, {indicator for indicator in rows.values() if indicator is not None})
    choices = []
    for task_id, version in chosen.items():
        slots = {one.slot.key: one.slot for one in asked[rows[task_id] or 0]}
        choices.append(Choice(task_id, version, slots.get(request.form.get(f"slot-{task_id}", ""), WHOLE)))
    try:
        brought = bulk_service.bring_all(session, [source.piece(choices)], unit.id, stand.actor(viewer), clock.now())
        db.session.commit()
    except (NotFound, Unable):
        raise
    except Refused as refusal:
        db.session.rollback()
        flash(translated(refusal.message), "error")
        return redirect(url_for("evidence.share", authority=authority, slug=unit.slug))
    if brought.proofs:
        flash(_("Đã dùng “%(title)s” cho %(count)s nhiệm vụ.", title=source.title, count=brought.proofs), "success")
    for _place, one in brought.left:
        flash(_("Để lại %(what)s", what=one.sentence), "warning")
    return redirect(back_to(authority, unit))
