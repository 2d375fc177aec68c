"""Clocks that step, and two hosts whose clocks differ: nothing is said twice, nothing early by more than they differ, nothing stands still."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.mail import designs, post
from tests.mail.clocks import Machine
from tests.mail.sink import Sink
from tracker.kernel import clock
from tracker.kernel.database import writing
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import MessageState

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def wait_until(session: Session, address: str, not_before: timedelta) -> None:
    """A message to the address that must not go before so long from now."""
    with writing():
        [message] = post.fill(session, [address])
        message.not_before = clock.real_now() + not_before
        session.commit()


@pytest.mark.db("sqlite")
@pytest.mark.slow
def test_a_scheduler_goes_on_at_once_when_its_clock_is_set_and_says_nothing_twice(
    app: Flask, session: Session, world: World, database_url: str, data: Path
) -> None:
    session.commit()
    steps = (-HOUR, -DAY, HOUR, DAY)
    with Sink() as sink:
        settings = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(sink.port)}
        with Machine(database_url, data, settings) as machine:
            sink.wait_for(6, seconds=600)
            for number, step in enumerate(steps, 1):
                machine.steps(step.total_seconds())
                # Waiting for the hour to come again by itself would take the test that hour.
                wait_until(session, f"after{number}@x.vn", timedelta(seconds=machine.ahead - 1))
                wait_until(session, f"early{number}@x.vn", timedelta(seconds=machine.ahead) + timedelta(days=9))
                sink.wait_for(6 + number, seconds=300)
            assert machine.process.poll() is None
    copies = Counter(one.recipient for one in sink.accepted)
    assert set(copies.values()) == {1}
    assert {address for address in copies if address.endswith("@x.vn")} == {f"after{number}@x.vn" for number in range(1, len(steps) + 1)}


@pytest.mark.db("postgresql")
@pytest.mark.slow
def test_two_hosts_ninety_seconds_apart_send_once_and_nothing_earlier_than_that(app: Flask, session: Session, database_url: str, data: Path) -> None:
    post.fill(session, ["held@x.vn"])
    wait_until(session, "within@x.vn", designs.APART / 2)
    wait_until(session, "beyond@x.vn", designs.APART * 3)
    with Sink() as sink:
        here = threading.Thread(target=post.send, args=(app, sink.port), kwargs={"lease": timedelta(seconds=1)})
        here.start()
        sink.wait_for(1)
        there = designs.start("leased_on_another_host", database_url, data, sink.port)
        there.join(120)
        sink.release.set()
        here.join(30)
    assert sorted(one.recipient for one in sink.accepted) == ["held@x.vn", "within@x.vn"]
    session.rollback()
    states = dict(session.execute(select(OutboxMessage.to_address, OutboxMessage.state)).all())
    assert states == {"held@x.vn": MessageState.SENT, "within@x.vn": MessageState.SENT, "beyond@x.vn": MessageState.WAITING}
