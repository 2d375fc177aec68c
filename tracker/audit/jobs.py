"""What the scheduler does with the journal."""

from __future__ import annotations

from pathlib import Path

import structlog
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.audit import queries, service, witness
from tracker.audit.rules import Head
from tracker.kernel import clock
from tracker.kernel.database import db, writing

log = structlog.get_logger(__name__)


def seal_events(app: Flask, *, everything: bool = True) -> int:
    """Seals what has happened and settled since the last seals. Returns how many seals it made; fewer where another process was quicker.

    ``everything``: looks through all events and completes the account in ``seals.log``; otherwise only among the latest ids.
    """
    made = 0
    with app.app_context(), writing():
        session, data = db.session(), Path(app.config["TRACKER_DATA"])
        try:
            if everything:
                _complete_account(session, data)
            after = 0 if everything else queries.recent_from(session)
            while sealed := service.seal(session, clock.now(), after=after):
                session.commit()
                witness.append(data, sealed.heads, clock.now())
                after, made = sealed.last_id, made + len(sealed.heads)
        except IntegrityError:
            log.info("events sealed by another process")
        finally:
            session.rollback()
    return made


def _complete_account(session: Session, data: Path) -> None:
    """Writes down seals whose process ended between its commit and its line. An account that is not there begins with the heads."""
    if not witness.exists(data):
        witness.begin(data, "began", queries.heads(session), clock.now())
        return
    written: dict[int | None, int] = {}
    for line in witness.lines(data, witness.extent(data)):
        if line.head is not None:
            written[line.head.authority_id] = max(written.get(line.head.authority_id, 0), line.head.number)
    for authority_id in queries.chains(session):
        after = written.get(authority_id, 0)
        while seals := queries.seals_after(session, authority_id, after, queries.FETCHED):
            witness.append(data, [Head(one.authority_id, one.number, one.digest) for one in seals], clock.now())
            after = seals[-1].number
