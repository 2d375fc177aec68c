"""Lending one's roles for some days, and calling that off."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.kernel.clock import local_day
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.vietnamese import clean, date_vn
from tracker.kernel.words import phrase
from tracker.units import deputy_queries as deputies
from tracker.units.deputy_models import Deputy
from tracker.units.deputy_rules import Terms, problem
from tracker.units.models import Authority


def appoint(session: Session, actor: Actor, authority: Authority, principal: Account, acting: Account, terms: Terms, now: datetime) -> Deputy:
    """Gives somebody the principal's roles for some days. Raises Refused with the field at fault."""
    terms = Terms(terms.valid_from, terms.valid_to, clean(terms.reason), terms.unit_id)
    if principal.id == acting.id:
        raise Refused("Không tự ủy quyền cho chính mình; đồng chí chọn người khác.", field="acting")
    wrong = problem(terms, local_day(now), deputies.held(session, principal.id, terms.valid_from))
    if wrong:
        raise Refused(wrong.message, field=wrong.field)
    if not deputies.held(session, acting.id, terms.valid_from):
        raise Refused(
            phrase(
                "%(acting)s không còn vai trò nào trong cơ quan vào ngày %(valid_from)s.",
                acting=acting.display_name,
                valid_from=date_vn(terms.valid_from),
            ),
            field="acting",
        )
    known = deputies.overlapping(session, principal.id, acting.id, terms.valid_from, terms.valid_to)
    if known is not None:
        days = phrase("từ %(valid_from)s đến hết %(valid_to)s", valid_from=date_vn(known.valid_from), valid_to=date_vn(known.valid_to))
        raise Refused(
            phrase("%(acting)s đã được ủy quyền %(days)s; đồng chí thu hồi lần ấy trước.", acting=acting.display_name, days=days), field="acting"
        )
    row = Deputy(
        authority_id=authority.id,
        account_id=principal.id,
        deputy_account_id=acting.id,
        unit_id=terms.unit_id,
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        reason=terms.reason,
        recorded_at=now,
        recorded_by=actor.words,
    )
    session.add(row)
    session.flush()
    words = f"Ủy quyền của {principal.display_name} cho {acting.display_name} từ {date_vn(terms.valid_from)} đến hết {date_vn(terms.valid_to)}"
    _tell(session, actor, row, "appointed", f"{words}: {terms.reason}", now)
    return row


def revoke(session: Session, actor: Actor, row: Deputy, version: int, now: datetime) -> None:
    """Thu hồi, at once. Raises Stale, Refused where it is over."""
    if row.version != version:
        raise Stale(
            "Ủy quyền này vừa được người khác xử lý sau khi đồng chí mở trang. Chưa lưu gì cả; đồng chí xem lại rồi làm tiếp.",
            theirs={phrase("Ủy quyền"): phrase("Đã thu hồi") if row.revoked_at else phrase("Đang có hiệu lực")},
            yours={phrase("Ủy quyền"): phrase("Thu hồi")},
        )
    if row.revoked_at is not None or row.valid_to < local_day(now):
        raise Refused("Ủy quyền này đã hết hiệu lực.")
    row.revoked_at, row.revoked_by = now, actor.words
    _tell(session, actor, row, "revoked", "Thu hồi ủy quyền, có hiệu lực ngay.", now)
    session.flush()


def _tell(session: Session, actor: Actor, row: Deputy, what: str, words: str, now: datetime) -> None:
    for account_id in (row.account_id, row.deputy_account_id):
        audit.record(session, actor, f"deputy.{what}", words, now=now, authority_id=row.authority_id, subject=("account", account_id))
