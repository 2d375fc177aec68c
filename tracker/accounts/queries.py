"""Reads of accounts, sessions, codes and failures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from tracker.accounts import credentials
from tracker.accounts.models import Account, OneTimeCode, SignInFailure, UserSession
from tracker.accounts.rules import SESSION_IDLE, THROTTLE_WINDOW, username_key


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person behind a session token."""

    session_id: int
    account_id: int
    username: str
    display_name: str
    demo: bool
    seen_at: datetime


#: Asked on every request, so built once.
_SIGNED_IN = (
    select(UserSession.id, Account.id, Account.username, Account.display_name, Account.demo, UserSession.seen_at)
    .join(Account, Account.id == UserSession.account_id)
    .where(
        UserSession.token_hash == bindparam("token_hash"),
        UserSession.revoked_at.is_(None),
        UserSession.expires_at > bindparam("now"),
        UserSession.seen_at > bindparam("idle_since"),
        Account.active,
    )
    .order_by(UserSession.id)
)


def signed_in(session: Session, token: str, real_now: datetime) -> SignedIn | None:
    """Who holds this token; None where the session is unknown, revoked or expired, or the account switched off. One read."""
    row = session.execute(_SIGNED_IN, {"token_hash": credentials.token_hash(token), "now": real_now, "idle_since": real_now - SESSION_IDLE}).first()
    return SignedIn(*row) if row else None


def account_by_username(session: Session, username: str) -> Account | None:
    """The account of that name, however it is written."""
    return session.scalars(select(Account).where(Account.username_key == username_key(username)).order_by(Account.id)).first()


def accounts_by_username(session: Session, usernames: Iterable[str]) -> dict[str, Account]:
    """key → account, for those that exist."""
    keys = {username_key(u) for u in usernames}
    return {a.username_key: a for a in session.scalars(select(Account).where(Account.username_key.in_(keys)).order_by(Account.id))}


def live_sessions(session: Session, account_id: int, real_now: datetime) -> list[UserSession]:
    """Where the person is signed in now, the last used first."""
    return list(
        session.scalars(
            select(UserSession)
            .where(
                UserSession.account_id == account_id,
                UserSession.revoked_at.is_(None),
                UserSession.expires_at > real_now,
                UserSession.seen_at > real_now - SESSION_IDLE,
            )
            .order_by(UserSession.seen_at.desc(), UserSession.id.desc())
        )
    )


def failures(session: Session, key: str, address: str, real_now: datetime) -> tuple[int, int]:
    """Failures in the window from one address: (under this name, under all names)."""
    row = session.execute(
        select(
            func.count().filter(SignInFailure.username_key == key),
            func.count(),
        ).where(SignInFailure.address == address, SignInFailure.at > real_now - THROTTLE_WINDOW)
    ).one()
    return row[0], row[1]


def usable_code(session: Session, typed: str, now: datetime) -> tuple[OneTimeCode, Account] | None:
    """The code and its account where it can still be spent."""
    row = session.execute(
        select(OneTimeCode, Account)
        .join(Account, Account.id == OneTimeCode.account_id)
        .where(OneTimeCode.code_hash == credentials.code_hash(typed), OneTimeCode.used_at.is_(None), OneTimeCode.expires_at > now, Account.active)
        .order_by(OneTimeCode.id)
    ).first()
    return (row[0], row[1]) if row else None


def active_demo_accounts(session: Session) -> int:
    """How many demo accounts could sign in."""
    return session.scalars(select(func.count()).select_from(Account).where(Account.demo, Account.active)).one()
