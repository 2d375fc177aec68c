"""Deciding who is told what today. How it reads when it goes out: letters.py."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.audit import service as audit
from tracker.audit.rules import SYSTEM, Actor
from tracker.deadlines import queries as deadlines
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel import clock, scope
from tracker.kernel.clock import ONE_DAY
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import date_vn, join_and
from tracker.mail import service as mail
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import MessageState, checked_address, fold_address
from tracker.reminders import link_service, news_queries, queries
from tracker.reminders.digest_rules import Wanted
from tracker.reminders.models import Reminder, ToldNews
from tracker.reminders.news_rules import NEWS_LIFE, TURNS_TO, News, NewsKind, opens_week, week_of
from tracker.reminders.policy_rules import Policy
from tracker.reminders.rules import (
    DIGEST,
    DIGEST_LIFE,
    MANUAL,
    Addressee,
    Contact,
    Directory,
    digest_key,
    is_news,
    iso,
    manual_key,
)
from tracker.tasks.queries import TaskRow
from tracker.units.models import Authority, Unit


@dataclass(slots=True)
class Digest:
    """What one mailbox is told today. ``said``: the rungs newly said of the reader's tasks; ``watched``: of tasks the reader watches over,
    ``counted``: of those only counted in the ``summary``; ``wanted``: what other units wait for, with its rung; ``older``: digests that never
    went out and are folded in, ``carried`` their tasks.
    """

    address: str
    names: list[str] = field(default_factory=list)
    account_id: int | None = None
    said: list[tuple[TaskRow, int]] = field(default_factory=list)
    watched: list[tuple[TaskRow, int]] = field(default_factory=list)
    counted: list[tuple[TaskRow, int]] = field(default_factory=list)
    wanted: list[tuple[Wanted, int]] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    summary: bool = False
    #: It is the first summary of its week.
    weekly: bool = False
    carried: list[TaskRow] = field(default_factory=list)
    #: (unit, round) of tasks that are the reader's own, as a member of the unit: what a personal link may be for.
    own: set[tuple[int, int]] = field(default_factory=set)
    older: list[OutboxMessage] = field(default_factory=list)

    @property
    def task_ids(self) -> list[int]:
        """Every task it names, each once."""
        own = [row.id for row, _ in (*self.said, *self.watched)] + [row.id for row in self.carried]
        return list(dict.fromkeys(own + [one.task_id for one, _ in self.wanted] + [one.task_id for one in self.news]))

    @property
    def urgency(self) -> tuple[date, str]:
        """What is due first goes first."""
        days = [row.standing.due_on for row, _ in self.said if row.standing.due_on] + [one.due_on for one, _ in self.wanted]
        return min(days, default=date.max), self.address

    @property
    def rungs(self) -> set[tuple[int, date, int]]:
        """(task, due day, rung) of all that is said for the first time; a person with several parts in a task is told once."""
        rows = (*self.said, *self.watched, *self.counted)
        own = {(row.id, row.standing.due_on, rung) for row, rung in rows if row.standing.due_on is not None}
        return own | {(one.task_id, one.due_on, rung) for one, rung in self.wanted}

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


def draft(session: Session, authority: Authority, day: date, now: datetime | None = None) -> Plan:
    """What ``plan`` would do on the day. Changes nothing. ``now``: news until then; the end of the day where none is given."""
    calendar = deadlines.working_calendar(session)
    if not authority.reminders_on:
        return Plan(authority, day, reason=f"{authority.name} đã tắt nhắc việc.")
    if not calendar.is_working(day):
        return Plan(authority, day, reason=f"{date_vn(day)} là ngày nghỉ; thư nhắc gửi vào ngày làm việc.")
    with scope.using(session, scope.one(authority.id)):
        policy = queries.policy_of(queries.policy_row(session))
        if policy.keeps_quiet(day):
            return Plan(authority, day, reason=f"{date_vn(day)} là ngày yên lặng theo chính sách nhắc; ngày làm việc sau sẽ nhắc bù.")
        tasks = queries.open_tasks(session, authority, day)
        wanted = queries.wanted(session) if policy.cooperators else []
        until = now or clock.noon(day) + ONE_DAY / 2
        news = news_queries.between(session, authority.id, until - NEWS_LIFE, until) if policy.news else []
        units = {row.unit_id for row in tasks} | {one.unit_id for one in wanted} | {one.unit_id for one in news}
        directory = queries.directory(session, authority, units, day, persons={one.account_id for one in news if one.account_id})
        said, used = queries.said(session), queries.keys_of_day(session, authority.id, day)
        shared = directory.shared() if authority.action_links else None
        book = _Book(authority.id, day, policy, calendar, directory, said, used, shared=shared)
        book.tell_tasks(tasks)
        book.tell_wanted(wanted)
        book.tell_news(news, queries.told_news(session))
        if tasks:
            book.tell_leaders(queries.refused_summaries(session), queries.last_summaries(session))
        _take_over(session, book.digests, tasks, authority.id, day)
    quiet = {row.unit_name for row in tasks if directory.told_for(row.unit_id).instead}
    ordered = sorted(book.digests.values(), key=lambda digest: digest.urgency)
    return Plan(authority, day, tuple(ordered), tuple(directory.silent()), tuple(sorted(quiet)))


@dataclass(slots=True)
class _Book:
    """One day's digests as they fill, by folded address. Who was told today already waits for the next working day, whatever came up since."""

    authority_id: int
    day: date
    policy: Policy
    calendar: WorkingCalendar
    directory: Directory
    said: Mapping[tuple[int, str, date], int]
    used: set[str]
    digests: dict[str, Digest] = field(default_factory=dict)
    #: Mailboxes that are not one person's; None where nobody gets personal links, so nobody asks.
    shared: frozenset[str] | None = None
    _rungs: dict[date, int | None] = field(default_factory=dict)

    def _digest(self, contact: Contact) -> Digest | None:
        assert contact.email is not None
        mailbox = contact.mailbox
        if digest_key(self.authority_id, self.day, mailbox) in self.used:
            return None
        digest = self.digests.setdefault(mailbox, Digest(contact.email, account_id=contact.account_id))
        digest.greets(contact)
        return digest

    def _rung(self, target: date) -> int | None:
        """Many share a target day: the calendar is walked once for each."""
        if target not in self._rungs:
            self._rungs[target] = self.policy.rung_reached(self.calendar.between(target, self.day))
        return self._rungs[target]

    def _before(self, task_id: int, contact: Contact, due: date) -> int | None:
        return self.said.get((task_id, contact.mailbox, due))

    def tell_tasks(self, tasks: Iterable[TaskRow]) -> None:
        """Each task's rung to its unit, and to whom the policy lets it climb."""
        addressees: dict[int, Addressee] = {}
        for row in tasks:
            due, target = row.standing.due_on, row.standing.target_on
            rung = None if target is None else self._rung(target)
            if due is None or rung is None:
                continue
            if row.unit_id not in addressees:
                addressees[row.unit_id] = self.directory.told_for(row.unit_id)
            for contact in self.policy.tells(rung, addressees[row.unit_id].contacts):
                self._say(row, rung, due, contact, "said")
                if self.shared is not None and contact.account_id is not None and contact.instead_of is None and not addressees[row.unit_id].instead:
                    self._own(contact, row, self.shared)
            if self.policy.focal_from is not None and rung >= self.policy.focal_from:
                for contact in self.directory.watchers():
                    self._say(row, rung, due, contact, "watched")
            if self.policy.chair_from is not None and rung >= self.policy.chair_from:
                for contact in self.directory.leaders():
                    if self._before(row.id, contact, due) is None:
                        self._say(row, rung, due, contact, "counted")

    def _say(self, row: TaskRow, rung: int, due: date, contact: Contact, part: str) -> None:
        if is_news(rung, self._before(row.id, contact, due)) and (digest := self._digest(contact)) is not None:
            getattr(digest, part).append((row, rung))

    def _own(self, contact: Contact, row: TaskRow, shared: frozenset[str]) -> None:
        mailbox = contact.mailbox
        if mailbox in self.digests and mailbox not in shared:
            self.digests[mailbox].own.add((row.unit_id, row.round_id))

    def tell_wanted(self, wanted: Iterable[Wanted]) -> None:
        """What a unit was asked for climbs the same rungs to the day it was given."""
        for one in wanted:
            rung = self._rung(self.calendar.on_or_before(one.due_on))
            if rung is None:
                continue
            for contact in self.policy.tells(rung, self.directory.told_for(one.unit_id).contacts):
                if is_news(rung, self._before(one.task_id, contact, one.due_on)) and (digest := self._digest(contact)) is not None:
                    digest.wanted.append((one, rung))

    def tell_news(self, news: Iterable[News], told: Collection[tuple[NewsKind, int, str]]) -> None:
        for one in news:
            for contact in self.directory.told_of(one, TURNS_TO[one.kind]):
                if (one.kind, one.id, contact.mailbox) not in told and (digest := self._digest(contact)) is not None:
                    digest.news.append(one)

    def tell_leaders(self, refused: Collection[int], last: Mapping[str, int]) -> None:
        """The summary: with whatever climbed to them, and once a week; a week whose first working day was slept through is made up for."""
        first, week = opens_week(self.calendar, self.day), week_of(self.day)
        for contact in self.directory.leaders():
            mailbox = contact.mailbox
            before = last.get(mailbox)
            fresh = before is None or before < week
            due = self.policy.chair_weekly and fresh and (first or before is not None)
            climbed = mailbox in self.digests and bool(self.digests[mailbox].counted)
            if contact.account_id in refused:
                if climbed:
                    self._forget(mailbox)
            elif (climbed or due) and (digest := self._digest(contact)) is not None:
                digest.summary = True
                digest.weekly = fresh

    def _forget(self, mailbox: str) -> None:
        digest = self.digests[mailbox]
        digest.counted.clear()
        if not digest.task_ids:
            del self.digests[mailbox]


