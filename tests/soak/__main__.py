"""``python -m tests.soak [--days N] [--uploads N] [--races N] [--mails N] [--storms N]``: killed senders, a crowd, killed uploads, then a simulated year of the scheduler on the demo data, each day reconciled.

Fifty people change the same five tasks: every accepted edit must be a version and a line of the history (``--races 0`` leaves it out).
Senders of mail are killed at random and at every named moment, on both databases (``--mails 0`` leaves it out).
So many people are flooded by nobody after three days without a mail server, and lose no mail while the database dies (``--storms 0`` leaves it out).
Uploads are killed at every named moment and at random bytes: every committed row must have its bytes.

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

from tests.files import uploads
from tests.harness.stores import make_app
from tests.soak import crowd, mails, storms
from tracker.kernel import clock, scope
from tracker.kernel.database import db
from tracker.mail import jobs as mail_jobs
from tracker.mail.models import OutboxMessage
from tracker.reminders import jobs as reminders_jobs
from tracker.tasks import jobs as tasks_jobs
from tracker.units.models import Authority

FIRST = date(2026, 1, 1)


def main() -> int:
    """Returns 0 where every day adds up."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--days", type=int, default=365)
    wanted.add_argument("--uploads", type=int, default=200)
    wanted.add_argument("--races", type=int, default=crowd.RACES)
    wanted.add_argument("--mails", type=int, default=mails.MESSAGES)
    wanted.add_argument("--storms", type=int, default=storms.PEOPLE)
    asked = wanted.parse_args()
    unsent = mails.run(asked.mails, seed=FIRST.toordinal()) if asked.mails else 0
    unsent += storms.run(asked.storms) if asked.storms else 0
    lost = crowd.run(races=asked.races) if asked.races else 0
    days = asked.days
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
        started = time.monotonic()
        torn = killed_uploads(app, data, asked.uploads)
        print(f"{asked.uploads} uploads killed, {len(torn)} went wrong  {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
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
    return 1 if unsent or lost or torn or faults or doubled or sent != files else 0


def killed_uploads(app: Flask, data: Path, count: int) -> list[str]:
    """What they got wrong, also told on standard error."""
    with app.app_context(), scope.using(db.session(), scope.whole("a soak")):
        authority_id = db.session().scalars(select(Authority.id).order_by(Authority.id)).first() or 0
        db.session.remove()
    torn = uploads.wrong(app, authority_id, app.config["SQLALCHEMY_DATABASE_URI"], data, count, seed=FIRST.toordinal())
    for sentence in torn:
        print(sentence, file=sys.stderr)
    return torn


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
