"""Reads of proposals."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from tracker.tasks.models import Task
from tracker.tasks.proposal_models import Proposal
from tracker.tasks.proposal_rules import ProposalKind, ProposalState, overtaken
from tracker.tasks.request_queries import beside_task
from tracker.tasks.rules import Progress

#: Of those decided the list shows the newest.
DECIDED_SHOWN = 200


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One proposal as every list shows it, with the task as it stands now."""

    id: int
    version: int
    kind: ProposalKind
    state: ProposalState
    reason: str
    body: str | None
    letter_number: str | None
    letter_on: date | None
    reply_on: date | None
    asked_at: datetime
    asked_by: str
    asked_by_id: int
    decided_at: datetime | None
    decided_by: str | None
    answer: str | None
    task_id: int
    status: Progress
    code: str | None
    name: str
    unit_id: int
    unit_name: str
    round_name: str
    closed_at: datetime | None

    @property
    def label(self) -> str:
        """What to call its task."""
        return self.code or self.name

    @property
    def ticket(self) -> str:
        """The proposal as a form names it: which, and the version that was on the screen."""
        return f"{self.id}-{self.version}"

    @property
    def overtaken(self) -> str | None:
        """Why it still waits though there is nothing left to decide."""
        return overtaken(self.status, self.closed_at is not None) if self.state is ProposalState.PENDING else None


def _rows() -> Select[Any]:
    return beside_task(Proposal, ProposalRow)


def _listed(session: Session, query: Select[Any]) -> list[ProposalRow]:
    return [ProposalRow(**row._mapping) for row in session.execute(query)]


def pending(session: Session) -> list[ProposalRow]:
    """Proposals that wait for a decision, the oldest first."""
    return _listed(session, _rows().where(Proposal.state == ProposalState.PENDING).order_by(Proposal.asked_at, Proposal.id))


def decided(session: Session) -> list[ProposalRow]:
    """Proposals decided or taken back, the newest first."""
    query = _rows().where(Proposal.state != ProposalState.PENDING).order_by(Proposal.decided_at.desc(), Proposal.id.desc())
    return _listed(session, query.limit(DECIDED_SHOWN))


def of_task(session: Session, task_id: int) -> list[ProposalRow]:
    """All proposals of one task, the newest first."""
    return _listed(session, _rows().where(Proposal.task_id == task_id).order_by(Proposal.id.desc()))


def of_ids(session: Session, ids: Collection[int]) -> list[ProposalRow]:
    """Some proposals, in the order they were made."""
    return _listed(session, _rows().where(Proposal.id.in_(ids)).order_by(Proposal.id))


def pending_of_round(session: Session, round_id: int) -> list[Proposal]:
    """The proposals of a round that wait, as rows to change."""
    query = (
        select(Proposal)
        .join(Task, and_(Task.authority_id == Proposal.authority_id, Task.id == Proposal.task_id))
        .where(Task.round_id == round_id, Proposal.state == ProposalState.PENDING)
        .order_by(Proposal.id)
    )
    return list(session.scalars(query))
