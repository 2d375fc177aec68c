"""Deadlines as days in a calendar programme: which there are, what they say, and how often each was moved. Pure.

A number of changes (``SEQUENCE``) is kept nowhere: it is the sum of counters that only grow, one for everything a day is computed from
(docs/decisions/0018-feeds-without-a-counter.md).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.deadlines.explanation_rules import explain
from tracker.deadlines.rules import Dates, Terms, target_day
from tracker.kernel.vietnamese import long_date_vn
from tracker.tasks.rules import DONE, OPEN, SET_ASIDE, Progress

#: Only this many codes stand in an event; a telephone shows no more.
MOST_CODES = 20
#: The namespace of our UIDs; another one would double every event in every programme that has subscribed.
_EVENTS = uuid.UUID("6f0d1a52-3c0e-5d0a-9b51-0d0c0d0c2026")


@dataclass(frozen=True, slots=True)
class Event:
    """One whole day. ``path`` leads to it in the application; ``stamp`` is taken from data, never from the clock."""

    uid: str
    on: date
    sequence: int
    summary: str
    description: str
    path: str
    stamp: datetime
    cancelled: bool = False
    alarms: bool = False


@dataclass(frozen=True, slots=True)
class Office:
    """The authority, its calendar, and how often its days off and its readings were changed."""

    slug: str
    name: str
    calendar: WorkingCalendar
    changes: int
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Term:
    """A round, or a period that will become one. ``changes`` counts those of the rule and of the round; ``stamp`` is when it was last opened
    or closed."""

    slug: str
    name: str
    terms: Terms
    dates: Dates
    started_on: date | None
    closed_on: date | None
    changes: int
    stamp: datetime
    opened: bool = True


@dataclass(frozen=True, slots=True)
class Duty:
    """A task as its unit's calendar needs it. ``key`` names it in its round for ever; ``code`` is None for a titled duty."""

    id: int
    key: str
    code: str | None
    name: str
    status: Progress
    extended_to_on: date | None
    mend_by_on: date | None
    version: int

    @property
    def label(self) -> str:
        return self.code or self.name

    def mending(self, last_on: date) -> bool:
        """Whether the days to mend are the ones in force."""
        return self.status in OPEN and self.mend_by_on is not None and self.mend_by_on > (self.extended_to_on or last_on)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of a round's tasks that somebody has to do."""

    total: int = 0
    open: int = 0
    extended: int = 0
    set_aside: int = 0


def uid(*parts: str) -> str:
    """The same for the same thing on every installation and address of it: RFC 7986 §5.3 asks for a UUID."""
    return str(uuid.uuid5(_EVENTS, "/".join(parts)))


def unit_events(office: Office, term: Term, unit_slug: str, unit_name: str, duties: Sequence[Duty], *, named: bool, own_day: bool) -> Iterator[Event]:
    """What a unit has to do in a round. ``named``: the feed holds several units; ``own_day``: the round's own day is still shown."""
    if own_day and duties:
        yield _unit_day(office, term, unit_slug, unit_name, duties, named=named)
    for duty in duties:
        if duty.extended_to_on is not None:
            yield _extension(office, term, unit_slug, unit_name, duty)
        if duty.mend_by_on is not None:
            yield _mending(office, term, unit_slug, unit_name, duty)


def _unit_day(office: Office, term: Term, unit_slug: str, unit_name: str, duties: Sequence[Duty], *, named: bool) -> Event:
    last = _last(term)
    own = [duty for duty in duties if duty.status not in SET_ASIDE and duty.extended_to_on is None]
    left = [duty for duty in own if duty.status in OPEN]
    waiting = [duty for duty in left if not duty.mending(last)]
    what = "chỉ số" if all(duty.code for duty in duties) else "nhiệm vụ"
    if waiting:
        state = f"{len(waiting)} {what}"
    elif left:
        state = f"đang bổ sung {len(left)} {what}"
    else:
        state = "đã nộp đủ"
    on = _target(office, term.dates.nominal_on, last)
    closed = term.closed_on is not None and term.closed_on < on
    why = "Đợt đã đóng trước ngày này." if closed else "Không còn nhiệm vụ nào theo hạn chung của đợt: được gia hạn hoặc không phải thực hiện."
    gone = closed or not own
    title = f"Hạn: {term.name}{f' ({unit_name})' if named else ''}"
    return Event(
        uid=uid("round", office.slug, term.slug, unit_slug),
        on=on,
        sequence=office.changes + term.changes + sum(duty.version for duty in duties),
        summary=f"Đã bỏ: {title}" if gone else f"{title} – {state}",
        description=_lines(unit_name, why if gone else "", *_days(office, term), _codes(what, waiting)),
        path=f"/{office.slug}/tasks?round={term.slug}&unit={unit_slug}",
        stamp=_stamp(office, term),
        cancelled=gone,
        alarms=bool(waiting) and not gone and term.closed_on is None,
    )


def _extension(office: Office, term: Term, unit_slug: str, unit_name: str, duty: Duty) -> Event:
    assert duty.extended_to_on is not None
    last = duty.extended_to_on
    granted = f"Được gia hạn đến hết {long_date_vn(last)}; hạn chung của đợt là {long_date_vn(_last(term))}."
    on = _target(office, last, last)
    in_force = duty.status in OPEN and not duty.mending(_last(term))
    return _own_day(office, term, unit_slug, unit_name, duty, "extension", "Hạn đã gia hạn", granted, on, duty.status in SET_ASIDE, in_force)


