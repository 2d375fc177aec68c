"""Who may have a calendar feed, how its address is kept, when it dies; what an address answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.api.conftest import Feed
from tests.factories import World, add_membership
from tests.page_client import Page, PageClient
from tests.security.rows import RESTLESS, fingerprint
from tracker.accounts import credentials
from tracker.accounts.models import Account
from tracker.api import service
from tracker.api.models import CalendarFeed
from tracker.api.rules import MOST_FEEDS, FeedKind
from tracker.audit.models import AuditEvent
from tracker.kernel.errors import NotFound, Refused
from tracker.units.models import Membership
from tracker.units.rules import Role

pytestmark = pytest.mark.db

Make, Fetch, SignIn = Callable[..., str], Callable[[str], Feed], Callable[[str], PageClient]
HERE = "/huyen-thu/calendar/feeds"


def made(page: Page) -> str:
    """The address as the page shows it."""
    return page.texts("//textarea[@readonly]")[0].strip()


def offered(page: Page) -> list[str]:
    return [option.get("value", "") for option in page.all("//select[@name='what']/option")]


def dead(client: PageClient, token: str) -> bytes:
    answer = client.raw.get(f"/calendar/{token}.ics")
    assert answer.status_code == 404
    assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["Cache-Control"] == "no-store"
    return bytes(answer.data)


def test_a_person_makes_a_feed_sees_its_address_once_and_revokes_it(
    session: Session, world: World, sign_in: SignIn, client: PageClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = sign_in(world.owner.username)
    page = browser.get(HERE).form("/feeds").fill(what="person", name="Điện thoại").submit("Lập lịch")
    address = made(page)
    token = address.rpartition("/")[2].removesuffix(".ics")
    assert len(token) == 43
    assert page.all("//a[starts-with(@href, 'webcal://')]")
    assert client.raw.get(f"/calendar/{token}.ics").status_code == 200
    page = browser.get(HERE)
    assert token not in page.data.decode()
    assert page.table("Lịch của tôi")[0]["Tên gọi"] == "Điện thoại"
    kept = session.scalars(select(CalendarFeed)).one()
    assert kept.token_hash == credentials.token_hash(token)
    browser.get(HERE).form("/revoke").submit("Thu hồi")
    dead(client, token)
    told = session.scalars(select(AuditEvent).where(AuditEvent.subject_type == "calendar_feed").order_by(AuditEvent.id)).all()
    assert [event.summary for event in told] == ["Lập lịch đăng ký “Điện thoại”.", "Thu hồi lịch đăng ký “Điện thoại”."]
    assert not [event for event in told if token in repr(event.__dict__) or kept.token_hash in repr(event.__dict__)]
    assert token not in caplog.text


def test_each_is_offered_what_they_may_see(world: World, sign_in: SignIn) -> None:
    everything = ["unit:phong-van-hoa-va-thong-tin", "unit:phong-noi-vu", "unit:phong-tai-chinh-ke-hoach", "unit:cac-ngan-hang"]
    for account, expected in (
        (world.owner, ["person", "unit:phong-noi-vu"]),
        (world.colleague, ["person", "unit:phong-tai-chinh-ke-hoach"]),
        (world.focal, ["person", "authority", *everything]),
        (world.chair, ["authority", *everything]),
        (world.viewer, ["authority", *everything]),
        (world.admin, ["authority", *everything]),
    ):
        assert offered(sign_in(account.username).get(HERE)) == expected, account.username


def test_what_is_not_offered_is_refused(session: Session, world: World, make_feed: Make, sign_in: SignIn) -> None:
    for account, kind, unit in (
        (world.owner, FeedKind.AUTHORITY, None),
        (world.owner, FeedKind.UNIT, world.other_room),
        (world.chair, FeedKind.PERSON, None),
    ):
        with pytest.raises(Refused, match="không xem được"):
            make_feed(account, kind, unit)
    with pytest.raises(NotFound):
        make_feed(world.stranger, FeedKind.UNIT, world.room)
    sign_in(world.owner.username).get(HERE).form("/feeds").tamper(what="unit:phong-tai-chinh-ke-hoach", name="x").submit(status=400)
    sign_in(world.stranger.username).get(HERE, status=404)
    assert session.scalars(select(CalendarFeed)).all() == []


def test_a_name_is_asked_for_and_twenty_are_the_limit(session: Session, world: World, make_feed: Make, sign_in: SignIn) -> None:
    browser = sign_in(world.owner.username)
    page = browser.get(HERE).form("/feeds").fill(what="person", name="").submit(status=400)
    assert "Đồng chí đặt tên để nhận ra lịch này." in page.text
    for _number in range(MOST_FEEDS):
        make_feed(world.owner, FeedKind.PERSON)
    page = browser.get(HERE).form("/feeds").fill(what="person", name="Thêm").submit(status=400)
    assert "thu hồi một lịch không dùng nữa" in page.text
    browser.get(HERE).form("/revoke").submit("Thu hồi")
    browser.get(HERE).form("/feeds").fill(what="person", name="Thêm").submit()
    make_feed(world.colleague, FeedKind.PERSON)


def test_a_feed_is_its_makers_and_of_who_manages_people(session: Session, world: World, make_feed: Make, sign_in: SignIn) -> None:
    make_feed(world.owner, FeedKind.PERSON)
    feed = session.scalars(select(CalendarFeed)).one()
    for account in (world.colleague, world.head, world.chair, world.viewer):
        browser = sign_in(account.username)
        page = browser.get(HERE)
        assert "Điện thoại" not in page.texts("//table//th") and not page.has_form("/revoke")
    assert not sign_in(world.foreign_focal.username).get("/huyen-khac/calendar/feeds").has_form("/revoke")
    for account in (world.admin, world.focal):
        (row,) = sign_in(account.username).get(HERE).table("Lịch của người khác trong cơ quan")
        assert row["Tên gọi"] == "Điện thoại"
    sign_in(world.focal.username).get(HERE).form(f"/{feed.id}/revoke").submit("Thu hồi")
    session.refresh(feed)
    assert feed.revoked_at is not None


def test_a_feed_dies_with_the_right_to_it_and_nobody_can_tell_why(
    session: Session, world: World, make_feed: Make, fetch: Fetch, client: PageClient, on_day: Callable[[str], None]
) -> None:
    token = make_feed(world.owner, FeedKind.PERSON)
    whole = make_feed(world.viewer, FeedKind.AUTHORITY)
    unit = make_feed(world.viewer, FeedKind.UNIT, world.other_room)
    unknown = dead(client, credentials.new_token())

    world.owner.active = False
    session.commit()
    assert dead(client, token) == unknown
    world.owner.active = True
    role = session.scalars(select(Membership).where(Membership.account_id == world.owner.id)).one()
    role.valid_to = date(2026, 11, 17)
    session.commit()
    assert dead(client, token) == unknown
    role.valid_to = date(2026, 11, 18)
    assert fetch(token).events

    seen = session.scalars(select(Membership).where(Membership.account_id == world.viewer.id)).one()
    seen.valid_to = date(2026, 11, 17)
    add_membership(session, world.viewer, world.authority, Role.SPECIALIST, world.room)
    session.commit()
    assert dead(client, whole) == dead(client, unit) == unknown


def test_a_unit_joined_is_shown_and_a_unit_left_is_not(session: Session, world: World, make_feed: Make, fetch: Fetch) -> None:
    token = make_feed(world.owner, FeedKind.PERSON)
    add_membership(session, world.owner, world.authority, Role.SPECIALIST, world.other_room)
    both = {"Hạn: Báo cáo năm 2026 (Phòng Nội vụ) – 2 chỉ số", "Hạn: Báo cáo năm 2026 (Phòng Tài chính - Kế hoạch) – 2 chỉ số"}
    assert set(fetch(token).summaries) == both
    role = session.scalars(select(Membership).where(Membership.account_id == world.owner.id, Membership.unit_id == world.room.id)).one()
    role.valid_to = date(2026, 11, 1)
    assert fetch(token).summaries == ["Hạn: Báo cáo năm 2026 – 2 chỉ số"]


def test_two_authorities_never_mix(session: Session, world: World, make_feed: Make, fetch: Fetch) -> None:
    """One and the same person in both: each feed speaks of the one it was made in."""
    add_membership(session, world.stranger, world.authority, Role.SPECIALIST, world.room)
    here, there = make_feed(world.stranger, FeedKind.PERSON), make_feed(world.stranger, FeedKind.PERSON, slug="huyen-khac")
    assert "huyen-khac" not in fetch(here).data.decode() and "huyen-thu" not in fetch(there).data.decode()
    assert {str(e["UID"]) for e in fetch(here).events}.isdisjoint(str(e["UID"]) for e in fetch(there).events)


def test_an_address_answers_as_calendar_programmes_ask(session: Session, world: World, make_feed: Make, fetch: Fetch, client: PageClient) -> None:
    token = make_feed(world.owner, FeedKind.PERSON)
    feed = fetch(token)
    assert feed.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert feed.headers["Cache-Control"] == "private, max-age=900"
    assert feed.headers["Referrer-Policy"] == "no-referrer"
    assert feed.headers["Content-Disposition"] == "inline; filename=don-doc-huyen-thu.ics"
    assert "Set-Cookie" not in feed.headers
    again = client.raw.get(f"/calendar/{token}.ics", headers={"If-None-Match": feed.headers["ETag"]})
    assert again.status_code == 304 and again.data == b"" and again.headers["Cache-Control"] == "private, max-age=900"
    assert client.raw.head(f"/calendar/{token}.ics").headers["ETag"] == feed.headers["ETag"]
    world.tasks[0].status = "ready"
    session.commit()
    assert client.raw.get(f"/calendar/{token}.ics", headers={"If-None-Match": feed.headers["ETag"]}).status_code == 200


def test_the_clock_changes_no_byte(world: World, make_feed: Make, fetch: Fetch, on_day: Callable[[str], None]) -> None:
    tokens = make_feed(world.owner, FeedKind.PERSON), make_feed(world.focal, FeedKind.AUTHORITY)
    before = [fetch(token).data for token in tokens]
    on_day("2026-11-23T18:00")
    assert [fetch(token).data for token in tokens] == before


def test_reading_changes_nothing(session: Session, world: World, make_feed: Make, fetch: Fetch, sign_in: SignIn, client: PageClient) -> None:
    tokens = [make_feed(world.owner, FeedKind.PERSON), make_feed(world.focal, FeedKind.AUTHORITY), make_feed(world.focal, FeedKind.UNIT, world.bank)]
    browser = sign_in(world.focal.username)
    before = fingerprint(session)
    session.commit()
    for token in tokens:
        fetch(token)
    dead(client, credentials.new_token())
    browser.get(HERE)
    after = fingerprint(session)
    assert {name: digest for name, digest in after.items() if name not in RESTLESS} == {n: d for n, d in before.items() if n not in RESTLESS}


def test_ones_account_leads_to_ones_feeds(session: Session, world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.owner.username)
    assert browser.get("/account").link("Lập lịch, thu hồi lịch").follow().h1 == "Lịch trên điện thoại, Outlook"
    add_membership(session, world.owner, world.elsewhere, Role.VIEWER)
    page = browser.get("/account").link("Lập lịch, thu hồi lịch").follow()
    assert page.link("UBND huyện Khác").follow().path == "/huyen-khac/calendar/feeds"


def test_revoking_twice_says_nothing_new(session: Session, world: World, make_feed: Make) -> None:
    make_feed(world.owner, FeedKind.PERSON)
    feed = session.scalars(select(CalendarFeed)).one()
    assert feed.revoked_at is None
    actor = service.Actor(world.owner.id, "Chuyên viên")
    first = feed.created_at + timedelta(days=1)
    service.revoke(session, actor, feed, now=first)
    service.revoke(session, actor, feed, now=first + timedelta(days=1))
    session.commit()
    assert feed.revoked_at == first
    assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == "calendar_feed.revoked")).all()) == 1


def test_a_person_without_any_authority_is_told_so(session: Session, world: World, sign_in: SignIn) -> None:
    role = session.scalars(select(Membership).where(Membership.account_id == world.viewer.id)).one()
    browser = sign_in(world.viewer.username)
    role.valid_to = date(2026, 11, 1)
    assert "chưa có vai trò ở cơ quan nào" in browser.get("/calendar/feeds").text
    assert session.get_one(Account, world.viewer.id).active
