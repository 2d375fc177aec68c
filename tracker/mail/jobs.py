"""What the scheduler and the command do with the outbox."""

from __future__ import annotations

import threading

import structlog
from flask import Flask

from tracker.kernel.database import db
from tracker.mail import hold
from tracker.mail.delivery import Sender, Tally
from tracker.mail.transport import transport_for

log = structlog.get_logger(__name__)


def send_waiting(app: Flask, *, limit: int | None = None, rate_per_minute: int | None = None, stop: threading.Event | None = None) -> Tally:
    """Sends what may go now. ``rate_per_minute`` stands for MAIL_RATE_PER_MINUTE; a folder takes any number.

    Nothing goes while mail is held back after a restore.
    """
    reason = hold.held(app.config["TRACKER_DATA"])
    if reason is not None:
        log.warning("mail is held back", reason=reason)
        return Tally()
    rate = app.config["MAIL_RATE_PER_MINUTE"] if rate_per_minute is None else rate_per_minute
    with app.app_context():
        sender = Sender(
            engine=db.engine,
            session=db.session(),
            transport=transport_for(app.config),
            rate_per_minute=rate if app.config["MAIL_SERVER"] else 0,
            stop=stop or threading.Event(),
        )
        try:
            return sender.run(limit)
        finally:
            db.session.remove()
