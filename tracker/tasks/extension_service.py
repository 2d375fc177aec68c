"""Asking for more time, taking a request back, deciding on it, giving time unasked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.deadlines import queries as deadlines
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.deadlines.models import Round
from tracker.kernel.clock import local_day
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.vietnamese import date_vn
from tracker.kernel.words import phrase
from tracker.tasks import extension_queries as queries
from tracker.tasks import handin_queries
from tracker.tasks.extension_queries import ExtensionRow
from tracker.tasks.extension_rules import STATE_WORDS, Conditions, Decision, Ruling, cannot_move, cannot_reach, may_ask, overtaken
from tracker.tasks.handin_rules import UNVERIFIED_REQUEST
from tracker.tasks.models import Extension, Task
from tracker.tasks.queries import TaskRow
from tracker.tasks.rules import ExtensionState, in_force
from tracker.tasks.service import expect_round_open, said

ALREADY = phrase("đang có một đề nghị gia hạn chờ quyết định; mỗi nhiệm vụ chỉ có một đề nghị một lúc")


def ask(
    session: Session,
    tasks: Sequence[tuple[Task, TaskRow]],
    wished_on: date,
    reason: str | None,
    actor: Actor,
    now: datetime,
    *,
    calendar: WorkingCalendar,
    terms: Conditions,
) -> list[Extension]:
    """Đề nghị gia hạn for some tasks of one unit and round: one reason, one day. All or none.

    Raises Refused naming the task at fault: too late to ask, a day that is no later than its deadline, a request that waits already.
    """
    if not tasks:
        raise Refused("Đồng chí chọn ít nhất một nhiệm vụ.", field="tasks")
    if len({(task.unit_id, task.round_id) for task, _row in tasks}) > 1:
        raise Refused("Một lần đề nghị chỉ gồm nhiệm vụ của một đơn vị trong một đợt.", field="tasks")
    why = said(reason, phrase("Đồng chí ghi lý do, để người quyết định biết vì sao cần thêm thời gian."), "reason")
    today = local_day(now)
    expect_round_open(session, tasks[0][0])
    waiting = queries.tasks_with_pending(session, [task.id for task, _row in tasks])
    made = []
    for task, row in tasks:
        due = row.standing.due_on
        hindered = may_ask(task.status, due, today, calendar, terms, pending=task.id in waiting)
        if hindered or due is None:
            raise Refused(phrase("%(row)s: %(hindered)s", row=_label(row), hindered=hindered), field="tasks")
        unreachable = cannot_reach(due, wished_on, today)
        if unreachable:
            raise Refused(phrase("%(row)s: %(unreachable)s", row=_label(row), unreachable=unreachable), field="wished_on")
        made.append(_request(session, task, row, due, wished_on, why, actor, now))
    return made


def _request(session: Session, task: Task, row: TaskRow, due: date, wished_on: date, reason: str, actor: Actor, now: datetime) -> Extension:
    """One request. The database decides whether another waits: two people may ask at once."""
    one = Extension(
        authority_id=task.authority_id,
        task_id=task.id,
        state=ExtensionState.PENDING,
        asked_at=now,
        asked_by=actor.told,
        asked_by_id=actor.person,
        reason=reason,
        due_on=due,
        wished_on=wished_on,
    )
    try:
        with session.begin_nested():
            session.add(one)
            session.flush()
    except IntegrityError:
        raise Refused(phrase("%(row)s: Nhiệm vụ %(already)s.", row=_label(row), already=ALREADY), field="tasks") from None
    _record(session, task, actor, "ask", f"Đề nghị gia hạn từ {date_vn(due)} đến {date_vn(wished_on)}: {reason}", now)
    return one


def withdraw(session: Session, one: Extension, task: Task, actor: Actor, now: datetime) -> None:
    """Rút đề nghị that waits still. Raises Refused where it was decided."""
    expect_round_open(session, task)
    if one.state is not ExtensionState.PENDING:
        raise Refused(phrase("Đề nghị này đã có kết quả “%(state)s” nên không rút được nữa.", state=STATE_WORDS[one.state]))
    _settle(session, one, task, ExtensionState.WITHDRAWN, actor, now, "Rút đề nghị gia hạn.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the requests: how many were decided, and a sentence for each that had nothing left to decide."""

    decided: int
    overtaken: tuple[str, ...]


