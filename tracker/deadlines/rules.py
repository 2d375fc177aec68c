"""Deadline law as pure functions: words → terms → dates. How a date is told stands in explanation_rules.

«Trước ngày X» leaves X out; «chậm nhất», «đến hết», «ngày» X keep it. A fixed date does not roll, a term counted in days does
(Civil Code 2015 Art. 147.3: the day of the event is not counted; Art. 148.5: a term ending on a day off ends on the next working day).
Where the law does not decide, the office's readings do.
"""

from __future__ import annotations

import calendar as month_lengths
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel.clock import ONE_DAY
from tracker.kernel.vietnamese import slugify


class RuleKind(StrEnum):
    """A collection fans out to tasks; a review or a publication is one duty of the focal unit."""

    COLLECTION = "collection"
    REVIEW = "review"
    PUBLICATION = "publication"


class Schedule(StrEnum):
    YEARLY = "yearly"
    QUARTERLY = "quarterly"
    MONTHLY = "monthly"
    EVERY_3_MONTHS = "every_3_months"
    EVERY_6_MONTHS = "every_6_months"
    EVENT = "event"
    AD_HOC = "ad_hoc"
    CONTINUOUS = "continuous"


#: How long a period is, in months, of rules that come round by themselves.
PERIOD_MONTHS: dict[Schedule, int] = {
    Schedule.MONTHLY: 1,
    Schedule.QUARTERLY: 3,
    Schedule.EVERY_3_MONTHS: 3,
    Schedule.EVERY_6_MONTHS: 6,
    Schedule.YEARLY: 12,
}


class Boundary(StrEnum):
    BEFORE = "before"
    BY = "by"


class Roll(StrEnum):
    NONE = "none"
    NEXT_WORKING_DAY = "next_working_day"
    #: As the office reads fixed dates: its setting.
    OFFICE = "office"


class TermUnit(StrEnum):
    DAY = "day"
    WORKING_DAY = "working_day"
    WEEK = "week"
    MONTH = "month"


class Trigger(StrEnum):
    """Whose day is day 0 of an event-started term."""

    ISSUED = "issued"
    RECEIVED = "received"
    HELD = "held"


class Window(StrEnum):
    CALENDAR_YEAR = "calendar_year"
    OCTOBER_TO_SEPTEMBER = "october_to_september"
    #: The calendar months of the rule's own period.
    PERIOD = "period"
    #: Decree 09/2019/NĐ-CP Art. 12: the 15th of the month before the period to the 14th of its last month.
    DECREE_09 = "decree_09"
    #: Days the document states itself: ``StatedWindow``.
    STATED = "stated"
    NOT_STATED = "not_stated"


@dataclass(frozen=True, slots=True)
class Readings:
    """How an office reads what no statute settles. The defaults are the cautious ones."""

    #: «Trước ngày X» taken to include X.
    before_counts_day: bool = False
    #: A fixed date on a day off moves to the next working day.
    fixed_dates_roll: bool = False


@dataclass(frozen=True, slots=True)
class StatedWindow:
    """From a day of the year asked about (or of the one before it) to a day of it."""

    from_month: int
    from_day: int
    from_last_year: bool
    to_month: int
    to_day: int

    def of(self, year: int) -> tuple[date, date]:
        start = year - 1 if self.from_last_year else year
        return clamped(start, self.from_month, self.from_day), clamped(year, self.to_month, self.to_day)


