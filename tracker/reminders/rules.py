"""What is news, who can be told, and how one digest reads. On which days: policy_rules.py."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel.clock import ONE_DAY
from tracker.kernel.vietnamese import date_vn
from tracker.mail.rules import fold_address

#: A digest nobody could send for so long is listed, not mailed: its news is old.
DIGEST_LIFE = timedelta(days=7)
#: How far «sắp gửi» looks ahead.
LOOK_AHEAD = timedelta(days=30)

DIGEST = "reminder.digest"
MANUAL = "reminder.manual"
KIND_WORDS = {DIGEST: "Thư nhắc theo lịch", MANUAL: "Thư nhắc của đầu mối"}


def is_news(rung: int, said: int | None) -> bool:
    """Whether a rung is still to be said, where ``said`` is the highest said so far."""
    return said is None or rung > said


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or a shared mailbox that may be told. ``account_id`` is None for a mailbox.

    ``instead_of``: the name of whom a deputy acts for, who gets a copy of what that person is told. ``head``: leads the unit, or acts for
    who does, and is nothing else in it.
    """

    name: str
    email: str | None
    account_id: int | None = None
    instead_of: str | None = None
    head: bool = False


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a unit's reminders reach. ``instead``: the focal point's people, because the unit itself has nobody who can be told."""

    contacts: tuple[Contact, ...]
    instead: bool


@dataclass(frozen=True, slots=True)
class Directory:
    """Who is told for each unit of one authority on one day."""

    people: Mapping[int, Sequence[Contact]]
    mailboxes: Mapping[int, Contact]
    focal: Sequence[Contact]
    #: Groups without members: nobody is in them.
    empty_groups: frozenset[int]

    def told_for(self, unit_id: int) -> Addressee:
        """The unit's specialists and heads with an address, else its shared mailbox, else the focal point's people."""
        people = () if unit_id in self.empty_groups else _once(self.people.get(unit_id, ()))
        if people:
            return Addressee(people, instead=False)
        mailbox = self.mailboxes.get(unit_id)
        if mailbox is not None and unit_id not in self.empty_groups:
            return Addressee((mailbox,), instead=False)
        return Addressee(_once(self.focal), instead=True)

    def silent(self) -> list[Contact]:
        """People who cannot be told: no address. By name, each once."""
        found = {c.account_id: c for contacts in (*self.people.values(), self.focal) for c in contacts if not c.email}
        return sorted(found.values(), key=lambda c: c.name)


def _once(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """Those with an address, one for each mailbox: a person with three roles is told once, and so are two who share one."""
    found: dict[str, Contact] = {}
    for contact in contacts:
        if contact.email:
            found.setdefault(fold_address(contact.email), contact)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Line:
    """One task in a digest. ``points`` None where not printed; ``instead``: told to the focal point for want of anybody in the unit."""

    task_id: int
    code: str | None
    name: str
    unit_name: str
    points: Decimal | None
    due_on: date | None
    days_late: int
    returned: bool
    instead: bool
    #: The last day before any extension, and how many times one was granted.
    original_on: date | None = None
    extensions: int = 0
    #: The reader is told as the deputy of this person.
    deputy_of: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one deadline, most points at risk first."""

    due_on: date | None
    days_late: int
    points: Decimal | None
    lines: tuple[Line, ...]


def grouped(lines: Iterable[Line]) -> tuple[Group, ...]:
    """By deadline, the oldest first; in a group most points at risk first, those without printed points last."""
    ordered = sorted(lines, key=_place)
    return tuple(_group(due, tuple(found)) for due, found in groupby(ordered, key=lambda line: line.due_on))


def _place(line: Line) -> tuple[bool, date, Decimal, str, int]:
    return (line.due_on is None, line.due_on or date.max, -(line.points or Decimal(0)), line.name, line.task_id)


def _group(due: date | None, lines: tuple[Line, ...]) -> Group:
    known = [line.points for line in lines if line.points is not None]
    return Group(due, lines[0].days_late, sum(known, Decimal(0)) if known else None, lines)


def noun(lines: Collection[Line]) -> str:
    """«chỉ số», or «nhiệm vụ» where a duty without an indicator is among them."""
    return "chỉ số" if all(line.code is not None for line in lines) else "nhiệm vụ"


def subject(lines: Sequence[Line]) -> str:
    """«Đôn Đốc: 5 chỉ số đến hạn 14/11/2026, 2 quá hạn»."""
    late = [line for line in lines if line.days_late]
    coming = [line for line in lines if not line.days_late]
    words = noun(lines)
    if not coming:
        return f"Đôn Đốc: {len(late)} {words} quá hạn"
    days = sorted({line.due_on for line in coming if line.due_on is not None})
    when = "" if not days else f" đến hạn {date_vn(days[0])}" if len(days) == 1 else f" đến hạn từ {date_vn(days[0])} đến {date_vn(days[-1])}"
    return f"Đôn Đốc: {len(coming)} {words}{when}" + (f", {len(late)} quá hạn" if late else "")


def working_days(calendar: WorkingCalendar, start: date, end: date) -> Iterator[date]:
    """The working days from ``start`` to ``end``, both included."""
    day = start
    while day <= end:
        if calendar.is_working(day):
            yield day
        day += ONE_DAY


def digest_key(authority_id: int, day: date, address: str) -> str:
    """One digest for each authority, day and mailbox."""
    return f"reminder:{authority_id}:{day.isoformat()}:{fold_address(address)}"


def manual_key(authority_id: int, unit_id: int, day: date, address: str) -> str:
    """One reminder by hand for each unit, day and mailbox."""
    return f"manual:{authority_id}:{unit_id}:{day.isoformat()}:{fold_address(address)}"


def iso(day: date | None) -> str | None:
    """How a payload holds a day."""
    return day.isoformat() if day else None
