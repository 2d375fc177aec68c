"""What people intend with sets: publish a draft."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.indicators.models import IndicatorSet
from tracker.kernel.errors import Refused


def publish(session: Session, found: IndicatorSet, authority_id: int, actor: Actor, now: datetime) -> None:
    """A draft becomes readable by all and unchangeable. Raises Refused where it is not the authority's own draft."""
    if found.published_at is not None:
        raise Refused(f"Bộ chỉ số “{found.title}” đã công bố; bản đã công bố không sửa được nữa.")
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
