"""Asking cooperating units for their part, taking the request back, answering it, using what was given. The task itself moves only by use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.evidence import service
from tracker.evidence.content_rules import Content
from tracker.evidence.contribution_models import Contribution
from tracker.evidence.contribution_queries import Candidate, ContributionRow, by_id, newest_version
from tracker.evidence.contribution_rules import STATE_WORDS, ContributionState, cannot_ask_for
from tracker.evidence.models import Proof
from tracker.evidence.queries import checklist
from tracker.evidence.rules import ITEM_WORDS, ItemKind, Slot
from tracker.kernel.clock import local_day
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.vietnamese import clean, date_vn, datetime_vn, join_and
from tracker.kernel.words import phrase
from tracker.tasks import service as tasks
from tracker.tasks.models import Task
from tracker.tasks.rules import OPEN, PROGRESS_WORDS

WANTED_LIMIT = 2000
#: How much of what was asked for a sentence of the history repeats.
TOLD = 200


def ask(
    session: Session, task: Task, task_due_on: date | None, asked: Sequence[Candidate], wanted: str | None, due_on: date, actor: Actor, now: datetime
) -> list[Contribution]:
    """Nhờ some cooperating units: one text, one day, a request for each. All or none; the task stays where it is.

    ``asked``: of ``contribution_queries.candidates``; ``task_due_on``: the last day in force of the task. Raises Refused where the text is
    missing, the day is past or later than the task's, or a unit has been asked and has not answered.
    """
    if not asked:
        raise Refused("Đồng chí chọn ít nhất một đơn vị.", field="units")
    words = clean(wanted or "")
    if not words:
        raise Refused("Đồng chí ghi rõ cần gì, ví dụ “Số hồ sơ nộp trực tuyến 9 tháng đầu năm”.", field="wanted")
    if len(words) > WANTED_LIMIT:
        raise Refused(
            phrase("Đồng chí ghi %(count)s ký tự; rút gọn còn %(wanted_limit)s.", count=len(words), wanted_limit=WANTED_LIMIT), field="wanted"
        )
    _expect_wanted(session, task)
    hindered = cannot_ask_for(task_due_on, due_on, local_day(now))
    if hindered:
        raise Refused(hindered, field="due_on")
    made = [_request(session, task, one, words, due_on, actor, now) for one in asked]
    names = join_and(one.name for one in asked)
    _record(session, task, actor, "ask", f"Nhờ {names} cung cấp trước hết ngày {date_vn(due_on)}: {words[:TOLD]}", now)
    return made


def _request(session: Session, task: Task, one: Candidate, wanted: str, due_on: date, actor: Actor, now: datetime) -> Contribution:
    """One request. The database decides whether another waits: two people may ask at once."""
    made = Contribution(
        authority_id=task.authority_id,
        task_id=task.id,
        unit_id=one.id,
        wanted=wanted,
        due_on=due_on,
        state=ContributionState.ASKED,
        asked_at=now,
        asked_by=actor.told,
        asked_by_id=actor.person,
    )
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        raise Refused(phrase("%(name)s đã được nhờ và chưa trả lời; rút lời nhờ ấy rồi mới nhờ lại được.", name=one.name), field="units") from None
    return made


def withdraw(session: Session, one: Contribution, task: Task, row: ContributionRow, seen: int, actor: Actor, now: datetime) -> None:
    """Takes a request back that waits still. Raises Stale where it was answered after the page was opened."""
    tasks.expect_round_open(session, task)
    yours: dict[str, str] = {row.unit_name: phrase("Rút lời nhờ")}
    _expect_waiting(session, one, seen, yours)
    _settle(session, one, row, ContributionState.WITHDRAWN, actor, now, yours)
    _record(session, task, actor, "withdraw", f"Rút lời nhờ {row.unit_name} cung cấp: {one.wanted[:TOLD]}", now)


def answer(session: Session, one: Contribution, task: Task, row: ContributionRow, seen: int, content: Content, actor: Actor, now: datetime) -> None:
    """The unit gives files, a link or a figure, which become an item of its own; a sentence says that there is none. The task stays where it is.

    Raises Stale, with both versions, where somebody else answered or took the request back; Refused where it is no longer wanted.
    """
    yours = {row.unit_name: content.title, **content.particulars.words()}
    tasks.expect_round_open(session, task)
    _expect_waiting(session, one, seen, yours)
    _expect_wanted(session, task)
    if content.kind is ItemKind.STATEMENT:
        _settle(session, one, row, ContributionState.NONE, actor, now, yours, sentence=content.sentence)
        _record(session, task, actor, "none", f"{row.unit_name} trả lời không phát sinh{actor.behalf}: {content.title[:TOLD]}", now)
        return
    version = service.add_item(session, one.authority_id, one.unit_id, content, actor, now)
    _settle(session, one, row, ContributionState.GIVEN, actor, now, yours, item_id=version.item_id)
    _record(session, task, actor, "give", f"{row.unit_name} gửi {ITEM_WORDS[content.kind].lower()} “{content.title[:TOLD]}”{actor.behalf}.", now)


def use(session: Session, one: Contribution, task: Task, row: ContributionRow, slot: Slot, actor: Actor, now: datetime) -> Proof:
    """What a unit gave becomes a proof of the task: the item itself, no copy, in its newest version. Starts the task where it has not started."""
    if one.item_id is None:
        raise Refused(phrase("%(unit_name)s chưa gửi gì để dùng làm minh chứng.", unit_name=row.unit_name))
    what = service.line_words(checklist(session, task.indicator_id), slot)
    tasks.begin(session, task, actor, now)
    proof = service.prove(session, task, slot, newest_version(session, one.item_id), now)
    _record(session, task, actor, "use", f"Dùng “{row.item_title}” của {row.unit_name} làm minh chứng{what}{actor.behalf}.", now)
    return proof


def _expect_wanted(session: Session, task: Task) -> None:
    tasks.expect_round_open(session, task)
    if task.status not in OPEN:
        raise Refused(phrase("Nhiệm vụ đang ở trạng thái “%(state)s” nên không cần cung cấp thêm.", state=PROGRESS_WORDS[task.status]))


def _expect_waiting(session: Session, one: Contribution, seen: int, yours: dict[str, str]) -> None:
    """What the other one said is read now: the row the caller was shown may be older than the request it belongs to."""
    if one.version != seen or one.state is not ContributionState.ASKED:
        raise _stale(by_id(session, one.id), yours)


def _stale(row: ContributionRow, yours: dict[str, str]) -> Stale:
    said = row.item_title or row.sentence
    theirs = dict.fromkeys(yours, "")
    theirs[row.unit_name] = phrase("%(state)s: %(said)s", state=STATE_WORDS[row.state], said=said) if said else STATE_WORDS[row.state]
    if row.answered_at and row.answered_by:
        theirs[phrase("Người làm")] = f"{row.answered_by}, {datetime_vn(row.answered_at)}"
    words = phrase("Lời nhờ này vừa có người khác trả lời hoặc rút lại sau khi đồng chí mở trang. Chưa lưu gì; đồng chí xem kết quả rồi làm tiếp.")
    return Stale(words, theirs=theirs, yours=yours)


def _settle(
    session: Session,
    one: Contribution,
    row: ContributionRow,
    state: ContributionState,
    actor: Actor,
    now: datetime,
    yours: dict[str, str],
    *,
    sentence: str | None = None,
    item_id: int | None = None,
) -> None:
    """The row's version decides between two who settle it at once: the slower one is shown what the other said."""
    try:
        with session.begin_nested():
            one.state, one.answered_at, one.answered_by = state, now, actor.told
            one.sentence, one.item_id = sentence, item_id
            session.flush()
    except StaleDataError:
        raise _stale(by_id(session, row.id), yours) from None


def _record(session: Session, task: Task, actor: Actor, what: str, summary: str, now: datetime) -> None:
    audit.record(session, actor, f"contribution.{what}", summary, now=now, authority_id=task.authority_id, subject=("task", task.id))
    session.flush()
