"""Units that are renamed, merged, split, dissolved: nothing is deleted, history stays under the old name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World, add_membership, add_unit
from tests.page_client import PageClient
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.kernel import clock, scope
from tracker.kernel.errors import Refused, Stale
from tracker.units import jobs, queries, succession_access, succession_service
from tracker.units import succession_queries as successions
from tracker.units.models import GroupMember, Membership, Unit
from tracker.units.rules import Role, UnitKind
from tracker.units.succession_models import Succession, UnitName
from tracker.units.succession_queries import SuccessionRow
from tracker.units.succession_rules import ENDED_WORDS, KIND_WORDS, STATE_WORDS, SuccessionKind, SuccessionState, problem
from tracker.units.succession_service import Change

pytestmark = pytest.mark.db

SignIn = Callable[[str], PageClient]
OnDay = Callable[[str], None]
PAPER = "Nghị quyết 12/NQ-HĐND ngày 20/10/2026"


def change(
    session: Session, world: World, kind: SuccessionKind, old: list[Unit], new: list[Unit], on: date = date(2026, 11, 1), **more: object
) -> SuccessionRow:
    """What the focal point records."""
    found = Change(kind, on, str(more.pop("document", PAPER)), **more)  # type: ignore[arg-type]
    return succession_service.record(session, Actor(world.focal.id, "Đầu mối"), world.authority.id, found, old, new, clock.now())


def again(session: Session, row: SuccessionRow) -> SuccessionRow:
    return succession_access.succession(session, row.succession.id)


def test_a_rename_makes_a_dated_name_and_no_new_unit(session: Session, world: World, sign_in: SignIn) -> None:
    before = session.scalars(select(Unit.id).order_by(Unit.id)).all()
    events = session.scalars(select(AuditEvent.summary).order_by(AuditEvent.id)).all()
    change(session, world, SuccessionKind.RENAME, [world.room], [], new_name="Phòng Nội vụ và Lao động", new_short_name="Phòng NV-LĐ")
    session.commit()
    assert session.scalars(select(Unit.id).order_by(Unit.id)).all() == before
    assert (world.room.name, world.room.slug) == ("Phòng Nội vụ và Lao động", "phong-noi-vu")
    assert [(n.name, n.valid_from, n.valid_to, n.document) for n in successions.names_of(session, world.room.id)] == [
        ("Phòng Nội vụ và Lao động", date(2026, 11, 1), None, PAPER),
        ("Phòng Nội vụ", date(2026, 1, 1), date(2026, 10, 31), None),
    ]
    assert successions.name_on(session, world.room, date(2026, 10, 31)) == "Phòng Nội vụ"
    assert successions.name_on(session, world.room, date(2026, 11, 1)) == "Phòng Nội vụ và Lao động"
    with scope.using(session, scope.one(world.authority.id)):
        assert queries.resolve(session, "PHÒNG NỘI VỤ") is world.room, "papers with the old name still find the unit"
        assert queries.resolve(session, "Phòng NV-LĐ") is world.room
    assert session.scalars(select(AuditEvent.summary).order_by(AuditEvent.id)).all()[: len(events)] == events, "history keeps its words"
    page = sign_in(world.focal.username).get(f"/{world.slug}/units/{world.room.slug}")
    assert "01/01/2026 – 31/10/2026" in page.main
    assert PAPER in page.main


def test_a_second_rename_closes_the_first_and_a_mended_name_keeps_its_days(session: Session, world: World, sign_in: SignIn) -> None:
    change(session, world, SuccessionKind.RENAME, [world.room], [], date(2026, 3, 1), new_name="Phòng A")
    change(session, world, SuccessionKind.RENAME, [world.room], [], date(2026, 11, 1), new_name="Phòng B")
    session.commit()
    page = sign_in(world.focal.username).get(f"/{world.slug}/units/{world.room.slug}/edit")
    page.form("/edit").fill(name="Phòng Bê").submit("Lưu")
    session.expire_all()
    named = successions.names_of(session, world.room.id)
    assert [(n.name, n.valid_to) for n in named] == [("Phòng Bê", None), ("Phòng A", date(2026, 10, 31)), ("Phòng Nội vụ", date(2026, 2, 28))]
    with pytest.raises(Refused, match="sau ngày ấy"):
        change(session, world, SuccessionKind.RENAME, [world.room], [], date(2026, 10, 1), new_name="Phòng C")


def test_merging_ends_the_old_units_with_their_places_and_roles_the_day_before(session: Session, world: World) -> None:
    row = change(session, world, SuccessionKind.MERGE, [world.room, world.other_room], [], new_units=("Phòng Tổng hợp", " Phòng Tổng hợp ", ""))
    session.commit()
    (made,) = again(session, row).successors
    assert (made.name, made.kind, made.valid_from, made.valid_to) == ("Phòng Tổng hợp", UnitKind.OFFICE, date(2026, 11, 1), None)
    assert {world.room.valid_to, world.other_room.valid_to} == {date(2026, 10, 31)}
    assert set(session.scalars(select(GroupMember.valid_to).where(GroupMember.group_id == world.group.id))) == {date(2026, 10, 31)}
    assert set(session.scalars(select(Membership.valid_to).where(Membership.unit_id == world.room.id))) == {date(2026, 10, 31)}
    (heir,) = successions.heirs(session, [world.room.id])[world.room.id]
    assert heir.names == ("Phòng Tổng hợp",)
    summaries = session.scalars(select(AuditEvent.summary).where(AuditEvent.action == "unit.succession_applied")).all()
    assert len(summaries) == 3, "one for each unit"
    assert all(PAPER in words for words in summaries)


def test_a_unit_that_takes_the_others_in_goes_on(session: Session, world: World) -> None:
    change(session, world, SuccessionKind.MERGE, [world.room, world.other_room], [world.room])
    assert (world.room.valid_to, world.other_room.valid_to) == (None, date(2026, 10, 31))


def test_a_split_and_a_transfer_and_a_dissolution(session: Session, world: World) -> None:
    a, b = (add_unit(session, world.authority, name) for name in ("Ấp A", "Ấp B"))
    change(session, world, SuccessionKind.TRANSFER, [a], [b])
    assert (a.valid_to, b.valid_to) == (None, None)
    change(session, world, SuccessionKind.SPLIT, [world.room], [a, b])
    assert world.room.valid_to == date(2026, 10, 31)
    change(session, world, SuccessionKind.DISSOLVE, [world.other_room], [])
    assert world.other_room.valid_to == date(2026, 10, 31)
    assert session.scalars(select(Unit).where(Unit.id == world.room.id)).one(), "never deleted"


def test_what_cannot_be_is_refused_with_the_field(session: Session, world: World) -> None:
    a = add_unit(session, world.authority, "Ấp A", valid_from=date(2026, 12, 1))
    wrong: list[tuple[SuccessionKind, list[Unit], list[Unit], str, dict[str, object]]] = [
        (SuccessionKind.RENAME, [world.room], [], "new_name", {}),
        (SuccessionKind.RENAME, [world.room], [], "new_name", {"new_name": "Phòng TC-KH"}),
        (SuccessionKind.MERGE, [], [world.room], "predecessors", {}),
        (SuccessionKind.MERGE, [world.room], [], "successors", {}),
        (SuccessionKind.MERGE, [world.room], [world.room], "successors", {}),
        (SuccessionKind.MERGE, [world.room], [a], "successors", {}),
        (SuccessionKind.SPLIT, [world.room], [world.other_room], "successors", {}),
        (SuccessionKind.SPLIT, [world.room, world.bank], [a, world.other_room], "successors", {}),
        (SuccessionKind.DISSOLVE, [world.focal_unit], [], "predecessors", {}),
        (SuccessionKind.DISSOLVE, [world.group], [], "predecessors", {}),
        (SuccessionKind.MERGE, [world.room], [], "new_units", {"new_units": ("Phòng TC-KH",)}),
        (SuccessionKind.DISSOLVE, [world.room], [], "document", {"document": "  "}),
        (SuccessionKind.DISSOLVE, [world.room], [], "effective_on", {"on": date(2026, 1, 1)}),
        (SuccessionKind.DISSOLVE, [world.room], [], "effective_on", {"on": date(2036, 1, 1)}),
    ]
    session.commit()
    for kind, old, new, field, more in wrong:
        with pytest.raises(Refused) as refusal:
            change(session, world, kind, old, new, **more)  # type: ignore[arg-type]
        assert refusal.value.field == field, (kind, more, refusal.value.message)
        session.rollback()


def test_a_change_to_come_waits_for_its_morning_and_the_job_carries_it_out_once(app: Flask, session: Session, world: World, on_day: OnDay) -> None:
    row = change(session, world, SuccessionKind.MERGE, [world.room], [world.other_room], date(2026, 12, 1))
    renamed = change(session, world, SuccessionKind.RENAME, [world.bank], [], date(2026, 12, 1), new_name="Ngân hàng Mới")
    session.commit()
    assert (row.state, world.room.valid_to) == (SuccessionState.WAITING, None)
    with pytest.raises(Refused, match="Chưa đến ngày"):
        succession_service.apply(session, Actor(world.focal.id, "Đầu mối"), row, clock.now())
    with pytest.raises(Refused, match="đang chờ"):
        change(session, world, SuccessionKind.DISSOLVE, [world.room], [])
    session.rollback()
    assert jobs.apply_due(app) == 0
    on_day("2026-12-01T06:00")
    assert jobs.apply_due(app) == 2
    assert jobs.apply_due(app) == 0
    session.expire_all()
    scope.choose(session, scope.whole("a test"))
    assert again(session, row).state is SuccessionState.APPLIED
    assert world.room.valid_to == date(2026, 11, 30)
    assert world.bank.name == "Ngân hàng Mới"
    assert again(session, renamed).state is SuccessionState.APPLIED


def test_one_change_that_cannot_be_carried_out_does_not_hold_up_the_others(app: Flask, session: Session, world: World, on_day: OnDay) -> None:
    change(session, world, SuccessionKind.RENAME, [world.bank], [], date(2026, 12, 1), new_name="Ngân hàng Mới")
    change(session, world, SuccessionKind.DISSOLVE, [world.room], [], date(2026, 12, 1))
    session.add(UnitName(authority_id=world.authority.id, unit_id=world.bank.id, name="Ngân hàng", short_name=None, valid_from=date(2026, 12, 1)))
    session.commit()
    on_day("2026-12-01T06:00")
    assert jobs.apply_due(app) == 1
    session.expire_all()
    assert world.room.valid_to == date(2026, 11, 30)


def test_calling_off_before_the_day_and_undoing_on_the_day(session: Session, world: World, on_day: OnDay) -> None:
    focal = Actor(world.focal.id, "Đầu mối")
    coming = change(session, world, SuccessionKind.DISSOLVE, [world.bank], [], date(2026, 12, 1))
    succession_service.undo(session, focal, coming, coming.succession.version, clock.now())
    assert again(session, coming).state is SuccessionState.UNDONE
    add_membership(session, world.viewer, world.authority, Role.SPECIALIST, world.room, valid_from=date(2026, 12, 5))
    before = {m.id: m.valid_to for m in session.scalars(select(Membership))} | {-m.id: m.valid_to for m in session.scalars(select(GroupMember))}
    merged = change(session, world, SuccessionKind.MERGE, [world.room], [world.other_room])
    renamed = change(session, world, SuccessionKind.RENAME, [world.other_room], [], new_name="Phòng Mới")
    session.commit()
    with pytest.raises(Stale):
        succession_service.undo(session, focal, merged, 99, clock.now())
    for row in (merged, renamed):
        succession_service.undo(session, focal, again(session, row), row.succession.version, clock.now())
    session.commit()
    assert (world.room.valid_to, world.other_room.name) == (None, "Phòng Tài chính - Kế hoạch")
    after = {m.id: m.valid_to for m in session.scalars(select(Membership))} | {-m.id: m.valid_to for m in session.scalars(select(GroupMember))}
    assert after == before
    assert successions.names_of(session, world.other_room.id) == []
    assert successions.heirs(session, [world.room.id])[world.room.id] == [], "nobody followed it after all"
    late = change(session, world, SuccessionKind.MERGE, [world.room], [world.other_room])
    session.commit()
    on_day("2026-11-19")
    with pytest.raises(Refused, match="trong ngày"):
        succession_service.undo(session, focal, late, late.succession.version, clock.now())


def test_the_pages_record_show_and_call_off(session: Session, world: World, sign_in: SignIn) -> None:
    focal = sign_in(world.focal.username)
    page = focal.get(f"/{world.slug}/successions")
    assert "Chưa ghi nhận thay đổi nào." in page.main
    page = page.link(KIND_WORDS[SuccessionKind.MERGE]).follow()
    assert "Đồng chí ghi văn bản căn cứ" in page.form("/new").fill(predecessors=[world.room.slug]).submit("Ghi nhận", status=400).main
    wrong = page.form("/new").fill(predecessors=[world.room.slug], document=PAPER).submit("Ghi nhận", status=400)
    assert "chọn đơn vị nhận" in wrong.main
    page = (
        wrong.form("/new")
        .fill(predecessors=[world.room.slug], new_units="Phòng Tổng hợp", effective_on="01/12/2026", document=PAPER)
        .submit("Ghi nhận")
    )
    assert "Chờ đến ngày" in page.main
    stale = page.form("/undo")
    (one,) = session.scalars(select(Succession)).all()
    one.note = "thêm"
    session.commit()
    stale.submit(status=409)
    page = focal.get(f"/{world.slug}/successions").form("/undo").submit("Hủy")
    assert "Đã hủy" in page.main
    assert not page.has_form("/undo")
    for person in (world.owner, world.chair, world.viewer):
        sign_in(person.username).get(f"/{world.slug}/successions", status=403)


def test_every_kind_has_its_words_and_its_rule() -> None:
    assert set(KIND_WORDS) == set(ENDED_WORDS) == set(SuccessionKind)
    assert set(STATE_WORDS) == set(SuccessionState)
    assert problem(SuccessionKind.RENAME, [1, 2], [], "Mới") is not None
    assert problem(SuccessionKind.SPLIT, [1], [1, 2], "") is None, "what stays may go on beside the new one"
    assert problem(SuccessionKind.TRANSFER, [1], [1], "") is not None
    assert problem(SuccessionKind.DISSOLVE, [1], [1], "") is not None
    assert problem(SuccessionKind.MERGE, [1, 2], [3, 4], "") is None, "many to many"
