"""``python -m tests.soak [--days N]``: a simulated year of the scheduler on the demo data, each day reconciled.

Rounds open, reminders are planned and sent to a folder, twice a day as two processes would; every planned message must be
accounted for and none may be said twice. About ten minutes for a year; touches a temporary folder only.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from tests.harness.stores import make_app
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.mail import jobs as mail_jobs
from tracker.mail.models import OutboxMessage
from tracker.reminders import jobs as reminders_jobs
from tracker.tasks import jobs as tasks_jobs

FIRST = date(2026, 1, 1)


def main() -> int:
    """Returns 0 where every day adds up."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--days", type=int, default=365)
    days = wanted.parse_args().days
    with tempfile.TemporaryDirectory(prefix="dondoc-soak-") as folder:
        data = Path(folder)
        app = make_app(f"sqlite:///{data / 'soak.sqlite'}", data)
        pretend(FIRST, 6)
        with app.app_context():
            upgrade()
            seeded = app.test_cli_runner().invoke(args=["seed", "--samples"])
            demo = app.test_cli_runner().invoke(args=["seed", "--demo"])
            if seeded.exit_code or demo.exit_code:
                print(seeded.output, demo.output, file=sys.stderr)
                return 1
        started, sent, faults = time.monotonic(), 0, 0
        for day in (FIRST + timedelta(days=n) for n in range(days)):
            sent += one_day(app, day)
            pretend(day, 18)
            found = reminders_jobs.reconcile_today(app)
            if found.difference:
                faults += 1
                print(f"{day}: {found}", file=sys.stderr)
            if day.day == 1:
                print(f"{day}  {sent} mails  {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
        with app.app_context():
            keys = Counter(db.session.scalars(select(OutboxMessage.dedupe_key)))
        doubled = [key for key, count in keys.items() if count > 1]
        files = len(list((data / "mail").glob("*.eml")))
    print(f"{days} days, {sent} mails sent, {files} in the folder, {faults} days that do not add up, {len(doubled)} said twice")
    return 1 if faults or doubled or sent != files else 0


def one_day(app: Flask, day: date) -> int:
    """The scheduler's day, done twice: how many mails were sent."""
    sent = 0
    for hour in (8, 8, 15):
        pretend(day, hour)
        tasks_jobs.open_rounds(app)
        reminders_jobs.plan_today(app)
        sent += mail_jobs.send_waiting(app).sent
    return sent


def pretend(day: date, hour: int) -> None:
    """The business clock stands at that hour of that day."""
    os.environ[clock.NOW_VARIABLE] = f"{day.isoformat()}T{hour:02d}:00"
    os.environ[clock.ANCHOR_VARIABLE] = clock.real_now().isoformat()


if __name__ == "__main__":
    sys.exit(main())
