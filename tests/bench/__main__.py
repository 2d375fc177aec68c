"""``python -m tests.bench [--json FILE] [--pages-only]``. About ten minutes; touches 127.0.0.1 and a temporary folder only."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from flask_migrate import upgrade

import config
from tests.bench import country, mails, pages, paint, planning, report
from tests.bench.servers import gunicorn
from tests.harness.cluster import DURABLE, Cluster
from tracker.accounts import credentials
from tracker.app import create_app
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.operations import synth
from tracker.operations.seed_format import calendar_years, read_calendar
from tracker.operations.seed_sets import add_calendar
from tracker.web import terminal

SIZES = (1, 100)
TASKS_EACH = 400
PASSWORD = "mat-khau-do-toc-do"
_BEGUN = time.monotonic()


def main() -> int:
    """Returns the exit code: 0, whatever the figures are."""
    arguments = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    arguments.add_argument("--json", type=Path, help="write the figures there instead of after the table")
    arguments.add_argument("--pages-only", action="store_true", help="leave the reminders out")
    asked = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dondoc-bench-"))
    _say("starting PostgreSQL with its durable defaults")
    cluster = Cluster(DURABLE)
    try:
        figures = _run(cluster, folder, pages_only=asked.pages_only)
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    figures["seconds"] = round(time.monotonic() - _BEGUN, 1)
    print(report.table(figures))
    text = json.dumps(figures, ensure_ascii=False, indent=1, default=lambda value: round(float(value), 3))
    if asked.json:
        asked.json.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)
    return 0


def _run(cluster: Cluster, folder: Path, *, pages_only: bool) -> dict[str, Any]:
    url = cluster.create("bench")
    environment = {
        "DATABASE_URL": url,
        "TRACKER_ENV": "development",
        "SECRET_KEY": "a key for measuring only, longer than thirty-two characters",
        "TRACKER_DEMO_PASSWORD": PASSWORD,
        "MAIL_RATE_PER_MINUTE": "0",
    }
    for name in ("TRACKER_NOW", "MAIL_SERVER", "BASE_URL", "TRUSTED_HOSTS", "STORAGE_URL"):
        os.environ.pop(name, None)
    os.environ.update(environment, TRACKER_DATA=str(folder / "own"))
    app = create_app()
    _prepare(app)
    figures: dict[str, Any] = {"pages": [], "throughput": {}, "filling": {}, "machine": _machine(url)}
    with gunicorn("wsgi:app", environment, folder / "product") as product, gunicorn("tests.bench.floor:app", environment, folder / "bare") as bare:
        for authorities in SIZES:
            figures["filling"][authorities * TASKS_EACH] = _fill(app, authorities, url)
            with psycopg.connect(_plain(url)) as connection:
                field = pages.Field(app, product, bare, connection, authorities * TASKS_EACH, PASSWORD)
                _say(f"timing the pages at {field.tasks} tasks")
                figures["pages"] += [asdict(one) | {"ratio": one.ratio} for one in pages.measure(field)]
                figures["throughput"][field.tasks] = pages.throughput(field)
        _say("opening the main pages in a browser on a slow line")
        with psycopg.connect(_plain(url)) as connection:
            figures["browser"] = paint.measure(product.port, PASSWORD, pages.a_complete_task(connection))
        figures["memory"] = {"product": product.memory(), "bare": bare.memory()}
    report.add_growth(figures["pages"])
    if not pages_only:
        _say("planning and sending one day's reminders")
        figures["reminders"] = mails.measure(app)
        _say("working out a year of every commune's deadlines")
        figures["country"] = country.measure(folder / "country")
        _say("planning one day of the whole country")
        figures["planning"] = planning.measure(cluster)
    with app.app_context():
        db.engine.dispose()
    return figures


def _prepare(app: Flask) -> None:
    with app.app_context():
        upgrade()
        with terminal.work("bench", writes=True) as session:
            for year in calendar_years(config.ROOT / "seeds"):
                add_calendar(session, year, read_calendar(config.ROOT / "seeds", year))
        db.session.remove()


def _fill(app: Flask, authorities: int, url: str) -> float:
    """Seconds the synthetic country took. ANALYZE afterwards, as autovacuum would within its minute."""
    _say(f"making {authorities} synthetic authorities")
    begun = time.perf_counter()
    with app.app_context():
        with terminal.work("bench", writes=True) as session:
            synth.make(session, authorities, 1, clock.now(), password_hash=credentials.hash_password(PASSWORD))
        db.session.remove()
    took = time.perf_counter() - begun
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    return took


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _machine(url: str) -> dict[str, Any]:
    with psycopg.connect(_plain(url)) as connection:
        settings = {
            name: connection.execute(f"SHOW {name}").fetchone()[0] for name in ("server_version", "fsync", "synchronous_commit", "shared_buffers")
        }  # type: ignore[index]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processor = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "?")
    return {"cores": os.cpu_count(), "processor": processor, "memory_gib": round(memory), "python": platform.python_version(), "postgresql": settings}


def _say(words: str) -> None:
    print(f"{time.monotonic() - _BEGUN:5.0f} s  {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
