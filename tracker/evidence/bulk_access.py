"""Which tasks a person may decide on together, and in whose name one brings evidence for a whole unit."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.evidence import access
from tracker.evidence.access import Standpoint
from tracker.evidence.models import EvidenceItem
from tracker.evidence.rules import ItemKind
from tracker.kernel.errors import Forbidden, NotFound
from tracker.tasks import queries as tasks_queries
from tracker.tasks.models import Task
from tracker.tasks.queries import Filters, TaskRow
from tracker.tasks.rules import Horizon
from tracker.units import access as units_access
from tracker.units.models import Unit
from tracker.units.rules import Viewer


def chosen(session: Session, viewer: Viewer, ids: Collection[int], calendar: WorkingCalendar, horizon: Horizon) -> list[TaskRow]:
    """The tasks a form names, as pages show them. Raises NotFound where one is not the person's to see."""
    if not ids:
        return []
    rows = tasks_queries.listed(session, Filters(task_ids=frozenset(ids), current=False), calendar, horizon, seen_by=viewer)
    if len(rows) != len(set(ids)):
        raise NotFound
    return rows


def expect_head(viewer: Viewer, rows: Sequence[TaskRow]) -> None:
    """Only the head of the unit that leads a task approves it. Raises Forbidden."""
    if any(row.unit_id not in viewer.head_unit_ids for row in rows):
        raise Forbidden("Chỉ lãnh đạo của đơn vị chủ trì mới duyệt nhiệm vụ này.")


def to_bring_for(session: Session, viewer: Viewer, slug: str) -> tuple[Unit, Standpoint]:
    """How a person may bring evidence for any task of a unit: its own people, or the focal point «thay mặt». Raises NotFound, Forbidden."""
    unit = units_access.unit_by_slug(session, slug)
    viewer.matter.unit_id = unit.id
    stand = access.for_unit(viewer, unit)
    if stand is not None:
        return unit, stand
    raise Forbidden("Chỉ người của đơn vị, hoặc đầu mối thay mặt, mới nộp minh chứng cho các nhiệm vụ của đơn vị này.")


def item_of(session: Session, viewer: Viewer, unit: Unit, item_id: int) -> EvidenceItem:
    """An item of the unit that may serve other tasks: a sentence why there is none serves no other. Raises NotFound."""
    found = access.item(session, viewer, item_id)
    if found.unit_id != unit.id or found.kind is ItemKind.STATEMENT:
        raise NotFound
    return found


def of_unit(session: Session, unit_id: int, ids: Collection[int]) -> dict[int, int | None]:
    """Task → its indicator, of tasks a form names. Raises NotFound where one is not the unit's."""
    query = select(Task.id, Task.indicator_id).where(Task.id.in_(ids), Task.unit_id == unit_id).order_by(Task.id)
    found: dict[int, int | None] = {row.id: row.indicator_id for row in session.execute(query)}
    if len(found) != len(set(ids)):
        raise NotFound
    return found
