"""Events and seals for the tests of the journal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracker.audit import service, verify_service, witness
from tracker.audit.models import AuditEvent
from tracker.audit.rules import SYSTEM
from tracker.audit.verify_service import Verdict

NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
APPEND_ONLY = ("audit_event", "audit_seal", "sealed_event")


def record(session: Session, summary: str, *, minutes: float = 0, authority_id: int | None = None) -> AuditEvent:
    """An event so many minutes after NOW."""
    at = NOW + timedelta(minutes=minutes)
    event = service.record(session, SYSTEM, "test.event", summary, now=at, authority_id=authority_id, subject=("task", 1), changes={"a": (1, "hai")})
    session.flush()
    return event


def sealed(session: Session, data: Path, *, minutes: float) -> service.Sealed | None:
    """What the job does in one round, so many minutes after NOW."""
    now = NOW + timedelta(minutes=minutes)
    made = service.seal(session, now)
    session.commit()
    if made is not None:
        witness.append(data, made.heads, now)
    return made


def found(session: Session, data: Path, *, minutes: float = 120) -> Verdict:
    """What verifying finds."""
    return verify_service.verify(session, data, NOW + timedelta(minutes=minutes))


def lift_the_triggers(session: Session, backend: str) -> None:
    """What somebody with the database's keys would do first; undone by a rollback."""
    for table in APPEND_ONLY:
        if backend == "sqlite":
            for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"), {"t": table}).all():
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
