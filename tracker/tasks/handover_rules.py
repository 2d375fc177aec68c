"""What a hand-over moves, what keeps a thing where it is, and when it can be undone: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from tracker.kernel.clock import local_day
from tracker.kernel.vietnamese import date_vn
from tracker.kernel.words import phrase
from tracker.tasks.rules import read_ticket

#: How far back a hand-over may be dated.
FARTHEST = timedelta(days=366)


class LineKind(StrEnum):
    TASK = "task"
    LEAD = "lead"
    COOPERATION = "cooperation"
    GROUP = "group"
    ROLE = "role"


LINE_WORDS: dict[LineKind, str] = {
    LineKind.TASK: phrase("Nhiệm vụ"),
    LineKind.LEAD: phrase("Chủ trì các đợt sau"),
    LineKind.COOPERATION: phrase("Phối hợp các đợt sau"),
    LineKind.GROUP: phrase("Thành viên nhóm"),
    LineKind.ROLE: phrase("Vai trò của người"),
}


class Spread(StrEnum):
    """How targets are chosen."""

    ONE = "one"
    MAIN = "main"
    EACH = "each"


SPREAD_WORDS: dict[Spread, str] = {
    Spread.ONE: phrase("Một đơn vị nhận tất cả"),
    Spread.MAIN: phrase("Mỗi nhóm chỉ số một đơn vị nhận"),
    Spread.EACH: phrase("Chọn đơn vị nhận cho từng việc"),
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """One thing as a form names it: kind, which, and the version that was on the screen («task-12-3»)."""

    kind: LineKind
    id: int
    version: int

    def __str__(self) -> str:
        return f"{self.kind.value}-{self.id}-{self.version}"

    @classmethod
    def read(cls, text: str) -> Ticket | None:
        """None where it is none."""
        kind, _, rest = text.partition("-")
        seen = read_ticket(rest)
        return cls(LineKind(kind), *seen) if kind in set(LineKind) and seen is not None else None


def day_problem(day: date, today: date) -> str | None:
    """Why a hand-over cannot be dated so; None where it can."""
    if day > today:
        return phrase(
            "Ngày %(day)s chưa đến; việc chỉ chuyển từ ngày ấy. Đồng chí ghi thay đổi đơn vị trước, đến ngày thì chuyển giao.", day=date_vn(day)
        )
    if day < today - FARTHEST:
        return phrase("Ngày %(day)s cách nay hơn một năm; ghi một ngày từ %(today)s.", day=date_vn(day), today=date_vn(today - FARTHEST))
    return None


def undo_problem(committed_at: datetime, undone_at: datetime | None, now: datetime) -> str | None:
    """Why a hand-over cannot be undone any more; None where it can."""
    if undone_at is not None:
        return phrase("Lần chuyển giao này đã được hoàn tác ngày %(undone_at)s.", undone_at=date_vn(local_day(undone_at)))
    if local_day(committed_at) != local_day(now):
        return phrase(
            "Chỉ hoàn tác được trong ngày %(committed_at)s; nay đồng chí lập một lần chuyển giao ngược lại.",
            committed_at=date_vn(local_day(committed_at)),
        )
    return None
