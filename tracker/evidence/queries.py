"""Reads of checklists and proofs, for one task or for a page of them in a constant number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, literal, select, union_all
from sqlalchemy.orm import Session

from tracker.deadlines.models import Round
from tracker.evidence.content_rules import Particulars, figure_words
from tracker.evidence.models import EvidenceItem, ItemVersion, LinkCheck, LocalRequirement, Proof, VersionFile
from tracker.evidence.rules import Asked, Completeness, ItemKind, ProofState, Signing, Slot, SlotKind, completeness
from tracker.evidence.warning_rules import Facts
from tracker.files.models import StoredFile
from tracker.indicators.models import Indicator, Requirement, Variable
from tracker.kernel.database import second
from tracker.kernel.words import phrase
from tracker.tasks.models import Task
from tracker.tasks.rules import ReturnCause, return_words
from tracker.units.models import Unit

Alike = second(Indicator, "alike")


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file of a version, as pages show it. ``withdrawn``: its bytes were taken away by an administrator."""

    id: int
    version_id: int
    filename: str
    size: int
    media_type: str
    sha256: str
    stored_id: int
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of an item as pages show it."""

    version_id: int
    number: int
    item_id: int
    kind: ItemKind
    title: str
    unit_id: int
    unit_name: str
    url: str | None
    figure: Decimal | None
    denominator: Decimal | None
    figure_unit: str | None
    estimate: bool
    sentence: str | None
    document_number: str | None
    document_on: date | None
    issuer: str | None
    summary: str | None
    signer: str | None
    signing: Signing | None
    in_force_to: date | None
    why: str | None
    actor: str
    on_behalf: bool
    created_at: datetime
    files: tuple[FileLine, ...] = ()
    #: The last time somebody tried the link.
    check: LinkCheck | None = None

    @property
    def particulars(self) -> Particulars:
        return Particulars(self.document_number, self.document_on, self.issuer, self.summary, self.signer, self.signing, self.in_force_to)

    @property
    def figure_words(self) -> str:
        return figure_words(self.figure, self.denominator, self.figure_unit, self.estimate)

    def facts(self, also_in: Sequence[str] = ()) -> Facts:
        """As far as doubts need them."""
        opened = self.check.opened if self.check else None
        return Facts(self.kind, self.document_on, self.in_force_to, self.signing, self.figure, self.denominator, self.estimate, opened, also_in)


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One proof of a task as pages show it."""

    id: int
    task_id: int
    slot: Slot
    offered_at: datetime
    state: ProofState
    decided_at: datetime | None
    decided_by: str | None
    return_cause: ReturnCause | None
    return_words: str | None
    affirmed_at: datetime | None
    affirmed_by: str | None
    version: VersionLine

    @property
    def return_sentence(self) -> str:
        return return_words(self.return_cause, self.return_words)


_VERSION_COLUMNS: tuple[Any, ...] = (
    ItemVersion.id.label("version_id"),
    ItemVersion.number,
    ItemVersion.item_id,
    EvidenceItem.kind,
    EvidenceItem.title,
    EvidenceItem.unit_id,
    Unit.name.label("unit_name"),
    ItemVersion.url,
    ItemVersion.figure,
    ItemVersion.denominator,
    ItemVersion.figure_unit,
    ItemVersion.estimate,
    ItemVersion.sentence,
    ItemVersion.document_number,
    ItemVersion.document_on,
    ItemVersion.issuer,
    ItemVersion.summary,
    ItemVersion.signer,
    ItemVersion.signing,
    ItemVersion.in_force_to,
    ItemVersion.why,
    ItemVersion.actor,
    ItemVersion.on_behalf,
    ItemVersion.created_at,
)
_VERSION_NAMES = tuple(column.key for column in _VERSION_COLUMNS)


def _versions(*more: Any) -> Select[Any]:
    return (
        select(*_VERSION_COLUMNS, *more)
        .select_from(ItemVersion)
        .join(EvidenceItem, and_(EvidenceItem.authority_id == ItemVersion.authority_id, EvidenceItem.id == ItemVersion.item_id))
        .join(Unit, and_(Unit.authority_id == EvidenceItem.authority_id, Unit.id == EvidenceItem.unit_id))
    )


_PROOF_COLUMNS = (
    Proof.id.label("proof_id"),
    Proof.task_id,
    Proof.requirement_id,
    Proof.local_requirement_id,
    Proof.variable_id,
    Proof.created_at.label("offered_at"),
    Proof.state,
    Proof.decided_at,
    Proof.decided_by,
    Proof.return_cause,
    Proof.return_words,
    Proof.affirmed_at,
    Proof.affirmed_by,
)
_PROOFS = (
    _versions(*_PROOF_COLUMNS)
    .join(Proof, and_(Proof.authority_id == ItemVersion.authority_id, Proof.version_id == ItemVersion.id))
    .where(Proof.task_id.in_(bindparam("task_ids", expanding=True)), Proof.withdrawn_at.is_(None))
    .order_by(Proof.created_at, Proof.id)
)
_FILES = (
    select(
        VersionFile.id,
        VersionFile.version_id,
        VersionFile.filename,
        StoredFile.size,
        StoredFile.media_type,
        StoredFile.sha256,
        StoredFile.id.label("stored_id"),
        StoredFile.withdrawn_at.is_not(None).label("withdrawn"),
    )
    .join(StoredFile, and_(StoredFile.authority_id == VersionFile.authority_id, StoredFile.id == VersionFile.file_id))
    .where(VersionFile.version_id.in_(bindparam("version_ids", expanding=True)))
    .order_by(VersionFile.version_id, VersionFile.position)
)


