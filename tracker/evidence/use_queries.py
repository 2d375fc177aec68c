"""Where an item, or the bytes of a file, serve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from tracker.deadlines.models import Round
from tracker.evidence.models import ItemVersion, Proof, VersionFile
from tracker.evidence.queries import ProofLine
from tracker.indicators.models import Indicator
from tracker.tasks.models import Task


@dataclass(frozen=True, slots=True)
class Use:
    """Where an item serves: one line for each task."""

    task_id: int
    code: str | None
    name: str
    round_name: str
    unit_id: int
    number: int
    withdrawn: bool


def uses_of(session: Session, item_id: int) -> list[Use]:
    """The tasks an item serves or served, newest round first."""
    query = (
        select(Task.id, Indicator.code, func.coalesce(Indicator.name, Task.title), Round.name, Task.unit_id, ItemVersion.number, Proof.withdrawn_at)
        .select_from(Proof)
        .join(ItemVersion, and_(ItemVersion.authority_id == Proof.authority_id, ItemVersion.id == Proof.version_id))
        .join(Task, and_(Task.authority_id == Proof.authority_id, Task.id == Proof.task_id))
        .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
        .outerjoin(Indicator, Indicator.id == Task.indicator_id)
        .where(ItemVersion.item_id == item_id)
        .order_by(Round.opened_at.desc(), Task.id, Proof.id)
    )
    return [Use(*row[:6], row[6] is not None) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another place the same bytes serve."""

    task_id: int
    unit_id: int
    words: str


_OTHER_USES = (
    select(VersionFile.file_id, Task.id, Task.unit_id, Indicator.code, Task.title, Round.name)
    .join(Proof, and_(Proof.authority_id == VersionFile.authority_id, Proof.version_id == VersionFile.version_id))
    .join(Task, and_(Task.authority_id == Proof.authority_id, Task.id == Proof.task_id))
    .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
    .outerjoin(Indicator, Indicator.id == Task.indicator_id)
    .where(VersionFile.file_id.in_(bindparam("file_ids", expanding=True)), Proof.withdrawn_at.is_(None), Task.id != bindparam("task_id"))
    .distinct()
    .order_by(VersionFile.file_id, Task.id)
)


def used_elsewhere(session: Session, task_id: int, lines: Sequence[ProofLine]) -> dict[int, list[Elsewhere]]:
    """Stored file → the other tasks its bytes serve: «cùng tệp này đã dùng ở …». One statement."""
    file_ids = {file.stored_id for line in lines for file in line.version.files}
    found: dict[int, list[Elsewhere]] = defaultdict(list)
    if file_ids:
        for file_id, other_id, unit_id, code, title, name in session.execute(_OTHER_USES, {"file_ids": sorted(file_ids), "task_id": task_id}):
            found[file_id].append(Elsewhere(other_id, unit_id, f"{code or title}, {name}"))
    return found
