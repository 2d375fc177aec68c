"""Decisions of the focal point on tasks; rounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.deadlines import access as deadlines_access
from tracker.deadlines import queries as deadlines
from tracker.deadlines.models import Round
from tracker.deadlines.rules import Schedule, explain, target_day
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.tasks import access, queries, rounds, service
from tracker.tasks.forms import LetterForm, ReasonForm, RequestForm, SetAsideForm
from tracker.tasks.models import Task
from tracker.tasks.rules import Horizon, Move
from tracker.units import access as units_access
from tracker.units.current import Desk, actor, desk
from tracker.units.rules import Action
from tracker.web import sheets
from tracker.web.fields import saving, tell
from tracker.web.guards import allows
from tracker.web.links import next_path

blueprint = Blueprint("tasks", __name__, url_prefix="/<authority>")


def _page_of(authority: str, task: Task) -> str:
    return url_for("dashboard.task_page", authority=authority, task_id=task.id)


@blueprint.post("/tasks/<int:task_id>/accept")
@allows(Action.DECIDE_EVIDENCE)
def accept(authority: str, task_id: int) -> Response:
    """Xác nhận."""
    session, here = db.session(), desk()
    task = access.task(session, here.viewer, task_id)
    service.expect_version(task, request.form.get("version", type=int), _("Xác nhận"))
    own = units_access.is_own(session, here.viewer, task.unit_id)
    service.accept(session, task, actor(), clock.now(), own=own, own_allowed=here.authority.own_acceptance)
    db.session.commit()
    flash(_("Đã xác nhận (tự xác nhận nhiệm vụ của đơn vị mình).") if own else _("Đã xác nhận."), "success")
    return redirect(next_path(_page_of(authority, task)))


@blueprint.route("/tasks/<int:task_id>/return", methods=["GET", "POST"])
@allows(Action.DECIDE_EVIDENCE)
def return_(authority: str, task_id: int) -> str | Response | tuple[str, int]:
    """Trả lại, with a reason; the page keeps what was typed."""
    session, here = db.session(), desk()
    task = access.task(session, here.viewer, task_id)
    form = ReasonForm(data={"version": task.version, "next": request.args.get("next", "")})
    if form.validate_on_submit() and _saved(form, lambda: _give_back(task, form, here)):
        flash(_("Đã trả lại; đơn vị thấy lý do ở đầu việc."), "success")
        return redirect(next_path(_page_of(authority, task)))
    return _decision(authority, task, form, _("Trả lại để bổ sung"), _("Trả lại"))


def _give_back(task: Task, form: ReasonForm, here: Desk) -> None:
    session = db.session()
    service.expect_version(task, _version(form), _("Trả lại: %(reason)s", reason=form.reason.data))
    one = deadlines.round_by_id(session, task.round_id)
    calendar = deadlines.working_calendar(session)
    service.return_(session, task, one, form.reason.data, actor(), clock.now(), calendar=calendar, mend_days=here.authority.mend_days)


@blueprint.route("/tasks/<int:task_id>/set-aside", methods=["GET", "POST"])
@allows(Action.DECIDE_EVIDENCE)
def set_aside(authority: str, task_id: int) -> str | Response | tuple[str, int]:
    """Không áp dụng, or do cơ quan khác cung cấp."""
    session, here = db.session(), desk()
    task = access.task(session, here.viewer, task_id)
    form = SetAsideForm(data={"version": task.version})

    def act() -> None:
        service.expect_version(task, _version(form), form.reason.data)
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
        service.expect_version(task, _version(form), form.reason.data)
        service.resume(session, task, form.reason.data, actor(), clock.now())

    if form.validate_on_submit() and _saved(form, act):
        return redirect(_page_of(authority, task))
    return _decision(authority, task, form, _("Mở lại nhiệm vụ"), _("Mở lại"))


def _version(form: ReasonForm) -> int:
    """The task's version the form was opened with; 0, which no task has, where the form does not say."""
    text = form.version.data or ""
    return int(text) if text.isdecimal() else 0


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
    calendar = deadlines.working_calendar(db.session())
    row = access.task_row(db.session(), here.viewer, task.id, calendar, Horizon.of(calendar, clock.today(), here.authority.due_soon_days))
    page = render_template("tasks/decision.html", form=form, row=row, title=title, label=label, back=_page_of(authority, task))
    return page, 400 if form.errors or form.form_errors else 200


