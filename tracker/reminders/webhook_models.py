"""Programs of others that listen to what happens in an authority."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Keyed


class Webhook(Keyed, Base):
    """One listener. The secret it shares with us is computed from ``nonce`` and the installation's key: the database holds none."""

    __tablename__ = "webhook"
    __constraints__ = (UniqueConstraint("authority_id", "url", name="uq_webhook_url"),)

    url: Mapped[str]
    nonce: Mapped[str]
    #: Values of ``webhook_rules.EventKind``.
    kinds: Mapped[list[str]] = mapped_column(JSON)
    active: Mapped[bool]
    #: The number of the last seal of the authority's chain whose events are queued.
    announced: Mapped[int]
    #: Real instant from which tries are judged: when it was made, changed or switched on.
    watched_from: Mapped[datetime]
    #: Why the system switched it off; None where a person did.
    off_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    #: Counts what people change. By hand: announcing moves ``announced`` and must make no open form stale.
    version: Mapped[int] = mapped_column(default=1)
