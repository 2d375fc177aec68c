"""The only way to fetch a notice or an assignment of the authority in scope."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.assignments.models import Assignment, Notice
from tracker.kernel.errors import NotFound
from tracker.kernel.words import phrase


def notice(session: Session, authority_id: int, slug: str) -> Notice:
    """Raises NotFound."""
    found = session.scalars(select(Notice).where(Notice.authority_id == authority_id, Notice.slug == slug)).one_or_none()
    if found is None:
        raise NotFound(phrase("Không có văn bản “%(slug)s”.", slug=slug))
    return found


def assignment(session: Session, notice: Notice, assignment_id: int) -> Assignment:
    """An assignment of this notice. Raises NotFound."""
    found = session.scalars(
        select(Assignment).where(Assignment.authority_id == notice.authority_id, Assignment.notice_id == notice.id, Assignment.id == assignment_id)
    ).one_or_none()
    if found is None:
        raise NotFound("Không tìm thấy dòng giao việc này.")
    return found
