"""Contradictions a program finds in a set and its notice by arithmetic and comparison. Nothing is put right here: it is reported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tracker.indicators.rules import IndicatorKind
from tracker.kernel.vietnamese import clean, join_and, number_vn
from tracker.kernel.words import phrase

DOCUMENT = "document"


class FindingKind(StrEnum):
    """Kinds of contradictions, in the order pages list them."""

    DECLARED_TOTAL = "declared_total_vs_sum"
    DECLARED_COUNT = "declared_count_vs_list"
    SUM_OF_CHILDREN = "sum_of_children"
    MISSING_VALUE = "missing_value"
    FORMULA_VS_MAX = "formula_vs_max"
    AMBIGUOUS_STEPS = "ambiguous_steps"
    TWO_LEADS = "two_leads"
    LEAD_IN_COOPERATORS = "lead_in_cooperators"
    EMPTY_GROUP = "empty_group"
    UNIT_ALIAS = "unit_alias"
    NUMBERING = "numbering"
    WRONG_HEADING = "wrong_heading"
    COLUMN_SHIFT = "column_shift"
    OCR = "ocr"
    OTHER = "other"


KIND_WORDS: dict[FindingKind, str] = {
    FindingKind.DECLARED_TOTAL: phrase("Tổng điểm nêu ra khác tổng các dòng"),
    FindingKind.DECLARED_COUNT: phrase("Số chỉ số nêu ra khác số dòng"),
    FindingKind.SUM_OF_CHILDREN: phrase("Điểm của mục khác tổng các mục con"),
    FindingKind.MISSING_VALUE: phrase("Không in điểm"),
    FindingKind.FORMULA_VS_MAX: phrase("Cách tính không khớp điểm tối đa"),
    FindingKind.AMBIGUOUS_STEPS: phrase("Mức điểm không rõ"),
    FindingKind.TWO_LEADS: phrase("Hai đơn vị chủ trì"),
    FindingKind.LEAD_IN_COOPERATORS: phrase("Đơn vị chủ trì đứng trong danh sách phối hợp"),
    FindingKind.EMPTY_GROUP: phrase("Nhóm chưa có thành viên"),
    FindingKind.UNIT_ALIAS: phrase("Tên đơn vị viết nhiều cách hoặc chưa rõ"),
    FindingKind.NUMBERING: phrase("Đánh số"),
    FindingKind.WRONG_HEADING: phrase("Đề mục sai"),
    FindingKind.COLUMN_SHIFT: phrase("Ô lệch cột"),
    FindingKind.OCR: phrase("Sai chữ"),
    FindingKind.OTHER: phrase("Khác"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One contradiction. ``place`` is a code, «section 5» (a main indicator with all its rows) or «document»."""

    place: str
    kind: FindingKind
    printed: str
    expected: str
    message: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the set, as arithmetic needs it. ``points`` None: not printed, never 0."""

    code: str
    parent: str | None
    main: str | None
    kind: IndicatorKind
    points: Decimal | None
    printed: str


@dataclass(frozen=True, slots=True)
class Declared:
    """What the document states about itself: ``what`` is points, components or mains."""

    place: str
    what: str
    printed: str
    value: Decimal


def section(code: str) -> str:
    """«section 5»: the place of a finding about a main indicator and its rows together."""
    return f"section {code}"


def missing_values(lines: Sequence[Line]) -> list[Finding]:
    """Scored components without printed points. A set that prints no points at all is told once; a group of 0 points asks for none."""
    scored = [line for line in lines if line.kind in (IndicatorKind.COMPONENT, IndicatorKind.SUB)]
    missing = [line for line in scored if line.points is None]
    if not missing:
        return []
    if len(missing) == len(scored):
        message = phrase("Văn bản không in điểm của chỉ số nào, nên điểm tối đa của %(count)s chỉ số chưa biết (không phải 0).", count=len(scored))
        return [Finding(DOCUMENT, FindingKind.MISSING_VALUE, "", "", message, "max_points")]
    unscored = {line.code for line in lines if line.kind is IndicatorKind.MAIN and line.points == 0}
    return [
        Finding(
            line.code,
            FindingKind.MISSING_VALUE,
            line.printed,
            "",
            phrase("Chỉ số %(code)s không in điểm tối đa; điểm coi là chưa biết, không phải 0.", code=line.code),
            "max_points",
        )
        for line in missing
        if line.main not in unscored
    ]


def declared_mismatches(lines: Sequence[Line], declared: Sequence[Declared]) -> list[Finding]:
    """Totals and counts the document states, against the rows it lists. Stated twice alike is told once."""
    found: dict[tuple[str, str, Decimal], Finding] = {}
    for one in declared:
        actual = _points(lines, one.place) if one.what == "points" else _count(lines, one)
        if actual is None or actual == one.value:
            continue
        if one.what == "points":
            found.setdefault((one.place, one.what, one.value), _wrong_total(lines, one, actual))
        else:
            words = phrase("chỉ số chính") if one.what == "mains" else phrase("chỉ số thành phần")
            message = phrase(
                "%(place)s ghi %(value)s %(words)s nhưng liệt kê %(actual)s.",
                place=_where(one.place),
                value=number_vn(one.value),
                words=words,
                actual=number_vn(actual),
            )
            place = one.place if one.place == DOCUMENT else section(one.place)
            found.setdefault((one.place, one.what, one.value), Finding(place, FindingKind.DECLARED_COUNT, one.printed, number_vn(actual), message))
    return list(found.values())


def _wrong_total(lines: Sequence[Line], one: Declared, actual: Decimal) -> Finding:
    unknown = [line.code for line in _components(lines, one.place) if line.points is None]
    note = phrase(" Chưa kể %(unknown)s không in điểm.", unknown=join_and(unknown)) if unknown else ""
    message = phrase(
        "%(place)s ghi %(value)s điểm nhưng các chỉ số thành phần cộng lại được %(actual)s.%(note)s",
        place=_where(one.place),
        value=number_vn(one.value),
        actual=number_vn(actual),
        note=note,
    )
    place = one.place if one.place == DOCUMENT else section(one.place)
    return Finding(place, FindingKind.DECLARED_TOTAL, one.printed, number_vn(actual), message, "max_points")


def _where(place: str) -> str:
    return phrase("Văn bản") if place == DOCUMENT else phrase("Chỉ số chính %(place)s", place=place)


def _components(lines: Iterable[Line], place: str) -> list[Line]:
    return [line for line in lines if line.kind is IndicatorKind.COMPONENT and place in (DOCUMENT, line.main)]


def _points(lines: Sequence[Line], place: str) -> Decimal | None:
    """None where no row says anything: then there is nothing to compare."""
    known = [line.points for line in _components(lines, place) if line.points is not None]
    return sum(known, Decimal(0)) if known else None


def _count(lines: Sequence[Line], one: Declared) -> Decimal:
    if one.what == "mains":
        return Decimal(sum(line.kind is IndicatorKind.MAIN for line in lines))
    return Decimal(len(_components(lines, one.place)))


def sums_of_children(lines: Sequence[Line], declared: Sequence[Declared]) -> list[Finding]:
    """A row with points whose children's points add up to something else, where no stated total was compared already."""
    compared = {one.place for one in declared if one.what == "points"}
    found = []
    for line in lines:
        children = [child for child in lines if child.parent == line.code]
        known = [child.points for child in children if child.points is not None]
        if line.points is None or not known or line.code in compared or sum(known) == line.points:
            continue
        total = number_vn(sum(known, Decimal(0)))
        message = phrase(
            "Mục %(code)s ghi %(points)s điểm nhưng các mục con cộng lại được %(total)s.", code=line.code, points=number_vn(line.points), total=total
        )
        found.append(Finding(line.code, FindingKind.SUM_OF_CHILDREN, line.printed, total, message, "max_points"))
    return found


