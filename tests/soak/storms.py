"""The long forms of tests/reminders/test_flood.py and tests/mail/test_storms.py: 2,000 people; ten deaths of the server, twenty of a backend; long locks."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.orm import Session

from tests.harness.cluster import DURABLE, Cluster
from tests.harness.stores import make_app
from tests.mail import storms
from tests.reminders import flood
from tracker.kernel import clock, scope
from tracker.kernel.database import db

PEOPLE = 2_000
CRASHES, BACKENDS = 10, 20
#: Longer than the twenty seconds a statement waits.
LOCKS, LOCKED_SECONDS = 3, 25.0
RATE = 60


def run(people: int = PEOPLE) -> int:
    """How many things went wrong."""
    cluster = Cluster(DURABLE)
    try:
        with tempfile.TemporaryDirectory(prefix="dondoc-storms-") as folder:
            urls = (f"sqlite:///{folder}/flood.sqlite", cluster.create("flood"))
            return sum(_flood(url, Path(folder), people) for url in urls) + _storms(cluster, Path(folder), people)
    finally:
        cluster.stop()


def pretend(instant: str) -> None:
    """The business clock goes on from there."""
    os.environ[clock.NOW_VARIABLE], os.environ[clock.ANCHOR_VARIABLE] = instant, clock.real_now().isoformat()


def _flood(url: str, data: Path, people: int) -> int:
    def work(app: Flask, session: Session) -> list[str]:
        return flood.survive(app, session, people, RATE, pretend)

    return _told(f"{people} people after three days without a mail server", url, data, work)


def _storms(cluster: Cluster, data: Path, people: int) -> int:
    deaths = [cluster.crash] * CRASHES + [cluster.kill_a_backend] * BACKENDS
    pretend("2026-11-18T09:30")
    url = cluster.create("storm")
    wrong = _told(f"{len(deaths)} deaths", url, data, lambda app, session: storms.weather(app, session, url, data, people, deaths, 1800))
    path = f"{data}/storm.sqlite"
    locks = [lambda: storms.locked(path, LOCKED_SECONDS)] * LOCKS

    def locked(app: Flask, session: Session) -> list[str]:
        with storms.crowded(path):
            return storms.weather(app, session, f"sqlite:///{path}", data, people, locks, 1800)

    return wrong + _told(f"{LOCKS} locks of {LOCKED_SECONDS:.0f} s", f"sqlite:///{path}", data, locked)


def _told(what: str, url: str, data: Path, work: Callable[[Flask, Session], list[str]]) -> int:
    began = time.monotonic()
    app = make_app(url, data)
    with app.app_context():
        upgrade()
        session = db.session()
        with scope.using(session, scope.whole("a soak")):
            wrong = work(app, session)
        db.session.remove()
        db.engine.dispose()
    for sentence in wrong[:20]:
        print(sentence, file=sys.stderr)
    print(f"{url.partition(':')[0]}: {what}, {len(wrong)} went wrong  {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return len(wrong)
