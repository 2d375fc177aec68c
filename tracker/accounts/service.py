"""What a person intends with an account: get one, sign in and out, change a password, spend a code.

``now`` is the business instant (codes, events); ``real_now`` the real one: sessions and the throttle live by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from tracker.accounts import credentials, queries
from tracker.accounts.models import Account, OneTimeCode, SignInFailure, UserSession
from tracker.accounts.rules import (
    FAILURES_IN_ALL,
    FAILURES_KEPT,
    FAILURES_PER_NAME,
    PRINTED_LIFE,
    SESSION_LIFE,
    THROTTLE_WINDOW,
    CodePurpose,
    email_problem,
    password_problem,
    username_key,
    username_problem,
)
from tracker.audit import service as audit
from tracker.audit.rules import SYSTEM, Actor
from tracker.kernel import vietnamese
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.words import phrase

#: What the throttle counts codes, requests for a reset and set-up codes under: no user name holds a space.
CODE_KEY = "a code"
RESET_KEY = "a reset"
SETUP_KEY = "a set-up"


class TooManyTries(Refused):
    """The throttle: wait, then try again."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What sign-in compares: ``account_id`` and ``password_hash`` are None where nobody can sign in under the name."""

    account_id: int | None
    password_hash: str | None


def create_account(
    session: Session,
    *,
    username: str,
    display_name: str,
    now: datetime,
    email: str | None = None,
    phone: str | None = None,
    password: str | None = None,
    password_hash: str | None = None,
    demo: bool = False,
    actor: Actor = SYSTEM,
    authority_id: int | None = None,
) -> Account:
    """A new account; without a password it waits for its invitation to be spent.

    ``password_hash`` spares a caller with many accounts of one password the time of hashing.
    Raises Refused (field ``username``, ``display_name``, ``email``) where a value is impossible or the name is taken.
    """
    username, display_name = vietnamese.clean(username), vietnamese.clean(display_name)
    email = vietnamese.clean(email or "") or None
    _check_words(username, display_name, email)
    if queries.account_by_username(session, username) is not None:
        raise Refused(phrase("Tên đăng nhập “%(username)s” đã có người dùng; đồng chí chọn tên khác.", username=username), "username")
    if password is not None:
        password_hash = credentials.hash_password(password)
    account = Account(
        username=username,
        username_key=username_key(username),
        display_name=display_name,
        folded=vietnamese.fold(f"{display_name} {username}"),
        email=email,
        phone=vietnamese.clean(phone or "") or None,
        password_hash=password_hash,
        password_changed_at=now if password_hash else None,
        active=True,
        demo=demo,
        created_at=now,
    )
    session.add(account)
    session.flush()
    audit.record(
        session,
        actor,
        "account.created",
        f"Lập tài khoản {username} cho {display_name}.",
        now=now,
        authority_id=authority_id,
        subject=("account", account.id),
    )
    return account


def _check_words(username: str, display_name: str, email: str | None) -> None:
    if problem := username_problem(username):
        raise Refused(problem, "username")
    if not display_name:
        raise Refused("Họ và tên còn trống.", "display_name")
    if email and (problem := email_problem(email)):
        raise Refused(problem, "email")


def change_profile(
    session: Session,
    actor: Actor,
    account: Account,
    *,
    display_name: str,
    email: str | None,
    phone: str | None,
    version: int,
    now: datetime,
    authority_id: int | None = None,
) -> None:
    """A new name, address or telephone. Raises Refused, or Stale where the form shows an older version.

    ``authority_id``: the authority whose people's page made the change; None where the person did.
    """
    display_name, email, phone = vietnamese.clean(display_name), vietnamese.clean(email or "") or None, vietnamese.clean(phone or "") or None
    if account.version != version:
        raise Stale(
            "Tài khoản này vừa được sửa ở nơi khác; chưa lưu gì cả.",
            theirs={
                phrase("Họ và tên"): account.display_name,
                phrase("Thư điện tử"): account.email or "–",
                phrase("Điện thoại"): account.phone or "–",
            },
            yours={phrase("Họ và tên"): display_name, phrase("Thư điện tử"): email or "–", phrase("Điện thoại"): phone or "–"},
        )
    _check_words(account.username, display_name, email)
    changes = {
        field: (getattr(account, field), value)
        for field, value in (("display_name", display_name), ("email", email), ("phone", phone))
        if getattr(account, field) != value
    }
    if not changes:
        return
    for field, (_old, value) in changes.items():
        setattr(account, field, value)
    account.folded = vietnamese.fold(f"{display_name} {account.username}")
    audit.record(
        session,
        actor,
        "account.changed",
        f"Sửa thông tin tài khoản {account.username}.",
        now=now,
        authority_id=authority_id,
        subject=("account", account.id),
        changes=changes,
    )


