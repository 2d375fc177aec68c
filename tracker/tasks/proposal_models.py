"""What a lead proposes instead of evidence, or while it waits for somebody else's data."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Keyed, text_enum, within_authority
from tracker.tasks.proposal_rules import ProposalKind, ProposalState


class Proposal(Keyed, Base):
    """Không áp dụng, do cơ quan khác cung cấp, or a letter to another body whose answer is awaited; decided by the focal point."""

    __tablename__ = "proposal"
    __constraints__ = (
        within_authority("task_id", "task", own="proposal"),
        CheckConstraint(
            "kind <> 'data_request' OR (letter_number IS NOT NULL AND letter_on IS NOT NULL AND reply_on IS NOT NULL AND body IS NOT NULL)",
            name="a_request_is_a_letter",
        ),
        CheckConstraint("(state = 'pending') = (decided_at IS NULL)", name="decided_with_a_time"),
        Index("ix_proposal_task_id", "authority_id", "task_id"),
        Index(
            "uq_proposal_pending",
            "authority_id",
            "task_id",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    task_id: Mapped[int]
    kind: Mapped[ProposalKind] = mapped_column(text_enum(ProposalKind, "kind"))
    state: Mapped[ProposalState] = mapped_column(text_enum(ProposalState, "state"), default=ProposalState.PENDING)
    reason: Mapped[str] = mapped_column(Text)
    #: Who supplies the data, or was written to.
    body: Mapped[str | None]
    letter_number: Mapped[str | None]
    letter_on: Mapped[date | None]
    #: The day the letter asks an answer by; the focal point may shorten it when agreeing.
    reply_on: Mapped[date | None]
    asked_at: Mapped[datetime]
    #: Who asked, in words of that day.
    asked_by: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    answer: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
