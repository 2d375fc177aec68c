"""What people intend with tasks: report, accept, return, set aside. Opening rounds stands in ``rounds.py``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.deadlines.models import Round
from tracker.kernel.clock import local_day
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.vietnamese import clean, date_vn, datetime_vn
from tracker.kernel.words import joined, phrase
from tracker.tasks import handin_queries, handin_service
from tracker.tasks.handin_rules import UNVERIFIED
from tracker.tasks.models import Task
from tracker.tasks.rules import MOVE_WORDS, NEEDS_REASON, OPEN, PROGRESS_WORDS, Fulfilment, Move, Progress, ReturnCause, mend_by, moved
from tracker.tasks.undo_rules import KEPT, UNDOABLE, Decided, plain

REASON_LIMIT = 2000
OWN_FORBIDDEN = phrase("Cơ quan đặt quy định không tự xác nhận nhiệm vụ của chính đơn vị mình; đề nghị người khác xác nhận.")


def expect_version(task: Task, version: int | None, yours: str) -> None:
    """Refuses a form opened before somebody else changed the task. Raises Stale with both versions in words."""
    if version is not None and version != task.version:
        raise Stale(
            "Nhiệm vụ này vừa được người khác thay đổi sau khi đồng chí mở trang. Chưa lưu gì cả; đồng chí xem trạng thái mới rồi làm lại.",
            theirs={phrase("Nhiệm vụ"): PROGRESS_WORDS[task.status] + (f" ({task.reason})" if task.reason else "")},
            yours={phrase("Nhiệm vụ"): yours},
        )


def expect_round_open(session: Session, task: Task) -> None:
    """A closed round refuses every change of its tasks. Raises Refused.

    The round is read under a lock that others may share and closing may not: what passes here commits before the round closes.
    """
    one = session.execute(select(Round.name, Round.closed_at).where(Round.id == task.round_id).with_for_update(read=True)).one()
    if one.closed_at is not None:
        raise Refused(closed_words(one.name, one.closed_at))


#: The same words of the same person on the same task within this time are one form sent twice.
SENT_TWICE = timedelta(minutes=1)


def hold(session: Session, task: Task) -> None:
    """Makes what is said about a task wait in line, so that a form sent twice at the same instant finds its own first row."""
    session.execute(select(Task.id).where(Task.id == task.id).with_for_update())


def closed_words(name: str, closed_at: datetime) -> str:
    """What a closed round answers."""
    return phrase("Đợt %(name)s đã đóng ngày %(closed_at)s; cần sửa thì đầu mối mở lại đợt.", name=name, closed_at=date_vn(closed_at))


def _move(session: Session, task: Task, move: Move, actor: Actor, now: datetime, summary: str, why: str | None = None, **also: Any) -> None:
    """Checks first, then changes: a refusal leaves the task as it was. ``also``: what changes with the status."""
    expect_round_open(session, task)
    before, after = task.status, moved(task.status, move)
    changes: dict[str, tuple[Any, Any]] = {"status": (before.value, after.value)} if before is not after else {}
    if move in NEEDS_REASON:
        also["reason"] = _reason(why)
        changes["reason"] = (task.reason or "", also["reason"])
    if move in UNDOABLE:
        # What undoing puts back is read from the history.
        changes = {
            name: (plain(old), plain(value)) for name, value in also.items() if name in KEPT and (old := getattr(task, name)) != value
        } | changes
    for field, value in {"status": after, **also}.items():
        setattr(task, field, value)
    if move in (Move.RETURN, Move.SEND_BACK):
        handin_service.incomplete_again(session, task.id)
    audit.record(session, actor, f"task.{move.value}", summary, now=now, authority_id=task.authority_id, subject=("task", task.id), changes=changes)
    session.flush()


def _reason(reason: str | None) -> str:
    text = (reason or "").strip()
    if not text:
        raise Refused("Đồng chí ghi lý do, để đơn vị biết cần làm gì.", field="reason")
    if len(text) > REASON_LIMIT:
        raise Refused(
            phrase("Lý do dài %(count)s ký tự; đồng chí rút gọn còn %(reason_limit)s.", count=len(text), reason_limit=REASON_LIMIT), field="reason"
        )
    return text


def said(text: str | None, missing: str | None, field: str) -> str:
    """What was written with a request or a decision, tidied; without ``missing`` it may be empty. Raises Refused where nothing was, or too much."""
    words = clean(text or "")
    if missing and not words:
        raise Refused(missing, field=field)
    if len(words) > REASON_LIMIT:
        raise Refused(phrase("Đồng chí ghi %(count)s ký tự; rút gọn còn %(reason_limit)s.", count=len(words), reason_limit=REASON_LIMIT), field=field)
    return words


def begin(session: Session, task: Task, actor: Actor, now: datetime) -> None:
    """Something was collected for it: not started → collecting. Elsewhere in an open task nothing moves."""
    expect_round_open(session, task)
    if task.status not in OPEN:
        raise Refused(
            phrase(
                "Nhiệm vụ đang ở trạng thái “%(state)s” nên không nhận thêm minh chứng. Đầu mối trả lại thì mới bổ sung được.",
                state=PROGRESS_WORDS[task.status],
            )
        )
    if task.status is Progress.NOT_STARTED:
        _move(session, task, Move.COLLECT, actor, now, "Bắt đầu thu thập minh chứng.")


def expect_verified(session: Session, task: Task) -> None:
    """Refuses a task with something that came in through a link and nobody has confirmed. Raises Refused."""
    if handin_queries.waiting_versions(session, task.id):
        raise Refused(UNVERIFIED)


def mark_ready(
    session: Session,
    task: Task,
    fulfilment: Fulfilment,
    actor: Actor,
    now: datetime,
    *,
    needs_head: bool,
    is_head: bool,
    since: datetime | None = None,
) -> None:
    """Báo đủ minh chứng. Where the unit's head approves, a specialist's report waits as «prepared».

    ``submitted_at`` is the first time the task left the unit complete and is never overwritten. Raises Refused naming what is missing.
    ``since``: the instant that counts where it was before ``now``: what came through a link is confirmed later.
    """
    if not fulfilment.complete:
        raise Refused(
            phrase(
                "Chưa báo đủ được vì còn thiếu: %(missing)s. Đồng chí bổ sung, hoặc ghi một câu vì sao không có.",
                missing=joined("; ", fulfilment.missing),
            )
        )
    if needs_head and not is_head:
        _move(session, task, Move.PREPARE, actor, now, "Trình lãnh đạo đơn vị duyệt.")
        return
    expect_verified(session, task)
    at = since or now
    first = task.submitted_at is None
    kept = "submitted" if first else "resubmitted"
    handed_in: dict[str, Any] = {f"{kept}_at": at, f"{kept}_on": local_day(at)}
    words = f"Báo đủ minh chứng thay mặt {actor.on_behalf_of}." if actor.on_behalf_of else "Báo đủ minh chứng."
    summary = words if first else words[:-1] + ", lần sau khi trả lại."
    _move(session, task, Move.REPORT_READY, actor, now, summary, on_behalf=actor.on_behalf_of is not None, **handed_in)


def accept(session: Session, task: Task, actor: Actor, now: datetime, *, own: bool, own_allowed: bool) -> None:
    """Xác nhận. ``own``: the focal point confirms its own unit's task; shown as such, refused where the setting forbids it."""
    if own and not own_allowed:
        raise Refused(OWN_FORBIDDEN)
    expect_verified(session, task)
    summary = "Xác nhận (tự xác nhận nhiệm vụ của đơn vị mình)." if own else "Xác nhận đủ minh chứng."
    _move(session, task, Move.ACCEPT, actor, now, summary, accepted_at=now, own_acceptance=own)


