"""Reads of the calendar, the rules and the rounds."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event, select
from sqlalchemy.orm import Session, object_session

from tracker.deadlines.models import CalendarDay, DeadlineRule, Round, RuleSet
from tracker.deadlines.rules import Certainty, Dates, Period, Terms, WorkingCalendar, periods_of_year
from tracker.indicators.models import IndicatorSet

_CALENDAR = "working_calendar"
_CHANGED = "working_calendar_changed"
#: How long another process may not know that days off have changed.
KEPT_SECONDS = 60.0
_READ: WeakKeyDictionary[Engine | Connection, tuple[float, WorkingCalendar]] = WeakKeyDictionary()


def working_calendar(session: Session) -> WorkingCalendar:
    """The working-day calendar: one and the same all through a session, and for KEPT_SECONDS in all sessions on a database.

    Days off change once a year, and every page asks. A session that changed some reads them itself.
    """
    kept = session.info.get(_CALENDAR)
    if isinstance(kept, WorkingCalendar):
        return kept
    database, now = session.get_bind(), time.monotonic()
    read_at, calendar = _READ.get(database, (-KEPT_SECONDS, None))
    if calendar is None or now - read_at >= KEPT_SECONDS or _CHANGED in session.info:
        calendar = _read_calendar(session)
        if _CHANGED not in session.info:
            _READ[database] = (now, calendar)
    session.info[_CALENDAR] = calendar
    return calendar


def _read_calendar(session: Session) -> WorkingCalendar:
    days = session.execute(select(CalendarDay.day, CalendarDay.kind, CalendarDay.certainty).order_by(CalendarDay.day)).all()
    provisional = {day.day.year for day in days if day.certainty is Certainty.PROVISIONAL}
    return WorkingCalendar({day.day: day.kind for day in days}, frozenset({day.day.year for day in days} - provisional))


def forget_calendar(session: Session) -> None:
    """After the table changed."""
    session.info.pop(_CALENDAR, None)
    _READ.pop(session.get_bind(), None)


@event.listens_for(CalendarDay, "after_insert")
@event.listens_for(CalendarDay, "after_update")
@event.listens_for(CalendarDay, "after_delete")
def _calendar_changed(_mapper: Any, connection: Connection, day: CalendarDay) -> None:
    _READ.pop(connection.engine, None)
    session = object_session(day)
    if session is not None:
        session.info[_CHANGED] = True


def terms_of(rule: DeadlineRule) -> Terms:
    """A rule as the pure functions take it."""
    return Terms(
        slug=rule.slug,
        name=rule.name,
        kind=rule.kind,
        wording=rule.wording,
        schedule=rule.schedule,
        month=rule.month,
        day=rule.day,
        days=rule.days,
        boundary=rule.boundary,
        roll=rule.roll,
        window=rule.window,
        opens_days_before=rule.opens_days_before,
    )


def rules(session: Session) -> list[DeadlineRule]:
    """Rules in force of the authority in scope, in printed order."""
    return list(session.scalars(select(DeadlineRule).where(DeadlineRule.active).order_by(DeadlineRule.authority_id, DeadlineRule.position)))


def sets_by_rule(session: Session, rule_ids: Collection[int]) -> dict[int, list[IndicatorSet]]:
    """The sets each rule asks for, in order."""
    found: dict[int, list[IndicatorSet]] = defaultdict(list)
    if rule_ids:
        query = (
            select(RuleSet.rule_id, IndicatorSet)
            .join(IndicatorSet, IndicatorSet.id == RuleSet.set_id)
            .where(RuleSet.rule_id.in_(rule_ids))
            .order_by(RuleSet.rule_id, RuleSet.position)
        )
        for rule_id, indicator_set in session.execute(query):
            found[rule_id].append(indicator_set)
    return found


def rounds(session: Session, *, open_only: bool = False) -> list[Round]:
    """The rounds of the authority in scope, the nearest deadline last, those without one first."""
    query = select(Round).order_by(Round.last_on.is_(None).desc(), Round.last_on, Round.id)
    return list(session.scalars(query.where(Round.closed_at.is_(None)) if open_only else query))


def round_periods(session: Session, rule_ids: Collection[int]) -> set[tuple[int, str]]:
    """(rule, period) of every round that exists already."""
    return {(r, p) for r, p in session.execute(select(Round.rule_id, Round.period).where(Round.rule_id.in_(rule_ids)).order_by(Round.id))}


@dataclass(frozen=True, slots=True)
class YearLine:
    """One line of a year's deadlines: a period of a rule for one set (None for reviews and publications).

    ``round`` is None while it is not opened; ``dates.last_on`` is None where the document states no day.
    """

    rule: DeadlineRule
    slug: str | None
    period: str | None
    indicator_set: IndicatorSet | None
    dates: Dates
    round: Round | None


def year_lines(session: Session, calendar: WorkingCalendar, year: int) -> list[YearLine]:
    """Every round whose last day falls in the year, opened or to come, and the rules without a date."""
    listed = rules(session)
    sets = sets_by_rule(session, [rule.id for rule in listed])
    opened = defaultdict(list)
    for one in rounds(session):
        opened[one.rule_id].append(one)
    lines: list[YearLine] = []
    for rule in listed:
        lines += _lines_of_rule(rule, sets.get(rule.id) or [None], opened[rule.id], calendar, year)
    return sorted(lines, key=lambda line: (line.dates.last_on is None, line.dates.last_on or date.max, line.rule.position, line.slug or ""))


def _lines_of_rule(
    rule: DeadlineRule, sets: Sequence[IndicatorSet | None], opened: Sequence[Round], calendar: WorkingCalendar, year: int
) -> list[YearLine]:
    periods = {p.key: p for y in (year, year + 1) for p in periods_of_year(terms_of(rule), calendar, y)}
    made = {one.period: one for one in opened}
    # An opened round keeps the days it was opened with, whatever the rule says since.
    found: list[tuple[str | None, str | None, Dates, Round | None]] = [(p.slug, p.key, p.dates, None) for p in periods.values() if p.key not in made]
    found += [(one.slug, one.period, dates_of(one), one) for one in opened]
    within = [line for line in found if line[2].last_on is not None and line[2].last_on.year == year]
    if not within:
        nowhere: list[tuple[str | None, str | None, Dates, Round | None]] = [(None, None, Dates(None, None, None, None), None)]
        undated = [line for line in found if line[2].last_on is None and line[2].data_to is not None and line[2].data_to.year == year]
        return [YearLine(rule, s, p, one, d, r) for s, p, d, r in undated or nowhere for one in sets]
    return [YearLine(rule, s, p, one, d, r) for s, p, d, r in within for one in sets]


def dates_of(one: Round) -> Dates:
    """A round's dates as the pure functions take them."""
    return Dates(one.nominal_on, one.last_on, one.data_from, one.data_to)


def opening_periods(rule: DeadlineRule, calendar: WorkingCalendar, day: date) -> list[Period]:
    """Periods of the day's calendar year whose opening day has come, also those already past; and of the next where they open before New Year."""
    return [period for year in (day.year, day.year + 1) for period in periods_of_year(terms_of(rule), calendar, year) if period.opens_on <= day]


def round_by_id(session: Session, round_id: int) -> Round:
    """The round a task of the scope stands in."""
    return session.scalars(select(Round).where(Round.id == round_id)).one()


def rule_by_id(session: Session, rule_id: int) -> DeadlineRule:
    """The rule a round of the scope comes from."""
    return session.scalars(select(DeadlineRule).where(DeadlineRule.id == rule_id)).one()
