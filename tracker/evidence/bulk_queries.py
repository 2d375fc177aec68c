"""Reads for bulk work: an unit's items, tasks under a lock, which bytes serve which tasks already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from tracker.deadlines.models import Round
from tracker.evidence.models import EvidenceItem, ItemVersion, Proof, VersionFile
from tracker.evidence.rules import ItemKind, ProofState
from tracker.files.models import StoredFile
from tracker.indicators.models import Indicator
from tracker.kernel.vietnamese import fold
from tracker.tasks.models import Task

#: A page of the unit's items; a search narrows to what is older.
ITEMS_SHOWN = 50
#: How many items a search goes through: folded in Python, since neither database folds Vietnamese alike.
ITEMS_SEARCHED = 3000


def locked_tasks(session: Session, ids: Collection[int]) -> dict[int, Task]:
    """The tasks as they are at this moment. Until the commit nobody else changes them, and their rounds do not close."""
    rounds = select(Task.round_id).where(Task.id.in_(ids))
    session.execute(select(Round.id).where(Round.id.in_(rounds)).order_by(Round.id).with_for_update(read=True)).all()
    query = select(Task).where(Task.id.in_(ids)).order_by(Task.id).with_for_update().execution_options(populate_existing=True)
    return {task.id: task for task in session.scalars(query)}


def labels(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Task → what to call it: the code of its indicator, or its title."""
    query = (
        select(Task.id, func.coalesce(Indicator.code, Task.title).label("label"))
        .outerjoin(Indicator, Indicator.id == Task.indicator_id)
        .where(Task.id.in_(ids))
    )
    return {row.id: row.label for row in session.execute(query.order_by(Task.id))}


def closed_rounds(session: Session, round_ids: Collection[int]) -> dict[int, tuple[str, datetime]]:
    """Round → its name and when it was closed, of those that are."""
    query = select(Round.id, Round.name, Round.closed_at).where(Round.id.in_(round_ids), Round.closed_at.is_not(None)).order_by(Round.id)
    return {row.id: (row.name, row.closed_at) for row in session.execute(query)}


def data_windows(session: Session, round_ids: Collection[int]) -> dict[int, tuple[date | None, date | None]]:
    """Round → kỳ số liệu."""
    query = select(Round.id, Round.data_from, Round.data_to).where(Round.id.in_(round_ids)).order_by(Round.id)
    return {row.id: (row.data_from, row.data_to) for row in session.execute(query)}


@dataclass(frozen=True, slots=True)
class StoreItem:
    """One item of a unit's store, in its newest version."""

    id: int
    version_id: int
    kind: ItemKind
    title: str
    document_number: str | None
    document_on: date | None
    summary: str | None
    created_at: datetime
    #: Of the tasks it serves: «1.3», or the title.
    serves: tuple[str, ...] = ()


_newest = select(func.max(ItemVersion.id)).group_by(ItemVersion.item_id)
_STORE = (
    select(
        EvidenceItem.id,
        ItemVersion.id.label("version_id"),
        EvidenceItem.kind,
        EvidenceItem.title,
        ItemVersion.document_number,
        ItemVersion.document_on,
        ItemVersion.summary,
        ItemVersion.created_at,
    )
    .join(ItemVersion, and_(ItemVersion.authority_id == EvidenceItem.authority_id, ItemVersion.item_id == EvidenceItem.id))
    .order_by(ItemVersion.created_at.desc(), EvidenceItem.id.desc())
)


def store(session: Session, unit_id: int, text: str = "") -> list[StoreItem]:
    """The unit's items that may serve other tasks, newest first; ``text`` narrows by title, number, summary and the names of files."""
    readable = or_(
        EvidenceItem.kind != ItemKind.FILE,
        select(VersionFile.id)
        .join(StoredFile, and_(StoredFile.authority_id == VersionFile.authority_id, StoredFile.id == VersionFile.file_id))
        .where(VersionFile.version_id == ItemVersion.id, StoredFile.withdrawn_at.is_(None))
        .exists(),
    )
    newest = _newest.join(EvidenceItem, EvidenceItem.id == ItemVersion.item_id).where(EvidenceItem.unit_id == unit_id)
    query = _STORE.where(EvidenceItem.unit_id == unit_id, EvidenceItem.kind != ItemKind.STATEMENT, ItemVersion.id.in_(newest), readable)
    found = [StoreItem(*row) for row in session.execute(query.limit(ITEMS_SEARCHED))]
    wanted = fold(text).split()
    if wanted:
        named = file_names(session, [one.version_id for one in found])
        found = [one for one in found if _holds(one, named.get(one.version_id, ""), wanted)]
    shown = found[:ITEMS_SHOWN]
    serves = _serves(session, [one.id for one in shown])
    return [StoreItem(one.id, one.version_id, one.kind, one.title, *_told(one), tuple(serves[one.id])) for one in shown]