def _mending(office: Office, term: Term, unit_slug: str, unit_name: str, duty: Duty) -> Event:
    assert duty.mend_by_on is not None
    due = duty.extended_to_on or _last(term)
    asked = f"Minh chứng bị trả lại; bổ sung đến hết {long_date_vn(duty.mend_by_on)}. Hạn nộp lần đầu là {long_date_vn(due)}."
    on = _target(office, duty.mend_by_on, duty.mend_by_on)
    in_force = duty.mending(_last(term))
    return _own_day(office, term, unit_slug, unit_name, duty, "mending", "Hạn bổ sung", asked, on, not in_force, in_force)


def _own_day(
    office: Office, term: Term, unit_slug: str, unit_name: str, duty: Duty, kind: str, words: str, story: str, on: date, over: bool, in_force: bool
) -> Event:
    """The day of one task that has its own."""
    gone = over or (term.closed_on is not None and term.closed_on < on)
    title = f"{words}: {duty.label[:80]} – {term.name}"
    state = "Đã nộp." if duty.status in DONE else ""
    return Event(
        uid=uid(kind, office.slug, term.slug, unit_slug, duty.key),
        on=on,
        sequence=office.changes + term.changes + duty.version,
        summary=f"Đã bỏ: {title}" if gone else f"{title}{' – đã nộp' if duty.status in DONE else ''}",
        description=_lines(unit_name, _named(duty), story, state),
        path=f"/{office.slug}/tasks/{duty.id}",
        stamp=_stamp(office, term),
        cancelled=gone,
        alarms=in_force and not gone and term.closed_on is None,
    )


def authority_events(office: Office, term: Term, counts: Counts | None) -> Iterator[Event]:
    """A round, or a period to come, as who leads or chases sees it: its day, and in a cascade the focal point's and the day for sending upwards."""
    dates, last = term.dates, _last(term)
    yield _round_day(office, term, "all", "Hạn", _target(office, dates.nominal_on, last), _state(term, counts), counts)
    if dates.check_on is not None:
        yield _round_day(office, term, "check", "Đầu mối tổng hợp xong", _target(office, dates.check_on, dates.check_on), "", counts)
    if dates.outer_on is not None:
        yield _round_day(office, term, "outer", "Gửi cấp trên", _target(office, dates.outer_on, dates.outer_on), "", counts)


def _round_day(office: Office, term: Term, kind: str, words: str, on: date, state: str, counts: Counts | None) -> Event:
    gone = term.closed_on is not None and term.closed_on < on
    title = f"{words}: {term.name}"
    path = f"/{office.slug}/rounds/{term.slug}" if term.opened else f"/{office.slug}/deadlines?year={_last(term).year}"
    return Event(
        uid=uid(kind, office.slug, term.slug),
        on=on,
        sequence=office.changes + term.changes,
        summary=f"Đã bỏ: {title}" if gone else f"{title}{f' – {state}' if state else ''}",
        description=_lines(office.name, "Đợt đã đóng trước ngày này." if gone else "", *_days(office, term), _told(counts)),
        path=path,
        stamp=_stamp(office, term),
        cancelled=gone,
        alarms=not gone and term.closed_on is None and (counts is None or bool(counts.open) or not counts.total),
    )


def _state(term: Term, counts: Counts | None) -> str:
    if not term.opened:
        return "đợt chưa mở"
    if counts is None or not counts.total:
        return ""
    return f"còn {counts.open}/{counts.total} nhiệm vụ" if counts.open else "đã nộp đủ"


def _told(counts: Counts | None) -> str:
    if counts is None or not counts.total + counts.set_aside:
        return ""
    more = [f"{counts.extended} được gia hạn" if counts.extended else "", f"{counts.set_aside} không phải thực hiện" if counts.set_aside else ""]
    return "; ".join([f"Đã nộp {counts.total - counts.open}/{counts.total} nhiệm vụ", *filter(None, more)]) + "."


def _days(office: Office, term: Term) -> tuple[str, ...]:
    """The last day, the day aimed at, and why."""
    dates, last = term.dates, _last(term)
    target = _target(office, dates.nominal_on, last)
    said = [f"Hạn cuối: {long_date_vn(last)}."]
    if target != last:
        said.append(f"Ngày nhắm tới: {long_date_vn(target)}.")
    return (*said, explain(term.terms, office.calendar, dates, term.started_on))


def _codes(what: str, duties: Sequence[Duty]) -> str:
    if not duties:
        return ""
    shown = ", ".join(duty.label[:80] for duty in duties[:MOST_CODES])
    return f"Còn {len(duties)} {what}: {shown}{', …' if len(duties) > MOST_CODES else ''}"


def _named(duty: Duty) -> str:
    return f"Chỉ số {duty.code}: {duty.name}" if duty.code else duty.name


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _last(term: Term) -> date:
    assert term.dates.last_on is not None
    return term.dates.last_on


def _target(office: Office, nominal: date | None, last: date) -> date:
    found = target_day(office.calendar, nominal, last)
    assert found is not None
    return found


def _stamp(office: Office, term: Term) -> datetime:
    return max(term.stamp, office.changed_at) if office.changed_at else term.stamp
