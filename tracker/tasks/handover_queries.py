"""What a unit or a person could hand over, what hinders it, and what was handed over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from tracker.accounts.models import Account
from tracker.assignments.models import Assignment, Cooperation
from tracker.deadlines.models import Round
from tracker.indicators.models import Indicator
from tracker.kernel.clock import ONE_DAY
from tracker.kernel.vietnamese import date_vn
from tracker.kernel.words import phrase
from tracker.tasks.handover_models import Handover, HandoverLine
from tracker.tasks.handover_rules import LineKind, Ticket
from tracker.tasks.models import Task
from tracker.tasks.narrowing import IS_OPEN, Main
from tracker.tasks.queries import TaskRow
from tracker.units.models import GroupMember, Membership, Unit
from tracker.units.rules import ROLE_WORDS, UNIT_ROLES, Role

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Source:
    """Who hands over: a unit of any kind, or a person."""

    unit: Unit | None = None
    account: Account | None = None

    @property
    def name(self) -> str:
        return self.unit.name if self.unit else self.account.display_name if self.account else ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that could move. ``detail``: what is to be known of it (its round and deadline). ``main_id``: its main indicator."""

    ticket: Ticket
    label: str
    detail: str
    main_id: int | None = None
    main_label: str = ""
    status: str = ""
    #: Of a task: its round and its indicator or title, which a unit has only once.
    duty: tuple[int, int | str] | None = None

    @property
    def kind(self) -> LineKind:
        return self.ticket.kind


def _named(code: str | None, name: str) -> str:
    return f"{code} {name}" if code else name


def of_tasks(rows: Sequence[TaskRow]) -> list[Item]:
    """The open tasks of a unit."""
    return [
        Item(
            Ticket(LineKind.TASK, row.id, row.version),
            _named(row.code, row.name),
            phrase("%(round_name)s, hạn %(due_on)s", round_name=row.round_name, due_on=date_vn(row.standing.due_on))
            if row.standing.due_on
            else row.round_name,
            row.main_id,
            _named(row.main_code, row.main_name or "") if row.main_id else "",
            "returned" if row.returned else row.status.value,
            (row.round_id, row.indicator_id or row.name),
        )
        for row in rows
    ]


def assignments_of(session: Session, unit_id: int, since: date) -> list[Item]:
    """The assignments the unit leads, then those it cooperates in, on a day or later."""
    goes_on = or_(Assignment.valid_to.is_(None), Assignment.valid_to >= since)
    helps = select(Cooperation.assignment_id).where(Cooperation.unit_id == unit_id)
    rows = session.execute(
        select(Assignment, Indicator.code, Indicator.name, Indicator.main_id, Main.code, Main.name)
        .join(Indicator, Indicator.id == Assignment.indicator_id)
        .outerjoin(Main, Main.id == Indicator.main_id)
        .where(goes_on, or_(Assignment.lead_unit_id == unit_id, Assignment.id.in_(helps)))
        .order_by(Indicator.set_id, Indicator.position, Assignment.valid_from, Assignment.id)
    ).all()
    found = []
    for assignment, code, name, main_id, main_code, main_name in rows:
        kind = LineKind.LEAD if assignment.lead_unit_id == unit_id else LineKind.COOPERATION
        detail = phrase("giao từ %(valid_from)s", valid_from=date_vn(assignment.valid_from))
        main = _named(main_code, main_name) if main_id else ""
        found.append(Item(Ticket(kind, assignment.id, assignment.version), _named(code, name), detail, main_id, main))
    return sorted(found, key=lambda item: item.kind is LineKind.COOPERATION)


def places_of(session: Session, unit_id: int, since: date) -> list[Item]:
    """The groups the unit was a member of on the day before, or is still: where its successor would join."""
    rows = session.execute(
        select(GroupMember, Unit.name)
        .join(Unit, and_(Unit.authority_id == GroupMember.authority_id, Unit.id == GroupMember.group_id))
        .where(
            GroupMember.member_id == unit_id, _to_the_day_before(GroupMember.valid_to, since), or_(Unit.valid_to.is_(None), Unit.valid_to >= since)
        )
        .order_by(Unit.position, GroupMember.id)
    )
    return [
        Item(Ticket(LineKind.GROUP, row.id, _mark(row.valid_to)), name, phrase("thành viên từ %(valid_from)s", valid_from=date_vn(row.valid_from)))
        for row, name in rows
    ]


def roles_of(session: Session, source: Source, since: date) -> list[Item]:
    """The roles in units of a person, or of the people of a unit, in force on the day before or longer."""
    whose = Membership.unit_id == source.unit.id if source.unit else Membership.account_id == source.account.id if source.account else None
    assert whose is not None
    rows = session.execute(
        select(Membership, Account.display_name, Unit.name)
        .join(Account, Account.id == Membership.account_id)
        .join(Unit, and_(Unit.authority_id == Membership.authority_id, Unit.id == Membership.unit_id))
        .where(whose, Membership.role.in_(UNIT_ROLES), Account.active, _to_the_day_before(Membership.valid_to, since))
        .order_by(Unit.position, Account.folded, Membership.id)
    )
    return [
        Item(
            Ticket(LineKind.ROLE, row.id, _mark(row.valid_to)),
            phrase("%(person)s · %(role)s", person=person, role=ROLE_WORDS[row.role])
            if source.unit
            else phrase("%(role)s, %(unit)s", role=ROLE_WORDS[row.role], unit=unit),
            phrase("từ %(valid_from)s", valid_from=date_vn(row.valid_from)),
        )
        for row, person, unit in rows
    ]


