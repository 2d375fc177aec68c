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
from tracker.mail.rules import Dropped, MessageState, Prepared, message_key

#: Checks one message again and writes it. ``now`` is the business instant. Raising fails this message only, with the reason.
Preparer = Callable[[Session, OutboxMessage, datetime], Prepared | Dropped]
#: The same for a batch at once, by message id; a message left out is prepared alone.
BulkPreparer = Callable[[Session, Sequence[OutboxMessage], datetime], Mapping[int, Prepared | Dropped]]


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


def queue(
    session: Session,
    *,
    kind: str,
    dedupe_key: str,
    to_address: str,
    to_name: str,
    payload: dict[str, Any],
    planned_on: date,
    now: datetime,
    authority_id: int | None = None,
    account_id: int | None = None,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> OutboxMessage | None:
    """Puts one message into the outbox; None where ``dedupe_key`` has been used before. The unique constraint decides, not a look.

    ``payload`` holds what the preparer of ``kind`` needs: ids, never secrets. ``now``, ``not_before`` and ``expires_at`` are on
    the caller's (business) clock; the outbox keeps their distances and measures them on the real clock, so that a pretended
    date neither holds a message back for a year nor lets it expire at once. What expires first is sent first.
    """
    row: dict[str, Any] = {
        "dedupe_key": dedupe_key,
        "kind": kind,
        "authority_id": authority_id,
        "account_id": account_id,
        "to_address": to_address,
        "to_name": to_name,
        "payload": payload,
        "planned_on": planned_on,
        "created_at": now,
        "not_before": outbox.in_real_time(not_before or now, now),
        "expires_at": outbox.in_real_time(expires_at, now) if expires_at else None,
        "state": MessageState.WAITING,
        "attempts": 0,
        "message_id": message_key(dedupe_key),
    }
    inserting = sqlite.insert(OutboxMessage) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(OutboxMessage)
    once = inserting.values(**row).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(OutboxMessage)
    return session.scalars(once).one_or_none()


def cancel(session: Session, message: OutboxMessage, reason: str, now: datetime) -> bool:
    """Takes a waiting message back. False where a sender has it already or it has gone."""
    taken = (
        update(OutboxMessage)
        .where(OutboxMessage.id == message.id, OutboxMessage.state == MessageState.WAITING)
        .values(state=MessageState.CANCELLED, reason=reason, finished_at=now)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    changed = session.execute(taken).scalar_one_or_none() is not None
    session.expire(message)
    return changed


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