def proofs(session: Session, task_id: int) -> list[ProofLine]:
    """Proofs in force of a task, oldest first."""
    return proofs_of(session, [task_id]).get(task_id, [])


def proofs_of(session: Session, task_ids: Collection[int]) -> dict[int, list[ProofLine]]:
    """Task → its proofs in force, oldest first: three statements at most, however many tasks."""
    rows = session.execute(_PROOFS, {"task_ids": sorted(task_ids)}).all()
    versions = _filled(session, [_version(row) for row in rows])
    found: dict[int, list[ProofLine]] = defaultdict(list)
    for row, version in zip(rows, versions, strict=True):
        slot = Slot.of(row.requirement_id, row.local_requirement_id, row.variable_id)
        decided = (row.state, row.decided_at, row.decided_by, row.return_cause, row.return_words, row.affirmed_at, row.affirmed_by)
        found[row.task_id].append(ProofLine(row.proof_id, row.task_id, slot, row.offered_at, *decided, version))
    return dict(found)


def _version(row: Any) -> VersionLine:
    return VersionLine(**{name: getattr(row, name) for name in _VERSION_NAMES})


def _filled(session: Session, lines: Sequence[VersionLine]) -> list[VersionLine]:
    """The versions with their files and the last check of their links."""
    with_files = {line.version_id for line in lines if line.kind is ItemKind.FILE}
    links = {line.version_id for line in lines if line.kind is ItemKind.LINK}
    files: dict[int, list[FileLine]] = defaultdict(list)
    if with_files:
        for row in session.execute(_FILES, {"version_ids": sorted(with_files)}):
            files[row.version_id].append(FileLine(**row._mapping))
    checks = last_checks(session, links) if links else {}
    return [replace(line, files=tuple(files[line.version_id]), check=checks.get(line.version_id)) for line in lines]


def last_checks(session: Session, version_ids: Collection[int]) -> dict[int, LinkCheck]:
    """Version → the last time somebody tried its link."""
    last = select(func.max(LinkCheck.id)).where(LinkCheck.version_id.in_(version_ids)).group_by(LinkCheck.version_id)
    return {one.version_id: one for one in session.scalars(select(LinkCheck).where(LinkCheck.id.in_(last)).order_by(LinkCheck.id))}


def versions_of(session: Session, item_id: int) -> list[VersionLine]:
    """The versions of an item, newest first."""
    rows = session.execute(_versions().where(ItemVersion.item_id == item_id).order_by(ItemVersion.number.desc()))
    return _filled(session, [_version(row) for row in rows])


_library = union_all(
    select(
        Requirement.indicator_id,
        literal(SlotKind.SOURCE.value).label("slot"),
        Requirement.id,
        Requirement.position,
        Requirement.name,
        Requirement.kind.label("kind"),
        Requirement.quantity,
        Requirement.signed_by_head,
        Requirement.while_in_force,
    ).where(Requirement.indicator_id.in_(bindparam("indicator_ids", expanding=True))),
    select(
        Variable.indicator_id,
        literal(SlotKind.VARIABLE.value),
        Variable.id,
        Variable.position,
        (Variable.letter + literal(": ") + Variable.name),
        literal("figures"),
        literal(1),
        literal(False),
        literal(False),
    ).where(Variable.indicator_id.in_(bindparam("indicator_ids", expanding=True))),
).subquery()
_LIBRARY = select(_library).order_by(_library.c.indicator_id, _library.c.slot, _library.c.position, _library.c.id)
_LOCAL = (
    select(LocalRequirement)
    .where(LocalRequirement.indicator_id.in_(bindparam("indicator_ids", expanding=True)), LocalRequirement.dropped_at.is_(None))
    .order_by(LocalRequirement.indicator_id, LocalRequirement.id)
)


def checklists(session: Session, indicator_ids: Collection[int]) -> dict[int, list[Asked]]:
    """Indicator → the lines of its checklist: what the source asks for, what the authority added, the letters of the formula. Two statements."""
    found: dict[int, list[Asked]] = defaultdict(list)
    if not indicator_ids:
        return found
    values = {"indicator_ids": sorted(indicator_ids)}
    letters: dict[int, list[Asked]] = defaultdict(list)
    for row in session.execute(_LIBRARY, values):
        kind = SlotKind(row.slot)
        name = phrase("Số liệu %(figure)s", figure=row.name) if kind is SlotKind.VARIABLE else row.name
        asked = Asked(Slot(kind, row.id), name, str(row.kind), row.quantity, bool(row.signed_by_head), bool(row.while_in_force))
        (letters if kind is SlotKind.VARIABLE else found)[row.indicator_id].append(asked)
    for one in session.scalars(_LOCAL, values):
        slot = Slot(SlotKind.LOCAL, one.id)
        found[one.indicator_id].append(Asked(slot, one.name, one.kind.value, one.quantity, one.signed_by_head, one.while_in_force))
    for indicator_id, lines in letters.items():
        found[indicator_id].extend(lines)
    return found


