"""Reads of former names and of what became of units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session

from tracker.units.models import Unit
from tracker.units.queries import holds
from tracker.units.succession_models import Succession, SuccessionUnit, UnitName
from tracker.units.succession_rules import Heir, Side, SuccessionKind, SuccessionState, ending, state_of


@dataclass(frozen=True, slots=True)
class SuccessionRow:
    """A change of units with the units of its two sides, in document order."""

    succession: Succession
    predecessors: tuple[Unit, ...]
    successors: tuple[Unit, ...]

    @property
    def state(self) -> SuccessionState:
        return state_of(self.succession.applied_at is not None, self.succession.undone_at is not None)

    @property
    def ending_ids(self) -> list[int]:
        """The former units that do not go on themselves."""
        return ending(self.succession.kind, [u.id for u in self.predecessors], {u.id for u in self.successors})


def names_of(session: Session, unit_id: int) -> list[UnitName]:
    """The dated names of a unit, the newest first; none where it was never renamed."""
    return list(session.scalars(select(UnitName).where(UnitName.unit_id == unit_id).order_by(UnitName.valid_from.desc(), UnitName.id.desc())))


def name_on(session: Session, unit: Unit, day: date) -> str:
    """What a unit was called on a day."""
    held = select(UnitName.name).where(UnitName.unit_id == unit.id, holds(UnitName.valid_from, UnitName.valid_to, day))
    return session.scalars(held.order_by(UnitName.valid_from.desc())).first() or unit.name


def recorded(session: Session) -> list[SuccessionRow]:
    """Every change of the authority, the latest first."""
    return _rows(session, true())


def one(session: Session, succession_id: int) -> SuccessionRow | None:
    """One change with its units."""
    found = _rows(session, Succession.id == succession_id)
    return found[0] if found else None


def of_unit(session: Session, unit_id: int) -> list[SuccessionRow]:
    """The changes a unit took part in, called-off ones left out, the latest first."""
    mine = select(SuccessionUnit.succession_id).where(SuccessionUnit.unit_id == unit_id)
    return _rows(session, and_(Succession.id.in_(mine), Succession.undone_at.is_(None)))


def waiting_of(session: Session, unit_ids: Collection[int]) -> list[SuccessionRow]:
    """Changes to come in which some units stand on the former side."""
    mine = select(SuccessionUnit.succession_id).where(SuccessionUnit.unit_id.in_(unit_ids), SuccessionUnit.side == Side.FROM)
    return _rows(session, and_(Succession.id.in_(mine), Succession.undone_at.is_(None), Succession.applied_at.is_(None)))


def due_ids(session: Session, day: date) -> list[int]:
    """The changes whose day has come and that nobody has carried out."""
    waits = and_(Succession.applied_at.is_(None), Succession.undone_at.is_(None), Succession.effective_on <= day)
    return list(session.scalars(select(Succession.id).where(waits).order_by(Succession.effective_on, Succession.id)))


def heirs(session: Session, unit_ids: Collection[int]) -> dict[int, list[Heir]]:
    """Unit → who followed it, in order of time. One read, of two tables joined."""
    found: dict[int, list[Heir]] = {one: [] for one in unit_ids}
    if not found:
        return found
    mine = select(SuccessionUnit.succession_id).where(SuccessionUnit.unit_id.in_(found), SuccessionUnit.side == Side.FROM)
    for row in sorted(_rows(session, and_(Succession.id.in_(mine), Succession.undone_at.is_(None))), key=_in_time):
        if row.succession.kind is SuccessionKind.RENAME:
            continue
        for unit in row.predecessors:
            if unit.id in found:
                taking = [other for other in row.successors if other.id != unit.id]
                found[unit.id].append(
                    Heir(row.succession.kind, row.succession.effective_on, tuple(u.name for u in taking), tuple(u.id for u in taking))
                )
    return found


def _in_time(row: SuccessionRow) -> tuple[date, int]:
    return row.succession.effective_on, row.succession.id


def _rows(session: Session, wanted: ColumnElement[bool]) -> list[SuccessionRow]:
    sides: dict[int, dict[Side, list[Unit]]] = defaultdict(lambda: {Side.FROM: [], Side.TO: []})
    kept: dict[int, Succession] = {}
    for succession, side, unit in session.execute(
        select(Succession, SuccessionUnit.side, Unit)
        .join(SuccessionUnit, and_(SuccessionUnit.authority_id == Succession.authority_id, SuccessionUnit.succession_id == Succession.id))
        .join(Unit, and_(Unit.authority_id == SuccessionUnit.authority_id, Unit.id == SuccessionUnit.unit_id))
        .where(wanted)
        .order_by(Succession.effective_on.desc(), Succession.id.desc(), Unit.position, Unit.id)
    ):
        kept[succession.id] = succession
        sides[succession.id][side].append(unit)
    return [SuccessionRow(row, tuple(sides[id_][Side.FROM]), tuple(sides[id_][Side.TO])) for id_, row in kept.items()]
