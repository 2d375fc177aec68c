"""Reads of the outbox and of the scheduler's runs."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.mail.models import JobRun, OutboxMessage
from tracker.mail.rules import MessageState


def runs(session: Session) -> list[JobRun]:
    """The last run of each scheduled job, by name."""
    return list(session.scalars(select(JobRun).order_by(JobRun.name)))


def waiting(session: Session) -> int:
    """How many messages of the whole installation wait or are under way."""
    unfinished = OutboxMessage.state.in_([MessageState.WAITING, MessageState.SENDING])
    return session.scalar(select(func.count()).select_from(OutboxMessage).where(unfinished)) or 0
