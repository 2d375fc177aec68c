"""Reads of the calendar, the rules and the rounds."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event, select
from sqlalchemy.orm import Session, object_session

from tracker.assignments.models import Notice
from tracker.deadlines.calendar_rules import STATUTORY, Certainty, DayKind, WorkingCalendar
from tracker.deadlines.models import CalendarDay, DeadlineRule, LocalDay, Round, RoundPaper, RuleSet
from tracker.deadlines.rules import Dates, Period, Readings, Terms, periods_of_year
from tracker.indicators.models import IndicatorSet
from tracker.kernel import scope
from tracker.units.models import Authority

_CALENDARS = "working_calendars"
_CHANGED = "working_calendars_changed"
#: How long another process may not know that days off have changed.
KEPT_SECONDS = 60.0


@dataclass(slots=True)
class _Calendars:
    """The national calendar, and each office's own days over it; an office's is put together when somebody asks."""

    national: WorkingCalendar
    local: Mapping[int, Mapping[date, tuple[DayKind, str]]]
    made: dict[int, WorkingCalendar] = field(default_factory=dict)

    def of(self, authority_id: int | None) -> WorkingCalendar:
        own = self.local.get(authority_id) if authority_id is not None else None
        if own is None or authority_id is None:
            return self.national
        if authority_id not in self.made:
            days, names = {day: kind for day, (kind, _name) in own.items()}, {day: name for day, (_kind, name) in own.items()}
            self.made[authority_id] = self.national.with_days(days, names)
        return self.made[authority_id]


_READ: WeakKeyDictionary[Engine | Connection, tuple[float, _Calendars]] = WeakKeyDictionary()


def working_calendar(session: Session) -> WorkingCalendar:
    """The working-day calendar of the authority in scope (the national one where the scope is wider).

    One and the same all through a session, and for KEPT_SECONDS in all sessions on a database: days off change a few times a year,
    and every page asks. A session that changed some reads them itself.
    """
    ids = scope.chosen(session).authority_ids
    return _calendars(session).of(ids[0] if ids is not None and len(ids) == 1 else None)


def calendar_of(session: Session, authority_id: int) -> WorkingCalendar:
    """The same of one authority of several in scope."""
    return _calendars(session).of(authority_id)


def _calendars(session: Session) -> _Calendars:
    kept = session.info.get(_CALENDARS)
    if isinstance(kept, _Calendars):
        return kept
    database, now = session.get_bind(), time.monotonic()
    read_at, calendars = _READ.get(database, (-KEPT_SECONDS, None))
    if calendars is None or now - read_at >= KEPT_SECONDS or _CHANGED in session.info:
        calendars = _read_calendars(session)
        if _CHANGED not in session.info:
            _READ[database] = (now, calendars)
    session.info[_CALENDARS] = calendars
    return calendars


def _read_calendars(session: Session) -> _Calendars:
    national = _national(session.scalars(select(CalendarDay).where(~CalendarDay.dropped).order_by(CalendarDay.day)).all())
    local: dict[int, dict[date, tuple[DayKind, str]]] = defaultdict(dict)
    with scope.using(session, scope.whole("every office's own days, for the calendars kept in memory")):
        own = select(LocalDay.authority_id, LocalDay.day, LocalDay.kind, LocalDay.name).where(LocalDay.withdrawn_at.is_(None))
        for authority_id, day, kind, name in session.execute(own.order_by(LocalDay.authority_id, LocalDay.day)):
            local[authority_id][day] = (kind, name)
    return _Calendars(national, local)


def _national(days: Sequence[CalendarDay]) -> WorkingCalendar:
    listed = {day.day.year for day in days}
    provisional = {day.day.year for day in days if day.certainty is Certainty.PROVISIONAL}
    return WorkingCalendar(
        {day.day: day.kind for day in days},
        frozenset(listed - provisional),
        {day.day: day.name for day in days},
        frozenset(listed),
        STATUTORY,
    )


@dataclass(frozen=True, slots=True)
class CountedCalendar:
    """A calendar and how often its days were entered, changed, dropped or withdrawn: a number that only grows. ``changed_at`` is the last
    time the office did.
    """

    calendar: WorkingCalendar
    changes: int
    changed_at: datetime | None


def counted_calendar(session: Session) -> CountedCalendar:
    """The calendar of the one authority in scope with its count, from the same rows. Never one kept in memory: a day must not move
    after its count has been told.
    """
    national = session.scalars(select(CalendarDay).order_by(CalendarDay.day)).all()
    local = session.scalars(select(LocalDay).order_by(LocalDay.day, LocalDay.id)).all()
    own = [day for day in local if day.withdrawn_at is None]
    calendar = _national([day for day in national if not day.dropped])
    return CountedCalendar(
        calendar.with_days({day.day: day.kind for day in own}, {day.day: day.name for day in own}),
        sum(day.version for day in national) + len(local) + sum(day.withdrawn_at is not None for day in local),
        max((instant for day in local for instant in (day.entered_at, day.withdrawn_at) if instant), default=None),
    )


def forget_calendar(session: Session) -> None:
    """After the table changed."""
    session.info.pop(_CALENDARS, None)
    _READ.pop(session.get_bind(), None)


def _calendar_changed(_mapper: Any, connection: Connection, day: CalendarDay | LocalDay) -> None:
    _READ.pop(connection.engine, None)
    session = object_session(day)
    if session is not None:
        session.info[_CHANGED] = True


for _model in (CalendarDay, LocalDay):
    for _change in ("after_insert", "after_update", "after_delete"):
        event.listen(_model, _change, _calendar_changed)


@event.listens_for(Session, "after_commit")
def _calendar_is_told(session: Session) -> None:
    """What somebody read between the change and its commit was the calendar as it had been."""
    if _CHANGED in session.info:
        _READ.pop(session.get_bind(), None)


def terms_of(session: Session, rule: DeadlineRule) -> Terms:
    """A rule as the pure functions take it, as its office reads it today."""
    office = session.get_one(Authority, rule.authority_id)
    return Terms(
        slug=rule.slug,
        name=rule.name,
        kind=rule.kind,
        wording=rule.wording,
        schedule=rule.schedule,
        month=rule.month,
        day=rule.day,
        months_after=rule.months_after,
        term_length=rule.term_length,
        term_unit=rule.term_unit,
        trigger=rule.trigger,
        boundary=rule.boundary,
        roll=rule.roll,
        window=rule.window,
        stated_window=rule.stated_window,
        opens_days_before=rule.opens_days_before,
        upward=rule.upward,
        check_days=rule.check_days,
        sign_days=rule.sign_days,
        readings=Readings(before_counts_day=office.before_counts_day, fixed_dates_roll=office.fixed_dates_roll),
    )


def terms_of_round(one: Round) -> Terms:
    """The terms a round was opened with."""
    return Terms.from_kept(one.terms)


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


def any_round(session: Session) -> bool:
    """Whether the authority in scope has ever opened a round."""
    return session.scalars(select(Round.id).limit(1)).first() is not None


def round_periods(session: Session, rule_ids: Collection[int]) -> set[tuple[int, str]]:
    """(rule, period) of every round that exists already."""
    return {(r, p) for r, p in session.execute(select(Round.rule_id, Round.period).where(Round.rule_id.in_(rule_ids)).order_by(Round.id))}


@dataclass(frozen=True, slots=True)
class YearLine:
    """One line of a year's deadlines: a period of a rule for one set (None for reviews and publications).

    ``round`` is None while it is not opened; ``dates.last_on`` is None where the document states no day. ``terms`` are those the round
    was opened with, or the rule's of today. ``name`` is what the round is or will be called; None where the rule has no period.
    """

    rule: DeadlineRule
    terms: Terms
    slug: str | None
    period: str | None
    indicator_set: IndicatorSet | None
    dates: Dates
    round: Round | None
    name: str | None


def year_lines(session: Session, calendar: WorkingCalendar, year: int) -> list[YearLine]:
    """Every round whose last day falls in the year, opened or to come, and the rules without a date."""
    listed = rules(session)
    sets = sets_by_rule(session, [rule.id for rule in listed])
    opened = defaultdict(list)
    for one in rounds(session):
        opened[one.rule_id].append(one)
    lines: list[YearLine] = []
    for rule in listed:
        lines += _lines_of_rule(rule, terms_of(session, rule), sets.get(rule.id) or [None], opened[rule.id], calendar, year)
    return sorted(lines, key=lambda line: (line.dates.last_on is None, line.dates.last_on or date.max, line.rule.position, line.slug or ""))


def _lines_of_rule(
    rule: DeadlineRule, terms: Terms, sets: Sequence[IndicatorSet | None], opened: Sequence[Round], calendar: WorkingCalendar, year: int
) -> list[YearLine]:
    periods = {p.key: p for y in (year - 1, year, year + 1) for p in periods_of_year(terms, calendar, y)}
    made = {one.period: one for one in opened}
    # An opened round keeps the days it was opened with, whatever the rule says since.
    found: list[tuple[str | None, str | None, Dates, Round | None]] = [(p.slug, p.key, p.dates, None) for p in periods.values() if p.key not in made]
    found += [(one.slug, one.period, dates_of(one), one) for one in opened]
    within = [line for line in found if line[2].last_on is not None and line[2].last_on.year == year]
    if not within:
        nowhere: list[tuple[str | None, str | None, Dates, Round | None]] = [(None, None, Dates(None, None, None, None), None)]
        undated = [line for line in found if line[2].last_on is None and line[2].data_to is not None and line[2].data_to.year == year]
        within = undated or nowhere
    names = {key: period.name for key, period in periods.items()} | {one.period: one.name for one in opened}
    return [YearLine(rule, terms_of_round(r) if r else terms, s, p, one, d, r, names.get(p or "")) for s, p, d, r in within for one in sets]


def dates_of(one: Round) -> Dates:
    """A round's dates as the pure functions take them."""
    return Dates(one.nominal_on, one.last_on, one.data_from, one.data_to, one.check_on, one.outer_on)


