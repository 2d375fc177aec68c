"""Three designs of a sender, each run in a process of its own that a test may kill: ours, and two that are known to be wrong.

The wrong ones are the shapes of real programs (mark, then send; send all, then commit once). The kill test must go red on them,
or it proves nothing about ours.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from tests.harness.stores import make_app
from tests.mail import post
from tracker.kernel import clock
from tracker.kernel.database import db, writing
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import MessageState, Outcome
from tracker.mail.transport import Letter


def leased(app: Flask, port: int) -> None:
    """Ours."""
    post.send(app, port)


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


def _letter(message: OutboxMessage) -> Letter:
    prepared = post.prepare(db.session(), message, clock.now())
    return Letter(message.message_id, message.to_address, message.to_name, prepared)  # type: ignore[arg-type]


DESIGNS: dict[str, Callable[[Flask, int], None]] = {f.__name__: f for f in (leased, mark_then_send, send_all_then_commit)}

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.mail.designs"])


def _process(design: str, url: str, data: Path, port: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    DESIGNS[design](make_app(url, data), port)


def start(design: str, url: str, data: Path, port: int) -> BaseProcess:
    """A sender at work in its own process."""
    process = _PROCESSES.Process(target=_process, args=(design, url, data, port), daemon=True)
    process.start()
    return process
