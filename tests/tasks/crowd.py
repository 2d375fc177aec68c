"""Many people at the same few tasks at once, through the services, each with a session of its own."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.deadlines import queries as deadlines
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel import scope
from tracker.kernel.database import db, writing
from tracker.kernel.errors import Refused, Stale
from tracker.tasks import extension_service, service
from tracker.tasks.extension_rules import cannot_move
from tracker.tasks.models import Task
from tracker.tasks.rules import Fulfilment, Move, Progress, moved

NOW = datetime(2026, 11, 10, 3, tzinfo=UTC)
LATER = [date(2026, 11, 20) + timedelta(days=days) for days in range(30)]


@dataclass
class Crowd:
    """What happened. ``saved``: per task the words each accepted edit left in the history."""

    saved: dict[int, list[str]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def accepted(self) -> int:
        return sum(len(words) for words in self.saved.values())


@dataclass(frozen=True)
class Hand:
    """One person at one edit."""

    session: Session
    task: Task
    actor: Actor
    words: str
    draw: random.Random
    calendar: WorkingCalendar


def _begin(hand: Hand) -> None:
    service.begin(hand.session, hand.task, hand.actor, NOW)


def _report(hand: Hand) -> None:
    with_head = hand.draw.random() < 0.3
    service.mark_ready(hand.session, hand.task, Fulfilment(True), hand.actor, NOW, needs_head=with_head, is_head=False)


def _accept(hand: Hand) -> None:
    service.accept(hand.session, hand.task, hand.actor, NOW, own=False, own_allowed=True)


def _return(hand: Hand) -> None:
    one = deadlines.round_by_id(hand.session, hand.task.round_id)
    service.return_(hand.session, hand.task, one, hand.words, hand.actor, NOW, calendar=hand.calendar, mend_days=3)


def _send_back(hand: Hand) -> None:
    service.send_back(hand.session, hand.task, hand.words, hand.actor, NOW)


def _set_aside(hand: Hand) -> None:
    move = hand.draw.choice([Move.SET_NOT_APPLICABLE, Move.SET_SUPPLIED_ELSEWHERE])
    service.set_aside(hand.session, hand.task, move, hand.words, hand.actor, NOW)


def _resume(hand: Hand) -> None:
    service.resume(hand.session, hand.task, hand.words, hand.actor, NOW)


def _extend(hand: Hand) -> None:
    extension_service.extend(hand.session, hand.task, "1.1", hand.draw.choice(LATER), hand.words, hand.actor, NOW)


DEEDS: tuple[Callable[[Hand], None], ...] = (_begin, _report, _accept, _return, _send_back, _set_aside, _resume, _extend)


def work(app: Flask, authority_id: int, task_ids: Sequence[int], people: Sequence[int], edits: int, seed: int) -> Crowd:
    """Each person opens a task, then saves a random change of what they saw, ``edits`` times."""
    with app.app_context():
        scope.choose(db.session(), scope.one(authority_id))
        calendar = deadlines.working_calendar(db.session())
        db.session.remove()

    def one_person(place: int) -> tuple[list[tuple[int, str]], Counter[str]]:
        draw, saved, refused = random.Random(f"{seed}-{place}"), [], Counter[str]()
        with app.app_context():
            session = db.session()
            scope.choose(session, scope.one(authority_id))
            for number in range(edits):
                words = f"Người {place}, lần {number}."
                actor = Actor(people[place % len(people)], words)
                task_id, deed = draw.choice(task_ids), draw.choice(DEEDS)
                seen = session.scalars(select(Task.version).where(Task.id == task_id)).one()
                session.rollback()
                try:
                    with writing():
                        task = session.scalars(select(Task).where(Task.id == task_id)).one()
                        service.expect_version(task, seen, words)
                        deed(Hand(session, task, actor, words, draw, calendar))
                        changed = task.version != seen  # asked before the commit: after it others may have gone on
                        session.commit()
                    if changed:
                        saved.append((task_id, words))
                    else:
                        refused["nothing to do"] += 1
                except (Stale, StaleDataError, Refused) as refusal:
                    session.rollback()
                    refused[type(refusal).__name__] += 1
            db.session.remove()
        return saved, refused

    found = Crowd({task_id: [] for task_id in task_ids})
    with ThreadPoolExecutor(len(people)) as pool:
        for saved, refused in pool.map(one_person, range(len(people))):
            found.refused += refused
            for task_id, words in saved:
                found.saved[task_id].append(words)
    return found


def faults(session: Session, crowd: Crowd, before: dict[int, int], already: int) -> list[str]:
    """What was lost or counted twice. ``before``: task → its version at the start; ``already``: the last event there was then."""
    told = []
    for task_id, saved in crowd.saved.items():
        version = session.scalars(select(Task.version).where(Task.id == task_id)).one()
        wanted = select(AuditEvent.actor).where(AuditEvent.subject_type == "task", AuditEvent.subject_id == task_id, AuditEvent.id > already)
        kept = list(session.scalars(wanted.order_by(AuditEvent.id)))
        if version - before[task_id] != len(saved):
            told.append(f"task {task_id}: {len(saved)} edits accepted, version went from {before[task_id]} to {version}")
        if sorted(kept) != sorted(saved):
            told.append(f"task {task_id}: {len(saved)} edits accepted, {len(kept)} in the history; {set(kept) ^ set(saved)}")
    return told


@dataclass(frozen=True)
class State:
    """What approving, returning and extending change."""

    status: Progress
    extended: date | None


def _after(state: State, deed: str, until: date) -> State | None:
    """The state after one deed; None where it would be refused. The transition table and the rule of extensions, nothing else."""
    if deed == "extend":
        return None if cannot_move(state.status, state.extended or date(2026, 11, 14)) else State(state.status, until)
    try:
        return State(moved(state.status, Move.ACCEPT if deed == "accept" else Move.RETURN), state.extended)
    except Refused:
        return None


def serial(start: State, done: Sequence[str], until: date) -> set[State]:
    """Every state some order of these deeds, one after another, leads to."""
    ends = set()
    for order in itertools.permutations(done):
        state: State | None = start
        for deed in order:
            state = state and _after(state, deed, until)
        if state:
            ends.add(state)
    return ends


def race(app: Flask, authority_id: int, task_id: int, account_id: int, number: int) -> list[str]:
    """Approve, return and extend one task in the same instant. Sentences about an end no order explains."""
    start = State(*(([Progress.READY, None], [Progress.COLLECTING, None], [Progress.ACCEPTED, None])[number % 3]))
    until, together = LATER[number % len(LATER)], Barrier(3)
    with app.app_context(), writing():
        session = db.session()
        scope.choose(session, scope.one(authority_id))
        values = {"status": start.status, "extended_to_on": None, "returned_at": None, "accepted_at": None, "version": Task.version + 1}
        session.execute(update(Task).where(Task.id == task_id).values(values))
        session.commit()
        last = session.scalars(select(AuditEvent.id).order_by(AuditEvent.id.desc()).limit(1)).first() or 0
        calendar = deadlines.working_calendar(session)
        db.session.remove()

    def act(deed: str) -> str | None:
        with app.app_context():
            session = db.session()
            scope.choose(session, scope.one(authority_id))
            together.wait(20)
            try:
                with writing():
                    task = session.scalars(select(Task).where(Task.id == task_id)).one()
                    hand = Hand(session, task, Actor(account_id, deed), "Lý do.", random.Random(number), calendar)
                    if deed == "extend":
                        extension_service.extend(session, task, "1.1", until, "Lý do.", hand.actor, NOW)
                    else:
                        {"accept": _accept, "return": _return}[deed](hand)
                    session.commit()
            except (Refused, StaleDataError):
                session.rollback()
                return None
            finally:
                db.session.remove()
        return deed

    with ThreadPoolExecutor(3) as pool:
        done = [deed for deed in pool.map(act, ("accept", "return", "extend")) if deed]
    with app.app_context():
        session = db.session()
        scope.choose(session, scope.one(authority_id))
        task = session.scalars(select(Task).where(Task.id == task_id)).one()
        end = State(task.status, task.extended_to_on)
        kept = sorted(session.scalars(select(AuditEvent.actor).where(AuditEvent.id > last, AuditEvent.subject_id == task_id)))
        db.session.remove()
    told = []
    if end not in serial(start, done, until):
        told.append(f"race {number}: {done} from {start} ended at {end}")
    if kept != sorted(done):
        told.append(f"race {number}: {done} were done, the history tells {kept}")
    return told
