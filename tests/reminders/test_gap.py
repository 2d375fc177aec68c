"""What happens between a mail's being claimed and its text's being sent still counts; who has many parts in a task is told once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World, add_membership, add_person
from tests.mail.sink import Sink
from tracker.audit.rules import Actor
from tracker.kernel import clock
from tracker.mail import jobs as mail_jobs
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import CHECK_AGAIN_AFTER, MessageState
from tracker.reminders import policy_service, service
from tracker.reminders.policy_rules import USUAL
from tracker.tasks.rules import Progress
from tracker.units.rules import Role

ACTOR = Actor(None, "Đầu mối")


def choose(session: Session, world: World, **changes: object) -> None:
    policy_service.choose(session, ACTOR, world.authority, replace(USUAL, **changes), version=0, now=clock.now())  # type: ignore[arg-type]
    session.commit()


@pytest.mark.db
@pytest.mark.slow
def test_what_is_done_moved_or_switched_off_while_the_mail_before_is_on_the_wire_is_not_said(app: Flask, session: Session, world: World) -> None:
    choose(session, world, chair_from=None, chair_weekly=False)
    # One claim, in this order: focal@, held@, owner@, stays@, zhead@.
    world.colleague.email, world.head.email = "held@huyen-thu.test", "zhead@huyen-thu.test"
    add_person(session, world.authority, Role.SPECIALIST, world.room, username="stays@huyen-thu.test")
    service.plan(session, world.authority, clock.today(), clock.now())
    session.commit()
    with Sink() as sink:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=sink.port)
        sending = threading.Thread(target=mail_jobs.send_waiting, args=(app,), kwargs={"rate_per_minute": 60})
        sending.start()
        sink.wait_for(2)
        claimed = session.scalars(select(OutboxMessage.state).order_by(OutboxMessage.id)).all()
        assert set(claimed[2:]) == {MessageState.SENDING}, "the others are claimed and written"
        own, shared = (task for task in world.tasks if task.unit_id == world.room.id)
        own.status = Progress.READY
        shared.extended_to_on = date(2026, 11, 10)
        world.owner.active = False
        session.commit()
        threading.Event().wait(CHECK_AGAIN_AFTER.total_seconds() + 0.5)
        sink.release.set()
        sending.join(30)
    assert [one.recipient for one in sink.accepted] == [world.focal.email, "held@huyen-thu.test"]
    session.expire_all()
    left = dict(session.execute(select(OutboxMessage.to_address, OutboxMessage.state).where(OutboxMessage.state != MessageState.SENT)).all())
    assert left == dict.fromkeys(["owner@huyen-thu.test", "stays@huyen-thu.test", "zhead@huyen-thu.test"], MessageState.CANCELLED)


@pytest.mark.db
def test_who_is_specialist_head_focal_point_and_leader_at_once_gets_one_mail(app: Flask, session: Session, world: World) -> None:
    choose(session, world, focal_from=1, chair_from=1)
    for role, unit in ((Role.HEAD, world.room), (Role.SPECIALIST, world.other_room), (Role.FOCAL, None), (Role.CHAIR, None)):
        add_membership(session, world.owner, world.authority, role, unit)
    session.commit()
    made = service.plan(session, world.authority, clock.today(), clock.now())
    assert sorted(digest.address for digest in made.digests).count("owner@huyen-thu.test") == 1


@pytest.mark.db
@pytest.mark.parametrize("written", ["Owner@Huyen-Thu.test", "owner+dti@huyen-thu.test", " OWNER+2026@huyen-thu.TEST"])
def test_one_mailbox_under_two_accounts_gets_one_mail_however_it_is_written(app: Flask, session: Session, world: World, written: str) -> None:
    choose(session, world, chair_from=None, chair_weekly=False)
    world.colleague.email = written
    session.commit()
    service.plan(session, world.authority, clock.today(), clock.now())
    session.commit()
    with Sink() as sink:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=sink.port)
        mail_jobs.send_waiting(app, rate_per_minute=0)
    reached = [one.recipient.casefold().replace("+dti", "").replace("+2026", "") for one in sink.accepted]
    assert reached.count("owner@huyen-thu.test") == 1
    [mail] = [one for one in sink.accepted if one.recipient.casefold().startswith("owner")]
    assert all(code in mail.text() for code in ("1.1", "1.2", "1.3")), "what both are told stands in it"
