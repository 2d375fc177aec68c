"""A digest at the moment of sending: everything checked again, then written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from tracker.kernel import clock
from tracker.mail import rendering
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import Dropped, Prepared, fold_address
from tracker.reminders import link_queries, link_service, news_queries, queries
from tracker.reminders.digest_rules import Line, Summary, Wanted, grouped, noun, subject_of, summary
from tracker.reminders.link_models import ActionLink
from tracker.reminders.link_rules import path_of
from tracker.reminders.news_rules import NEWS_LIFE, TURNS_TO, News
from tracker.reminders.refusals import unsubscribe_path
from tracker.reminders.rules import MANUAL, Contact, Directory, iso
from tracker.tasks.queries import TaskRow
from tracker.units.models import Authority


def prepare(session: Session, message: OutboxMessage, now: datetime) -> Prepared | Dropped:
    """Checks a digest again just before it goes, and writes it."""
    return prepare_in_bulk(session, [message], now)[message.id]


def prepare_in_bulk(session: Session, messages: Sequence[OutboxMessage], now: datetime) -> dict[int, Prepared | Dropped]:
    """The same for messages of one authority: a constant number of reads, however many messages.

    A digest speaks as of the day it was planned for; what was done, moved, handed over or given a new date since is left out.
    """
    authority = session.get_one(Authority, messages[0].authority_id)
    if not authority.reminders_on:
        return {message.id: Dropped(f"{authority.name} đã tắt nhắc việc.") for message in messages}
    days: dict[date, list[OutboxMessage]] = defaultdict(list)
    for message in messages:
        days[message.planned_on].append(message)
    found: dict[int, Prepared | Dropped] = {}
    for day, of_day in days.items():
        today = _as_of(session, authority, day, of_day, now)
        found |= {message.id: _written(authority, message, today) for message in of_day}
    return found


@dataclass(frozen=True, slots=True)
class _AsOf:
    """What the messages of one day are checked against, as it is at the moment of sending."""

    rows: Mapping[int, TaskRow]
    directory: Directory
    wanted: Mapping[int, Wanted]
    news: Mapping[tuple[str, int], News]
    refused: Collection[int]
    links: Mapping[int, ActionLink]


def _as_of(session: Session, authority: Authority, day: date, messages: Sequence[OutboxMessage], now: datetime) -> _AsOf:
    payloads = [message.payload for message in messages]
    ids = None if any(one.get("summary") for one in payloads) else {item[0] for one in payloads for item in (*one["items"], *one.get("watched", ()))}
    rows = {row.id: row for row in queries.open_tasks(session, authority, day, task_ids=ids)} if ids is None or ids else {}
    asked = {item[0] for one in payloads for item in one.get("wanted", ())}
    wanted = {one.contribution_id: one for one in queries.wanted(session, asked)} if asked else {}
    # Twice the life of news: what was planned as it grew old goes out still.
    since = clock.noon(day) - 2 * NEWS_LIFE
    found = news_queries.between(session, authority.id, since, now) if any(one.get("news") for one in payloads) else []
    news = {(one.kind.value, one.id): one for one in found}
    units = {row.unit_id for row in rows.values()} | {one.unit_id for one in wanted.values()} | {one.unit_id for one in found}
    people = {one.account_id for one in found if one.account_id}
    directory = queries.directory(session, authority, units, max(day, clock.local_day(now)), persons=people)
    refused = queries.refused_summaries(session) if ids is None else set()
    links = link_queries.alive(session, {one for payload in payloads for one in payload.get("links", ())}, now)
    return _AsOf(rows, directory, wanted, news, refused, links)


def _written(authority: Authority, message: OutboxMessage, today: _AsOf) -> Prepared | Dropped:
    payload, day = message.payload, message.planned_on
    lines = [line for item in payload["items"] if (line := _line(item, message, today)) is not None]
    lines += [line for item in payload.get("watched", ()) if (line := _watched(item, message, today)) is not None]
    wanted = [one for item in payload.get("wanted", ()) if (one := _wanted(item, message, today)) is not None]
    news = [piece for item in payload.get("news", ()) if (piece := _news(item, message, today)) is not None]
    told = _summary(message, today)
    if not (lines or wanted or news or told):
        return Dropped("Các nhiệm vụ trong thư đều đã xong, đã chuyển, đã đổi hạn hoặc không còn thuộc người nhận.")
    only_summary = told is not None and not (lines or wanted or news)
    leave = unsubscribe_path(authority, message.account_id) if told is not None and message.account_id is not None else None
    return rendering.render(
        "reminders/digest",
        subject_of(lines, len(wanted), len(news), told, day),
        _unsubscribe(leave) if only_summary and leave else None,
        authority=authority,
        to_name=message.to_name,
        day=day,
        groups=grouped(lines),
        total=len(lines),
        late=sum(line.days_late > 0 for line in lines),
        noun=noun(lines),
        by_hand=message.kind == MANUAL,
        units=sorted({line.unit_name for line in lines}),
        wanted=wanted,
        news=news,
        summary=told,
        leave=leave,
        links=_links(message, today) if lines else [],
        path=_path(authority, lines, wanted, told),
    )


def _links(message: OutboxMessage, today: _AsOf) -> list[tuple[str, str, str]]:
    """(unit, round, path) of the reader's personal links that still open something: shown in this one letter, kept nowhere."""
    living = [
        one for number in message.payload.get("links", ()) if (one := today.links.get(number)) is not None and one.account_id == message.account_id
    ]
    names = {(row.unit_id, row.round_id): (row.unit_name, row.round_name) for row in today.rows.values()}
    secret = current_app.config["SECRET_KEY"]
    return [(*names[key], path_of(link_service.token(one, secret))) for one in living if (key := (one.unit_id, one.round_id)) in names]


