"""Alembic's environment: the application's engine and metadata, online only."""

from __future__ import annotations

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app

db = current_app.extensions["migrate"].db


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | bool:
    """Our column types stand in migrations as what they are made of: a migration imports nothing of ours."""
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    engine = context.config.attributes.get("engine", db.engine)  # a restore brings the engine of a file that has no name yet
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        if sqlite:  # a table rebuilt in batch mode must not drag its children along; no transaction may be under way
            driver.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            render_as_batch=sqlite,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        if sqlite:
            driver.execute("PRAGMA foreign_keys=ON")


run()
