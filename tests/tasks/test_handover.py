"""Handing over: what moves keeps its id, deadline, evidence and history; what was done stays; the way back is open the same day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Barrier

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.factories import World, add_group, add_indicator, add_membership, add_person, add_rule, add_unit, assign, open_yearly
from tests.page_client import PageClient
from tracker.assignments import queries as assignments
from tracker.assignments import service as assigning
from tracker.assignments.models import Assignment, Cooperation
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.deadlines.models import Round
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.kernel.errors import Refused, Stale
from tracker.tasks import handover_access, handover_service, rounds
from tracker.tasks import service as tasks
from tracker.tasks.handover_models import Handover
from tracker.tasks.handover_queries import Item, Source, left_behind
from tracker.tasks.handover_rules import LineKind, Ticket
from tracker.tasks.handover_service import Choice, Wish
from tracker.tasks.models import Task
from tracker.tasks.rules import Fulfilment, Move
from tracker.units import succession_service
from tracker.units.models import GroupMember, Membership, Unit
from tracker.units.rules import Role, UnitKind
from tracker.units.succession_rules import SuccessionKind
from tracker.units.succession_service import Change

pytestmark = pytest.mark.db

SignIn = Callable[[str], PageClient]
OnDay = Callable[[str], None]
SINCE = date(2026, 11, 1)


def offered(session: Session, world: World, source: Source, since: date = SINCE) -> list[Item]:
    return handover_access.offered(session, world.authority, source, since, clock.today())


def hand_over(
    session: Session,
    world: World,
    unit: Unit,
    target: Unit,
    *,
    kinds: Sequence[LineKind] = tuple(LineKind),
    only: Sequence[int] = (),
    since: date = SINCE,
) -> Handover:
    """Everything that can move, of some kinds or some tasks."""
    source = Source(unit=unit)
    items = [i for i in offered(session, world, source, since) if i.kind in kinds and (not only or (i.kind is LineKind.TASK and i.ticket.id in only))]
    wish = Wish(source, since, "Sáp nhập đơn vị", "Nghị quyết 12")
    choices = [Choice(item.ticket, target.id) for item in items]
    free = [p.item.ticket for p in handover_service.preview(session, wish, items, choices, clock.today()) if p.why_not is None]
    choices = [choice for choice in choices if choice.ticket in free]
    return handover_service.commit(session, world.authority.id, wish, items, choices, focal(world), clock.now())


def focal(world: World) -> Actor:
    return Actor(world.focal.id, "Đầu mối, Phòng Văn hóa và Thông tin")


def undo(session: Session, one: Handover, world: World) -> None:
    handover_service.undo(session, one, handover_access.source_of(session, one), one.version, focal(world), clock.now())


def events(session: Session, task: Task) -> list[str]:
    return list(
        session.scalars(select(AuditEvent.summary).where(AuditEvent.subject_type == "task", AuditEvent.subject_id == task.id).order_by(AuditEvent.id))
    )


def test_a_moved_task_keeps_everything_but_its_unit(session: Session, world: World) -> None:
    task, target = world.task, add_unit(session, world.authority, "Phòng Tổng hợp")
    tasks.begin(session, task, Actor(world.owner.id, "Chuyên viên, Phòng Nội vụ"), clock.now())
    task.extended_to_on = date(2026, 11, 25)
    session.flush()
    kept = (task.id, task.round_id, task.indicator_id, task.assignment_id, task.status, task.extended_to_on, task.submitted_on)
    helpers = session.scalars(select(Cooperation.unit_id).where(Cooperation.assignment_id == task.assignment_id)).all()
    before = events(session, task)
    one = hand_over(session, world, world.room, target, kinds=[LineKind.TASK])
    session.commit()
    assert task.unit_id == target.id
    assert (task.id, task.round_id, task.indicator_id, task.assignment_id, task.status, task.extended_to_on, task.submitted_on) == kept
    assert session.scalars(select(Cooperation.unit_id).where(Cooperation.assignment_id == task.assignment_id)).all() == helpers
    after = events(session, task)
    assert after[: len(before)] == before
    assert after[-1] == "Chuyển từ Phòng Nội vụ sang Phòng Tổng hợp từ 01/11/2026: Sáp nhập đơn vị (theo Nghị quyết 12)"
    told = select(AuditEvent.subject_type, AuditEvent.subject_id).where(AuditEvent.action == "handover.committed")
    assert sorted(session.execute(told).all()) == sorted([("unit", world.room.id), ("unit", target.id)])
    assert (one.reason, one.document) == ("Sáp nhập đơn vị", "Nghị quyết 12")


def test_what_was_handed_in_stays_with_who_did_it(session: Session, world: World, sign_in: SignIn) -> None:
    target = add_unit(session, world.authority, "Phòng Tổng hợp")
    done = next(t for t in world.tasks if t.unit_id == world.room.id and t is not world.task)
    tasks.mark_ready(session, done, Fulfilment(True), Actor(world.owner.id, "Chuyên viên"), clock.now(), needs_head=False, is_head=False)
    session.commit()
    page = sign_in(world.focal.username).get(f"/{world.slug}/handovers/new?unit={world.room.slug}&on=2026-11-01")
    assert "1 nhiệm vụ đã nộp hoặc không tính ở lại với Phòng Nội vụ." in page.main
    hand_over(session, world, world.room, target)
    assert (done.unit_id, world.task.unit_id) == (world.room.id, target.id)


def test_coming_rounds_go_to_the_successor_and_the_old_assignment_stays(session: Session, world: World, on_day: OnDay) -> None:
    target = add_unit(session, world.authority, "Phòng Tổng hợp")
    led = session.scalars(select(Assignment).where(Assignment.lead_unit_id == world.room.id, Assignment.authority_id == world.authority.id)).one()
    one = hand_over(session, world, world.room, target, kinds=[LineKind.LEAD, LineKind.COOPERATION])
    session.commit()
    assert (led.valid_to, led.lead_unit_id) == (date(2026, 10, 31), world.room.id)
    (now,) = assignments.of_indicator(session, world.authority.id, led.indicator_id, SINCE)
    assert (now.lead, now.assignment.valid_from) == (target, SINCE)
    assert [unit.id for unit in now.cooperators] == [world.other_room.id]
    later = open_yearly(session, add_rule(session, world.notice, [world.indicators], slug="sau", month=12, day=20), day=date(2026, 11, 18))
    got = session.scalars(select(Task.unit_id).where(Task.round_id == later.id, Task.indicator_id == led.indicator_id)).all()
    assert got == [target.id]
    with pytest.raises(Refused, match="đã có đợt giao nhiệm vụ"):
        undo(session, one, world)


def test_a_cooperator_is_succeeded_too_and_a_lead_does_not_help_itself(session: Session, world: World) -> None:
    hand_over(session, world, world.other_room, world.focal_unit, kinds=[LineKind.COOPERATION])
    (row,) = assignments.of_indicator(session, world.authority.id, world.leaves[0].id, SINCE)
    assert [unit.id for unit in row.cooperators] == [world.focal_unit.id]
    hand_over(session, world, world.focal_unit, world.room, kinds=[LineKind.COOPERATION], since=date(2026, 11, 10))
    (row,) = assignments.of_indicator(session, world.authority.id, world.leaves[0].id, date(2026, 11, 10))
    assert (row.lead, row.cooperators) == (world.room, ())


def test_what_cannot_move_says_why_and_stays(session: Session, world: World, sign_in: SignIn) -> None:
    """Both rooms have 1.3 through the group: merged, one of the two has no place."""
    page = (
        sign_in(world.focal.username)
        .get(f"/{world.slug}/handovers")
        .form("/handovers/new")
        .fill(unit=world.room.slug, on="01/11/2026")
        .submit("Chọn việc")
    )
    page = page.form("/new").fill(target=str(world.other_room.id), reason="Sáp nhập").submit("Xem trước")
    assert "đã có nhiệm vụ của chỉ số này trong đợt" in page.main
    assert "Không áp dụng" in page.main
    stuck = next(t for t in world.tasks if t.unit_id == world.room.id and t.group_id)
    page = page.form("/new").submit("Chuyển giao 2 mục")
    session.expire_all()
    assert (world.task.unit_id, stuck.unit_id) == (world.other_room.id, world.room.id)
    assert "Hoàn tác được đến hết hôm nay" in page.main
    with pytest.raises(Refused, match="đã có nhiệm vụ"):
        items = offered(session, world, Source(unit=world.room))
        wish = Wish(Source(unit=world.room), SINCE, "Sáp nhập", "")
        handover_service.commit(session, world.authority.id, wish, items, [Choice(items[0].ticket, world.other_room.id)], focal(world), clock.now())


def test_a_target_that_ended_a_group_and_oneself_cannot_receive(session: Session, world: World) -> None:
    gone = add_unit(session, world.authority, "Phòng Đã Giải Thể")
    later = add_unit(session, world.authority, "Phòng Mai Sau", valid_from=date(2026, 12, 1))
    change = Change(SuccessionKind.MERGE, date(2026, 10, 1), "Quyết định 1")
    succession_service.record(session, focal(world), world.authority.id, change, [gone], [world.other_room], clock.now())
    items = offered(session, world, Source(unit=world.room))
    wish = Wish(Source(unit=world.room), SINCE, "Sáp nhập", "")
    for target, words in (
        (gone, "đơn vị nhận: Phòng Tài chính - Kế hoạch"),
        (later, "01/12/2026"),
        (world.group, "không phải nhóm"),
        (world.room, "khác"),
    ):
        (line, *_) = handover_service.preview(session, wish, items, [Choice(items[0].ticket, target.id)], clock.today())
        assert words in (line.why_not or ""), target.name
    (line,) = handover_service.preview(session, wish, items, [Choice(items[0].ticket, None)], clock.today())
    assert "Chưa chọn nơi nhận" in (line.why_not or "")
    for wrong in (date(2026, 11, 19), date(2025, 1, 1)):
        with pytest.raises(Refused) as refusal:
            handover_service.preview(session, replace(wish, effective_on=wrong), items, [], clock.today())
        assert refusal.value.field == "effective_on"
    for missing, field in ((replace(wish, reason=" "), "reason"), (wish, "lines")):
        with pytest.raises(Refused) as refusal:
            handover_service.commit(session, world.authority.id, missing, items, [], focal(world), clock.now())
        assert refusal.value.field == field


def test_undo_puts_everything_back_the_same_day(session: Session, world: World, sign_in: SignIn) -> None:
    def picture() -> object:
        session.expire_all()
        rows = session.execute(
            select(Assignment.id, Assignment.lead_unit_id, Assignment.valid_from, Assignment.valid_to).order_by(Assignment.id)
        ).all()
        helpers = session.execute(
            select(Cooperation.assignment_id, Cooperation.unit_id).order_by(Cooperation.assignment_id, Cooperation.unit_id)
        ).all()
        places = session.execute(select(GroupMember.id, GroupMember.member_id, GroupMember.valid_to).order_by(GroupMember.id)).all()
        roles = session.execute(select(Membership.id, Membership.unit_id, Membership.valid_to).order_by(Membership.id)).all()
        return [(t.id, t.unit_id, t.status) for t in world.tasks], rows, helpers, places, roles

    target = add_unit(session, world.authority, "Phòng Tổng hợp")
    change = Change(SuccessionKind.MERGE, SINCE, "Nghị quyết 12")
    succession_service.record(session, focal(world), world.authority.id, change, [world.room], [target], clock.now())
    session.commit()
    before = picture()
    one = hand_over(session, world, world.room, target)
    session.commit()
    assert picture() != before
    assert session.scalars(select(GroupMember).where(GroupMember.member_id == target.id)).one().valid_from == SINCE
    assert {m.account_id for m in session.scalars(select(Membership).where(Membership.unit_id == target.id))} == {world.owner.id, world.head.id}
    page = sign_in(world.focal.username).get(f"/{world.slug}/handovers/{one.id}").form("/undo").submit("Hoàn tác")
    assert "đã được hoàn tác" in page.main
    assert picture() == before
    assert not page.has_form("/undo")
    assert events(session, world.task)[-1] == "Hoàn tác chuyển giao: về lại Phòng Nội vụ."


def test_undo_is_refused_after_work_and_on_another_day(session: Session, world: World, sign_in: SignIn, on_day: OnDay) -> None:
    target = add_unit(session, world.authority, "Phòng Tổng hợp")
    one = hand_over(session, world, world.room, target)
    session.commit()
    button = sign_in(world.focal.username).get(f"/{world.slug}/handovers/{one.id}").form("/undo")
    tasks.begin(session, world.task, Actor(None, "Chuyên viên, Phòng Tổng hợp"), clock.now())
    session.commit()
    page = button.submit(status=400)
    assert "đã làm tiếp nhiệm vụ này" in page.main
    session.expire_all()
    assert world.task.unit_id == target.id, "all or nothing"
    assert session.get_one(Handover, one.id).undone_at is None
    on_day("2026-11-19")
    with pytest.raises(Refused, match="trong ngày 18/11/2026"):
        undo(session, one, world)


def test_handing_on_what_was_received_forbids_undoing_the_first(session: Session, world: World) -> None:
    a, b = (add_unit(session, world.authority, name) for name in ("Phòng A", "Phòng B"))
    first = hand_over(session, world, world.room, a)
    second = hand_over(session, world, a, b)
    session.commit()
    with pytest.raises(Refused, match="không hoàn tác được"):
        undo(session, first, world)
    session.rollback()
    undo(session, second, world)
    session.commit()
    with pytest.raises(Refused, match="không hoàn tác được"):
        undo(session, first, world)


def test_a_person_hands_over_their_roles(session: Session, world: World, sign_in: SignIn) -> None:
    page = sign_in(world.focal.username).get(f"/{world.slug}/handovers/new?person={world.owner.id}&on=18/11/2026")
    page = page.form("/new").fill(target=str(world.colleague.id), reason="Luân chuyển").submit("Xem trước")
    page = page.form("/new").submit("Chuyển giao 1 mục")
    session.expire_all()
    old, new = session.scalars(
        select(Membership).where(Membership.unit_id == world.room.id, Membership.role == Role.SPECIALIST).order_by(Membership.id)
    ).all()
    assert (old.account_id, old.valid_to) == (world.owner.id, date(2026, 11, 17))
    assert (new.account_id, new.role, new.valid_from, new.valid_to) == (world.colleague.id, Role.SPECIALIST, date(2026, 11, 18), None)
    sign_in(world.colleague.username).get(f"/{world.slug}/tasks/{world.task.id}")
    sign_in(world.owner.username).get(f"/{world.slug}/tasks/{world.task.id}", status=404)
    page.form("/undo").submit("Hoàn tác")
    sign_in(world.owner.username).get(f"/{world.slug}/tasks/{world.task.id}")
    sign_in(world.colleague.username).get(f"/{world.slug}/tasks/{world.task.id}")  # helps with it


def test_a_form_opened_before_another_handed_over_answers_409(session: Session, world: World, sign_in: SignIn) -> None:
    target = add_unit(session, world.authority, "Phòng Tổng hợp")
    session.commit()
    page = sign_in(world.focal.username).get(f"/{world.slug}/handovers/new?unit={world.room.slug}&on=2026-11-01")
    page = page.form("/new").fill(target=str(target.id), reason="Sáp nhập").submit("Xem trước")
    tasks.begin(session, world.task, Actor(None, "Chuyên viên"), clock.now())
    session.commit()
    assert "1 mục đã thay đổi" in page.form("/new").submit("Chuyển giao 3 mục", status=409).main
    session.expire_all()
    assert world.task.unit_id == world.room.id


def test_two_hand_overs_of_the_same_task_one_wins_and_the_other_is_told(session: Session, world: World, app: Flask) -> None:
    targets = [add_unit(session, world.authority, name).id for name in ("Phòng A", "Phòng B")]
    room_id, task_id, version, authority_id, person = world.room.id, world.task.id, world.task.version, world.authority.id, world.focal.id
    session.commit()
    together = Barrier(2, timeout=30)

    def try_it(target: int) -> int:
        with app.app_context(), writing():
            mine = db.session()
            scope.choose(mine, scope.one(authority_id))
            together.wait()
            try:
                unit = mine.scalars(select(Unit).where(Unit.id == room_id)).one()
                ticket = Ticket(LineKind.TASK, task_id, version)
                wish = Wish(Source(unit=unit), SINCE, "Sáp nhập", "")
                item = Item(ticket, "1.1", "")
                handover_service.commit(mine, authority_id, wish, [item], [Choice(ticket, target)], Actor(person, "Đầu mối"), clock.now())
                db.session.commit()
            except (Stale, StaleDataError):
                db.session.rollback()
                return 0
            finally:
                db.session.remove()
            return target

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(try_it, targets))
    session.expire_all()
    assert sorted(answers)[0] == 0
    assert world.task.unit_id == sorted(answers)[1]
    assert session.scalar(select(func.count(Handover.id))) == 1


def test_a_round_that_closed_keeps_its_tasks(session: Session, world: World) -> None:
    target = add_unit(session, world.authority, "Phòng Tổng hợp")
    items = offered(session, world, Source(unit=world.room))
    rounds.close(session, world.round, focal(world), clock.now())
    wish = Wish(Source(unit=world.room), SINCE, "Sáp nhập", "")
    with pytest.raises(Refused, match="đã đóng"):
        handover_service.commit(session, world.authority.id, wish, items, [Choice(items[0].ticket, target.id)], focal(world), clock.now())
    assert all(item.kind is not LineKind.TASK for item in offered(session, world, Source(unit=world.room)))


def test_only_who_manages_assignments_hands_over(world: World, sign_in: SignIn) -> None:
    for person in (world.focal, world.admin):
        sign_in(person.username).get(f"/{world.slug}/handovers")
    for person in (world.owner, world.head, world.chair, world.viewer):
        sign_in(person.username).get(f"/{world.slug}/handovers", status=403)
    client = sign_in(world.focal.username)
    client.get(f"/{world.slug}/handovers/new?unit=khong-co&on=2026-11-01", status=404)
    assert "không phải là một ngày có thật" in client.get(f"/{world.slug}/handovers/new?unit={world.room.slug}&on=31/02/2026", status=400).main
    assert "chưa đến" in client.get(f"/{world.slug}/handovers/new?unit={world.room.slug}&on=19/11/2026", status=400).main
    page = client.get(f"/{world.slug}/handovers/new?unit={world.room.slug}&on=01/11/2026&spread=each")
    assert "ít nhất một mục" in page.form("/new").fill(reason="Sáp nhập", lines=[]).submit("Xem trước", status=400).main
    client.get(f"/{world.slug}/handovers/new?unit={world.bank.slug}&on=01/11/2026&spread=main")


# A unit that has ended gets nothing new


def test_an_ended_lead_gets_no_new_task_its_one_successor_does(session: Session, world: World) -> None:
    target = add_unit(session, world.authority, "Phòng Tổng hợp")
    record = succession_service.record
    record(session, focal(world), world.authority.id, Change(SuccessionKind.MERGE, SINCE, "NQ 12"), [world.room], [target], clock.now())
    record(session, focal(world), world.authority.id, Change(SuccessionKind.DISSOLVE, SINCE, "NQ 13"), [world.bank], [], clock.now())
    add_rule(session, world.notice, [world.indicators], slug="sau", month=12, day=20)
    opened = rounds.open_due(session, date(2026, 11, 18), focal(world), clock.now())
    one = next(o for o in opened if "Phòng Nội vụ đã kết thúc ngày 31/10/2026; Phòng Tổng hợp nhận thay" in " ".join(o.ended))
    assert any("giữ để chuyển giao" in words for words in one.ended), "nobody followed the bank: the focal point keeps its task"
    got = Counter(session.scalars(select(Task.unit_id).where(Task.round_id == one.round.id)))
    assert got == Counter({target.id: 1, world.other_room.id: 2, world.focal_unit.id: 1}), "and the group has one member left"


def test_a_member_that_has_not_begun_gets_no_task(session: Session, world: World) -> None:
    coming = add_unit(session, world.authority, "Phòng Mai Sau", valid_from=date(2026, 12, 1))
    session.add(GroupMember(authority_id=world.authority.id, group_id=world.group.id, member_id=coming.id, position=9, valid_from=date(2026, 1, 1)))
    session.flush()
    assert rounds.fan_out(session, world.rule, world.round, date(2026, 10, 1)) == (0, ())


def test_assigning_to_an_ended_unit_is_refused_naming_its_successor(session: Session, world: World) -> None:
    change = Change(SuccessionKind.MERGE, SINCE, "NQ 12")
    succession_service.record(session, focal(world), world.authority.id, change, [world.room], [world.other_room], clock.now())
    leaf = add_indicator(session, world.indicators, "1.9", "Chỉ số mới", position=9)
    with pytest.raises(Refused, match="đã sáp nhập từ 01/11/2026, đơn vị nhận: Phòng Tài chính - Kế hoạch") as refusal:
        assigning.assign(session, world.notice, leaf, world.room, [], date(2026, 11, 18), focal(world), clock.now())
    assert refusal.value.field == "lead"


def test_units_that_ended_with_open_tasks_stand_on_the_focal_points_page(session: Session, world: World, sign_in: SignIn) -> None:
    client = sign_in(world.focal.username)
    assert "chưa chuyển" not in client.get(f"/{world.slug}/today").main
    change = Change(SuccessionKind.MERGE, SINCE, "NQ 12")
    succession_service.record(session, focal(world), world.authority.id, change, [world.room], [world.other_room], clock.now())
    session.commit()
    with scope.using(session, scope.one(world.authority.id)):
        assert [(one.name, one.tasks) for one in left_behind(session, clock.today())] == [("Phòng Nội vụ", 2)]
    for path in ("today", f"units/{world.room.slug}"):
        page = client.get(f"/{world.slug}/{path}")
        assert "Phòng Nội vụ đã kết thúc, còn 2 nhiệm vụ chưa chuyển." in page.main
    page = page.link("Chuyển giao").follow()
    assert "Nhiệm vụ chưa chuyển" in page.main
    hand_over(session, world, world.room, add_unit(session, world.authority, "Phòng Tổng hợp"))
    session.commit()
    assert "chưa chuyển" not in client.get(f"/{world.slug}/today").main


# The real case: xã An Thới Đông, twelve hamlets become eight on 01/7/2026, one of them split in two; ten schools become six on 01/9/2026


def hamlets(session: Session, world: World, noun: str, count: int, position: int) -> tuple[list[Unit], Round]:
    units = [
        add_unit(session, world.authority, f"{noun} {number} cũ", kind=UnitKind.LOCALITY, position=position + number)
        for number in range(1, count + 1)
    ]
    group = add_group(session, world.authority, f"Các {noun.lower()}", units, position=position)
    for number in (1, 2):
        leaf = add_indicator(session, world.indicators, f"{position}.{number}", f"Chỉ số {noun.lower()} {number}", position=position + number)
        assign(session, world.notice, leaf, group)
    rounds.fan_out(session, world.rule, world.round, date(2026, 1, 2))
    return units, world.round


def deadlines_and_counts(session: Session) -> tuple[Counter[tuple[int, int | None]], dict[int, object]]:
    """(round, indicator) → tasks; task → what its deadline follows from."""
    rows = session.execute(select(Task.id, Task.round_id, Task.indicator_id, Task.extended_to_on, Task.mend_by_on, Task.submitted_on)).all()
    return Counter((row.round_id, row.indicator_id) for row in rows), {row.id: tuple(row)[1:] for row in rows}


def test_twelve_hamlets_become_eight_and_ten_schools_six(session: Session, world: World, sign_in: SignIn) -> None:
    old, _ = hamlets(session, world, "Ấp", 12, 100)
    schools, _ = hamlets(session, world, "Trường", 10, 200)
    before = deadlines_and_counts(session)
    day, autumn, who, here = date(2026, 7, 1), date(2026, 9, 1), focal(world), world.authority.id
    #: Old hamlets, by number, and the new one they become; the twelfth is split between the seventh and the eighth.
    joined = {
        "Ấp An Hòa": (1, 2),
        "Ấp An Lộc": (3, 4),
        "Ấp An Bình": (5, 6),
        "Ấp An Đông": (7,),
        "Ấp An Nghĩa": (8,),
        "Ấp Rạch Lá": (9,),
        "Ấp Doi Lầu": (10, 11),
    }
    new: dict[str, Unit] = {}
    for name, numbers in joined.items():
        change = Change(SuccessionKind.MERGE, day, "NQ về sắp xếp ấp", new_units=(name,))
        row = succession_service.record(session, who, here, change, [old[n - 1] for n in numbers], [], clock.now())
        new[name] = row.successors[0]
    split = Change(SuccessionKind.SPLIT, day, "NQ về sắp xếp ấp", new_units=("Ấp Lý Nhơn",))
    row = succession_service.record(session, who, here, split, [old[11]], [new["Ấp Doi Lầu"]], clock.now())
    new["Ấp Lý Nhơn"] = next(unit for unit in row.successors if unit.name == "Ấp Lý Nhơn")
    for number in range(6):
        change = Change(SuccessionKind.MERGE, autumn, "QĐ về trường", new_units=(f"Trường mới {number + 1}",))
        members = schools[number * 2 : number * 2 + 2] if number < 4 else schools[number + 4 : number + 5]
        new[f"T{number}"] = succession_service.record(session, who, here, change, members, [], clock.now()).successors[0]
    session.commit()
    assert len([unit for unit in [*old, *schools] if unit.valid_to is not None]) == 22, "a dissolved school is marked as such"
    assert len(left_behind(session, clock.today())) == 22
    for name, numbers in joined.items():
        for number in numbers:
            _try(session, world, old[number - 1], new[name], day)
    for number in range(6):
        for school in schools[number * 2 : number * 2 + 2] if number < 4 else schools[number + 4 : number + 5]:
            _try(session, world, school, new[f"T{number}"], autumn)
    page = sign_in(world.focal.username).get(f"/{world.slug}/handovers/new?unit={old[11].slug}&on=2026-07-01&spread=one")
    assert "hệ thống không tự chia việc" in page.main
    one, two = session.scalars(select(Task).where(Task.unit_id == old[11].id).order_by(Task.id)).all()
    ticked = [f"task-{one.id}-{one.version}", f"task-{two.id}-{two.version}"]
    undecided = page.form("/new").fill(reason="Chia ấp", lines=ticked).submit("Xem trước")
    assert "Chưa chọn nơi nhận" in undecided.main, "nothing is divided by itself"
    ids = {f"target-task-{one.id}": new["Ấp Lý Nhơn"].id, f"target-task-{two.id}": new["Ấp Lý Nhơn"].id}
    page = page.form("/new").fill(reason="Chia ấp", lines=ticked, **{name: str(id_) for name, id_ in ids.items()}).submit("Xem trước")
    page.form("/new").submit("Chuyển giao 2 mục")
    session.expire_all()
    assert deadlines_and_counts(session) == before, "each round and indicator has as many tasks as before, and no deadline changed"
    holders = Counter(session.scalars(select(Task.unit_id).where(Task.unit_id.in_([unit.id for unit in new.values()]))))
    assert holders == {unit.id: 2 for unit in new.values()}
    for stays in session.scalars(select(Task).where(Task.unit_id.in_([unit.id for unit in [*old, *schools]]))):
        tasks.set_aside(session, stays, Move.SET_NOT_APPLICABLE, "Sáp nhập: đơn vị nhận đã có nhiệm vụ này", who, clock.now())
    session.commit()
    assert left_behind(session, clock.today()) == []
    members = session.scalars(
        select(GroupMember.member_id).where(GroupMember.valid_to.is_(None), GroupMember.member_id.in_([u.id for u in new.values()]))
    )
    assert len(set(members)) == len(joined) + 6, "successors joined the group on the day; the hamlet of the split was given its tasks only"


def _try(session: Session, world: World, source: Unit, target: Unit, since: date) -> None:
    """A hand-over of what can move; where nothing can, the sentence says so."""
    try:
        hand_over(session, world, source, target, since=since)
    except Refused as refusal:
        assert refusal.field == "lines"
    session.commit()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.booleans()), max_size=5))
def test_any_sequence_of_hand_overs_keeps_every_task_and_deadline(session: Session, world: World, steps: list[tuple[int, int, bool]]) -> None:
    units = [world.room, world.other_room, world.focal_unit, world.bank, add_or_get(session, world)]
    world.task.extended_to_on = date(2026, 11, 27)
    session.commit()
    before = deadlines_and_counts(session)
    for source, target, back in steps:
        if source == target:
            continue
        try:
            one = hand_over(session, world, units[source], units[target])
        except Refused:
            session.rollback()
            continue
        if back:
            undo(session, one, world)
        session.commit()
        assert deadlines_and_counts(session) == before
        leads = session.execute(
            select(Assignment.indicator_id, func.count())
            .where(Assignment.authority_id == world.authority.id, assignments.on_day(SINCE))
            .group_by(Assignment.indicator_id)
        ).all()
        assert {count for _indicator, count in leads} == {1}, "one lead for each indicator on any day"


def add_or_get(session: Session, world: World) -> Unit:
    found = session.scalars(select(Unit).where(Unit.slug == "phong-tong-hop", Unit.authority_id == world.authority.id)).one_or_none()
    return found or add_unit(session, world.authority, "Phòng Tổng hợp")


def test_a_position_hands_over_like_any_unit(session: Session, world: World) -> None:
    position = add_unit(session, world.authority, "Công chức Văn hóa - Xã hội", kind=UnitKind.POSITION)
    add_membership(
        session, add_person(session, world.authority, Role.VIEWER, username="holder@huyen-thu.test"), world.authority, Role.SPECIALIST, position
    )
    hand_over(session, world, world.room, position, kinds=[LineKind.TASK])
    assert world.task.unit_id == position.id
    hand_over(session, world, position, world.other_room, kinds=[LineKind.TASK], only=[world.task.id])
    assert world.task.unit_id == world.other_room.id
