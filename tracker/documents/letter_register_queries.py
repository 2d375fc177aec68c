"""Reads of the register of official letters, of an office's wording, and of which units a letter is proposed for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.deadlines import queries as deadlines
from tracker.deadlines.models import Round
from tracker.documents.letter_models import LetterTemplate, OfficialLetter, OfficialLetterTask
from tracker.documents.letter_queries import late_tasks
from tracker.documents.letter_register_rules import LetterState
from tracker.documents.letter_wording_rules import USUAL, LetterKind
from tracker.reminders import queries as reminders
from tracker.tasks import queries as tasks
from tracker.tasks.models import Task
from tracker.tasks.queries import Filters, TaskRow
from tracker.tasks.rules import Horizon
from tracker.units.models import Authority, Unit


def template_row(session: Session, kind: LetterKind) -> LetterTemplate | None:
    """The wording the authority in scope gave a kind of letter; None where it has the usual one."""
    return session.scalars(select(LetterTemplate).where(LetterTemplate.kind == kind)).one_or_none()


def wording(session: Session, kind: LetterKind) -> str:
    """The wording in force. Only for kinds that have one."""
    row = template_row(session, kind)
    return row.body if row else USUAL[kind]


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One letter of the register."""

    id: int
    state: LetterState
    number: str | None
    issued_on: date | None
    drafted_on: date
    subject: str
    round_name: str
    units: tuple[str, ...]
    tasks: int
    answer_by: date
    reason: str | None


def counts(session: Session) -> dict[LetterState, int]:
    """How many there are of each state."""
    number = func.count(OfficialLetter.id)
    found = session.execute(select(OfficialLetter.state, number).group_by(OfficialLetter.state).order_by(OfficialLetter.state))
    return {state: int(total) for state, total in found}


def register(session: Session, state: LetterState | None = None, *, limit: int | None = None, offset: int = 0) -> list[RegisterRow]:
    """The letters of the authority in scope, newest first."""
    query = (
        select(OfficialLetter, Round.name)
        .join(Round, and_(Round.authority_id == OfficialLetter.authority_id, Round.id == OfficialLetter.round_id))
        .where(*_in(state))
        .order_by(OfficialLetter.id.desc())
    )
    if limit is not None:
        query = query.limit(limit).offset(offset)
    found = [(letter, round_name) for letter, round_name in session.execute(query)]
    named = units_of(session, [letter.id for letter, _round in found])
    return [_row(letter, round_name, named[letter.id]) for letter, round_name in found]


def _in(state: LetterState | None) -> Sequence[ColumnElement[bool]]:
    return () if state is None else (OfficialLetter.state == state,)


def _row(letter: OfficialLetter, round_name: str, named: Sequence[tuple[str, int]]) -> RegisterRow:
    return RegisterRow(
        id=letter.id,
        state=letter.state,
        number=letter.number,
        issued_on=letter.issued_on,
        drafted_on=letter.drafted_on,
        subject=letter.subject,
        round_name=round_name,
        units=tuple(name for name, _tasks in named),
        tasks=sum(number for _name, number in named),
        answer_by=letter.answer_by,
        reason=letter.reason,
    )


