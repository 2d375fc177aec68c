"""Events are never changed or deleted (triggers in the database refuse it); seals chain them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text
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
    """digest = SHA-256(previous digest + the sealed events): a changed event breaks every later seal."""

    __tablename__ = "audit_seal"

    at: Mapped[datetime]
    previous: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)


class SealedEvent(Base):
    """Which seal covers an event. A table of its own, so that an event is never updated."""

    __tablename__ = "sealed_event"

    event_id: Mapped[int] = mapped_column(Id, ForeignKey("audit_event.id"), primary_key=True)
    seal_id: Mapped[int] = mapped_column(ForeignKey("audit_seal.id"), index=True)
