"""Work that outlives its request: asked for, run by any of several workers, found again, cancelled, taken up again when a worker dies."""

from __future__ import annotations

import io
import re
import threading
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories import World
from tests.page_client import PageClient
from tracker.documents import pack_rules
from tracker.kernel import clock
from tracker.kernel.database import writing
from tracker.longwork import jobs, service
from tracker.longwork.jobs import Finished, Telling
from tracker.longwork.models import LongWork
from tracker.longwork.rules import KEPT, LEASE, MOST_ATTEMPTS, WorkKind, WorkState, share
from tracker.longwork.service import Claim

pytestmark = pytest.mark.db
Browser = Callable[..., PageClient]


@pytest.fixture
def every_pack_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_rules, "LONG_FILES", -1)


@pytest.fixture
def doer(monkeypatch: pytest.MonkeyPatch) -> Callable[[jobs.Doer], None]:
    """``doer(function)``: what a worker does with a pack, for one test."""
    return lambda function: monkeypatch.setitem(jobs._DOERS, WorkKind.PACK, function)


def ask(session: Session, world: World, **given: object) -> LongWork:
    made = service.ask(session, world.authority.id, world.owner.id, WorkKind.PACK, "Hồ sơ", "/", given, total=10, real_now=clock.real_now())
    session.commit()
    return made


def state_of(session: Session, one: LongWork) -> WorkState:
    session.commit()
    session.refresh(one)
    return one.state


def test_a_large_pack_is_asked_for_left_and_found_again(
    app: Flask, session: Session, world: World, sign_in: Browser, every_pack_is_long: None
) -> None:
    browser = sign_in(world.owner.username)
    page = browser.get(f"/{world.slug}/rounds/{world.round.slug}/pack").form("/pack/prepare").submit()
    assert page.path.startswith(f"/{world.slug}/work-in-progress/") and "Đang chờ" in page.main
    assert jobs.run_waiting(app, threading.Event()) == {"done": 1, "failed": 0}
    listed = browser.get(f"/{world.slug}/work-in-progress")
    assert "Đã xong" in listed.main
    archive = listed.link("Tải về").follow()
    assert zipfile.ZipFile(io.BytesIO(archive.data)).testzip() is None
    back = browser.get(f"/{world.slug}/rounds/{world.round.slug}/pack")
    assert "đã xong" in back.main, "the page it was asked for on says nothing of it"


def test_nobody_else_sees_it(app: Flask, session: Session, world: World, sign_in: Browser) -> None:
    one = ask(session, world)
    for person in (world.colleague, world.focal, world.stranger):
        for path in ("", "/state.json", "/result"):
            sign_in(person.username).get(f"/{world.slug}/work-in-progress/{one.id}{path}", status=404)


def test_the_same_work_asked_for_twice_is_one(session: Session, world: World) -> None:
    assert ask(session, world, round="nam").id == ask(session, world, round="nam").id
    assert ask(session, world, round="quy").id != ask(session, world, round="nam").id


def test_of_two_workers_one_takes_it_up(app: Flask, session: Session, world: World) -> None:
    ask(session, world)
    together = threading.Barrier(2)

    def take(_worker: int) -> Claim | None:
        with app.app_context():
            together.wait(20)
            with jobs._session("a test") as own:
                return service.claim(own, real_now=clock.real_now())

    with ThreadPoolExecutor(2) as pool:
        held = list(pool.map(take, range(2)))
    assert sorted(one is None for one in held) == [False, True]


def test_work_of_a_dead_worker_is_taken_up_again_and_its_ghost_writes_nothing(app: Flask, session: Session, world: World) -> None:
    one = ask(session, world)
    now = clock.real_now()
    with writing():
        ghost = service.claim(session, real_now=now)
        session.commit()
        assert ghost is not None
        assert service.claim(session, real_now=now + timedelta(seconds=30)) is None, "taken up while its worker was alive"
        heir = service.claim(session, real_now=now + LEASE + timedelta(seconds=1))
        session.commit()
        assert heir is not None and heir.owner != ghost.owner
        assert service.beat(session, ghost, 9, "bóng ma", real_now=now) is None
        assert not service.end(session, ghost, WorkState.DONE, "bóng ma", real_now=now)
        session.commit()
    assert state_of(session, one) is WorkState.RUNNING and one.sentence != "bóng ma"


def test_work_that_kills_every_worker_is_told_as_failed(app: Flask, session: Session, world: World) -> None:
    one, now = ask(session, world), clock.real_now()
    with writing():
        for attempt in range(MOST_ATTEMPTS):
            assert service.claim(session, real_now=now + attempt * 2 * LEASE) is not None
            session.commit()
        assert service.claim(session, real_now=now + MOST_ATTEMPTS * 2 * LEASE) is None
        session.commit()
    assert state_of(session, one) is WorkState.FAILED


