"""An official document as a Word file in the layout of Nghị định 30/2020/NĐ-CP, Phụ lục I.

What it consists of: paper_rules.py; the same as PDF: letter_pdf.py.

Nothing is left to the template of python-docx: paper, margins, the font of all four scripts and every size are written here.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor

from tracker.documents.letter_rules import Letter
from tracker.documents.paper_rules import Annex, Paper, Paragraph, Row, of_letter

FONT = "Times New Roman"
#: Millimetres: A4; top, right, bottom, left margin; the page number stands in the top margin.
PAPER = (210, 297)
MARGINS = (20, 15, 20, 30)
NUMBER_FROM_TOP = 10
HEAD_WIDTHS = (66, 99)
FOOT_WIDTHS = (75, 90)
#: Room for the signature and the seal, which are never drawn.
SIGNATURE_ROOM = 28
#: Of the line under the organ and under what a document is about, as a part of the text (one third to one half).
LINE_PART = 0.4
BODY, TABLE = 14, 13
FIRST_LINE = 12.7
ADDRESSEE_INDENT = 25
COUNTRY, MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"

#: Advance widths of Times in thousandths of the size (Adobe Font Metrics), for the lines under ô 1 and ô 2 and the colon of «Kính gửi».
#: A letter with marks is as wide as without.
_REGULAR = {
    **dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (
        722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722, 556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611,
    ), strict=True)),
    **dict(zip("abcdefghijklmnopqrstuvwxyz", (
        444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500, 500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444,
    ), strict=True)),
    **dict.fromkeys(" ,.", 250), "-": 333, ":": 278,
}  # fmt: skip
_BOLD = {
    **dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (
        722, 667, 722, 722, 667, 611, 778, 778, 389, 500, 778, 667, 944, 722, 778, 611, 778, 722, 556, 667, 722, 722, 1000, 722, 722, 667,
    ), strict=True)),
    **dict(zip("abcdefghijklmnopqrstuvwxyz", (
        500, 556, 444, 556, 444, 333, 500, 556, 278, 333, 556, 278, 833, 556, 500, 556, 556, 444, 389, 333, 556, 500, 722, 500, 500, 444,
    ), strict=True)),
    **dict.fromkeys(" ,.", 250), "-": 333, ":": 333,
}  # fmt: skip


def text_width(text: str, size: float, *, bold: bool) -> float:
    """How long a line of text is in Times New Roman, in millimetres."""
    widths = _BOLD if bold else _REGULAR
    letters = [c for c in unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D")) if not unicodedata.combining(c)]
    return sum(widths.get(c, 500) for c in letters) / 1000 * size * 25.4 / 72


def written(letter: Letter, at: datetime) -> bytes:
    """The letter and its appendix as .docx. ``at``: the moment the file says it was made."""
    return as_word(of_letter(letter), at)


def as_word(paper: Paper, at: datetime) -> bytes:
    """A paper and its appendices as .docx. ``at``: the moment the file says it was made."""
    document = Document()
    _set_up(document, paper, at)
    _head(document, paper)
    _name(document, paper)
    _address(document, paper.addressees)
    for place, paragraph in enumerate(paper.body, 1):
        # The last words stay with the signature: no page holds a signature alone.
        _body(document, paragraph).paragraph_format.keep_with_next = paragraph.keep or place == len(paper.body)
    _foot(document, paper)
    for annex in paper.annexes:
        _appendix(document, annex)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _set_up(document: Any, paper: Paper, at: datetime) -> None:
    style = document.styles["Normal"]
    style.font.size, style.font.color.rgb = Pt(BODY), RGBColor(0, 0, 0)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    for properties in (style.element.get_or_add_rPr(), document.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")):
        _in_times(properties)
        language = properties.find(qn("w:lang"))
        if language is None:
            language = OxmlElement("w:lang")
            properties.append(language)
        for script in ("val", "eastAsia"):
            language.set(qn(f"w:{script}"), "vi-VN")
    page = document.sections[0]
    page.page_width, page.page_height = (Mm(side) for side in PAPER)
    page.top_margin, page.right_margin, page.bottom_margin, page.left_margin = (Mm(margin) for margin in MARGINS)
    page.header_distance = page.footer_distance = Mm(NUMBER_FROM_TOP)
    page.different_first_page_header_footer = True
    _page_number(page)
    about = document.core_properties
    about.title, about.author, about.last_modified_by = paper.title, " ".join(paper.issuer), ""
    about.comments, about.language, about.category = "Dự thảo", "vi-VN", paper.category
    about.created = about.modified = at


def _page_number(page: Any) -> None:
    """In the top margin, centred, from the second page on; a section's first page has an empty head of its own."""
    page.first_page_header.is_linked_to_previous = False
    page.header.is_linked_to_previous = False
    line = page.header.paragraphs[0]
    line.style = "Normal"
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    code = OxmlElement("w:instrText")
    code.text = "PAGE"
    for part in (_field_mark("begin"), code, _field_mark("separate"), None, _field_mark("end")):
        run = _run(line, "2" if part is None else "", BODY)
        if part is not None:
            run._r.append(part)


