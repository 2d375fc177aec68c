"""Reads of contributions: of a task, of the units asked; and whom a task may ask."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session

from tracker.assignments.models import Cooperation
from tracker.deadlines.models import Round
from tracker.evidence.contribution_models import Contribution
from tracker.evidence.contribution_rules import ContributionState, answer_words, not_sent, waiting_words
from tracker.evidence.models import EvidenceItem, ItemVersion, Proof
from tracker.evidence.rules import ItemKind
from tracker.indicators.models import Indicator
from tracker.kernel.clock import local_day
from tracker.kernel.database import second
from tracker.tasks.models import Task
from tracker.tasks.narrowing import IS_OPEN
from tracker.tasks.rules import OPEN, Progress
from tracker.units import queries as units
from tracker.units.models import Unit
from tracker.units.rules import UnitKind, in_force

#: The front page of a unit shows the nearest; the list behind it has all that wait, and of those settled the newest.
WAITING_SHOWN = 5
SETTLED_SHOWN = 100

Lead = second(Unit, "lead")


@dataclass(frozen=True, slots=True)
class ContributionRow:
    """One contribution as every page shows it. ``number``: of the newest version of what was given; ``used``: it is a proof of the task."""

    id: int
    version: int
    state: ContributionState
    wanted: str
    due_on: date
    asked_at: datetime
    asked_by: str
    answered_at: datetime | None
    answered_by: str | None
    sentence: str | None
    item_id: int | None
    task_id: int
    unit_id: int
    unit_name: str
    lead_id: int
    lead_name: str
    code: str | None
    name: str
    round_name: str
    closed_at: datetime | None
    status: Progress
    item_title: str | None
    item_kind: ItemKind | None
    number: int | None
    used: bool
    total: int

    @property
    def label(self) -> str:
        """What to call its task."""
        return self.code or self.name

    @property
    def waits(self) -> bool:
        """Whether an answer is still wanted."""
        return self.state is ContributionState.ASKED and self.status in OPEN and self.closed_at is None

    @property
    def request(self) -> tuple[float, date, str]:
        """What was asked of several units at once is one request: the newest sorts first."""
        return -self.asked_at.timestamp(), self.due_on, self.wanted

    def when(self, today: date) -> str | None:
        """Days to the day asked for, or how late the answer came; None where there is nothing to say."""
        if self.state is ContributionState.ASKED:
            return waiting_words(self.due_on, today) if self.waits else None
        answered = self.state is not ContributionState.WITHDRAWN and self.answered_at is not None
        return answer_words(self.due_on, local_day(self.answered_at)) if answered and self.answered_at else None

    def is_late(self, today: date) -> bool:
        return self.waits and self.due_on < today


_OWN = [getattr(Contribution, one.name) for one in fields(ContributionRow) if hasattr(Contribution, one.name)]
_number = (
    select(func.max(ItemVersion.number))
    .where(ItemVersion.authority_id == Contribution.authority_id, ItemVersion.item_id == Contribution.item_id)
    .correlate(Contribution)
    .scalar_subquery()
)
_used = (
    select(Proof.id)
    .join(ItemVersion, and_(ItemVersion.authority_id == Proof.authority_id, ItemVersion.id == Proof.version_id))
    .where(
        Proof.authority_id == Contribution.authority_id,
        Proof.task_id == Contribution.task_id,
        Proof.withdrawn_at.is_(None),
        ItemVersion.item_id == Contribution.item_id,
    )
    .correlate(Contribution)
    .exists()
)
_ROWS: Select[Any] = (
    select(
        *_OWN,
        Unit.name.label("unit_name"),
        Lead.id.label("lead_id"),
        Lead.name.label("lead_name"),
        Indicator.code,
        func.coalesce(Indicator.name, Task.title).label("name"),
        Round.name.label("round_name"),
        Round.closed_at,
        Task.status,
        EvidenceItem.title.label("item_title"),
        EvidenceItem.kind.label("item_kind"),
        _number.label("number"),
        _used.label("used"),
        func.count().over().label("total"),
    )
    .select_from(Contribution)
    .join(Unit, and_(Unit.authority_id == Contribution.authority_id, Unit.id == Contribution.unit_id))
    .join(Task, and_(Task.authority_id == Contribution.authority_id, Task.id == Contribution.task_id))
    .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
    .join(Lead, and_(Lead.authority_id == Task.authority_id, Lead.id == Task.unit_id))
    .outerjoin(Indicator, Indicator.id == Task.indicator_id)
    .outerjoin(EvidenceItem, and_(EvidenceItem.authority_id == Contribution.authority_id, EvidenceItem.id == Contribution.item_id))
)
_ASKED = Contribution.state == ContributionState.ASKED
_STILL_WANTED = and_(_ASKED, IS_OPEN, Round.closed_at.is_(None))


def _listed(session: Session, query: Select[Any]) -> list[ContributionRow]:
    return [ContributionRow(**row._mapping) for row in session.execute(query)]


def of_task(session: Session, task_id: int, unit_ids: Collection[int] | None = None) -> list[ContributionRow]:
    """What was asked for a task, of every unit or of some: the newest request first, in it what was given, then what waits, then who has none.

    What was taken back stands in the history only.
    """
    query = _ROWS.where(Contribution.task_id == task_id, Contribution.state != ContributionState.WITHDRAWN)
    if unit_ids is not None:
        query = query.where(Contribution.unit_id.in_(unit_ids))
    place = case((Contribution.state == ContributionState.GIVEN, 0), (_ASKED, 1), else_=2)
    return _listed(
        session, query.order_by(Contribution.asked_at.desc(), Contribution.due_on, Contribution.wanted, place, Unit.position, Contribution.id)
    )


def waiting_of_units(session: Session, unit_ids: Collection[int], limit: int | None = None) -> list[ContributionRow]:
    """What is asked of some units and still wanted, the nearest day first; ``total`` of each row counts all of them."""
    query = _ROWS.where(Contribution.unit_id.in_(unit_ids), _STILL_WANTED)
    return _listed(session, query.order_by(Contribution.due_on, Contribution.id).limit(limit))


def settled_of_units(session: Session, unit_ids: Collection[int]) -> list[ContributionRow]:
    """What was asked of some units and is answered, taken back or no longer wanted, the newest first."""
    query = _ROWS.where(Contribution.unit_id.in_(unit_ids), ~_STILL_WANTED)
    return _listed(session, query.order_by(Contribution.asked_at.desc(), Contribution.id.desc()).limit(SETTLED_SHOWN))


def by_id(session: Session, contribution_id: int) -> ContributionRow:
    """One contribution the caller has fetched through access."""
    return _listed(session, _ROWS.where(Contribution.id == contribution_id))[0]


def not_sent_words(rows: Collection[ContributionRow], today: date) -> str | None:
    """«Chưa gửi: …» for those that are still wanted."""
    return not_sent([(row.unit_name, row.due_on) for row in rows if row.waits], today)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit a task may ask. ``named``: the notice names it, or its group; others may be asked because it names everybody."""

    id: int
    name: str
    named: bool