def set_password(session: Session, actor: Actor, account: Account, password_hash: str, *, now: datetime, real_now: datetime) -> None:
    """A new password (hashed beforehand, outside the transaction). Every session dies and every unspent code with it."""
    account.password_hash = password_hash
    account.password_changed_at = now
    end_all_sessions(session, account.id, real_now)
    session.execute(update(OneTimeCode).where(OneTimeCode.account_id == account.id, OneTimeCode.used_at.is_(None)).values(used_at=now))
    audit.record(
        session,
        actor,
        "account.password",
        f"Đặt mật khẩu mới cho tài khoản {account.username}.",
        now=now,
        authority_id=None,
        subject=("account", account.id),
    )


def check_new_password(password: str, username: str) -> None:
    """Raises Refused (field ``password``) where it is too weak."""
    if problem := password_problem(password, username):
        raise Refused(problem, "password")


def set_active(
    session: Session, actor: Actor, account: Account, active: bool, *, now: datetime, real_now: datetime, authority_id: int | None
) -> None:
    """Switches an account on or off. Off, its sessions die at once."""
    if account.active == active:
        return
    account.active = active
    if not active:
        end_all_sessions(session, account.id, real_now)
    words = "Mở lại" if active else "Khóa"
    audit.record(
        session,
        actor,
        "account.enabled" if active else "account.disabled",
        f"{words} tài khoản {account.username}.",
        now=now,
        authority_id=authority_id,
        subject=("account", account.id),
        changes={"active": (not active, active)},
    )


def note_try(session: Session, key: str, address: str, real_now: datetime) -> int:
    """Counts a try before it is judged, so that parallel guesses cannot slip past the throttle. Commit before ``check_tries``."""
    session.execute(delete(SignInFailure).where(SignInFailure.at < real_now - FAILURES_KEPT))
    noted = SignInFailure(username_key=key, address=address, at=real_now)
    session.add(noted)
    session.flush()
    return noted.id


def check_tries(session: Session, try_id: int, key: str, address: str, real_now: datetime) -> None:
    """Raises TooManyTries. A refused try is not counted: whoever waits gets in, however often somebody else knocks."""
    under_name, in_all = queries.failures(session, key, address, real_now)
    if under_name <= FAILURES_PER_NAME and in_all <= FAILURES_IN_ALL:
        return
    session.execute(delete(SignInFailure).where(SignInFailure.id == try_id))
    minutes = THROTTLE_WINDOW // timedelta(minutes=1)
    raise TooManyTries(phrase("Đã thử sai quá nhiều lần. Đồng chí chờ %(minutes)s phút rồi thử lại.", minutes=minutes))


def forgive_tries(session: Session, key: str, address: str) -> None:
    """After a success the count begins anew."""
    session.execute(delete(SignInFailure).where(SignInFailure.username_key == key, SignInFailure.address == address))


def credential_for(session: Session, username: str, *, production: bool) -> Credential:
    """What to compare the password with. Demo accounts cannot sign in in production."""
    account = queries.account_by_username(session, username)
    if account is None or not account.active or (production and account.demo):
        return Credential(None, None)
    return Credential(account.id, account.password_hash)


def open_session(session: Session, account: Account, *, old_token: str | None, now: datetime, real_now: datetime) -> str:
    """Signs in: a fresh token, and the browser's former one dies. Returns the token; only its hash is kept."""
    if old_token:
        close_session(session, old_token, real_now)
    token = credentials.new_token()
    session.add(
        UserSession(
            account_id=account.id, token_hash=credentials.token_hash(token), created_at=real_now, seen_at=real_now, expires_at=real_now + SESSION_LIFE
        )
    )
    audit.record(
        session,
        Actor(account.id, account.display_name),
        "account.signed_in",
        f"{account.display_name} đăng nhập.",
        now=now,
        authority_id=None,
        subject=("account", account.id),
    )
    session.flush()
    return token


def close_session(session: Session, token: str, real_now: datetime) -> None:
    """The token is worth nothing from now on."""
    session.execute(
        update(UserSession)
        .where(UserSession.token_hash == credentials.token_hash(token), UserSession.revoked_at.is_(None))
        .values(revoked_at=real_now)
    )


