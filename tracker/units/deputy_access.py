"""The only way to fetch a lending by id, and who may touch it or choose whom."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.kernel.errors import NotFound
from tracker.units import queries
from tracker.units.deputy_models import Deputy
from tracker.units.deputy_rules import LENT
from tracker.units.queries import PersonRow
from tracker.units.rules import Action, Viewer, in_force


def lending(session: Session, viewer: Viewer, deputy_id: int) -> Deputy:
    """A lending the person may call off: their own, or anybody's for who manages people. Raises NotFound."""
    found = session.scalars(select(Deputy).where(Deputy.id == deputy_id)).first()
    if found is None or not (viewer.may(Action.MANAGE_PEOPLE) or found.account_id == viewer.account_id):
        raise NotFound("Không tìm thấy ủy quyền này.")
    return found


def principals(session: Session, viewer: Viewer, day: date) -> list[Account]:
    """Whose roles this person may lend: their own; anybody's that can be lent for who manages people."""
    return [
        row.account
        for row in _here(session, day)
        if (row.account.id == viewer.account_id or viewer.may(Action.MANAGE_PEOPLE))
        and any(m.role in LENT and in_force(m.valid_from, m.valid_to, day) for m, _unit in row.memberships)
    ]


def candidates(session: Session, viewer: Viewer, day: date) -> list[Account]:
    """Whom they may be lent to: the people of one's own units; everybody for who sees everything."""
    everybody = viewer.may(Action.SEE_ALL_TASKS)
    return [
        row.account
        for row in _here(session, day)
        if everybody or any(m.unit_id in viewer.own_unit_ids and in_force(m.valid_from, m.valid_to, day) for m, _unit in row.memberships)
    ]


def _here(session: Session, day: date) -> list[PersonRow]:
    """Who can sign in and has a role today."""
    return [
        row for row in queries.people(session) if row.account.active and any(in_force(m.valid_from, m.valid_to, day) for m, _unit in row.memberships)
    ]
