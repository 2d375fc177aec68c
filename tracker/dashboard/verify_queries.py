"""Reads of the queue of what waits for the focal point's word."""

from __future__ import annotations

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from tracker.dashboard.verify_rules import Waiting
from tracker.deadlines.models import Round
from tracker.tasks.models import Task
from tracker.tasks.rules import Progress

_SINCE = func.coalesce(Task.resubmitted_at, Task.submitted_at).label("since")
_QUEUE = (
    select(Task.id, _SINCE)
    .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
    .where(Task.status == Progress.READY, Round.closed_at.is_(None), _SINCE.is_not(None))
    .order_by(_SINCE, Task.id)
)


def queue(session: Session) -> list[Waiting]:
    """Every task that waits, what came in first before the others."""
    return [Waiting(since, task_id) for task_id, since in session.execute(_QUEUE)]
