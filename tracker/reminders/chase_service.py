"""Writing the log of chasing: what was done by hand, and striking out what was noted wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import date_vn
from tracker.kernel.words import phrase
from tracker.reminders.chase_models import ChaseEntry, ChaseEntryTask
from tracker.reminders.chase_rules import BY_HAND, KIND_WORDS, WORDS_LIMIT, ChaseKind, expect_sensible_day
from tracker.tasks.talk_rules import said
from tracker.units.models import Unit


def note(
    session: Session,
    actor: Actor,
    *,
    kind: ChaseKind,
    unit_id: int,
    task_ids: Mapping[int, date | None],
    words: str,
    on_day: date,
    now: datetime,
) -> ChaseEntry:
    """One entry about these tasks, each with its last day as it is now."""
    unit = session.get_one(Unit, unit_id)
    entry = ChaseEntry(
        authority_id=unit.authority_id,
        unit_id=unit_id,
        kind=kind,
        at=now,
        on_day=on_day,
        by=actor.told,
        by_account_id=actor.account_id,
        words=words,
    )
    session.add(entry)
    session.flush()
    rows = [{"authority_id": unit.authority_id, "entry_id": entry.id, "task_id": task, "due_on": due} for task, due in sorted(task_ids.items())]
    if rows:
        session.execute(insert(ChaseEntryTask), rows)
    summary = f"{KIND_WORDS[kind]}: {unit.name}, {len(rows)} nhiệm vụ, ngày {date_vn(on_day)}."
    audit.record(session, actor, f"chase.{kind.value}", summary, now=now, authority_id=unit.authority_id, subject=("unit", unit_id))
    return entry


def note_once(
    session: Session, actor: Actor, *, kind: ChaseKind, unit: Unit, task_ids: Mapping[int, date | None], words: str, now: datetime, day: date
) -> bool:
    """The same, once a day for the same words: a button pressed twice is one chase. False where it stands there already."""
    # Two presses at once: the second waits for the unit's row and finds what the first wrote.
    session.execute(select(Unit.id).where(Unit.id == unit.id).with_for_update())
    same = select(ChaseEntry.id).where(
        ChaseEntry.unit_id == unit.id, ChaseEntry.kind == kind, ChaseEntry.on_day == day, ChaseEntry.words == words, ChaseEntry.struck_at.is_(None)
    )
    if session.scalars(same.order_by(ChaseEntry.id)).first() is not None:
        return False
    note(session, actor, kind=kind, unit_id=unit.id, task_ids=task_ids, words=words, on_day=day, now=now)
    return True


def note_call(
    session: Session,
    actor: Actor,
    unit: Unit,
    tasks: Mapping[int, date | None],
    *,
    with_whom: str | None,
    words: str | None,
    on_day: date,
    today: date,
    now: datetime,
) -> bool:
    """«Ghi cuộc gọi, buổi gặp»: with whom, what was said. Raises Refused: no words, no day that makes sense, no task."""
    whom = said(with_whom, phrase("Đồng chí ghi đã gọi hoặc gặp ai."), "with_whom", WORDS_LIMIT)
    agreed = said(words, phrase("Đồng chí ghi hai bên đã thống nhất gì."), "words", WORDS_LIMIT)
    expect_sensible_day(on_day, today)
    if not tasks:
        raise Refused("Đồng chí chọn ít nhất một nhiệm vụ đã nhắc tới.", field="tasks")
    # The log stands in the order things were noted: what is noted later says its own day.
    words = f"Với {whom}: {agreed}" if on_day == today else f"Ngày {date_vn(on_day)}, với {whom}: {agreed}"
    return note_once(session, actor, kind=ChaseKind.CALL, unit=unit, task_ids=tasks, words=words, now=now, day=on_day)


def strike(session: Session, actor: Actor, entry: ChaseEntry, why: str | None, now: datetime) -> None:
    """Strikes out what was noted wrongly; it stays to be read. Raises Refused: no reason, or struck out already."""
    reason = said(why, phrase("Đồng chí ghi vì sao gạch dòng này."), "why", WORDS_LIMIT)
    if entry.kind not in BY_HAND:
        raise Refused("Dòng này do hệ thống ghi; chỉ gạch được việc ghi bằng tay.")
    if entry.struck_at is not None:
        raise Refused("Dòng này đã được gạch.")
    entry.struck_at, entry.struck_why = now, reason
    summary = f"Gạch dòng nhật ký đôn đốc ngày {date_vn(entry.on_day)}: {reason}"
    audit.record(session, actor, "chase.strike", summary, now=now, authority_id=entry.authority_id, subject=("unit", entry.unit_id))
    session.flush()