def checklist(session: Session, indicator_id: int | None) -> list[Asked]:
    """The lines of one indicator's checklist; a titled duty has none."""
    return checklists(session, [indicator_id])[indicator_id] if indicator_id is not None else []


def variables(session: Session, indicator_id: int | None) -> list[Variable]:
    """The letters of the scoring formula, in order."""
    if indicator_id is None:
        return []
    return list(session.scalars(select(Variable).where(Variable.indicator_id == indicator_id).order_by(Variable.position)))


_SLOT_COLUMNS = (Proof.requirement_id, Proof.local_requirement_id, Proof.variable_id)
_COUNTED = (
    select(Proof.task_id, *_SLOT_COLUMNS, EvidenceItem.kind, func.count(Proof.id))
    .join(ItemVersion, and_(ItemVersion.authority_id == Proof.authority_id, ItemVersion.id == Proof.version_id))
    .join(EvidenceItem, and_(EvidenceItem.authority_id == Proof.authority_id, EvidenceItem.id == ItemVersion.item_id))
    .where(Proof.task_id.in_(bindparam("task_ids", expanding=True)), Proof.withdrawn_at.is_(None), Proof.state != ProofState.RETURNED)
    .group_by(Proof.task_id, *_SLOT_COLUMNS, EvidenceItem.kind)
    .order_by(Proof.task_id)
)


def completeness_of(session: Session, tasks: Collection[tuple[int, int | None]]) -> dict[int, Completeness]:
    """Completeness of (task, indicator) pairs: three statements, however many tasks."""
    if not tasks:
        return {}
    asked = checklists(session, {indicator for _, indicator in tasks if indicator is not None})
    ticked: dict[int, dict[Slot, tuple[int, bool]]] = defaultdict(dict)
    for task_id, requirement_id, local_id, variable_id, kind, number in session.execute(_COUNTED, {"task_ids": [task for task, _ in tasks]}):
        slot = Slot.of(requirement_id, local_id, variable_id)
        before, excused = ticked[task_id].get(slot, (0, False))
        is_statement = kind is ItemKind.STATEMENT
        ticked[task_id][slot] = (before + (0 if is_statement else number), excused or is_statement)
    return {task_id: completeness(asked.get(indicator_id or 0, []), ticked[task_id]) for task_id, indicator_id in tasks}


def indicator_name(session: Session, task: Task) -> tuple[str | None, str]:
    """(code, name) of what a task asks for; a titled duty has no code."""
    if task.indicator_id is None:
        return None, task.title or ""
    row = session.execute(select(Indicator.code, Indicator.name).where(Indicator.id == task.indicator_id)).one()
    return row.code, row.name


@dataclass(frozen=True, slots=True)
class Former:
    """What served the same indicator of the same unit in another round."""

    proof_id: int
    slot: Slot
    version: VersionLine
    round_name: str
    round_id: int
    accepted: bool


def former_proofs(session: Session, task: Task) -> list[Former]:
    """What served this indicator before, in any other round, newest round first; each version once, without what was returned or taken back."""
    if task.indicator_id is None:
        return []
    # Next year's set prints the indicator anew: the same code and name is the same indicator.
    same = (
        select(Alike.id)
        .join(Indicator, and_(Indicator.code == Alike.code, Indicator.folded == Alike.folded))
        .where(Indicator.id == task.indicator_id)
    )
    here = select(Proof.version_id).where(Proof.task_id == task.id, Proof.withdrawn_at.is_(None))
    query = (
        _versions(*_PROOF_COLUMNS, Round.name.label("round_name"), Round.id.label("round_id"), Task.accepted_at)
        .join(Proof, and_(Proof.authority_id == ItemVersion.authority_id, Proof.version_id == ItemVersion.id))
        .join(Task, and_(Task.authority_id == Proof.authority_id, Task.id == Proof.task_id))
        .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
        .where(
            Task.indicator_id.in_(same),
            Task.unit_id == task.unit_id,
            Task.id != task.id,
            Proof.withdrawn_at.is_(None),
            Proof.state != ProofState.RETURNED,
            EvidenceItem.kind != ItemKind.STATEMENT,
            ItemVersion.id.not_in(here),
        )
        .order_by(Round.opened_at.desc(), Proof.created_at, Proof.id)
    )
    rows = session.execute(query).all()
    versions = _filled(session, [_version(row) for row in rows])
    found: dict[tuple[int, Slot], Former] = {}
    for row, version in zip(rows, versions, strict=True):
        slot = Slot.of(row.requirement_id, row.local_requirement_id, row.variable_id)
        one = Former(row.proof_id, slot, version, row.round_name, row.round_id, row.accepted_at is not None)
        found.setdefault((version.version_id, slot), one)
    return list(found.values())
