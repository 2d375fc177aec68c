"""What the front doors show, worked out from counts: pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from tracker.kernel.words import phrase
from tracker.tasks.queries import Tally, TaskRow, UrgentCode
from tracker.tasks.rules import Progress, Timeliness

#: Indicator codes named in a row before «và n nữa».
NAMED_CODES = 3
#: Units shown one by one on the chair's page; the rest stand in one line.
UNITS_SHOWN = 10
#: Points at risk in a cell from which the next shade begins (1 to 4); without points, tasks.
POINT_STEPS = (10, 20, 40)
TASK_STEPS = (2, 4, 8)


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit as a row's head."""

    id: int
    name: str
    slug: str
    position: int


@dataclass(frozen=True, slots=True)
class Chase:
    """One unit to chase: how many tasks, which, how late, and what it is worth. ``weight`` orders the list."""

    unit: UnitName
    count: int
    codes: str
    days_late: int
    points: Decimal | None
    weight: float
    #: The round in which most of it is late: what a letter would be about. None where nothing is late.
    late_round: str | None = None

    @property
    def name(self) -> str:
        return self.unit.name

    @property
    def slug(self) -> str:
        return self.unit.slug


#: The members of a tally that are plain counts.
_NUMBERS = tuple(f.name for f in fields(Tally) if f.name not in ("unit_id", "main_id", "points_at_risk", "points_total", "first_missed_on"))
_numbers_of = attrgetter(*_NUMBERS)


def added(tallies: Iterable[Tally]) -> Tally:
    """The sum of some tallies. Points unknown everywhere stay unknown."""
    items = list(tallies)
    numbers: dict[str, Any] = (
        dict(zip(_NUMBERS, map(sum, zip(*map(_numbers_of, items), strict=True)), strict=True)) if items else dict.fromkeys(_NUMBERS, 0)
    )
    missed = [t.first_missed_on for t in items if t.first_missed_on is not None]
    return Tally(
        unit_id=None,
        main_id=None,
        points_at_risk=_known_sum(t.points_at_risk for t in items),
        points_total=_known_sum(t.points_total for t in items),
        first_missed_on=min(missed) if missed else None,
        **numbers,
    )


def _known_sum(points: Iterable[Decimal | None]) -> Decimal | None:
    known = [one for one in points if one is not None]
    return sum(known, Decimal(0)) if known else None


def by_unit(tallies: Iterable[Tally]) -> dict[int, Tally]:
    """One tally a unit, summed over main indicators."""
    groups: dict[int, list[Tally]] = defaultdict(list)
    for one in tallies:
        if one.unit_id is not None:
            groups[one.unit_id].append(one)
    return {unit_id: replace(added(items), unit_id=unit_id) for unit_id, items in groups.items()}


def chase_list(
    units: Mapping[int, UnitName], tallies: Mapping[int, Tally], urgent: Sequence[UrgentCode], today: date, *, late: bool = True
) -> list[Chase]:
    """Units with something to chase, by points at risk × days late, then by number of tasks. ``late``: whether what is overdue is among it."""
    codes: dict[int, list[str]] = defaultdict(list)
    rounds: dict[int, Counter[str]] = defaultdict(Counter)
    for one in urgent:
        codes[one.unit_id].append(one.label)
        rounds[one.unit_id].update([one.round_slug] if one.late else [])
    lines = []
    for unit_id, labels in codes.items():
        tally = tallies[unit_id]
        days = (today - tally.first_missed_on).days if late and tally.first_missed_on else 0
        points = tally.points_at_risk if late else None
        weight = float(points or len(labels)) * max(days, 1)
        most = rounds[unit_id].most_common(1)
        lines.append(Chase(units[unit_id], len(labels), named(labels), days, points, weight, most[0][0] if most else None))
    return sorted(lines, key=lambda line: (-line.weight, -line.count, line.unit.position))


def named(labels: Sequence[str]) -> str:
    """«5.1, 5.2, 5.7 và 5 nữa»."""
    shown = ", ".join(labels[:NAMED_CODES])
    more = len(labels) - NAMED_CODES
    return phrase("%(shown)s và %(more)s nữa", shown=shown, more=more) if more > 0 else shown


@dataclass(frozen=True, slots=True)
class MainName:
    """A main indicator as a column's head."""

    id: int
    code: str
    name: str


