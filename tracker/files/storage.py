"""Where bytes lie: ``<authority>/<sha256>`` under STORAGE_URL, a folder or an S3 bucket. A committed row always has its bytes, for bytes come first.

Write: a temporary file → SHA-256 and size while streaming → fsync → the content is looked at → rename → fsync of the folder; only then the row.
On S3 the temporary file stands in TRACKER_DATA, and one PUT, which S3 makes visible whole or not at all, stands for the rename.

Bytes nobody has a row for are not deleted but put aside, under ``reaped/``, and deleted later: the same bytes may be brought again at
this very moment. What is aside is still found by ``open``, and comes back where a row has appeared.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

import fsspec
import structlog

from tracker.files.contents import CHUNK, media_type
from tracker.files.rules import FILE_LIMIT, MEBIBYTE
from tracker.kernel.errors import NoRoom, Refused, Unable
from tracker.kernel.failpoints import reach
from tracker.kernel.words import phrase

log = structlog.get_logger(__name__)

ASIDE = "reaped"
PARTIAL = ".partial"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: Keys, region and address come from the usual AWS_… variables (AWS_ENDPOINT_URL for a store that is not Amazon's).
_S3: dict[str, Any] = {
    "use_listings_cache": False,  # others write too
    "default_block_size": 4 * MEBIBYTE,
    "config_kwargs": {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 3}},
}


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that are safely on the store. ``media_type`` is what the content is, not what the name claims."""

    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Lying:
    """Bytes as they lie in the store, and since when."""

    authority_id: int
    sha256: str
    since: datetime