def sign_out(session: Session, actor: Actor, token: str, *, now: datetime, real_now: datetime) -> None:
    """Ends the session of the browser before us."""
    close_session(session, token, real_now)
    assert actor.account_id is not None
    audit.record(session, actor, "account.signed_out", f"{actor.words} đăng xuất.", now=now, authority_id=None, subject=("account", actor.account_id))


def end_other_sessions(session: Session, actor: Actor, session_id: int, *, now: datetime, real_now: datetime) -> None:
    """Ends every session of one's own but this one."""
    assert actor.account_id is not None
    end_all_sessions(session, actor.account_id, real_now, but=session_id)
    words = "Kết thúc mọi phiên đăng nhập khác."
    audit.record(session, actor, "account.session_ended", words, now=now, authority_id=None, subject=("account", actor.account_id))


def end_session(session: Session, actor: Actor, row: UserSession, *, now: datetime, real_now: datetime) -> None:
    """Ends one of one's own sessions."""
    row.revoked_at = real_now
    audit.record(
        session, actor, "account.session_ended", "Kết thúc một phiên đăng nhập.", now=now, authority_id=None, subject=("account", row.account_id)
    )


def end_all_sessions(session: Session, account_id: int, real_now: datetime, *, but: int | None = None) -> None:
    """Ends every session of a person, ``but`` perhaps one."""
    which = [UserSession.account_id == account_id, UserSession.revoked_at.is_(None)]
    if but is not None:
        which.append(UserSession.id != but)
    session.execute(update(UserSession).where(*which).values(revoked_at=real_now))


def touch_session(session: Session, session_id: int, real_now: datetime) -> None:
    """Keeps a used session from dying of idleness."""
    session.execute(update(UserSession).where(UserSession.id == session_id).values(seen_at=real_now))


def print_code(session: Session, actor: Actor, account: Account, *, now: datetime, authority_id: int | None) -> str:
    """A one-time code to be printed and handed over. It is shown once; only its hash is kept. Earlier codes die."""
    session.execute(update(OneTimeCode).where(OneTimeCode.account_id == account.id, OneTimeCode.used_at.is_(None)).values(used_at=now))
    code = credentials.new_printed_code()
    purpose = CodePurpose.RESET if account.password_hash else CodePurpose.INVITATION
    add_code(session, account, purpose, code, now=now, life=PRINTED_LIFE)
    audit.record(
        session,
        actor,
        "account.code_printed",
        f"In mã một lần cho tài khoản {account.username}.",
        now=now,
        authority_id=authority_id,
        subject=("account", account.id),
    )
    return code


def add_code(session: Session, account: Account, purpose: CodePurpose, code: str, *, now: datetime, life: timedelta) -> OneTimeCode:
    """Keeps the hash of a code."""
    row = OneTimeCode(
        account_id=account.id, purpose=purpose, code_hash=credentials.code_hash(code), created_at=now, expires_at=now + life, used_at=None
    )
    session.add(row)
    session.flush()
    return row


def spend_code(session: Session, code: str, password_hash: str, *, now: datetime, real_now: datetime) -> Account:
    """Sets the password a code allows. The database decides who was first: of two at once only one succeeds.

    Raises Refused (field ``code``) where the code is unknown, spent or expired.
    """
    taken = session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.code_hash == credentials.code_hash(code), OneTimeCode.used_at.is_(None), OneTimeCode.expires_at > now)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(taken, CursorResult)
    account = session.scalars(
        select(Account)
        .join(OneTimeCode, OneTimeCode.account_id == Account.id)
        .where(OneTimeCode.code_hash == credentials.code_hash(code), Account.active)
        .order_by(Account.id)
    ).first()
    if taken.rowcount != 1 or account is None:
        raise Refused("Mã này không đúng, đã dùng hoặc đã hết hạn. Đồng chí nhờ người quản trị cấp mã mới.", "code")
    set_password(session, Actor(account.id, account.display_name), account, password_hash, now=now, real_now=real_now)
    return account


def refuse_demo_accounts(session: Session) -> None:
    """Called at the first request of a production process. Raises RuntimeError where a demo account could sign in."""
    count = queries.active_demo_accounts(session)
    if count:
        raise RuntimeError(f"Cơ sở dữ liệu còn {count} tài khoản trình diễn đang mở; không chạy thật với chúng. Khóa hoặc dùng cơ sở dữ liệu khác.")
