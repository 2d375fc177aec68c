"""The declarative base, the column types and the engine's manners.

Models derive from :class:`Base`; rows that belong to one authority also from :class:`Keyed`.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from types import ModuleType
from typing import Any, ClassVar, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Dialect, Engine, ForeignKeyConstraint, Integer, MetaData, String, UniqueConstraint, event, inspect
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, declared_attr, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from tracker.kernel import folding

try:
    from pysqlite3 import dbapi2 as _newest_sqlite
except ImportError:  # no wheel for this machine: prepare_engine() then chooses a safe journal
    _newest_sqlite = None

M = TypeVar("M", bound="Base")

#: 64 bits everywhere; SQLite gives out row ids only to a column that is called INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"An instant needs a zone: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def text_enum(enum: type[StrEnum], name: str) -> SqlEnum:
    """A StrEnum stored as its text under a CHECK named ``ck_<table>_<name>``."""
    return SqlEnum(enum, native_enum=False, create_constraint=True, length=32, name=name, values_callable=lambda e: [m.value for m in e])


class Base(DeclarativeBase):
    registry = registry(metadata=MetaData(naming_convention=NAMING), type_annotation_map={datetime: UtcDateTime, int: Id, str: String})


class Identified:
    """A 64-bit id, unique in the installation."""

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)


class Keyed(Identified):
    """A row of one authority. Its id is unique in the installation, and (authority_id, id) can be pointed at."""

    #: Where nothing ever points to a row, and one it points to has the authority already, both keys would only be paid for.
    __pointed_at__: ClassVar[bool] = True

    authority_id: Mapped[int] = mapped_column(Id, index=False)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805 - declared_attr hands the class
        keys = keyed_constraints(cls.__tablename__) if cls.__pointed_at__ else ()  # type: ignore[attr-defined]
        return (*keys, *getattr(cls, "__constraints__", ()))


def keyed_constraints(table: str) -> tuple[Any, ...]:
    """What lets the database itself refuse a link between two authorities."""
    return (
        UniqueConstraint("authority_id", "id", name=f"uq_{table}_authority_id_id"),
        ForeignKeyConstraint(["authority_id"], ["authority.id"], name=f"fk_{table}_authority_id_authority"),
    )


def within_authority(column: str, table: str, *, own: str, **options: Any) -> ForeignKeyConstraint:
    """A foreign key that cannot leave the authority: (authority_id, column) → table (authority_id, id)."""
    return ForeignKeyConstraint(["authority_id", column], [f"{table}.authority_id", f"{table}.id"], name=f"fk_{own}_{column}_{table}", **options)


def second(model: type[M], name: str | None = None) -> type[M]:
    """A second look at a table in one statement, to be kept by a module: ``aliased`` with every column looked up at once.

    SQLAlchemy looks them up at their first use. Two threads whose first use it is at the same moment may see half of them, and the wrong
    statement they make of it is remembered for the life of the process.
    """
    made = aliased(model, name=name)
    for key in list(inspect(model).columns.keys()):
        getattr(made, key).__clause_element__()
    return made


db = SQLAlchemy(model_class=Base, disable_autonaming=True)

#: After so long without use a connection is asked whether its server is still there: no restart is quicker.
IDLE_SECONDS = 2.0

#: Whether the transaction about to begin means to write: SQLite then takes its lock at once and waits its turn,
#: instead of failing halfway when it finds that somebody else wrote meanwhile.
_writing: ContextVar[bool] = ContextVar("writing", default=False)


def expect_writes(yes: bool = True) -> None:
    """Says what the next transaction of this context is for."""
    _writing.set(yes)


@contextmanager
def writing() -> Iterator[None]:
    """A stretch of work whose transactions write."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def sqlite_driver() -> ModuleType:
    """The newest SQLite at hand."""
    driver: ModuleType = _newest_sqlite or sqlite3
    return driver


def has_wal_reset_bug(version: tuple[int, ...]) -> bool:
    """SQLite 3.7.0–3.51.2 may lose committed writes in WAL mode with two connections (mended in 3.44.6, 3.50.7, 3.51.3)."""
    return (
        (3, 7, 0) <= version < (3, 51, 3)
        and not (version[:2] == (3, 44) and version >= (3, 44, 6))
        and not (version[:2] == (3, 50) and version >= (3, 50, 7))
    )


def _ask_idle_connections(engine: Engine) -> None:
    """A connection nobody used for a while is asked whether it still lives before it is given out; a busy one just now answered."""

    @event.listens_for(engine, "checkin")
    def on_checkin(_connection: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: Any, _proxy: Any) -> None:
        used_at = record.info.get("used_at")
        if used_at is None or time.monotonic() - used_at < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error


def prepare_engine(engine: Engine) -> None:
    """Teaches a SQLite engine foreign keys, durability and honest transactions; a PostgreSQL one to notice a restarted server."""
    if engine.dialect.name != "sqlite":
        _ask_idle_connections(engine)
        return
    safe_for_wal = not has_wal_reset_bug(sqlite_driver().sqlite_version_info)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN below decides, not the driver
        connection.create_function(folding.SQLITE_NAME, 1, folding.fold_or_none, deterministic=True)
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=20000")
        cursor.execute(f"PRAGMA journal_mode={'WAL' if safe_for_wal else 'DELETE'}")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def away(error: Exception) -> bool:
    """Whether it is the database that restarts, is locked, or has no connection to give: tried again it may well work."""
    if isinstance(error, NoConnectionFree):
        return True
    if not isinstance(error, DBAPIError):
        return False
    said = str(error.orig)
    return error.connection_invalidated or "locked" in said or "connection" in said