def _field_mark(kind: str) -> Any:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    return mark


def _head(document: Any, paper: Paper) -> None:
    """Ô 1 to 4 and 5b: organ and country, number and day, what a letter is about."""
    left, right, below_left, below_right = _plain_table(document, HEAD_WIDTHS, 2)
    if paper.superior:
        _centred(left, paper.superior, 13)
    for line in paper.issuer:
        _centred(left, line, 13, bold=True)
    longest = max(min(text_width(line, 13, bold=True), HEAD_WIDTHS[0]) for line in paper.issuer)
    _drawn(left.add_paragraph(), longest * LINE_PART, HEAD_WIDTHS[0])
    _centred(right, COUNTRY, 13, bold=True)
    _centred(right, MOTTO, 14, bold=True)
    _drawn(right.add_paragraph(), text_width(MOTTO, 14, bold=True), HEAD_WIDTHS[1])
    _centred(below_left, paper.number, 13).paragraph_format.space_before = Pt(6)
    if paper.subject:
        _centred(below_left, paper.subject, 12).paragraph_format.space_before = Pt(6)
    _centred(below_right, paper.place_and_day, 14, italic=True).paragraph_format.space_before = Pt(6)


def _name(document: Any, paper: Paper) -> None:
    """Ô 5a: the kind of document and what it is about, with a line below."""
    if not paper.kind:
        return
    for place, text in enumerate((paper.kind, *paper.about)):
        line = document.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        line.paragraph_format.space_before = Pt(0 if place else 12)
        line.paragraph_format.keep_with_next = True
        _run(line, text, BODY, bold=True)
    width = PAPER[0] - MARGINS[1] - MARGINS[3]
    line = document.add_paragraph()
    _drawn(line, min(text_width(paper.about[-1], BODY, bold=True), width) * LINE_PART, width)
    line.paragraph_format.space_after = Pt(6)


def _drawn(line: Any, length: float, width: float) -> None:
    """A line as the lower border of an empty paragraph, as far from both sides as its length asks. Not underlined text."""
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    side = Mm(max((width - length) / 2, 0))
    line.paragraph_format.left_indent = line.paragraph_format.right_indent = side
    _thin(line, 3)
    borders = OxmlElement("w:pBdr")
    below = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "000000")):
        below.set(qn(f"w:{name}"), value)
    borders.append(below)
    # Where the schema wants it: before shading, tabs, spacing, indents and alignment.
    properties = line._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:rPr", "w:sectPr"
    )


def _thin(line: Any, points: float) -> None:
    """An empty paragraph so high, whatever its font."""
    line.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    line.paragraph_format.line_spacing = Pt(points)
    line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(0)


def _address(document: Any, addressees: Sequence[str]) -> None:
    """Ô 9a: one on the same line; several each on its own, the dashes under the colon, «;» and at last «.»."""
    if not addressees:
        return
    line = document.add_paragraph()
    line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(12), Pt(6)
    if len(addressees) == 1:
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _run(line, f"Kính gửi: {addressees[0]}", BODY)
        return
    line.paragraph_format.left_indent = Mm(ADDRESSEE_INDENT)
    line.paragraph_format.keep_with_next = True
    _run(line, "Kính gửi:", BODY)
    colon = ADDRESSEE_INDENT + text_width("Kính gửi", BODY, bold=False)
    dash = text_width("- ", BODY, bold=False)
    for place, name in enumerate(addressees, 1):
        line = document.add_paragraph()
        line.paragraph_format.left_indent, line.paragraph_format.first_line_indent = Mm(colon + dash), Mm(-dash)
        _run(line, f"- {name}{'.' if place == len(addressees) else ';'}", BODY)
    line.paragraph_format.space_after = Pt(6)


def _body(document: Any, paragraph: Paragraph) -> Any:
    line = document.add_paragraph()
    line.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    line.paragraph_format.first_line_indent = Mm(FIRST_LINE)
    line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(6)
    for span in paragraph.spans:
        _run(line, span.text, BODY, bold=span.bold, italic=paragraph.italic)
    return line


