"""The states of long work, and how it is told."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from tracker.kernel.words import phrase


class WorkKind(StrEnum):
    PACK = "pack"


class WorkState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


KIND_WORDS: dict[WorkKind, str] = {WorkKind.PACK: phrase("Hồ sơ minh chứng")}
STATE_WORDS: dict[WorkState, str] = {
    WorkState.WAITING: phrase("Đang chờ"),
    WorkState.RUNNING: phrase("Đang chạy"),
    WorkState.DONE: phrase("Đã xong"),
    WorkState.FAILED: phrase("Không làm được"),
    WorkState.CANCELLED: phrase("Đã hủy"),
}
UNDER_WAY = frozenset({WorkState.WAITING, WorkState.RUNNING})

#: A worker that said nothing for so long is dead: another may take its work up.
LEASE = timedelta(seconds=180)
#: How often a worker says how far it is, at most.
BEAT_SECONDS = 2.0
#: Work that killed its worker so often is told as failed.
MOST_ATTEMPTS = 3
#: How long a result lies ready.
KEPT = timedelta(days=3)
#: Of one person at once.
MOST_WAITING = 3


def share(done: int, total: int) -> int:
    """How far, in percent; never 100 before the end."""
    return min(99, 100 * done // total) if total else 0
