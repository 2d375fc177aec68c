"""Reads of kept filters."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.dashboard.filter_models import SavedFilter


def of_person(session: Session, account_id: int) -> Sequence[SavedFilter]:
    """A person's own in the authority in scope, in the order they were kept."""
    return session.scalars(select(SavedFilter).where(SavedFilter.account_id == account_id).order_by(SavedFilter.id)).all()