@blueprint.get("/rounds")
@allows(Action.SEE_LIBRARY)
def rounds_(authority: str) -> str | FlaskResponse:
    """Every round, with how far it has come."""
    session, here = db.session(), desk()
    calendar = deadlines.working_calendar(session)
    horizon = Horizon.of(calendar, clock.today(), here.authority.due_soon_days)
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
    dates = deadlines.dates_of(one)
    horizon = Horizon.of(calendar, clock.today(), here.authority.due_soon_days)
    seen_by = None if here.viewer.may(Action.SEE_ALL_TASKS) else here.viewer
    return render_template(
        "tasks/round.html",
        one=one,
        rule=rule,
        target=target_day(calendar, one.nominal_on, one.last_on),
        explanation=explain(deadlines.terms_of(rule), calendar, dates, one.letter_issued_on),
        tally=queries.tallies_of_round(session, one, horizon, seen_by),
        may_manage=here.viewer.may(Action.MANAGE_ROUNDS),
        authority=authority,
    )


@blueprint.route("/rounds/letter", methods=["GET", "POST"])
@allows(Action.MANAGE_ROUNDS)
def letter(authority: str) -> str | Response | tuple[str, int]:
    """Enters a survey letter once; the clocks of all its indicators run."""
    session = db.session()
    form = LetterForm()
    form.rule.choices = [(r.slug, r.name) for r in deadlines.rules(session) if r.schedule is Schedule.EVENT]
    if form.validate_on_submit():
        with saving(form) as attempt:
            rule = deadlines_access.rule(session, form.rule.data)
            opened = rounds.start_by_letter(session, rule, form.letter.data, form.issued.data, actor(), clock.now())
        if attempt.saved:
            return _opened(authority, opened)
    page = render_template("tasks/start.html", form=form, title=_("Nhập văn bản khảo sát"), authority=authority)
    return page, 400 if form.errors or form.form_errors else 200


@blueprint.route("/rounds/request", methods=["GET", "POST"])
@allows(Action.MANAGE_ROUNDS)
def request_(authority: str) -> str | Response | tuple[str, int]:
    """An ad-hoc round: a date and a chosen subset."""
    session = db.session()
    form = RequestForm()
    rules = [r for r in deadlines.rules(session) if r.schedule is Schedule.AD_HOC]
    form.rule.choices = [(r.slug, r.name) for r in rules]
    form.indicators.choices = [(i.id, f"{i.code} {i.name}") for i in queries.assigned_indicators(session, [r.id for r in rules])]
    if form.validate_on_submit():
        with saving(form) as attempt:
            rule = deadlines_access.rule(session, form.rule.data)
            opened = rounds.start_on_request(session, rule, form.name.data, form.last_on.data, form.indicators.data, actor(), clock.now())
        if attempt.saved:
            return _opened(authority, opened)
    page = render_template("tasks/start.html", form=form, title=_("Mở đợt đột xuất"), authority=authority)
    return page, 400 if form.errors or form.form_errors else 200


def _opened(authority: str, opened: rounds.Opened) -> Response:
    flash(_("Đã mở đợt %(name)s: %(count)s nhiệm vụ.", name=opened.round.name, count=opened.tasks), "success")
    for name in opened.empty_groups:
        flash(_("Nhóm “%(name)s” chưa có thành viên nên đầu mối giữ nhiệm vụ của nhóm.", name=name), "warning")
    return redirect(url_for("tasks.round_", authority=authority, slug=opened.round.slug))


@blueprint.post("/rounds/<slug>/close")
@allows(Action.MANAGE_ROUNDS)
def close(authority: str, slug: str) -> Response:
    """Closes a round."""
    session = db.session()
    one: Round = deadlines_access.round_(session, slug)
    rounds.close(session, one, actor(), clock.now())
    db.session.commit()
    flash(_("Đã đóng đợt %(name)s.", name=one.name), "success")
    return redirect(url_for("tasks.round_", authority=authority, slug=slug))
