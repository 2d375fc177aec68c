"""Reading a document's words: every phrase offices use, in its spellings; what cannot be is refused with the right spelling."""

from __future__ import annotations

import contextlib
import csv
import time
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.deadlines.restated_rules import restate
from tracker.deadlines.rules import Boundary, Readings, Roll, Schedule, TermUnit, Trigger, clamped, month_end
from tracker.deadlines.wording_rules import LONGEST_SENTENCE, Understood, read_wording
from tracker.kernel.errors import Refused

SEEDS = sorted((Path(__file__).resolve().parents[2] / "seeds" / "authorities").glob("*/rules.csv"))
BEFORE, BY = Boundary.BEFORE, Boundary.BY


def only(sentence: str) -> Understood:
    readings = read_wording(sentence)
    assert len(readings) == 1, readings
    return readings[0]


def facts(one: Understood) -> tuple[Any, ...]:
    return one.schedule, one.month, one.day, one.months_after, one.boundary, one.on


def term(one: Understood) -> tuple[Any, ...]:
    return one.term_length, one.term_unit, one.trigger, one.roll


@pytest.mark.parametrize(
    ("sentence", "month", "day", "boundary"),
    [
        ("trước ngày 15/11 hàng năm", 11, 15, BEFORE),
        ("trước ngày 15/11 hằng năm", 11, 15, BEFORE),
        ("trước 15/11", 11, 15, BEFORE),
        ("Trước ngày 15 tháng 11 hằng năm.", 11, 15, BEFORE),
        ("TRƯỚC   NGÀY 15-11 HÀNG NĂM...", 11, 15, BEFORE),
        ("trước ngày 15.11", 11, 15, BEFORE),
        ("trước ngày mười lăm tháng mười một", 11, 15, BEFORE),
        ("trước ngày hai mươi lăm tháng mười hai", 12, 25, BEFORE),
        ("truoc ngay 15/11 hang nam", 11, 15, BEFORE),
        ("trước ngày 05/3", 3, 5, BEFORE),
        ("hằng năm (trước ngày 15/12)", 12, 15, BEFORE),
        ("Hằng năm, các đơn vị gửi báo cáo trước ngày 15/12 về Phòng Văn hóa - Xã hội", 12, 15, BEFORE),
        ("chậm nhất là trước ngày 15/12", 12, 15, BEFORE),
        ("trước tháng 11", 11, 1, BEFORE),
        ("chậm nhất ngày 10/10", 10, 10, BY),
        ("chậm nhất là ngày 10/10", 10, 10, BY),
        ("chậm nhất vào ngày 10/10", 10, 10, BY),
        ("không muộn hơn ngày 10/10", 10, 10, BY),
        ("không quá ngày 10/10", 10, 10, BY),
        ("muộn nhất ngày 10/10", 10, 10, BY),
        ("đến hết ngày 10/10", 10, 10, BY),
        ("đến ngày 10/10", 10, 10, BY),
        ("hết ngày 10/10", 10, 10, BY),
        ("trước hoặc trong ngày 10/10", 10, 10, BY),
        ("vào ngày 10/10 hằng năm", 10, 10, BY),
        ("Ngày 10/10 hàng năm", 10, 10, BY),
        ("10/10 hằng năm", 10, 10, BY),
        ("10/10", 10, 10, BY),
        ("trong tháng 11 hằng năm", 11, 31, BY),
        ("cuối tháng 2", 2, 31, BY),
        ("trong quý IV", 12, 31, BY),
        ("đầu năm", 1, 1, BY),
        ("giữa năm", 6, 30, BY),
        ("cuối năm", 12, 31, BY),
        ("29/02 hằng năm", 2, 29, BY),
    ],
)
def test_a_day_of_the_year(sentence: str, month: int, day: int, boundary: Boundary) -> None:
    one = only(sentence)
    assert facts(one) == (Schedule.YEARLY, month, day, 0, boundary, None)
    assert one.roll is Roll.OFFICE
    assert one.note == ""


