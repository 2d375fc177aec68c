"""What stands in a Word or Excel table, and what is not opened at all."""

from __future__ import annotations

import io

import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from tests.documents.files import GOOD, HEAD, bomb, docx, xlsx
from tracker.documents.tables import LARGEST_UPLOAD, read_tables
from tracker.kernel.errors import BadInput


@pytest.mark.parametrize(("name", "data"), [("giao.docx", docx()), ("GIAO.XLSX", xlsx())])
def test_word_and_excel_say_the_same(name, data):
    rows = read_tables(name, data)
    assert [row.line for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0].cells == HEAD
    assert rows[4].cells == GOOD[3]


def test_tracked_insertions_count_and_tracked_deletions_do_not():
    document = Document()
    paragraph = document.add_table(rows=1, cols=1).cell(0, 0).paragraphs[0]
    for tag, text_tag, text in (("w:ins", "w:t", "thêm"), ("w:del", "w:delText", "xóa"), ("w:sdt", "w:t", "ô")):
        box, run, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(text_tag)
        words.text = f"{text} "
        words.set(qn("xml:space"), "preserve")
        run.append(words)
        box.append(run)
        paragraph._p.append(box)
    out = io.BytesIO()
    document.save(out)
    assert read_tables("a.docx", out.getvalue())[0].cells == ("thêm ô",)


def test_a_cell_merged_downwards_says_what_stands_above_it():
    document = Document()
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 1).text = "Phòng Nội vụ"
    table.cell(0, 1).merge(table.cell(1, 1))
    table.cell(0, 0).text, table.cell(1, 0).text = "1.1", "1.2"
    out = io.BytesIO()
    document.save(out)
    assert [row.cells for row in read_tables("a.docx", out.getvalue())] == [("1.1", "Phòng Nội vụ"), ("1.2", "Phòng Nội vụ")]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("giao.pdf", b"%PDF-1.4", "Không nhận tệp “.pdf”"),
        ("giao.docx", b"not a zip", "hỏng"),
        ("giao.docx", xlsx(), "không phải là .docx"),
        ("giao.docx", docx(rows=(), head=("a",))[:-30], "hỏng"),
        ("giao.xlsx", bytes(LARGEST_UPLOAD + 1), "lớn hơn 5 MB"),
    ],
)
def test_what_is_no_such_file_is_refused_in_a_sentence(name, data, says):
    with pytest.raises(BadInput, match=says) as refusal:
        read_tables(name, data)
    assert refusal.value.field == "file"


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"word/document.xml": 60 * 1024 * 1024}, "bung ra"),
        ({"word/document.xml": 9 * 1024 * 1024}, "bung ra"),
        ({f"word/part{n}.xml": 1 for n in range(2100)}, "phần"),
    ],
    ids=["too much", "too dense", "too many parts"],
)
def test_a_bomb_is_refused_before_it_is_opened(monkeypatch, parts, says):
    monkeypatch.setattr("tracker.documents.tables.Document", lambda _stream: pytest.fail("it was opened"))
    with pytest.raises(BadInput, match=says):
        read_tables("a.docx", bomb(parts))


def test_a_document_without_a_table_is_refused():
    out = io.BytesIO()
    Document().save(out)
    with pytest.raises(BadInput, match="không có bảng nào"):
        read_tables("a.docx", out.getvalue())
