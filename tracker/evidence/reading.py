"""What the pages of a task say beside its proofs: doubts, and the names of the lines they tick."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.deadlines.models import Round
from tracker.evidence import bulk_queries, queries
from tracker.evidence.queries import ProofLine
from tracker.evidence.rules import Asked, Slot
from tracker.evidence.warning_rules import Window, warnings
from tracker.tasks.models import Task
from tracker.tasks.queries import TaskRow
from tracker.units.rules import Action, Viewer


def doubts(
    session: Session, viewer: Viewer, task_id: int, lines: Sequence[ProofLine], asked: Sequence[Asked] | None = None, window: Window | None = None
) -> dict[int, tuple[str, ...]]:
    """Proof → what is doubtful about it, in sentences. Other units' tasks are named only to who sees them."""
    if asked is None or window is None:
        task = session.execute(
            select(Task.indicator_id, Round.data_from, Round.data_to)
            .join(Round, (Round.authority_id == Task.authority_id) & (Round.id == Task.round_id))
            .where(Task.id == task_id)
        ).one()
        asked, window = queries.checklist(session, task.indicator_id), Window(task.data_from, task.data_to)
    by_slot = {one.slot: one for one in asked}
    others = queries.used_elsewhere(session, task_id, lines)
    return {line.id: warnings(line.version.facts(_also_in(viewer, line, others)), by_slot.get(line.slot), window) for line in lines}


def doubt_counts(session: Session, viewer: Viewer, rows: Sequence[TaskRow]) -> dict[int, int]:
    """Task → how many doubts its proofs raise together, for lists of many tasks."""
    proofs = queries.proofs_of(session, [row.id for row in rows])
    asked = queries.checklists(session, {row.indicator_id for row in rows if row.indicator_id is not None})
    windows = bulk_queries.data_windows(session, {row.round_id for row in rows})
    found = {}
    for row in rows:
        lines = asked[row.indicator_id] if row.indicator_id is not None else []
        told = doubts(session, viewer, row.id, proofs.get(row.id, ()), lines, Window(*windows[row.round_id]))
        found[row.id] = sum(len(sentences) for sentences in told.values())
    return found


def _also_in(viewer: Viewer, line: ProofLine, others: dict[int, list[queries.Elsewhere]]) -> list[str]:
    found = [other for file in line.version.files for other in others.get(file.stored_id, ())]
    named = [other.words for other in found if viewer.may(Action.SEE_ALL_TASKS) or other.unit_id in viewer.unit_ids]
    hidden = len(found) - len(named)
    return named + ([f"{hidden} nhiệm vụ của đơn vị khác"] if hidden else [])


def slot_names(session: Session, task_id: int) -> dict[Slot, str]:
    """Slot → the name of its line, for the pages of one task."""
    indicator_id = session.scalar(select(Task.indicator_id).where(Task.id == task_id))
    return {one.slot: one.name for one in queries.checklist(session, indicator_id)}
