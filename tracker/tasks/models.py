"""The row of the system."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Keyed, text_enum, within_authority
from tracker.tasks.rules import ExtensionState, Progress, ReturnCause


class Task(Keyed, Base):
    """One indicator (or one titled duty), one responsible unit, one round.

    It stores no copy of the round's date, only what moves its own: ``extended_to_on``, ``mend_by_on`` and ``paused_until_on``.
    """

    __tablename__ = "task"
    __constraints__ = (
        within_authority("round_id", "round", own="task"),
        within_authority("assignment_id", "assignment", own="task"),
        within_authority("unit_id", "unit", own="task"),
        within_authority("group_id", "unit", own="task"),
        UniqueConstraint("authority_id", "round_id", "indicator_id", "unit_id", name="uq_task_once_a_round"),
        Index("uq_task_title_once_a_round", "authority_id", "round_id", "unit_id", "title", unique=True),
        CheckConstraint("(indicator_id IS NULL) <> (title IS NULL)", name="indicator_or_title"),
        Index("ix_task_unit_id", "authority_id", "unit_id", "status"),
        Index("ix_task_round_id", "authority_id", "round_id", "status"),
        Index("ix_task_status", "authority_id", "status"),
    )

    round_id: Mapped[int]
    assignment_id: Mapped[int | None]
    indicator_id: Mapped[int | None] = mapped_column(ForeignKey("indicator.id"), index=True)
    title: Mapped[str | None] = mapped_column(Text)
    unit_id: Mapped[int]
    #: The group whose fan-out made it, where a group leads.
    group_id: Mapped[int | None]
    status: Mapped[Progress] = mapped_column(text_enum(Progress, "status"), default=Progress.NOT_STARTED)
    #: Why it was returned or is not applicable: the last reason given.
    reason: Mapped[str | None] = mapped_column(Text)
    #: From the list of causes, where the last return named one.
    return_cause: Mapped[ReturnCause | None] = mapped_column(text_enum(ReturnCause, "return_cause"))
    #: The first time it left the unit complete. Never overwritten.
    submitted_at: Mapped[datetime | None]
    #: Its Vietnamese day: what lateness compares with the deadline.
    submitted_on: Mapped[date | None]
    resubmitted_at: Mapped[datetime | None]
    #: The Vietnamese day it came back last: what ``mend_by_on`` is compared with.
    resubmitted_on: Mapped[date | None]
    accepted_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    #: The unit accepted its own work: shown as such.
    own_acceptance: Mapped[bool] = mapped_column(default=False)
    #: The focal point handed it in for a unit that never signs in: «thay mặt …».
    on_behalf: Mapped[bool] = mapped_column(default=False)
    #: The last day granted; the round's own day is never touched.
    extended_to_on: Mapped[date | None]
    #: How many times an extension was granted.
    extensions: Mapped[int] = mapped_column(default=0)
    #: What the last return left to mend until; it stays for judging when the task came back.
    mend_by_on: Mapped[date | None]
    #: Another body's data is awaited until then (a data request the focal point confirmed): lateness is counted from that day on.
    paused_until_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Extension(Keyed, Base):
    """A lead's request for time, and what became of it. Also a day the decider gave unasked: then it is granted from the start."""

    __tablename__ = "extension"
    __constraints__ = (
        within_authority("task_id", "task", own="extension"),
        CheckConstraint("(state = 'granted') = (granted_to_on IS NOT NULL)", name="granted_with_a_day"),
        CheckConstraint("granted_to_on IS NULL OR granted_to_on > due_on", name="never_shortens"),
        Index("ix_extension_task_id", "authority_id", "task_id"),
        Index(
            "uq_extension_pending",
            "authority_id",
            "task_id",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    task_id: Mapped[int]
    state: Mapped[ExtensionState] = mapped_column(text_enum(ExtensionState, "state"), default=ExtensionState.PENDING)
    asked_at: Mapped[datetime]
    #: Who asked, in words of that day.
    asked_by: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text)
    #: The last day in force when it was asked.
    due_on: Mapped[date]
    wished_on: Mapped[date]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    granted_to_on: Mapped[date | None]
    answer: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
