"""The only way to fetch a proposal by id, and what a person may do about the proposals of a task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.rules import Actor
from tracker.kernel.errors import Forbidden, NotFound
from tracker.tasks import access, extension_access
from tracker.tasks import proposal_queries as queries
from tracker.tasks.extension_access import may_withdraw
from tracker.tasks.models import Task
from tracker.tasks.proposal_models import Proposal
from tracker.tasks.proposal_queries import ProposalRow
from tracker.tasks.proposal_rules import ProposalState, may_propose
from tracker.tasks.rules import read_ticket
from tracker.units.rules import Action, Viewer


def to_propose(session: Session, viewer: Viewer, task: Task) -> Actor:
    """In whose name this person proposes: the unit that leads, or the focal point «thay mặt» it. Raises Forbidden."""
    found = extension_access.asking(session, viewer, task)
    if found is None:
        raise Forbidden("Chỉ đơn vị chủ trì (hoặc đầu mối thay mặt) mới đề nghị cho nhiệm vụ này.")
    return found


def to_withdraw(session: Session, viewer: Viewer, proposal_id: int) -> tuple[Proposal, Task, Actor]:
    """A proposal its own unit may take back. Raises NotFound, Forbidden."""
    one = session.scalars(select(Proposal).where(Proposal.id == proposal_id)).one_or_none()
    if one is None:
        raise NotFound
    task = access.task(session, viewer, one.task_id)
    if not may_withdraw(viewer, one, task.unit_id):
        raise Forbidden("Chỉ đơn vị chủ trì hoặc người đã đề nghị mới rút được.")
    return one, task, extension_access.asking(session, viewer, task) or Actor(viewer.account_id, viewer.title)


def chosen(session: Session, tickets: Sequence[str]) -> list[tuple[ProposalRow, int]]:
    """The proposals a form names, each with the version that was on the screen; what cannot be read or is not here is left out."""
    seen = dict(ticket for text in tickets if (ticket := read_ticket(text)) is not None)
    return [(row, seen[row.id]) for row in queries.of_ids(session, seen)]


@dataclass(frozen=True, slots=True)
class Proposals:
    """What the page of a task shows and offers of them."""

    rows: Sequence[ProposalRow]
    proposes: bool
    why_not: str | None
    withdraws: bool
    decides: bool

    @property
    def waiting(self) -> ProposalRow | None:
        return next((row for row in self.rows if row.state is ProposalState.PENDING), None)


def proposals(session: Session, viewer: Viewer, task: Task, *, closed: bool) -> Proposals:
    """One statement. A cooperating unit sees none."""
    if not (viewer.may(Action.SEE_ALL_TASKS) or task.unit_id in viewer.unit_ids):
        return Proposals((), False, None, False, False)
    rows = queries.of_task(session, task.id)
    waits = next((row for row in rows if row.state is ProposalState.PENDING), None)
    asks = task.unit_id in viewer.unit_ids and viewer.may(Action.ASK_EXTENSION)
    why_not = may_propose(task.status, pending=waits is not None, closed=closed)
    return Proposals(
        rows=rows,
        proposes=asks and why_not is None,
        why_not=why_not if asks else None,
        withdraws=waits is not None and not closed and may_withdraw(viewer, waits, task.unit_id),
        decides=waits is not None and not closed and viewer.may(Action.DECIDE_EVIDENCE),
    )
