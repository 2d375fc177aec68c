"""Events are never changed or deleted (triggers in the database refuse it); seals chain them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Id, Identified


class AuditEvent(Identified, Base):
    """One thing somebody did. Not Keyed: a sign-in belongs to no authority; readers filter by ``authority_id``."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_subject", "authority_id", "subject_type", "subject_id"), Index("ix_audit_event_at", "authority_id", "at"))

    at: Mapped[datetime]
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: Who it was on that day, in words: «Đầu mối, Phòng Văn hóa và Thông tin»; «Hệ thống» for jobs.
    actor: Mapped[str]
    #: «thay mặt …»: the unit somebody else acted for.
    on_behalf_of: Mapped[str | None]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[int | None]
    #: One Vietnamese sentence for the history.
    summary: Mapped[str] = mapped_column(Text)
    #: field → [old, new]
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class AuditSeal(Identified, Base):
    """digest = SHA-256(the digest before + what the seal says of itself + the sealed events): a changed event breaks every later seal.

    Each authority has a chain of its own; events of no authority (sign-in, jobs) form one too. Not Keyed: the job seals for everybody.
    """

    __tablename__ = "audit_seal"
    __table_args__ = (
        UniqueConstraint("authority_id", "number", name="uq_audit_seal_number"),
        Index(
            "uq_audit_seal_number_of_none",
            "number",
            unique=True,
            sqlite_where=text("authority_id IS NULL"),
            postgresql_where=text("authority_id IS NULL"),
        ),
    )

    at: Mapped[datetime]
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"))
    #: 1, 2, 3 … within the chain: a seal that was taken out leaves a gap, and two processes cannot both write the next.
    number: Mapped[int]
    #: Events in the chain up to this seal. None: made before there was a chain for each authority, over everybody's events, uncounted.
    total: Mapped[int | None]
    previous: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)


class SealedEvent(Base):
    """Which seal covers an event. A table of its own, so that an event is never updated."""

    __tablename__ = "sealed_event"

    event_id: Mapped[int] = mapped_column(Id, ForeignKey("audit_event.id"), primary_key=True)
    seal_id: Mapped[int] = mapped_column(ForeignKey("audit_seal.id"), index=True)
