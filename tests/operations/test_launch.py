"""``make run``: one clock for both children, a busy port in a sentence, and nobody left alone when one dies."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from tests.architecture.source import ROOT
from tests.harness.stores import PASSWORD, make_app
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.operations import launch, prepare


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.wall_clock  # fixing the clock is what it is about
def test_the_clock_is_fixed_once_for_all_children() -> None:
    env = launch.environment({"TRACKER_NOW": "2026-11-18"})
    assert abs(datetime.fromisoformat(env[clock.ANCHOR_VARIABLE]) - clock.real_now()) < timedelta(minutes=1)
    assert launch.environment(env)[clock.ANCHOR_VARIABLE] == env[clock.ANCHOR_VARIABLE]
    assert clock.ANCHOR_VARIABLE not in launch.environment({})


def test_a_run_is_a_demonstration_unless_told_otherwise() -> None:
    assert launch.environment({})["TRACKER_ENV"] == "demo"
    assert launch.environment({"TRACKER_ENV": "development"})["TRACKER_ENV"] == "development"
    assert launch.environment({"PORT": ""})["PORT"] == "8000"


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "80 80", "-1"])
def test_what_is_no_port_is_refused_in_a_sentence(port: str) -> None:
    with pytest.raises(launch.Ended, match="từ 1 đến 65535"):
        launch.check_port(port)


@pytest.mark.db("sqlite")
def test_a_busy_port_is_refused_in_a_sentence(app) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(launch.Ended, match="chọn cổng khác"):
            launch.check_port(str(other.getsockname()[1]))


def test_the_greeting_says_where_who_and_how_to_stop() -> None:
    prepared = {
        "accounts": [{"username": "focal@ninh-son.demo", "words": "Cơ quan đầu mối"}],
        "password": "abc",
        "now": "Thứ Tư, 18/11/2026",
        "mail": True,
    }
    said = launch.greeting("http://127.0.0.1:8000", prepared)
    for words in ("http://127.0.0.1:8000", "focal@ninh-son.demo", "abc", "18/11/2026", "/dev/mail", "Ctrl+C"):
        assert words in said
    assert "mật khẩu" not in launch.greeting("http://127.0.0.1:8000", {"accounts": [], "password": None, "now": None, "mail": False})


@pytest.mark.db("sqlite")
def test_a_non_empty_sqlite_file_is_copied_once_a_day_and_before_each_migration(app, session, world, tmp_path) -> None:
    folder, now = tmp_path / "backups", datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
    assert prepare.copy_sqlite(db.engine, folder, now, due=False) is not None
    assert prepare.copy_sqlite(db.engine, folder, now + timedelta(hours=1), due=False) is None
    assert prepare.copy_sqlite(db.engine, folder, now + timedelta(hours=1), due=True) is not None
    for day in range(2, 9):
        prepare.copy_sqlite(db.engine, folder, now + timedelta(days=day), due=False)
    copies = sorted(folder.iterdir())
    assert len(copies) == prepare.KEPT and all(copy.suffix == ".sqlite" for copy in copies)


@pytest.mark.db("sqlite")
def test_an_empty_file_needs_no_copy(stores, tmp_path) -> None:
    app = make_app(stores.copy("sqlite", "blank"), tmp_path)
    with app.app_context():
        assert prepare.migration_due(db.engine, ROOT / "migrations")
        assert prepare.copy_sqlite(db.engine, tmp_path / "backups", datetime(2026, 11, 18, tzinfo=UTC), due=True) is None


class Run:
    """A launcher under test, on the demo data, with what it has said."""

    def __init__(self, data: Path, port: int) -> None:
        env = {**os.environ, "TRACKER_DATA": str(data), "PORT": str(port), "TRACKER_DEMO_PASSWORD": PASSWORD, "TRACKER_NOW": "2026-11-18T09:30"}
        env.pop("DATABASE_URL", None)
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tracker.operations.launch"], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line

    def wait_for(self, words: str, seconds: float = 90) -> None:
        give_up = time.monotonic() + seconds
        while words not in self.said:
            assert time.monotonic() < give_up and self.process.poll() is None, self.said
            time.sleep(0.05)

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def ended(self) -> int:
        code = self.process.wait(60)
        self._reader.join(5)
        return code


@pytest.fixture
def run(demo, data, database_url, request):
    """A launcher on a copy of the demo database."""
    shutil.copyfile(database_url.removeprefix("sqlite:///"), data / "dondoc.sqlite")
    port = free_port()
    run = Run(data, port)
    run.port = port
    yield run
    if run.process.poll() is None:
        run.process.kill()
        run.process.wait()


@pytest.mark.slow
@pytest.mark.db("sqlite")
def test_a_run_serves_pages_and_ends_with_its_children_when_asked(run) -> None:
    started = time.monotonic()
    run.wait_for("Dừng: Ctrl+C")
    print(f"second start: {time.monotonic() - started:.1f} s")
    with urllib.request.urlopen(f"http://127.0.0.1:{run.port}/sign-in") as page:
        assert page.status == 200
    assert re.search(r"focal@ninh-son\.demo", run.said) and PASSWORD in run.said and "18/11/2026" in run.said
    children = run.children()
    assert len(children) >= 4, "gunicorn's master and two workers, and the scheduler"
    run.process.send_signal(signal.SIGINT)
    assert run.ended() == 0, run.said
    assert psutil.wait_procs(children, timeout=10)[1] == []


@pytest.mark.slow
@pytest.mark.db("sqlite")
def test_when_one_child_dies_the_run_says_so_and_ends(run) -> None:
    run.wait_for("Dừng: Ctrl+C")
    scheduler = next(child for child in run.children() if "scheduler" in child.cmdline())
    scheduler.kill()
    assert run.ended() == 1
    assert "Bộ lập lịch đã dừng" in run.said


@pytest.mark.slow
@pytest.mark.db("sqlite")
def test_a_launcher_that_is_killed_takes_its_children_with_it(run) -> None:
    run.wait_for("Dừng: Ctrl+C")
    children = run.children()
    run.process.kill()
    assert psutil.wait_procs(children, timeout=30)[1] == []
