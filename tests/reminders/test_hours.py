"""The hours of the policy hold at the moment of sending too: what could not go in time waits for the morning, and is not the worse for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.harness.stores import TODAY
from tests.mail.sink import Sink
from tracker.audit.rules import Actor
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel import clock
from tracker.mail import jobs as mail_jobs
from tracker.mail import outbox
from tracker.mail.delivery import Tally
from tracker.mail.models import MailAttempt, OutboxMessage
from tracker.mail.rules import GIVE_UP_AFTER, MessageState
from tracker.reminders import policy_service, queries, service
from tracker.reminders.policy_rules import USUAL, Policy, Quiet

OnDay = Callable[[str], None]
ACTOR = Actor(None, "Đầu mối")
CALENDAR = WorkingCalendar({}, frozenset({2026}), {})
MORNING = "08:05"


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.ZONE)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-18T07:29:59", f"2026-11-18T{MORNING}"),
        ("2026-11-18T07:30", None),
        ("2026-11-18T16:59:59", None),
        ("2026-11-18T17:00", f"2026-11-19T{MORNING}"),
        ("2026-11-20T17:00", f"2026-11-23T{MORNING}"),
        ("2026-11-21T10:00", f"2026-11-23T{MORNING}"),
        ("2026-11-24T10:00", f"2026-11-26T{MORNING}"),
        ("2026-11-25T05:00", f"2026-11-26T{MORNING}"),
    ],
)
def test_mail_waits_by_night_over_days_off_and_quiet_days(at: str, until: str | None) -> None:
    policy = Policy(quiet=(Quiet(date(2026, 11, 24), date(2026, 11, 25)),))
    assert policy.closed_until(CALENDAR, local(at).astimezone()) == (None if until is None else local(until))


def test_in_the_shortest_hours_it_still_leaves_within_them() -> None:
    policy = Policy(opens_at=time(8), closes_at=time(8, 20))
    until = policy.closed_until(CALENDAR, local("2026-11-18T12:00"))
    assert until == local("2026-11-19T08:10")
    assert policy.closed_until(CALENDAR, until) is None


def plan(session: Session, world: World) -> None:
    policy_service.choose(session, ACTOR, world.authority, USUAL, version=0, now=clock.now())
    service.plan(session, world.authority, date.fromisoformat(TODAY), clock.now())
    session.commit()


def send(app: Flask, session: Session, sink: Sink) -> Tally:
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=sink.port)
    session.commit()
    tally = mail_jobs.send_waiting(app, rate_per_minute=0)
    session.expire_all()
    return tally


def waiting(session: Session) -> list[OutboxMessage]:
    return list(session.scalars(select(OutboxMessage).where(OutboxMessage.state == MessageState.WAITING).order_by(OutboxMessage.id)))


def come(session: Session) -> None:
    """The real time that a pretended night would have taken has passed."""
    for message in waiting(session):
        message.not_before = clock.real_now() - timedelta(seconds=1)
    session.commit()


@pytest.mark.db
def test_a_server_that_comes_back_at_night_is_given_nothing_before_the_morning(app: Flask, session: Session, world: World, on_day: OnDay) -> None:
    plan(session, world)
    on_day(f"{TODAY}T16:59")
    with Sink(refuse_connections=True) as sink:
        assert send(app, session, sink).retried == 1
    come(session)
    on_day(f"{TODAY}T19:00")
    with Sink() as sink:
        tally = send(app, session, sink)
        assert (tally.put_off, tally.tried, sink.accepted) == (5, 0, [])
    held = waiting(session)
    assert [one.attempts for one in held] == [1, 0, 0, 0, 0], "a night is no failed try"
    assert {one.reason for one in held} == {f"Ngoài giờ gửi thư; chờ đến {MORNING} ngày 19/11/2026."}
    night = timedelta(hours=13, minutes=5)
    assert all(night - timedelta(minutes=2) < one.not_before - clock.real_now() <= night for one in held)
    found = queries.reconciliation(session, date.fromisoformat(TODAY))
    assert (found.planned, found.waiting, found.difference) == (5, 5, 0)
    come(session)
    on_day(f"2026-11-19T{MORNING}")
    with Sink() as sink:
        assert send(app, session, sink).sent == 5
    assert {one.reason for one in session.scalars(select(OutboxMessage))} == {None}


@pytest.mark.db
def test_what_a_person_sends_goes_at_once_whatever_the_hour(app: Flask, session: Session, world: World, on_day: OnDay) -> None:
    world.colleague.email = "nobody@huyen-thu.test"
    plan(session, world)
    with Sink() as sink:
        send(app, session, sink)
    failed = session.scalars(select(OutboxMessage).where(OutboxMessage.state == MessageState.FAILED)).one()
    on_day(f"{TODAY}T22:00")
    world.colleague.email = "colleague@huyen-thu.test"
    service.send_again(session, ACTOR, world.authority, failed, clock.today(), clock.now())
    service.remind_unit(session, ACTOR, world.authority, world.room, clock.today(), clock.now())
    with Sink() as sink:
        assert send(app, session, sink).sent == 3
        assert {one.recipient for one in sink.accepted} == {"owner@huyen-thu.test", world.head.email, "colleague@huyen-thu.test"}


@pytest.mark.db
def test_what_would_be_too_old_by_the_morning_goes_at_night(app: Flask, session: Session, world: World, on_day: OnDay) -> None:
    plan(session, world)
    first, *others = waiting(session)
    first.expires_at = clock.real_now() + timedelta(hours=13)
    on_day(f"{TODAY}T19:00")
    with Sink() as sink:
        tally = send(app, session, sink)
        assert (tally.sent, tally.put_off) == (1, len(others))
        assert [one.recipient for one in sink.accepted] == [first.to_address]


@pytest.mark.db
def test_the_mornings_plan_folds_what_waited_into_one_mail(app: Flask, session: Session, world: World, on_day: OnDay) -> None:
    plan(session, world)
    on_day(f"{TODAY}T19:00")
    with Sink() as sink:
        send(app, session, sink)
    world.task.extended_to_on = date(2026, 11, 20)
    session.commit()
    on_day("2026-11-19T07:30")
    service.plan(session, world.authority, date(2026, 11, 19), clock.now())
    session.commit()
    come(session)
    on_day(f"2026-11-19T{MORNING}")
    with Sink() as sink:
        send(app, session, sink)
        assert len(sink.to("owner@huyen-thu.test")) == 1
    assert not waiting(session)


@pytest.mark.db
def test_days_off_do_not_use_up_the_time_a_server_is_given(app: Flask, session: Session, world: World) -> None:
    """72 hours are over, yet none of them since the first was a try: one more is made before it counts as hopeless."""
    plan(session, world)
    with Sink(refuse_connections=True) as sink:
        send(app, session, sink)
    attempt = session.scalars(select(MailAttempt)).one()
    attempt.started_at = clock.real_now() - GIVE_UP_AFTER - timedelta(hours=1)
    session.commit()
    assert outbox.expire(session.connection(), clock.real_now(), clock.now()) == 0
    for message in waiting(session):
        wait = timedelta(seconds=-1) if message.id == attempt.outbox_message_id else timedelta(hours=1)
        message.not_before = clock.real_now() + wait
    session.commit()
    with Sink(refuse_connections=True) as sink:
        assert send(app, session, sink).retried == 1
    assert outbox.expire(session.connection(), clock.real_now(), clock.now()) == 1
