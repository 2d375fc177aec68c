"""Digests of many authorities are read and written together, and stay apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World, add_person
from tests.reminders.test_planning import mails, send
from tracker.kernel import clock, scope
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import Dropped, Prepared
from tracker.reminders import letters, service
from tracker.units.rules import Role

pytestmark = pytest.mark.db


def plan_both(session: Session, world: World) -> list[OutboxMessage]:
    """Today's digests of two authorities. Committed."""
    for authority in (world.authority, world.elsewhere):
        with scope.using(session, scope.one(authority.id)):
            service.plan(session, authority, clock.today(), clock.now())
            session.commit()
    found = list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))
    assert {one.authority_id for one in found} == {world.authority.id, world.elsewhere.id}
    return found


def of(found: list[OutboxMessage], address: str | None) -> OutboxMessage:
    return next(one for one in found if one.to_address == address)


def test_each_authority_is_told_of_its_own_in_one_batch(app: Flask, session: Session, world: World) -> None:
    with scope.using(session, scope.whole("a test")):
        for task in world.elsewhere_tasks:
            task.title = None
        world.elsewhere.name = "Nơi khác"
        session.flush()
        found = plan_both(session, world)
    assert send(app, session).sent == len(found)
    read = mails(app)
    assert set(read) == {one.to_address for one in found}
    for one in found:
        mine = world.authority if one.authority_id == world.authority.id else world.elsewhere
        assert f"Thư do hệ thống Đôn Đốc của {mine.name} gửi" in read[one.to_address]


def test_what_a_message_names_of_another_authority_is_not_told(app: Flask, session: Session, world: World) -> None:
    """Nothing writes such a message; were there one, the batch that reads both must not let it through."""
    with scope.using(session, scope.whole("a test")):
        found = plan_both(session, world)
        mine, theirs = of(found, "owner@huyen-thu.test"), of(found, "stranger@huyen-khac.test")
        mine.payload = {**mine.payload, "items": theirs.payload["items"]}
        session.commit()
        ids = {world.authority.id, world.elsewhere.id}
        with app.app_context(), scope.using(session, scope.several(ids)):
            written = letters.prepare_in_bulk(session, [mine, theirs], clock.now())
    assert isinstance(written[mine.id], Dropped)
    assert isinstance(written[theirs.id], Prepared)


def test_more_messages_and_more_authorities_cost_no_more_reads(app: Flask, session: Session, world: World, queries: Callable) -> None:
    with scope.using(session, scope.whole("a test")):
        for number in range(6):
            add_person(session, world.authority, Role.SPECIALIST, world.room, username=f"more{number}@huyen-thu.test")
        found = plan_both(session, world)

        def reads(messages: list[OutboxMessage]) -> int:
            session.expunge_all()
            again = session.scalars(select(OutboxMessage).where(OutboxMessage.id.in_([one.id for one in messages])).order_by(OutboxMessage.id)).all()
            ids = {one.authority_id for one in again if one.authority_id is not None}
            with app.app_context(), queries() as counted, scope.using(session, scope.several(ids)):
                letters.prepare_in_bulk(session, again, clock.now())
            return int(counted.number)

        plain = [one for one in found if not one.payload.get("summary")]
        few = [of(plain, "owner@huyen-thu.test"), of(plain, "colleague@huyen-thu.test")]
        reads(few)  # the calendars are read once
        assert reads(few) == reads(plain)
