"""Senders killed at random moments lose nothing, and double no more than nobody could have known.

For each message: copies accepted ≤ 1 + tries whose outcome is unknown, every copy with the same Message-ID (RFC 1047 shows
that no client can do better). Two designs known to be wrong go red in the same harness.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.mail import designs, post
from tests.mail.sink import Sink
from tracker.mail.models import MailAttempt, OutboxMessage
from tracker.mail.rules import MessageState, Outcome

MESSAGES = 60
KILLS = 6
ADDRESSES = [f"a{n}@x.vn" for n in range(MESSAGES)]


def violations(session: Session, sink: Sink) -> list[str]:
    """What a design got wrong, one sentence each."""
    session.rollback()
    unknown = dict(
        session.execute(
            select(OutboxMessage.to_address, func.count(MailAttempt.id))
            .join(MailAttempt, MailAttempt.outbox_message_id == OutboxMessage.id)
            .where(MailAttempt.outcome == Outcome.UNKNOWN)
            .group_by(OutboxMessage.to_address)
        ).all()
    )
    copies = Counter(one.recipient for one in sink.accepted)
    said_sent = set(session.scalars(select(OutboxMessage.to_address).where(OutboxMessage.state == MessageState.SENT)))
    wrong = [f"{address} never arrived" for address in ADDRESSES if not copies[address]]
    wrong += [f"{address} arrived {n} times" for address, n in copies.items() if n > 1 + unknown.get(address, 0)]
    wrong += [f"{address} came under two Message-IDs" for address in copies if len({one.message_id for one in sink.to(address)}) > 1]
    wrong += [f"{address} is marked sent and never arrived" for address in sorted(said_sent) if not copies[address]]
    return wrong


def run(design: str, app: Flask, url: str, data: Path, sink: Sink, senders: int) -> None:
    """The design at work until nothing is left, a random sender killed KILLS times on the way."""
    chance = random.Random(20261118)
    working = [designs.start(design, url, data, sink.port) for _ in range(senders)]
    killed = 0
    give_up = time.monotonic() + 60
    while any(p.is_alive() for p in working) and time.monotonic() < give_up:
        before = len(sink.accepted)
        while len(sink.accepted) == before and any(p.is_alive() for p in working):
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.12))
        if killed < KILLS:
            victim = chance.choice(working)
            victim.kill()
            victim.join(5)
            killed += 1
            working[working.index(victim)] = designs.start(design, url, data, sink.port)
    designs.DESIGNS[design](app, sink.port)
    assert killed == KILLS, "the queue was empty before every kill had been made"


@pytest.mark.db
@pytest.mark.slow
def test_killed_senders_lose_nothing(app: Flask, session: Session, database_url: str, data: Path) -> None:
    post.fill(session, ADDRESSES)
    with Sink(delay=0.03) as sink:
        run("leased", app, database_url, data, sink, senders=2)
        assert violations(session, sink) == []
    assert set(session.scalars(select(OutboxMessage.state))) == {MessageState.SENT}
    doubles = len(sink.accepted) - MESSAGES
    assert doubles <= KILLS


@pytest.mark.db("sqlite")
@pytest.mark.slow
@pytest.mark.parametrize(("design", "complaint"), [("mark_then_send", "never arrived"), ("send_all_then_commit", "times")])
def test_a_design_known_to_be_wrong_is_found_out(design: str, complaint: str, app: Flask, session: Session, database_url: str, data: Path) -> None:
    post.fill(session, ADDRESSES)
    with Sink(delay=0.03) as sink:
        run(design, app, database_url, data, sink, senders=1)
        found = violations(session, sink)
    assert any(complaint in sentence for sentence in found), found
