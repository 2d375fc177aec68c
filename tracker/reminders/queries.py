"""Policies, who is told, and what the lists of messages show. What planning reads besides: plan_queries.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from tracker.accounts.models import Account
from tracker.deadlines import queries as deadlines
from tracker.deadlines.models import Round
from tracker.evidence.contribution_models import Contribution
from tracker.evidence.contribution_rules import ContributionState
from tracker.indicators.models import Indicator
from tracker.mail.models import MailAttempt, OutboxMessage
from tracker.mail.rules import FINISHED, MessageState, Outcome
from tracker.reminders.digest_rules import Wanted
from tracker.reminders.models import Reminder, ReminderPolicy, SummaryRefused
from tracker.reminders.policy_rules import USUAL, Policy, Quiet
from tracker.reminders.rules import KIND_WORDS, Contact, Directory
from tracker.tasks import queries as tasks
from tracker.tasks.models import Task
from tracker.tasks.queries import Filters, TaskRow
from tracker.tasks.rules import OPEN, Horizon
from tracker.units import queries as units
from tracker.units.deputy_queries import deputies_by_unit
from tracker.units.models import Authority, GroupMember, Membership, Unit
from tracker.units.rules import Role, UnitKind

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


_LeadUnit = aliased(Unit, name="lead")


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


def directories(
    session: Session, authorities: Iterable[Authority], unit_ids: Iterable[int], day: date, *, persons: Collection[int] = ()
) -> dict[int, Directory]:
    """The same of several authorities, all of them in scope, each with its own among the units. Reads as often as for one."""
    offices = {one.id: one for one in authorities}
    wanted = set(unit_ids)
    # Hundreds of ids in a statement cost more than the few units of an authority that have no tasks.
    read = wanted if len(offices) == 1 else None
    people = units.people_by_unit(session, read, day)
    deputies = deputies_by_unit(session, read, day)
    rows: dict[int, list[Unit]] = {id_: [] for id_ in offices}
    for unit in units.units_by_id(session, read).values():
        if unit.id in wanted:
            rows[unit.authority_id].append(unit)
    groups = [unit.id for found in rows.values() for unit in found if unit.kind is UnitKind.GROUP]
    members = _groups_with_members(session, groups, day)
    bearers = units.people_by_role(session, (Role.FOCAL, Role.CHAIR), day)
    without = units.focal_units(session, [id_ for id_ in offices if not bearers.get((id_, Role.FOCAL))])
    turned_to = _persons(session, persons, day) if persons else {}
    return {
        id_: Directory(
            people={unit.id: _contacts(people[unit.id], deputies[unit.id]) for unit in rows[id_]},
            mailboxes={unit.id: Contact(unit.name, unit.email) for unit in rows[id_] if unit.email},
            focal=[Contact(a.display_name, a.email, a.id) for a in bearers.get((id_, Role.FOCAL), ())] or _mailbox(without.get(id_)),
            empty_groups=frozenset(unit.id for unit in rows[id_] if unit.kind is UnitKind.GROUP) - members,
            chairs=[Contact(a.display_name, a.email, a.id) for a in bearers.get((id_, Role.CHAIR), ())],
            persons=turned_to.get(id_, {}),
            focal_extends=office.focal_extends,
        )
        for id_, office in offices.items()
    }


def _contacts(people: Sequence[tuple[Account, Role]], deputies: Sequence[tuple[Account, Account]]) -> list[Contact]:
    """A unit's own, then deputies: who is told already as one's own is not told twice."""
    only_heads = {a.id for a, _ in people} - {a.id for a, role in people if role is not Role.HEAD}
    own = [Contact(a.display_name, a.email, a.id, head=a.id in only_heads) for a, _ in people]
    return own + [Contact(d.display_name, d.email, d.id, p.display_name, head=p.id in only_heads) for d, p in deputies]


def _persons(session: Session, account_ids: Collection[int], day: date) -> dict[int, dict[int, Contact]]:
    """Authority in scope → those of them who still belong to it, by account."""
    found: dict[int, dict[int, Contact]] = defaultdict(dict)
    query = (
        select(Membership.authority_id, Account)
        .join(Account, Account.id == Membership.account_id)
        .where(Account.id.in_(account_ids), Account.active, units.holds(Membership.valid_from, Membership.valid_to, day))
        .order_by(Membership.authority_id, Account.id)
    )
    for authority_id, account in session.execute(query):
        found[authority_id][account.id] = Contact(account.display_name, account.email, account.id)
    return found


def _mailbox(unit: Unit | None) -> list[Contact]:
    return [Contact(unit.name, unit.email)] if unit is not None and unit.email else []


def _groups_with_members(session: Session, group_ids: Collection[int], day: date) -> set[int]:
    if not group_ids:
        return set()
    in_force = units.holds(GroupMember.valid_from, GroupMember.valid_to, day)
    found = select(GroupMember.group_id).where(GroupMember.group_id.in_(group_ids), in_force).distinct().order_by(GroupMember.group_id)
    return set(session.scalars(found))


def refused_summaries(session: Session) -> set[int]:
    """Accounts that want no summaries of the authority in scope."""
    return set(session.scalars(select(SummaryRefused.account_id).order_by(SummaryRefused.id)))


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
