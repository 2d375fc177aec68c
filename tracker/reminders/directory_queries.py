"""Who is told, of many authorities at once: a constant number of reads, however many of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.reminders.rules import Contact, Directory
from tracker.units import queries as units
from tracker.units.deputy_queries import deputies_by_unit
from tracker.units.models import Authority, GroupMember, Membership, Unit
from tracker.units.queries import InOffice
from tracker.units.rules import Role, UnitKind

#: Above this, asking for units by their ids costs more than reading every unit of the authorities.
_ASKED_BY_ID = 200


def directories(
    session: Session, authorities: Iterable[Authority], unit_ids: Iterable[int], day: date, *, persons: Collection[int] = ()
) -> dict[int, Directory]:
    """Authority → who is told for those of the units that are its own, on that day: memberships in force, accounts active.

    ``persons``: accounts turned to themselves, where they belong to it. The session's scope must reach all of the authorities and nothing else.
    """
    offices = {one.id: one for one in authorities}
    wanted = set(unit_ids)
    read = wanted if len(offices) == 1 or len(wanted) <= _ASKED_BY_ID else None
    of_authority: dict[int, list[Unit]] = defaultdict(list)
    for unit in units.units_by_id(session, read).values():
        if unit.id in wanted:
            of_authority[unit.authority_id].append(unit)
    contacts, bearers = _contacts(session, read, day)
    groups = [unit.id for found in of_authority.values() for unit in found if unit.kind is UnitKind.GROUP]
    empty = frozenset(groups) - _groups_with_members(session, groups, day)
    without = units.focal_units(session, [one for one in offices if not bearers[one, Role.FOCAL]])
    turned_to = _persons(session, persons, day)
    return {
        one: Directory(
            people={unit.id: contacts[unit.id] for unit in of_authority[one]},
            mailboxes={unit.id: Contact(unit.name, unit.email) for unit in of_authority[one] if unit.email},
            focal=bearers[one, Role.FOCAL] or _mailbox(without.get(one)),
            empty_groups=frozenset(unit.id for unit in of_authority[one] if unit.id in empty),
            chairs=bearers[one, Role.CHAIR],
            persons=turned_to[one],
            focal_extends=office.focal_extends,
        )
        for one, office in offices.items()
    }


def _contacts(
    session: Session, unit_ids: Collection[int] | None, day: date
) -> tuple[dict[int, list[Contact]], dict[tuple[int, Role], list[Contact]]]:
    """Unit → its people and their deputies; (authority, role) → who is focal point or leader."""
    by_unit: dict[int, list[InOffice]] = defaultdict(list)
    bearers: dict[tuple[int, Role], dict[int, Contact]] = defaultdict(dict)
    for one in units.in_office(session, unit_ids, (Role.FOCAL, Role.CHAIR), day):
        if one.role in (Role.FOCAL, Role.CHAIR):
            bearers[one.authority_id, one.role][one.account_id] = Contact(one.name, one.email, one.account_id)
        elif one.unit_id is not None:
            by_unit[one.unit_id].append(one)
    deputies = deputies_by_unit(session, unit_ids, day)
    contacts: dict[int, list[Contact]] = defaultdict(list)
    for unit, people in by_unit.items():
        heads = {one.account_id for one in people} - {one.account_id for one in people if one.role is not Role.HEAD}
        # Deputies after those they act for: who is told already as one's own is not told twice.
        contacts[unit] = [
            *(Contact(one.name, one.email, one.account_id, head=one.account_id in heads) for one in people),
            *(Contact(d.display_name, d.email, d.id, p.display_name, head=p.id in heads) for d, p in deputies[unit]),
        ]
    return contacts, defaultdict(list, {key: list(found.values()) for key, found in bearers.items()})


def _persons(session: Session, account_ids: Collection[int], day: date) -> dict[int, dict[int, Contact]]:
    """Authority in scope → those of them who still belong to it, by account."""
    found: dict[int, dict[int, Contact]] = defaultdict(dict)
    if not account_ids:
        return found
    query = (
        select(Membership.authority_id, Account)
        .join(Account, Account.id == Membership.account_id)
        .where(Account.id.in_(account_ids), Account.active, units.holds(Membership.valid_from, Membership.valid_to, day))
        .order_by(Membership.authority_id, Account.id)
    )
    for authority_id, account in session.execute(query):
        found[authority_id][account.id] = Contact(account.display_name, account.email, account.id)
    return found


def _mailbox(unit: Unit | None) -> list[Contact]:
    return [Contact(unit.name, unit.email)] if unit is not None and unit.email else []


def _groups_with_members(session: Session, group_ids: Collection[int], day: date) -> set[int]:
    if not group_ids:
        return set()
    in_force = units.holds(GroupMember.valid_from, GroupMember.valid_to, day)
    found = select(GroupMember.group_id).where(GroupMember.group_id.in_(group_ids), in_force).distinct().order_by(GroupMember.group_id)
    return set(session.scalars(found))
