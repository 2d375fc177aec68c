"""Reads of the outbox and of the scheduler's runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.mail.models import JobRun, OutboxMessage
from tracker.mail.rules import MessageState


def runs(session: Session) -> list[JobRun]:
    """The last run of each scheduled job, by name."""
    return list(session.scalars(select(JobRun).order_by(JobRun.name)))


def last_good(found: Iterable[JobRun]) -> datetime | None:
    """When any of these jobs last went well."""
    return max((run.good_at for run in found if run.good_at), default=None)


#: A clockwork that has not sent for so long stands still: it looks every few seconds.
STANDS_STILL_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Clockwork:
    """Whether anybody plans and sends. Instants are real ones; None: never yet."""

    good_at: datetime | None
    planned_at: datetime | None
    stands_still: bool
    #: Jobs whose last run failed, by name.
    failing: tuple[str, ...]


def clockwork(session: Session, now: datetime) -> Clockwork:
    """When scheduled jobs last went well. ``now``: real."""
    found = {run.name: run for run in runs(session)}
    good_at = last_good(found.values())
    planned = found.get("plan reminders")
    # A run that lies ahead of us says that the clock was set, not that anybody runs.
    still = good_at is None or abs(now - good_at) > STANDS_STILL_AFTER
    return Clockwork(good_at, planned.good_at if planned else None, still, tuple(name for name, run in found.items() if not run.ok))


def waiting(session: Session) -> int:
    """How many messages of the whole installation wait or are under way."""
    unfinished = OutboxMessage.state.in_([MessageState.WAITING, MessageState.SENDING])
    return session.scalar(select(func.count()).select_from(OutboxMessage).where(unfinished)) or 0
