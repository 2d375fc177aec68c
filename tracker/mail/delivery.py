"""The sender: claim → check again and write → try → record, each message's outcome committed before the next one's DATA.

Killed at any point it loses nothing; what it had under way is sent again with the same Message-ID, at most one copy for
each try whose outcome nobody knows (RFC 1047 shows that no client can do better).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session

from tracker.kernel import clock
from tracker.kernel.database import away, writing
from tracker.kernel.errors import Refused
from tracker.kernel.failpoints import reach
from tracker.mail import outbox, preparing
from tracker.mail.models import OutboxMessage
from tracker.mail.outbox import Claimed, Done
from tracker.mail.rules import (
    BACK_OFF,
    CHECK_AGAIN_AFTER,
    HEARTBEAT,
    LEASE,
    STUCK_AFTER,
    Checked,
    Dropped,
    Outcome,
    Phase,
    Posted,
    PutOff,
    Result,
    checked_address,
)
from tracker.mail.transport import Letter, Transport

log = structlog.get_logger(__name__)
T = TypeVar("T")

#: At most so many are read, checked and written together. What a slow server leaves of them is checked again.
BATCH = 200
#: How long a sender waits for a database that restarts before it leaves its claim to the lease.
DATABASE_PATIENCE = 30.0


@dataclass(slots=True)
class Tally:
    """What a run did. ``retried`` went back to wait; ``dropped`` was no longer wanted; ``expired`` came too late; ``put_off`` waits untried."""

    sent: int = 0
    failed: int = 0
    retried: int = 0
    dropped: int = 0
    expired: int = 0
    put_off: int = 0

    @property
    def tried(self) -> int:
        return self.sent + self.failed + self.retried + self.dropped

    @classmethod
    def of(cls, parts: Iterable[Tally]) -> Tally:
        """Several runs together."""
        whole = cls()
        for part in parts:
            for each in fields(cls):
                setattr(whole, each.name, getattr(whole, each.name) + getattr(part, each.name))
        return whole

    def count(self, outcome: Outcome) -> None:
        match outcome:
            case Outcome.OK:
                self.sent += 1
            case Outcome.PERMANENT:
                self.failed += 1
            case Outcome.DROPPED:
                self.dropped += 1
            case _:
                self.retried += 1


class LeaseLost(Exception):
    """Somebody else holds the message now: the rest of the claim is theirs too."""


@dataclass(slots=True)
class Sender:
    """One sender. Any number may run, in any number of processes.

    ``rate_per_minute`` holds over all of them together; 0 sets no limit. ``stop`` ends a run between two messages.
    ``hooks``: sends what goes to listening programs instead of mail; the transport must be the one for it.
    """

    engine: Engine
    session: Session
    transport: Transport
    rate_per_minute: int = 0
    hooks: bool = False
    lease: timedelta = LEASE
    stop: threading.Event = field(default_factory=threading.Event)
    _moved_at: float = 0.0
    _line: Connection | None = None

    def run(self, limit: int | None = None) -> Tally:
        """Sends what may go now, at most ``limit`` messages; returns when nothing is left that may."""
        tally = Tally()
        if not self._work_left():
            return tally
        tally.expired = self._committed(self._tend)
        try:
            while not self.stop.is_set() and (limit is None or tally.tried < limit):
                room = BATCH if limit is None else min(BATCH, limit - tally.tried)
                owner = outbox.new_owner()
                batch = self._claim(owner, room)
                if not batch or not self._send(owner, batch, tally):
                    break
        finally:
            self._hang_up()
            self.transport.close()
        return tally

    def _work_left(self) -> bool:
        with self.engine.connect() as connection:
            return outbox.work_left(connection)

    def _tend(self, connection: Connection) -> int:
        now = clock.real_now()
        outbox.reclaim(connection, now, min(2 * HEARTBEAT, self.lease / 2))
        return outbox.expire(connection, now, clock.now())

    def _claim(self, owner: str, room: int) -> list[Claimed]:
        def take(connection: Connection) -> list[Claimed]:
            now = clock.real_now()
            allowed = room
            if self.rate_per_minute:
                allowed = min(room, self.rate_per_minute - outbox.sent_lately(connection, now, self.rate_per_minute))
            return outbox.claim(connection, owner, allowed, now, self.lease, hooks=self.hooks) if allowed > 0 else []

        return self._committed(take)

    def _send(self, owner: str, batch: Sequence[Claimed], tally: Tally) -> bool:
        """One claim. False where going on is of no use now: no connection, a lost lease, a stop."""
        self._moved_at = time.monotonic()
        reach("claimed")
        with self._heartbeat(owner):
            try:
                return self._one_by_one(batch, tally)
            except LeaseLost:
                log.warning("mail lease lost", owner=owner)
                return False
            finally:
                self._committed(lambda connection: outbox.release(connection, owner))

    def _one_by_one(self, batch: Sequence[Claimed], tally: Tally) -> bool:
        """What was checked longer ago than CHECK_AGAIN_AFTER is checked again, together with what may follow it within that time."""
        left, pace = list(batch), len(batch)
        done: Done | None = None
        while left:
            if done is not None:
                # Before reading on: what has gone is not to hang on how long that takes.
                self._record(done)
                done = None
            ahead, left = left[:pace], left[pace:]
            letters = self._letters(ahead, tally)
            checked_at = time.monotonic()
            going = [claimed for claimed in ahead if claimed.id in letters]
            for passed, claimed in enumerate(going):
                if passed and time.monotonic() - checked_at > CHECK_AGAIN_AFTER.total_seconds():
                    left, pace = going[passed:] + left, passed
                    break
                begun = self._record_and_begin(done, claimed)
                done = None
                if not begun:
                    continue
                done = self._carry(claimed, letters[claimed.id], tally)
                if self.stop.is_set() or (done.result.phase is Phase.CONNECT and done.result.outcome is Outcome.TEMPORARY):
                    self._record(done)
                    return False
        if done is not None:
            self._record(done)
        return True

    def _carry(self, claimed: Claimed, letter: Letter, tally: Tally) -> Done:
        result = self._try(letter)
        self._moved_at = time.monotonic()
        tally.count(result.outcome)
        return Done(claimed, result, letter.prepared.subject, clock.real_now(), clock.now())

    def _try(self, letter: Letter) -> Result:
        try:
            return self.transport.deliver(letter)
        except Exception as error:  # a letter nobody can write must not stop the others
            log.exception("mail not written", message=letter.message_key)
            return Result(Outcome.PERMANENT, Phase.CHECK, f"Không soạn được thư: {error}")

    def _record(self, done: Done) -> None:
        if not self._committed(lambda connection: outbox.record(connection, done)):
            raise LeaseLost
        reach("recorded")

    def _record_and_begin(self, done: Done | None, following: Claimed) -> bool:
        """The outcome of one and the beginning of the next in one commit: one fsync for each message, one open try at most."""
        if done is None:
            return self._at_once(lambda connection: outbox.begin_attempt(connection, following, clock.real_now()))
        ended = done
        kept, begun = self._at_once(lambda connection: outbox.record_and_begin(connection, ended, following))
        if not kept:
            raise LeaseLost
        reach("recorded")
        return begun

    def _letters(self, batch: Sequence[Claimed], tally: Tally) -> dict[int, Letter]:
        """What is to go, by id, checked and written just now. What is not ends here, or waits, with its reason."""
        written = self._prepare(batch)
        letters = {claimed.id: one for claimed in batch if isinstance(one := written[claimed.id], Letter)}
        refused = [(claimed, one) for claimed in batch if isinstance(one := written[claimed.id], Result)]
        later = [(claimed, one) for claimed in batch if isinstance(one := written[claimed.id], PutOff)]

        def settle(connection: Connection) -> None:
            for claimed, result in refused:
                outbox.refuse(connection, Done(claimed, result, None, clock.real_now(), clock.now()))
            for claimed, wait in later:
                outbox.put_off(connection, claimed, _not_at_once(wait), wait.reason)

        if refused or later:
            self._committed(settle)
            for _, result in refused:
                tally.count(result.outcome)
            tally.put_off += len(later)
        return letters

    def _prepare(self, batch: Sequence[Claimed]) -> dict[int, Letter | Result | PutOff]:
        """Checks again and writes. A message nobody can prepare ends alone, with the reason; a database that is away is no reason."""
        return _patiently(lambda: self._prepare_once(batch))

    def _prepare_once(self, batch: Sequence[Claimed]) -> dict[int, Letter | Result | PutOff]:
        try:
            messages = self.session.scalars(select(OutboxMessage).where(OutboxMessage.id.in_([c.id for c in batch])).order_by(OutboxMessage.id)).all()
            prepared = preparing.prepared(self.session, messages, clock.now())
        finally:
            self.session.rollback()
        return {claimed.id: _letter(claimed, prepared[claimed.id]) for claimed in batch}

    def _committed(self, work: Callable[[Connection], T]) -> T:
        """Work in one transaction."""

        def in_transaction() -> T:
            with writing(), self.engine.begin() as connection:
                return work(connection)

        return _patiently(in_transaction)

    def _at_once(self, work: Callable[[Connection], T]) -> T:
        """Work that is one statement on PostgreSQL: committed by itself, over a connection kept for the whole claim."""
        if self.engine.dialect.name != "postgresql":
            return self._committed(work)

        def by_itself() -> T:
            if self._line is None:
                self._line = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            try:
                return work(self._line)
            except DBAPIError:
                self._hang_up()
                raise

        return _patiently(by_itself)

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    @contextmanager
    def _heartbeat(self, owner: str) -> Iterator[None]:
        """Renews the lease while this sender moves. A fixed lease shorter than a slow server's answer would double mail."""
        ended = threading.Event()
        interval = min(HEARTBEAT, self.lease / 4).total_seconds()

        def beat() -> None:
            while not ended.wait(interval):
                if time.monotonic() - self._moved_at > STUCK_AFTER.total_seconds():
                    return
                try:
                    with writing(), self.engine.begin() as connection:
                        outbox.renew(connection, owner, clock.real_now() + self.lease)
                except (DBAPIError, NoConnectionFree) as error:
                    log.warning("heartbeat missed", error=str(error))

        thread = threading.Thread(target=beat, name="mail-heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def _patiently(work: Callable[[], T]) -> T:
    """Tries again while the database is away. A repeated commit is harmless: the fence sees it."""
    give_up = time.monotonic() + DATABASE_PATIENCE
    while True:
        try:
            return work()
        except (DBAPIError, NoConnectionFree) as error:
            if time.monotonic() > give_up or not away(error):
                raise
            log.warning("database away, trying again", error=str(error))
            time.sleep(0.5)


def _not_at_once(wait: PutOff) -> datetime:
    """When it may be asked for again, on the real clock: never at once, whatever was answered, or a run would turn on the spot."""
    return max(outbox.in_real_time(wait.until, clock.now()), clock.real_now() + BACK_OFF[0])


def _letter(claimed: Claimed, prepared: Checked | Exception) -> Letter | Result | PutOff:
    if isinstance(prepared, PutOff):
        return prepared
    if isinstance(prepared, Dropped):
        return Result(Outcome.DROPPED, Phase.CHECK, prepared.reason)
    if isinstance(prepared, Exception):
        return Result(Outcome.PERMANENT, Phase.CHECK, f"Không soạn được thư: {prepared}")
    try:
        address = claimed.to_address if isinstance(prepared, Posted) else checked_address(claimed.to_address)
        return Letter(claimed.message_key, address, claimed.to_name, prepared)
    except Refused as refusal:
        return Result(Outcome.PERMANENT, Phase.CHECK, refusal.message)
