"""Chasing by hand: its kinds, and the message somebody pastes into Zalo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import date_vn, long_date_vn
from tracker.kernel.words import phrase
from tracker.mail.rules import header_text

#: What somebody says of a call fits into so many characters.
WORDS_LIMIT = 1000
#: A Zalo message nobody has to unfold.
MESSAGE_LIMIT = 600
#: Of the tasks it names so many, with so much of their names.
LINES, NAME_LIMIT = 5, 48
#: A call noted later than this is remembered wrongly.
FURTHEST_BACK = timedelta(days=31)


class ChaseKind(StrEnum):
    ZALO = "zalo"
    CALL = "call"
    LETTER = "letter"
    LINK = "link"
    SHEET = "sheet"


KIND_WORDS: dict[ChaseKind, str] = {
    ChaseKind.ZALO: phrase("Nhắn Zalo"),
    ChaseKind.CALL: phrase("Gọi điện, gặp trực tiếp"),
    ChaseKind.LETTER: phrase("Công văn"),
    ChaseKind.LINK: phrase("Liên kết trong thư"),
    ChaseKind.SHEET: phrase("Trao phiếu nhiệm vụ"),
}
#: What a person notes, and may strike out again.
BY_HAND = frozenset({ChaseKind.CALL, ChaseKind.ZALO, ChaseKind.SHEET})
#: What the log calls a reminder by mail.
MAIL_WORDS = phrase("Thư nhắc")
#: The same where there is little room: by what means a unit was last told.
MEANS_WORDS = {"mail": "Mail", "zalo": "Zalo", "call": phrase("Gọi"), "letter": phrase("Công văn"), "sheet": phrase("Phiếu")}


@dataclass(frozen=True, slots=True)
class LastChase:
    """When a unit was last told and by what means; ``times``: on how many days by those means."""

    means: str
    on: date
    times: int

    def words(self, today: date) -> str:
        """«Mail 16/11, lần 3»; the year only where it is another."""
        day = phrase("hôm nay") if self.on == today else f"{self.on:%d/%m}" if self.on.year == today.year else date_vn(self.on)
        return phrase("%(means)s %(day)s, lần %(times)s", means=MEANS_WORDS[self.means], day=day, times=self.times)


@dataclass(frozen=True, slots=True)
class Owed:
    """One open task of a unit, as a message names it."""

    task_id: int
    code: str | None
    name: str
    due_on: date | None
    days_late: int
    points: Decimal | None

    @property
    def line(self) -> str:
        late = f", quá {self.days_late} ngày" if self.days_late else ""
        due = f" (hạn {date_vn(self.due_on)}{late})" if self.due_on else ""
        name = header_text(self.name)
        return f"- {f'{header_text(self.code)} ' if self.code else ''}{_shortened(name)}{due}"


def _shortened(name: str) -> str:
    """A name of at most NAME_LIMIT characters: cut between two words where there are two."""
    if len(name) <= NAME_LIMIT:
        return name
    kept = name[:NAME_LIMIT]
    return f"{(kept.rpartition(' ')[0] or kept[:-1]).rstrip(' ,;(')}…"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log: when, by what means, by whom, in which words, about which tasks.

    ``entry_id``: of what may be struck out; ``struck``: why it counts no more; ``units``: whom it told, where the log is of more than one.
    """

    at: datetime
    means: str
    by: str
    words: str
    tasks: tuple[str, ...]
    entry_id: int | None = None
    struck: str | None = None
    units: tuple[str, ...] = ()


def in_order(owed: Sequence[Owed]) -> list[Owed]:
    """Late first, the longest first; then by deadline; most points at risk first among equals."""
    return sorted(owed, key=lambda one: (-one.days_late, one.due_on or date.max, -(one.points or Decimal(0)), one.task_id))


def zalo_text(authority: str, unit: str, owed: Sequence[Owed], address: str) -> str:
    """The plain message for one unit, never longer than MESSAGE_LIMIT. ``owed``: at least one; ``address``: the plain sign-in address."""
    ordered = in_order(owed)
    noun = "chỉ số" if all(one.code for one in ordered) else "nhiệm vụ"
    late = sum(1 for one in ordered if one.days_late)
    nearest = min((one.due_on for one in ordered if one.due_on and not one.days_late), default=None)
    head = f"{header_text(authority)} đề nghị {header_text(unit)} hoàn thành {len(ordered)} {noun}"
    head += "" if not late else f", trong đó {late} quá hạn" if late < len(ordered) else " đã quá hạn" if late == 1 else ", tất cả đã quá hạn"
    head += f"; hạn gần nhất {long_date_vn(nearest)}." if nearest else "."
    tail = f"Nộp minh chứng tại: {address}"
    for shown in range(min(LINES, len(ordered)), 0, -1):
        rest = len(ordered) - shown
        lines = [head, *(one.line for one in ordered[:shown]), *([f"và {rest} {noun} khác."] if rest else []), tail]
        text = "\n".join(lines)
        if len(text) <= MESSAGE_LIMIT:
            return text
    room = MESSAGE_LIMIT - len(tail) - 1
    return f"{head[:room]}\n{tail}"


def expect_sensible_day(day: date, today: date) -> None:
    """Refuses a day still to come, and one nobody remembers."""
    if day > today:
        raise Refused(phrase("Ngày %(day)s chưa tới; nhật ký chỉ ghi việc đã làm.", day=date_vn(day)), field="on_day")
    if today - day > FURTHEST_BACK:
        raise Refused(phrase("Chỉ ghi việc trong %(days)s ngày qua.", days=FURTHEST_BACK.days), field="on_day")
