"""Former names of units, and what became of units that changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Keyed, text_enum, within_authority
from tracker.units.succession_rules import Side, SuccessionKind


class UnitName(Keyed, Base):
    """A name a unit bore, with its days. A unit that was never renamed has none: its name stands in ``unit``, as the one in force always does."""

    __tablename__ = "unit_name"
    __constraints__ = (
        within_authority("unit_id", "unit", own="unit_name"),
        UniqueConstraint("authority_id", "unit_id", "valid_from", name="uq_unit_name_since"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
    )

    unit_id: Mapped[int]
    name: Mapped[str]
    short_name: Mapped[str | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    #: By which the unit got this name.
    document: Mapped[str | None] = mapped_column(Text)


class Succession(Keyed, Base):
    """Đổi tên, sáp nhập, chia tách, chuyển nhiệm vụ, giải thể: many units to many, from a day on, by a document."""

    __tablename__ = "succession"
    __constraints__ = (
        CheckConstraint("(kind = 'rename') = (new_name IS NOT NULL)", name="name_where_renamed"),
        Index("ix_succession_effective_on", "authority_id", "effective_on"),
    )

    kind: Mapped[SuccessionKind] = mapped_column(text_enum(SuccessionKind, "kind"))
    #: The first day of the new order.
    effective_on: Mapped[date]
    #: Văn bản căn cứ.
    document: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    new_name: Mapped[str | None]
    new_short_name: Mapped[str | None]
    recorded_at: Mapped[datetime]
    #: Who recorded it, in words of that day.
    recorded_by: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    #: What carrying it out changed, as it was before: what undoing puts back.
    kept: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class SuccessionUnit(Keyed, Base):
    """One unit of a succession, on one of its sides; a unit that goes on itself stands on both."""

    __tablename__ = "succession_unit"
    __constraints__ = (
        within_authority("succession_id", "succession", own="succession_unit"),
        within_authority("unit_id", "unit", own="succession_unit"),
        UniqueConstraint("authority_id", "succession_id", "unit_id", "side", name="uq_succession_unit_once"),
        Index("ix_succession_unit_unit_id", "authority_id", "unit_id"),
    )

    succession_id: Mapped[int]
    unit_id: Mapped[int]
    side: Mapped[Side] = mapped_column(text_enum(Side, "side"))
