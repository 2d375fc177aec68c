"""Reads of long work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from tracker.longwork.models import LongWork
from tracker.longwork.rules import LEASE, UNDER_WAY, WorkState


def of_person(session: Session, account_id: int, *, origin: str | None = None) -> list[LongWork]:
    """What a person asked for in the authority in scope, the newest first; of one page where it is named."""
    wanted = select(LongWork).where(LongWork.account_id == account_id)
    if origin is not None:
        wanted = wanted.where(LongWork.origin == origin)
    return list(session.scalars(wanted.order_by(LongWork.id.desc()).limit(50)))


def under_way(session: Session, account_id: int) -> int:
    """How much of a person's work is not over."""
    wanted = select(func.count(LongWork.id)).where(LongWork.account_id == account_id, LongWork.state.in_(UNDER_WAY))
    return session.scalar(wanted) or 0


def claimable(real_now: datetime) -> ColumnElement[bool]:
    """The condition «may be taken up»: it waits, or whoever ran it has said nothing for a lease."""
    return or_(
        LongWork.state == WorkState.WAITING,
        and_(LongWork.state == WorkState.RUNNING, LongWork.heartbeat_at < real_now - LEASE),
    )


def next_ids(session: Session, real_now: datetime, limit: int = 5) -> list[int]:
    """What could be taken up now, the oldest first. Needs the whole installation as scope."""
    return list(session.scalars(select(LongWork.id).where(claimable(real_now)).order_by(LongWork.id).limit(limit)))


def outlived(session: Session, real_now: datetime) -> list[LongWork]:
    """Results whose time is over. Needs the whole installation as scope."""
    return list(
        session.scalars(select(LongWork).where(LongWork.kept_until < real_now, LongWork.filename.is_not(None)).order_by(LongWork.id).limit(100))
    )
