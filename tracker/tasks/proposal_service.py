"""Proposing that nothing is needed or that somebody else's data is awaited, taking it back, deciding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.deadlines.models import Round
from tracker.kernel.clock import local_day
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.vietnamese import clean, date_vn
from tracker.kernel.words import phrase
from tracker.tasks import proposal_queries as queries
from tracker.tasks import service as tasks
from tracker.tasks.models import Task
from tracker.tasks.proposal_models import Proposal
from tracker.tasks.proposal_queries import ProposalRow
from tracker.tasks.proposal_rules import (
    KIND_WORDS,
    MOVE_OF,
    STATE_WORDS,
    Letter,
    ProposalKind,
    ProposalState,
    Verdict,
    may_propose,
    overtaken,
    pause_words,
    wrong_letter,
)

NAME_LIMIT = 200


def propose(
    session: Session,
    task: Task,
    kind: ProposalKind,
    reason: str | None,
    actor: Actor,
    now: datetime,
    *,
    body: str | None = None,
    letter: Letter | None = None,
) -> Proposal:
    """Proposes, with a reason. Nothing about the task changes before the focal point has decided. Raises Refused."""
    tasks.expect_round_open(session, task)
    why = tasks.said(reason, phrase("Đồng chí ghi lý do, để đầu mối quyết định được."), "reason")
    supplier = clean(body or "")
    if len(supplier) > NAME_LIMIT:
        raise Refused(
            phrase("Tên cơ quan dài %(count)s ký tự; rút gọn còn %(name_limit)s.", count=len(supplier), name_limit=NAME_LIMIT), field="body"
        )
    hindered = may_propose(task.status, pending=False, closed=False)
    if hindered:
        raise Refused(hindered)
    if kind is ProposalKind.NOT_APPLICABLE:
        supplier, letter = "", None
    elif not supplier:
        raise Refused("Đồng chí ghi tên cơ quan cung cấp số liệu.", field="body")
    if kind is ProposalKind.DATA_REQUEST:
        _expect_letter(letter, now)
    else:
        letter = None
    one = Proposal(
        authority_id=task.authority_id,
        task_id=task.id,
        kind=kind,
        reason=why,
        body=supplier or None,
        letter_number=clean(letter.number) if letter else None,
        letter_on=letter.sent_on if letter else None,
        reply_on=letter.reply_on if letter else None,
        asked_at=now,
        asked_by=actor.told,
        asked_by_id=actor.person,
    )
    try:
        with session.begin_nested():
            session.add(one)
            session.flush()
    except IntegrityError:  # two people may propose at once: the database decides
        raise Refused(may_propose(task.status, pending=True, closed=False) or "") from None
    sent = f", công văn số {one.letter_number} ngày {date_vn(one.letter_on)}, hẹn trả lời {date_vn(one.reply_on)}" if letter else ""
    who = f" ({supplier}{sent})" if supplier else ""
    _record(session, task, actor, "propose", f"Đề nghị “{KIND_WORDS[kind]}”{who}: {why}", now)
    return one


def _expect_letter(letter: Letter | None, now: datetime) -> None:
    if letter is None or not clean(letter.number):
        raise Refused("Đồng chí ghi số, ký hiệu và ngày của công văn đã gửi, ngày hẹn trả lời.", field="letter_number")
    if len(letter.number) > NAME_LIMIT:
        raise Refused(
            phrase(
                "Số, ký hiệu dài %(count)s ký tự; ghi như in trên văn bản, không quá %(name_limit)s.", count=len(letter.number), name_limit=NAME_LIMIT
            ),
            field="letter_number",
        )
    wrong = wrong_letter(letter, local_day(now))
    if wrong:
        raise Refused(wrong[1], field=wrong[0])


def withdraw(session: Session, one: Proposal, task: Task, actor: Actor, now: datetime) -> None:
    """Rút đề nghị that waits still. Raises Refused where it was decided."""
    tasks.expect_round_open(session, task)
    if one.state is not ProposalState.PENDING:
        raise Refused(phrase("Đề nghị này đã có kết quả “%(state)s” nên không rút được nữa.", state=STATE_WORDS[one.state]))
    _settle(session, one, task, ProposalState.WITHDRAWN, actor, now, f"Rút đề nghị “{KIND_WORDS[one.kind]}”.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many were decided, and a sentence for each that had nothing left to decide."""

    decided: int
    overtaken: tuple[str, ...]