def opening_periods(session: Session, rule: DeadlineRule, calendar: WorkingCalendar, day: date) -> list[Period]:
    """Periods that end in the day's calendar year and whose opening day has come, also those already past; of the next year's, those that
    open before New Year; and of last year's, those whose deadline falls into this one.
    """
    return due_to_open(terms_of(session, rule), calendar, day)


def due_to_open(terms: Terms, calendar: WorkingCalendar, day: date) -> list[Period]:
    """What ``opening_periods`` says of terms that are no rule yet."""
    found = [period for year in (day.year - 1, day.year, day.year + 1) for period in periods_of_year(terms, calendar, year)]
    return [period for period in found if period.opens_on <= day and _belongs(period, day.year)]


def _belongs(period: Period, year: int) -> bool:
    """A period of the year before belongs to this one only by a deadline in it."""
    asked = int(period.key[:4])
    return asked >= year or (period.dates.last_on is not None and period.dates.last_on.year >= year)


def papers_of(session: Session, round_id: int) -> list[RoundPaper]:
    """The documents a round stands on, in the order they were added."""
    return list(session.scalars(select(RoundPaper).where(RoundPaper.round_id == round_id).order_by(RoundPaper.id)))


def round_by_id(session: Session, round_id: int) -> Round:
    """The round a task of the scope stands in."""
    return session.scalars(select(Round).where(Round.id == round_id)).one()


