"""The only way to fetch a contribution by id; who may ask for one, and in whose name it is answered."""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from tracker.audit.rules import Actor
from tracker.evidence import access
from tracker.evidence.access import Standpoint
from tracker.evidence.contribution_models import Contribution
from tracker.kernel.errors import Forbidden, NotFound
from tracker.tasks.models import Task
from tracker.units.models import Unit
from tracker.units.rules import Action, Viewer


def contribution(session: Session, viewer: Viewer, contribution_id: int) -> tuple[Contribution, Task]:
    """A contribution and its task: for the unit that is asked, for the task's lead, and for who oversees. Raises NotFound.

    The unit that is asked need not see the task: it may have left the notice since, and what it was asked for stays its own.
    """
    row = session.execute(
        select(Contribution, Task)
        .join(Task, and_(Task.authority_id == Contribution.authority_id, Task.id == Contribution.task_id))
        .where(Contribution.id == contribution_id)
    ).one_or_none()
    if row is None or not (row.Contribution.unit_id in viewer.unit_ids or access.sees_everything(viewer, row.Task)):
        raise NotFound
    return row.Contribution, row.Task


def answering(session: Session, viewer: Viewer, one: Contribution) -> Actor | None:
    """In whose name this person answers: the unit that is asked, or the focal point «thay mặt» it; None where in nobody's."""
    viewer.matter.unit_id = one.unit_id
    if viewer.may(Action.PREPARE_EVIDENCE) and one.unit_id in viewer.unit_ids:
        return Actor(viewer.account_id, viewer.title)
    if viewer.may(Action.ACT_FOR_UNIT):
        unit = session.scalars(select(Unit).where(Unit.id == one.unit_id)).one()
        return Actor(viewer.account_id, viewer.title, None if unit.focal else unit.name)
    return None


def to_answer(session: Session, viewer: Viewer, contribution_id: int) -> tuple[Contribution, Task, Actor]:
    """The same with the contribution and its task. Raises NotFound; Forbidden where it is another unit's to answer."""
    one, task = contribution(session, viewer, contribution_id)
    who = answering(session, viewer, one)
    if who is None:
        raise Forbidden("Chỉ đơn vị được nhờ (hoặc đầu mối thay mặt) mới trả lời được.")
    return one, task, who


def to_ask(session: Session, viewer: Viewer, task: Task) -> Standpoint:
    """The standpoint of somebody who may ask for contributions to a task, take the request back and use what came. Raises Forbidden."""
    viewer.matter.unit_id = task.unit_id
    found = access.standpoint(session, viewer, task)
    if found is None or not found.leads:
        raise Forbidden("Chỉ đơn vị chủ trì (hoặc đầu mối thay mặt) mới nhờ đơn vị phối hợp cung cấp và dùng những gì nhận được.")
    return found


def leading(session: Session, viewer: Viewer, contribution_id: int) -> tuple[Contribution, Task, Standpoint]:
    """A contribution, its task, and the standpoint of its lead. Raises NotFound, Forbidden."""
    one, task = contribution(session, viewer, contribution_id)
    return one, task, to_ask(session, viewer, task)
