"""The only way to fetch a task by id: visible to the person, or not found."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel.errors import NotFound
from tracker.tasks.models import Task
from tracker.tasks.narrowing import SEEN, Filters, Sight, own_of, sight_of
from tracker.tasks.queries import TaskRow, listed
from tracker.tasks.rules import Horizon
from tracker.units.rules import Viewer

_TASK = {sight: select(Task).where(Task.id == bindparam("task_id"), SEEN[sight]) for sight in Sight}


def task(session: Session, viewer: Viewer, task_id: int) -> Task:
    """The task as a row to change. Raises NotFound."""
    found = session.scalars(_TASK[sight_of(viewer)], {"task_id": task_id, **own_of(viewer)}).one_or_none()
    if found is None:
        raise NotFound("Không tìm thấy nhiệm vụ này.")
    # What is done next is done in this unit's matter: whose right it is, the history says.
    viewer.matter.unit_id = found.unit_id
    return found


def task_row(session: Session, viewer: Viewer, task_id: int, calendar: WorkingCalendar, horizon: Horizon) -> TaskRow:
    """The task as pages show it, with its standing. Raises NotFound."""
    found = listed(session, Filters(task_ids=frozenset({task_id}), current=False), calendar, horizon, seen_by=viewer)
    if not found:
        raise NotFound("Không tìm thấy nhiệm vụ này.")
    return found[0]
