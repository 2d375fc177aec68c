"""A blank installation: who gets in, and with which code. Then the whole way to an opened round, without any script."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.page_client import Page, PageClient
from tracker.accounts.models import Account
from tracker.assignments.models import Assignment, Notice
from tracker.deadlines.models import DeadlineRule, Round
from tracker.kernel import clock
from tracker.start.models import SetupCode
from tracker.tasks.models import Task
from tracker.units.models import Authority, Unit

pytestmark = pytest.mark.db
Command = Callable[..., Any]

PASSWORD = "mot-mat-khau-rat-dai"
OFFICE = {
    "name": "UBND xã Nghĩa Phương",
    "level": "commune",
    "place": "Nghĩa Phương",
    "display_name": "Cán bộ quản trị",
    "username": "quan-tri@nghiaphuong.gov.vn",
    "password": PASSWORD,
    "repeated": PASSWORD,
}


@pytest.fixture
def library(command: Command) -> Command:
    """Sets and calendar, no authority."""
    assert command("seed", "--library").exit_code == 0
    return command


def code_of(command: Command) -> str:
    answer = command("setup-code", "--json")
    assert answer.exit_code == 0, answer.stderr
    return str(json.loads(answer.stdout)["code"])


def begin(client: PageClient, code: str, status: int = 200, **more: str) -> Page:
    return client.get("/setup").form("/setup").fill(code=code, **{**OFFICE, **more}).submit(status=status)


def test_a_blank_installation_shows_the_way_in(library: Command, client: PageClient) -> None:
    page = client.get("/")
    assert page.path.startswith("/sign-in") and "Hệ thống chưa có cơ quan nào" in page.main
    assert page.link("Bắt đầu").follow().path == "/setup"


def test_a_stranger_without_the_code_gets_nowhere(library: Command, client: PageClient, session: Session) -> None:
    assert "Mã thiết lập không đúng" in begin(client, "AAAA-BBBB-CCCC", status=400).main
    code_of(library)
    assert "Mã thiết lập không đúng" in begin(client, "AAAA-BBBB-CCCC", status=400).main
    assert session.scalar(select(func.count(Authority.id))) == 0
    assert session.scalar(select(func.count(Account.id))) == 0


def test_guessing_is_throttled(library: Command, client: PageClient) -> None:
    code_of(library)
    for _guess in range(10):
        begin(client, "AAAA-BBBB-CCCC", status=400)
    assert "quá nhiều lần" in begin(client, "AAAA-BBBB-CCCC", status=429).main


def test_the_code_is_kept_as_a_hash_and_dies_with_the_next_one(library: Command, client: PageClient, session: Session) -> None:
    first = code_of(library)
    second = code_of(library)
    kept = session.scalars(select(SetupCode)).all()
    assert all(first.replace("-", "") not in one.code_hash and second not in one.code_hash for one in kept)
    assert "không đúng" in begin(client, first, status=400).main
    assert begin(client, second).path == "/nghia-phuong/start/set"


def test_the_code_dies_after_two_days(library: Command, client: PageClient, on_day: Callable[[str], None]) -> None:
    code = code_of(library)
    on_day((clock.today() + timedelta(days=3)).isoformat())
    assert "hết hạn" in begin(client, code, status=400).main


def test_a_weak_password_or_a_wrong_word_spends_nothing(library: Command, client: PageClient) -> None:
    code = code_of(library)
    page = begin(client, code, status=400, password="ngan", repeated="ngan")
    assert "ít nhất 10 ký tự" in page.main
    assert "Nghĩa Phương" in page.form("/setup").values["name"], "what was typed is gone"
    assert "khoảng trắng" in begin(client, code, status=400, username="hai chu").main
    assert begin(client, code).path == "/nghia-phuong/start/set"


def test_once_there_is_an_authority_nobody_sets_up(library: Command, client: PageClient, app: Flask) -> None:
    code = code_of(library)
    begin(client, code)
    assert client.get("/setup", status=404)
    stranger = PageClient(app)
    assert stranger.get("/setup").path.startswith("/sign-in")
    assert "Hệ thống chưa có" not in stranger.get("/sign-in").main
    refused = library("setup-code")
    assert refused.exit_code == 1 and "đã có cơ quan" in refused.stderr


@pytest.mark.db("postgresql")
def test_of_two_at_the_same_instant_one_gets_in(library: Command, app: Flask, session: Session) -> None:
    code, together = code_of(library), Barrier(2)

    def send(number: int) -> int:
        own = PageClient(app)
        form = own.get("/setup").form("/setup").fill(code=code, **{**OFFICE, "username": f"quan-tri-{number}@xa.vn"})
        together.wait(20)
        return int(own.raw.post("/setup", data=form.values).status_code)

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(send, range(2)))
    assert answers == [302, 400]
    assert session.scalar(select(func.count(Authority.id))) == 1


def test_the_operator_adds_the_next_authority(library: Command, client: PageClient) -> None:
    begin(client, code_of(library))
    made = library("authorities", "add", "tu-nghia", "UBND huyện Tư Nghĩa", "--level", "district", "--place", "Tư Nghĩa", "--json")
    assert made.exit_code == 0, made.stderr
    listed = json.loads(library("authorities", "--json").stdout)["rows"]
    assert [row["slug"] for row in listed] == ["tu-nghia", "nghia-phuong"]
    for slug in ("tu-nghia", "setup", "Tư Nghĩa"):
        assert library("authorities", "add", slug, "UBND", "--level", "commune", "--place", "X").exit_code == 1


def test_a_commune_goes_from_nothing_to_an_opened_round(library: Command, client: PageClient, session: Session) -> None:
    """Every step as a plain form, left and resumed between any two."""
    page = begin(client, code_of(library))
    assert page.h1 == "Cơ quan dùng bộ chỉ số nào?"
    assert "Văn bản tự mâu thuẫn" in page.main

    page = page.form("/start/set").fill(set="nghia-phuong-2023").submit()
    assert page.path == "/nghia-phuong/start/units"
    # Left here, and found again.
    client.sign_out()
    page = client.sign_in(OFFICE["username"], PASSWORD)
    assert page.path == "/nghia-phuong/start/units"
    assert "85 chỉ số" not in page.main and "đơn vị, chức danh, nhóm đọc được" in page.main

    page = page.form("/start/units").submit()
    assert page.path == "/nghia-phuong/start/leads"
    assert "chưa có cơ quan chủ trì" not in page.main, "every row of the sample names its lead"
    page = page.form("/start/leads").submit("Tiếp tục: thời hạn")
    assert page.path == "/nghia-phuong/start/deadlines" and "Đã giao" in page.text
    assert "kể từ ngày phát hành" in page.form("/start/deadlines").values["wording"]

    page = page.form("/start/deadlines").submit("Đọc câu này")
    assert "15 ngày" in page.main
    page = page.form("/start/deadlines").submit("Đồng ý, ghi thời hạn")
    page = page.form("/start/focal").submit()
    assert page.path == "/nghia-phuong/start/people"
    assert "Công chức Văn hóa - Thông tin" in page.main

    form = page.form("/start/people").fill(**{"name-0": "Đồng chí Chủ tịch", "email-0": "chutich@nghiaphuong.gov.vn", "name-1": "Đồng chí Văn hóa"})
    page = form.submit("Tiếp tục")
    assert page.h1 == "Phiếu mã một lần" and len(re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page.main)) == 2
    page = page.link("Tiếp tục: mở đợt đầu tiên").follow()
    assert "85 chỉ số" in page.main or "đã giao" in page.main

    page = page.form("/start/finish").fill(letter="05/CV-UBND", issued="18/11/2026").submit("Mở đợt đầu tiên")
    assert page.path.startswith("/nghia-phuong/rounds/")
    session.expire_all()
    given = session.scalar(select(func.count(Assignment.id)))
    assert session.scalar(select(func.count(Round.id))) == 1
    assert session.scalar(select(func.count(Task.id))) == given and given and given > 70
    assert session.scalar(select(func.count(DeadlineRule.id))) == 1
    assert session.scalar(select(func.count(Notice.id))) == 1
    # From now on the front door is a front door again.
    assert client.get("/nghia-phuong/").path == "/nghia-phuong/today"


def test_the_units_are_those_of_the_sample_with_their_spellings(library: Command, client: PageClient, session: Session) -> None:
    page = begin(client, code_of(library))
    page = page.form("/start/set").fill(set="nghia-phuong-2023").submit()
    page.form("/start/units").submit()
    listed = json.loads(library("units", "nghia-phuong", "--json").stdout)["rows"]
    by_name = {row["name"]: row for row in listed}
    assert "CC VH TT" in by_name["Công chức Văn hóa - Thông tin"]["aliases"]
    assert by_name["CC VHXX"]["kind"] == "position", "what is merely alike stays apart"
    everybody = session.scalars(select(Unit).where(Unit.catch_all)).one()
    assert everybody.name == "Công chức xã"
