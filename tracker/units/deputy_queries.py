"""Reads of who acts for whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BindParameter, ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.kernel.database import second
from tracker.units.deputy_models import Deputy
from tracker.units.deputy_rules import LENT
from tracker.units.models import Membership, Unit
from tracker.units.queries import holds
from tracker.units.rules import Role

_principal, _deputy = second(Account), second(Account)


def in_force(day: date | BindParameter[date]) -> ColumnElement[bool]:
    """Deputies that may act on a day: both ends count, and none that was called off."""
    return and_(Deputy.revoked_at.is_(None), Deputy.valid_from <= day, Deputy.valid_to >= day)


@dataclass(frozen=True, slots=True)
class DeputyRow:
    """One lending, with the names of both and of the unit it is limited to."""

    deputy: Deputy
    principal: Account
    acting: Account
    unit: Unit | None


def lendings(session: Session, since: date, account_id: int | None = None) -> list[DeputyRow]:
    """Lendings that last, or lasted, to a day or later, the soonest to begin first; of one person, as principal or as deputy."""
    whose = true() if account_id is None else or_(Deputy.account_id == account_id, Deputy.deputy_account_id == account_id)
    rows = session.execute(
        select(Deputy, _principal, _deputy, Unit)
        .join(_principal, _principal.id == Deputy.account_id)
        .join(_deputy, _deputy.id == Deputy.deputy_account_id)
        .outerjoin(Unit, and_(Unit.authority_id == Deputy.authority_id, Unit.id == Deputy.unit_id))
        .where(whose, Deputy.valid_to >= since)
        .order_by(Deputy.valid_from, Deputy.id)
    )
    return [DeputyRow(*row) for row in rows]


def held(session: Session, account_id: int, day: date) -> list[tuple[Role, int | None]]:
    """The (role, unit) a person holds on a day."""
    query = select(Membership.role, Membership.unit_id).where(
        Membership.account_id == account_id, holds(Membership.valid_from, Membership.valid_to, day)
    )
    return [(row.role, row.unit_id) for row in session.execute(query.order_by(Membership.id))]


def overlapping(session: Session, account_id: int, deputy_account_id: int, since: date, until: date) -> Deputy | None:
    """A lending between the same two that is in force on some of these days."""
    query = select(Deputy).where(
        Deputy.account_id == account_id,
        Deputy.deputy_account_id == deputy_account_id,
        Deputy.revoked_at.is_(None),
        Deputy.valid_from <= until,
        Deputy.valid_to >= since,
    )
    return session.scalars(query.order_by(Deputy.id)).first()


def deputies_by_unit(session: Session, unit_ids: Iterable[int] | None, day: date) -> dict[int, list[tuple[Account, Account]]]:
    """unit → (deputy, principal) of its people on that day: who gets a copy of what its people are told; None: every unit in scope
    that has any. One read.
    """
    found: dict[int, list[tuple[Account, Account]]] = defaultdict(list, {unit: [] for unit in unit_ids or ()})
    if unit_ids is not None and not found:
        return found
    these = Membership.unit_id.is_not(None) if unit_ids is None else Membership.unit_id.in_(list(found))
    rows = session.execute(
        select(Membership.unit_id, _deputy, _principal)
        .join(Deputy, and_(Deputy.authority_id == Membership.authority_id, Deputy.account_id == Membership.account_id))
        .join(_principal, _principal.id == Deputy.account_id)
        .join(_deputy, _deputy.id == Deputy.deputy_account_id)
        .where(
            these,
            Membership.role.in_(LENT),
            holds(Membership.valid_from, Membership.valid_to, day),
            or_(Deputy.unit_id.is_(None), Deputy.unit_id == Membership.unit_id),
            in_force(day),
            _principal.active,
            _deputy.active,
        )
        .order_by(Membership.unit_id, _deputy.folded, _deputy.id, Deputy.id)
    )
    for unit_id, acting, principal in rows:
        assert unit_id is not None
        if all(known.id != acting.id for known, _of in found[unit_id]):
            found[unit_id].append((acting, principal))
    return found
