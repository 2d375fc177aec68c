"""The long form of tests/tasks/test_crowd.py: 50 people with 200 edits each on five tasks, and 1,000 races, on both databases."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from tests.factories import build_world
from tests.harness.cluster import Cluster, NoServer
from tests.harness.stores import make_app
from tests.tasks import crowd
from tracker.audit import jobs, verify_service
from tracker.audit.models import AuditEvent
from tracker.kernel import clock, scope
from tracker.kernel.database import db

PEOPLE, EDITS, RACES = 50, 200, 1000


def run(people: int = PEOPLE, edits: int = EDITS, races: int = RACES) -> int:
    """How many things went wrong on the two databases."""
    os.environ[clock.NOW_VARIABLE], os.environ[clock.ANCHOR_VARIABLE] = "2026-11-18T09:30", clock.real_now().isoformat()
    with tempfile.TemporaryDirectory(prefix="dondoc-crowd-") as folder:
        wrong = _one("SQLite", f"sqlite:///{Path(folder) / 'crowd.sqlite'}", Path(folder), people, edits, races)
        try:
            cluster = Cluster()
        except NoServer as error:
            print(f"PostgreSQL: not run, {error}", file=sys.stderr)
            return wrong + 1
        try:
            data = Path(folder) / "postgresql"
            data.mkdir()
            return wrong + _one("PostgreSQL", cluster.create("crowd"), data, people, edits, races)
        finally:
            cluster.stop()


def _one(name: str, url: str, data: Path, people: int, edits: int, races: int) -> int:
    options = {"pool_size": people, "max_overflow": 10} if url.startswith("postgresql") else {}  # each person a connection: nobody waits for one
    app = make_app(url, data, SQLALCHEMY_ENGINE_OPTIONS=options)
    with app.app_context():
        upgrade()
        session = db.session()
        scope.choose(session, scope.whole("a soak"))
        world = build_world(session)
        session.commit()
        authority_id, tasks = world.authority.id, [task.id for task in world.tasks]
        before = {task.id: task.version for task in world.tasks}
        accounts = [account.id for account in (world.owner, world.head, world.focal, world.chair, world.colleague)]
        already = session.scalar(select(func.max(AuditEvent.id))) or 0
        db.session.remove()
    began = time.monotonic()
    found = crowd.work(app, authority_id, tasks, (accounts * people)[:people], edits, seed=1)
    told = _check(app, found, before, already)
    print(f"{name}: {people} × {edits} edits, {found.accepted} accepted, {dict(found.refused)}, {time.monotonic() - began:.0f} s", file=sys.stderr)
    began = time.monotonic()
    for number in range(races):
        told += crowd.race(app, authority_id, tasks[0], accounts[2], number)
    print(f"{name}: {races} races, {time.monotonic() - began:.0f} s; {len(told)} faults", file=sys.stderr)
    told += _sealed(app, data)
    for sentence in told[:20]:
        print(f"{name}: {sentence}", file=sys.stderr)
    with app.app_context():
        db.engine.dispose()
    return len(told)


def _check(app: Flask, found: crowd.Crowd, before: dict[int, int], already: int) -> list[str]:
    with app.app_context():
        session = db.session()
        scope.choose(session, scope.whole("a soak"))
        told = crowd.faults(session, found, before, already)
        db.session.remove()
    return told


def _sealed(app: Flask, data: Path) -> list[str]:
    """What all of them left in the journal is sealed and verifies. Their events say the tenth of November: that they came later is told."""
    jobs.seal_events(app)
    with app.app_context():
        verdict = verify_service.verify(db.session(), data, clock.now())
        db.session.remove()
    return [fault.problem for fault in verdict.faults if "lùi ngày" not in fault.problem]
