"""Trao đổi: saying something about a task, turning to people, taking one's words back, having read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.kernel.errors import Refused
from tracker.kernel.words import phrase
from tracker.tasks.models import Task
from tracker.tasks.service import SENT_TWICE, expect_round_open, hold
from tracker.tasks.talk_models import Mention, Remark
from tracker.tasks.talk_queries import Person
from tracker.tasks.talk_rules import said


def say(session: Session, task: Task, words: str | None, mentioned: Collection[int], people: Sequence[Person], actor: Actor, now: datetime) -> Remark:
    """One remark; ``mentioned``: accounts among ``people``, those who may be mentioned. Raises Refused: no words, somebody who does not see the task.

    Whoever answers has read: what mentioned the speaker on this task counts as read. A form sent twice is one remark.
    """
    text = said(words, phrase("Đồng chí ghi ý kiến trao đổi."), "words")
    known = {one.account_id: one for one in people}
    if not set(mentioned) <= set(known):
        raise Refused("Chỉ nhắc được người của đơn vị chủ trì, đầu mối và lãnh đạo; đồng chí chọn trong danh sách.", field="mentioned")
    expect_round_open(session, task)
    hold(session, task)
    before = select(Remark).where(Remark.task_id == task.id, Remark.said_by_id == actor.person, Remark.words == text)
    before = before.where(Remark.withdrawn_at.is_(None), Remark.said_at > now - SENT_TWICE)
    if (twice := session.scalars(before.order_by(Remark.id)).first()) is not None:
        return twice
    one = Remark(authority_id=task.authority_id, task_id=task.id, words=text, said_at=now, said_by=actor.told, said_by_id=actor.person)
    session.add(one)
    session.flush()
    called = [known[id_] for id_ in sorted(set(mentioned) - {actor.account_id})]
    for called_one in called:
        session.add(Mention(authority_id=task.authority_id, remark_id=one.id, account_id=called_one.account_id, title=called_one.title))
    turned = f", nhắc {'; '.join(called_one.title for called_one in called)}" if called else ""
    _record(session, task, actor, "say", f"Viết ý kiến trao đổi{turned}.", now, text)
    mark_read(session, task, actor.person, now)
    return one


def withdraw(session: Session, one: Remark, task: Task, actor: Actor, now: datetime) -> None:
    """Rút lại: the remark stays, and that it was taken back shows. Taking it back again changes nothing."""
    expect_round_open(session, task)
    if one.withdrawn_at is not None:
        return
    one.withdrawn_at = now
    _record(session, task, actor, "withdraw", "Rút lại ý kiến trao đổi.", now, "")


def mark_read(session: Session, task: Task, account_id: int, now: datetime) -> int:
    """What mentions a person on a task is read. Returns how many remarks that were. No event: it says nothing about the task."""
    query = (
        select(Mention)
        .join(Remark, (Remark.authority_id == Mention.authority_id) & (Remark.id == Mention.remark_id))
        .where(Remark.task_id == task.id, Mention.account_id == account_id, Mention.read_at.is_(None))
        .order_by(Mention.id)
    )
    unread = list(session.scalars(query))
    for one in unread:
        one.read_at = now
    session.flush()
    return len(unread)


def _record(session: Session, task: Task, actor: Actor, what: str, summary: str, now: datetime, words: str) -> None:
    changes = {"words": ("", words)} if words else {}
    audit.record(session, actor, f"remark.{what}", summary, now=now, authority_id=task.authority_id, subject=("task", task.id), changes=changes)
    session.flush()
