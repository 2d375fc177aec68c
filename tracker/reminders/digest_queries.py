"""What digests are checked against at the moment of sending, read for every authority of a batch at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.kernel import clock, scope
from tracker.mail.models import OutboxMessage
from tracker.reminders import link_queries, news_queries, queries
from tracker.reminders.digest_rules import Wanted
from tracker.reminders.directory_queries import directories
from tracker.reminders.link_models import ActionLink
from tracker.reminders.news_rules import NEWS_LIFE, News
from tracker.reminders.rules import Contact, Directory
from tracker.tasks.due_queries import DueTask, still_open
from tracker.units.models import Authority


@dataclass(frozen=True, slots=True)
class AsOf:
    """What the messages of one authority and day are checked against."""

    day: date
    rows: Mapping[int, DueTask]
    directory: Directory
    wanted: Mapping[int, Wanted]
    news: Mapping[tuple[str, int], News]
    refused: Collection[int]
    links: Mapping[int, ActionLink]
    _readers: dict[int, tuple[dict[str, Contact], bool]] = field(default_factory=dict)

    def reader(self, unit_id: int, mailbox: str) -> tuple[Contact | None, bool]:
        """Who of a unit's readers has this mailbox, and whether they are told for want of anybody in the unit. Many lines ask the same."""
        found = self._readers.get(unit_id)
        if found is None:
            told = self.directory.told_for(unit_id)
            found = self._readers[unit_id] = ({one.mailbox: one for one in told.contacts}, told.instead)
        return found[0].get(mailbox), found[1]


def as_of(session: Session, authorities: Mapping[int, Authority], day: date, messages: Sequence[OutboxMessage], now: datetime) -> dict[int, AsOf]:
    """Authority → what its messages of a day are checked against. The session's scope must reach all of the authorities.

    A constant number of reads, but for the news: those are asked for of each authority that has told any.
    """
    payloads = [(message.authority_id or 0, message.payload) for message in messages]
    whole = {one for one, payload in payloads if payload.get("summary")}
    ids = {item[0] for one, payload in payloads if one not in whole for item in (*payload["items"], *payload.get("watched", ()))}
    rows: dict[int, dict[int, DueTask]] = defaultdict(dict)
    for row in still_open(session, ids, whole):
        rows[row.authority_id][row.id] = row
    asked = {item[0] for _, payload in payloads for item in payload.get("wanted", ())}
    wanted = {one.contribution_id: one for one in queries.wanted(session, asked)} if asked else {}
    news = _news(session, {one for one, payload in payloads if payload.get("news")}, day, now)
    units = {row.unit_id for found in rows.values() for row in found.values()}
    units |= {one.unit_id for one in wanted.values()} | {one.unit_id for found in news.values() for one in found}
    persons = {one.account_id for found in news.values() for one in found if one.account_id}
    directory = directories(session, authorities.values(), units, max(day, clock.local_day(now)), persons=persons)
    refused = queries.refused_summaries_of(session) if whole else {}
    links = link_queries.alive(session, {one for _, payload in payloads for one in payload.get("links", ())}, now)
    return {
        one: AsOf(
            day=day,
            rows=rows[one],
            directory=directory[one],
            wanted={number: asked_for for number, asked_for in wanted.items() if asked_for.unit_id in directory[one].people},
            news={(piece.kind.value, piece.id): piece for piece in news.get(one, ())},
            refused=refused.get(one, ()),
            links={number: link for number, link in links.items() if link.authority_id == one},
        )
        for one in authorities
    }


def _news(session: Session, authority_ids: Collection[int], day: date, now: datetime) -> dict[int, list[News]]:
    # Twice the life of news: what was planned as it grew old goes out still.
    since = clock.noon(day) - 2 * NEWS_LIFE
    found = {}
    for one in sorted(authority_ids):
        with scope.using(session, scope.one(one)):
            found[one] = news_queries.between(session, one, since, now)
    return found
