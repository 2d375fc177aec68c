"""Reads of sets and their trees, in code order."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.indicators.models import DeclaredTotal, DocumentFinding, Indicator, IndicatorSet, SetAdoption
from tracker.indicators.rules import IndicatorKind
from tracker.kernel.vietnamese import fold
from tracker.units.queries import holds


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One row of a set's tree. ``depth`` counts from 0; a ``leaf`` has no children and may be answered by itself."""

    indicator: Indicator
    parent: str | None
    depth: int
    leaf: bool


def published_sets(session: Session, *, owner_id: int | None = None) -> list[IndicatorSet]:
    """Every set somebody may read: published ones, and the drafts of ``owner_id``."""
    readable: ColumnElement[bool] = IndicatorSet.published_at.is_not(None)
    if owner_id is not None:
        readable = or_(readable, IndicatorSet.owner_authority_id == owner_id)
    return list(session.scalars(select(IndicatorSet).where(readable).order_by(IndicatorSet.issued_on.desc().nulls_last(), IndicatorSet.slug)))


def adopted_sets(session: Session, authority_id: int, day: date) -> list[IndicatorSet]:
    """The sets an authority uses on a day, in the order it took them up."""
    return list(
        session.scalars(
            select(IndicatorSet)
            .join(SetAdoption, SetAdoption.set_id == IndicatorSet.id)
            .where(
                SetAdoption.authority_id == authority_id,
                holds(SetAdoption.valid_from, SetAdoption.valid_to, day),
            )
            .order_by(SetAdoption.position, SetAdoption.id)
        )
    )


def indicators(session: Session, set_id: int) -> list[Indicator]:
    """The rows of a set in the order of its document."""
    return list(session.scalars(select(Indicator).where(Indicator.set_id == set_id).order_by(Indicator.position)))


def tree(session: Session, set_id: int) -> list[TreeRow]:
    """The rows of a set, each parent before its children, siblings in code order: 6.2 before 6.10."""
    children: dict[int | None, list[Indicator]] = {}
    for one in indicators(session, set_id):
        children.setdefault(one.parent_id, []).append(one)
    for siblings in children.values():
        siblings.sort(key=lambda one: (one.code_key, one.position))
    rows: list[TreeRow] = []

    def walk(parent: Indicator | None, depth: int) -> None:
        for one in children.get(parent.id if parent else None, ()):
            rows.append(TreeRow(one, parent.code if parent else None, depth, one.id not in children))
            walk(one, depth + 1)

    walk(None, 0)
    return rows


def component_counts(session: Session) -> dict[int, int]:
    """Set → the number of its component indicators."""
    rows = session.execute(
        select(Indicator.set_id, func.count()).where(Indicator.kind == IndicatorKind.COMPONENT).group_by(Indicator.set_id).order_by(Indicator.set_id)
    )
    return {row[0]: row[1] for row in rows}


def main_indicators(session: Session, set_id: int) -> list[Indicator]:
    """The main indicators of a set, in order."""
    return list(
        session.scalars(
            select(Indicator).where(Indicator.set_id == set_id, Indicator.kind == IndicatorKind.MAIN).order_by(Indicator.code_key, Indicator.position)
        )
    )


def leaves_of_set(session: Session, set_id: int) -> list[Indicator]:
    """The rows without children, in the order of the document. Only leaves of the tree get tasks."""
    child = aliased(Indicator)
    return list(
        session.scalars(
            select(Indicator)
            .where(Indicator.set_id == set_id, ~select(child.id).where(child.parent_id == Indicator.id).exists())
            .order_by(Indicator.position)
        )
    )


def matching(rows: Collection[TreeRow], words: str) -> list[TreeRow]:
    """The rows whose code or name holds every word (diacritics may be left out), and the rows above them."""
    wanted = fold(words).split()
    if not wanted:
        return list(rows)
    parents = {row.indicator.code: row.parent for row in rows}
    kept: set[str] = set()
    for row in rows:
        found = f"{row.indicator.code.casefold()} {row.indicator.folded}"
        if all(word in found for word in wanted):
            code: str | None = row.indicator.code
            while code is not None and code not in kept:
                kept.add(code)
                code = parents[code]
    return [row for row in rows if row.indicator.code in kept]


def declared_totals(session: Session, set_id: int) -> list[DeclaredTotal]:
    """The totals and counts the document states, in order."""
    return list(session.scalars(select(DeclaredTotal).where(DeclaredTotal.set_id == set_id).order_by(DeclaredTotal.position)))


def document_findings(session: Session, set_id: int) -> list[DocumentFinding]:
    """What a reader found wrong in the document, in order."""
    return list(session.scalars(select(DocumentFinding).where(DocumentFinding.set_id == set_id).order_by(DocumentFinding.position)))