def _foot(document: Any, paper: Paper) -> None:
    """Ô 9b beside ô 7a-7b, on one page. The name under the signature is left to whoever signs."""
    left, right = _plain_table(document, FOOT_WIDTHS, 1)
    _run(left.paragraphs[0], "Nơi nhận:", 12, bold=True, italic=True)
    for text in paper.recipients:
        _run(left.add_paragraph(), text, 11)
    for text in paper.signature:
        _centred(right, text, 14, bold=True)
    _centred(right, "", 14, bold=True).paragraph_format.space_before = Mm(SIGNATURE_ROOM)


def _appendix(document: Any, annex: Annex) -> None:
    """A section of its own, lying, its pages counted from 1; the column headings stand again on every page."""
    page = document.add_section(WD_SECTION.NEW_PAGE)
    for old in page._sectPr.findall(qn("w:pgNumType")):
        page._sectPr.remove(old)
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = Mm(PAPER[1]), Mm(PAPER[0])
    start = OxmlElement("w:pgNumType")
    start.set(qn("w:start"), "1")
    page._sectPr.insert_element_before(start, "w:cols", "w:formProt", "w:vAlign", "w:noEndnote", "w:titlePg", "w:textDirection", "w:docGrid")
    # The paragraph that carries the break stands under the signature: it must not need a page.
    _thin(document.paragraphs[-1], 1)
    for text, size, bold, italic in (
        (annex.label, 14, True, False),
        (annex.title, 14, True, False),
        (annex.reference, 14, False, True),
    ):
        line = document.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        line.paragraph_format.keep_with_next = True
        _run(line, text, size, bold=bold, italic=italic)
    line.paragraph_format.space_after = Pt(6)
    table = document.add_table(rows=0, cols=len(annex.columns))
    table.style = "Table Grid"
    _fix(table, annex.widths)
    # Its cells are padded: set to the left, its border would stand in the margin.
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _row(table, annex, Row(annex.columns, bold=True), heading=True)
    for place, row in enumerate(annex.rows, 1):
        if row.merged:
            _group_row(table, annex, row.cells[0])
        else:
            # A group's heading stays with the row below it; a total, which is last, has none.
            _row(table, annex, row, keep=row.bold and place < len(annex.rows))


def _row(table: Any, annex: Annex, given: Row, *, heading: bool = False, keep: bool = False) -> None:
    row = table.add_row()
    _whole(row)
    if heading:
        row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for place, (cell, text, width) in enumerate(zip(row.cells, given.cells, annex.widths, strict=True)):
        cell.width = Mm(width)
        line = cell.paragraphs[0]
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER if heading or place in annex.centred else WD_ALIGN_PARAGRAPH.LEFT
        line.paragraph_format.keep_with_next = keep or None
        _run(line, text, TABLE, bold=given.bold)


def _group_row(table: Any, annex: Annex, text: str) -> None:
    row = table.add_row()
    _whole(row)
    cell = row.cells[0].merge(row.cells[-1])
    cell.width = Mm(sum(annex.widths))
    line = cell.paragraphs[0]
    line.alignment = WD_ALIGN_PARAGRAPH.LEFT
    line.paragraph_format.keep_with_next = True
    _run(line, text, TABLE, bold=True)


def _plain_table(document: Any, widths: Sequence[int], rows: int) -> list[Any]:
    """A table nobody sees, without borders and without padding, so that its widths are the widths of the text. Its cells."""
    table = document.add_table(rows=rows, cols=len(widths))
    table.style = "Normal Table"
    _fix(table, widths)
    padding = OxmlElement("w:tblCellMar")
    for side in ("top", "left", "bottom", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), "0")
        edge.set(qn("w:type"), "dxa")
        padding.append(edge)
    properties = table._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    if look is None:
        properties.append(padding)
    else:
        look.addprevious(padding)
    cells = []
    for row in table.rows:
        _whole(row)
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
            cells.append(cell)
    return cells


def _fix(table: Any, widths: Sequence[int]) -> None:
    """These widths, whatever the text."""
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    for column, width in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.w = Mm(width)
    whole = table._tbl.tblPr.find(qn("w:tblW"))
    whole.set(qn("w:type"), "dxa")
    whole.set(qn("w:w"), str(Length(Mm(sum(widths))).twips))


def _whole(row: Any) -> None:
    """Never torn between two pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _centred(cell: Any, text: str, size: float, *, bold: bool = False, italic: bool = False) -> Any:
    """A line of a cell; the first takes the paragraph a cell comes with."""
    line = cell.paragraphs[0]
    if line.runs:
        line = cell.add_paragraph()
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(line, text, size, bold=bold, italic=italic)
    return line


def _run(line: Any, text: str, size: float, *, bold: bool = False, italic: bool = False) -> Any:
    run = line.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
    _in_times(run._r.get_or_add_rPr())
    return run


def _in_times(properties: Any) -> None:
    """Of every script: without the East Asian one Word shows some Vietnamese letters in another font."""
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), FONT)
