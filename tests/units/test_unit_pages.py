"""Units, spellings, groups and settings, through their pages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World, add_membership, add_unit
from tests.harness.queries import Counted
from tests.page_client import PageClient
from tracker.audit import service as audit
from tracker.kernel import scope
from tracker.units import queries as unit_queries
from tracker.units.models import GroupMember, Membership, Unit
from tracker.units.rules import Role
from tracker.web import sheets

pytestmark = pytest.mark.db


@pytest.fixture
def focal(world: World, sign_in: Callable[..., PageClient]) -> PageClient:
    return sign_in(world.focal.username)


@pytest.fixture
def admin(world: World, sign_in: Callable[..., PageClient]) -> PageClient:
    return sign_in(world.admin.username)


def test_the_list_is_filtered_by_name_spelling_and_kind(world: World, focal: PageClient) -> None:
    assert len(focal.get("/huyen-thu/units").table("Cơ quan, đơn vị")) == 5
    assert [row["Tên"] for row in focal.get("/huyen-thu/units?q=phong+tc-kh").table("Cơ quan, đơn vị")] == ["Phòng Tài chính - Kế hoạch"]
    assert len(focal.get("/huyen-thu/units?q=phong").table("Cơ quan, đơn vị")) == 3
    groups = focal.get("/huyen-thu/units?kind=group").table("Cơ quan, đơn vị")
    assert [row["Thành viên"] for row in groups] == ["Phòng Nội vụ; Phòng Tài chính - Kế hoạch"]
    assert "Không có đơn vị nào" in focal.get("/huyen-thu/units?q=khong-co").main


def test_the_workbook_holds_what_is_on_the_screen(world: World, focal: PageClient) -> None:
    rows = sheets.read(focal.get("/huyen-thu/units.xlsx?kind=group").data)
    assert rows[0][0] == "Danh sách cơ quan, đơn vị – UBND huyện Thử"
    assert rows[1][:3] == ["Tên đơn vị", "Tên ngắn", "Loại"]
    assert [row[0] for row in rows[2:]] == ["UBND các xã, thị trấn"]
    assert rows[2][6] == date(2026, 1, 1)


def test_the_list_costs_as_much_for_twice_as_many_units(
    world: World, focal: PageClient, session: Session, queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    focal.get("/huyen-thu/units")
    with queries() as before:
        focal.get("/huyen-thu/units")
    for number in range(5):
        add_unit(session, world.authority, f"Đơn vị thêm {number}", aliases=(f"ĐVT {number}",))
    session.commit()
    with queries() as after:
        focal.get("/huyen-thu/units")
    assert after.number == before.number


def _new(browser: PageClient, status: int = 200, **values: Any) -> Any:
    return browser.get("/huyen-thu/units/new").form("/units/new").fill(**values).submit(status=status)


def test_a_new_unit_gets_a_slug_of_its_own(world: World, focal: PageClient, session: Session) -> None:
    page = _new(focal, name="Ban Quản lý dự án", kind="office", valid_from="18/11/2026")
    assert page.path == "/huyen-thu/units/ban-quan-ly-du-an/edit"
    assert _new(focal, name="People", kind="external").path == "/huyen-thu/units/people-2/edit"
    unit = session.scalars(select(Unit).where(Unit.slug == "ban-quan-ly-du-an")).one()
    assert unit.valid_from == date(2026, 11, 18)
    assert [event.summary for event in audit.history(session, world.authority.id, "unit", unit.id)] == ["Thêm cơ quan, đơn vị “Ban Quản lý dự án”."]


def test_a_name_that_is_another_units_spelling_is_refused(world: World, focal: PageClient) -> None:
    page = _new(focal, status=400, name="phòng TC – KH.", kind="office")
    assert page.errors == ["“phòng TC – KH.” đã là tên hoặc cách viết của “Phòng Tài chính - Kế hoạch”; hai đơn vị không dùng chung một tên."]


def test_an_impossible_day_is_told_beside_its_field(world: World, focal: PageClient, session: Session) -> None:
    page = _new(focal, status=400, name="Ban mới", kind="office", valid_from="31/02/2026")
    assert page.errors == ["“31/02/2026” không phải là một ngày có thật; đồng chí viết như 02/12/2026."]
    assert unit_queries.resolve(session, "Ban mới") is None


def test_a_renamed_unit_still_answers_to_its_former_name(world: World, focal: PageClient, session: Session) -> None:
    path = f"/huyen-thu/units/{world.room.slug}/edit"
    focal.get(path).form("phong-noi-vu/edit").fill(name="Phòng Nội vụ - Lao động").submit()
    with scope.using(session, scope.one(world.authority.id)):
        found = unit_queries.resolve(session, "phòng nội vụ")
    assert found is not None
    assert (found.slug, found.name) == ("phong-noi-vu", "Phòng Nội vụ - Lao động")


def test_a_stale_form_shows_both_versions_and_saves_nothing(world: World, focal: PageClient, session: Session) -> None:
    path = f"/huyen-thu/units/{world.room.slug}/edit"
    first, second = focal.get(path), focal.get(path)
    first.form("phong-noi-vu/edit").fill(name="Phòng Nội vụ mới").submit()
    page = second.form("phong-noi-vu/edit").fill(name="Phòng Nội vụ khác").submit(status=409)
    rows = {row["Mục"]: (row["Bản đã lưu"], row["Bản của đồng chí"]) for row in page.table("Bản đã lưu")}
    assert rows["Tên"] == ("Phòng Nội vụ mới", "Phòng Nội vụ khác")
    session.expire_all()
    assert world.room.name == "Phòng Nội vụ mới"


def test_a_spelling_is_added_and_taken_away(world: World, focal: PageClient, session: Session) -> None:
    path = f"/huyen-thu/units/{world.room.slug}/edit"
    page = focal.get(path).form("/aliases").fill(alias="P. Nội vụ").submit()
    assert unit_queries.resolve(session, "p nội vụ") is not None
    assert "đã là một cách viết" in page.form("/aliases").fill(alias="P. Nội vụ").submit(status=400).main
    assert "hai đơn vị không dùng chung" in page.form("/aliases").fill(alias="Phòng TC-KH").submit(status=400).main
    page.form("/remove").submit()
    assert unit_queries.resolve(session, "p nội vụ") is None


def test_a_group_takes_in_and_lets_go_of_members(world: World, focal: PageClient, session: Session) -> None:
    path = f"/huyen-thu/units/{world.group.slug}/edit"
    page = focal.get(path).form("/members").fill(member=world.focal_unit.slug, valid_from="18/11/2026").submit()
    assert [row["Thành viên"] for row in page.table("Thành viên của nhóm")][-1] == "Phòng Văn hóa và Thông tin"
    again = page.form("/members").fill(member=world.focal_unit.slug, valid_from="19/11/2026").submit(status=400)
    assert "đã là thành viên của nhóm" in again.main
    row = session.scalars(select(GroupMember).where(GroupMember.member_id == world.focal_unit.id)).one()
    page.form(f"/members/{row.id}/end").submit()
    session.expire_all()
    assert row.valid_to == date(2026, 11, 18)
    members = unit_queries.members_of(session, [world.group.id, world.room.id], date(2026, 11, 19))
    assert [u.slug for u in members[world.group.id]] == ["phong-noi-vu", "phong-tai-chinh-ke-hoach"]
    assert members[world.room.id] == []


def test_a_group_is_no_member_and_a_room_has_none(world: World, focal: PageClient) -> None:
    page = focal.get(f"/huyen-thu/units/{world.group.slug}/edit")
    assert "Nhóm không làm thành viên" in page.form("/members").tamper(member=world.group.slug).submit(status=400).main
    token = page.form("/members").values["csrf_token"]
    data = {"csrf_token": token, "member": world.bank.slug, "valid_from": "18/11/2026"}
    focal.post(f"/huyen-thu/units/{world.room.slug}/members", data, status=400)


def test_an_ended_unit_leaves_its_groups_and_its_people_their_roles(world: World, focal: PageClient, session: Session) -> None:
    path = f"/huyen-thu/units/{world.room.slug}/edit"
    focal.get(path).form("/end").fill(last_day="30/11/2026").submit()
    session.expire_all()
    assert world.room.valid_to == date(2026, 11, 30)
    assert session.scalars(select(GroupMember.valid_to).where(GroupMember.member_id == world.room.id)).all() == [date(2026, 11, 30)]
    assert set(session.scalars(select(Membership.valid_to).where(Membership.unit_id == world.room.id))) == {date(2026, 11, 30)}
    assert unit_queries.people_of_unit(session, world.room.id, date(2026, 12, 1)) == []


def test_the_focal_unit_cannot_end(world: World, focal: PageClient, session: Session) -> None:
    page = focal.get(f"/huyen-thu/units/{world.focal_unit.slug}/edit")
    assert not page.has_form("/end")
    token = page.form("/aliases").values["csrf_token"]
    answer = focal.post(f"/huyen-thu/units/{world.focal_unit.slug}/end", {"csrf_token": token, "version": "1", "last_day": "30/11/2026"}, status=400)
    assert "chọn đầu mối khác" in answer.main or answer.status == 400


def test_settings_are_saved_with_their_old_values_in_the_history(world: World, admin: PageClient, session: Session) -> None:
    page = admin.get("/huyen-thu/settings")
    page.form("/settings").fill(due_soon_days="5", own_acceptance=False, focal_unit=world.room.slug).submit()
    session.expire_all()
    assert (world.authority.due_soon_days, world.authority.own_acceptance, world.authority.reminders_on) == (5, False, True)
    assert (world.room.focal, world.focal_unit.focal) == (True, False)
    event = audit.history(session, world.authority.id, "authority", world.authority.id)[0]
    assert event.changes == {"due_soon_days": [7, 5], "own_acceptance": [True, False], "focal_unit": ["phong-van-hoa-va-thong-tin", "phong-noi-vu"]}
    assert event.actor == "Quản trị, UBND huyện Thử"


def test_a_setting_out_of_bounds_and_a_stale_form_save_nothing(world: World, admin: PageClient, session: Session) -> None:
    page = admin.get("/huyen-thu/settings")
    wrong = page.form("/settings").fill(due_soon_days="0").submit(status=400)
    assert wrong.errors == ["“0” chưa đúng; đồng chí nhập số nguyên từ 1 đến 30."]
    page.form("/settings").fill(mend_days="4").submit()
    stale = page.form("/settings").fill(mend_days="9").submit(status=409)
    assert "Thiết lập vừa được người khác lưu" in stale.main
    session.expire_all()
    assert (world.authority.due_soon_days, world.authority.mend_days) == (7, 4)


def test_the_focal_point_has_no_hand_in_settings(world: World, focal: PageClient) -> None:
    focal.get("/huyen-thu/settings", status=403)


def test_people_of_units_come_heads_after_specialists(world: World, session: Session) -> None:
    add_membership(session, world.colleague, world.authority, Role.SPECIALIST, world.room)
    found = unit_queries.people_by_unit(session, [world.room.id, world.bank.id], date(2026, 11, 18))
    assert [(account.username, role) for account, role in found[world.room.id]] == [
        ("colleague@huyen-thu.test", Role.SPECIALIST),
        ("owner@huyen-thu.test", Role.SPECIALIST),
        (world.head.username, Role.HEAD),
    ]
    assert found[world.bank.id] == []
    assert [a.id for a in unit_queries.people_with_role(session, Role.CHAIR, date(2026, 11, 18))] == [world.chair.id]


def test_commands_list_authorities_and_units(world: World, command: Callable[..., Any]) -> None:
    listed = command("authorities", "--json")
    assert listed.exit_code == 0
    assert '"slug": "huyen-thu"' in listed.stdout
    units = command("units", "huyen-thu", "--json")
    assert '"members": ["phong-noi-vu", "phong-tai-chinh-ke-hoach"]' in units.stdout
    assert "Phòng TC-KH" in command("units", "huyen-thu").stdout
    refused = command("units", "khong-co", "--json")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "Không có cơ quan “khong-co”" in refused.stderr
    assert command("units").exit_code == 2
