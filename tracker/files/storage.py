"""Where bytes lie: ``<authority>/<sha256>`` under STORAGE_URL. A committed row always has its bytes, for bytes come first.

Write: a temporary file beside the target → SHA-256 and size while streaming → fsync → rename → fsync of the folder; only then the row.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

import filetype
import fsspec

from tracker.files.rules import FILE_LIMIT, FILE_TYPES
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import join_and

CHUNK = 256 * 1024
NAME_LIMIT = 200
#: A longer «ending» is a sentence with a full stop in it.
ENDING_LIMIT = 20
#: What a Word or Excel file may unpack to; a «bomb» says more.
UNPACKED_LIMIT = 200 * 1024 * 1024
ENTRIES_LIMIT = 2000
_ENTRY = b"PK\x01\x02"
_OFFICE_PART = {".docx": "wordprocessingml.document.main+xml", ".xlsx": "spreadsheetml.sheet.main+xml"}


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that are safely on the store. ``media_type`` is what the content is, not what the name claims."""

    sha256: str
    size: int
    media_type: str


def tidy_name(name: str | None) -> str:
    """The name as the person knows it: NFC, no folders, no control or direction characters, at most 200 long. Never used as a path."""
    last = PurePosixPath((name or "").replace("\\", "/")).name
    kept = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c) not in ("Cc", "Cf", "Cs")).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if dot and len(ending) < ENDING_LIMIT:
        kept = stem[: NAME_LIMIT - len(ending) - 1] + dot + ending
    return kept[:NAME_LIMIT].strip(" .") or "tep"


class Storage:
    """The evidence store behind fsspec: a folder by default, S3 where STORAGE_URL says so."""

    def __init__(self, url: str, scratch: Path) -> None:
        self.fs, self.root = fsspec.core.url_to_fs(url)
        self.scratch = scratch

    def _path(self, authority_id: int, sha256: str) -> str:
        return f"{self.root}/{authority_id}/{sha256}"

    @property
    def local(self) -> bool:
        return "file" in (self.fs.protocol if isinstance(self.fs.protocol, tuple) else (self.fs.protocol,))

    def put(self, authority_id: int, stream: IO[bytes], filename: str, limit: int = FILE_LIMIT) -> Stored:
        """Stores a stream. Raises Refused where it is empty, too large or of a type that is not accepted; nothing is left behind then."""
        folder = Path(self.root) / str(authority_id) if self.local else self.scratch
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _sync_folder(folder.parent)
        temporary = folder / f".{secrets.token_hex(8)}.partial"
        try:
            digest, size = _drain(stream, temporary, limit)
            kind = media_type(temporary, filename)
            target = self._path(authority_id, digest)
            if self.local:
                temporary.replace(target)
                _sync_folder(folder)
            else:
                self.fs.put_file(str(temporary), target)
            return Stored(digest, size, kind)
        finally:
            temporary.unlink(missing_ok=True)

    def restore(self, authority_id: int, sha256: str, source: Path) -> None:
        """Puts back bytes whose SHA-256 has been checked: from a backup."""
        target = self._path(authority_id, sha256)
        if not self.local:
            self.fs.put_file(str(source), target)
            return
        folder = Path(target).parent
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".{secrets.token_hex(8)}.partial"
        try:
            with source.open("rb") as stream, temporary.open("wb") as out:
                shutil.copyfileobj(stream, out, CHUNK)
                out.flush()
                os.fsync(out.fileno())
            temporary.replace(target)
            _sync_folder(folder)
        finally:
            temporary.unlink(missing_ok=True)

    def open(self, authority_id: int, sha256: str) -> IO[bytes]:
        """The bytes, for reading. Raises FileNotFoundError."""
        return cast(IO[bytes], self.fs.open(self._path(authority_id, sha256), "rb"))

    def digest(self, authority_id: int, sha256: str) -> str | None:
        """The SHA-256 of what really lies there; None where nothing does."""
        try:
            with self.open(authority_id, sha256) as stream:
                found = hashlib.sha256()
                while chunk := stream.read(CHUNK):
                    found.update(chunk)
                return found.hexdigest()
        except FileNotFoundError:
            return None


def _drain(stream: IO[bytes], target: Path, limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as out:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > limit:
                raise Refused(f"Tệp lớn hơn {limit // 1024 // 1024} MB. Đồng chí nén ảnh, tách tệp, hoặc dán đường dẫn tới nơi lưu.", field="file")
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if size == 0:
        raise Refused("Tệp rỗng (0 byte). Đồng chí mở tệp kiểm tra rồi chọn lại.", field="file")
    return digest.hexdigest(), size


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def media_type(path: Path, filename: str) -> str:
    """What the content is, where name and content agree and the type is accepted. Raises Refused otherwise."""
    ending = PurePosixPath(filename.lower()).suffix
    expected = FILE_TYPES.get(ending)
    if expected is None:
        accepted = join_and(sorted(e.removeprefix(".").upper() for e in FILE_TYPES))
        raise Refused(f"Không nhận tệp “{ending or filename}”. Nhận {accepted}; tệp khác thì xuất ra PDF.", field="file")
    guess: Any = filetype.guess(str(path))
    found = guess.mime if guess else None
    if ending in _OFFICE_PART:
        if _is_office(path, _OFFICE_PART[ending]):
            return expected
    elif found == expected:
        return expected
    raise Refused(f"Nội dung tệp không phải {ending.removeprefix('.').upper()} như tên gọi. Đồng chí lưu lại đúng loại rồi chọn lại.", field="file")


def _is_office(path: Path, part: str) -> bool:
    """A Word or Excel file without macros, not a bomb, by what its own list of contents says."""
    if _entries(path) > ENTRIES_LIMIT:  # before zipfile makes an object of each
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if sum(e.file_size for e in entries) > UNPACKED_LIMIT:
                return False
            with archive.open("[Content_Types].xml") as listing:
                text = listing.read(1024 * 1024).decode("utf-8", "replace")
    except (zipfile.BadZipFile, zlib.error, KeyError, OSError, NotImplementedError, RuntimeError, EOFError, ValueError, struct.error):
        return False
    return part in text and "macroEnabled" not in text and "vbaProject" not in text


def _entries(path: Path) -> int:
    """At least how many entries a zip lists, counted in its bytes: the number it states may lie."""
    found, tail = 0, b""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            found += (tail + chunk).count(_ENTRY)
            tail = chunk[1 - len(_ENTRY) :]
    return found
