"""Invitations and resets as mail: queued with a nonce, written at the moment of sending.

The outbox never holds a code. The link is derived from the nonce and the installation's secret key when the message goes out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tracker.accounts import credentials, queries, service
from tracker.accounts.models import Account
from tracker.accounts.rules import INVITATION_LIFE, RESET_LIFE, CodePurpose
from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.kernel import clock, vietnamese
from tracker.mail import service as mail
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import Dropped, Prepared

INVITATION = "account.invitation"
RESET = "account.reset"
#: Whoever fills in the form «Quên mật khẩu» has not said who they are.
NOBODY = Actor(None, "Người chưa đăng nhập")
#: Two requests for a reset within this stretch are one message.
RESET_STEP = timedelta(minutes=5)


def queue_invitation(session: Session, actor: Actor, account: Account, *, key: str, now: datetime, authority_id: int, office: str) -> bool:
    """Mails the person a link to set a first password, or a new one. False where the account has no address."""
    if not account.email:
        return False
    nonce = credentials.new_nonce()
    _queue(
        session, account, INVITATION, f"{INVITATION}:{nonce}", nonce, key=key, now=now, life=INVITATION_LIFE, authority_id=authority_id, office=office
    )
    audit.record(
        session,
        actor,
        "account.invited",
        f"Gửi thư mời cho tài khoản {account.username}.",
        now=now,
        authority_id=authority_id,
        subject=("account", account.id),
    )
    return True


def queue_reset(session: Session, username: str, *, key: str, now: datetime, production: bool) -> None:
    """Mails a reset link where the account exists, is open and has an address. Says nothing either way: the asker must not learn which."""
    account = queries.account_by_username(session, username)
    if account is None or not account.active or not account.email or (production and account.demo):
        return
    step = int(now.timestamp() // RESET_STEP.total_seconds())
    nonce = credentials.new_nonce()
    _queue(session, account, RESET, f"{RESET}:{account.id}:{step}", nonce, key=key, now=now, life=RESET_LIFE, authority_id=None, office=None)
    asked = f"Có người đề nghị đặt lại mật khẩu của tài khoản {account.username}."
    audit.record(session, NOBODY, "account.reset_asked", asked, now=now, authority_id=None, subject=("account", account.id))


def _queue(
    session: Session,
    account: Account,
    kind: str,
    dedupe_key: str,
    nonce: str,
    *,
    key: str,
    now: datetime,
    life: timedelta,
    authority_id: int | None,
    office: str | None,
) -> None:
    assert account.email is not None
    message = mail.queue(
        session,
        mail.Outgoing(
            kind=kind,
            dedupe_key=dedupe_key,
            to_address=account.email,
            to_name=account.display_name,
            payload={"nonce": nonce, "office": office},
            planned_on=clock.local_day(now),
            authority_id=authority_id,
            account_id=account.id,
            expires_at=now + life,
        ),
        now,
    )
    if message is not None:
        purpose = CodePurpose.INVITATION if kind == INVITATION else CodePurpose.RESET
        service.add_code(session, account, purpose, credentials.link_code(key, nonce), now=now, life=life)


def prepare(session: Session, message: OutboxMessage, now: datetime, *, key: str, base_url: str) -> Prepared | Dropped:
    """An invitation or a reset as it goes out; the code in its link is made anew from the message and the installation's key."""
    code = credentials.link_code(key, str(message.payload["nonce"]))
    found = queries.usable_code(session, code, now)
    if found is None:
        return Dropped("Mã đã dùng, đã hết hạn hoặc tài khoản đã khóa.")
    row, account = found
    link = f"{base_url}/code/{code}"
    until = vietnamese.datetime_vn(row.expires_at)
    if row.purpose is CodePurpose.RESET:
        return Prepared(
            subject="Đặt lại mật khẩu Đôn Đốc",
            text=(
                f"Kính gửi đồng chí {account.display_name},\n\n"
                f"Có người đề nghị đặt lại mật khẩu của tài khoản {account.username}. Để đặt mật khẩu mới, đồng chí mở:\n\n{link}\n\n"
                f"Đường dẫn dùng được một lần, đến {until}. Nếu đồng chí không đề nghị thì bỏ qua thư này.\n"
            ),
        )
    return Prepared(
        subject="Mời sử dụng Đôn Đốc",
        text=(
            f"Kính gửi đồng chí {account.display_name},\n\n"
            f"{message.payload['office']} mời đồng chí sử dụng hệ thống theo dõi, đôn đốc bộ chỉ số chuyển đổi số.\n"
            f"Tên đăng nhập: {account.username}\nĐể đặt mật khẩu, đồng chí mở:\n\n{link}\n\n"
            f"Đường dẫn dùng được một lần, đến {until}. Hết hạn thì đồng chí nhờ cơ quan đầu mối gửi lại.\n"
        ),
    )
