"""Uploads in processes of their own that are killed: at a named moment, or when some number of bytes has come. The oracle looks at rows and bytes.

As the view does it: bytes to the store, the row, the commit. ``python -m tests.soak`` does 200 of them, the test suite a few.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import random
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from tests.evidence import samples
from tests.harness.stores import make_app
from tracker.files import service
from tracker.files.current import storage
from tracker.files.models import StoredFile
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.kernel.failpoints import UPLOADING, VARIABLE

#: So long a killed upload's file is, at most.
LARGEST = 600_000


@dataclass(frozen=True, slots=True)
class Blow:
    """Where an upload is killed: at a moment, after so many bytes, or (neither) after its commit."""

    moment: str | None = None
    after: int | None = None

    def __str__(self) -> str:
        return self.moment or (f"after {self.after} bytes" if self.after is not None else "after the commit")


def blows(count: int, seed: int) -> Iterator[Blow]:
    """Every moment in turn, a random byte between two of them, and now and then an upload that gets through."""
    chance = random.Random(seed)
    for number in range(count):
        if number % 2:
            yield Blow(after=chance.randrange(LARGEST))
        else:
            yield Blow(moment=(*UPLOADING, None)[number // 2 % (len(UPLOADING) + 1)])


class Cut(io.BytesIO):
    """A stream whose process dies when so many bytes have been read."""

    def __init__(self, content: bytes, after: int) -> None:
        super().__init__(content)
        self.after = after

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= self.after:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(min(size or -1, max(self.after - self.tell(), 1)))


def content_of(number: int) -> bytes:
    """A different file for each upload."""
    return samples.PDF + f"% {number}\n".encode() + bytes(LARGEST)


def upload(url: str, data: Path, authority_id: int, number: int, blow: Blow) -> None:
    """One upload, up to its end."""
    if blow.moment:
        os.environ[VARIABLE] = blow.moment
    content = content_of(number)
    app = make_app(url, data)
    with app.app_context(), writing():
        session = db.session()
        scope.choose(session, scope.one(authority_id))
        stream = io.BytesIO(content) if blow.after is None else Cut(content, blow.after)
        stored = storage().put(authority_id, stream, "a.pdf")
        service.keep(session, authority_id, stored, clock.now())
        session.commit()
        os.kill(os.getpid(), signal.SIGKILL)


def wrong(app: Flask, authority_id: int, url: str, data: Path, count: int, seed: int) -> list[str]:
    """What the killed uploads got wrong, one sentence each; nothing where every committed row has its bytes."""
    processes, found, committed = multiprocessing.get_context("fork"), [], 0
    before = len(rows_of(app, authority_id))
    for number, blow in enumerate(blows(count, seed)):
        child = processes.Process(target=upload, args=(url, data, authority_id, number, blow))
        child.start()
        child.join(60)
        if child.exitcode != -signal.SIGKILL:
            found.append(f"upload {number} was not killed {blow}: {child.exitcode}")
        committed += blow == Blow()
    rows = rows_of(app, authority_id)
    with app.app_context():
        lying = [one.sha256 for one in storage().lying() if one.authority_id == authority_id]
        found += [f"a row has no whole bytes: {one}" for one in rows if storage().digest(authority_id, one) != one]
        found += [f"something half-written stands under a digest: {one}" for one in lying if storage().digest(authority_id, one) != one]
    if len(rows) - before != committed:
        found.append(f"{committed} uploads were committed, {len(rows) - before} have a row")
    return found


def rows_of(app: Flask, authority_id: int) -> set[str]:
    """The SHA-256 of the authority's rows. Leaves no connection open: children are forked."""
    with app.app_context():
        with scope.using(db.session(), scope.whole("what is left of killed uploads")):
            found = set(db.session().scalars(select(StoredFile.sha256).where(StoredFile.authority_id == authority_id)))
        db.session.remove()
        db.engine.dispose()
    return found
