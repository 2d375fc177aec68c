"""What the scheduler does with units."""

from __future__ import annotations

import structlog
from flask import Flask
from sqlalchemy import select

from tracker.audit.rules import SYSTEM
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.units import succession_access, succession_service
from tracker.units import succession_queries as successions
from tracker.units.models import Authority

log = structlog.get_logger(__name__)


def apply_due(app: Flask) -> int:
    """Carries out every change of units whose day has come; one change's trouble does not stop the others. Returns how many."""
    applied = 0
    with app.app_context(), writing():
        session = db.session()
        authorities = [a.id for a in session.scalars(select(Authority).order_by(Authority.id))]
        session.rollback()
        for authority_id in authorities:
            with scope.using(session, scope.one(authority_id)):
                for succession_id in successions.due_ids(session, clock.today()):
                    try:
                        succession_service.apply(session, SYSTEM, succession_access.succession(session, succession_id), clock.now())
                        session.commit()
                        applied += 1
                    except Exception:
                        session.rollback()
                        log.exception("succession not applied", succession=succession_id)
                session.rollback()
    return applied
