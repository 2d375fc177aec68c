"""What the scheduler and the command do with the outbox."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import structlog
from flask import Flask

from tracker.kernel.database import db
from tracker.mail import hold
from tracker.mail.delivery import Sender, Tally
from tracker.mail.hook_rules import Reach
from tracker.mail.hooks import HookTransport
from tracker.mail.transport import transport_for

log = structlog.get_logger(__name__)

LANES = 3


def send_waiting(app: Flask, *, limit: int | None = None, rate_per_minute: int | None = None, stop: threading.Event | None = None) -> Tally:
    """Sends what may go now. ``rate_per_minute`` stands for MAIL_RATE_PER_MINUTE; a folder takes any number.

    Nothing goes while mail is held back after a restore.
    """
    reason = hold.held(app.config["TRACKER_DATA"])
    if reason is not None:
        log.warning("mail is held back", reason=reason)
        return Tally()
    rate = app.config["MAIL_RATE_PER_MINUTE"] if rate_per_minute is None else rate_per_minute
    rate = rate if app.config["MAIL_SERVER"] else 0
    stop = stop or threading.Event()
    lanes = _lanes(app) if limit is None and rate == 0 else 1
    if lanes == 1:
        return _lane(app, limit, rate, stop)
    with ThreadPoolExecutor(lanes, thread_name_prefix="mail") as pool:
        return Tally.of(pool.map(lambda _: _lane(app, None, 0, stop), range(lanes)))


def send_hooks(app: Flask, *, stop: threading.Event | None = None) -> Tally:
    """Sends what waits for listening programs, in a lane of its own: one that answers slowly holds back no mail. Held back as mail is."""
    reason = hold.held(app.config["TRACKER_DATA"])
    if reason is not None:
        log.warning("webhooks are held back", reason=reason)
        return Tally()
    with app.app_context():
        transport = HookTransport(Reach.of(app.config))
        sender = Sender(engine=db.engine, session=db.session(), transport=transport, hooks=True, stop=stop or threading.Event())
        try:
            return sender.run()
        finally:
            db.session.remove()


def _lanes(app: Flask) -> int:
    """While one sender waits for the server or the disk, another writes its next letters. SQLite has one writer at a time."""
    with app.app_context():
        return LANES if db.engine.dialect.name == "postgresql" and app.config["MAIL_SERVER"] else 1


def _lane(app: Flask, limit: int | None, rate: int, stop: threading.Event) -> Tally:
    with app.app_context():
        sender = Sender(engine=db.engine, session=db.session(), transport=transport_for(app.config), rate_per_minute=rate, stop=stop)
        try:
            return sender.run(limit)
        finally:
            db.session.remove()
