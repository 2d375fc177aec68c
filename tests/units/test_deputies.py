"""Acting for somebody: the deputy has the principal's roles for some days, the history says «thay», and a copy of the digest comes along."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from email import message_from_bytes

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World, add_membership, add_person
from tests.harness.queries import Counted
from tests.page_client import PageClient
from tracker.accounts.models import Account
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.kernel import clock
from tracker.kernel.errors import NotFound, Refused
from tracker.mail import jobs as mail_jobs
from tracker.mail.models import OutboxMessage
from tracker.reminders import service as reminders
from tracker.units import access, deputy_access, deputy_service
from tracker.units.deputy_models import Deputy
from tracker.units.deputy_rules import LENT, Terms
from tracker.units.models import Membership, Unit
from tracker.units.rules import Action, Role, Viewer

pytestmark = pytest.mark.db

SignIn = Callable[[str], PageClient]
OnDay = Callable[[str], None]
FROM, TO = date(2026, 11, 18), date(2026, 11, 20)


def lend(
    session: Session, world: World, principal: Account, acting: Account, unit: Unit | None = None, since: date = FROM, until: date = TO
) -> Deputy:
    terms = Terms(since, until, "Đi công tác", unit.id if unit else None)
    row = deputy_service.appoint(session, Actor(principal.id, "Chính người ấy"), world.authority, principal, acting, terms, clock.now())
    session.commit()
    return row


def desk(session: Session, world: World, person: Account, day: date = FROM) -> Viewer:
    return access.desk_of(session, person.id, person.display_name, world.slug, day)[1]


def test_while_in_force_the_deputy_has_the_principals_unit_roles_in_one_statement(
    session: Session, world: World, queries: Callable[[], Counted]
) -> None:
    lend(session, world, world.head, world.colleague)
    desk(session, world, world.colleague)  # what tests read of the rows themselves is read now
    with queries() as counted:  # type: ignore[attr-defined]
        viewer = desk(session, world, world.colleague)
    assert counted.number == 1, str(counted)
    assert viewer.unit_ids == {world.room.id, world.other_room.id}
    assert viewer.head_unit_ids == {world.room.id}
    assert viewer.roles == {Role.SPECIALIST, Role.HEAD}
    assert (viewer.own_unit_ids, viewer.own_head_unit_ids) == ({world.other_room.id}, set())
    assert viewer.group_ids == {world.group.id}
    for outside in (date(2026, 11, 17), date(2026, 11, 21)):
        assert desk(session, world, world.colleague, outside).unit_ids == {world.other_room.id}
    assert desk(session, world, world.head).unit_ids == {world.room.id}, "the principal keeps what is theirs"


def test_only_one_unit_where_it_says_so_and_never_an_administrator_or_the_focal_point(session: Session, world: World) -> None:
    add_membership(session, world.admin, world.authority, Role.SPECIALIST, world.room)
    add_membership(session, world.admin, world.authority, Role.HEAD, world.bank)
    add_membership(session, world.admin, world.authority, Role.FOCAL)
    lend(session, world, world.admin, world.colleague, world.room)
    viewer = desk(session, world, world.colleague)
    assert viewer.unit_ids == {world.room.id, world.other_room.id}
    assert viewer.roles == {Role.SPECIALIST}
    assert not viewer.may(Action.MANAGE_PEOPLE)
    assert not LENT & {Role.ADMIN, Role.FOCAL, Role.VIEWER}


def test_a_deputy_is_nobody_without_a_role_of_their_own_and_acts_for_nobody_who_left(session: Session, world: World) -> None:
    lend(session, world, world.owner, world.colleague)
    own = session.scalars(select(Membership).where(Membership.account_id == world.colleague.id)).one()
    own.valid_to = date(2026, 11, 17)
    session.commit()
    with pytest.raises(NotFound):
        desk(session, world, world.colleague)
    own.valid_to = None
    world.owner.active = False
    session.commit()
    assert desk(session, world, world.colleague).unit_ids == {world.other_room.id}


def test_what_is_done_with_a_borrowed_right_is_recorded_so_and_the_rest_is_not(session: Session, world: World, sign_in: SignIn) -> None:
    lend(session, world, world.head, world.colleague)
    client = sign_in(world.colleague.username)
    assert "thay Lãnh đạo đơn vị, Phòng Nội vụ" in client.get(f"/{world.slug}/work").text
    viewer = desk(session, world, world.colleague)
    borrowed = "Chuyên viên, Phòng Tài chính - Kế hoạch, thay Lãnh đạo đơn vị, Phòng Nội vụ"
    own_task = next(t for t in world.tasks if t.unit_id == world.other_room.id)
    for action, unit, expected in (
        (Action.PREPARE_EVIDENCE, world.room.id, borrowed),
        (Action.PREPARE_EVIDENCE, own_task.unit_id, "Chuyên viên, Phòng Tài chính - Kế hoạch"),
        (Action.APPROVE_EVIDENCE, world.room.id, borrowed),
        (Action.SEE_TASKS, world.room.id, "Chuyên viên, Phòng Tài chính - Kế hoạch"),
    ):
        viewer.matter.action, viewer.matter.unit_id = action, unit
        assert viewer.title == expected, (action, unit)


def test_acting_for_ones_own_head_is_recorded_so_for_the_heads_right_counts(session: Session, world: World) -> None:
    lend(session, world, world.head, world.owner)
    viewer = desk(session, world, world.owner)
    viewer.matter.action, viewer.matter.unit_id = Action.PREPARE_EVIDENCE, world.room.id
    assert viewer.title == "Chuyên viên, Phòng Nội vụ, thay Lãnh đạo đơn vị, Phòng Nội vụ"


def test_a_request_for_more_time_names_whom_it_was_asked_for(session: Session, world: World, sign_in: SignIn, on_day: OnDay) -> None:
    on_day("2026-11-10")
    lend(session, world, world.head, world.colleague, since=date(2026, 11, 10))
    page = sign_in(world.colleague.username).get(f"/{world.slug}/tasks/{world.task.id}/extension")
    page.form("/extension").fill(wished_on="20/11/2026", reason="Chờ số liệu").submit()
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "extension.ask")).one()
    assert event.actor == "Chuyên viên, Phòng Tài chính - Kế hoạch, thay Lãnh đạo đơn vị, Phòng Nội vụ"
    assert event.account_id == world.colleague.id


def test_the_chairs_deputy_decides_in_the_chairs_place(session: Session, world: World, sign_in: SignIn) -> None:
    """The focal point may decide by right of its own; where the office lets its leaders decide, the right is the chair's."""
    lend(session, world, world.chair, world.focal)
    client = sign_in(world.focal.username)
    client.get(f"/{world.slug}/tasks/{world.task.id}/extend").form("/extend").fill(wished_on="30/11/2026", reason="Bão số 9").submit("Gia hạn")
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "extension.granted")).one()
    assert event.actor == "Đầu mối, Phòng Văn hóa và Thông tin, thay Lãnh đạo UBND huyện Thử"
    client.get(f"/{world.slug}/overview")


