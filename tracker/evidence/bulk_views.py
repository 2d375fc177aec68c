"""Accepting, returning and approving many tasks: ticked in a list, shown once more with what cannot be done and why, then done together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.deadlines import queries as deadlines
from tracker.evidence import bulk_access, bulk_queries, bulk_service, service
from tracker.evidence.bulk_rules import CHANGED, Outcome, tickets
from tracker.evidence.queries import completeness_of
from tracker.evidence.reading import doubt_counts
from tracker.evidence.rules import Completeness
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.words import phrase, translated
from tracker.tasks import service as tasks
from tracker.tasks import undo_queries
from tracker.tasks.current import offer_undo
from tracker.tasks.forms import ReturnForm
from tracker.tasks.models import Task
from tracker.tasks.queries import TaskRow
from tracker.tasks.rules import PROGRESS_WORDS, Horizon, Move, Progress, ReturnCause, moved, return_words
from tracker.tasks.undo_rules import NOTHING
from tracker.units import access as units_access
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.links import local_path, next_path
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of evidence."""
    for rule, view in (
        ("/tasks/accept-many", accept_many),
        ("/tasks/return-many", return_many),
        ("/tasks/approve-many", approve_many),
        ("/tasks/undo-many", undo_many),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=["POST"])


@dataclass(frozen=True, slots=True)
class Words:
    """What the page of one kind of decision says."""

    heading: str
    will: str
    #: Filled with the number of tasks.
    button: Callable[[int], str]
    done: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Preview:
    """The ticked tasks: what will be done, and what cannot be and why."""

    will: list[TaskRow]
    wont: list[tuple[TaskRow, str]]
    doubts: Mapping[int, int]
    completeness: Mapping[int, Completeness]

    @property
    def doubt_total(self) -> int:
        return sum(self.doubts.values())


def _accept_words() -> Words:
    return Words(
        _("Xác nhận nhiều nhiệm vụ"),
        _("Sẽ xác nhận"),
        lambda count: _("Xác nhận %(count)s nhiệm vụ", count=count),
        lambda count: _("Đã xác nhận %(count)s nhiệm vụ.", count=count),
    )


def _return_words() -> Words:
    return Words(
        _("Trả lại nhiều nhiệm vụ"),
        _("Sẽ trả lại"),
        lambda count: _("Trả lại %(count)s nhiệm vụ", count=count),
        lambda count: _("Đã trả lại %(count)s nhiệm vụ; mỗi đơn vị thấy lý do ở đầu việc.", count=count),
    )


def _approve_words() -> Words:
    return Words(
        _("Duyệt nhiều nhiệm vụ"),
        _("Sẽ duyệt và báo đủ minh chứng"),
        lambda count: _("Duyệt %(count)s nhiệm vụ", count=count),
        lambda count: _("Đã duyệt %(count)s nhiệm vụ; đầu mối sẽ xác nhận.", count=count),
    )


@allows(Action.DECIDE_EVIDENCE)
def accept_many(authority: str) -> Page:
    """Xác nhận the ticked tasks that wait for it."""
    session, here = db.session(), desk()

    def own(unit_id: int) -> bool:
        return units_access.is_own(session, here.viewer, unit_id)

    def hindrance(row: TaskRow, _done: Completeness) -> str | None:
        return _immovable(row, Move.ACCEPT) or (tasks.OWN_FORBIDDEN if own(row.unit_id) and not here.authority.own_acceptance else None)

    def act(task: Task) -> None:
        here.viewer.matter.unit_id = task.unit_id
        tasks.accept(session, task, actor(), clock.now(), own=own(task.unit_id), own_allowed=here.authority.own_acceptance)

    return _together(authority, _accept_words(), hindrance, act, default="dashboard.today")


@allows(Action.DECIDE_EVIDENCE)
def return_many(authority: str) -> Page:
    """Trả lại the ticked tasks for one cause, with the same words for all."""
    session, here = db.session(), desk()
    form = ReturnForm() if request.form.get("confirm") else ReturnForm(formdata=None)
    calendar = deadlines.working_calendar(session)

    def act(task: Task) -> None:
        here.viewer.matter.unit_id = task.unit_id
        cause = ReturnCause(form.cause.data) if form.cause.data else None
        reason = return_words(cause, form.reason.data)
        one = deadlines.round_by_id(session, task.round_id)
        tasks.return_(session, task, one, reason, actor(), clock.now(), calendar=calendar, mend_days=here.authority.mend_days, cause=cause)

    return _together(authority, _return_words(), lambda row, _done: _immovable(row, Move.RETURN), act, default="dashboard.today", form=form)


