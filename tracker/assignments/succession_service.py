"""Another unit in the place of one from a day on, as lead or as cooperator, and putting that back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.assignments.models import Assignment, Cooperation
from tracker.assignments.rules import divide
from tracker.kernel.clock import ONE_DAY
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import date_vn
from tracker.kernel.words import phrase
from tracker.units.models import Unit
from tracker.units.queries import units_by_id


@dataclass(frozen=True, slots=True)
class Slice:
    """An assignment as it holds from a day on. ``kept`` is what the former one was, for putting it back."""

    assignment: Assignment
    made: bool
    kept: dict[str, Any]


def put_in_place(session: Session, assignment: Assignment, former: Unit, successor: Unit, since: date) -> Slice:
    """The successor stands where the former unit stood, from a day on: the old row ends the day before and stays, a new one begins.

    An assignment that begins that day or later is changed in place. The caller tells the history. Raises Refused where another row of
    the same indicator begins that day.
    """
    helpers = _cooperators(session, assignment.id)
    lead = successor.id if assignment.lead_unit_id == former.id else assignment.lead_unit_id
    replaced = divide([lead], [successor.id if one == former.id else one for one in helpers]).cooperators
    kept = {"lead": assignment.lead_unit_id, "cooperators": helpers, "valid_to": assignment.valid_to.isoformat() if assignment.valid_to else None}
    if since <= assignment.valid_from:
        assignment.lead_unit_id = lead
        assignment.version += 1
        session.flush()
        _set(session, assignment, replaced)
        return Slice(assignment, False, kept)
    names = units_by_id(session, {lead, *replaced})
    made = Assignment(
        authority_id=assignment.authority_id,
        notice_id=assignment.notice_id,
        indicator_id=assignment.indicator_id,
        lead_unit_id=lead,
        lead_printed=names[lead].name if lead == successor.id else assignment.lead_printed,
        cooperators_printed="; ".join(names[one].name for one in replaced),
        position=assignment.position,
        valid_from=since,
        valid_to=assignment.valid_to,
    )
    assignment.valid_to = since - ONE_DAY
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        raise Refused(
            phrase("Chỉ số này đã có một lần giao khác bắt đầu ngày %(since)s; đồng chí sửa ở trang của văn bản.", since=date_vn(since))
        ) from None
    _set(session, made, replaced)
    return Slice(made, True, kept)


def put_back(session: Session, assignment: Assignment, made_id: int | None, version: int, kept: dict[str, Any]) -> None:
    """The assignment as it was. What began only by the change is taken away again: validity cannot be empty, and nothing hung on it.

    Raises Refused where somebody changed it since.
    """
    current = assignment if made_id is None else session.scalars(select(Assignment).where(Assignment.id == made_id)).one_or_none()
    if current is None or current.version != version:
        raise Refused("việc giao chỉ số này đã được sửa sau khi chuyển giao")
    if made_id is None:
        assignment.lead_unit_id = kept["lead"]
        assignment.version += 1
        session.flush()
        _set(session, assignment, kept["cooperators"])
        return
    _set(session, current, [])
    session.delete(current)
    session.flush()
    assignment.valid_to = date.fromisoformat(kept["valid_to"]) if kept["valid_to"] else None
    session.flush()


def _cooperators(session: Session, assignment_id: int) -> list[int]:
    query = select(Cooperation.unit_id).where(Cooperation.assignment_id == assignment_id)
    return list(session.scalars(query.order_by(Cooperation.position, Cooperation.id)))


def _set(session: Session, assignment: Assignment, unit_ids: list[int] | tuple[int, ...]) -> None:
    session.execute(delete(Cooperation).where(Cooperation.authority_id == assignment.authority_id, Cooperation.assignment_id == assignment.id))
    for order, unit_id in enumerate(unit_ids, start=1):
        session.add(Cooperation(authority_id=assignment.authority_id, assignment_id=assignment.id, unit_id=unit_id, position=order))
    session.flush()
