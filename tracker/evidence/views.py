"""Bringing evidence, taking it back, letting former proofs serve again, opening a file, reporting a task ready."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from tracker.evidence import (
    access,
    bulk_views,
    checklist_views,
    contribution_views,
    folder_views,
    item_views,
    queries,
    review_views,
    service,
    share_views,
)
from tracker.evidence.current import content_of
from tracker.evidence.forms import BringForm, FormerForm
from tracker.evidence.rules import ITEM_WORDS, ItemKind
from tracker.files.current import answer
from tracker.files.rules import FILE_TYPES
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.words import translated
from tracker.tasks import access as tasks_access
from tracker.tasks import queries as tasks_queries
from tracker.tasks import service as tasks
from tracker.tasks.rules import Progress
from tracker.units import access as units_access
from tracker.units.current import desk
from tracker.units.rules import Action
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.links import next_path
from tracker.web.words import gettext as _

blueprint = Blueprint("evidence", __name__, url_prefix="/<authority>")
for _pages in (item_views, review_views, checklist_views, contribution_views, bulk_views, share_views, folder_views):
    _pages.install(blueprint)


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
    asked = {one.slot.key: one for one in queries.checklist(session, task.indicator_id)}
    twins = {other.id: (other, one.name) for other, one in tasks_queries.twins(session, task)}
    wanted = request.args.get("slot", "")
    usual = ItemKind.FIGURE if wanted in asked and asked[wanted].kind == "figures" else ItemKind.FILE
    form = BringForm(data={"kind": request.args.get("kind", usual.value), "slot": wanted, "also": list(twins)})
    form.also.choices = [(task_id, name) for task_id, (_other, name) in twins.items()]
    form.slot.choices = [("", _("Cả chỉ số")), *((key, one.name) for key, one in asked.items())]
    if form.validate_on_submit():
        with saving(form) as attempt:
            content = content_of(form, task.authority_id)
            slot = asked[form.slot.data].slot if form.slot.data else None
            also = [twins[task_id][0] for task_id in form.also.data]
            service.bring(session, task, content, slot, stand.unit_id, stand.actor(viewer), clock.now(), also=also)
        if attempt.saved:
            flash(_("Đã thêm minh chứng “%(title)s”.", title=content.title), "success")
            return redirect(next_path(_task_url(authority, task_id)))
    task = tasks_access.task(session, viewer, task_id)
    page = render_template(
        "evidence/bring.html",
        form=form,
        task=task,
        name=queries.indicator_name(session, task),
        line=asked.get(form.slot.data or ""),
        kinds=[(kind, ITEM_WORDS[kind]) for kind in ItemKind],
        accept=",".join(FILE_TYPES),
        on_behalf=stand.on_behalf_of,
        store=units_access.unit(session, task.unit_id).slug if stand.leads else None,
        back=_task_url(authority, task_id),
        authority=authority,
    )
    return page, 400 if request.method == "POST" else 200


@blueprint.route("/tasks/<int:task_id>/former", methods=["GET", "POST"])
@allows(Action.SEE_TASKS)
def former(authority: str, task_id: int) -> str | BaseResponse | tuple[str, int]:
    """What served this indicator in other rounds, for a person's word that it still holds."""
    session, viewer = db.session(), desk().viewer
    task = tasks_access.task(session, viewer, task_id)
    stand = access.to_report(session, viewer, task)
    tasks.expect_round_open(session, task)
    found = {one.proof_id: one for one in queries.former_proofs(session, task)}
    form = FormerForm()
    form.proofs.choices = [(one.proof_id, f"{one.version.title} · {one.round_name}") for one in found.values()]
    if form.validate_on_submit():
        with saving(form) as attempt:
            chosen = [found[proof_id] for proof_id in form.proofs.data or []]
            number = service.reuse(session, task, chosen, stand.actor(viewer), clock.now())
        if attempt.saved:
            flash(_("Đã dùng lại %(count)s minh chứng.", count=number), "success")
            return redirect(_task_url(authority, task_id))
    task = tasks_access.task(session, viewer, task_id)
    page = render_template(
        "evidence/former.html",
        form=form,
        found=list(found.values()),
        name=queries.indicator_name(session, task),
        back=_task_url(authority, task_id),
        authority=authority,
    )
    return page, 400 if request.method == "POST" else 200


@blueprint.post("/tasks/<int:task_id>/evidence/reuse")
@allows(Action.SEE_TASKS)
def reuse(authority: str, task_id: int) -> BaseResponse:
    """Lets all that was brought for the same indicator in another open round serve this task."""
    session, viewer = db.session(), desk().viewer
    task = tasks_access.task(session, viewer, task_id)
    stand = access.to_report(session, viewer, task)
    other = tasks_access.task(session, viewer, request.form.get("source", 0, type=int))
    try:
        service.expect_twin(task, other)
        there = [one for one in queries.former_proofs(session, task) if one.round_id == other.round_id]
        number = service.reuse(session, task, there, stand.actor(viewer), clock.now())
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        flash(_("Đợt kia chưa có minh chứng nào mà nhiệm vụ này chưa dùng.") if refusal.field == "proofs" else translated(refusal.message), "error")
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


@blueprint.get("/evidence/files/<int:file_id>")
@allows(Action.SEE_TASKS)
def file(authority: str, file_id: int) -> Response:
    """The bytes of a file of any version, for whoever may see its item. Nothing in them can run on this site."""
    named, stored, _item_id = access.file(db.session(), desk().viewer, file_id)
    return answer(stored, named.filename)


@blueprint.post("/tasks/<int:task_id>/report")
@allows(Action.SEE_TASKS)
def report(authority: str, task_id: int) -> BaseResponse:
    """Báo đủ minh chứng."""
    session, here = db.session(), desk()
    task = tasks_access.task(session, here.viewer, task_id)
    stand = access.to_report(session, here.viewer, task)
    tasks.expect_version(task, request.form.get("version", 0, type=int), _("Báo đủ minh chứng"))
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
        flash(translated(refusal.message), "error")
        return redirect(_task_url(authority, task_id))
    if task.status is Progress.PREPARED:
        flash(_("Đã trình lãnh đạo đơn vị duyệt."), "success")
    else:
        flash(_("Đã báo đủ minh chứng; đầu mối sẽ xác nhận."), "success")
    return redirect(next_path(_task_url(authority, task_id)))
