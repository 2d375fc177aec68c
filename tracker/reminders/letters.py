"""A digest at the moment of sending: everything checked again, then written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.deadlines import queries as deadlines
from tracker.kernel import scope
from tracker.kernel.vietnamese import date_vn
from tracker.mail import outbox, rendering
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import Checked, Dropped, Prepared, PutOff, fold_address
from tracker.reminders import link_service, queries
from tracker.reminders.digest_queries import AsOf, as_of
from tracker.reminders.digest_rules import Line, Summary, Wanted, grouped, noun, subject_of, summary
from tracker.reminders.link_rules import path_of
from tracker.reminders.news_rules import TURNS_TO, News
from tracker.reminders.refusals import unsubscribe_path
from tracker.reminders.rules import MANUAL, Contact, iso
from tracker.tasks.due_queries import DueTask
from tracker.units.models import Authority


def prepare(session: Session, message: OutboxMessage, now: datetime) -> Checked:
    """Checks a digest again just before it goes, and writes it."""
    return prepare_in_bulk(session, [message], now)[message.id]


def prepare_in_bulk(session: Session, messages: Sequence[OutboxMessage], now: datetime) -> dict[int, Checked]:
    """The same for messages of any authorities, all in scope: a constant number of reads, however many messages and authorities.

    A digest speaks as of the day it was planned for; what was done, moved, handed over or given a new date since is left out.
    """
    ids = {message.authority_id for message in messages}
    authorities = {one.id: one for one in session.scalars(select(Authority).where(Authority.id.in_(ids)).order_by(Authority.id))}
    opening = _opening(session, authorities.values(), now)
    found: dict[int, Checked] = {}
    days: dict[date, list[tuple[Authority, OutboxMessage]]] = defaultdict(list)
    for message in messages:
        authority = authorities[message.authority_id or 0]
        opens_at = opening[authority.id]
        if not authority.reminders_on:
            found[message.id] = Dropped(f"{authority.name} đã tắt nhắc việc.")
        elif opens_at is not None and _waits_for(opens_at, message, now):
            found[message.id] = PutOff(opens_at, f"Ngoài giờ gửi thư; chờ đến {opens_at:%H:%M} ngày {date_vn(opens_at)}.")
        else:
            days[message.planned_on].append((authority, message))
    for day, of_day in days.items():
        today = as_of(session, {one.id: one for one, _ in of_day}, day, [message for _, message in of_day], now)
        found |= {message.id: _written(authority, message, today[authority.id]) for authority, message in of_day}
    return found


def _opening(session: Session, authorities: Iterable[Authority], now: datetime) -> dict[int, datetime | None]:
    """Authority → when its hours open again; None while they are."""
    offices = list(authorities)
    policies = queries.policies(session, [one.id for one in offices])
    found = {}
    for one in offices:
        with scope.using(session, scope.one(one.id)):
            calendar = deadlines.working_calendar(session)
        found[one.id] = policies[one.id].closed_until(calendar, now)
    return found


def _waits_for(opens_at: datetime, message: OutboxMessage, now: datetime) -> bool:
    """Whether a message keeps the hours: what a person sent goes at once, and so does what would be too old by then."""
    by_hand = message.kind == MANUAL or message.renewed_at is not None
    return not by_hand and (message.expires_at is None or outbox.in_real_time(opens_at, now) < message.expires_at)


def _written(authority: Authority, message: OutboxMessage, today: AsOf) -> Prepared | Dropped:
    payload, day, mailbox = message.payload, message.planned_on, fold_address(message.to_address)
    lines = _lines(message, mailbox, today)
    wanted = [one for item in payload.get("wanted", ()) if (one := _wanted(item, mailbox, today)) is not None]
    news = [piece for item in payload.get("news", ()) if (piece := _news(item, mailbox, today)) is not None]
    told = _summary(message, mailbox, today)
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


def _links(message: OutboxMessage, today: AsOf) -> list[tuple[str, str, str]]:
    """(unit, round, path) of the reader's personal links that still open something: shown in this one letter, kept nowhere."""
    if not today.links:
        return []
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


def _reader(contacts: Iterable[Contact], mailbox: str) -> Contact | None:
    """The contact a message is for, where it is still among them."""
    return next((contact for contact in contacts if contact.mailbox == mailbox), None)


def _lines(message: OutboxMessage, mailbox: str, today: AsOf) -> list[Line]:
    """The tasks of a message as they stand now, but for those that are no longer this reader's business."""
    unit = message.payload.get("unit")
    lines = []
    for item in message.payload["items"]:
        row = _still_due(item, today)
        if row is None or unit not in (None, row.unit_id):
            continue
        reader, instead = today.reader(row.unit_id, mailbox)
        if reader is not None:
            lines.append(_line_of(row, today.day, instead=instead, deputy_of=reader.instead_of))
    watched = message.payload.get("watched", ())
    if watched and _reader(today.directory.watchers(), mailbox) is not None:
        lines += [_line_of(row, today.day, watched=True) for item in watched if (row := _still_due(item, today)) is not None]
    return lines


def _still_due(item: Sequence[Any], today: AsOf) -> DueTask | None:
    """The open task of an item, where its day is still the one that was planned for."""
    row = today.rows.get(item[0])
    return row if row is not None and iso(row.due_on) == item[1] else None


def _line_of(row: DueTask, day: date, *, instead: bool = False, watched: bool = False, deputy_of: str | None = None) -> Line:
    return Line(
        task_id=row.id,
        code=row.code,
        name=row.name,
        unit_name=row.unit_name,
        points=row.points,
        due_on=row.due_on,
        days_late=row.days_late(day),
        returned=row.returned,
        instead=instead,
        original_on=row.original_on,
        extensions=row.extensions,
        deputy_of=deputy_of,
        watched=watched,
    )


def _wanted(item: Sequence[Any], mailbox: str, today: AsOf) -> Wanted | None:
    one = today.wanted.get(item[0])
    return one if one is not None and iso(one.due_on) == item[1] and today.reader(one.unit_id, mailbox)[0] is not None else None


def _news(item: Sequence[Any], mailbox: str, today: AsOf) -> News | None:
    """News that still stands: nobody has answered meanwhile, the reader is still whom it is for."""
    kind, subject_id = item
    one = today.news.get((kind, subject_id))
    return one if one is not None and _reader(today.directory.told_of(one, TURNS_TO[one.kind]), mailbox) is not None else None


def _summary(message: OutboxMessage, mailbox: str, today: AsOf) -> Summary | None:
    if not message.payload.get("summary") or message.account_id in today.refused or not today.rows:
        return None
    if _reader(today.directory.leaders(), mailbox) is None:
        return None
    return summary(_line_of(row, today.day) for row in today.rows.values())


def _unsubscribe(path: str) -> dict[str, str]:
    """RFC 2369 and 8058: one click in the mail program itself."""
    address = f"{current_app.config['BASE_URL']}{path}"
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
