"""Searching everything in one authority without diacritics: one statement a group, only what the viewer may see."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import and_, func, or_, select

from tracker.accounts.models import Account
from tracker.assignments.models import Assignment, Notice
from tracker.dashboard.reading import Reading
from tracker.dashboard.search_rules import Group, Hit, joined
from tracker.documents.letter_models import OfficialLetter
from tracker.evidence.models import EvidenceItem, ItemVersion
from tracker.indicators.models import Indicator, IndicatorSet
from tracker.kernel.folding import folded
from tracker.kernel.vietnamese import date_vn, search_patterns
from tracker.tasks import queries as tasks
from tracker.tasks.queries import Filters
from tracker.units.models import Membership, Unit
from tracker.units.rules import Action


def search(read: Reading, text: str, limit: int) -> dict[Group, list[Hit]]:
    """The groups in which something was found, at most ``limit`` of each. The number of statements depends on the viewer's rights alone."""
    wanted, _code = search_patterns(text)
    if not wanted:
        return {}
    searched: dict[Group, Callable[[Reading, str, int], list[Hit]]] = {
        Group.INDICATORS: _indicators,
        Group.TASKS: _tasks,
        Group.UNITS: _units,
        Group.DOCUMENTS: _documents,
        Group.NOTICES: _notices,
    }
    if read.viewer.may(Action.SEE_OVERVIEW):
        searched[Group.LETTERS] = _letters
    if read.viewer.may(Action.MANAGE_PEOPLE):
        searched[Group.PEOPLE] = _people
    return {group: hits for group, find in searched.items() if (hits := find(read, text, limit))}


def _indicators(read: Reading, text: str, limit: int) -> list[Hit]:
    wanted, code_begins = search_patterns(text)
    query = (
        select(Indicator.code, Indicator.name, IndicatorSet.slug, IndicatorSet.title)
        .join(IndicatorSet, IndicatorSet.id == Indicator.set_id)
        .where(Indicator.id.in_(select(Assignment.indicator_id)), or_(Indicator.folded.like(wanted), Indicator.code.like(code_begins)))
        .order_by(Indicator.set_id, Indicator.position)
        .limit(limit)
    )
    rows = read.session.execute(query)
    return [Hit(name, "dashboard.indicator_page", {"set_slug": slug, "code": code}, code, title) for code, name, slug, title in rows]


def _tasks(read: Reading, text: str, limit: int) -> list[Hit]:
    rows = tasks.listed(read.session, Filters(text=text), read.calendar, read.horizon, seen_by=read.seen_by, limit=limit)
    return [Hit(row.name, "dashboard.task_page", {"task_id": row.id}, row.code, joined(row.unit_name, row.round_name)) for row in rows]


def _units(read: Reading, text: str, limit: int) -> list[Hit]:
    wanted, _code = search_patterns(text)
    query = select(Unit.name, Unit.slug).where(Unit.folded.like(wanted)).order_by(Unit.position, Unit.id).limit(limit)
    return [Hit(name, "dashboard.unit_page", {"slug": slug}) for name, slug in read.session.execute(query)]


def _documents(read: Reading, text: str, limit: int) -> list[Hit]:
    """Items by title and by the number of their newest version; all of them for who sees every task, else those of one's units."""
    wanted, _code = search_patterns(text)
    newest = select(func.max(ItemVersion.id)).group_by(ItemVersion.item_id)
    query = (
        select(EvidenceItem.id, EvidenceItem.title, ItemVersion.document_number, ItemVersion.document_on, Unit.name)
        .join(ItemVersion, and_(ItemVersion.authority_id == EvidenceItem.authority_id, ItemVersion.item_id == EvidenceItem.id))
        .join(Unit, and_(Unit.authority_id == EvidenceItem.authority_id, Unit.id == EvidenceItem.unit_id))
        .where(ItemVersion.id.in_(newest), or_(folded(EvidenceItem.title).like(wanted), folded(ItemVersion.document_number).like(wanted)))
        .order_by(ItemVersion.id.desc())
        .limit(limit)
    )
    if read.seen_by is not None:
        query = query.where(EvidenceItem.unit_id.in_(read.viewer.unit_ids))
    return [
        Hit(title, "evidence.item", {"item_id": item_id}, None, joined(number, date_vn(day) if day else None, unit))
        for item_id, title, number, day, unit in read.session.execute(query)
    ]


def _notices(read: Reading, text: str, limit: int) -> list[Hit]:
    wanted, _code = search_patterns(text)
    query = (
        select(Notice.slug, Notice.title, Notice.number, Notice.issuer)
        .where(or_(folded(Notice.title).like(wanted), folded(Notice.number).like(wanted)))
        .order_by(Notice.valid_from.desc(), Notice.id)
        .limit(limit)
    )
    return [
        Hit(title, "assignments.notice", {"slug": slug}, None, joined(number, issuer)) for slug, title, number, issuer in read.session.execute(query)
    ]


def _letters(read: Reading, text: str, limit: int) -> list[Hit]:
    wanted, _code = search_patterns(text)
    query = (
        select(OfficialLetter.id, OfficialLetter.subject, OfficialLetter.number, OfficialLetter.drafted_on)
        .where(or_(folded(OfficialLetter.subject).like(wanted), folded(OfficialLetter.number).like(wanted)))
        .order_by(OfficialLetter.id.desc())
        .limit(limit)
    )
    return [
        Hit(subject, "documents.letter", {"letter_id": letter_id}, None, joined(number, date_vn(day)))
        for letter_id, subject, number, day in read.session.execute(query)
    ]


def _people(read: Reading, text: str, limit: int) -> list[Hit]:
    wanted, _code = search_patterns(text)
    here = select(Membership.account_id)
    query = (
        select(Account.id, Account.display_name, Account.username)
        .where(Account.id.in_(here), Account.folded.like(wanted))
        .order_by(Account.folded, Account.id)
        .limit(limit)
    )
    return [Hit(name, "units.person", {"account_id": account_id}, None, username) for account_id, name, username in read.session.execute(query)]
