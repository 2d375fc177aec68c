"""The scheduler as a process of its own: it plans and sends at start, tells when it ran, and stops when asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.harness.stores import TODAY
from tracker.mail.models import JobRun, OutboxMessage
from tracker.mail.rules import MessageState

ROOT = Path(__file__).parents[2]


def start(url: str, data: Path) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "FLASK_APP": "wsgi",
        "DATABASE_URL": url,
        "TRACKER_DATA": str(data),
        "TRACKER_ENV": "development",
        "TRACKER_NOW": f"{TODAY}T09:30",
        "BASE_URL": "http://localhost",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "scheduler"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@pytest.mark.db
@pytest.mark.slow
def test_two_schedulers_plan_and_send_at_start_each_mail_once_and_stop_when_asked(
    app: Flask, session: Session, world: World, database_url: str, data: Path
) -> None:
    session.commit()
    running = [start(database_url, data), start(database_url, data)]
    try:
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up:
            session.rollback()
            states = list(session.scalars(select(OutboxMessage.state)))
            if states and set(states) == {MessageState.SENT}:
                break
            time.sleep(0.2)
        assert states == [MessageState.SENT] * 6
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