def rule_by_id(session: Session, rule_id: int) -> DeadlineRule:
    """The rule a round of the scope comes from."""
    return session.scalars(select(DeadlineRule).where(DeadlineRule.id == rule_id)).one()


def notice_of(session: Session, rule: DeadlineRule) -> Notice:
    """The document a rule of the scope stands in."""
    return session.scalars(select(Notice).where(Notice.authority_id == rule.authority_id, Notice.id == rule.notice_id)).one()


def rounds_of_rule(session: Session, rule: DeadlineRule) -> list[Round]:
    """The rounds a rule has opened, the newest first."""
    return list(session.scalars(select(Round).where(Round.rule_id == rule.id).order_by(Round.opened_at.desc(), Round.id.desc())))


def has_opened(session: Session, rule: DeadlineRule) -> bool:
    """Whether a rule has ever opened a round: its wording is then kept for ever."""
    return session.scalars(select(Round.id).where(Round.rule_id == rule.id).limit(1)).first() is not None


def rules_of_wording(session: Session, rule: DeadlineRule) -> list[DeadlineRule]:
    """The rules in force that the same sentence of the same document gave, the rule itself among them where it is in force."""
    same = (DeadlineRule.notice_id == rule.notice_id, DeadlineRule.wording == rule.wording, DeadlineRule.active)
    return list(session.scalars(select(DeadlineRule).where(*same).order_by(DeadlineRule.position)))
