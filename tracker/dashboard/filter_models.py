"""What a person keeps to come back to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Keyed


class SavedFilter(Keyed, Base):
    """One way of narrowing the list of tasks, kept by one person under a name of their own."""

    __tablename__ = "saved_filter"
    __constraints__ = (UniqueConstraint("authority_id", "account_id", "name", name="uq_saved_filter_name"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str]
    #: As the address of the list bears it; only questions the list understands, in one order.
    query: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
