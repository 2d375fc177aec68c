"""People and mailboxes of the demonstration. Everybody is called by a role; addresses end in the reserved «.example»."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tracker.accounts import credentials
from tracker.accounts import service as accounts
from tracker.accounts.models import Account
from tracker.assignments.models import Assignment
from tracker.units.models import Authority, GroupMember, Membership, Unit
from tracker.units.rules import Role, UnitKind

AUTHORITY_ROLES = {Role.ADMIN: "Quản trị", Role.FOCAL: "Đầu mối", Role.CHAIR: "Lãnh đạo", Role.VIEWER: "Người theo dõi"}


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An account to be made: ``unit_id`` is None for the roles of the whole authority."""

    username: str
    display_name: str
    email: str
    role: Role
    unit_id: int | None


def name_of(authority: Authority, role: Role) -> str:
    """«focal@ninh-son.demo»."""
    return f"{role.value}@{authority.slug}.demo"


def has_people(session: Session, authority: Authority) -> bool:
    """Whether the demonstration was prepared for this authority before."""
    key = name_of(authority, Role.FOCAL)
    return session.scalars(select(Account.id).where(Account.username_key == key, Account.demo)).first() is not None


def add_people(session: Session, authority: Authority, units: Sequence[Unit], since: date, password_hash: str, now: datetime) -> int:
    """An account for each role of the authority, a specialist and a head for each unit that leads, a holder for each position. Returns how many."""
    newcomers = [
        Newcomer(name_of(authority, role), f"{words} {authority.name}", f"{role.value}@{authority.slug}.example", role, None)
        for role, words in AUTHORITY_ROLES.items()
    ]
    leads = leading_units(session, authority.id)
    for unit in units:
        mailbox = f"{unit.slug}@{authority.slug}.example"
        if unit.id in leads:
            unit.email = mailbox
            # A head has a mailbox of their own: personal links go to nobody who shares one.
            own = f"lanh-dao.{mailbox}"
            newcomers.append(Newcomer(f"head-{unit.slug}@{authority.slug}.demo", _title("Lãnh đạo", unit), own, Role.HEAD, unit.id))
        if unit.id in leads or unit.kind is UnitKind.POSITION:
            words = unit.name if unit.kind is UnitKind.POSITION else f"Chuyên viên {unit.name}"
            newcomers.append(Newcomer(f"specialist-{unit.slug}@{authority.slug}.demo", words, mailbox, Role.SPECIALIST, unit.id))
    for one in newcomers:
        account = accounts.create_account(
            session,
            username=one.username,
            display_name=one.display_name,
            email=one.email,
            password_hash=password_hash,
            demo=True,
            now=now,
            authority_id=authority.id,
        )
        session.add(Membership(authority_id=authority.id, account_id=account.id, role=one.role, unit_id=one.unit_id, valid_from=since))
    session.flush()
    return len(newcomers)


def _title(words: str, unit: Unit) -> str:
    return f"{words} phụ trách {unit.name}" if unit.kind is UnitKind.POSITION else f"{words} {unit.name}"


def leading_units(session: Session, authority_id: int) -> set[int]:
    """The units that get tasks: leads, and the members of groups that lead. An empty group's tasks are kept by the focal point."""
    rows = session.execute(
        select(Unit.id, Unit.kind)
        .join(Assignment, (Assignment.authority_id == Unit.authority_id) & (Assignment.lead_unit_id == Unit.id))
        .where(Assignment.authority_id == authority_id)
        .order_by(Unit.id)
    )
    leads: dict[int, UnitKind] = {row[0]: row[1] for row in rows}
    groups = [unit_id for unit_id, kind in leads.items() if kind is UnitKind.GROUP]
    members = session.scalars(
        select(GroupMember.member_id).where(GroupMember.authority_id == authority_id, GroupMember.group_id.in_(groups)).order_by(GroupMember.id)
    )
    return {unit_id for unit_id, kind in leads.items() if kind is not UnitKind.GROUP} | set(members)


def set_password(session: Session, password: str) -> int:
    """Gives every demo account another password: the installation's was changed. Returns how many accounts."""
    found = list(session.scalars(select(Account.id).where(Account.demo).order_by(Account.id)))
    if found:
        session.execute(update(Account).where(Account.demo).values(password_hash=credentials.hash_password(password)))
    return len(found)
