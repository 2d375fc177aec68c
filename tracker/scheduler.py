"""``flask scheduler``: the process that opens rounds, plans reminders and sends mail. Any number of them may run.

Nothing here decides anything: every job can run twice, late or in two processes at once, because the database decides what
is still to do. APScheduler only wakes the jobs; its store is its memory.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from tracker.audit import jobs as audit_jobs
from tracker.files import jobs as files_jobs
from tracker.kernel import clock
from tracker.kernel.database import db, writing
from tracker.longwork import jobs as longwork_jobs
from tracker.mail import jobs as mail_jobs
from tracker.mail import service as mail
from tracker.operations.running import mark_running, settle
from tracker.reminders import jobs as reminders_jobs
from tracker.reminders import webhook_jobs
from tracker.tasks import jobs as tasks_jobs
from tracker.units import jobs as units_jobs

log = structlog.get_logger(__name__)

#: A job that runs every few seconds writes down that it did no more often than this.
NOTE_EVERY = timedelta(minutes=1)
#: How often the clock is looked at, and by how much it must have been set for it to matter.
LOOK_SECONDS, SET_BY = 1.0, timedelta(seconds=30)
#: After SIGTERM what is under way gets so long; then the process goes, and the lease brings the message back.
GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """``work`` returns what it did, for the record. ``at_start``: done once, in the order of the table, before the clockwork begins."""

    name: str
    trigger: BaseTrigger
    work: Callable[[Flask, threading.Event], object]
    at_start: bool = False


def _open_rounds(app: Flask, _stop: threading.Event) -> object:
    return tasks_jobs.open_rounds(app)


def _plan(app: Flask, _stop: threading.Event) -> object:
    return reminders_jobs.plan_today(app)


def _send(app: Flask, stop: threading.Event) -> object:
    return mail_jobs.send_waiting(app, stop=stop)


def _announce(app: Flask, _stop: threading.Event) -> object:
    return webhook_jobs.announce(app)


def _send_hooks(app: Flask, stop: threading.Event) -> object:
    return mail_jobs.send_hooks(app, stop=stop)


def _reconcile(app: Flask, _stop: threading.Event) -> object:
    return reminders_jobs.reconcile_today(app)


def _seal(app: Flask, _stop: threading.Event) -> object:
    return audit_jobs.seal_events(app, everything=False)


def _seal_everything(app: Flask, _stop: threading.Event) -> object:
    return audit_jobs.seal_events(app)


def _apply_successions(app: Flask, _stop: threading.Event) -> object:
    return units_jobs.apply_due(app)


def _remove_withdrawn(app: Flask, _stop: threading.Event) -> object:
    return files_jobs.remove_withdrawn(app)


def _reap_files(app: Flask, _stop: threading.Event) -> object:
    return files_jobs.reap(app)


def _verify_files(app: Flask, stop: threading.Event) -> object:
    return files_jobs.verify(app, stop)


def _long_work(app: Flask, stop: threading.Event) -> object:
    return longwork_jobs.run_waiting(app, stop)


def _sweep_results(app: Flask, _stop: threading.Event) -> object:
    return longwork_jobs.sweep(app)


TABLE: tuple[Job, ...] = (
    # Before rounds are opened: what is opened this morning goes to the units there are this morning.
    Job("apply successions", CronTrigger(minute="5,35", timezone=clock.ZONE), _apply_successions, at_start=True),
    Job("open rounds", CronTrigger(minute="10,40", timezone=clock.ZONE), _open_rounds, at_start=True),
    Job("plan reminders", CronTrigger(minute="0,30", timezone=clock.ZONE), _plan, at_start=True),
    Job("send mail", IntervalTrigger(seconds=5, timezone=clock.ZONE), _send),
    Job("announce events", IntervalTrigger(seconds=15, timezone=clock.ZONE), _announce),
    Job("send webhooks", IntervalTrigger(seconds=5, timezone=clock.ZONE), _send_hooks),
    Job("reconcile", CronTrigger(minute="50", timezone=clock.ZONE), _reconcile, at_start=True),
    Job("seal audit", IntervalTrigger(minutes=2, timezone=clock.ZONE), _seal),
    Job("seal whole audit", CronTrigger(minute="20", timezone=clock.ZONE), _seal_everything, at_start=True),
    Job("remove withdrawn files", CronTrigger(minute="*/10", timezone=clock.ZONE), _remove_withdrawn),
    Job("reap files", CronTrigger(minute="25", timezone=clock.ZONE), _reap_files),
    Job("long work", IntervalTrigger(seconds=3, timezone=clock.ZONE), _long_work),
    Job("sweep results", CronTrigger(minute="35", timezone=clock.ZONE), _sweep_results),
    Job("verify files", CronTrigger(hour="2", minute="15", timezone=clock.ZONE), _verify_files),
)


class Clockwork:
    """The running scheduler of one process."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stop = threading.Event()
        self._idle = threading.Condition()
        self._running = 0
        self._noted: dict[str, tuple[datetime, bool]] = {}
        # Not the blocking one: between its last look and its sleep a signal could get lost.
        self._scheduler = BackgroundScheduler(timezone=clock.ZONE, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})

    def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._asked_to_stop)
        for job in TABLE:
            if job.at_start and not self._stop.is_set():
                self._do(job)
        for job in TABLE:
            self._scheduler.add_job(self._do, job.trigger, args=(job,), id=job.name, name=job.name)
        self._scheduler.start()
        log.info("scheduler runs", jobs=[job.name for job in TABLE])
        threading.Thread(target=self._watch_the_clock, name="clock", daemon=True).start()
        self._stop.wait()
        self._scheduler.shutdown(wait=False)
        self._leave()

    def _watch_the_clock(self) -> None:
        """Until asked to stop. APScheduler keeps the instant of each job's next run: set back by an hour, it would sleep for that hour."""
        ahead = clock.real_now() - timedelta(seconds=time.monotonic())
        while not self._stop.wait(LOOK_SECONDS):
            before, ahead = ahead, clock.real_now() - timedelta(seconds=time.monotonic())
            if abs(ahead - before) > SET_BY:
                log.warning("the clock was set", by=str(ahead - before))
                self._noted.clear()
                for job in TABLE:
                    self._scheduler.modify_job(job.name, next_run_time=clock.real_now())

    def _asked_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _leave(self) -> None:
        """A sender may be waiting ten minutes for a server's last word: nobody waits for that."""
        with self._idle:
            quiet = self._idle.wait_for(lambda: self._running == 0, timeout=GRACE_SECONDS)
        log.info("scheduler ends", finished=quiet)
        if not quiet:
            os._exit(0)

    def _do(self, job: Job) -> None:
        with self._idle:
            self._running += 1
        started = clock.real_now()
        try:
            detail = job.work(self._app, self._stop)
            self._note(job, started, ok=True, detail=str(detail))
        except Exception as error:
            log.exception("job failed", job=job.name)
            self._note(job, started, ok=False, detail=f"{type(error).__name__}: {error}")
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()

    def _note(self, job: Job, started: datetime, *, ok: bool, detail: str) -> None:
        before = self._noted.get(job.name)
        if before is not None and before[1] == ok and started - before[0] < NOTE_EVERY:
            return
        self._noted[job.name] = (started, ok)
        try:
            with self._app.app_context(), writing():
                mail.note_run(db.session(), job.name, started_at=started, finished_at=clock.real_now(), ok=ok, detail=detail[:500])
                db.session.commit()
        except Exception:
            log.exception("run not noted", job=job.name)


def install(app: Flask) -> None:
    """Hangs ``flask scheduler`` on the application."""

    @app.cli.command("scheduler")
    def scheduler() -> None:
        """Chạy tiến trình lập lịch: mở đợt, lập và gửi thư nhắc, niêm nhật ký. Dừng bằng SIGTERM."""
        settle()
        with mark_running(Path(app.config["TRACKER_DATA"])):
            Clockwork(app).run()
