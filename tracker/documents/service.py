"""Takes a read notice in: a draft set, the notice, its assignments. All of it or nothing."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.assignments.models import Assignment, Cooperation, Notice
from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.documents.reading import Draft, DraftRow, read_notice, requirements_of
from tracker.documents.tables import read_tables
from tracker.indicators.models import Indicator, IndicatorSet, Requirement, SetAdoption
from tracker.indicators.rules import source_kind_of
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import clean, code_key, fold, slugify
from tracker.kernel.words import phrase
from tracker.units import queries as units
from tracker.units.models import Authority
from tracker.units.queries import Directory
from tracker.units.rules import RESERVED_SLUGS

#: How like an unknown name must be to be proposed. Proposed only: a near name is often another unit.
LIKENESS = 0.75


@dataclass(frozen=True, slots=True)
class Details:
    """What the table does not say about the document."""

    title: str
    document_type: str
    number: str | None
    issued_on: date | None
    valid_from: date
    issuer: str
    report_clause: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import made."""

    indicator_set: IndicatorSet
    notice: Notice
    assignments: int


def read(session: Session, filename: str, data: bytes, day: date) -> Draft:
    """What a file holds, with every problem. Needs a scope of one authority: its units are the ones names resolve to.

    Raises BadInput where the file itself cannot be opened.
    """
    name = PurePath(filename.replace("\\", "/")).name
    directory = Directory.load(session, day)
    known = {fold(unit.name): unit.name for unit in units.units(session, day=day)}

    def resolve(cell: str) -> list[tuple[str, str | None]]:
        return [(words, unit.slug if unit else None) for words, unit in directory.split_and_resolve(cell)]

    def suggest(words: str) -> str | None:
        near = difflib.get_close_matches(fold(words), list(known), n=1, cutoff=LIKENESS)
        return known[near[0]] if near else None

    return read_notice(name, read_tables(name, data), resolve, suggest)


def take_in(session: Session, authority: Authority, draft: Draft, details: Details, slug: str, actor: Actor, now: datetime) -> Imported:
    """Creates what a draft holds. Raises Refused where it has problems, or its slug is taken."""
    _refuse_unfit(session, draft, slug)
    if session.scalars(select(Notice.id).where(Notice.authority_id == authority.id, Notice.slug == slug)).first() is not None:
        raise Refused(phrase("Mã “%(slug)s” đã có văn bản khác dùng; đồng chí đặt mã khác.", slug=slug), field="slug")
    made = _add_set(session, authority, draft, details, slug)
    notice = _add_notice(session, authority, details, slug)
    position = len(list(session.scalars(select(SetAdoption.id).where(SetAdoption.authority_id == authority.id)))) + 1
    session.add(SetAdoption(authority_id=authority.id, set_id=made[0].id, position=position, valid_from=details.valid_from))
    count = _assign(session, notice, draft, made[1])
    summary = f"Nhập văn bản “{notice.title}”: {len(draft.rows)} dòng, {count} dòng giao việc, bộ chỉ số nháp “{slug}”."
    audit.record(session, actor, "documents.import", summary, now=now, authority_id=authority.id, subject=("notice", notice.id))
    session.flush()
    return Imported(made[0], notice, count)


def read_set(filename: str, data: bytes) -> Draft:
    """What a spreadsheet holds before the office has any unit: the names of its cells stay as printed, and a lead may be missing.

    Raises BadInput where the file itself cannot be opened.
    """
    name = PurePath(filename.replace("\\", "/")).name

    def as_printed(cell: str) -> list[tuple[str, str | None]]:
        words = clean(cell)
        return [(words, words)] if words else []

    return read_notice(name, read_tables(name, data), as_printed, lambda _words: None, lead_needed=False)


def take_in_set(
    session: Session, authority: Authority, draft: Draft, details: Details, slug: str, actor: Actor, now: datetime
) -> tuple[IndicatorSet, Mapping[str, Indicator]]:
    """A draft set of the authority's own out of a read spreadsheet, with its rows by code. Raises Refused where it has problems."""
    _refuse_unfit(session, draft, slug)
    made, rows = _add_set(session, authority, draft, details, slug)
    summary = f"Nạp bộ chỉ số “{made.title}” từ bảng tính: {len(rows)} dòng."
    audit.record(session, actor, "documents.set", summary, now=now, authority_id=authority.id, subject=("indicator_set", made.id))
    return made, rows


