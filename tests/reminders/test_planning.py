"""Who is told what on which day, and what a digest still says at the moment it goes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import World, add_membership, add_person
from tests.harness.stores import TODAY
from tracker.audit.rules import Actor
from tracker.kernel import clock
from tracker.kernel.errors import Refused
from tracker.mail import jobs as mail_jobs
from tracker.mail.delivery import Tally
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import MessageState
from tracker.reminders import ahead_queries, policy_service, queries, service
from tracker.reminders.models import Reminder
from tracker.reminders.policy_rules import USUAL
from tracker.tasks.rules import Progress
from tracker.units.models import Membership
from tracker.units.rules import Role

pytestmark = pytest.mark.db

WEDNESDAY = date.fromisoformat(TODAY)
SNAPSHOTS = Path(__file__).parent / "snapshots"
ACTOR = Actor(None, "Đầu mối")


@pytest.fixture(autouse=True)
def without_summaries(session: Session, world: World) -> None:
    """What climbs to the leaders: test_summaries.py."""
    policy_service.choose(session, ACTOR, world.authority, replace(USUAL, chair_from=None, chair_weekly=False), version=0, now=clock.now())
    session.commit()


def plan(session: Session, world: World, day: date = WEDNESDAY) -> dict[str, list[str]]:
    """The day's digests: address → codes of its tasks. Committed."""
    made = service.plan(session, world.authority, day, clock.noon(day))
    session.commit()
    return {digest.address: sorted(row.code or "" for row, _ in digest.said) for digest in made.digests}


def send(app: Flask, session: Session) -> Tally:
    session.commit()
    tally = mail_jobs.send_waiting(app)
    session.expire_all()
    return tally


def mails(app: Flask) -> dict[str, str]:
    """Address → subject and text of every mail in the folder."""
    found = {}
    for path in sorted(app.config["MAIL_FOLDER"].glob("*.eml")):
        message = message_from_bytes(path.read_bytes())
        text = next(part for part in message.walk() if part.get_content_type() == "text/plain").get_payload(decode=True).decode()
        subject = str(make_header(decode_header(message["Subject"])))
        address = message["To"].rpartition("<")[2].strip(">")
        found[address] = f"{subject}\n\n{text}"
    return found


def snapshot(name: str, read: str) -> None:
    """Compares with the file, which a person has read. A missing one is written, and the test fails once."""
    text, path = f"{read}\n", SNAPSHOTS / f"{name}.txt"
    if not path.exists():
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{path.name} did not exist; read it, then run again")
    assert text == path.read_text(encoding="utf-8")


def test_each_address_gets_one_digest_of_its_units_tasks(session: Session, world: World) -> None:
    assert plan(session, world) == {
        "owner@huyen-thu.test": ["1.1", "1.3"],
        world.head.email: ["1.1", "1.3"],
        "colleague@huyen-thu.test": ["1.2", "1.3"],
        world.focal.email: ["1.4"],  # the bank has nobody who signs in
    }


def test_planning_twice_adds_nothing(session: Session, world: World) -> None:
    plan(session, world)
    before = session.scalar(select(func.count(Reminder.id)))
    assert plan(session, world) == {}
    assert session.scalar(select(func.count(Reminder.id))) == before


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(2026, 11, 22)])
def test_nothing_on_a_day_off(session: Session, world: World, day: date) -> None:
    made = service.plan(session, world.authority, day, clock.noon(day))
    assert made.digests == ()
    assert "ngày nghỉ" in (made.reason or "")


def test_nothing_where_the_authority_has_switched_reminders_off(session: Session, world: World) -> None:
    world.authority.reminders_on = False
    assert plan(session, world) == {}


def test_nothing_twice_after_the_clock_steps_back(session: Session, world: World) -> None:
    plan(session, world, WEDNESDAY)
    for back in (1, 2, 5, 9):
        assert plan(session, world, WEDNESDAY - timedelta(days=back)) == {}


def test_a_week_asleep_brings_one_digest_with_the_highest_rung(app: Flask, session: Session, world: World) -> None:
    plan(session, world, date(2026, 11, 9))
    assert len(plan(session, world, date(2026, 11, 19))) == 4
    rungs = set(session.scalars(select(Reminder.rung).where(Reminder.planned_on == date(2026, 11, 19))))
    assert rungs == {3}


