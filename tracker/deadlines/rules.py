"""Deadline law as pure functions: words → terms → dates → an explanation.

«Trước ngày X» leaves X out; «chậm nhất», «đến hết», «ngày» X keep it. A fixed date does not roll, a term counted in days does
(Civil Code 2015 Art. 147.3: the day of the event is not counted; Art. 148.5: a term ending on a day off ends on the next working day).
"""

from __future__ import annotations

import calendar as month_lengths
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from tracker.kernel.vietnamese import date_vn, long_date_vn, slugify

ONE_DAY = timedelta(days=1)
SATURDAY = 5


class DayKind(StrEnum):
    HOLIDAY = "holiday"
    LIEU = "lieu"
    SWAP_OFF = "swap_off"
    MAKE_UP = "make_up"


class Certainty(StrEnum):
    OFFICIAL = "official"
    PROVISIONAL = "provisional"


class RuleKind(StrEnum):
    """A collection fans out to tasks; a review or a publication is one duty of the focal unit."""

    COLLECTION = "collection"
    REVIEW = "review"
    PUBLICATION = "publication"


class Schedule(StrEnum):
    YEARLY = "yearly"
    QUARTERLY = "quarterly"
    EVERY_3_MONTHS = "every_3_months"
    EVERY_6_MONTHS = "every_6_months"
    EVENT = "event"
    AD_HOC = "ad_hoc"


class Boundary(StrEnum):
    BEFORE = "before"
    BY = "by"


class Roll(StrEnum):
    NONE = "none"
    NEXT_WORKING_DAY = "next_working_day"


class Window(StrEnum):
    CALENDAR_YEAR = "calendar_year"
    OCTOBER_TO_SEPTEMBER = "october_to_september"
    QUARTER = "quarter"
    NOT_STATED = "not_stated"


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Saturdays and Sundays are off, but for make-up days; listed holidays, lieu and swap days are off."""

    days: Mapping[date, DayKind] = field(default_factory=dict)
    #: Years whose list an official notice confirms.
    official_years: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        kind = self.days.get(day)
        return kind is DayKind.MAKE_UP if kind is not None else day.weekday() < SATURDAY

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


@dataclass(frozen=True, slots=True)
class Terms:
    """A rule without its identity: what dates are computed from."""

    slug: str
    name: str
    kind: RuleKind
    wording: str
    schedule: Schedule
    month: int | None
    day: int | None
    days: int | None
    boundary: Boundary | None
    roll: Roll
    window: Window
    opens_days_before: int


@dataclass(frozen=True, slots=True)
class Dates:
    """``nominal_on`` before rolling, ``last_on`` after it; both None where the document states no day. The window's ends are inclusive."""

    nominal_on: date | None
    last_on: date | None
    data_from: date | None
    data_to: date | None


@dataclass(frozen=True, slots=True)
class Period:
    """One period of a rule: ``key`` is unique for the rule, ``slug`` in the authority."""

    key: str
    slug: str
    name: str
    dates: Dates
    opens_on: date


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, month_lengths.monthrange(year, month)[1])


def last_valid_day(day: date, boundary: Boundary) -> date:
    """«Trước ngày» X ends on the day before X; «chậm nhất ngày» X on X."""
    return day - ONE_DAY if boundary is Boundary.BEFORE else day


def rolled(calendar: WorkingCalendar, nominal: date, roll: Roll) -> date:
    """Civil Code Art. 148.5, only where the rule says so."""
    return calendar.on_or_after(nominal) if roll is Roll.NEXT_WORKING_DAY else nominal


def target_day(calendar: WorkingCalendar, nominal: date | None, last: date | None) -> date | None:
    """What reminders aim at: the last working day not after the last day, for rolled terms not after the nominal day."""
    if last is None:
        return None
    return calendar.on_or_before(min(nominal or last, last))


def data_window(window: Window, schedule: Schedule, year: int, quarter: int | None) -> tuple[date | None, date | None]:
    """The days whose figures a round of that year asks for, both ends counted; None where the document states none."""
    if window is Window.CALENDAR_YEAR:
        return date(year, 1, 1), date(year, 12, 31)
    if window is Window.OCTOBER_TO_SEPTEMBER:
        return date(year - 1, 10, 1), date(year, 9, 30)
    if window is Window.QUARTER and quarter is not None:
        return date(year, quarter * 3 - 2, 1), month_end(year, quarter * 3)
    return None, None