def test_revoking_ends_it_at_once(session: Session, world: World, sign_in: SignIn) -> None:
    lend(session, world, world.owner, world.colleague)
    client = sign_in(world.colleague.username)
    mine = next(t for t in world.tasks if t.unit_id == world.room.id and t.group_id)
    client.get(f"/{world.slug}/tasks/{mine.id}")
    page = sign_in(world.owner.username).get(f"/{world.slug}/deputies")
    page.form("/revoke").submit("Thu hồi")
    client.get(f"/{world.slug}/tasks/{mine.id}", status=404)
    page.form("/revoke").submit("Thu hồi", status=409)
    assert client.get(f"/{world.slug}/deputies").has_form("/revoke") is False
    told = session.scalars(select(AuditEvent.subject_id).where(AuditEvent.action == "deputy.revoked")).all()
    assert sorted(told) == sorted([world.owner.id, world.colleague.id])


def test_one_lends_ones_own_roles_to_people_of_ones_unit_and_who_manages_people_anybodys(session: Session, world: World, sign_in: SignIn) -> None:
    owner = desk(session, world, world.owner)
    assert [a.id for a in deputy_access.principals(session, owner, FROM)] == [world.owner.id]
    assert {a.id for a in deputy_access.candidates(session, owner, FROM)} == {world.owner.id, world.head.id}
    page = sign_in(world.owner.username).get(f"/{world.slug}/deputies")
    page = page.form("/deputies").fill(acting=str(world.head.id), valid_to="20/11/2026", reason="Nghỉ phép").submit("Ghi ủy quyền")
    assert "Đang có hiệu lực" in page.main
    forged = page.form("/deputies").tamper(acting=str(world.colleague.id)).fill(valid_to="20/11/2026", reason="x").submit("Ghi ủy quyền", status=400)
    assert "trong danh sách" in forged.main
    forged = page.form("/deputies").tamper(principal=str(world.chair.id)).fill(valid_to="20/11/2026", reason="x").submit("Ghi ủy quyền", status=400)
    assert "trong danh sách" in forged.main
    focal = sign_in(world.focal.username).get(f"/{world.slug}/deputies")
    focal = focal.form("/deputies").fill(
        principal=str(world.chair.id), acting=str(world.viewer.id), valid_from="19/11/2026", valid_to="20/11/2026", reason="Phó Chủ tịch trực"
    ).submit("Ghi ủy quyền")  # fmt: skip
    assert "Sắp có hiệu lực" in focal.main
    assert "không giữ vai trò" in sign_in(world.viewer.username).get(f"/{world.slug}/deputies").main