def decide(session: Session, rows: Sequence[tuple[ProposalRow, int]], verdict: Verdict, actor: Actor, now: datetime) -> Outcome:
    """Agrees or refuses, each with the version that was on the screen. Agreeing alone stops or pauses the clock.

    Raises Stale where another decided first, Refused where a refusal has no answer or a pause would end before today; then nothing is saved.
    """
    if not rows:
        raise Refused("Đồng chí chọn ít nhất một đề nghị.", field="proposals")
    missing = None if verdict.agreed else phrase("Đồng chí ghi câu trả lời, để đơn vị biết vì sao không đồng ý.")
    answer = tasks.said(verdict.answer, missing, "answer")
    found = _found(session, [row.id for row, _seen in rows])
    told, done = [], 0
    for row, seen in rows:
        one, task, closed = found[row.id]
        _expect_version(one, row, seen)
        why = overtaken(task.status, closed)
        if why:
            _settle(session, one, task, ProposalState.WITHDRAWN, actor, now, f"Đề nghị không còn cần quyết định: {why}.")
            told.append(phrase("%(label)s: %(why)s nên đề nghị không còn cần quyết định và được ghi là đã rút.", label=row.label, why=why))
        elif verdict.agreed:
            _agree(session, one, task, verdict, answer or None, actor, now)
            done += 1
        else:
            _settle(session, one, task, ProposalState.REFUSED, actor, now, f"Không đồng ý “{KIND_WORDS[one.kind]}”: {answer}", answer)
            done += 1
    session.flush()
    return Outcome(done, tuple(told))


def _agree(session: Session, one: Proposal, task: Task, verdict: Verdict, answer: str | None, actor: Actor, now: datetime) -> None:
    words = f"Đồng ý “{KIND_WORDS[one.kind]}”."
    if one.kind is ProposalKind.DATA_REQUEST:
        assert one.reply_on is not None
        until = min(one.reply_on, verdict.until or one.reply_on)
        if until < local_day(now):
            raise Refused(
                phrase("Ngày hẹn trả lời %(until)s đã qua; không tạm dừng được. Đồng chí không đồng ý, đơn vị đề nghị lại.", until=date_vn(until)),
                field="until",
            )
        one.reply_on = until
        task.paused_until_on = max(until, task.paused_until_on or until)
        words = f"{words} {pause_words(until, one.body, one.letter_number)}"
        _settle(session, one, task, ProposalState.AGREED, actor, now, words, answer)
        return
    reason = f"{one.reason} ({one.body})" if one.body else one.reason
    _settle(session, one, task, ProposalState.AGREED, actor, now, words, answer)
    tasks.set_aside(session, task, MOVE_OF[one.kind], reason, actor, now)


def withdraw_of_round(session: Session, round_id: int, actor: Actor, now: datetime) -> int:
    """Closing a round leaves nothing to decide in it. Returns how many proposals that were."""
    waiting = queries.pending_of_round(session, round_id)
    found = {task.id: task for task in session.scalars(select(Task).where(Task.id.in_([one.task_id for one in waiting])).order_by(Task.id))}
    for one in waiting:
        _settle(session, one, found[one.task_id], ProposalState.WITHDRAWN, actor, now, "Đề nghị không còn cần quyết định: đợt đã đóng.")
    return len(waiting)


def _found(session: Session, ids: Sequence[int]) -> dict[int, tuple[Proposal, Task, bool]]:
    """The proposals with their tasks and whether the round is closed. The rounds are read under a lock that closing waits for."""
    query = (
        select(Proposal, Task, Round)
        .join(Task, (Task.authority_id == Proposal.authority_id) & (Task.id == Proposal.task_id))
        .join(Round, (Round.authority_id == Task.authority_id) & (Round.id == Task.round_id))
        .where(Proposal.id.in_(ids))
        .order_by(Proposal.id)
        .with_for_update(read=True, of=Round)
        .execution_options(populate_existing=True)
    )
    return {one.id: (one, task, round_.closed_at is not None) for one, task, round_ in session.execute(query)}


def _expect_version(one: Proposal, row: ProposalRow, seen: int) -> None:
    if one.version == seen and one.state is ProposalState.PENDING:
        return
    theirs = STATE_WORDS[one.state]
    raise Stale(
        "Đề nghị này vừa có người khác quyết định hoặc rút sau khi đồng chí mở trang. Chưa lưu gì cả; đồng chí xem kết quả rồi làm tiếp.",
        theirs={row.label: f"{theirs} ({one.decided_by})" if one.decided_by else theirs},
        yours={row.label: phrase("Quyết định của đồng chí")},
    )


def _settle(
    session: Session, one: Proposal, task: Task, state: ProposalState, actor: Actor, now: datetime, summary: str, answer: str | None = None
) -> None:
    one.state, one.decided_at, one.decided_by, one.answer = state, now, actor.told, answer
    _record(session, task, actor, state.value, summary, now)


def _record(session: Session, task: Task, actor: Actor, what: str, summary: str, now: datetime) -> None:
    audit.record(session, actor, f"proposal.{what}", summary, now=now, authority_id=task.authority_id, subject=("task", task.id))
    session.flush()
