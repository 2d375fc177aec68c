"""Reads of checklists and proofs, for one task or for a page of them in a constant number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from tracker.evidence.models import EvidenceItem, ItemVersion, Proof
from tracker.evidence.rules import Completeness, ItemKind, Required, completeness
from tracker.files.models import StoredFile
from tracker.indicators.models import Indicator, Requirement, Variable
from tracker.tasks.models import Task
from tracker.units.models import Unit


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One proof as pages show it."""

    id: int
    requirement_id: int | None
    version_id: int
    number: int
    kind: ItemKind
    title: str
    unit_id: int
    unit_name: str
    filename: str | None
    size: int | None
    media_type: str | None
    url: str | None
    figure: Decimal | None
    figure_unit: str | None
    sentence: str | None
    actor: str
    on_behalf: bool
    created_at: datetime


def _proofs() -> Any:
    return (
        select(
            Proof.id,
            Proof.requirement_id,
            Proof.version_id,
            ItemVersion.number,
            EvidenceItem.kind,
            EvidenceItem.title,
            EvidenceItem.unit_id,
            Unit.name.label("unit_name"),
            ItemVersion.filename,
            StoredFile.size,
            StoredFile.media_type,
            ItemVersion.url,
            ItemVersion.figure,
            ItemVersion.figure_unit,
            ItemVersion.sentence,
            ItemVersion.actor,
            ItemVersion.on_behalf,
            Proof.created_at,
        )
        .join(ItemVersion, and_(ItemVersion.authority_id == Proof.authority_id, ItemVersion.id == Proof.version_id))
        .join(EvidenceItem, and_(EvidenceItem.authority_id == Proof.authority_id, EvidenceItem.id == ItemVersion.item_id))
        .join(Unit, and_(Unit.authority_id == Proof.authority_id, Unit.id == EvidenceItem.unit_id))
        .outerjoin(StoredFile, and_(StoredFile.authority_id == Proof.authority_id, StoredFile.id == ItemVersion.file_id))
    )


_PROOFS_OF_TASK = _proofs().where(Proof.task_id == bindparam("task_id"), Proof.withdrawn_at.is_(None)).order_by(Proof.created_at, Proof.id)


def proofs(session: Session, task_id: int) -> list[ProofLine]:
    """Proofs in force of a task, oldest first."""
    rows = session.execute(_PROOFS_OF_TASK, {"task_id": task_id})
    return [ProofLine(**row._mapping) for row in rows]


def requirements(session: Session, indicator_id: int | None) -> list[Requirement]:
    """The documents an indicator asks for, in order."""
    if indicator_id is None:
        return []
    return list(session.scalars(select(Requirement).where(Requirement.indicator_id == indicator_id).order_by(Requirement.position)))


def variables(session: Session, indicator_id: int | None) -> list[Variable]:
    """The letters of the scoring formula, in order."""
    if indicator_id is None:
        return []
    return list(session.scalars(select(Variable).where(Variable.indicator_id == indicator_id).order_by(Variable.position)))


_NEEDED = (
    select(Requirement.id, Requirement.indicator_id, Requirement.name, Requirement.quantity)
    .where(Requirement.indicator_id.in_(bindparam("indicator_ids", expanding=True)))
    .order_by(Requirement.indicator_id, Requirement.position)
)
_COUNTED = (
    select(Proof.task_id, Proof.requirement_id, EvidenceItem.kind, func.count(Proof.id))
    .join(ItemVersion, and_(ItemVersion.authority_id == Proof.authority_id, ItemVersion.id == Proof.version_id))
    .join(EvidenceItem, and_(EvidenceItem.authority_id == Proof.authority_id, EvidenceItem.id == ItemVersion.item_id))
    .where(Proof.task_id.in_(bindparam("task_ids", expanding=True)), Proof.withdrawn_at.is_(None))
    .group_by(Proof.task_id, Proof.requirement_id, EvidenceItem.kind)
    .order_by(Proof.task_id, Proof.requirement_id)
)


def completeness_of(session: Session, tasks: Collection[tuple[int, int | None]]) -> dict[int, Completeness]:
    """Completeness of (task, indicator) pairs: two statements, however many tasks."""
    if not tasks:
        return {}
    indicator_ids = {indicator for _, indicator in tasks if indicator is not None}
    needed: dict[int, list[Any]] = defaultdict(list)
    for one in session.execute(_NEEDED, {"indicator_ids": sorted(indicator_ids)}):
        needed[one.indicator_id].append(one)
    counted: dict[tuple[int, int | None], tuple[int, bool]] = {}
    loose: dict[int, int] = defaultdict(int)
    for task_id, requirement_id, kind, number in session.execute(_COUNTED, {"task_ids": [task for task, _ in tasks]}):
        before, excused = counted.get((task_id, requirement_id), (0, False))
        is_statement = kind is ItemKind.STATEMENT
        counted[(task_id, requirement_id)] = (before + (0 if is_statement else number), excused or is_statement)
        loose[task_id] += number
    return {
        task_id: completeness(
            [Required(r.id, r.name, r.quantity, *counted.get((task_id, r.id), (0, False))) for r in needed.get(indicator_id or 0, [])], loose[task_id]
        )
        for task_id, indicator_id in tasks
    }


def indicator_name(session: Session, task: Task) -> tuple[str | None, str]:
    """(code, name) of what a task asks for; a titled duty has no code."""
    if task.indicator_id is None:
        return None, task.title or ""
    row = session.execute(select(Indicator.code, Indicator.name).where(Indicator.id == task.indicator_id)).one()
    return row.code, row.name
