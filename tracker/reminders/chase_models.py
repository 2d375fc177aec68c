"""What was done by hand to chase a unit. Append-only: a mistake is struck out with a reason, never deleted."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Keyed, text_enum, within_authority
from tracker.reminders.chase_rules import ChaseKind


class ChaseEntry(Keyed, Base):
    """One time a unit was chased by other means than a reminder by mail."""

    __tablename__ = "chase_entry"
    __constraints__ = (
        within_authority("unit_id", "unit", own="chase_entry"),
        CheckConstraint("(struck_at IS NULL) = (struck_why IS NULL)", name="struck_with_reason"),
        Index("ix_chase_entry_unit_id", "authority_id", "unit_id", "on_day"),
    )

    unit_id: Mapped[int]
    kind: Mapped[ChaseKind] = mapped_column(text_enum(ChaseKind, "kind"))
    at: Mapped[datetime]
    #: The day it counts for.
    on_day: Mapped[date]
    #: Who did it, in words of that day; the account where a person did.
    by: Mapped[str]
    by_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    words: Mapped[str] = mapped_column(Text)
    struck_at: Mapped[datetime | None]
    struck_why: Mapped[str | None] = mapped_column(Text)


class ChaseEntryTask(Keyed, Base):
    """One task it was about, with its last day as it was then."""

    __tablename__ = "chase_entry_task"
    __constraints__ = (
        within_authority("entry_id", "chase_entry", own="chase_entry_task"),
        within_authority("task_id", "task", own="chase_entry_task"),
        UniqueConstraint("authority_id", "entry_id", "task_id", name="uq_chase_entry_task_once"),
        Index("ix_chase_entry_task_task_id", "authority_id", "task_id"),
    )

    entry_id: Mapped[int]
    task_id: Mapped[int]
    due_on: Mapped[date | None]