@pytest.mark.parametrize(
    ("sentence", "schedule", "day", "months_after", "boundary"),
    [
        ("trước ngày 20 tháng cuối quý", Schedule.QUARTERLY, 20, 0, BEFORE),
        ("trước ngày 20 của tháng cuối quý", Schedule.QUARTERLY, 20, 0, BEFORE),
        ("trước ngày 20 của tháng cuối quí", Schedule.QUARTERLY, 20, 0, BEFORE),
        ("định kỳ hàng quý (trước ngày 20 tháng cuối quý)", Schedule.QUARTERLY, 20, 0, BEFORE),
        ("ngày 31 tháng cuối quý", Schedule.QUARTERLY, 31, 0, BY),
        ("ngày 05 tháng đầu quý sau", Schedule.QUARTERLY, 5, 1, BY),
        ("chậm nhất ngày 05 của tháng đầu tiên của quý tiếp theo", Schedule.QUARTERLY, 5, 1, BY),
        ("trước ngày 20 tháng giữa quý", Schedule.QUARTERLY, 20, -1, BEFORE),
        ("trước ngày 20 tháng đầu quý", Schedule.QUARTERLY, 20, -2, BEFORE),
        ("báo cáo quý: trước ngày 10 của tháng tiếp theo", Schedule.QUARTERLY, 10, 1, BEFORE),
        ("cuối quý", Schedule.QUARTERLY, 31, 0, BY),
        ("báo cáo quý, ngày 25 của tháng cuối kỳ", Schedule.QUARTERLY, 25, 0, BY),
        ("báo cáo 6 tháng, ngày 25 của tháng cuối kỳ", Schedule.EVERY_6_MONTHS, 25, 0, BY),
        ("hằng tháng, ngày 25 của tháng cuối kỳ", Schedule.MONTHLY, 25, 0, BY),
        ("trước ngày 10 của tháng tiếp theo", Schedule.MONTHLY, 10, 1, BEFORE),
        ("trước ngày 10 tháng sau", Schedule.MONTHLY, 10, 1, BEFORE),
        ("ngày 15 hằng tháng", Schedule.MONTHLY, 15, 0, BY),
        ("trước ngày 20 hàng tháng", Schedule.MONTHLY, 20, 0, BEFORE),
        ("Hằng tháng, các đơn vị báo cáo trước ngày 20", Schedule.MONTHLY, 20, 0, BEFORE),
        ("ngày 31 hằng tháng", Schedule.MONTHLY, 31, 0, BY),
        ("đầu tháng", Schedule.MONTHLY, 1, 0, BY),
        ("giữa tháng", Schedule.MONTHLY, 15, 0, BY),
        ("cuối tháng", Schedule.MONTHLY, 31, 0, BY),
        ("trước cuối tháng", Schedule.MONTHLY, 31, 0, BEFORE),
        ("ngày 15/6 và 15/12", Schedule.EVERY_6_MONTHS, 15, 0, BY),
        ("trước ngày 30/6 và ngày 31/12", Schedule.EVERY_6_MONTHS, 31, 0, BEFORE),
        ("ngày 20/3, 20/6, 20/9 và 20/12 hằng năm", Schedule.QUARTERLY, 20, 0, BY),
    ],
)
def test_a_day_of_a_shorter_period(sentence: str, schedule: Schedule, day: int, months_after: int, boundary: Boundary) -> None:
    one = only(sentence)
    assert facts(one) == (schedule, None, day, months_after, boundary, None)
    assert one.roll is Roll.OFFICE
    assert one.note == ""


def test_a_period_left_unnamed_is_taken_for_a_quarter_and_says_so() -> None:
    one = only("ngày 25 của tháng cuối kỳ")
    assert facts(one) == (Schedule.QUARTERLY, None, 25, 0, BY, None)
    assert "ở đây hiểu là quý" in restate(one, Readings())
    assert only("ngày 25 của tháng cuối kỳ, hằng năm").month == 12


def test_the_year_after_is_twelve_months_on() -> None:
    assert facts(only("trước ngày 15/01 năm sau")) == (Schedule.YEARLY, 1, 15, 12, BEFORE, None)
    assert facts(only("ngày 10 tháng đầu năm sau")) == (Schedule.YEARLY, 1, 10, 12, BY, None)


@pytest.mark.parametrize(
    ("sentence", "on", "boundary"),
    [
        ("trước ngày 15/12/2026", date(2026, 12, 15), BEFORE),
        ("chậm nhất ngày 15 tháng 12 năm 2026", date(2026, 12, 15), BY),
        ("trong tháng 11/2026", date(2026, 11, 30), BY),
        ("cuối năm 2026", date(2026, 12, 31), BY),
        ("trước ngày 29/02/2028", date(2028, 2, 29), BEFORE),
    ],
)
def test_a_date_with_its_year_is_a_single_one(sentence: str, on: date, boundary: Boundary) -> None:
    assert facts(only(sentence)) == (Schedule.AD_HOC, None, None, 0, boundary, on)


