"""The only way to fetch an obstacle, a directive or a remark by id, and who takes part in the talk of a task.

What is said about a task is for who sees every task of the authority, and for the people of the unit that leads it. Not for units that
cooperate in it, and not for other authorities.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.rules import Actor
from tracker.kernel.errors import Forbidden, NotFound
from tracker.tasks import access
from tracker.tasks import talk_queries as queries
from tracker.tasks.models import Task
from tracker.tasks.rules import Progress
from tracker.tasks.talk_models import Directive, Obstacle, Remark
from tracker.tasks.talk_queries import Line
from tracker.tasks.talk_rules import Kind, cannot_report
from tracker.units.models import Unit
from tracker.units.rules import Action, Viewer


def sees_talk(viewer: Viewer, unit_id: int) -> bool:
    """Whether the person sees what is said about the tasks this unit leads."""
    return viewer.may(Action.SEE_ALL_TASKS) or unit_id in viewer.unit_ids


def task(session: Session, viewer: Viewer, task_id: int) -> Task:
    """A task whose talk the person sees. Raises NotFound, also for a cooperator, who sees the task but not what is said."""
    found = access.task(session, viewer, task_id)
    if not sees_talk(viewer, found.unit_id):
        raise NotFound("Trao đổi của nhiệm vụ này dành cho đơn vị chủ trì, đầu mối và lãnh đạo.")
    return found


def obstacle(session: Session, viewer: Viewer, obstacle_id: int) -> tuple[Obstacle, Task]:
    """An obstacle and its task. Raises NotFound."""
    found = session.scalars(select(Obstacle).where(Obstacle.id == obstacle_id)).one_or_none()
    if found is None:
        raise NotFound
    return found, task(session, viewer, found.task_id)


def directive(session: Session, viewer: Viewer, directive_id: int) -> tuple[Directive, Task]:
    """A directive and its task. Raises NotFound."""
    found = session.scalars(select(Directive).where(Directive.id == directive_id)).one_or_none()
    if found is None:
        raise NotFound
    return found, task(session, viewer, found.task_id)


def own_remark(session: Session, viewer: Viewer, remark_id: int) -> tuple[Remark, Task]:
    """A remark of one's own and its task. Raises NotFound; Forbidden where somebody else said it."""
    found = session.scalars(select(Remark).where(Remark.id == remark_id)).one_or_none()
    if found is None:
        raise NotFound
    about = task(session, viewer, found.task_id)
    if found.said_by_id != viewer.account_id:
        raise Forbidden("Ý kiến này do người khác viết; chỉ người viết mới rút lại được.")
    return found, about


def _may_stand_for(viewer: Viewer, unit_id: int, action: Action) -> bool:
    return viewer.may(action) and (unit_id in viewer.unit_ids or viewer.may(Action.ACT_FOR_UNIT))


def for_lead(session: Session, viewer: Viewer, about: Task, action: Action) -> Actor:
    """In whose name a person reports an obstacle or answers a directive: the lead unit, or the focal point «thay mặt» it. Raises Forbidden."""
    if not _may_stand_for(viewer, about.unit_id, action):
        raise Forbidden("Chỉ đơn vị chủ trì (hoặc đầu mối thay mặt) mới làm việc này với nhiệm vụ.")
    if about.unit_id in viewer.unit_ids:
        return Actor(viewer.account_id, viewer.title)
    unit = session.scalars(select(Unit).where(Unit.id == about.unit_id)).one()
    return Actor(viewer.account_id, viewer.title, None if unit.focal else unit.name)


def may_answer(viewer: Viewer, reported_by_id: int) -> bool:
    """Whether the person answers an obstacle: the focal point or a leader, and not who reported it."""
    return viewer.may(Action.ANSWER_OBSTACLE) and reported_by_id != viewer.account_id


def to_answer(viewer: Viewer, one: Obstacle) -> None:
    """Raises Forbidden where the person does not answer this obstacle."""
    if not may_answer(viewer, one.reported_by_id):
        raise Forbidden("Người báo vướng mắc không tự trả lời; đã giải quyết xong thì đồng chí bấm “Đã tự giải quyết”.")


@dataclass(frozen=True, slots=True)
class Talk:
    """What the page of a task shows of its talk, and what the person may do. ``why_not``: why who could report an obstacle cannot now."""

    directives: tuple[Line, ...]
    obstacles: tuple[Line, ...]
    remarks: tuple[Line, ...]
    reports: bool
    why_not: str | None
    withdraws: bool
    answers: bool
    directs: bool
    replies: bool
    discusses: bool
    #: How many remarks mention the person and are not read yet.
    unread: int
    viewer_id: int


def talk(session: Session, viewer: Viewer, task_id: int, unit_id: int, status: Progress, *, closed: bool) -> Talk | None:
    """The talk of a task; None where the person does not see it. In a closed round nobody says anything more. One read."""
    if not sees_talk(viewer, unit_id):
        return None
    lines = queries.of_task(session, viewer.authority_id, task_id)
    obstacles = tuple(line for line in reversed(lines) if line.kind is Kind.OBSTACLE)
    remarks = tuple(line for line in lines if line.kind is Kind.REMARK)
    open_one = next((line for line in obstacles if line.waits), None)
    leads = not closed and _may_stand_for(viewer, unit_id, Action.REPORT_OBSTACLE)
    hindered = cannot_report(status, waiting=open_one is not None)
    return Talk(
        directives=tuple(line for line in reversed(lines) if line.kind is Kind.DIRECTIVE),
        obstacles=obstacles,
        remarks=remarks,
        reports=leads and hindered is None,
        why_not=hindered if leads else None,
        withdraws=leads and open_one is not None,
        answers=not closed and open_one is not None and may_answer(viewer, open_one.by_id),
        directs=not closed and viewer.may(Action.DIRECT),
        replies=not closed and _may_stand_for(viewer, unit_id, Action.ANSWER_DIRECTIVE),
        discusses=not closed and viewer.may(Action.DISCUSS),
        unread=sum(one.account_id == viewer.account_id and one.read_at is None for line in remarks if not line.settled_at for one in line.mentions),
        viewer_id=viewer.account_id,
    )
