"""Keeping a file's row; its bytes are on the store already."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.files.models import StoredFile
from tracker.files.storage import Stored


def keep(session: Session, authority_id: int, stored: Stored, now: datetime) -> StoredFile:
    """The authority's row for these bytes: made once, whoever comes first."""
    known = select(StoredFile).where(StoredFile.authority_id == authority_id, StoredFile.sha256 == stored.sha256)
    row = session.scalars(known).one_or_none()
    if row is not None:
        return row
    row = StoredFile(authority_id=authority_id, sha256=stored.sha256, size=stored.size, media_type=stored.media_type, stored_at=now)
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        return session.scalars(known).one()
    return row