@allows(Action.APPROVE_EVIDENCE)
def approve_many(authority: str) -> Page:
    """The unit's head approves what its specialists have prepared: each leaves the unit as reported ready."""
    session, here = db.session(), desk()

    def hindrance(row: TaskRow, done: Completeness) -> str | None:
        if row.status is not Progress.PREPARED:
            return phrase("Nhiệm vụ đang ở trạng thái “%(state)s”, không chờ lãnh đạo đơn vị duyệt.", state=PROGRESS_WORDS[row.status])
        return None if done.complete else done.sentence

    def act(task: Task) -> None:
        if task.status is not Progress.PREPARED:
            raise Refused("Nhiệm vụ không còn chờ lãnh đạo đơn vị duyệt.")
        here.viewer.matter.unit_id = task.unit_id
        service.submit(session, task, actor(), clock.now(), needs_head=True, is_head=True)

    return _together(authority, _approve_words(), hindrance, act, default="dashboard.work", heads_only=True)


@allows(Action.DECIDE_EVIDENCE)
def undo_many(authority: str) -> Page:
    """Hoàn tác what the same person accepted or returned a moment ago; what somebody changed since stays as it is and is named."""
    session, here = db.session(), desk()
    back = next_path(url_for("dashboard.today", authority=authority))
    seen = tickets(request.form.get("tickets", "").split())
    calendar = deadlines.working_calendar(session)
    bulk_access.chosen(session, here.viewer, seen, calendar, Horizon.of(calendar, clock.today(), here.authority))
    decided = undo_queries.last_decisions(session, here.authority.id, seen)

    def act(task: Task) -> None:
        if task.id not in decided:
            raise Refused(NOTHING)
        here.viewer.matter.unit_id = task.unit_id
        tasks.undo(session, task, decided[task.id], actor(), clock.now())

    outcome = bulk_service.decide(session, seen, act)
    db.session.commit()
    if outcome.done:
        flash(_("Đã hoàn tác %(count)s nhiệm vụ.", count=outcome.done), "success")
    for one in outcome.left:
        flash(_("Không hoàn tác %(what)s", what=one.sentence), "warning")
    return redirect(back)


def _immovable(row: TaskRow, move: Move) -> str | None:
    try:
        moved(row.status, move)
    except Refused as refusal:
        return refusal.message
    return None


def _together(
    authority: str,
    words: Words,
    hindrance: Callable[[TaskRow, Completeness], str | None],
    act: Callable[[Task], None],
    *,
    default: str,
    form: ReturnForm | None = None,
    heads_only: bool = False,
) -> Page:
    """Preview, and with «confirm» in the form the deed. ``form``: what is asked besides; refused, it comes back with what was typed."""
    session, here = db.session(), desk()
    back = local_path(request.form.get("next")) or url_for(default, authority=authority)
    try:
        seen = tickets(request.form.getlist("tickets"))
    except Refused as refusal:
        if type(refusal) is not Refused:
            raise
        flash(translated(refusal.message), "error")
        return redirect(back)
    calendar = deadlines.working_calendar(session)
    rows = bulk_access.chosen(session, here.viewer, seen, calendar, Horizon.of(calendar, clock.today(), here.authority))
    if heads_only:
        bulk_access.expect_head(here.viewer, rows)
    if not rows:
        flash(_("Đồng chí chọn ít nhất một nhiệm vụ ở bảng rồi bấm lại."), "error")
        return redirect(back)
    confirmed = bool(request.form.get("confirm"))
    if confirmed and form is None:
        outcome = bulk_service.decide(session, seen, act)
        db.session.commit()
        return _told(outcome, words, back, undoable=not heads_only)
    if confirmed and form is not None and form.validate():
        with saving(form) as attempt:
            outcome = bulk_service.decide(session, seen, act)
        if attempt.saved:
            return _told(outcome, words, back, undoable=not heads_only)
    page = render_template(
        "evidence/bulk.html",
        words=words,
        preview=_preview(rows, seen, hindrance),
        form=form,
        back=back,
        authority=authority,
    )
    return page, 400 if confirmed else 200


def _told(outcome: Outcome, words: Words, back: str, *, undoable: bool) -> Response:
    if outcome.done and undoable:
        offer_undo(words.done(outcome.done), outcome.tickets, clock.now(), back)
    elif outcome.done:
        flash(words.done(outcome.done), "success")
    for one in outcome.left:
        flash(_("Để lại %(what)s", what=one.sentence), "warning")
    return redirect(back)


def _preview(rows: list[TaskRow], seen: Mapping[int, int], hindrance: Callable[[TaskRow, Completeness], str | None]) -> Preview:
    session, viewer = db.session(), desk().viewer
    completeness = completeness_of(session, [(row.id, row.indicator_id) for row in rows])
    closed = bulk_queries.closed_rounds(session, {row.round_id for row in rows})
    will, wont = [], []
    for row in rows:
        why = tasks.closed_words(*closed[row.round_id]) if row.round_id in closed else None
        why = why or hindrance(row, completeness[row.id]) or (CHANGED if row.version != seen[row.id] else None)
        if why:
            wont.append((row, why))
        else:
            will.append(row)
    return Preview(will, wont, doubt_counts(session, viewer, will), completeness)
