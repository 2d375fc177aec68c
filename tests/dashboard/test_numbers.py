"""Every number of the front doors is the number of tasks of the list it leads to, and what ``flask tasks`` says."""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from urllib.parse import urljoin

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from tests.factories import KEPT_TERMS, OPENED_AT, World, add_authority, add_indicator, add_person, add_unit
from tests.harness.page_rules import words
from tests.page_client import Page, PageClient
from tracker.deadlines.models import Round
from tracker.indicators.rules import IndicatorKind
from tracker.tasks.models import Task
from tracker.tasks.rules import Progress
from tracker.units.rules import Role

pytestmark = pytest.mark.db

#: One overdue, one due today, one soon, one later, one without a day, on 18/11/2026.
LAST_DAYS = [date(2026, 11, 14), date(2026, 11, 18), date(2026, 11, 25), date(2026, 12, 31), None]
STATES = [*Progress, "returned"]


@pytest.fixture
def busy(session: Session, world: World) -> World:
    """The world with tasks of every state in every band, under two main indicators, one of them without points."""
    world.authority.head_approves = True
    main = add_indicator(session, world.indicators, "2", "Thể chế số", kind=IndicatorKind.MAIN, position=20)
    main.main_id = main.id
    leaves = [
        *world.leaves[:2],
        *(add_indicator(session, world.indicators, f"2.{n}", f"Chỉ số thể chế {n}", parent=main, position=20 + n) for n in (1, 2)),
    ]
    places = itertools.cycle(itertools.product((world.room, world.other_room, world.bank), leaves))
    for number, last in enumerate(LAST_DAYS):
        one = Round(
            authority_id=world.authority.id,
            rule_id=world.rule.id,
            slug=f"dot-{number}",
            name=f"Đợt {number}",
            period=f"dot-{number}",
            nominal_on=last,
            last_on=last,
            opened_at=OPENED_AT,
            terms=KEPT_TERMS,
        )
        session.add(one)
        session.flush()
        for state, (unit, leaf) in zip(STATES, places, strict=False):
            session.add(_task(world, one, unit.id, leaf.id, state))
    session.commit()
    return world


def _task(world: World, one: Round, unit_id: int, indicator_id: int, state: str) -> Task:
    status = Progress.COLLECTING if state == "returned" else Progress(state)
    handed_in = status in (Progress.READY, Progress.ACCEPTED)
    return Task(
        authority_id=world.authority.id,
        round_id=one.id,
        unit_id=unit_id,
        indicator_id=indicator_id,
        status=status,
        returned_at=OPENED_AT if state == "returned" else None,
        reason="Thiếu dấu." if state == "returned" else None,
        submitted_at=OPENED_AT if handed_in else None,
        submitted_on=date(2026, 11, 16) if handed_in else None,
    )


@pytest.fixture
def told(busy: World, command: Callable[..., Any]) -> list[dict[str, Any]]:
    """What ``flask tasks`` says."""
    rows: list[dict[str, Any]] = json.loads(command("tasks", "huyen-thu", "--json").stdout)["rows"]
    return rows


def numbered_links(page: Page) -> Iterator[tuple[str, int, str]]:
    """(what it says, how many tasks it promises, where it leads) of every link to a list of tasks that shows a number."""
    for link in page.all("//main//a[contains(@href, '/tasks?')]"):
        said = words(link)
        number = re.match(r"(?:Xem cả )?([\d.]+)(?:/([\d.]+))?(?!\d)", said)
        if number is not None and "điểm" not in said:
            yield f"{link.get('aria-label') or said}", int((number[2] or number[1]).replace(".", "")), link.get("href")


def length(browser: PageClient, page: Page, href: str) -> int:
    """How many tasks the list has, by its own heading."""
    answer = browser.raw.get(urljoin(page.path, href))
    assert answer.status_code == 200, href
    heading = re.search(r"Danh sách.{0,200}?([\d.]+) nhiệm vụ", answer.text, re.DOTALL)
    assert heading is not None, href
    return int(heading[1].replace(".", ""))


def check_links(browser: PageClient, page: Page, at_least: int) -> None:
    found = list(numbered_links(page))
    assert len(found) >= at_least, [said for said, _number, _href in found]
    wrong = [f"{said}: promises {number}, {href} has {real}" for said, number, href in found if (real := length(browser, page, href)) != number]
    assert wrong == []