def test_what_cannot_be_lent_is_refused_with_the_field(session: Session, world: World) -> None:
    lend(session, world, world.owner, world.head)
    who = Actor(world.focal.id, "Đầu mối")
    wrong: list[tuple[Account, Account, Terms, str]] = [
        (world.owner, world.owner, Terms(FROM, TO, "x"), "acting"),
        (world.owner, world.head, Terms(FROM, TO, "x"), "acting"),
        (world.owner, world.colleague, Terms(FROM, TO, " "), "reason"),
        (world.owner, world.colleague, Terms(FROM, date(2026, 11, 17), "x"), "valid_to"),
        (world.owner, world.colleague, Terms(date(2026, 11, 17), TO, "x"), "valid_from"),
        (world.owner, world.colleague, Terms(FROM, date(2027, 11, 18), "x"), "valid_to"),
        (world.owner, world.colleague, Terms(FROM, TO, "x", world.bank.id), "unit"),
        (world.admin, world.colleague, Terms(FROM, TO, "x"), "principal"),
        (world.focal, world.colleague, Terms(FROM, TO, "x"), "principal"),
    ]
    for principal, acting, terms, field in wrong:
        with pytest.raises(Refused) as refusal:
            deputy_service.appoint(session, who, world.authority, principal, acting, terms, clock.now())
        assert refusal.value.field == field, terms
        session.rollback()


def letters(app: Flask) -> dict[str, str]:
    """Address → text of every mail in the folder."""
    found = {}
    for path in app.config["MAIL_FOLDER"].glob("*.eml"):
        message = message_from_bytes(path.read_bytes())
        text = next(part for part in message.walk() if part.get_content_type() == "text/plain")
        found[message["To"].rpartition("<")[2].strip(">")] = text.get_payload(decode=True).decode()
    return found


def test_the_deputy_gets_a_copy_of_the_digest_in_one_letter_that_says_for_whom(app: Flask, session: Session, world: World, on_day: OnDay) -> None:
    on_day("2026-11-18T08:00")
    acting = add_person(session, world.authority, Role.SPECIALIST, world.bank, username="deputy@huyen-thu.test")
    session.commit()
    lend(session, world, world.owner, acting)
    reminders.plan(session, world.authority, date(2026, 11, 18), clock.now())
    session.commit()
    addresses = session.scalars(select(OutboxMessage.to_address).where(OutboxMessage.planned_on == date(2026, 11, 18))).all()
    assert len(addresses) == len(set(addresses)), "one digest a person and day"
    mail_jobs.send_waiting(app)
    copy, original = letters(app)["deputy@huyen-thu.test"], letters(app)[world.owner.email or ""]
    assert "- 1.1 " in copy
    assert "- 1.4 " in copy, "what is their own stands in the same letter"
    for line in copy.splitlines():
        if line.startswith("- "):
            assert ("đồng chí nhận thay" in line) is not ("1.4" in line), line
    assert f"đồng chí nhận thay {world.owner.display_name}" in copy
    assert "nhận thay" not in original


def test_a_revoked_deputy_is_not_told(app: Flask, session: Session, world: World, on_day: OnDay) -> None:
    on_day("2026-11-18T08:00")
    row = lend(session, world, world.owner, world.viewer)
    reminders.plan(session, world.authority, date(2026, 11, 18), clock.now())
    deputy_service.revoke(session, Actor(world.owner.id, "Chuyên viên"), row, row.version, clock.now())
    session.commit()
    mail_jobs.send_waiting(app)
    assert world.viewer.email not in letters(app), "the letter was planned, and dropped when it was to go"
