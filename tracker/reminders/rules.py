"""What is still to be said and who can be told. On which days: policy_rules.py. How it reads: digest_rules.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel.clock import ONE_DAY
from tracker.kernel.words import phrase
from tracker.mail.rules import fold_address
from tracker.reminders.news_rules import News, Turns

#: A digest nobody could send for so long is listed, not mailed: its news is old.
DIGEST_LIFE = timedelta(days=7)
#: How far «sắp gửi» looks ahead.
LOOK_AHEAD = timedelta(days=30)

DIGEST = "reminder.digest"
MANUAL = "reminder.manual"
KIND_WORDS = {DIGEST: phrase("Thư nhắc theo lịch"), MANUAL: phrase("Thư nhắc của đầu mối")}


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

    @property
    def mailbox(self) -> str:
        """What counts as one reader; empty where there is no address."""
        return fold_address(self.email or "")


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
    chairs: Sequence[Contact] = ()
    #: People by account who were turned to in person.
    persons: Mapping[int, Contact] = field(default_factory=dict)
    #: Whether the focal point decides extensions here, not the leaders.
    focal_extends: bool = True

    def told_for(self, unit_id: int) -> Addressee:
        """The unit's specialists and heads with an address, else its shared mailbox, else the focal point's people."""
        people = () if unit_id in self.empty_groups else _once(self.people.get(unit_id, ()))
        if people:
            return Addressee(people, instead=False)
        mailbox = self.mailboxes.get(unit_id)
        if mailbox is not None and unit_id not in self.empty_groups:
            return Addressee((mailbox,), instead=False)
        return Addressee(_once(self.focal), instead=True)

    def leaders(self) -> tuple[Contact, ...]:
        return _once(self.chairs)

    def watchers(self) -> tuple[Contact, ...]:
        """The focal point's people."""
        return _once(self.focal)

    def told_of(self, news: News, turns: Turns) -> tuple[Contact, ...]:
        """Whom a piece of news reaches: never who did it."""
        match turns:
            case Turns.UNIT:
                found = self.told_for(news.unit_id).contacts
            case Turns.PERSON:
                person = self.persons.get(news.account_id or 0)
                found = _once([person] if person else [])
            case Turns.CHAIR:
                found = self.leaders()
            case Turns.EXTENDERS if not self.focal_extends:
                found = self.leaders()
            case _:
                found = self.watchers()
        return tuple(one for one in found if news.by_id is None or one.account_id != news.by_id)

    def shared(self) -> frozenset[str]:
        """Mailboxes more than one person reads, and those of units: what is for one person only never goes there."""
        readers: dict[str, set[int | None]] = {}
        for contact in (*(c for contacts in self.people.values() for c in contacts), *self.focal, *self.chairs, *self.mailboxes.values()):
            if contact.email:
                readers.setdefault(contact.mailbox, set()).add(contact.account_id)
        return frozenset(mailbox for mailbox, whose in readers.items() if len(whose) > 1 or None in whose)

    def silent(self) -> list[Contact]:
        """People who cannot be told: no address. By name, each once."""
        found = {c.account_id: c for contacts in (*self.people.values(), self.focal) for c in contacts if not c.email}
        return sorted(found.values(), key=lambda c: c.name)


def _once(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """Those with an address, one for each mailbox: a person with three roles is told once, and so are two who share one."""
    found: dict[str, Contact] = {}
    for contact in contacts:
        if contact.email:
            found.setdefault(contact.mailbox, contact)
    return tuple(found.values())


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
