"""Excel in and out: the workbook of a list on the screen, and safe reading of an uploaded one."""

from __future__ import annotations

import functools
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import xlsxwriter
from flask import Response
from python_calamine import CalamineError, CalamineWorkbook
from xlsxwriter.worksheet import Worksheet

from tracker.kernel.clock import ZONE
from tracker.kernel.errors import BadInput
from tracker.kernel.words import phrase

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEBIBYTE = 1024 * 1024
#: A 300 kB workbook can unpack to hundreds of megabytes: what it holds is counted before it is parsed.
LARGEST_UPLOAD = 5 * MEBIBYTE
LARGEST_UNPACKED = 40 * MEBIBYTE
MOST_ROWS = 5000
MOST_COLUMNS = 300
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_A4 = 9


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the key of the row's value, the Vietnamese heading, the width in characters."""

    key: str
    label: str
    width: int = 18


def workbook(columns: Sequence[Column], rows: Iterable[Any], title: str, filename: str) -> Response:
    """The rows as an .xlsx to download, A4 landscape, one page wide, the headings repeated.

    Rows are mappings or objects with the columns' keys. Dates stay dates, instants become Vietnamese time, text is never a formula.
    """
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        cell = {"valign": "top", "text_wrap": True, "border": 1, "font_name": "Times New Roman", "font_size": 12}
        formats = {
            "title": book.add_format({"bold": True, "font_size": 14, "font_name": "Times New Roman"}),
            "head": book.add_format({**cell, "bold": True, "align": "center", "valign": "vcenter", "bg_color": "#E8EDF3"}),
            "text": book.add_format(cell),
            "date": book.add_format({**cell, "num_format": "dd/mm/yyyy", "align": "center"}),
            "instant": book.add_format({**cell, "num_format": "dd/mm/yyyy hh:mm", "align": "center"}),
        }
        sheet.write_string(0, 0, title, formats["title"])
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(1, place, column.label, formats["head"])
        last = 1
        for last, row in enumerate(rows, start=2):
            for place, column in enumerate(columns):
                _write(sheet, last, place, _value(row, column.key), formats)
        _for_paper(sheet, last, len(columns))
    response = Response(out.getvalue(), mimetype=XLSX)
    response.headers.set("Content-Disposition", "attachment", filename=filename if filename.endswith(".xlsx") else f"{filename}.xlsx")
    return response


def _for_paper(sheet: Worksheet, last_row: int, columns: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.6, right=0.4, top=0.6, bottom=0.6)
    sheet.repeat_rows(0, 1)
    sheet.set_footer("&C&P/&N")
    sheet.freeze_panes(2, 0)
    if columns:
        sheet.autofilter(1, 0, max(last_row, 1), columns - 1)


def _sheet_name(title: str) -> str:
    return "".join(c for c in title if c not in "[]:*?/\\'")[:31] or "Bảng"


def _value(row: Any, key: str) -> Any:
    return row.get(key) if isinstance(row, Mapping) else getattr(row, key)


def _write(sheet: Worksheet, row: int, place: int, value: Any, formats: Mapping[str, Any]) -> None:
    if value is None:
        sheet.write_blank(row, place, None, formats["text"])
    elif isinstance(value, datetime):
        sheet.write_datetime(row, place, value.astimezone(ZONE).replace(tzinfo=None), formats["instant"])
    elif isinstance(value, date):
        sheet.write_datetime(row, place, value, formats["date"])
    elif isinstance(value, bool):
        sheet.write_string(row, place, "Có" if value else "Không", formats["text"])
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(row, place, float(value), formats["text"])
    else:
        if isinstance(value, Enum):
            value = value.value
        elif isinstance(value, (list, tuple)):
            value = "; ".join(str(item) for item in value)
        sheet.write_string(row, place, str(value), formats["text"])


Cell = int | float | str | time | date | timedelta | None


def read(data: bytes, *, field: str = "file") -> list[list[Cell]]:
    """The first sheet of an uploaded .xlsx; row 1 of the sheet is the first list. Empty cells are None.

    Raises BadInput (field ``field``) where the file is no .xlsx, too large, unpacks to too much or has too many rows.
    """
    if len(data) > LARGEST_UPLOAD:
        raise BadInput(
            phrase("Tệp lớn hơn %(largest_upload)s MB; đồng chí tách thành nhiều tệp.", largest_upload=LARGEST_UPLOAD // MEBIBYTE), field=field
        )
    _refuse_bomb(data, field)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet = book.get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False, nrows=MOST_ROWS + 1)
    except (CalamineError, IndexError, ValueError) as error:
        raise BadInput("Không đọc được tệp Excel này; đồng chí mở tệp, lưu lại dưới dạng .xlsx rồi gửi lại.", field=field) from error
    if len(rows) > MOST_ROWS:
        raise BadInput(phrase("Tệp có hơn %(most_rows)s dòng; đồng chí tách thành nhiều tệp.", most_rows=MOST_ROWS), field=field)
    return [[None if cell == "" else cell for cell in row] for row in rows]


def _refuse_bomb(data: bytes, field: str) -> None:
    """Unpacks to nowhere and counts: the sizes a zip declares may lie, and one cell far off makes the reader fill all between."""
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if "[Content_Types].xml" not in packed.namelist():
                raise BadInput("Tệp này không phải là tệp Excel (.xlsx).", field=field)
            for member in packed.infolist():
                with packed.open(member) as stream:
                    tail = b""
                    while chunk := stream.read(64 * 1024):
                        total += len(chunk)
                        if total > LARGEST_UNPACKED:
                            raise BadInput("Nội dung bung ra của tệp quá lớn; đồng chí bỏ bớt hình ảnh và dòng thừa rồi gửi lại.", field=field)
                        _refuse_far_cell(tail + chunk, field)
                        tail = chunk[-32:]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise BadInput("Tệp này không phải là tệp Excel (.xlsx) hoặc đã hỏng; đồng chí lưu lại dưới dạng .xlsx rồi gửi lại.", field=field) from error


def _refuse_far_cell(chunk: bytes, field: str) -> None:
    for letters, digits in _PLACE.findall(chunk):
        column = functools.reduce(lambda so_far, letter: so_far * 26 + letter - 64, letters, 0)
        if int(digits) > MOST_ROWS or column > MOST_COLUMNS:
            place = letters.decode() + digits.decode()
            raise BadInput(
                phrase(
                    "Tệp có ô %(place)s, quá %(most_rows)s dòng hoặc %(most_columns)s cột; đồng chí xóa dòng, cột thừa rồi gửi lại.",
                    place=place,
                    most_rows=MOST_ROWS,
                    most_columns=MOST_COLUMNS,
                ),
                field=field,
            )
