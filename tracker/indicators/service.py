"""What people intend with sets: publish a draft, take one up, lay one aside that was chosen by mistake."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.indicators.models import IndicatorSet, SetAdoption
from tracker.kernel.errors import Refused
from tracker.kernel.words import phrase
from tracker.units import access as units


def publish(session: Session, found: IndicatorSet, authority_id: int, actor: Actor, now: datetime) -> None:
    """A draft becomes readable by all and unchangeable. Raises Refused where it is not the authority's own draft."""
    if found.published_at is not None:
        raise Refused(phrase("Bộ chỉ số “%(title)s” đã công bố; bản đã công bố không sửa được nữa.", title=found.title))
    if found.owner_authority_id != authority_id:
        raise Refused("Chỉ cơ quan lập bản nháp mới công bố được bộ chỉ số này.")
    found.published_at = now
    audit.record(
        session,
        actor,
        "indicators.publish",
        f"Công bố bộ chỉ số “{found.title}”.",
        now=now,
        authority_id=authority_id,
        subject=("indicator_set", found.id),
    )
    session.flush()


def adopt(session: Session, found: IndicatorSet, authority_id: int, since: date, actor: Actor, now: datetime) -> None:
    """The authority uses a set from a day on. One it uses already stays as it is."""
    units.hold(session, authority_id)
    if _adoption(session, found, authority_id, since) is not None:
        return
    last = session.scalar(select(func.max(SetAdoption.position)).where(SetAdoption.authority_id == authority_id)) or 0
    session.add(SetAdoption(authority_id=authority_id, set_id=found.id, position=last + 1, valid_from=since))
    audit.record(
        session,
        actor,
        "indicators.adopt",
        f"Áp dụng bộ chỉ số “{found.title}”.",
        now=now,
        authority_id=authority_id,
        subject=("indicator_set", found.id),
    )
    session.flush()


def lay_aside(session: Session, found: IndicatorSet, authority_id: int, day: date, actor: Actor, now: datetime) -> None:
    """A set taken up by mistake is used no more; whether anything hangs on it the caller has asked."""
    units.hold(session, authority_id)
    adoption = _adoption(session, found, authority_id, day)
    if adoption is None:
        return
    session.delete(adoption)
    audit.record(
        session,
        actor,
        "indicators.lay_aside",
        f"Thôi áp dụng bộ chỉ số “{found.title}” (chọn nhầm, chưa giao gì).",
        now=now,
        authority_id=authority_id,
        subject=("indicator_set", found.id),
    )
    session.flush()


def _adoption(session: Session, found: IndicatorSet, authority_id: int, day: date) -> SetAdoption | None:
    wanted = select(SetAdoption).where(
        SetAdoption.authority_id == authority_id, SetAdoption.set_id == found.id, or_(SetAdoption.valid_to.is_(None), SetAdoption.valid_to >= day)
    )
    return session.scalars(wanted.order_by(SetAdoption.id)).first()