@dataclass(frozen=True, slots=True)
class Terms:
    """A rule without its identity: what dates are computed from.

    ``month`` only of yearly rules. ``months_after`` moves the stated day away from the last month of the period («tháng đầu quý sau»: 1;
    a yearly rule of the year after: 12). ``upward``: the day is the one for sending upwards; ``check_days`` and ``sign_days`` are then the
    working days the focal point has to check and the head to sign, and the units' day lies before both.
    """

    slug: str
    name: str
    kind: RuleKind
    wording: str
    schedule: Schedule
    month: int | None = None
    day: int | None = None
    months_after: int = 0
    term_length: int | None = None
    term_unit: TermUnit = TermUnit.DAY
    trigger: Trigger = Trigger.ISSUED
    boundary: Boundary | None = None
    roll: Roll = Roll.OFFICE
    window: Window = Window.NOT_STATED
    stated_window: StatedWindow | None = None
    opens_days_before: int = 0
    upward: bool = False
    check_days: int = 0
    sign_days: int = 0
    readings: Readings = Readings()

    @property
    def counts_stated_day(self) -> bool:
        """Whether the day named in the document is itself in time."""
        return self.boundary is Boundary.BY or self.readings.before_counts_day

    @property
    def rolls(self) -> bool:
        """Whether a last day that is off moves to the next working day."""
        return self.roll is Roll.NEXT_WORKING_DAY or (self.roll is Roll.OFFICE and self.readings.fixed_dates_roll)

    def as_kept(self) -> dict[str, Any]:
        """As a round keeps the terms it was opened with: plain values."""
        return asdict(self)

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any]) -> Terms:
        """Back from ``as_kept``; what a later version has learnt since stands at its default."""
        values = {f.name: kept[f.name] for f in fields(cls) if f.name in kept}
        for name, enum in _ENUMS.items():
            if values.get(name) is not None:
                values[name] = enum(values[name])
        if values.get("stated_window"):
            values["stated_window"] = StatedWindow(**values["stated_window"])
        values["readings"] = Readings(**(values.get("readings") or {}))
        return cls(**values)


_ENUMS: dict[str, type[StrEnum]] = {
    "kind": RuleKind,
    "schedule": Schedule,
    "term_unit": TermUnit,
    "trigger": Trigger,
    "boundary": Boundary,
    "roll": Roll,
    "window": Window,
}


@dataclass(frozen=True, slots=True)
class Dates:
    """``nominal_on`` before rolling, ``last_on`` after it; both None where the document states no day. The window's ends are inclusive.

    In a cascade ``last_on`` is the units' day, ``check_on`` the focal point's, ``outer_on`` the one for sending upwards.
    """

    nominal_on: date | None
    last_on: date | None
    data_from: date | None
    data_to: date | None
    check_on: date | None = None
    outer_on: date | None = None


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


def clamped(year: int, month: int, day: int) -> date:
    """A day of a month, or its last day where the month is shorter (Civil Code Art. 148.3)."""
    return date(year, month, min(day, month_lengths.monthrange(year, month)[1]))


