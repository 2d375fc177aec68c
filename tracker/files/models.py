"""The row of a file; its bytes stand in the store."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Keyed


class StoredFile(Keyed, Base):
    """Bytes at ``<authority>/<sha256>``. Nothing is shared, or «already known», between authorities."""

    __tablename__ = "stored_file"
    __constraints__ = (UniqueConstraint("authority_id", "sha256", name="uq_stored_file_sha256"),)

    sha256: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str]
    stored_at: Mapped[datetime]
    #: Its bytes were taken away by an administrator; the row and its hash stay as a tombstone.
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)