def test_an_hour_leaves_its_day_in() -> None:
    for sentence in ("trước 17 giờ 00 ngày 15/11", "trước 17h00, ngày 15/11", "chậm nhất 16:30 ngày 15/11"):
        assert facts(only(sentence)) == (Schedule.YEARLY, 11, 15, 0, BY, None)
        assert "Câu có nêu giờ" in restate(only(sentence), Readings())
    assert only("trước 0 giờ ngày 15/11").boundary is BEFORE


@pytest.mark.parametrize(
    ("sentence", "schedules"),
    [
        ("hằng tháng", [Schedule.MONTHLY]),
        ("hằng quý", [Schedule.QUARTERLY]),
        ("hàng năm", [Schedule.YEARLY]),
        ("06 tháng", [Schedule.EVERY_6_MONTHS]),
        ("6 tháng một lần", [Schedule.EVERY_6_MONTHS]),
        ("sáu tháng một lần", [Schedule.EVERY_6_MONTHS]),
        ("định kỳ 6 tháng", [Schedule.EVERY_6_MONTHS]),
        ("6 tháng đầu năm", [Schedule.EVERY_6_MONTHS]),
        ("03 tháng", [Schedule.EVERY_3_MONTHS]),
        ("03 tháng, 06 tháng", [Schedule.EVERY_3_MONTHS, Schedule.EVERY_6_MONTHS]),
        ("03, 06 tháng", [Schedule.EVERY_3_MONTHS, Schedule.EVERY_6_MONTHS]),
        ("thường xuyên", [Schedule.CONTINUOUS]),
        ("thường xuyên, liên tục", [Schedule.CONTINUOUS]),
        ("đột xuất", [Schedule.AD_HOC]),
        ("theo yêu cầu", [Schedule.AD_HOC]),
    ],
)
def test_words_without_a_day(sentence: str, schedules: list[Schedule]) -> None:
    readings = read_wording(sentence)
    assert [one.schedule for one in readings] == schedules
    assert all(facts(one)[1:] == (None, None, 0, None, None) and one.roll is Roll.NONE for one in readings)


@pytest.mark.parametrize(
    ("sentence", "length", "unit", "trigger"),
    [
        ("trong thời hạn 15 ngày, kể từ ngày phát hành văn bản khảo sát", 15, TermUnit.DAY, Trigger.ISSUED),
        ("Trong vòng 15 ngày kể từ ngày ký", 15, TermUnit.DAY, Trigger.ISSUED),
        ("trong thời hạn 15 (mười lăm) ngày kể từ ngày Ủy ban nhân dân xã ban hành", 15, TermUnit.DAY, Trigger.ISSUED),
        ("chậm nhất 05 ngày kể từ ngày nhận được văn bản", 5, TermUnit.DAY, Trigger.RECEIVED),
        ("15 ngày làm việc kể từ ngày nhận được văn bản", 15, TermUnit.WORKING_DAY, Trigger.RECEIVED),
        ("trong mười ngày làm việc, tính từ ngày văn bản đến", 10, TermUnit.WORKING_DAY, Trigger.RECEIVED),
        ("10 ngày kể từ ngày họp", 10, TermUnit.DAY, Trigger.HELD),
        ("trong 10 ngày sau cuộc họp", 10, TermUnit.DAY, Trigger.HELD),
        ("trong 10 ngày sau kỳ họp", 10, TermUnit.DAY, Trigger.HELD),
        ("01 tháng kể từ ngày ban hành", 1, TermUnit.MONTH, Trigger.ISSUED),
        ("02 tuần kể từ ngày nhận", 2, TermUnit.WEEK, Trigger.RECEIVED),
        ("một tuần kể từ ngày nhận", 1, TermUnit.WEEK, Trigger.RECEIVED),
        ("½ tháng kể từ ngày ký", 15, TermUnit.DAY, Trigger.ISSUED),
        ("trong nửa tháng kể từ ngày ký", 15, TermUnit.DAY, Trigger.ISSUED),
        ("trong năm ngày kể từ ngày ký", 5, TermUnit.DAY, Trigger.ISSUED),
        ("trong hai mươi ngày kể từ ngày ký", 20, TermUnit.DAY, Trigger.ISSUED),
        ("trong ba mươi ngày liên tục kể từ ngày ký", 30, TermUnit.DAY, Trigger.ISSUED),
        ("01 năm kể từ ngày ký", 12, TermUnit.MONTH, Trigger.ISSUED),
    ],
)
def test_a_term_that_an_event_starts(sentence: str, length: int, unit: TermUnit, trigger: Trigger) -> None:
    one = only(sentence)
    roll = Roll.NONE if unit is TermUnit.WORKING_DAY else Roll.NEXT_WORKING_DAY
    assert (one.schedule, one.boundary, one.note) == (Schedule.EVENT, BY, "")
    assert term(one) == (length, unit, trigger, roll)


