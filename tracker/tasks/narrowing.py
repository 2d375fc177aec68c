"""What a list of tasks is narrowed to, as SQL that is built once: a page sends the same statement every time, only its values differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Date, Select, and_, bindparam, case, false, func, literal_column, not_, or_, select, true

from tracker.assignments.models import Cooperation
from tracker.deadlines.models import Round
from tracker.indicators.models import Indicator
from tracker.kernel.database import second
from tracker.kernel.vietnamese import search_patterns
from tracker.tasks.models import Task
from tracker.tasks.rules import DONE, OPEN, SET_ASIDE, Horizon, Progress, Timeliness
from tracker.units.models import Unit
from tracker.units.rules import Action, Viewer

Main = second(Indicator, "main_indicator")


def is_one_of(statuses: Iterable[Progress]) -> ColumnElement[bool]:
    """A condition on the status with its constants written out; what a person chose is a bound value instead."""
    return Task.status.in_([literal_column(f"'{one.value}'") for one in sorted(statuses)])


_TODAY, _AFTER_TODAY, _AFTER_SOON = (bindparam(name, type_=Date()) for name in ("today", "after_today", "after_soon"))
_LATE_BY_RETURN: ColumnElement[bool] = bindparam("late_by_return", type_=Boolean())

_granted = func.coalesce(Task.extended_to_on, Round.last_on)
_paused = and_(Task.paused_until_on.is_not(None), Task.paused_until_on > _granted)
#: The last day in force of what is handed in.
DUE = case((_paused, Task.paused_until_on), else_=_granted)
_mending = and_(Task.mend_by_on.is_not(None), Task.mend_by_on > DUE)
#: The last day in force of an open task, and the day its target is computed from.
OPEN_DUE = case((_mending, Task.mend_by_on), else_=DUE)
_open_base = case(
    (_mending, Task.mend_by_on), (_paused, Task.paused_until_on), else_=func.coalesce(Task.extended_to_on, Round.nominal_on, Round.last_on)
)
IS_OPEN = is_one_of(OPEN)
_is_done = is_one_of(DONE)
_current = and_(IS_OPEN, OPEN_DUE.is_not(None), OPEN_DUE >= _TODAY)
RETURNED = and_(is_one_of([Progress.COLLECTING]), Task.returned_at.is_not(None))

_first_late = and_(Task.submitted_on.is_not(None), Task.submitted_on > DUE)
#: Where the office says so: what came back after its days to mend.
_came_back_late = and_(_LATE_BY_RETURN, Task.resubmitted_on.is_not(None), Task.resubmitted_on > OPEN_DUE)

#: The condition of each timeliness on the day of a horizon, whose days and settings come as ``days_of``.
BANDS: dict[Timeliness, ColumnElement[bool]] = {
    Timeliness.OVERDUE: and_(IS_OPEN, OPEN_DUE < _TODAY),
    Timeliness.DUE_TODAY: and_(_current, _open_base < _AFTER_TODAY),
    Timeliness.DUE_SOON: and_(_current, _open_base >= _AFTER_TODAY, _open_base < _AFTER_SOON),
    Timeliness.NOT_DUE: and_(_current, _open_base >= _AFTER_SOON),
    Timeliness.NO_DEADLINE: or_(is_one_of(SET_ASIDE), and_(IS_OPEN, OPEN_DUE.is_(None))),
    Timeliness.DONE_ON_TIME: and_(_is_done, DUE.is_not(None), not_(or_(_first_late, _came_back_late))),
    Timeliness.DONE_LATE: and_(_is_done, DUE.is_not(None), or_(_first_late, _came_back_late)),
    Timeliness.DONE_NO_DEADLINE: and_(_is_done, DUE.is_(None)),
}


def days_of(horizon: Horizon) -> dict[str, date | bool]:
    """The values of the conditions in ``BANDS``."""
    return {
        "today": horizon.today,
        "after_today": horizon.after_today,
        "after_soon": horizon.after_soon,
        "late_by_return": horizon.late_by_return,
    }


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None does not narrow."""

    round_slug: str | None = None
    unit_slug: str | None = None
    unit_ids: frozenset[int] | None = None
    not_unit_ids: frozenset[int] | None = None
    main_code: str | None = None
    indicator_id: int | None = None
    timeliness: Timeliness | None = None
    #: Any of some timelinesses; together with ``timeliness`` both hold.
    bands: tuple[Timeliness, ...] = ()
    status: Progress | None = None
    open_only: bool = False
    returned_only: bool = False
    #: Without what was returned: «đang làm» beside «trả lại».
    not_returned: bool = False
    text: str | None = None
    #: Open tasks whose last day in force this is.
    due_on: date | None = None
    #: Only rounds not closed.
    current: bool = True
    task_ids: frozenset[int] | None = None


