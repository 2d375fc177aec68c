"""Văn bản giao and its rows."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Keyed, within_authority


class Notice(Keyed, Base):
    """Who assigned what, by which document."""

    __tablename__ = "notice"
    __constraints__ = (UniqueConstraint("authority_id", "slug", name="uq_notice_slug"),)

    slug: Mapped[str]
    document_type: Mapped[str]
    #: Số, ký hiệu; None where the copy leaves it blank.
    number: Mapped[str | None]
    issued_on: Mapped[date | None]
    issuer: Mapped[str]
    title: Mapped[str] = mapped_column(Text)
    #: The sentence that states the deadline, verbatim.
    report_clause: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Assignment(Keyed, Base):
    """One indicator, exactly one lead (perhaps a group), dated. The printed cells are kept."""

    __tablename__ = "assignment"
    __constraints__ = (
        within_authority("notice_id", "notice", own="assignment"),
        within_authority("lead_unit_id", "unit", own="assignment"),
        UniqueConstraint("authority_id", "notice_id", "indicator_id", "valid_from", name="uq_assignment_one_lead"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        Index("ix_assignment_lead_unit_id", "authority_id", "lead_unit_id"),
    )

    notice_id: Mapped[int]
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), index=True)
    lead_unit_id: Mapped[int]
    lead_printed: Mapped[str] = mapped_column(Text)
    cooperators_printed: Mapped[str] = mapped_column(Text)
    position: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Cooperation(Keyed, Base):
    """A cooperating unit of an assignment, in printed order."""

    __tablename__ = "cooperation"
    __constraints__ = (
        within_authority("assignment_id", "assignment", own="cooperation"),
        within_authority("unit_id", "unit", own="cooperation"),
        UniqueConstraint("authority_id", "assignment_id", "unit_id", name="uq_cooperation_once"),
        Index("ix_cooperation_unit_id", "authority_id", "unit_id"),
    )

    assignment_id: Mapped[int]
    unit_id: Mapped[int]
    position: Mapped[int]