def return_(
    session: Session,
    task: Task,
    one: Round,
    reason: str | None,
    actor: Actor,
    now: datetime,
    *,
    calendar: WorkingCalendar,
    mend_days: int,
    cause: ReturnCause | None = None,
) -> None:
    """Trả lại, with a reason; ``cause``: from the list, where it is one of those.

    A task returned at or after its deadline gets its own days to mend; they stay for judging when it came back.
    """
    mend = mend_by(calendar, local_day(now), task.extended_to_on or one.last_on, mend_days)
    until = f", bổ sung trước hết ngày {date_vn(mend)}" if mend else ""
    summary = f"Trả lại{until}: {(reason or '').strip()}"
    _move(
        session,
        task,
        Move.RETURN,
        actor,
        now,
        summary,
        reason,
        returned_at=now,
        accepted_at=None,
        own_acceptance=False,
        mend_by_on=mend,
        return_cause=cause,
    )


def send_back(session: Session, task: Task, reason: str | None, actor: Actor, now: datetime) -> None:
    """The unit's head gives a prepared task back to the specialist, with a reason. It has not left the unit: no days to mend."""
    summary = f"Lãnh đạo đơn vị trả lại chuyên viên: {(reason or '').strip()}"
    _move(session, task, Move.SEND_BACK, actor, now, summary, reason)


def set_aside(session: Session, task: Task, move: Move, reason: str | None, actor: Actor, now: datetime) -> None:
    """Không áp dụng, or do cơ quan khác cung cấp: decided by the focal point, with a reason; the clock stops."""
    _move(session, task, move, actor, now, f"Ghi “{PROGRESS_WORDS[moved(task.status, move)]}”: {(reason or '').strip()}", reason)


def resume(session: Session, task: Task, reason: str | None, actor: Actor, now: datetime) -> None:
    """Brings back what was set aside."""
    _move(session, task, Move.RESUME, actor, now, f"Mở lại: {(reason or '').strip()}", reason)


def undo(session: Session, task: Task, decided: Decided, actor: Actor, now: datetime) -> None:
    """Hoàn tác: puts back what a decision of the same person changed a moment ago. Raises Refused where it is another's, or too long ago.

    That nobody changed the task since is for the caller to see to, by the version its page showed; the UPDATE compares it once more.
    """
    decided.expect_undoable(actor.account_id, now)
    kept = decided.before()
    _move(session, task, decided.undo, actor, now, f"Hoàn tác: {MOVE_WORDS[decided.move]} lúc {datetime_vn(decided.at)}.", **kept)
