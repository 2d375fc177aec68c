"""What the scheduler does with reminders."""

from __future__ import annotations

import structlog
from flask import Flask
from sqlalchemy import select

from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.reminders import queries, service
from tracker.units.models import Authority

log = structlog.get_logger(__name__)


def plan_today(app: Flask) -> int:
    """Plans today's digests of every authority whose hours it is; one authority's trouble does not stop the others. Returns how many."""
    planned, at = 0, clock.now().astimezone(clock.ZONE).time()
    with app.app_context(), writing():
        session = db.session()
        ids = list(session.scalars(select(Authority.id).order_by(Authority.id)))
        session.rollback()
        for authority_id in ids:
            try:
                with scope.using(session, scope.one(authority_id)):
                    authority = session.get_one(Authority, authority_id)
                    if not queries.policy_of(queries.policy_row(session)).is_open(at):
                        continue
                    planned += len(service.plan(session, authority, clock.today(), clock.now(), secret=app.config["SECRET_KEY"]).digests)
                    session.commit()
            except Exception:
                session.rollback()
                log.exception("reminders not planned", authority=authority_id)
    return planned


def reconcile_today(app: Flask) -> queries.Reconciliation:
    """Whether every message planned today is accounted for; says so loudly where one is not."""
    with app.app_context():
        found = queries.reconciliation(db.session(), clock.today())
    if found.difference:
        log.error("reminders do not add up", difference=found.difference, planned=found.planned)
    return found