def _take_over(session: Session, digests: Mapping[str, Digest], tasks: Sequence[TaskRow], authority_id: int, day: date) -> None:
    """A digest of an earlier day that still waits is folded into today's: one mail after an outage, not one for each day of it."""
    by_id = {row.id: row for row in tasks}
    for address, waiting in queries.waiting_before(session, authority_id, DIGEST, day).items():
        digest = digests.get(fold_address(address))
        if digest is None:
            continue
        digest.older += waiting
        new = set(digest.task_ids)
        for task_id, due, _ in (item for message in waiting for item in message.payload["items"]):
            row = by_id.get(task_id)
            if row is not None and task_id not in new and iso(row.standing.due_on) == due:
                new.add(task_id)
                digest.carried.append(row)


def plan(session: Session, authority: Authority, day: date, now: datetime, *, secret: str | None = None) -> Plan:
    """Writes the day's digests into the outbox and remembers what was said. Doing it again the same day adds nothing.

    ``secret``: the installation's SECRET_KEY, where digests may carry personal links.
    """
    drafted = draft(session, authority, day, now)
    queued = mail.queue_many(session, [_outgoing(authority, digest, day, now) for digest in drafted.digests], now)
    by_message = {queued[key]: one for one in drafted.digests if (key := digest_key(authority.id, day, one.address)) in queued}
    planned = tuple(by_message.values())
    _remember(session, authority.id, by_message, day)
    if authority.action_links and secret:
        _link(session, authority, by_message, now, secret)
    for older in (message for digest in planned for message in digest.older):
        mail.cancel(session, older, f"Đã gộp vào thư nhắc ngày {date_vn(day)}.", now)
    if planned:
        tasks = {task for digest in planned for task in digest.task_ids}
        words = f"Lập {len(planned)} thư nhắc việc ngày {date_vn(day)} cho {len(tasks)} nhiệm vụ."
        audit.record(session, SYSTEM, "reminders.plan", words, now=now, authority_id=authority.id)
    return Plan(authority, day, planned, drafted.silent, drafted.quiet_units, drafted.reason)


