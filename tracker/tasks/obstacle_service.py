"""Khó khăn, vướng mắc: reporting one, answering it, taking it back.

The history of the task says that it happened, not the words: cooperators read the history, and the words are not for them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.words import phrase
from tracker.tasks.models import Task
from tracker.tasks.service import expect_round_open
from tracker.tasks.talk_models import Obstacle
from tracker.tasks.talk_rules import OBSTACLE_WORDS, ObstacleState, cannot_report, said


def report(session: Session, task: Task, words: str | None, actor: Actor, now: datetime) -> Obstacle:
    """Báo khó khăn, vướng mắc. Raises Refused: no words, one waits already, the task is not open, its round is closed."""
    text = said(words, phrase("Đồng chí ghi vướng mắc gì và cần ai giúp, để người trả lời biết."), "words")
    expect_round_open(session, task)
    waiting = session.scalar(select(Obstacle.id).where(Obstacle.task_id == task.id, Obstacle.state == ObstacleState.OPEN)) is not None
    hindered = cannot_report(task.status, waiting=waiting)
    if hindered:
        raise Refused(hindered)
    one = Obstacle(
        authority_id=task.authority_id,
        task_id=task.id,
        state=ObstacleState.OPEN,
        words=text,
        reported_at=now,
        reported_by=actor.told,
        reported_by_id=actor.person,
    )
    try:
        # Two people of a unit may report at once: the database decides who was first.
        with session.begin_nested():
            session.add(one)
            session.flush()
    except IntegrityError:
        raise Refused(cannot_report(task.status, waiting=True) or "") from None
    _record(session, task, actor, "report", "Báo khó khăn, vướng mắc.", now, ("", text))
    return one


def answer(session: Session, one: Obstacle, task: Task, words: str | None, version: int | None, actor: Actor, now: datetime) -> None:
    """Trả lời vướng mắc. Raises Stale where it was answered or taken back meanwhile, Refused where nothing is said."""
    text = said(words, phrase("Đồng chí ghi câu trả lời, để đơn vị biết làm gì tiếp."), "words")
    expect_round_open(session, task)
    _expect(one, version, text)
    one.answer = text
    _settle(session, one, task, ObstacleState.ANSWERED, "Trả lời khó khăn, vướng mắc.", text, actor, now)


def withdraw(session: Session, one: Obstacle, task: Task, version: int | None, actor: Actor, now: datetime) -> None:
    """The unit solved it by itself. Raises Stale where it was answered meanwhile."""
    expect_round_open(session, task)
    _expect(one, version, OBSTACLE_WORDS[ObstacleState.WITHDRAWN])
    _settle(session, one, task, ObstacleState.WITHDRAWN, "Đơn vị đã tự giải quyết vướng mắc.", "", actor, now)


def _expect(one: Obstacle, version: int | None, yours: str) -> None:
    if one.state is ObstacleState.OPEN and version == one.version:
        return
    theirs = OBSTACLE_WORDS[one.state] + (f": {one.answer}" if one.answer else "") + (f" ({one.settled_by})" if one.settled_by else "")
    raise Stale(
        "Vướng mắc này vừa được người khác trả lời hoặc rút lại sau khi đồng chí mở trang. Chưa lưu gì cả; đồng chí xem kết quả rồi làm tiếp.",
        theirs={phrase("Vướng mắc"): theirs},
        yours={phrase("Vướng mắc"): yours},
    )


def _settle(session: Session, one: Obstacle, task: Task, state: ObstacleState, summary: str, words: str, actor: Actor, now: datetime) -> None:
    one.state, one.settled_at, one.settled_by = state, now, actor.told
    _record(session, task, actor, state.value, summary, now, ("", words))


def _record(session: Session, task: Task, actor: Actor, what: str, summary: str, now: datetime, words: tuple[str, str]) -> None:
    session.flush()
    changes = {"words": words} if words[1] else {}
    audit.record(session, actor, f"obstacle.{what}", summary, now=now, authority_id=task.authority_id, subject=("task", task.id), changes=changes)
    session.flush()