def test_a_term_without_its_event_runs_from_issue_and_says_so() -> None:
    for sentence in ("trong vòng 15 ngày", "15 ngày", "trong thời hạn 15 ngày."):
        assert term(only(sentence)) == (15, TermUnit.DAY, Trigger.ISSUED, Roll.NEXT_WORKING_DAY)
        assert "hiểu là từ ngày phát hành" in restate(only(sentence), Readings())


def test_days_after_the_end_of_a_period_are_days_of_the_next_month_and_roll() -> None:
    one = only("05 ngày kể từ khi kết thúc quý")
    assert (facts(one), one.roll) == ((Schedule.QUARTERLY, None, 5, 1, BY, None), Roll.NEXT_WORKING_DAY)


def test_a_sentence_may_state_several_deadlines() -> None:
    ad_hoc, quarter, year = read_wording("đột xuất, định kỳ hằng quý (trước ngày 20 tháng cuối quý) và hằng năm (trước ngày 15/12)")
    assert facts(ad_hoc) == (Schedule.AD_HOC, None, None, 0, None, None)
    assert facts(quarter) == (Schedule.QUARTERLY, None, 20, 0, BEFORE, None)
    assert facts(year) == (Schedule.YEARLY, 12, 15, 0, BEFORE, None)
    assert [one.words for one in (ad_hoc, quarter, year)] == [
        "đột xuất",
        "định kỳ hằng quý (trước ngày 20 tháng cuối quý)",
        "hằng năm (trước ngày 15/12)",
    ]


def test_days_that_are_no_deadlines_are_left_alone() -> None:
    cited = "Theo Quyết định số 1187/QĐ-UBND ngày 06/10/2023 của UBND tỉnh, báo cáo trước ngày 15/11"
    assert facts(only(cited)) == (Schedule.YEARLY, 11, 15, 0, BEFORE, None)
    figures = "Số liệu tính từ ngày 01/10 năm trước đến ngày 30/9, gửi chậm nhất ngày 10/10"
    assert facts(only(figures)) == (Schedule.YEARLY, 10, 10, 0, BY, None)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.parent.name)
