"""Pages of contributions: asking cooperating units, what is asked of one's own, answering it, using what came."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.deadlines import queries as deadlines
from tracker.evidence import contribution_access as access
from tracker.evidence import contribution_queries as contributions
from tracker.evidence import contribution_service as service
from tracker.evidence import queries
from tracker.evidence.contribution_rules import STATE_WORDS
from tracker.evidence.current import content_of
from tracker.evidence.forms import AnswerContributionForm, AskContributionForm
from tracker.evidence.rules import ITEM_WORDS, WHOLE, ItemKind
from tracker.files.rules import FILE_TYPES
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.words import phrase
from tracker.tasks import access as tasks_access
from tracker.tasks import service as tasks
from tracker.tasks.rules import Horizon
from tracker.units.current import desk
from tracker.units.rules import Action
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]
#: How a unit may answer, in the words of the page.
ANSWERS = {**ITEM_WORDS, ItemKind.STATEMENT: phrase("Không phát sinh")}


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the room's blueprint."""
    for rule, view, methods in (
        ("/contributions", contributions_, ["GET"]),
        ("/contributions/<int:contribution_id>", contribution, ["GET"]),
        ("/contributions/<int:contribution_id>/answer", answer_contribution, ["POST"]),
        ("/contributions/<int:contribution_id>/withdraw", withdraw_contribution, ["POST"]),
        ("/contributions/<int:contribution_id>/use", use_contribution, ["POST"]),
        ("/tasks/<int:task_id>/contributions/new", ask_contribution, ["GET", "POST"]),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=methods)


def _task_url(authority: str, task_id: int) -> str:
    return url_for("dashboard.task_page", authority=authority, task_id=task_id, _anchor="contributions")


@allows(Action.SEE_TASKS)
def ask_contribution(authority: str, task_id: int) -> Page:
    """Nhờ some or all cooperating units at once: one text, one day."""
    session, here, today = db.session(), desk(), clock.today()
    task = tasks_access.task(session, here.viewer, task_id)
    stand = access.to_ask(session, here.viewer, task)
    tasks.expect_round_open(session, task)
    calendar = deadlines.working_calendar(session)
    row = tasks_access.task_row(session, here.viewer, task_id, calendar, Horizon.of(calendar, today, here.authority))
    waiting = contributions.waiting_units(session, task_id)
    everybody = contributions.candidates(session, task, today)
    free = {one.id: one for one in everybody if one.id not in waiting}
    form = AskContributionForm(data={"units": [one.id for one in free.values() if one.named]})
    form.units.choices = [(one.id, one.name) for one in free.values()]
    if form.validate_on_submit():
        with saving(form) as attempt:
            asked = [free[unit_id] for unit_id in form.units.data]
            made = service.ask(session, task, row.standing.due_on, asked, form.wanted.data, form.due_on.data, stand.actor(here.viewer), clock.now())
        if attempt.saved:
            flash(_("Đã nhờ %(count)s đơn vị; ai chưa gửi hiện ở trang nhiệm vụ.", count=len(made)), "success")
            return redirect(_task_url(authority, task_id))
    page = render_template(
        "evidence/contribution_ask.html",
        form=form,
        row=row,
        bound=row.standing.due_on if row.standing.due_on and row.standing.due_on >= today else None,
        nobody=not everybody,
        waiting=[one.name for one in everybody if one.id in waiting],
        on_behalf=stand.on_behalf_of,
        back=_task_url(authority, task_id),
    )
    return page, 400 if request.method == "POST" else 200


@allows(Action.PREPARE_EVIDENCE)
def contributions_(authority: str) -> str:
    """What other units ask one's own for, and what was answered."""
    session, mine = db.session(), desk().viewer.unit_ids
    return render_template(
        "evidence/contributions.html",
        waiting=contributions.waiting_of_units(session, mine),
        settled=contributions.settled_of_units(session, mine),
        several=len(mine) > 1,
        day=clock.today(),
        state_words=STATE_WORDS,
        authority=authority,
    )


