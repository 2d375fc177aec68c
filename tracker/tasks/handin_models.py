"""What came in through a personal link and waits until somebody who signed in says that it is the unit's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Keyed, text_enum, within_authority
from tracker.tasks.handin_rules import HandinKind


class LinkHandin(Keyed, Base):
    """A file or a figure (``version_id``), or a request for time (``extension_id``), handed in through a link."""

    __tablename__ = "link_handin"
    __constraints__ = (
        within_authority("link_id", "action_link", own="link_handin"),
        within_authority("task_id", "task", own="link_handin"),
        within_authority("version_id", "item_version", own="link_handin"),
        within_authority("extension_id", "extension", own="link_handin"),
        CheckConstraint("(kind = 'time') = (extension_id IS NOT NULL) AND (kind = 'time') = (version_id IS NULL)", name="says_what"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed_by_somebody"),
        Index("ix_link_handin_task_id", "authority_id", "task_id"),
        Index("ix_link_handin_link_id", "authority_id", "link_id"),
    )

    link_id: Mapped[int]
    task_id: Mapped[int]
    kind: Mapped[HandinKind] = mapped_column(text_enum(HandinKind, "kind"))
    version_id: Mapped[int | None]
    extension_id: Mapped[int | None]
    #: What it is, for who confirms: «“bao-cao.pdf” cho “Biên bản họp”».
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: Whose link it was, in words of that day.
    said_by: Mapped[str]
    #: With it the task had all that was asked for: lateness is judged by ``at`` once it is confirmed.
    completes: Mapped[bool] = mapped_column(default=False)
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None]
    #: Taken back, or replaced by somebody who signed in: nothing is left to confirm.
    dropped_at: Mapped[datetime | None]
