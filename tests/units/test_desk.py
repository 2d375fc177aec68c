"""Who is let in, as whom: the gate's one question."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from sqlalchemy.orm import Session

from tests.factories import World, add_group, add_membership, add_unit
from tests.harness.queries import Counted
from tests.page_client import PageClient
from tracker.kernel.errors import NotFound
from tracker.units import access
from tracker.units.rules import Role

pytestmark = pytest.mark.db
DAY = date(2026, 11, 18)


def test_a_specialist_sees_the_units_and_the_groups_they_belong_to(world: World, session: Session) -> None:
    authority, viewer = access.desk_of(session, world.owner.id, "Chủ", world.slug, DAY)
    assert authority is world.authority
    assert viewer.roles == {Role.SPECIALIST}
    assert viewer.unit_ids == {world.room.id}
    assert viewer.group_ids == {world.group.id}
    assert viewer.head_unit_ids == frozenset()
    assert viewer.title == "Chuyên viên, Phòng Nội vụ"


def test_rights_of_several_memberships_add_up(world: World, session: Session) -> None:
    add_membership(session, world.owner, world.authority, Role.HEAD, world.other_room)
    add_membership(session, world.owner, world.authority, Role.FOCAL)
    _authority, viewer = access.desk_of(session, world.owner.id, "Chủ", world.slug, DAY)
    assert viewer.roles == {Role.SPECIALIST, Role.HEAD, Role.FOCAL}
    assert viewer.unit_ids == {world.room.id, world.other_room.id}
    assert viewer.head_unit_ids == {world.other_room.id}
    assert viewer.title == "Đầu mối, Phòng Văn hóa và Thông tin"


def test_a_stranger_a_former_and_a_coming_member_and_nobody_are_told_alike(world: World, session: Session) -> None:
    former = add_membership(session, world.stranger, world.authority, Role.CHAIR, valid_to=date(2026, 11, 17))
    cases = [
        (world.stranger.id, world.slug, DAY),
        (world.owner.id, "khong-co", DAY),
        (10**9, world.slug, DAY),
        (world.owner.id, world.slug, date(2025, 12, 31)),
    ]
    for account_id, slug, day in cases:
        with pytest.raises(NotFound):
            access.desk_of(session, account_id, "Ai đó", slug, day)
    former.valid_to = DAY
    session.flush()
    access.desk_of(session, world.stranger.id, "Ai đó", world.slug, DAY)


def test_people_of_the_authority_above_do_not_get_in_here(world: World, session: Session) -> None:
    world.authority.parent_id = world.elsewhere.id
    session.flush()
    with pytest.raises(NotFound):
        access.desk_of(session, world.foreign_focal.id, "Cấp trên", world.slug, DAY)


def test_a_switched_off_account_has_no_desk(world: World, session: Session) -> None:
    world.owner.active = False
    session.flush()
    with pytest.raises(NotFound):
        access.desk_of(session, world.owner.id, "Chủ", world.slug, DAY)


def test_the_desk_costs_one_read_however_many_memberships(
    world: World, session: Session, queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    rooms = [add_unit(session, world.authority, f"Phòng {n}") for n in range(5)]
    for room in rooms:
        add_membership(session, world.owner, world.authority, Role.SPECIALIST, room)
    add_group(session, world.authority, "Các phòng", rooms)
    session.commit()
    account_id, slug = world.owner.id, world.slug
    with queries() as counted:
        access.desk_of(session, account_id, "Chủ", slug, DAY)
    assert counted.number == 1


def test_pages_of_another_authority_do_not_exist_for_a_stranger(world: World, sign_in: Callable[..., PageClient]) -> None:
    stranger = sign_in(world.foreign_focal.username)
    slug, account_id = world.slug, world.owner.id
    for path in (
        "units",
        "units.xlsx",
        "units/new",
        f"units/{world.room.slug}/edit",
        "people",
        "people.xlsx",
        f"people/{account_id}",
        "people/import",
        "settings",
    ):
        stranger.get(f"/{slug}/{path}", status=404)
    stranger.get(f"/{world.elsewhere.slug}/people/{account_id}", status=404)
    stranger.get(f"/{world.elsewhere.slug}/units/phong-tai-chinh-ke-hoach/edit", status=404)


def test_a_specialist_reads_units_but_manages_nothing(world: World, sign_in: Callable[..., PageClient]) -> None:
    browser = sign_in(world.owner.username)
    page = browser.get(f"/{world.slug}/units")
    assert not page.has_link("Sửa")
    assert world.owner.email not in page.main
    for path in ("units/new", f"units/{world.room.slug}/edit", "people", "people.xlsx", "settings"):
        browser.get(f"/{world.slug}/{path}", status=403)
