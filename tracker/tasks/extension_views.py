"""Pages of requests for more time: asking, the decider's list, giving time unasked."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from tracker.deadlines import queries as deadlines
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Forbidden
from tracker.kernel.vietnamese import date_vn
from tracker.kernel.words import translated
from tracker.tasks import access, extension_access, queries, service
from tracker.tasks import extension_queries as extensions
from tracker.tasks import extension_service as extending
from tracker.tasks.extension_queries import ExtensionRow
from tracker.tasks.extension_rules import STATE_WORDS, Decision, Ruling, cannot_move, decides, last_day_to_ask, may_ask
from tracker.tasks.forms import AskExtensionForm, DecideExtensionForm, ExtendForm
from tracker.tasks.models import Task
from tracker.tasks.queries import Filters, TaskRow
from tracker.tasks.rules import ExtensionState, Horizon
from tracker.units.current import Desk, actor, desk
from tracker.units.rules import Action, Role
from tracker.web import sheets
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of tasks."""
    for rule, view, methods in (
        ("/extensions", extensions_, ["GET"]),
        ("/extensions/decide", decide_extensions, ["POST"]),
        ("/extensions/<int:extension_id>/withdraw", withdraw_extension, ["POST"]),
        ("/tasks/<int:task_id>/extension", ask_extension, ["GET", "POST"]),
        ("/tasks/<int:task_id>/extend", extend, ["GET", "POST"]),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=methods)


def _decides(here: Desk) -> bool:
    return decides(here.viewer.roles, focal_extends=here.authority.focal_extends)


def _decider(here: Desk) -> Role:
    """The role that decides here: whoever acts for somebody who has it is written down so."""
    return Role.FOCAL if here.authority.focal_extends else Role.CHAIR


def _expect_decider(here: Desk) -> None:
    if not _decides(here):
        raise Forbidden(_("Cơ quan đặt quy định %(decider)s quyết định gia hạn.", decider=extension_access.terms_of(here.authority).decider))


def _task_url(authority: str, task_id: int) -> str:
    return url_for("dashboard.task_page", authority=authority, task_id=task_id)


@allows(Action.ASK_EXTENSION)
def ask_extension(authority: str, task_id: int) -> Page:
    """Đề nghị gia hạn, for this task and others of its unit in its round; where it cannot be asked the page says why."""
    session, here = db.session(), desk()
    calendar, today = deadlines.working_calendar(session), clock.today()
    task = access.task(session, here.viewer, task_id)
    who = extension_access.to_ask(session, here.viewer, task)
    service.expect_round_open(session, task)
    open_rows = _siblings(task, calendar, here)
    waiting = extensions.tasks_with_pending(session, list(open_rows))
    terms = extension_access.terms_of(here.authority)
    hindered = {id_: may_ask(r.status, r.standing.due_on, today, calendar, terms, pending=id_ in waiting) for id_, r in open_rows.items()}
    row = access.task_row(session, here.viewer, task_id, calendar, Horizon.of(calendar, today, here.authority))
    why_not = hindered.get(task_id) or cannot_move(task.status, row.standing.due_on)
    form = AskExtensionForm(data={"tasks": [task_id]})
    form.tasks.choices = [(id_, _choice(one)) for id_, one in open_rows.items() if hindered[id_] is None]
    if why_not is None and form.validate_on_submit():
        with saving(form) as attempt:
            asked = [(access.task(session, here.viewer, id_), open_rows[id_]) for id_ in form.tasks.data]
            made = extending.ask(session, asked, form.wished_on.data, form.reason.data, who, clock.now(), calendar=calendar, terms=terms)
        if attempt.saved:
            flash(_("Đã gửi %(count)s đề nghị gia hạn; %(decider)s sẽ quyết định.", count=len(made), decider=terms.decider), "success")
            return redirect(_task_url(authority, task_id))
    due = row.standing.due_on
    page = render_template(
        "tasks/extension_ask.html",
        form=form,
        row=row,
        why_not=why_not,
        until=last_day_to_ask(calendar, due, terms.notice_days) if due else None,
        terms=terms,
        on_behalf=who.on_behalf_of,
        back=_task_url(authority, task_id),
    )
    return page, 400 if request.method == "POST" else 200


def _siblings(task: Task, calendar: WorkingCalendar, here: Desk) -> dict[int, TaskRow]:
    """The open tasks of the same unit and round, by id."""
    session = db.session()
    one = deadlines.round_by_id(session, task.round_id)
    filters = Filters(round_slug=one.slug, unit_ids=frozenset({task.unit_id}), open_only=True)
    rows = queries.listed(session, filters, calendar, Horizon.of(calendar, clock.today(), here.authority), seen_by=here.viewer)
    return {row.id: row for row in rows}


def _choice(row: TaskRow) -> str:
    name = f"{row.code} {row.name}" if row.code else row.name
    return str(_("%(name)s, hạn %(day)s", name=name, day=f"{row.standing.due_on:%d/%m/%Y}"))


@allows(Action.ASK_EXTENSION)
def withdraw_extension(authority: str, extension_id: int) -> Response:
    """Rút one's own request that waits still."""
    session, here = db.session(), desk()
    one, task = extension_access.to_withdraw(session, here.viewer, extension_id)
    extending.withdraw(session, one, task, extension_access.asking(session, here.viewer, task) or actor(), clock.now())
    db.session.commit()
    flash(_("Đã rút đề nghị gia hạn; nhật ký vẫn giữ."), "success")
    return redirect(_task_url(authority, task.id))


