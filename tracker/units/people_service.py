"""What a person intends with people: bring somebody in, give and end roles, hand out codes."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.accounts import queries as account_queries
from tracker.accounts import service as accounts
from tracker.accounts.models import Account
from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.kernel import scope, vietnamese
from tracker.kernel.errors import Refused
from tracker.kernel.words import phrase
from tracker.units.models import Membership, Unit
from tracker.units.queries import holds
from tracker.units.rules import ROLE_WORDS, UNIT_ROLES, Role, UnitKind, may_manage_person


def role_words(role: Role, unit: Unit | None) -> str:
    """«Chuyên viên, Phòng Nội vụ»; «Lãnh đạo»."""
    return phrase("%(role)s, %(unit)s", role=ROLE_WORDS[role], unit=unit.name) if unit else ROLE_WORDS[role]


def role_problem(role: Role, unit: Unit | None) -> Refused | None:
    """What is wrong with a role at a unit, as a Refused with its field; None where nothing is."""
    if role in UNIT_ROLES and unit is None:
        return Refused(phrase("Vai trò “%(role)s” cần một đơn vị; đồng chí chọn đơn vị.", role=ROLE_WORDS[role]), "unit")
    if role not in UNIT_ROLES and unit is not None:
        return Refused(phrase("Vai trò “%(role)s” là của cả cơ quan; đồng chí bỏ trống ô đơn vị.", role=ROLE_WORDS[role]), "unit")
    if unit is not None and unit.kind is UnitKind.GROUP:
        return Refused(phrase("“%(unit)s” là một nhóm; đồng chí chọn một đơn vị thành viên.", unit=unit.name), "unit")
    return None


def grant(
    session: Session,
    actor: Actor,
    authority_id: int,
    account: Account,
    role: Role,
    unit: Unit | None,
    *,
    by: frozenset[Role],
    valid_from: date,
    now: datetime,
    valid_to: date | None = None,
) -> Membership:
    """Gives a role from a day on. ``by``: the roles of whoever gives it. Raises Refused (field ``role``, ``unit``, ``valid_to``)."""
    if problem := role_problem(role, unit):
        raise problem
    if not may_manage_person(by, {role}):
        raise Refused("Chỉ người quản trị giao được vai trò quản trị.", "role")
    if valid_to is not None and valid_to < valid_from:
        raise Refused(phrase("Ngày cuối phải từ %(valid_from)s, ngày bắt đầu.", valid_from=vietnamese.date_vn(valid_from)), "valid_to")
    unit_id = unit.id if unit else None
    # One at a time for each account: a form sent twice at the same instant gives the role once.
    session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    same = select(Membership.id).where(
        Membership.account_id == account.id,
        Membership.role == role,
        Membership.unit_id.is_(None) if unit_id is None else Membership.unit_id == unit_id,
        (Membership.valid_to.is_(None)) | (Membership.valid_to >= valid_from),
    )
    if session.scalars(same.order_by(Membership.id)).first() is not None:
        raise Refused(phrase("%(account)s đã có vai trò “%(role)s”.", account=account.display_name, role=role_words(role, unit)), "role")
    row = Membership(authority_id=authority_id, account_id=account.id, role=role, unit_id=unit_id, valid_from=valid_from, valid_to=valid_to)
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor,
        "person.granted",
        f"Giao vai trò “{role_words(role, unit)}” cho {account.display_name} từ {vietnamese.date_vn(valid_from)}.",
        now=now,
        authority_id=authority_id,
        subject=("account", account.id),
    )
    return row


def end_membership(
    session: Session,
    actor: Actor,
    row: Membership,
    unit: Unit | None,
    account: Account,
    last_day: date,
    *,
    by: frozenset[Role],
    today: date,
    now: datetime,
) -> None:
    """Ends a role after a day. An authority keeps at least one administrator. Raises Refused (field ``last_day``)."""
    if not may_manage_person(by, {row.role}):
        raise Refused("Chỉ người quản trị kết thúc được vai trò quản trị.", "last_day")
    if last_day < row.valid_from:
        raise Refused(phrase("Ngày cuối phải từ %(valid_from)s, ngày bắt đầu.", valid_from=vietnamese.date_vn(row.valid_from)), "last_day")
    if row.role is Role.ADMIN and not _other_admin(session, row, today):
        raise Refused("Cơ quan phải còn ít nhất một người quản trị; đồng chí giao vai trò ấy cho người khác trước.", "last_day")
    before = row.valid_to
    row.valid_to = last_day
    audit.record(
        session,
        actor,
        "person.ended",
        f"Kết thúc vai trò “{role_words(row.role, unit)}” của {account.display_name}, ngày cuối {vietnamese.date_vn(last_day)}.",
        now=now,
        authority_id=row.authority_id,
        subject=("account", account.id),
        changes={"valid_to": (before.isoformat() if before else None, last_day.isoformat())},
    )


def _other_admin(session: Session, row: Membership, today: date) -> bool:
    others = (
        select(Membership.id)
        .join(Account, Account.id == Membership.account_id)
        .where(
            Membership.authority_id == row.authority_id,
            Membership.role == Role.ADMIN,
            Membership.id != row.id,
            Membership.valid_to.is_(None),
            Membership.valid_from <= today,
            Account.active,
        )
    )
    return session.scalars(others.order_by(Membership.id)).first() is not None


def add_person(
    session: Session,
    actor: Actor,
    authority_id: int,
    *,
    username: str,
    display_name: str,
    email: str | None,
    phone: str | None,
    role: Role,
    unit: Unit | None,
    by: frozenset[Role],
    valid_from: date,
    now: datetime,
) -> Account:
    """A new account with its first role. Raises Refused with the field at fault.

    An account that serves another authority is not joined by its name alone: that would let one authority read
    the contacts of, or print codes for, another's people. The operator joins it («flask people add»).
    """
    if problem := role_problem(role, unit):
        raise problem
    if account_queries.account_by_username(session, username) is not None:
        raise Refused(
            phrase(
                "Tên đăng nhập “%(username)s” đã có người dùng. Nếu đúng là người ấy thì đồng chí mở trang của người ấy để thêm vai "
                "trò (người của cơ quan khác: nhờ người vận hành hệ thống); nếu không, đồng chí chọn tên khác.",
                username=vietnamese.clean(username),
            ),
            "username",
        )
    account = accounts.create_account(
        session, username=username, display_name=display_name, email=email, phone=phone, now=now, actor=actor, authority_id=authority_id
    )
    grant(session, actor, authority_id, account, role, unit, by=by, valid_from=valid_from, now=now)
    return account


def check_ours(session: Session, account: Account, authority_id: int, by: frozenset[Role], day: date) -> None:
    """Whether this authority may touch the account itself (its words, codes, lock), not only its roles here.

    Raises Refused where the person also serves another authority, or is an administrator and ``by`` is not:
    whoever prints a code for an account can become it.
    """
    with scope.using(session, scope.whole("whether a person serves another authority too")):
        held = session.execute(
            select(Membership.authority_id, Membership.role)
            .where(Membership.account_id == account.id, holds(Membership.valid_from, Membership.valid_to, day))
            .order_by(Membership.id)
        ).all()
    if any(row.authority_id != authority_id for row in held):
        raise Refused("Người này còn vai trò ở cơ quan khác nên chỉ tự mình đổi được thông tin và mật khẩu (mục “Quên mật khẩu”).")
    if not may_manage_person(by, {row.role for row in held}):
        raise Refused("Chỉ người quản trị sửa được tài khoản của người quản trị.")
