"""What a person intends with a feed: have one, be rid of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.accounts import credentials
from tracker.accounts.models import Account
from tracker.api import queries
from tracker.api.models import CalendarFeed
from tracker.api.rules import MOST_FEEDS, FeedKind, may_read
from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.kernel import vietnamese
from tracker.kernel.errors import Refused
from tracker.kernel.words import phrase
from tracker.units.models import Unit
from tracker.units.rules import Viewer


def make(session: Session, actor: Actor, viewer: Viewer, kind: FeedKind, unit: Unit | None, name: str, *, now: datetime) -> str:
    """A new feed; returns its token, which is kept nowhere. Raises Refused (field ``what`` or ``name``)."""
    name = vietnamese.clean(name)
    if not name:
        raise Refused("Đồng chí đặt tên để nhận ra lịch này, ví dụ “Điện thoại”.", "name")
    if not may_read(viewer, kind, unit.id if unit else None, queries.own_units(session, viewer)):
        raise Refused("Đồng chí không xem được các việc này nên không lập lịch cho chúng được.", "what")
    # Two requests at once wait here for each other, so that neither passes the limit unseen.
    session.get_one(Account, viewer.account_id, with_for_update=True)
    if queries.live_feeds(session, viewer.account_id) >= MOST_FEEDS:
        raise Refused(phrase("Đồng chí đang có %(most_feeds)s lịch; thu hồi một lịch không dùng nữa rồi lập lịch mới.", most_feeds=MOST_FEEDS))
    token = credentials.new_token()
    feed = CalendarFeed(
        authority_id=viewer.authority_id,
        kind=kind,
        account_id=viewer.account_id,
        unit_id=unit.id if unit else None,
        name=name,
        token_hash=credentials.token_hash(token),
        created_at=now,
    )
    session.add(feed)
    session.flush()
    _record(session, actor, feed, "calendar_feed.made", f"Lập lịch đăng ký “{name}”.", now)
    return token


def revoke(session: Session, actor: Actor, feed: CalendarFeed, *, now: datetime) -> None:
    """From now on its address leads nowhere. Doing it twice changes nothing."""
    if feed.revoked_at is not None:
        return
    feed.revoked_at = now
    _record(session, actor, feed, "calendar_feed.revoked", f"Thu hồi lịch đăng ký “{feed.name}”.", now)


def _record(session: Session, actor: Actor, feed: CalendarFeed, action: str, summary: str, now: datetime) -> None:
    audit.record(session, actor, action, summary, now=now, authority_id=feed.authority_id, subject=("calendar_feed", feed.id))
