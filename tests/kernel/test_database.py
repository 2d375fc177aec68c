"""Column types, naming, and what SQLite is taught."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from tests.factories import World
from tracker import schema
from tracker.accounts.models import Account
from tracker.kernel.database import Keyed, UtcDateTime, has_wal_reset_bug, second
from tracker.tasks.models import Task

SEVEN = timezone(timedelta(hours=7))


def test_an_instant_goes_in_aware_and_comes_out_in_utc() -> None:
    kind, local = UtcDateTime(), datetime(2026, 11, 14, 23, 59, 59, 123456, tzinfo=SEVEN)
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        back = kind.process_result_value(kind.process_bind_param(local, dialect), dialect)
        assert back == local
        assert back is not None
        assert back.tzinfo is UTC
    assert kind.process_bind_param(None, sqlite.dialect()) is None


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        UtcDateTime().process_bind_param(datetime(2026, 11, 14), sqlite.dialect())  # noqa: DTZ001 - the mistake itself


@pytest.mark.parametrize(
    ("version", "bug"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 34, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 0), True),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
    ],
)
def test_the_versions_of_sqlite_that_may_lose_writes_in_wal_mode_are_known(version: tuple[int, ...], bug: bool) -> None:
    assert has_wal_reset_bug(version) is bug


def test_every_keyed_table_can_be_pointed_at_within_its_authority_or_says_that_nothing_does() -> None:
    keyed = [table for table in schema.TABLES if any(c.name == f"uq_{table.name}_authority_id_id" for c in table.constraints)]
    assert {table.name for table in keyed} >= {model.__tablename__ for model in Keyed.__subclasses__() if model.__pointed_at__}
    assert len(keyed) >= 15


def test_what_nothing_points_to_gets_its_authority_from_what_it_points_to() -> None:
    pointed_to = {key.referred_table.name for table in schema.TABLES for key in table.foreign_key_constraints}
    ends = [model.__table__ for model in Keyed.__subclasses__() if not model.__pointed_at__]
    assert [table.name for table in ends] == ["reminder"]
    for table in ends:
        assert table.name not in pointed_to
        assert any("authority_id" in key.column_keys for key in table.foreign_key_constraints)


def test_a_foreign_key_between_keyed_tables_never_leaves_the_authority() -> None:
    keyed = {model.__tablename__ for model in Keyed.__subclasses__()}
    loose = [
        f"{table.name}.{constraint.column_keys}"
        for table in schema.TABLES
        if table.name in keyed
        for constraint in table.foreign_key_constraints
        if constraint.referred_table.name in keyed and "authority_id" not in constraint.column_keys
    ]
    assert loose == []


@pytest.mark.db
def test_the_database_itself_refuses_a_naive_instant(session: Session, world: World) -> None:
    world.task.submitted_at = datetime(2026, 11, 14)  # noqa: DTZ001 - the mistake itself
    with pytest.raises(StatementError, match="needs a zone"):
        session.flush()


@pytest.mark.db
def test_a_text_enum_is_checked_by_the_database(session: Session, world: World) -> None:
    with pytest.raises(IntegrityError, match="status"):
        session.execute(text("UPDATE task SET status = 'finished' WHERE id = :id"), {"id": world.task.id})


@pytest.mark.db("sqlite")
def test_sqlite_checks_foreign_keys_and_waits_its_turn(session: Session) -> None:
    assert session.scalar(text("PRAGMA foreign_keys")) == 1
    assert session.scalar(text("PRAGMA busy_timeout")) == 20000
    assert session.scalar(text("PRAGMA journal_mode")) in ("wal", "delete")


def test_progress_words_are_stored_as_their_text() -> None:
    kind = Task.__table__.c.status.type
    assert issubclass(kind.enum_class, StrEnum)
    assert kind.enums == [member.value for member in kind.enum_class]


def test_a_second_look_at_a_table_is_whole_whoever_asks_first(request: pytest.FixtureRequest) -> None:
    """Threads that first use it at the same moment all make the same statement: SQLAlchemy's own alias gives some of them a wrong one."""
    before = sys.getswitchinterval()
    request.addfinalizer(lambda: sys.setswitchinterval(before))
    sys.setswitchinterval(1e-6)
    for _ in range(100):
        other, together = second(Account), threading.Barrier(3)
        made: list[str] = []

        def ask(other: Any = other, together: threading.Barrier = together, made: list[str] = made) -> None:
            together.wait(30)
            made.append(str(select(other).where(other.id == Task.id, other.active)))

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len(set(made)) == 1 and len(made) == 3 and " account." not in made[0]
