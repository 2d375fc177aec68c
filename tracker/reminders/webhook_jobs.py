"""What the scheduler does for listeners: queue what happened, switch off who is gone; and what the sender asks for each message."""

from __future__ import annotations

from datetime import datetime

import structlog
from flask import Flask, current_app
from sqlalchemy.orm import Session

from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import Dropped, Prepared
from tracker.reminders import webhook_queries as queries
from tracker.reminders import webhook_service as service

log = structlog.get_logger(__name__)


def announce(app: Flask) -> int:
    """Queues what has been sealed for whoever listens; one listener's trouble does not stop the others. Returns how many messages."""
    queued = 0
    with app.app_context(), writing():
        session = db.session()
        with scope.using(session, scope.whole("the listeners of every authority")):
            authorities = queries.authorities_that_tell(session)
            session.rollback()
        for authority_id in authorities:
            with scope.using(session, scope.one(authority_id)):
                active = queries.active_ids(session)
                session.rollback()
                for webhook_id in active:
                    queued += _tend(session, webhook_id)
    return queued


def _tend(session: Session, webhook_id: int) -> int:
    queued = 0
    try:
        service.judge(session, webhook_id, now=clock.now(), real_now=clock.real_now())
        session.commit()
        while (found := service.announce(session, webhook_id, now=clock.now())) is not None:
            session.commit()
            queued += found
    except Exception:
        log.exception("events not announced", webhook=webhook_id)
    finally:
        session.rollback()
    return queued


def prepare(session: Session, message: OutboxMessage, now: datetime) -> Prepared | Dropped:
    """For the sender: what goes to the listener now."""
    return service.written(session, message, now, current_app.config["SECRET_KEY"])
