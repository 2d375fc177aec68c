"""Reads of what was said about a task: obstacles, directives, remarks. And whom a remark may turn to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Date,
    DateTime,
    Integer,
    String,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.indicators.models import Indicator
from tracker.kernel.database import UtcDateTime, second
from tracker.kernel.vietnamese import name_key, sort_key
from tracker.kernel.words import phrase
from tracker.tasks.models import Task
from tracker.tasks.talk_models import Directive, Mention, Obstacle, Remark
from tracker.tasks.talk_rules import DirectiveState, Kind, ObstacleState, days_late
from tracker.units.models import Authority, Membership, Unit
from tracker.units.queries import holds
from tracker.units.rules import UNIT_ROLES, Holding, Role, title_of


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Somebody a remark turns to."""

    account_id: int
    title: str
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One obstacle, directive or remark of a task. ``settled_*``: answered, or taken back where there is no answer."""

    kind: Kind
    id: int
    version: int
    state: str | None
    words: str
    at: datetime
    by: str
    by_id: int
    reply_by_on: date | None
    times: int
    answer: str | None
    settled_at: datetime | None
    settled_on: date | None
    settled_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    mentions: tuple[Mentioned, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether nobody answered yet."""
        return self.state in (ObstacleState.OPEN, DirectiveState.WAITING)

    def days_late(self, today: date) -> int:
        """By how many days the answer is late, or was."""
        return 0 if self.state == DirectiveState.CLOSED and self.answer is None else days_late(self.reply_by_on, self.settled_on, today)


def _none(kind: Any) -> ColumnElement[Any]:
    return cast(null(), kind)


def _at(column: Any = None) -> ColumnElement[Any]:
    """An instant of a union: the database's own type in the statement, ours when it comes back."""
    return type_coerce(cast(null(), DateTime(timezone=True)) if column is None else column, UtcDateTime())


_HERE = bindparam("authority_id", type_=BigInteger())
_TASK_ID = bindparam("task_id", type_=BigInteger())


def _constant(text: str) -> ColumnElement[Any]:
    return literal_column(f"'{text}'", String())


_TALK: CompoundSelect[Any] = union_all(
    select(
        _constant(Kind.OBSTACLE).label("kind"),
        Obstacle.id.label("id"),
        Obstacle.version.label("version"),
        type_coerce(Obstacle.state, String()).label("state"),
        Obstacle.words.label("words"),
        _at(Obstacle.reported_at).label("at"),
        Obstacle.reported_by.label("by"),
        Obstacle.reported_by_id.label("by_id"),
        _none(Date()).label("reply_by_on"),
        literal_column("1", Integer()).label("times"),
        Obstacle.answer.label("answer"),
        _at(Obstacle.settled_at).label("settled_at"),
        _none(Date()).label("settled_on"),
        Obstacle.settled_by.label("settled_by"),
        _at().label("closed_at"),
        _none(String()).label("closed_by"),
        _none(BigInteger()).label("mentioned_id"),
        _none(String()).label("mentioned"),
        _at().label("read_at"),
    ).where(Obstacle.authority_id == _HERE, Obstacle.task_id == _TASK_ID),
    select(
        _constant(Kind.DIRECTIVE),
        Directive.id,
        Directive.version,
        type_coerce(Directive.state, String()),
        Directive.words,
        _at(Directive.given_at),
        Directive.given_by,
        Directive.given_by_id,
        Directive.reply_by_on,
        Directive.times,
        Directive.answer,
        _at(Directive.answered_at),
        Directive.answered_on,
        Directive.answered_by,
        _at(Directive.closed_at),
        Directive.closed_by,
        _none(BigInteger()),
        _none(String()),
        _at(),
    ).where(Directive.authority_id == _HERE, Directive.task_id == _TASK_ID),
    select(
        _constant(Kind.REMARK),
        Remark.id,
        Remark.version,
        _none(String()),
        Remark.words,
        _at(Remark.said_at),
        Remark.said_by,
        Remark.said_by_id,
        _none(Date()),
        literal_column("1", Integer()),
        _none(Text()),
        _at(Remark.withdrawn_at),
        _none(Date()),
        _none(String()),
        _at(),
        _none(String()),
        Mention.account_id,
        Mention.title,
        _at(Mention.read_at),
    )
    .select_from(Remark)
    .outerjoin(Mention, and_(Mention.authority_id == Remark.authority_id, Mention.remark_id == Remark.id))
    .where(Remark.authority_id == _HERE, Remark.task_id == _TASK_ID),
).order_by("at", "kind", "id", "mentioned_id")


