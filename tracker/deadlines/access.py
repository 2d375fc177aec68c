"""The only way to fetch a rule or a round by its name."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.deadlines.models import DeadlineRule, Round
from tracker.kernel.errors import NotFound


def rule(session: Session, slug: str) -> DeadlineRule:
    """The rule of the authority in scope. Raises NotFound."""
    found = session.scalars(select(DeadlineRule).where(DeadlineRule.slug == slug)).one_or_none()
    if found is None:
        raise NotFound(f"Không có quy tắc thời hạn “{slug}”.")
    return found


def round_(session: Session, slug: str) -> Round:
    """The round of the authority in scope. Raises NotFound."""
    found = session.scalars(select(Round).where(Round.slug == slug)).one_or_none()
    if found is None:
        raise NotFound(f"Không có đợt “{slug}”.")
    return found
