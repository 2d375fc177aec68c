"""One day's reminders: planned for every authority, sent by one process over one local mail server."""

from __future__ import annotations

import time
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.bench.servers import sink
from tracker.deadlines import queries as deadlines
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.mail.jobs import send_waiting
from tracker.reminders import service
from tracker.units.models import Authority


def measure(app: Flask) -> dict[str, Any]:
    """Seconds and numbers; the sending commits once for each mail."""
    begun = time.perf_counter()
    planned, tasks = _plan(app)
    planning = time.perf_counter() - begun
    with sink() as port:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port)
        begun = time.perf_counter()
        tally = send_waiting(app, rate_per_minute=0)
        sending = time.perf_counter() - begun
    return {
        "planned": planned,
        "tasks_told": tasks,
        "planning_seconds": planning,
        "sent": tally.sent,
        "not_sent": tally.tried - tally.sent,
        "sending_seconds": sending,
        "mails_per_second": tally.sent / sending if sending else 0.0,
    }


def _plan(app: Flask) -> tuple[int, int]:
    """As the scheduler does, but on the last working day where today is none: a bench run on a Sunday plans too."""
    planned = tasks = 0
    with app.app_context(), writing():
        session = db.session()
        with scope.using(session, scope.whole("bench")):
            authorities = list(session.scalars(select(Authority.id).order_by(Authority.id)))
            day = deadlines.working_calendar(session).on_or_before(clock.today())
        session.rollback()
        for authority_id in authorities:
            with scope.using(session, scope.one(authority_id)):
                plan = service.plan(session, session.get_one(Authority, authority_id), day, clock.now())
                planned += len(plan.digests)
                tasks += len({task for digest in plan.digests for task in digest.task_ids})
                session.commit()
        db.session.remove()
    return planned, tasks
