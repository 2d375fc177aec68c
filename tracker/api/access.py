"""The only way to a feed: by id for who manages it, by its token for whoever holds the address. Raises NotFound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.accounts import credentials
from tracker.accounts.models import Account
from tracker.api import queries
from tracker.api.models import CalendarFeed
from tracker.api.rules import may_read
from tracker.kernel import scope
from tracker.kernel.errors import NotFound
from tracker.units import access as units
from tracker.units.models import Authority
from tracker.units.rules import Action, Viewer


@dataclass(frozen=True, slots=True)
class Reading:
    """A live feed on a day: where it belongs, and the units its reader calls theirs."""

    feed: CalendarFeed
    authority: Authority
    own: frozenset[int]


def reading(session: Session, token: str, today: date) -> Reading:
    """The feed of a token, and from here on the scope of its authority.

    What its maker may see is asked afresh every time. Raises NotFound where the token is unknown or revoked, the account switched off, the
    membership over or the right lost: nobody can tell which.
    """
    query = (
        select(CalendarFeed, Authority.slug, Account.display_name)
        .join(Authority, Authority.id == CalendarFeed.authority_id)
        .join(Account, Account.id == CalendarFeed.account_id)
        .where(CalendarFeed.token_hash == credentials.token_hash(token), CalendarFeed.revoked_at.is_(None))
        .order_by(CalendarFeed.id)
    )
    with scope.using(session, scope.whole("calendar feed token")):
        found = session.execute(query).first()
    if found is None:
        raise NotFound
    feed, slug, name = found
    authority, viewer = units.desk_of(session, feed.account_id, name, slug, today)
    scope.choose(session, scope.one(authority.id))
    own = queries.own_units(session, viewer)
    if not may_read(viewer, feed.kind, feed.unit_id, own):
        raise NotFound
    return Reading(feed, authority, own)


def feed(session: Session, viewer: Viewer, feed_id: int) -> CalendarFeed:
    """One's own feed, or anybody's of the authority in scope for who manages its people. Raises NotFound."""
    found = session.scalars(select(CalendarFeed).where(CalendarFeed.id == feed_id)).first()
    if found is None or (found.account_id != viewer.account_id and not viewer.may(Action.MANAGE_PEOPLE)):
        raise NotFound("Không tìm thấy lịch này.")
    return found
