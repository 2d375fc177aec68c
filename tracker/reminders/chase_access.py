"""Which lines of the log a page may name."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.errors import Forbidden, NotFound
from tracker.reminders.chase_models import ChaseEntry
from tracker.units.models import Unit
from tracker.units.rules import Action, Viewer


def entry(session: Session, unit: Unit, entry_id: int) -> ChaseEntry:
    """A line of this unit's log. Raises NotFound."""
    query = select(ChaseEntry).where(ChaseEntry.id == entry_id, ChaseEntry.unit_id == unit.id).order_by(ChaseEntry.id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("Không có dòng nhật ký này.")
    return found


def expect_reader(viewer: Viewer, unit: Unit) -> None:
    """The log is read by who sees every task, and by the unit itself. Raises Forbidden."""
    if not viewer.may(Action.SEE_ALL_TASKS) and unit.id not in viewer.unit_ids:
        raise Forbidden("Nhật ký đôn đốc của một đơn vị do đơn vị ấy, đầu mối và lãnh đạo xem.")
