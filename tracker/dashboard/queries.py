"""Reads over the whole chain for the front doors and the pages of one thing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.dashboard import calendar_rules
from tracker.dashboard.calendar_rules import NextDate
from tracker.dashboard.rules import MainName, UnitName
from tracker.deadlines import calendar_queries
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.indicators.models import Indicator
from tracker.tasks import queries as tasks
from tracker.tasks.queries import Filters, RoundCount
from tracker.tasks.rules import Horizon
from tracker.units.models import Unit

#: The next dates of a front page lie within so many days.
AHEAD = timedelta(days=60)


def unit_names(session: Session, unit_ids: Collection[int] | None = None) -> dict[int, UnitName]:
    """Units as row heads; all of the scope where no ids are given."""
    query = select(Unit.id, Unit.name, Unit.slug, Unit.position).order_by(Unit.position, Unit.id)
    if unit_ids is not None:
        query = query.where(Unit.id.in_(unit_ids))
    return {row.id: UnitName(row.id, row.name, row.slug, row.position) for row in session.execute(query)}


def main_names(session: Session, main_ids: Collection[int]) -> dict[int, MainName]:
    """Main indicators as column heads."""
    query = select(Indicator.id, Indicator.code, Indicator.name).where(Indicator.id.in_(main_ids)).order_by(Indicator.code_key, Indicator.id)
    return {row.id: MainName(row.id, row.code, row.name) for row in session.execute(query)}


def next_dates(
    session: Session,
    calendar: WorkingCalendar,
    horizon: Horizon,
    filters: Filters,
    *,
    whole: bool,
    counts: Mapping[int, RoundCount] | None = None,
) -> list[NextDate]:
    """The next few dates within AHEAD, each with how many of the narrowed tasks are still to be done. ``whole``: see ``calendar_rules``.

    ``counts``: those of the filters, where the caller has them already.
    """
    today = horizon.today
    coming = calendar_queries.coming(session, calendar, today, today + AHEAD)
    by_round = tasks.counts_by_round(session, filters, horizon) if counts is None else counts
    return calendar_rules.next_dates(coming, by_round, calendar, today, whole=whole)
