"""How far a round is beside the former one of its rule on the same day before (or after) the deadline: pure.

What is counted is the first time a task left its unit complete (``submitted_on``): no snapshots are needed, and what is returned later
does not change what was known on a day.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from tracker.kernel.clock import ONE_DAY

#: No further back from the last day than this: what happens before is flat.
LONGEST_BEFORE = timedelta(days=120)
#: So long after the last day the drawing goes on, where nobody is further.
SHOWN_AFTER = timedelta(days=16)
#: The rows of the table behind the drawing, counted back from the last day.
TABLE_STEP = 7


@dataclass(frozen=True, slots=True)
class Counted:
    """One round's tasks that count (none set aside), and how many were handed in for the first time on each day."""

    id: int
    name: str
    slug: str
    opened_on: date
    last_on: date
    total: int
    submitted: Mapping[date, int]

    def share(self, day: date) -> float:
        """The percentage handed in until the end of a day, to one decimal."""
        done = sum(count for on, count in self.submitted.items() if on <= day)
        return round(100 * done / self.total, 1) if self.total else 0.0


Point = tuple[date, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table behind the drawing. ``before`` is the former round's share on the same day beside its own last day."""

    day: date
    offset: int
    now: float | None
    before: float | None


@dataclass(frozen=True, slots=True)
class Trend:
    """Two curves on the days of the present round; ``before`` is empty and ``then`` None where there is no former round."""

    name: str
    former: str | None
    start: date
    end: date
    last_on: date
    share: float
    then: float | None
    #: The day of the former round that ``then`` is of.
    then_on: date | None
    now: tuple[Point, ...]
    before: tuple[Point, ...]
    rows: tuple[Row, ...]

    @property
    def ahead(self) -> float | None:
        """Percentage points more (or, below 0, less) than the former round on the same day; None without one."""
        return None if self.then is None else round(self.share - self.then, 1)


def current_round(candidates: Iterable[tuple[int, date | None, int]]) -> int | None:
    """Of (round, last day, tasks) the one a page speaks of where nobody chose: the most tasks, then the latest day. None where none has a day."""
    dated = [(count, last, one) for one, last, count in candidates if last is not None and count]
    return max(dated)[2] if dated else None


def trend_of(now: Counted, former: Counted | None, today: date) -> Trend:
    """The curves of a round until today and of its former one, moved so that their last days fall together."""
    if former is not None and not former.total:
        former = None
    shift = now.last_on - former.last_on if former else timedelta(0)
    opened = [now.opened_on] + ([former.opened_on + shift] if former else [])
    start = max(min(*opened, now.last_on - ONE_DAY), now.last_on - LONGEST_BEFORE)
    end = max(now.last_on + SHOWN_AFTER, today)
    then_on = min(today, end) - shift if former else None
    return Trend(
        name=now.name,
        former=former.name if former else None,
        start=start,
        end=end,
        last_on=now.last_on,
        share=now.share(today),
        then=former.share(then_on) if former and then_on else None,
        then_on=then_on,
        now=_curve(now, timedelta(0), start, min(today, end)),
        before=_curve(former, shift, start, end) if former else (),
        rows=_rows(now, former, shift, start, end, today),
    )


def _curve(one: Counted, shift: timedelta, start: date, end: date) -> tuple[Point, ...]:
    """The shares from day to day, without the days on which a straight line goes on."""
    handed_in = sorted(one.submitted.items())
    days, sums = [on for on, _count in handed_in], list(accumulate(count for _on, count in handed_in))
    points: list[Point] = []
    for step in range((end - start).days + 1):
        day = start + step * ONE_DAY
        place = bisect_right(days, day - shift)
        share = round(100 * sums[place - 1] / one.total, 1) if place and one.total else 0.0
        if len(points) > 1 and points[-1][1] == points[-2][1] == share:
            points.pop()
        points.append((day, share))
    return tuple(points)


def _rows(now: Counted, former: Counted | None, shift: timedelta, start: date, end: date, today: date) -> tuple[Row, ...]:
    weekly = range(-((now.last_on - start).days // TABLE_STEP), (end - now.last_on).days // TABLE_STEP + 1)
    days = {now.last_on + step * TABLE_STEP * ONE_DAY for step in weekly} | ({today} if start <= today <= end else set())
    return tuple(
        Row(day, (day - now.last_on).days, now.share(day) if day <= today else None, former.share(day - shift) if former else None)
        for day in sorted(days)
    )


def counted_of(rounds: Sequence[tuple[int, str, str, date, date]], handed_in: Iterable[tuple[int, date | None, int]]) -> list[Counted]:
    """Rounds as (id, name, slug, opened on, last day) with their tasks as (round, day handed in or None, how many)."""
    totals: dict[int, int] = {}
    days: dict[int, dict[date, int]] = {}
    for round_id, on, count in handed_in:
        totals[round_id] = totals.get(round_id, 0) + count
        if on is not None:
            days.setdefault(round_id, {})[on] = count
    return [Counted(*one, total=totals.get(one[0], 0), submitted=days.get(one[0], {})) for one in rounds]
