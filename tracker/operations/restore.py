"""Puts a backup in the place of a database: of either kind, whichever kind the backup came from."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, bindparam, create_engine, func, select, text
from sqlalchemy.orm import Session

from tracker.audit import queries as audit
from tracker.audit import witness
from tracker.files.storage import Storage
from tracker.kernel.database import prepare_engine, sqlite_driver
from tracker.kernel.errors import BadInput, Refused
from tracker.mail import hold
from tracker.operations import portable
from tracker.operations.portable import Manifest, TablePart, Tell, untold
from tracker.operations.prepare import copy_sqlite
from tracker.operations.running import nobody_running

BATCH = 1000
#: Brings the database of an engine to a revision: «0001», «head»; «base» empties it.
Migrate = Callable[[Engine, str], None]


def restore(
    engine: Engine, storage: Storage, data: Path, source: Path, migrate: Migrate, now: datetime, *, replace: bool, tell: Tell = untold
) -> Manifest:
    """Restores the backup in ``source``. ``now`` is the real instant.

    Everything in the backup is checked before anything is touched. Nobody may be running; a target with rows needs ``replace``.
    Afterwards nobody is signed in, and mail is held until an administrator lets it go. Raises Refused, BadInput.
    """
    manifest = portable.read_manifest(source)
    portable.check(source, manifest)
    with nobody_running(data, engine):
        if not replace and _rows_in(engine):
            raise Refused("Cơ sở dữ liệu đích đang có dữ liệu. Sao lưu nó trước (flask backup), rồi thêm --replace nếu thật muốn thay.")
        was_held = hold.held(data)
        hold.hold(data, f"Thư được giữ lại sau khi khôi phục bản sao lưu lúc {manifest.made_at}: có thư chờ trong đó có thể đã gửi rồi.")
        try:
            _evidence(storage, source, manifest, tell)
            into = _into_sqlite if engine.dialect.name == "sqlite" else _into_postgresql
            into(engine, data, source, manifest, migrate, now, tell)
            _begin_account(engine, data, now)
        except BaseException:
            if was_held is None:  # the former database stands as it was, and so does its mail
                hold.release(data)
            raise
    return manifest


def _begin_account(engine: Engine, data: Path, now: datetime) -> None:
    """The seals made since the backup are gone on purpose: the account outside the database starts afresh from those that came back."""
    with Session(engine) as session:
        witness.begin(data, "restored", audit.heads(session), now)
    engine.dispose()


def _rows_in(engine: Engine) -> bool:
    with engine.connect() as connection:
        found = any(connection.execute(select(table).limit(1)).first() for table in portable.tables_of(connection))
    engine.dispose()
    return found


def _evidence(storage: Storage, source: Path, manifest: Manifest, tell: Tell) -> None:
    """Bytes before rows. What lies under its own SHA-256 already need not be copied."""
    for number, file in enumerate(manifest.files, 1):
        tell("tệp minh chứng", number, len(manifest.files))
        if storage.digest(file.authority_id, file.sha256) != file.sha256:
            storage.restore(file.authority_id, file.sha256, source / "files" / file.path)
            if storage.digest(file.authority_id, file.sha256) != file.sha256:
                raise Refused(f"Kho minh chứng không giữ đúng tệp {file.path} vừa ghi; kiểm tra STORAGE_URL và dung lượng rồi làm lại.")


def _into_sqlite(engine: Engine, data: Path, source: Path, manifest: Manifest, migrate: Migrate, now: datetime, tell: Tell) -> None:
    """A new file is filled beside the old one and takes its name at the end: interrupted, nothing has happened."""
    assert engine.url.database is not None
    target = Path(engine.url.database)
    partial = target.with_name(target.name + ".partial")
    _remove_sqlite(partial)
    filling = create_engine(f"sqlite:///{partial}", module=sqlite_driver())
    prepare_engine(filling)
    try:
        migrate(filling, manifest.revision)
        with filling.begin() as connection:
            _load(connection, source, manifest, now, tell)
        migrate(filling, "head")
        with filling.connect() as connection:
            astray = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if astray or connection.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok":
                raise BadInput("Bản sao lưu không khớp với chính nó (khóa ngoại); dùng bản khác.", str(source))
    except BaseException:
        filling.dispose()
        _remove_sqlite(partial)
        raise
    filling.dispose()  # the last connection takes -wal and -shm with it
    copy_sqlite(engine, data / "backups", now, due=True)
    engine.dispose()
    for companion in _companions(target):
        companion.unlink(missing_ok=True)
    partial.replace(target)


def _companions(path: Path) -> list[Path]:
    """What SQLite keeps beside a file. Left behind, they would be taken for the new file's own."""
    return [path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal")]


def _remove_sqlite(path: Path) -> None:
    for one in (path, *_companions(path)):
        one.unlink(missing_ok=True)


def _into_postgresql(engine: Engine, _data: Path, source: Path, manifest: Manifest, migrate: Migrate, now: datetime, tell: Tell) -> None:
    """All rows in one transaction. Only where the schema is of another revision it has to be made anew before that."""
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    if present not in (None, manifest.revision):
        migrate(engine, "base")
    migrate(engine, manifest.revision)
    with engine.begin() as connection:
        tables = portable.tables_of(connection)
        quote = connection.dialect.identifier_preparer.quote
        _empty(connection, [quote(table.name) for table in tables])
        _load(connection, source, manifest, now, tell)
        for table in tables:
            _continue_numbering(connection, table)
    migrate(engine, "head")


def _empty(connection: Connection, tables: list[str]) -> None:
    """The database refuses to empty its journal; a restore brings a whole one instead, in the same transaction."""
    for table in tables:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    connection.execute(text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY"))
    for table in tables:
        connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


def _continue_numbering(connection: Connection, table: Table) -> None:
    """The next id comes after the restored ones."""
    if "id" in table.columns and (sequence := connection.scalar(select(func.pg_get_serial_sequence(table.name, "id")))):
        last = connection.scalar(select(func.max(table.c.id)))
        if last is not None:
            connection.execute(select(func.setval(sequence, last)))


def _load(connection: Connection, source: Path, manifest: Manifest, now: datetime, tell: Tell) -> None:
    parts = {part.name: part for part in manifest.tables}
    tables = portable.tables_of(connection)
    if unknown := set(parts) - {table.name for table in tables}:
        raise BadInput(f"Bản sao lưu có bảng lạ: {', '.join(sorted(unknown))}.", str(source))
    for number, table in enumerate(tables, 1):
        tell("bảng", number, len(tables))
        if table.name in parts:
            _load_table(connection, source, parts[table.name], table)
    sessions = next((table for table in tables if table.name == "user_session"), None)
    if sessions is not None:  # a session ended since the backup was made must not come back to life
        ended = now if connection.dialect.name == "postgresql" else now.replace(tzinfo=None)
        connection.execute(sessions.update().where(sessions.c.revoked_at.is_(None)).values(revoked_at=ended))


def _load_table(connection: Connection, source: Path, part: TablePart, table: Table) -> None:
    """Inserts the rows; what points within the table is filled in afterwards, for a parent may come after its child."""
    inner = [key.parent.name for key in table.foreign_keys if key.column.table is table and key.parent.nullable]
    later: list[dict[str, Any]] = []
    count = 0
    for batch in _batches(portable.read_table(source, part, table)):
        for row in batch:
            pointers = {name: row[name] for name in inner if row[name] is not None}
            if pointers:
                later.append({"row_id": row["id"], **{f"to_{name}": row[name] for name in inner}})
                row.update(dict.fromkeys(pointers))
        connection.execute(table.insert(), batch)
        count += len(batch)
    if count != part.rows:
        raise BadInput(f"Bảng {part.name} có {count} dòng, manifest ghi {part.rows}.", str(source))
    if later:
        pointing = table.update().where(table.c.id == bindparam("row_id")).values({name: bindparam(f"to_{name}") for name in inner})
        connection.execute(pointing, later)


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch
