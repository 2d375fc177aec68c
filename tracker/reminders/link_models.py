"""Personal links in letters, for people who never sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Keyed, within_authority


class ActionLink(Keyed, Base):
    """One link. The token is computed from ``nonce`` and the installation's key, and recognised by its digest: the row opens nothing."""

    __tablename__ = "action_link"
    __constraints__ = (
        within_authority("unit_id", "unit", own="action_link"),
        within_authority("round_id", "round", own="action_link"),
        Index("ix_action_link_whose", "authority_id", "account_id", "unit_id", "round_id"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    unit_id: Mapped[int]
    round_id: Mapped[int]
    nonce: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    #: When a newer one took its place.
    ended_at: Mapped[datetime | None]
