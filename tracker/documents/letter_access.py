"""Letters of the register by id, within the authority in scope."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.documents.letter_models import OfficialLetter
from tracker.documents.letter_wording_rules import USUAL, LetterKind
from tracker.kernel.errors import NotFound
from tracker.units import access as units
from tracker.units.models import Authority


def letter(session: Session, letter_id: int) -> OfficialLetter:
    """Raises NotFound."""
    row = session.scalars(select(OfficialLetter).where(OfficialLetter.id == letter_id)).one_or_none()
    if row is None:
        raise NotFound("Không có công văn này trong sổ.")
    return row


def letters(session: Session, ids: Sequence[int]) -> list[OfficialLetter]:
    """All of them, in the order of the register. Raises NotFound where one is missing or none is named."""
    rows = list(session.scalars(select(OfficialLetter).where(OfficialLetter.id.in_(sorted(set(ids)))).order_by(OfficialLetter.id)))
    if not rows or len(rows) != len(set(ids)):
        raise NotFound("Không có công văn này trong sổ.")
    return rows


def locked(session: Session, letter_id: int, authority: Authority) -> OfficialLetter:
    """The row as it is now; until the transaction ends nobody else numbers a letter of the authority. Raises NotFound."""
    units.hold(session, authority.id)
    wanted = select(OfficialLetter).where(OfficialLetter.id == letter_id).execution_options(populate_existing=True)
    row = session.scalars(wanted).one_or_none()
    if row is None:
        raise NotFound("Không có công văn này trong sổ.")
    return row


def kind(name: str) -> LetterKind:
    """A kind of letter whose wording can be edited. Raises NotFound."""
    found = next((one for one in USUAL if one.value == name), None)
    if found is None:
        raise NotFound("Không có loại văn bản này.")
    return found
