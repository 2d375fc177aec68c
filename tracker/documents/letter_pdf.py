"""An official document as PDF, in the layout of Nghị định 30/2020/NĐ-CP, Phụ lục I: the same measures as letter_writing.py.

Every word is set at a place worked out here; nothing is read as markup and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.documents.letter_rules import Letter
from tracker.documents.letter_writing import (
    ADDRESSEE_INDENT,
    BODY,
    COUNTRY,
    FIRST_LINE,
    FOOT_WIDTHS,
    HEAD_WIDTHS,
    LINE_PART,
    MARGINS,
    MOTTO,
    SIGNATURE_ROOM,
    TABLE,
)
from tracker.documents.paper_rules import Annex, Paper, Paragraph, Row, Span, of_letter
from tracker.documents.pdf_sheet import GAP, POINT, Block, Line, Sheet, Token, tall

#: The inner margins of a table's cell as Word has them.
_CELL_SIDE, _CELL_TOP = 1.9, 0.4


def pdf(letter: Letter, at: datetime) -> bytes:
    """The letter and its appendix as PDF. ``at``: the moment the file says it was made. Raises Refused without a font."""
    return as_pdf(of_letter(letter), at)


def as_pdf(paper: Paper, at: datetime) -> bytes:
    """A paper and its appendices as PDF. ``at``: the moment the file says it was made. Raises Refused without a font."""
    sheet = Sheet(paper, at)
    sheet.flow(_blocks(sheet, paper))
    for annex in paper.annexes:
        _annex(sheet, annex)
    return sheet.bytes()


def _blocks(sheet: Sheet, paper: Paper) -> list[Block]:
    """Everything on the standing pages, in order; the last lines of the body stay with the signature."""
    _head(sheet, paper)
    found = [*_name(sheet, paper), *_address(sheet, paper.addressees)]
    for paragraph in paper.body:
        found += _paragraph(sheet, paragraph)
    if found:
        found[-1].keep = True
    return [*found, _foot(sheet, paper)]


def _head(sheet: Sheet, paper: Paper) -> None:
    """Ô 1 to 4 and 5b, at the top of the first page."""
    left, right = MARGINS[3], MARGINS[3] + HEAD_WIDTHS[0]
    y = float(MARGINS[0])
    if paper.superior:
        y = sheet.centred(paper.superior, 13, "", left, HEAD_WIDTHS[0], y)
    longest = 0.0
    for line in paper.issuer:
        longest = max(longest, min(sheet.measure(line, "B", 13), HEAD_WIDTHS[0]))
        y = sheet.centred(line, 13, "B", left, HEAD_WIDTHS[0], y)
    y = sheet.ruled(longest * LINE_PART, left, HEAD_WIDTHS[0], y)
    beside = sheet.centred(COUNTRY, 13, "B", right, HEAD_WIDTHS[1], MARGINS[0])
    beside = sheet.centred(MOTTO, 14, "B", right, HEAD_WIDTHS[1], beside)
    beside = sheet.ruled(sheet.measure(MOTTO, "B", 14), right, HEAD_WIDTHS[1], beside)
    top = max(y, beside) + GAP
    y = sheet.centred(paper.number, 13, "", left, HEAD_WIDTHS[0], top)
    if paper.subject:
        y = sheet.centred(paper.subject, 12, "", left, HEAD_WIDTHS[0], y + GAP)
    beside = sheet.centred(paper.place_and_day, 14, "I", right, HEAD_WIDTHS[1], top)
    sheet.y = max(y, beside)


def _name(sheet: Sheet, paper: Paper) -> list[Block]:
    """Ô 5a with its line: one block, kept with what follows."""
    if not paper.kind:
        return []
    texts = (paper.kind, *paper.about)
    lines = sum(len(sheet.wrap((Span(text, True),), BODY, sheet.width)) for text in texts)
    length = min(sheet.measure(paper.about[-1], "B", BODY), sheet.width) * LINE_PART

    def draw(y: float) -> None:
        for text in texts:
            y = sheet.centred(text, BODY, "B", MARGINS[3], sheet.width, y)
        sheet.ruled(length, MARGINS[3], sheet.width, y)

    return [Block(lines * tall(BODY) + 3 * POINT, draw, above=2 * GAP, keep=True)]


def _address(sheet: Sheet, addressees: Sequence[str]) -> list[Block]:
    """Ô 9a: one on the same line; several each on its own, the dashes under the colon."""
    if not addressees:
        return []
    if len(addressees) == 1:
        text = f"Kính gửi: {addressees[0]}"
        height = len(sheet.wrap((Span(text),), BODY, sheet.width)) * tall(BODY)
        return [Block(height, lambda y: _nothing(sheet.centred(text, BODY, "", MARGINS[3], sheet.width, y)), above=2 * GAP)]
    dash = ADDRESSEE_INDENT + sheet.measure("Kính gửi", "", BODY)
    name = dash + sheet.measure("- ", "", BODY)
    call = sheet.wrap((Span("Kính gửi:"),), BODY, sheet.width)
    found = [_at(sheet, call, MARGINS[3] + ADDRESSEE_INDENT, above=2 * GAP, keep=True)]
    for place, text in enumerate(addressees, 1):
        lines = sheet.wrap((Span(f"{text}{'.' if place == len(addressees) else ';'}"),), BODY, sheet.width - name)
        found.append(_item(sheet, lines, MARGINS[3] + dash, MARGINS[3] + name, above=GAP if place == 1 else 0))
    return found


def _nothing(_end: float) -> None:
    """A block is drawn for its ink, not for where it ends."""


def _at(sheet: Sheet, lines: Sequence[Line], x: float, *, above: float = 0, keep: bool = False) -> Block:
    def draw(y: float) -> None:
        for place, line in enumerate(lines):
            sheet.put(line, BODY, x, y + place * tall(BODY))

    return Block(len(lines) * tall(BODY), draw, above, keep)


def _item(sheet: Sheet, lines: Sequence[Line], dash: float, x: float, *, above: float) -> Block:
    block = _at(sheet, lines, x, above=above)
    words = block.draw

    def draw(y: float) -> None:
        sheet.put(Line((Token("- ", ""),), last=True), BODY, dash, y)
        words(y)

    block.draw = draw
    return block


def _paragraph(sheet: Sheet, paragraph: Paragraph) -> list[Block]:
    """Its lines, justified; two at its beginning and two at its end stay together."""
    lines = sheet.wrap(paragraph.spans, BODY, sheet.width, italic=paragraph.italic, first=FIRST_LINE)

    def block(first: int, end: int) -> Block:
        def draw(y: float) -> None:
            for place in range(first, end):
                inset = FIRST_LINE if place == 0 else 0
                sheet.put(lines[place], BODY, MARGINS[3] + inset, y + (place - first) * tall(BODY), room=sheet.width - inset)

        return Block((end - first) * tall(BODY), draw, above=GAP if first == 0 else 0, keep=paragraph.keep)

    count = len(lines)
    if count <= 3:
        return [block(0, count)]
    return [block(0, 2), *(block(place, place + 1) for place in range(2, count - 2)), block(count - 2, count)]


def _foot(sheet: Sheet, paper: Paper) -> Block:
    """Ô 9b beside ô 7a-7b, never divided. Room for the signature is left; nothing is drawn there."""
    left, right = MARGINS[3], MARGINS[3] + FOOT_WIDTHS[0]
    told = [line for text in paper.recipients for line in sheet.wrap((Span(text),), 11, FOOT_WIDTHS[0])]
    signs = sum(len(sheet.wrap((Span(text, True),), BODY, FOOT_WIDTHS[1])) for text in paper.signature)
    height = max(tall(12) + len(told) * tall(11), (signs + 1) * tall(BODY) + SIGNATURE_ROOM)

    def draw(y: float) -> None:
        sheet.put(Line((Token("Nơi nhận:", "BI"),), last=True), 12, left, y)
        for place, line in enumerate(told):
            sheet.put(line, 11, left, y + tall(12) + place * tall(11))
        for text in paper.signature:
            y = sheet.centred(text, BODY, "B", right, FOOT_WIDTHS[1], y)

    return Block(height, draw, above=GAP)


def _annex(sheet: Sheet, annex: Annex) -> None:
    """A lying section; the column headings stand again on every page, a row is divided only where it is longer than a page."""
    sheet.section(lying=True)
    for text, style in ((annex.label, "B"), (annex.title, "B"), (annex.reference, "I")):
        sheet.y = sheet.centred(text, BODY, style, MARGINS[3], sheet.width, sheet.y)
    sheet.y += GAP
    table = _Table(sheet, annex)
    table.heading()
    for place, row in enumerate(annex.rows):
        follows = annex.rows[place + 1] if (row.merged or row.bold) and place + 1 < len(annex.rows) else None
        table.row(row, follows)


@dataclass(slots=True)
class _Table:
    sheet: Sheet
    annex: Annex

    def heading(self) -> None:
        row = Row(self.annex.columns, bold=True)
        self._draw(row, self._cells(row), everywhere=True)

    def row(self, row: Row, follows: Row | None) -> None:
        """A row; a group's heading needs room for the row below it as well."""
        cells = self._cells(row)
        needed = _height(cells) + (_height(self._cells(follows)) if follows else 0)
        if self.sheet.y + needed > self.sheet.bottom + 0.01:
            self._next_page()
        while self.sheet.y + _height(cells) > self.sheet.bottom + 0.01:
            fits = max(int((self.sheet.bottom - self.sheet.y - 2 * _CELL_TOP) / tall(TABLE)), 1)
            self._draw(row, [lines[:fits] for lines in cells])
            cells = [lines[fits:] for lines in cells]
            self._next_page()
        self._draw(row, cells)

    def _next_page(self) -> None:
        self.sheet.page()
        self.heading()

    def _widths(self, row: Row) -> tuple[float, ...]:
        return (sum(self.annex.widths),) if row.merged else self.annex.widths

    def _cells(self, row: Row) -> list[list[Line]]:
        return [
            self.sheet.wrap((Span(text, row.bold),), TABLE, width - 2 * _CELL_SIDE) for text, width in zip(row.cells, self._widths(row), strict=True)
        ]

    def _draw(self, row: Row, cells: Sequence[Sequence[Line]], *, everywhere: bool = False) -> None:
        sheet, height = self.sheet, _height(cells)
        x = MARGINS[3] + (sheet.width - sum(self.annex.widths)) / 2
        for column, (lines, width) in enumerate(zip(cells, self._widths(row), strict=True)):
            sheet.out.rect(x, sheet.y, width, height)
            middle = everywhere or (not row.merged and column in self.annex.centred)
            for place, line in enumerate(lines):
                inset = (width - sheet.long(line, TABLE)) / 2 if middle else _CELL_SIDE
                sheet.put(line, TABLE, x + inset, sheet.y + _CELL_TOP + place * tall(TABLE))
            x += width
        sheet.y += height


def _height(cells: Sequence[Sequence[Line]]) -> float:
    return max(1, *(len(lines) for lines in cells), 1) * tall(TABLE) + 2 * _CELL_TOP
