"""Reads of authorities, units, groups and people. Those of an authority's rows are narrowed by the scope in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BindParameter, ColumnElement, and_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from tracker.accounts.models import Account
from tracker.kernel import scope, vietnamese
from tracker.units.models import Authority, GroupMember, Membership, Unit, UnitAlias
from tracker.units.rules import UNIT_ROLES, AuthorityLevel, Role, UnitKind


def holds(
    valid_from: InstrumentedAttribute[date], valid_to: InstrumentedAttribute[date | None], day: date | BindParameter[date]
) -> ColumnElement[bool]:
    """The condition «in force on that day»; both ends count."""
    return and_(valid_from <= day, or_(valid_to.is_(None), valid_to >= day))


@dataclass(frozen=True, slots=True)
class AuthorityRow:
    """One authority, and the slug of its parent."""

    slug: str
    name: str
    level: AuthorityLevel
    parent: str | None


def authorities(session: Session) -> list[AuthorityRow]:
    """Every authority of the installation, by name."""
    parent = aliased(Authority)
    rows = session.execute(select(Authority, parent.slug).outerjoin(parent, parent.id == Authority.parent_id).order_by(Authority.slug)).all()
    return sorted((AuthorityRow(a.slug, a.name, a.level, up) for a, up in rows), key=lambda row: vietnamese.sort_key(row.name))


def authorities_of(session: Session, account_id: int, day: date) -> list[Authority]:
    """Where the person has a membership in force: what the page after sign-in offers."""
    with scope.using(session, scope.whole("a person's own memberships, in whichever authority")):
        found = session.scalars(
            select(Authority)
            .where(
                select(Membership.id)
                .where(
                    Membership.authority_id == Authority.id,
                    Membership.account_id == account_id,
                    holds(Membership.valid_from, Membership.valid_to, day),
                )
                .exists()
            )
            .order_by(Authority.id)
        ).all()
    return sorted(found, key=lambda a: vietnamese.sort_key(a.name))


def units(session: Session, *, day: date | None = None, kind: UnitKind | None = None, text: str | None = None) -> list[Unit]:
    """Units in document order; with ``day`` those in force on it, with ``text`` those whose name or a spelling of it holds the words, folded."""
    query = select(Unit).order_by(Unit.position, Unit.id)
    if day is not None:
        query = query.where(holds(Unit.valid_from, Unit.valid_to, day))
    if kind is not None:
        query = query.where(Unit.kind == kind)
    found = list(session.scalars(query))
    if text and (wanted := vietnamese.fold(text)):
        spellings = aliases(session)
        found = [u for u in found if any(wanted in vietnamese.fold(name) for name in (u.name, u.short_name or "", *spellings.get(u.id, ())))]
    return found


def units_by_id(session: Session, ids: Collection[int] | None) -> dict[int, Unit]:
    """id → unit, of those in scope; None: all of them."""
    if ids is not None and not ids:
        return {}
    these = true() if ids is None else Unit.id.in_(ids)
    return {u.id: u for u in session.scalars(select(Unit).where(these).order_by(Unit.position, Unit.id))}


def aliases(session: Session, unit_ids: Collection[int] | None = None) -> dict[int, list[str]]:
    """unit id → its other spellings, in order; of every unit in scope where no ids are given."""
    found: dict[int, list[str]] = defaultdict(list)
    for row in alias_rows(session, unit_ids):
        found[row.unit_id].append(row.alias)
    return dict(found)


def alias_rows(session: Session, unit_ids: Collection[int] | None = None) -> list[UnitAlias]:
    """The rows themselves, for the page that edits them."""
    query = select(UnitAlias).order_by(UnitAlias.unit_id, UnitAlias.position, UnitAlias.id)
    if unit_ids is not None:
        query = query.where(UnitAlias.unit_id.in_(unit_ids))
    return list(session.scalars(query))


def focal_unit(session: Session) -> Unit | None:
    """Cơ quan đầu mối of the authority in scope."""
    return session.scalars(select(Unit).where(Unit.focal).order_by(Unit.id)).first()


def focal_units(session: Session, authority_ids: Collection[int]) -> dict[int, Unit]:
    """The same of some of the authorities in scope, by authority."""
    if not authority_ids:
        return {}
    rows = session.scalars(select(Unit).where(Unit.focal, Unit.authority_id.in_(authority_ids)).order_by(Unit.id))
    return {unit.authority_id: unit for unit in rows}


def members_of(session: Session, group_ids: Collection[int], day: date) -> dict[int, list[Unit]]:
    """group id → its members in force on that day, in order; a group without members maps to an empty list."""
    found: dict[int, list[Unit]] = {group: [] for group in group_ids}
    if not found:
        return found
    rows = session.execute(
        select(GroupMember.group_id, Unit)
        .join(Unit, (Unit.authority_id == GroupMember.authority_id) & (Unit.id == GroupMember.member_id))
        .where(GroupMember.group_id.in_(found), holds(GroupMember.valid_from, GroupMember.valid_to, day), holds(Unit.valid_from, Unit.valid_to, day))
        .order_by(GroupMember.group_id, GroupMember.position, GroupMember.id)
    )
    for group_id, unit in rows:
        found[group_id].append(unit)
    return found


def member_rows(session: Session, group_id: int) -> list[tuple[GroupMember, Unit]]:
    """Every member a group has had, for the page that edits them."""
    rows = session.execute(
        select(GroupMember, Unit)
        .join(Unit, (Unit.authority_id == GroupMember.authority_id) & (Unit.id == GroupMember.member_id))
        .where(GroupMember.group_id == group_id)
        .order_by(GroupMember.position, GroupMember.id)
    )
    return [(row[0], row[1]) for row in rows]


def groups_of(session: Session, unit_ids: Collection[int], day: date) -> dict[int, list[Unit]]:
    """unit id → the groups it is a member of on that day."""
    found: dict[int, list[Unit]] = {unit: [] for unit in unit_ids}
    if not found:
        return found
    rows = session.execute(
        select(GroupMember.member_id, Unit)
        .join(Unit, (Unit.authority_id == GroupMember.authority_id) & (Unit.id == GroupMember.group_id))
        .where(GroupMember.member_id.in_(found), holds(GroupMember.valid_from, GroupMember.valid_to, day))
        .order_by(GroupMember.member_id, Unit.position, Unit.id)
    )
    for member_id, group in rows:
        found[member_id].append(group)
    return found


def people_of_unit(session: Session, unit_id: int, day: date) -> list[tuple[Account, Role]]:
    """Who is specialist or head of the unit on that day, switched-off accounts left out; of a position, its holders."""
    return people_by_unit(session, [unit_id], day)[unit_id]


def people_by_unit(session: Session, unit_ids: Iterable[int] | None, day: date) -> dict[int, list[tuple[Account, Role]]]:
    """unit id → its people on that day, heads after specialists, by name; None: every unit in scope that has any. One read."""
    found: dict[int, list[tuple[Account, Role]]] = defaultdict(list, {unit: [] for unit in unit_ids or ()})
    if unit_ids is not None and not found:
        return found
    these = Membership.unit_id.is_not(None) if unit_ids is None else Membership.unit_id.in_(list(found))
    rows = session.execute(
        select(Membership.unit_id, Account, Membership.role)
        .join(Account, Account.id == Membership.account_id)
        .where(these, Membership.role.in_(UNIT_ROLES), Account.active, holds(Membership.valid_from, Membership.valid_to, day))
        .order_by(Membership.unit_id, Membership.role.desc(), Account.folded, Account.id)
    )
    for unit_id, account, role in rows:
        assert unit_id is not None
        if (account, role) not in found[unit_id]:
            found[unit_id].append((account, role))
    return found


@dataclass(frozen=True, slots=True)
class InOffice:
    """One office of one person, as light as can be."""

    authority_id: int
    unit_id: int | None
    role: Role
    account_id: int
    name: str
    email: str | None


def in_office(session: Session, unit_ids: Collection[int] | None, roles: Collection[Role], day: date) -> list[InOffice]:
    """On that day: specialists and heads of some units, and who bears one of the roles in any authority in scope, in one read.

    Heads after specialists, by name; switched-off accounts left out. ``unit_ids`` None: of every unit in scope.
    """
    of_units = Membership.role.in_(sorted(UNIT_ROLES))
    rows = session.execute(
        select(Membership.authority_id, Membership.unit_id, Membership.role, Account.id, Account.display_name, Account.email)
        .join(Account, Account.id == Membership.account_id)
        .where(
            or_(of_units if unit_ids is None else and_(Membership.unit_id.in_(unit_ids), of_units), Membership.role.in_(sorted(roles))),
            Account.active,
            holds(Membership.valid_from, Membership.valid_to, day),
        )
        .order_by(Membership.role.desc(), Account.folded, Account.id)
    )
    return [InOffice(*row) for row in rows]


def people_with_role(session: Session, role: Role, day: date) -> list[Account]:
    """Who bears the role in the authority in scope on that day, by name; switched-off accounts left out."""
    holds_it = select(Membership.id).where(
        Membership.account_id == Account.id, Membership.role == role, holds(Membership.valid_from, Membership.valid_to, day)
    )
    return list(session.scalars(select(Account).where(Account.active, holds_it.exists()).order_by(Account.folded, Account.id)))


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person of the authority with every membership, past ones too."""

    account: Account
    memberships: tuple[tuple[Membership, Unit | None], ...]


