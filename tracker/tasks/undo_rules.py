"""Taking back a decision just made: what may be undone, by whom, until when, and what is put back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from tracker.kernel.errors import Refused
from tracker.tasks.rules import Move, Progress, ReturnCause

#: As long as somebody remembers what the button did. Afterwards «Trả lại» and «Báo đủ» say what changed.
UNDO_FOR = timedelta(minutes=10)
#: The decisions of the focal point that can be taken back.
UNDOABLE = frozenset({Move.ACCEPT, Move.RETURN})
#: What such a decision changes besides the status, and how each is read back from the history.
KEPT: dict[str, Any] = {
    "reason": lambda text: text or None,
    "return_cause": ReturnCause,
    "returned_at": datetime.fromisoformat,
    "accepted_at": datetime.fromisoformat,
    "own_acceptance": bool,
    "mend_by_on": date.fromisoformat,
}
#: Which move takes back which: where the task came from decides.
_UNDOES: dict[tuple[Move, Progress], Move] = {
    (Move.ACCEPT, Progress.READY): Move.UNDO_ACCEPT,
    (Move.RETURN, Progress.READY): Move.UNDO_RETURN,
    (Move.RETURN, Progress.ACCEPTED): Move.UNDO_RETURN_OF_ACCEPTED,
}
TOO_LATE = "đã quá 10 phút nên không hoàn tác được nữa; cần thì đồng chí trả lại hoặc xác nhận như thường."
ANOTHERS = "do người khác quyết định nên chỉ người ấy hoàn tác được."
NOTHING = "không có quyết định nào vừa làm để hoàn tác."


def plain(value: Any) -> Any:
    """A value as the history keeps it."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as the history tells it. ``changes``: field → (old, new)."""

    move: Move
    at: datetime
    account_id: int | None
    changes: Mapping[str, Any]

    @property
    def undo(self) -> Move:
        """The move that takes it back. Raises Refused where there is none: what was only prepared went back inside its unit."""
        came_from = Progress(self.changes.get("status", (Progress.NOT_STARTED,))[0])
        try:
            return _UNDOES[self.move, came_from]
        except KeyError:
            raise Refused(NOTHING) from None

    def expect_undoable(self, account_id: int | None, now: datetime) -> None:
        """Raises Refused where another person decided, or too long ago."""
        if account_id is None or account_id != self.account_id:
            raise Refused(ANOTHERS)
        if not timedelta(0) <= now - self.at <= UNDO_FOR:
            raise Refused(TOO_LATE)

    def before(self) -> dict[str, Any]:
        """The values of the task before it, by column."""
        return {name: None if self.changes[name][0] is None else read(self.changes[name][0]) for name, read in KEPT.items() if name in self.changes}
