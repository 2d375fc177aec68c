"""The pages of one unit, one indicator, one task, and search: who sees what."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from tests.factories import World, add_unit
from tests.page_client import PageClient

pytestmark = pytest.mark.db

Browser = Callable[..., PageClient]


def test_contacts_are_for_those_who_work_with_the_unit(world: World, sign_in: Browser) -> None:
    path, address = "/huyen-thu/units/phong-noi-vu", world.owner.email or ""
    for person, sees in ((world.owner, True), (world.focal, True), (world.colleague, False)):
        page = sign_in(person.username).get(path)
        assert (address in page.text) is sees, person.username
    sign_in(world.stranger.username).get(path, status=404)


def test_a_unit_shows_its_own_tasks_and_a_group_those_of_its_members(world: World, sign_in: Browser) -> None:
    focal = sign_in(world.focal.username)
    assert [row["Mã"] for row in focal.get("/huyen-thu/units/phong-noi-vu").table("Nhiệm vụ")] == ["1.1", "1.3"]
    group = focal.get(f"/huyen-thu/units/{world.group.slug}")
    assert len(group.table("Nhiệm vụ")) == 4
    assert "Phòng Nội vụ" in group.main
    assert world.group.name in focal.get("/huyen-thu/units/phong-noi-vu").main
    colleague = sign_in(world.colleague.username).get("/huyen-thu/units/phong-noi-vu")
    assert [row["Mã"] for row in colleague.table("Nhiệm vụ")] == ["1.1"], "the one its unit helps with"


def test_the_list_of_tasks_is_what_a_person_leads_or_helps_with(session: Session, world: World, sign_in: Browser) -> None:
    seen = {
        person.username: [row["Mã"] for row in sign_in(person.username).get("/huyen-thu/tasks").table("Nhiệm vụ")]
        for person in (world.owner, world.colleague, world.viewer)
    }
    assert seen == {
        world.owner.username: ["1.1", "1.3"],
        world.colleague.username: ["1.1", "1.2", "1.3"],
        world.viewer.username: ["1.1", "1.2", "1.3", "1.3", "1.4"],
    }


def test_search_needs_no_diacritics_and_finds_by_code(session: Session, world: World, sign_in: Browser) -> None:
    add_unit(session, world.authority, "Đội Đăng ký đất đai", position=9)
    focal = sign_in(world.focal.username)
    for asked, found in (
        ("noi vu", "Phòng Nội vụ"),
        ("NỘI VỤ", "Phòng Nội vụ"),
        ("dang ky dat dai", "Đội Đăng ký đất đai"),
        ("thanh phan 3", "Chỉ số thành phần 3"),
        ("1.4", "Chỉ số thành phần 4"),
    ):
        page = focal.get("/huyen-thu/search", query_string={"q": asked})
        assert found in page.main, asked
    assert "Chỉ số thành phần 1" not in focal.get("/huyen-thu/search?q=1.4").main
    for nothing in ("", "khong he co", "%", "_", "\\", "   ", "' OR 1=1 --"):
        page = focal.get("/huyen-thu/search", query_string={"q": nothing})
        assert "Chỉ số thành phần" not in page.main, nothing
    assert [row["Mã"] for row in focal.get("/huyen-thu/tasks?q=ngan+hang").table("Nhiệm vụ")] == ["1.4"]


def test_the_page_of_an_indicator_says_what_it_asks_and_who_does_it(world: World, sign_in: Browser) -> None:
    page = sign_in(world.focal.username).get("/huyen-thu/indicators/thu-2026/1.1")
    for words in ("Quyết định thành lập Ban Chỉ đạo", "Biên bản họp", "Phòng Nội vụ", "Phòng Tài chính - Kế hoạch", "Phân công theo dõi"):
        assert words in page.main
    assert len(page.table("Nhiệm vụ")) == 1
    page.client.get("/huyen-thu/indicators/thu-2026/9.9", status=404)
    page.client.get("/huyen-thu/indicators/khong-co/1.1", status=404)


def test_the_page_of_a_task_explains_its_deadline_and_where_it_comes_from(world: World, sign_in: Browser) -> None:
    page = sign_in(world.owner.username).get(f"/huyen-thu/tasks/{world.task.id}")
    for words in ("Thứ Bảy, 14/11/2026", "Thứ Sáu, 13/11/2026", "Quá hạn", "Phòng Tài chính - Kế hoạch", "trước ngày 15/11 hàng năm"):
        assert words in page.main
    assert page.h1.endswith("Chỉ số thành phần 1")


def test_an_address_of_nothing_is_not_found_whatever_it_holds(world: World, sign_in: Browser) -> None:
    """Numbers no id can have, a NUL no database stores: never an error of ours."""
    focal = sign_in(world.focal.username)
    for path in (
        "tasks/99999999999999999999999",
        "tasks/9223372036854775807",
        "evidence/99999999999999999999999/file",
        "units/%00",
        "rounds/%00",
        "khong-co",
        "deadlines?year=99999",
    ):
        focal.get(f"/huyen-thu/{path}", status=404)
    for query in ("tasks?q=%00", "tasks?unit=%00", "search?q=a%00b", "overview?round=%00"):
        focal.get(f"/huyen-thu/{query}", status=400)
    form = focal.get(f"/huyen-thu/tasks/{world.task.id}/set-aside").form()
    form.fill(reason="a\0b", move="set_not_applicable").submit(status=400)