class Storage:
    """The store behind fsspec: a folder by default, S3 where STORAGE_URL says so."""

    def __init__(self, url: str, scratch: Path) -> None:
        self.fs, self.root = fsspec.core.url_to_fs(url, **(_S3 if url.startswith("s3://") else {}))
        self.scratch = scratch

    def _path(self, authority_id: int, sha256: str) -> str:
        return f"{self.root}/{authority_id}/{sha256}"

    def _aside(self, authority_id: int, sha256: str) -> str:
        return f"{self.root}/{ASIDE}/{authority_id}/{sha256}"

    @property
    def local(self) -> bool:
        return "file" in (self.fs.protocol if isinstance(self.fs.protocol, tuple) else (self.fs.protocol,))

    def put(self, authority_id: int, stream: IO[bytes], filename: str, limit: int = FILE_LIMIT) -> Stored:
        """Stores a stream. Raises Refused where it is empty, too large or of a type that is not accepted, NoRoom where the disk is full,
        Unable where the store does not answer; nothing is left behind then.
        """
        with self._temporary(authority_id) as temporary:
            with _at_fault():
                digest, size = _drain(stream, temporary, limit)
            kind = media_type(temporary, filename)
            self._place(authority_id, digest, temporary)
            return Stored(digest, size, kind)

    def restore(self, authority_id: int, sha256: str, source: Path) -> None:
        """Puts back bytes whose SHA-256 has been checked: from a backup. Raises NoRoom, Unable."""
        with self._temporary(authority_id) as temporary:
            with _at_fault(), source.open("rb") as stream, temporary.open("wb") as out:
                shutil.copyfileobj(stream, out, CHUNK)
                out.flush()
                os.fsync(out.fileno())
            self._place(authority_id, sha256, temporary)

    @contextmanager
    def _temporary(self, authority_id: int) -> Iterator[Path]:
        """A file beside the target, or in TRACKER_DATA; gone afterwards."""
        folder = Path(self.root) / str(authority_id) if self.local else self.scratch
        with _at_fault():
            if not folder.exists():
                folder.mkdir(parents=True, exist_ok=True)
                _sync_folder(folder.parent)
        temporary = folder / f".{secrets.token_hex(8)}{PARTIAL}"
        try:
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)

    def _place(self, authority_id: int, sha256: str, temporary: Path) -> None:
        target = self._path(authority_id, sha256)
        with _at_fault():
            if self.local:
                temporary.replace(target)
                reach("placed")
                _sync_folder(temporary.parent)
            else:
                self.fs.put_file(str(temporary), target)
                reach("placed")
            reach("settled")

    def open(self, authority_id: int, sha256: str) -> IO[bytes]:
        """The bytes, for reading. Raises FileNotFoundError; Unable where the store does not answer."""
        with _at_fault(missing=True):
            try:
                return cast(IO[bytes], self.fs.open(self._path(authority_id, sha256), "rb"))
            except FileNotFoundError:
                return cast(IO[bytes], self.fs.open(self._aside(authority_id, sha256), "rb"))

    def digest(self, authority_id: int, sha256: str) -> str | None:
        """The SHA-256 of what really lies there; None where nothing does. Raises Unable."""
        try:
            with self.open(authority_id, sha256) as stream, _at_fault():
                found = hashlib.sha256()
                while chunk := stream.read(CHUNK):
                    found.update(chunk)
                return found.hexdigest()
        except FileNotFoundError:
            return None

    def holds(self, authority_id: int, sha256: str) -> bool:
        """Whether anything lies there, or aside. Raises Unable."""
        with _at_fault():
            return any(self.fs.exists(path) for path in (self._path(authority_id, sha256), self._aside(authority_id, sha256)))

    def remove(self, authority_id: int, sha256: str) -> None:
        """Deletes the bytes for good, wherever they lie; nothing where there are none. Raises Unable."""
        with _at_fault():
            self._delete(self._path(authority_id, sha256))
            self._delete(self._aside(authority_id, sha256))

    def _delete(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self.fs.rm_file(path)
        if self.local and Path(path).parent.exists():
            _sync_folder(Path(path).parent)

    def lying(self) -> Iterator[Lying]:
        """All that lies in its place, one authority after the other. What has no name of ours is not told of. Raises Unable."""
        yield from self._listed(self.root)

    def aside(self) -> Iterator[Lying]:
        """What was put aside; ``since`` is when it was. Raises Unable."""
        yield from self._listed(f"{self.root}/{ASIDE}")

    def _listed(self, root: str) -> Iterator[Lying]:
        for folder in self._entries(root):
            name = folder["name"].rstrip("/").rpartition("/")[2]
            if folder["type"] != "directory" or not name.isdecimal():
                continue
            for entry in self._entries(folder["name"]):
                sha256 = entry["name"].rpartition("/")[2]
                if entry["type"] == "file" and _SHA256.fullmatch(sha256):
                    yield Lying(int(name), sha256, _since(entry))

    def _entries(self, folder: str) -> list[dict[str, Any]]:
        with _at_fault():
            try:
                return sorted(self.fs.ls(folder, detail=True), key=lambda entry: str(entry["name"]))
            except FileNotFoundError:
                return []

    def put_aside(self, authority_id: int, sha256: str) -> None:
        """Out of its place, for the time being. The same bytes brought again at this moment are there again, or aside: never nowhere."""
        here, there = self._path(authority_id, sha256), self._aside(authority_id, sha256)
        with _at_fault(), suppress(FileNotFoundError):
            if self.local:
                Path(there).parent.mkdir(parents=True, exist_ok=True)
                os.utime(here)  # «since when» is now
                Path(here).replace(there)
                _sync_folder(Path(there).parent)
            else:
                self.fs.cp_file(here, there)
                self.fs.rm_file(here)

    def bring_back(self, authority_id: int, sha256: str) -> None:
        """Into its place again, where nothing lies there."""
        here, there = self._path(authority_id, sha256), self._aside(authority_id, sha256)
        with _at_fault(), suppress(FileNotFoundError):
            if self.local:
                Path(there).replace(here)
                _sync_folder(Path(here).parent)
            else:
                self.fs.cp_file(there, here)
                self.fs.rm_file(there)

    def drop_aside(self, authority_id: int, sha256: str) -> None:
        """Deletes for good what was put aside."""
        with _at_fault():
            self._delete(self._aside(authority_id, sha256))

    def partials(self) -> Iterator[tuple[Path, datetime]]:
        """What uploads that were cut off left behind, and since when: beside the targets, or in TRACKER_DATA."""
        root = Path(self.root) if self.local else self.scratch
        for path in sorted(root.glob(f"*/.*{PARTIAL}" if self.local else f".*{PARTIAL}")):
            with suppress(FileNotFoundError):
                yield path, datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _since(entry: dict[str, Any]) -> datetime:
    told = entry.get("LastModified") or entry["mtime"]
    return told if isinstance(told, datetime) else datetime.fromtimestamp(told, UTC)


@contextmanager
def _at_fault(*, missing: bool = False) -> Iterator[None]:
    """What goes wrong on the disk or in the store is nobody's mistake at a form: NoRoom or Unable, with the cause in the log."""
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        if missing and isinstance(error, FileNotFoundError):
            raise
        if isinstance(error, OSError) and error.errno in _FULL:
            log.error("no room in the store", error=str(error))
            raise NoRoom("Kho minh chứng hết chỗ; chưa lưu gì cả. Đồng chí báo quản trị hệ thống, rồi thử lại sau.") from error
        log.error("the store failed", error=f"{type(error).__name__}: {error}")
        raise Unable("Kho minh chứng không trả lời; chưa lưu gì cả. Đồng chí thử lại sau ít phút; nếu vẫn vậy, báo quản trị hệ thống.") from error


def _drain(stream: IO[bytes], target: Path, limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as out:
        reach("opened")
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > limit:
                raise Refused(
                    phrase("Tệp lớn hơn %(limit)s MB. Đồng chí nén ảnh, tách tệp, hoặc dán đường dẫn tới nơi lưu.", limit=limit // MEBIBYTE),
                    field="file",
                )
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        reach("written")
        os.fsync(out.fileno())
    reach("synced")
    if size == 0:
        raise Refused("Tệp rỗng (0 byte). Đồng chí mở tệp kiểm tra rồi chọn lại.", field="file")
    return digest.hexdigest(), size


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
