"""Pages of ý kiến chỉ đạo: giving one, answering it, giving it once more, closing it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.tasks import directive_service as directives
from tracker.tasks import talk_access as access
from tracker.tasks import talk_queries as queries
from tracker.tasks.talk_forms import AnswerForm, DirectiveForm
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of tasks."""
    for rule, view, methods in (
        ("/tasks/<int:task_id>/directive", direct, ["GET", "POST"]),
        ("/directives/<int:directive_id>/answer", answer_directive, ["GET", "POST"]),
        ("/directives/<int:directive_id>/repeat", repeat_directive, ["GET", "POST"]),
        ("/directives/<int:directive_id>/close", close_directive, ["POST"]),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=methods)


def _back(authority: str, task_id: int) -> str:
    return url_for("dashboard.task_page", authority=authority, task_id=task_id)


@allows(Action.DIRECT)
def direct(authority: str, task_id: int) -> Page:
    """Cho ý kiến chỉ đạo; it stays on top of the task and on the pages of the unit and the focal point until answered."""
    session, here = db.session(), desk()
    task = access.task(session, here.viewer, task_id)
    form = DirectiveForm()
    if form.validate_on_submit():
        with saving(form) as attempt:
            directives.direct(session, task, form.words.data, form.reply_by_on.data, actor(), clock.now())
        if attempt.saved:
            flash(_("Đã gửi ý kiến chỉ đạo; đơn vị và đầu mối thấy ở trang đầu cho tới khi trả lời."), "success")
            return redirect(_back(authority, task_id))
    page = render_template("tasks/directive.html", form=form, about=queries.about(session, task), former=None, back=_back(authority, task_id))
    return page, 400 if request.method == "POST" else 200


@allows(Action.DIRECT)
def repeat_directive(authority: str, directive_id: int) -> Page:
    """Nhắc lại ý kiến chỉ đạo: the same words, or others, and another day."""
    session, here = db.session(), desk()
    one, task = access.directive(session, here.viewer, directive_id)
    form = DirectiveForm(data={"version": one.version, "words": one.words})
    if form.validate_on_submit():
        with saving(form) as attempt:
            directives.repeat(session, one, task, form.words.data, form.reply_by_on.data, form.version.data, actor(), clock.now())
        if attempt.saved:
            flash(_("Đã nhắc lại ý kiến chỉ đạo."), "success")
            return redirect(_back(authority, task.id))
    page = render_template("tasks/directive.html", form=form, about=queries.about(session, task), former=one, back=_back(authority, task.id))
    return page, 400 if request.method == "POST" else 200


@allows(Action.ANSWER_DIRECTIVE)
def answer_directive(authority: str, directive_id: int) -> Page:
    """Trả lời ý kiến chỉ đạo: the lead unit, or the focal point «thay mặt»."""
    session, here = db.session(), desk()
    one, task = access.directive(session, here.viewer, directive_id)
    speaker = access.for_lead(session, here.viewer, task, Action.ANSWER_DIRECTIVE)
    form = AnswerForm(data={"version": one.version})
    if form.validate_on_submit():
        with saving(form) as attempt:
            directives.answer(session, one, task, form.words.data, form.version.data, speaker, clock.now())
        if attempt.saved:
            flash(_("Đã trả lời; lãnh đạo thấy ở trang Tổng quan."), "success")
            return redirect(_back(authority, task.id))
    page = render_template(
        "tasks/directive_answer.html",
        form=form,
        about=queries.about(session, task),
        directive=one,
        on_behalf=speaker.on_behalf_of,
        back=_back(authority, task.id),
    )
    return page, 400 if request.method == "POST" else 200


@allows(Action.DIRECT)
def close_directive(authority: str, directive_id: int) -> Response:
    """Kết thúc: nothing more is awaited."""
    session, here = db.session(), desk()
    one, task = access.directive(session, here.viewer, directive_id)
    directives.close(session, one, task, request.form.get("version", type=int), actor(), clock.now())
    db.session.commit()
    flash(_("Đã kết thúc ý kiến chỉ đạo; nội dung và câu trả lời vẫn giữ ở trang nhiệm vụ."), "success")
    return redirect(_back(authority, task.id))
