"""Whom to chase: how each unit was told last, the three ways of telling it one click away, and several units told together."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.page_client import Page, PageClient
from tracker.audit.rules import Actor
from tracker.kernel import clock, scope
from tracker.mail.models import OutboxMessage
from tracker.reminders import chase_queries, chase_service
from tracker.reminders.chase_models import ChaseEntry
from tracker.reminders.chase_rules import ChaseKind, LastChase
from tracker.reminders.rules import MANUAL

SignIn = Callable[..., PageClient]
FOCAL = Actor(None, "Đầu mối")


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (LastChase("mail", date(2026, 11, 16), 3), "Mail 16/11, lần 3"),
        (LastChase("letter", date(2026, 11, 18), 1), "Công văn hôm nay, lần 1"),
        (LastChase("zalo", date(2025, 12, 31), 2), "Zalo 31/12/2025, lần 2"),
    ],
)
def test_the_last_chase_is_told_by_means_day_and_number(last: LastChase, words: str) -> None:
    assert last.words(date(2026, 11, 18)) == words


@pytest.mark.db
def test_the_newest_chase_counts_whatever_its_means(session: Session, world: World, sign_in: SignIn) -> None:
    scope.choose(session, scope.one(world.authority.id))
    for on in (date(2026, 11, 13), date(2026, 11, 16), date(2026, 11, 16)):
        chase_service.note(session, FOCAL, kind=ChaseKind.CALL, unit_id=world.room.id, task_ids={}, words="Gọi.", on_day=on, now=clock.now())
    chase_service.note(
        session, FOCAL, kind=ChaseKind.LINK, unit_id=world.room.id, task_ids={}, words="Nộp.", on_day=date(2026, 11, 17), now=clock.now()
    )
    session.commit()
    ids = [world.room.id, world.other_room.id]
    assert chase_queries.last_chases(session, world.authority, ids) == {world.room.id: LastChase("call", date(2026, 11, 16), 2)}
    session.commit()
    focal = sign_in(world.focal.username)
    focal.get("/huyen-thu/today").form("/reminders/units/phong-noi-vu").submit()
    session.expire_all()
    scope.choose(session, scope.one(world.authority.id))
    assert chase_queries.last_chases(session, world.authority, ids)[world.room.id] == LastChase("mail", clock.today(), 1)
    assert "Mail hôm nay, lần 1" in focal.get("/huyen-thu/today").main
    assert "Mail hôm nay, lần 1" in focal.get("/huyen-thu/units/phong-noi-vu").main


def _chase(page: Page, *units: str, button: str) -> Page:
    return page.form("/today/chase").fill(units=list(units)).submit(button)


@pytest.mark.db
def test_several_units_are_mailed_at_once_and_whom_nobody_can_tell_is_named(session: Session, world: World, sign_in: SignIn) -> None:
    focal = sign_in(world.focal.username)
    after = _chase(focal.get("/huyen-thu/today"), "phong-noi-vu", world.other_room.slug, world.bank.slug, button="Gửi mail các đơn vị đã chọn")
    assert after.h1 == "Việc hôm nay"
    assert "2 đơn vị; thư đi trong ít phút" in after.text
    assert f"{world.bank.name} chưa có ai nhận được thư" in after.text
    told = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == MANUAL)).all()
    assert {one.payload["unit"] for one in told} == {world.room.id, world.other_room.id}
    again = _chase(focal.get("/huyen-thu/today"), "phong-noi-vu", button="Gửi mail các đơn vị đã chọn")
    assert "Hôm nay đã gửi thư nhắc Phòng Nội vụ rồi" in again.text
    assert "Đồng chí chọn ít nhất một đơn vị" in _chase(focal.get("/huyen-thu/today"), button="Gửi mail các đơn vị đã chọn").text


@pytest.mark.db
def test_one_letter_goes_to_the_ticked_units(world: World, sign_in: SignIn) -> None:
    focal = sign_in(world.focal.username)
    draft = _chase(focal.get("/huyen-thu/today"), "phong-noi-vu", world.bank.slug, button="Một công văn")
    assert draft.path.startswith("/huyen-thu/letters/new?round=")
    assert {box.get("value") for box in draft.all("//input[@name='units'][@checked]")} == {"phong-noi-vu", world.bank.slug}
    [href] = focal.get("/huyen-thu/today").all("//a[@aria-label='Soạn công văn đôn đốc Phòng Nội vụ']/@href")
    own = focal.get(href)
    assert [box.get("value") for box in own.all("//input[@name='units'][@checked]")] == ["phong-noi-vu"]


@pytest.mark.db
def test_before_anything_is_late_no_letter_is_offered(world: World, sign_in: SignIn, on_day: Callable[[str], None]) -> None:
    on_day("2026-11-12")
    focal = sign_in(world.focal.username)
    page = focal.get("/huyen-thu/today")
    assert "Phòng Nội vụ" in page.main and not page.has_link("Soạn công văn")
    told = _chase(page, "phong-noi-vu", button="Một công văn")
    assert "Không đơn vị nào đã chọn có nhiệm vụ quá hạn" in told.text


@pytest.mark.db
def test_the_zalo_message_is_copied_and_noted_in_one_click_or_on_a_page_of_its_own(session: Session, world: World, sign_in: SignIn) -> None:
    focal = sign_in(world.focal.username)
    page = focal.get("/huyen-thu/today")
    [link] = [a for a in page.all("//a[@data-zalo]") if a.get("data-zalo").endswith("/phong-noi-vu")]
    token = page.form("/today/chase").values["csrf_token"]
    answer = focal.raw.post(link.get("data-zalo"), data={"csrf_token": token}, headers={"Accept": "application/json"})
    told = json.loads(answer.data)
    assert answer.status_code == 200 and told["said"] == "Đã ghi vào nhật ký: nhắn Zalo Phòng Nội vụ."
    [noted] = session.scalars(select(ChaseEntry).where(ChaseEntry.authority_id == world.authority.id)).all()
    assert noted.words == told["text"] and noted.kind is ChaseKind.ZALO
    session.commit()
    own = focal.get(link.get("href"))
    assert own.h1 == "Nhắn Zalo Phòng Nội vụ"
    assert own.texts("//main//textarea") == [" ".join(told["text"].split())]
    after = own.form("/reminders/zalo/phong-noi-vu").submit("Đã nhắn")
    assert after.h1 == "Việc hôm nay" and "Hôm nay đã ghi tin nhắn này rồi" in after.text
    session.expire_all()
    assert session.scalar(select(func.count(ChaseEntry.id)).where(ChaseEntry.authority_id == world.authority.id)) == 1


@pytest.mark.db
def test_who_may_not_chase_is_offered_and_allowed_nothing(world: World, sign_in: SignIn) -> None:
    chair = sign_in(world.chair.username)
    token = chair.get("/huyen-thu/overview").form("/sign-out").values["csrf_token"]
    for path in ("/huyen-thu/today/chase", "/huyen-thu/reminders/zalo/phong-noi-vu"):
        assert chair.raw.post(path, data={"csrf_token": token, "units": "phong-noi-vu"}).status_code == 403
