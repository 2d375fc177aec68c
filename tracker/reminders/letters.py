"""A digest at the moment of sending: everything checked again, then written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tracker.kernel import clock
from tracker.mail import rendering
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import Dropped, Prepared, fold_address
from tracker.reminders import queries
from tracker.reminders.rules import MANUAL, Directory, Line, grouped, iso, noun, subject
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
        ids = {item[0] for message in of_day for item in message.payload["items"]}
        rows = {row.id: row for row in queries.open_tasks(session, authority, day, task_ids=ids)}
        directory = queries.directory(session, {row.unit_id for row in rows.values()}, max(day, clock.local_day(now)))
        found |= {message.id: _written(authority, message, rows, directory) for message in of_day}
    return found


def _written(authority: Authority, message: OutboxMessage, rows: Mapping[int, TaskRow], directory: Directory) -> Prepared | Dropped:
    lines = [line for item in message.payload["items"] if (line := _line(item, message, rows, directory)) is not None]
    if not lines:
        return Dropped("Các nhiệm vụ trong thư đều đã xong, đã chuyển, đã đổi hạn hoặc không còn thuộc người nhận.")
    return rendering.render(
        "reminders/digest",
        subject(lines),
        authority=authority,
        to_name=message.to_name,
        day=message.planned_on,
        groups=grouped(lines),
        total=len(lines),
        late=sum(line.days_late > 0 for line in lines),
        noun=noun(lines),
        by_hand=message.kind == MANUAL,
        units=sorted({line.unit_name for line in lines}),
        path=f"/{authority.slug}" if all(line.instead for line in lines) else f"/{authority.slug}/work",
    )


def _line(item: Sequence[Any], message: OutboxMessage, rows: Mapping[int, TaskRow], directory: Directory) -> Line | None:
    """The task of one item as it stands now; None where it is no longer this reader's business."""
    task_id, due, _ = item
    row = rows.get(task_id)
    if row is None or iso(row.standing.due_on) != due or message.payload.get("unit", row.unit_id) != row.unit_id:
        return None
    told = directory.told_for(row.unit_id)
    reader = next((contact for contact in told.contacts if fold_address(contact.email or "") == fold_address(message.to_address)), None)
    if reader is None:
        return None
    return Line(
        task_id=row.id,
        code=row.code,
        name=row.name,
        unit_name=row.unit_name,
        points=row.points,
        due_on=row.standing.due_on,
        days_late=row.standing.days_late,
        returned=row.returned,
        instead=told.instead,
        original_on=row.original_on,
        extensions=row.extensions,
        deputy_of=reader.instead_of,
    )
