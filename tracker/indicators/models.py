"""Library rows: no authority key. Immutable once published; a draft is seen by its owner only."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.indicators.rules import IndicatorKind, RequirementKind, SourceKind
from tracker.kernel.database import Base, Identified, Keyed, text_enum


class IndicatorSet(Identified, Base):
    """Bộ chỉ số: one version of one document."""

    __tablename__ = "indicator_set"

    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(Text)
    issuer: Mapped[str | None] = mapped_column(Text)
    level: Mapped[str]
    document_type: Mapped[str]
    document_number: Mapped[str | None]
    issued_on: Mapped[date | None]
    #: Thang điểm; None where the document states none.
    scale: Mapped[int | None]
    declared_main: Mapped[int | None]
    declared_components: Mapped[int | None]
    source: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    owner_authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"))
    published_at: Mapped[datetime | None]


class Indicator(Identified, Base):
    """A row of a set. Every text stands twice: corrected, and as printed."""

    __tablename__ = "indicator"
    __table_args__ = (
        UniqueConstraint("set_id", "code", name="uq_indicator_code"),
        Index("ix_indicator_parent_id", "parent_id"),
    )

    set_id: Mapped[int] = mapped_column(ForeignKey("indicator_set.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("indicator.id"))
    #: The main indicator (or unscored part) it stands under: itself for a main one.
    main_id: Mapped[int | None] = mapped_column(ForeignKey("indicator.id"))
    code: Mapped[str]
    #: ``vietnamese.code_key``: 6.2 before 6.10.
    code_key: Mapped[str]
    position: Mapped[int]
    kind: Mapped[IndicatorKind] = mapped_column(text_enum(IndicatorKind, "kind"))
    name: Mapped[str] = mapped_column(Text)
    printed: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(Text)
    #: Điểm tối đa; None where not printed (unknown, never 0).
    max_points: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    max_points_printed: Mapped[str]
    scoring: Mapped[str] = mapped_column(Text)
    scoring_printed: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    evidence_printed: Mapped[str] = mapped_column(Text)
    data_source: Mapped[str] = mapped_column(Text)
    data_source_printed: Mapped[str] = mapped_column(Text)
    #: Read from ``data_source``: what another body or a system supplies is not collected by the unit.
    source_kind: Mapped[SourceKind] = mapped_column(text_enum(SourceKind, "source_kind"), default=SourceKind.OWN)


class Requirement(Identified, Base):
    """Tài liệu kiểm chứng: one document an indicator asks for."""

    __tablename__ = "requirement"
    __table_args__ = (UniqueConstraint("indicator_id", "position", name="uq_requirement_position"),)

    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    position: Mapped[int]
    kind: Mapped[RequirementKind] = mapped_column(text_enum(RequirementKind, "kind"))
    name: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int]
    #: Only counts where the head signed it (người đứng đầu).
    signed_by_head: Mapped[bool] = mapped_column(default=False)
    #: A plan of several years: valid while in force, whatever its day.
    while_in_force: Mapped[bool] = mapped_column(default=False)


class Variable(Identified, Base):
    """A letter of a scoring formula: a, b … f."""

    __tablename__ = "variable"
    __table_args__ = (UniqueConstraint("indicator_id", "letter", name="uq_variable_letter"),)

    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    position: Mapped[int]
    letter: Mapped[str]
    name: Mapped[str] = mapped_column(Text)


class DeclaredTotal(Identified, Base):
    """A total or a count the document states about itself."""

    __tablename__ = "declared_total"

    set_id: Mapped[int] = mapped_column(ForeignKey("indicator_set.id"), index=True)
    position: Mapped[int]
    #: A main indicator's code, or «document».
    place: Mapped[str]
    what: Mapped[str]
    printed: Mapped[str]
    value: Mapped[Decimal] = mapped_column(Numeric(10, 2))


class DocumentFinding(Identified, Base):
    """A contradiction or misreading that only a reader finds. Those arithmetic finds are computed, not stored."""

    __tablename__ = "document_finding"

    set_id: Mapped[int] = mapped_column(ForeignKey("indicator_set.id"), index=True)
    position: Mapped[int]
    place: Mapped[str]
    kind: Mapped[str]
    field: Mapped[str]
    printed: Mapped[str] = mapped_column(Text)
    expected: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)


class SetAdoption(Keyed, Base):
    """Which authority uses a set, and when."""

    __tablename__ = "set_adoption"
    __constraints__ = (UniqueConstraint("authority_id", "set_id", "valid_from", name="uq_set_adoption_since"),)

    set_id: Mapped[int] = mapped_column(ForeignKey("indicator_set.id"))
    position: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
