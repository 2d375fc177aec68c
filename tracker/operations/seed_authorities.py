"""A sample authority from seeds: units, spellings, members, notice, assignments, deadline rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.assignments.models import Assignment, Cooperation, Notice
from tracker.assignments.rules import divide
from tracker.deadlines.models import DeadlineRule, RuleSet
from tracker.deadlines.rules import Boundary, Roll, RuleKind, Schedule, TermUnit, Window
from tracker.indicators.models import Indicator, IndicatorSet, SetAdoption
from tracker.kernel.vietnamese import fold, name_key, sort_key
from tracker.operations.seed_files import SeedDocument, SeedRow
from tracker.operations.seed_format import SETTING_NAMES, AuthoritySeed
from tracker.units.models import Authority, GroupMember, Unit, UnitAlias, UnresolvedName
from tracker.units.rules import AuthorityLevel, UnitKind


def add_authority(session: Session, seed: AuthoritySeed, parents: Mapping[str, Authority]) -> Authority:
    """Writes one authority with everything its documents tell. Raises BadInput at the first cell that cannot be right."""
    authority = _authority(session, seed.document, parents)
    units = add_units(session, authority.id, seed.tables["units"], seed.document.maybe("focal_unit"), demo=False)
    if (focal := seed.document.maybe("focal_unit")) is not None and focal not in units:
        raise seed.document.bad("focal_unit", f"“{focal}” không có trong units.csv.")
    _add_aliases(session, authority.id, seed.tables["aliases"], units)
    add_members(session, authority.id, [row for row in seed.tables["members"] if not row.yes("demo")], units)
    for position, row in enumerate(seed.tables["unresolved"], start=1):
        kept = units[row.one_of("kept_as", units)]
        session.add(
            UnresolvedName(
                authority_id=authority.id,
                printed=row.needed("printed"),
                place=row.needed("place"),
                unit_id=kept.id,
                reason=row.needed("reason"),
                position=position,
            )
        )
    notice, sets = _add_notice(session, authority.id, seed.notice)
    _add_assignments(session, notice, seed.tables["assignments"], units, sets)
    _add_rules(session, notice, seed.tables["rules"], sets)
    session.flush()
    return authority


def _authority(session: Session, document: SeedDocument, parents: Mapping[str, Authority]) -> Authority:
    level = document.values["level"]
    if level not in list(AuthorityLevel):
        raise document.bad("level", f"“{level}” phải là một trong: {', '.join(AuthorityLevel)}.")
    parent = document.maybe("parent")
    if parent is not None and parent not in parents:
        raise document.bad("parent", f"“{parent}” không phải là một cơ quan đã có.")
    settings = document.mapping("settings")
    for name in settings:
        if name not in SETTING_NAMES:
            raise document.bad("settings", f"“{name}” không phải là một thiết lập; các thiết lập là {', '.join(SETTING_NAMES)}.")
    made = Authority(
        slug=document.text("slug"),
        name=document.text("name"),
        level=AuthorityLevel(level),
        place=document.text("place"),
        parent_id=parents[parent].id if parent else None,
        sample=document.yes("sample"),
        note=document.maybe("note"),
        **settings,
    )
    session.add(made)
    session.flush()
    return made


def add_units(session: Session, authority_id: int, rows: list[SeedRow], focal: str | None, *, demo: bool) -> dict[str, Unit]:
    """Writes units and returns all of the authority's, by slug: a slug used before is refused."""
    made = units_of(session, authority_id)
    seen = set(made)
    first = len(made) + 1
    for position, row in enumerate(rows, start=first):
        slug, name = row.unique("slug", seen), row.needed("name")
        made[slug] = Unit(
            authority_id=authority_id,
            slug=slug,
            name=name,
            short_name=row.maybe("short_name"),
            folded=fold(f"{name} {row.text('short_name')}"),
            sort_key=sort_key(name),
            kind=row.choice("kind", UnitKind),
            catch_all=row.yes("catch_all"),
            focal=slug == focal,
            position=position,
            valid_from=row.day("valid_from"),
            note=row.maybe("note"),
            demo=demo,
        )
    session.add_all(made.values())
    session.flush()
    return made


def units_of(session: Session, authority_id: int) -> dict[str, Unit]:
    """The units of one authority by slug, in the order of its document."""
    rows = session.scalars(select(Unit).where(Unit.authority_id == authority_id).order_by(Unit.position, Unit.id))
    return {unit.slug: unit for unit in rows}


def _add_aliases(session: Session, authority_id: int, rows: list[SeedRow], units: Mapping[str, Unit]) -> None:
    seen: set[str] = set()
    owners = {name_key(unit.name): unit.slug for unit in units.values()}
    for position, row in enumerate(rows, start=1):
        slug, alias = row.one_of("unit", units), row.unique("alias", seen)
        key = name_key(alias)
        if owners.setdefault(key, slug) != slug:
            raise row.bad("alias", f"“{alias}” cũng là cách viết của “{owners[key]}”; mỗi cách viết chỉ thuộc một đơn vị.")
        session.add(UnitAlias(authority_id=authority_id, unit_id=units[slug].id, alias=alias, alias_key=key, position=position))


