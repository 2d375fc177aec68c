"""What keeps the store true to its rows: every row has its bytes, withdrawn bytes are gone, bytes without a row do not stay.

All of it may run twice, late, or in two processes at once. ``real_now`` is the real instant: files in the store are dated by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from tracker.files import queries
from tracker.files.models import StoredFile
from tracker.files.rules import ASIDE_HOURS, ORPHAN_HOURS, WITHDRAWN_HOURS
from tracker.files.storage import Storage
from tracker.kernel.errors import Refused, Unable

log = structlog.get_logger(__name__)

#: More bytes without a row than this, and more than half as many as there are rows: this store is not (only) this database's.
STRANGE_FROM = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that is not as its row says."""

    authority_id: int
    sha256: str
    problem: str


@dataclass(frozen=True, slots=True)
class Reaped:
    """What a run of the reaper did: unfinished uploads deleted, orphans put aside, those aside brought back, and those deleted for good."""

    partials: int
    aside: int
    back: int
    deleted: int


def problem_of(storage: Storage, stored: StoredFile) -> Problem | None:
    """What is wrong with the bytes of a row; None where nothing is. Raises Unable where the whole store does not answer."""
    try:
        found = storage.digest(stored.authority_id, stored.sha256)
    except Unable:
        if not storage.local:
            raise
        return Problem(stored.authority_id, stored.sha256, "không đọc được")  # one bad sector is one bad file
    if found == stored.sha256:
        return None
    return Problem(stored.authority_id, stored.sha256, "mất tệp" if found is None else "nội dung đã đổi")


def left_behind(session: Session, storage: Storage, now: datetime) -> list[Problem]:
    """Withdrawn files whose bytes still lie there an hour after."""
    due = queries.withdrawn_files(session, before=now - timedelta(hours=WITHDRAWN_HOURS))
    return [Problem(one.authority_id, one.sha256, "đã rút mà vẫn còn trong kho") for one in due if storage.holds(one.authority_id, one.sha256)]


def remove_withdrawn(storage: Storage, withdrawn: Sequence[StoredFile]) -> int:
    """Deletes the bytes of withdrawn files, also those somebody brought again in vain. How many lay there still."""
    lying = [one for one in withdrawn if storage.holds(one.authority_id, one.sha256)]
    for one in lying:
        storage.remove(one.authority_id, one.sha256)
        log.info("withdrawn bytes removed", authority_id=one.authority_id, sha256=one.sha256)
    return len(lying)


def reap(session: Session, storage: Storage, real_now: datetime) -> Reaped:
    """Removes what uploads that were cut off left behind more than a day ago; nothing younger, and nothing that has a row.

    The same bytes may be brought again while this runs: so an orphan is first only put aside, where it is still found, and brought back
    where it has a row by the next run; it is deleted when it has lain aside for an hour, longer than any transaction lasts.
    Raises Refused where so much has no row that the store must belong to another database as well.
    """
    back, deleted = _settle(session, storage, real_now)
    orphans = _orphans(session, storage, real_now - timedelta(hours=ORPHAN_HOURS))
    if len(orphans) > max(STRANGE_FROM, queries.count_of_files(session) // 2):
        raise Refused(
            f"Kho minh chứng có {len(orphans)} tệp mà cơ sở dữ liệu này không biết; không dọn gì. "
            "Kiểm tra STORAGE_URL có dùng chung với hệ thống khác không."
        )
    for authority_id, sha256 in orphans:
        storage.put_aside(authority_id, sha256)
        log.info("bytes without a row put aside", authority_id=authority_id, sha256=sha256)
    partials = 0
    for path, since in storage.partials():
        if real_now - since > timedelta(hours=ORPHAN_HOURS):
            path.unlink(missing_ok=True)
            partials += 1
    return Reaped(partials, len(orphans), back, deleted)


def _orphans(session: Session, storage: Storage, before: datetime) -> list[tuple[int, str]]:
    """Listed before the rows are read: what gains its row meanwhile is known then."""
    listed = [one for one in storage.lying() if one.since < before]
    known = {authority_id: queries.known_bytes(session, authority_id) for authority_id in {one.authority_id for one in listed}}
    return [(one.authority_id, one.sha256) for one in listed if one.sha256 not in known[one.authority_id]]


def _settle(session: Session, storage: Storage, real_now: datetime) -> tuple[int, int]:
    """What was put aside comes back where it has a row by now, or goes."""
    back = deleted = 0
    for one in list(storage.aside()):
        if queries.is_known(session, one.authority_id, one.sha256):
            storage.bring_back(one.authority_id, one.sha256)
            back += 1
        elif real_now - one.since > timedelta(hours=ASIDE_HOURS):
            storage.drop_aside(one.authority_id, one.sha256)
            deleted += 1
    return back, deleted
