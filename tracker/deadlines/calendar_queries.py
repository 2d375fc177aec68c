"""Reads of the calendar's days: the national list of a year, an office's own over it, and the dates that come next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from tracker.deadlines import queries
from tracker.deadlines.calendar_rules import SATURDAY, STATUTORY, Certainty, DayKind, WorkingCalendar, pair_names
from tracker.deadlines.models import CalendarDay, DeadlineRule, LocalDay, Round
from tracker.deadlines.rules import Dates, periods_of_year, target_day
from tracker.kernel.words import phrase


@dataclass(frozen=True, slots=True)
class ListedDay:
    """A day that differs from its weekday, and what says so. ``local``: the office's own; ``source`` is None where only the statute speaks."""

    day: date
    kind: DayKind
    name: str
    source: str | None
    certainty: Certainty
    local: bool


#: What the days of a year nobody has listed yet stand on.
STATUTE = phrase("Điều 112 Bộ luật Lao động 2019 và Điều 2 Nghị quyết 28/2026/QH16; chưa có lịch nghỉ của năm")


def listed_days(session: Session, year: int, *, own: bool = True) -> list[ListedDay]:
    """The days of a year that differ from their weekday, in order: of the one authority in scope, its own over the national ones; without
    ``own`` the national list alone. Of a year nobody has listed, the holidays on a fixed day of the solar year, as the calendar takes them.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    national = session.scalars(select(CalendarDay).where(CalendarDay.day.between(first, last), ~CalendarDay.dropped).order_by(CalendarDay.day)).all()
    found = {one.day: ListedDay(one.day, one.kind, one.name, one.source, one.certainty, local=False) for one in national}
    if not national:
        found = {one.day: one for one in _statutory(year)}
    for one in local_days(session, year) if own else ():
        found[one.day] = ListedDay(one.day, one.kind, one.name, one.source, Certainty.OFFICIAL, local=True)
    return sorted(found.values(), key=lambda one: one.day)


def _statutory(year: int) -> Iterable[ListedDay]:
    for (month, day), name in STATUTORY.items():
        on = date(year, month, day)
        if on.weekday() < SATURDAY:
            yield ListedDay(on, DayKind.HOLIDAY, name, STATUTE, Certainty.PROVISIONAL, local=False)


def local_days(session: Session, year: int | None = None) -> list[LocalDay]:
    """The days the offices of the scope entered themselves and did not withdraw, in order; of a year or of all."""
    query = select(LocalDay).where(LocalDay.withdrawn_at.is_(None)).order_by(LocalDay.day, LocalDay.id)
    if year is not None:
        query = query.where(LocalDay.day.between(date(year, 1, 1), date(year, 12, 31)))
    return list(session.scalars(query))


def local_day_on(session: Session, authority_id: int, day: date) -> LocalDay | None:
    """What an office entered for a day."""
    query = select(LocalDay).where(LocalDay.authority_id == authority_id, LocalDay.day == day, LocalDay.withdrawn_at.is_(None))
    return session.scalars(query).one_or_none()


def entered_together(session: Session, local_day: LocalDay) -> list[LocalDay]:
    """A day that stands in an office's calendar, with the other day of its swap where it was entered as one and still stands."""
    query = select(LocalDay).where(
        LocalDay.authority_id == local_day.authority_id,
        LocalDay.entered_at == local_day.entered_at,
        LocalDay.source == local_day.source,
        LocalDay.withdrawn_at.is_(None),
    )
    return [one for one in session.scalars(query.order_by(LocalDay.id)) if one.id == local_day.id or _are_a_pair(local_day, one)]


def _are_a_pair(one: LocalDay, other: LocalDay) -> bool:
    off, worked = (one, other) if one.kind is DayKind.SWAP_OFF else (other, one)
    if (off.kind, worked.kind) != (DayKind.SWAP_OFF, DayKind.MAKE_UP):
        return False
    name = off.name.removesuffix(pair_names("", off.day, worked.day)[0])
    return (off.name, worked.name) == pair_names(name, off.day, worked.day)


class Step(StrEnum):
    """What a date asks for. In a cascade the focal point checks and forwards after the units have submitted."""

    SUBMIT = "submit"
    CHECK = "check"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Coming:
    """A date ahead. ``round`` is None while the period is not opened; ``target`` is the last working day not after the day."""

    day: date
    step: Step
    name: str
    rule: DeadlineRule
    round: Round | None
    target: date


def coming(session: Session, calendar: WorkingCalendar, today: date, until: date) -> list[Coming]:
    """Every date of the scope's rounds from today to ``until``, of rounds that are open and of periods still to be opened, the nearest first."""
    ahead = or_(Round.closed_at.is_(None), Round.last_on >= today, Round.outer_on >= today)
    query = (
        select(DeadlineRule, Round)
        .outerjoin(Round, and_(Round.authority_id == DeadlineRule.authority_id, Round.rule_id == DeadlineRule.id, ahead))
        .where(or_(DeadlineRule.active, Round.id.is_not(None)))
        .order_by(DeadlineRule.position, DeadlineRule.id, Round.id)
    )
    opened: dict[DeadlineRule, list[Round]] = defaultdict(list)
    for rule, one in session.execute(query):
        opened[rule] += [one] if one is not None else []
    found = [
        at
        for rule, made in opened.items()
        for at in _dates_of_rule(session, calendar, rule, made, (today.year, until.year))
        if today <= at.day <= until
    ]
    return sorted(found, key=lambda at: (at.day, at.rule.position, at.rule.id, at.step))


def _dates_of_rule(session: Session, calendar: WorkingCalendar, rule: DeadlineRule, made: list[Round], years: tuple[int, int]) -> Iterator[Coming]:
    for one in made:
        if one.closed_at is None:
            yield from _steps(calendar, rule, one, one.name, queries.dates_of(one))
    if rule.active:
        terms, taken = queries.terms_of(session, rule), {one.period for one in made}
        # A period may end in the year after its own: the first year before counts, too.
        for year in range(years[0] - 1, years[1] + 1):
            for period in periods_of_year(terms, calendar, year):
                if period.key not in taken:
                    yield from _steps(calendar, rule, None, period.name, period.dates)


def _steps(calendar: WorkingCalendar, rule: DeadlineRule, one: Round | None, name: str, dates: Dates) -> Iterator[Coming]:
    days = ((dates.last_on, Step.SUBMIT), (dates.check_on, Step.CHECK), (dates.outer_on, Step.FORWARD))
    for day, step in days:
        if day is not None:
            nominal = dates.nominal_on if step is Step.SUBMIT else None
            yield Coming(day, step, name, rule, one, target_day(calendar, nominal, day) or day)
