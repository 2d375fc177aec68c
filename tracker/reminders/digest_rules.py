"""How one digest reads: its lines by deadline, what others ask, what is new, the leaders' summary, and the subject."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from tracker.kernel.vietnamese import date_vn

#: A summary names so many units, the latest first, and counts the rest.
UNITS_NAMED = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One task in a digest. ``points`` None where not printed; ``instead``: told to the focal point for want of anybody in the unit."""

    task_id: int
    code: str | None
    name: str
    unit_name: str
    points: Decimal | None
    due_on: date | None
    days_late: int
    returned: bool
    instead: bool
    #: The last day before any extension, and how many times one was granted.
    original_on: date | None = None
    extensions: int = 0
    #: The reader is told as the deputy of this person.
    deputy_of: str | None = None
    #: The reader is not of the unit: the focal point's people, from the policy's rung on.
    watched: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one deadline, most points at risk first."""

    due_on: date | None
    days_late: int
    points: Decimal | None
    lines: tuple[Line, ...]


def grouped(lines: Iterable[Line]) -> tuple[Group, ...]:
    """By deadline, the oldest first; in a group most points at risk first, those without printed points last."""
    ordered = sorted(lines, key=_place)
    return tuple(_group(due, tuple(found)) for due, found in groupby(ordered, key=lambda line: line.due_on))


def _place(line: Line) -> tuple[bool, date, Decimal, str, int]:
    return (line.due_on is None, line.due_on or date.max, -(line.points or Decimal(0)), line.name, line.task_id)


def _group(due: date | None, lines: tuple[Line, ...]) -> Group:
    known = [line.points for line in lines if line.points is not None]
    return Group(due, lines[0].days_late, sum(known, Decimal(0)) if known else None, lines)


def noun(lines: Collection[Line]) -> str:
    """«chỉ số», or «nhiệm vụ» where a duty without an indicator is among them."""
    return "chỉ số" if all(line.code is not None for line in lines) else "nhiệm vụ"


def subject(lines: Sequence[Line]) -> str:
    """«Đôn Đốc: 5 chỉ số đến hạn 14/11/2026, 2 quá hạn»."""
    late = [line for line in lines if line.days_late]
    coming = [line for line in lines if not line.days_late]
    words = noun(lines)
    if not coming:
        return f"Đôn Đốc: {len(late)} {words} quá hạn"
    days = sorted({line.due_on for line in coming if line.due_on is not None})
    when = "" if not days else f" đến hạn {date_vn(days[0])}" if len(days) == 1 else f" đến hạn từ {date_vn(days[0])} đến {date_vn(days[-1])}"
    return f"Đôn Đốc: {len(coming)} {words}{when}" + (f", {len(late)} quá hạn" if late else "")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a lead asked this reader's unit for."""

    contribution_id: int
    task_id: int
    code: str | None
    name: str
    lead_name: str
    unit_id: int
    unit_name: str
    wanted: str
    due_on: date
    authority_id: int

    def days_late(self, day: date) -> int:
        return max((day - self.due_on).days, 0)


@dataclass(frozen=True, slots=True)
class LateUnit:
    """A unit's late tasks in a summary. ``points`` None where none are printed."""

    name: str
    tasks: int
    days_late: int
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class Summary:
    """An authority's open tasks on a day: how many, how many late, and whose."""

    total: int
    late: int
    units: tuple[LateUnit, ...]

    @property
    def named(self) -> tuple[LateUnit, ...]:
        return self.units[:UNITS_NAMED]

    @property
    def rest(self) -> int:
        """How many units are late beside those named."""
        return len(self.units) - len(self.named)


def summary(lines: Iterable[Line]) -> Summary:
    """Of every open task. Units with most late tasks first, then most days late, then by name."""
    found = sorted(lines, key=lambda line: line.unit_name)
    units = [_late_unit(name, [line for line in group if line.days_late]) for name, group in groupby(found, key=lambda line: line.unit_name)]
    late = sorted((unit for unit in units if unit.tasks), key=lambda unit: (-unit.tasks, -unit.days_late, unit.name))
    return Summary(len(found), sum(unit.tasks for unit in late), tuple(late))


def _late_unit(name: str, lines: Sequence[Line]) -> LateUnit:
    known = [line.points for line in lines if line.points is not None]
    return LateUnit(name, len(lines), max((line.days_late for line in lines), default=0), sum(known, Decimal(0)) if known else None)


def subject_of(lines: Sequence[Line], wanted: int, news: int, told: Summary | None, day: date) -> str:
    """The subject of a digest: its own tasks first, else what others want, else what is new, else the summary. Always a number and a day."""
    if lines:
        return subject(lines)
    if wanted:
        return f"Đôn Đốc: {wanted} việc phối hợp chờ đơn vị, ngày {date_vn(day)}"
    if told is not None:
        return f"Đôn Đốc: {told.late} nhiệm vụ quá hạn trong {told.total} đang mở, ngày {date_vn(day)}"
    return f"Đôn Đốc: {news} việc mới, ngày {date_vn(day)}"
