"""Chờ xác nhận: the queue, one task at a time, the proof beside the decision."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.dashboard.chase_views import blueprint as blueprint
from tracker.dashboard.reading import Reading, reading
from tracker.dashboard.verify_queries import queue
from tracker.dashboard.verify_rules import Waiting, first_after
from tracker.dashboard.verifying import verifying
from tracker.kernel.errors import NotFound
from tracker.tasks import access as tasks_access
from tracker.tasks.rules import PROGRESS_WORDS
from tracker.units.rules import Action
from tracker.web.guards import allows
from tracker.web.words import gettext as _


@blueprint.get("/verify")
@allows(Action.DECIDE_EVIDENCE)
def verify(authority: str) -> str | Response:
    """The task asked for (``task``), the one behind a task just decided (``after``), or the oldest."""
    read = reading()
    waiting = queue(read.session)
    behind = request.args.get("after", type=int)
    if behind is not None:
        wanted = first_after(waiting, _stood(read, waiting, behind))
        if wanted is not None:
            return redirect(url_for("dashboard.verify", authority=authority, task=wanted))
        return _page(authority, read, waiting, None, passed=True)
    asked = request.args.get("task", type=int)
    return _page(authority, read, waiting, asked if asked is not None else waiting[0].task_id if waiting else None)


def _page(authority: str, read: Reading, waiting: list[Waiting], task_id: int | None, *, passed: bool = False) -> str:
    found = verifying(read, waiting, task_id, request.args.get("piece", type=int), whole=True) if task_id is not None else None
    gone = None
    if task_id is not None and found is None:
        task = tasks_access.task(read.session, read.viewer, task_id)
        gone = _("Nhiệm vụ này không còn chờ xác nhận: %(status)s.", status=PROGRESS_WORDS[task.status].lower())
    return render_template(
        "dashboard/verify.html", read=read, found=found, gone=gone, gone_id=task_id, passed=passed, left=len(waiting), authority=authority
    )


def _stood(read: Reading, waiting: list[Waiting], task_id: int) -> Waiting:
    """Where in the queue a task stands, or stood before it was decided. Raises NotFound."""
    for one in waiting:
        if one.task_id == task_id:
            return one
    task = tasks_access.task(read.session, read.viewer, task_id)
    since = task.resubmitted_at or task.submitted_at
    if since is None:
        raise NotFound("Nhiệm vụ này chưa từng chờ xác nhận.")
    return Waiting(since, task_id)
