"""Deciding who is told what today. How a day's digests fill: plan_rules.py. How one reads when it goes out: letters.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.audit import service as audit
from tracker.audit.rules import SYSTEM, Actor
from tracker.deadlines import queries as deadlines
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel import bulk, clock, scope
from tracker.kernel.clock import ONE_DAY
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import date_vn, join_and
from tracker.kernel.words import phrase
from tracker.mail import service as mail
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import MessageState, checked_address, fold_address
from tracker.reminders import link_service, plan_queries, queries
from tracker.reminders.models import Reminder, ToldNews
from tracker.reminders.news_rules import NewsKind, week_of
from tracker.reminders.plan_queries import Known
from tracker.reminders.plan_rules import Book, Digest
from tracker.reminders.policy_rules import Policy
from tracker.reminders.rules import DIGEST, DIGEST_LIFE, MANUAL, Contact, digest_key, iso, manual_key
from tracker.tasks.queries import TaskRow
from tracker.units import queries as units
from tracker.units.models import Authority, Unit


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
    return drafts(session, [authority], day, now)[0]


def drafts(session: Session, authorities: Sequence[Authority], day: date, now: datetime | None = None) -> list[Plan]:
    """The same of several authorities, with the reads of one."""
    with scope.using(session, scope.several([one.id for one in authorities])):
        policies = queries.policies(session, [one.id for one in authorities])
    silent = {one.id: reason for one in authorities if (reason := _silence(session, one, policies[one.id], day))}
    speaking = [one for one in authorities if one.id not in silent]
    made = {one.id: Plan(one, day, reason=silent.get(one.id)) for one in authorities}
    if speaking:
        with scope.using(session, scope.several([one.id for one in speaking])):
            known = plan_queries.known(session, speaking, policies, day, now or clock.noon(day) + ONE_DAY / 2)
            names = _names_of_quiet_units(session, known)
        made |= {one.id: _drafted(one, day, policies[one.id], deadlines.calendar_of(session, one.id), known, names) for one in speaking}
    return list(made.values())


def _silence(session: Session, authority: Authority, policy: Policy, day: date) -> str | None:
    """Why nothing is said on a day; None where something may be."""
    if not authority.reminders_on:
        return phrase("%(authority)s đã tắt nhắc việc.", authority=authority.name)
    if not deadlines.calendar_of(session, authority.id).is_working(day):
        return phrase("%(day)s là ngày nghỉ; thư nhắc gửi vào ngày làm việc.", day=date_vn(day))
    if policy.keeps_quiet(day):
        return phrase("%(day)s là ngày yên lặng theo chính sách nhắc; ngày làm việc sau sẽ nhắc bù.", day=date_vn(day))
    return None


def _names_of_quiet_units(session: Session, known: Known) -> dict[int, list[str]]:
    """Authority → its units with tasks and nobody who can be told."""
    found: dict[int, list[str]] = {}
    quiet = {
        unit_id
        for id_, duties in known.duties.items()
        for unit_id in {one.unit_id for one in duties}
        if known.directories[id_].told_for(unit_id).instead
    }
    for unit in units.units_by_id(session, quiet).values():
        found.setdefault(unit.authority_id, []).append(unit.name)
    return found


def _drafted(authority: Authority, day: date, policy: Policy, calendar: WorkingCalendar, known: Known, quiet: Mapping[int, list[str]]) -> Plan:
    duties, directory = known.duties[authority.id], known.directories[authority.id]
    shared = directory.shared() if authority.action_links else None
    book = Book(authority.id, day, policy, calendar, directory, known.told, shared)
    book.tell_duties(duties)
    book.tell_wanted(known.wanted[authority.id])
    book.tell_news(known.news[authority.id])
    if duties:
        book.tell_leaders()
    book.take_over(duties)
    ordered = sorted(book.digests.values(), key=lambda digest: digest.urgency)
    return Plan(authority, day, tuple(ordered), tuple(directory.silent()), tuple(sorted(quiet.get(authority.id, ()))))


def plan(session: Session, authority: Authority, day: date, now: datetime, *, secret: str | None = None) -> Plan:
    """Writes the day's digests into the outbox and remembers what was said. Doing it again the same day adds nothing.

    ``secret``: the installation's SECRET_KEY, where digests may carry personal links.
    """
    return plans(session, [authority], day, now, secret=secret)[0]


def plans(session: Session, authorities: Sequence[Authority], day: date, now: datetime, *, secret: str | None = None) -> list[Plan]:
    """The same of several authorities, with the statements of one. All of it is in one transaction, the caller's."""
    drafted = drafts(session, authorities, day, now)
    queued = mail.queue_many(session, [_outgoing(one.authority, digest, day, now) for one in drafted for digest in one.digests], now)
    with scope.using(session, scope.several([one.id for one in authorities])):
        made = [_planned(session, one, queued, now, secret) for one in drafted]
        _remember(session, made, queued)
    older = [message.id for one in made for digest in one.digests for message in digest.older]
    mail.cancel(session, older, f"Đã gộp vào thư nhắc ngày {date_vn(day)}.", now)
    return made


