"""Rows by the thousand, in the quickest way each database has. Its constraints judge them as they judge any row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import sql
from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from tracker.kernel import scope
from tracker.kernel.database import Keyed


def lay(session: Session, model: type[Keyed], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Adds rows of ``columns``, ``authority_id`` first, without reading their ids back: COPY on PostgreSQL, one prepared INSERT on SQLite.

    Raises OutOfScope for a row of another authority; what a constraint refuses raises the driver's own error on PostgreSQL.
    """
    assert columns[0] == "authority_id", "the scope is judged by the first column"
    allowed = scope.chosen(session)
    for authority_id in {row[0] for row in rows}:
        if not allowed.allows(authority_id):
            raise scope.OutOfScope(f"{model.__name__} of authority {authority_id} written in scope {allowed.authority_ids}")
    if not rows:
        return
    connection = session.connection()
    table: Table = model.__table__  # type: ignore[attr-defined]
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in rows])
        return
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns)))
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(into) as copying:
        for row in rows:
            copying.write_row(row)
