"""Record and seal. How seals are verified stands in ``verify_service.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tracker.audit import queries
from tracker.audit.models import AuditEvent, AuditSeal, SealedEvent
from tracker.audit.rules import FIRST_SEAL, SEALED_AT_ONCE, Actor, Head, SealDigest


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


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one round of sealing did: the seals it made, and the last event it came to."""

    heads: list[Head]
    last_id: int


def seal(session: Session, now: datetime, *, after: int = 0, limit: int = SEALED_AT_ONCE) -> Sealed | None:
    """Seals the first ``limit`` settled events with an id over ``after``, each into its authority's chain. None where there are none.

    An event with a lower id that is committed later gets a later seal: what counts is that it has none yet. Two processes cannot
    write the same number of a chain: the slower one meets an IntegrityError.
    """
    events = queries.unsealed(session, now, after, limit)
    if not events:
        return None
    by_authority: dict[int | None, list[Any]] = {}
    for event in events:
        by_authority.setdefault(event.authority_id, []).append(event)
    made = [_seal_chain(session, authority_id, of_it, now) for authority_id, of_it in by_authority.items()]
    return Sealed(made, events[-1].id)


def _seal_chain(session: Session, authority_id: int | None, events: Sequence[Any], now: datetime) -> Head:
    last = queries.last_seal(session, authority_id)
    previous, number = (last.digest, last.number + 1) if last else (FIRST_SEAL, 1)
    made = AuditSeal(
        at=now, authority_id=authority_id, number=number, total=(last.total or 0 if last else 0) + len(events), previous=previous, digest=""
    )
    digest = SealDigest(previous, header(made))
    for event in events:
        digest.add(queries.plain(event))
    made.digest = digest.hexdigest()
    session.add(made)
    session.flush()
    session.execute(insert(SealedEvent), [{"event_id": event.id, "seal_id": made.id} for event in events])
    return Head(authority_id, number, made.digest)


def header(seal: Any) -> dict[str, Any] | None:
    """What a seal says of itself and its digest covers; None for those made before each authority had a chain."""
    if seal.total is None:
        return None
    return {"authority": seal.authority_id, "number": seal.number, "at": seal.at.astimezone(UTC).isoformat(), "total": seal.total}
