"""Deadline law: the worked dates of the domain notes (§1.2), the documents' own words, and why each day."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from tests.deadlines.shipped import shipped_calendar
from tracker.deadlines.calendar_rules import STATUTORY, DayKind, WorkingCalendar
from tracker.deadlines.explanation_rules import explain, warning
from tracker.deadlines.rules import (
    Boundary,
    Dates,
    Readings,
    Roll,
    RuleKind,
    Schedule,
    StatedWindow,
    Terms,
    TermUnit,
    Window,
    data_window,
    last_valid_day,
    on_request,
    periods_of_year,
    rolled,
    started_by_letter,
    target_day,
    too_early,
)

CALENDAR = shipped_calendar()


def terms(**given: Any) -> Terms:
    stated: dict[str, Any] = {
        "slug": "nam",
        "name": "Báo cáo năm",
        "kind": RuleKind.COLLECTION,
        "wording": "trước ngày 15/11 hàng năm",
        "schedule": Schedule.YEARLY,
        "month": 11,
        "day": 15,
        "boundary": Boundary.BEFORE,
        "roll": Roll.OFFICE,
        "window": Window.NOT_STATED,
        "opens_days_before": 45,
        **given,
    }
    return Terms(**stated)


QUARTERLY = terms(
    slug="quy", name="Báo cáo quý", wording="trước ngày 20 tháng cuối quý", schedule=Schedule.QUARTERLY, month=None, day=20, opens_days_before=30
)
SURVEY = terms(
    slug="khao-sat",
    name="Khảo sát",
    wording="trong thời hạn 15 ngày, kể từ ngày phát hành văn bản khảo sát",
    schedule=Schedule.EVENT,
    month=None,
    day=None,
    term_length=15,
    boundary=Boundary.BY,
    roll=Roll.NEXT_WORKING_DAY,
    window=Window.CALENDAR_YEAR,
    opens_days_before=0,
)


def day(text: str) -> date:
    """«14/11/2026»."""
    return date(*map(int, reversed(text.split("/"))))


@pytest.mark.parametrize(
    ("stated", "last", "target", "if_rolled"),
    [
        ("15/11/2026", "14/11/2026", "13/11/2026", "16/11/2026"),
        ("15/12/2026", "14/12/2026", "14/12/2026", "14/12/2026"),
        ("20/12/2026", "19/12/2026", "18/12/2026", "21/12/2026"),
        ("20/3/2027", "19/3/2027", "19/3/2027", "19/3/2027"),
        ("20/6/2027", "19/6/2027", "18/6/2027", "21/6/2027"),
        ("20/9/2027", "19/9/2027", "17/9/2027", "20/9/2027"),
        ("15/11/2027", "14/11/2027", "12/11/2027", "15/11/2027"),
        ("15/12/2027", "14/12/2027", "14/12/2027", "14/12/2027"),
        ("20/12/2027", "19/12/2027", "17/12/2027", "20/12/2027"),
    ],
)
def test_before_a_day_ends_on_the_day_before_and_does_not_roll(stated: str, last: str, target: str, if_rolled: str) -> None:
    nominal = last_valid_day(day(stated), Boundary.BEFORE)
    assert nominal == day(last)
    assert rolled(CALENDAR, nominal, Roll.NONE) == day(last)
    assert target_day(CALENDAR, nominal, nominal) == day(target)
    assert rolled(CALENDAR, nominal, Roll.NEXT_WORKING_DAY) == day(if_rolled)


@pytest.mark.parametrize(
    ("issued", "nominal", "last", "target"),
    [
        ("06/11/2026", "21/11/2026", "23/11/2026", "20/11/2026"),  # ends on a Saturday
        ("09/11/2026", "24/11/2026", "25/11/2026", "23/11/2026"),  # ends on Ngày Văn hóa Việt Nam
        ("10/11/2026", "25/11/2026", "25/11/2026", "25/11/2026"),
        ("26/12/2025", "10/01/2026", "10/01/2026", "10/01/2026"),  # a Saturday that is worked
        ("18/12/2025", "02/01/2026", "05/01/2026", "31/12/2025"),  # a Friday that is not
        ("05/02/2026", "20/02/2026", "23/02/2026", "13/02/2026"),  # the last day of Tết
    ],
)
def test_fifteen_days_from_the_letter_roll_to_the_next_working_day(issued: str, nominal: str, last: str, target: str) -> None:
    dates = started_by_letter(SURVEY, CALENDAR, "05/CV-UBND", day(issued)).dates
    assert (dates.nominal_on, dates.last_on) == (day(nominal), day(last))
    assert target_day(CALENDAR, dates.nominal_on, dates.last_on) == day(target)


def test_the_letter_names_the_round_and_the_year_it_asks_about() -> None:
    period = started_by_letter(SURVEY, CALENDAR, "05/CV-UBND", day("06/11/2026"))
    assert (period.slug, period.opens_on) == ("khao-sat-05-cv-ubnd", day("06/11/2026"))
    assert (period.dates.data_from, period.dates.data_to) == (day("01/01/2026"), day("31/12/2026"))
    assert period.key != started_by_letter(SURVEY, CALENDAR, "06/CV-UBND", day("06/11/2026")).key


def test_fifteen_working_days_skip_weekends_and_holidays() -> None:
    assert CALENDAR.add(day("06/11/2026"), 15) == day("30/11/2026")


@pytest.mark.parametrize(
    ("text", "working"),
    [
        ("02/01/2026", False),  # swapped with Saturday 10/01
        ("10/01/2026", True),
        ("22/8/2026", True),
        ("31/8/2026", False),  # swapped with Saturday 22/8
        ("02/9/2026", False),
        ("27/4/2026", False),  # in lieu of Giỗ Tổ on a Sunday
        ("23/11/2026", True),  # a swap was proposed and not decided
        ("24/11/2026", False),
        ("24/11/2025", True),  # the day off is in force since 01/7/2026
        ("14/11/2026", False),
        ("26/4/2025", True),
        ("02/5/2025", False),
        ("04/5/2024", True),
        ("29/4/2024", False),
    ],
)
def test_the_shipped_calendar_knows_swaps_lieu_days_and_the_new_holiday(text: str, working: bool) -> None:
    assert CALENDAR.is_working(day(text)) is working


def test_a_day_and_a_duty_of_one_day() -> None:
    assert CALENDAR.add(day("14/11/2026"), 0) == day("14/11/2026")
    assert CALENDAR.add(day("14/11/2026"), 1) == day("16/11/2026")
    assert CALENDAR.add(day("16/11/2026"), -1) == day("13/11/2026")
    assert CALENDAR.between(day("09/01/2026"), day("12/01/2026")) == 2, "the Saturday between is worked"
    assert CALENDAR.between(day("23/11/2026"), day("25/11/2026")) == 1, "24/11 is off"
    assert CALENDAR.between(day("13/11/2026"), day("14/11/2026")) == 0


def test_a_yearly_rule_has_one_period_a_year() -> None:
    (period,) = periods_of_year(terms(), CALENDAR, 2026)
    assert (period.key, period.slug, period.name) == ("2026", "nam-2026", "Báo cáo năm 2026")
    assert period.dates == Dates(day("14/11/2026"), day("14/11/2026"), None, None)
    assert period.opens_on == day("30/9/2026")


@pytest.mark.parametrize(
    ("year", "lasts", "targets"),
    [
        (2026, ("19/3", "19/6", "19/9", "19/12"), ("19/3", "19/6", "18/9", "18/12")),
        (2027, ("19/3", "19/6", "19/9", "19/12"), ("19/3", "18/6", "17/9", "17/12")),
    ],
)
def test_a_quarterly_rule_ends_in_the_last_month_of_each_quarter(year: int, lasts: tuple[str, ...], targets: tuple[str, ...]) -> None:
    periods = list(periods_of_year(QUARTERLY, CALENDAR, year))
    assert [period.slug for period in periods] == [f"quy-{quarter}-{year}" for quarter in (1, 2, 3, 4)]
    assert [period.dates.last_on for period in periods] == [day(f"{text}/{year}") for text in lasts]
    assert [target_day(CALENDAR, p.dates.nominal_on, p.dates.last_on) for p in periods] == [day(f"{text}/{year}") for text in targets]


def test_a_stated_day_counts_and_has_a_window_of_its_own() -> None:
    rule = terms(month=10, day=10, boundary=Boundary.BY, window=Window.OCTOBER_TO_SEPTEMBER)
    (period,) = periods_of_year(rule, CALENDAR, 2026)
    assert period.dates == Dates(day("10/10/2026"), day("10/10/2026"), day("01/10/2025"), day("30/9/2026"))
    assert target_day(CALENDAR, period.dates.nominal_on, period.dates.last_on) == day("09/10/2026")


def test_within_a_month_means_to_its_last_day() -> None:
    rule = terms(slug="cong-bo", kind=RuleKind.PUBLICATION, month=11, day=30, boundary=Boundary.BY, wording="trong tháng 11 hằng năm")
    assert [p.dates.last_on for p in periods_of_year(rule, CALENDAR, 2026)] == [day("30/11/2026")]
    february = terms(month=2, day=31, boundary=Boundary.BY)
    assert [next(iter(periods_of_year(february, CALENDAR, year))).dates.last_on for year in (2027, 2028)] == [day("28/02/2027"), day("29/02/2028")]


@pytest.mark.parametrize(
    ("schedule", "ends"), [(Schedule.EVERY_3_MONTHS, ["31/3", "30/6", "30/9", "31/12"]), (Schedule.EVERY_6_MONTHS, ["30/6", "31/12"])]
)
def test_reviews_have_periods_but_no_day(schedule: Schedule, ends: list[str]) -> None:
    rule = terms(slug="ra-soat", kind=RuleKind.REVIEW, schedule=schedule, month=None, day=None, boundary=None, opens_days_before=0)
    periods = list(periods_of_year(rule, CALENDAR, 2026))
    assert [period.dates.data_to for period in periods] == [day(f"{end}/2026") for end in ends]
    assert {period.dates.last_on for period in periods} == {None}
    assert len({period.key for period in periods}) == len(periods)
    assert target_day(CALENDAR, None, None) is None


def test_event_and_ad_hoc_rules_have_no_periods_of_themselves() -> None:
    assert list(periods_of_year(SURVEY, CALENDAR, 2026)) == []
    assert list(periods_of_year(terms(schedule=Schedule.AD_HOC), CALENDAR, 2026)) == []


def test_an_ad_hoc_period_ends_on_the_day_somebody_sets() -> None:
    period = on_request(terms(schedule=Schedule.AD_HOC, slug="dot-xuat"), "Báo cáo nhanh", day("28/11/2026"), day("18/11/2026"))
    assert period.slug == "dot-xuat-bao-cao-nhanh"
    assert period.dates.last_on == day("28/11/2026"), "a Saturday somebody chose stays"


@pytest.mark.parametrize(
    ("window", "schedule", "month", "start", "end"),
    [
        (Window.CALENDAR_YEAR, Schedule.YEARLY, 12, "01/01/2026", "31/12/2026"),
        (Window.OCTOBER_TO_SEPTEMBER, Schedule.YEARLY, 12, "01/10/2025", "30/9/2026"),
        (Window.PERIOD, Schedule.QUARTERLY, 12, "01/10/2026", "31/12/2026"),
        (Window.PERIOD, Schedule.MONTHLY, 2, "01/02/2026", "28/02/2026"),
        # Decree 09/2019/NĐ-CP Art. 12
        (Window.DECREE_09, Schedule.MONTHLY, 1, "15/12/2025", "14/01/2026"),
        (Window.DECREE_09, Schedule.QUARTERLY, 3, "15/12/2025", "14/3/2026"),
        (Window.DECREE_09, Schedule.QUARTERLY, 6, "15/3/2026", "14/6/2026"),
        (Window.DECREE_09, Schedule.QUARTERLY, 9, "15/6/2026", "14/9/2026"),
        (Window.DECREE_09, Schedule.QUARTERLY, 12, "15/9/2026", "14/12/2026"),
        (Window.DECREE_09, Schedule.EVERY_6_MONTHS, 6, "15/12/2025", "14/6/2026"),
        (Window.DECREE_09, Schedule.EVERY_6_MONTHS, 12, "15/6/2026", "14/12/2026"),
        (Window.DECREE_09, Schedule.YEARLY, 12, "15/12/2025", "14/12/2026"),
    ],
)
def test_windows_are_data(window: Window, schedule: Schedule, month: int, start: str, end: str) -> None:
    assert data_window(terms(window=window, schedule=schedule), 2026, month) == (day(start), day(end))


def test_a_window_the_document_states_itself_may_begin_in_the_year_before() -> None:
    stated = StatedWindow(from_month=11, from_day=16, from_last_year=True, to_month=11, to_day=15)
    (period,) = periods_of_year(terms(window=Window.STATED, stated_window=stated), CALENDAR, 2026)
    assert (period.dates.data_from, period.dates.data_to) == (day("16/11/2025"), day("15/11/2026"))
    assert data_window(terms(), 2026, 12) == (None, None)


def test_a_deadline_without_a_working_day_after_the_cut_off_is_warned_about() -> None:
    """Decree 09/2019/NĐ-CP Art. 8.5(b): «trước ngày 15/12» with figures closed on 14/12."""
    late = terms(month=12, day=15, window=Window.DECREE_09)
    (period,) = periods_of_year(late, CALENDAR, 2026)
    assert too_early(CALENDAR, period.dates) == day("15/12/2026")
    said = warning(CALENDAR, period.dates)
    assert said is not None
    assert "14/12/2026" in said and "15/12/2026" in said and "Nghị định 09/2019/NĐ-CP" in said
    quarter = terms(schedule=Schedule.QUARTERLY, month=None, day=20, window=Window.DECREE_09)
    assert [warning(CALENDAR, period.dates) for period in periods_of_year(quarter, CALENDAR, 2026)] == [None] * 4
    unstated = next(iter(periods_of_year(terms(), CALENDAR, 2026)))
    assert warning(CALENDAR, unstated.dates) is None


def test_an_office_may_read_before_as_including_the_day_and_fixed_dates_as_rolling() -> None:
    generous = terms(readings=Readings(before_counts_day=True, fixed_dates_roll=True))
    (period,) = periods_of_year(generous, CALENDAR, 2026)
    assert period.dates.nominal_on == day("15/11/2026")
    assert period.dates.last_on == day("16/11/2026")
    assert target_day(CALENDAR, period.dates.nominal_on, period.dates.last_on) == day("13/11/2026")
    said = explain(generous, CALENDAR, period.dates)
    assert "cơ quan hiểu" in said
    assert "16/11/2026" in said
    (fixed,) = periods_of_year(terms(roll=Roll.NONE, readings=generous.readings), CALENDAR, 2026)
    assert fixed.dates.last_on == day("15/11/2026"), "the rule says it does not roll, whatever the office does elsewhere"


@pytest.mark.parametrize(
    ("unit", "length", "started", "nominal", "last"),
    [
        (TermUnit.WORKING_DAY, 15, "06/11/2026", "30/11/2026", "30/11/2026"),
        (TermUnit.WEEK, 2, "06/11/2026", "20/11/2026", "20/11/2026"),
        (TermUnit.MONTH, 1, "31/01/2026", "28/02/2026", "02/3/2026"),  # Art. 148.3: no 31st of February; a Saturday
        (TermUnit.MONTH, 1, "31/01/2028", "29/02/2028", "29/02/2028"),
        (TermUnit.MONTH, 3, "30/11/2026", "28/02/2027", "01/3/2027"),
    ],
)
def test_terms_in_other_units(unit: TermUnit, length: int, started: str, nominal: str, last: str) -> None:
    rule = terms(schedule=Schedule.EVENT, month=None, day=None, boundary=Boundary.BY, roll=Roll.NEXT_WORKING_DAY, term_unit=unit, term_length=length)
    dates = started_by_letter(rule, CALENDAR, "05", day(started)).dates
    assert (dates.nominal_on, dates.last_on) == (day(nominal), day(last))


@pytest.mark.parametrize(
    ("given", "year", "lasts"),
    [
        ({"schedule": Schedule.MONTHLY, "day": 31, "boundary": Boundary.BY}, 2026, ["31/01", "28/02", "31/3", "30/4", "31/5", "30/6"]),
        (
            {"schedule": Schedule.MONTHLY, "day": 5, "boundary": Boundary.BY, "months_after": 1},
            2026,
            ["05/02", "05/3", "05/4", "05/5", "05/6", "05/7"],
        ),
        ({"schedule": Schedule.QUARTERLY, "day": 10, "boundary": Boundary.BY, "months_after": 1}, 2026, ["10/4", "10/7", "10/10", "10/01/2027"]),
        ({"schedule": Schedule.QUARTERLY, "day": 25, "boundary": Boundary.BY}, 2026, ["25/3", "25/6", "25/9", "25/12"]),
        ({"schedule": Schedule.EVERY_6_MONTHS, "day": 6, "boundary": Boundary.BY}, 2026, ["06/6", "06/12"]),
        ({"month": 1, "day": 15, "months_after": 12}, 2026, ["14/01/2027"]),
        ({"month": 2, "day": 29, "boundary": Boundary.BY}, 2027, ["28/02"]),
        ({"month": 2, "day": 29, "boundary": Boundary.BY}, 2028, ["29/02"]),
    ],
)
def test_other_schedules(given: dict[str, Any], year: int, lasts: list[str]) -> None:
    periods = list(periods_of_year(terms(**{"month": None, **given}), CALENDAR, year))
    found = [period.dates.last_on for period in periods][: len(lasts)]
    assert found == [day(text if text.count("/") == 2 else f"{text}/{year}") for text in lasts]
    assert len({period.slug for period in periods}) == len(periods)


def test_a_cascade_counts_back_from_the_day_for_sending_upwards() -> None:
    """The province wants it on Saturday 19/12: signed by Friday 18/12, two working days for that, three to check."""
    rule = terms(month=12, day=19, boundary=Boundary.BY, upward=True, check_days=3, sign_days=2)
    (period,) = periods_of_year(rule, CALENDAR, 2026)
    assert (period.dates.outer_on, period.dates.check_on, period.dates.last_on) == (day("19/12/2026"), day("16/12/2026"), day("11/12/2026"))
    assert period.dates.nominal_on == period.dates.last_on
    said = explain(rule, CALENDAR, period.dates)
    for part in ("19/12/2026", "Thứ Sáu, 18/12/2026", "Thứ Tư, 16/12/2026", "Thứ Sáu, 11/12/2026", "2 ngày làm việc để ký", "3 ngày làm việc"):
        assert part in said


def test_terms_come_back_as_a_round_keeps_them() -> None:
    stated = StatedWindow(11, 16, True, 11, 15)
    kept = terms(window=Window.STATED, stated_window=stated, readings=Readings(before_counts_day=True), term_length=15)
    assert Terms.from_kept(json.loads(json.dumps(kept.as_kept()))) == kept
    older = {name: value for name, value in kept.as_kept().items() if name not in ("upward", "readings", "term_unit")}
    assert Terms.from_kept(older).readings == Readings(), "what a later version learnt stands at its default"


def test_the_explanation_quotes_the_document_and_gives_every_step() -> None:
    (period,) = periods_of_year(terms(), CALENDAR, 2026)
    said = explain(terms(), CALENDAR, period.dates)
    assert said == (
        "Văn bản ghi “trước ngày 15/11 hàng năm”, chữ “trước” không tính ngày 15/11/2026, nên ngày cuối còn đúng hạn là Thứ Bảy, 14/11/2026; "
        "ngày ấy là thứ Bảy nhưng hạn không lùi sang ngày làm việc tiếp theo vì đây là một ngày ấn định cụ thể; "
        "việc nhắc và hoàn thành nhắm vào Thứ Sáu, 13/11/2026, ngày làm việc cuối cùng không muộn hơn hạn."
    )


def test_the_explanation_of_a_rolled_term_cites_the_civil_code() -> None:
    dates = started_by_letter(SURVEY, CALENDAR, "05", day("09/11/2026")).dates
    assert explain(SURVEY, CALENDAR, dates, day("09/11/2026")) == (
        "Văn bản ghi “trong thời hạn 15 ngày, kể từ ngày phát hành văn bản khảo sát”, ngày phát hành 09/11/2026 không tính "
        "(khoản 3 Điều 147 Bộ luật Dân sự 2015), nên hết 15 ngày là Thứ Ba, 24/11/2026; ngày ấy là ngày nghỉ (Ngày Văn hóa Việt Nam), "
        "nên thời hạn kết thúc vào ngày làm việc tiếp theo là Thứ Tư, 25/11/2026 (khoản 5 Điều 148 Bộ luật Dân sự 2015); "
        "việc nhắc và hoàn thành nhắm vào Thứ Hai, 23/11/2026, ngày làm việc cuối cùng trước khi tròn thời hạn."
    )


def test_the_explanation_says_where_no_day_is_stated() -> None:
    said = explain(terms(wording="đột xuất"), CALENDAR, Dates(None, None, None, None))
    assert said == "Văn bản ghi “đột xuất” mà không nêu ngày, nên việc này không có thời hạn."


def test_the_explanation_says_that_a_year_is_told_by_a_provisional_list() -> None:
    (period,) = periods_of_year(terms(), CALENDAR, 2027)
    assert explain(terms(), CALENDAR, period.dates).endswith(" (tính theo lịch nghỉ dự kiến năm 2027).")


def test_an_explanation_is_one_sentence() -> None:
    rules = [terms(), QUARTERLY, terms(upward=True, check_days=3, sign_days=2), terms(readings=Readings(True, True))]
    for rule in rules:
        for period in periods_of_year(rule, CALENDAR, 2027):
            said = explain(rule, CALENDAR, period.dates)
            assert said.endswith(".")
            assert ". " not in said


def test_a_year_nobody_listed_still_has_its_fixed_holidays() -> None:
    unlisted = WorkingCalendar(statutory=STATUTORY)
    assert not unlisted.is_working(day("30/4/2035"))
    assert unlisted.off_because(day("30/4/2035")) == "ngày nghỉ (Ngày Chiến thắng 30/4)"
    listed = WorkingCalendar(statutory=STATUTORY, listed_years=frozenset({2035}))
    assert listed.is_working(day("30/4/2035")), "a list says everything there is to say about its year"


def test_a_calendar_of_its_own_can_move_a_target_and_no_deadline() -> None:
    closed = WorkingCalendar({**CALENDAR.days, day("13/11/2026"): DayKind.HOLIDAY})
    (period,) = periods_of_year(terms(), closed, 2026)
    assert period.dates.last_on == day("14/11/2026")
    assert target_day(closed, period.dates.nominal_on, period.dates.last_on) == day("12/11/2026")
