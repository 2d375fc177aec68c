"""Uploads against the real server as the product starts it: too large, endless, a byte a second, a full disk. Other pages answer meanwhile."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
import pytest
import requests
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.architecture.source import ROOT
from tests.evidence import samples
from tests.factories import World
from tests.harness.stores import PASSWORD, missing
from tracker.files.models import StoredFile

pytestmark = [pytest.mark.db("sqlite"), pytest.mark.slow]

MEBIBYTE = 1024 * 1024
LIMIT = 24 * MEBIBYTE
#: What the server may have on its disk beyond the limit, and in memory beyond what it had.
SLACK, GROWTH = 64 * 1024, 50 * MEBIBYTE


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str, int], Path]]:
    """Mounts file systems of so many megabytes: a full one says ENOSPC as a real disk does."""
    mounted: list[Path] = []

    def mount(name: str, megabytes: int) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], capture_output=True, check=False)
        if done.returncode:
            missing("a small disk cannot be mounted by this user")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class Server:
    """gunicorn with deploy/gunicorn.py, and a browser of the owner's in front of it."""

    def __init__(self, data: Path, port: int, **more: str) -> None:
        self.port = port
        env = {**os.environ, "TRACKER_DATA": str(data), "PORT": str(port), "TRACKER_ENV": "development", "FLASK_APP": "wsgi", **more}
        self.process = subprocess.Popen([sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.py", "wsgi:app"], cwd=ROOT, env=env)
        self.browser = requests.Session()
        self.browser.headers["Connection"] = "close"  # a refused body is not read to its end: nothing can follow on the same connection

    def wait(self) -> None:
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up:
            with suppress(requests.ConnectionError):
                self.get("/sign-in")
                return
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def get(self, path: str, timeout: float = 10) -> requests.Response:
        return self.browser.get(f"http://127.0.0.1:{self.port}{path}", timeout=timeout)

    def token(self, path: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(path).text)
        assert found
        return found[1]

    def sign_in(self, username: str) -> None:
        form = {"username": username, "password": PASSWORD, "csrf_token": self.token("/sign-in")}
        said = self.browser.post(f"http://127.0.0.1:{self.port}/sign-in", data=form, timeout=20)
        assert said.status_code == 200 and "/sign-in" not in said.url

    def upload(self, path: str, content: bytes) -> requests.Response:
        form = {"csrf_token": self.token(f"{path}?kind=file"), "kind": "file"}
        return self.browser.post(f"http://127.0.0.1:{self.port}{path}", data=form, files={"file": ("a.pdf", content, "application/pdf")}, timeout=60)

    def memory(self) -> int:
        parent = psutil.Process(self.process.pid)
        return sum(one.memory_info().rss for one in [parent, *parent.children(recursive=True)])

    @contextmanager
    def raw(self, path: str, *headers: str) -> Iterator[socket.socket]:
        """A connection on which a POST of the signed-in owner has begun."""
        cookie = "; ".join(f"{one.name}={one.value}" for one in self.browser.cookies)
        boundary = "Content-Type: multipart/form-data; boundary=x"
        with closing(socket.create_connection(("127.0.0.1", self.port), timeout=30)) as line:
            line.sendall(
                "\r\n".join([f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Cookie: {cookie}", boundary, *headers, "", ""]).encode()
            )
            yield line

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(40)


@pytest.fixture
def start(session: Session, world: World, database_url: str, data: Path) -> Iterator[Callable[..., Server]]:
    """Starts the server on the test's database, with the owner signed in."""
    session.commit()
    running: list[Server] = []

    def run(**more: str) -> Server:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        server = Server(data, port, DATABASE_URL=database_url, **more)
        running.append(server)
        server.wait()
        server.sign_in(world.owner.username)
        return server

    yield run
    for server in running:
        server.stop()


HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\n'


def rows(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count(StoredFile.id))) or 0


def used(folder: Path) -> int:
    return shutil.disk_usage(folder).used


def status_of(line: socket.socket) -> str:
    """The status line, or nothing where the server hung up on what it did not want to read."""
    with suppress(ConnectionError):
        return line.recv(12).decode()
    return ""


def test_what_is_too_large_is_refused_before_it_is_on_the_disk(
    session: Session, world: World, start: Callable[..., Server], small_disk: Callable[[str, int], Path]
) -> None:
    spool = small_disk("spool", 200)
    server = start(TMPDIR=str(spool))
    path = f"/huyen-thu/tasks/{world.task.id}/evidence"
    server.get(path)
    before = server.memory()
    with server.raw(path, f"Content-Length: {2 << 30}") as line:
        assert status_of(line) == "HTTP/1.1 413"
    most, accepted, piece = 0, 0, os.urandom(64 * 1024)
    with server.raw(path, "Transfer-Encoding: chunked") as line, suppress(ConnectionError):
        line.sendall(b"%x\r\n%s\r\n" % (len(HEAD), HEAD))
        while accepted < 2 << 30:
            line.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
            accepted += len(piece)
            most = max(most, used(spool))
        raise AssertionError("an endless body was read to its end")
    assert most <= LIMIT + SLACK, "on the disk before the refusal"
    assert accepted < LIMIT + 16 * MEBIBYTE, "what the sockets hold comes on top"
    assert server.upload(path, samples.PDF.ljust(21 * MEBIBYTE)).status_code == 400
    assert server.upload(path, samples.PDF.ljust(25 * MEBIBYTE)).status_code == 413
    assert server.memory() - before < GROWTH
    assert used(spool) < MEBIBYTE, "nothing stays behind"
    assert rows(session) == 0
    server.browser.cookies.clear()
    with server.raw(path, f"Content-Length: {MEBIBYTE}") as line:
        assert status_of(line) == "HTTP/1.1 413", "who is not signed in sends no files"


def test_other_pages_answer_while_some_send_a_byte_a_second(session: Session, world: World, start: Callable[..., Server]) -> None:
    server = start()
    path = f"/huyen-thu/tasks/{world.task.id}/evidence"
    stop = threading.Event()

    def trickle() -> None:
        with server.raw(path, f"Content-Length: {MEBIBYTE}") as line, suppress(OSError):
            for byte in HEAD + bytes(100):
                line.sendall(bytes([byte]))
                if stop.wait(1):
                    return

    slow = [threading.Thread(target=trickle) for _ in range(3)]
    for one in slow:
        one.start()
    time.sleep(1.5)
    waited = []
    for _ in range(10):
        began = time.monotonic()
        assert server.get(f"/huyen-thu/tasks/{world.task.id}").status_code == 200
        waited.append(time.monotonic() - began)
    stop.set()
    for one in slow:
        one.join()
    assert max(waited) < 5
    assert rows(session) == 0


def test_a_full_disk_is_told_on_a_page_and_other_pages_answer(
    session: Session, world: World, start: Callable[..., Server], small_disk: Callable[[str, int], Path]
) -> None:
    spool, store = small_disk("spool", 6), small_disk("store", 2)
    server = start(TMPDIR=str(spool), STORAGE_URL=store.as_uri())
    path = f"/huyen-thu/tasks/{world.task.id}/evidence"
    for megabytes, where in ((3, "the store"), (10, "where forms are taken in")):
        said = server.upload(path, samples.PDF.ljust(megabytes * MEBIBYTE))
        assert (said.status_code, "hết chỗ" in said.text) == (507, True), where
        assert server.get(f"/huyen-thu/tasks/{world.task.id}").status_code == 200
        assert rows(session) == 0
        assert used(store) < MEBIBYTE and used(spool) < MEBIBYTE, "nothing half-written stays"
    assert "a.pdf" in server.upload(path, samples.PDF).text, "what fits still goes in"
    assert rows(session) == 1
