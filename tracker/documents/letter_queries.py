"""What a chasing letter is written from: the late open tasks of an authority on a day, by round and unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from tracker.assignments.models import Cooperation
from tracker.deadlines import queries as deadlines
from tracker.documents.letter_rules import ANSWER_DAYS, Basis, Case, Issuer, LateTask, LateUnit
from tracker.evidence import queries as evidence
from tracker.tasks import queries as tasks
from tracker.tasks.queries import Filters, TaskRow
from tracker.tasks.rules import Horizon, Timeliness
from tracker.units import queries as units
from tracker.units.models import Authority, Unit

#: Tasks whose proofs are counted together: a round of a province has over a thousand.
_TOGETHER = 200


def late_tasks(session: Session, authority: Authority, day: date, round_slug: str | None = None) -> list[TaskRow]:
    """Open tasks of open rounds whose last day in force lies before ``day``: extensions, pauses and days to mend are counted in."""
    calendar = deadlines.working_calendar(session)
    filters = Filters(round_slug=round_slug, open_only=True, timeliness=Timeliness.OVERDUE)
    return tasks.listed(session, filters, calendar, Horizon.of(calendar, day, authority))


def answer_day(session: Session, day: date) -> date:
    """The last day a letter of ``day`` asks for where the office names none, in working days of the authority in scope."""
    return deadlines.working_calendar(session).add(day, ANSWER_DAYS)


def late_cases(session: Session, authority: Authority, day: date, round_slug: str | None = None) -> list[Case]:
    """Everything late on a day, one case for each round, or that of one round; none where nothing is. Needs a scope of the authority."""
    rows = late_tasks(session, authority, day, round_slug)
    by_round: dict[int, list[TaskRow]] = defaultdict(list)
    for row in rows:
        by_round[row.round_id].append(row)
    if not rows:
        return []
    issuer = issuer_of(session, authority)
    named = units.units_by_id(session, {row.unit_id for row in rows})
    helpers = _cooperators(session, {row.assignment_id for row in rows if row.assignment_id is not None})
    lacks = _lacks(session, rows)
    return [
        Case(issuer, basis_of(session, round_id), of_round[0].round_slug, of_round[0].round_name, day, _units(of_round, named, helpers, lacks))
        for round_id, of_round in sorted(by_round.items())
    ]


def issuer_of(session: Session, authority: Authority) -> Issuer:
    """Whose letterhead a document of an authority bears. Needs a scope of the authority."""
    focal = units.focal_unit(session)
    above = session.scalars(select(Authority).where(Authority.id == authority.parent_id)).one_or_none()
    return Issuer(authority.name, authority.place, above.name if above else None, focal.name if focal else None, focal.short_name if focal else None)


def basis_of(session: Session, round_id: int) -> Basis:
    """Of the rule the round comes from; the wording is the one it was opened with."""
    one = deadlines.round_by_id(session, round_id)
    notice = deadlines.notice_of(session, deadlines.rule_by_id(session, one.rule_id))
    wording = deadlines.terms_of_round(one).wording
    said = (notice.document_type, notice.number, notice.issued_on, notice.issuer, notice.title, wording)
    return Basis(*said, one.letter_number, one.letter_issued_on)


def _cooperators(session: Session, assignment_ids: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = (
        select(Cooperation.assignment_id, Unit.name)
        .join(Unit, and_(Unit.authority_id == Cooperation.authority_id, Unit.id == Cooperation.unit_id))
        .where(Cooperation.assignment_id.in_(sorted(assignment_ids)))
        .order_by(Cooperation.assignment_id, Cooperation.position, Cooperation.id)
    )
    for assignment_id, name in session.execute(query):
        found[assignment_id].append(name)
    return found


def _lacks(session: Session, rows: Sequence[TaskRow]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for start in range(0, len(rows), _TOGETHER):
        part = [(row.id, row.indicator_id) for row in rows[start : start + _TOGETHER]]
        found |= {task_id: one.missing for task_id, one in evidence.completeness_of(session, part).items()}
    return found


def _units(rows: Sequence[TaskRow], named: dict[int, Unit], helpers: dict[int, list[str]], lacks: dict[int, tuple[str, ...]]) -> tuple[LateUnit, ...]:
    owed: dict[int, list[LateTask]] = defaultdict(list)
    for row in rows:
        assert row.standing.due_on is not None, "what is late has a day"
        owed[row.unit_id].append(
            LateTask(
                task_id=row.id,
                code=row.code,
                name=row.name,
                cooperators=tuple(helpers.get(row.assignment_id or 0, ())),
                due_on=row.standing.due_on,
                original_on=row.original_on,
                status=row.status,
                returned=row.returned,
                days_late=row.standing.days_late,
                missing=lacks[row.id],
            )
        )
    # ``named`` is in the order of the document.
    return tuple(LateUnit(unit.slug, unit.name, unit.kind, tuple(owed[unit.id])) for unit in named.values() if unit.id in owed)
