"""The only way to fetch a kept filter by id."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.dashboard.filter_models import SavedFilter
from tracker.kernel.errors import NotFound


def own_filter(session: Session, account_id: int, filter_id: int) -> SavedFilter:
    """One's own; another person's is not found. Raises NotFound."""
    query = select(SavedFilter).where(SavedFilter.id == filter_id, SavedFilter.account_id == account_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("Không có bộ lọc này.")
    return found