@dataclass(frozen=True, slots=True)
class Assigned:
    """A printed row of a notice: the cells, and the names they were resolved to."""

    code: str
    main: str | None
    lead_printed: str
    cooperators_printed: str
    #: (words as printed, name of the unit or None) for each name in the cells.
    leads: tuple[tuple[str, str | None], ...]
    cooperators: tuple[tuple[str, str | None], ...]


def divided_rows(rows: Sequence[Assigned]) -> list[Finding]:
    """Rows with two leads, and rows whose lead also stands among the cooperators."""
    found = []
    for row in rows:
        leads = [name for _words, name in row.leads if name]
        if len(set(leads)) > 1:
            message = phrase(
                "Dòng %(code)s in %(count)s đơn vị chủ trì; %(lead)s được ghi là chủ trì, %(others)s là phối hợp.",
                code=row.code,
                count=len(leads),
                lead=leads[0],
                others=join_and(leads[1:]),
            )
            found.append(Finding(row.code, FindingKind.TWO_LEADS, row.lead_printed, leads[0], message, "lead"))
        if leads and leads[0] in [name for _words, name in row.cooperators]:
            kept = ", ".join(words for words, name in row.cooperators if name != leads[0])
            message = phrase(
                "Dòng %(code)s: %(lead)s vừa chủ trì vừa đứng trong danh sách phối hợp; chỉ giữ vai trò chủ trì.", code=row.code, lead=leads[0]
            )
            found.append(Finding(row.code, FindingKind.LEAD_IN_COOPERATORS, row.cooperators_printed, kept, message, "cooperators"))
    return found


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """A unit with the other spellings kept for it."""

    name: str
    aliases: tuple[str, ...] = ()
    group: bool = False
    members: int = 0


