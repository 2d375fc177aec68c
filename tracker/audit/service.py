"""Record, seal, verify."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.models import AuditEvent, AuditSeal, SealedEvent
from tracker.audit.rules import FIRST_SEAL, Actor, seal_digest


def record(
    session: Session,
    actor: Actor,
    action: str,
    summary: str,
    *,
    now: datetime,
    authority_id: int | None,
    subject: tuple[str, int] | None = None,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
) -> AuditEvent:
    """Adds one event in the same transaction as what it tells. ``changes``: field → (old, new), as JSON can hold."""
    event = AuditEvent(
        at=now,
        authority_id=authority_id,
        account_id=actor.account_id,
        actor=actor.words,
        on_behalf_of=actor.on_behalf_of,
        action=action,
        subject_type=subject[0] if subject else "",
        subject_id=subject[1] if subject else None,
        summary=summary,
        changes={field: list(pair) for field, pair in (changes or {}).items()},
    )
    session.add(event)
    return event


def history(session: Session, authority_id: int, subject_type: str, subject_id: int, limit: int = 200) -> list[AuditEvent]:
    """What happened to one thing, newest first."""
    return list(
        session.scalars(
            select(AuditEvent)
            .where(AuditEvent.authority_id == authority_id, AuditEvent.subject_type == subject_type, AuditEvent.subject_id == subject_id)
            .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
            .limit(limit)
        )
    )


def seal(session: Session, now: datetime) -> AuditSeal | None:
    """Seals every event not yet sealed, in order of id. None where there is nothing to seal."""
    events = session.scalars(
        select(AuditEvent).where(~select(SealedEvent.event_id).where(SealedEvent.event_id == AuditEvent.id).exists()).order_by(AuditEvent.id)
    ).all()
    if not events:
        return None
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)).first()
    previous = last.digest if last else FIRST_SEAL
    made = AuditSeal(at=now, previous=previous, digest=seal_digest(previous, [_plain(e) for e in events]))
    session.add(made)
    session.flush()
    session.add_all(SealedEvent(event_id=e.id, seal_id=made.id) for e in events)
    session.flush()
    return made


@dataclass(frozen=True, slots=True)
class Verdict:
    """``bad`` holds one sentence for each seal that does not fit its events or its predecessor."""

    events: int
    seals: int
    bad: list[str]


def verify(session: Session) -> Verdict:
    """Recomputes the whole chain."""
    bad: list[str] = []
    previous = FIRST_SEAL
    sealed = 0
    seals = session.scalars(select(AuditSeal).order_by(AuditSeal.id)).all()
    for one in seals:
        events = session.scalars(
            select(AuditEvent).join(SealedEvent, SealedEvent.event_id == AuditEvent.id).where(SealedEvent.seal_id == one.id).order_by(AuditEvent.id)
        ).all()
        sealed += len(events)
        if one.previous != previous:
            bad.append(f"Dấu niêm {one.id} không nối với dấu niêm trước nó.")
        elif one.digest != seal_digest(previous, [_plain(e) for e in events]):
            bad.append(f"Dấu niêm {one.id}: các sự kiện được niêm đã bị sửa hoặc thiếu.")
        previous = one.digest
    return Verdict(events=sealed, seals=len(seals), bad=bad)


def _plain(event: AuditEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": event.at.astimezone(UTC).isoformat(),
        "authority": event.authority_id,
        "account": event.account_id,
        "actor": event.actor,
        "on_behalf_of": event.on_behalf_of,
        "action": event.action,
        "subject": [event.subject_type, event.subject_id],
        "summary": event.summary,
        "changes": event.changes,
    }