def _planned(session: Session, drafted: Plan, queued: Mapping[str, int], now: datetime, secret: str | None) -> Plan:
    """What became of a draft: its digests that nobody else had queued meanwhile."""
    authority, day = drafted.authority, drafted.day
    digests = tuple(one for one in drafted.digests if digest_key(authority.id, day, one.address) in queued)
    if authority.action_links and secret:
        _link(session, authority, {queued[digest_key(authority.id, day, one.address)]: one for one in digests}, now, secret)
    if digests:
        tasks = {task for digest in digests for task in digest.task_ids}
        words = f"Lập {len(digests)} thư nhắc việc ngày {date_vn(day)} cho {len(tasks)} nhiệm vụ."
        audit.record(session, SYSTEM, "reminders.plan", words, now=now, authority_id=authority.id)
    return Plan(authority, day, digests, drafted.silent, drafted.quiet_units, drafted.reason)


def _outgoing(authority: Authority, digest: Digest, day: date, now: datetime) -> mail.Outgoing:
    return mail.Outgoing(
        kind=DIGEST,
        dedupe_key=digest_key(authority.id, day, digest.address),
        to_address=digest.address,
        to_name=join_and(digest.names),
        payload=digest.payload,
        planned_on=day,
        authority_id=authority.id,
        account_id=digest.account_id,
        expires_at=now + DIGEST_LIFE,
    )


def _remember(session: Session, made: Iterable[Plan], queued: Mapping[str, int]) -> None:
    """What is said and told for the first time, of everybody's whole day at once."""
    said: list[tuple[Any, ...]] = []
    told: list[tuple[Any, ...]] = []
    for one in made:
        id_, day = one.authority.id, one.day
        for digest in one.digests:
            where = (fold_address(digest.address), day, queued[digest_key(id_, day, digest.address)])
            said += [(id_, *rung, *where) for rung in sorted(digest.rungs)]
            told += [(id_, piece.kind, piece.id, *where) for piece in digest.news]
            told += [(id_, NewsKind.SUMMARY, week_of(day), *where)] if digest.weekly else []
    bulk.lay(session, Reminder, ("authority_id", "task_id", "due_on", "rung", "recipient", "planned_on", "outbox_message_id"), said)
    bulk.lay(session, ToldNews, ("authority_id", "kind", "subject_id", "recipient", "planned_on", "outbox_message_id"), told)


def _link(session: Session, authority: Authority, by_message: Mapping[int, Digest], now: datetime, secret: str) -> None:
    """A personal link for each unit and round of a reader's own tasks. The payload holds ids; the letter works the tokens out."""
    for message_id, digest in by_message.items():
        if digest.account_id is None or not digest.own:
            continue
        links = [link_service.issue(session, authority, digest.account_id, unit, one, now, secret=secret) for unit, one in sorted(digest.own)]
        message = session.get_one(OutboxMessage, message_id)
        message.payload = message.payload | {"links": [link.id for link in links]}


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
            phrase(
                "Thư lập ngày %(planned_on)s đã cũ; việc còn lại sẽ nằm trong thư nhắc kế tiếp, hoặc đồng chí nhắc đơn vị ngay.",
                planned_on=date_vn(message.planned_on),
            )
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
        raise Refused(phrase("%(unit)s không còn nhiệm vụ nào đang mở nên không có gì để nhắc.", unit=unit.name))
    if told.instead or not told.contacts:
        raise Refused(
            phrase("%(unit)s chưa có ai nhận được thư; đồng chí ghi địa chỉ thư của đơn vị hoặc của người phụ trách rồi gửi lại.", unit=unit.name)
        )
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
        raise Refused(phrase("Hôm nay đã gửi thư nhắc %(unit)s rồi; mỗi ngày nhắc một đơn vị một lần.", unit=unit.name))
    words = f"Gửi thư nhắc {unit.name} về {len(rows)} nhiệm vụ."
    audit.record(session, actor, "reminders.remind_unit", words, now=now, authority_id=authority.id, subject=("unit", unit.id))
    return queued