def decide(session: Session, requests: Sequence[tuple[ExtensionRow, int]], ruling: Ruling, actor: Actor, now: datetime) -> Outcome:
    """Grants, grants another day, or refuses some requests, each with the version that was on the decider's screen.

    What was handed in, set aside or closed meanwhile is not granted any more: it becomes «withdrawn» and is told. Raises Stale where
    another decided first, Refused naming the task whose deadline cannot be moved to that day; then nothing is saved.
    """
    if not requests:
        raise Refused("Đồng chí chọn ít nhất một đề nghị.", field="requests")
    answer = _answer(ruling)
    told, done = [], 0
    found = _found(session, [row.id for row, _seen in requests])
    unverified = handin_queries.unverified_requests(session, found)
    for row, seen in requests:
        one, task, round_ = found[row.id]
        _expect_version(one, row, seen)
        why = overtaken(task.status, round_.closed_at is not None)
        if why:
            _settle(session, one, task, ExtensionState.WITHDRAWN, actor, now, f"Đề nghị gia hạn không còn cần quyết định: {why}.")
            told.append(phrase("%(label)s: %(why)s nên đề nghị không còn cần quyết định và được ghi là đã rút.", label=row.label, why=why))
            continue
        if ruling.decision is Decision.REFUSE:
            _settle(session, one, task, ExtensionState.REFUSED, actor, now, f"Không gia hạn: {answer}", answer)
        elif row.id in unverified:
            raise Refused(phrase("%(label)s: %(unverified_request)s", label=row.label, unverified_request=UNVERIFIED_REQUEST))
        else:
            until = row.wished_on if ruling.decision is Decision.GRANT else ruling.until
            _grant(session, one, task, round_, row.label, until, answer, actor, now)
        done += 1
    session.flush()
    return Outcome(done, tuple(told))


def extend(session: Session, task: Task, label: str, until: date, reason: str | None, actor: Actor, now: datetime) -> Extension:
    """Gia hạn unasked, with a reason; also of a task that is overdue. Raises Refused where a request waits: that is to be decided."""
    why = said(reason, phrase("Đồng chí ghi lý do gia hạn, để đơn vị và người theo dõi biết."), "reason")
    expect_round_open(session, task)
    round_ = deadlines.round_by_id(session, task.round_id)
    due = in_force(round_.last_on, task.extended_to_on, task.mend_by_on, task.paused_until_on)
    hindered = cannot_move(task.status, due)
    if hindered or due is None:
        raise Refused(hindered or "")
    if queries.tasks_with_pending(session, [task.id]):
        raise Refused(phrase("Nhiệm vụ %(already)s. Đồng chí quyết định đề nghị ấy.", already=ALREADY))
    one = Extension(
        authority_id=task.authority_id,
        task_id=task.id,
        asked_at=now,
        asked_by=actor.told,
        asked_by_id=actor.person,
        reason=why,
        due_on=due,
        wished_on=until,
    )
    _grant(session, one, task, round_, label, until, None, actor, now, field="wished_on")
    session.add(one)
    session.flush()
    return one


