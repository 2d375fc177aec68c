"""Signing in and out, the throttle, sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config import BadConfiguration
from tests.factories import add_account, add_authority, add_membership
from tests.harness.stores import PASSWORD, make_app
from tests.page_client import PageClient
from tracker.accounts.models import Account, SignInFailure, UserSession
from tracker.accounts.rules import FAILURES_PER_NAME, SESSION_IDLE, THROTTLE_WINDOW
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.units.models import Authority
from tracker.units.rules import Role

pytestmark = pytest.mark.db

WRONG = "sai mật khẩu rồi"
SORRY = "Tên đăng nhập hoặc mật khẩu chưa đúng."


@pytest.fixture
def person(session: Session) -> Account:
    account = add_account(session, "can-bo@huyen.test")
    session.commit()
    return account


def _try(client: PageClient, username: str, password: str, status: int) -> str:
    return client.get("/sign-in").form("/sign-in").fill(username=username, password=password).submit(status=status).main


def test_the_name_is_compared_without_case(person: Account, client: PageClient) -> None:
    page = client.sign_in("CAN-BO@Huyen.TEST")
    assert page.path == "/"
    assert client.get("/account").h1 == "Tài khoản của tôi"


def test_a_wrong_password_and_an_unknown_name_are_told_alike(person: Account, client: PageClient) -> None:
    assert SORRY in _try(client, person.username, WRONG, 401)
    assert SORRY in _try(client, "khong-co-ai@huyen.test", WRONG, 401)


def test_an_account_without_a_password_cannot_sign_in(session: Session, client: PageClient) -> None:
    add_account(session, "cho-moi@huyen.test").password_hash = None
    assert SORRY in _try(client, "cho-moi@huyen.test", WRONG, 401)


def test_a_stranger_is_sent_to_sign_in_and_back(person: Account, client: PageClient) -> None:
    page = client.get("/account")
    assert page.path == "/sign-in?next=/account"
    assert page.form("/sign-in").fill(username=person.username, password=PASSWORD).submit().path == "/account"


def test_sign_in_leads_nowhere_else(person: Account, client: PageClient) -> None:
    for target in ("https://xau.example/", "//xau.example/", "/\\xau.example", "javascript:alert(1)"):
        form = client.get("/sign-in").form("/sign-in").fill(username=person.username, password=PASSWORD).tamper(next=target)
        assert form.submit().path == "/"
        client.sign_out()


def test_each_sign_in_has_a_token_of_its_own_and_kills_the_browsers_former_one(person: Account, client: PageClient, session: Session) -> None:
    client.sign_in(person.username)
    first = client.raw.get_cookie("dondoc").value
    client.post("/sign-in", status=400)
    client.raw.delete_cookie("dondoc")
    client.raw.set_cookie("dondoc", first)
    page = client.get("/account")
    token = page.form("/sign-out").values["csrf_token"]
    client.post("/sign-in", {"csrf_token": token, "username": person.username, "password": PASSWORD})
    second = client.raw.get_cookie("dondoc").value
    assert first != second
    client.raw.set_cookie("dondoc", first)
    assert client.get("/account").path.startswith("/sign-in")
    client.raw.set_cookie("dondoc", second)
    assert client.get("/account").path == "/account"


def test_the_database_keeps_no_token(person: Account, client: PageClient, app: Flask, session: Session) -> None:
    client.sign_in(person.username)
    with client.raw.session_transaction() as cookie:
        token = cookie["_user_id"]
        assert set(cookie) <= {"_user_id", "_fresh", "_id", "csrf_token", "_flashes"}
    kept = session.scalars(select(UserSession.token_hash)).all()
    assert kept
    assert token not in kept


def test_signing_out_kills_the_token_not_only_the_cookie(person: Account, client: PageClient) -> None:
    client.sign_in(person.username)
    kept = client.raw.get_cookie("dondoc").value
    assert "đã đăng xuất" in client.sign_out().text
    client.raw.set_cookie("dondoc", kept)
    assert client.get("/account").path.startswith("/sign-in")


def test_a_session_nobody_uses_dies(person: Account, client: PageClient, session: Session) -> None:
    client.sign_in(person.username)
    session.execute(update(UserSession).values(seen_at=clock.real_now() - SESSION_IDLE - timedelta(minutes=1)))
    assert client.get("/account").path.startswith("/sign-in")


def test_a_used_session_stays_alive_and_dies_at_its_end(person: Account, client: PageClient, session: Session) -> None:
    client.sign_in(person.username)
    before = clock.real_now() - SESSION_IDLE + timedelta(hours=1)
    session.execute(update(UserSession).values(seen_at=before))
    assert client.get("/account").path == "/account"
    assert session.scalars(select(UserSession.seen_at)).one() > before
    session.execute(update(UserSession).values(expires_at=clock.real_now()))
    assert client.get("/account").path.startswith("/sign-in")


def test_changing_the_password_ends_every_session(person: Account, sign_in: Callable[..., PageClient]) -> None:
    office, phone = sign_in(person.username), sign_in(person.username)
    new = "mật khẩu mới tinh 2026"
    page = office.get("/account").form("/account/password").fill(current=PASSWORD, password=new, repeated=new).submit()
    assert page.path == "/sign-in"
    assert "mọi phiên đăng nhập đã kết thúc" in page.text
    assert phone.get("/account").path.startswith("/sign-in")
    assert SORRY in _try(phone, person.username, PASSWORD, 401)
    phone.sign_in(person.username, new)


def test_a_password_is_changed_only_by_who_knows_the_old_one(person: Account, sign_in: Callable[..., PageClient]) -> None:
    browser = sign_in(person.username)
    new = "mật khẩu mới tinh 2026"
    page = browser.get("/account").form("/account/password").fill(current=WRONG, password=new, repeated=new).submit(status=400)
    assert page.errors == ["Mật khẩu hiện nay chưa đúng."]
    page = browser.get("/account").form("/account/password").fill(current=PASSWORD, password="ngắn", repeated="ngắn").submit(status=400)
    assert page.errors == ["Mật khẩu cần ít nhất 10 ký tự."]
    page = browser.get("/account").form("/account/password").fill(current=PASSWORD, password=new, repeated=new + "x").submit(status=400)
    assert page.errors == ["Hai lần nhập chưa giống nhau."]


def test_switching_an_account_off_ends_its_sessions(person: Account, sign_in: Callable[..., PageClient], session: Session) -> None:
    browser = sign_in(person.username)
    person.active = False
    assert browser.get("/account").path.startswith("/sign-in")
    assert SORRY in _try(browser, person.username, PASSWORD, 401)


def test_one_ends_ones_own_other_sessions_and_nobody_elses(person: Account, sign_in: Callable[..., PageClient], session: Session) -> None:
    other = add_account(session, "nguoi-khac@huyen.test")
    office, phone, stranger = sign_in(person.username), sign_in(person.username), sign_in(other.username)
    foreign = session.scalars(select(UserSession.id).where(UserSession.account_id == other.id)).one()
    page = office.get("/account")
    ended = next(a for a in page.all("//form/@action") if a.startswith("/account/sessions/") and a.endswith("/end"))
    page.form(ended).submit()
    assert phone.get("/account").path.startswith("/sign-in")
    token = office.get("/account").form("/sign-out").values["csrf_token"]
    office.post(f"/account/sessions/{foreign}/end", {"csrf_token": token}, status=404)
    assert stranger.get("/account").path == "/account"


def _fail(client: PageClient, username: str, times: int) -> None:
    page = client.get("/sign-in")
    for _time in range(times):
        page = page.form("/sign-in").fill(username=username, password=WRONG).submit(status=401)


def test_after_ten_failures_a_name_waits_even_with_the_right_password_and_a_restart_does_not_help(
    person: Account, client: PageClient, app: Flask, database_url: str, data: Path, session: Session
) -> None:
    _fail(client, person.username, FAILURES_PER_NAME)
    assert "quá nhiều lần" in _try(client, person.username, PASSWORD, 429)
    restarted = PageClient(make_app(database_url, data))
    assert "quá nhiều lần" in _try(restarted, person.username, PASSWORD, 429)
    with restarted.app.app_context():
        db.engine.dispose()
    session.commit()
    session.execute(update(SignInFailure).values(at=clock.real_now() - THROTTLE_WINDOW - timedelta(seconds=1)))
    client.sign_in(person.username)


def test_whoever_waits_gets_in_however_often_somebody_else_knocks(person: Account, client: PageClient, session: Session) -> None:
    _fail(client, person.username, FAILURES_PER_NAME)
    for _time in range(5):
        _try(client, person.username, WRONG, 429)
    assert len(session.scalars(select(SignInFailure.id)).all()) == FAILURES_PER_NAME


def test_another_address_and_another_name_do_not_wait(person: Account, client: PageClient, session: Session) -> None:
    other = add_account(session, "nguoi-khac@huyen.test")
    _fail(client, person.username, FAILURES_PER_NAME)
    _try(client, person.username, PASSWORD, 429)
    client.sign_in(other.username)
    client.sign_out()
    client.raw.environ_base["REMOTE_ADDR"] = "10.1.2.3"
    client.sign_in(person.username)


def test_a_success_begins_the_count_anew(person: Account, client: PageClient) -> None:
    _fail(client, person.username, FAILURES_PER_NAME - 1)
    client.sign_in(person.username)
    client.sign_out()
    _fail(client, person.username, 2)


def test_production_refuses_demo_accounts_at_sign_in_and_at_start(
    session: Session, app: Flask, client: PageClient, database_url: str, data: Path
) -> None:
    demo = add_account(session, "focal@huyen.demo", demo=True)
    session.commit()
    app.config["TRACKER_ENV"] = "production"
    assert SORRY in _try(client, demo.username, PASSWORD, 401)
    with pytest.raises(BadConfiguration, match="tài khoản trình diễn"):
        make_app(database_url, data, TRACKER_ENV="production")
    session.commit()
    demo.active = False
    session.commit()
    with make_app(database_url, data, TRACKER_ENV="production").app_context():
        db.engine.dispose()


def test_home_leads_to_the_only_authority_or_lets_one_choose(person: Account, sign_in: Callable[..., PageClient], session: Session) -> None:
    browser = sign_in(person.username)
    assert "chưa có vai trò ở cơ quan nào" in browser.get("/").main
    here, there = add_authority(session, "huyen-a", "UBND huyện A"), add_authority(session, "huyen-b", "UBND huyện B")
    add_membership(session, person, here, Role.CHAIR)
    session.commit()
    assert browser.raw.get("/").headers["Location"].startswith("/huyen-a")
    add_membership(session, person, there, Role.CHAIR)
    page = browser.get("/")
    assert page.has_link("UBND huyện A")
    assert page.has_link("UBND huyện B")
    assert session.scalars(select(Authority.slug).order_by(Authority.slug)).all() == ["huyen-a", "huyen-b"]


def test_the_language_is_remembered(client: PageClient) -> None:
    page = client.get("/sign-in").form("/account/locale").submit()
    assert page.root is not None
    assert page.root.get("lang") == "en"


def test_a_name_longer_than_any_is_refused_with_a_sentence(client: PageClient) -> None:
    page = client.get("/sign-in").form("/sign-in").fill(username="a" * 101, password="x").submit(status=400)
    assert page.errors == ["Nội dung này quá dài; tối đa 100 ký tự."]