def short_name(name: str) -> str:
    """A main indicator's name as a narrow column bears it: «Hoạt động chính quyền số», «CHÍNH QUYỀN SỐ» → «Chính quyền»."""
    written = name.capitalize() if name.isupper() else name
    short = written.removeprefix("Hoạt động ").removesuffix(" số").removesuffix(" mạng")
    return short[:1].upper() + short[1:]


HeatRow = tuple[UnitName, Tally, dict[str, Tally]]


@dataclass(frozen=True, slots=True)
class Heat:
    """The heat map: ``columns`` of (key, code, name), ``rows`` of (unit, whole, cells by key), and the ``rest`` of the units, folded away."""

    columns: list[MainName]
    rows: list[HeatRow]
    rest: list[HeatRow]

    @property
    def folded(self) -> int:
        return len(self.rest)

    @property
    def folded_overdue(self) -> int:
        return sum(whole.overdue for _unit, whole, _cells in self.rest)


def heat(units: Mapping[int, UnitName], mains: Mapping[int, MainName], tallies: Sequence[Tally]) -> Heat:
    """Units by what is at risk (points, else number of overdue tasks), the first ten; main indicators of one code and name share a column."""
    columns: dict[str, MainName] = {}
    for main in sorted(mains.values(), key=lambda m: (m.code, m.id)):
        columns.setdefault(column_key(main), main)
    cells: dict[int, dict[str, list[Tally]]] = defaultdict(lambda: defaultdict(list))
    for one in tallies:
        if one.unit_id is not None and one.main_id is not None and one.main_id in mains:
            cells[one.unit_id][column_key(mains[one.main_id])].append(one)
    wholes = by_unit(tallies)
    order = sorted(wholes.values(), key=lambda t: (-(t.points_at_risk or 0), -t.overdue, units[t.unit_id or 0].position))
    rows = [
        (units[t.unit_id or 0], t, {key: parts[0] if len(parts) == 1 else added(parts) for key, parts in cells[t.unit_id or 0].items()})
        for t in order
    ]
    return Heat(list(columns.values()), rows[:UNITS_SHOWN], rows[UNITS_SHOWN:])


def column_key(main: MainName) -> str:
    """Main indicators of two sets with the same code and name are one column."""
    return f"{main.code} {main.name}"


def step(tally: Tally, points_known: bool) -> int:
    """The shade of a cell, 1 to 4; 0 where nothing is overdue."""
    if not tally.overdue:
        return 0
    value = tally.points_at_risk if points_known else Decimal(tally.overdue)
    limits = POINT_STEPS if points_known else TASK_STEPS
    return 1 + sum((value or 0) >= limit for limit in limits)


@dataclass(frozen=True, slots=True)
class OneList:
    """Tasks as one list: what the same indicator and unit owe in several rounds stands in one line.

    ``rows``: the task of the nearest deadline for each. ``others``: task id → the tasks of the other rounds.
    """

    rows: list[TaskRow]
    others: dict[int, list[TaskRow]]


def one_list(rows: Sequence[TaskRow]) -> OneList:
    """``rows`` come with the nearest deadline first."""
    first: dict[tuple[int, int], TaskRow] = {}
    found = OneList([], defaultdict(list))
    for row in rows:
        if row.indicator_id is None:
            found.rows.append(row)
            continue
        line = first.setdefault((row.indicator_id, row.unit_id), row)
        if line is row:
            found.rows.append(row)
        else:
            found.others[line.id].append(row)
    return found


def counted(rows: Sequence[TaskRow]) -> dict[str, int]:
    """The four numbers over a unit's list: overdue, due soon or today, waiting for confirmation, confirmed."""
    return {
        "overdue": sum(row.standing.timeliness is Timeliness.OVERDUE for row in rows),
        "soon": sum(row.standing.timeliness in (Timeliness.DUE_TODAY, Timeliness.DUE_SOON) for row in rows),
        "ready": sum(row.status is Progress.READY for row in rows),
        "accepted": sum(row.status is Progress.ACCEPTED for row in rows),
    }


def stamp_of(items: Sequence[Mapping[str, Any]], today: date) -> str:
    """The counts of a page as an ETag: another day or another number is another stamp."""
    return f'"{today:%Y%m%d}-{"-".join(str(item["value"]) for item in items)}"'
