"""The only way to fetch an account or a session by id."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tracker.accounts.models import Account, UserSession
from tracker.kernel.errors import NotFound


def account(session: Session, account_id: int) -> Account:
    """One's own account, or one that a membership of one's authority leads to (units.access checks that). Raises NotFound."""
    found = session.get(Account, account_id)
    if found is None:
        raise NotFound("Không tìm thấy tài khoản này.")
    return found


def session_of(session: Session, account_id: int, session_id: int) -> UserSession:
    """A session of this very person. Raises NotFound for anybody else's."""
    found = session.get(UserSession, session_id)
    if found is None or found.account_id != account_id:
        raise NotFound("Không tìm thấy phiên đăng nhập này.")
    return found