def _grant(
    session: Session,
    one: Extension,
    task: Task,
    round_: Round,
    label: str,
    until: date | None,
    answer: str | None,
    actor: Actor,
    now: datetime,
    field: str = "until",
) -> None:
    """Moves the deadline of a task. Of one in its days to mend, these are moved: when it was first handed in stays judged by the old day."""
    if until is None:
        raise Refused("Đồng chí ghi ngày gia hạn đến.", field=field)
    due = in_force(round_.last_on, task.extended_to_on, task.mend_by_on, task.paused_until_on)
    hindered = cannot_move(task.status, due) or cannot_reach(max(due or one.due_on, one.due_on), until, local_day(now))
    if hindered:
        raise Refused(phrase("%(label)s: %(hindered)s", label=label, hindered=hindered), field=field)
    mending = task.mend_by_on is not None and task.mend_by_on == due
    changes = {"mend_by_on" if mending else "extended_to_on": (due.isoformat() if due else "", until.isoformat())}
    if mending:
        task.mend_by_on = until
    else:
        task.extended_to_on = until
    task.extensions += 1
    one.granted_to_on = until
    said = f": {answer}" if answer else "." if one.state is ExtensionState.PENDING else f": {one.reason}"
    words = f"Gia hạn lần {task.extensions} đến hết ngày {date_vn(until)}, hạn gốc {date_vn(round_.last_on)}{said}"
    _settle(session, one, task, ExtensionState.GRANTED, actor, now, words, answer, changes)


def withdraw_of_round(session: Session, round_id: int, actor: Actor, now: datetime) -> int:
    """Closing a round leaves nothing to decide in it. Returns how many requests that were."""
    waiting = queries.pending_of_round(session, round_id)
    tasks = {task.id: task for task in session.scalars(select(Task).where(Task.id.in_([one.task_id for one in waiting])).order_by(Task.id))}
    for one in waiting:
        _settle(session, one, tasks[one.task_id], ExtensionState.WITHDRAWN, actor, now, "Đề nghị gia hạn không còn cần quyết định: đợt đã đóng.")
    return len(waiting)


def _found(session: Session, ids: Collection[int]) -> dict[int, tuple[Extension, Task, Round]]:
    """The requests with their tasks and rounds. The rounds are read under a lock that closing waits for."""
    query = (
        select(Extension, Task, Round)
        .join(Task, (Task.authority_id == Extension.authority_id) & (Task.id == Extension.task_id))
        .join(Round, (Round.authority_id == Task.authority_id) & (Round.id == Task.round_id))
        .where(Extension.id.in_(ids))
        .order_by(Extension.id)
        .with_for_update(read=True, of=Round)
        .execution_options(populate_existing=True)
    )
    return {one.id: (one, task, round_) for one, task, round_ in session.execute(query)}


def _expect_version(one: Extension, row: ExtensionRow, seen: int) -> None:
    if one.version == seen and one.state is ExtensionState.PENDING:
        return
    theirs = STATE_WORDS[one.state] + (phrase(", đến hết ngày %(day)s", day=date_vn(one.granted_to_on)) if one.granted_to_on else "")
    raise Stale(
        "Đề nghị này vừa có người khác quyết định sau khi đồng chí mở trang. Chưa lưu gì cả; đồng chí xem kết quả rồi làm tiếp.",
        theirs={row.label: theirs + f" ({one.decided_by})" if one.decided_by else theirs},
        yours={row.label: phrase("Quyết định của đồng chí")},
    )


def _settle(
    session: Session,
    one: Extension,
    task: Task,
    state: ExtensionState,
    actor: Actor,
    now: datetime,
    summary: str,
    answer: str | None = None,
    changes: dict[str, tuple[str, str]] | None = None,
) -> None:
    before = one.state.value if one.state else ""
    one.state, one.decided_at, one.decided_by, one.answer = state, now, actor.told, answer
    _record(session, task, actor, state.value, summary, now, {"extension": (before, state.value), **(changes or {})})


def _record(
    session: Session, task: Task, actor: Actor, what: str, summary: str, now: datetime, changes: dict[str, tuple[str, str]] | None = None
) -> None:
    audit.record(
        session, actor, f"extension.{what}", summary, now=now, authority_id=task.authority_id, subject=("task", task.id), changes=changes or {}
    )
    session.flush()


def _answer(ruling: Ruling) -> str | None:
    if ruling.decision is Decision.REFUSE:
        return said(ruling.answer, phrase("Đồng chí ghi câu trả lời, để đơn vị biết vì sao không gia hạn."), "answer")
    return said(ruling.answer, None, "answer") or None


def _label(row: TaskRow) -> str:
    return row.code or row.name
