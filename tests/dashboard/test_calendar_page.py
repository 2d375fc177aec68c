"""Lịch năm: twelve months in words, every deadline with why, the days off with their source; and the next dates on the front pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories import World, add_rule
from tests.harness.queries import Counted
from tests.page_client import Page, PageClient
from tracker.audit.rules import SYSTEM
from tracker.dashboard import calendar_rules
from tracker.deadlines.calendar_rules import DayKind, WorkingCalendar
from tracker.deadlines.calendar_service import enter_local_day
from tracker.deadlines.rules import Boundary, RuleKind, Schedule
from tracker.kernel import scope

db = pytest.mark.db
NOW = datetime(2026, 11, 9, 2, 30, tzinfo=UTC)
SignIn = Callable[..., PageClient]


def months(page: Page) -> list[str]:
    return [caption.strip() for caption in page.texts("//table[contains(@class,'month')]/caption")]


def day_of(page: Page, day: int, month: int) -> Any:
    """The cell of a day."""
    for cell in page.all(f"//table[@id='thang-{month}']//td"):
        words = "".join(cell.itertext()).split()
        if words and words[0] == str(day):
            return cell
    raise AssertionError(f"no {day}/{month} on the page")


def said_of(page: Page, day: int, month: int) -> str:
    return " ".join("".join(day_of(page, day, month).itertext()).split())


def look_of(page: Page, day: int, month: int) -> set[str]:
    return set((day_of(page, day, month).get("class") or "").split())


def test_weeks_begin_on_monday_and_every_day_stands_once() -> None:
    found = calendar_rules.months_of(2028, WorkingCalendar(), [], [], date(2028, 2, 29))
    days = [cell.day for month in found for week in month.weeks for cell in week if cell]
    assert days == sorted(set(days))
    assert len(days) == 366
    assert all(cell.day.weekday() == place for month in found for week in month.weeks for place, cell in enumerate(week) if cell)
    assert [month.number for month in found if month.current] == [2]


@db
def test_the_year_of_an_office_is_told_in_words(demo: Any, sign_in: SignIn, on_day: Callable[[str], None]) -> None:
    on_day("2026-11-18")
    page = sign_in("focal@ninh-son.demo").get("/ninh-son/calendar")
    assert page.h1 == "Lịch năm 2026"
    assert "249 ngày làm việc; lịch nghỉ chính thức" in page.main
    assert months(page) == [f"Tháng {number}/2026" for number in range(1, 13)]
    assert said_of(page, 2, 1) == "2 Thứ Sáu, 02/01/2026: nghỉ hoán đổi: Hoán đổi với thứ Bảy 10/01/2026"
    assert said_of(page, 10, 1) == "10 Thứ Bảy, 10/01/2026: làm bù: Làm bù cho thứ Sáu 02/01/2026"
    assert said_of(page, 24, 11) == "24 Thứ Ba, 24/11/2026: nghỉ lễ: Ngày Văn hóa Việt Nam"
    assert said_of(page, 13, 11).startswith("13 Thứ Sáu, 13/11/2026: ngày nhắm tới của ")
    assert "nhiệm vụ quá hạn" in said_of(page, 14, 11)
    assert said_of(page, 18, 11) == "18 Thứ Tư, 18/11/2026: hôm nay"
    looks = {
        (2, 1): "swap",
        (10, 1): "make",
        (16, 2): "hol",
        (27, 4): "swap",
        (13, 11): "aim",
        (14, 11): "late",
        (18, 11): "is-today",
        (15, 11): "we",
    }
    assert {at: look for at, look in looks.items() if look in look_of(page, *at)} == looks
    assert said_of(page, 2, 3) == "2", "an ordinary day says nothing"


@db
def test_the_days_off_stand_with_source_and_certainty(demo: Any, sign_in: SignIn) -> None:
    page = sign_in("viewer@ninh-son.demo").get("/ninh-son/calendar?year=2026")
    rows = page.table("Ngày nghỉ và ngày làm bù năm 2026")
    assert len(rows) == 16
    assert rows[-1] == {
        "Ngày": "Thứ Ba, 24/11/2026",
        "Loại": "Nghỉ lễ",
        "Tên": "Ngày Văn hóa Việt Nam",
        "Theo": "Nghị quyết 28/2026/QH16, Điều 2",
        "Mức chắc chắn": "Chính thức",
    }
    assert not page.has_link("Thêm ngày nghỉ"), "who may not manage the calendar is not offered it"


@db
@pytest.mark.parametrize(
    ("year", "sentence"),
    [
        (2027, "Lịch nghỉ năm 2027 chưa công bố chính thức; ngày nhắm tới tính theo dự kiến."),
        (2030, "Lịch nghỉ năm 2030 chưa công bố chính thức; ngày nhắm tới tính theo dự kiến."),
        (2031, "Chưa có lịch nghỉ năm 2031"),
    ],
)
def test_a_year_that_is_not_announced_says_so(demo: Any, sign_in: SignIn, year: int, sentence: str) -> None:
    page = sign_in("focal@ninh-son.demo").get(f"/ninh-son/calendar?year={year}")
    assert sentence in page.main
    assert ("lịch nghỉ tạm tính" if year > 2030 else "lịch nghỉ dự kiến") in page.main
    assert "hol" in look_of(page, 1, 1), "a statutory holiday is off in any year"


@db
@pytest.mark.parametrize("year", ["1999", "2101"])
def test_years_outside_the_calendar_are_not_found(world: World, sign_in: SignIn, year: str) -> None:
    sign_in(world.focal.username).get(f"/huyen-thu/calendar?year={year}", status=404)


@db
def test_the_edges_of_the_calendar_have_no_neighbour_beyond(world: World, sign_in: SignIn) -> None:
    focal = sign_in(world.focal.username)
    assert not focal.get("/huyen-thu/calendar?year=2000").has_link("1999")
    assert not focal.get("/huyen-thu/calendar?year=2100").has_link("2101")


@db
def test_every_deadline_stands_with_its_days_its_words_and_why(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.focal.username).get("/huyen-thu/calendar")
    (row,) = page.texts("//*[@id='deadlines']//li")
    said = " ".join(row.split())
    assert said.startswith(f"14/11 Thứ Bảy {world.round.name}")
    assert "5 quá hạn" in said
    assert f"“{world.rule.wording}”; nhắm Thứ Sáu, 13/11/2026" in said
    assert "Vì sao ngày này" in said
    assert "chữ “trước” không tính ngày 15/11/2026, nên ngày cuối còn đúng hạn là Thứ Bảy, 14/11/2026" in said
    listed = page.link("5 quá hạn").follow()
    assert listed.path == f"/huyen-thu/tasks?round={world.round.slug}&timeliness=overdue"


@db
def test_a_person_is_counted_only_the_tasks_that_person_may_see(world: World, sign_in: SignIn) -> None:
    counted = {}
    for who in ("focal", "owner", "colleague"):
        page = sign_in(getattr(world, who).username).get("/huyen-thu/calendar")
        (words,) = [words for words in page.texts("//*[@id='deadlines']//a") if "quá hạn" in words]
        counted[who] = int(words.split()[0])
        listed = page.link(words.strip()).follow()
        assert len(listed.all("//table//tbody/tr")) == counted[who], "a number is the length of its list"
    assert counted == {"focal": 5, "owner": 2, "colleague": 3}, "what one's unit leads or helps with"


@db
def test_a_rule_without_a_date_stands_apart(demo: Any, sign_in: SignIn) -> None:
    page = sign_in("focal@ninh-thuan-vpub.demo").get("/ninh-thuan-vpub/calendar")
    assert "Không nêu ngày" in page.main
    assert page.texts("//ul[contains(@class,'due-undated')]//b") == ["Báo cáo đột xuất"]
    assert len(page.all("//ol[contains(@class,'due-list')]/li")) == 5


@db
def test_the_office_s_own_days_are_readable_by_everybody_and_change_the_page(world: World, session: Session, sign_in: SignIn) -> None:
    scope.choose(session, scope.one(world.authority.id))
    enter_local_day(session, SYSTEM, world.authority.id, date(2026, 11, 13), DayKind.CLOSURE, "Nghỉ tránh bão", "Công điện 12", NOW)
    session.commit()
    page = sign_in(world.owner.username).get("/huyen-thu/calendar")
    assert said_of(page, 13, 11) == "13 Thứ Sáu, 13/11/2026: cơ quan tạm nghỉ: Nghỉ tránh bão"
    assert "ngày nhắm tới" in said_of(page, 12, 11)
    assert [row["Mức chắc chắn"] for row in page.table("Ngày nghỉ và ngày làm bù năm 2026") if row["Tên"] == "Nghỉ tránh bão"] == ["Cơ quan ghi"]
    assert "Nghỉ tránh bão" not in sign_in(world.foreign_focal.username).get("/huyen-khac/calendar").text


@db
def test_the_calendar_and_the_table_of_deadlines_lead_to_each_other(world: World, sign_in: SignIn) -> None:
    focal = sign_in(world.focal.username)
    table = focal.get("/huyen-thu/calendar?year=2027").link("Bảng thời hạn").follow()
    assert table.path == "/huyen-thu/deadlines?year=2027"
    assert table.link("Lịch năm").follow().path == "/huyen-thu/calendar?year=2027"


@db
def test_the_page_asks_as_often_for_many_rules_as_for_few(
    world: World, session: Session, sign_in: SignIn, queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    focal, numbers = sign_in(world.focal.username), []
    for part in range(2):
        for number in range(4):
            add_rule(session, world.notice, [world.indicators], slug=f"quy-tac-{part}-{number}", name=f"Quy tắc {part}.{number}", month=number + 1)
        session.commit()
        focal.get("/huyen-thu/calendar")
        with queries() as counted:
            focal.get("/huyen-thu/calendar")
        numbers.append((counted.number, str(counted)))
    assert numbers[0][0] == numbers[1][0], f"{numbers[0][1]}\n\n{numbers[1][1]}"
    assert numbers[0][0] <= 12, numbers[0][1]


def ahead(page: Page) -> list[str]:
    return [" ".join(words.split()) for words in page.texts("//*[@id='next-dates']//li")]


@db
def test_the_front_pages_name_the_dates_that_come_next(world: World, session: Session, sign_in: SignIn, on_day: Callable[[str], None]) -> None:
    """An open round with its open tasks, and a quarter that is not opened yet."""
    add_rule(session, world.notice, [world.indicators], slug="quy", name="Báo cáo quý", schedule=Schedule.QUARTERLY, month=None, day=20)
    add_rule(session, world.notice, [], slug="cong-bo", name="Công bố", kind=RuleKind.PUBLICATION, month=11, day=30, boundary=Boundary.BY)
    session.commit()
    on_day("2026-11-09")
    rounds = f"14/11 Thứ Bảy {world.round.name} còn 4 ngày làm việc"
    focal = ahead(sign_in(world.focal.username).get("/huyen-thu/today"))
    assert focal == [
        f"{rounds} · 5 nhiệm vụ chưa xong · nhắm Thứ Sáu, 13/11/2026",
        "30/11 Thứ Hai Công bố 2026 còn 14 ngày làm việc · chưa mở",
        "19/12 Thứ Bảy Báo cáo quý IV/2026 còn 28 ngày làm việc · chưa mở · nhắm Thứ Sáu, 18/12/2026",
    ]
    owner = ahead(sign_in(world.owner.username).get("/huyen-thu/work"))
    assert owner == [
        f"{rounds} · 2 nhiệm vụ chưa xong · nhắm Thứ Sáu, 13/11/2026",
        "19/12 Thứ Bảy Báo cáo quý IV/2026 còn 28 ngày làm việc · chưa mở · nhắm Thứ Sáu, 18/12/2026",
    ], "a unit is told its own rounds and the collections to come, not the focal point's duties"
    overview = sign_in(world.chair.username).get("/huyen-thu/overview")
    assert [row["Việc"] for row in overview.table("Hạn sắp tới")] == [world.round.name, "Công bố 2026chưa mở", "Báo cáo quý IV/2026chưa mở"]


@db
def test_dates_beyond_sixty_days_and_closed_rounds_are_not_told(
    world: World, session: Session, sign_in: SignIn, on_day: Callable[[str], None]
) -> None:
    on_day("2026-09-14")
    focal = sign_in(world.focal.username)
    assert ahead(focal.get("/huyen-thu/today")) == [], "14/11 is 61 days ahead"
    on_day("2026-09-15")
    assert len(ahead(focal.get("/huyen-thu/today"))) == 1
    world.round.closed_at = NOW
    session.commit()
    assert ahead(focal.get("/huyen-thu/today")) == [], "nor is it told again as a period to come"


@db
def test_the_command_prints_a_year(seeded: Any, command: Callable[..., Any]) -> None:
    result = command("calendar", "2026", "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert (answer["year"], answer["working_days"], answer["official"], len(answer["rows"])) == (2026, 249, True, 16)
    assert answer["rows"][1] == {
        "day": "2026-01-02",
        "kind": "swap_off",
        "name": "Hoán đổi với thứ Bảy 10/01/2026",
        "source": "Phương án hoán đổi Tết Dương lịch 2026, công bố tháng 12/2025",
        "certainty": "official",
        "local": False,
    }
    assert json.loads(command("calendar", "2028", "--json").stdout)["official"] is False
    assert command("calendar", "2026", "--authority", "khong-co", "--json").exit_code == 1
    assert command("calendar", "1999").exit_code == 2


@db
def test_the_command_shows_an_office_its_own_days(world: World, session: Session, command: Callable[..., Any]) -> None:
    scope.choose(session, scope.one(world.authority.id))
    enter_local_day(session, SYSTEM, world.authority.id, date(2026, 11, 13), DayKind.CLOSURE, "Nghỉ tránh bão", "Công điện 12", NOW)
    session.commit()
    mine = json.loads(command("calendar", "2026", "--authority", "huyen-thu", "--json").stdout)
    common = json.loads(command("calendar", "2026", "--json").stdout)
    assert [row["name"] for row in mine["rows"] if row["local"]] == ["Nghỉ tránh bão"]
    assert not [row for row in common["rows"] if row["local"]]
    assert mine["working_days"] == common["working_days"] - 1
