"""Excel in and out."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
import xlsxwriter

from tracker.kernel.errors import BadInput
from tracker.web import sheets

COLUMNS = (
    sheets.Column("name", "Tên"),
    sheets.Column("on", "Ngày"),
    sheets.Column("at", "Lúc"),
    sheets.Column("points", "Điểm"),
    sheets.Column("ok", "Đạt"),
)


def _book(rows: list[dict[str, object]]) -> bytes:
    return sheets.workbook(COLUMNS, rows, "Bảng theo dõi: quý 4/2026", "bảng theo dõi").get_data()


def test_what_goes_out_comes_in_with_days_as_days_and_text_as_text() -> None:
    rows = sheets.read(
        _book(
            [
                {"name": "=1+1", "on": date(2026, 11, 14), "at": datetime(2026, 11, 14, 18, 30, tzinfo=UTC), "points": Decimal("2.5"), "ok": True},
                {"name": ["a", "b"], "on": None, "at": None, "points": 0, "ok": False},
            ]
        )
    )
    assert rows[0][0] == "Bảng theo dõi: quý 4/2026"
    assert rows[1] == ["Tên", "Ngày", "Lúc", "Điểm", "Đạt"]
    assert rows[2] == ["=1+1", date(2026, 11, 14), datetime(2026, 11, 15, 1, 30), 2.5, "Có"]  # noqa: DTZ001 - Excel knows no zones
    assert rows[3] == ["a; b", None, None, 0, "Không"]


def test_the_sheet_prints_on_a4_landscape_one_page_wide_with_its_head_repeated() -> None:
    with zipfile.ZipFile(BytesIO(_book([]))) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
        book = packed.read("xl/workbook.xml").decode()
    assert 'paperSize="9"' in sheet
    assert 'orientation="landscape"' in sheet
    assert 'fitToHeight="0"' in sheet
    assert "_xlnm.Print_Titles" in book
    assert "$1:$2" in book


def test_a_cell_far_away_is_refused_before_it_is_read() -> None:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write(1_000_000, 16_000, "x")
    with pytest.raises(BadInput, match="quá 5000 dòng hoặc 300 cột"):
        sheets.read(out.getvalue())


def test_a_small_file_that_unpacks_to_much_is_refused() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("xl/sharedStrings.xml", b" " * (sheets.LARGEST_UNPACKED + 1))
    assert len(out.getvalue()) < 100_000
    with pytest.raises(BadInput, match="bung ra"):
        sheets.read(out.getvalue())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"plain text"])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput, match="tệp Excel") as refusal:
        sheets.read(content)
    assert refusal.value.field == "file"


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
    with pytest.raises(BadInput, match="Không đọc được"):
        sheets.read(out.getvalue())
