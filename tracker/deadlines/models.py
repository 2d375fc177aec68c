"""Rules keep the document's words; a round is one period of a rule."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.deadlines.calendar_rules import Certainty, DayKind
from tracker.deadlines.rules import Boundary, Roll, RuleKind, Schedule, StatedWindow, TermUnit, Trigger, Window
from tracker.kernel.database import Base, Keyed, text_enum, within_authority


class CalendarDay(Base):
    """A day that differs from its weekday. Library row, from ``seeds/calendar``."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind] = mapped_column(text_enum(DayKind, "kind"))
    name: Mapped[str]
    source: Mapped[str] = mapped_column(Text)
    certainty: Mapped[Certainty] = mapped_column(text_enum(Certainty, "certainty"))
    #: Rises with every change: calendar feeds tell by it that a day moved.
    version: Mapped[int] = mapped_column(default=1)
    #: A later list dropped it; the row stays, so that the count above never falls.
    dropped: Mapped[bool] = mapped_column(default=False)


class LocalDay(Keyed, Base):
    """A day an office itself enters over the national list: a closure, a swap it was told of. Withdrawn, never deleted."""

    __tablename__ = "local_day"
    __constraints__ = (
        Index(
            "uq_local_day_once",
            "authority_id",
            "day",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    day: Mapped[date]
    kind: Mapped[DayKind] = mapped_column(text_enum(DayKind, "kind"))
    name: Mapped[str]
    #: The document or the direction it follows.
    source: Mapped[str] = mapped_column(Text)
    entered_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class DeadlineRule(Keyed, Base):
    """A deadline as a document states it."""

    __tablename__ = "deadline_rule"
    __constraints__ = (
        within_authority("notice_id", "notice", own="deadline_rule"),
        UniqueConstraint("authority_id", "slug", name="uq_deadline_rule_slug"),
    )

    notice_id: Mapped[int]
    slug: Mapped[str]
    name: Mapped[str]
    kind: Mapped[RuleKind] = mapped_column(text_enum(RuleKind, "kind"))
    #: The original words, for ever.
    wording: Mapped[str] = mapped_column(Text)
    #: Where in the document they stand.
    place: Mapped[str] = mapped_column(Text)
    schedule: Mapped[Schedule] = mapped_column(text_enum(Schedule, "schedule"))
    month: Mapped[int | None]
    day: Mapped[int | None]
    #: The stated day lies so many months after the last month of the period.
    months_after: Mapped[int] = mapped_column(default=0)
    term_length: Mapped[int | None]
    term_unit: Mapped[TermUnit] = mapped_column(text_enum(TermUnit, "term_unit"), default=TermUnit.DAY)
    #: Whose day is day 0 of a term.
    trigger: Mapped[Trigger] = mapped_column(text_enum(Trigger, "trigger"), default=Trigger.ISSUED)
    boundary: Mapped[Boundary | None] = mapped_column(text_enum(Boundary, "boundary"))
    roll: Mapped[Roll] = mapped_column(text_enum(Roll, "roll"))
    window: Mapped[Window] = mapped_column(text_enum(Window, "data_window"))
    window_from_month: Mapped[int | None]
    window_from_day: Mapped[int | None]
    window_from_last_year: Mapped[bool] = mapped_column(default=False)
    window_to_month: Mapped[int | None]
    window_to_day: Mapped[int | None]
    opens_days_before: Mapped[int]
    #: The stated day is the one for sending upwards; the units' day is counted back from it.
    upward: Mapped[bool] = mapped_column(default=False)
    #: Working days the focal point has to check, and the head to sign.
    check_days: Mapped[int] = mapped_column(default=0)
    sign_days: Mapped[int] = mapped_column(default=0)
    position: Mapped[int]
    note: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def stated_window(self) -> StatedWindow | None:
        """The days the document states itself, where it does."""
        if self.window is not Window.STATED:
            return None
        ends = (self.window_from_month, self.window_from_day, self.window_to_month, self.window_to_day)
        from_month, from_day, to_month, to_day = (end or 1 for end in ends)
        return StatedWindow(from_month, from_day, self.window_from_last_year, to_month, to_day)


class RuleSet(Keyed, Base):
    """Which sets a rule asks for; none for a review or a publication."""

    __tablename__ = "rule_set"
    __constraints__ = (
        within_authority("rule_id", "deadline_rule", own="rule_set"),
        UniqueConstraint("authority_id", "rule_id", "set_id", name="uq_rule_set_once"),
    )

    rule_id: Mapped[int]
    set_id: Mapped[int] = mapped_column(ForeignKey("indicator_set.id"))
    position: Mapped[int]


class Round(Keyed, Base):
    """Đợt: one period of a rule. Its last day is fixed at opening; target days are computed from the calendar."""

    __tablename__ = "round"
    __constraints__ = (
        within_authority("rule_id", "deadline_rule", own="round"),
        UniqueConstraint("authority_id", "slug", name="uq_round_slug"),
        UniqueConstraint("authority_id", "rule_id", "period", name="uq_round_period"),
        CheckConstraint("last_on IS NULL OR nominal_on IS NULL OR last_on >= nominal_on", name="rolls_forward_only"),
        Index("ix_round_open", "authority_id", "closed_at", "last_on"),
    )

    rule_id: Mapped[int]
    slug: Mapped[str]
    name: Mapped[str]
    #: «2026», «2026-Q4», «khao-sat 12/CV-UBND»: what makes opening twice harmless.
    period: Mapped[str]
    data_from: Mapped[date | None]
    data_to: Mapped[date | None]
    #: The day before rolling.
    nominal_on: Mapped[date | None]
    #: The last day in time, after rolling. None: no deadline.
    last_on: Mapped[date | None]
    #: In a cascade: when the focal point has everything checked, and the day for sending upwards.
    check_on: Mapped[date | None]
    outer_on: Mapped[date | None]
    #: The terms and readings it was opened with: why this day, whatever the rule says since.
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: A chosen subset (đột xuất) narrows the assignments; else all of the rule's sets.
    subset: Mapped[bool] = mapped_column(default=False)
    letter_number: Mapped[str | None]
    letter_issued_on: Mapped[date | None]
    #: Day 0 of the term: the letter's day of issue or of receipt, or the day of the meeting.
    started_on: Mapped[date | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class RoundPaper(Keyed, Base):
    """The document a round stands on: the survey letter, as it was issued."""

    __tablename__ = "round_paper"
    __constraints__ = (
        within_authority("round_id", "round", own="round_paper"),
        within_authority("file_id", "stored_file", own="round_paper"),
        Index("ix_round_paper_round_id", "authority_id", "round_id"),
    )

    round_id: Mapped[int]
    file_id: Mapped[int]
    #: As the person named it; never used as a path.
    filename: Mapped[str]
    added_at: Mapped[datetime]
    #: Who added it, in words of that day.
    added_by: Mapped[str]
