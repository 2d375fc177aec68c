"""The only way to fetch a hand-over by id; who hands over, what, and to whom it could go."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.deadlines import queries as deadlines
from tracker.kernel.errors import NotFound, Refused
from tracker.tasks import handover_queries as queries
from tracker.tasks import queries as tasks
from tracker.tasks.handover_models import Handover
from tracker.tasks.handover_queries import Item, Source
from tracker.tasks.narrowing import Filters
from tracker.tasks.rules import Horizon
from tracker.units import access as units_access
from tracker.units import queries as units
from tracker.units.models import Authority, Unit
from tracker.units.rules import UNIT_ROLES, UnitKind, in_force
from tracker.units.succession_queries import heirs
from tracker.units.succession_rules import Heir


def handover(session: Session, handover_id: int) -> Handover:
    """A hand-over of the authority in scope. Raises NotFound."""
    found = session.scalars(select(Handover).where(Handover.id == handover_id)).one_or_none()
    if found is None:
        raise NotFound("Không tìm thấy lần chuyển giao này.")
    return found


def source(session: Session, unit_slug: str, person: int) -> Source:
    """The unit or the person an address names. Raises NotFound, Refused (fields ``unit``, ``person``) where it names neither."""
    if unit_slug:
        return Source(unit=units_access.unit_by_slug(session, unit_slug))
    if person:
        return Source(account=units_access.person_here(session, person))
    raise Refused("Đồng chí chọn đơn vị hoặc người chuyển giao.", field="unit")


def source_of(session: Session, one: Handover) -> Source:
    """Who handed over."""
    if one.source_unit_id is not None:
        return Source(unit=units_access.unit(session, one.source_unit_id))
    return Source(account=units_access.person_here(session, one.source_account_id or 0))


def offered(session: Session, authority: Authority, one: Source, since: date, today: date) -> list[Item]:
    """Everything the source could hand over from a day on. Places in groups and people's roles only of a unit that has ended by then."""
    if one.unit is None:
        return queries.roles_of(session, one, since)
    calendar = deadlines.working_calendar(session)
    filters = Filters(unit_ids=frozenset({one.unit.id}), open_only=True)
    rows = tasks.listed(session, filters, calendar, Horizon.of(calendar, today, authority))
    found = [*queries.of_tasks(rows), *queries.assignments_of(session, one.unit.id, since)]
    if one.unit.valid_to is not None and one.unit.valid_to < since:
        found += [*queries.places_of(session, one.unit.id, since), *queries.roles_of(session, one, since)]
    return found


def receivers(session: Session, one: Unit, since: date) -> tuple[list[Unit], list[Heir]]:
    """The units that can receive from a day on, those that follow the source first; and who follows it."""
    following = [heir for heir in heirs(session, [one.id])[one.id] if heir.effective_on <= since]
    first = {unit_id for heir in following for unit_id in heir.unit_ids}
    alive = [u for u in units.units(session) if u.kind is not UnitKind.GROUP and u.id != one.id and in_force(u.valid_from, u.valid_to, since)]
    return sorted(alive, key=lambda u: u.id not in first), following


def people_here(session: Session, day: date, *, serving: bool) -> list[tuple[int, str]]:
    """(account, name) of who has a role today and can sign in; with ``serving`` only who has one in a unit."""
    return [
        (row.account.id, row.account.display_name)
        for row in units.people(session)
        if row.account.active
        and any(in_force(m.valid_from, m.valid_to, day) and (not serving or m.role in UNIT_ROLES) for m, _unit in row.memberships)
    ]
