"""Everything the leaders' page, its slides and its sheet of paper show, read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from tracker.dashboard import calendar_rules, decision_rules, queries, rules, trend_rules
from tracker.dashboard.calendar_rules import Ahead
from tracker.dashboard.decision_rules import Decision
from tracker.dashboard.reading import Reading
from tracker.dashboard.rules import Heat
from tracker.dashboard.trend_rules import Trend
from tracker.deadlines import queries as deadlines
from tracker.deadlines.models import Round
from tracker.kernel.clock import ONE_DAY, local_day
from tracker.reminders import queries as reminders
from tracker.reminders.chase_queries import last_chases
from tracker.tasks import extension_queries as extensions
from tracker.tasks import proposal_queries as proposals
from tracker.tasks import queries as tasks
from tracker.tasks.extension_rules import decides
from tracker.tasks.models import Task
from tracker.tasks.narrowing import is_one_of
from tracker.tasks.queries import Filters, RoundCount, Tally, TaskRow
from tracker.tasks.rules import SET_ASIDE, Progress, Timeliness
from tracker.tasks.waiting_queries import Door, waiting
from tracker.units.rules import Action, Role


@dataclass(frozen=True, slots=True)
class Board:
    """One look of a leader at an authority, of one round or of all that are open. Decisions are always of all."""

    whole: Tally
    late_units: int
    heat: Heat
    points_known: bool
    rounds: list[Round]
    #: The round of the address, where it names one, open or closed.
    chosen: Round | None
    decisions: list[Decision]
    ahead: list[Ahead]
    until: date
    off_days: list[date]
    trend: Trend | None

    @property
    def waiting(self) -> int:
        """How many lines wait for a word."""
        return sum(one.waits for one in self.decisions)


def board(read: Reading, round_slug: str | None, now: datetime) -> Board:
    """The state at ``now``. A round nobody knows has no tasks."""
    session = read.session
    filters = Filters(round_slug=round_slug)
    tallies = tasks.tallies(session, filters, read.horizon, by_unit=True, by_main=True)
    whole = rules.added(tallies)
    units = queries.unit_names(session, {t.unit_id for t in tallies if t.unit_id})
    mains = queries.main_names(session, {t.main_id for t in tallies if t.main_id})
    rounds = deadlines.rounds(session, open_only=True)
    counts = tasks.counts_by_round(session, Filters(), read.horizon)
    until = read.today + queries.AHEAD
    chosen = _chosen(session, rounds, round_slug)
    return Board(
        whole=whole,
        late_units=sum(1 for t in rules.by_unit(tallies).values() if t.overdue),
        heat=rules.heat(units, mains, tallies),
        points_known=whole.points_total is not None,
        rounds=rounds,
        chosen=chosen,
        decisions=_decisions(read, now),
        ahead=calendar_rules.ahead(
            tasks.deadlines_ahead(session, read.horizon, until),
            queries.next_dates(session, read.calendar, read.horizon, Filters(), whole=True, counts=counts),
        ),
        until=until,
        off_days=[day for n in range(queries.AHEAD.days + 1) if not read.calendar.is_working(day := read.today + n * ONE_DAY)],
        trend=_trend(session, chosen or (_largest(rounds, counts) if round_slug is None else None), read.today),
    )


def _decisions(read: Reading, now: datetime) -> list[Decision]:
    """What waits for the leaders; for who decides it here, requests and proposals as well."""
    session, viewer, authority = read.session, read.viewer, read.authority
    found = decision_rules.of_talk(waiting(session, viewer, Door.OVERVIEW, now), read.today)
    if decides({Role.CHAIR, *viewer.roles}, focal_extends=authority.focal_extends):
        found += decision_rules.of_extensions(extensions.pending(session))
    if viewer.may(Action.DECIDE_EVIDENCE):
        found += decision_rules.of_proposals(proposals.pending(session))
    return decision_rules.in_order(found + _escalations(read))


def _escalations(read: Reading) -> list[Decision]:
    filters = Filters(timeliness=Timeliness.OVERDUE, status=Progress.NOT_STARTED)
    rows = tasks.listed(read.session, filters, read.calendar, read.horizon)
    policy = reminders.policy_of(reminders.policy_row(read.session))
    step = policy.chair_from
    if step is None or not rows:
        return []

    def climbed(row: TaskRow) -> bool:
        target = row.standing.target_on
        rung = None if target is None else policy.rung_reached(read.calendar.between(target, read.today))
        return rung is not None and rung >= step

    chased = last_chases(read.session, read.authority, {row.unit_id for row in rows})
    reached = frozenset(row.id for row in rows if climbed(row))
    return decision_rules.of_escalations(rows, reached, {unit_id: last.times for unit_id, last in chased.items()})


def _chosen(session: Session, rounds: Sequence[Round], slug: str | None) -> Round | None:
    """The round an address names; a closed one is looked up."""
    found = next((one for one in rounds if one.slug == slug), None)
    if found is None and slug is not None:
        found = session.scalars(select(Round).where(Round.slug == slug)).one_or_none()
    return found


def _largest(rounds: Sequence[Round], counts: Mapping[int, RoundCount]) -> Round | None:
    """The round a page speaks of where nobody chose."""
    wanted = trend_rules.current_round((one.id, one.last_on, counts[one.id].total) for one in rounds if one.id in counts)
    return next((one for one in rounds if one.id == wanted), None)


def _trend(session: Session, one: Round | None, today: date) -> Trend | None:
    """A round beside its former one; None where it has no day or no tasks."""
    if one is None or one.last_on is None:
        return None
    two = select(Round.id).where(Round.rule_id == one.rule_id, Round.last_on <= one.last_on).order_by(Round.last_on.desc(), Round.id.desc()).limit(2)
    of_round = (Round.id, Round.name, Round.slug, Round.opened_at, Round.last_on)
    query = (
        select(*of_round, Task.submitted_on, func.count(Task.id).label("tasks"))
        .join(Task, and_(Task.authority_id == Round.authority_id, Task.round_id == Round.id))
        .where(Round.id.in_(two), ~is_one_of(SET_ASIDE))
        .group_by(*of_round, Task.submitted_on)
        .order_by(Round.last_on.desc(), Round.id.desc(), Task.submitted_on)
    )
    rows = session.execute(query).all()
    known = {row.id: (row.id, row.name, row.slug, local_day(row.opened_at), row.last_on) for row in rows}
    counted = trend_rules.counted_of(list(known.values()), [(row.id, row.submitted_on, row.tasks) for row in rows])
    now = next((each for each in counted if each.id == one.id), None)
    if now is None:
        return None
    return trend_rules.trend_of(now, next((each for each in counted if each.id != one.id), None), today)
