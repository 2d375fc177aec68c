"""What the scheduler does with reminders."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.reminders import queries, service
from tracker.units.models import Authority

log = structlog.get_logger(__name__)

#: So many authorities are planned in one transaction.
TOGETHER = 50
#: While one plans, the database works for the other. SQLite has one writer at a time.
LANES = 2


def plan_today(app: Flask) -> int:
    """Plans today's digests of every authority whose hours it is; one authority's trouble does not stop the others. Returns how many."""
    with app.app_context():
        ids = list(db.session().scalars(select(Authority.id).order_by(Authority.id)))
        lanes = LANES if db.engine.dialect.name == "postgresql" else 1
        db.session.remove()
    together = [ids[start : start + TOGETHER] for start in range(0, len(ids), TOGETHER)]
    if lanes == 1:
        return sum(_plan_some(app, some) for some in together)
    with ThreadPoolExecutor(lanes, thread_name_prefix="plan") as pool:
        return sum(pool.map(lambda some: _plan_some(app, some), together))


def _plan_some(app: Flask, ids: Sequence[int]) -> int:
    """Plans some authorities in one transaction; where that fails each in its own, so that only the one with the trouble goes without."""
    with app.app_context(), writing():
        session = db.session()
        try:
            planned = _planned(session, ids, app.config["SECRET_KEY"])
            session.commit()
        except Exception:
            session.rollback()
            log.exception("reminders not planned", authorities=ids)
            planned = sum(_plan_some(app, [one]) for one in ids) if len(ids) > 1 else 0
        finally:
            db.session.remove()
    return planned


def _planned(session: Session, ids: Sequence[int], secret: str) -> int:
    now = clock.now()
    with scope.using(session, scope.several(ids)):
        policies = queries.policies(session, ids)
        opened = [id_ for id_ in ids if policies[id_].is_open(now.astimezone(clock.ZONE).time())]
        if not opened:
            return 0
        authorities = list(session.scalars(select(Authority).where(Authority.id.in_(opened)).order_by(Authority.id)))
        made = service.plans(session, authorities, clock.local_day(now), now, secret=secret)
    return sum(len(one.digests) for one in made)


def reconcile_today(app: Flask) -> queries.Reconciliation:
    """Whether every message planned today is accounted for; says so loudly where one is not."""
    with app.app_context():
        found = queries.reconciliation(db.session(), clock.today())
    if found.difference:
        log.error("reminders do not add up", difference=found.difference, planned=found.planned)
    return found
