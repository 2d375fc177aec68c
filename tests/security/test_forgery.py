"""Forged requests, GETs that change things, addresses that lead away, hosts that are not ours, bodies that are too big."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.harness.stores import PASSWORD, make_app
from tests.page_client import PageClient
from tests.security.plant import Planted
from tests.security.policy import POLICY
from tests.security.rows import differences, fingerprint
from tests.security.walk import INSTALLATION_WIDE, _values
from tracker.kernel.database import db
from tracker.web.headers import CONTENT_POLICY, FILE_POLICY
from tracker.web.links import local_path

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def as_(app: Flask, planted: Planted) -> Any:
    """``as_("focal")``: the raw browser of a planted person."""

    def browser(name: str | None = None) -> Any:
        raw = PageClient(app).raw
        if name:
            raw.set_cookie(app.config["SESSION_COOKIE_NAME"], planted.cookies[name])
        return raw

    return browser


def addresses(app: Flask, planted: Planted, methods: tuple[str, ...]) -> Iterator[tuple[Rule, str, str]]:
    """Every (rule, method, address) about the first authority's own things."""
    bound = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & set(methods)):
            yield rule, method, bound.build(rule.endpoint, _values(rule, planted.here), method=method)


def rows(app: Flask) -> dict[str, str]:
    with app.app_context():
        found = fingerprint(db.session())
        db.session.remove()
        return found


#: What an address that nobody can guess allows by itself: a mail program's one click brings no token of ours; a personal link
#: has forms with a token of the link itself (reminders/test_links.py).
BY_ADDRESS = {"summaries.summary", "links.page"}


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("token", [None, "", "khong-phai-ma", "foreign"])
def test_no_form_is_taken_without_the_token_of_this_browser(app: Flask, planted: Planted, as_: Any, token: str | None) -> None:
    if token == "foreign":
        page = as_("chair").get("/account").get_data(as_text=True)
        token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
    before, browser = rows(app), as_("focal")
    for rule, method, path in addresses(app, planted, UNSAFE):
        if rule.endpoint in BY_ADDRESS:
            continue
        answer = browser.open(path, method=method, data={"csrf_token": token} if token is not None else {})
        assert answer.status_code == 400, f"{method} {rule.endpoint} took a form with the token {token!r}: {answer.status_code}"
        assert "Phiên làm việc đã cũ" in answer.get_data(as_text=True)
    assert not differences(before, rows(app))


@pytest.mark.db("sqlite")
def test_a_token_in_the_address_counts_for_nothing(planted: Planted, as_: Any) -> None:
    browser = as_("focal")
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/account").get_data(as_text=True))[0]
    assert browser.post(f"/account/sessions/end-others?csrf_token={token}").status_code == 400
    assert browser.post("/account/sessions/end-others", data={"csrf_token": token}).status_code == 302


@pytest.mark.db
@pytest.mark.parametrize("name", ["focal", "owner"])
def test_opening_pages_changes_nothing(app: Flask, planted: Planted, as_: Any, name: str) -> None:
    before, browser = rows(app), as_(name)
    for _rule, method, path in addresses(app, planted, ("GET", "HEAD", "OPTIONS")):
        assert browser.open(path, method=method).status_code < 500, path
    assert not differences(before, rows(app))


def well_protected(answer: TestResponse, *, policy: str = CONTENT_POLICY) -> list[str]:
    wanted = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    faults = [f"{name}: {answer.headers.get(name)}" for name, value in wanted.items() if answer.headers.get(name) != value]
    if answer.headers.get("Referrer-Policy") not in ("same-origin", "no-referrer"):
        faults.append("Referrer-Policy")
    if "unsafe" in answer.headers["Content-Security-Policy"] or "default-src 'none'" not in answer.headers["Content-Security-Policy"]:
        faults.append("a lax Content-Security-Policy")
    return faults


