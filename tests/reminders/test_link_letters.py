"""Personal links in digests: only where the authority wants them, only in the person's own mail, and gone when they open nothing."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World, add_person
from tests.page_client import PageClient
from tests.reminders.test_planning import mails, send
from tracker.kernel import clock
from tracker.mail.models import OutboxMessage
from tracker.reminders import service
from tracker.reminders.link_models import ActionLink
from tracker.units.rules import Role

pytestmark = pytest.mark.db

WEDNESDAY, NEXT_WEEK = date(2026, 11, 18), date(2026, 11, 27)


def plan(app: Flask, session: Session, world: World, day: date = WEDNESDAY) -> None:
    service.plan(session, world.authority, day, clock.noon(day), secret=app.config["SECRET_KEY"])
    session.commit()


def paths(text: str) -> list[str]:
    return re.findall(r"http://localhost(/l/\S+)", text)


def test_each_person_gets_a_link_of_their_own_that_opens_their_units_tasks(app: Flask, client: PageClient, session: Session, world: World) -> None:
    world.authority.action_links = True
    plan(app, session, world)
    send(app, session)
    read = mails(app)
    [mine], [colleagues] = paths(read["owner@huyen-thu.test"]), paths(read["colleague@huyen-thu.test"])
    assert mine != colleagues
    assert world.room.name in client.get(mine).text and "1.1" in client.get(mine).text
    assert "KHÔNG CẦN ĐĂNG NHẬP" in read["owner@huyen-thu.test"]
    assert paths(read[world.focal.email or ""]) == [], "what the focal point is told in a unit's place is not its own"
    assert paths(read[world.chair.email or ""]) == []
    payloads = str(session.scalars(select(OutboxMessage.payload)).all())
    assert all(path.rpartition("/")[2] not in payloads for path in (mine, colleagues)), "the outbox holds no secret"


def test_without_the_setting_no_letter_has_a_link(app: Flask, session: Session, world: World) -> None:
    plan(app, session, world)
    send(app, session)
    assert not any(paths(text) for text in mails(app).values())
    assert session.scalars(select(ActionLink)).all() == []


def test_two_who_share_a_mailbox_get_none(app: Flask, session: Session, world: World) -> None:
    world.authority.action_links = True
    add_person(session, world.authority, Role.SPECIALIST, world.room, username="chung", email="owner@huyen-thu.test")
    plan(app, session, world)
    send(app, session)
    assert paths(mails(app)["owner@huyen-thu.test"]) == []


def test_a_link_switched_off_before_the_mail_goes_is_left_out(app: Flask, session: Session, world: World) -> None:
    world.authority.action_links = True
    plan(app, session, world)
    world.authority.action_links = False
    send(app, session)
    assert paths(mails(app)["owner@huyen-thu.test"]) == []


def test_the_next_letter_brings_a_new_link_and_the_old_one_is_dead(app: Flask, client: PageClient, session: Session, world: World) -> None:
    world.authority.action_links = True
    plan(app, session, world)
    send(app, session)
    [first] = paths(mails(app)["owner@huyen-thu.test"])
    for path in app.config["MAIL_FOLDER"].glob("*.eml"):
        path.unlink()
    plan(app, session, world, NEXT_WEEK)
    send(app, session)
    [second] = paths(mails(app)["owner@huyen-thu.test"])
    assert first != second
    client.get(first, status=410)
    client.get(second)
