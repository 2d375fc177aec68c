"""A feed as a calendar programme gets it: made for somebody, fetched without a cookie, checked, parsed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy.orm import Session

from tests.factories import OPENED_AT, World
from tests.page_client import PageClient
from tracker.accounts.models import Account
from tracker.api import service
from tracker.api.rules import FeedKind
from tracker.audit.rules import Actor
from tracker.kernel import scope
from tracker.units import access as units
from tracker.units.models import Unit


@dataclass
class Feed:
    """What a feed holds at one moment."""

    data: bytes
    headers: Any
    calendar: Any = field(init=False)

    def __post_init__(self) -> None:
        self.calendar = parsed(self.data)

    @property
    def events(self) -> list[Any]:
        return list(self.calendar.walk("VEVENT"))

    @property
    def summaries(self) -> list[str]:
        return [str(event["SUMMARY"]) for event in self.events]

    def one(self, words: str) -> Any:
        """The one event whose title or description has these words."""
        found = [event for event in self.events if words in f"{event['SUMMARY']}\n{event['DESCRIPTION']}"]
        assert len(found) == 1, f"{len(found)} events say “{words}”: {self.summaries}"
        return found[0]


def parsed(data: bytes) -> Any:
    """The calendar, after the basics of RFC 5545: line ends, folding, what must be there, what must not."""
    assert data.endswith(b"\r\n")
    lines = data.split(b"\r\n")
    assert not [line for line in lines if b"\n" in line or b"\r" in line], "a line ends otherwise than in CRLF"
    assert not [line for line in lines if len(line) > 75], "a line is longer than 75 octets"
    text = data.decode()
    assert "TZID" not in text and "VTIMEZONE" not in text
    calendar = Calendar.from_ical(data)
    assert calendar["VERSION"] == "2.0" and calendar["PRODID"] and calendar["METHOD"] == "PUBLISH"
    assert not calendar.errors
    events = calendar.walk("VEVENT")
    for event in events:
        assert not event.errors
        for needed in ("UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "STATUS"):
            assert needed in event, f"an event has no {needed}"
        assert event["DTSTART"].params["VALUE"] == "DATE" and type(event["DTSTART"].dt) is date
        assert (event["DTEND"].dt - event["DTSTART"].dt).days == 1
        assert event["DTSTAMP"].dt.utcoffset().total_seconds() == 0
        for alarm in event.walk("VALARM"):
            assert alarm["ACTION"] == "DISPLAY" and alarm["DESCRIPTION"] and "TRIGGER" in alarm
            assert event["STATUS"] == "CONFIRMED"
    uids = [str(event["UID"]) for event in events]
    assert len(uids) == len(set(uids)), "two events have one UID"
    return calendar


@pytest.fixture
def make_feed(session: Session, world: World) -> Callable[..., str]:
    """``make_feed(world.owner, FeedKind.PERSON)`` → the feed's token."""

    def make(account: Account, kind: FeedKind, unit: Unit | None = None, *, slug: str = "") -> str:
        authority, viewer = units.desk_of(session, account.id, account.display_name, slug or world.slug, date(2026, 11, 18))
        with scope.using(session, scope.one(authority.id)):
            token = service.make(session, Actor(account.id, viewer.title), viewer, kind, unit, "Điện thoại", now=OPENED_AT)
        session.commit()
        return token

    return make


@pytest.fixture
def fetch(client: PageClient, session: Session) -> Callable[[str], Feed]:
    """``fetch(token)`` → the feed now, to somebody who has only its address."""

    def get(token: str) -> Feed:
        session.commit()
        answer = client.raw.get(f"/calendar/{token}.ics")
        assert answer.status_code == 200, answer.data[:300]
        session.expire_all()
        return Feed(answer.data, answer.headers)

    return get
