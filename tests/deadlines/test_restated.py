"""A reading told back for confirmation: one sentence, as the office reads its deadlines."""

from __future__ import annotations

import pytest

from tracker.deadlines.restated_rules import restate
from tracker.deadlines.rules import Readings
from tracker.deadlines.wording_rules import Understood, read_wording


def read_one(sentence: str) -> Understood:
    (one,) = read_wording(sentence)
    return one


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("trước ngày 15/11 hàng năm", "Hằng năm, hết hạn cuối ngày 14/11 (trước ngày 15/11, không tính ngày 15/11)."),
        ("chậm nhất ngày 10/10", "Hằng năm, hết hạn cuối ngày 10/10 (tính cả ngày 10/10)."),
        ("trước ngày 01/12", "Hằng năm, hết hạn cuối ngày 30/11 (trước ngày 01/12, không tính ngày 01/12)."),
        ("trước ngày 01/3", "Hằng năm, hết hạn cuối ngày cuối tháng 2 (trước ngày 01/3, không tính ngày 01/3)."),
        ("trước ngày 01/01", "Hằng năm, hết hạn cuối ngày 31/12 năm trước (trước ngày 01/01, không tính ngày 01/01)."),
        ("trước ngày 15/01 năm sau", "Hằng năm, hết hạn cuối ngày 14/01 năm sau (trước ngày 15/01 năm sau, không tính ngày 15/01 năm sau)."),
        ("trong tháng 11", "Hằng năm, hết hạn cuối ngày 30/11 (tính cả ngày 30/11)."),
        ("trước ngày 20 tháng cuối quý", "Hằng quý, hết hạn cuối ngày 19 của tháng cuối quý (trước ngày 20, không tính ngày 20)."),
        ("trước ngày 01 tháng đầu quý sau", "Hằng quý, hết hạn cuối ngày cuối cùng của tháng cuối quý (trước ngày 01, không tính ngày 01)."),
        ("ngày 05 tháng đầu quý sau", "Hằng quý, hết hạn cuối ngày 05 của tháng đầu quý sau (tính cả ngày 05)."),
        ("trước ngày 10 tháng sau", "Hằng tháng, hết hạn cuối ngày 09 của tháng sau (trước ngày 10, không tính ngày 10)."),
        ("trước ngày 01 hằng tháng", "Hằng tháng, hết hạn cuối ngày cuối cùng của tháng trước (trước ngày 01, không tính ngày 01)."),
        ("trước ngày 15/12/2026", "Một lần, hết hạn cuối ngày 14/12/2026 (trước ngày 15/12/2026, không tính ngày 15/12/2026)."),
        ("hằng quý", "Hằng quý; câu không nêu ngày nên không có ngày hết hạn."),
        ("thường xuyên", "Thực hiện thường xuyên, không có ngày hết hạn."),
        ("đột xuất", "Đột xuất, khi có yêu cầu; ngày hết hạn do người giao việc ấn định từng lần."),
        (
            "trong 05 ngày kể từ ngày ký",
            "Hết hạn sau 05 ngày kể từ ngày phát hành (không tính ngày phát hành). Nếu ngày ấy là ngày nghỉ thì hết hạn vào ngày làm việc tiếp theo.",
        ),
        (
            "15 ngày làm việc kể từ ngày nhận văn bản",
            "Hết hạn cuối ngày làm việc thứ 15 kể từ ngày nhận văn bản (không tính ngày nhận văn bản, chỉ đếm ngày làm việc).",
        ),
    ],
)
def test_a_reading_is_told_back_in_one_sentence(sentence: str, told: str) -> None:
    assert restate(read_one(sentence), Readings()) == told


def test_it_is_told_as_the_office_reads_it() -> None:
    before = read_one("trước ngày 15/11 hàng năm")
    assert restate(before, Readings(before_counts_day=True)) == "Hằng năm, hết hạn cuối ngày 15/11 (trước ngày 15/11, cơ quan tính cả ngày 15/11)."
    assert restate(before, Readings(fixed_dates_roll=True)).endswith("Nếu ngày ấy là ngày nghỉ thì hết hạn vào ngày làm việc tiếp theo.")
    monthly = read_one("trước ngày 20 hằng tháng")
    assert "cuối ngày 20 của tháng (trước ngày 20, cơ quan tính cả ngày 20)" in restate(monthly, Readings(before_counts_day=True))
