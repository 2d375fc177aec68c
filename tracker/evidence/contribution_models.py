"""What a lead asked a cooperating unit for, and what that unit gave."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.evidence.contribution_rules import ContributionState
from tracker.kernel.database import Base, Keyed, text_enum, within_authority

_ASKED = text("state = 'asked'")


class Contribution(Keyed, Base):
    """One unit's part in a task, as it was asked for. At most one of a unit waits for each task; asked again it becomes a new row."""

    __tablename__ = "contribution"
    __constraints__ = (
        within_authority("task_id", "task", own="contribution"),
        within_authority("unit_id", "unit", own="contribution"),
        within_authority("item_id", "evidence_item", own="contribution"),
        CheckConstraint("(state = 'given') = (item_id IS NOT NULL)", name="given_with_an_item"),
        CheckConstraint("(state = 'none') = (sentence IS NOT NULL)", name="none_in_words"),
        CheckConstraint("(state = 'asked') = (answered_at IS NULL)", name="answered_with_a_time"),
        Index("uq_contribution_asked", "authority_id", "task_id", "unit_id", unique=True, sqlite_where=_ASKED, postgresql_where=_ASKED),
        Index("ix_contribution_task_id", "authority_id", "task_id"),
        Index("ix_contribution_unit_id", "authority_id", "unit_id", "state"),
        Index("ix_contribution_item_id", "authority_id", "item_id"),
    )

    task_id: Mapped[int]
    unit_id: Mapped[int]
    #: What is asked for, in the lead's words.
    wanted: Mapped[str] = mapped_column(Text)
    #: The last day on which it comes in time.
    due_on: Mapped[date]
    state: Mapped[ContributionState] = mapped_column(text_enum(ContributionState, "state"), default=ContributionState.ASKED)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: When it was answered, or taken back by the lead, and by whom.
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    #: Why there is none.
    sentence: Mapped[str | None] = mapped_column(Text)
    #: What was given; it belongs to the unit that gave it.
    item_id: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