_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "round_slug": Round.slug == bindparam("round_slug"),
    "unit_slug": Unit.slug == bindparam("unit_slug"),
    "unit_ids": Task.unit_id.in_(bindparam("unit_ids", expanding=True)),
    "not_unit_ids": Task.unit_id.not_in(bindparam("not_unit_ids", expanding=True)),
    "task_ids": Task.id.in_(bindparam("task_ids", expanding=True)),
    "main_code": Main.code == bindparam("main_code"),
    "indicator_id": Task.indicator_id == bindparam("indicator_id"),
    "status": Task.status == bindparam("status"),
    # Search without diacritics over code, indicator and unit.
    "text": or_(Indicator.folded.like(bindparam("words")), Indicator.code.like(bindparam("code_begins")), Unit.folded.like(bindparam("words"))),
    "due_on": and_(IS_OPEN, bindparam("due_on", type_=Date()) == OPEN_DUE),
    "open_only": IS_OPEN,
    "returned_only": RETURNED,
    "not_returned": not_(RETURNED),
    "current": Round.closed_at.is_(None),
}


class Sight(StrEnum):
    """How much of an authority's tasks a person may see."""

    ALL = "all"
    OWN = "own"
    NONE = "none"


_helps = (
    select(Cooperation.id)
    .join(Unit, and_(Unit.authority_id == Cooperation.authority_id, Unit.id == Cooperation.unit_id))
    .where(
        Cooperation.authority_id == Task.authority_id,
        Cooperation.assignment_id == Task.assignment_id,
        or_(Unit.id.in_(bindparam("own", expanding=True, type_=BigInteger())), Unit.catch_all),
    )
    .correlate(Task)
    .exists()
)
#: Which tasks each sight reaches: all, or those one's units lead or are asked to help with. Values come as ``own_of``.
SEEN: dict[Sight, ColumnElement[bool]] = {
    Sight.ALL: true(),
    Sight.OWN: or_(Task.unit_id.in_(bindparam("own", expanding=True, type_=BigInteger())), _helps),
    Sight.NONE: false(),
}


def sight_of(viewer: Viewer | None) -> Sight:
    """Nobody in particular (a job, a list whose owner sees everything) sees all."""
    if viewer is None or viewer.may(Action.SEE_ALL_TASKS):
        return Sight.ALL
    return Sight.OWN if viewer.unit_ids or viewer.group_ids else Sight.NONE


def own_of(viewer: Viewer | None) -> dict[str, list[int]]:
    """The values of the condition ``SEEN``."""
    return {"own": sorted(viewer.unit_ids | viewer.group_ids)} if viewer is not None else {}


@dataclass(frozen=True, slots=True)
class Shape:
    """Which conditions a statement has, without their values: what it is kept under."""

    conditions: tuple[str, ...]
    timeliness: Timeliness | None
    bands: tuple[Timeliness, ...]
    sight: Sight

    def narrow(self, query: Select[Any]) -> Select[Any]:
        conditions = [_CONDITIONS[name] for name in self.conditions]
        if self.timeliness is not None:
            conditions.append(BANDS[self.timeliness])
        if self.bands:
            conditions.append(or_(*(BANDS[one] for one in self.bands)))
        if self.sight is not Sight.ALL:
            conditions.append(SEEN[self.sight])
        return query.where(*conditions)


def shape_of(filters: Filters, seen_by: Viewer | None = None) -> Shape:
    """The conditions these filters ask for."""
    return Shape(tuple(name for name in _CONDITIONS if _asked(filters, name)), filters.timeliness, filters.bands, sight_of(seen_by))


def _asked(filters: Filters, name: str) -> bool:
    if name == "current":
        return filters.current and filters.round_slug is None
    value = getattr(filters, name)
    return bool(value) if name in ("open_only", "returned_only", "not_returned", "text") else value is not None


def values_of(filters: Filters, horizon: Horizon, seen_by: Viewer | None = None) -> dict[str, Any]:
    """The values of everything a statement of this shape may hold."""
    values: dict[str, Any] = {**days_of(horizon), **own_of(seen_by)}
    for name in ("round_slug", "unit_slug", "main_code", "indicator_id", "status", "due_on"):
        values[name] = getattr(filters, name)
    for name in ("unit_ids", "not_unit_ids", "task_ids"):
        values[name] = sorted(getattr(filters, name) or ())
    if filters.text:
        values["words"], values["code_begins"] = search_patterns(filters.text)
    return values