def _outgoing(authority: Authority, digest: Digest, day: date, now: datetime) -> mail.Outgoing:
    return mail.Outgoing(
        kind=DIGEST,
        dedupe_key=digest_key(authority.id, day, digest.address),
        to_address=digest.address,
        to_name=join_and(digest.names),
        payload=_payload(digest),
        planned_on=day,
        authority_id=authority.id,
        account_id=digest.account_id,
        expires_at=now + DIGEST_LIFE,
    )


def _remember(session: Session, authority_id: int, by_message: Mapping[int, Digest], day: date) -> None:
    """What is said and told for the first time, of the whole day at once."""
    said: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    for message_id, digest in by_message.items():
        common = {"authority_id": authority_id, "recipient": fold_address(digest.address), "planned_on": day, "outbox_message_id": message_id}
        said += [common | {"task_id": task, "due_on": due, "rung": rung} for task, due, rung in sorted(digest.rungs)]
        told += [common | {"kind": one.kind, "subject_id": one.id} for one in digest.news]
        told += [common | {"kind": NewsKind.SUMMARY, "subject_id": week_of(day)}] if digest.weekly else []
    if said:
        session.execute(insert(Reminder), said)
    if told:
        session.execute(insert(ToldNews), told)


def _link(session: Session, authority: Authority, by_message: Mapping[int, Digest], now: datetime, secret: str) -> None:
    """A personal link for each unit and round of a reader's own tasks. The payload holds ids; the letter works the tokens out."""
    for message_id, digest in by_message.items():
        if digest.account_id is None or not digest.own:
            continue
        links = [link_service.issue(session, authority, digest.account_id, unit, one, now, secret=secret) for unit, one in sorted(digest.own)]
        message = session.get_one(OutboxMessage, message_id)
        message.payload = message.payload | {"links": [link.id for link in links]}


