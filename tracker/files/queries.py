"""Reads of files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.files.models import StoredFile


def stored_files(session: Session, *, after: int = 0, limit: int | None = None) -> list[StoredFile]:
    """The files in scope whose bytes should be there, in order of id, from behind ``after``: for the integrity check."""
    there = select(StoredFile).where(StoredFile.withdrawn_at.is_(None), StoredFile.id > after).order_by(StoredFile.id).limit(limit)
    return list(session.scalars(there))


def withdrawn_files(session: Session, *, before: datetime | None = None) -> list[StoredFile]:
    """The files in scope whose bytes an administrator took away (before an instant), newest first."""
    gone = select(StoredFile).where(StoredFile.withdrawn_at.is_not(None)).order_by(StoredFile.withdrawn_at.desc(), StoredFile.id.desc())
    return list(session.scalars(gone if before is None else gone.where(StoredFile.withdrawn_at < before)))


def files_of(session: Session, ids: Sequence[int]) -> list[StoredFile]:
    """These files, in order of id, as far as their bytes should be there."""
    return list(session.scalars(select(StoredFile).where(StoredFile.id.in_(ids), StoredFile.withdrawn_at.is_(None)).order_by(StoredFile.id)))


def known_bytes(session: Session, authority_id: int) -> set[str]:
    """The SHA-256 of every file an authority has a row for, withdrawn or not."""
    return set(session.scalars(select(StoredFile.sha256).where(StoredFile.authority_id == authority_id)))


def is_known(session: Session, authority_id: int, sha256: str) -> bool:
    """Whether there is a row for these bytes at this moment."""
    found = select(StoredFile.id).where(StoredFile.authority_id == authority_id, StoredFile.sha256 == sha256)
    return session.scalar(found) is not None


def count_of_files(session: Session) -> int:
    """How many files have a row, in scope."""
    return session.scalar(select(func.count(StoredFile.id))) or 0
