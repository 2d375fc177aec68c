"""One-time codes: printed and mailed, spent once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import add_account, add_authority
from tests.harness.stores import PASSWORD
from tests.page_client import PageClient
from tracker.accounts import credentials, letters, service
from tracker.accounts.models import Account, OneTimeCode
from tracker.audit.rules import SYSTEM
from tracker.kernel import clock
from tracker.kernel.database import db, writing
from tracker.kernel.errors import Refused
from tracker.mail import service as mail
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import Dropped, Prepared
from tracker.units.models import Authority

pytestmark = pytest.mark.db

NEW = "mật khẩu mới tinh 2026"


@pytest.fixture
def person(session: Session) -> Account:
    account = add_account(session, "can-bo@huyen.test", email="can-bo@huyen.test")
    account.password_hash = None
    session.commit()
    return account


def _printed(session: Session, account: Account) -> str:
    code = service.print_code(session, SYSTEM, account, now=clock.now(), authority_id=None)
    session.commit()
    return code


def _prepared(session: Session) -> Prepared | Dropped:
    message = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert message is not None
    return mail.kind_of(message.kind).prepare(session, message, clock.now())


def _link(session: Session) -> str:
    prepared = _prepared(session)
    assert isinstance(prepared, Prepared)
    return next(line for line in prepared.text.splitlines() if "/code/" in line).removeprefix("http://localhost")


def test_a_printed_code_sets_the_first_password_once(person: Account, client: PageClient, session: Session) -> None:
    code = _printed(session, person)
    form = client.get("/code").form("/code").fill(code=f"{code[:4].lower()} {code[4:]}", password=NEW, repeated=NEW)
    page = form.submit()
    assert page.path == "/sign-in"
    assert "Đã đặt mật khẩu cho tài khoản can-bo@huyen.test" in page.text
    client.sign_in(person.username, NEW)
    client.sign_out()
    page = client.get("/code").form("/code").fill(code=code, password=NEW, repeated=NEW).submit(status=400)
    assert "đã dùng hoặc đã hết hạn" in page.main


def test_a_new_code_kills_the_earlier_one(person: Account, client: PageClient, session: Session) -> None:
    first = _printed(session, person)
    _printed(session, person)
    page = client.get("/code").form("/code").fill(code=first, password=NEW, repeated=NEW).submit(status=400)
    assert "đã dùng hoặc đã hết hạn" in page.main


def test_a_weak_password_spends_nothing(person: Account, client: PageClient, session: Session) -> None:
    code = _printed(session, person)
    page = client.get("/code").form("/code").fill(code=code, password="ngắn", repeated="ngắn").submit(status=400)
    assert page.errors == ["Mật khẩu cần ít nhất 10 ký tự."]
    page.form("/code").fill(code=code, password=NEW, repeated=NEW).submit()


def test_an_expired_code_opens_nothing(person: Account, client: PageClient, session: Session, on_day: Callable[[str], None]) -> None:
    code = _printed(session, person)
    on_day("2026-11-26T10:00")
    client.get("/code").form("/code").fill(code=code, password=NEW, repeated=NEW).submit(status=400)


def test_guessing_codes_is_throttled(person: Account, client: PageClient) -> None:
    page = client.get("/code")
    for _time in range(10):
        page = page.form("/code").fill(code="0000-0000-0000", password=NEW, repeated=NEW).submit(status=400)
    assert "quá nhiều lần" in page.form("/code").fill(code="0000-0000-0000", password=NEW, repeated=NEW).submit(status=429).main


def test_setting_a_password_by_code_ends_the_sessions_of_the_old_one(
    session: Session, sign_in: Callable[..., PageClient], client: PageClient
) -> None:
    account = add_account(session, "cu@huyen.test")
    thief = sign_in(account.username)
    code = _printed(session, account)
    client.get("/code").form("/code").fill(code=code, password=NEW, repeated=NEW).submit()
    assert thief.get("/account").path.startswith("/sign-in")
    page = thief.get("/sign-in").form("/sign-in").fill(username=account.username, password=PASSWORD).submit(status=401)
    assert "chưa đúng" in page.main


def test_of_two_who_spend_one_code_at_once_one_succeeds(person: Account, session: Session, app: Flask) -> None:
    code = _printed(session, person)
    session.commit()
    start, results = threading.Barrier(4), []

    def spend(number: int) -> None:
        with app.app_context(), writing():
            fresh = credentials.hash_password(f"{NEW} {number}")
            start.wait()
            try:
                service.spend_code(db.session(), code, fresh, now=clock.now(), real_now=clock.real_now())
                db.session.commit()
                results.append(number)
            except Refused:
                db.session.rollback()

    threads = [threading.Thread(target=spend, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 1
    session.expire_all()
    assert credentials.matches(person.password_hash, f"{NEW} {results[0]}")


def test_an_invitation_is_a_link_that_works_once_and_the_outbox_holds_no_code(person: Account, client: PageClient, session: Session) -> None:
    office: Authority = add_authority(session, "huyen", "UBND huyện Thử")
    assert letters.queue_invitation(
        session, SYSTEM, person, key=client.app.config["SECRET_KEY"], now=clock.now(), authority_id=office.id, office=office.name
    )
    session.commit()
    path = _link(session)
    message = session.scalars(select(OutboxMessage)).one()
    kept = session.scalars(select(OneTimeCode.code_hash)).one()
    code = path.rsplit("/", 1)[1]
    assert code not in str(message.payload)
    assert code != kept
    page = client.get(path)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "can-bo@huyen.test" in page.main
    client.get(path)
    page.form("/code/").fill(password=NEW, repeated=NEW).submit()
    assert "không còn dùng được" in client.get(path, status=404).h1
    assert isinstance(_prepared(session), Dropped)
    client.sign_in(person.username, NEW)


def test_whoever_forgot_gets_a_link_and_a_stranger_learns_nothing(person: Account, client: PageClient, session: Session) -> None:
    told = [client.get("/forgot").form("/forgot").fill(username=name).submit().main for name in (person.username, "khong-co@huyen.test")]
    assert told[0] == told[1]
    assert session.scalars(select(OutboxMessage.to_address)).all() == ["can-bo@huyen.test"]
    client.get("/forgot").form("/forgot").fill(username=person.username).submit()
    assert len(session.scalars(select(OutboxMessage.id)).all()) == 1
    client.get(_link(session)).form("/code/").fill(password=NEW, repeated=NEW).submit()
    client.sign_in(person.username, NEW)


def test_a_reset_link_dies_after_half_an_hour(person: Account, client: PageClient, session: Session, on_day: Callable[[str], None]) -> None:
    client.get("/forgot").form("/forgot").fill(username=person.username).submit()
    path = _link(session)
    on_day((clock.now() + timedelta(minutes=31)).isoformat())
    client.get(path, status=404)