def units_of(session: Session, letter_ids: Collection[int]) -> dict[int, list[tuple[str, int]]]:
    """Letter → its units in the order of the office, each with the number of its tasks in the letter."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    query = (
        select(OfficialLetterTask.letter_id, Unit.name, func.count(OfficialLetterTask.id))
        .join(Unit, and_(Unit.authority_id == OfficialLetterTask.authority_id, Unit.id == OfficialLetterTask.unit_id))
        .where(OfficialLetterTask.letter_id.in_(sorted(letter_ids)))
        .group_by(OfficialLetterTask.letter_id, Unit.id, Unit.name, Unit.position)
        .order_by(OfficialLetterTask.letter_id, Unit.position, Unit.id)
    )
    for letter_id, name, number in session.execute(query):
        found[letter_id].append((name, number))
    return found


@dataclass(frozen=True, slots=True)
class Named:
    """A task as a letter named it."""

    task_id: int
    unit_id: int
    due_on: date


def tasks_of(session: Session, letter: OfficialLetter) -> list[Named]:
    """What a letter names, by unit."""
    columns = (OfficialLetterTask.task_id, OfficialLetterTask.unit_id, OfficialLetterTask.due_on)
    query = select(*columns).where(OfficialLetterTask.letter_id == letter.id).order_by(OfficialLetterTask.unit_id, OfficialLetterTask.task_id)
    return [Named(*row) for row in session.execute(query)]


def drafter(session: Session, letter: OfficialLetter) -> str | None:
    """Who made the draft; None for the system."""
    return session.scalar(select(Account.display_name).where(Account.id == letter.drafted_by_id))


def same_draft(session: Session, sha256: str, now: datetime) -> OfficialLetter | None:
    """A draft that says the very same and still waits: what a form sent twice meets."""
    query = select(OfficialLetter).where(OfficialLetter.sha256 == sha256, OfficialLetter.state == LetterState.DRAFT, OfficialLetter.drafted_at <= now)
    return session.scalars(query.order_by(OfficialLetter.id).limit(1)).one_or_none()


def with_number(session: Session, number: str, year: int, except_id: int) -> OfficialLetter | None:
    """Another letter that went out under this number in the year: numbers begin anew each year."""
    query = select(OfficialLetter).where(
        OfficialLetter.number == number, OfficialLetter.issued_on.between(date(year, 1, 1), date(year, 12, 31)), OfficialLetter.id != except_id
    )
    return session.scalars(query.order_by(OfficialLetter.id).limit(1)).one_or_none()


def units_of_round(session: Session, round_id: int) -> dict[str, Unit]:
    """Slug → unit, of everybody who leads a task of the round."""
    leads = select(Task.unit_id).where(Task.round_id == round_id)
    return {unit.slug: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(leads)).order_by(Unit.position, Unit.id))}


def late_rounds(session: Session, authority: Authority, day: date) -> list[tuple[Round, int]]:
    """The open rounds in which something is late, with how many tasks, the nearest deadline last."""
    calendar = deadlines.working_calendar(session)
    counted = tasks.counts_by_round(session, Filters(open_only=True), Horizon.of(calendar, day, authority))
    late = {round_id: one.overdue for round_id, one in counted.items() if one.overdue}
    return [(one, late[one.id]) for one in deadlines.rounds(session, open_only=True) if one.id in late]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A unit a letter is proposed for, in one round; ``tasks`` of it that reached the rung and were not named by a letter since."""

    unit_name: str
    unit_slug: str
    round_slug: str
    round_name: str
    tasks: int
    days_late: int


def proposed(session: Session, authority: Authority, day: date) -> list[Proposed]:
    """«Nên gửi công văn»: late tasks at or past the policy's rung for letters that no letter has named since they reached their rung."""
    policy = reminders.policy_of(reminders.policy_row(session))
    if policy.letter_from is None:
        return []
    calendar = deadlines.working_calendar(session)
    rows = late_tasks(session, authority, day)
    sent = _last_sent(session, {row.id for row in rows})
    waiting: dict[tuple[int, int], list[TaskRow]] = defaultdict(list)
    for row in rows:
        assert row.standing.target_on is not None, "what is late has a day"
        assert row.standing.due_on is not None, "what is late has a day"
        if policy.letter_due(calendar, row.standing.target_on, day, sent.get((row.id, row.standing.due_on))):
            waiting[row.round_id, row.unit_id].append(row)
    found = [
        Proposed(of[0].unit_name, of[0].unit_slug, of[0].round_slug, of[0].round_name, len(of), max(row.standing.days_late for row in of))
        for of in waiting.values()
    ]
    return sorted(found, key=lambda one: (-one.days_late, one.round_slug, one.unit_slug))


def _last_sent(session: Session, task_ids: Collection[int]) -> dict[tuple[int, date], date]:
    """(task, the last day that had passed) → when the last letter about it went out."""
    query = (
        select(OfficialLetterTask.task_id, OfficialLetterTask.due_on, func.max(OfficialLetter.issued_on))
        .join(
            OfficialLetter,
            and_(OfficialLetter.authority_id == OfficialLetterTask.authority_id, OfficialLetter.id == OfficialLetterTask.letter_id),
        )
        .where(OfficialLetter.state == LetterState.SENT)
        .group_by(OfficialLetterTask.task_id, OfficialLetterTask.due_on)
        .order_by(OfficialLetterTask.task_id, OfficialLetterTask.due_on)
    )
    return {(task_id, due_on): last for task_id, due_on, last in session.execute(query) if task_id in task_ids and last is not None}