def _path(authority: Authority, lines: Sequence[Line], wanted: Sequence[Wanted], told: Summary | None) -> str:
    """Where the reader goes on: the unit's work, the leaders' overview, or the reader's own front page."""
    if wanted or any(not (line.instead or line.watched) for line in lines):
        return f"/{authority.slug}/work"
    return f"/{authority.slug}/overview" if told is not None and not lines else f"/{authority.slug}"


def _reader(contacts: Iterable[Contact], message: OutboxMessage) -> Contact | None:
    """The contact this message is for, where it is still among them."""
    mailbox = fold_address(message.to_address)
    return next((contact for contact in contacts if contact.mailbox == mailbox), None)


def _line(item: Sequence[Any], message: OutboxMessage, today: _AsOf) -> Line | None:
    """The task of one item as it stands now; None where it is no longer this reader's business."""
    row = _still_due(item, today)
    if row is None or message.payload.get("unit", row.unit_id) != row.unit_id:
        return None
    told = today.directory.told_for(row.unit_id)
    reader = _reader(told.contacts, message)
    return None if reader is None else _line_of(row, instead=told.instead, deputy_of=reader.instead_of)


def _watched(item: Sequence[Any], message: OutboxMessage, today: _AsOf) -> Line | None:
    row = _still_due(item, today)
    if row is None or _reader(today.directory.watchers(), message) is None:
        return None
    return _line_of(row, watched=True)


def _still_due(item: Sequence[Any], today: _AsOf) -> TaskRow | None:
    """The open task of an item, where its day is still the one that was planned for."""
    row = today.rows.get(item[0])
    return row if row is not None and iso(row.standing.due_on) == item[1] else None


def _line_of(row: TaskRow, *, instead: bool = False, watched: bool = False, deputy_of: str | None = None) -> Line:
    return Line(
        task_id=row.id,
        code=row.code,
        name=row.name,
        unit_name=row.unit_name,
        points=row.points,
        due_on=row.standing.due_on,
        days_late=row.standing.days_late,
        returned=row.returned,
        instead=instead,
        original_on=row.original_on,
        extensions=row.extensions,
        deputy_of=deputy_of,
        watched=watched,
    )


def _wanted(item: Sequence[Any], message: OutboxMessage, today: _AsOf) -> Wanted | None:
    one = today.wanted.get(item[0])
    if one is None or iso(one.due_on) != item[1] or _reader(today.directory.told_for(one.unit_id).contacts, message) is None:
        return None
    return one


def _news(item: Sequence[Any], message: OutboxMessage, today: _AsOf) -> News | None:
    """News that still stands: nobody has answered meanwhile, the reader is still whom it is for."""
    kind, subject_id = item
    one = today.news.get((kind, subject_id))
    return one if one is not None and _reader(today.directory.told_of(one, TURNS_TO[one.kind]), message) is not None else None


def _summary(message: OutboxMessage, today: _AsOf) -> Summary | None:
    if not message.payload.get("summary") or message.account_id in today.refused or not today.rows:
        return None
    if _reader(today.directory.leaders(), message) is None:
        return None
    return summary(_line_of(row) for row in today.rows.values())


def _unsubscribe(path: str) -> dict[str, str]:
    """RFC 2369 and 8058: one click in the mail program itself."""
    address = f"{current_app.config['BASE_URL']}{path}"
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
