"""A design of a sender at work while its processes are killed, and what it got wrong.

For each message: copies accepted ≤ 1 + tries whose outcome is unknown, every copy with the same Message-ID (RFC 1047 shows
that no client can do better). Altogether: doubles ≤ kills + replies the server withheld.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.mail import designs, post
from tests.mail.sink import Sink
from tracker.kernel.failpoints import SENDING
from tracker.mail.models import MailAttempt, OutboxMessage
from tracker.mail.rules import MessageState, Outcome

#: What the sink does wrong, by the beginning of an address: one message in a hundred each.
FAULTS = ("no", "busy", "full", "rejected", "closing", "torn", "silent", "mumbling", "greylisted", "toolarge", "garbled", "endless", "dripping")
REFUSED = ("no", "rejected", "toolarge")
WITHHELD = ("silent", "mumbling", "endless")


def addresses(number: int, *, faults: bool = True) -> list[str]:
    """One for each message; thirteen in a hundred meet a fault."""
    names = dict(enumerate(FAULTS)) if faults else {}
    return [f"{names.get(n % 100, 'a')}{n}@x.vn" for n in range(number)]


def deaths(*, at_each_moment: int, at_random: int, seed: int) -> list[str | float]:
    """How processes are to die, one after another: at a named moment, the nth time it is passed, or so many seconds after their start."""
    chance = random.Random(seed)
    found: list[str | float] = [f"{moment}:{1 if moment in SENDING[:2] else chance.randint(1, 6)}" for moment in SENDING * at_each_moment]
    found += [chance.uniform(0.05, 0.5) for _ in range(at_random)]
    chance.shuffle(found)
    return found


@dataclass
class Trial:
    """One design at work on a full outbox until nothing is left, its processes dying as they are told."""

    design: str
    app: Flask
    url: str
    data: Path
    sink: Sink
    senders: int
    left: list[str | float]
    kills: int = 0
    _working: list[tuple[BaseProcess, str | float | None]] = field(default_factory=list)

    def run(self, session: Session, seconds: float) -> None:
        """Raises AssertionError where the queue was empty before every death had come, or the time is over."""
        give_up = time.monotonic() + seconds
        planned = len(self.left)
        self._working = [self._start() for _ in range(self.senders)]
        while self._working:
            assert time.monotonic() < give_up, f"{len(self.sink.accepted)} arrived, {self.kills} kills, then time was over"
            after = [one if one[0].is_alive() else self._next(*one, session) for one in self._working]
            self._working = [one for one in after if one is not None]
            time.sleep(0.005)
        assert self.kills == planned, f"the queue was empty after {self.kills} of {planned} kills"
        self._finish(session, give_up)

    def _start(self) -> tuple[BaseProcess, str | float | None]:
        death = self.left.pop() if self.left else None
        return designs.start(self.design, self.url, self.data, self.sink.port, death), death

    def _next(self, ended: BaseProcess, death: str | float | None, session: Session) -> tuple[BaseProcess, str | float | None] | None:
        """Another one in the place of one that was killed, or while deaths are left; what must wait after a fault goes at once.

        One that found nothing to do has its death before it still: those who died may hold all there is, until their leases end.
        """
        ended.join()
        self.kills += ended.exitcode == -signal.SIGKILL
        if ended.exitcode == 0:
            self.left += [death] if death is not None else []
            if not self.left or not self._unfinished(session):
                return None
            post.hurry(session)
        return self._start()

    def _unfinished(self, session: Session) -> int:
        session.rollback()
        unfinished = OutboxMessage.state.in_([MessageState.WAITING, MessageState.SENDING])
        return session.scalar(select(func.count(OutboxMessage.id)).where(unfinished)) or 0

    def _finish(self, session: Session, give_up: float) -> None:
        while True:
            designs.DESIGNS[self.design](self.app, self.sink.port)
            if self.design != "leased" or not self._unfinished(session):
                return
            assert time.monotonic() < give_up, "messages wait that nobody sends"
            post.hurry(session)


def violations(session: Session, sink: Sink, wanted: Sequence[str], kills: int) -> list[str]:
    """What a design got wrong, one sentence each."""
    session.rollback()
    tries = select(OutboxMessage.to_address, func.count(MailAttempt.id)).join(MailAttempt, MailAttempt.outbox_message_id == OutboxMessage.id)
    unknown = dict(session.execute(tries.where(MailAttempt.outcome == Outcome.UNKNOWN).group_by(OutboxMessage.to_address)).all())
    states = dict(session.execute(select(OutboxMessage.to_address, OutboxMessage.state)).all())
    copies = Counter(one.recipient for one in sink.accepted)
    refused = {address for address in wanted if address.startswith(REFUSED)}
    wrong = [f"{address} never arrived" for address in wanted if not copies[address] and address not in refused]
    wrong += [f"{address} arrived {n} times" for address, n in copies.items() if n > 1 + unknown.get(address, 0)]
    wrong += [f"{address} came under two Message-IDs" for address in copies if len({one.message_id for one in sink.to(address)}) > 1]
    for address in wanted:
        expected = MessageState.FAILED if address in refused else MessageState.SENT
        if states[address] is not expected:
            wrong.append(f"{address} is marked {states[address]}, not {expected}")
    withheld = sum(address.startswith(WITHHELD) for address in wanted)
    if (doubles := len(sink.accepted) - len(copies)) > kills + withheld:
        wrong.append(f"{doubles} doubles after {kills} kills and {withheld} withheld replies")
    return wrong
