"""Gathers what the rules of a check need: the rows of a set, and the notices that assign them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from tracker.assignments import queries as assignments
from tracker.assignments.models import Assignment, Notice
from tracker.documents import rules
from tracker.documents.rules import Assigned, Declared, Finding, FindingKind, Line, NamedUnit
from tracker.indicators import queries as indicators
from tracker.indicators.models import Indicator, IndicatorSet
from tracker.kernel import scope
from tracker.units import queries as units
from tracker.units.models import Authority, UnresolvedName
from tracker.units.queries import Directory
from tracker.units.rules import UnitKind


def findings_of_set(session: Session, found: IndicatorSet) -> list[Finding]:
    """Contradictions inside the set itself: what arithmetic finds and what a reader found."""
    lines, _order = _lines(session, found.id)
    declared = [Declared(one.place, one.what, one.printed, one.value) for one in indicators.declared_totals(session, found.id)]
    read = [
        Finding(one.place, FindingKind(one.kind), one.printed, one.expected, one.message, one.field)
        for one in indicators.document_findings(session, found.id)
    ]
    return [*rules.missing_values(lines), *rules.declared_mismatches(lines, declared), *rules.sums_of_children(lines, declared), *read]


def findings_of_notice(session: Session, found: IndicatorSet, notice: Notice, day: date) -> list[Finding]:
    """Contradictions in who does what, for the rows of one set. Needs a scope of the notice's authority."""
    directory = Directory.load(session)
    rows = [
        Assigned(
            code=row.indicator.code,
            main=None,
            lead_printed=row.assignment.lead_printed,
            cooperators_printed=row.assignment.cooperators_printed,
            leads=_named(directory, row.assignment.lead_printed),
            cooperators=_named(directory, row.assignment.cooperators_printed),
        )
        for row in assignments.of_notice(session, notice, day)
        if row.indicator.set_id == found.id
    ]
    named = _units(session, rows, day)
    return [*rules.divided_rows(rows), *rules.spellings(rows, named), *rules.empty_groups(rows, named), *_unresolved(session, found.id)]


def _named(directory: Directory, cell: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((words, unit.name if unit else None) for words, unit in directory.split_and_resolve(cell))


def _units(session: Session, rows: list[Assigned], day: date) -> list[NamedUnit]:
    """The units that stand in the rows, with their spellings and the number of their members."""
    standing = {name for row in rows for _words, name in (*row.leads, *row.cooperators) if name}
    listed = [unit for unit in units.units(session) if unit.name in standing]
    spellings = units.aliases(session)
    groups = [unit.id for unit in listed if unit.kind is UnitKind.GROUP]
    members = units.members_of(session, groups, day)
    return [NamedUnit(unit.name, tuple(spellings.get(unit.id, ())), unit.kind is UnitKind.GROUP, len(members.get(unit.id, ()))) for unit in listed]


def _unresolved(session: Session, set_id: int) -> list[Finding]:
    mains = _mains(session, set_id)
    by_id = {unit.id: unit.name for unit in units.units(session)}
    found = []
    for one in session.scalars(select(UnresolvedName).order_by(UnresolvedName.position, UnresolvedName.id)):
        places = [place for place in one.place.split(";") if place == rules.DOCUMENT or place in mains]
        if places:
            found.append(rules.unresolved(one.printed, places, [mains.get(place) for place in places], by_id[one.unit_id], one.reason))
    return found


def _mains(session: Session, set_id: int) -> dict[str, str | None]:
    lines, _order = _lines(session, set_id)
    return {line.code: line.main for line in lines}


def _lines(session: Session, set_id: int) -> tuple[list[Line], dict[str, int]]:
    rows = indicators.indicators(session, set_id)
    codes = {row.id: row.code for row in rows}
    lines = [_line(row, codes) for row in rows]
    return lines, {line.code: position for position, line in enumerate(lines)}


def _line(row: Indicator, codes: dict[int, str]) -> Line:
    return Line(
        code=row.code,
        parent=codes[row.parent_id] if row.parent_id else None,
        main=codes[row.main_id] if row.main_id else None,
        kind=row.kind,
        points=row.max_points,
        printed=row.max_points_printed,
    )


def order_of(session: Session, set_id: int) -> dict[str, int]:
    """Code → place in the document, for sorting findings."""
    return _lines(session, set_id)[1]


def notices_of_set(session: Session, set_id: int) -> list[tuple[Authority, Notice]]:
    """Every notice in scope that assigns rows of the set, with its authority."""
    used = (
        select(Assignment.id)
        .join(Indicator, Indicator.id == Assignment.indicator_id)
        .where(Assignment.authority_id == Notice.authority_id, Assignment.notice_id == Notice.id, Indicator.set_id == set_id)
    )
    rows = session.execute(
        select(Authority, Notice)
        .join(Notice, and_(Notice.authority_id == Authority.id))
        .where(used.exists())
        .order_by(Authority.slug, Notice.valid_from, Notice.id)
    )
    return [(row[0], row[1]) for row in rows]


def check(session: Session, found: IndicatorSet, day: date) -> list[tuple[Authority | None, Finding]]:
    """Every contradiction in a set and in the notices in scope that assign it, in document order.

    The authority stands beside what its notice says; None beside what the set itself says.
    """
    order = order_of(session, found.id)
    owner: dict[int, Authority | None] = {}
    told: list[Finding] = []
    for finding in findings_of_set(session, found):
        told.append(finding)
        owner[id(finding)] = None
    for authority, notice in notices_of_set(session, found.id):
        with scope.using(session, scope.one(authority.id)):
            for finding in findings_of_notice(session, found, notice, max(day, notice.valid_from)):
                told.append(finding)
                owner[id(finding)] = authority
    return [(owner[id(finding)], finding) for finding in rules.in_order(told, order)]
