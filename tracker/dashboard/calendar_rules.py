"""A year at a glance and the dates that come next, worked out from the calendar and the rounds: pure."""

from __future__ import annotations

import calendar as month_grids
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tracker.deadlines.calendar_queries import Coming, ListedDay, Step
from tracker.deadlines.calendar_rules import DAY_WORDS, DayKind, WorkingCalendar
from tracker.deadlines.explanation_rules import tell_deadline
from tracker.deadlines.queries import YearLine
from tracker.deadlines.rules import RuleKind
from tracker.kernel.clock import ONE_DAY
from tracker.kernel.vietnamese import long_date_vn
from tracker.kernel.words import joined, phrase
from tracker.tasks.queries import RoundCount

#: How a day that differs from its weekday looks: a class of the month's cell.
LOOKS: dict[DayKind, str] = {
    DayKind.HOLIDAY: "hol",
    DayKind.LIEU: "swap",
    DayKind.SWAP_OFF: "swap",
    DayKind.MAKE_UP: "make",
    DayKind.CLOSURE: "shut",
}
STEP_WORDS: dict[Step, str] = {Step.SUBMIT: phrase("Hạn"), Step.CHECK: phrase("Đầu mối tổng hợp xong"), Step.FORWARD: phrase("Gửi cấp trên")}
#: The next dates a front page names.
DATES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Due:
    """One deadline of a year: a round, a period to come, or (``last`` None) a rule that states no day.

    ``count`` is of the tasks the reader may see; None where there are none. ``explanation`` is the sentence of why this day.
    """

    line: YearLine
    name: str
    sets: tuple[str, ...]
    last: date | None
    target: date | None
    explanation: str
    warning: str | None
    count: RoundCount | None
    today: date
    working_days_left: int | None

    @property
    def anchor(self) -> str:
        return f"han-{self.line.slug or self.line.rule.slug}"

    @property
    def past(self) -> bool:
        return self.last is not None and self.last < self.today

    @property
    def closed(self) -> bool:
        return self.line.round is not None and self.line.round.closed_at is not None

    @property
    def overdue(self) -> int:
        return self.count.overdue if self.count and not self.closed else 0


def dues_of(lines: Iterable[YearLine], calendar: WorkingCalendar, counts: Mapping[int, RoundCount], today: date) -> list[Due]:
    """The deadlines of a year's lines, one for each period whatever the number of its sets, in their order."""
    groups: dict[tuple[int, str | None], list[YearLine]] = defaultdict(list)
    for line in lines:
        groups[line.rule.id, line.slug].append(line)
    return [_due(group, calendar, counts, today) for group in groups.values()]


