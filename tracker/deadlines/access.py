"""The only way to fetch a rule or a round by its name, or an office's own day by its id."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.deadlines.models import DeadlineRule, LocalDay, Round, RoundPaper
from tracker.files.models import StoredFile
from tracker.kernel.errors import NotFound
from tracker.kernel.words import phrase


def rule(session: Session, slug: str) -> DeadlineRule:
    """The rule of the authority in scope. Raises NotFound."""
    found = session.scalars(select(DeadlineRule).where(DeadlineRule.slug == slug)).one_or_none()
    if found is None:
        raise NotFound(phrase("Không có quy tắc thời hạn “%(slug)s”.", slug=slug))
    return found


def round_(session: Session, slug: str) -> Round:
    """The round of the authority in scope. Raises NotFound."""
    found = session.scalars(select(Round).where(Round.slug == slug)).one_or_none()
    if found is None:
        raise NotFound(phrase("Không có đợt “%(slug)s”.", slug=slug))
    return found


def paper(session: Session, one: Round, paper_id: int) -> tuple[StoredFile, str]:
    """A document a round stands on, with the name the person gave it. Raises NotFound."""
    found = session.execute(
        select(StoredFile, RoundPaper.filename)
        .join(RoundPaper, (RoundPaper.authority_id == StoredFile.authority_id) & (RoundPaper.file_id == StoredFile.id))
        .where(RoundPaper.id == paper_id, RoundPaper.round_id == one.id)
    ).one_or_none()
    if found is None:
        raise NotFound("Không có tệp văn bản này trong đợt.")
    stored, name = found
    return stored, name


def local_day(session: Session, day_id: int) -> LocalDay:
    """A day of the authority in scope, withdrawn or not. Raises NotFound."""
    found = session.scalars(select(LocalDay).where(LocalDay.id == day_id)).one_or_none()
    if found is None:
        raise NotFound("Không có ngày này trong lịch của cơ quan.")
    return found
