"""The second floor: a page's own statements, recorded once, sent again over one bare connection."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event

from tracker.kernel.database import db

#: A statement with its parameters, or the end of a transaction.
Step = tuple[str, Any] | str


def recorded(app: Flask, work: Callable[[], None]) -> list[Step]:
    """What ``work`` sends to the database, commits and rollbacks included."""
    steps: list[Step] = []

    def sent(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        steps.extend((statement, one) for one in parameters) if many else steps.append((statement, parameters))

    hooks: list[tuple[str, Callable[..., None]]] = [
        ("before_cursor_execute", sent),
        ("commit", lambda _connection: steps.append("commit")),
        ("rollback", lambda _connection: steps.append("rollback")),
    ]
    with app.app_context():
        engine = db.engine
    for name, hook in hooks:
        event.listen(engine, name, hook)
    try:
        work()
    finally:
        for name, hook in hooks:
            event.remove(engine, name, hook)
    return steps


def replay(connection: psycopg.Connection[Any], steps: list[Step]) -> float:
    """Seconds for the same rows, fetched and thrown away."""
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        for step in steps:
            if step == "commit":
                connection.commit()
            elif step == "rollback":
                connection.rollback()
            else:
                cursor.execute(step[0], step[1])
                if cursor.description:
                    cursor.fetchall()
    connection.rollback()
    return time.perf_counter() - begun