def _due(group: Sequence[YearLine], calendar: WorkingCalendar, counts: Mapping[int, RoundCount], today: date) -> Due:
    line, dates = group[0], group[0].dates
    told = tell_deadline(line.terms, calendar, dates, line.round.started_on if line.round else None)
    return Due(
        line=line,
        name=line.name or line.rule.name,
        sets=tuple(one.indicator_set.title for one in group if one.indicator_set),
        last=dates.last_on,
        target=told.target_on,
        explanation=told.explanation,
        warning=told.warning,
        count=counts.get(line.round.id) if line.round else None,
        today=today,
        working_days_left=calendar.between(today, dates.last_on) if dates.last_on and dates.last_on >= today else None,
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of a month: its classes, what is said of it, and the deadline it leads to."""

    day: date
    look: str
    words: str
    anchor: str | None


@dataclass(frozen=True, slots=True)
class Month:
    """Weeks from Monday; None stands for a day of another month."""

    number: int
    weeks: list[list[Cell | None]]
    current: bool


def months_of(year: int, calendar: WorkingCalendar, listed: Sequence[ListedDay], dues: Sequence[Due], today: date) -> list[Month]:
    """The twelve months of a year."""
    names = {one.day: one for one in listed}
    marks = _marks(dues)
    weeks = month_grids.Calendar(month_grids.MONDAY)
    return [
        Month(
            number,
            [[_cell(day, calendar, names.get(day), marks, today) if day.month == number else None for day in week] for week in grid],
            (year, number) == (today.year, today.month),
        )
        for number in range(1, 13)
        if (grid := weeks.monthdatescalendar(year, number))
    ]


@dataclass(frozen=True, slots=True)
class _Mark:
    look: str
    words: str
    anchor: str


def _marks(dues: Iterable[Due]) -> dict[date, list[_Mark]]:
    """What the deadlines put on each day; the strongest look of a day first."""
    found: dict[date, list[_Mark]] = defaultdict(list)
    for due in dues:
        if due.last is None:
            continue
        look = "late" if due.overdue else "due past" if due.past or due.closed else "due"
        late = phrase(", %(overdue)s nhiệm vụ quá hạn", overdue=due.overdue) if due.overdue else ""
        found[due.last].append(_Mark(look, phrase("hạn %(due)s%(late)s", due=due.name, late=late), due.anchor))
        if due.target is not None and due.target != due.last:
            found[due.target].append(
                _Mark("aim past" if due.past or due.closed else "aim", phrase("ngày nhắm tới của %(due)s", due=due.name), due.anchor)
            )
        for day, step in ((due.line.dates.check_on, Step.CHECK), (due.line.dates.outer_on, Step.FORWARD)):
            if day is not None:
                found[day].append(_Mark("step", phrase("%(step)s: %(due)s", step=STEP_WORDS[step].lower(), due=due.name), due.anchor))
    order = ("late", "due", "due past", "aim", "aim past", "step")
    return {day: sorted(marks, key=lambda mark: order.index(mark.look)) for day, marks in found.items()}


def _cell(day: date, calendar: WorkingCalendar, named: ListedDay | None, marks: Mapping[date, list[_Mark]], today: date) -> Cell:
    here = marks.get(day, [])
    looks: list[str] = []
    words: list[str] = []
    if named is not None:
        looks.append(LOOKS[named.kind])
        words.append(phrase("%(day)s: %(named)s", day=DAY_WORDS[named.kind].lower(), named=named.name))
    elif not calendar.is_working(day):
        looks.append("we")
    if here:
        looks.append(here[0].look)
        words += [mark.words for mark in here]
    if day == today:
        looks.append("is-today")
        words.insert(0, phrase("hôm nay"))
    said = phrase("%(day)s: %(said)s", day=long_date_vn(day), said=joined("; ", words)) if words else ""
    return Cell(day, " ".join(looks), said, here[0].anchor if here else None)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days in a row that are called the same: «16–20/02 Tết Nguyên đán»."""

    first: date
    last: date
    kind: DayKind
    name: str


def stretches(listed: Iterable[ListedDay]) -> list[Stretch]:
    """A year's listed days as few lines as they can be told in, for paper."""
    found: list[Stretch] = []
    for one in listed:
        before = found[-1] if found else None
        if before and (before.kind, before.name, before.last + ONE_DAY) == (one.kind, one.name, one.day):
            found[-1] = Stretch(before.first, one.day, one.kind, one.name)
        else:
            found.append(Stretch(one.day, one.day, one.kind, one.name))
    return found


@dataclass(frozen=True, slots=True)
class NextDate:
    """A date ahead as a front page names it; ``open`` tasks of the reader are still to be done, None where the round is not opened yet."""

    coming: Coming
    name: str
    open: int | None
    overdue: int
    working_days_left: int


def next_dates(coming: Iterable[Coming], counts: Mapping[int, RoundCount], calendar: WorkingCalendar, today: date, *, whole: bool) -> list[NextDate]:
    """The next few dates that concern a reader. ``whole``: who follows the whole authority; else a unit's own.

    A unit is concerned by the rounds it has tasks in and by the collections to come, not by what only the focal point does.
    """
    found = []
    for one in coming:
        count = counts.get(one.round.id) if one.round else None
        if not whole and (one.step is not Step.SUBMIT or (count is None if one.round else one.rule.kind is not RuleKind.COLLECTION)):
            continue
        open_tasks = (count.open if count else 0) if one.round else None
        name = one.name if one.step is Step.SUBMIT else phrase("%(step)s: %(name)s", step=STEP_WORDS[one.step], name=one.name)
        found.append(NextDate(one, name, open_tasks, count.overdue if count else 0, calendar.between(today, one.day)))
    return found[:DATES_SHOWN]


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day of the chair's timeline: what falls on it, and how many open tasks are due on it. ``opened``: whether its rounds are."""

    day: date
    names: tuple[str, ...]
    tasks: int
    opened: bool


def ahead(due: Iterable[tuple[date, int]], dates: Iterable[NextDate]) -> list[Ahead]:
    """The days on which open tasks are due (number by day), with the names of the rounds, and the dates nobody has a task for yet."""
    counts = dict(due)
    named: dict[date, list[NextDate]] = defaultdict(list)
    for one in dates:
        named[one.coming.day].append(one)
    return [
        Ahead(day, tuple(one.name for one in named[day]), counts.get(day, 0), not named[day] or any(one.coming.round for one in named[day]))
        for day in sorted(counts.keys() | named.keys())
    ]
