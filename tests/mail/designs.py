"""Four designs of a sender, each run in a process of its own that may be killed: ours, and three that are known to be wrong.

The wrong ones are the shapes of real programs: mark, then send; send all, then commit once; a lease nobody renews.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from flask import Flask
from sqlalchemy import and_, or_, select

from tests.harness.stores import make_app
from tests.mail import post
from tracker.kernel import clock
from tracker.kernel.database import db, writing
from tracker.kernel.failpoints import VARIABLE
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import MessageState, Outcome
from tracker.mail.transport import Letter


def leased(app: Flask, port: int) -> None:
    """Ours."""
    post.send(app, port)


def leased_for_a_second(app: Flask, port: int) -> None:
    """Ours, with a lease so short that a test can wait for it."""
    post.send(app, port, lease=timedelta(seconds=1))


#: How far apart the clocks of two hosts are.
APART = timedelta(seconds=90)


def leased_on_another_host(app: Flask, port: int) -> None:
    """Ours, on a host whose clock is ahead, looking for work again and again for five seconds."""
    here = clock.real_now
    clock.real_now = lambda: here() + APART
    give_up = time.monotonic() + 5
    while time.monotonic() < give_up:
        post.send(app, port, lease=timedelta(seconds=1))
        time.sleep(0.2)


def mark_then_send(app: Flask, port: int) -> None:
    """Control: the row says «sent» before the server has said anything."""
    with app.app_context(), writing():
        session, transport = db.session(), post.smtp(app, port)
        while message := session.scalars(select(OutboxMessage).where(OutboxMessage.state == MessageState.WAITING).order_by(OutboxMessage.id)).first():
            letter = _letter(message)
            message.state = MessageState.SENT
            session.commit()
            transport.deliver(letter)


def send_all_then_commit(app: Flask, port: int) -> None:
    """Control: one loop, one commit at its end."""
    with app.app_context():
        session, transport = db.session(), post.smtp(app, port)
        waiting = session.scalars(select(OutboxMessage).where(OutboxMessage.state == MessageState.WAITING).order_by(OutboxMessage.id)).all()
        sent = [message.id for message in waiting if transport.deliver(_letter(message)).outcome is Outcome.OK]
        session.rollback()
        with writing():
            for message in session.scalars(select(OutboxMessage).where(OutboxMessage.id.in_(sent))):
                message.state = MessageState.SENT
            session.commit()


#: Shorter than a slow server's answer (``slow@`` of the sink).
SHORT_LEASE = timedelta(seconds=0.3)


def leased_without_heartbeat(app: Flask, port: int) -> None:
    """Control: a lease of fixed length, and an outcome written down whoever holds the message by now."""
    with app.app_context():
        session, transport = db.session(), post.smtp(app, port)
        left = or_(OutboxMessage.state == MessageState.WAITING, OutboxMessage.state == MessageState.SENDING)
        while session.scalar(select(OutboxMessage.id).where(left).limit(1)) is not None:
            session.rollback()
            over = and_(OutboxMessage.state == MessageState.SENDING, OutboxMessage.lease_until < clock.real_now())
            with writing():
                message = session.scalars(
                    select(OutboxMessage).where(or_(OutboxMessage.state == MessageState.WAITING, over)).order_by(OutboxMessage.id).limit(1)
                ).first()
                if message is not None:
                    message.state, message.lease_until = MessageState.SENDING, clock.real_now() + SHORT_LEASE
                    letter = _letter(message)
                session.commit()
            if message is None:
                time.sleep(0.02)
                continue
            transport.deliver(letter)
            with writing():
                message.state = MessageState.SENT
                session.commit()


def _letter(message: OutboxMessage) -> Letter:
    prepared = post.prepare(db.session(), message, clock.now())
    return Letter(message.message_id, message.to_address, message.to_name, prepared)  # type: ignore[arg-type]


DESIGNS: dict[str, Callable[[Flask, int], None]] = {
    f.__name__: f for f in (leased, leased_for_a_second, leased_on_another_host, mark_then_send, send_all_then_commit, leased_without_heartbeat)
}

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.mail.designs"])


def _process(design: str, url: str, data: Path, port: int, dies: str | float | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    app = make_app(url, data)
    if isinstance(dies, str):
        os.environ[VARIABLE] = dies
    elif dies is not None:
        threading.Timer(dies, os.kill, (os.getpid(), signal.SIGKILL)).start()
    DESIGNS[design](app, port)


def start(design: str, url: str, data: Path, port: int, dies: str | float | None = None) -> BaseProcess:
    """A sender at work in its own process. It dies at a moment of failpoints.SENDING, or so many seconds after it began, or when it is done."""
    process = _PROCESSES.Process(target=_process, args=(design, url, data, port, dies), daemon=True)
    process.start()
    return process
