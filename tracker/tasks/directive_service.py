"""Ý kiến chỉ đạo: giving one, answering it, giving it once more, closing it.

As with obstacles the history says that it happened, not the words.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.kernel.clock import local_day
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.vietnamese import date_vn
from tracker.kernel.words import phrase
from tracker.tasks.models import Task
from tracker.tasks.service import SENT_TWICE, expect_round_open, hold
from tracker.tasks.talk_models import Directive
from tracker.tasks.talk_rules import DIRECTIVE_WORDS, DirectiveState, cannot_reply_by, said


def direct(session: Session, task: Task, words: str | None, reply_by_on: date | None, actor: Actor, now: datetime, *, times: int = 1) -> Directive:
    """Leaves a directive on a task; ``reply_by_on``: the last day for an answer. Raises Refused: no words, a past day, a closed round.

    A form sent twice is one directive.
    """
    text = said(words, phrase("Đồng chí ghi ý kiến chỉ đạo, để đơn vị biết cần làm gì."), "words")
    hindered = cannot_reply_by(reply_by_on, local_day(now))
    if hindered:
        raise Refused(hindered, field="reply_by_on")
    expect_round_open(session, task)
    hold(session, task)
    before = select(Directive).where(Directive.task_id == task.id, Directive.given_by_id == actor.person, Directive.words == text)
    before = before.where(Directive.times == times, Directive.given_at > now - SENT_TWICE)
    if (twice := session.scalars(before.order_by(Directive.id)).first()) is not None:
        return twice
    one = Directive(
        authority_id=task.authority_id,
        task_id=task.id,
        state=DirectiveState.WAITING,
        words=text,
        reply_by_on=reply_by_on,
        times=times,
        given_at=now,
        given_by=actor.told,
        given_by_id=actor.person,
    )
    session.add(one)
    until = f", trả lời trước hết ngày {date_vn(reply_by_on)}" if reply_by_on else ""
    summary = f"Ý kiến chỉ đạo{until}." if times == 1 else f"Nhắc lại ý kiến chỉ đạo, lần {times}{until}."
    _record(session, task, actor, "give" if times == 1 else "repeat", summary, now, text)
    return one


def answer(session: Session, one: Directive, task: Task, words: str | None, version: int | None, actor: Actor, now: datetime) -> None:
    """The lead unit, or the focal point, says what was done. Raises Stale where another answered or it was closed meanwhile."""
    text = said(words, phrase("Đồng chí ghi câu trả lời: đã làm gì, bao giờ xong."), "words")
    expect_round_open(session, task)
    if one.state is not DirectiveState.WAITING:
        _stale(one, text)
    _expect(one, version, text)
    one.state, one.answer, one.answered_at, one.answered_on, one.answered_by = DirectiveState.ANSWERED, text, now, local_day(now), actor.told
    _record(session, task, actor, "answer", "Trả lời ý kiến chỉ đạo.", now, text)


def close(session: Session, one: Directive, task: Task, version: int | None, actor: Actor, now: datetime) -> None:
    """Nothing more is awaited. Raises Stale where it changed meanwhile."""
    expect_round_open(session, task)
    _close(session, one, version, actor, now, DIRECTIVE_WORDS[DirectiveState.CLOSED])
    _record(session, task, actor, "close", "Kết thúc ý kiến chỉ đạo.", now, "")


def repeat(
    session: Session, one: Directive, task: Task, words: str | None, reply_by_on: date | None, version: int | None, actor: Actor, now: datetime
) -> Directive:
    """Nhắc lại: the former is closed with its answer, and a new one awaits one. Raises Stale and Refused as the other two."""
    text = said(words, phrase("Đồng chí ghi ý kiến chỉ đạo, để đơn vị biết cần làm gì."), "words")
    _close(session, one, version, actor, now, text)
    return direct(session, task, text, reply_by_on, actor, now, times=one.times + 1)


def _close(session: Session, one: Directive, version: int | None, actor: Actor, now: datetime, yours: str) -> None:
    if one.state is DirectiveState.CLOSED:
        _stale(one, yours)
    _expect(one, version, yours)
    one.state, one.closed_at, one.closed_by = DirectiveState.CLOSED, now, actor.told
    session.flush()


def _expect(one: Directive, version: int | None, yours: str) -> None:
    if version != one.version:
        _stale(one, yours)


def _stale(one: Directive, yours: str) -> None:
    theirs = DIRECTIVE_WORDS[one.state] + (f": {one.answer} ({one.answered_by})" if one.answer else "")
    raise Stale(
        "Ý kiến chỉ đạo này vừa được người khác trả lời hoặc kết thúc sau khi đồng chí mở trang. Chưa lưu gì cả; đồng chí xem rồi làm tiếp.",
        theirs={phrase("Ý kiến chỉ đạo"): theirs},
        yours={phrase("Ý kiến chỉ đạo"): yours},
    )


def _record(session: Session, task: Task, actor: Actor, what: str, summary: str, now: datetime, words: str) -> None:
    session.flush()
    changes = {"words": ("", words)} if words else {}
    audit.record(session, actor, f"directive.{what}", summary, now=now, authority_id=task.authority_id, subject=("task", task.id), changes=changes)
    session.flush()
