"""Bringing evidence, taking it back, opening a file, reporting a task ready."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tracker.evidence import access, queries, service
from tracker.evidence.forms import BringForm, parse_figure
from tracker.evidence.rules import ITEM_WORDS, ItemKind
from tracker.files.current import answer, storage
from tracker.files.rules import FILE_TYPES
from tracker.files.storage import tidy_name
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.tasks import access as tasks_access
from tracker.tasks import queries as tasks_queries
from tracker.tasks import service as tasks
from tracker.tasks.models import Task
from tracker.tasks.rules import Progress
from tracker.units.current import desk
from tracker.units.rules import Action
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.links import next_path

blueprint = Blueprint("evidence", __name__, url_prefix="/<authority>")


def _task_url(authority: str, task_id: int) -> str:
    return url_for("dashboard.task_page", authority=authority, task_id=task_id)


@blueprint.route("/tasks/<int:task_id>/evidence", methods=["GET", "POST"])
@allows(Action.SEE_TASKS)
def bring(authority: str, task_id: int) -> str | BaseResponse | tuple[str, int]:
    """Adds one item; a refused one comes back with what was typed."""
    session, viewer = db.session(), desk().viewer
    task = tasks_access.task(session, viewer, task_id)
    stand = access.to_bring(session, viewer, task)
    tasks.expect_round_open(session, task)
    needed = queries.requirements(session, task.indicator_id)
    twins = {other.id: (other, one.name) for other, one in tasks_queries.twins(session, task)}
    asked = {"kind": request.args.get("kind", ItemKind.FILE.value), "requirement": request.args.get("requirement", ""), "also": list(twins)}
    form = BringForm(data=asked)
    form.also.choices = [(task_id, name) for task_id, (_other, name) in twins.items()]
    form.requirement.choices = [("", _("Cả chỉ số")), *((str(one.id), one.name) for one in needed)]
    if form.validate_on_submit():
        with saving(form) as attempt:
            content = _content(form, task)
            wanted = int(form.requirement.data) if form.requirement.data else None
            also = [twins[task_id][0] for task_id in form.also.data]
            service.bring(session, task, content, wanted, stand.unit_id, stand.actor(viewer), clock.now(), also=also)
        if attempt.saved:
            flash(_("Đã thêm minh chứng “%(title)s”.", title=content.title), "success")
            return redirect(next_path(_task_url(authority, task_id)))
    task = tasks_access.task(session, viewer, task_id)
    name = queries.indicator_name(session, task)
    page = render_template(
        "evidence/bring.html",
        form=form,
        task=task,
        name=name,
        kinds=[(kind, ITEM_WORDS[kind]) for kind in ItemKind],
        accept=",".join(FILE_TYPES),
        on_behalf=stand.on_behalf_of,
        back=_task_url(authority, task_id),
        authority=authority,
    )
    return page, 400 if request.method == "POST" else 200


def _content(form: BringForm, task: Task) -> service.Content:
    kind = form.item_kind
    if kind is ItemKind.LINK:
        return service.a_link(form.url.data)
    if kind is ItemKind.FIGURE:
        return service.a_figure(parse_figure(form.figure.data), form.figure_unit.data)
    if kind is ItemKind.STATEMENT:
        return service.a_statement(form.sentence.data)
    upload = next((one for one in request.files.getlist("file") if one.filename), form.file.data)
    name = tidy_name(upload.filename)
    return service.a_file(storage().put(task.authority_id, upload.stream, name), name)


@blueprint.post("/tasks/<int:task_id>/evidence/reuse")
@allows(Action.SEE_TASKS)
def reuse(authority: str, task_id: int) -> BaseResponse:
    """Lets the evidence of the same indicator in another round serve this task."""
    session, viewer = db.session(), desk().viewer
    task = tasks_access.task(session, viewer, task_id)
    stand = access.to_report(session, viewer, task)
    other = tasks_access.task(session, viewer, request.form.get("source", 0, type=int))
    try:
        number = service.reuse(session, task, other, stand.actor(viewer), clock.now())
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.message, "error")
        return redirect(_task_url(authority, task_id))
    flash(_("Đã dùng %(count)s minh chứng của đợt kia cho đợt này.", count=number), "success")
    return redirect(_task_url(authority, task_id))


@blueprint.post("/evidence/<int:proof_id>/withdraw")
@allows(Action.SEE_TASKS)
def withdraw(authority: str, proof_id: int) -> BaseResponse:
    """Takes a proof back; it stays in the history."""
    session, viewer = db.session(), desk().viewer
    proof, task = access.proof(session, viewer, proof_id)
    stand = access.to_withdraw(session, viewer, proof, task)
    service.withdraw(session, task, proof, stand.actor(viewer), clock.now())
    db.session.commit()
    flash(_("Đã gỡ minh chứng; nhật ký vẫn giữ."), "success")
    return redirect(_task_url(authority, task.id))


@blueprint.get("/evidence/<int:proof_id>/file")
@allows(Action.SEE_TASKS)
def file(authority: str, proof_id: int) -> Response:
    """The bytes of a proof, for whoever may see its task. Nothing in them can run on this site."""
    stored, name = access.file_of_proof(db.session(), desk().viewer, proof_id)
    return answer(stored, name)


@blueprint.post("/tasks/<int:task_id>/report")
@allows(Action.SEE_TASKS)
def report(authority: str, task_id: int) -> BaseResponse:
    """Báo đủ minh chứng."""
    session, here = db.session(), desk()
    task = tasks_access.task(session, here.viewer, task_id)
    stand = access.to_report(session, here.viewer, task)
    tasks.expect_version(task, request.form.get("version", type=int), _("Báo đủ minh chứng"))
    try:
        service.submit(
            session,
            task,
            stand.actor(here.viewer),
            clock.now(),
            needs_head=here.authority.head_approves and stand.on_behalf_of is None,
            is_head=stand.is_head,
        )
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.message, "error")
        return redirect(_task_url(authority, task_id))
    if task.status is Progress.PREPARED:
        flash(_("Đã trình lãnh đạo đơn vị duyệt."), "success")
    else:
        flash(_("Đã báo đủ minh chứng; đầu mối sẽ xác nhận."), "success")
    return redirect(next_path(_task_url(authority, task_id)))
