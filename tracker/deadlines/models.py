"""Rules keep the document's words; a round is one period of a rule."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.deadlines.rules import Boundary, Certainty, DayKind, Roll, RuleKind, Schedule, Window
from tracker.kernel.database import Base, Keyed, text_enum, within_authority


class CalendarDay(Base):
    """A day that differs from its weekday. Library row, from ``seeds/calendar``."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind] = mapped_column(text_enum(DayKind, "kind"))
    name: Mapped[str]
    source: Mapped[str] = mapped_column(Text)
    certainty: Mapped[Certainty] = mapped_column(text_enum(Certainty, "certainty"))


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
    days: Mapped[int | None]
    boundary: Mapped[Boundary | None] = mapped_column(text_enum(Boundary, "boundary"))
    roll: Mapped[Roll] = mapped_column(text_enum(Roll, "roll"))
    window: Mapped[Window] = mapped_column(text_enum(Window, "data_window"))
    opens_days_before: Mapped[int]
    position: Mapped[int]
    note: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


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
    #: A chosen subset (đột xuất) narrows the assignments; else all of the rule's sets.
    subset: Mapped[bool] = mapped_column(default=False)
    letter_number: Mapped[str | None]
    letter_issued_on: Mapped[date | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
