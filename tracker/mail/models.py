"""The outbox. Not Keyed: senders serve the whole installation, and a password reset belongs to no authority."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Identified, text_enum
from tracker.mail.rules import MessageState, Outcome, Phase


class OutboxMessage(Identified, Base):
    """One message to one address. ``dedupe_key`` makes planning it twice harmless."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("dedupe_key", name="uq_outbox_message_dedupe_key"),
        Index("ix_outbox_message_due", "state", "expires_at", "id"),
        Index("ix_outbox_message_planned", "planned_on", "state"),
        Index("ix_outbox_message_authority_id", "authority_id", "planned_on"),
    )

    dedupe_key: Mapped[str]
    #: Which registered preparer re-checks and renders it at the moment of sending.
    kind: Mapped[str]
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    to_address: Mapped[str]
    to_name: Mapped[str]
    #: What the preparer needs; ids, never secrets.
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    planned_on: Mapped[date]
    #: Business instant; the next two, the lease and the attempts are on the real clock.
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    #: When a person had it sent again after it failed: what was tried before no longer counts against it.
    renewed_at: Mapped[datetime | None]
    #: What expires first is sent first.
    expires_at: Mapped[datetime | None]
    state: Mapped[MessageState] = mapped_column(text_enum(MessageState, "state"), default=MessageState.WAITING)
    #: Fence of the claim: owner and attempt number must still match when the outcome is recorded.
    owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    #: The local part of the Message-ID: stable for the row, so that a copy sent twice is the same message.
    message_id: Mapped[str]
    subject: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    #: Business instant, as the lists show it.
    finished_at: Mapped[datetime | None]


class MailAttempt(Identified, Base):
    """One try at one message."""

    __tablename__ = "mail_attempt"
    __table_args__ = (
        UniqueConstraint("outbox_message_id", "number", name="uq_mail_attempt_number"),
        Index("ix_mail_attempt_started_at", "started_at"),
    )

    outbox_message_id: Mapped[int] = mapped_column(ForeignKey("outbox_message.id"))
    number: Mapped[int]
    owner: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    phase: Mapped[Phase] = mapped_column(text_enum(Phase, "phase"))
    #: None while under way; left None by a killed sender: unknown.
    outcome: Mapped[Outcome | None] = mapped_column(text_enum(Outcome, "outcome"))
    detail: Mapped[str | None] = mapped_column(Text)


class JobRun(Identified, Base):
    """When each scheduled job last ran: whether anybody plans and sends at all. One row for each job, on the real clock."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(unique=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    ok: Mapped[bool]
    #: The last run that went well.
    good_at: Mapped[datetime | None]
    detail: Mapped[str | None] = mapped_column(Text)
