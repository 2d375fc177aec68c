"""A pack of any size without its weight on the disk: one sparse file under its true SHA-256, packed many times."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from tracker.documents.pack_queries import Pack, PackedFile, PackedProof, PackedTask, Section
from tracker.evidence.queries import FileLine, ProofLine, VersionLine
from tracker.evidence.rules import ItemKind, ProofState, Slot
from tracker.tasks.rules import Progress

_CHUNK = 1024 * 1024
_NOW = datetime(2026, 11, 12, 2, 0, tzinfo=UTC)


def sparse(folder: Path, size: int) -> str:
    """A file of ``size`` zero bytes (whole MiB) in ``folder`` under its SHA-256, which is returned."""
    digest, zeros = hashlib.sha256(), bytes(_CHUNK)
    for _ in range(size // _CHUNK):
        digest.update(zeros)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / digest.hexdigest()).open("wb") as out:
        out.truncate(size)
    return digest.hexdigest()


def large_pack(authority_id: int, digest: str, size: int, *, files: int) -> Pack:
    """One task with one proof of so many files."""
    folder = "1 Nhận thức số"
    lines = [FileLine(place, 1, f"Quyết định {place}.pdf", size, "application/pdf", digest, 1, False) for place in range(1, files + 1)]
    packed = tuple(PackedFile(f"{folder}/1.1-01.{line.id} {line.filename}", line) for line in lines)
    version = VersionLine(
        1, 1, 1, ItemKind.FILE, "Quyết định", 1, "Phòng Thử", None, None, None, None, False, None, "15/QĐ-UBND", None, None, None, None,
        None, None, None, "Chuyên viên", False, _NOW, tuple(lines),
    )  # fmt: skip
    proof = ProofLine(1, 1, Slot.of(None, None, None), _NOW, ProofState.OFFERED, None, None, None, None, None, None, version)
    held = PackedProof("1.1-01", proof, "Cả chỉ số", packed, ())
    task = PackedTask(1, "1.1", "Có ban chỉ đạo", "Phòng Thử", Progress.READY, None, folder, (held,), ())
    return Pack(authority_id, "UBND huyện Thử", "Năm 2026", (Section(folder, folder, (task,)),))
