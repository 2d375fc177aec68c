"""Planning and sending when the day changes under them, when the machine slept over a deadline, and when its clock was wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.mail import clocks
from tests.mail.sink import Sink
from tests.page_client import PageClient
from tracker.audit.rules import Actor
from tracker.kernel import clock
from tracker.mail import jobs as mail_jobs
from tracker.mail.delivery import Tally
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import MessageState
from tracker.reminders import jobs, policy_service, queries
from tracker.reminders.policy_rules import USUAL
from tracker.tasks.rules import Progress

pytestmark = pytest.mark.db

OnDay = Callable[[str], None]
SignIn = Callable[..., PageClient]
ACTOR = Actor(None, "Đầu mối")


@pytest.fixture
def sink(app: Flask, session: Session, world: World) -> Iterator[Sink]:
    """Where mails go. Leaders get no summaries here, and something may be said at any hour."""
    policy = replace(USUAL, chair_from=None, chair_weekly=False, opens_at=time(0), closes_at=time(23, 59, 59))
    policy_service.choose(session, ACTOR, world.authority, policy, version=0, now=clock.now())
    world.elsewhere.reminders_on = False
    session.commit()
    with Sink() as sink:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=sink.port)
        yield sink


def work(app: Flask, session: Session) -> Tally:
    """What a scheduler does: plans, sends, twice."""
    session.commit()
    tallies = []
    for _ in range(2):
        jobs.plan_today(app)
        tallies.append(mail_jobs.send_waiting(app, rate_per_minute=0))
    session.rollback()
    session.expire_all()
    return Tally.of(tallies)


def told(sink: Sink) -> Counter[str]:
    return Counter(one.recipient for one in sink.accepted)


def states(session: Session) -> Counter[MessageState]:
    return Counter(session.scalars(select(OutboxMessage.state)))


def adds_up(session: Session, *days: str) -> bool:
    found = [queries.reconciliation(session, date.fromisoformat(day)) for day in days]
    return all(one.planned and one.difference == 0 for one in found)


def test_over_midnight_what_was_planned_goes_once_and_the_new_day_says_only_what_is_new(
    app: Flask, session: Session, world: World, sink: Sink, on_day: OnDay
) -> None:
    on_day("2026-11-12T23:58")
    session.commit()
    jobs.plan_today(app)
    on_day("2026-11-13T00:00:02")
    assert mail_jobs.send_waiting(app, rate_per_minute=0).sent == 4
    before = list(sink.accepted)
    work(app, session)
    assert set(told(sink).values()) == {1}, "whoever was told today waits"
    assert {one.recipient for one in before} == set(told(sink))
    on_day("2026-11-16T08:00")
    work(app, session)
    assert set(told(sink).values()) == {2}
    assert adds_up(session, "2026-11-12", "2026-11-16")


def test_over_the_end_of_the_year_nothing_is_said_twice_and_both_years_add_up(
    app: Flask, session: Session, world: World, sink: Sink, on_day: OnDay
) -> None:
    for task in world.tasks:
        task.extended_to_on = date(2027, 1, 5)
    on_day("2026-12-31T23:58")
    assert work(app, session).sent == 4
    on_day("2027-01-01T00:00:02")
    assert work(app, session).sent == 0, "the first of January is a day off"
    on_day("2027-01-04T00:00:02")
    assert work(app, session).sent == 4
    on_day("2026-12-31T23:58")
    assert work(app, session).sent == 0, "the clock went back into the old year"
    assert set(told(sink).values()) == {2}
    assert all("05/01/2027" in one.text() for one in sink.accepted)
    assert adds_up(session, "2026-12-31", "2027-01-04")


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1)])
def test_nothing_is_said_twice_after_the_clock_steps_back(
    app: Flask, session: Session, world: World, sink: Sink, on_day: OnDay, back: timedelta
) -> None:
    on_day("2026-11-18T08:30")
    assert work(app, session).sent == 4
    clocks.forward(session, -back)
    on_day((clock.now() - back).astimezone(clock.ZONE).isoformat())
    assert work(app, session).sent == 0
    clocks.forward(session, back)
    on_day("2026-11-18T09:30")
    assert work(app, session).sent == 0
    assert set(told(sink).values()) == {1}


def test_asleep_over_a_deadline_each_person_gets_one_mail_that_says_how_late(
    app: Flask, session: Session, world: World, sink: Sink, on_day: OnDay
) -> None:
    on_day("2026-11-12T08:00")
    assert work(app, session).sent == 4
    world.task.status = Progress.READY  # handed in before the machine fell asleep
    session.commit()
    on_day("2026-11-16T08:00")
    clocks.forward(session, timedelta(days=4))
    world.tasks[1].status = Progress.NOT_APPLICABLE
    assert work(app, session).sent == 4
    late = sink.accepted[4:]
    assert set(Counter(one.recipient for one in late).values()) == {1}
    for one in late:
        assert "QUÁ HẠN 2 ngày" in one.text()
        assert "1.1" not in one.text() and "1.2" not in one.text()


def test_a_mail_that_waited_while_the_machine_slept_and_the_days_own_are_one(
    app: Flask, session: Session, world: World, sink: Sink, on_day: OnDay
) -> None:
    """Awake again the sender may look before the planner does."""
    on_day("2026-11-12T08:00")
    session.commit()
    jobs.plan_today(app)
    on_day("2026-11-16T08:00")
    clocks.forward(session, timedelta(days=4))
    assert mail_jobs.send_waiting(app, rate_per_minute=0).sent == 4
    work(app, session)
    assert set(told(sink).values()) == {1}
    on_day("2026-11-17T08:00")
    work(app, session)
    assert set(told(sink).values()) == {2}, "what came up meanwhile is said the day after"


def test_mails_that_waited_longer_than_they_are_of_use_expire_and_are_listed(
    app: Flask, session: Session, world: World, sink: Sink, on_day: OnDay, sign_in: SignIn
) -> None:
    on_day("2026-11-09T08:00")
    session.commit()
    jobs.plan_today(app)
    on_day("2026-11-18T08:00")
    clocks.forward(session, timedelta(days=9))
    assert mail_jobs.send_waiting(app, rate_per_minute=0).expired == 4
    assert sink.accepted == []
    work(app, session)
    assert set(told(sink).values()) == {1}, "what they would have said is in today's mail"
    assert states(session) == {MessageState.EXPIRED: 4, MessageState.SENT: 4}
    page = sign_in(world.focal.username).get(f"/{world.slug}/reminders")
    assert page.text.count("Để quá lâu mới đến lượt gửi nên không gửi nữa.") == 4
