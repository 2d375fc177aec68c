"""Senders killed at random and at every named moment lose nothing, and double no more than nobody could have known.

Three designs known to be wrong go red in the same harness, or it would prove nothing about ours.
"""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.mail import designs, kills, post
from tests.mail.sink import Sink
from tracker.kernel import clock
from tracker.mail.models import MailAttempt
from tracker.mail.rules import MessageState, Outcome

MESSAGES = 500
KILLS = 10


@pytest.mark.db
@pytest.mark.slow
def test_killed_senders_lose_nothing(app: Flask, session: Session, database_url: str, data: Path) -> None:
    wanted = kills.addresses(MESSAGES)
    deaths = kills.deaths(at_each_moment=1, at_random=KILLS - 8, seed=clock.real_now().toordinal())
    post.fill(session, wanted)
    with Sink(delay=0.01) as sink:
        trial = kills.Trial("leased", app, database_url, data, sink, senders=3, left=deaths)
        trial.run(session, seconds=120)
        assert kills.violations(session, sink, wanted, trial.kills) == []


@pytest.mark.db
@pytest.mark.slow
def test_a_sender_frozen_for_three_leases_doubles_once_and_then_changes_nothing(app: Flask, session: Session, database_url: str, data: Path) -> None:
    (message,) = post.fill(session, ["slow@x.vn"])
    with Sink(slowness=0.5) as sink:
        frozen = designs.start("leased_for_a_second", database_url, data, sink.port)
        sink.wait_for(1)
        assert frozen.pid is not None
        os.kill(frozen.pid, signal.SIGSTOP)
        try:
            a_second = timedelta(seconds=1)
            post.send(app, sink.port, lease=a_second)
            time.sleep(3)
            assert post.send(app, sink.port, lease=a_second).sent == 1, "nobody renewed the lease before our eyes"
        finally:
            os.kill(frozen.pid, signal.SIGCONT)
        frozen.join(20)
    session.rollback()
    tries = session.scalars(select(MailAttempt).order_by(MailAttempt.number)).all()
    assert [(one.number, one.outcome) for one in tries] == [(1, Outcome.UNKNOWN), (2, Outcome.OK)], "the late outcome found no row of its own"
    session.refresh(message)
    assert (message.state, message.attempts) == (MessageState.SENT, 2)
    assert len({one.message_id for one in sink.accepted}) == 1 and len(sink.accepted) == 2


@pytest.mark.db("sqlite")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("design", "death", "complaint"),
    [("mark_then_send", "mid-data:3", "never arrived"), ("send_all_then_commit", "dot:20", "times"), ("leased_without_heartbeat", None, "times")],
)
def test_a_design_known_to_be_wrong_is_found_out(
    design: str, death: str | None, complaint: str, app: Flask, session: Session, database_url: str, data: Path
) -> None:
    wanted = ["slow@x.vn", *kills.addresses(30, faults=False)]
    post.fill(session, wanted)
    # The second sender must have begun before the slow answer comes, also on a busy machine.
    with Sink(slowness=5.0) as sink:
        trial = kills.Trial(design, app, database_url, data, sink, senders=2 if death is None else 1, left=[death] if death else [])
        trial.run(session, seconds=60)
        found = kills.violations(session, sink, wanted, trial.kills)
    assert any(complaint in sentence for sentence in found), found
