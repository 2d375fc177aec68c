"""One day's digests of one authority as they fill: who is told what for the first time. Pure: what it needs to know is handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.reminders.digest_rules import Wanted
from tracker.reminders.news_rules import TURNS_TO, News, NewsKind, opens_week, week_of
from tracker.reminders.policy_rules import Policy
from tracker.reminders.rules import Addressee, Contact, Directory, digest_key, is_news, iso
from tracker.tasks.rules import Duty

NOTHING_SAID: Mapping[int, int] = {}


@dataclass(frozen=True, slots=True)
class Earlier:
    """A digest of an earlier day that still waits."""

    id: int
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What was said and told before, of every authority that is planned together.

    ``said``: (folded address, due day) → task → the highest rung. ``news``: (kind, its row, folded address). ``keys``: of the day's messages
    there are already. ``refused``: (authority, account) that wants no summaries. ``summaries``: (authority, folded address) → the last week.
    ``earlier``: (authority, folded address) → digests that still wait.
    """

    said: Mapping[tuple[str, date], Mapping[int, int]]
    news: AbstractSet[tuple[NewsKind, int, str]]
    keys: AbstractSet[str]
    refused: AbstractSet[tuple[int, int]]
    summaries: Mapping[tuple[int, str], int]
    earlier: Mapping[tuple[int, str], Sequence[Earlier]]


@dataclass(slots=True)
class Digest:
    """What one mailbox is told today. ``said``: the rungs newly said of the reader's tasks; ``watched``: of tasks the reader watches over,
    ``counted``: of those only counted in the ``summary``; ``wanted``: what other units wait for, with its rung; ``older``: digests that never
    went out and are folded in, ``carried`` their tasks.
    """

    address: str
    names: list[str] = field(default_factory=list)
    account_id: int | None = None
    said: list[tuple[Duty, int]] = field(default_factory=list)
    watched: list[tuple[Duty, int]] = field(default_factory=list)
    counted: list[tuple[Duty, int]] = field(default_factory=list)
    wanted: list[tuple[Wanted, int]] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    summary: bool = False
    #: It is the first summary of its week.
    weekly: bool = False
    carried: list[Duty] = field(default_factory=list)
    #: (unit, round) of tasks that are the reader's own, as a member of the unit: what a personal link may be for.
    own: set[tuple[int, int]] = field(default_factory=set)
    older: list[Earlier] = field(default_factory=list)

    @property
    def task_ids(self) -> list[int]:
        """Every task it names, each once."""
        own = [duty.id for duty, _ in (*self.said, *self.watched)] + [duty.id for duty in self.carried]
        return list(dict.fromkeys(own + [one.task_id for one, _ in self.wanted] + [one.task_id for one in self.news]))

    @property
    def urgency(self) -> tuple[date, str]:
        """What is due first goes first."""
        duties = [duty for duty, _ in self.said] + self.carried
        days = {duty.due_on for duty in duties if duty.due_on} | {one.due_on for one, _ in self.wanted}
        return min(days, default=date.max), self.address

    @property
    def rungs(self) -> set[tuple[int, date, int]]:
        """(task, due day, rung) of all that is said for the first time; a person with several parts in a task is told once."""
        duties = (*self.said, *self.watched, *self.counted)
        own = {(duty.id, duty.due_on, rung) for duty, rung in duties if duty.due_on is not None}
        return own | {(one.task_id, one.due_on, rung) for one, rung in self.wanted}

    @property
    def payload(self) -> dict[str, Any]:
        """What the letter is written from: ids and days, in which to look again at the moment of sending."""
        parts: dict[str, list[Any]] = {
            "items": [[duty.id, iso(duty.due_on), rung] for duty, rung in self.said] + [[duty.id, iso(duty.due_on), None] for duty in self.carried],
            "watched": [[duty.id, iso(duty.due_on), rung] for duty, rung in self.watched],
            "wanted": [[one.contribution_id, iso(one.due_on)] for one, _ in self.wanted],
            "news": [[one.kind.value, one.id] for one in self.news],
        }
        for name in ("watched", "wanted", "news"):
            parts[name] += [item for message in self.older for item in message.payload.get(name, ()) if item not in parts[name]]
        summary = self.summary or any(message.payload.get("summary") for message in self.older)
        return {"items": parts.pop("items")} | {name: items for name, items in parts.items() if items} | ({"summary": True} if summary else {})

    def greets(self, contact: Contact) -> None:
        if contact.name not in self.names:
            self.names.append(contact.name)