def _payload(digest: Digest) -> dict[str, Any]:
    """What the letter is written from: ids and days, in which to look again at the moment of sending."""
    parts: dict[str, list[Any]] = {
        "items": [[row.id, iso(row.standing.due_on), rung] for row, rung in digest.said] + [_carried(row) for row in digest.carried],
        "watched": [[row.id, iso(row.standing.due_on), rung] for row, rung in digest.watched],
        "wanted": [[one.contribution_id, iso(one.due_on)] for one, _ in digest.wanted],
        "news": [[one.kind.value, one.id] for one in digest.news],
    }
    for name in ("watched", "wanted", "news"):
        parts[name] += [item for message in digest.older for item in message.payload.get(name, ()) if item not in parts[name]]
    summary = digest.summary or any(message.payload.get("summary") for message in digest.older)
    return {"items": parts.pop("items")} | {name: items for name, items in parts.items() if items} | ({"summary": True} if summary else {})


def _carried(row: TaskRow) -> list[Any]:
    return [row.id, iso(row.standing.due_on), None]


def send_again(session: Session, actor: Actor, authority: Authority, message: OutboxMessage, day: date, now: datetime) -> str:
    """«Gửi lại» a reminder that no server took, to the address the reader has now. Returns that address.

    Raises Refused where it did not fail, is too old to help, or the reader has no address.
    """
    if message.state is not MessageState.FAILED:
        raise Refused("Thư này không ở tình trạng “Không gửi được” nên không cần gửi lại.")
    if message.planned_on + DIGEST_LIFE < day:
        raise Refused(
            f"Thư lập ngày {date_vn(message.planned_on)} đã cũ; việc còn lại sẽ nằm trong thư nhắc kế tiếp, hoặc đồng chí nhắc đơn vị ngay."
        )
    account = session.get(Account, message.account_id) if message.account_id else None
    address = checked_address((account.email if account else message.to_address) or "")
    if not mail.send_again(session, message, address, now, now + DIGEST_LIFE):
        raise Refused("Thư này vừa được gửi lại; đồng chí xem ở mục Hôm nay.")
    words = f"Gửi lại thư nhắc ngày {date_vn(message.planned_on)} cho {message.to_name}."
    audit.record(session, actor, "reminders.send_again", words, now=now, authority_id=authority.id)
    return address


def remind_unit(session: Session, actor: Actor, authority: Authority, unit: Unit, day: date, now: datetime) -> int:
    """«Gửi mail nhắc»: a digest of the unit's open tasks to its people now, once for each unit and day. Returns how many mails.

    Raises Refused where the unit has nothing open, nobody who can be told, or was reminded by hand today.
    """
    with scope.using(session, scope.one(authority.id)):
        rows = queries.open_tasks(session, authority, day, unit_id=unit.id)
        told = queries.directory(session, authority, {unit.id}, day).told_for(unit.id)
    if not rows:
        raise Refused(f"{unit.name} không còn nhiệm vụ nào đang mở nên không có gì để nhắc.")
    if told.instead or not told.contacts:
        raise Refused(f"{unit.name} chưa có ai nhận được thư; đồng chí ghi địa chỉ thư của đơn vị hoặc của người phụ trách rồi gửi lại.")
    sent = [
        mail.queue(
            session,
            mail.Outgoing(
                kind=MANUAL,
                dedupe_key=manual_key(authority.id, unit.id, day, contact.email or ""),
                to_address=contact.email or "",
                to_name=contact.name,
                payload={"unit": unit.id, "items": [_carried(row) for row in rows]},
                planned_on=day,
                authority_id=authority.id,
                account_id=contact.account_id,
                expires_at=now + DIGEST_LIFE,
            ),
            now,
        )
        for contact in told.contacts
    ]
    queued = sum(message is not None for message in sent)
    if not queued:
        raise Refused(f"Hôm nay đã gửi thư nhắc {unit.name} rồi; mỗi ngày nhắc một đơn vị một lần.")
    words = f"Gửi thư nhắc {unit.name} về {len(rows)} nhiệm vụ."
    audit.record(session, actor, "reminders.remind_unit", words, now=now, authority_id=authority.id, subject=("unit", unit.id))
    return queued
