"""Reads of files."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.files.models import StoredFile


def stored_files(session: Session) -> list[StoredFile]:
    """Every file in scope, in order of id: for the integrity check."""
    return list(session.scalars(select(StoredFile).order_by(StoredFile.id)))
