"""The policy of chasing: on which working days something is said, and who of a unit is told from when on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Protocol, TypeVar

from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel.clock import ONE_DAY
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import join_and

#: No rung is further from the target day than this, in working days.
FURTHEST = 60
#: How far from today a policy can be tried.
FURTHEST_LOOK = timedelta(days=731)
#: So many working days in a row with a rung are a mail every day.
TOO_MANY_IN_A_ROW = 5


class Told(Protocol):
    """Somebody who may be told. ``head``: leads the unit, and is nothing else in it."""

    @property
    def head(self) -> bool: ...


T = TypeVar("T", bound=Told)


@dataclass(frozen=True, slots=True)
class Policy:
    """``rungs``: working days from the target day, rising (−15 … 0 … 3). ``afterwards``: after the last one, every so many; 0 for never.

    ``heads_from``: the rung from which a unit's head is told beside its specialists; None from the first.
    """

    rungs: tuple[int, ...] = (-15, -7, -3, -1, 0, 1, 3)
    afterwards: int = 5
    heads_from: int | None = None

    def rung_reached(self, offset: int) -> int | None:
        """The highest rung at or below ``offset`` working days from the target day; None before the first."""
        if offset < self.rungs[0]:
            return None
        last = self.rungs[-1]
        if offset > last and self.afterwards:
            return last + (offset - last) // self.afterwards * self.afterwards
        return max(rung for rung in self.rungs if rung <= offset)

    def climbs_on(self, calendar: WorkingCalendar, target: date, day: date) -> int | None:
        """The rung a task aimed at ``target`` reaches on the working day ``day``: what a scheduler that never sleeps says then. None: no new one."""
        rung = self.rung_reached(calendar.between(target, day))
        before = self.rung_reached(calendar.between(target, calendar.on_or_before(day - ONE_DAY)))
        return None if rung == before else rung

    def tells(self, rung: int, contacts: tuple[T, ...]) -> tuple[T, ...]:
        """Who of a unit's contacts is told at a rung. A unit with nobody but its head has the head told from the first: no one is forgotten."""
        if self.heads_from is None or rung >= self.heads_from:
            return contacts
        return tuple(one for one in contacts if not one.head) or contacts

    @property
    def before(self) -> tuple[int, ...]:
        """Days before the target day, the furthest first."""
        return tuple(-rung for rung in self.rungs if rung < 0)

    @property
    def after(self) -> tuple[int, ...]:
        return tuple(rung for rung in self.rungs if rung > 0)

    @property
    def words(self) -> str:
        """The whole policy as a sentence, for the history and for who must choose between two."""
        parts = [f"trước {_listed(self.before)} ngày làm việc"] if self.before else []
        parts += ["đúng ngày nhắm tới"] if 0 in self.rungs else []
        parts += [f"sau {_listed(self.after)} ngày làm việc"] if self.after else []
        then = f", rồi mỗi {self.afterwards} ngày làm việc một lần" if self.afterwards else ", rồi thôi"
        heads = "ngay từ mốc đầu" if self.heads_from is None else rung_words(self.heads_from)
        return f"Nhắc {join_and(parts)}{then}; lãnh đạo đơn vị được nhắc {heads}."


#: What an authority that has chosen nothing has.
USUAL = Policy()
#: From which rung heads may be told; None from the first.
HEADS_FROM: tuple[int | None, ...] = (None, -7, -3, -1, 0, 1, 3)


def rung_words(rung: int) -> str:
    """«khi còn 3 ngày làm việc», «vào đúng ngày nhắm tới», «khi đã qua 3 ngày làm việc»."""
    if rung == 0:
        return "vào đúng ngày nhắm tới"
    return f"khi còn {-rung} ngày làm việc" if rung < 0 else f"khi đã qua {rung} ngày làm việc"


def _listed(days: Iterable[int]) -> str:
    return ", ".join(str(day) for day in days)


def read_days(text: str, field: str) -> tuple[int, ...]:
    """«15, 7, 3 và 1» → (15, 7, 3, 1); nothing typed is none. Raises Refused for what is no day from 1 to FURTHEST."""
    words = text.replace("và", ",").replace(";", ",").replace(",", " ").split()
    for word in words:
        if not (word.isdecimal() and len(word) < 4 and 1 <= int(word) <= FURTHEST):
            raise Refused(f"“{word}” không phải số ngày từ 1 đến {FURTHEST}; đồng chí viết như: 15, 7, 3, 1.", field=field)
    return tuple(int(word) for word in words)


def chosen(before: Iterable[int], on_the_day: bool, after: Iterable[int], afterwards: int, heads_from: int | None) -> Policy:
    """A policy somebody may live with. Raises Refused for one that tells nobody, or everybody every day."""
    rungs = tuple(sorted({-day for day in before} | ({0} if on_the_day else set()) | set(after)))
    if not rungs:
        raise Refused("Chính sách này không nhắc ai cả; đồng chí cho ít nhất một mốc, hoặc tắt nhắc việc trong Thiết lập.", field="before")
    if afterwards == 1:
        raise Refused("Nhắc lại mỗi ngày thì không ai đọc nữa; đồng chí chọn từ 2 ngày làm việc trở lên, hoặc 0 để thôi.", field="afterwards")
    if _longest_row(rungs) >= TOO_MANY_IN_A_ROW:
        raise Refused(f"Có {TOO_MANY_IN_A_ROW} mốc liền nhau trở lên, thành ra ngày nào cũng nhắc; đồng chí bỏ bớt mốc.", field="before")
    if heads_from is not None and not afterwards and heads_from > rungs[-1]:
        raise Refused("Không mốc nào tới lượt lãnh đạo đơn vị; đồng chí chọn mốc sớm hơn hoặc cho nhắc lại sau mốc cuối.", field="heads_from")
    return Policy(rungs, afterwards, heads_from)


def expect_near(day: date, today: date) -> None:
    """Refuses to look at a day so far off that no calendar knows it."""
    if abs(day - today) > FURTHEST_LOOK:
        raise Refused("Chỉ xem thử được trong khoảng hai năm trước và sau hôm nay.", field="seen_from")


def _longest_row(rungs: tuple[int, ...]) -> int:
    longest = row = 1
    for previous, rung in pairwise(rungs):
        row = row + 1 if rung == previous + 1 else 1
        longest = max(longest, row)
    return longest
