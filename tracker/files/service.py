"""Keeping a file's row, its bytes being on the store already; withdrawing a file, its bytes being removed after the commit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.files.models import StoredFile
from tracker.files.rules import REASON_MAX, REASON_MIN, withdrawn_words
from tracker.files.storage import Stored
from tracker.kernel.errors import Refused
from tracker.kernel.failpoints import reach
from tracker.kernel.vietnamese import clean
from tracker.kernel.words import phrase


def keep(session: Session, authority_id: int, stored: Stored, now: datetime) -> StoredFile:
    """The authority's row for these bytes: made once, whoever comes first. Raises Refused where they were withdrawn."""
    known = select(StoredFile).where(StoredFile.authority_id == authority_id, StoredFile.sha256 == stored.sha256)
    row = session.scalars(known).one_or_none()
    if row is None:
        row = StoredFile(authority_id=authority_id, sha256=stored.sha256, size=stored.size, media_type=stored.media_type, stored_at=now)
        try:
            with session.begin_nested():
                session.add(row)
                session.flush()
        except IntegrityError:
            row = session.scalars(known).one()
    if row.withdrawn_at is not None:
        said = withdrawn_words(row.withdrawn_at, row.withdrawn_reason or "")
        raise Refused(phrase("%(said)s. Không tải lên lại được; đồng chí dùng văn bản khác được phép đưa lên.", said=said.rstrip(".")), field="file")
    reach("row")
    return row


def withdraw(session: Session, stored: StoredFile, reason: str, actor: Actor, now: datetime) -> None:
    """From the commit on nobody gets these bytes any more; row and hash stay as a tombstone. The bytes themselves are removed afterwards
    (upkeep_service.remove_withdrawn), so that a crash in between leaves work to do and never a file that is gone for no stated reason.

    Raises Refused where they are withdrawn already, or the reason says too little.
    """
    words = clean(reason)
    if not REASON_MIN <= len(words) <= REASON_MAX:
        raise Refused(
            phrase(
                "Đồng chí ghi lý do rút tệp, từ %(reason_min)s đến %(reason_max)s ký tự, ví dụ “Văn bản có độ mật”.",
                reason_min=REASON_MIN,
                reason_max=REASON_MAX,
            ),
            field="reason",
        )
    # Decided by the database, not by what was read: two administrators may press at once.
    asked = update(StoredFile).where(StoredFile.id == stored.id, StoredFile.authority_id == stored.authority_id, StoredFile.withdrawn_at.is_(None))
    done = session.execute(
        asked.values(withdrawn_at=now, withdrawn_by=actor.words, withdrawn_reason=words).execution_options(synchronize_session=False)
    )
    session.refresh(stored)
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("Tệp này đã được rút rồi; đồng chí tải lại trang để xem ai rút, vì sao.")
    summary = f"Rút tệp khỏi hệ thống (SHA-256 {stored.sha256}): {words}"
    audit.record(session, actor, "file.withdraw", summary, now=now, authority_id=stored.authority_id, subject=("stored_file", stored.id))
