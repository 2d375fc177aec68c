"""The only way to fetch a file by id."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.files.models import StoredFile
from tracker.kernel.errors import NotFound


def stored_file(session: Session, stored_id: int) -> StoredFile:
    """A file of the authority in scope. Raises NotFound."""
    found = session.scalars(select(StoredFile).where(StoredFile.id == stored_id)).one_or_none()
    if found is None:
        raise NotFound
    return found
