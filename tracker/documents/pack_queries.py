"""What an evidence pack of a round holds: collected first, so that the database is free while bytes are sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from tracker.deadlines.models import Round
from tracker.documents.pack_rules import file_name, folder_name, proof_code
from tracker.evidence import queries as evidence
from tracker.evidence.queries import FileLine, ProofLine
from tracker.evidence.rules import Asked, Completeness, ItemKind, ProofState, Slot
from tracker.evidence.warning_rules import Window, warnings
from tracker.indicators.models import Indicator
from tracker.tasks.models import Task
from tracker.tasks.narrowing import Main
from tracker.tasks.rules import DONE, SET_ASIDE, Progress
from tracker.units.models import Unit

#: Tasks read together: a round of a province has over a thousand.
_TOGETHER = 200


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file with its name in the archive, folders and all."""

    name: str
    line: FileLine


@dataclass(frozen=True, slots=True)
class PackedProof:
    """One proof: its code, the line it ticks, its files, what is doubtful."""

    code: str
    proof: ProofLine
    wanted: str
    files: tuple[PackedFile, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackedTask:
    """One task with its proofs, and what it lacks in words."""

    task_id: int
    code: str
    name: str
    unit: str
    status: Progress
    reason: str | None
    folder: str
    proofs: tuple[PackedProof, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A main indicator: one folder with its cover."""

    folder: str
    title: str
    tasks: tuple[PackedTask, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything, in the order of the set."""

    authority_id: int
    authority: str
    round: str
    sections: tuple[Section, ...]

    @property
    def tasks(self) -> list[PackedTask]:
        return [task for section in self.sections for task in section.tasks]

    @property
    def files(self) -> list[PackedFile]:
        return [file for task in self.tasks for proof in task.proofs for file in proof.files]

    @property
    def missing(self) -> int:
        """Documents asked for that are not there, and files whose bytes were withdrawn."""
        withdrawn = sum(file.withdrawn for task in self.tasks for proof in task.proofs for file in proof.proof.version.files)
        return withdrawn + sum(len(task.missing) for task in self.tasks)


def pack_of(session: Session, authority: str, one: Round, *, unit_ids: Collection[int] | None = None, everything: bool = False) -> Pack:
    """The pack of a round. ``unit_ids`` narrows to a lead's own tasks; without ``everything`` only what was handed in brings its proofs.

    Codes count on for an indicator, whatever the number of units that lead it.
    """
    rows = _rows(session, one, unit_ids)
    numbers: dict[str, int] = defaultdict(int)
    window = Window(one.data_from, one.data_to)
    sections: dict[str, tuple[str, list[PackedTask]]] = {}
    for start in range(0, len(rows), _TOGETHER):
        part = rows[start : start + _TOGETHER]
        found = evidence.completeness_of(session, [(row.Task.id, row.Task.indicator_id) for row in part])
        brought = evidence.proofs_of(session, [row.Task.id for row in part if everything or row.Task.status in DONE])
        for row in part:
            folder, title = _section(row)
            packed = _packed(row, folder, found[row.Task.id], brought.get(row.Task.id, []), numbers, window)
            sections.setdefault(folder, (title, []))[1].append(packed)
    return Pack(one.authority_id, authority, one.name, tuple(Section(folder, title, tuple(tasks)) for folder, (title, tasks) in sections.items()))


def _rows(session: Session, one: Round, unit_ids: Collection[int] | None) -> list[Any]:
    query = (
        select(Task, Indicator.code, Indicator.name, Main.code.label("main_code"), Main.name.label("main_name"), Unit.name.label("unit"))
        .join(Unit, and_(Unit.authority_id == Task.authority_id, Unit.id == Task.unit_id))
        .outerjoin(Indicator, Indicator.id == Task.indicator_id)
        .outerjoin(Main, Main.id == Indicator.main_id)
        .where(Task.round_id == one.id)
        .order_by(Indicator.set_id, Indicator.position, Unit.position, Task.id)
    )
    if unit_ids is not None:
        query = query.where(Task.unit_id.in_(unit_ids))
    return list(session.execute(query))


def _section(row: Any) -> tuple[str, str]:
    if row.main_code is None:
        return "Việc khác", "Việc khác"
    return folder_name(row.main_code, row.main_name), f"{row.main_code} {row.main_name}"


def _packed(row: Any, folder: str, found: Completeness, brought: list[ProofLine], numbers: dict[str, int], window: Window) -> PackedTask:
    task: Task = row.Task
    code = row.code or "0"
    asked = {line.slot: line.asked for line in found.lines}
    proofs = []
    for proof in brought:
        if proof.state is ProofState.RETURNED:
            continue
        numbers[code] += 1
        proofs.append(_proof(proof_code(code, numbers[code]), folder, proof, asked, window))
    lacks = () if task.status in SET_ASIDE else found.missing if brought else tuple(line.lacks for line in found.lines)
    return PackedTask(task.id, code, row.name or task.title or "", row.unit, task.status, task.reason, folder, tuple(proofs), lacks)


def _proof(code: str, folder: str, proof: ProofLine, asked: dict[Slot, Asked], window: Window) -> PackedProof:
    line = asked.get(proof.slot)
    files = tuple(
        PackedFile(f"{folder}/{file_name(code, place, file.filename)}", file)
        for place, file in enumerate(proof.version.files, 1)
        if not file.withdrawn
    )
    doubts = list(warnings(proof.version.facts(), line, window))
    if proof.version.kind is ItemKind.FILE and len(files) < len(proof.version.files):
        doubts.append("Có tệp đã bị thu hồi nội dung.")
    return PackedProof(code, proof, line.name if line else "Cả chỉ số", files, tuple(doubts))
