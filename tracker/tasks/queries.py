"""Reads of tasks: lists, one row, and all counts. Timeliness is drawn in SQL by the same lines as in ``rules``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from tracker.assignments.models import Assignment, Cooperation
from tracker.deadlines.models import Round, RuleSet
from tracker.deadlines.rules import WorkingCalendar
from tracker.indicators.models import Indicator, IndicatorSet
from tracker.kernel.vietnamese import fold
from tracker.tasks.models import Task
from tracker.tasks.rules import DONE, OPEN, SET_ASIDE, Horizon, Progress, Standing, Timeliness, standing
from tracker.units.models import Unit
from tracker.units.rules import Action, Viewer

Main = aliased(Indicator, name="main_indicator")

_due = func.coalesce(Task.extended_to_on, Round.last_on)
_mending = and_(Task.mend_by_on.is_not(None), Task.mend_by_on > _due)
#: The last day in force of an open task, and the day its target is computed from.
_open_due = case((_mending, Task.mend_by_on), else_=_due)
_open_base = case((_mending, Task.mend_by_on), else_=func.coalesce(Task.extended_to_on, Round.nominal_on, Round.last_on))
_is_open = Task.status.in_(sorted(OPEN))
_is_done = Task.status.in_(sorted(DONE))


def band(timeliness: Timeliness, horizon: Horizon) -> ColumnElement[bool]:
    """The SQL condition of one timeliness on the horizon's day."""
    current = and_(_is_open, _open_due.is_not(None), _open_due >= horizon.today)
    conditions: dict[Timeliness, ColumnElement[bool]] = {
        Timeliness.OVERDUE: and_(_is_open, _open_due < horizon.today),
        Timeliness.DUE_TODAY: and_(current, _open_base < horizon.after_today),
        Timeliness.DUE_SOON: and_(current, _open_base >= horizon.after_today, _open_base < horizon.after_soon),
        Timeliness.NOT_DUE: and_(current, _open_base >= horizon.after_soon),
        Timeliness.NO_DEADLINE: or_(Task.status.in_(sorted(SET_ASIDE)), and_(_is_open, _open_due.is_(None))),
        Timeliness.DONE_ON_TIME: and_(_is_done, _due.is_not(None), or_(Task.submitted_on.is_(None), Task.submitted_on <= _due)),
        Timeliness.DONE_LATE: and_(_is_done, _due.is_not(None), Task.submitted_on > _due),
        Timeliness.DONE_NO_DEADLINE: and_(_is_done, _due.is_(None)),
    }
    return conditions[timeliness]


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
    standing: Standing


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
    status: Progress | None = None
    open_only: bool = False
    returned_only: bool = False
    text: str | None = None
    #: Only rounds not closed.
    current: bool = True
    task_ids: frozenset[int] | None = None


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """Which tasks a person may see: all, or those its units lead or are asked to help with."""
    if viewer.may(Action.SEE_ALL_TASKS):
        return true()
    own = viewer.unit_ids | viewer.group_ids
    if not own:
        return false()
    helps = (
        select(Cooperation.id)
        .join(Unit, and_(Unit.authority_id == Cooperation.authority_id, Unit.id == Cooperation.unit_id))
        .where(Cooperation.authority_id == Task.authority_id, Cooperation.assignment_id == Task.assignment_id, or_(Unit.id.in_(own), Unit.catch_all))
        .correlate(Task)
        .exists()
    )
    return or_(Task.unit_id.in_(own), helps)


def _joined(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Task)
        .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
        .join(Unit, and_(Unit.authority_id == Task.authority_id, Unit.id == Task.unit_id))
        .outerjoin(Indicator, Indicator.id == Task.indicator_id)
        .outerjoin(Main, Main.id == Indicator.main_id)
    )


def _narrowed(query: Select[Any], filters: Filters, horizon: Horizon) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if filters.current and filters.round_slug is None:
        conditions.append(Round.closed_at.is_(None))
    if filters.round_slug is not None:
        conditions.append(Round.slug == filters.round_slug)
    if filters.unit_slug is not None:
        conditions.append(Unit.slug == filters.unit_slug)
    if filters.unit_ids is not None:
        conditions.append(Task.unit_id.in_(filters.unit_ids))
    if filters.not_unit_ids is not None:
        conditions.append(Task.unit_id.not_in(filters.not_unit_ids))
    if filters.task_ids is not None:
        conditions.append(Task.id.in_(filters.task_ids))
    if filters.main_code is not None:
        conditions.append(Main.code == filters.main_code)
    if filters.indicator_id is not None:
        conditions.append(Task.indicator_id == filters.indicator_id)
    if filters.timeliness is not None:
        conditions.append(band(filters.timeliness, horizon))
    if filters.status is not None:
        conditions.append(Task.status == filters.status)
    if filters.open_only:
        conditions.append(_is_open)
    if filters.returned_only:
        conditions.append(_returned)
    if filters.text:
        conditions.append(_says(filters.text))
    return query.where(*conditions)


_returned = and_(Task.status == Progress.COLLECTING, Task.returned_at.is_not(None))


