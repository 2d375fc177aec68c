"""Reads of requests for more time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, func, literal_column, select
from sqlalchemy.orm import Session

from tracker.deadlines.models import Round
from tracker.tasks.extension_rules import overtaken
from tracker.tasks.models import Extension, Task
from tracker.tasks.narrowing import IS_OPEN
from tracker.tasks.proposal_models import Proposal
from tracker.tasks.request_queries import beside_task
from tracker.tasks.rules import ExtensionState, Progress

#: Of those decided the list shows the newest.
DECIDED_SHOWN = 200


@dataclass(frozen=True, slots=True)
class ExtensionRow:
    """One request as every list shows it, with the task as it stands now. ``due_on``: the last day in force when it was asked."""

    id: int
    version: int
    state: ExtensionState
    asked_at: datetime
    asked_by: str
    asked_by_id: int
    reason: str
    due_on: date
    wished_on: date
    decided_at: datetime | None
    decided_by: str | None
    granted_to_on: date | None
    answer: str | None
    task_id: int
    status: Progress
    extensions: int
    code: str | None
    name: str
    points: Decimal | None
    unit_id: int
    unit_name: str
    unit_slug: str
    round_name: str
    original_on: date | None
    closed_at: datetime | None

    @property
    def label(self) -> str:
        """What to call its task."""
        return self.code or self.name

    @property
    def ticket(self) -> str:
        """The request as a form names it: which, and the version that was on the screen."""
        return f"{self.id}-{self.version}"

    @property
    def overtaken(self) -> str | None:
        """Why it still waits though there is nothing left to decide."""
        return overtaken(self.status, self.closed_at is not None) if self.state is ExtensionState.PENDING else None


def _rows() -> Select[Any]:
    return beside_task(Extension, ExtensionRow)


def _listed(session: Session, query: Select[Any]) -> list[ExtensionRow]:
    return [ExtensionRow(**row._mapping) for row in session.execute(query)]


def pending(session: Session) -> list[ExtensionRow]:
    """Requests that wait for a decision, the nearest deadline first."""
    return _listed(session, _rows().where(Extension.state == ExtensionState.PENDING).order_by(Extension.due_on, Extension.asked_at, Extension.id))


def decided(session: Session, limit: int | None = DECIDED_SHOWN) -> list[ExtensionRow]:
    """Requests decided or taken back, the newest decision first."""
    query = _rows().where(Extension.state != ExtensionState.PENDING).order_by(Extension.decided_at.desc(), Extension.id.desc())
    return _listed(session, query.limit(limit))


def of_task(session: Session, task_id: int) -> list[ExtensionRow]:
    """All requests of one task, the newest first."""
    return _listed(session, _rows().where(Extension.task_id == task_id).order_by(Extension.id.desc()))


def of_ids(session: Session, ids: Collection[int]) -> list[ExtensionRow]:
    """Some requests, in the order they were made."""
    return _listed(session, _rows().where(Extension.id.in_(ids)).order_by(Extension.id))


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many requests for time and how many proposals truly wait: of open tasks in open rounds."""

    extensions: int
    proposals: int


def waiting(session: Session) -> Waiting:
    """Both counts in one statement."""
    return Waiting(*session.execute(select(_waiting(Extension), _waiting(Proposal))).one())


def _waiting(model: type[Extension] | type[Proposal]) -> Any:
    return (
        select(func.count(model.id))
        .select_from(model)
        .join(Task, and_(Task.authority_id == model.authority_id, Task.id == model.task_id))
        .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
        .where(model.state == literal_column("'pending'"), IS_OPEN, Round.closed_at.is_(None))
        .scalar_subquery()
    )


def pending_of_round(session: Session, round_id: int) -> list[Extension]:
    """The requests of a round that wait, as rows to change."""
    query = (
        select(Extension)
        .join(Task, and_(Task.authority_id == Extension.authority_id, Task.id == Extension.task_id))
        .where(Task.round_id == round_id, Extension.state == ExtensionState.PENDING)
        .order_by(Extension.id)
    )
    return list(session.scalars(query))


def tasks_with_pending(session: Session, task_ids: Collection[int]) -> set[int]:
    """Which of some tasks have a request that waits."""
    if not task_ids:
        return set()
    query = select(Extension.task_id).where(Extension.task_id.in_(task_ids), Extension.state == ExtensionState.PENDING)
    return set(session.scalars(query.order_by(Extension.task_id)))
