"""A consistent copy of the database and the evidence, while people go on working."""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, select

from tracker.files.storage import Storage
from tracker.kernel.errors import Refused, Unable
from tracker.operations.portable import CHUNK, FilePart, Manifest, Tell, tables_of, untold, write_table

BATCH = 1000


def make(engine: Engine, storage: Storage, target: Path, now: datetime, tell: Tell = untold) -> Manifest:
    """Writes a backup into ``target``, which must not hold anything yet. ``now`` is the real instant.

    The rows are one snapshot. The files are copied after it: bytes come before their row, so every row of the snapshot finds its file,
    unless it is withdrawn meanwhile. A file that is gone or broken is named in ``missing`` and does not keep the rest from being saved.
    A backup that was interrupted keeps the name ``….partial`` and has no manifest. Raises Refused.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(f"{target} đã có nội dung; chọn một thư mục mới cho bản sao lưu.")
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    with _snapshot(engine) as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        if revision is None:
            raise Refused("Cơ sở dữ liệu chưa có gì để sao lưu; chạy flask db upgrade trước.")
        manifest = Manifest(revision=revision, made_at=now.isoformat())
        tables = {table.name: table for table in tables_of(connection)}
        for number, table in enumerate(tables.values(), 1):
            manifest.tables.append(write_table(partial, table, _rows(connection, table)))
            tell("bảng", number, len(tables))
        wanted = _evidence(connection, tables["stored_file"])
    _copy_evidence(storage, wanted, partial / "files", manifest, tell)
    _forgive_withdrawn(engine, manifest)
    manifest.write(partial)
    if target.exists():
        target.rmdir()
    partial.rename(target)
    return manifest


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database from its first read to its last."""
    frozen = engine.execution_options(isolation_level="REPEATABLE READ") if engine.dialect.name == "postgresql" else engine
    with frozen.connect() as connection, connection.begin():
        yield connection


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[object]]:
    ordered = select(table).order_by(*table.primary_key.columns)
    yield from connection.execution_options(yield_per=BATCH).execute(ordered)


def _evidence(connection: Connection, table: Table) -> list[tuple[int, str]]:
    """Authority and SHA-256 of the files that have bytes: withdrawn ones have none."""
    wanted = select(table.c.authority_id, table.c.sha256).order_by(table.c.authority_id, table.c.sha256)
    if "withdrawn_at" in table.c:  # a revision before 0003 has no such thing
        wanted = wanted.where(table.c.withdrawn_at.is_(None))
    return [(row.authority_id, row.sha256) for row in connection.execute(wanted)]


def _copy_evidence(storage: Storage, wanted: Sequence[tuple[int, str]], folder: Path, manifest: Manifest, tell: Tell) -> None:
    for number, (authority_id, sha256) in enumerate(wanted, 1):
        target = folder / str(authority_id) / sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        size = _copy_one(storage, authority_id, sha256, target)
        if size is None:
            target.unlink(missing_ok=True)
            manifest.missing.append(f"{authority_id}/{sha256}")
        else:
            manifest.files.append(FilePart(f"{authority_id}/{sha256}", size))
        tell("tệp minh chứng", number, len(wanted))


def _forgive_withdrawn(engine: Engine, manifest: Manifest) -> None:
    """What an administrator withdrew between the snapshot and the copy is not lost."""
    if manifest.missing:
        with engine.connect() as connection:
            table = next(table for table in tables_of(connection) if table.name == "stored_file")
            kept = {f"{authority_id}/{sha256}" for authority_id, sha256 in _evidence(connection, table)}
        manifest.missing = [path for path in manifest.missing if path in kept]


def _copy_one(storage: Storage, authority_id: int, sha256: str, target: Path) -> int | None:
    """The size copied; None where the store has it no more, or has something else under its name."""
    found, size = hashlib.sha256(), 0
    try:
        with storage.open(authority_id, sha256) as source, target.open("wb") as out:
            while chunk := source.read(CHUNK):
                found.update(chunk)
                size += out.write(chunk)
    except (OSError, Unable) as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Refused(f"Hết chỗ ở nơi sao lưu ({target.parent}); dọn chỗ rồi làm lại.") from error
        if not storage.local and isinstance(error, Unable):
            raise  # the whole store, not one file
        return None
    return size if found.hexdigest() == sha256 else None
