"""A scheduler at work while its database dies and comes back, or is locked by others for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.mail import kills
from tests.mail.sink import Sink
from tests.mail.test_scheduler import start
from tests.reminders import flood
from tracker.kernel.database import db, sqlite_driver
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import MessageState

#: What a storm does at one moment.
Blow = Callable[[], None]
#: Messages a scheduler has on the wire at most; each may be doubled by a death of the database.
ON_THE_WIRE = 3


def weather(app: Flask, session: Session, url: str, data: Path, people: int, blows: list[Blow], seconds: float) -> list[str]:
    """A scheduler process plans for so many people and sends; each blow falls after an equal part of the mails. What went wrong."""
    wanted = list(flood.gather(session, people, people_each=2).due)
    session.rollback()
    with Sink(delay=0.03) as sink:
        running = start(url, data, MAIL_SERVER="127.0.0.1", MAIL_PORT=str(sink.port), MAIL_RATE_PER_MINUTE="0")
        try:
            for number, blow in enumerate(blows, 1):
                sink.wait_for(len(wanted) * number // (len(blows) + 1), seconds)
                blow()
            done = _settled(app, len(wanted), seconds)
            wrong = [] if running.poll() is None else ["the scheduler died"]
            wrong += [] if done else ["messages wait that nobody sends"]
            return wrong + kills.violations(session, sink, wanted, ON_THE_WIRE * len(blows))
        finally:
            running.kill()
            running.wait()


def _settled(app: Flask, number: int, seconds: float) -> bool:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        try:
            with app.app_context(), db.engine.connect() as connection:
                states = connection.scalars(select(OutboxMessage.state)).all()
            if len(states) >= number and not {MessageState.WAITING, MessageState.SENDING} & set(states):
                return True
        except DBAPIError:  # it is just coming back
            pass
        time.sleep(0.2)
    return False


def locked(path: str, seconds: float) -> None:
    """Somebody else writes for so long."""
    connection: Any = sqlite_driver().connect(path, isolation_level=None, timeout=60)
    connection.execute("BEGIN EXCLUSIVE")
    time.sleep(seconds)
    connection.execute("ROLLBACK")
    connection.close()


@contextmanager
def crowded(path: str, writers: int = 4) -> Iterator[None]:
    """Others write all the time, each for a moment."""
    over = threading.Event()

    def write() -> None:
        while not over.wait(0.06):
            locked(path, 0.01)

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(60)