def test_digests_that_never_went_are_folded_into_the_next(app: Flask, session: Session, world: World) -> None:
    for day in (date(2026, 11, 9), date(2026, 11, 12), date(2026, 11, 16)):
        assert plan(session, world, day)
    assert send(app, session).sent == 4
    states = session.execute(
        select(OutboxMessage.planned_on, OutboxMessage.state, func.count()).group_by(OutboxMessage.planned_on, OutboxMessage.state)
    ).all()
    assert sorted((day.day, state.value, n) for day, state, n in states) == [(9, "cancelled", 4), (12, "cancelled", 4), (16, "sent", 4)]


def test_a_person_without_an_address_is_skipped_and_listed(session: Session, world: World) -> None:
    world.colleague.email = None
    made = service.draft(session, world.authority, WEDNESDAY)
    assert [contact.name for contact in made.silent] == [world.colleague.display_name]
    assert world.other_room.name in made.quiet_units
    focal = next(digest for digest in made.digests if digest.address == world.focal.email)
    assert sorted(row.code or "" for row, _ in focal.said) == ["1.2", "1.3", "1.4"]


def test_a_unit_without_people_is_told_at_its_shared_mailbox(session: Session, world: World) -> None:
    world.bank.email = "ngan-hang@huyen-thu.test"
    assert plan(session, world)["ngan-hang@huyen-thu.test"] == ["1.4"]


def test_two_who_share_a_mailbox_get_one_mail_that_greets_both(app: Flask, session: Session, world: World) -> None:
    world.owner.email = world.head.email = world.colleague.email = "Van.Thu@huyen-thu.test"
    world.colleague.email = "van.thu@huyen-thu.test"
    assert plan(session, world) == {"Van.Thu@huyen-thu.test": ["1.1", "1.2", "1.3", "1.3"], world.focal.email: ["1.4"]}
    greeted = session.scalars(select(OutboxMessage.to_name).where(OutboxMessage.to_address == "Van.Thu@huyen-thu.test")).one()
    assert all(name in greeted for name in (world.owner.display_name, world.colleague.display_name))


def test_who_joins_later_is_told_what_the_others_know(session: Session, world: World) -> None:
    plan(session, world)
    add_person(session, world.authority, Role.SPECIALIST, world.room, username="new@huyen-thu.test")
    assert plan(session, world) == {"new@huyen-thu.test": ["1.1", "1.3"]}


def test_what_comes_up_after_the_days_mail_waits_for_the_next_working_day(session: Session, world: World) -> None:
    task = world.tasks[1]
    task.status = Progress.READY
    session.commit()
    assert plan(session, world)["colleague@huyen-thu.test"] == ["1.3"]
    task.status = Progress.COLLECTING
    session.commit()
    assert plan(session, world) == {}
    assert plan(session, world, WEDNESDAY + timedelta(days=1)) == {"colleague@huyen-thu.test": ["1.2"]}


def test_a_moved_deadline_is_news(session: Session, world: World) -> None:
    plan(session, world)
    world.task.extended_to_on = date(2026, 11, 20)
    session.commit()
    assert plan(session, world, WEDNESDAY + timedelta(days=1)) == {"owner@huyen-thu.test": ["1.1"], world.head.email: ["1.1"]}


def test_how_a_digest_reads(app: Flask, session: Session, world: World) -> None:
    world.tasks[1].extended_to_on = date(2026, 11, 20)
    plan(session, world)
    send(app, session)
    read = mails(app)
    snapshot("digest_unit", read["owner@huyen-thu.test"])
    snapshot("digest_two_deadlines", read["colleague@huyen-thu.test"])
    snapshot("digest_focal_instead", read[str(world.focal.email)])


def test_a_task_done_meanwhile_is_left_out_and_a_digest_of_nothing_else_is_dropped(app: Flask, session: Session, world: World) -> None:
    plan(session, world)
    for task in session.scalars(select(type(world.task)).where(type(world.task).unit_id == world.room.id)):
        task.status = Progress.READY
    world.tasks[1].status = Progress.READY
    tally = send(app, session)
    assert (tally.sent, tally.dropped) == (2, 2)
    read = mails(app)
    assert set(read) == {"colleague@huyen-thu.test", world.focal.email}
    assert "1.3" in read["colleague@huyen-thu.test"]
    assert "1.2" not in read["colleague@huyen-thu.test"]
    reasons = set(session.scalars(select(OutboxMessage.reason).where(OutboxMessage.state == MessageState.CANCELLED)))
    assert all(reason and "đã xong" in reason for reason in reasons)


