"""Putting messages into the outbox, and saying how each kind is checked again and written when it goes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.mail import outbox
from tracker.mail.models import JobRun, OutboxMessage
from tracker.mail.rules import Checked, MessageState, message_key

#: Checks one message again and writes it. ``now`` is the business instant. Raising fails this message only, with the reason.
Preparer = Callable[[Session, OutboxMessage, datetime], Checked]
#: The same for a batch at once, of any number of authorities, all in scope, by message id; a message left out is prepared alone.
BulkPreparer = Callable[[Session, Sequence[OutboxMessage], datetime], Mapping[int, Checked]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message."""

    prepare: Preparer
    in_bulk: BulkPreparer | None = None


_KINDS: dict[str, Kind] = {}


def register(kind: str, prepare: Preparer, in_bulk: BulkPreparer | None = None) -> None:
    """Says how messages of ``kind`` are checked again and written at the moment of sending. Called by app.py."""
    _KINDS[kind] = Kind(prepare, in_bulk)


def kind_of(name: str) -> Kind:
    """The registered kind. Raises LookupError with a sentence where nobody registered it."""
    try:
        return _KINDS[name]
    except KeyError:
        raise LookupError(f"Không biết cách soạn thư loại “{name}”.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to be put into the outbox. ``payload`` holds what the preparer of ``kind`` needs: ids, never secrets.

    ``not_before`` and ``expires_at`` are on the caller's (business) clock; the outbox keeps their distances and measures them on
    the real clock, so that a pretended date neither holds a message back for a year nor lets it expire at once.
    """

    kind: str
    dedupe_key: str
    to_address: str
    to_name: str
    payload: dict[str, Any]
    planned_on: date
    authority_id: int | None = None
    account_id: int | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None


def queue(session: Session, outgoing: Outgoing, now: datetime) -> OutboxMessage | None:
    """Puts one message into the outbox; None where its ``dedupe_key`` has been used before. ``now`` is the business instant."""
    found = queue_many(session, [outgoing], now)
    return session.get_one(OutboxMessage, found[outgoing.dedupe_key]) if found else None


def queue_many(session: Session, outgoing: Sequence[Outgoing], now: datetime) -> dict[str, int]:
    """Puts messages into the outbox together: dedupe key → id of those that are new. The unique constraint decides, not a look.

    What expires first is sent first.
    """
    if not outgoing:
        return {}
    inserting = sqlite.insert(OutboxMessage) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(OutboxMessage)
    once = inserting.on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(OutboxMessage.dedupe_key, OutboxMessage.id)
    # A message to nobody's account says so: rows of one shape go in one statement.
    once = once.execution_options(render_nulls=True)
    queued = session.execute(once, [_row(one, now) for one in outgoing])
    return {row.dedupe_key: row.id for row in queued}


def _row(outgoing: Outgoing, now: datetime) -> dict[str, Any]:
    return {
        "dedupe_key": outgoing.dedupe_key,
        "kind": outgoing.kind,
        "authority_id": outgoing.authority_id,
        "account_id": outgoing.account_id,
        "to_address": outgoing.to_address,
        "to_name": outgoing.to_name,
        "payload": outgoing.payload,
        "planned_on": outgoing.planned_on,
        "created_at": now,
        "not_before": outbox.in_real_time(outgoing.not_before or now, now),
        "expires_at": outbox.in_real_time(outgoing.expires_at, now) if outgoing.expires_at else None,
        "state": MessageState.WAITING,
        "attempts": 0,
        "message_id": message_key(outgoing.dedupe_key),
    }


def cancel(session: Session, message_ids: Sequence[int], reason: str, now: datetime) -> None:
    """Takes waiting messages back. One that a sender has already, or that has gone, stays as it is."""
    if not message_ids:
        return
    taken = (
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(message_ids), OutboxMessage.state == MessageState.WAITING)
        .values(state=MessageState.CANCELLED, reason=reason, finished_at=now)
        .execution_options(synchronize_session=False)
    )
    session.execute(taken)


def send_again(session: Session, message: OutboxMessage, address: str, now: datetime, expires_at: datetime) -> bool:
    """Lets a message that failed wait again, for the address as it is now. False where it has not failed, or another had it sent meanwhile.

    ``now`` and ``expires_at`` on the caller's clock, as in ``queue``. The Message-ID stays: a copy that did arrive is the same message.
    """
    real = outbox.in_real_time(now, now)
    waiting = (
        update(OutboxMessage)
        .where(OutboxMessage.id == message.id, OutboxMessage.state == MessageState.FAILED)
        .values(
            state=MessageState.WAITING,
            to_address=address,
            not_before=real,
            renewed_at=real,
            expires_at=outbox.in_real_time(expires_at, now),
            finished_at=None,
            reason=None,
        )
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    changed = session.execute(waiting).scalar_one_or_none() is not None
    session.expire(message)
    return changed


def note_run(session: Session, name: str, *, started_at: datetime, finished_at: datetime, ok: bool, detail: str | None) -> None:
    """Keeps when a scheduled job last ran and how. Instants are real ones."""
    run = session.scalars(select(JobRun).where(JobRun.name == name)).one_or_none()
    if run is None:
        run = JobRun(name=name)
        session.add(run)
    run.started_at, run.finished_at, run.ok, run.detail = started_at, finished_at, ok, detail
    if ok:
        run.good_at = finished_at
