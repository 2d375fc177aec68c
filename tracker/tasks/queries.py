"""Reads of tasks: lists, one row, and all counts. Timeliness is drawn in SQL by the same lines as in ``rules``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from tracker.assignments.models import Assignment
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.deadlines.models import Round, RuleSet
from tracker.indicators.models import Indicator, IndicatorSet
from tracker.tasks.models import Task
from tracker.tasks.narrowing import BANDS, IS_OPEN, OPEN_DUE, RETURNED, Main, Shape, days_of, is_one_of, shape_of, values_of
from tracker.tasks.narrowing import Filters as Filters
from tracker.tasks.rules import SET_ASIDE, Horizon, Progress, Standing, Timeliness, standing
from tracker.units.models import Unit
from tracker.units.rules import Viewer


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task as every list shows it. ``code`` and ``main_code`` are None for a titled duty; ``points`` None where not printed."""

    id: int
    authority_id: int
    version: int
    status: Progress
    returned: bool
    reason: str | None
    name: str
    code: str | None
    indicator_id: int | None
    set_slug: str | None
    main_id: int | None
    main_code: str | None
    main_name: str | None
    points: Decimal | None
    unit_id: int
    unit_name: str
    unit_slug: str
    unit_focal: bool
    group_id: int | None
    assignment_id: int | None
    round_id: int
    round_slug: str
    round_name: str
    on_behalf: bool
    own_acceptance: bool
    submitted_at: Any
    resubmitted_at: Any
    #: What the last return left to mend until.
    mend_by_on: date | None
    #: Another body's answer is awaited until then.
    paused_until_on: date | None
    #: The round's own last day, whatever was granted since, and how many times something was.
    original_on: date | None
    extensions: int
    standing: Standing

    @property
    def label(self) -> str:
        """What to call it where there is little room."""
        return self.code or self.name

    @property
    def ticket(self) -> str:
        """The task as a form of many names it: which, and the version that was on the screen."""
        return f"{self.id}-{self.version}"


def _joined(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Task)
        .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
        .join(Unit, and_(Unit.authority_id == Task.authority_id, Unit.id == Task.unit_id))
        .outerjoin(Indicator, Indicator.id == Task.indicator_id)
        .outerjoin(Main, Main.id == Indicator.main_id)
    )


_COLUMNS = (
    Task.id,
    Task.authority_id,
    Task.version,
    Task.status,
    Task.returned_at,
    Task.reason,
    Task.title,
    Task.indicator_id,
    Task.unit_id,
    Task.group_id,
    Task.assignment_id,
    Task.round_id,
    Task.on_behalf,
    Task.own_acceptance,
    Task.submitted_at,
    Task.submitted_on,
    Task.resubmitted_at,
    Task.resubmitted_on,
    Task.extensions,
    Task.extended_to_on,
    Task.mend_by_on,
    Task.paused_until_on,
    Round.slug.label("round_slug"),
    Round.name.label("round_name"),
    Round.nominal_on,
    Round.last_on,
    Unit.name.label("unit_name"),
    Unit.slug.label("unit_slug"),
    Unit.focal.label("unit_focal"),
    Indicator.code,
    Indicator.name.label("indicator_name"),
    Indicator.max_points,
    IndicatorSet.slug.label("set_slug"),
    Main.id.label("main_id"),
    Main.code.label("main_code"),
    Main.name.label("main_name"),
)

#: Late first, then by deadline, then in the order of the document.
_ORDER = (OPEN_DUE.is_(None), OPEN_DUE, Indicator.set_id, Indicator.position, Unit.position, Task.id)


@lru_cache(maxsize=512)
def _list_statement(shape: Shape, limited: bool) -> Select[Any]:
    query = shape.narrow(_joined(*_COLUMNS).outerjoin(IndicatorSet, IndicatorSet.id == Indicator.set_id)).order_by(*_ORDER)
    return query.limit(bindparam("limit", type_=Integer())).offset(bindparam("offset", type_=Integer())) if limited else query


