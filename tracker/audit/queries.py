"""Reads of events and seals. Not narrowed by a scope: events are not Keyed, and sealing and verifying are the installation's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, column, func, or_, select, table
from sqlalchemy.orm import Session

from tracker.audit.models import AuditEvent, AuditSeal, SealedEvent
from tracker.audit.rules import LATE_IDS, SETTLED, Head

#: Rows fetched at a time where a whole table is read.
FETCHED = 1000
#: The columns of an event that a seal covers: all of them.
EVENT = (
    AuditEvent.id,
    AuditEvent.at,
    AuditEvent.authority_id,
    AuditEvent.account_id,
    AuditEvent.actor,
    AuditEvent.on_behalf_of,
    AuditEvent.action,
    AuditEvent.subject_type,
    AuditEvent.subject_id,
    AuditEvent.summary,
    AuditEvent.changes,
)
#: The columns of a seal.
SEAL = (AuditSeal.id, AuditSeal.at, AuditSeal.authority_id, AuditSeal.number, AuditSeal.total, AuditSeal.previous, AuditSeal.digest)
#: The room of units stands above this one: of an authority only its name is read.
_AUTHORITY = table("authority", column("id"), column("name"))
_SEALED = select(SealedEvent.event_id).where(SealedEvent.event_id == AuditEvent.id).exists()


def plain(event: Any) -> dict[str, Any]:
    """An event as its seal reads it: the same from SQLite and from PostgreSQL."""
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


def unsealed(session: Session, now: datetime, after: int, limit: int) -> Sequence[Row[Any]]:
    """Events to seal now, by id: not yet sealed and settled. What says it comes from the future has only met a clock that was put back."""
    settled = or_(AuditEvent.at <= now - SETTLED, AuditEvent.at > now + SETTLED)
    return session.execute(select(*EVENT).where(AuditEvent.id > after, settled, ~_SEALED).order_by(AuditEvent.id).limit(limit)).all()


def recent_from(session: Session) -> int:
    """The id after which a sealer looks between its full rounds: ids are given out before they are committed, so some come late."""
    last = session.scalar(select(func.max(SealedEvent.event_id)))
    return max(0, (last or 0) - LATE_IDS)


def last_seal(session: Session, authority_id: int | None) -> AuditSeal | None:
    """The end of a chain."""
    return session.scalars(select(AuditSeal).where(of_chain(authority_id)).order_by(AuditSeal.number.desc()).limit(1)).one_or_none()


def of_chain(authority_id: int | None) -> ColumnElement[bool]:
    """The seals of one authority, or of none."""
    return AuditSeal.authority_id.is_(None) if authority_id is None else AuditSeal.authority_id == authority_id


def chains(session: Session) -> list[int | None]:
    """Who has a chain; the one of no authority first."""
    return sorted(session.scalars(select(AuditSeal.authority_id).distinct()), key=lambda one: one or 0)


def heads(session: Session) -> list[Head]:
    """The end of every chain."""
    found = (last_seal(session, one) for one in chains(session))
    return [Head(one.authority_id, one.number, one.digest) for one in found if one is not None]


def seals_after(session: Session, authority_id: int | None, number: int, limit: int) -> Sequence[Any]:
    """The next seals of a chain, as the columns they are."""
    wanted = select(*SEAL)
    return session.execute(wanted.where(of_chain(authority_id), AuditSeal.number > number).order_by(AuditSeal.number).limit(limit)).all()


def events_of(session: Session, seal_ids: Sequence[int]) -> Iterator[Row[Any]]:
    """The events of some seals of one chain, seal by seal, each by id; a few rows in memory at a time."""
    wanted: Select[Any] = (
        select(SealedEvent.seal_id, *EVENT)
        .join(AuditEvent, AuditEvent.id == SealedEvent.event_id)
        .join(AuditSeal, AuditSeal.id == SealedEvent.seal_id)
        .where(SealedEvent.seal_id.in_(seal_ids))
        .order_by(AuditSeal.number, AuditEvent.id)
    )
    yield from session.execute(wanted.execution_options(yield_per=FETCHED))


def named(session: Session, digests: Sequence[str]) -> dict[str, Head]:
    """The seals that bear these digests."""
    found = session.execute(
        select(AuditSeal.authority_id, AuditSeal.number, AuditSeal.digest).where(AuditSeal.digest.in_(digests)).order_by(AuditSeal.id)
    )
    return {row.digest: Head(*row) for row in found}


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Events of one authority that nobody sealed: how many, and the instant of the oldest."""

    authority_id: int | None
    count: int
    oldest: datetime


def forgotten(session: Session, before: datetime) -> list[Forgotten]:
    """What is older than ``before`` and bears no seal."""
    wanted = select(AuditEvent.authority_id, func.count(), func.min(AuditEvent.at)).where(AuditEvent.at < before, ~_SEALED)
    return [Forgotten(*row) for row in session.execute(wanted.group_by(AuditEvent.authority_id).order_by(AuditEvent.authority_id))]


def astray(session: Session) -> int:
    """How many ties between an event and a seal lead to a seal or to an event that is not there."""
    no_seal = ~select(AuditSeal.id).where(AuditSeal.id == SealedEvent.seal_id).exists()
    no_event = ~select(AuditEvent.id).where(AuditEvent.id == SealedEvent.event_id).exists()
    return session.scalar(select(func.count()).select_from(SealedEvent).where(or_(no_seal, no_event))) or 0


def counted_seals(session: Session) -> int:
    """Seals made since each is also written down outside the database."""
    return session.scalar(select(func.count()).select_from(AuditSeal).where(AuditSeal.total.is_not(None))) or 0


def authority_names(session: Session) -> dict[int, str]:
    """Every authority's name."""
    found = session.execute(select(_AUTHORITY.c.id, _AUTHORITY.c.name).order_by(_AUTHORITY.c.id))
    return {row.id: row.name for row in found}