def _refuse_unfit(session: Session, draft: Draft, slug: str) -> None:
    if draft.problems:
        raise Refused(phrase("Tệp còn %(count)s chỗ chưa đúng; chưa nhập gì cả. Đồng chí sửa rồi gửi lại.", count=len(draft.problems)), field="file")
    if not slug:
        raise Refused("Đồng chí đặt mã cho bộ chỉ số, chữ thường không dấu, ví dụ thong-bao-2026.", field="slug")
    if slug in RESERVED_SLUGS:
        raise Refused(phrase("Mã “%(slug)s” trùng với một địa chỉ của hệ thống; đồng chí đặt mã khác.", slug=slug), field="slug")
    if session.scalars(select(IndicatorSet.id).where(IndicatorSet.slug == slug)).first() is not None:
        raise Refused(phrase("Mã “%(slug)s” đã có bộ chỉ số khác dùng; đồng chí đặt mã khác.", slug=slug), field="slug")


def free_slug(session: Session, authority: Authority, filename: str) -> str:
    """A slug for a file, made from its name: «ninh-son-thong-bao-2026»."""
    stem = slugify(PurePath(filename.replace("\\", "/")).stem) or "van-ban"
    base = stem if stem.startswith(authority.slug) else f"{authority.slug}-{stem}"
    taken = set(session.scalars(select(IndicatorSet.slug).where(IndicatorSet.slug.startswith(base, autoescape=True))))
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


def _add_set(session: Session, authority: Authority, draft: Draft, details: Details, slug: str) -> tuple[IndicatorSet, Mapping[str, Indicator]]:
    made = IndicatorSet(
        slug=slug,
        title=clean(details.title),
        issuer=clean(details.issuer),
        level=authority.level.value,
        document_type=details.document_type,
        document_number=details.number,
        issued_on=details.issued_on,
        scale=None,
        source=f"{details.document_type} {details.number or ''} của {details.issuer}".replace("  ", " "),
        owner_authority_id=authority.id,
        published_at=None,
    )
    session.add(made)
    session.flush()
    rows = {row.code: _indicator(made.id, position, row) for position, row in enumerate(draft.rows, start=1)}
    session.add_all(rows.values())
    session.flush()
    parents = {row.code: row.parent for row in draft.rows}
    for row in draft.rows:
        rows[row.code].parent_id = rows[row.parent].id if row.parent else None
        rows[row.code].main_id = rows[_root(row.code, parents)].id
        for position, (kind, name) in enumerate(requirements_of(row.evidence), start=1):
            session.add(Requirement(indicator_id=rows[row.code].id, position=position, kind=kind, name=name, quantity=1))
    session.flush()
    return made, rows


def _root(code: str, parents: Mapping[str, str | None]) -> str:
    while (above := parents[code]) is not None:
        code = above
    return code


def _indicator(set_id: int, position: int, row: DraftRow) -> Indicator:
    evidence = clean(row.evidence)
    return Indicator(
        set_id=set_id,
        code=row.code,
        code_key=code_key(row.code),
        position=position,
        kind=row.kind,
        name=row.name,
        printed=row.name,
        folded=fold(row.name),
        max_points=row.points,
        max_points_printed=row.points_printed,
        scoring=row.scoring,
        scoring_printed=row.scoring,
        evidence=evidence,
        evidence_printed=evidence,
        data_source=row.source,
        data_source_printed=row.source,
        source_kind=source_kind_of(row.source),
    )


def _add_notice(session: Session, authority: Authority, details: Details, slug: str) -> Notice:
    notice = Notice(
        authority_id=authority.id,
        slug=slug,
        document_type=details.document_type,
        number=details.number,
        issued_on=details.issued_on,
        issuer=clean(details.issuer),
        title=clean(details.title),
        report_clause=clean(details.report_clause),
        valid_from=details.valid_from,
    )
    session.add(notice)
    session.flush()
    return notice


def _assign(session: Session, notice: Notice, draft: Draft, indicators: Mapping[str, Indicator]) -> int:
    ids = {unit.slug: unit.id for unit in units.units(session)}
    pending: list[tuple[Assignment, DraftRow]] = []
    for position, row in enumerate(draft.rows, start=1):
        if row.lead is not None:
            made = Assignment(
                authority_id=notice.authority_id,
                notice_id=notice.id,
                indicator_id=indicators[row.code].id,
                lead_unit_id=ids[row.lead],
                lead_printed=row.lead_printed,
                cooperators_printed=row.cooperators_printed,
                position=position,
                valid_from=notice.valid_from,
            )
            pending.append((made, row))
    session.add_all(made for made, _row in pending)
    session.flush()
    for made, row in pending:
        for order, slug in enumerate(row.cooperators, start=1):
            session.add(Cooperation(authority_id=notice.authority_id, assignment_id=made.id, unit_id=ids[slug], position=order))
    session.flush()
    return len(pending)
