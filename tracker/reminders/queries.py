"""Policies, who is told, and what the lists of messages show. What planning reads besides: plan_queries.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from tracker.deadlines import queries as deadlines
from tracker.deadlines.models import Round
from tracker.evidence.contribution_models import Contribution
from tracker.evidence.contribution_rules import ContributionState
from tracker.indicators.models import Indicator
from tracker.kernel.database import second
from tracker.mail.models import MailAttempt, OutboxMessage
from tracker.mail.rules import FINISHED, MessageState, Outcome
from tracker.reminders.digest_rules import Wanted
from tracker.reminders.directory_queries import directories
from tracker.reminders.models import Reminder, ReminderPolicy, SummaryRefused
from tracker.reminders.policy_rules import USUAL, Policy, Quiet
from tracker.reminders.rules import KIND_WORDS, Directory
from tracker.tasks import queries as tasks
from tracker.tasks.models import Task
from tracker.tasks.queries import Filters, TaskRow
from tracker.tasks.rules import OPEN, Horizon
from tracker.units.models import Authority, Unit

KINDS = sorted(KIND_WORDS)


def open_tasks(
    session: Session, authority: Authority, day: date, *, unit_id: int | None = None, task_ids: Collection[int] | None = None
) -> list[TaskRow]:
    """Open tasks of open rounds with their standing on ``day``."""
    calendar = deadlines.working_calendar(session)
    filters = Filters(
        open_only=True,
        unit_ids=None if unit_id is None else frozenset({unit_id}),
        task_ids=None if task_ids is None else frozenset(task_ids),
    )
    return tasks.listed(session, filters, calendar, Horizon.of(calendar, day, authority))


def policy_row(session: Session) -> ReminderPolicy | None:
    """The policy the authority in scope chose; None where it has the usual one."""
    return session.scalars(select(ReminderPolicy).order_by(ReminderPolicy.id)).one_or_none()


def policies(session: Session, authority_ids: Iterable[int]) -> dict[int, Policy]:
    """The policy of each of these authorities, all of them in scope."""
    rows = {row.authority_id: row for row in session.scalars(select(ReminderPolicy).order_by(ReminderPolicy.id))}
    return {id_: policy_of(rows.get(id_)) for id_ in authority_ids}


#: What a policy and its row call the same.
_AS_IS = (
    "afterwards", "heads_from", "cooperators", "news", "focal_from", "chair_from", "chair_weekly", "zalo_from", "letter_from",
    "opens_at", "closes_at",
)  # fmt: skip


def policy_of(row: ReminderPolicy | None) -> Policy:
    """The policy of a row, the usual one without."""
    if row is None:
        return USUAL
    quiet = tuple(Quiet(date.fromisoformat(first), date.fromisoformat(last)) for first, last in row.quiet)
    return Policy(rungs=tuple(row.rungs), quiet=quiet, **{name: getattr(row, name) for name in _AS_IS})


def columns_of(policy: Policy) -> dict[str, Any]:
    """What a row holds of a policy."""
    quiet = [[one.first.isoformat(), one.last.isoformat()] for one in policy.quiet]
    return {"rungs": list(policy.rungs), "quiet": quiet} | {name: getattr(policy, name) for name in _AS_IS}


_LeadUnit = second(Unit, "lead")


def wanted(session: Session, contribution_ids: Collection[int] | None = None) -> list[Wanted]:
    """What leads asked other units for and still wait for, in open tasks of open rounds; the nearest day first."""
    query = (
        select(
            Contribution.id,
            Contribution.task_id,
            Indicator.code,
            func.coalesce(Indicator.name, Task.title),
            _LeadUnit.name,
            Contribution.unit_id,
            Unit.name,
            Contribution.wanted,
            Contribution.due_on,
            Contribution.authority_id,
        )
        .join(Task, and_(Task.authority_id == Contribution.authority_id, Task.id == Contribution.task_id))
        .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
        .join(Unit, and_(Unit.authority_id == Contribution.authority_id, Unit.id == Contribution.unit_id))
        .join(_LeadUnit, and_(_LeadUnit.authority_id == Task.authority_id, _LeadUnit.id == Task.unit_id))
        .outerjoin(Indicator, Indicator.id == Task.indicator_id)
        .where(Contribution.state == ContributionState.ASKED, Task.status.in_(sorted(OPEN)), Round.closed_at.is_(None))
        .order_by(Contribution.due_on, Contribution.id)
    )
    if contribution_ids is not None:
        query = query.where(Contribution.id.in_(contribution_ids))
    return [Wanted(*tuple(row)) for row in session.execute(query)]


def directory(session: Session, authority: Authority, unit_ids: Iterable[int], day: date, *, persons: Collection[int] = ()) -> Directory:
    """Who is told for these units on that day, memberships in force and accounts active; ``persons``: accounts turned to themselves."""
    return directories(session, [authority], unit_ids, day, persons=persons)[authority.id]


def refused_summaries(session: Session) -> set[int]:
    """Accounts that want no summaries of the authority in scope."""
    return set(session.scalars(select(SummaryRefused.account_id).order_by(SummaryRefused.id)))


def refused_summaries_of(session: Session) -> dict[int, set[int]]:
    """Authority → accounts that want no summaries of it, of every authority in scope."""
    found: dict[int, set[int]] = defaultdict(set)
    for authority_id, account_id in session.execute(select(SummaryRefused.authority_id, SummaryRefused.account_id).order_by(SummaryRefused.id)):
        found[authority_id].add(account_id)
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """One reminder of a task, for its history."""

    planned_on: date
    recipient: str
    rung: int
    state: MessageState
    finished_at: datetime | None


def said_about(session: Session, task_id: int, limit: int = 50) -> list[Said]:
    """What has been said about one task, newest first."""
    rows = session.execute(
        select(Reminder.planned_on, OutboxMessage.to_address, Reminder.rung, OutboxMessage.state, OutboxMessage.finished_at)
        .join(OutboxMessage, OutboxMessage.id == Reminder.outbox_message_id)
        .where(Reminder.task_id == task_id)
        .order_by(Reminder.planned_on.desc(), Reminder.id.desc())
        .limit(limit)
    )
    return [Said(*row) for row in rows]


def messages(
    session: Session, authority_id: int, since: date, until: date, *, states: Collection[MessageState] | None = None, limit: int = 500
) -> list[OutboxMessage]:
    """Reminder messages of an authority planned in these days, newest first."""
    query = select(OutboxMessage).where(
        OutboxMessage.authority_id == authority_id, OutboxMessage.kind.in_(KINDS), OutboxMessage.planned_on.between(since, until)
    )
    if states is not None:
        query = query.where(OutboxMessage.state.in_(sorted(states)))
    return list(session.scalars(query.order_by(OutboxMessage.planned_on.desc(), OutboxMessage.id.desc()).limit(limit)))


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """planned = sent + failed + cancelled + expired + waiting. A message that says *sent* counts only where a server took it."""

    planned: int
    sent: int
    failed: int
    cancelled: int
    expired: int
    waiting: int
    #: Tries whose outcome nobody knows: at most so many doubles.
    unknown: int

    @property
    def difference(self) -> int:
        return self.planned - self.sent - self.failed - self.cancelled - self.expired - self.waiting


def reconciliation(session: Session, day: date, authority_id: int | None = None) -> Reconciliation:
    """What became of the reminder messages planned on a day."""
    of_day = and_(OutboxMessage.planned_on == day, OutboxMessage.kind.in_(KINDS))
    if authority_id is not None:
        of_day = and_(of_day, OutboxMessage.authority_id == authority_id)
    taken = select(MailAttempt.id).where(MailAttempt.outbox_message_id == OutboxMessage.id, MailAttempt.outcome == Outcome.OK).exists()
    counted = select(OutboxMessage.state, func.count()).where(of_day).group_by(OutboxMessage.state).order_by(OutboxMessage.state)
    states = dict(session.execute(counted).all())
    unknown = select(func.count()).select_from(MailAttempt).join(OutboxMessage, OutboxMessage.id == MailAttempt.outbox_message_id)
    return Reconciliation(
        planned=sum(states.values()),
        sent=session.scalar(select(func.count()).select_from(OutboxMessage).where(of_day, OutboxMessage.state == MessageState.SENT, taken)) or 0,
        failed=states.get(MessageState.FAILED, 0),
        cancelled=states.get(MessageState.CANCELLED, 0),
        expired=states.get(MessageState.EXPIRED, 0),
        waiting=sum(n for state, n in states.items() if state not in FINISHED),
        unknown=session.scalar(unknown.where(of_day, MailAttempt.outcome == Outcome.UNKNOWN)) or 0,
    )
