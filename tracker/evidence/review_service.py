"""The focal point's word on single documents, and what follows for the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.deadlines.models import Round
from tracker.evidence import service
from tracker.evidence.models import Proof
from tracker.evidence.queries import ProofLine
from tracker.evidence.rules import ProofState
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import clean
from tracker.kernel.words import phrase
from tracker.tasks import service as tasks
from tracker.tasks.models import Task
from tracker.tasks.rules import PROGRESS_WORDS, Progress, ReturnCause, return_words

WORDS_LIMIT = 1000
#: What a decision may be taken on.
HANDED_IN = frozenset({Progress.READY, Progress.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Verdict:
    """On one proof: accepted, or returned for a cause. ``words`` may say more; for another cause than those of the list they must."""

    accepted: bool
    cause: ReturnCause | None = None
    words: str = ""

    @property
    def sentence(self) -> str:
        """«Bản chụp mờ, thiếu trang: trang 2»."""
        return return_words(self.cause, self.words)


@dataclass(frozen=True, slots=True)
class Terms:
    """What returning a task needs to know of the office."""

    one: Round
    calendar: WorkingCalendar
    mend_days: int
    own: bool
    own_allowed: bool


def review(
    session: Session, task: Task, lines: Sequence[ProofLine], verdicts: Mapping[int, Verdict], actor: Actor, now: datetime, *, terms: Terms
) -> None:
    """Stores the verdicts (proof → verdict). One document returned returns the task, with what is wrong with which; all accepted accepts it.

    Documents nobody spoke of stay as they were; the task then waits. Raises Refused where nothing is decided or a cause is missing.
    """
    tasks.expect_round_open(session, task)
    if task.status not in HANDED_IN:
        raise Refused(phrase("Nhiệm vụ đang ở trạng thái “%(state)s” nên chưa xem xét được minh chứng.", state=PROGRESS_WORDS[task.status]))
    known = {line.id: line for line in lines}
    chosen = {proof_id: verdict for proof_id, verdict in verdicts.items() if proof_id in known}
    if not chosen:
        raise Refused("Đồng chí chọn xác nhận hoặc trả lại cho ít nhất một tài liệu.")
    for proof_id, verdict in chosen.items():
        _expect_said(verdict, proof_id)
    for proof in session.scalars(select(Proof).where(Proof.id.in_(chosen)).order_by(Proof.id)):
        _decide(session, task, proof, known[proof.id], chosen[proof.id], actor, now)
    service.touch(task)
    returned = [(known[proof_id], verdict) for proof_id, verdict in chosen.items() if not verdict.accepted]
    if returned:
        _return(session, task, returned, actor, now, terms)
    elif all(line.id in chosen or line.state is ProofState.ACCEPTED for line in lines) and task.status is Progress.READY:
        tasks.accept(session, task, actor, now, own=terms.own, own_allowed=terms.own_allowed)
    session.flush()


def _expect_said(verdict: Verdict, proof_id: int) -> None:
    if verdict.accepted:
        return
    if verdict.cause is None:
        raise Refused("Trả lại một tài liệu thì chọn lý do, để đơn vị biết cần sửa gì.", field=f"cause-{proof_id}")
    if verdict.cause is ReturnCause.OTHER and not clean(verdict.words):
        raise Refused("Lý do khác thì đồng chí ghi rõ là gì.", field=f"words-{proof_id}")
    if len(verdict.words) > WORDS_LIMIT:
        raise Refused(
            phrase("Lý do dài %(count)s ký tự; rút gọn còn %(words_limit)s.", count=len(verdict.words), words_limit=WORDS_LIMIT),
            field=f"words-{proof_id}",
        )


def _decide(session: Session, task: Task, proof: Proof, line: ProofLine, verdict: Verdict, actor: Actor, now: datetime) -> None:
    proof.state = ProofState.ACCEPTED if verdict.accepted else ProofState.RETURNED
    proof.return_cause = verdict.cause if not verdict.accepted else None
    proof.return_words = clean(verdict.words) or None if not verdict.accepted else None
    proof.decided_at, proof.decided_by = now, actor.words
    title = line.version.title
    words = f"Xác nhận tài liệu “{title}”." if verdict.accepted else f"Trả lại tài liệu “{title}”: {verdict.sentence}"
    action = "evidence.accept" if verdict.accepted else "evidence.return"
    audit.record(session, actor, action, words, now=now, authority_id=task.authority_id, subject=("task", task.id))


def _return(session: Session, task: Task, returned: Sequence[tuple[ProofLine, Verdict]], actor: Actor, now: datetime, terms: Terms) -> None:
    causes = {verdict.cause for _line, verdict in returned}
    cause = causes.pop() if len(causes) == 1 else None
    reason = "; ".join(f"“{line.version.title}”: {verdict.sentence}" for line, verdict in returned)[: tasks.REASON_LIMIT]
    tasks.return_(session, task, terms.one, reason, actor, now, calendar=terms.calendar, mend_days=terms.mend_days, cause=cause)
