"""The database → the files of ``seeds/``, byte for byte. Only rows are read here, never the files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.assignments.models import Assignment, Cooperation, Notice
from tracker.deadlines.models import CalendarDay, DeadlineRule, RuleSet
from tracker.indicators.models import DeclaredTotal, DocumentFinding, Indicator, IndicatorSet, Requirement, SetAdoption, Variable
from tracker.kernel import scope
from tracker.operations.seed_files import plain, write_document, write_rows
from tracker.operations.seed_format import AUTHORITY_TABLES, CALENDAR_COLUMNS, SET_TABLES, SETTING_NAMES
from tracker.units.models import Authority, GroupMember, Unit, UnitAlias, UnresolvedName
from tracker.units.queries import Directory

Line = tuple[str, ...]


def set_files(session: Session, found: IndicatorSet) -> dict[str, str]:
    """File name → text of one set."""
    indicators = list(session.scalars(select(Indicator).where(Indicator.set_id == found.id).order_by(Indicator.position)))
    codes = {one.id: one.code for one in indicators}
    tables: dict[str, Iterable[Line]] = {
        "indicators": [_indicator(one, codes) for one in indicators],
        "requirements": [
            (
                codes[one.indicator_id],
                str(one.position),
                one.kind.value,
                one.name,
                str(one.quantity),
                _yes(one.signed_by_head),
                _yes(one.while_in_force),
            )
            for one in session.scalars(
                select(Requirement)
                .join(Indicator, Indicator.id == Requirement.indicator_id)
                .where(Indicator.set_id == found.id)
                .order_by(Indicator.position, Requirement.position)
            )
        ],
        "variables": [
            (codes[one.indicator_id], one.letter, one.name)
            for one in session.scalars(
                select(Variable)
                .join(Indicator, Indicator.id == Variable.indicator_id)
                .where(Indicator.set_id == found.id)
                .order_by(Variable.position)
            )
        ],
        "declared": [
            (one.place, one.what, one.printed, plain(one.value))
            for one in session.scalars(select(DeclaredTotal).where(DeclaredTotal.set_id == found.id).order_by(DeclaredTotal.position))
        ],
        "findings": [
            (one.place, one.kind, one.field, one.printed, one.expected, one.message)
            for one in session.scalars(select(DocumentFinding).where(DocumentFinding.set_id == found.id).order_by(DocumentFinding.position))
        ],
    }
    return {"set.yaml": write_document(_set_document(found)), **_texts(tables, SET_TABLES)}


def _set_document(found: IndicatorSet) -> dict[str, Any]:
    return {
        "slug": found.slug,
        "title": found.title,
        "issuer": found.issuer,
        "level": found.level,
        "document_type": found.document_type,
        "document_number": found.document_number,
        "issued_on": _iso(found.issued_on),
        "scale": found.scale,
        "declared_main": found.declared_main,
        "declared_components": found.declared_components,
        "source": found.source,
        "note": found.note,
    }


def _indicator(one: Indicator, codes: Mapping[int, str]) -> Line:
    return (
        one.code,
        codes[one.parent_id] if one.parent_id else "",
        one.kind.value,
        one.name,
        one.printed,
        plain(one.max_points),
        one.max_points_printed,
        one.scoring,
        one.scoring_printed,
        one.evidence,
        one.evidence_printed,
        one.data_source,
        one.data_source_printed,
    )


def calendar_file(session: Session, year: int) -> str:
    """The text of one year of the calendar."""
    days = session.scalars(
        select(CalendarDay).where(CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31)), ~CalendarDay.dropped).order_by(CalendarDay.day)
    )
    return write_rows(CALENDAR_COLUMNS, [(one.day.isoformat(), one.kind.value, one.name, one.source, one.certainty.value) for one in days])


def authority_files(session: Session, authority: Authority, notice: Notice, *, demo: bool) -> dict[str, str]:
    """File name → text of one authority and one of its notices. ``demo``: with what was added for the demonstration.

    Needs a scope that shows the authority's rows.
    """
    units = list(session.scalars(select(Unit).where(Unit.authority_id == authority.id).order_by(Unit.position, Unit.id)))
    slugs = {one.id: one.slug for one in units}
    sets = _sets(session, authority.id)
    tables: dict[str, Iterable[Line]] = {
        "units": [_unit(one) for one in units if not one.demo],
        "units_demo": [_unit(one) for one in units if one.demo and demo],
        "aliases": [
            (slugs[one.unit_id], one.alias)
            for one in session.scalars(select(UnitAlias).where(UnitAlias.authority_id == authority.id).order_by(UnitAlias.position, UnitAlias.id))
        ],
        "members": [
            (slugs[one.group_id], slugs[one.member_id], "yes" if one.demo else "no")
            for one in session.scalars(
                select(GroupMember).where(GroupMember.authority_id == authority.id).order_by(GroupMember.position, GroupMember.id)
            )
            if demo or not one.demo
        ],
        "unresolved": [
            (one.printed, one.place, slugs[one.unit_id], one.reason)
            for one in session.scalars(select(UnresolvedName).where(UnresolvedName.authority_id == authority.id).order_by(UnresolvedName.position))
        ],
        "assignments": _assignments(session, notice, slugs, sets),
        "rules": _rules(session, notice, sets),
    }
    documents = {
        "authority.yaml": write_document(_authority_document(session, authority, units)),
        "notice.yaml": write_document(_notice_document(session, notice, sets)),
    }
    return {**documents, **_texts(tables, AUTHORITY_TABLES)}


def _authority_document(session: Session, authority: Authority, units: Sequence[Unit]) -> dict[str, Any]:
    parent = session.get(Authority, authority.parent_id) if authority.parent_id else None
    defaults = {name: Authority.__table__.c[name].default.arg for name in SETTING_NAMES}
    return {
        "slug": authority.slug,
        "name": authority.name,
        "level": authority.level.value,
        "place": authority.place,
        "parent": parent.slug if parent else None,
        "focal_unit": next((one.slug for one in units if one.focal), None),
        "sample": authority.sample,
        "note": authority.note,
        "settings": {name: getattr(authority, name) for name in SETTING_NAMES if getattr(authority, name) != defaults[name]},
    }


def _notice_document(session: Session, notice: Notice, sets: Mapping[int, str]) -> dict[str, Any]:
    used = set(
        session.scalars(
            select(Indicator.set_id).join(Assignment, Assignment.indicator_id == Indicator.id).where(Assignment.notice_id == notice.id).distinct()
        )
    )
    return {
        "slug": notice.slug,
        "document_type": notice.document_type,
        "number": notice.number,
        "issued_on": _iso(notice.issued_on),
        "valid_from": _iso(notice.valid_from),
        "issuer": notice.issuer,
        "title": notice.title,
        "sets": [slug for set_id, slug in sets.items() if set_id in used],
        "report_clause": notice.report_clause,
        "note": notice.note,
    }


def _sets(session: Session, authority_id: int) -> dict[int, str]:
    """The adopted sets, in the order of adoption."""
    rows = session.execute(
        select(IndicatorSet.id, IndicatorSet.slug)
        .join(SetAdoption, SetAdoption.set_id == IndicatorSet.id)
        .where(SetAdoption.authority_id == authority_id)
        .order_by(SetAdoption.position, SetAdoption.id)
    )
    return {row[0]: row[1] for row in rows}


def _unit(one: Unit) -> Line:
    return (one.slug, one.name, one.short_name or "", one.kind.value, _yes(one.catch_all), one.valid_from.isoformat(), one.note or "")


def _assignments(session: Session, notice: Notice, slugs: Mapping[int, str], sets: Mapping[int, str]) -> list[Line]:
    cooperators: dict[int, list[int]] = {}
    for one in session.scalars(
        select(Cooperation)
        .join(Assignment, Assignment.id == Cooperation.assignment_id)
        .where(Assignment.notice_id == notice.id)
        .order_by(Cooperation.assignment_id, Cooperation.position)
    ):
        cooperators.setdefault(one.assignment_id, []).append(one.unit_id)
    with scope.using(session, scope.one(notice.authority_id)):
        directory = Directory.load(session)
    rows = session.execute(
        select(Assignment, Indicator.code, Indicator.set_id)
        .join(Indicator, Indicator.id == Assignment.indicator_id)
        .where(Assignment.notice_id == notice.id, Assignment.valid_to.is_(None))
        .order_by(Assignment.position, Assignment.id)
    )
    return [
        (
            sets[set_id],
            code,
            slugs[one.lead_unit_id],
            one.lead_printed,
            ";".join(slugs[unit] for unit in _as_printed(directory, one, cooperators.get(one.id, []))),
            one.cooperators_printed,
        )
        for one, code, set_id in rows
    ]


def _as_printed(directory: Directory, assignment: Assignment, cooperators: list[int]) -> list[int]:
    """The cooperators, with the lead among them where the document prints it there: the row keeps it in the printed cell alone."""
    printed = [unit.id for _words, unit in directory.split_and_resolve(assignment.cooperators_printed) if unit is not None]
    without = [unit for unit in printed if unit != assignment.lead_unit_id]
    return printed if without == cooperators else cooperators


def _rules(session: Session, notice: Notice, sets: Mapping[int, str]) -> list[Line]:
    asked: dict[int, list[str]] = {}
    for one in session.scalars(
        select(RuleSet)
        .join(DeadlineRule, DeadlineRule.id == RuleSet.rule_id)
        .where(DeadlineRule.notice_id == notice.id)
        .order_by(RuleSet.rule_id, RuleSet.position)
    ):
        asked.setdefault(one.rule_id, []).append(sets[one.set_id])
    rules = session.scalars(select(DeadlineRule).where(DeadlineRule.notice_id == notice.id).order_by(DeadlineRule.position, DeadlineRule.id))
    return [
        (
            rule.slug,
            rule.name,
            rule.kind.value,
            ";".join(asked.get(rule.id, [])),
            rule.wording,
            rule.place,
            rule.schedule.value,
            plain(rule.month),
            plain(rule.day),
            plain(rule.term_length),
            rule.term_unit.value if rule.term_length else "",
            rule.boundary.value if rule.boundary else "",
            rule.roll.value,
            rule.window.value,
            _opens(rule),
            rule.note or "",
        )
        for rule in rules
    ]


def _opens(rule: DeadlineRule) -> str:
    """A rule without a stated day has no day to open before."""
    return "" if rule.boundary is None and not rule.opens_days_before else str(rule.opens_days_before)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _texts(tables: Mapping[str, Iterable[Line]], columns: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {f"{name}.csv": write_rows(columns[name], rows) for name, rows in tables.items()}
