"""One day's reminders of a whole country: 3,325 authorities of 400 tasks, planned by the scheduler's own job in a process of its own.

``python -m tests.bench.planning [AUTHORITIES]`` alone. A few authorities are made as everywhere (operations/synth.py); the rest are their
rows again under other ids, copied by the database: only what planning reads.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from typing import Any

import psycopg
from flask_migrate import upgrade
from sqlalchemy import Table

import config
from tests.harness.cluster import DURABLE, Cluster
from tracker.accounts.models import Account
from tracker.app import create_app
from tracker.assignments.models import Assignment, Notice
from tracker.deadlines.models import DeadlineRule, Round, RuleSet
from tracker.kernel import clock
from tracker.kernel.database import Base, db
from tracker.mail.models import OutboxMessage
from tracker.operations import synth
from tracker.operations.running import settle
from tracker.operations.seed_format import calendar_years, read_calendar
from tracker.operations.seed_sets import add_calendar
from tracker.reminders import jobs
from tracker.reminders.models import Reminder
from tracker.tasks.models import Task
from tracker.units.models import Authority, GroupMember, Membership, Unit
from tracker.web import terminal

AUTHORITIES = 3325
#: So many are made; the others are copies.
MADE = 5
#: A Wednesday within everybody's hours. The days before it are told already (synth_progress.SAID).
NOW = "2026-11-18T09:00"
#: What planning reads, parents first.
COPIED: tuple[type[Base], ...] = (
    Authority, Account, Unit, GroupMember, Membership, Notice, DeadlineRule, RuleSet, Round, Assignment, Task, OutboxMessage, Reminder,
)  # fmt: skip


def measure(cluster: Cluster, authorities: int = AUTHORITIES) -> dict[str, Any]:
    """Seconds, megabytes and numbers of planning one day, and of planning it again when nothing is new. Making the rows is not counted."""
    url = cluster.create("planning")
    environment = {**os.environ, "DATABASE_URL": url, "TRACKER_ENV": "development", clock.NOW_VARIABLE: NOW}
    begun = time.perf_counter()
    _step("make", environment)
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        copy(connection, authorities)
        made = time.perf_counter() - begun
        figures = _step("plan", environment)
        again = _step("plan", environment)
        found = {name: _count(connection, query) for name, query in _COUNTS.items()}
    cluster.drop("planning")
    return {**figures, **found, "again_seconds": again["seconds"], "again_digests": again["digests"], "making_seconds": made}


_OF_DAY = f"planned_on = '{NOW[:10]}'"
_COUNTS = {
    "authorities": "SELECT count(*) FROM authority",
    "tasks": "SELECT count(*) FROM task",
    "open_tasks": "SELECT count(*) FROM task WHERE status IN ('not_started', 'collecting', 'prepared')",
    "mailboxes": f"SELECT count(DISTINCT to_address) FROM outbox_message WHERE {_OF_DAY}",
    "tasks_told": f"SELECT count(DISTINCT task_id) FROM reminder WHERE {_OF_DAY}",
    "reminders": f"SELECT count(*) FROM reminder WHERE {_OF_DAY}",
}


def _count(connection: psycopg.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])  # type: ignore[call-overload,index]


def _step(name: str, environment: dict[str, str]) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-m", "tests.bench.planning", name], env=environment, cwd=config.ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return dict(json.loads(run.stdout))


def _make() -> dict[str, Any]:
    app = create_app()
    with app.app_context():
        upgrade()
        with terminal.work("bench", writes=True) as session:
            for year in calendar_years(config.ROOT / "seeds"):
                add_calendar(session, year, read_calendar(config.ROOT / "seeds", year))
            return synth.make(session, MADE, 1, clock.now())


def copy(connection: psycopg.Connection, authorities: int) -> None:
    """Every row of ``COPIED`` so often that there are so many authorities. Statistics are fresh afterwards, as autovacuum would have them."""
    tables = [model.__table__ for model in COPIED]
    steps = {table.name: _count(connection, f"SELECT max(id) FROM {table.name}") for table in tables}
    # Foreign keys hold by the way the ids are made: asking for each of millions would take longer than all the rest.
    connection.execute("SET session_replication_role = replica")
    for table in tables:
        connection.execute(_copying(table, steps, authorities // MADE - 1))
        connection.execute(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))")
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")


def _copying(table: Table, steps: dict[str, int], times: int) -> str:
    """Ids and what points to them are moved on by as many as the table has; addresses and slugs get the number of the copy."""
    moved = {"id": table.name}
    for key in table.foreign_key_constraints:
        for element in key.elements:
            if element.column.name == "id" and element.column.table.name in steps:
                moved[element.parent.name] = element.column.table.name
    columns = {column.name: f'row."{column.name}"' for column in table.columns}
    for column in table.columns:
        if column.name in moved:
            columns[column.name] = f"row.{column.name} + copy * {steps[moved[column.name]]}"
        elif column.name in ("slug", "username", "username_key", "email", "dedupe_key", "to_address", "message_id", "recipient"):
            columns[column.name] = f"replace(row.{column.name}, 'tong-hop-', 'tong-hop-' || copy || '-')"
    if table.name == OutboxMessage.__tablename__:
        columns["message_id"] = "row.message_id || '-' || copy"
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {', '.join(columns.values())} "
        f"FROM {table.name} AS row CROSS JOIN generate_series(1, {times}) AS copy ORDER BY copy, row.id"
    )


def _plan() -> dict[str, Any]:
    """As the scheduler does."""
    app = create_app()
    settle()
    before = resource.getrusage(resource.RUSAGE_SELF)
    begun = time.perf_counter()
    digests = jobs.plan_today(app)
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_SELF)
    with app.app_context():
        db.engine.dispose()
    return {
        "digests": digests,
        "seconds": seconds,
        "own_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "megabytes": after.ru_maxrss / 1024,
        "megabytes_before": before.ru_maxrss / 1024,
    }


def main() -> int:
    """A step in a process of its own, or the whole with its figures as JSON."""
    asked = sys.argv[1] if len(sys.argv) > 1 else str(AUTHORITIES)
    if step := {"make": _make, "plan": _plan}.get(asked):
        print(json.dumps(step()))
        return 0
    cluster = Cluster(DURABLE)
    try:
        print(json.dumps(measure(cluster, int(asked)), indent=1))
    finally:
        cluster.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
