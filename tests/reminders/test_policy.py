"""The policy of chasing: read, refused where nobody could live with it, tried before it is in force, and obeyed by the planner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World, add_person
from tests.page_client import PageClient
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel import clock
from tracker.kernel.errors import Refused, Stale
from tracker.mail.models import OutboxMessage
from tracker.reminders import policy_service, service
from tracker.reminders.models import ReminderPolicy
from tracker.reminders.policy_rules import USUAL, Policy, expect_livable, read_days, rungs_of
from tracker.reminders.rules import Contact
from tracker.units.models import Unit
from tracker.units.rules import Role

SignIn = Callable[..., PageClient]
FOCAL = Actor(None, "Đầu mối")
TARGET = date(2026, 11, 13)
days = st.lists(st.integers(1, 60), max_size=6)


def chosen(before: tuple[int, ...], on_the_day: bool, after: tuple[int, ...], afterwards: int, heads_from: int | None) -> Policy:
    return expect_livable(Policy(rungs_of(before, on_the_day, after), afterwards, heads_from))


@pytest.mark.parametrize(
    ("typed", "read"), [("15, 7, 3 và 1", (15, 7, 3, 1)), ("", ()), (" 5 ", (5,)), ("15;7", (15, 7)), ("10 5", (10, 5)), (", ,", ())]
)
def test_days_are_read_as_people_type_them(typed: str, read: tuple[int, ...]) -> None:
    assert read_days(typed, "before") == read


@pytest.mark.parametrize("typed", ["0", "-3", "61", "1.5", "ba", "1e3", "9" * 5000, "٣x", "3\n; DROP"])
def test_what_is_no_day_is_refused_beside_its_field(typed: str) -> None:
    with pytest.raises(Refused, match="không phải số ngày từ 1 đến 60") as refusal:
        read_days(typed, "after")
    assert refusal.value.field == "after"


@pytest.mark.parametrize(
    ("before", "on_the_day", "after", "afterwards", "heads_from", "sentence", "field"),
    [
        ((), False, (), 0, None, "không nhắc ai cả", "before"),
        ((), False, (), 5, None, "không nhắc ai cả", "before"),
        ((3,), True, (), 1, None, "không ai đọc", "afterwards"),
        ((2, 1), True, (1, 2), 5, None, "ngày nào cũng nhắc", "before"),
        ((7, 3), False, (), 0, 3, "Không mốc nào tới lượt", "heads_from"),
    ],
)
def test_a_policy_nobody_could_live_with_is_refused(
    before: tuple[int, ...], on_the_day: bool, after: tuple[int, ...], afterwards: int, heads_from: int | None, sentence: str, field: str
) -> None:
    with pytest.raises(Refused, match=sentence) as refusal:
        chosen(before, on_the_day, after, afterwards, heads_from)
    assert refusal.value.field == field


@given(days, st.booleans(), days, st.sampled_from([0, 2, 5, 60]), st.lists(st.integers(-80, 200), min_size=1).map(sorted))
def test_whatever_policy_is_chosen_rungs_only_rise(
    before: list[int], on_the_day: bool, after: list[int], afterwards: int, offsets: list[int]
) -> None:
    try:
        policy = chosen(before, on_the_day, after, afterwards, None)
    except Refused:
        return
    pairs = [(offset, rung) for offset in offsets if (rung := policy.rung_reached(offset)) is not None]
    reached = [rung for _, rung in pairs]
    assert reached == sorted(reached)
    assert all(rung <= offset for offset, rung in pairs)
    assert set(reached) <= set(policy.rungs) or afterwards


def test_the_usual_policy_is_the_one_promised_and_says_so() -> None:
    assert chosen((15, 7, 3, 1), True, (1, 3), 5, None) == USUAL
    assert USUAL.words == (
        "Nhắc trước 15, 7, 3, 1 ngày làm việc, đúng ngày nhắm tới và sau 1, 3 ngày làm việc, rồi mỗi 5 ngày làm việc một lần; "
        "lãnh đạo đơn vị được nhắc ngay từ mốc đầu. Cũng nhắc đơn vị phối hợp được nhờ, lãnh đạo cơ quan khi đã qua 3 ngày làm việc và "
        "lãnh đạo cơ quan bản tổng hợp đầu tuần. Gợi ý nhắn Zalo khi đã qua 1 ngày làm việc và gửi công văn khi đã qua 8 ngày làm việc. "
        "Thư đi từ 07:30 đến 17:00."
    )


def test_without_afterwards_the_last_rung_is_the_last_word() -> None:
    policy = Policy((-3, 0), 0)
    calendar = WorkingCalendar({})
    coming = [TARGET + timedelta(days=n) for n in range(-10, 90)]
    climbing = [day for day in coming if calendar.is_working(day) and policy.climbs_on(calendar, TARGET, day) is not None]
    assert climbing == [date(2026, 11, 10), TARGET]


def test_heads_are_told_from_their_rung_and_never_forgotten_where_they_are_alone() -> None:
    policy = Policy(heads_from=1)
    specialist, head = Contact("CV", "cv@x.vn", 1), Contact("TP", "tp@x.vn", 2, head=True)
    assert policy.tells(0, (specialist, head)) == (specialist,)
    assert policy.tells(1, (specialist, head)) == (specialist, head)
    assert policy.tells(-15, (head,)) == (head,)


@pytest.mark.db
def test_the_planner_obeys_from_the_next_planning_on(session: Session, world: World) -> None:
    before = {digest.address for digest in service.draft(session, world.authority, clock.today()).digests}
    assert "owner@huyen-thu.test" in before
    policy_service.choose(session, FOCAL, world.authority, Policy((10,), 0), version=0, now=clock.now())
    session.commit()
    assert service.draft(session, world.authority, clock.today()).digests == ()
    policy_service.choose(session, FOCAL, world.authority, USUAL, version=1, now=clock.now())
    assert {digest.address for digest in service.draft(session, world.authority, clock.today()).digests} == before


@pytest.mark.db
def test_what_is_queued_is_not_disturbed(session: Session, world: World) -> None:
    service.plan(session, world.authority, clock.today(), clock.now())
    session.commit()
    queued = sorted(session.scalars(select(OutboxMessage.dedupe_key)))
    policy_service.choose(session, FOCAL, world.authority, Policy((10,), 0), version=0, now=clock.now())
    session.commit()
    assert sorted(session.scalars(select(OutboxMessage.dedupe_key))) == queued


@pytest.mark.db
def test_a_policy_saved_meanwhile_is_not_overwritten(session: Session, world: World) -> None:
    assert policy_service.choose(session, FOCAL, world.authority, Policy((9,), 5), version=0, now=clock.now())
    session.commit()
    with pytest.raises(Stale) as stale:
        policy_service.choose(session, FOCAL, world.authority, Policy((4,), 5), version=0, now=clock.now())
    assert "sau 9" in str(stale.value.theirs) and "sau 4" in str(stale.value.yours)
    assert not policy_service.choose(session, FOCAL, world.authority, Policy((9,), 5), version=1, now=clock.now())


@pytest.mark.db
def test_the_focal_point_tries_a_policy_then_puts_it_in_force(sign_in: SignIn, session: Session, world: World) -> None:
    address = f"/{world.slug}/reminders/policy"
    focal = sign_in(world.focal.username)
    page = focal.get(f"/{world.slug}/reminders").link("Chính sách nhắc").follow()
    assert USUAL.words in page.text
    tried = page.form(address).fill(before="20, 10", after="", afterwards="0", chair_from="never", seen_from="01/10/2026").submit("Xem thử")
    assert "20, 10" in tried.data.decode() and "Sẽ gửi trong 30 ngày từ 01/10/2026" in tried.text
    assert "15/10/2026" in tried.text or "16/10/2026" in tried.text
    assert session.scalars(select(ReminderPolicy)).all() == []
    saved = tried.form(address).submit("Lưu chính sách")
    assert "Đã lưu chính sách nhắc" in saved.text
    session.rollback()
    assert session.scalars(select(ReminderPolicy.rungs)).one() == [-20, -10, 0]
    assert session.scalars(select(AuditEvent).where(AuditEvent.action == "reminders.policy")).one().summary.startswith("Đổi chính sách nhắc.")


@pytest.mark.db
def test_a_refused_policy_keeps_what_was_typed_and_changes_nothing(sign_in: SignIn, session: Session, world: World) -> None:
    address = f"/{world.slug}/reminders/policy"
    page = sign_in(world.focal.username).get(address)
    refused = page.form(address).fill(before="mười lăm", after="1, 3").submit("Lưu chính sách", status=400)
    assert "“mười” không phải số ngày" in refused.text and 'value="mười lăm"' in refused.data.decode()
    again = page.form(address).fill(before="4,3,2,1").submit("Lưu chính sách", status=400)
    assert "ngày nào cũng nhắc" in again.text
    assert session.scalars(select(ReminderPolicy)).all() == []


@pytest.mark.db
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"seen_from": "31/12/9999"}, "hai năm trước và sau"),
        ({"seen_from": "31/02/2026"}, "không phải là một ngày có thật"),
        ({"afterwards": "-1"}, "từ 0 đến 60"),
    ],
)
def test_what_the_form_cannot_take_is_told_beside_its_field(sign_in: SignIn, world: World, typed: dict[str, str], sentence: str) -> None:
    address = f"/{world.slug}/reminders/policy"
    page = sign_in(world.focal.username).get(address)
    assert sentence in page.form(address).fill(**typed).submit("Xem thử", status=400).text


@pytest.mark.db
def test_the_planner_leaves_a_head_alone_until_the_policy_says(session: Session, world: World) -> None:
    head = add_person(session, world.authority, Role.HEAD, session.get_one(Unit, world.task.unit_id), username="truong@huyen-thu.test")
    session.commit()
    told = {digest.address for digest in service.draft(session, world.authority, clock.today()).digests}
    assert head.email in told
    patient = Policy(USUAL.rungs, 5, heads_from=3)
    policy_service.choose(session, FOCAL, world.authority, patient, version=0, now=clock.now())
    for day in (date(2026, 11, 17), date(2026, 11, 18)):
        told = {digest.address for digest in service.draft(session, world.authority, day).digests}
        assert "owner@huyen-thu.test" in told
        assert (head.email in told) == (day == date(2026, 11, 18)), day
