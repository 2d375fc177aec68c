"""Deciding who is told what today. How it reads when it goes out: letters.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import SYSTEM, Actor
from tracker.deadlines import queries as deadlines
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel import scope
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import date_vn, join_and
from tracker.mail import service as mail
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import fold_address
from tracker.reminders import queries
from tracker.reminders.models import Reminder
from tracker.reminders.policy_rules import Policy
from tracker.reminders.rules import (
    DIGEST,
    DIGEST_LIFE,
    MANUAL,
    Contact,
    Directory,
    digest_key,
    is_news,
    iso,
    manual_key,
    working_days,
)
from tracker.tasks.queries import TaskRow
from tracker.units.models import Authority, Unit


@dataclass(slots=True)
class Digest:
    """What one mailbox is told today. ``said``: the rungs newly said; ``carried``: tasks of older digests that never went out."""

    address: str
    names: list[str] = field(default_factory=list)
    account_id: int | None = None
    said: list[tuple[TaskRow, int]] = field(default_factory=list)
    carried: list[TaskRow] = field(default_factory=list)
    replaces: list[OutboxMessage] = field(default_factory=list)

    @property
    def task_ids(self) -> list[int]:
        return [row.id for row, _ in self.said] + [row.id for row in self.carried]

    def greets(self, contact: Contact) -> None:
        if contact.name not in self.names:
            self.names.append(contact.name)


@dataclass(frozen=True, slots=True)
class Plan:
    """A day's digests of one authority. ``reason`` says why there are none on a day when nothing is sent.

    ``silent`` are people without an address, ``quiet_units`` those whose reminders reach the focal point instead.
    """

    authority: Authority
    day: date
    digests: tuple[Digest, ...] = ()
    silent: tuple[Contact, ...] = ()
    quiet_units: tuple[str, ...] = ()
    reason: str | None = None


def draft(session: Session, authority: Authority, day: date) -> Plan:
    """What ``plan`` would do on the day. Changes nothing."""
    calendar = deadlines.working_calendar(session)
    if not authority.reminders_on:
        return Plan(authority, day, reason=f"{authority.name} đã tắt nhắc việc.")
    if not calendar.is_working(day):
        return Plan(authority, day, reason=f"{date_vn(day)} là ngày nghỉ; thư nhắc gửi vào ngày làm việc.")
    with scope.using(session, scope.one(authority.id)):
        tasks = queries.open_tasks(session, authority, day)
        directory = queries.directory(session, {row.unit_id for row in tasks}, day)
        said, used = queries.said(session), queries.keys_of_day(session, authority.id, day)
        policy = queries.policy_of(queries.policy_row(session))
        digests = _digests(_reached(tasks, calendar, day, policy), policy, directory, said, used, authority.id, day)
        _take_over(session, digests, tasks, authority.id, day)
    quiet = {row.unit_name for row in tasks if directory.told_for(row.unit_id).instead}
    ordered = sorted(digests.values(), key=lambda d: d.address)
    return Plan(authority, day, tuple(ordered), tuple(directory.silent()), tuple(sorted(quiet)))


def _reached(tasks: Iterable[TaskRow], calendar: WorkingCalendar, day: date, policy: Policy) -> list[tuple[TaskRow, int]]:
    """Tasks with the rung they stand on. Many share a target day: the calendar is walked once for each."""
    rungs: dict[date, int | None] = {}
    found = []
    for row in tasks:
        target = row.standing.target_on
        if target is None:
            continue
        if target not in rungs:
            rungs[target] = policy.rung_reached(calendar.between(target, day))
        rung = rungs[target]
        if rung is not None:
            found.append((row, rung))
    return found


def _digests(
    reached: Sequence[tuple[TaskRow, int]],
    policy: Policy,
    directory: Directory,
    said: Mapping[tuple[int, str, date], int],
    used: set[str],
    authority_id: int,
    day: date,
) -> dict[str, Digest]:
    """By folded address. Who was told today already waits for the next working day, whatever came up since."""
    found: dict[str, Digest] = {}
    addressees = {row.unit_id: directory.told_for(row.unit_id) for row, _ in reached}
    for row, rung in reached:
        due = row.standing.due_on
        assert due is not None
        for contact in policy.tells(rung, addressees[row.unit_id].contacts):
            assert contact.email is not None
            mailbox = fold_address(contact.email)
            if not is_news(rung, said.get((row.id, mailbox, due))) or digest_key(authority_id, day, mailbox) in used:
                continue
            digest = found.setdefault(mailbox, Digest(contact.email, account_id=contact.account_id))
            digest.greets(contact)
            digest.said.append((row, rung))
    return found


def _take_over(session: Session, digests: Mapping[str, Digest], tasks: Sequence[TaskRow], authority_id: int, day: date) -> None:
    """A digest of an earlier day that still waits is folded into today's: one mail after an outage, not one for each day of it."""
    by_id = {row.id: row for row in tasks}
    for address, waiting in queries.waiting_before(session, authority_id, DIGEST, day).items():
        digest = digests.get(fold_address(address))
        if digest is None:
            continue
        digest.replaces += waiting
        new = set(digest.task_ids)
        for task_id, due, _ in (item for message in waiting for item in message.payload["items"]):
            row = by_id.get(task_id)
            if row is not None and task_id not in new and iso(row.standing.due_on) == due:
                new.add(task_id)
                digest.carried.append(row)