def people(session: Session, *, text: str | None = None, role: Role | None = None, unit_id: int | None = None) -> list[PersonRow]:
    """Everybody with a membership, present or past, in the authority in scope, by name. One read."""
    query = (
        select(Account, Membership, Unit)
        .join(Membership, Membership.account_id == Account.id)
        .outerjoin(Unit, (Unit.authority_id == Membership.authority_id) & (Unit.id == Membership.unit_id))
        .order_by(Account.folded, Account.id, Membership.valid_from, Membership.id)
    )
    if text and (wanted := vietnamese.fold(text)):
        query = query.where(Account.folded.contains(wanted, autoescape=True))
    grouped: dict[int, tuple[Account, list[tuple[Membership, Unit | None]]]] = {}
    for account, membership, unit in session.execute(query):
        grouped.setdefault(account.id, (account, []))[1].append((membership, unit))
    rows = [PersonRow(account, tuple(held)) for account, held in grouped.values()]
    if role is not None:
        rows = [row for row in rows if any(m.role is role for m, _u in row.memberships)]
    if unit_id is not None:
        rows = [row for row in rows if any(m.unit_id == unit_id for m, _u in row.memberships)]
    return rows


def resolve(session: Session, printed: str) -> Unit | None:
    """The unit of a printed name: an exact hit of ``name_key`` against names and spellings, never a guess."""
    return Directory.load(session).resolve(printed)