@allows(Action.SEE_TASKS)
def contribution(authority: str, contribution_id: int) -> str:
    """What is asked for, by whom, by when; to who answers it the form, afterwards what was answered."""
    session, viewer = db.session(), desk().viewer
    one, _task = access.contribution(session, viewer, contribution_id)
    return _page(authority, contribution_id, AnswerContributionForm(data={"kind": request.args.get("kind", ""), "version": one.version}))


@allows(Action.SEE_TASKS)
def answer_contribution(authority: str, contribution_id: int) -> Page:
    """Files, a figure, a link, or «không phát sinh» with a sentence; a refused answer comes back with what was typed."""
    session, viewer = db.session(), desk().viewer
    one, task, who = access.to_answer(session, viewer, contribution_id)
    row, form = contributions.by_id(session, contribution_id), AnswerContributionForm()
    if form.validate_on_submit():
        with saving(form) as attempt:
            content = content_of(form, one.authority_id)
            service.answer(session, one, task, row, form.version.data, content, who, clock.now())
        if attempt.saved:
            flash(_("Đã gửi cho %(unit)s.", unit=row.lead_name), "success")
            return redirect(url_for("evidence.contribution", authority=authority, contribution_id=contribution_id))
    return _page(authority, contribution_id, form), 400


def _page(authority: str, contribution_id: int, form: AnswerContributionForm) -> str:
    session, viewer = db.session(), desk().viewer
    one, _task = access.contribution(session, viewer, contribution_id)
    who, row = access.answering(session, viewer, one), contributions.by_id(session, contribution_id)
    return render_template(
        "evidence/contribution.html",
        row=row,
        # What was refused comes back with what was typed, also where nothing is wanted any more.
        form=form if who is not None and (row.waits or request.method == "POST") else None,
        kinds=list(ANSWERS.items()),
        given=queries.versions_of(session, row.item_id)[0] if row.item_id is not None else None,
        sends_newer=who is not None,
        sees_task=viewer.may(Action.SEE_ALL_TASKS) or row.lead_id in viewer.unit_ids,
        own=row.unit_id in viewer.unit_ids,
        on_behalf=who.on_behalf_of if who is not None else None,
        accept=",".join(FILE_TYPES),
        day=clock.today(),
        state_words=STATE_WORDS,
        authority=authority,
    )


@allows(Action.SEE_TASKS)
def withdraw_contribution(authority: str, contribution_id: int) -> Response:
    """Takes a request back that waits still."""
    session, viewer = db.session(), desk().viewer
    one, task, stand = access.leading(session, viewer, contribution_id)
    row = contributions.by_id(session, contribution_id)
    service.withdraw(session, one, task, row, request.form.get("version", 0, type=int), stand.actor(viewer), clock.now())
    db.session.commit()
    flash(_("Đã rút lời nhờ %(unit)s; nhật ký vẫn giữ.", unit=row.unit_name), "success")
    return redirect(_task_url(authority, task.id))


@allows(Action.SEE_TASKS)
def use_contribution(authority: str, contribution_id: int) -> Response:
    """What was given serves one line of the checklist, or the task as a whole."""
    session, viewer = db.session(), desk().viewer
    one, task, stand = access.leading(session, viewer, contribution_id)
    row = contributions.by_id(session, contribution_id)
    slots = {asked.slot.key: asked.slot for asked in queries.checklist(session, task.indicator_id)}
    chosen = request.form.get("slot", "")
    if chosen and chosen not in slots:
        raise NotFound
    service.use(session, one, task, row, slots.get(chosen, WHOLE), stand.actor(viewer), clock.now())
    db.session.commit()
    flash(_("Đã dùng “%(title)s” làm minh chứng.", title=row.item_title), "success")
    return redirect(url_for("dashboard.task_page", authority=authority, task_id=task.id))
