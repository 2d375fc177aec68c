"""Where a stored file is used, whatever it is used as."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from tracker.deadlines.models import Round, RoundPaper
from tracker.evidence.models import EvidenceItem, ItemVersion, VersionFile


@dataclass(frozen=True, slots=True)
class FileUse:
    """One place: the name the file bears there, and the item (with its id) or the round it belongs to."""

    filename: str
    belongs_to: str
    item_id: int | None
    number: int


def uses_of_files(session: Session, stored_ids: Collection[int]) -> dict[int, list[FileUse]]:
    """File → its uses: versions of items first, then papers of rounds."""
    items = (
        select(VersionFile.file_id, VersionFile.filename, EvidenceItem.title, EvidenceItem.id, ItemVersion.number)
        .join(ItemVersion, and_(ItemVersion.authority_id == VersionFile.authority_id, ItemVersion.id == VersionFile.version_id))
        .join(EvidenceItem, and_(EvidenceItem.authority_id == ItemVersion.authority_id, EvidenceItem.id == ItemVersion.item_id))
        .where(VersionFile.file_id.in_(stored_ids))
        .order_by(EvidenceItem.id, ItemVersion.number, VersionFile.position)
    )
    papers = (
        select(RoundPaper.file_id, RoundPaper.filename, Round.name)
        .join(Round, and_(Round.authority_id == RoundPaper.authority_id, Round.id == RoundPaper.round_id))
        .where(RoundPaper.file_id.in_(stored_ids))
        .order_by(RoundPaper.id)
    )
    found: dict[int, list[FileUse]] = defaultdict(list)
    for file_id, filename, title, item_id, number in session.execute(items):
        found[file_id].append(FileUse(filename, title, item_id, number))
    for file_id, filename, name in session.execute(papers):
        found[file_id].append(FileUse(filename, name, None, 0))
    return dict(found)
