"""Which links open something still. Every rule of their death stands here, once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.deadlines.models import Round
from tracker.kernel.clock import local_day
from tracker.reminders.link_models import ActionLink
from tracker.reminders.link_rules import LIFE, hash_of
from tracker.tasks.models import Task
from tracker.tasks.rules import OPEN
from tracker.units.models import Authority, Membership, Unit
from tracker.units.queries import holds
from tracker.units.rules import UNIT_ROLES


def _alive(now: datetime) -> Select[ActionLink]:
    """Not replaced, not old, switched on, round open, a task of the unit in it open, the person in office in that unit."""
    day = local_day(now)
    serves = (
        select(Membership.id)
        .where(
            Membership.authority_id == ActionLink.authority_id,
            Membership.account_id == ActionLink.account_id,
            Membership.unit_id == ActionLink.unit_id,
            Membership.role.in_(UNIT_ROLES),
            holds(Membership.valid_from, Membership.valid_to, day),
        )
        .exists()
    )
    leads = (
        select(Task.id)
        .where(
            Task.authority_id == ActionLink.authority_id,
            Task.unit_id == ActionLink.unit_id,
            Task.round_id == ActionLink.round_id,
            Task.status.in_(OPEN),
        )
        .exists()
    )
    return (
        select(ActionLink)
        .join(Authority, Authority.id == ActionLink.authority_id)
        .join(Account, Account.id == ActionLink.account_id)
        .join(Round, and_(Round.authority_id == ActionLink.authority_id, Round.id == ActionLink.round_id))
        .join(Unit, and_(Unit.authority_id == ActionLink.authority_id, Unit.id == ActionLink.unit_id))
        .where(
            ActionLink.ended_at.is_(None),
            ActionLink.created_at > now - LIFE,
            Authority.action_links,
            Account.active,
            Round.closed_at.is_(None),
            or_(Unit.valid_to.is_(None), Unit.valid_to >= day),
            serves,
            leads,
        )
        .order_by(ActionLink.id)
    )


def alive(session: Session, ids: Collection[int], now: datetime) -> dict[int, ActionLink]:
    """Which of some links open something at ``now``, by id: one statement. Ask at the moment of sending."""
    return {one.id: one for one in session.scalars(_alive(now).where(ActionLink.id.in_(ids)))} if ids else {}


def by_token(session: Session, token: str, now: datetime) -> ActionLink | None:
    """The living link of a token; None for a dead one and for what nobody of us made. Needs a scope that sees every authority."""
    return session.scalars(_alive(now).where(ActionLink.token_hash == hash_of(token))).one_or_none()


def former(session: Session, account_id: int, unit_id: int, round_id: int) -> list[ActionLink]:
    """Links of one person for one unit and round that no newer one has replaced."""
    whose = (ActionLink.account_id == account_id, ActionLink.unit_id == unit_id, ActionLink.round_id == round_id)
    return list(session.scalars(select(ActionLink).where(*whose, ActionLink.ended_at.is_(None)).order_by(ActionLink.id)))
