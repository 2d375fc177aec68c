"""What the pages of a task say beside its proofs: what is doubtful about them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from tracker.evidence import bulk_queries, queries, use_queries
from tracker.evidence.queries import ProofLine
from tracker.evidence.rules import Asked
from tracker.evidence.warning_rules import Window, warnings
from tracker.kernel.words import phrase
from tracker.tasks.queries import TaskRow
from tracker.units.rules import Action, Viewer


def doubts(
    session: Session, viewer: Viewer, task_id: int, lines: Sequence[ProofLine], asked: Sequence[Asked], window: Window
) -> dict[int, tuple[str, ...]]:
    """Proof → what is doubtful about it, in sentences. Other units' tasks are named only to who sees them."""
    by_slot = {one.slot: one for one in asked}
    others = use_queries.used_elsewhere(session, task_id, lines)
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


def _also_in(viewer: Viewer, line: ProofLine, others: dict[int, list[use_queries.Elsewhere]]) -> list[str]:
    found = [other for file in line.version.files for other in others.get(file.stored_id, ())]
    named = [other.words for other in found if viewer.may(Action.SEE_ALL_TASKS) or other.unit_id in viewer.unit_ids]
    hidden = len(found) - len(named)
    return named + ([phrase("%(hidden)s nhiệm vụ của đơn vị khác", hidden=hidden)] if hidden else [])
