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

from tests.bench import country, ground, mails, pages, paint, planning, report
from tests.bench.servers import gunicorn
from tests.harness.cluster import DURABLE, Cluster
from tracker.app import create_app
from tracker.kernel.database import db

SIZES = (1, 100)
TASKS_EACH = 400
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
    environment = ground.settle(url, folder)
    app = create_app()
    ground.prepare(app)
    figures: dict[str, Any] = {"pages": [], "throughput": {}, "filling": {}, "machine": _machine(url)}
    with gunicorn("wsgi:app", environment, folder / "product") as product, gunicorn("tests.bench.floor:app", environment, folder / "bare") as bare:
        for authorities in SIZES:
            _say(f"making {authorities} synthetic authorities")
            figures["filling"][authorities * TASKS_EACH] = ground.fill(app, authorities, url)
            with psycopg.connect(ground.plain(url)) as connection:
                field = pages.Field(app, product, bare, connection, authorities * TASKS_EACH, ground.PASSWORD)
                _say(f"timing the pages at {field.tasks} tasks")
                figures["pages"] += [asdict(one) | {"ratio": one.ratio} for one in pages.measure(field)]
                figures["throughput"][field.tasks] = pages.throughput(field)
        _say("opening the main pages in a browser on a slow line")
        with psycopg.connect(ground.plain(url)) as connection:
            figures["browser"] = paint.measure(product.port, ground.PASSWORD, pages.a_complete_task(connection))
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


def _machine(url: str) -> dict[str, Any]:
    with psycopg.connect(ground.plain(url)) as connection:
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