def test_what_waits_is_cancelled_at_once(app: Flask, session: Session, world: World, sign_in: Browser) -> None:
    one = ask(session, world)
    sign_in(world.owner.username).get(f"/{world.slug}/work-in-progress/{one.id}").form("/cancel").submit()
    assert state_of(session, one) is WorkState.CANCELLED
    assert jobs.run_waiting(app, threading.Event()) == {"done": 0, "failed": 0}


def test_what_runs_stops_at_its_next_word(app: Flask, session: Session, world: World, doer: Callable[[jobs.Doer], None], monkeypatch) -> None:
    monkeypatch.setattr(jobs, "BEAT_SECONDS", 0.0)
    one = ask(session, world)

    def work(held: Claim, path: Path, tell: Telling) -> Finished:
        path.write_bytes(b"nua chung")
        tell(1, "1 trên 10.")
        with jobs._session("the person cancels") as own:
            service.cancel(own, own.get_one(LongWork, held.work_id), real_now=clock.real_now())
        tell(2, "2 trên 10.")
        raise AssertionError("it went on")

    doer(work)
    assert jobs.run_waiting(app, threading.Event()) == {"done": 0, "failed": 1}
    assert state_of(session, one) is WorkState.CANCELLED
    assert not list((app.config["TRACKER_DATA"] / "results").rglob("*.partial")), "half a result lies about"


def test_a_worker_asked_to_end_gives_its_work_back(app: Flask, session: Session, world: World, doer: Callable[[jobs.Doer], None]) -> None:
    one, stop = ask(session, world), threading.Event()

    def work(held: Claim, path: Path, tell: Telling) -> Finished:
        stop.set()
        tell(1, "1 trên 10.")
        raise AssertionError("it went on")

    doer(work)
    jobs.run_waiting(app, stop)
    assert state_of(session, one) is WorkState.WAITING and one.attempts == 0


def test_what_goes_wrong_is_told_and_does_not_stop_the_next(app: Flask, session: Session, world: World, doer: Callable[[jobs.Doer], None]) -> None:
    first, second = ask(session, world, number=1), ask(session, world, number=2)

    def work(held: Claim, path: Path, tell: Telling) -> Finished:
        if held.given == {"number": 1}:
            raise OSError("the store is away")
        path.write_bytes(b"xong")
        return Finished("1 tệp.", "a.zip")

    doer(work)
    assert jobs.run_waiting(app, threading.Event()) == {"done": 1, "failed": 1}
    assert state_of(session, first) is WorkState.FAILED and "lỗi" in first.sentence
    assert state_of(session, second) is WorkState.DONE and second.size == 4


def test_a_result_is_kept_three_days(app: Flask, session: Session, world: World, sign_in: Browser, doer: Callable[[jobs.Doer], None]) -> None:
    one = ask(session, world)

    def work(held: Claim, path: Path, tell: Telling) -> Finished:
        path.write_bytes(b"xong")
        return Finished("1 tệp.", "a.zip")

    doer(work)
    jobs.run_waiting(app, threading.Event())
    assert jobs.sweep(app) == 0
    session.commit()
    session.refresh(one)
    assert one.kept_until is not None and one.ended_at is not None and one.kept_until - one.ended_at == KEPT
    one.kept_until = clock.real_now() - timedelta(minutes=1)
    session.commit()
    assert jobs.sweep(app) == 1
    assert not [path for path in (app.config["TRACKER_DATA"] / "results").rglob("*") if path.is_file()]
    page = sign_in(world.owner.username).get(f"/{world.slug}/work-in-progress/{one.id}/result", status=410)
    assert "không còn được giữ" in page.main


def test_whose_rights_have_ended_gets_nothing(app: Flask, session: Session, world: World) -> None:
    one = ask(session, world, round=world.round.slug, everything=False)
    world.owner.active = False
    session.commit()
    jobs.run_waiting(app, threading.Event())
    assert state_of(session, one) is WorkState.FAILED and one.filename is None


def test_backup_and_restore_say_how_far_they_are(command: Callable[..., object], session: Session, world: World, tmp_path: Path) -> None:
    made = command("backup", str(tmp_path / "b"), "--json")
    assert made.exit_code == 0, made.stderr
    assert re.search(r"bảng: (\d+)/\1\n", made.stderr)
    back = command("restore", str(tmp_path / "b"), "--replace", "--json")
    assert back.exit_code == 0, back.stderr
    assert re.search(r"bảng: (\d+)/\1\n", back.stderr)


def test_it_is_never_a_hundred_percent_before_the_end() -> None:
    assert (share(0, 0), share(1, 3), share(3, 3)) == (0, 33, 99)
