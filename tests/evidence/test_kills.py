"""Killed at any moment of an upload, the process leaves no row without its bytes."""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
from pathlib import Path
from typing import IO

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.evidence import samples
from tests.factories import World
from tests.harness.stores import make_app
from tracker.audit.rules import Actor
from tracker.evidence import content_rules, service
from tracker.evidence.models import EvidenceItem, Proof
from tracker.files.contents import CHUNK
from tracker.files.current import storage
from tracker.files.models import StoredFile
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.tasks.models import Task
from tracker.tasks.rules import Progress

pytestmark = pytest.mark.db

CONTENT = samples.PDF.ljust(3 * CHUNK, b" ")
MOMENTS = ("while the bytes come in", "when the bytes are stored", "before the commit", "after the commit")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Dying(io.BytesIO):
    """An upload of which two pieces arrive."""

    pieces = 0

    def read(self, size: int | None = -1) -> bytes:
        self.pieces += 1
        if self.pieces > 2:
            die()
        return super().read(size)


def upload(url: str, data: Path, task_id: int, account_id: int, moment: str) -> None:
    """What the view does, in a process of its own, up to the moment."""
    app = make_app(url, data)
    with app.app_context(), writing():
        session = db.session()
        scope.choose(session, scope.whole("an upload"))
        task = session.scalars(select(Task).where(Task.id == task_id)).one()
        stream: IO[bytes] = Dying(CONTENT) if moment == MOMENTS[0] else io.BytesIO(CONTENT)
        stored = storage().put(task.authority_id, stream, "a.pdf")
        if moment == MOMENTS[1]:
            die()
        service.bring(session, task, content_rules.a_file(stored, "a.pdf"), None, task.unit_id, Actor(account_id, "Chuyên viên"), clock.now())
        if moment == MOMENTS[2]:
            die()
        session.commit()
        die()


def test_a_committed_row_has_its_bytes_whenever_the_process_is_killed(session: Session, world: World, database_url: str, data: Path) -> None:
    task, account_id = world.task, world.owner.id
    processes = multiprocessing.get_context("fork")
    for moment in MOMENTS:
        session.commit()
        child = processes.Process(target=upload, args=(database_url, data, task.id, account_id, moment))
        session.rollback()
        child.start()
        child.join(30)
        assert child.exitcode == -signal.SIGKILL, moment
        session.rollback()
        session.expire_all()
        rows = session.scalars(select(StoredFile)).all()
        assert len(rows) == (moment == MOMENTS[3]), moment
        for row in rows:
            assert storage().digest(row.authority_id, row.sha256) == row.sha256, moment
        whole = [path for path in (data / "evidence").rglob("*") if path.is_file() and path.suffix != ".partial"]
        assert all(path.stat().st_size == len(CONTENT) for path in whole), "nothing half-written stands under a digest"
        assert session.scalar(select(func.count(Proof.id))) == session.scalar(select(func.count(EvidenceItem.id))) == len(rows), moment
        assert task.status is (Progress.COLLECTING if rows else Progress.NOT_STARTED), moment