def _says(text: str) -> ColumnElement[bool]:
    """Search without diacritics over code, indicator and unit."""
    wanted = f"%{fold(text).replace('%', '').replace('_', '')}%"
    return or_(Indicator.folded.like(wanted), Indicator.code.like(f"{text.strip()}%"), Unit.folded.like(wanted))


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
    Task.extended_to_on,
    Task.mend_by_on,
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
_ORDER = (_open_due.is_(None), _open_due, Indicator.set_id, Indicator.position, Unit.position, Task.id)


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
    """Tasks with their standing, the nearest deadline first. ``seen_by`` narrows to what a person may see."""
    query = _narrowed(_joined(*_COLUMNS).outerjoin(IndicatorSet, IndicatorSet.id == Indicator.set_id), filters, horizon)
    if seen_by is not None:
        query = query.where(visible(seen_by))
    rows = session.execute(query.order_by(*_ORDER).limit(limit).offset(offset)).all()
    return [_row(row, calendar, horizon) for row in rows]


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
        standing=standing(
            status=row.status,
            nominal_on=row.nominal_on,
            last_on=row.last_on,
            extended_to_on=row.extended_to_on,
            mend_by_on=row.mend_by_on,
            submitted_on=row.submitted_on,
            calendar=calendar,
            horizon=horizon,
        ),
    )


def count(session: Session, filters: Filters, horizon: Horizon, *, seen_by: Viewer | None = None) -> int:
    """How many tasks a list has."""
    query = _narrowed(_joined(func.count(Task.id)), filters, horizon)
    if seen_by is not None:
        query = query.where(visible(seen_by))
    return int(session.scalar(query) or 0)


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
    done_late: int
    points_at_risk: Decimal | None
    #: Of all the tasks counted: None where the set prints no points at all.
    points_total: Decimal | None
    #: The earliest last day among what is overdue.
    first_missed_on: date | None

    @property
    def done(self) -> int:
        return self.ready + self.accepted


def tallies(
    session: Session, filters: Filters, horizon: Horizon, *, by_unit: bool = False, by_main: bool = False, seen_by: Viewer | None = None
) -> list[Tally]:
    """All the counts, in one pass, by unit and by main indicator or for the whole."""
    keys: list[Any] = [Task.unit_id.label("unit_id")] if by_unit else []
    keys += [Indicator.main_id.label("main_id")] if by_main else []
    overdue = band(Timeliness.OVERDUE, horizon)
    counted = {
        "total": true(),
        "not_started": Task.status == Progress.NOT_STARTED,
        "collecting": and_(Task.status == Progress.COLLECTING, Task.returned_at.is_(None)),
        "returned": _returned,
        "prepared": Task.status == Progress.PREPARED,
        "ready": Task.status == Progress.READY,
        "accepted": Task.status == Progress.ACCEPTED,
        "set_aside": Task.status.in_(sorted(SET_ASIDE)),
        "overdue": overdue,
        "due_today": band(Timeliness.DUE_TODAY, horizon),
        "due_soon": band(Timeliness.DUE_SOON, horizon),
        "done_late": band(Timeliness.DONE_LATE, horizon),
    }
    sums: list[Any] = [_sum(condition).label(name) for name, condition in counted.items()]
    sums += [func.sum(case((overdue, Indicator.max_points))).label("at_risk"), func.sum(Indicator.max_points).label("points")]
    sums += [func.min(case((overdue, _open_due))).label("missed")]
    query = _narrowed(_joined(*keys, *sums), filters, horizon)
    if seen_by is not None:
        query = query.where(visible(seen_by))
    if keys:
        query = query.group_by(*keys).order_by(*keys)
    return [
        Tally(
            unit_id=row.unit_id if by_unit else None,
            main_id=row.main_id if by_main else None,
            points_at_risk=_points(row.at_risk),
            points_total=_points(row.points),
            first_missed_on=row.missed,
            **{name: int(getattr(row, name) or 0) for name in counted},
        )
        for row in session.execute(query)
    ]


def _points(total: Any) -> Decimal | None:
    return None if total is None else Decimal(str(total))


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


@dataclass(frozen=True, slots=True)
class UrgentCode:
    """One task to chase, as light as can be: its unit and what to call it."""

    unit_id: int
    label: str


def urgent_codes(session: Session, bands: Collection[Timeliness], horizon: Horizon) -> list[UrgentCode]:
    """What is to be chased in some bands, in the order of the document."""
    query = (
        _joined(Task.unit_id, func.coalesce(Indicator.code, Task.title).label("label"))
        .where(Round.closed_at.is_(None), or_(*(band(one, horizon) for one in bands)))
        .order_by(Task.unit_id, Indicator.set_id, Indicator.position, Task.id)
    )
    return [UrgentCode(row.unit_id, row.label) for row in session.execute(query)]


def points_known(session: Session, set_ids: Collection[int]) -> bool:
    """Whether any of the sets prints points: else pages rank by number, and never print 0."""
    return bool(session.scalar(select(func.count(Indicator.id)).where(Indicator.set_id.in_(set_ids), Indicator.max_points > 0)))


def deadlines_ahead(session: Session, horizon: Horizon, until: date) -> Sequence[Any]:
    """(day, open tasks due then), soonest first."""
    day = _open_due.label("day")
    query = (
        _joined(day, func.count(Task.id).label("tasks"))
        .where(Round.closed_at.is_(None), _is_open, _open_due >= horizon.today, _open_due <= until)
        .group_by(day)
        .order_by(day)
    )
    return session.execute(query).all()


def task_ids_of_round(session: Session, round_id: int) -> set[tuple[int | None, int]]:
    """(indicator, unit) of every task of a round: what fan-out need not make again."""
    return {(i, u) for i, u in session.execute(select(Task.indicator_id, Task.unit_id).where(Task.round_id == round_id).order_by(Task.id))}


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