def test_a_task_handed_over_meanwhile_is_not_told_to_the_former_unit(app: Flask, session: Session, world: World) -> None:
    plan(session, world)
    world.task.unit_id = world.other_room.id
    send(app, session)
    assert "1.1" not in mails(app)["owner@huyen-thu.test"]
    assert plan(session, world, WEDNESDAY + timedelta(days=1)) == {"colleague@huyen-thu.test": ["1.1"]}


def test_a_deadline_moved_meanwhile_is_left_out(app: Flask, session: Session, world: World) -> None:
    plan(session, world)
    world.task.extended_to_on = date(2026, 12, 31)
    send(app, session)
    assert "1.1" not in mails(app)["owner@huyen-thu.test"]


def test_a_person_who_left_meanwhile_gets_nothing(app: Flask, session: Session, world: World) -> None:
    plan(session, world)
    membership = session.scalars(select(Membership).where(Membership.account_id == world.owner.id)).one()
    membership.valid_to = WEDNESDAY - timedelta(days=1)
    send(app, session)
    assert "owner@huyen-thu.test" not in mails(app)
    assert world.head.email in mails(app)


def test_a_switched_off_account_gets_nothing(app: Flask, session: Session, world: World) -> None:
    plan(session, world)
    world.owner.active = False
    send(app, session)
    assert "owner@huyen-thu.test" not in mails(app)


def test_reminders_switched_off_meanwhile_stop_what_waits(app: Flask, session: Session, world: World) -> None:
    plan(session, world)
    world.authority.reminders_on = False
    assert send(app, session).dropped == 4
    assert mails(app) == {}


def test_another_authority_is_told_of_nothing_here(session: Session, world: World) -> None:
    addresses = set(plan(session, world))
    assert not addresses & {world.stranger.email, world.foreign_focal.email}


def test_a_unit_is_reminded_by_hand_once_a_day(app: Flask, session: Session, world: World) -> None:
    assert service.remind_unit(session, ACTOR, world.authority, world.room, WEDNESDAY, clock.now()) == 2
    session.commit()
    with pytest.raises(Refused, match="Hôm nay đã gửi"):
        service.remind_unit(session, ACTOR, world.authority, world.room, WEDNESDAY, clock.now())
    session.rollback()
    assert send(app, session).sent == 2
    snapshot("digest_by_hand", mails(app)["owner@huyen-thu.test"])


def test_reminding_a_unit_nobody_can_be_told_for_is_refused_with_the_reason(session: Session, world: World) -> None:
    with pytest.raises(Refused, match="chưa có ai nhận được thư"):
        service.remind_unit(session, ACTOR, world.authority, world.bank, WEDNESDAY, clock.now())


def test_planning_and_writing_cost_the_same_number_of_reads_for_more_people(app: Flask, session: Session, world: World, queries: Callable) -> None:
    def reads(day: date) -> int:
        with queries() as counted:
            service.draft(session, world.authority, day)
        session.rollback()
        return int(counted.number)

    few = reads(WEDNESDAY)
    for number in range(12):
        person = add_person(session, world.authority, Role.SPECIALIST, world.room, username=f"more{number}@huyen-thu.test")
        add_membership(session, person, world.authority, Role.SPECIALIST, world.other_room)
    session.commit()
    assert reads(WEDNESDAY) == few


def test_the_days_account_balances_and_a_lie_shows(app: Flask, session: Session, world: World) -> None:
    plan(session, world)
    world.owner.active = False
    send(app, session)
    found = queries.reconciliation(session, WEDNESDAY)
    assert (found.planned, found.sent, found.cancelled, found.difference) == (4, 3, 1, 0)
    liar = session.scalars(select(OutboxMessage).where(OutboxMessage.state == MessageState.CANCELLED)).one()
    liar.state = MessageState.SENT
    session.commit()
    assert queries.reconciliation(session, WEDNESDAY).difference == 1


def test_looking_ahead_says_what_planning_will_do(session: Session, world: World) -> None:
    plan(session, world)
    ahead = ahead_queries.look_ahead(session, world.authority, WEDNESDAY, WEDNESDAY + timedelta(days=16))
    real = {}
    for number in range(1, 17):
        day = WEDNESDAY + timedelta(days=number)
        if planned := plan(session, world, day):
            real[day] = sorted(planned)
    assert {one.day: sorted(one.recipients) for one in ahead} == real
