"""Claiming messages and recording what became of them: each function is one short statement or two inside the caller's transaction.

A claim is a lease: (owner, attempt number) is the fence, and every later statement names it in its WHERE. Whoever lost the
lease changes nothing. Core statements on purpose: this is the product's hottest loop.
"""

from __future__ import annotations

import functools
import os
import socket
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import psycopg

from tracker.kernel import clock
from tracker.mail.models import MailAttempt, OutboxMessage
from tracker.mail.rules import (
    BACK_OFF,
    CLOCKS_DIFFER,
    GIVE_UP_AFTER,
    GONE_AFTER,
    HOOKS,
    MessageState,
    Outcome,
    Phase,
    Result,
    back_off,
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """One leased message. ``number`` is the attempt this claim may make."""

    id: int
    owner: str
    number: int
    message_key: str
    to_address: str
    to_name: str
    first_due: datetime


def in_real_time(instant: datetime, now: datetime) -> datetime:
    """The real instant as far away as ``instant`` is from ``now`` on the caller's clock, which may be pretended."""
    return clock.real_now() + (instant - now)


@functools.cache
def _machine() -> str:
    """This boot of this machine and its process ids' namespace; empty where the system does not say."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()}/{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _born(pid: int) -> str | None:
    """When a process began, in clock ticks since boot: tells it from a later one of the same number. None where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in ("Z", "X") else fields[19]


def new_owner() -> str:
    """A name for one claim, from which others on this machine can tell whether its process still lives."""
    return f"{_machine()}|{os.getpid()}|{_born(os.getpid()) or ''}|{uuid.uuid4().hex}"


def surely_dead(owner: str) -> bool:
    """Whether the claim's process ran on this machine since its start and is gone. Only the lease tells of others."""
    machine, pid, born, _ = owner.rsplit("|", 3)
    if not machine or machine != _machine() or not born:
        return False
    return _born(int(pid)) != born


def _of_lane(hooks: bool) -> ColumnElement[bool]:
    """Messages for listening programs, or mail: neither waits for the other."""
    over_http = OutboxMessage.kind.startswith(HOOKS, autoescape=True)
    return over_http if hooks else ~over_http


def claim(connection: Connection, owner: str, limit: int, now: datetime, lease: timedelta, *, hooks: bool = False) -> list[Claimed]:
    """Leases up to ``limit`` messages of a lane that may go now, what expires first first. Two senders never get the same one."""
    due = (
        select(OutboxMessage.id)
        .where(OutboxMessage.state == MessageState.WAITING, OutboxMessage.not_before <= now, _of_lane(hooks))
        .order_by(OutboxMessage.expires_at.nulls_last(), OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = connection.scalars(due).all()
    if not ids:
        return []
    taken = (
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(ids))
        .values(state=MessageState.SENDING, owner=owner, lease_until=now + lease, attempts=OutboxMessage.attempts + 1)
        .returning(
            OutboxMessage.id,
            OutboxMessage.attempts,
            OutboxMessage.message_id,
            OutboxMessage.to_address,
            OutboxMessage.to_name,
            OutboxMessage.not_before,
        )
    )
    rows = {r.id: r for r in connection.execute(taken)}
    return [Claimed(r.id, owner, r.attempts, r.message_id, r.to_address, r.to_name, r.not_before) for r in (rows[one] for one in ids)]


def renew(connection: Connection, owner: str, until: datetime) -> None:
    """The heartbeat."""
    held = and_(OutboxMessage.owner == owner, OutboxMessage.state == MessageState.SENDING)
    connection.execute(update(OutboxMessage).where(held).values(lease_until=until))


_begun_before = select(MailAttempt.id).where(MailAttempt.outbox_message_id == bindparam("next"), MailAttempt.number == bindparam("next_number"))
_about_to_go = select(
    OutboxMessage.id,
    OutboxMessage.attempts,
    OutboxMessage.owner,
    bindparam("begins", type_=MailAttempt.started_at.type),
    literal(Phase.CONNECT, MailAttempt.phase.type),
).where(
    OutboxMessage.id == bindparam("next"),
    OutboxMessage.owner == bindparam("next_holder"),
    OutboxMessage.attempts == bindparam("next_number"),
    OutboxMessage.state == MessageState.SENDING,
    ~_begun_before.exists(),
)
_OPEN_TRY = ["outbox_message_id", "number", "owner", "started_at", "phase"]
_BEGIN = insert(MailAttempt).from_select(_OPEN_TRY, _about_to_go).returning(MailAttempt.id)


def begin_attempt(connection: Connection, claimed: Claimed, now: datetime) -> bool:
    """Writes down that the message is about to go. False where the claim is lost: then it must not."""
    return connection.execute(_BEGIN, _begin_values(claimed, now)).first() is not None


def _begin_values(claimed: Claimed, now: datetime) -> dict[str, Any]:
    return {"next": claimed.id, "next_holder": claimed.owner, "next_number": claimed.number, "begins": now}


_END_ATTEMPT = (
    update(MailAttempt)
    .where(
        MailAttempt.outbox_message_id == bindparam("message"),
        MailAttempt.number == bindparam("try_number"),
        MailAttempt.owner == bindparam("holder"),
        # What has ended stays: a commit the database took and could not confirm is written again.
        MailAttempt.outcome.is_(None),
    )
    .values(ended_at=bindparam("ends"), phase=bindparam("reached"), outcome=bindparam("how"), detail=bindparam("said"))
)
_MOVE = (
    update(OutboxMessage)
    .where(
        OutboxMessage.id == bindparam("message"),
        OutboxMessage.owner == bindparam("holder"),
        OutboxMessage.attempts == bindparam("try_number"),
        OutboxMessage.state == MessageState.SENDING,
    )
    .values(
        state=bindparam("to_state"),
        not_before=bindparam("again_at"),
        finished_at=bindparam("finished"),
        reason=bindparam("why"),
        subject=bindparam("about"),
        owner=None,
        lease_until=None,
    )
    .returning(OutboxMessage.id)
)

_STATE_AFTER = {Outcome.OK: MessageState.SENT, Outcome.DROPPED: MessageState.CANCELLED, Outcome.PERMANENT: MessageState.FAILED}


@dataclass(frozen=True, slots=True)
class Done:
    """A try that ended. ``business_at`` is for the lists, ``at`` for everything that is measured."""

    claimed: Claimed
    result: Result
    subject: str | None
    at: datetime
    business_at: datetime


def _move_values(done: Done) -> dict[str, Any]:
    state = _STATE_AFTER.get(done.result.outcome, MessageState.WAITING)
    waits = state is MessageState.WAITING
    return {
        "message": done.claimed.id,
        "holder": done.claimed.owner,
        "try_number": done.claimed.number,
        "to_state": state,
        "again_at": done.at + back_off(done.claimed.number) if waits else done.claimed.first_due,
        "finished": None if waits else done.business_at,
        "why": None if state is MessageState.SENT else done.result.detail,
        "about": done.subject,
    }


def _end_values(done: Done, outcome: Outcome) -> dict[str, Any]:
    return {
        "message": done.claimed.id,
        "try_number": done.claimed.number,
        "holder": done.claimed.owner,
        "ends": done.at,
        "reached": done.result.phase,
        "how": outcome,
        "said": done.result.detail or None,
    }


def record(connection: Connection, done: Done) -> bool:
    """Writes down how a try ended. False where the claim was lost meanwhile: then the message is somebody else's."""
    moved = connection.execute(_MOVE, _move_values(done)).first() is not None
    connection.execute(_END_ATTEMPT, _end_values(done, done.result.outcome if moved else Outcome.UNKNOWN))
    return moved


# The three statements as one, for PostgreSQL: the later two happen only where the first did.
_moving = _MOVE.cte("moved")
_ending = _END_ATTEMPT.where(select(_moving.c.id).exists()).returning(MailAttempt.id).cte("ended")
_beginning = insert(MailAttempt).from_select(_OPEN_TRY, _about_to_go.where(select(_moving.c.id).exists())).returning(MailAttempt.id).cte("begun")
_counts = [select(func.count()).select_from(part).scalar_subquery() for part in (_moving, _ending, _beginning)]
_ALL_THREE = select(*_counts)


@functools.cache
def _all_three() -> tuple[str, dict[str, Any]]:
    """The statement as PostgreSQL's driver takes it, and what in it never changes: working that out anew cost as much as carrying it out."""
    compiled = _ALL_THREE.compile(dialect=psycopg.dialect())  # type: ignore[no-untyped-call]
    return str(compiled), {name: _plain(value) for name, value in compiled.params.items()}


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def record_and_begin(connection: Connection, done: Done, following: Claimed) -> tuple[bool, bool]:
    """The outcome of one and the beginning of the next: (recorded, begun). One round trip on PostgreSQL.

    Nothing begins where nothing was recorded: who lost one lease lost them all.
    """
    if connection.dialect.name != "postgresql":
        recorded = record(connection, done)
        return recorded, recorded and begin_attempt(connection, following, done.at)
    bound = {**_move_values(done), **_end_values(done, done.result.outcome), **_begin_values(following, done.at)}
    statement, constants = _all_three()
    moved, _, begun = connection.exec_driver_sql(statement, constants | {name: _plain(value) for name, value in bound.items()}).one()
    if not moved:
        connection.execute(_END_ATTEMPT, _end_values(done, Outcome.UNKNOWN))
    return bool(moved), bool(begun)


def refuse(connection: Connection, done: Done) -> bool:
    """Ends a message that never reached a server: no longer wanted, or impossible to write."""
    return begin_attempt(connection, done.claimed, done.at) and record(connection, done)


def put_off(connection: Connection, claimed: Claimed, until: datetime, reason: str) -> None:
    """Lets a message wait until then: it never counted as a try."""
    held = and_(
        OutboxMessage.id == claimed.id,
        OutboxMessage.owner == claimed.owner,
        OutboxMessage.attempts == claimed.number,
        OutboxMessage.state == MessageState.SENDING,
    )
    waiting: dict[str, Any] = {"state": MessageState.WAITING, "owner": None, "lease_until": None, "attempts": OutboxMessage.attempts - 1}
    connection.execute(update(OutboxMessage).where(held).values(**waiting, not_before=until, reason=reason))


def release(connection: Connection, owner: str) -> None:
    """Gives back what a claim holds and has not begun: it never counted as a try."""
    begun = select(MailAttempt.id).where(MailAttempt.outbox_message_id == OutboxMessage.id, MailAttempt.number == OutboxMessage.attempts).exists()
    connection.execute(
        update(OutboxMessage)
        .where(OutboxMessage.owner == owner, OutboxMessage.state == MessageState.SENDING, ~begun)
        .values(state=MessageState.WAITING, owner=None, lease_until=None, attempts=OutboxMessage.attempts - 1)
    )


#: Leases as this process last saw them: until when they say, and since when (monotonic) nobody has renewed them.
_watched: dict[str, tuple[datetime, float]] = {}


def _over(owner: str, until: datetime, now: datetime, watch: timedelta) -> bool:
    """Whether a lease is over. That its time is past is not enough: clocks of two hosts differ, and a clock may be set while a mail is on its way.

    So it must also not have been renewed for as long as this process has watched it (``watch``), or be past by more than any clock is wrong.
    """
    seen, since = _watched.get(owner, (None, 0.0))
    if seen != until:
        since = time.monotonic()
        _watched[owner] = (until, since)
    return until < now and (until < now - GONE_AFTER or time.monotonic() - since >= watch.total_seconds())


def reclaim(connection: Connection, now: datetime, watch: timedelta) -> int:
    """Takes back what dead senders left: an open try becomes *unknown*, the message waits again. Returns how many.

    ``watch``: for how long a lease must have stood still before our eyes; nought where there is one clock only.
    """
    held = select(OutboxMessage.owner, func.min(OutboxMessage.lease_until).label("until")).where(OutboxMessage.state == MessageState.SENDING)
    owners = connection.execute(held.group_by(OutboxMessage.owner).order_by(OutboxMessage.owner)).all()
    for forgotten in set(_watched) - {r.owner for r in owners}:
        _watched.pop(forgotten, None)
    dead = [r.owner for r in owners if surely_dead(r.owner) or _over(r.owner, r.until, now, watch)]
    if not dead:
        return 0
    # Asked again under the lock: the heartbeat may have come in between, or another sender may be taking back the same.
    left = (
        select(OutboxMessage.id, OutboxMessage.owner, OutboxMessage.lease_until)
        .where(OutboxMessage.state == MessageState.SENDING, OutboxMessage.owner.in_(dead))
        .order_by(OutboxMessage.id)
        .with_for_update(skip_locked=True)
    )
    ids = [r.id for r in connection.execute(left) if surely_dead(r.owner) or _over(r.owner, r.lease_until, now, watch)]
    for start in range(0, len(ids), 500):
        _take_back(connection, ids[start : start + 500], now)
    return len(ids)


def work_left(connection: Connection) -> bool:
    """Whether any message is not finished: a look that takes no lock."""
    unfinished = OutboxMessage.state.in_([MessageState.WAITING, MessageState.SENDING])
    return connection.execute(select(OutboxMessage.id).where(unfinished).limit(1)).first() is not None


def _take_back(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    this_try = and_(MailAttempt.outbox_message_id == OutboxMessage.id, MailAttempt.number == OutboxMessage.attempts)
    begun = select(MailAttempt.id).where(this_try).exists()
    of_these = and_(OutboxMessage.id.in_(ids), OutboxMessage.state == MessageState.SENDING)
    free: dict[str, Any] = {"state": MessageState.WAITING, "owner": None, "lease_until": None}
    connection.execute(
        update(MailAttempt)
        .where(MailAttempt.outbox_message_id.in_(ids), MailAttempt.outcome.is_(None))
        .values(outcome=Outcome.UNKNOWN, ended_at=now, detail="Tiến trình gửi dừng giữa chừng.")
    )
    connection.execute(update(OutboxMessage).where(of_these, ~begun).values(**free, attempts=OutboxMessage.attempts - 1))
    connection.execute(update(OutboxMessage).where(of_these).values(**free))


def expire(connection: Connection, now: datetime, business_now: datetime) -> int:
    """Ends what is too old to be of use, and what no server took in GIVE_UP_AFTER. Returns how many."""
    old = and_(OutboxMessage.state == MessageState.WAITING, OutboxMessage.expires_at <= now)
    ending = {"state": MessageState.EXPIRED, "finished_at": business_now, "reason": "Để quá lâu mới đến lượt gửi nên không gửi nữa."}
    ended = connection.execute(update(OutboxMessage).where(old).values(**ending)).rowcount
    counts = or_(OutboxMessage.renewed_at.is_(None), MailAttempt.started_at >= OutboxMessage.renewed_at)
    first_try = select(func.min(MailAttempt.started_at)).where(MailAttempt.outbox_message_id == OutboxMessage.id, counts).scalar_subquery()
    # What lay untried meanwhile, out of hours or while nobody sent, gets a try more before it is given up.
    last_try = select(func.max(MailAttempt.started_at)).where(MailAttempt.outbox_message_id == OutboxMessage.id).scalar_subquery()
    tried_on = last_try > now - 2 * BACK_OFF[-1]
    hopeless = and_(OutboxMessage.state == MessageState.WAITING, OutboxMessage.attempts > 0, first_try <= now - GIVE_UP_AFTER, tried_on)
    ended += connection.execute(update(OutboxMessage).where(hopeless).values(state=MessageState.FAILED, finished_at=business_now)).rowcount
    return ended


def sent_lately(connection: Connection, now: datetime, most: int) -> int:
    """How many of the last ``most`` tries at mail, by all senders together, began in the last minute.

    Not simply how many did: after a clock was set back the tries of before would lie in the future, and nobody might send until it has come.
    """
    reached = or_(MailAttempt.outcome.is_(None), MailAttempt.outcome != Outcome.DROPPED)
    tries = select(MailAttempt.started_at).join(OutboxMessage, OutboxMessage.id == MailAttempt.outbox_message_id)
    last = tries.where(reached, _of_lane(False)).order_by(MailAttempt.id.desc()).limit(most).subquery()
    lately = last.c.started_at.between(now - timedelta(minutes=1), now + CLOCKS_DIFFER)
    return connection.execute(select(func.count()).select_from(last).where(lately)).scalar_one()
