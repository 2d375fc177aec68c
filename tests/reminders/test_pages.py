"""The focal point's page of reminders, the button, the mails of a demonstration, and the page for monitors."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.page_client import PageClient
from tracker.audit.models import AuditEvent
from tracker.kernel import clock
from tracker.mail import jobs as mail_jobs
from tracker.mail.models import OutboxMessage
from tracker.reminders import service

pytestmark = pytest.mark.db
SignIn = Callable[..., PageClient]


def test_before_planning_the_page_shows_todays_digests_to_come(sign_in: SignIn, world: World) -> None:
    page = sign_in(world.focal.username).get(f"/{world.slug}/reminders")
    assert "owner@huyen-thu.test" in page.text
    assert "Các ngân hàng" in page.text  # nobody there can be told


def test_after_sending_it_shows_what_went_and_what_did_not_and_why(app: Flask, sign_in: SignIn, session: Session, world: World) -> None:
    service.plan(session, world.authority, clock.today(), clock.now())
    world.owner.active = False
    world.colleague.email = "broken"
    session.scalars(select(OutboxMessage).where(OutboxMessage.to_address == "colleague@huyen-thu.test")).one().to_address = "broken"
    session.commit()
    mail_jobs.send_waiting(app)
    text = sign_in(world.focal.username).get(f"/{world.slug}/reminders").text
    assert "Đã gửi" in text
    assert "không còn thuộc người nhận" in text
    assert "không đúng dạng" in text


def test_the_list_goes_to_a_sheet(sign_in: SignIn, session: Session, world: World) -> None:
    service.plan(session, world.authority, clock.today(), clock.now())
    session.commit()
    answer = sign_in(world.focal.username).get(f"/{world.slug}/reminders.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert any("owner@huyen-thu.test" in str(cell) for row in rows for cell in row)


def test_reminding_a_unit_now_is_audited_and_a_second_time_is_refused_in_words(sign_in: SignIn, session: Session, world: World) -> None:
    client = sign_in(world.focal.username)
    page = client.get(f"/{world.slug}/units/{world.room.slug}")
    button = page.form(f"/{world.slug}/reminders/units/{world.room.slug}")
    assert "Đã lập 2 thư nhắc" in button.submit().text
    assert "Hôm nay đã gửi thư nhắc" in button.submit().text
    events = session.scalars(select(AuditEvent).where(AuditEvent.action == "reminders.remind_unit")).all()
    assert [event.account_id for event in events] == [world.focal.id]


def test_a_unit_of_another_authority_is_not_there(app: Flask, sign_in: SignIn, session: Session, world: World) -> None:
    client = sign_in(world.foreign_focal.username)
    app.config["WTF_CSRF_ENABLED"] = False
    client.post(f"/{world.slug}/reminders/units/{world.room.slug}", {}, status=404)
    client.post(f"/{world.elsewhere.slug}/reminders/units/{world.bank.slug}", {}, status=404)
    assert session.scalars(select(OutboxMessage)).all() == []


def test_only_who_chases_sees_the_page(sign_in: SignIn, world: World) -> None:
    sign_in(world.owner.username).get(f"/{world.slug}/reminders", status=403)


def test_the_mails_of_a_demonstration_can_be_read(app: Flask, client: PageClient, session: Session, world: World) -> None:
    service.plan(session, world.authority, clock.today(), clock.now())
    session.commit()
    mail_jobs.send_waiting(app)
    assert "owner@huyen-thu.test" in client.get("/dev/mail").text
    name = next(app.config["MAIL_FOLDER"].glob("*.eml")).stem
    assert "Kính gửi" in client.get(f"/dev/mail/{name}").text
    client.get("/dev/mail/0123", status=404)
    app.config["TRACKER_ENV"] = "production"
    client.get("/dev/mail", status=404)


def test_a_monitor_reads_that_all_is_well_and_no_secrets(app: Flask, client: PageClient, session: Session, world: World) -> None:
    service.plan(session, world.authority, clock.today(), clock.now())
    session.commit()
    answer = app.test_client().get("/healthz")
    assert answer.json == {"database": "ok", "scheduler": {"last_run": None, "jobs": {}}, "mails_waiting": 5}
