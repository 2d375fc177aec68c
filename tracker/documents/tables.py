"""The table of a notice out of a Word or Excel file: rows of plain text with their places.

Files are not to be trusted: nothing is opened before it is measured.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import PurePath
from typing import Any

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from tracker.documents.reading import TableRow
from tracker.kernel.errors import BadInput
from tracker.kernel.vietnamese import clean
from tracker.kernel.words import phrase
from tracker.web import sheets

MEBIBYTE = 1024 * 1024
LARGEST_UPLOAD = 5 * MEBIBYTE
LARGEST_UNPACKED = 50 * MEBIBYTE
#: Office text packs about ten to one; a bomb a thousand to one. Small files may reach high ratios honestly.
LARGEST_RATIO = 120
RATIO_COUNTS_FROM = 4 * MEBIBYTE
MOST_ENTRIES = 2000
MOST_ROWS = 5000
_PARTS = {".docx": "word/document.xml", ".xlsx": "xl/workbook.xml"}


def read_tables(filename: str, data: bytes) -> list[TableRow]:
    """The rows of every table of a .docx, or of the first sheet of an .xlsx.

    Raises BadInput (field ``file``) for another type, a damaged file, a zip bomb, or one without a table.
    """
    ending = PurePath(filename.lower()).suffix
    if ending not in _PARTS:
        raise BadInput(phrase("Không nhận tệp “%(ending)s”; chọn tệp Word (.docx) hoặc Excel (.xlsx).", ending=ending or filename), field="file")
    refuse_bomb(data, ending)
    rows = list(_word_rows(data)) if ending == ".docx" else _sheet_rows(data)
    if not rows:
        raise BadInput("Tệp không có bảng nào; cần một bảng có các cột Stt, Chỉ số, Cơ quan chủ trì, Cơ quan phối hợp.", field="file")
    if len(rows) > MOST_ROWS:
        raise BadInput(phrase("Bảng có hơn %(most_rows)s dòng; đồng chí tách thành nhiều tệp.", most_rows=MOST_ROWS), field="file")
    return rows


def refuse_bomb(data: bytes, ending: str) -> None:
    """Measures a zip by its directory alone. Raises BadInput where it is none, or would unpack to too much."""
    if len(data) > LARGEST_UPLOAD:
        raise BadInput(
            phrase("Tệp lớn hơn %(largest_upload)s MB; đồng chí bỏ bớt hình ảnh hoặc tách tệp.", largest_upload=LARGEST_UPLOAD // MEBIBYTE),
            field="file",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadInput(
            "Tệp đã hỏng hoặc không phải tệp Word, Excel; đồng chí mở ra, lưu lại dưới dạng .docx hoặc .xlsx rồi gửi lại.", field="file"
        ) from None
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES:
        raise BadInput(
            phrase(
                "Tệp chứa %(count)s phần, quá %(most_entries)s; đây không phải một văn bản bình thường nên không mở.",
                count=len(entries),
                most_entries=MOST_ENTRIES,
            ),
            field="file",
        )
    if unpacked > LARGEST_UNPACKED or (unpacked > RATIO_COUNTS_FROM and unpacked > LARGEST_RATIO * max(len(data), 1)):
        raise BadInput(
            phrase("Nội dung bung ra của tệp quá lớn (%(unpacked)s MB); đồng chí bỏ bớt hình ảnh rồi gửi lại.", unpacked=unpacked // MEBIBYTE),
            field="file",
        )
    if _PARTS[ending] not in {entry.filename for entry in entries}:
        raise BadInput(phrase("Nội dung tệp không phải là %(ending)s; đồng chí lưu lại đúng dạng rồi gửi lại.", ending=ending), field="file")


def _sheet_rows(data: bytes) -> list[TableRow]:
    return [TableRow(line, tuple(_text(cell) for cell in cells)) for line, cells in enumerate(sheets.read(data), start=1)]


def _text(cell: sheets.Cell) -> str:
    """A cell as it reads: 1 and not 1.0; a date as dd/mm/yyyy, so that a code Excel took for a date shows itself."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return f"{cell.day:02d}/{cell.month:02d}/{cell.year}"
    return _lines(str(cell))


def _lines(text: str) -> str:
    """Clean lines without empty ones."""
    return "\n".join(line for line in (clean(part) for part in text.splitlines()) if line)


def _word_rows(data: bytes) -> Iterator[TableRow]:
    try:
        document = Document(io.BytesIO(data))
        line = 0
        for table in document.element.body.iter(qn("w:tbl")):
            if next(table.iterancestors(qn("w:tbl")), None) is not None:
                continue
            above: dict[int, str] = {}
            for row in _rows_of(table):
                line += 1
                yield TableRow(line, _cells(row, above))
    # lxml's complaint about bad XML is a SyntaxError.
    except (PackageNotFoundError, SyntaxError, KeyError, ValueError, AttributeError) as error:
        raise BadInput("Không đọc được tệp Word này; đồng chí mở ra, lưu lại dưới dạng .docx rồi gửi lại.", field="file") from error


def _rows_of(table: Any) -> Iterator[Any]:
    """The rows of a table, those within content controls too; not those of a table in a cell."""
    for row in table.iter(qn("w:tr")):
        if next(row.iterancestors(qn("w:tbl"))) is table:
            yield row


def _cells(row: Any, above: dict[int, str]) -> tuple[str, ...]:
    """Texts by column of the grid: a cell merged downwards says what stands above it, one merged sideways stands in its first column."""
    cells: list[str] = []
    for cell in row.iter(qn("w:tc")):
        if next(cell.iterancestors(qn("w:tr"))) is not row:
            continue
        text = _lines("\n".join(_paragraph(one) for one in cell.iter(qn("w:p"))))
        place = len(cells)
        merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
        if merged is not None and merged.get(qn("w:val")) != "restart" and not text:
            text = above.get(place, "")
        above[place] = text
        span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
        width = int(span.get(qn("w:val"), "1")) if span is not None else 1
        cells += [text, *[""] * (max(1, min(width, 50)) - 1)]
    return tuple(cells)


def _paragraph(paragraph: Any) -> str:
    """All text of a paragraph: tracked insertions and content controls stand in it, tracked deletions do not."""
    words = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
    return "".join(one.text or "" if one.tag == qn("w:t") else words.get(one.tag, "") for one in paragraph.iter())