def add_members(session: Session, authority_id: int, rows: list[SeedRow], units: Mapping[str, Unit]) -> int:
    """Writes members of groups, in force as long as the member itself. Returns how many."""
    before = {
        (m.group_id, m.member_id): m
        for m in session.scalars(select(GroupMember).where(GroupMember.authority_id == authority_id).order_by(GroupMember.id))
    }
    made = 0
    for position, row in enumerate(rows, start=len(before) + 1):
        group, member = units[row.one_of("group", units)], units[row.one_of("member", units)]
        if group.kind is not UnitKind.GROUP:
            raise row.bad("group", f"“{group.slug}” không phải là nhóm (kind = group) trong units.csv.")
        if group is member:
            raise row.bad("member", "một nhóm không thể là thành viên của chính nó.")
        if (group.id, member.id) in before:
            raise row.bad("member", f"“{member.slug}” đã là thành viên của nhóm “{group.slug}”.")
        session.add(
            before.setdefault(
                (group.id, member.id),
                GroupMember(
                    authority_id=authority_id,
                    group_id=group.id,
                    member_id=member.id,
                    position=position,
                    valid_from=member.valid_from,
                    demo=row.yes("demo"),
                ),
            )
        )
        made += 1
    session.flush()
    return made


def _add_notice(session: Session, authority_id: int, document: SeedDocument) -> tuple[Notice, dict[str, IndicatorSet]]:
    valid_from = document.day("valid_from")
    if valid_from is None:
        raise document.bad("valid_from", "đang trống; phải là ngày văn bản có hiệu lực.")
    notice = Notice(
        authority_id=authority_id,
        slug=document.text("slug"),
        document_type=document.text("document_type"),
        number=document.maybe("number"),
        issued_on=document.day("issued_on"),
        issuer=document.text("issuer"),
        title=document.text("title"),
        report_clause=document.text("report_clause"),
        valid_from=valid_from,
        note=document.maybe("note"),
    )
    session.add(notice)
    sets: dict[str, IndicatorSet] = {}
    for position, slug in enumerate(document.names("sets"), start=1):
        found = session.scalars(select(IndicatorSet).where(IndicatorSet.slug == slug)).first()
        if found is None:
            raise document.bad("sets", f"“{slug}” không phải là một bộ chỉ số trong thư mục sets.")
        sets[slug] = found
        session.add(SetAdoption(authority_id=authority_id, set_id=found.id, position=position, valid_from=valid_from))
    session.flush()
    return notice, sets


def _add_assignments(session: Session, notice: Notice, rows: list[SeedRow], units: Mapping[str, Unit], sets: Mapping[str, IndicatorSet]) -> None:
    ids = [found.id for found in sets.values()]
    slugs = {found.id: slug for slug, found in sets.items()}
    indicators = {
        (slugs[one.set_id], one.code): one.id for one in session.scalars(select(Indicator).where(Indicator.set_id.in_(ids)).order_by(Indicator.id))
    }
    seen: set[tuple[str, str]] = set()
    pending: list[tuple[Assignment, tuple[str, ...]]] = []
    for position, row in enumerate(rows, start=1):
        key = (row.one_of("set", sets), row.needed("code"))
        if key not in indicators:
            raise row.bad("code", f"“{key[1]}” không có trong bộ chỉ số {key[0]}.")
        if key in seen:
            raise row.bad("code", f"“{key[1]}” đã được giao ở một dòng trước; mỗi chỉ số chỉ có một dòng.")
        seen.add(key)
        lead = row.one_of("lead", units)
        named = [slug for slug in row.text("cooperators").split(";") if slug]
        for slug in named:
            if slug not in units:
                raise row.bad("cooperators", f"“{slug}” không có trong units.csv.")
        made = Assignment(
            authority_id=notice.authority_id,
            notice_id=notice.id,
            indicator_id=indicators[key],
            lead_unit_id=units[lead].id,
            lead_printed=row.text("lead_printed"),
            cooperators_printed=row.text("cooperators_printed"),
            position=position,
            valid_from=notice.valid_from,
        )
        pending.append((made, divide([lead], named).cooperators))
    session.add_all(made for made, _ in pending)
    session.flush()
    for made, cooperators in pending:
        for order, slug in enumerate(cooperators, start=1):
            session.add(Cooperation(authority_id=notice.authority_id, assignment_id=made.id, unit_id=units[slug].id, position=order))


def _add_rules(session: Session, notice: Notice, rows: list[SeedRow], sets: Mapping[str, IndicatorSet]) -> None:
    seen: set[str] = set()
    for position, row in enumerate(rows, start=1):
        named = [slug for slug in row.text("sets").split(";") if slug]
        for slug in named:
            if slug not in sets:
                raise row.bad("sets", f"“{slug}” không nằm trong các bộ chỉ số của văn bản này.")
        rule = DeadlineRule(authority_id=notice.authority_id, notice_id=notice.id, slug=row.unique("slug", seen), position=position, **_terms(row))
        session.add(rule)
        session.flush()
        for order, slug in enumerate(named, start=1):
            session.add(RuleSet(authority_id=notice.authority_id, rule_id=rule.id, set_id=sets[slug].id, position=order))


def _terms(row: SeedRow) -> dict[str, Any]:
    month, day = row.whole("month"), row.whole("day")
    if month is not None and not 1 <= month <= 12:
        raise row.bad("month", f"“{month}” không phải là tháng; phải từ 1 đến 12.")
    if day is not None and not 1 <= day <= 31:
        raise row.bad("day", f"“{day}” không phải là ngày; phải từ 1 đến 31.")
    return {
        "name": row.needed("name"),
        "kind": row.choice("kind", RuleKind),
        "wording": row.needed("wording"),
        "place": row.needed("place"),
        "schedule": row.choice("schedule", Schedule),
        "month": month,
        "day": day,
        "term_length": row.whole("term_length"),
        "term_unit": row.choice("term_unit", TermUnit) if row.text("term_unit") else TermUnit.DAY,
        "boundary": row.choice("boundary", Boundary) if row.text("boundary") else None,
        "roll": row.choice("roll", Roll),
        "window": row.choice("window", Window),
        "opens_days_before": row.whole("opens_days_before") or 0,
        "note": row.maybe("note"),
    }
