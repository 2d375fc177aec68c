"""The decisions the history tells of, for taking one back."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.models import AuditEvent
from tracker.tasks.rules import Move
from tracker.tasks.undo_rules import UNDOABLE, Decided

_ACTIONS: Mapping[str, Move] = {f"task.{move.value}": move for move in UNDOABLE}
#: A verdict on single documents decides the task with them: taken back alone it would leave them as they are.
_VERDICTS = ("evidence.accept", "evidence.return")


def last_decisions(session: Session, authority_id: int, task_ids: Collection[int]) -> dict[int, Decided]:
    """Task → its newest decision; none where it came with verdicts on its documents."""
    query = (
        select(AuditEvent)
        .where(
            AuditEvent.authority_id == authority_id,
            AuditEvent.subject_type == "task",
            AuditEvent.subject_id.in_(task_ids),
            AuditEvent.action.in_((*_ACTIONS, *_VERDICTS)),
        )
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    )
    found: dict[int, Decided] = {}
    judged = set()
    for event in session.scalars(query):
        assert event.subject_id is not None, "an event about a task names it"
        task_id = event.subject_id
        if event.action in _VERDICTS:
            judged.add((task_id, event.at))
        elif task_id not in found:
            found[task_id] = Decided(_ACTIONS[event.action], event.at, event.account_id, event.changes)
    return {task_id: one for task_id, one in found.items() if (task_id, one.at) not in judged}
