"""The working-day calendar: what is off, what is worked, and why. Civil servants, five days a week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from tracker.kernel.clock import ONE_DAY
from tracker.kernel.vietnamese import long_date_vn
from tracker.kernel.words import phrase

SATURDAY = 5


class DayKind(StrEnum):
    HOLIDAY = "holiday"
    LIEU = "lieu"
    SWAP_OFF = "swap_off"
    MAKE_UP = "make_up"
    #: An office's own: storm, flood, moving house. Never in the national list.
    CLOSURE = "closure"


#: What an office may enter itself; holidays and lieu days are the law's.
LOCAL_KINDS = (DayKind.CLOSURE, DayKind.SWAP_OFF, DayKind.MAKE_UP)
#: What the calendar can speak of at all.
FIRST_YEAR, LAST_YEAR = 2000, 2100

DAY_WORDS: dict[DayKind, str] = {
    DayKind.HOLIDAY: phrase("Nghỉ lễ"),
    DayKind.LIEU: phrase("Nghỉ bù"),
    DayKind.SWAP_OFF: phrase("Nghỉ hoán đổi"),
    DayKind.MAKE_UP: phrase("Làm bù"),
    DayKind.CLOSURE: phrase("Cơ quan tạm nghỉ"),
}


class Certainty(StrEnum):
    OFFICIAL = "official"
    PROVISIONAL = "provisional"


#: Holidays on a fixed day of the solar year, for years nobody has listed yet: Labour Code 2019 Art. 112, Resolution 28/2026/QH16 Art. 2.
#: Tết and Giỗ Tổ follow the moon and must be listed; so must every year before 2024, the first that is shipped.
STATUTORY: Mapping[tuple[int, int], str] = {
    (1, 1): phrase("Tết Dương lịch"),
    (4, 30): phrase("Ngày Chiến thắng 30/4"),
    (5, 1): phrase("Ngày Quốc tế lao động 01/5"),
    (9, 2): phrase("Quốc khánh"),
    (11, 24): phrase("Ngày Văn hóa Việt Nam"),
}


_WEEKDAYS_IN_A_SENTENCE = (
    phrase("thứ Hai"),
    phrase("thứ Ba"),
    phrase("thứ Tư"),
    phrase("thứ Năm"),
    phrase("thứ Sáu"),
    phrase("thứ Bảy"),
    phrase("Chủ nhật"),
)


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Saturdays and Sundays are off, but for make-up days; listed holidays, lieu, swap and closure days are off."""

    days: Mapping[date, DayKind] = field(default_factory=dict)
    #: Years whose list an official notice confirms.
    official_years: frozenset[int] = frozenset()
    #: What a listed day is called.
    names: Mapping[date, str] = field(default_factory=dict)
    #: Years somebody listed; in the others ``statutory`` days are off, for want of better.
    listed_years: frozenset[int] = frozenset()
    statutory: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        kind = self.days.get(day)
        if kind is not None:
            return kind is DayKind.MAKE_UP
        return day.weekday() < SATURDAY and not self._is_statutory(day)

    def _is_statutory(self, day: date) -> bool:
        return bool(self.statutory) and day.year not in self.listed_years and (day.month, day.day) in self.statutory

    def off_because(self, day: date) -> str | None:
        """«thứ Bảy», «nghỉ Ngày Văn hóa Việt Nam»; None where the day is worked."""
        if self.is_working(day):
            return None
        if day in self.names:
            return phrase("ngày nghỉ (%(names)s)", names=self.names[day])
        if self._is_statutory(day):
            return phrase("ngày nghỉ (%(statutory)s)", statutory=self.statutory[day.month, day.day])
        return _WEEKDAYS_IN_A_SENTENCE[day.weekday()]

    def on_or_before(self, day: date) -> date:
        """The last working day not after ``day``."""
        while not self.is_working(day):
            day -= ONE_DAY
        return day

    def on_or_after(self, day: date) -> date:
        """The first working day not before ``day``."""
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def add(self, day: date, working_days: int) -> date:
        """The n-th working day after ``day`` (before it, where n is negative). 0 gives ``day`` itself."""
        step = ONE_DAY if working_days > 0 else -ONE_DAY
        for _ in range(abs(working_days)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and with ``end``; negative where ``end`` lies before ``start``."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_working(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

    def working_days_of(self, year: int) -> int:
        """How many days of a year are worked."""
        return self.between(date(year - 1, 12, 31), date(year, 12, 31))

    def with_days(self, days: Mapping[date, DayKind], names: Mapping[date, str]) -> WorkingCalendar:
        """This calendar with an office's own days over it."""
        if not days:
            return self
        return WorkingCalendar({**self.days, **days}, self.official_years, {**self.names, **names}, self.listed_years, self.statutory)


def cannot_list(calendar: WorkingCalendar, day: date, kind: DayKind) -> str | None:
    """Why a day cannot be entered as what it is said to be; None where it can. ``calendar`` is the one before the day is entered."""
    named = long_date_vn(day)
    if kind is DayKind.MAKE_UP:
        return phrase("%(named)s đã là ngày làm việc; ngày làm bù phải là một ngày nghỉ.", named=named) if calendar.is_working(day) else None
    off = calendar.off_because(day)
    return phrase("%(named)s đã là %(off)s; chỉ ghi ngày nghỉ cho một ngày đang là ngày làm việc.", named=named, off=off) if off else None


def pair_names(name: str, off: date, worked: date) -> tuple[str, str]:
    """How the two days of a swap are called: each names the other."""
    return phrase("%(name)s (làm bù %(worked)s)", name=name, worked=long_date_vn(worked)), phrase(
        "%(name)s (làm bù cho %(off)s)", name=name, off=long_date_vn(off)
    )