@allows(Action.SEE_ALL_TASKS)
def extensions_(authority: str) -> Page | FlaskResponse:
    """Đề nghị gia hạn: what waits, then what was decided. Only who decides has the ticks and the buttons."""
    session = db.session()
    waiting = extensions.pending(session)
    only = request.args.get("request", type=int)
    if only is not None:
        waiting = [row for row in waiting if row.id == only]
    if request.args.get("export") == "xlsx":
        return _sheet([*waiting, *extensions.decided(session, None)])
    return _list(authority, DecideExtensionForm(data={"decision": Decision.GRANT.value}), waiting, chosen=only is not None)


@allows(Action.DECIDE_EXTENSION)
def decide_extensions(authority: str) -> Page:
    """Decides on the requests that were ticked, all alike. One that is refused by the rules leaves all as they were."""
    session, here = db.session(), desk()
    _expect_decider(here)
    form = DecideExtensionForm()
    requests = extension_access.chosen(session, request.form.getlist("requests"))
    if form.validate_on_submit():
        ruling = Ruling(Decision(form.decision.data), form.until.data, form.answer.data)
        with saving(form) as attempt:
            outcome = extending.decide(session, requests, ruling, actor(_decider(here)), clock.now())
        if attempt.saved:
            if outcome.decided:
                flash(_("Đã quyết định %(count)s đề nghị gia hạn.", count=outcome.decided), "success")
            for sentence in outcome.overtaken:
                flash(translated(sentence), "warning")
            return redirect(url_for("tasks.extensions_", authority=authority))
    ids = {row.id for row, _seen in requests}
    waiting = [row for row in extensions.pending(session) if row.id in ids or not ids]
    return _list(authority, form, waiting, chosen=bool(ids)), 400


def _list(authority: str, form: DecideExtensionForm, waiting: Sequence[ExtensionRow], *, chosen: bool) -> str:
    here = desk()
    return render_template(
        "tasks/extensions.html",
        form=form,
        waiting=waiting,
        chosen=chosen,
        decided=extensions.decided(db.session()),
        decides=_decides(here),
        terms=extension_access.terms_of(here.authority),
        state_words=STATE_WORDS,
        authority=authority,
    )


def _sheet(rows: Sequence[ExtensionRow]) -> FlaskResponse:
    columns = [
        sheets.Column("code", _("Mã"), 10),
        sheets.Column("name", _("Chỉ số"), 50),
        sheets.Column("unit_name", _("Đơn vị chủ trì"), 32),
        sheets.Column("round_name", _("Đợt"), 18),
        sheets.Column("original_on", _("Hạn gốc"), 13),
        sheets.Column("due_on", _("Hạn khi đề nghị"), 13),
        sheets.Column("wished_on", _("Đề nghị đến"), 13),
        sheets.Column("reason", _("Lý do"), 50),
        sheets.Column("asked_by", _("Người đề nghị"), 32),
        sheets.Column("asked_at", _("Đề nghị lúc"), 18),
        sheets.Column("state", _("Kết quả"), 18),
        sheets.Column("granted_to_on", _("Gia hạn đến"), 13),
        sheets.Column("answer", _("Trả lời"), 40),
        sheets.Column("decided_by", _("Người quyết định"), 32),
        sheets.Column("decided_at", _("Quyết định lúc"), 18),
    ]
    lines = [{**{column.key: getattr(row, column.key) for column in columns}, "state": STATE_WORDS[row.state]} for row in rows]
    return sheets.workbook(columns, lines, _("Đề nghị gia hạn"), f"de-nghi-gia-han-{desk().authority.slug}")


@allows(Action.DECIDE_EXTENSION)
def extend(authority: str, task_id: int) -> Page:
    """Gia hạn without being asked, with a reason."""
    session, here = db.session(), desk()
    task = access.task(session, here.viewer, task_id)
    _expect_decider(here)
    service.expect_round_open(session, task)
    calendar = deadlines.working_calendar(session)
    row = access.task_row(session, here.viewer, task_id, calendar, Horizon.of(calendar, clock.today(), here.authority))
    waiting = next((one for one in extensions.of_task(session, task_id) if one.state is ExtensionState.PENDING), None)
    form = ExtendForm(data={"version": task.version})
    if form.validate_on_submit():
        with saving(form) as attempt:
            yours = _("Gia hạn đến %(day)s: %(reason)s", day=date_vn(form.wished_on.data), reason=form.reason.data)
            service.expect_version(task, form.version.data, yours)
            extending.extend(session, task, row.code or row.name, form.wished_on.data, form.reason.data, actor(_decider(here)), clock.now())
        if attempt.saved:
            flash(_("Đã gia hạn; lịch nhắc theo hạn mới."), "success")
            return redirect(_task_url(authority, task_id))
    page = render_template(
        "tasks/extension_give.html",
        form=form,
        row=row,
        why_not=cannot_move(row.status, row.standing.due_on),
        waiting=waiting,
        back=_task_url(authority, task_id),
        authority=authority,
    )
    return page, 400 if request.method == "POST" else 200
