"""The wording an office gave its letters, and the register of what was drafted and sent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.documents.letter_register_rules import LetterState
from tracker.documents.letter_wording_rules import LetterKind
from tracker.kernel.database import Base, Keyed, text_enum, within_authority


class LetterTemplate(Keyed, Base):
    """The wording of one kind of letter where the office wrote its own; none where it has the usual one."""

    __tablename__ = "letter_template"
    __constraints__ = (UniqueConstraint("authority_id", "kind", name="uq_letter_template_kind"),)

    kind: Mapped[LetterKind] = mapped_column(text_enum(LetterKind, "kind"))
    #: Paragraphs, one a line, with placeholders in braces.
    body: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class OfficialLetter(Keyed, Base):
    """One letter: a draft until its number and day are entered, or until it is set aside."""

    __tablename__ = "official_letter"
    __constraints__ = (
        within_authority("round_id", "round", own="official_letter"),
        CheckConstraint("(state = 'sent') = (number IS NOT NULL)", name="sent_with_a_number"),
        CheckConstraint("(number IS NULL) = (issued_on IS NULL)", name="number_with_a_day"),
        CheckConstraint("(state = 'set_aside') = (reason IS NOT NULL)", name="set_aside_with_a_reason"),
        CheckConstraint("issued_on IS NULL OR issued_on >= drafted_on", name="drafted_first"),
        Index("ix_official_letter_round_id", "authority_id", "round_id"),
        Index("ix_official_letter_state", "authority_id", "state"),
    )

    kind: Mapped[LetterKind] = mapped_column(text_enum(LetterKind, "kind"))
    state: Mapped[LetterState] = mapped_column(text_enum(LetterState, "state"), default=LetterState.DRAFT)
    round_id: Mapped[int]
    subject: Mapped[str] = mapped_column(Text)
    #: The last day it asks for.
    answer_by: Mapped[date]
    #: The day its counts are of.
    drafted_on: Mapped[date]
    drafted_at: Mapped[datetime]
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    #: The composed letter, so that the very same draft can be written again.
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Of the content.
    sha256: Mapped[str]
    #: As the registry clerk gave them; entered when it has gone out.
    number: Mapped[str | None]
    issued_on: Mapped[date | None]
    #: Why it was set aside.
    reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class OfficialLetterTask(Keyed, Base):
    """A task a letter names, with the unit that owed it and the last day that had passed."""

    __tablename__ = "official_letter_task"
    __constraints__ = (
        within_authority("letter_id", "official_letter", own="official_letter_task"),
        within_authority("task_id", "task", own="official_letter_task"),
        within_authority("unit_id", "unit", own="official_letter_task"),
        UniqueConstraint("authority_id", "letter_id", "task_id", name="uq_official_letter_task_once"),
        Index("ix_official_letter_task_task_id", "authority_id", "task_id", "due_on"),
        Index("ix_official_letter_task_unit_id", "authority_id", "unit_id"),
    )

    letter_id: Mapped[int]
    task_id: Mapped[int]
    unit_id: Mapped[int]
    due_on: Mapped[date]
