"""The row of a file; its bytes stand in the store."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from tracker.kernel.database import Base, Keyed


class StoredFile(Keyed, Base):
    """Bytes at ``<authority>/<sha256>``. Nothing is shared, or «already known», between authorities."""

    __tablename__ = "stored_file"
    __constraints__ = (UniqueConstraint("authority_id", "sha256", name="uq_stored_file_sha256"),)

    sha256: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str]
    stored_at: Mapped[datetime]
