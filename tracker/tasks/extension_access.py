"""The only way to fetch a request for more time by id, and in whose name a person may ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.rules import Actor
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel.errors import Forbidden, NotFound
from tracker.tasks import access
from tracker.tasks import extension_queries as queries
from tracker.tasks.extension_queries import ExtensionRow
from tracker.tasks.extension_rules import Conditions, cannot_move, decider_words, decides, may_ask
from tracker.tasks.models import Extension, Task
from tracker.tasks.queries import TaskRow
from tracker.tasks.rules import ExtensionState, read_ticket
from tracker.units.models import Authority, Unit
from tracker.units.rules import Action, Viewer


def asking(session: Session, viewer: Viewer, task: Task) -> Actor | None:
    """In whose name this person asks for more time: the unit that leads the task, or the focal point «thay mặt» it; None where in nobody's."""
    if not viewer.may(Action.ASK_EXTENSION):
        return None
    if task.unit_id in viewer.unit_ids:
        return Actor(viewer.account_id, viewer.title)
    if viewer.may(Action.ACT_FOR_UNIT):
        unit = session.scalars(select(Unit).where(Unit.id == task.unit_id)).one()
        return Actor(viewer.account_id, viewer.title, None if unit.focal else unit.name)
    return None


def to_ask(session: Session, viewer: Viewer, task: Task) -> Actor:
    """The same, or Forbidden with the reason."""
    found = asking(session, viewer, task)
    if found is None:
        raise Forbidden("Chỉ đơn vị chủ trì (hoặc đầu mối thay mặt) mới đề nghị gia hạn cho nhiệm vụ này.")
    return found


class Asked(Protocol):
    """What somebody asked for: more time, a proposal."""

    @property
    def asked_by_id(self) -> int: ...


def may_withdraw(viewer: Viewer, one: Asked, unit_id: int) -> bool:
    """Who asked takes a request back, or the people of the unit that leads its task."""
    return one.asked_by_id == viewer.account_id or unit_id in viewer.unit_ids


def to_withdraw(session: Session, viewer: Viewer, extension_id: int) -> tuple[Extension, Task]:
    """A request and its task, both of which the person may see. Raises NotFound; Forbidden where it is somebody else's request."""
    one = session.scalars(select(Extension).where(Extension.id == extension_id)).one_or_none()
    if one is None:
        raise NotFound
    task = access.task(session, viewer, one.task_id)
    if not may_withdraw(viewer, one, task.unit_id):
        raise Forbidden("Đề nghị này do người khác gửi; chỉ người gửi hoặc đơn vị chủ trì mới rút được.")
    return one, task


def chosen(session: Session, tickets: Sequence[str]) -> list[tuple[ExtensionRow, int]]:
    """The requests a form names, each with the version its page showed («12-1»). Raises NotFound where one is not of this authority."""
    seen = dict(_ticket(ticket) for ticket in tickets)
    rows = queries.of_ids(session, seen)
    if len(rows) != len(seen):
        raise NotFound
    return [(row, seen[row.id]) for row in rows]


def _ticket(text: str) -> tuple[int, int]:
    found = read_ticket(text)
    if found is None:
        raise NotFound
    return found


def terms_of(authority: Authority) -> Conditions:
    """How an office takes requests."""
    return Conditions(authority.extension_notice_days, decider_words(authority.name, focal_extends=authority.focal_extends))


@dataclass(frozen=True, slots=True)
class Prospects:
    """The requests of one task, and what a person may do about its deadline. ``why_not``: why who could ask cannot now."""

    requests: tuple[ExtensionRow, ...] = ()
    waiting: ExtensionRow | None = None
    asks: bool = False
    why_not: str | None = None
    withdraws: bool = False
    decides: bool = False
    extends: bool = False


def prospects(
    session: Session, viewer: Viewer, authority: Authority, task: Task, row: TaskRow, calendar: WorkingCalendar, today: date, *, closed: bool
) -> Prospects:
    """What the page of a task shows of extensions; in a closed round nobody may do anything."""
    found = tuple(queries.of_task(session, task.id))
    waiting = next((one for one in found if one.state is ExtensionState.PENDING), None)
    if closed or cannot_move(row.status, row.standing.due_on):
        return Prospects(found, waiting)
    leads = waiting is None and asking(session, viewer, task) is not None
    why_not = may_ask(row.status, row.standing.due_on, today, calendar, terms_of(authority), pending=waiting is not None) if leads else None
    rules = viewer.may(Action.DECIDE_EXTENSION) and decides(viewer.roles, focal_extends=authority.focal_extends)
    return Prospects(
        found,
        waiting,
        asks=leads and why_not is None,
        why_not=why_not,
        withdraws=waiting is not None and viewer.may(Action.ASK_EXTENSION) and may_withdraw(viewer, waiting, task.unit_id),
        decides=rules and waiting is not None,
        extends=rules and waiting is None,
    )


def askable(session: Session, authority: Authority, rows: Sequence[TaskRow], calendar: WorkingCalendar, today: date) -> set[int]:
    """Of tasks of the person's own units: those for which more time may be asked today."""
    terms, waiting = terms_of(authority), queries.tasks_with_pending(session, [row.id for row in rows])
    return {row.id for row in rows if may_ask(row.status, row.standing.due_on, today, calendar, terms, pending=row.id in waiting) is None}
