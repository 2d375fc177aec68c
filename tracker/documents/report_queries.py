"""What a periodic report is written from: the tallies of the overview page, and what was said and asked until the day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from tracker.deadlines import queries as deadlines
from tracker.deadlines.models import Round
from tracker.documents.letter_models import OfficialLetter
from tracker.documents.letter_queries import basis_of, issuer_of
from tracker.documents.letter_register_rules import LetterState
from tracker.documents.report_rules import Asked, Direction, Figures, Overdue, Report, UnitResult
from tracker.indicators.models import Indicator
from tracker.kernel import clock
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import MessageState
from tracker.reminders.chase_models import ChaseEntry, ChaseEntryTask
from tracker.reminders.chase_rules import ChaseKind
from tracker.reminders.models import Reminder
from tracker.tasks import extension_queries as extensions
from tracker.tasks import queries as tasks
from tracker.tasks.models import Task
from tracker.tasks.narrowing import IS_OPEN
from tracker.tasks.queries import Filters, Tally
from tracker.tasks.rules import Horizon, Timeliness
from tracker.tasks.talk_models import Directive, Obstacle
from tracker.tasks.talk_rules import ObstacleState
from tracker.units import queries as units
from tracker.units.models import Authority, Unit

_CONTACTS = (ChaseKind.ZALO, ChaseKind.CALL)


def report_of(session: Session, authority: Authority, day: date, one: Round | None = None) -> Report:
    """The state on ``day`` of one round, or of all open rounds. Needs a scope of the authority."""
    calendar = deadlines.working_calendar(session)
    horizon = Horizon.of(calendar, day, authority)
    filters = Filters(round_slug=one.slug if one else None)
    whole = tasks.tallies(session, filters, horizon)[0]
    by_unit = tasks.tallies(session, filters, horizon, by_unit=True)
    named = units.units_by_id(session, {tally.unit_id for tally in by_unit if tally.unit_id})
    figures = {tally.unit_id: _figures(tally) for tally in by_unit}
    late = tasks.listed(session, Filters(round_slug=filters.round_slug, timeliness=Timeliness.OVERDUE), calendar, horizon)
    return Report(
        issuer=issuer_of(session, authority),
        day=day,
        round_slug=one.slug if one else None,
        round_name=one.name if one else "các đợt đang mở",
        basis=basis_of(session, one.id) if one else None,
        direction=_direction(session, day, one),
        whole=_figures(whole),
        # In the order of the document.
        units=tuple(UnitResult(unit.name, figures[unit.id]) for unit in named.values()),
        points_total=whole.points_total,
        points_at_risk=whole.points_at_risk,
        overdue=tuple(
            Overdue(row.code, row.name, row.unit_name, row.standing.due_on, row.standing.days_late) for row in late if row.standing.due_on is not None
        ),
        asked=(*_obstacles(session, day, one), *_requests(session, day, one)),
    )


def _figures(tally: Tally) -> Figures:
    return Figures(
        total=tally.total,
        on_time=tally.done - tally.done_late,
        late=tally.done_late,
        under_way=tally.due_today + tally.due_soon + tally.not_due,
        overdue=tally.overdue,
        uncounted=tally.no_deadline,
    )


def _midnight(day: date) -> datetime:
    """The end of a Vietnamese day."""
    return clock.noon(day) + timedelta(hours=12)


def _of_rounds(one: Round | None) -> ColumnElement[bool]:
    """Tasks of the round, or of every round that is open."""
    return Task.round_id == one.id if one else Task.round_id.in_(select(Round.id).where(Round.closed_at.is_(None)))


def _direction(session: Session, day: date, one: Round | None) -> Direction:
    until = _midnight(day)
    rounds = OfficialLetter.round_id == one.id if one else OfficialLetter.round_id.in_(select(Round.id).where(Round.closed_at.is_(None)))
    letters = select(func.count(OfficialLetter.id)).where(OfficialLetter.state == LetterState.SENT, OfficialLetter.issued_on <= day, rounds)
    reminders = (
        select(func.count(OutboxMessage.id.distinct()))
        .join(Reminder, Reminder.outbox_message_id == OutboxMessage.id)
        .join(Task, and_(Task.authority_id == Reminder.authority_id, Task.id == Reminder.task_id))
        .where(OutboxMessage.state == MessageState.SENT, Reminder.planned_on <= day, _of_rounds(one))
    )
    directives = (
        select(func.count(Directive.id))
        .join(Task, and_(Task.authority_id == Directive.authority_id, Task.id == Directive.task_id))
        .where(Directive.given_at < until, _of_rounds(one))
    )
    contacts = (
        select(func.count(ChaseEntry.id.distinct()))
        .join(ChaseEntryTask, and_(ChaseEntryTask.authority_id == ChaseEntry.authority_id, ChaseEntryTask.entry_id == ChaseEntry.id))
        .join(Task, and_(Task.authority_id == ChaseEntryTask.authority_id, Task.id == ChaseEntryTask.task_id))
        .where(ChaseEntry.kind.in_(_CONTACTS), ChaseEntry.struck_at.is_(None), ChaseEntry.on_day <= day, _of_rounds(one))
    )
    return Direction(*(int(session.scalar(query) or 0) for query in (letters, reminders, directives, contacts)))


def _beside(model: Any, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(model)
        .join(Task, and_(Task.authority_id == model.authority_id, Task.id == model.task_id))
        .join(Unit, and_(Unit.authority_id == Task.authority_id, Unit.id == Task.unit_id))
        .outerjoin(Indicator, Indicator.id == Task.indicator_id)
    )


def _obstacles(session: Session, day: date, one: Round | None) -> list[Asked]:
    """Obstacles of open tasks that were reported until the day and still wait."""
    query = _beside(Obstacle, Unit.name, func.coalesce(Indicator.code, Task.title), Obstacle.words).where(
        Obstacle.state == ObstacleState.OPEN, Obstacle.reported_at < _midnight(day), IS_OPEN, _of_rounds(one)
    )
    rows = session.execute(query.order_by(Unit.position, Unit.id, Indicator.position, Task.id, Obstacle.id))
    return [Asked(unit, label, words) for unit, label, words in rows]


def _requests(session: Session, day: date, one: Round | None) -> list[Asked]:
    """Requests for more time that truly wait."""
    until = _midnight(day)
    found = [row for row in extensions.pending(session) if row.overtaken is None and row.asked_at < until]
    wanted = {row.task_id for row in found}
    kept = set(session.scalars(select(Task.id).where(Task.id.in_(sorted(wanted)), _of_rounds(one)).order_by(Task.id)))
    return [Asked(row.unit_name, row.label, row.reason, row.wished_on) for row in found if row.task_id in kept]
