"""Deadline law: the worked dates of the domain notes (§1.2), the documents' own words, and why each day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.deadlines.shipped import shipped_calendar
from tracker.deadlines.rules import (
    Boundary,
    Dates,
    DayKind,
    Roll,
    RuleKind,
    Schedule,
    Terms,
    Window,
    WorkingCalendar,
    data_window,
    explain,
    last_valid_day,
    on_request,
    periods_of_year,
    rolled,
    started_by_letter,
    target_day,
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
        "days": None,
        "boundary": Boundary.BEFORE,
        "roll": Roll.NONE,
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
    days=15,
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
    period = on_request(terms(schedule=Schedule.AD_HOC, slug="dot-xuat"), CALENDAR, "Báo cáo nhanh", day("28/11/2026"), day("18/11/2026"))
    assert period.slug == "dot-xuat-bao-cao-nhanh"
    assert period.dates.last_on == day("28/11/2026"), "a Saturday somebody chose stays"


def test_windows_are_data() -> None:
    assert data_window(Window.CALENDAR_YEAR, Schedule.YEARLY, 2026, None) == (day("01/01/2026"), day("31/12/2026"))
    assert data_window(Window.QUARTER, Schedule.QUARTERLY, 2026, 4) == (day("01/10/2026"), day("31/12/2026"))
    assert data_window(Window.NOT_STATED, Schedule.YEARLY, 2026, None) == (None, None)


def test_the_explanation_quotes_the_document_and_gives_every_step() -> None:
    (period,) = periods_of_year(terms(), CALENDAR, 2026)
    said = explain(terms(), CALENDAR, period.dates)
    assert said.startswith("Văn bản ghi “trước ngày 15/11 hàng năm”.")
    for part in ("không tính ngày 15/11/2026", "Thứ Bảy, 14/11/2026", "không lùi sang ngày làm việc tiếp theo", "Thứ Sáu, 13/11/2026"):
        assert part in said


def test_the_explanation_of_a_rolled_term_cites_the_civil_code() -> None:
    dates = started_by_letter(SURVEY, CALENDAR, "05", day("09/11/2026")).dates
    said = explain(SURVEY, CALENDAR, dates, day("09/11/2026"))
    for part in (
        "“trong thời hạn 15 ngày, kể từ ngày phát hành văn bản khảo sát”",
        "khoản 3 Điều 147",
        "Thứ Ba, 24/11/2026",
        "khoản 5 Điều 148",
        "Thứ Tư, 25/11/2026",
        "Thứ Hai, 23/11/2026",
    ):
        assert part in said


def test_the_explanation_says_where_no_day_is_stated() -> None:
    said = explain(terms(wording="đột xuất"), CALENDAR, Dates(None, None, None, None))
    assert "“đột xuất”" in said
    assert "không có thời hạn" in said


def test_a_calendar_of_its_own_can_move_a_target_and_no_deadline() -> None:
    closed = WorkingCalendar({**CALENDAR.days, day("13/11/2026"): DayKind.HOLIDAY})
    (period,) = periods_of_year(terms(), closed, 2026)
    assert period.dates.last_on == day("14/11/2026")
    assert target_day(closed, period.dates.nominal_on, period.dates.last_on) == day("12/11/2026")
