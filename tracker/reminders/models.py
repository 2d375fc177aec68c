"""What has been said to whom about which task, and how an authority chases."""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
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


class ReminderPolicy(Keyed, Base):
    """How an authority chases, where it chose another policy than the usual one (``policy_rules.Policy``)."""

    __tablename__ = "reminder_policy"
    __constraints__ = (
        UniqueConstraint("authority_id", name="uq_reminder_policy_authority"),
        CheckConstraint("afterwards = 0 OR afterwards >= 2", name="not_every_day"),
    )

    #: Working days from the target day, rising.
    rungs: Mapped[list[int]] = mapped_column(JSON)
    afterwards: Mapped[int]
    heads_from: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
