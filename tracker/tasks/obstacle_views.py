"""Pages of khó khăn, vướng mắc: reporting one, answering it, taking it back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.tasks import obstacle_service as obstacles
from tracker.tasks import talk_access as access
from tracker.tasks import talk_queries as queries
from tracker.tasks.talk_forms import AnswerForm, ObstacleForm
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of tasks."""
    for rule, view, methods in (
        ("/tasks/<int:task_id>/obstacle", report_obstacle, ["GET", "POST"]),
        ("/obstacles/<int:obstacle_id>/answer", answer_obstacle, ["GET", "POST"]),
        ("/obstacles/<int:obstacle_id>/withdraw", withdraw_obstacle, ["POST"]),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=methods)


def _back(authority: str, task_id: int) -> str:
    return url_for("dashboard.task_page", authority=authority, task_id=task_id, _anchor="obstacles")


@allows(Action.REPORT_OBSTACLE)
def report_obstacle(authority: str, task_id: int) -> Page:
    """Báo khó khăn, vướng mắc; it stands on the pages of the focal point and of the leaders until answered."""
    session, here = db.session(), desk()
    task = access.task(session, here.viewer, task_id)
    speaker = access.for_lead(session, here.viewer, task, Action.REPORT_OBSTACLE)
    form = ObstacleForm()
    if form.validate_on_submit():
        with saving(form) as attempt:
            obstacles.report(session, task, form.words.data, speaker, clock.now())
        if attempt.saved:
            flash(_("Đã báo vướng mắc; đầu mối và lãnh đạo thấy ở trang đầu cho tới khi trả lời."), "success")
            return redirect(_back(authority, task_id))
    page = render_template(
        "tasks/obstacle.html",
        form=form,
        about=queries.about(session, task),
        obstacle=None,
        on_behalf=speaker.on_behalf_of,
        back=_back(authority, task_id),
    )
    return page, 400 if request.method == "POST" else 200


@allows(Action.ANSWER_OBSTACLE)
def answer_obstacle(authority: str, obstacle_id: int) -> Page:
    """Trả lời vướng mắc."""
    session, here = db.session(), desk()
    one, task = access.obstacle(session, here.viewer, obstacle_id)
    access.to_answer(here.viewer, one)
    form = AnswerForm(data={"version": one.version})
    if form.validate_on_submit():
        with saving(form) as attempt:
            obstacles.answer(session, one, task, form.words.data, form.version.data, actor(), clock.now())
        if attempt.saved:
            flash(_("Đã trả lời; đơn vị thấy ở trang việc của mình."), "success")
            return redirect(_back(authority, task.id))
    page = render_template(
        "tasks/obstacle.html", form=form, about=queries.about(session, task), obstacle=one, on_behalf=None, back=_back(authority, task.id)
    )
    return page, 400 if request.method == "POST" else 200


@allows(Action.REPORT_OBSTACLE)
def withdraw_obstacle(authority: str, obstacle_id: int) -> Response:
    """Đã tự giải quyết: by the unit, or the focal point for it."""
    session, here = db.session(), desk()
    one, task = access.obstacle(session, here.viewer, obstacle_id)
    speaker = access.for_lead(session, here.viewer, task, Action.REPORT_OBSTACLE)
    obstacles.withdraw(session, one, task, request.form.get("version", type=int), speaker, clock.now())
    db.session.commit()
    flash(_("Đã ghi vướng mắc được đơn vị tự giải quyết."), "success")
    return redirect(_back(authority, task.id))
