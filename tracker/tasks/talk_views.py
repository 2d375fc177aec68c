"""Pages of trao đổi: what was said about a task, saying something, taking it back, having read."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.tasks import service
from tracker.tasks import talk_access as access
from tracker.tasks import talk_queries as queries
from tracker.tasks import talk_service as talking
from tracker.tasks.talk_forms import RemarkForm
from tracker.tasks.talk_rules import Kind
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of tasks."""
    for rule, view, methods in (
        ("/tasks/<int:task_id>/remarks", say, ["GET", "POST"]),
        ("/tasks/<int:task_id>/remarks/read", read_remarks, ["POST"]),
        ("/remarks/<int:remark_id>/withdraw", withdraw_remark, ["POST"]),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=methods)


def _back(authority: str, task_id: int) -> str:
    return url_for("dashboard.task_page", authority=authority, task_id=task_id, _anchor="talk")


@allows(Action.DISCUSS)
def say(authority: str, task_id: int) -> Page:
    """What was said so far, and a form to say something more and to turn to people."""
    session, here = db.session(), desk()
    task = access.task(session, here.viewer, task_id)
    service.expect_round_open(session, task)
    people = queries.people(session, here.authority, task.unit_id, clock.today())
    form = RemarkForm()
    form.mentioned.choices = [(one.account_id, one.label) for one in people if one.account_id != here.viewer.account_id]
    if form.validate_on_submit():
        with saving(form) as attempt:
            talking.say(session, task, form.words.data, form.mentioned.data, people, actor(), clock.now())
        if attempt.saved:
            flash(_("Đã gửi ý kiến."), "success")
            return redirect(_back(authority, task_id))
    page = render_template(
        "tasks/remark.html",
        form=form,
        about=queries.about(session, task),
        remarks=[line for line in queries.of_task(session, here.viewer.authority_id, task_id) if line.kind is Kind.REMARK],
        back=_back(authority, task_id),
        authority=authority,
    )
    return page, 400 if request.method == "POST" else 200


@allows(Action.SEE_TASKS)
def read_remarks(authority: str, task_id: int) -> Response:
    """Đã xem: what mentions the person on this task leaves the front page. Looking alone changes nothing."""
    session, here = db.session(), desk()
    task = access.task(session, here.viewer, task_id)
    talking.mark_read(session, task, here.viewer.account_id, clock.now())
    db.session.commit()
    flash(_("Đã ghi là đã xem."), "success")
    return redirect(_back(authority, task_id))


@allows(Action.DISCUSS)
def withdraw_remark(authority: str, remark_id: int) -> Response:
    """Rút lại one's own remark: it stays, marked so."""
    session, here = db.session(), desk()
    one, task = access.own_remark(session, here.viewer, remark_id)
    talking.withdraw(session, one, task, actor(), clock.now())
    db.session.commit()
    flash(_("Đã rút lại; trang vẫn ghi là có một ý kiến đã rút."), "success")
    return redirect(_back(authority, task.id))
