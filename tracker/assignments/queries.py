"""Reads of notices and of who does which indicator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from tracker.assignments.models import Assignment, Cooperation, Notice
from tracker.indicators.models import Indicator, IndicatorSet
from tracker.units.models import Unit
from tracker.units.queries import holds


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """One indicator of a notice with its lead and, in printed order, its cooperators."""

    assignment: Assignment
    notice: Notice
    indicator: Indicator
    set_slug: str
    lead: Unit
    cooperators: tuple[Unit, ...]


def on_day(day: date) -> ColumnElement[bool]:
    """Assignments in force on a day; both ends count."""
    return holds(Assignment.valid_from, Assignment.valid_to, day)


def of_authority(session: Session, authority_id: int, day: date) -> list[AssignmentRow]:
    """Every assignment of an authority in force on a day."""
    return _rows(session, and_(Assignment.authority_id == authority_id, on_day(day)))


def of_notice(session: Session, notice: Notice, day: date) -> list[AssignmentRow]:
    """The assignments of one notice in force on a day."""
    return _rows(session, and_(Assignment.authority_id == notice.authority_id, Assignment.notice_id == notice.id, on_day(day)))


def of_indicator(session: Session, authority_id: int, indicator_id: int, day: date | None = None) -> list[AssignmentRow]:
    """Who has one indicator on a day, or has ever had it where no day is given: one row for each notice and time."""
    wanted = and_(Assignment.authority_id == authority_id, Assignment.indicator_id == indicator_id)
    return _rows(session, wanted if day is None else and_(wanted, on_day(day)))


def by_id(session: Session, assignment_id: int | None) -> AssignmentRow | None:
    """The assignment behind a task of the scope; None for a titled duty."""
    return _rows(session, Assignment.id == assignment_id)[0] if assignment_id is not None else None


def history_of(session: Session, assignment: Assignment) -> list[AssignmentRow]:
    """All rows of the same indicator in the same notice, past, present and to come."""
    return _rows(
        session,
        and_(
            Assignment.authority_id == assignment.authority_id,
            Assignment.notice_id == assignment.notice_id,
            Assignment.indicator_id == assignment.indicator_id,
        ),
    )


def leads_of_set(session: Session, authority_id: int, set_id: int, day: date) -> dict[int, Unit]:
    """Indicator → the unit that leads it on a day; the newest notice counts where several assign it."""
    rows = session.execute(
        select(Assignment.indicator_id, Unit)
        .join(Unit, and_(Unit.authority_id == Assignment.authority_id, Unit.id == Assignment.lead_unit_id))
        .join(Indicator, Indicator.id == Assignment.indicator_id)
        .where(Assignment.authority_id == authority_id, Indicator.set_id == set_id, on_day(day))
        .order_by(Assignment.valid_from, Assignment.id)
    )
    return {row[0]: row[1] for row in rows}


def notices(session: Session, authority_id: int) -> list[tuple[Notice, int]]:
    """The notices of an authority, newest first, each with the number of indicators it has ever assigned."""
    count = (
        select(func.count(func.distinct(Assignment.indicator_id)))
        .where(Assignment.authority_id == Notice.authority_id, Assignment.notice_id == Notice.id)
        .scalar_subquery()
    )
    rows = session.execute(select(Notice, count).where(Notice.authority_id == authority_id).order_by(Notice.valid_from.desc(), Notice.id.desc()))
    return [(row[0], row[1]) for row in rows]


def sets_of_notice(session: Session, notice: Notice) -> list[IndicatorSet]:
    """The sets whose indicators a notice assigns."""
    used = (
        select(Indicator.set_id)
        .join(Assignment, Assignment.indicator_id == Indicator.id)
        .where(Assignment.authority_id == notice.authority_id, Assignment.notice_id == notice.id)
    )
    return list(session.scalars(select(IndicatorSet).where(IndicatorSet.id.in_(used)).order_by(IndicatorSet.id)))


def _rows(session: Session, wanted: ColumnElement[bool]) -> list[AssignmentRow]:
    """Two queries, however many rows there are."""
    found = session.execute(
        select(Assignment, Notice, Indicator, IndicatorSet.slug, Unit)
        .join(Notice, and_(Notice.authority_id == Assignment.authority_id, Notice.id == Assignment.notice_id))
        .join(Indicator, Indicator.id == Assignment.indicator_id)
        .join(IndicatorSet, IndicatorSet.id == Indicator.set_id)
        .join(Unit, and_(Unit.authority_id == Assignment.authority_id, Unit.id == Assignment.lead_unit_id))
        .where(wanted)
        .order_by(Notice.valid_from, Notice.id, Assignment.position, Assignment.valid_from, Assignment.id)
    ).all()
    helpers: dict[int, list[Unit]] = {}
    for assignment_id, unit in session.execute(
        select(Cooperation.assignment_id, Unit)
        .join(Unit, and_(Unit.authority_id == Cooperation.authority_id, Unit.id == Cooperation.unit_id))
        .join(Assignment, and_(Assignment.authority_id == Cooperation.authority_id, Assignment.id == Cooperation.assignment_id))
        .where(wanted)
        .order_by(Cooperation.assignment_id, Cooperation.position)
    ):
        helpers.setdefault(assignment_id, []).append(unit)
    return [
        AssignmentRow(assignment, notice, indicator, set_slug, lead, tuple(helpers.get(assignment.id, ())))
        for assignment, notice, indicator, set_slug, lead in found
    ]
