"""Reads of feeds, and of the events in them: as many statements for five thousand tasks as for five."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.api.event_rules import Counts, Duty, Event, Office, Term, authority_events, unit_events
from tracker.api.models import CalendarFeed
from tracker.deadlines import queries as deadlines
from tracker.deadlines.models import DeadlineRule, Round
from tracker.deadlines.rules import months_later, periods_of_year
from tracker.indicators.models import Indicator, IndicatorSet
from tracker.kernel.clock import local_day
from tracker.tasks.models import Task
from tracker.tasks.narrowing import IS_OPEN, is_one_of
from tracker.tasks.rules import SET_ASIDE
from tracker.units import queries as units
from tracker.units.models import Authority, Unit
from tracker.units.rules import Role, Viewer

#: What ended longer ago is left out of a feed.
_KEPT = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed as lists show it: what it speaks of and whose it is."""

    feed: CalendarFeed
    unit_name: str | None
    person: str


def feeds(session: Session, account_id: int | None = None) -> list[FeedRow]:
    """The feeds of the authority in scope, or one person's: the live ones first, the newest first."""
    query = (
        select(CalendarFeed, Unit.name, Account.display_name)
        .join(Account, Account.id == CalendarFeed.account_id)
        .outerjoin(Unit, and_(Unit.authority_id == CalendarFeed.authority_id, Unit.id == CalendarFeed.unit_id))
        .order_by(CalendarFeed.revoked_at.is_not(None), CalendarFeed.created_at.desc(), CalendarFeed.id.desc())
    )
    if account_id is not None:
        query = query.where(CalendarFeed.account_id == account_id)
    return [FeedRow(*row) for row in session.execute(query)]


def live_feeds(session: Session, account_id: int) -> int:
    """How many live feeds a person has in the authority in scope."""
    query = select(func.count(CalendarFeed.id)).where(CalendarFeed.account_id == account_id, CalendarFeed.revoked_at.is_(None))
    return int(session.scalar(query) or 0)


def own_units(session: Session, viewer: Viewer) -> frozenset[int]:
    """The units whose work is the person's: those they serve in, and the focal unit for the focal point."""
    focal = units.focal_unit(session) if Role.FOCAL in viewer.roles else None
    return viewer.unit_ids | ({focal.id} if focal is not None else frozenset())


def office_of(session: Session, authority: Authority) -> Office:
    """The authority in scope with its calendar as it stands in the database. Its version counts changes of how it reads deadlines."""
    counted = deadlines.counted_calendar(session)
    return Office(authority.slug, authority.name, counted.calendar, counted.changes + authority.version, counted.changed_at)


def events_of_units(session: Session, office: Office, unit_ids: Collection[int], today: date) -> list[Event]:
    """The deadlines of some units' tasks, and nothing of anybody else's."""
    since = today - _KEPT
    duties = _duties(session, unit_ids, since)
    terms = _terms(session, {round_id for round_id, _unit_id in duties})
    known = units.units_by_id(session, unit_ids)
    found: list[Event] = []
    for (round_id, unit_id), own in duties.items():
        term, unit = terms[round_id], known[unit_id]
        own_day = term.dates.last_on is not None and term.dates.last_on >= since
        found += unit_events(office, term, unit.slug, unit.name, own, named=len(known) > 1, own_day=own_day)
    return found


