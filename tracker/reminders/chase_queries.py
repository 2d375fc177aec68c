"""Reads of the log of chasing: one time line of mails, messages, calls, letters and links; and which units are to be told by Zalo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, String, and_, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from tracker.deadlines import queries as deadlines
from tracker.evidence import queries as evidence
from tracker.indicators.models import Indicator
from tracker.kernel.words import phrase
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import STATE_WORDS
from tracker.reminders import queries
from tracker.reminders.chase_models import ChaseEntry, ChaseEntryTask
from tracker.reminders.chase_rules import BY_HAND, KIND_WORDS, MAIL_WORDS, ChaseKind, Entry, LastChase, Owed, in_order
from tracker.reminders.models import Reminder
from tracker.reminders.rules import MANUAL
from tracker.tasks.models import Task
from tracker.tasks.queries import TaskRow
from tracker.units.models import Authority, Unit

#: Of one unit's log a page and a sheet hold so much, the newest first.
SHOWN = 500


def owed_of(row: TaskRow) -> Owed:
    """An open task as a message names it."""
    return Owed(row.id, row.code, row.name, row.standing.due_on, row.standing.days_late, row.points)


def log_of_unit(session: Session, authority: Authority, unit_id: int, since: date, until: date, *, addresses: bool) -> list[Entry]:
    """Everything said to a unit about its tasks in these days, newest first. ``addresses``: whether the reader may see whose mailbox it was."""
    return _log(session, authority, unit_id, since, until, addresses)


def log_of_all(session: Session, authority: Authority, since: date, until: date, *, addresses: bool) -> list[Entry]:
    """The same of every unit, each entry with the units it told: who was told what, and when."""
    return _log(session, authority, None, since, until, addresses)


def _log(session: Session, authority: Authority, unit_id: int | None, since: date, until: date, addresses: bool) -> list[Entry]:
    found = _by_hand(session, unit_id, since, until)
    found += _by_mail(session, unit_id, since, until, addresses)
    found += _reminded(session, authority, unit_id, since, until, addresses)
    return sorted(found, key=lambda one: one.at, reverse=True)[:SHOWN]


def _by_hand(session: Session, unit_id: int | None, since: date, until: date) -> list[Entry]:
    noted = (
        select(ChaseEntry, Unit.name)
        .join(Unit, and_(Unit.authority_id == ChaseEntry.authority_id, Unit.id == ChaseEntry.unit_id))
        .where(ChaseEntry.on_day.between(since, until))
    )
    if unit_id is not None:
        noted = noted.where(ChaseEntry.unit_id == unit_id)
    entries = session.execute(noted.order_by(ChaseEntry.at.desc(), ChaseEntry.id.desc()).limit(SHOWN)).all()
    labels: dict[int, list[str]] = defaultdict(list)
    if entries:
        rows = session.execute(
            select(ChaseEntryTask.entry_id, func.coalesce(Indicator.code, Task.title))
            .join(Task, and_(Task.authority_id == ChaseEntryTask.authority_id, Task.id == ChaseEntryTask.task_id))
            .outerjoin(Indicator, Indicator.id == Task.indicator_id)
            .where(ChaseEntryTask.entry_id.in_([one.id for one, _unit in entries]))
            .order_by(ChaseEntryTask.entry_id, Indicator.position, ChaseEntryTask.task_id)
        )
        for entry_id, label in rows:
            labels[entry_id].append(label)
    return [_noted(one, unit, tuple(labels[one.id])) for one, unit in entries]


def _noted(one: ChaseEntry, unit: str, tasks: tuple[str, ...]) -> Entry:
    mendable = one.struck_at is None and one.kind in BY_HAND
    return Entry(one.at, KIND_WORDS[one.kind], one.by, one.words, tasks, one.id if mendable else None, one.struck_why, (unit,))


def noted_about(session: Session, task_id: int, limit: int = 50) -> list[Entry]:
    """Messages, calls, letters and sheets about one task, newest first; what was struck out is left out."""
    query = (
        select(ChaseEntry)
        .join(ChaseEntryTask, and_(ChaseEntryTask.authority_id == ChaseEntry.authority_id, ChaseEntryTask.entry_id == ChaseEntry.id))
        .where(ChaseEntryTask.task_id == task_id, ChaseEntry.struck_at.is_(None))
        .order_by(ChaseEntry.at.desc(), ChaseEntry.id.desc())
    )
    return [Entry(one.at, KIND_WORDS[one.kind], one.by, one.words, ()) for one in session.scalars(query.limit(limit))]


def _by_mail(session: Session, unit_id: int | None, since: date, until: date, addresses: bool) -> list[Entry]:
    """Digests of the schedule that named tasks of the unit."""
    query = (
        select(OutboxMessage, func.coalesce(Indicator.code, Task.title), Unit.name)
        .join(Reminder, Reminder.outbox_message_id == OutboxMessage.id)
        .join(Task, and_(Task.authority_id == Reminder.authority_id, Task.id == Reminder.task_id))
        .join(Unit, and_(Unit.authority_id == Task.authority_id, Unit.id == Task.unit_id))
        .outerjoin(Indicator, Indicator.id == Task.indicator_id)
        .where(Reminder.planned_on.between(since, until))
    )
    if unit_id is not None:
        query = query.where(Task.unit_id == unit_id)
    rows = session.execute(query.order_by(OutboxMessage.id.desc(), Indicator.position, Task.id).limit(SHOWN * 4))
    labels: dict[int, list[str]] = defaultdict(list)
    units: dict[int, list[str]] = defaultdict(list)
    messages: dict[int, OutboxMessage] = {}
    for message, label, unit in rows:
        messages[message.id] = message
        labels[message.id].append(label)
        units[message.id].append(unit)
    return [_mailed(message, _each(labels[number]), addresses, _each(units[number])) for number, message in messages.items()]


def _each(words: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _reminded(session: Session, authority: Authority, unit_id: int | None, since: date, until: date, addresses: bool) -> list[Entry]:
    """Reminders sent by hand, which leave no rung."""
    query = select(OutboxMessage).where(
        OutboxMessage.authority_id == authority.id, OutboxMessage.kind == MANUAL, OutboxMessage.planned_on.between(since, until)
    )
    messages = session.scalars(query.order_by(OutboxMessage.id.desc()).limit(SHOWN)).all()
    told = {number for message in messages if isinstance(number := message.payload.get("unit"), int)}
    names: dict[int, str] = dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(told)).order_by(Unit.id)).all()) if told else {}
    shown = ((message, message.payload.get("unit")) for message in messages)
    return [_mailed(message, (), addresses, (names[unit],) if unit in names else ()) for message, unit in shown if unit_id in (None, unit)]


def _mailed(message: OutboxMessage, tasks: tuple[str, ...], addresses: bool, units: tuple[str, ...]) -> Entry:
    to = phrase(" tới %(to_name)s <%(to_address)s>", to_name=message.to_name, to_address=message.to_address) if addresses else ""
    reason = f" ({message.reason})" if message.reason else ""
    by = phrase("Đầu mối") if message.kind == MANUAL else phrase("Theo lịch")
    return Entry(message.finished_at or message.created_at, MAIL_WORDS, by, STATE_WORDS[message.state] + to + reason, tasks, units=units)


@dataclass(frozen=True, slots=True)
class Chaseable:
    """A unit that owes something. ``now``: the policy says to tell it by Zalo and nobody has since; ``last``: when it was last told so."""

    unit_id: int
    slug: str
    name: str
    owed: tuple[Owed, ...]
    now: bool
    last: date | None

    @property
    def late(self) -> int:
        return sum(1 for one in self.owed if one.days_late)


def chaseable(session: Session, authority: Authority, day: date, unit_id: int | None = None) -> list[Chaseable]:
    """Units with open tasks: those to be told by Zalo now first, then those with most late tasks, then by name."""
    tasks = queries.open_tasks(session, authority, day, unit_id=unit_id)
    policy = queries.policy_of(queries.policy_row(session))
    calendar = deadlines.working_calendar(session)
    by_unit: dict[int, list[TaskRow]] = defaultdict(list)
    for row in tasks:
        by_unit[row.unit_id].append(row)
    told = _last(session, by_unit, ChaseKind.ZALO)
    found = []
    for unit, rows in by_unit.items():
        last = told.get(unit)
        steps = {row.standing.target_on for row in rows if row.standing.target_on}
        due = any(policy.zalo_due(calendar, target, day, last) for target in steps)
        found.append(Chaseable(unit, rows[0].unit_slug, rows[0].unit_name, tuple(in_order([owed_of(row) for row in rows])), due, last))
    return sorted(found, key=lambda one: (not one.now, -one.late, one.name))


@dataclass(frozen=True, slots=True)
class DutySheet:
    """What one unit owes, on paper: each task with the documents its source asks for."""

    slug: str
    name: str
    lines: tuple[tuple[Owed, tuple[str, ...]], ...]


def duty_sheets(session: Session, authority: Authority, day: date, unit_id: int | None = None) -> list[DutySheet]:
    """The sheets of units with open tasks, by name; tasks by deadline, then in the order of the document."""
    tasks = queries.open_tasks(session, authority, day, unit_id=unit_id)
    asked = evidence.checklists(session, {row.indicator_id for row in tasks if row.indicator_id is not None})
    by_unit: dict[tuple[str, str], list[tuple[Owed, tuple[str, ...]]]] = defaultdict(list)
    for row in tasks:
        documents = tuple(one.name for one in asked.get(row.indicator_id or 0, ()))
        by_unit[row.unit_name, row.unit_slug].append((owed_of(row), documents))
    return [DutySheet(slug, name, tuple(lines)) for (name, slug), lines in sorted(by_unit.items())]


def _last(session: Session, unit_ids: Collection[int], kind: ChaseKind) -> dict[int, date]:
    query = select(ChaseEntry.unit_id, func.max(ChaseEntry.on_day)).where(
        ChaseEntry.unit_id.in_(unit_ids), ChaseEntry.kind == kind, ChaseEntry.struck_at.is_(None)
    )
    return dict(session.execute(query.group_by(ChaseEntry.unit_id).order_by(ChaseEntry.unit_id)).all())


#: A mail of the schedule or by hand, beside the kinds that are noted.
MAIL = "mail"
#: What is chasing; a hand-in through a link is an answer.
_CHASES = (ChaseKind.ZALO, ChaseKind.CALL, ChaseKind.LETTER, ChaseKind.SHEET)


def last_chases(session: Session, authority: Authority, unit_ids: Collection[int]) -> dict[int, LastChase]:
    """When each unit was last told, by what means, and on how many days by those means; one statement."""
    scheduled = (
        select(Task.unit_id.label("unit_id"), literal(MAIL).label("means"), Reminder.planned_on.label("day"))
        .join(Task, and_(Task.authority_id == Reminder.authority_id, Task.id == Reminder.task_id))
        .where(Task.unit_id.in_(unit_ids))
    )
    told = cast(OutboxMessage.payload["unit"].as_string(), BigInteger())
    by_hand = select(told, literal(MAIL), OutboxMessage.planned_on).where(
        OutboxMessage.authority_id == authority.id, OutboxMessage.kind == MANUAL, told.in_(unit_ids)
    )
    noted = select(ChaseEntry.unit_id, cast(ChaseEntry.kind, String()), ChaseEntry.on_day).where(
        ChaseEntry.unit_id.in_(unit_ids), ChaseEntry.kind.in_(_CHASES), ChaseEntry.struck_at.is_(None)
    )
    days = union_all(scheduled, by_hand, noted).subquery()
    query = select(days.c.unit_id, days.c.means, func.max(days.c.day), func.count(days.c.day.distinct())).group_by(days.c.unit_id, days.c.means)
    found: dict[int, LastChase] = {}
    for unit_id, means, on, times in session.execute(query.order_by(days.c.unit_id, func.max(days.c.day), days.c.means)):
        found[unit_id] = LastChase(means, on, times)
    return found
