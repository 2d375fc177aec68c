"""The only way to fetch a set or an indicator by its name."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.indicators.models import Indicator, IndicatorSet
from tracker.kernel.errors import NotFound
from tracker.kernel.words import phrase


def readable_set(session: Session, slug: str, authority_id: int) -> IndicatorSet:
    """A published set, or the authority's own draft. Raises NotFound."""
    found = session.scalars(
        select(IndicatorSet).where(
            IndicatorSet.slug == slug, or_(IndicatorSet.published_at.is_not(None), IndicatorSet.owner_authority_id == authority_id)
        )
    ).one_or_none()
    if found is None:
        raise NotFound(phrase("Không có bộ chỉ số “%(slug)s”.", slug=slug))
    return found


def any_set(session: Session, slug: str) -> IndicatorSet:
    """Any set, drafts too: for operators at the command line. Raises NotFound."""
    found = session.scalars(select(IndicatorSet).where(IndicatorSet.slug == slug)).one_or_none()
    if found is None:
        raise NotFound(phrase("Không có bộ chỉ số “%(slug)s”.", slug=slug))
    return found


def indicator(session: Session, set_id: int, code: str) -> Indicator:
    """The row of a set with this code. Raises NotFound."""
    found = session.scalars(select(Indicator).where(Indicator.set_id == set_id, Indicator.code == code)).one_or_none()
    if found is None:
        raise NotFound(phrase("Bộ chỉ số không có mã “%(code)s”.", code=code))
    return found
