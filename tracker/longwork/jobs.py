"""The worker: any number of processes may run it. It takes up one piece of work after another and is heard every two seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from flask import Flask, current_app
from sqlalchemy.orm import Session

from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.kernel.errors import Refused
from tracker.longwork import results, service
from tracker.longwork.rules import BEAT_SECONDS, WorkKind, WorkState
from tracker.longwork.service import Claim

log = structlog.get_logger(__name__)


class Stopped(Exception):
    """The work is not to go on: cancelled, taken over by another worker, or the process ends."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of it: a sentence, and the name under which the file at ``path`` is given out."""

    sentence: str
    filename: str


class Telling:
    """``tell(done, sentence)``: how far, written down at most every BEAT_SECONDS. Raises Stopped where it is not to go on."""

    def __init__(self, held: Claim, stop: threading.Event) -> None:
        self._held, self._stop, self._said = held, stop, time.monotonic()

    def __call__(self, done: int, sentence: str) -> None:
        if self._stop.is_set():
            raise Stopped("process")
        if time.monotonic() - self._said < BEAT_SECONDS:
            return
        self._said = time.monotonic()
        with _session("a worker says how far it is") as session:
            goes_on = service.beat(session, self._held, done, sentence, real_now=clock.real_now())
        if goes_on is not True:
            raise Stopped("cancelled" if goes_on is False else "lost")


#: Does the work: (claim, where the result goes, how far) → what came of it. Runs in an application context, commits itself.
Doer = Callable[[Claim, Path, Telling], Finished]
_DOERS: dict[WorkKind, Doer] = {}


def register(kind: WorkKind, doer: Doer) -> None:
    """The room above that knows a kind of work says so; see app.py."""
    _DOERS[kind] = doer


@contextmanager
def _session(reason: str) -> Iterator[Session]:
    """A short transaction over the installation, apart from whatever the work itself does."""
    db.session.rollback()
    with writing(), scope.using(db.session(), scope.whole(reason)):
        try:
            yield db.session()
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


def run_waiting(app: Flask, stop: threading.Event) -> dict[str, int]:
    """Everything that waits, one after another. Returns how much was done and how much was not."""
    told = {"done": 0, "failed": 0}
    while not stop.is_set():
        with app.app_context():
            with _session("a worker takes up work") as session:
                held = service.claim(session, real_now=clock.real_now())
            if held is None:
                break
            told["done" if _run(held, stop) else "failed"] += 1
    return told


def _run(held: Claim, stop: threading.Event) -> bool:
    path = results.path_of(Path(current_app.config["TRACKER_DATA"]), held.authority_id, held.work_id)
    partial = path.with_name(f"{path.name}.{held.owner}.partial")
    try:
        made = _DOERS[held.kind](held, partial, Telling(held, stop))
        size = partial.stat().st_size
        with _session("a worker ends its work") as session:
            mine = service.end(session, held, WorkState.DONE, made.sentence, real_now=clock.real_now(), filename=made.filename, size=size)
            if mine:
                partial.replace(path)
        return mine
    except Stopped as stopped:
        with _session("a worker stops") as session:
            if stopped.why == "process":
                service.give_back(session, held)
            elif stopped.why == "cancelled":
                service.end(session, held, WorkState.CANCELLED, "Đã hủy.", real_now=clock.real_now())
        return False
    except Exception as error:
        log.exception("long work failed", work=held.work_id)
        words = error.message if isinstance(error, Refused) else "Hệ thống gặp lỗi; lỗi đã được ghi lại. Đồng chí thử lại sau."
        with _session("a worker tells what went wrong") as session:
            service.end(session, held, WorkState.FAILED, words, real_now=clock.real_now())
        return False
    finally:
        partial.unlink(missing_ok=True)


def sweep(app: Flask) -> int:
    """Takes away the results whose time is over."""
    with app.app_context():
        with _session("results of long work whose time is over") as session:
            old = service.forget_results(session, real_now=clock.real_now())
        for authority_id, work_id in old:
            results.path_of(Path(current_app.config["TRACKER_DATA"]), authority_id, work_id).unlink(missing_ok=True)
        return len(old)