def spellings(rows: Sequence[Assigned], units: Sequence[NamedUnit]) -> list[Finding]:
    """Units the notice writes in another way than their name, each once with all its spellings."""
    written: dict[str, dict[str, None]] = {unit.name: dict.fromkeys(unit.aliases) for unit in units}
    for row in rows:
        for words, name in (*row.leads, *row.cooperators):
            if name in written:
                written[name].setdefault(words)
    found = []
    for name, ways in written.items():
        others = list({_plainest(way): way for way in reversed(ways) if _plainest(way) != _plainest(name)}.values())[::-1]
        if others:
            message = phrase(
                "“%(name)s” còn được viết là %(names)s; các cách viết được hiểu là một đơn vị.",
                name=name,
                names=join_and(f"“{way}”" for way in others),
            )
            found.append(Finding(DOCUMENT, FindingKind.UNIT_ALIAS, "; ".join(others), name, message))
    return found


def _plainest(words: str) -> str:
    """A small first letter in a list and a final full stop are not another spelling."""
    text = clean(words).rstrip(".")
    return text[:1].upper() + text[1:]


def empty_groups(rows: Sequence[Assigned], units: Sequence[NamedUnit]) -> list[Finding]:
    """Groups that lead or cooperate and have no members."""
    found = []
    for unit in units:
        if not unit.group or unit.members:
            continue
        leads = [row.code for row in rows if unit.name in [name for _words, name in row.leads]]
        helps = [row.code for row in rows if unit.name in [name for _words, name in row.cooperators] and row.code not in leads]
        if leads or helps:
            part = join_and(
                phrase(
                    "%(word)s %(count)s chỉ số (%(codes)s%(more)s)", word=word, count=len(codes), codes=codes[0], more=", …" if len(codes) > 1 else ""
                )
                for word, codes in ((phrase("chủ trì"), leads), (phrase("phối hợp"), helps))
                if codes
            )
            after = phrase(" Nhiệm vụ chủ trì do đầu mối giữ cho đến khi có thành viên.") if leads else ""
            message = phrase("Nhóm “%(unit)s” %(part)s nhưng văn bản không nêu thành viên.%(after)s", unit=unit.name, part=part, after=after)
            found.append(Finding(DOCUMENT, FindingKind.EMPTY_GROUP, unit.name, "", message))
    return found


def unresolved(printed: str, places: Sequence[str], mains: Sequence[str | None], kept_as: str, reason: str) -> Finding:
    """A printed name that could not be joined to another unit safely."""
    if len(places) == 1:
        place = places[0]
    else:
        place = section(str(mains[0])) if len(set(mains)) == 1 and mains and mains[0] else DOCUMENT
    where = phrase(" (dòng %(places)s)", places=join_and(places)) if len(places) > 1 else ""
    return Finding(
        place,
        FindingKind.UNIT_ALIAS,
        printed,
        "",
        phrase("“%(printed)s”%(where)s: %(reason)s Ghi là “%(kept_as)s”.", printed=printed, where=where, reason=reason, kept_as=kept_as),
    )


def in_order(findings: Iterable[Finding], order: dict[str, int]) -> list[Finding]:
    """The document first, then by row; a section stands at its main indicator."""
    kinds = list(FindingKind)

    def key(finding: Finding) -> tuple[int, int, str]:
        place = finding.place.removeprefix("section ")
        return (-1 if place == DOCUMENT else order.get(place, len(order)), kinds.index(finding.kind), finding.printed)

    return sorted(findings, key=key)
