"""The shipped calendar: complete, tidy, as the sources print it, and in agreement with an independent reckoning of the moon."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date

import holidays
import pytest

import config
from tests.deadlines.shipped import shipped_calendar
from tracker.deadlines.calendar_rules import Certainty, DayKind, cannot_list
from tracker.deadlines.calendar_rules import WorkingCalendar as Calendar

FOLDER = config.ROOT / "seeds" / "calendar"
YEARS = range(2024, 2031)
OFF = (DayKind.HOLIDAY, DayKind.LIEU, DayKind.SWAP_OFF)
#: Mùng 1 Tết and Giỗ Tổ (10/3 lunar) in Vietnam: from almanacs, written by hand.
NEW_YEAR = {2024: "02-10", 2025: "01-29", 2026: "02-17", 2027: "02-06", 2028: "01-26", 2029: "02-13", 2030: "02-02"}
ANCESTORS = {2024: "04-18", 2025: "04-07", 2026: "04-26", 2027: "04-16", 2028: "04-04", 2029: "04-23", 2030: "04-12"}


def rows(year: int) -> list[dict[str, str]]:
    with (FOLDER / f"{year}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def days(year: int, *kinds: DayKind) -> dict[date, str]:
    return {date.fromisoformat(row["date"]): row["name"] for row in rows(year) if DayKind(row["kind"]) in kinds}


def off_on_weekdays(year: int) -> set[str]:
    return {f"{day:%d/%m}" for day in days(year, *OFF)}


def test_the_years_run_from_2024_to_2030() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == [f"{year}.csv" for year in YEARS]


@pytest.mark.parametrize("year", YEARS)
def test_each_file_is_sorted_names_no_day_twice_and_keeps_to_its_year(year: int) -> None:
    listed = [row["date"] for row in rows(year)]
    assert listed == sorted(set(listed))
    assert {day[:4] for day in listed} == {str(year)}


@pytest.mark.parametrize("year", YEARS)
def test_every_day_says_what_it_is_and_after_which_document(year: int) -> None:
    for row in rows(year):
        assert row["name"] and row["source"]
        assert DayKind(row["kind"]) is not DayKind.CLOSURE, "a closure is one office's own"


@pytest.mark.parametrize("year", YEARS)
def test_days_off_are_weekdays_and_make_up_days_are_weekends(year: int) -> None:
    assert all(day.weekday() < 5 for day in days(year, *OFF))
    assert all(day.weekday() >= 5 for day in days(year, DayKind.MAKE_UP))


@pytest.mark.parametrize("year", YEARS)
def test_every_listed_day_could_be_entered_on_an_empty_calendar(year: int) -> None:
    for row in rows(year):
        assert cannot_list(Calendar(), date.fromisoformat(row["date"]), DayKind(row["kind"])) is None


@pytest.mark.parametrize("year", YEARS)
def test_every_swap_day_is_made_up_for_once(year: int) -> None:
    assert Counter(DayKind(row["kind"]) for row in rows(year))[DayKind.SWAP_OFF] == len(days(year, DayKind.MAKE_UP))


@pytest.mark.parametrize("year", YEARS)
def test_notices_confirm_the_years_up_to_2026_only(year: int) -> None:
    certainty = {Certainty(row["certainty"]) for row in rows(year)}
    assert certainty == {Certainty.OFFICIAL if year <= 2026 else Certainty.PROVISIONAL}
    assert (year in shipped_calendar().official_years) == (year <= 2026)


@pytest.mark.parametrize("year", [year for year in YEARS if year > 2027])
def test_a_day_nobody_has_announced_says_it_is_expected_and_by_which_law(year: int) -> None:
    assert all(row["source"].startswith("dự kiến, theo ") for row in rows(year))


@pytest.mark.parametrize(
    ("year", "off", "worked"),
    [
        (2024, "01/01 08/02 09/02 12/02 13/02 14/02 18/04 29/04 30/04 01/05 02/09 03/09", "04/05"),
        (2025, "01/01 27/01 28/01 29/01 30/01 31/01 07/04 30/04 01/05 02/05 01/09 02/09", "26/04"),
        (2026, "01/01 02/01 16/02 17/02 18/02 19/02 20/02 27/04 30/04 01/05 31/08 01/09 02/09 24/11", "10/01 22/08"),
        (2027, "01/01 04/02 05/02 08/02 09/02 10/02 16/04 30/04 03/05 02/09 03/09 24/11", ""),
        (2028, "03/01 25/01 26/01 27/01 28/01 31/01 04/04 01/05 02/05 01/09 04/09 24/11", ""),
        (2029, "01/01 12/02 13/02 14/02 15/02 16/02 23/04 30/04 01/05 03/09 04/09", ""),
        (2030, "01/01 01/02 04/02 05/02 06/02 07/02 12/04 30/04 01/05 02/09 03/09", ""),
    ],
)
def test_the_days_off_of_each_year_are_those_of_the_notices_and_the_statute(year: int, off: str, worked: str) -> None:
    assert off_on_weekdays(year) == set(off.split())
    assert {f"{day:%d/%m}" for day in days(year, DayKind.MAKE_UP)} == set(worked.split())


@pytest.mark.parametrize(("year", "worked"), [(2024, 251), (2025, 250), (2026, 249), (2027, 249), (2028, 248), (2029, 250), (2030, 250)])
def test_the_working_days_of_a_year(year: int, worked: int) -> None:
    assert shipped_calendar().working_days_of(year) == worked


@pytest.mark.parametrize("year", YEARS)
def test_tet_is_five_days_about_mung_1_weekends_made_good(year: int) -> None:
    first = date.fromisoformat(f"{year}-{NEW_YEAR[year]}")
    off = [day for day, name in days(year, DayKind.HOLIDAY, DayKind.LIEU).items() if "Tết Nguyên đán" in name]
    assert len(off) == 5, "five days of the statute, those on a weekend given back as lieu days"
    assert min(off) <= first <= max(off)
    assert not any(shipped_calendar().is_working(date.fromordinal(n)) for n in range(min(off).toordinal(), max(off).toordinal() + 1))


@pytest.mark.parametrize("year", YEARS)
def test_gio_to_is_the_tenth_of_the_third_moon_or_the_working_day_after_it(year: int) -> None:
    day = date.fromisoformat(f"{year}-{ANCESTORS[year]}")
    ((listed, name),) = [(day, name) for day, name in days(year, *OFF).items() if "Giỗ Tổ" in name]
    assert listed == Calendar().on_or_after(day)
    assert name.startswith("Nghỉ bù") == (listed != day)


@pytest.mark.parametrize("year", YEARS)
def test_the_lunar_days_agree_with_an_independent_reckoning(year: int) -> None:
    """The package reckons the moon for Vietnam; its own guesses of what is announced are not taken (see the next test)."""
    theirs = holidays.Vietnam(years=year, language="vi")
    assert [day for day, name in theirs.items() if name.endswith("Tết Nguyên Đán") and not name.startswith(("Giao", "Mùng"))] == [
        date.fromisoformat(f"{year}-{NEW_YEAR[year]}")
    ]
    assert "Giỗ Tổ" in theirs[date.fromisoformat(f"{year}-{ANCESTORS[year]}")]
    lunar = [day for day, name in days(year, DayKind.HOLIDAY, DayKind.LIEU).items() if "Nguyên đán" in name or "Giỗ Tổ" in name]
    assert [day for day in lunar if day not in theirs] == [date.fromisoformat(one) for one in MISSED.get(year, ())]


#: Listed here, not known to the package: lieu days of a Tết block it expects otherwise.
MISSED = {2028: ["2028-01-31"], 2030: ["2030-02-07"]}

#: Where the package and the notices part, and why the notices stand.
DIFFERENCES = {
    # Swaps are directions of one year, not holidays: 02/01↔10/01/2026 is missing, and so is every make-up Saturday.
    "2026-01-02": (False, True),
    # Expected blocks of Tết differ where no notice is out: seeds/README.md states which one is taken.
    "2028-01-24": (True, False),
    # The package gives 24/11 a lieu day; Labour Code Art. 111.3 names only the holidays of Art. 112.1, and 24/11 is not among them.
    "2029-11-26": (True, False),
    "2030-11-25": (True, False),
}


@pytest.mark.parametrize(("day", "known"), DIFFERENCES.items())
def test_where_the_package_differs_the_notices_and_the_statute_stand(day: str, known: tuple[bool, bool]) -> None:
    asked = date.fromisoformat(day)
    assert (asked in holidays.Vietnam(years=asked.year), not shipped_calendar().is_working(asked)) == known


def test_new_year_2030_is_the_vietnamese_one() -> None:
    """02/02/2030 in Vietnam, 03/02 in China: the new moon falls between midnight at UTC+7 and at UTC+8."""
    assert date(2030, 2, 1) in days(2030, DayKind.HOLIDAY)
    assert date(2030, 2, 7) in days(2030, DayKind.LIEU)
    assert holidays.China(years=2030).get(date(2030, 2, 3)), "the neighbour's new year is the day after"


@pytest.mark.parametrize(("day", "reason"), [("2029-11-24", "a Saturday"), ("2030-11-24", "a Sunday")])
def test_the_day_of_culture_on_a_weekend_gives_no_lieu_day(day: str, reason: str) -> None:
    at = date.fromisoformat(day)
    assert not [name for name in days(at.year, *OFF).values() if "Văn hóa" in name], reason
    assert shipped_calendar().is_working(Calendar().on_or_after(at))
