"""What the scheduler does with tasks."""

from __future__ import annotations

import structlog
from flask import Flask
from sqlalchemy import select

from tracker.audit.rules import SYSTEM
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.tasks import rounds
from tracker.units.models import Authority

log = structlog.get_logger(__name__)


def open_rounds(app: Flask) -> int:
    """Opens every authority's due rounds; one authority's trouble does not stop the others. Returns how many."""
    opened = 0
    with app.app_context(), writing():
        session = db.session()
        slugs = [(a.id, a.slug) for a in session.scalars(select(Authority).order_by(Authority.id))]
        session.rollback()
        for authority_id, slug in slugs:
            try:
                with scope.using(session, scope.one(authority_id)):
                    opened += len(rounds.open_due(session, clock.today(), SYSTEM, clock.now()))
                    session.commit()
            except Exception:
                session.rollback()
                log.exception("rounds not opened", authority=slug)
    return opened