def months_later(day: date, months: int) -> date:
    """The same day so many months on, or the month's last (Art. 148.3)."""
    index = day.year * 12 + day.month - 1 + months
    return clamped(index // 12, index % 12 + 1, day.day)


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


def data_window(terms: Terms, year: int, last_month: int) -> tuple[date | None, date | None]:
    """The days whose figures a period asks for, both ends counted; None where the document states none.

    ``year`` and ``last_month`` say which period; ``last_month`` is 12 for whatever asks about a year.
    """
    months = PERIOD_MONTHS.get(terms.schedule, 12)
    if terms.window is Window.CALENDAR_YEAR:
        return date(year, 1, 1), date(year, 12, 31)
    if terms.window is Window.OCTOBER_TO_SEPTEMBER:
        return date(year - 1, 10, 1), date(year, 9, 30)
    if terms.window is Window.PERIOD:
        return date(year, last_month - months + 1, 1), month_end(year, last_month)
    if terms.window is Window.DECREE_09:
        return months_later(date(year, last_month, 15), -months), date(year, last_month, 14)
    if terms.window is Window.STATED and terms.stated_window is not None:
        return terms.stated_window.of(year)
    return None, None


def periods_of_year(terms: Terms, calendar: WorkingCalendar, year: int) -> Iterator[Period]:
    """The periods a periodic rule has in a calendar year, in order. Others have none of themselves."""
    months = PERIOD_MONTHS.get(terms.schedule)
    if months is None:
        return
    for number in range(1, 12 // months + 1):
        end = month_end(year, number * months)
        dates = _fixed(terms, calendar, year, end.month)
        key, slug, name = _called(terms, year, number)
        yield Period(key, slug, name, dates, (dates.last_on or end) - timedelta(days=terms.opens_days_before))


_ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV"}


def _called(terms: Terms, year: int, number: int) -> tuple[str, str, str]:
    """(key, slug, name) of a period: the number-th of its year."""
    months = PERIOD_MONTHS[terms.schedule]
    if terms.schedule is Schedule.YEARLY:
        return str(year), f"{terms.slug}-{year}", f"{terms.name} {year}"
    slug = f"{terms.slug}-{number}-{year}"
    if terms.schedule is Schedule.QUARTERLY:
        return f"{year}-Q{number}", slug, f"{terms.name} {_ROMAN[number]}/{year}"
    if terms.schedule is Schedule.MONTHLY:
        return f"{year}-{number:02d}", slug, f"{terms.name} {number:02d}/{year}"
    return f"{year}-{months}M{number}", slug, f"{terms.name}, lần {number}/{year}"


def _fixed(terms: Terms, calendar: WorkingCalendar, year: int, last_month: int) -> Dates:
    if terms.day is None or terms.boundary is None:
        data_from, data_to = data_window(terms, year, last_month)
        if data_to is None and terms.schedule is not Schedule.YEARLY:
            months = PERIOD_MONTHS[terms.schedule]
            data_from, data_to = date(year, last_month - months + 1, 1), month_end(year, last_month)
        return Dates(None, None, data_from, data_to)
    month = terms.month if terms.schedule is Schedule.YEARLY and terms.month else last_month
    first = months_later(date(year, month, 1), terms.months_after)
    stated = clamped(first.year, first.month, terms.day)
    nominal = last_valid_day(stated, Boundary.BY if terms.counts_stated_day else Boundary.BEFORE)
    return _ended(terms, calendar, nominal, data_window(terms, year, last_month))


def _ended(terms: Terms, calendar: WorkingCalendar, nominal: date, window: tuple[date | None, date | None]) -> Dates:
    """From the nominal day to the last one; in a cascade back from it to the focal point's day and the units'."""
    last = rolled(calendar, nominal, Roll.NEXT_WORKING_DAY if terms.rolls else Roll.NONE)
    if not terms.upward:
        return Dates(nominal, last, *window)
    check = calendar.add(calendar.on_or_before(last), -terms.sign_days)
    submit = calendar.add(check, -terms.check_days)
    return Dates(submit, submit, *window, check_on=check, outer_on=last)


def after(terms: Terms, calendar: WorkingCalendar, started: date) -> date:
    """The last day of a term that an event starts, before rolling: the event's own day is day 0 (Art. 147.3)."""
    length = terms.term_length or 0
    if terms.term_unit is TermUnit.WORKING_DAY:
        return calendar.add(started, length)
    if terms.term_unit is TermUnit.MONTH:
        return months_later(started, length)
    return started + timedelta(days=length * (7 if terms.term_unit is TermUnit.WEEK else 1))


def started_by_letter(terms: Terms, calendar: WorkingCalendar, letter: str, started: date) -> Period:
    """The period a letter or a meeting starts. ``started`` is day 0: the day of issue, of receipt or of the meeting, as the rule says."""
    dates = _ended(terms, calendar, after(terms, calendar, started), data_window(terms, started.year, 12))
    return Period(f"letter {letter}", f"{terms.slug}-{slugify(letter)}", f"{terms.name} {letter}", dates, started)


def on_request(terms: Terms, name: str, last: date, opened: date, window: tuple[date | None, date | None] = (None, None)) -> Period:
    """An ad-hoc period: a date somebody sets."""
    return Period(f"request {name}", f"{terms.slug}-{slugify(name)}", name, Dates(last, last, *window), opened)


def too_early(calendar: WorkingCalendar, dates: Dates) -> date | None:
    """The first day a deadline may stand on after its cut-off, where it stands before that; else None.

    Decree 09/2019/NĐ-CP Art. 8.5(b): at least one working day between the cut-off of the figures and the day of sending.
    """
    last = dates.outer_on or dates.last_on
    if last is None or dates.data_to is None:
        return None
    first = calendar.add(dates.data_to, 1)
    return first if last < first else None