def periods_of_year(terms: Terms, calendar: WorkingCalendar, year: int) -> Iterator[Period]:
    """The periods a periodic rule has in a calendar year, in order. Event-started and ad-hoc rules have none of themselves."""
    if terms.schedule is Schedule.YEARLY:
        dates = _fixed(terms, calendar, year, terms.month or 12, quarter=None)
        yield Period(str(year), f"{terms.slug}-{year}", f"{terms.name} {year}", dates, _opens(terms, dates, date(year, 12, 31)))
    elif terms.schedule is Schedule.QUARTERLY:
        for quarter in (1, 2, 3, 4):
            dates = _fixed(terms, calendar, year, quarter * 3, quarter=quarter)
            name = f"{terms.name} {_ROMAN[quarter]}/{year}"
            yield Period(f"{year}-Q{quarter}", f"{terms.slug}-{quarter}-{year}", name, dates, _opens(terms, dates, month_end(year, quarter * 3)))
    elif terms.schedule in (Schedule.EVERY_3_MONTHS, Schedule.EVERY_6_MONTHS):
        months = 3 if terms.schedule is Schedule.EVERY_3_MONTHS else 6
        for number in range(1, 12 // months + 1):
            end = month_end(year, number * months)
            dates = Dates(None, None, date(year, (number - 1) * months + 1, 1), end)
            name = f"{terms.name}, lần {number}/{year}"
            yield Period(f"{year}-{months}M{number}", f"{terms.slug}-{number}-{year}", name, dates, _opens(terms, dates, end))


_ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV"}


def _fixed(terms: Terms, calendar: WorkingCalendar, year: int, month: int, quarter: int | None) -> Dates:
    data_from, data_to = data_window(terms.window, terms.schedule, year, quarter)
    if terms.day is None or terms.boundary is None:
        return Dates(None, None, data_from, data_to)
    stated = date(year, month, min(terms.day, month_end(year, month).day))
    nominal = last_valid_day(stated, terms.boundary)
    return Dates(nominal, rolled(calendar, nominal, terms.roll), data_from, data_to)


def _opens(terms: Terms, dates: Dates, otherwise: date) -> date:
    return (dates.last_on or otherwise) - timedelta(days=terms.opens_days_before)


def started_by_letter(terms: Terms, calendar: WorkingCalendar, letter: str, issued: date) -> Period:
    """The period a survey letter starts: its own day is day 0 (Art. 147.3)."""
    nominal = issued + timedelta(days=terms.days or 0)
    data_from, data_to = data_window(terms.window, terms.schedule, issued.year, None)
    dates = Dates(nominal, rolled(calendar, nominal, terms.roll), data_from, data_to)
    return Period(f"letter {letter}", f"{terms.slug}-{slugify(letter)}", f"{terms.name} {letter}", dates, issued)


def on_request(terms: Terms, calendar: WorkingCalendar, name: str, last: date, opened: date) -> Period:
    """An ad-hoc period: a date somebody sets."""
    dates = Dates(last, last, None, None)
    return Period(f"request {name}", f"{terms.slug}-{slugify(name)}", name, dates, opened)


def explain(terms: Terms, calendar: WorkingCalendar, dates: Dates, issued: date | None = None) -> str:
    """Why this day, in words a civil servant can paste into a letter."""
    quote = f"Văn bản ghi “{terms.wording}”."
    if dates.last_on is None or dates.nominal_on is None:
        return f"{quote} Văn bản không nêu ngày, nên việc này không có thời hạn."
    parts = [quote, _first_step(terms, dates, issued)]
    target = target_day(calendar, dates.nominal_on, dates.last_on)
    if dates.last_on != dates.nominal_on:
        parts.append(
            f"Đó là ngày nghỉ, nên thời hạn kết thúc vào ngày làm việc tiếp theo, {long_date_vn(dates.last_on)} (khoản 5 Điều 148 Bộ luật Dân sự)."
        )
    elif target != dates.last_on:
        parts.append("Đó là ngày nghỉ; hạn không lùi sang ngày làm việc tiếp theo vì văn bản ấn định một ngày cụ thể.")
    if target != dates.last_on:
        parts.append(f"Lời nhắc nhắm vào {long_date_vn(target)}, ngày làm việc cuối cùng trước đó.")
    return " ".join(parts)


def _first_step(terms: Terms, dates: Dates, issued: date | None) -> str:
    assert dates.nominal_on is not None
    day = long_date_vn(dates.nominal_on)
    if terms.schedule is Schedule.EVENT and issued is not None:
        return f"Ngày phát hành {date_vn(issued)} không tính (khoản 3 Điều 147 Bộ luật Dân sự), nên ngày thứ {terms.days} là {day}."
    if terms.boundary is Boundary.BEFORE:
        return f"Chữ “trước” không tính ngày {date_vn(dates.nominal_on + ONE_DAY)}, nên ngày cuối còn đúng hạn là {day}."
    return f"Ngày ấy được tính, nên ngày cuối còn đúng hạn là {day}."
