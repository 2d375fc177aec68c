"""A crowd of people with forty late tasks each, and a mail server that comes back after three days: what the first mails then are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import (
    SINCE,
    add_account,
    add_authority,
    add_group,
    add_notice,
    add_rule,
    add_set,
    add_unit,
    assign,
    leaves_of,
    open_yearly,
    tasks_of,
)
from tests.mail import clocks, post
from tests.mail.sink import Sink
from tracker.kernel import clock
from tracker.mail import jobs as mail_jobs
from tracker.mail import service as mail
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import MessageState
from tracker.reminders import jobs
from tracker.reminders.models import Reminder
from tracker.units.models import Authority, Membership, Unit
from tracker.units.rules import Role

TASKS_EACH = 40
#: Units whose tasks are due on the same day follow each other; five days in all.
DUE = tuple(date(2026, 11, 14) + timedelta(days=n) for n in range(5))
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Crowd:
    authority: Authority
    #: Address → the day the tasks of that person's unit are due.
    due: dict[str, date]


def gather(session: Session, people: int, *, people_each: int = 4) -> Crowd:
    """An authority with so many people, ``people_each`` in a unit; each unit leads TASKS_EACH indicators. Committed."""
    authority = add_authority(session, "huyen-dong", "UBND huyện Đông")
    indicators = add_set(session, "dong-2026", leaves=TASKS_EACH, adopters=(authority,))
    units = [add_unit(session, authority, f"Phòng số {number}", position=number) for number in range(people // people_each)]
    everybody = add_group(session, authority, "Các phòng", units)
    notice = add_notice(session, authority)
    for leaf in leaves_of(session, indicators):
        assign(session, notice, leaf, everybody)
    opened = open_yearly(session, add_rule(session, notice, [indicators]))
    days = {unit.id: DUE[place % len(DUE)] for place, unit in enumerate(units)}
    for task in tasks_of(session, opened):
        task.extended_to_on = None if days[task.unit_id] == DUE[0] else days[task.unit_id]
    due = {address: days[unit.id] for unit in units for address in _staff(session, authority, unit, people_each)}
    session.commit()
    return Crowd(authority, due)


def _staff(session: Session, authority: Authority, unit: Unit, number: int) -> list[str]:
    addresses = [f"nguoi-{n}-{unit.slug}@huyen-dong.test" for n in range(number)]
    for address in addresses:
        person = add_account(session, address, email=address)
        session.add(Membership(authority_id=authority.id, account_id=person.id, role=Role.SPECIALIST, unit_id=unit.id, valid_from=SINCE))
    return addresses


def survive(app: Flask, session: Session, people: int, rate: int, on_day: Callable[[str], None]) -> list[str]:
    """Three days without a mail server, then the flood that must not be one. What went wrong, one sentence each."""
    crowd = gather(session, people)
    with Sink(refuse_connections=True) as away:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=away.port)
        for day in ("2026-11-16", "2026-11-17", "2026-11-18"):
            on_day(f"{day}T08:00")
            jobs.plan_today(app)
            mail_jobs.send_waiting(app, rate_per_minute=0)
            clocks.forward(session, timedelta(days=1))
    on_day("2026-11-19T08:00")
    jobs.plan_today(app)
    with Sink() as sink:
        app.config.update(MAIL_PORT=sink.port)
        wrong = _minutes(app, session, sink, people, rate)
    session.rollback()
    return wrong + _told(session, sink, crowd)


def _minutes(app: Flask, session: Session, sink: Sink, people: int, rate: int) -> list[str]:
    """Minute by minute until nothing is left; a password to be reset comes in the middle."""
    wrong = []
    for minute in range(people // rate + 3):
        if minute == 1:
            mail.queue(session, _urgent(), clock.now())
            session.commit()
        before = len(sink.accepted)
        while mail_jobs.send_waiting(app, rate_per_minute=rate).sent:
            pass
        if (sent := len(sink.accepted) - before) > rate:
            wrong.append(f"{sent} mails in minute {minute}")
        if minute == 1 and sink.accepted[before].recipient != "quen-mat-khau@huyen-dong.test":
            wrong.append("who waits for a password waits behind the reminders")
        clocks.forward(session, A_MINUTE)
    return wrong


def _urgent() -> mail.Outgoing:
    return mail.Outgoing(
        kind=post.KIND,
        dedupe_key="reset",
        to_address="quen-mat-khau@huyen-dong.test",
        to_name="",
        payload={},
        planned_on=clock.today(),
        expires_at=clock.now() + timedelta(minutes=30),
    )


def _told(session: Session, sink: Sink, crowd: Crowd) -> list[str]:
    digests = [one for one in sink.accepted if one.recipient in crowd.due]
    copies = Counter(one.recipient for one in digests)
    wrong = [f"{address} got {copies[address]} digests" for address in crowd.due if copies[address] != 1]
    sent = select(OutboxMessage.to_address, OutboxMessage.planned_on).where(OutboxMessage.state == MessageState.SENT)
    planned = dict(session.execute(sent).all())
    # A mail of an earlier day goes before today's: it expires first.
    order = [(planned[one.recipient], crowd.due[one.recipient]) for one in digests]
    if order != sorted(order):
        wrong.append("what was due first did not go first")
    short = [one.recipient for one in digests if len(set(re.findall(r"\b1\.\d+\b", one.text()))) != TASKS_EACH]
    wrong += [f"{address} was not told of all" for address in short]
    missed = session.scalar(select(func.count(Reminder.id)))
    if not missed or missed < len(crowd.due) * TASKS_EACH:
        wrong.append(f"only {missed} reminders")
    left = session.scalar(select(func.count(OutboxMessage.id)).where(OutboxMessage.state.in_([MessageState.WAITING, MessageState.SENDING])))
    return wrong + ([f"{left} wait still"] if left else [])
