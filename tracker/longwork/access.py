"""The only way to fetch long work: one's own."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.errors import NotFound
from tracker.longwork.models import LongWork


def own(session: Session, account_id: int, work_id: int) -> LongWork:
    """What the person asked for, in the authority in scope. Raises NotFound: what another asked for may hold what one must not see."""
    found = session.scalars(select(LongWork).where(LongWork.id == work_id, LongWork.account_id == account_id)).first()
    if found is None:
        raise NotFound
    return found
