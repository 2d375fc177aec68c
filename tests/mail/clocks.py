"""Clocks that are set while something runs: the one the outbox is measured by, and that of a whole scheduler process.

``python -m tests.mail.clocks FILE scheduler`` is ``flask scheduler`` on a machine whose clock is ahead by the seconds in FILE.
"""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType

import apscheduler.schedulers.base
import apscheduler.triggers.interval
from flask.cli import main
from sqlalchemy.orm import Session

from tests.harness.stores import TODAY
from tests.mail import post
from tracker.kernel import clock
from tracker.kernel.database import writing
from tracker.mail import service
from tracker.mail.models import MailAttempt, OutboxMessage

ROOT = Path(__file__).parents[2]


def forward(session: Session, by: timedelta) -> None:
    """Sets the clock of the machine, as the outbox sees it: every instant it keeps is then so much longer ago. Backward where ``by`` is negative."""
    with writing():
        session.rollback()
        for row in session.query(OutboxMessage).order_by(OutboxMessage.id):
            row.not_before -= by
            row.expires_at = row.expires_at and row.expires_at - by
            row.lease_until = row.lease_until and row.lease_until - by
        for attempt in session.query(MailAttempt).order_by(MailAttempt.id):
            attempt.started_at -= by
            attempt.ended_at = attempt.ended_at and attempt.ended_at - by
        session.commit()


@dataclass
class Machine:
    """``with Machine(url, data) as machine``: a scheduler at work in a process of its own; ``machine.steps(seconds)`` sets its clock."""

    url: str
    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    ahead: float = 0.0

    def __enter__(self) -> Machine:
        self._file = self.data / "clock"
        self.steps(0)
        environment = {
            **os.environ,
            "FLASK_APP": "wsgi",
            "DATABASE_URL": self.url,
            "TRACKER_DATA": str(self.data),
            "TRACKER_ENV": "development",
            "TRACKER_NOW": f"{TODAY}T09:30",
            "TRACKER_NOW_ANCHOR": clock.real_now().isoformat(),
            "BASE_URL": "http://localhost",
            **self.settings,
        }
        command = [sys.executable, "-m", "tests.mail.clocks", str(self._file), "scheduler"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()

    def steps(self, seconds: float) -> None:
        """Sets the machine's clock forward, or backward."""
        self.ahead += seconds
        written = self._file.with_suffix(".new")
        written.write_text(str(self.ahead))
        written.replace(self._file)


def _set(file: Path) -> None:
    """Every clock of this process goes by the file: ours, and APScheduler's."""
    true = clock.real_now

    def shown() -> datetime.datetime:
        return true() + timedelta(seconds=float(file.read_text()))

    class Shown(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
            return shown().astimezone(tz)

    clock.real_now = shown
    for module in (apscheduler.schedulers.base, apscheduler.triggers.interval):
        module.datetime = Shown


if __name__ == "__main__":
    assert service.kind_of(post.KIND), "this scheduler sends the mails of tests too"
    _set(Path(sys.argv.pop(1)))
    main()
