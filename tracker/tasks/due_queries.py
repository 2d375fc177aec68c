"""What a mail tells of open tasks, of many authorities in one read: no more columns than it says, no calendar walked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from tracker.deadlines.models import Round
from tracker.indicators.models import Indicator
from tracker.tasks.models import Task
from tracker.tasks.narrowing import IS_OPEN, OPEN_DUE, RETURNED
from tracker.units.models import Unit


@dataclass(frozen=True, slots=True)
class DueTask:
    """One open task. ``code`` is None for a titled duty, ``points`` where not printed, ``due_on`` (the day in force) where it has none."""

    id: int
    authority_id: int
    unit_id: int
    unit_name: str
    round_id: int
    round_name: str
    code: str | None
    name: str
    points: Decimal | None
    due_on: date | None
    returned: bool
    #: The round's own last day, whatever was granted since, and how many times something was.
    original_on: date | None
    extensions: int

    def days_late(self, day: date) -> int:
        return max((day - self.due_on).days, 0) if self.due_on is not None else 0


_IDS, _WHOLE = (bindparam(name, expanding=True, type_=BigInteger()) for name in ("task_ids", "whole_of"))
_STATEMENT = (
    select(
        Task.id,
        Task.authority_id,
        Task.unit_id,
        Unit.name,
        Task.round_id,
        Round.name,
        Indicator.code,
        func.coalesce(Indicator.name, Task.title),
        Indicator.max_points,
        OPEN_DUE,
        RETURNED,
        Round.last_on,
        Task.extensions,
    )
    .select_from(Task)
    .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
    .join(Unit, and_(Unit.authority_id == Task.authority_id, Unit.id == Task.unit_id))
    .outerjoin(Indicator, Indicator.id == Task.indicator_id)
    .where(IS_OPEN, Round.closed_at.is_(None))
    .order_by(Task.id)
)
_SOME = _STATEMENT.where(Task.id.in_(_IDS))
_SOME_AND_ALL = _STATEMENT.where(or_(Task.id.in_(_IDS), Task.authority_id.in_(_WHOLE)))


def still_open(session: Session, task_ids: Collection[int], whole_of: Collection[int] = ()) -> list[DueTask]:
    """Those of some tasks in scope that are open in an open round, and every such task of the authorities ``whole_of``."""
    if not task_ids and not whole_of:
        return []
    values = {"task_ids": sorted(task_ids)} | ({"whole_of": sorted(whole_of)} if whole_of else {})
    rows = session.execute(_SOME_AND_ALL if whole_of else _SOME, values)
    return [DueTask(*row) for row in rows]