def _told(one: StoreItem) -> tuple[str | None, date | None, str | None, datetime]:
    return one.document_number, one.document_on, one.summary, one.created_at


def _holds(one: StoreItem, filenames: str, wanted: list[str]) -> bool:
    text = fold(f"{one.title} {one.document_number or ''} {one.summary or ''} {filenames}")
    return all(word in text for word in wanted)


def file_names(session: Session, version_ids: Collection[int]) -> dict[int, str]:
    """Version → the names of its files in one string."""
    found: dict[int, list[str]] = defaultdict(list)
    query = select(VersionFile.version_id, VersionFile.filename).where(VersionFile.version_id.in_(version_ids))
    for version_id, name in session.execute(query.order_by(VersionFile.version_id, VersionFile.position)):
        found[version_id].append(name)
    return {version_id: " ".join(names) for version_id, names in found.items()}


def _serves(session: Session, item_ids: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = (
        select(ItemVersion.item_id, func.coalesce(Indicator.code, Task.title).label("label"))
        .join(Proof, and_(Proof.authority_id == ItemVersion.authority_id, Proof.version_id == ItemVersion.id))
        .join(Task, and_(Task.authority_id == Proof.authority_id, Task.id == Proof.task_id))
        .outerjoin(Indicator, Indicator.id == Task.indicator_id)
        .where(ItemVersion.item_id.in_(item_ids), Proof.withdrawn_at.is_(None))
        .order_by(ItemVersion.item_id, Proof.id)
    )
    for item_id, label in session.execute(query):
        if label not in found[item_id]:
            found[item_id].append(label)
    return found


def newest_version(session: Session, item_id: int) -> ItemVersion:
    """The version of an item that is in force."""
    return session.scalars(select(ItemVersion).where(ItemVersion.item_id == item_id).order_by(ItemVersion.number.desc()).limit(1)).one()


def bytes_there(session: Session, task_ids: Collection[int], hashes: Collection[str]) -> set[tuple[str, int]]:
    """(SHA-256, task) of what the tasks hold already, so that a folder sent twice is noticed. What was returned counts as brought."""
    query = (
        select(StoredFile.sha256, Proof.task_id)
        .join(VersionFile, and_(VersionFile.authority_id == StoredFile.authority_id, VersionFile.file_id == StoredFile.id))
        .join(Proof, and_(Proof.authority_id == VersionFile.authority_id, Proof.version_id == VersionFile.version_id))
        .where(Proof.task_id.in_(task_ids), StoredFile.sha256.in_(hashes), Proof.withdrawn_at.is_(None))
        .order_by(StoredFile.sha256, Proof.task_id)
    )
    return {(sha256, task_id) for sha256, task_id in session.execute(query)}


def serving(session: Session, version_id: int, task_ids: Collection[int]) -> dict[int, set[tuple[int | None, int | None, int | None]]]:
    """Task → the lines (as a proof's three columns) a version ticks there already."""
    found: dict[int, set[tuple[int | None, int | None, int | None]]] = defaultdict(set)
    query = (
        select(Proof.task_id, Proof.requirement_id, Proof.local_requirement_id, Proof.variable_id)
        .where(Proof.version_id == version_id, Proof.task_id.in_(task_ids), Proof.withdrawn_at.is_(None), Proof.state != ProofState.RETURNED)
        .order_by(Proof.id)
    )
    for task_id, *columns in session.execute(query):
        found[task_id].add((columns[0], columns[1], columns[2]))
    return found
