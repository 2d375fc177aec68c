"""Open tasks of many authorities at once, as narrow as planning needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.deadlines.models import Round
from tracker.indicators.models import Indicator
from tracker.tasks.models import Task
from tracker.tasks.narrowing import IS_OPEN
from tracker.tasks.rules import Duty, aim

_STATEMENT = (
    select(
        Task.id,
        Task.authority_id,
        Task.unit_id,
        Task.round_id,
        Indicator.code,
        Round.nominal_on,
        Round.last_on,
        Task.extended_to_on,
        Task.mend_by_on,
        Task.paused_until_on,
    )
    .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
    .outerjoin(Indicator, Indicator.id == Task.indicator_id)
    .where(IS_OPEN, Round.closed_at.is_(None))
    .order_by(Task.authority_id, Task.id)
)


def open_duties(session: Session, calendar_of: Callable[[int], WorkingCalendar]) -> Iterator[Duty]:
    """Open tasks of open rounds of every authority in scope, one authority after the other."""
    aims: dict[tuple[int, *tuple[date | None, ...]], tuple[date | None, date | None]] = {}
    for id_, authority_id, unit_id, round_id, code, *days in session.execute(_STATEMENT):
        key = (authority_id, *days)
        if key not in aims:
            # Most tasks of a round share their days: the calendar is walked once for each.
            due, base = aim(*days)
            aims[key] = (due, None if base is None else calendar_of(authority_id).on_or_before(base))
        yield Duty(id_, authority_id, unit_id, round_id, code, *aims[key])