def test_the_chairs_numbers_are_those_of_flask_tasks_and_lead_to_their_tasks(
    busy: World, told: list[dict[str, Any]], sign_in: Callable[..., PageClient]
) -> None:
    chair = sign_in(busy.chair.username)
    page = chair.get("/huyen-thu/overview")
    overdue = [row for row in told if row["timeliness"] == "overdue"]
    figures = dict(zip(page.texts("//*[@class='fig']//strong"), page.texts("//*[@class='fig']/b"), strict=True))
    assert figures["nhiệm vụ quá hạn"] == str(len(overdue))
    assert figures["điểm có nguy cơ mất"] == str(sum(row["points"] or 0 for row in overdue))
    assert f"ở {len({row['unit'] for row in overdue})} đơn vị chủ trì" in page.main
    counts = {said.split(" ", 1)[1]: int(said.split(" ", 1)[0]) for said in page.texts("//ul[contains(@class, 'legend')]/li/a")}
    assert counts == {
        "đã xác nhận": sum(row["status"] == "accepted" for row in told),
        "chờ xác nhận": sum(row["status"] == "ready" for row in told),
        "sắp đến hạn": sum(row["timeliness"] in ("due_soon", "due_today") for row in told),
        "quá hạn": len(overdue),
        "chưa đến hạn": sum(row["timeliness"] == "not_due" for row in told),
        "không thời hạn, không tính": sum(row["timeliness"] == "no_deadline" for row in told),
    }
    assert sum(counts.values()) == len(told)
    check_links(chair, page, at_least=12)
    check_links(chair, chair.get("/huyen-thu/overview?round=dot-2"), at_least=3)
    due = [(number, href) for _said, number, href in numbered_links(page) if "due=" in href]
    assert due, "the coming deadlines"
    assert sum(number for number, _href in due) == sum(row["timeliness"] in ("due_today", "due_soon", "not_due") for row in told if near(row))


def near(row: dict[str, Any]) -> bool:
    """Whether a task falls due in the days the timeline shows."""
    return row["due_on"] is not None and row["due_on"] <= "2027-01-17"


def test_the_numbers_of_the_slides_lead_to_their_tasks(busy: World, sign_in: Callable[..., PageClient]) -> None:
    chair = sign_in(busy.chair.username)
    check_links(chair, chair.get("/huyen-thu/overview/present"), at_least=10)
    check_links(chair, chair.get("/huyen-thu/overview/present?round=dot-0"), at_least=3)


def test_without_points_the_bars_are_numbers_of_tasks_and_lead_to_them(
    session: Session, busy: World, told: list[dict[str, Any]], sign_in: Callable[..., PageClient]
) -> None:
    for leaf in busy.leaves:
        leaf.max_points = None
    session.commit()
    chair = sign_in(busy.chair.username)
    page = chair.get("/huyen-thu/overview")
    assert "điểm" not in " ".join(page.texts("//section[@id='units']//th"))
    bars = {row["Đơn vị chủ trì"]: row["Nhiệm vụ quá hạn"] for row in page.table("Nhiệm vụ quá hạn theo đơn vị")}
    assert bars == {unit: f"{sum(row['unit'] == unit and row['timeliness'] == 'overdue' for row in told)} nhiệm vụ" for unit in bars}
    check_links(chair, page, at_least=12)


def test_every_number_of_the_focal_points_page_leads_to_its_tasks(
    busy: World, told: list[dict[str, Any]], sign_in: Callable[..., PageClient]
) -> None:
    focal = sign_in(busy.focal.username)
    for show in ("overdue", "soon", "all"):
        page = focal.get(f"/huyen-thu/today?show={show}")
        check_links(focal, page, at_least=15)
    (foot,) = page.texts("//table[contains(@class, 'matrix')]/tfoot/tr/th")
    assert foot == f"Cộng {len(told)}"
    rows = page.table("Số nhiệm vụ của mỗi đơn vị")
    assert sum(int(row["Trong đó quá hạn"].replace("–", "0")) for row in rows) == sum(row["timeliness"] == "overdue" for row in told)
    assert sum(int(row["Trả lại"].replace("–", "0")) for row in rows) == sum(row["returned"] for row in told)
    assert sum(int(row["Chờ lãnh đạo duyệt"].replace("–", "0")) for row in rows) == sum(row["status"] == "prepared" for row in told)


def test_the_units_numbers_are_its_own(busy: World, told: list[dict[str, Any]], sign_in: Callable[..., PageClient]) -> None:
    page = sign_in(busy.owner.username).get("/huyen-thu/work")
    mine = [row for row in told if row["unit_slug"] == "phong-noi-vu"]
    for words_, bands in (("quá hạn", ("overdue",)), ("sắp đến hạn", ("due_soon", "due_today"))):
        assert f"{sum(row['timeliness'] in bands for row in mine)} {words_}" in page.main
    assert f"{sum(row['status'] == 'accepted' for row in mine)} đã xác nhận" in page.main


def sheet(browser: PageClient, path: str) -> list[list[Any]]:
    answer = browser.raw.get(path)
    assert answer.status_code == 200
    assert ".xlsx" in answer.headers["Content-Disposition"]
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()


