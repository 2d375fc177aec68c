"""The code that lets an installation be set up, and what a spreadsheet printed until somebody has assigned it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Identified, Keyed


class SetupCode(Identified, Base):
    """What the operator holds and nobody else: it makes the first authority and its first administrator, once."""

    __tablename__ = "setup_code"

    code_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    #: Spent, or replaced by a newer one.
    used_at: Mapped[datetime | None]


class PrintedLead(Keyed, Base):
    """Who has an indicator as the office's own spreadsheet printed it: proposed at the steps of units and leads, never an assignment itself."""

    __tablename__ = "printed_lead"
    __constraints__ = (UniqueConstraint("authority_id", "indicator_id", name="uq_printed_lead_indicator"),)

    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), index=True)
    lead: Mapped[str] = mapped_column(Text)
    cooperators: Mapped[str] = mapped_column(Text)
    position: Mapped[int]
