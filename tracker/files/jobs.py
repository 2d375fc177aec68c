"""What the scheduler does with the store."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import structlog
from flask import Flask
from sqlalchemy.orm import Session

from tracker.files import preview, queries, upkeep_service
from tracker.files.current import scratch, storage
from tracker.files.upkeep_service import Problem, Reaped
from tracker.kernel import clock, scope
from tracker.kernel.database import db

log = structlog.get_logger(__name__)

#: How long a night's check may read, and how many rows it takes at a time.
NIGHT_SECONDS = 20 * 60.0
BATCH = 100


class DamagedFiles(Exception):
    """The store does not hold what the rows say. Makes the job a failed one: it stands in /healthz until the files are whole again."""


def remove_withdrawn(app: Flask) -> int:
    """Deletes the bytes of files that were withdrawn: what a crash kept the page from doing itself."""
    with app.app_context():
        session = db.session()
        with scope.using(session, scope.whole("removing withdrawn bytes")):
            withdrawn = queries.withdrawn_files(session)
        _let_go(session)
        removed = upkeep_service.remove_withdrawn(storage(), withdrawn)
        for one in withdrawn:
            preview.forget(one)
        return removed


def reap(app: Flask) -> Reaped:
    """Removes what uploads left behind that were cut off, and previews nobody looks at."""
    with app.app_context():
        session = db.session()
        with scope.using(session, scope.whole("looking for bytes without a row")):
            reaped = upkeep_service.reap(session, storage(), clock.real_now())
        session.rollback()
        preview.reap()
        return reaped


def verify(app: Flask, stop: threading.Event, seconds: float = NIGHT_SECONDS) -> str:
    """Reads on through the store from where the last night stopped, round and round, for so long at most. Bad files are looked at every night.

    Raises DamagedFiles where there are any.
    """
    with app.app_context():
        session, store, memory = db.session(), storage(), _Memory(scratch() / "verified.json")
        give_up, checked = time.monotonic() + seconds, 0
        with scope.using(session, scope.whole("nightly integrity check")):
            bad = upkeep_service.left_behind(session, store, clock.now())
            suspects = queries.files_of(session, memory.bad)
            _let_go(session)
            again = {one.id: _told(upkeep_service.problem_of(store, one)) for one in suspects}
            memory.bad = [file_id for file_id, found in again.items() if found]
            bad += [problem for found in again.values() for problem in found]
            while not stop.is_set() and time.monotonic() < give_up:
                files = queries.stored_files(session, after=memory.after, limit=BATCH)
                _let_go(session)
                for one in files:
                    if one.id not in memory.bad and (problem := upkeep_service.problem_of(store, one)):
                        bad += _told(problem)
                        memory.bad.append(one.id)
                checked += len(files)
                memory.after = files[-1].id if len(files) == BATCH else 0
                if not memory.after:
                    break
        memory.write()
    if bad:
        raise DamagedFiles(f"{len(bad)} tệp không còn nguyên; chạy flask evidence verify")
    return f"{checked} tệp nguyên vẹn"


def _let_go(session: Session) -> None:
    """What was read stays at hand, and no transaction waits for a slow store."""
    session.expunge_all()
    session.rollback()


def _told(problem: Problem | None) -> list[Problem]:
    if problem is None:
        return []
    log.error("a stored file is damaged", authority_id=problem.authority_id, sha256=problem.sha256, problem=problem.problem)
    return [problem]


class _Memory:
    """How far the check has come, and what it found: from one night to the next."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            kept = json.loads(path.read_text(encoding="ascii"))
            self.after, self.bad = int(kept["after"]), [int(one) for one in kept["bad"]]
        except (OSError, ValueError, KeyError, TypeError):
            self.after, self.bad = 0, []

    def write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps({"after": self.after, "bad": self.bad}), encoding="ascii")
