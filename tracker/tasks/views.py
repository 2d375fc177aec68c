"""Decisions of the focal point on tasks; rounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from tracker.deadlines import access as deadlines_access
from tracker.deadlines import queries as deadlines
from tracker.deadlines.explanation_rules import tell_deadline
from tracker.deadlines.rules import Schedule, target_day
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Forbidden, Refused
from tracker.tasks import (
    access,
    closing_views,
    directive_views,
    extension_views,
    handover_views,
    obstacle_views,
    proposal_views,
    queries,
    service,
    start_views,
    talk_views,
)
from tracker.tasks.current import offer_undo
from tracker.tasks.forms import ReasonForm, ReturnForm, SetAsideForm
from tracker.tasks.models import Task
from tracker.tasks.rules import Horizon, Move, ReturnCause, return_words
from tracker.units import access as units_access
from tracker.units.current import Desk, actor, desk
from tracker.units.rules import Action
from tracker.web import sheets
from tracker.web.fields import tell
from tracker.web.guards import allows
from tracker.web.links import local_path, next_path
from tracker.web.words import gettext as _

blueprint = Blueprint("tasks", __name__, url_prefix="/<authority>")
for _pages in (start_views, closing_views, extension_views, handover_views, proposal_views, obstacle_views, directive_views, talk_views):
    _pages.install(blueprint)


def _page_of(authority: str, task: Task) -> str:
    return url_for("dashboard.task_page", authority=authority, task_id=task.id)


def _undone_to(authority: str, task: Task) -> str:
    """Where undoing leads: back to the task, on the page where it was decided."""
    queue = url_for("dashboard.verify", authority=authority)
    asked = request.form.get("next", "")
    return f"{queue}?task={task.id}" if asked.split("?")[0] == queue else local_path(asked) or _page_of(authority, task)


@blueprint.post("/tasks/<int:task_id>/accept")
@allows(Action.DECIDE_EVIDENCE)
def accept(authority: str, task_id: int) -> Response:
    """Xác nhận."""
    session, here = db.session(), desk()
    task = access.task(session, here.viewer, task_id)
    service.expect_version(task, request.form.get("version", 0, type=int), _("Xác nhận"))
    own = units_access.is_own(session, here.viewer, task.unit_id)
    service.accept(session, task, actor(), clock.now(), own=own, own_allowed=here.authority.own_acceptance)
    db.session.commit()
    label = queries.label_of(session, task)
    said = _("Đã xác nhận %(task)s (tự xác nhận nhiệm vụ của đơn vị mình).", task=label) if own else _("Đã xác nhận %(task)s.", task=label)
    offer_undo(said, [f"{task.id}-{task.version}"], clock.now(), _undone_to(authority, task))
    return redirect(next_path(_page_of(authority, task)))


@blueprint.route("/tasks/<int:task_id>/return", methods=["GET", "POST"])
@allows(Action.DECIDE_EVIDENCE)
def return_(authority: str, task_id: int) -> str | Response | tuple[str, int]:
    """Trả lại, with a reason; the page keeps what was typed."""
    session, here = db.session(), desk()
    task = access.task(session, here.viewer, task_id)
    form = ReturnForm(data={"version": task.version, "next": request.args.get("next", "")})
    if form.validate_on_submit() and _saved(form, lambda: _give_back(task, form, here)):
        said = _("Đã trả lại %(task)s; đơn vị thấy lý do ở đầu việc.", task=queries.label_of(session, task))
        offer_undo(said, [f"{task.id}-{task.version}"], clock.now(), _undone_to(authority, task))
        return redirect(next_path(_page_of(authority, task)))
    return _decision(authority, task, form, _("Trả lại để bổ sung"), _("Trả lại"))


@blueprint.route("/tasks/<int:task_id>/send-back", methods=["GET", "POST"])
@allows(Action.APPROVE_EVIDENCE)
def send_back(authority: str, task_id: int) -> str | Response | tuple[str, int]:
    """The unit's head gives a prepared task back to the specialist."""
    session, here = db.session(), desk()
    task = access.task(session, here.viewer, task_id)
    if task.unit_id not in here.viewer.head_unit_ids:
        raise Forbidden("Chỉ lãnh đạo của đơn vị chủ trì mới trả lại chuyên viên.")
    form = ReasonForm(data={"version": task.version})

    def act() -> None:
        service.expect_version(task, form.version.data, form.reason.data)
        service.send_back(session, task, form.reason.data, actor(), clock.now())

    if form.validate_on_submit() and _saved(form, act):
        flash(_("Đã trả lại; chuyên viên thấy lý do ở đầu việc."), "success")
        return redirect(_page_of(authority, task))
    return _decision(authority, task, form, _("Trả lại chuyên viên"), _("Trả lại"))


def _give_back(task: Task, form: ReturnForm, here: Desk) -> None:
    session = db.session()
    cause = ReturnCause(form.cause.data) if form.cause.data else None
    reason = return_words(cause, form.reason.data)
    service.expect_version(task, form.version.data, _("Trả lại: %(reason)s", reason=reason))
    one = deadlines.round_by_id(session, task.round_id)
    calendar = deadlines.working_calendar(session)
    service.return_(session, task, one, reason, actor(), clock.now(), calendar=calendar, mend_days=here.authority.mend_days, cause=cause)


