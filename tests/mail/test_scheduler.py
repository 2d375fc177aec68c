"""The scheduler as a process of its own: it plans and sends at start, tells when it ran, and stops when asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.harness.browser import serving
from tests.harness.stores import TODAY
from tests.mail.sink import Sink
from tracker.mail.models import JobRun, OutboxMessage
from tracker.mail.rules import MessageState

Command = Callable[..., Any]
ROOT = Path(__file__).parents[2]


def start(url: str, data: Path, **more: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "FLASK_APP": "wsgi",
        "DATABASE_URL": url,
        "TRACKER_DATA": str(data),
        "TRACKER_ENV": "development",
        "TRACKER_NOW": f"{TODAY}T09:30",
        "BASE_URL": "http://localhost",
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "scheduler"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def settled(session: Session, before: int = 0, seconds: float = 60) -> bool:
    """Whether messages came in time beside those that were there before, and every one has been sent."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        session.rollback()
        states = session.scalars(select(OutboxMessage.state)).all()
        if len(states) > before and set(states) == {MessageState.SENT}:
            return True
        time.sleep(0.2)
    return False


@pytest.mark.db
@pytest.mark.slow
def test_two_schedulers_plan_and_send_at_start_each_mail_once_and_stop_when_asked(
    app: Flask, session: Session, world: World, database_url: str, data: Path
) -> None:
    session.commit()
    running = [start(database_url, data), start(database_url, data)]
    try:
        assert settled(session)
        assert session.scalars(select(OutboxMessage.state)).all() == [MessageState.SENT] * 6
        assert len(list((data / "mail").glob("*.eml"))) == 6
        asked = time.monotonic()
        for process in running:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(15) for process in running] == [0, 0]
        assert time.monotonic() - asked < 8
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
    session.rollback()
    runs = {run.name: run for run in session.scalars(select(JobRun))}
    assert {"open rounds", "plan reminders", "send mail"} <= set(runs)
    assert all(run.ok and run.good_at for run in runs.values())


@pytest.mark.db
@pytest.mark.slow
@pytest.mark.parametrize("schedulers", [1, 2, 3])
def test_any_number_of_schedulers_beside_busy_web_workers_tell_each_mailbox_once(
    demo: Flask, session: Session, command: Command, database_url: str, data: Path, schedulers: int
) -> None:
    before = session.scalars(select(OutboxMessage.id)).all()
    session.commit()
    done = threading.Event()
    with Sink() as sink, serving(demo) as address:
        visitors = [threading.Thread(target=visit, args=(f"{address}/healthz", done)) for _ in range(4)]
        for visitor in visitors:
            visitor.start()
        running = [start(database_url, data, MAIL_SERVER="127.0.0.1", MAIL_PORT=str(sink.port), MAIL_RATE_PER_MINUTE="0") for _ in range(schedulers)]
        try:
            assert settled(session, len(before))
            for process in running:
                process.send_signal(signal.SIGTERM)
            assert [process.wait(30) for process in running] == [0] * schedulers
        finally:
            done.set()
            for process in running:
                if process.poll() is None:
                    process.kill()
            for visitor in visitors:
                visitor.join(10)
        planned = session.scalars(select(OutboxMessage.to_address).where(OutboxMessage.id.not_in(before))).all()
        assert sorted(one.recipient for one in sink.accepted) == sorted(planned) and len(planned) > 10
    assert json.loads(command("reminders", "reconcile", "--on", TODAY, "--json").stdout)["difference"] == 0


def visit(address: str, done: threading.Event) -> None:
    while not done.wait(0.05):
        urllib.request.urlopen(address, timeout=10).close()