def test_the_documents_shipped_read_as_they_were_entered(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            readings = [one for one in read_wording(row["wording"]) if one.schedule == row["schedule"]]
            assert len(readings) == 1, row
            one = readings[0]
            length, unit = row.get("term_length", row.get("days")), row.get("term_unit")
            assert [one.month, one.term_length] == [int(value) if value else None for value in (row["month"], length)]
            assert [one.boundary or "", one.roll] == [row["boundary"], row["roll"]]
            assert one.term_length is None or one.term_unit == (unit or "day")
            if row["day"] and one.month:
                for year in (2024, 2025):
                    assert clamped(year, one.month, one.day or 0) == clamped(year, one.month, int(row["day"]))
            else:
                assert one.day == (int(row["day"]) if row["day"] else None)


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("", "chép lời văn bản"),
        ("xin chào", "Chưa đọc được"),
        ("theo quy định", "Chưa đọc được"),
        ("24 giờ", "Chưa đọc được"),
        ("trong thời hạn 1,5 tháng", "Chưa đọc được"),
        ("báo trước 3 ngày", "Chưa đọc được"),
        ("05 ngày trước ngày 15/11", "Chưa đọc được"),
        ("trong 5 ngày làm việc trước ngày họp", "Chưa đọc được"),
        ("không trước ngày 15/11", "Chưa đọc được"),
        ("Số liệu tính từ ngày 01/10 của năm trước đến ngày 30/9 của năm đánh giá", "Chưa đọc được"),
        ("Quyết định số 1187/QĐ-UBND ngày 06/10/2023", "Chưa đọc được"),
        ("trước ngày 31/11", "Tháng 11 chỉ có 30 ngày"),
        ("31/11", "Tháng 11 chỉ có 30 ngày"),
        ("trước ngày 30/02", "Tháng 2 chỉ có 28 hoặc 29 ngày"),
        ("trước ngày 29/02/2026", "Tháng 2 năm 2026 chỉ có 28 ngày"),
        ("chậm nhất 32/10", "Tháng 10 chỉ có 31 ngày"),
        ("ngày 32 hằng tháng", "từ 01 đến 31"),
        ("ngày 32 tháng cuối quý", "từ 01 đến 31"),
        ("trước 15/13", "tháng từ 01 đến 12"),
        ("trước ngày 0/5", "từ 01 đến 31"),
        ("trong tháng 13", "Không có tháng 13"),
        ("trước ngày 11/15", "nếu là ngày 15 tháng 11, đồng chí ghi 15/11"),
        ("2026-11-15", "đồng chí ghi 15/11/2026"),
        ("trước ngày 2026/11/15", "đồng chí ghi 15/11/2026"),
        ("trước ngày 15/11/26", "bốn chữ số"),
        ("trước ngày 15/11/1926", "2000–2100"),
        ("trước ngày 20", "không rõ tháng nào"),
        ("hằng quý, trước ngày 20", "tháng cuối quý"),
        ("15 (mười) ngày kể từ ngày ký", "trong ngoặc lại là 10"),
        ("15 ngày kể từ ngày 01/11/2026", "tính từ một sự việc"),
        ("trong thời hạn 0 ngày", "từ 01 ngày"),
        ("trước ngày 15/11 " * 100, "1.000 ký tự"),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_be_right(sentence: str, says: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_wording(sentence)
    assert says in refusal.value.message
    assert refusal.value.field == "wording"


DAYS = st.dates(date(2024, 1, 1), date(2024, 12, 31))


@given(DAYS)
def test_every_spelling_of_a_day_reads_the_same_and_never_as_month_and_day(day: date) -> None:
    d, m = day.day, day.month
    spellings = [f"{d}/{m}", f"{d:02d}/{m:02d}", f"{d}-{m}", f"{d:02d}.{m:02d}", f"{d} tháng {m}", f"{d} / {m}", f"{d:02d} tháng {m:02d}"]
    for spelling in spellings:
        before, by = only(f"trước ngày {spelling} hằng năm"), only(f"chậm nhất ngày {spelling} hằng năm")
        assert facts(before) == (Schedule.YEARLY, m, d, 0, BEFORE, None)
        assert facts(by) == (Schedule.YEARLY, m, d, 0, BY, None)
        assert facts(only(unicodedata.normalize("NFD", f"Trước  ngày {spelling}  HÀNG NĂM ."))) == facts(before)


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_day_is_read_or_refused_never_mended(day: int, month: int) -> None:
    exists = 1 <= month <= 12 and 1 <= day <= month_end(2024, month).day
    if exists:
        assert facts(only(f"trước ngày {day}/{month}"))[1:3] == (month, day)
    else:
        with pytest.raises(Refused):
            read_wording(f"trước ngày {day}/{month}")


# fmt: off
WORDS = [
    "trước", "chậm", "nhất", "ngày", "hết", "đến", "trong", "vòng", "thời", "hạn", "kể", "từ", "sau", "tháng", "quý", "năm", "kỳ", "cuối", "đầu", "giữa", "hằng", "hàng", "6", "03", "15", "15/11", "31/12/2026", "20", "2026", "một", "mười", "lăm", "mươi", "hai", "ba", "làm", "việc", "tuần", "nửa", "½", "(", ")", ",", ".", "-", "/", ":", "và", "của", "nhận", "họp", "ký", "kết", "thúc", "tiếp", "theo", "thường", "xuyên", "đột", "xuất", "số", "liệu", "tính", "giờ", "0", "lần", "IV", "thứ", "99999999999", "²", "٣",
]
# fmt: on


@given(st.lists(st.sampled_from(WORDS), max_size=14))
def test_any_words_are_read_and_told_back_or_refused(words: list[str]) -> None:
    sentence = " ".join(words)
    try:
        readings = read_wording(sentence)
    except Refused as refusal:
        assert refusal.field == "wording"
        return
    for one in readings:
        assert one.words
        assert one.words in sentence
        assert restate(one, Readings())


@pytest.mark.parametrize(
    "piece",
    [
        "trước ",
        "ngày ",
        "trong thời hạn ",
        "15 ngày kể từ ",
        "15/11, ",
        "15/",
        "số liệu tính ",
        "từ ngày 15/11 đến ",
        "hằng quý (",
        "17h ",
        "1 ",
        "12/QĐ-",
        "đầu ",
        "(",
        "a",
        " ",
    ],
)
def test_a_hostile_sentence_is_answered_at_once(piece: str) -> None:
    sentence = (piece * LONGEST_SENTENCE)[: LONGEST_SENTENCE - 1] + "x"
    started = time.perf_counter()
    with contextlib.suppress(Refused):
        read_wording(sentence)
    assert time.perf_counter() - started < 1