@blueprint.route("/tasks/<int:task_id>/set-aside", methods=["GET", "POST"])
@allows(Action.DECIDE_EVIDENCE)
def set_aside(authority: str, task_id: int) -> str | Response | tuple[str, int]:
    """Không áp dụng, or do cơ quan khác cung cấp."""
    session, here = db.session(), desk()
    task = access.task(session, here.viewer, task_id)
    form = SetAsideForm(data={"version": task.version})

    def act() -> None:
        service.expect_version(task, form.version.data, form.reason.data)
        service.set_aside(session, task, Move(form.move.data), form.reason.data, actor(), clock.now())

    if form.validate_on_submit() and _saved(form, act):
        flash(_("Đã ghi nhận; nhiệm vụ không còn tính quá hạn."), "success")
        return redirect(_page_of(authority, task))
    return _decision(authority, task, form, _("Không cần đơn vị cung cấp"), _("Ghi nhận"))


@blueprint.route("/tasks/<int:task_id>/resume", methods=["GET", "POST"])
@allows(Action.DECIDE_EVIDENCE)
def resume(authority: str, task_id: int) -> str | Response | tuple[str, int]:
    """Brings back what was set aside."""
    session, here = db.session(), desk()
    task = access.task(session, here.viewer, task_id)
    form = ReasonForm(data={"version": task.version})

    def act() -> None:
        service.expect_version(task, form.version.data, form.reason.data)
        service.resume(session, task, form.reason.data, actor(), clock.now())

    if form.validate_on_submit() and _saved(form, act):
        return redirect(_page_of(authority, task))
    return _decision(authority, task, form, _("Mở lại nhiệm vụ"), _("Mở lại"))


def _saved(form: ReasonForm, act: Callable[[], None]) -> bool:
    """Acts and commits. A refusal that names a field stands beside it, and the page keeps what was typed."""
    try:
        act()
        db.session.commit()
    except Refused as refusal:
        if refusal.field is None:
            raise
        db.session.rollback()
        tell(form, refusal)
        return False
    return True


def _decision(authority: str, task: Task, form: ReasonForm, title: str, label: str) -> tuple[str, int]:
    here = desk()
    service.expect_round_open(db.session(), task)
    calendar = deadlines.working_calendar(db.session())
    row = access.task_row(db.session(), here.viewer, task.id, calendar, Horizon.of(calendar, clock.today(), here.authority))
    page = render_template("tasks/decision.html", form=form, row=row, title=title, label=label, back=_page_of(authority, task))
    return page, 400 if form.errors or form.form_errors else 200


@blueprint.get("/rounds")
@allows(Action.SEE_LIBRARY)
def rounds_(authority: str) -> str | FlaskResponse:
    """Every round, with how far it has come."""
    session, here = db.session(), desk()
    calendar = deadlines.working_calendar(session)
    horizon = Horizon.of(calendar, clock.today(), here.authority)
    seen_by = None if here.viewer.may(Action.SEE_ALL_TASKS) else here.viewer
    rows = [
        {"round": one, "target": target_day(calendar, one.nominal_on, one.last_on), "tally": queries.tallies_of_round(session, one, horizon, seen_by)}
        for one in reversed(deadlines.rounds(session))
    ]
    if request.args.get("export") == "xlsx":
        return _rounds_sheet(rows, here.authority.slug)
    rules = deadlines.rules(session)
    return render_template(
        "tasks/rounds.html",
        rows=rows,
        rules=rules,
        event_rules=[rule for rule in rules if rule.schedule is Schedule.EVENT],
        ad_hoc_rules=[rule for rule in rules if rule.schedule is Schedule.AD_HOC],
        may_manage=here.viewer.may(Action.MANAGE_ROUNDS),
        authority=authority,
    )


def _rounds_sheet(rows: list[dict[str, Any]], slug: str) -> FlaskResponse:
    columns = [
        sheets.Column("name", _("Đợt"), 50),
        sheets.Column("last", _("Ngày cuối"), 13),
        sheets.Column("target", _("Ngày nhắm tới"), 13),
        sheets.Column("total", _("Nhiệm vụ"), 10),
        sheets.Column("done", _("Đã nộp"), 10),
        sheets.Column("overdue", _("Quá hạn"), 10),
        sheets.Column("state", _("Tình trạng"), 14),
    ]
    lines = [
        {
            "name": row["round"].name,
            "last": row["round"].last_on,
            "target": row["target"],
            "total": row["tally"].total,
            "done": row["tally"].done,
            "overdue": row["tally"].overdue,
            "state": _("Đã đóng") if row["round"].closed_at else _("Đang mở"),
        }
        for row in rows
    ]
    return sheets.workbook(columns, lines, _("Đợt thu thập"), f"dot-thu-thap-{slug}")


@blueprint.get("/rounds/<slug>")
@allows(Action.SEE_LIBRARY)
def round_(authority: str, slug: str) -> str:
    """One round: its dates and why, and its tasks."""
    session, here = db.session(), desk()
    one = deadlines_access.round_(session, slug)
    rule = deadlines.rule_by_id(session, one.rule_id)
    calendar = deadlines.working_calendar(session)
    horizon = Horizon.of(calendar, clock.today(), here.authority)
    seen_by = None if here.viewer.may(Action.SEE_ALL_TASKS) else here.viewer
    return render_template(
        "tasks/round.html",
        one=one,
        rule=rule,
        told=tell_deadline(deadlines.terms_of_round(one), calendar, deadlines.dates_of(one), one.started_on),
        tally=queries.tallies_of_round(session, one, horizon, seen_by),
        papers=deadlines.papers_of(session, one.id),
        reopened=closing_views.reopened(one),
        may_manage=here.viewer.may(Action.MANAGE_ROUNDS),
        authority=authority,
    )