@pytest.mark.db("sqlite")
def test_every_answer_carries_the_strict_headers(app: Flask, planted: Planted, as_: Any) -> None:
    browser, wrong = as_("focal"), []
    for rule, method, path in addresses(app, planted, ("GET", "HEAD", "POST", "OPTIONS")):
        answer = browser.open(path, method=method)
        is_file = rule.endpoint in ("evidence.file", "evidence.page", "tasks.paper") and answer.status_code == 200 and method != "OPTIONS"
        wrong += [
            f"{method} {rule.endpoint} ({answer.status_code}): {fault}"
            for fault in well_protected(answer, policy=FILE_POLICY if is_file else CONTENT_POLICY)
        ]
        if rule.endpoint != "static" and (answer.headers.get("Cache-Control") != "no-store" or "Cookie" not in answer.headers.get("Vary", "")):
            wrong.append(f"{method} {rule.endpoint}: may be kept by a cache")
    for path in ("/khong-co", "/huyen-thu/khong-co/gi", "/static/khong-co.css", "/static/../config.py", "/favicon.ico"):
        wrong += [f"{path}: {fault}" for fault in well_protected(browser.get(path))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.db("sqlite")
def test_evidence_is_a_download_that_can_run_nothing(planted: Planted, as_: Any) -> None:
    here = planted.here
    answer = as_("owner").get(f"/{here.authority}/evidence/files/{here.file_id}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == FILE_POLICY


def test_over_https_browsers_are_told_to_stay_there_and_cookies_to_stay_here(tmp_path: Path) -> None:
    app = make_app(
        f"sqlite:///{tmp_path / 'none.sqlite'}",
        tmp_path,
        BASE_URL="https://dondoc.example.vn",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_NAME="__Host-dondoc",
    )
    answer = app.test_client().get("/static/favicon.svg", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.db("sqlite")
def test_the_session_cookie_is_out_of_reach_of_scripts_and_of_other_sites(app: Flask, planted: Planted, as_: Any) -> None:
    answer = as_().get("/sign-in")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


@pytest.mark.db("sqlite")
def test_signing_in_gives_a_new_session_and_signing_out_ends_it(app: Flask, world: Any) -> None:
    client = PageClient(app)
    client.get("/sign-in")
    name = app.config["SESSION_COOKIE_NAME"]
    planted_by_an_attacker = client.raw.get_cookie(name).value
    client.sign_in(world.owner.username)
    signed_in = client.raw.get_cookie(name).value
    assert signed_in != planted_by_an_attacker
    client.sign_out()
    thief = PageClient(app)
    thief.raw.set_cookie(name, signed_in)
    assert thief.get("/account").path.startswith("/sign-in"), "the old cookie still opens the account"


AWAY = [
    "https://ke-xau.test", "//ke-xau.test", "///ke-xau.test", "////ke-xau.test", "/\\ke-xau.test", "\\\\ke-xau.test", "\\/ke-xau.test", "/\t/ke-xau.test", "/\n/ke-xau.test",
    "https:ke-xau.test", "https:/ke-xau.test", "http:\\\\ke-xau.test", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", " https://ke-xau.test",
    "\x01//ke-xau.test", "/%5Cke-xau.test/..//ke-xau.test\\", "https://localhost@ke-xau.test", "https://localhost.ke-xau.test", "//localhost@ke-xau.test",
    "//ke-xau.test/%2f..", "/\r\nLocation: https://ke-xau.test", "ke-xau.test", "ftp://ke-xau.test", "//[::1]@ke-xau.test", "/.\\ke-xau.test", "//ke-xau。test", "@ke-xau.test", "?x=//ke-xau.test",
]  # fmt: skip


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("target", AWAY)
def test_nobody_is_led_away_after_signing_in(app: Flask, world: Any, target: str) -> None:
    client = PageClient(app)
    form = client.get("/sign-in", query_string={"next": target}).form("/sign-in")
    assert not form.values.get("next"), f"the page took {target!r} over"
    form.fill(username=world.owner.username, password=PASSWORD).tamper(next=target)
    answer = client.raw.post("/sign-in", data=form.values)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("path", ["/", "/ninh-son/tasks?unit=a&page=2", "/ninh-son/tasks/12#task-3", "/ninh-son/units/xa-la%CC%82m-son"])
def test_a_path_of_this_site_is_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(
    "host",
    [
        "ke-xau.test",
        "localhost.ke-xau.test",
        "localhost@ke-xau.test",
        "127.0.0.1.ke-xau.test",
        "",
        "localhost, ke-xau.test",
        "ke-xau.test:80",
        "[::2]",
    ],
)
def test_another_host_name_is_refused(app: Flask, planted: Planted, as_: Any, host: str) -> None:
    answer = as_().get("/sign-in", headers={"Host": host})
    assert answer.status_code == 400
    assert "ke-xau" not in answer.get_data(as_text=True)


@pytest.mark.db("sqlite")
def test_a_proxy_nobody_configured_is_not_believed(as_: Any) -> None:
    answer = as_().get("/", headers={"X-Forwarded-Host": "ke-xau.test", "X-Forwarded-Proto": "https", "Forwarded": "host=ke-xau.test"})
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("size", [25, 200])
def test_a_body_that_is_too_big_is_refused_with_a_page(app: Flask, planted: Planted, as_: Any, size: int) -> None:
    here, browser = planted.here, as_("owner")
    path = f"/{here.authority}/tasks/{here.task_id}/evidence"
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(path).get_data(as_text=True))[0]
    before = rows(app)
    data = {"csrf_token": token, "kind": "file", "file": (BytesIO(b"%PDF-1.4\n" + b"\0" * (size * 1024 * 1024)), "lon.pdf")}
    answer = browser.post(path, data=data)
    assert answer.status_code == 413
    assert "20 MB" in answer.get_data(as_text=True)
    assert not differences(before, rows(app))
    assert not list((app.config["TRACKER_DATA"] / "evidence").rglob("*.partial"))


@pytest.mark.db("sqlite")
def test_a_form_of_endless_text_or_of_countless_fields_is_refused(planted: Planted, as_: Any) -> None:
    browser = as_("owner")
    assert browser.post("/account/profile", data={"display_name": "x" * 3_000_000}, content_type="multipart/form-data").status_code == 413
    assert browser.post("/account/profile", data={f"f{n}": "x" for n in range(2_500)}, content_type="multipart/form-data").status_code == 413


@pytest.mark.db("sqlite")
def test_other_methods_are_not_taken(app: Flask, planted: Planted, as_: Any) -> None:
    browser = as_("admin")
    for rule, _method, path in addresses(app, planted, ("GET",)):
        for method in ("TRACE", "DELETE", "PUT", "PATCH"):
            assert browser.open(path, method=method).status_code in (400, 404, 405), f"{method} {rule.endpoint}"


def test_the_arguments_of_the_policy_are_known() -> None:
    assert set(INSTALLATION_WIDE) <= {argument for line in POLICY.values() for argument in line.objects}
