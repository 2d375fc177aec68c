"""A pack larger than memory: the process does not grow with it, and the promised length holds past 2 and 4 GB."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documents.large_pack import large_pack, sparse
from tracker.documents import pack_writing
from tracker.documents.pack_rules import Entry, archive_length
from tracker.files.storage import Storage

MEBIBYTE = 1024 * 1024


def resident() -> int:
    """Bytes of this process in memory (Linux: /proc/self/statm counts pages)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_memory_does_not_grow_with_the_pack(tmp_path: Path) -> None:
    store = Storage(f"file://{tmp_path}/evidence", tmp_path)
    digest = sparse(tmp_path / "evidence" / "7", 100 * MEBIBYTE)
    written = pack_writing.prepared(large_pack(7, digest, 100 * MEBIBYTE, files=3), store)
    before, highest, sent, largest = resident(), 0, 0, 0
    for chunk in pack_writing.stream(written, store):
        sent += len(chunk)
        largest = max(largest, len(chunk))
        highest = max(highest, resident())
    assert sent == written.length > 300 * MEBIBYTE
    assert largest <= MEBIBYTE
    assert highest - before < 50 * MEBIBYTE


class Counted(io.RawIOBase):
    """Counts what is written, keeps the end, and cannot go back: as a browser at the other end."""

    def __init__(self) -> None:
        self.length = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        size = len(data)  # type: ignore[arg-type]
        self.length += size
        return size


@pytest.mark.parametrize(
    "sizes", [[(1 << 31) - 1], [1 << 31], [(1 << 31) + 5, 3, 0, 7], [1 << 30] * 5], ids=["2 GB less one", "2 GB", "past it", "5 GB"]
)
def test_the_promised_length_holds_where_a_zip_becomes_a_large_one(sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes themselves do not matter here: their sum is left out, so that gigabytes pass in seconds."""
    monkeypatch.setattr(zipfile, "crc32", lambda _data, _so_far=0: 0)
    sink, zeros = Counted(), bytes(64 * MEBIBYTE)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for place, size in enumerate(sizes):
            with archive.open(zipfile.ZipInfo(f"{place} Quyết định.pdf"), "w", force_zip64=True) as entry:
                for part in parts(size, len(zeros)):
                    entry.write(zeros[:part] if part < len(zeros) else zeros)
    assert sink.length == archive_length(Entry(f"{place} Quyết định.pdf", size) for place, size in enumerate(sizes))


def parts(size: int, most: int) -> Iterator[int]:
    while size > 0:
        yield min(size, most)
        size -= most


def test_more_than_65535_files_have_the_promised_length_too() -> None:
    sink = Counted()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for place in range(65_537):
            with archive.open(zipfile.ZipInfo(str(place)), "w", force_zip64=True):
                pass
    assert sink.length == archive_length(Entry(str(place), 0) for place in range(65_537))


def test_the_sparse_file_is_what_its_name_says(tmp_path: Path) -> None:
    digest = sparse(tmp_path, MEBIBYTE)
    assert digest == hashlib.sha256(bytes(MEBIBYTE)).hexdigest()
    assert (tmp_path / digest).stat().st_size == MEBIBYTE
