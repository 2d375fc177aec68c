"""A notice's table → indicators with leads and cooperators, or every problem with its place. Pure: units are resolved by what is passed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from tracker.assignments.rules import Fault, divide
from tracker.indicators.rules import IndicatorKind, RequirementKind
from tracker.kernel.vietnamese import clean, fold
from tracker.kernel.words import phrase

#: (words as printed, slug of the unit or None) for each name in a cell.
Resolve = Callable[[str], Sequence[tuple[str, str | None]]]
#: A known name that looks like an unknown one, to be proposed, never taken.
Suggest = Callable[[str], str | None]

MOST_POINTS = Decimal(10000)
_CODE = re.compile(r"[0-9A-Za-z]{1,6}(\.[0-9A-Za-z]{1,6}){0,4}")
_POINTS = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*(?:đ|điểm)?\.?", re.IGNORECASE)


class Heading(StrEnum):
    """The columns a notice may have, and what the page calls them."""

    CODE = "Stt"
    NAME = "Chỉ số"
    LEAD = "Cơ quan chủ trì"
    COOPERATORS = "Cơ quan phối hợp"
    POINTS = "Điểm tối đa"
    SCORING = "Cách xác định"
    EVIDENCE = "Tài liệu kiểm chứng"
    SOURCE = "Nguồn"


NEEDED = (Heading.CODE, Heading.NAME, Heading.LEAD)
#: Folded beginnings or parts by which a column's heading is known; the first that fits wins.
_SIGNS: tuple[tuple[Heading, tuple[str, ...]], ...] = (
    (Heading.COOPERATORS, ("phoi hop",)),
    (Heading.LEAD, ("chu tri",)),
    (Heading.EVIDENCE, ("kiem chung", "minh chung")),
    (Heading.SCORING, ("cach xac dinh", "cach tinh", "cach danh gia", "phuong phap")),
    (Heading.POINTS, ("diem toi da", "thang diem", "diem")),
    (Heading.SOURCE, ("nguon",)),
)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row. ``line`` counts from 1 over the sheet, or over all tables of a Word file; cells keep their line ends."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file cannot be taken in. ``place`` is «tệp:dòng:cột», columns from 1."""

    place: str
    message: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One indicator as the file tells it."""

    line: int
    code: str
    parent: str | None
    kind: IndicatorKind
    name: str
    points: Decimal | None
    points_printed: str
    scoring: str
    evidence: str
    source: str
    lead: str | None
    lead_printed: str
    cooperators: tuple[str, ...]
    cooperators_printed: str
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class Draft:
    """What a file holds. It may be created only where there are no problems."""

    rows: list[DraftRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def unit_slugs(self) -> list[str]:
        """Every unit the rows name, in order of appearance."""
        return list(dict.fromkeys(slug for row in self.rows for slug in (row.lead, *row.cooperators) if slug))


def columns_of(row: TableRow) -> dict[Heading, int]:
    """Heading → column of a heading row; empty where the row is none."""
    found: dict[Heading, int] = {}
    for place, cell in enumerate(row.cells):
        heading = _heading(fold(cell.replace("\n", " ")))
        if heading is not None:
            found.setdefault(heading, place)
    return found if all(heading in found for heading in NEEDED) else {}


def _heading(words: str) -> Heading | None:
    if words in ("stt", "tt", "so tt", "so thu tu", "ma", "ma so", "ma chi so"):
        return Heading.CODE
    for heading, signs in _SIGNS:
        if any(sign in words for sign in signs):
            return heading
    return Heading.NAME if "chi so" in words or "noi dung" in words or "chi tieu" in words else None


def read_notice(filename: str, table: Sequence[TableRow], resolve: Resolve, suggest: Suggest, *, lead_needed: bool = True) -> Draft:
    """All rows, or all problems: a bad row does not hide the next one. Without ``lead_needed`` a row may still lack its lead."""
    draft = Draft()
    columns: dict[Heading, int] = {}
    reader = _Reader(filename, draft, resolve, suggest, lead_needed)
    for row in table:
        headings = columns_of(row)
        if headings:
            columns = headings
        elif columns:
            reader.take(row, columns)
    if not columns:
        draft.problems.append(
            Problem(
                f"{filename}:1:1",
                phrase(
                    "không thấy dòng tiêu đề; bảng cần các cột %(list)s (và nên có %(cooperators)s).",
                    list=", ".join(NEEDED),
                    cooperators=Heading.COOPERATORS,
                ),
            )
        )
    elif not reader.raw:
        draft.problems.append(Problem(f"{filename}:1:1", phrase("không thấy dòng chỉ số nào dưới dòng tiêu đề.")))
    reader.finish()
    return draft


@dataclass(slots=True)
class _Raw:
    """A row whose own cells were read; its place in the tree is found when all are known."""

    line: int
    code: str
    cells: dict[Heading, str]
    columns: dict[Heading, int]
    points: Decimal | None


class _Reader:
    def __init__(self, filename: str, draft: Draft, resolve: Resolve, suggest: Suggest, lead_needed: bool) -> None:
        self.filename, self.draft, self.resolve, self.suggest, self.lead_needed = filename, draft, resolve, suggest, lead_needed
        self.raw: dict[str, _Raw] = {}

    def problem(self, raw_line: int, column: int, message: str) -> None:
        self.draft.problems.append(Problem(f"{self.filename}:{raw_line}:{column + 1}", message))

    def take(self, row: TableRow, columns: dict[Heading, int]) -> None:
        """One row under the headings. A row with a single text and no code is a heading of the table and passed over."""
        cells = {heading: row.cells[place] if place < len(row.cells) else "" for heading, place in columns.items()}
        code = clean(cells[Heading.CODE]).rstrip(".")
        if sum(bool(cell) for cell in cells.values()) < 2 and not _CODE.fullmatch(code):
            return
        if not code:
            self.problem(
                row.line, columns[Heading.CODE], phrase("dòng “%(cells)s” không có số thứ tự; ghi mã như 1.2.", cells=_short(cells[Heading.NAME]))
            )
            return
        if not _CODE.fullmatch(code):
            self.problem(
                row.line,
                columns[Heading.CODE],
                phrase("“%(code)s” không phải là mã chỉ số; ghi dạng chữ như 1.2 hoặc B.I.1 (Excel: định dạng cột là Văn bản).", code=_short(code)),
            )
            return
        if code in self.raw:
            self.problem(
                row.line,
                columns[Heading.CODE],
                phrase("mã %(code)s đã có ở dòng %(line)s; mỗi mã chỉ được có một lần.", code=code, line=self.raw[code].line),
            )
            return
        if not clean(cells[Heading.NAME]):
            self.problem(row.line, columns[Heading.NAME], phrase("chỉ số %(code)s không có tên.", code=code))
        self.raw[code] = _Raw(row.line, code, cells, columns, self._points(row.line, code, cells, columns))

    def _points(self, line: int, code: str, cells: dict[Heading, str], columns: dict[Heading, int]) -> Decimal | None:
        printed = clean(cells.get(Heading.POINTS, ""))
        if printed in ("", "-", "–"):
            return None
        match = _POINTS.fullmatch(printed)
        try:
            value = Decimal(match[1].replace(",", ".")) if match else Decimal("NaN")
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or not 0 <= value <= MOST_POINTS or value != round(value, 2):
            self.problem(
                line,
                columns[Heading.POINTS],
                phrase(
                    "“%(printed)s” không phải là điểm tối đa của %(code)s; ghi số từ 0 đến %(most_points)s như 2,5; để trống nếu không in.",
                    printed=_short(printed),
                    code=code,
                    most_points=f"{MOST_POINTS:f}",
                ),
            )
            return None
        return value

    def finish(self) -> None:
        """Places every row in the tree and resolves its units."""
        parents = {code: self._parent(code) for code in self.raw}
        above = set(parents.values())
        for code, raw in self.raw.items():
            self.draft.rows.append(self._row(raw, parents[code], leaf=code not in above, depth=_depth(code, parents)))
        self.draft.problems.sort(key=lambda problem: [int(part) for part in problem.place.rsplit(":", 2)[1:]])

    def _parent(self, code: str) -> str | None:
        above, _dot, _last = code.rpartition(".")
        while above and above not in self.raw:
            above = above.rpartition(".")[0]
        return above or None

    def _row(self, raw: _Raw, parent: str | None, *, leaf: bool, depth: int) -> DraftRow:
        leads = self._units(raw, Heading.LEAD)
        cooperators = self._units(raw, Heading.COOPERATORS)
        if leaf and self.lead_needed and not raw.cells[Heading.LEAD]:
            self.problem(raw.line, raw.columns[Heading.LEAD], phrase("chỉ số %(code)s không có cơ quan chủ trì.", code=raw.code))
        division = divide(leads, cooperators) if leads else None
        kind = IndicatorKind.MAIN if depth == 0 and not leaf else IndicatorKind.SUB if depth > 1 else IndicatorKind.COMPONENT
        return DraftRow(
            line=raw.line,
            code=raw.code,
            parent=parent,
            kind=kind,
            name=clean(raw.cells[Heading.NAME]),
            points=raw.points,
            points_printed=clean(raw.cells.get(Heading.POINTS, "")),
            scoring=clean(raw.cells.get(Heading.SCORING, "")),
            evidence=raw.cells.get(Heading.EVIDENCE, ""),
            source=clean(raw.cells.get(Heading.SOURCE, "")),
            lead=division.lead if division else None,
            lead_printed=clean(raw.cells[Heading.LEAD]),
            cooperators=division.cooperators if division else tuple(dict.fromkeys(cooperators)),
            cooperators_printed=clean(raw.cells.get(Heading.COOPERATORS, "")),
            faults=division.faults if division else (),
        )

    def _units(self, raw: _Raw, heading: Heading) -> list[str]:
        found = []
        for words, slug in self.resolve(raw.cells.get(heading, "")):
            if slug is not None:
                found.append(slug)
                continue
            near = self.suggest(words)
            hint = (
                phrase(" Có phải “%(near)s” không? Nếu phải, thêm cách viết này cho đơn vị ấy.", near=near)
                if near
                else phrase(" Thêm đơn vị (hoặc cách viết) này ở trang Đơn vị trước.")
            )
            self.problem(raw.line, raw.columns[heading], phrase("chưa có đơn vị “%(words)s”.%(hint)s", words=_short(words), hint=hint))
        return found


def _depth(code: str, parents: dict[str, str | None]) -> int:
    depth, above = 0, parents[code]
    while above is not None:
        depth, above = depth + 1, parents[above]
    return depth


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"


_REQUIREMENT_SIGNS: tuple[tuple[RequirementKind, tuple[str, ...]], ...] = (
    (RequirementKind.MINUTES, ("bien ban",)),
    (RequirementKind.LIST, ("danh sach", "ds ")),
    (RequirementKind.MATERIAL, ("tai lieu/",)),
    (RequirementKind.PICTURE, ("hinh anh", "anh chup")),
    (RequirementKind.LINK, ("duong link", "link", "duong dan")),
    (RequirementKind.FIGURES, ("so lieu", "thong ke")),
)


def requirements_of(evidence: str) -> list[tuple[RequirementKind, str]]:
    """The documents an evidence cell asks for: one for each line or dash; the whole cell where it has neither."""
    pieces = [clean(piece).strip("-–+•.; ") for line in evidence.splitlines() for piece in re.split(r"(?:^|\s)[-–+•]\s*(?=\w)|;", line)]
    return [(_requirement_kind(fold(piece)), piece) for piece in pieces if piece]


def _requirement_kind(words: str) -> RequirementKind:
    return next((kind for kind, signs in _REQUIREMENT_SIGNS if any(sign in f"{words} " for sign in signs)), RequirementKind.DOCUMENT)