def candidates(session: Session, task: Task, day: date) -> list[Candidate]:
    """Whom the lead of a task may ask on a day: its cooperating units, the members of its cooperating groups, and where the notice names
    everybody every unit of the authority. Never a group as such, nor the lead itself."""
    asked = session.scalars(
        select(Unit)
        .join(Cooperation, and_(Cooperation.authority_id == Unit.authority_id, Cooperation.unit_id == Unit.id))
        .where(Cooperation.assignment_id == task.assignment_id)
        .order_by(Cooperation.position, Cooperation.id)
    ).all()
    groups = [one.id for one in asked if one.kind is UnitKind.GROUP and not one.catch_all]
    members = units.members_of(session, groups, day)
    found: dict[int, Candidate] = {}
    for one in asked:
        if one.kind is not UnitKind.GROUP and not one.catch_all and in_force(one.valid_from, one.valid_to, day):
            found.setdefault(one.id, Candidate(one.id, one.name, True))
        for member in members.get(one.id, ()):
            found.setdefault(member.id, Candidate(member.id, member.name, True))
    if any(one.catch_all for one in asked):
        for other in units.units(session, day=day):
            if other.kind not in (UnitKind.GROUP, UnitKind.EXTERNAL) and not other.catch_all:
                found.setdefault(other.id, Candidate(other.id, other.name, False))
    found.pop(task.unit_id, None)
    return list(found.values())


def waiting_units(session: Session, task_id: int) -> set[int]:
    """The units that have been asked for a task and have not answered."""
    return set(session.scalars(select(Contribution.unit_id).where(Contribution.task_id == task_id, _ASKED).order_by(Contribution.unit_id)))


def newest_version(session: Session, item_id: int) -> int:
    """The id of the newest version of an item."""
    return session.scalars(select(ItemVersion.id).where(ItemVersion.item_id == item_id).order_by(ItemVersion.number.desc()).limit(1)).one()