def _duties(session: Session, unit_ids: Collection[int], since: date) -> dict[tuple[int, int], list[Duty]]:
    """(round, unit) → its tasks in the order of the document; of rounds with a deadline not too long past."""
    days = (Task.extended_to_on, Task.mend_by_on, Task.paused_until_on)
    columns = (Task.round_id, Task.unit_id, Task.id, Task.title, Task.status, *days, Task.version)
    query = (
        select(*columns, Indicator.code, Indicator.name, IndicatorSet.slug)
        .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
        .outerjoin(Indicator, Indicator.id == Task.indicator_id)
        .outerjoin(IndicatorSet, IndicatorSet.id == Indicator.set_id)
        .where(
            Task.unit_id.in_(sorted(unit_ids)),
            Round.last_on.is_not(None),
            or_(Round.last_on >= since, Task.extended_to_on >= since, Task.mend_by_on >= since, Task.paused_until_on >= since),
        )
        .order_by(Task.round_id, Task.unit_id, Indicator.set_id, Indicator.position, Task.id)
    )
    found: dict[tuple[int, int], list[Duty]] = defaultdict(list)
    for row in session.execute(query):
        # A pause gives a day of its own, as the days to mend do: the later of the two counts.
        own_on = max((day for day in (row.mend_by_on, row.paused_until_on) if day is not None), default=None)
        key = f"{row.slug}/{row.code}" if row.code else f"title/{row.title}"
        found[row.round_id, row.unit_id].append(
            Duty(row.id, key, row.code, row.name or row.title, row.status, row.extended_to_on, own_on, row.version)
        )
    return found


def _terms(session: Session, round_ids: Collection[int]) -> dict[int, Term]:
    query = _rounds().where(Round.id.in_(sorted(round_ids)))
    return {one.id: _term(one, version) for one, version in session.execute(query)}


def _rounds() -> Any:
    rule = and_(DeadlineRule.authority_id == Round.authority_id, DeadlineRule.id == Round.rule_id)
    return select(Round, DeadlineRule.version).join(DeadlineRule, rule).where(Round.last_on.is_not(None)).order_by(Round.last_on, Round.id)


def _term(one: Round, rule_version: int) -> Term:
    dates = deadlines.dates_of(one)
    return Term(
        slug=one.slug,
        name=one.name,
        terms=deadlines.terms_of_round(one),
        # A round opened on request may have no day before rolling.
        dates=replace(dates, nominal_on=dates.nominal_on or dates.last_on),
        started_on=one.started_on,
        closed_on=local_day(one.closed_at) if one.closed_at else None,
        changes=rule_version + one.version,
        stamp=one.closed_at or one.opened_at,
    )


def events_of_authority(session: Session, office: Office, today: date, stamp: datetime) -> list[Event]:
    """Every round's days, and those of the periods to come in twelve months. ``stamp``: what stands for the instant these were made known."""
    counts = _counts(session)
    found: list[Event] = []
    for one, rule_version in session.execute(_rounds().where(Round.last_on >= today - _KEPT)):
        found += authority_events(office, _term(one, rule_version), counts.get(one.id))
    for term in _to_come(session, office, today, stamp):
        found += authority_events(office, term, None)
    return found


def _counts(session: Session) -> Mapping[int, Counts]:
    """round id → how many of its tasks there are and how they stand."""
    aside = is_one_of(SET_ASIDE)
    query = (
        select(
            Task.round_id,
            func.count().filter(~aside),
            func.count().filter(IS_OPEN),
            func.count().filter(Task.extended_to_on.is_not(None), ~aside),
            func.count().filter(aside),
        )
        .group_by(Task.round_id)
        .order_by(Task.round_id)
    )
    return {row[0]: Counts(*row[1:]) for row in session.execute(query)}


def _to_come(session: Session, office: Office, today: date, stamp: datetime) -> list[Term]:
    """Periods of the rules in force whose round is not opened; under the name and the slug it will have."""
    until = months_later(today, 12)
    rules = deadlines.rules(session)
    opened = deadlines.round_periods(session, [rule.id for rule in rules])
    found: list[Term] = []
    for rule in rules:
        terms = deadlines.terms_of(session, rule)
        for year in range(today.year - 1, until.year + 2):
            for period in periods_of_year(terms, office.calendar, year):
                last = period.dates.last_on
                if last is not None and today <= last <= until and (rule.id, period.key) not in opened:
                    found.append(Term(period.slug, period.name, terms, period.dates, None, None, rule.version, stamp, opened=False))
    return found