def of_task(session: Session, authority_id: int, task_id: int) -> list[Line]:
    """All that was said about a task, oldest first."""
    found: dict[tuple[str, int], Line] = {}
    for row in session.execute(_TALK, {"authority_id": authority_id, "task_id": task_id}):
        facts = row._asdict()
        who, title, read_at = facts.pop("mentioned_id"), facts.pop("mentioned"), facts.pop("read_at")
        key = (row.kind, row.id)
        line = found.get(key) or Line(**{**facts, "kind": Kind(row.kind)})
        found[key] = replace(line, mentions=(*line.mentions, Mentioned(who, title, read_at))) if who is not None else line
    return list(found.values())


@dataclass(frozen=True, slots=True)
class About:
    """What to call a task on the pages that speak of it."""

    code: str | None
    name: str
    unit_name: str

    @property
    def label(self) -> str:
        return self.code or self.name


def about(session: Session, task: Task) -> About:
    """The task in words."""
    query = (
        select(Indicator.code, func.coalesce(Indicator.name, Task.title), Unit.name)
        .select_from(Task)
        .join(Unit, and_(Unit.authority_id == Task.authority_id, Unit.id == Task.unit_id))
        .outerjoin(Indicator, Indicator.id == Task.indicator_id)
        .where(Task.id == task.id)
    )
    return About(*session.execute(query).one())


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a remark may turn to, as the list of people shows them."""

    account_id: int
    title: str
    name: str

    @property
    def label(self) -> str:
        return self.title if name_key(self.name) == name_key(self.title) else phrase("%(name)s (%(title)s)", name=self.name, title=self.title)


_focal = second(Unit)


def people(session: Session, authority: Authority, unit_id: int, day: date) -> list[Person]:
    """Who may be mentioned about a task of that unit: its people, the focal point and the leaders, all of whom see what is said there."""
    query = (
        select(Account.id, Account.display_name, Membership.role, Unit.name, Unit.kind, _focal.name)
        .select_from(Membership)
        .join(Account, Account.id == Membership.account_id)
        .outerjoin(Unit, and_(Unit.authority_id == Membership.authority_id, Unit.id == Membership.unit_id))
        .outerjoin(_focal, and_(_focal.authority_id == Membership.authority_id, _focal.focal))
        .where(
            Membership.authority_id == authority.id,
            Account.active,
            holds(Membership.valid_from, Membership.valid_to, day),
            or_(Membership.role.in_(_ALWAYS), and_(Membership.role.in_(sorted(UNIT_ROLES)), Membership.unit_id == unit_id)),
        )
        .order_by(Membership.id)
    )
    names: dict[int, str] = {}
    held: dict[int, list[Holding]] = defaultdict(list)
    rows = session.execute(query).all()
    for account_id, name, role, unit_name, kind, _focal_name in rows:
        names[account_id] = name
        held[account_id].append(Holding(role, unit_name, kind))
    found = [Person(one, title_of(authority.name, rows[0][-1], held[one]), name) for one, name in names.items()]
    return sorted(found, key=lambda person: (_rank(held[person.account_id]), sort_key(person.label), person.account_id))


#: Who sees the talk of every task and takes part in it.
_ALWAYS = (Role.FOCAL, Role.CHAIR)


def _rank(held: list[Holding]) -> int:
    """The unit's own people first, then the focal point, then the leaders."""
    roles = {one.role for one in held}
    return 0 if roles & UNIT_ROLES else 1 if Role.FOCAL in roles else 2