def plan(session: Session, authority: Authority, day: date, now: datetime) -> Plan:
    """Writes the day's digests into the outbox and remembers what was said. Doing it again the same day adds nothing."""
    drafted = draft(session, authority, day)
    planned = tuple(digest for digest in drafted.digests if _put(session, authority, digest, day, now))
    if planned:
        tasks = {task for digest in planned for task in digest.task_ids}
        words = f"Lập {len(planned)} thư nhắc việc ngày {date_vn(day)} cho {len(tasks)} nhiệm vụ."
        audit.record(session, SYSTEM, "reminders.plan", words, now=now, authority_id=authority.id)
    return Plan(authority, day, planned, drafted.silent, drafted.quiet_units, drafted.reason)


def _put(session: Session, authority: Authority, digest: Digest, day: date, now: datetime) -> bool:
    message = mail.queue(
        session,
        kind=DIGEST,
        dedupe_key=digest_key(authority.id, day, digest.address),
        to_address=digest.address,
        to_name=join_and(digest.names),
        payload={"items": [[row.id, iso(row.standing.due_on), rung] for row, rung in digest.said] + [_carried(row) for row in digest.carried]},
        planned_on=day,
        now=now,
        authority_id=authority.id,
        account_id=digest.account_id,
        expires_at=now + DIGEST_LIFE,
    )
    if message is None:
        return False
    mailbox = fold_address(digest.address)
    rows = [
        {
            "authority_id": authority.id,
            "task_id": row.id,
            "recipient": mailbox,
            "due_on": row.standing.due_on,
            "rung": rung,
            "planned_on": day,
            "outbox_message_id": message.id,
        }
        for row, rung in digest.said
    ]
    session.execute(insert(Reminder), rows)
    for older in digest.replaces:
        mail.cancel(session, older, f"Đã gộp vào thư nhắc ngày {date_vn(day)}.", now)
    return True


def _carried(row: TaskRow) -> list[Any]:
    return [row.id, iso(row.standing.due_on), None]


def remind_unit(session: Session, actor: Actor, authority: Authority, unit: Unit, day: date, now: datetime) -> int:
    """«Gửi mail nhắc»: a digest of the unit's open tasks to its people now, once for each unit and day. Returns how many mails.

    Raises Refused where the unit has nothing open, nobody who can be told, or was reminded by hand today.
    """
    with scope.using(session, scope.one(authority.id)):
        rows = queries.open_tasks(session, authority, day, unit_id=unit.id)
        told = queries.directory(session, {unit.id}, day).told_for(unit.id)
    if not rows:
        raise Refused(f"{unit.name} không còn nhiệm vụ nào đang mở nên không có gì để nhắc.")
    if told.instead or not told.contacts:
        raise Refused(f"{unit.name} chưa có ai nhận được thư; đồng chí ghi địa chỉ thư của đơn vị hoặc của người phụ trách rồi gửi lại.")
    sent = [
        mail.queue(
            session,
            kind=MANUAL,
            dedupe_key=manual_key(authority.id, unit.id, day, contact.email or ""),
            to_address=contact.email or "",
            to_name=contact.name,
            payload={"unit": unit.id, "items": [_carried(row) for row in rows]},
            planned_on=day,
            now=now,
            authority_id=authority.id,
            account_id=contact.account_id,
            expires_at=now + DIGEST_LIFE,
        )
        for contact in told.contacts
    ]
    queued = sum(message is not None for message in sent)
    if not queued:
        raise Refused(f"Hôm nay đã gửi thư nhắc {unit.name} rồi; mỗi ngày nhắc một đơn vị một lần.")
    words = f"Gửi thư nhắc {unit.name} về {len(rows)} nhiệm vụ."
    audit.record(session, actor, "reminders.remind_unit", words, now=now, authority_id=authority.id, subject=("unit", unit.id))
    return queued


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a day to come will bring, if nothing changes until then."""

    day: date
    recipients: tuple[str, ...]
    tasks: int


def look_ahead(session: Session, authority: Authority, day: date, until: date, policy: Policy | None = None) -> list[Ahead]:
    """The messages of the working days after ``day`` to ``until``, as a scheduler that misses none would send them.

    ``policy``: one that is tried and not in force.
    """
    if not authority.reminders_on:
        return []
    calendar = deadlines.working_calendar(session)
    with scope.using(session, scope.one(authority.id)):
        tasks = queries.open_tasks(session, authority, day)
        directory = queries.directory(session, {row.unit_id for row in tasks}, day)
        policy = policy or queries.policy_of(queries.policy_row(session))
    counts: dict[tuple[int, date], int] = defaultdict(int)
    for row in tasks:
        if row.standing.target_on is not None:
            counts[(row.unit_id, row.standing.target_on)] += 1
    found = []
    for coming in working_days(calendar, day, until):
        rungs = {target: policy.climbs_on(calendar, target, coming) for target in {target for _, target in counts} if coming > day}
        cells = [(unit, rung, n) for (unit, target), n in counts.items() if (rung := rungs.get(target)) is not None]
        contacts = (c for unit, rung, _ in cells for c in policy.tells(rung, directory.told_for(unit).contacts))
        told = {fold_address(c.email or ""): c.email or "" for c in contacts}
        if cells:
            found.append(Ahead(coming, tuple(sorted(told.values())), sum(n for _, _, n in cells)))
    return found
