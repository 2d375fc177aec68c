"""The only way to fetch a row of units by id or slug: returns it or raises NotFound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import BigInteger, Date, and_, bindparam, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.kernel import scope
from tracker.kernel.database import second
from tracker.kernel.errors import NotFound
from tracker.kernel.words import phrase
from tracker.units.deputy_models import Deputy
from tracker.units.deputy_queries import in_force as deputies_in_force
from tracker.units.deputy_rules import LENT
from tracker.units.models import Authority, GroupMember, Membership, Unit, UnitAlias
from tracker.units.queries import holds
from tracker.units.rules import UNIT_ROLES, Borrowed, Holding, Role, Viewer, title_of

_DAY = bindparam("day", type_=Date())
_ME = bindparam("account_id", type_=BigInteger())
_focal = second(Unit)
_person = second(Account)
#: Whose roles the person has on that day: one's own, and those lent by whom one acts for.
_lent = and_(Deputy.deputy_account_id == _ME, deputies_in_force(_DAY))
#: Asked on every request of an authority, so built once.
_DESK = (
    select(Authority, Membership.account_id, Membership.role, Unit.id, Unit.name, Unit.kind, GroupMember.group_id, _focal.name)
    .join(Membership, Membership.authority_id == Authority.id)
    .join(Account, Account.id == Membership.account_id)
    .join(_person, _person.id == _ME)
    .outerjoin(
        Deputy,
        and_(
            Deputy.authority_id == Membership.authority_id,
            Deputy.account_id == Membership.account_id,
            or_(Deputy.unit_id.is_(None), Deputy.unit_id == Membership.unit_id),
            Membership.role.in_([literal_column(f"'{role.value}'") for role in sorted(LENT)]),
            _lent,
        ),
    )
    .outerjoin(Unit, and_(Unit.authority_id == Membership.authority_id, Unit.id == Membership.unit_id))
    .outerjoin(
        GroupMember,
        and_(
            GroupMember.authority_id == Unit.authority_id, GroupMember.member_id == Unit.id, holds(GroupMember.valid_from, GroupMember.valid_to, _DAY)
        ),
    )
    .outerjoin(_focal, and_(_focal.authority_id == Authority.id, _focal.focal))
    .where(
        Authority.slug == bindparam("slug"),
        # Which accounts it can be at all, for the index; whether the role was lent, the second line says.
        Membership.account_id.in_(union_all(select(_ME), select(Deputy.account_id).where(_lent))),
        or_(Membership.account_id == _ME, Deputy.id.is_not(None)),
        Account.active,
        _person.active,
        holds(Membership.valid_from, Membership.valid_to, _DAY),
    )
    .order_by(Membership.id, GroupMember.id)
)


def desk_of(session: Session, account_id: int, name: str, slug: str, day: date) -> tuple[Authority, Viewer]:
    """The authority and who the person is in it on that day, with whom they act for. One read.

    Raises NotFound where there is no such authority, the account is switched off, or no membership of the person is in force there:
    a stranger cannot tell the three apart. People of an ancestor authority are strangers here, and so is a deputy without a role of
    their own.
    """
    with scope.using(session, scope.whole("the gate asks who the person is here")):
        rows = session.execute(_DESK, {"slug": slug, "account_id": account_id, "day": day}).all()
    if not any(row[1] == account_id for row in rows):
        raise NotFound
    authority, focal_name = rows[0][0], rows[0][7]
    held: dict[int, dict[tuple[Role, int | None], Holding]] = {}
    for _a, whose, role, unit_id, unit_name, kind, _g, _f in rows:
        held.setdefault(whose, {})[(role, unit_id)] = Holding(role, unit_name, kind)
    own = held.pop(account_id)
    borrowed = tuple(_borrowed(whose, authority.name, focal_name, lent) for whose, lent in held.items())
    return authority, Viewer(
        account_id=account_id,
        name=name,
        authority_id=authority.id,
        roles=frozenset(role for role, _unit in own).union(*(one.roles for one in borrowed)),
        unit_ids=_units(own).union(*(one.unit_ids for one in borrowed)),
        head_unit_ids=_units(own, Role.HEAD).union(*(one.head_unit_ids for one in borrowed)),
        group_ids=frozenset(row[6] for row in rows if row[6] is not None),
        own_title=title_of(authority.name, focal_name, own.values()),
        own_roles=frozenset(role for role, _unit in own),
        own_unit_ids=_units(own),
        own_head_unit_ids=_units(own, Role.HEAD),
        borrowed=borrowed,
    )


def _units(held: Iterable[tuple[Role, int | None]], *roles: Role) -> frozenset[int]:
    """The units somebody serves in, by role and unit."""
    return frozenset(unit for role, unit in held if role in (roles or UNIT_ROLES) and unit is not None)


def _borrowed(account_id: int, authority_name: str, focal_name: str | None, lent: Mapping[tuple[Role, int | None], Holding]) -> Borrowed:
    return Borrowed(
        account_id,
        title_of(authority_name, focal_name, lent.values()),
        frozenset(role for role, _unit in lent),
        _units(lent),
        _units(lent, Role.HEAD),
    )


def authority_by_slug(session: Session, slug: str) -> Authority:
    """For commands and jobs, which act in nobody's name. Raises NotFound with the sentence a command prints."""
    found = session.scalars(select(Authority).where(Authority.slug == slug).order_by(Authority.id)).first()
    if found is None:
        raise NotFound(phrase("Không có cơ quan “%(slug)s”. Lệnh “flask authorities” liệt kê các cơ quan.", slug=slug))
    return found


