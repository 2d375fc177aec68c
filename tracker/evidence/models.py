"""An item belongs to the authority and the unit that brought it; a proof ties one of its versions to a task."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.evidence.rules import ItemKind
from tracker.kernel.database import Base, Keyed, text_enum, within_authority


class EvidenceItem(Keyed, Base):
    """A file, a link, a figure, or a sentence why there is none."""

    __tablename__ = "evidence_item"
    __constraints__ = (within_authority("unit_id", "unit", own="evidence_item"), Index("ix_evidence_item_unit_id", "authority_id", "unit_id"))

    unit_id: Mapped[int]
    kind: Mapped[ItemKind] = mapped_column(text_enum(ItemKind, "kind"))
    title: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class ItemVersion(Keyed, Base):
    """What an item said at one time. A newer one supersedes; nothing is overwritten."""

    __tablename__ = "item_version"
    __constraints__ = (
        within_authority("item_id", "evidence_item", own="item_version"),
        within_authority("file_id", "stored_file", own="item_version"),
        UniqueConstraint("authority_id", "item_id", "number", name="uq_item_version_number"),
        CheckConstraint("file_id IS NOT NULL OR url IS NOT NULL OR figure IS NOT NULL OR sentence IS NOT NULL", name="says_something"),
    )

    item_id: Mapped[int]
    number: Mapped[int]
    file_id: Mapped[int | None]
    #: As the person named it, NFC, control characters stripped; never used as a path.
    filename: Mapped[str | None]
    url: Mapped[str | None] = mapped_column(Text)
    figure: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    figure_unit: Mapped[str | None]
    sentence: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: Who it was on that day, in words.
    actor: Mapped[str]
    #: Brought by the focal point for a unit that never signs in.
    on_behalf: Mapped[bool] = mapped_column(default=False)


class Proof(Keyed, Base):
    """One version of an item, offered for a task, perhaps for one required document of it."""

    __tablename__ = "proof"
    __constraints__ = (
        within_authority("task_id", "task", own="proof"),
        within_authority("version_id", "item_version", own="proof"),
        UniqueConstraint("authority_id", "task_id", "requirement_id", "version_id", name="uq_proof_once"),
        Index("ix_proof_task_id", "authority_id", "task_id"),
    )

    task_id: Mapped[int]
    requirement_id: Mapped[int | None] = mapped_column(ForeignKey("requirement.id"))
    version_id: Mapped[int]
    created_at: Mapped[datetime]
    #: Taken back by the unit before handing in; the row stays for the history.
    withdrawn_at: Mapped[datetime | None]
