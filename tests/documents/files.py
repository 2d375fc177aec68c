"""Word and Excel files for tests: a notice's table, and files nobody should open."""

from __future__ import annotations

import io
import zipfile

import xlsxwriter
from docx import Document

HEAD = ("Stt", "Chỉ số", "Cơ quan chủ trì", "Cơ quan phối hợp", "Điểm tối đa", "Tài liệu kiểm chứng")
GOOD = (
    ("1", "Nhận thức số", "", "", "30", ""),
    ("1.1", "Người đứng đầu chỉ đạo chuyển đổi số", "Phòng Nội vụ", "Phòng TC-KH; UBND các xã, thị trấn", "10", "- Quyết định BCĐ\n- Biên bản họp"),
    ("1.2", "Chuyên mục trên cổng", "phòng nội vụ.", "", "7,5", "Đường link"),
    ("1.10", "Tần suất bài viết", "UBND các xã, thị trấn", "UBND các xã, thị trấn", "", ""),
)


def docx(rows=GOOD, head=HEAD):
    document = Document()
    document.add_paragraph("THÔNG BÁO")
    table = document.add_table(rows=0, cols=len(head))
    for row in (head, *rows):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def xlsx(rows=GOOD, head=HEAD):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate((head, *rows)):
            for column, text in enumerate(row):
                sheet.write_string(place, column, text)
    return out.getvalue()


def bomb(parts):
    """A zip whose parts (name → size) are all zeros."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, size in parts.items():
            packed.writestr(name, bytes(size))
    return out.getvalue()
