"""A table becomes rows or problems, each problem with its place."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tracker.assignments.rules import Fault
from tracker.documents.reading import Heading, TableRow, columns_of, read_notice, requirements_of
from tracker.indicators.rules import IndicatorKind

UNITS = {"Phòng Nội vụ": "noi-vu", "Phòng Tài chính": "tai-chinh"}
HEAD = ("STT", "Chỉ số thành phần", "Cơ quan chủ trì", "Cơ quan phối hợp", "Điểm tối đa")


def resolve(cell):
    return [(word.strip(), UNITS.get(word.strip())) for word in cell.split(";") if word.strip()]


def suggest(words):
    return "Phòng Nội vụ" if "Nội" in words else None


def read(*rows, head=HEAD):
    table = [TableRow(line, row) for line, row in enumerate((head, *rows), start=1)]
    return read_notice("giao.xlsx", table, resolve, suggest)


def test_headings_are_known_whatever_their_order_and_case():
    row = TableRow(
        1, ("Nguồn cung cấp dữ liệu", "TT", "Tên chỉ số", "Đơn vị phối hợp", "CÔNG CHỨC CHỦ TRÌ", "Cách xác định", "Tài liệu kiểm chứng", "Điểm")
    )
    assert columns_of(row) == {
        Heading.SOURCE: 0,
        Heading.CODE: 1,
        Heading.NAME: 2,
        Heading.COOPERATORS: 3,
        Heading.LEAD: 4,
        Heading.SCORING: 5,
        Heading.EVIDENCE: 6,
        Heading.POINTS: 7,
    }


def test_good_rows_form_a_tree_with_points_and_units():
    draft = read(
        ("1.", "Nhận thức số", "", "", "20"),
        ("1.1", "A", "Phòng Nội vụ", "Phòng Tài chính", "2,5 điểm"),
        ("1.1.1", "B", "Phòng Nội vụ; Phòng Tài chính", "", "–"),
    )
    assert draft.problems == []
    assert [(row.code, row.parent, row.kind) for row in draft.rows] == [
        ("1", None, IndicatorKind.MAIN),
        ("1.1", "1", IndicatorKind.COMPONENT),
        ("1.1.1", "1.1", IndicatorKind.SUB),
    ]
    assert [row.points for row in draft.rows] == [Decimal(20), Decimal("2.5"), None]
    assert (draft.rows[1].lead, draft.rows[1].cooperators) == ("noi-vu", ("tai-chinh",))
    assert (draft.rows[2].lead, draft.rows[2].cooperators, draft.rows[2].faults) == ("noi-vu", ("tai-chinh",), (Fault.TWO_LEADS,))


@pytest.mark.parametrize(
    ("row", "place", "says"),
    [
        (("1.2", "B", "Phòng Nội vu", "", ""), "giao.xlsx:3:3", "Có phải “Phòng Nội vụ” không"),
        (("1.2", "B", "Phòng Nội vụ", "Sở Lạ", ""), "giao.xlsx:3:4", "chưa có đơn vị “Sở Lạ”"),
        (("1.1", "B", "Phòng Nội vụ", "", ""), "giao.xlsx:3:1", "mã 1.1 đã có ở dòng 2"),
        (("", "B", "Phòng Nội vụ", "", ""), "giao.xlsx:3:1", "không có số thứ tự"),
        (("mục một", "B", "Phòng Nội vụ", "", ""), "giao.xlsx:3:1", "không phải là mã chỉ số"),
        (("1.2", "B", "Phòng Nội vụ", "", "mười"), "giao.xlsx:3:5", "“mười” không phải là điểm tối đa"),
        (("1.2", "B", "Phòng Nội vụ", "", "-5"), "giao.xlsx:3:5", "“-5” không phải là điểm tối đa"),
        (("1.2", "B", "Phòng Nội vụ", "", "100000"), "giao.xlsx:3:5", "từ 0 đến 10000"),
        (("1.2", "B", "", "", ""), "giao.xlsx:3:3", "không có cơ quan chủ trì"),
        (("1.2", "", "Phòng Nội vụ", "", ""), "giao.xlsx:3:2", "không có tên"),
    ],
)
def test_each_bad_row_is_a_problem_with_file_line_and_column(row, place, says):
    (problem,) = read(("1.1", "A", "Phòng Nội vụ", "", ""), row).problems
    assert problem.place == place
    assert says in problem.message


def test_one_bad_row_does_not_hide_the_next():
    draft = read(("1.1", "A", "Sở Lạ", "", "x"), ("1.1", "B", "Phòng Nội vụ", "", ""), ("1.3", "C", "Ai đó", "", ""))
    assert [problem.place for problem in draft.problems] == ["giao.xlsx:2:3", "giao.xlsx:2:5", "giao.xlsx:3:1", "giao.xlsx:4:3"]


def test_a_table_without_the_needed_columns_says_which():
    (problem,) = read(("1", "A", "Phòng Nội vụ"), head=("Stt", "Việc", "Ai")).problems
    assert "Stt, Chỉ số, Cơ quan chủ trì" in problem.message


def test_headings_repeated_on_a_new_page_and_titles_across_the_table_are_passed_over():
    draft = read(("I. NHÓM CHỈ SỐ NỀN TẢNG", "", "", "", ""), ("1.1", "A", "Phòng Nội vụ", "", ""), HEAD, ("1.2", "B", "Phòng Nội vụ", "", ""))
    assert ([row.code for row in draft.rows], draft.problems) == (["1.1", "1.2"], [])


@pytest.mark.parametrize(
    ("cell", "asked"),
    [
        ("- Quyết định BCĐ\n- Biên bản họp", [("document", "Quyết định BCĐ"), ("minutes", "Biên bản họp")]),
        ("-Quyết định BCD - Biên bản họp", [("document", "Quyết định BCD"), ("minutes", "Biên bản họp")]),
        ("Văn bản, tài liệu", [("document", "Văn bản, tài liệu")]),
        ("Tài liệu/link hoặc hình ảnh", [("material", "Tài liệu/link hoặc hình ảnh")]),
        ("", []),
    ],
)
def test_an_evidence_cell_becomes_a_checklist(cell, asked):
    assert [(kind.value, name) for kind, name in requirements_of(cell)] == asked
