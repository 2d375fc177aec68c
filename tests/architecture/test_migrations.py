"""Migrations go up, down and up again with rows in place, end where the models are, and stand on their own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, inspect, select, text
from sqlalchemy.exc import DBAPIError

from tests.architecture.source import ROOT
from tracker.kernel.database import db
from tracker.schema import TABLES

VERSIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))


def test_there_are_migrations() -> None:
    assert VERSIONS


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_stands_on_its_own(path: Path) -> None:
    """It must mean the same in ten years: it imports nothing of the product."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in names if name.split(".")[0] in ("tracker", "config", "wsgi")}


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_can_be_undone(path: Path) -> None:
    functions = {node.name: node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}
    assert not isinstance(functions["downgrade"].body[-1], ast.Pass)


@pytest.mark.db
def test_the_migrations_end_where_the_models_are(app) -> None:
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, db.metadata) == []


@pytest.mark.db
def test_every_constraint_bears_its_name_in_the_database(app) -> None:
    """A refusal is told by the constraint's name: an unnamed one would be a riddle to its reader."""
    with app.app_context():
        found = inspect(db.engine)
        for table in TABLES:
            names = [
                c["name"]
                for c in (*found.get_unique_constraints(table.name), *found.get_foreign_keys(table.name), *found.get_check_constraints(table.name))
            ]
            assert all(names), f"{table.name} has a constraint without a name: {names}"


@pytest.mark.db
def test_down_and_up_again_with_rows_in_place(seeded) -> None:
    with seeded.app_context():
        before = _tables()
        assert db.session.scalar(text("SELECT count(*) FROM indicator")) > 300
        db.session.remove()
        downgrade(revision="base")
        db.engine.dispose()
        assert _tables() == {"alembic_version"}
        upgrade()
        db.engine.dispose()
        assert _tables() == before


@pytest.mark.db
def test_each_step_goes_down_and_up_with_the_rows_of_the_step_before(seeded) -> None:
    """Every migration but the first keeps the rows of the tables it does not remove."""
    with seeded.app_context():
        for _step in VERSIONS[1:]:
            counted = _counts()
            downgrade(revision="-1")
            upgrade(revision="+1")
            db.engine.dispose()
            assert _counts() == counted
            downgrade(revision="-1")


@pytest.mark.db
@pytest.mark.parametrize("statement", ["UPDATE audit_event SET summary = 'khác'", "DELETE FROM audit_event"])
def test_the_database_itself_refuses_to_change_what_was_recorded(seeded, statement) -> None:
    with seeded.app_context(), db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit_event")) > 0
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(statement))


def _tables() -> set[str]:
    return set(inspect(db.engine).get_table_names())


def _counts() -> dict[str, int]:
    with db.engine.connect() as connection:
        found = MetaData()
        found.reflect(connection)
        return {table.name: len(connection.execute(select(table)).all()) for table in found.sorted_tables if table.name != "alembic_version"}