def _to_the_day_before(valid_to: InstrumentedAttribute[date | None], since: date) -> ColumnElement[bool]:
    return or_(valid_to.is_(None), valid_to >= since - ONE_DAY)


def _mark(valid_to: date | None) -> int:
    """What stands for the version of a row that has none: its last day."""
    return valid_to.toordinal() if valid_to else 0


def staying(session: Session, unit_id: int) -> int:
    """How many tasks of open rounds were handed in or set aside: they stay with the unit that did them."""
    query = (
        select(func.count(Task.id))
        .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
        .where(Task.unit_id == unit_id, ~IS_OPEN, Round.closed_at.is_(None))
    )
    return session.scalar(query) or 0


def duties_of(session: Session, unit_ids: Collection[int]) -> set[tuple[int, int, int | str]]:
    """(unit, round, indicator or title) of every task some units have: what nothing of the same kind can join."""
    rows = session.execute(select(Task.unit_id, Task.round_id, Task.indicator_id, Task.title).where(Task.unit_id.in_(unit_ids)).order_by(Task.id))
    return {(unit, round_, indicator or title or "") for unit, round_, indicator, title in rows}


def places_held(session: Session, unit_ids: Collection[int], day: date) -> set[tuple[int, int]]:
    """(group, member) in force on a day or later, of some members."""
    rows = session.execute(
        select(GroupMember.group_id, GroupMember.member_id)
        .where(GroupMember.member_id.in_(unit_ids), or_(GroupMember.valid_to.is_(None), GroupMember.valid_to >= day))
        .order_by(GroupMember.id)
    )
    return {(group, member) for group, member in rows}


def roles_held(session: Session, day: date) -> set[tuple[int, Role, int | None]]:
    """(person, role, unit) in force on a day or later, of everybody."""
    rows = session.execute(
        select(Membership.account_id, Membership.role, Membership.unit_id)
        .where(or_(Membership.valid_to.is_(None), Membership.valid_to >= day))
        .order_by(Membership.id)
    )
    return {(account, role, unit) for account, role, unit in rows}


@dataclass(frozen=True, slots=True)
class Left:
    """A unit that has ended and still has open tasks."""

    unit_id: int
    name: str
    slug: str
    valid_to: date
    tasks: int

    @property
    def since(self) -> date:
        """The day after its last: what a hand-over of its duties is dated by default."""
        return self.valid_to + ONE_DAY


def left_behind(session: Session, day: date, unit_id: int | None = None) -> list[Left]:
    """The units that ended before a day with open tasks still theirs. One statement."""
    query = (
        select(Unit.id, Unit.name, Unit.slug, Unit.valid_to, func.count(Task.id))
        .join(Task, and_(Task.authority_id == Unit.authority_id, Task.unit_id == Unit.id))
        .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
        .where(Unit.valid_to < day, IS_OPEN, Round.closed_at.is_(None))
        .group_by(Unit.id, Unit.name, Unit.slug, Unit.valid_to, Unit.position)
        .order_by(Unit.position, Unit.id)
    )
    if unit_id is not None:
        query = query.where(Unit.id == unit_id)
    return [Left(id_, name, slug, valid_to, count) for id_, name, slug, valid_to, count in session.execute(query) if valid_to is not None]


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """One hand-over with the name of its source and how much it moved."""

    handover: Handover
    source_name: str
    lines: int


def committed(session: Session) -> list[HandoverRow]:
    """What was handed over, the newest first."""
    lines = select(func.count(HandoverLine.id)).where(HandoverLine.handover_id == Handover.id).correlate(Handover).scalar_subquery()
    rows = session.execute(
        select(Handover, func.coalesce(Unit.name, Account.display_name), lines)
        .outerjoin(Unit, and_(Unit.authority_id == Handover.authority_id, Unit.id == Handover.source_unit_id))
        .outerjoin(Account, Account.id == Handover.source_account_id)
        .order_by(Handover.committed_at.desc(), Handover.id.desc())
        .limit(SHOWN)
    )
    return [HandoverRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class LineRow:
    """One thing that moved, with the names of where from and where to."""

    line: HandoverLine
    from_name: str
    to_name: str


def lines_of(session: Session, handover_id: int) -> list[HandoverLine]:
    """The lines themselves, in order."""
    return list(session.scalars(select(HandoverLine).where(HandoverLine.handover_id == handover_id).order_by(HandoverLine.position, HandoverLine.id)))


def named_lines(session: Session, handover_id: int) -> list[LineRow]:
    """What one hand-over moved, with names, in order."""
    lines = lines_of(session, handover_id)
    ids = {one for line in lines for one in (line.from_unit_id, line.to_unit_id)}
    units = dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_([one for one in ids if one])).order_by(Unit.id)).all())
    people_ids = [line.to_account_id for line in lines if line.to_account_id]
    people = dict(session.execute(select(Account.id, Account.display_name).where(Account.id.in_(people_ids)).order_by(Account.id)).all())
    return [
        LineRow(line, units.get(line.from_unit_id or 0, ""), people.get(line.to_account_id or 0, "") or units.get(line.to_unit_id or 0, ""))
        for line in lines
    ]
