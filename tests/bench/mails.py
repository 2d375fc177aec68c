"""One day's reminders: planned for every authority, sent by two processes to one local mail server.

``python -m tests.bench.mails [--authorities N] [--senders N]`` measures them alone: a throw-away PostgreSQL with its durable defaults, N synthetic
authorities (60), the day planned, then sent; how many a second, and what processor time each process spent on a mail.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from datetime import date
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.bench import ground
from tests.bench.servers import sink
from tests.harness.cluster import DURABLE, Cluster
from tracker.app import create_app
from tracker.deadlines import queries as deadlines
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.mail.delivery import Tally
from tracker.mail.jobs import send_waiting
from tracker.operations.running import settle
from tracker.reminders import service
from tracker.units.models import Authority

AUTHORITIES = 60
SENDERS = 2
#: Mail leaves in office hours only, and a bench may run on a Sunday night.
OFFICE_HOUR = 10


def measure(app: Flask, senders: int = SENDERS) -> dict[str, Any]:
    """Seconds and numbers; the sending commits once for each mail. The business clock stands in office hours from here on."""
    day = _working_day(app)
    os.environ[clock.NOW_VARIABLE] = f"{day.isoformat()}T{OFFICE_HOUR}:00"
    os.environ[clock.ANCHOR_VARIABLE] = clock.real_now().isoformat()
    begun = time.perf_counter()
    planned, tasks = _plan(app, day)
    planning = time.perf_counter() - begun
    return {"planned": planned, "tasks_told": tasks, "planning_seconds": planning} | send(senders)


def send(senders: int = SENDERS) -> dict[str, Any]:
    """Sends what waits, without a limit, to a server that takes everything: as so many schedulers on one machine would, each warm."""
    processes = multiprocessing.get_context("spawn")
    ready, results = processes.Barrier(senders + 1), processes.Queue()
    with sink() as (port, pid):
        started = [processes.Process(target=_sender, args=(port, ready, results)) for _ in range(senders)]
        for one in started:
            one.start()
        ready.wait(120)
        begun, theirs = time.perf_counter(), ground.processor_seconds(pid)
        done = [results.get(timeout=3600) for _ in started]
        sending, theirs = time.perf_counter() - begun, ground.processor_seconds(pid) - theirs
        for one in started:
            one.join()
    whole = Tally.of(tally for tally, _ in done)
    return {
        "senders": senders,
        "sent": whole.sent,
        "not_sent": whole.tried + whole.put_off - whole.sent,
        "sending_seconds": sending,
        "mails_per_second": whole.sent / sending if sending else 0.0,
        "sender_ms_a_mail": 1000 * sum(spent for _, spent in done) / max(whole.sent, 1),
        "sink_ms_a_mail": 1000 * theirs / max(whole.sent, 1),
    }


def _sender(port: int, ready: Barrier, results: Queue[tuple[Tally, float]]) -> None:
    app = create_app()
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port)
    settle()
    ready.wait(120)
    begun = time.process_time()
    tally = send_waiting(app, rate_per_minute=0)
    results.put((tally, time.process_time() - begun))


def _working_day(app: Flask) -> date:
    """The last working day where today is none."""
    with app.app_context():
        session = db.session()
        with scope.using(session, scope.whole("bench")):
            day = deadlines.working_calendar(session).on_or_before(clock.today())
        db.session.remove()
    return day


def _plan(app: Flask, day: date) -> tuple[int, int]:
    """As the scheduler does."""
    planned = tasks = 0
    with app.app_context(), writing():
        session = db.session()
        with scope.using(session, scope.whole("bench")):
            authorities = list(session.scalars(select(Authority.id).order_by(Authority.id)))
        session.rollback()
        for authority_id in authorities:
            with scope.using(session, scope.one(authority_id)):
                plan = service.plan(session, session.get_one(Authority, authority_id), day, clock.now())
                planned += len(plan.digests)
                tasks += len({task for digest in plan.digests for task in digest.task_ids})
                session.commit()
        db.session.remove()
    return planned, tasks


def main() -> int:
    """Returns the exit code: 0, whatever the figures are."""
    arguments = argparse.ArgumentParser(prog="python -m tests.bench.mails", description=__doc__)
    arguments.add_argument("--authorities", type=int, default=AUTHORITIES)
    arguments.add_argument("--senders", type=int, default=SENDERS, help="processes, as several schedulers would be")
    asked = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dondoc-bench-"))
    cluster = Cluster(DURABLE)
    try:
        url = cluster.create("bench")
        ground.settle(url, folder)
        app = create_app()
        ground.prepare(app)
        ground.fill(app, asked.authorities, url)
        server = ground.processor_seconds(cluster.pid)
        figures = measure(app, asked.senders) | {"load": os.getloadavg()[0]}
        with app.app_context():
            db.engine.dispose()
        figures["postgresql_ms_a_mail_with_planning"] = 1000 * (ground.processor_seconds(cluster.pid) - server) / max(figures["sent"], 1)
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    for name, value in figures.items():
        print(f"{name:36} {value:10.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