def hold(session: Session, authority_id: int) -> None:
    """Makes what an authority has one of be decided one at a time: whoever comes second waits here, then finds what the first wrote."""
    session.execute(select(Authority.id).where(Authority.id == authority_id).with_for_update())


def unit_by_slug(session: Session, slug: str) -> Unit:
    """A unit of the authority in scope, ended ones too. Raises NotFound."""
    found = session.scalars(select(Unit).where(Unit.slug == slug).order_by(Unit.id)).first()
    if found is None:
        raise NotFound(phrase("Không có đơn vị “%(slug)s” trong cơ quan này.", slug=slug))
    return found


def unit(session: Session, unit_id: int) -> Unit:
    """A unit of the authority in scope. Raises NotFound."""
    found = session.scalars(select(Unit).where(Unit.id == unit_id)).first()
    if found is None:
        raise NotFound("Không có đơn vị này trong cơ quan.")
    return found


def alias(session: Session, unit_id: int, alias_id: int) -> UnitAlias:
    """A spelling of a unit in scope. Raises NotFound."""
    found = session.scalars(select(UnitAlias).where(UnitAlias.id == alias_id, UnitAlias.unit_id == unit_id)).first()
    if found is None:
        raise NotFound("Đơn vị không có cách viết này.")
    return found


def group_member(session: Session, group_id: int, row_id: int) -> GroupMember:
    """A dated member of a group in scope. Raises NotFound."""
    found = session.scalars(select(GroupMember).where(GroupMember.id == row_id, GroupMember.group_id == group_id)).first()
    if found is None:
        raise NotFound("Nhóm không có thành viên này.")
    return found


def membership(session: Session, membership_id: int) -> Membership:
    """A membership in the authority in scope. Raises NotFound."""
    found = session.scalars(select(Membership).where(Membership.id == membership_id)).first()
    if found is None:
        raise NotFound("Không tìm thấy vai trò này trong cơ quan.")
    return found


def person_here(session: Session, account_id: int) -> Account:
    """An account with a membership, present or past, in the authority in scope. Raises NotFound: other people's are not ours to touch."""
    found = session.scalars(
        select(Account).where(Account.id == account_id, select(Membership.id).where(Membership.account_id == Account.id).exists())
    ).first()
    if found is None:
        raise NotFound("Không tìm thấy người dùng này trong cơ quan.")
    return found


def is_own(session: Session, viewer: Viewer, unit_id: int) -> bool:
    """Whether a unit is the person's own: one it serves in, or the focal unit for the focal point."""
    return unit_id in viewer.unit_ids or (Role.FOCAL in viewer.roles and unit(session, unit_id).focal)
