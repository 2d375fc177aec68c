"""What the days to come will bring, if nothing changes until then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from tracker.deadlines import queries as deadlines
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel import scope
from tracker.kernel.clock import ONE_DAY
from tracker.reminders import queries
from tracker.reminders.news_rules import opens_week
from tracker.reminders.policy_rules import Policy
from tracker.reminders.rules import Contact, Directory, working_days
from tracker.units.models import Authority


@dataclass(frozen=True, slots=True)
class Ahead:
    """One day's messages: to whom, about how many tasks."""

    day: date
    recipients: tuple[str, ...]
    tasks: int


def look_ahead(session: Session, authority: Authority, day: date, until: date, policy: Policy | None = None) -> list[Ahead]:
    """The messages of the working days after ``day`` to ``until``, as a scheduler that misses none would send them.

    ``policy``: one that is tried and not in force. What will be news then nobody knows.
    """
    if not authority.reminders_on:
        return []
    calendar = deadlines.working_calendar(session)
    with scope.using(session, scope.one(authority.id)):
        policy = policy or queries.policy_of(queries.policy_row(session))
        tasks = queries.open_tasks(session, authority, day)
        wanted = queries.wanted(session) if policy.cooperators else []
        units = {row.unit_id for row in tasks} | {one.unit_id for one in wanted}
        directory = queries.directory(session, authority, units, day)
    owed = _cells((row.unit_id, row.standing.target_on) for row in tasks)
    asked = _cells((one.unit_id, calendar.on_or_before(one.due_on)) for one in wanted)
    found = []
    for coming in (one for one in working_days(calendar, day + ONE_DAY, until) if not policy.keeps_quiet(one)):
        rungs = {target: policy.climbs_on(calendar, target, coming) for _, target in {*owed, *asked}}
        own = [(unit, rung, n) for (unit, target), n in owed.items() if (rung := rungs[target]) is not None]
        others = [(unit, rung, n) for (unit, target), n in asked.items() if (rung := rungs[target]) is not None]
        contacts = [c for unit, rung, _ in (*own, *others) for c in policy.tells(rung, directory.told_for(unit).contacts)]
        contacts += _above(policy, directory, calendar, coming, [rung for _, rung, _ in own]) if tasks else []
        told = {c.mailbox: c.email or "" for c in contacts}
        if told:
            found.append(Ahead(coming, tuple(sorted(told.values())), sum(n for _, _, n in (*own, *others))))
    return found


def _cells(rows: Iterable[tuple[int, date | None]]) -> dict[tuple[int, date], int]:
    """(unit, target day) → how many."""
    counts: dict[tuple[int, date], int] = defaultdict(int)
    for unit_id, target in rows:
        if target is not None:
            counts[unit_id, target] += 1
    return counts


def _above(policy: Policy, directory: Directory, calendar: WorkingCalendar, day: date, rungs: list[int]) -> list[Contact]:
    """Whom the day's rungs climb to beside the units themselves, and the leaders on a week's first working day."""
    highest = max(rungs, default=None)
    watched = highest is not None and policy.focal_from is not None and highest >= policy.focal_from
    # Each task climbs to the leaders once: on the first rung at or past theirs.
    reached = policy.chair_from is not None and any(_climbs_to(policy, policy.chair_from, rung) for rung in rungs)
    found = list(directory.watchers()) if watched else []
    return found + (list(directory.leaders()) if reached or (policy.chair_weekly and opens_week(calendar, day)) else [])


def _climbs_to(policy: Policy, step: int, rung: int) -> bool:
    if rung < step:
        return False
    before = policy.rung_reached(rung - 1)
    return before is None or before < step
