"""A country's deadlines: every round, date and explanation of 3,321 authorities for one year, in a process of its own.

3,321 is the number of communes since 01/7/2025. Each keeps the rules of one of the four sample authorities, in a database.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

import config
from tracker.app import create_app
from tracker.assignments.models import Notice
from tracker.deadlines import queries
from tracker.deadlines.explanation_rules import explain, warning
from tracker.deadlines.models import DeadlineRule, RuleSet
from tracker.deadlines.rules import target_day
from tracker.kernel import clock, scope
from tracker.kernel.database import Base, db
from tracker.operations import seed
from tracker.units.models import Authority
from tracker.web import terminal

AUTHORITIES = 3321
YEAR = 2027


def measure(folder: Path) -> dict[str, Any]:
    """Seconds, megabytes and numbers of working a year out; making the rules is not counted."""
    environment = {**os.environ, "TRACKER_DATA": str(folder), "TRACKER_ENV": "development"}
    environment.pop("DATABASE_URL", None)
    figures: dict[str, Any] = {}
    for step in ("make", "work"):
        command = [sys.executable, "-m", "tests.bench.country", step]
        run = subprocess.run(command, env=environment, cwd=config.ROOT, capture_output=True, text=True, check=True)
        figures = json.loads(run.stdout)
    return figures


def _make(app: Flask) -> dict[str, Any]:
    upgrade()
    with terminal.work("bench", writes=True) as session:
        seed.load(session, config.ROOT / "seeds", samples=True, now=clock.now())
        samples = list(session.scalars(select(Authority).order_by(Authority.id)))
        for number in range(AUTHORITIES - len(samples)):
            _copy(session, samples[number % len(samples)], number)
        return {"authorities": session.scalar(select(func.count(Authority.id)))}


def _copy(session: Any, sample: Authority, number: int) -> None:
    """An authority with the same notice, rules and sets."""
    own = _like(session, sample, slug=f"xa-{number:04}", parent_id=None)
    for notice in session.scalars(select(Notice).where(Notice.authority_id == sample.id).order_by(Notice.id)).all():
        paper = _like(session, notice, authority_id=own.id)
        for rule in session.scalars(select(DeadlineRule).where(DeadlineRule.notice_id == notice.id).order_by(DeadlineRule.id)).all():
            kept = _like(session, rule, authority_id=own.id, notice_id=paper.id)
            for asked in session.scalars(select(RuleSet).where(RuleSet.rule_id == rule.id).order_by(RuleSet.id)).all():
                _like(session, asked, authority_id=own.id, rule_id=kept.id)


def _like(session: Any, row: Base, **changed: Any) -> Any:
    values = {column.key: getattr(row, column.key) for column in type(row).__mapper__.column_attrs if column.key not in ("id", "version")}
    made = type(row)(**{**values, **changed})
    session.add(made)
    session.flush()
    return made


def _work(app: Flask) -> dict[str, Any]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    begun = time.perf_counter()
    lines = dated = letters = 0
    session = db.session()
    with scope.using(session, scope.whole("bench")):
        ids = list(session.scalars(select(Authority.id).order_by(Authority.id)))
    for authority_id in ids:
        with scope.using(session, scope.one(authority_id)):
            calendar = queries.working_calendar(session)
            for line in queries.year_lines(session, calendar, YEAR):
                target = target_day(calendar, line.dates.nominal_on, line.dates.last_on)
                letters += len(explain(line.terms, calendar, line.dates)) + len(warning(calendar, line.dates) or "")
                lines += 1
                dated += isinstance(target, date)
        session.expunge_all()
    return {
        "authorities": len(ids),
        "lines": lines,
        "dated": dated,
        "characters": letters,
        "seconds": time.perf_counter() - begun,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "megabytes_before": before,
    }


if __name__ == "__main__":
    application = create_app()
    with application.app_context():
        print(json.dumps({"make": _make, "work": _work}[sys.argv[1]](application)))
