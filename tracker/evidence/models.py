"""An item belongs to the authority and the unit that brought it; a proof ties one of its versions to a task."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.evidence.rules import ItemKind, ProofState, Signing
from tracker.indicators.rules import RequirementKind
from tracker.kernel.database import Base, Keyed, text_enum, within_authority
from tracker.tasks.rules import ReturnCause


class LocalRequirement(Keyed, Base):
    """A document the authority itself asks for, beside those the source of the indicator names."""

    __tablename__ = "local_requirement"
    __constraints__ = (
        CheckConstraint("quantity >= 1", name="at_least_one"),
        Index("ix_local_requirement_indicator_id", "authority_id", "indicator_id"),
    )

    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    kind: Mapped[RequirementKind] = mapped_column(text_enum(RequirementKind, "kind"))
    name: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int]
    signed_by_head: Mapped[bool] = mapped_column(default=False)
    while_in_force: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime]
    #: Not asked for any more from then on; what it was ticked by stays.
    dropped_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class EvidenceItem(Keyed, Base):
    """A document with its files, a link, a figure, or a sentence why there is none."""

    __tablename__ = "evidence_item"
    __constraints__ = (within_authority("unit_id", "unit", own="evidence_item"), Index("ix_evidence_item_unit_id", "authority_id", "unit_id"))

    unit_id: Mapped[int]
    kind: Mapped[ItemKind] = mapped_column(text_enum(ItemKind, "kind"))
    #: What its newest version is called.
    title: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class ItemVersion(Keyed, Base):
    """What an item said at one time. A newer one supersedes; nothing is overwritten."""

    __tablename__ = "item_version"
    __constraints__ = (
        within_authority("item_id", "evidence_item", own="item_version"),
        UniqueConstraint("authority_id", "item_id", "number", name="uq_item_version_number"),
        CheckConstraint("file_count > 0 OR url IS NOT NULL OR figure IS NOT NULL OR sentence IS NOT NULL", name="says_something"),
        CheckConstraint("denominator IS NULL OR denominator <> 0", name="denominator_not_zero"),
    )

    item_id: Mapped[int]
    number: Mapped[int]
    #: How many files it carries: rows of ``version_file``.
    file_count: Mapped[int] = mapped_column(default=0)
    url: Mapped[str | None] = mapped_column(Text)
    #: The figure itself, or the numerator where there is a denominator.
    figure: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    denominator: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    figure_unit: Mapped[str | None]
    #: Ước thực hiện, not yet the final figure.
    estimate: Mapped[bool] = mapped_column(default=False)
    sentence: Mapped[str | None] = mapped_column(Text)
    #: What an official document carries: số, ký hiệu; ngày; cơ quan ban hành; trích yếu; người ký.
    document_number: Mapped[str | None]
    document_on: Mapped[date | None]
    issuer: Mapped[str | None]
    summary: Mapped[str | None] = mapped_column(Text)
    signer: Mapped[str | None]
    signing: Mapped[Signing | None] = mapped_column(text_enum(Signing, "signing"))
    in_force_to: Mapped[date | None]
    #: Why this version took the place of the one before.
    why: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: Who it was on that day, in words.
    actor: Mapped[str]
    #: Brought by the focal point for a unit that never signs in.
    on_behalf: Mapped[bool] = mapped_column(default=False)


class VersionFile(Keyed, Base):
    """One of the files of a version."""

    __tablename__ = "version_file"
    __constraints__ = (
        within_authority("version_id", "item_version", own="version_file"),
        within_authority("file_id", "stored_file", own="version_file"),
        UniqueConstraint("authority_id", "version_id", "position", name="uq_version_file_position"),
        Index("ix_version_file_file_id", "authority_id", "file_id"),
    )

    version_id: Mapped[int]
    position: Mapped[int]
    file_id: Mapped[int]
    #: As the person named it, NFC, control characters stripped; never used as a path.
    filename: Mapped[str]


class LinkCheck(Keyed, Base):
    """Somebody opened a link, or could not. The server itself never does."""

    __tablename__ = "link_check"
    __constraints__ = (
        within_authority("version_id", "item_version", own="link_check"),
        Index("ix_link_check_version_id", "authority_id", "version_id"),
    )

    version_id: Mapped[int]
    opened: Mapped[bool]
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    actor: Mapped[str]


class Proof(Keyed, Base):
    """One version of an item, offered for a task: for one line of its checklist, or for the task as a whole."""

    __tablename__ = "proof"
    __constraints__ = (
        within_authority("task_id", "task", own="proof"),
        within_authority("version_id", "item_version", own="proof"),
        within_authority("local_requirement_id", "local_requirement", own="proof"),
        UniqueConstraint("authority_id", "task_id", "requirement_id", "version_id", name="uq_proof_once"),
        UniqueConstraint("authority_id", "task_id", "local_requirement_id", "version_id", name="uq_proof_once_local"),
        UniqueConstraint("authority_id", "task_id", "variable_id", "version_id", name="uq_proof_once_variable"),
        CheckConstraint(
            "(requirement_id IS NULL OR local_requirement_id IS NULL)"
            " AND (variable_id IS NULL OR (requirement_id IS NULL AND local_requirement_id IS NULL))",
            name="one_line",
        ),
        CheckConstraint("(state = 'returned') = (return_cause IS NOT NULL)", name="returned_with_a_cause"),
        Index("ix_proof_task_id", "authority_id", "task_id"),
        Index("ix_proof_version_id", "authority_id", "version_id"),
    )

    task_id: Mapped[int]
    requirement_id: Mapped[int | None] = mapped_column(ForeignKey("requirement.id"))
    local_requirement_id: Mapped[int | None]
    variable_id: Mapped[int | None] = mapped_column(ForeignKey("variable.id"))
    version_id: Mapped[int]
    created_at: Mapped[datetime]
    #: Taken back by the unit before handing in, or superseded; the row stays for the history.
    withdrawn_at: Mapped[datetime | None]
    state: Mapped[ProofState] = mapped_column(text_enum(ProofState, "state"), default=ProofState.OFFERED)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    return_cause: Mapped[ReturnCause | None] = mapped_column(text_enum(ReturnCause, "return_cause"))
    return_words: Mapped[str | None] = mapped_column(Text)
    #: It served a former round; this person said that it still holds.
    affirmed_at: Mapped[datetime | None]
    affirmed_by: Mapped[str | None]
