"""What has been said to whom about which task."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Id, Keyed, within_authority


class Reminder(Keyed, Base):
    """One rung said about one task to one address. The due date is in the key: a moved deadline is news."""

    __tablename__ = "reminder"
    __constraints__ = (
        within_authority("task_id", "task", own="reminder"),
        ForeignKeyConstraint(["outbox_message_id"], ["outbox_message.id"], name="fk_reminder_outbox_message_id_outbox_message"),
        UniqueConstraint("authority_id", "task_id", "recipient", "due_on", "rung", name="uq_reminder_said_once"),
        Index("ix_reminder_task_id", "authority_id", "task_id"),
        Index("ix_reminder_planned_on", "authority_id", "planned_on"),
    )

    task_id: Mapped[int]
    #: The address, folded: one person with three roles is told once.
    recipient: Mapped[str]
    due_on: Mapped[date]
    #: Working days from the target day: −15 … 0 … +3, then every 5.
    rung: Mapped[int]
    planned_on: Mapped[date]
    outbox_message_id: Mapped[int] = mapped_column(Id, index=True)
