"""What the scheduler does with the journal."""

from __future__ import annotations

import structlog
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tracker.audit import service
from tracker.kernel import clock
from tracker.kernel.database import db, writing

log = structlog.get_logger(__name__)


def seal_events(app: Flask) -> bool:
    """Seals what has happened since the last seal. False where nothing has, or another process sealed it meanwhile."""
    with app.app_context(), writing():
        session = db.session()
        try:
            made = service.seal(session, clock.now())
            session.commit()
        except IntegrityError:
            session.rollback()
            log.info("events sealed by another process")
            return False
    return made is not None
