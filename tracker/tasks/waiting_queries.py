"""What of obstacles, directives and mentions stands on a front page: one statement a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from tracker.deadlines.models import Round
from tracker.indicators.models import Indicator
from tracker.kernel.database import UtcDateTime
from tracker.tasks.models import Task
from tracker.tasks.request_queries import with_task
from tracker.tasks.talk_models import Directive, Mention, Obstacle, Remark
from tracker.tasks.talk_rules import ANSWER_SHOWN, DirectiveState, Kind, ObstacleState, days_late
from tracker.units.models import Unit
from tracker.units.rules import Viewer


class Door(StrEnum):
    """The front pages."""

    TODAY = "today"
    OVERVIEW = "overview"
    WORK = "work"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of a front page. ``answered``: news of an answer, not a thing to do; ``words`` and ``by`` are the answer's then."""

    kind: Kind
    id: int
    task_id: int
    code: str | None
    name: str
    unit_name: str
    words: str
    at: datetime
    by: str
    reply_by_on: date | None
    times: int
    answered: bool

    def days_late(self, today: date) -> int:
        """By how many days an answer is late."""
        return 0 if self.answered else days_late(self.reply_by_on, None, today)


#: On one page, the oldest first: nobody reads more, and what is answered makes room.
SHOWN = 200
#: Of a text, as much as a line needs.
_EXCERPT = 300
_HERE = bindparam("authority_id", type_=BigInteger())
_SINCE: ColumnElement[Any] = bindparam("since", type_=UtcDateTime())
_OWN = Task.unit_id.in_(bindparam("unit_ids", expanding=True, type_=BigInteger()))


def _branch(
    kind: Kind, model: Any, words: Any, at: Any, by: Any, *, reply_by_on: Any = None, times: Any = None, answered: bool = False
) -> Select[Any]:
    """One part of the union. Of closed rounds nothing waits: what is said there cannot be answered."""
    said = Remark if model is Mention else model
    query = select(
        literal_column(f"'{kind.value}'", String()).label("kind"),
        said.id.label("id"),
        Task.id.label("task_id"),
        Indicator.code.label("code"),
        func.coalesce(Indicator.name, Task.title).label("name"),
        Unit.name.label("unit_name"),
        func.substr(words, 1, _EXCERPT).label("words"),
        type_coerce(at, UtcDateTime()).label("at"),
        by.label("by"),
        (cast(null(), Date()) if reply_by_on is None else reply_by_on).label("reply_by_on"),
        (literal_column("1", Integer()) if times is None else times).label("times"),
        literal_column("1" if answered else "0", Integer()).label("answered"),
    ).select_from(model)
    if model is Mention:
        query = query.join(Remark, and_(Remark.authority_id == Mention.authority_id, Remark.id == Mention.remark_id))
    return with_task(query, said).where(model.authority_id == _HERE)


_OPEN = Round.closed_at.is_(None)
_obstacles = _branch(Kind.OBSTACLE, Obstacle, Obstacle.words, Obstacle.reported_at, Obstacle.reported_by).where(
    _OPEN, Obstacle.state == literal_column(f"'{ObstacleState.OPEN.value}'")
)
_obstacles_answered = _branch(Kind.OBSTACLE, Obstacle, Obstacle.answer, Obstacle.settled_at, Obstacle.settled_by, answered=True).where(
    Obstacle.state == literal_column(f"'{ObstacleState.ANSWERED.value}'"), Obstacle.settled_at >= _SINCE
)
_directives = _branch(
    Kind.DIRECTIVE,
    Directive,
    Directive.words,
    Directive.given_at,
    Directive.given_by,
    reply_by_on=Directive.reply_by_on,
    times=Directive.times,
).where(_OPEN, Directive.state == literal_column(f"'{DirectiveState.WAITING.value}'"))
_directives_answered = _branch(Kind.DIRECTIVE, Directive, Directive.answer, Directive.answered_at, Directive.answered_by, answered=True).where(
    Directive.state == literal_column(f"'{DirectiveState.ANSWERED.value}'"), Directive.answered_at >= _SINCE
)
#: Read or not matters, the round does not: who was mentioned is told in a closed one too.
_mentions = _branch(Kind.REMARK, Mention, Remark.words, Remark.said_at, Remark.said_by).where(
    Mention.account_id == bindparam("account_id", type_=BigInteger()), Mention.read_at.is_(None), Remark.withdrawn_at.is_(None)
)


def _union(*parts: Select[Any]) -> CompoundSelect[Any]:
    return union_all(*parts).order_by("answered", "at", "kind", "id").limit(SHOWN)


_STATEMENTS: dict[Door, CompoundSelect[Any]] = {
    Door.TODAY: _union(_directives, _obstacles, _mentions),
    Door.OVERVIEW: _union(_directives, _directives_answered, _obstacles, _mentions),
    Door.WORK: _union(*(part.where(_OWN) for part in (_directives, _obstacles_answered, _mentions))),
}
#: What turns to the person in particular before what all of an office see.
_ORDER = (Kind.DIRECTIVE, Kind.REMARK, Kind.OBSTACLE)


def waiting(session: Session, viewer: Viewer, door: Door, now: datetime) -> list[Waiting]:
    """What stands on a front page of this person: what waits first, by directive, mention, obstacle, each the oldest first; then what was answered.

    The pages of the focal point and of the leaders show every unit's, the page of a unit those of the person's own units.
    """
    values = {"authority_id": viewer.authority_id, "account_id": viewer.account_id, "since": now - ANSWER_SHOWN}
    if door is Door.WORK:
        values["unit_ids"] = sorted(viewer.unit_ids)
    found = session.execute(_STATEMENTS[door], values)
    rows = [Waiting(**{**row._asdict(), "kind": Kind(row.kind), "answered": bool(row.answered)}) for row in found]
    return sorted(rows, key=lambda row: (row.answered, _ORDER.index(row.kind)))
