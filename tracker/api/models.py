"""Who may read a calendar from outside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.api.rules import FeedKind
from tracker.kernel.database import Base, Keyed, text_enum, within_authority


class CalendarFeed(Keyed, Base):
    """An address a calendar programme subscribes to. Only the hash of its token is kept; revoked, never deleted."""

    __tablename__ = "calendar_feed"
    __constraints__ = (
        within_authority("unit_id", "unit", own="calendar_feed"),
        UniqueConstraint("token_hash", name="uq_calendar_feed_token_hash"),
        CheckConstraint("(kind = 'unit') = (unit_id IS NOT NULL)", name="unit_where_the_kind_needs_one"),
        Index("ix_calendar_feed_account_id", "authority_id", "account_id"),
    )

    kind: Mapped[FeedKind] = mapped_column(text_enum(FeedKind, "kind"))
    #: Who made it: the feed shows what this person may see, and dies with their rights.
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    unit_id: Mapped[int | None]
    #: What the person calls it: «Điện thoại», «Outlook cơ quan».
    name: Mapped[str]
    token_hash: Mapped[str]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