@dataclass(slots=True)
class Book:
    """One day's digests as they fill, by folded address. Who was told today already waits for the next working day, whatever came up since."""

    authority_id: int
    day: date
    policy: Policy
    calendar: WorkingCalendar
    directory: Directory
    told: Told
    #: Mailboxes that are not one person's; None where nobody gets personal links, so nobody asks.
    shared: frozenset[str] | None = None
    digests: dict[str, Digest] = field(default_factory=dict)
    _rungs: dict[date, int | None] = field(default_factory=dict)
    _addressees: dict[int, Addressee] = field(default_factory=dict)

    def _digest(self, contact: Contact) -> Digest | None:
        assert contact.email is not None
        mailbox = contact.mailbox
        if digest_key(self.authority_id, self.day, mailbox) in self.told.keys:
            return None
        digest = self.digests.setdefault(mailbox, Digest(contact.email, account_id=contact.account_id))
        digest.greets(contact)
        return digest

    def _rung(self, target: date) -> int | None:
        """Many share a target day: the calendar is walked once for each."""
        if target not in self._rungs:
            self._rungs[target] = self.policy.rung_reached(self.calendar.between(target, self.day))
        return self._rungs[target]

    def _told_for(self, unit_id: int) -> Addressee:
        """The same of a unit's people."""
        if unit_id not in self._addressees:
            self._addressees[unit_id] = self.directory.told_for(unit_id)
        return self._addressees[unit_id]

    def tell_duties(self, duties: Iterable[Duty]) -> None:
        """Each task's rung to its unit, and to whom the policy lets it climb."""
        for (due, target, unit_id), alike in _alike(duties).items():
            rung = self._rung(target)
            if rung is None:
                continue
            addressee = self._told_for(unit_id)
            for contact in self.policy.tells(rung, addressee.contacts):
                self._say(alike, rung, due, contact, "said")
                if not addressee.instead:
                    self._own(contact, alike)
            if self.policy.focal_from is not None and rung >= self.policy.focal_from:
                for contact in self.directory.watchers():
                    self._say(alike, rung, due, contact, "watched")
            if self.policy.chair_from is not None and rung >= self.policy.chair_from:
                for contact in self.directory.leaders():
                    known = self.told.said.get((contact.mailbox, due), NOTHING_SAID)
                    self._say([duty for duty in alike if duty.id not in known], rung, due, contact, "counted")

    def _say(self, alike: Sequence[Duty], rung: int, due: date, contact: Contact, part: str) -> None:
        before = self.told.said.get((contact.mailbox, due), NOTHING_SAID)
        fresh = [(duty, rung) for duty in alike if is_news(rung, before.get(duty.id))]
        if fresh and (digest := self._digest(contact)) is not None:
            getattr(digest, part).extend(fresh)

    def _own(self, contact: Contact, alike: Iterable[Duty]) -> None:
        mailbox = contact.mailbox
        if self.shared is None or contact.account_id is None or contact.instead_of is not None:
            return
        if mailbox in self.digests and mailbox not in self.shared:
            self.digests[mailbox].own.update((duty.unit_id, duty.round_id) for duty in alike)

    def tell_wanted(self, wanted: Iterable[Wanted]) -> None:
        """What a unit was asked for climbs the same rungs to the day it was given."""
        for one in wanted:
            rung = self._rung(self.calendar.on_or_before(one.due_on))
            if rung is None:
                continue
            for contact in self.policy.tells(rung, self._told_for(one.unit_id).contacts):
                before = self.told.said.get((contact.mailbox, one.due_on), NOTHING_SAID)
                if is_news(rung, before.get(one.task_id)) and (digest := self._digest(contact)) is not None:
                    digest.wanted.append((one, rung))

    def tell_news(self, news: Iterable[News]) -> None:
        for one in news:
            for contact in self.directory.told_of(one, TURNS_TO[one.kind]):
                if (one.kind, one.id, contact.mailbox) not in self.told.news and (digest := self._digest(contact)) is not None:
                    digest.news.append(one)

    def tell_leaders(self) -> None:
        """The summary: with whatever climbed to them, and once a week; a week whose first working day was slept through is made up for."""
        first, week = opens_week(self.calendar, self.day), week_of(self.day)
        for contact in self.directory.leaders():
            mailbox = contact.mailbox
            before = self.told.summaries.get((self.authority_id, mailbox))
            fresh = before is None or before < week
            due = self.policy.chair_weekly and fresh and (first or before is not None)
            climbed = mailbox in self.digests and bool(self.digests[mailbox].counted)
            if (self.authority_id, contact.account_id) in self.told.refused:
                if climbed:
                    self._forget(mailbox)
            elif (climbed or due) and (digest := self._digest(contact)) is not None:
                digest.summary = True
                digest.weekly = fresh

    def _forget(self, mailbox: str) -> None:
        digest = self.digests[mailbox]
        digest.counted.clear()
        if not digest.task_ids:
            del self.digests[mailbox]

    def take_over(self, duties: Iterable[Duty]) -> None:
        """A digest of an earlier day that still waits is folded into today's: one mail after an outage, not one for each day of it."""
        waiting = {mailbox: found for mailbox in self.digests if (found := self.told.earlier.get((self.authority_id, mailbox)))}
        by_id = {duty.id: duty for duty in duties} if waiting else {}
        for mailbox, earlier in waiting.items():
            digest = self.digests[mailbox]
            digest.older += earlier
            new = set(digest.task_ids)
            for task_id, due, _ in (item for message in earlier for item in message.payload["items"]):
                duty = by_id.get(task_id)
                if duty is not None and task_id not in new and iso(duty.due_on) == due:
                    new.add(task_id)
                    digest.carried.append(duty)


def _alike(duties: Iterable[Duty]) -> dict[tuple[date, date, int], list[Duty]]:
    """(last day, target day, unit) → tasks: what is said of one is said of all, to the same people. The nearest last day first."""
    found: dict[tuple[date, date, int], list[Duty]] = {}
    for duty in duties:
        if duty.due_on is not None and duty.target_on is not None:
            found.setdefault((duty.due_on, duty.target_on, duty.unit_id), []).append(duty)
    return dict(sorted(found.items()))
