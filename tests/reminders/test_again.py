"""A mail no server took: the focal point sees why and has it sent again; whether the clockwork runs at all stands on the same page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.mail.sink import Sink
from tests.page_client import PageClient
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.kernel import clock
from tracker.kernel.errors import Refused
from tracker.mail import jobs as mail_jobs
from tracker.mail import outbox
from tracker.mail import service as mail
from tracker.mail.models import MailAttempt, OutboxMessage
from tracker.mail.rules import GIVE_UP_AFTER, MessageState
from tracker.reminders import service

pytestmark = pytest.mark.db

SignIn = Callable[..., PageClient]
FOCAL = Actor(None, "Đầu mối")


def refused(app: Flask, session: Session, world: World, sink: Sink) -> OutboxMessage:
    """A digest to a mailbox the server does not know."""
    world.colleague.email = "nobody@huyen-thu.test"
    service.plan(session, world.authority, clock.today(), clock.now())
    session.commit()
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=sink.port)
    mail_jobs.send_waiting(app, rate_per_minute=0)
    session.expire_all()
    message = session.scalars(select(OutboxMessage).where(OutboxMessage.to_address == "nobody@huyen-thu.test")).one()
    assert message.state is MessageState.FAILED
    return message


def test_a_dead_address_is_seen_mended_and_the_mail_sent_again(app: Flask, session: Session, world: World, sign_in: SignIn) -> None:
    with Sink() as sink:
        message = refused(app, session, world, sink)
        focal = sign_in(world.focal.username)
        page = focal.get(f"/{world.slug}/reminders")
        assert "550 no such mailbox" in page.text
        world.colleague.email = "colleague@huyen-thu.test"
        session.commit()
        said = page.form(f"/reminders/messages/{message.id}/again").submit("Gửi lại")
        assert "tới colleague@huyen-thu.test" in said.text
        mail_jobs.send_waiting(app, rate_per_minute=0)
        [arrived] = sink.to("colleague@huyen-thu.test")
        assert arrived.message_id.startswith(f"<{message.message_id}@")
    session.expire_all()
    assert message.state is MessageState.SENT and message.attempts == 2
    assert session.scalars(select(AuditEvent).where(AuditEvent.action == "reminders.send_again")).one()


def test_two_who_send_again_at_once_send_one(app: Flask, session: Session, world: World) -> None:
    with Sink() as sink:
        message = refused(app, session, world, sink)
    until = clock.now() + timedelta(days=7)
    assert mail.send_again(session, message, "a@x.vn", clock.now(), until)
    assert not mail.send_again(session, message, "b@x.vn", clock.now(), until)
    assert message.to_address == "a@x.vn"


def test_what_was_tried_before_does_not_count_against_it(app: Flask, session: Session, world: World) -> None:
    with Sink() as sink:
        message = refused(app, session, world, sink)
    for attempt in session.scalars(select(MailAttempt).where(MailAttempt.outbox_message_id == message.id)):
        attempt.started_at = clock.real_now() - GIVE_UP_AFTER - timedelta(hours=1)
    service.send_again(session, FOCAL, world.authority, message, clock.today(), clock.now())
    session.commit()
    outbox.expire(session.connection(), clock.real_now(), clock.now())
    session.expire_all()
    assert message.state is MessageState.WAITING


def test_only_a_mail_that_failed_lately_is_sent_again(app: Flask, session: Session, world: World) -> None:
    with Sink() as sink:
        message = refused(app, session, world, sink)
    with pytest.raises(Refused, match="đã cũ"):
        service.send_again(session, FOCAL, world.authority, message, date(2026, 12, 1), clock.now())
    world.colleague.email = None
    with pytest.raises(Refused, match="không đúng dạng"):
        service.send_again(session, FOCAL, world.authority, message, clock.today(), clock.now())
    other = session.scalars(select(OutboxMessage).where(OutboxMessage.state == MessageState.SENT).order_by(OutboxMessage.id)).first()
    assert other is not None
    with pytest.raises(Refused, match="không cần gửi lại"):
        service.send_again(session, FOCAL, world.authority, other, clock.today(), clock.now())


def test_the_page_says_whether_the_clockwork_runs(session: Session, world: World, sign_in: SignIn) -> None:
    focal = sign_in(world.focal.username)
    assert "Bộ lập lịch chưa chạy lần nào" in focal.get(f"/{world.slug}/reminders").text
    now = clock.real_now()
    mail.note_run(session, "send mail", started_at=now, finished_at=now, ok=True, detail=None)
    session.commit()
    page = focal.get(f"/{world.slug}/reminders").text
    assert "Bộ lập lịch chạy tốt lần cuối lúc" in page and "Bộ lập lịch không chạy" not in page
    mail.note_run(session, "plan reminders", started_at=now, finished_at=now, ok=False, detail="lỗi")
    session.commit()
    assert "chạy lỗi (plan reminders)" in focal.get(f"/{world.slug}/reminders").text
    for name in ("send mail", "plan reminders"):
        mail.note_run(session, name, started_at=now, finished_at=now - timedelta(minutes=11), ok=True, detail=None)
    session.commit()
    assert "Bộ lập lịch không chạy từ" in focal.get(f"/{world.slug}/reminders").text