def test_the_workbook_has_the_rows_of_the_screen_in_their_order(busy: World, told: list[dict[str, Any]], sign_in: Callable[..., PageClient]) -> None:
    focal = sign_in(busy.focal.username)
    for query in ("", "unit=phong-noi-vu", "timeliness=urgent", "status=collecting&returned=0", "q=the+che", "round=dot-4"):
        screen = focal.get(f"/huyen-thu/tasks?{query}").table("Nhiệm vụ")
        title, heads, *rows = sheet(focal, f"/huyen-thu/tasks?{query}&export=xlsx")
        assert "18/11/2026" in title[0]
        lines = [dict(zip(heads, row, strict=True)) for row in rows]
        assert [(line["Mã"], line["Chỉ số"], line["Đơn vị chủ trì"], line["Đợt"]) for line in lines] == [
            (row["Mã"], row["Chỉ số"], row["Đơn vị chủ trì"], row["Đợt"]) for row in screen
        ], query
        assert [line["Hạn"].strftime("%d/%m/%Y") if line["Hạn"] else "–" for line in lines] == [row["Hạn"] for row in screen]
        assert [line["STT"] for line in lines] == list(range(1, len(lines) + 1))
    assert len(sheet(focal, "/huyen-thu/tasks?export=xlsx")) - 2 == len(told)


def test_the_workbook_of_units_has_the_numbers_of_the_matrix(busy: World, sign_in: Callable[..., PageClient]) -> None:
    focal = sign_in(busy.focal.username)
    screen = focal.get("/huyen-thu/today").table("Số nhiệm vụ của mỗi đơn vị")
    _title, heads, *rows = sheet(focal, "/huyen-thu/today?export=xlsx")
    lines = [dict(zip(heads, row, strict=True)) for row in rows]
    assert [line["Đơn vị chủ trì"] for line in lines] == [row["Đơn vị"] for row in screen]
    for head in set(screen[0]) & set(heads):
        assert [str(int(line[head])) if line[head] else "–" for line in lines] == [row[head] for row in screen], head


def test_a_workbook_shows_only_what_its_reader_may_see(busy: World, sign_in: Callable[..., PageClient]) -> None:
    owner = sign_in(busy.owner.username)
    units = {row[3] for row in sheet(owner, "/huyen-thu/tasks?export=xlsx")[2:]}
    assert units == {"Phòng Nội vụ"}
    assert owner.raw.get("/huyen-thu/today?export=xlsx").status_code == 403


def test_the_list_carries_on_only_the_questions_it_understands(busy: World, sign_in: Callable[..., PageClient]) -> None:
    focal = sign_in(busy.focal.username)
    page = focal.get(
        "/huyen-thu/tasks?timeliness=overdue&authority=huyen-khac&_external=1&_scheme=javascript&endpoint=x&filename=y&page=99999999999999999999"
    )
    hrefs = [link.get("href") for link in page.all("//main//a[contains(@href, 'timeliness=overdue')]")]
    assert hrefs
    assert all(href.startswith(("/huyen-thu/tasks?", "/huyen-thu/filters?")) and "huyen-khac" not in href for href in hrefs)
    for wrong in ("timeliness=khac", "status=khac", "page=-3", "page=abc", "round=khong-co", "unit=khong-co", "main=khong-co", "returned=2"):
        focal.get(f"/huyen-thu/tasks?{wrong}")


def test_a_list_longer_than_a_page_is_paged_and_printed_whole(
    session: Session, busy: World, told: list[dict[str, Any]], sign_in: Callable[..., PageClient]
) -> None:
    one = session.get(Round, busy.tasks[0].round_id)
    assert one is not None
    session.add_all(
        Task(authority_id=busy.authority.id, round_id=one.id, unit_id=busy.room.id, title=f"Việc {number}", status=Progress.NOT_STARTED)
        for number in range(40)
    )
    session.commit()
    focal, total = sign_in(busy.focal.username), len(told) + 40
    first = focal.get("/huyen-thu/tasks").table("Nhiệm vụ")
    second = focal.get("/huyen-thu/tasks?page=2").table("Nhiệm vụ")
    assert (len(first), len(second)) == (50, total - 50)
    printed = focal.get("/huyen-thu/tasks?print=1")
    assert printed.h1 == "Bảng theo dõi tiến độ"
    assert len(printed.table("Nhiệm vụ")) == total


def test_an_authority_with_nothing_in_it_has_pages_that_say_so(session: Session, sign_in: Callable[..., PageClient]) -> None:
    bare = add_authority(session, "xa-moi", "UBND xã Mới")
    unit = add_unit(session, bare, "Văn phòng", focal=True)
    people = [add_person(session, bare, role) for role in (Role.FOCAL, Role.CHAIR, Role.ADMIN)] + [add_person(session, bare, Role.SPECIALIST, unit)]
    focal, chair, admin, specialist = (sign_in(person.username) for person in people)
    assert "Chưa có đợt nào đang mở" in focal.get("/xa-moi/today").main
    for reader, page in ((chair, "overview"), (specialist, "work")):
        said = reader.get(f"/xa-moi/{page}").main
        assert "Cơ quan chưa chọn bộ chỉ số" in said and "Người quản trị hoặc đầu mối của cơ quan đang thiết lập" in said
    for browser, pages in (
        (focal, ("tasks", "rounds", "deadlines", "search?q=abc", "units/van-phong")),
        (admin, ("tasks", "rounds")),
        (specialist, ("tasks",)),
    ):
        for page in pages:
            browser.get(f"/xa-moi/{page}")
    assert len(sheet(focal, "/xa-moi/tasks?export=xlsx")) == 2
    assert len(sheet(focal, "/xa-moi/today?export=xlsx")) == 2