def listed(
    session: Session,
    filters: Filters,
    calendar: WorkingCalendar,
    horizon: Horizon,
    *,
    seen_by: Viewer | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[TaskRow]:
    """Tasks with their standing, the nearest deadline first. ``seen_by`` narrows to what a person may see; ``offset`` goes with a limit."""
    statement = _list_statement(shape_of(filters, seen_by), limit is not None)
    values = values_of(filters, horizon, seen_by) | {"limit": limit, "offset": offset}
    return [_row(row, calendar, horizon) for row in session.execute(statement, values)]


def _row(row: Any, calendar: WorkingCalendar, horizon: Horizon) -> TaskRow:
    return TaskRow(
        id=row.id,
        authority_id=row.authority_id,
        version=row.version,
        status=row.status,
        returned=row.status is Progress.COLLECTING and row.returned_at is not None,
        reason=row.reason,
        name=row.indicator_name or row.title,
        code=row.code,
        indicator_id=row.indicator_id,
        set_slug=row.set_slug,
        main_id=row.main_id,
        main_code=row.main_code,
        main_name=row.main_name,
        points=row.max_points,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        unit_slug=row.unit_slug,
        unit_focal=row.unit_focal,
        group_id=row.group_id,
        assignment_id=row.assignment_id,
        round_id=row.round_id,
        round_slug=row.round_slug,
        round_name=row.round_name,
        on_behalf=row.on_behalf,
        own_acceptance=row.own_acceptance,
        submitted_at=row.submitted_at,
        resubmitted_at=row.resubmitted_at,
        mend_by_on=row.mend_by_on,
        paused_until_on=row.paused_until_on,
        original_on=row.last_on,
        extensions=row.extensions,
        standing=standing(
            status=row.status,
            nominal_on=row.nominal_on,
            last_on=row.last_on,
            extended_to_on=row.extended_to_on,
            mend_by_on=row.mend_by_on,
            paused_until_on=row.paused_until_on,
            submitted_on=row.submitted_on,
            resubmitted_on=row.resubmitted_on,
            calendar=calendar,
            horizon=horizon,
        ),
    )


@lru_cache(maxsize=512)
def _count_statement(shape: Shape) -> Select[Any]:
    return shape.narrow(_joined(func.count(Task.id)))


def count(session: Session, filters: Filters, horizon: Horizon, *, seen_by: Viewer | None = None) -> int:
    """How many tasks a list has."""
    return int(session.scalar(_count_statement(shape_of(filters, seen_by)), values_of(filters, horizon, seen_by)) or 0)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one cell (a unit, a main indicator, or both). Points are sums of what is printed; None where nothing is."""

    unit_id: int | None
    main_id: int | None
    total: int
    not_started: int
    collecting: int
    returned: int
    prepared: int
    ready: int
    accepted: int
    set_aside: int
    overdue: int
    due_today: int
    due_soon: int
    not_due: int
    done_late: int
    points_at_risk: Decimal | None
    #: Of all the tasks counted: None where the set prints no points at all.
    points_total: Decimal | None
    #: The earliest last day among what is overdue.
    first_missed_on: date | None

    @property
    def done(self) -> int:
        return self.ready + self.accepted

    @property
    def no_deadline(self) -> int:
        """What has no day to be late by: set aside, or asked for without one."""
        return self.total - self.done - self.overdue - self.due_today - self.due_soon - self.not_due


_COUNTED: dict[str, ColumnElement[bool]] = {
    "total": Task.id.is_not(None),
    "not_started": is_one_of([Progress.NOT_STARTED]),
    "collecting": and_(is_one_of([Progress.COLLECTING]), Task.returned_at.is_(None)),
    "returned": RETURNED,
    "prepared": is_one_of([Progress.PREPARED]),
    "ready": is_one_of([Progress.READY]),
    "accepted": is_one_of([Progress.ACCEPTED]),
    "set_aside": is_one_of(SET_ASIDE),
    "overdue": BANDS[Timeliness.OVERDUE],
    "due_today": BANDS[Timeliness.DUE_TODAY],
    "due_soon": BANDS[Timeliness.DUE_SOON],
    "not_due": BANDS[Timeliness.NOT_DUE],
    "done_late": BANDS[Timeliness.DONE_LATE],
}


@lru_cache(maxsize=512)
def _tally_statement(shape: Shape, by_unit: bool, by_main: bool) -> Select[Any]:
    overdue = BANDS[Timeliness.OVERDUE]
    keys: list[Any] = [Task.unit_id.label("unit_id")] if by_unit else []
    keys += [Indicator.main_id.label("main_id")] if by_main else []
    sums: list[Any] = [func.count().filter(condition).label(name) for name, condition in _COUNTED.items()]
    sums += [func.sum(case((overdue, Indicator.max_points))).label("at_risk"), func.sum(Indicator.max_points).label("points")]
    sums += [func.min(case((overdue, OPEN_DUE))).label("missed")]
    query = shape.narrow(_joined(*keys, *sums))
    return query.group_by(*keys).order_by(*keys) if keys else query


def tallies(
    session: Session, filters: Filters, horizon: Horizon, *, by_unit: bool = False, by_main: bool = False, seen_by: Viewer | None = None
) -> list[Tally]:
    """All the counts, in one pass, by unit and by main indicator or for the whole."""
    statement = _tally_statement(shape_of(filters, seen_by), by_unit, by_main)
    first, last = by_unit + by_main, by_unit + by_main + len(_COUNTED)
    found = []
    for row in session.execute(statement, values_of(filters, horizon, seen_by)):
        at_risk, points, missed = row[last:]
        unit_id, main_id = row[0] if by_unit else None, row[first - 1] if by_main else None
        counts: dict[str, Any] = dict(zip(_COUNTED, row[first:last], strict=True))
        counts |= {"points_at_risk": _points(at_risk), "points_total": _points(points), "first_missed_on": missed}
        found.append(Tally(unit_id=unit_id, main_id=main_id, **counts))
    return found


def _points(total: Any) -> Decimal | None:
    return None if total is None else Decimal(str(total))


@dataclass(frozen=True, slots=True)
class UrgentCode:
    """One task to chase, as light as can be: its unit and what to call it."""

    unit_id: int
    label: str
    #: Of which round, and whether its last day has passed: what a letter can be about.
    round_slug: str = ""
    late: bool = False


@lru_cache(maxsize=64)
def _urgent_statement(bands: tuple[Timeliness, ...]) -> Select[Any]:
    late = case((BANDS[Timeliness.OVERDUE], 1), else_=0).label("late")
    return (
        _joined(Task.unit_id, func.coalesce(Indicator.code, Task.title).label("label"), Round.slug.label("round_slug"), late)
        .where(Round.closed_at.is_(None), or_(*(BANDS[one] for one in bands)))
        .order_by(Task.unit_id, Indicator.set_id, Indicator.position, Task.id)
    )


def urgent_codes(session: Session, bands: Collection[Timeliness], horizon: Horizon) -> list[UrgentCode]:
    """What is to be chased in some bands, in the order of the document."""
    rows = session.execute(_urgent_statement(tuple(bands)), days_of(horizon))
    return [UrgentCode(unit_id, label, round_slug, bool(late)) for unit_id, label, round_slug, late in rows]


def points_known(session: Session, set_ids: Collection[int]) -> bool:
    """Whether any of the sets prints points: else pages rank by number, and never print 0."""
    return bool(session.scalar(select(func.count(Indicator.id)).where(Indicator.set_id.in_(set_ids), Indicator.max_points > 0)))


_day = OPEN_DUE.label("day")
_AHEAD = (
    _joined(_day, func.count(Task.id).label("tasks"))
    .where(Round.closed_at.is_(None), IS_OPEN, OPEN_DUE.between(bindparam("today", type_=Date()), bindparam("until", type_=Date())))
    .group_by(_day)
    .order_by(_day)
)


def deadlines_ahead(session: Session, horizon: Horizon, until: date) -> Sequence[Any]:
    """(day, open tasks due then), soonest first."""
    return session.execute(_AHEAD, {"today": horizon.today, "until": until}).all()


def task_ids_of_round(session: Session, round_id: int) -> set[tuple[int | None, int]]:
    """(indicator, unit) of every task of a round: what fan-out need not make again."""
    return {(i, u) for i, u in session.execute(select(Task.indicator_id, Task.unit_id).where(Task.round_id == round_id).order_by(Task.id))}


def label_of(session: Session, task: Task) -> str:
    """What to call a task on the pages about it: the code of its indicator, or its title."""
    if task.indicator_id is None:
        return task.title or ""
    return session.scalars(select(Indicator.code).where(Indicator.id == task.indicator_id)).one()


def twins(session: Session, task: Task) -> list[tuple[Task, Round]]:
    """The same indicator's open tasks of the same unit in the other rounds not closed, the nearest deadline first."""
    if task.indicator_id is None:
        return []
    query = (
        select(Task, Round)
        .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
        .where(Task.indicator_id == task.indicator_id, Task.unit_id == task.unit_id, Task.id != task.id, Round.closed_at.is_(None), IS_OPEN)
        .order_by(Round.last_on.is_(None), Round.last_on, Task.id)
    )
    return [(other, one) for other, one in session.execute(query)]


@dataclass(frozen=True, slots=True)
class RoundCount:
    """Tasks of one round, how many are still to be done, and how many of those are late."""

    total: int
    open: int
    overdue: int


@lru_cache(maxsize=64)
def _by_round_statement(shape: Shape) -> Select[Any]:
    counted = (func.count(Task.id), func.count().filter(IS_OPEN), func.count().filter(BANDS[Timeliness.OVERDUE]))
    return shape.narrow(_joined(Task.round_id, *counted)).group_by(Task.round_id).order_by(Task.round_id)


def counts_by_round(session: Session, filters: Filters, horizon: Horizon, *, seen_by: Viewer | None = None) -> dict[int, RoundCount]:
    """Round → the counts of its tasks, of what a person may see; a round without any is left out."""
    statement = _by_round_statement(shape_of(filters, seen_by))
    found = session.execute(statement, values_of(filters, horizon, seen_by))
    return {round_id: RoundCount(total, still_open, overdue) for round_id, total, still_open, overdue in found}


def tallies_of_round(session: Session, one: Round, horizon: Horizon, seen_by: Viewer | None) -> Tally:
    """The counts of one round, of what a person may see."""
    filters = Filters(round_slug=one.slug)
    return tallies(session, filters, horizon, seen_by=seen_by)[0]


def assigned_indicators(session: Session, rule_ids: Collection[int]) -> list[Indicator]:
    """The leaves that are assigned in the sets of some rules, in printed order: what an ad-hoc round may choose from."""
    query = (
        select(Indicator)
        .where(
            Indicator.set_id.in_(select(RuleSet.set_id).where(RuleSet.rule_id.in_(rule_ids))),
            Indicator.id.in_(select(Assignment.indicator_id)),
        )
        .order_by(Indicator.set_id, Indicator.position)
    )
    return list(session.scalars(query))
