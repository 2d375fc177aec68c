"""What an office intends with its own days: enter a closure, a swap or a make-up day over the national list; withdraw one.

Target days follow at once, for they are computed from the calendar; the last days of opened rounds stand as they were opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.deadlines import calendar_queries, queries
from tracker.deadlines.calendar_rules import (
    DAY_WORDS,
    FIRST_YEAR,
    LAST_YEAR,
    LOCAL_KINDS,
    SATURDAY,
    DayKind,
    WorkingCalendar,
    cannot_list,
    pair_names,
)
from tracker.deadlines.models import LocalDay, Round
from tracker.deadlines.rules import target_day
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import clean, long_date_vn
from tracker.kernel.words import phrase
from tracker.units import access as units


@dataclass(frozen=True, slots=True)
class Moved:
    """An open round whose target day is another one now. Its last day is the same."""

    round: Round
    before: date
    after: date


@dataclass(frozen=True, slots=True)
class Effect:
    """The days entered or withdrawn together, and the open rounds that got another target day by it."""

    days: tuple[LocalDay, ...]
    moved: tuple[Moved, ...]


def enter_local_day(
    session: Session,
    actor: Actor,
    authority_id: int,
    day: date,
    kind: DayKind,
    name: str,
    source: str,
    now: datetime,
    *,
    made_up_on: date | None = None,
) -> Effect:
    """Enters a day of the authority in scope, and for a swap the day it is made up on: both or neither.

    ``source`` is the notice or direction the office follows. Raises Refused with the field at fault.
    """
    _hold(session, authority_id)
    name, source = _said(name, "name"), _said(source, "source")
    if kind not in LOCAL_KINDS:
        raise Refused("Ngày nghỉ lễ và nghỉ bù theo luật lấy từ lịch chung; cơ quan chỉ ghi ngày tạm nghỉ, hoán đổi hoặc làm bù.", field="kind")
    if made_up_on is not None and kind is not DayKind.SWAP_OFF:
        raise Refused("Chỉ ngày nghỉ hoán đổi mới có ngày làm bù; đồng chí để trống ô “Làm bù vào ngày”.", field="made_up_on")
    before = queries.working_calendar(session)
    wanted = [(day, kind, name, "day")]
    if made_up_on is not None:
        off, worked = pair_names(name, day, made_up_on)
        wanted = [(day, kind, off, "day"), (made_up_on, DayKind.MAKE_UP, worked, "made_up_on")]
    for one, its_kind, _name, field in wanted:
        _check(session, authority_id, before, one, its_kind, field)
    common = {"authority_id": authority_id, "source": source, "entered_at": now, "withdrawn_at": None}
    entered = [LocalDay(day=one, kind=its_kind, name=its_name, **common) for one, its_kind, its_name, _field in wanted]
    session.add_all(entered)
    session.flush()
    for made in entered:
        _tell(session, actor, made, "local_day.entered", f"Ghi {_called(made)} vào lịch của cơ quan, theo {source}.", now)
    return Effect(tuple(entered), _moved(session, before))


def withdraw_local_day(session: Session, actor: Actor, local_day: LocalDay, now: datetime) -> Effect:
    """Takes a day of the authority in scope out of its calendar, and with it the other day of its swap. The rows stay.

    Raises Refused where somebody withdrew it before.
    """
    _hold(session, local_day.authority_id)
    session.refresh(local_day)
    if local_day.withdrawn_at is not None:
        raise Refused(phrase("%(day)s đã được rút khỏi lịch của cơ quan trước đó; không còn gì để rút.", day=long_date_vn(local_day.day)))
    before = queries.working_calendar(session)
    days = calendar_queries.entered_together(session, local_day)
    for one in days:
        one.withdrawn_at = now
        _tell(session, actor, one, "local_day.withdrawn", f"Rút {_called(one)} khỏi lịch của cơ quan.", now)
    session.flush()
    return Effect(tuple(days), _moved(session, before))


def _hold(session: Session, authority_id: int) -> None:
    """An office's days change one at a time, each seen on the calendar as the one before left it, not on one kept in memory."""
    units.hold(session, authority_id)
    queries.forget_calendar(session)


def _said(text: str, field: str) -> str:
    """What was typed, without stray spaces. Raises Refused where nothing was."""
    found = clean(text)
    if not found:
        missing = {
            "name": phrase("Đồng chí ghi vì sao ngày ấy nghỉ hoặc làm bù."),
            "source": phrase("Đồng chí ghi thông báo hoặc chỉ đạo mà cơ quan làm theo."),
        }
        raise Refused(missing[field], field=field)
    return found


def _check(session: Session, authority_id: int, calendar: WorkingCalendar, day: date, kind: DayKind, field: str) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refused(
            phrase(
                "Năm %(year)s nằm ngoài lịch; lịch ghi được các năm %(first_year)s–%(last_year)s.",
                year=day.year,
                first_year=FIRST_YEAR,
                last_year=LAST_YEAR,
            ),
            field=field,
        )
    listed = calendar_queries.local_day_on(session, authority_id, day)
    if listed is not None:
        raise Refused(
            phrase(
                "%(day)s đã có trong lịch của cơ quan (%(listed)s); muốn ghi khác, đồng chí rút ngày ấy trước.",
                day=long_date_vn(day),
                listed=listed.name,
            ),
            field=field,
        )
    if kind is DayKind.MAKE_UP and _is_holiday(calendar, day):
        raise Refused(
            phrase(
                "%(day)s là %(off)s; ngày làm bù phải là ngày nghỉ cuối tuần hoặc nghỉ hoán đổi.",
                day=long_date_vn(day),
                off=calendar.off_because(day),
            ),
            field=field,
        )
    hindered = cannot_list(calendar, day, kind)
    if hindered is not None:
        raise Refused(hindered, field=field)


def _is_holiday(calendar: WorkingCalendar, day: date) -> bool:
    """Whether a weekday is off by law and not by a direction that an office may follow otherwise."""
    return day.weekday() < SATURDAY and not calendar.is_working(day) and calendar.days.get(day) not in (DayKind.LIEU, DayKind.SWAP_OFF)


def _called(day: LocalDay) -> str:
    """«ngày nghỉ Thứ Sáu, 13/11/2026 (Cơ quan tạm nghỉ: bão số 9)»."""
    what = "ngày làm bù" if day.kind is DayKind.MAKE_UP else "ngày nghỉ"
    return f"{what} {long_date_vn(day.day)} ({DAY_WORDS[day.kind]}: {day.name})"


def _tell(session: Session, actor: Actor, day: LocalDay, action: str, summary: str, now: datetime) -> None:
    said = {"day": day.day.isoformat(), "kind": day.kind.value, "name": day.name, "source": day.source}
    changes = {name: ((None, value) if action == "local_day.entered" else (value, None)) for name, value in said.items()}
    audit.record(session, actor, action, summary, now=now, authority_id=day.authority_id, subject=("local_day", day.id), changes=changes)


def _moved(session: Session, before: WorkingCalendar) -> tuple[Moved, ...]:
    """The open rounds of the scope whose target day is another one than on the calendar before."""
    queries.forget_calendar(session)
    after = queries.working_calendar(session)
    found = []
    for one in queries.rounds(session, open_only=True):
        old, new = (target_day(calendar, one.nominal_on, one.last_on) for calendar in (before, after))
        if old is not None and new is not None and old != new:
            found.append(Moved(one, old, new))
    return tuple(found)
