"""Refusing the leaders' summaries, and taking them again. Duties cannot be refused."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.reminders.models import SummaryRefused
from tracker.units import access as units
from tracker.units.models import Authority


def choose(session: Session, actor: Actor, authority: Authority, account_id: int, *, wanted: bool, now: datetime) -> bool:
    """Writes down whether a person wants summaries of the authority in scope. False where it was so already."""
    # Two clicks at once: the second waits for the authority's row and finds what the first wrote.
    units.hold(session, authority.id)
    mine = SummaryRefused.account_id == account_id
    refused = session.scalars(select(SummaryRefused.id).where(mine).order_by(SummaryRefused.id)).first() is not None
    if refused == (not wanted):
        return False
    if wanted:
        session.execute(delete(SummaryRefused).where(SummaryRefused.authority_id == authority.id, mine))
    else:
        session.add(SummaryRefused(authority_id=authority.id, account_id=account_id, at=now))
    words = "Nhận lại bản tổng hợp qua thư." if wanted else "Thôi nhận bản tổng hợp qua thư."
    audit.record(session, actor, "reminders.summary", words, now=now, authority_id=authority.id, subject=("account", account_id))
    session.flush()
    return True
