"""What stands in a feed, and what happens to it when days move: read as a calendar programme reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tests.api.conftest import Feed
from tests.factories import World, add_rule
from tests.page_client import PageClient
from tracker.api.rules import FeedKind
from tracker.audit.rules import SYSTEM
from tracker.deadlines import queries as deadlines
from tracker.deadlines.calendar_rules import Certainty, DayKind
from tracker.deadlines.models import CalendarDay, LocalDay
from tracker.deadlines.rules import Schedule
from tracker.kernel import scope
from tracker.tasks import rounds
from tracker.tasks.models import Task
from tracker.tasks.rules import Progress

pytestmark = pytest.mark.db

Make, Fetch = Callable[..., str], Callable[[str], Feed]
NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.fixture(autouse=True)
def before_the_deadline(on_day: Callable[[str], None]) -> None:
    on_day("2026-11-09T09:30")


def test_the_feed_of_a_unit_says_to_the_byte(world: World, make_feed: Make, fetch: Fetch) -> None:
    """A change here changes every calendar that has subscribed: look at the whole file before accepting it."""
    world.tasks[2].extended_to_on = date(2026, 11, 29)
    told = fetch(make_feed(world.owner, FeedKind.UNIT, world.room)).data
    path = SNAPSHOTS / "unit.ics"
    if not path.exists():
        path.write_bytes(told)
        pytest.fail(f"{path.name} was not there; it is now. Read it, then run again.")
    assert told == path.read_bytes()


def test_a_person_sees_the_work_of_their_units_and_no_other(world: World, make_feed: Make, fetch: Fetch) -> None:
    feed = fetch(make_feed(world.owner, FeedKind.PERSON))
    assert feed.summaries == ["Hạn: Báo cáo năm 2026 – 2 chỉ số"]
    assert feed.events[0]["DTSTART"].dt == date(2026, 11, 13)
    assert "1.1, 1.3" in feed.events[0]["DESCRIPTION"]
    assert "1.2" not in feed.data.decode() and "ngân hàng" not in feed.data.decode()


def test_no_evidence_reason_or_contact_stands_in_a_feed(world: World, make_feed: Make, fetch: Fetch) -> None:
    for task in world.tasks:
        task.reason, task.returned_at, task.status, task.mend_by_on = "Thiếu chữ ký", NOW, Progress.COLLECTING, date(2026, 11, 20)
    for account, kind in ((world.owner, FeedKind.PERSON), (world.chair, FeedKind.AUTHORITY)):
        told = fetch(make_feed(account, kind)).data.decode().replace("\r\n ", "")
        assert not [word for word in ("Thiếu chữ ký", "@", "owner", world.owner.display_name) if word in told]


def test_the_authority_sees_its_rounds_and_the_periods_to_come(session: Session, world: World, make_feed: Make, fetch: Fetch) -> None:
    feed = fetch(make_feed(world.chair, FeedKind.AUTHORITY))
    assert feed.summaries == ["Hạn: Báo cáo năm 2026 – còn 5/5 nhiệm vụ"]
    add_rule(session, world.notice, [world.indicators], slug="quy", name="Báo cáo quý", schedule=Schedule.QUARTERLY, month=None, day=20)
    feed = fetch(make_feed(world.chair, FeedKind.AUTHORITY))
    assert [s for s in feed.summaries if "quý" in s] == [f"Hạn: Báo cáo quý {q} – đợt chưa mở" for q in ("IV/2026", "I/2027", "II/2027", "III/2027")]


def test_a_period_keeps_its_event_when_its_round_is_opened(session: Session, world: World, make_feed: Make, fetch: Fetch) -> None:
    token = make_feed(world.focal, FeedKind.AUTHORITY)
    rule = add_rule(session, world.notice, [world.indicators], slug="quy", name="Báo cáo quý", schedule=Schedule.QUARTERLY, month=None, day=20)
    coming = fetch(token).one("IV/2026")
    with scope.using(session, scope.one(world.authority.id)):
        due = deadlines.opening_periods(session, rule, deadlines.working_calendar(session), date(2026, 11, 9))
        rounds.open_round(session, rule, next(period for period in due if period.key == "2026-Q4"), SYSTEM, NOW, as_of=date(2026, 11, 9))
    opened = fetch(token).one("IV/2026")
    assert opened["UID"] == coming["UID"] and opened["DTSTART"].dt == coming["DTSTART"].dt == date(2026, 12, 18)
    assert opened["SEQUENCE"] > coming["SEQUENCE"]


def test_a_local_closure_moves_the_day_and_its_withdrawal_moves_it_back(session: Session, world: World, make_feed: Make, fetch: Fetch) -> None:
    token = make_feed(world.owner, FeedKind.PERSON)
    first = fetch(token).events[0]
    closure = LocalDay(
        authority_id=world.authority.id, day=date(2026, 11, 13), kind=DayKind.CLOSURE, name="Bão số 13", source="Công điện 01", entered_at=NOW
    )
    session.add(closure)
    moved = fetch(token).events[0]
    assert moved["DTSTART"].dt == date(2026, 11, 12) and moved["SEQUENCE"] > first["SEQUENCE"]
    closure.withdrawn_at = NOW
    back = fetch(token).events[0]
    assert back["DTSTART"].dt == date(2026, 11, 13) and back["SEQUENCE"] > moved["SEQUENCE"]
    assert first["UID"] == moved["UID"] == back["UID"]


def test_another_offices_closure_moves_nothing(session: Session, world: World, make_feed: Make, fetch: Fetch) -> None:
    token = make_feed(world.owner, FeedKind.PERSON)
    before = fetch(token).data
    session.add(
        LocalDay(authority_id=world.elsewhere.id, day=date(2026, 11, 13), kind=DayKind.CLOSURE, name="Bão", source="Công điện", entered_at=NOW)
    )
    assert fetch(token).data == before


def test_a_listed_day_moves_the_day_and_so_does_its_being_dropped(session: Session, world: World, make_feed: Make, fetch: Fetch) -> None:
    token = make_feed(world.chair, FeedKind.AUTHORITY)
    first = fetch(token).events[0]
    listed = CalendarDay(day=date(2026, 11, 13), kind=DayKind.HOLIDAY, name="Nghỉ", source="Thông báo", certainty=Certainty.OFFICIAL)
    session.add(listed)
    moved = fetch(token).events[0]
    listed.dropped, listed.version = True, 2
    back = fetch(token).events[0]
    assert [event["DTSTART"].dt.day for event in (first, moved, back)] == [13, 12, 13]
    assert first["SEQUENCE"] < moved["SEQUENCE"] < back["SEQUENCE"]


def test_an_extension_and_a_return_stand_on_days_of_their_own(session: Session, world: World, make_feed: Make, fetch: Fetch) -> None:
    token = make_feed(world.owner, FeedKind.PERSON)
    task, other = (t for t in world.tasks if t.unit_id == world.room.id)
    task.extended_to_on = date(2026, 11, 20)
    other.status, other.returned_at, other.mend_by_on = Progress.COLLECTING, NOW, date(2026, 11, 19)
    feed = fetch(token)
    first, mend = feed.one("Hạn đã gia hạn"), feed.one("Hạn bổ sung")
    assert first["DTSTART"].dt == date(2026, 11, 20) and mend["DTSTART"].dt == date(2026, 11, 19)
    assert feed.one("Hạn: ")["SUMMARY"] == "Hạn: Báo cáo năm 2026 – đang bổ sung 1 chỉ số"
    task.extended_to_on = date(2026, 11, 27)
    other.status = Progress.READY
    feed = fetch(token)
    assert feed.one("Hạn đã gia hạn")["DTSTART"].dt == date(2026, 11, 27)
    assert feed.one("Hạn đã gia hạn")["SEQUENCE"] > first["SEQUENCE"]
    assert feed.one("Hạn bổ sung")["STATUS"] == "CANCELLED"
    assert feed.one("Hạn bổ sung")["UID"] == mend["UID"]


def test_a_round_closed_early_is_cancelled_and_one_without_work_left_too(session: Session, world: World, make_feed: Make, fetch: Fetch) -> None:
    person, whole = make_feed(world.owner, FeedKind.PERSON), make_feed(world.viewer, FeedKind.AUTHORITY)
    before = fetch(person).events[0], fetch(whole).events[0]
    for task in world.tasks:
        if task.unit_id == world.room.id:
            task.status = Progress.NOT_APPLICABLE
    gone = fetch(person).events[0]
    assert gone["STATUS"] == "CANCELLED" and gone["UID"] == before[0]["UID"] and gone["SEQUENCE"] > before[0]["SEQUENCE"]
    assert fetch(whole).events[0]["STATUS"] == "CONFIRMED"
    with scope.using(session, scope.one(world.authority.id)):
        rounds.close(session, world.round, SYSTEM, datetime(2026, 11, 9, 3, tzinfo=UTC))
    gone = fetch(whole).events[0]
    assert gone["STATUS"] == "CANCELLED" and gone["SEQUENCE"] > before[1]["SEQUENCE"] and not gone.walk("VALARM")


def test_what_ended_half_a_year_ago_is_left_out_and_what_has_no_day_too(
    session: Session, world: World, make_feed: Make, fetch: Fetch, on_day: Callable[[str], None]
) -> None:
    token = make_feed(world.owner, FeedKind.PERSON)
    on_day("2027-05-13T09:30")
    assert len(fetch(token).events) == 1
    on_day("2027-05-14T09:30")
    assert fetch(token).events == []
    on_day("2026-11-09T09:30")
    world.round.last_on = world.round.nominal_on = None
    assert fetch(token).events == []


def test_every_address_in_a_feed_opens(session: Session, world: World, make_feed: Make, fetch: Fetch, sign_in: Callable[[str], PageClient]) -> None:
    add_rule(session, world.notice, [world.indicators], slug="quy", name="Báo cáo quý", schedule=Schedule.QUARTERLY, month=None, day=20)
    world.task.extended_to_on = date(2026, 11, 27)
    for account, kind in ((world.owner, FeedKind.PERSON), (world.focal, FeedKind.AUTHORITY)):
        browser = sign_in(account.username)
        for event in fetch(make_feed(account, kind)).events:
            address = urlsplit(str(event["URL"]))
            assert str(event["URL"]) in event["DESCRIPTION"]
            browser.get(f"{address.path}?{address.query}")


def test_five_thousand_tasks_take_as_many_statements_as_five(
    session: Session, world: World, make_feed: Make, fetch: Fetch, queries: Callable[[], object]
) -> None:
    tokens = make_feed(world.owner, FeedKind.PERSON), make_feed(world.chair, FeedKind.AUTHORITY)
    few = []
    for token in tokens:
        with queries() as counted:  # type: ignore[attr-defined]
            fetch(token)
        few.append(counted.number)
    session.execute(
        Task.__table__.insert(),
        [
            {"authority_id": world.authority.id, "round_id": world.round.id, "unit_id": world.room.id, "title": f"Việc {n}", "status": "not_started"}
            | {"own_acceptance": False, "on_behalf": False, "extensions": 0, "version": 1}
            for n in range(5000)
        ],
    )
    for token, number in zip(tokens, few, strict=True):
        with queries() as counted:  # type: ignore[attr-defined]
            feed = fetch(token)
        assert counted.number == number <= 12, str(counted)
        assert any("5002" in s or "5005" in s for s in feed.summaries), feed.summaries
    session.execute(delete(Task).where(Task.title.is_not(None)))
