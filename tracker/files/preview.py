"""A PDF as pictures of its pages, made in a limited child process and kept for a while under TRACKER_DATA. The PDF itself is never shown inline."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from tracker.files.contents import CHUNK
from tracker.files.current import expect_there, scratch, storage
from tracker.files.models import StoredFile
from tracker.kernel import clock
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.words import phrase

log = structlog.get_logger(__name__)

#: Pages shown; the rest is for whoever downloads the file.
PAGES = 30
#: Pages made by one child: a reader goes on to the next ones.
TOGETHER = 3
#: The child stops itself after 15 seconds of work; this is for one that waits.
PATIENCE = 20.0
#: Children at work at a time in one process of the server.
CHILDREN = 2
#: What all pictures together may take, and how long they stay unasked for.
ROOM = 500 * 1024 * 1024
KEPT_SECONDS = 30 * 24 * 3600
#: A refusal is believed so long: perhaps the machine was only busy.
REFUSED_SECONDS = 600

#: Run by its path, not imported: pdfium stays out of the server's own memory.
CHILD = Path(__file__).with_name("rendering.py")
LOCKED = phrase("Tệp PDF có mật khẩu nên không xem trước được. Đồng chí tải về để mở; nếu là minh chứng thì nên nộp bản không mật khẩu.")
BROKEN = phrase("Tệp PDF hỏng hoặc viết sai nên không xem trước được. Đồng chí tải về để mở; nếu không mở được thì cần nộp lại bản khác.")
HEAVY = phrase("Tệp PDF quá nặng để xem trước. Đồng chí tải về để mở.")
#: By the exit codes of rendering.py.
_SENTENCES = {3: LOCKED, 4: BROKEN}

_children = threading.BoundedSemaphore(CHILDREN)


def pages(stored: StoredFile) -> int:
    """How many pages can be shown: at most PAGES. Raises Refused with the reason, Gone, NotFound, Unable."""
    _expect_pdf(stored)
    folder = _folder(stored)
    if (known := _count(folder)) is not None:
        return min(known, PAGES)
    with _alone(folder):
        if _count(folder) is None:
            _make(stored, folder, 1)
    return min(_count(folder) or 0, PAGES)


def known_pages(authority_id: int, sha256: str) -> int | None:
    """How many pages can be shown of a PDF that was drawn before; None where nobody knows. Draws nothing."""
    try:
        known = _count(_root() / f"{authority_id}-{sha256}")
    except Refused:
        return None
    return None if known is None else min(known, PAGES)


def page(stored: StoredFile, number: int) -> bytes:
    """One page, counted from 1, as a PNG. Raises Refused with the reason, NotFound where there is no such page, Gone, Unable."""
    _expect_pdf(stored)
    folder = _folder(stored)
    if not 1 <= number <= pages(stored):
        raise NotFound
    picture = folder / f"page-{number}.png"
    if not picture.exists():
        with _alone(folder):
            if not picture.exists():
                _make(stored, folder, number)
    if not (drawn := picture.read_bytes()):
        raise Refused("Trang này của tệp PDF hỏng hoặc quá nặng nên không xem trước được. Đồng chí tải tệp về để mở.")
    return drawn


def forget(stored: StoredFile) -> None:
    """Deletes the pictures of a file."""
    shutil.rmtree(_folder(stored), ignore_errors=True)


def reap() -> int:
    """Deletes what nobody looked at for long, then the longest unused until the rest fits in ROOM. How many files' pictures went."""
    kept, gone, room = [], 0, 0
    for folder in sorted(_root().glob("*-*")):
        used = _used(folder)
        if used is None or clock.real_now().timestamp() - used > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
        else:
            kept.append((used, sum(one.stat().st_size for one in folder.iterdir()), folder))
    for _used_at, size, folder in sorted(kept, reverse=True):
        room += size
        if room > ROOM:
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return gone


def _used(folder: Path) -> float | None:
    try:
        return (folder / "lock").stat().st_mtime
    except FileNotFoundError:
        return None


def _root() -> Path:
    return scratch() / "previews"


def _folder(stored: StoredFile) -> Path:
    return _root() / f"{stored.authority_id}-{stored.sha256}"


def _expect_pdf(stored: StoredFile) -> None:
    expect_there(stored)
    if stored.media_type != "application/pdf":
        raise NotFound


def _count(folder: Path) -> int | None:
    """How many pages are known of. Raises Refused where opening it failed a moment ago."""
    try:
        said = (folder / "pages").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    if said.isdecimal():
        return int(said)
    if clock.real_now().timestamp() - (folder / "pages").stat().st_mtime > REFUSED_SECONDS:
        return None
    raise Refused(said)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time for each file, in all processes: whoever waits finds the work done."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.utime(folder / "lock")
        yield


def _make(stored: StoredFile, folder: Path, first: int) -> None:
    """Has the pages from ``first`` on drawn. Writes down, and raises, why not where it fails."""
    if not _children.acquire(timeout=PATIENCE):
        raise Refused("Nhiều người đang xem trước cùng lúc. Đồng chí thử lại sau ít phút, hoặc tải tệp về.")
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as made:
            _copy(stored, Path(made) / "file.pdf")
            said = _child(Path(made), first)
            for picture in sorted(Path(made).glob("page-*.png")):
                picture.replace(folder / picture.name)
            if said.isdecimal() and first <= int(said):
                (folder / f"page-{first}.png").touch()  # not drawn: tried once, and the pages around it can still be seen
    finally:
        _children.release()
    _write(folder / "pages", said)
    if not said.isdecimal():
        log.warning("no preview", authority_id=stored.authority_id, sha256=stored.sha256, reason=said)
        raise Refused(said)


def _copy(stored: StoredFile, target: Path) -> None:
    try:
        with storage().open(stored.authority_id, stored.sha256) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out, CHUNK)
    except FileNotFoundError:
        raise NotFound from None


def _child(folder: Path, first: int) -> str:
    """The number of pages, or the sentence why there is none. The child gets no environment: no key, no password, no address."""
    command = [sys.executable, "-I", str(CHILD), str(folder / "file.pdf"), str(folder), str(first), str(TOGETHER)]
    try:
        done = subprocess.run(command, env={}, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode("ascii", "replace").strip() or HEAVY
    said = done.stdout.decode("ascii", "replace").strip()
    if said.isdecimal():  # also where it died over a page
        return said
    return _SENTENCES.get(done.returncode, HEAVY)


def _write(target: Path, text: str) -> None:
    partial = target.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(target)