_SEPARATORS = ",;\n"


class Directory:
    """Every name of every unit of the authority in scope, read once: for imports that resolve hundreds of names."""

    def __init__(self, names: Iterable[tuple[str, Unit]]) -> None:
        self._by_key: dict[str, Unit | None] = {}
        for name, unit in names:
            key = vietnamese.name_key(name)
            known = self._by_key.setdefault(key, unit)
            if known is not None and known.id != unit.id:
                # Two units under one key: choosing either would be a guess.
                self._by_key[key] = None

    @classmethod
    def load(cls, session: Session, day: date | None = None) -> Directory:
        """All units of the scope, or those in force on ``day``. Two reads."""
        found = units(session, day=day)
        by_id = {u.id: u for u in found}
        names = [(name, u) for u in found for name in (u.name, u.short_name) if name]
        names += [(row.alias, by_id[row.unit_id]) for row in alias_rows(session) if row.unit_id in by_id]
        return cls(names)

    def resolve(self, printed: str) -> Unit | None:
        """The unit of that name, whatever its case, spaces, hyphens, full stop and place of the tone mark; None where unknown or not one."""
        key = vietnamese.name_key(printed.strip(" \t\n,;."))
        return self._by_key.get(key) if key else None

    def split_and_resolve(self, cell: str) -> list[tuple[str, Unit | None]]:
        """The units of a cell that lists several, split at «,» «;» and line ends: (the piece as printed, its unit or None).

        A name may hold a comma itself («17 sở, ban, ngành»): the longest run of pieces that is a name wins.
        """
        pieces = _pieces(cell)
        found: list[tuple[str, Unit | None]] = []
        start = 0
        while start < len(pieces):
            for end in range(len(pieces), start, -1):
                printed = vietnamese.clean(cell[pieces[start][0] : pieces[end - 1][1]])
                unit = self.resolve(printed)
                if unit is not None or end == start + 1:
                    found.append((printed, unit))
                    start = end
                    break
        return found


def _pieces(cell: str) -> list[tuple[int, int]]:
    """Where the pieces between separators begin and end; empty ones left out."""
    ends = [i for i, char in enumerate(cell) if char in _SEPARATORS] + [len(cell)]
    begin = 0
    pieces: list[tuple[int, int]] = []
    for end in ends:
        if cell[begin:end].strip(" .\t"):
            pieces.append((begin, end))
        begin = end + 1
    return pieces
