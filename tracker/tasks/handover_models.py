"""One act of handing over, and each thing it moved."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Keyed, text_enum, within_authority
from tracker.tasks.handover_rules import LineKind


class Handover(Keyed, Base):
    """Chuyển giao: from a unit or a person, on a day, for a reason and by a document."""

    __tablename__ = "handover"
    __constraints__ = (
        within_authority("source_unit_id", "unit", own="handover"),
        CheckConstraint("(source_unit_id IS NULL) <> (source_account_id IS NULL)", name="unit_or_person"),
        Index("ix_handover_committed_at", "authority_id", "committed_at"),
    )

    source_unit_id: Mapped[int | None]
    source_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: The first day with the receiver.
    effective_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    document: Mapped[str | None] = mapped_column(Text)
    committed_at: Mapped[datetime]
    #: Who did it, in words of that day.
    committed_by: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class HandoverLine(Keyed, Base):
    """One thing that moved: a task, the lead or a cooperation of an assignment, a place in a group, a person's role."""

    __tablename__ = "handover_line"
    __constraints__ = (
        within_authority("handover_id", "handover", own="handover_line"),
        within_authority("task_id", "task", own="handover_line"),
        within_authority("assignment_id", "assignment", own="handover_line"),
        within_authority("group_member_id", "group_member", own="handover_line"),
        within_authority("membership_id", "membership", own="handover_line"),
        within_authority("from_unit_id", "unit", own="handover_line"),
        within_authority("to_unit_id", "unit", own="handover_line"),
        Index("ix_handover_line_handover_id", "authority_id", "handover_id"),
        Index("ix_handover_line_task_id", "authority_id", "task_id"),
    )

    handover_id: Mapped[int]
    position: Mapped[int]
    kind: Mapped[LineKind] = mapped_column(text_enum(LineKind, "kind"))
    #: What it is about, in words of that day: «7.1 Tỷ lệ hồ sơ trực tuyến».
    label: Mapped[str] = mapped_column(Text)
    #: The row that moved or was ended: the one of its kind.
    task_id: Mapped[int | None]
    assignment_id: Mapped[int | None]
    group_member_id: Mapped[int | None]
    membership_id: Mapped[int | None]
    from_unit_id: Mapped[int | None]
    to_unit_id: Mapped[int | None]
    to_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: The row that began; undoing takes it away again, so nothing may point at it from here.
    made_id: Mapped[int | None]
    #: Of the row that moved or began: undone only while nobody touched it since.
    version_after: Mapped[int | None]
    #: How the row was before, as far as undoing needs it.
    kept: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
