"""What has been said to whom about which task, and how an authority chases."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Id, Keyed, text_enum, within_authority
from tracker.reminders.news_rules import NewsKind


class Reminder(Keyed, Base):
    """One rung said about one task to one address. The due date is in the key: a moved deadline is news.

    Hundreds of thousands are written on a day: no index or key that another one makes superfluous.
    """

    __tablename__ = "reminder"
    __pointed_at__ = False
    __constraints__ = (
        within_authority("task_id", "task", own="reminder"),
        ForeignKeyConstraint(["outbox_message_id"], ["outbox_message.id"], name="fk_reminder_outbox_message_id_outbox_message"),
        UniqueConstraint("authority_id", "task_id", "recipient", "due_on", "rung", name="uq_reminder_said_once"),
        Index("ix_reminder_planned_on", "authority_id", "planned_on"),
    )

    task_id: Mapped[int]
    #: The address, folded: one person with three roles is told once.
    recipient: Mapped[str]
    due_on: Mapped[date]
    #: Working days from the target day: −15 … 0 … +3, then every 5.
    rung: Mapped[int]
    planned_on: Mapped[date]
    outbox_message_id: Mapped[int]


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
    cooperators: Mapped[bool]
    news: Mapped[bool]
    focal_from: Mapped[int | None]
    chair_from: Mapped[int | None]
    chair_weekly: Mapped[bool]
    zalo_from: Mapped[int | None]
    letter_from: Mapped[int | None]
    #: Times of the day in the office, not instants.
    opens_at: Mapped[time]
    closes_at: Mapped[time]
    #: [first day, last day] as ISO dates, both included.
    quiet: Mapped[list[list[str]]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class ToldNews(Keyed, Base):
    """One piece of news told to one address, so that it is told once: what waits for an answer, what was answered, a week's summary."""

    __tablename__ = "reminder_news"
    __constraints__ = (
        ForeignKeyConstraint(["outbox_message_id"], ["outbox_message.id"], name="fk_reminder_news_outbox_message_id_outbox_message"),
        UniqueConstraint("authority_id", "kind", "subject_id", "recipient", name="uq_reminder_news_told_once"),
        Index("ix_reminder_news_planned_on", "authority_id", "planned_on"),
    )

    kind: Mapped[NewsKind] = mapped_column(text_enum(NewsKind, "kind"))
    #: The row the news is of; of a summary the week, 202647 for the 47th of 2026.
    subject_id: Mapped[int]
    #: The address, folded.
    recipient: Mapped[str]
    planned_on: Mapped[date]
    outbox_message_id: Mapped[int] = mapped_column(Id, index=True)


class SummaryRefused(Keyed, Base):
    """A person who wants no summaries by mail. Duties cannot be refused."""

    __tablename__ = "reminder_summary_refused"
    __constraints__ = (UniqueConstraint("authority_id", "account_id", name="uq_reminder_summary_refused_account"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    at: Mapped[datetime]
