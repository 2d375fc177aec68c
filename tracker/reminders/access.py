"""Which reminder messages a page may name: those of the authority in its address."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.errors import NotFound
from tracker.mail.models import OutboxMessage
from tracker.reminders.queries import KINDS
from tracker.units.models import Authority


def message(session: Session, authority: Authority, message_id: int) -> OutboxMessage:
    """Raises NotFound for one of another authority, and for mail that is no reminder: it may hold a code of somebody's."""
    query = select(OutboxMessage).where(OutboxMessage.id == message_id, OutboxMessage.authority_id == authority.id, OutboxMessage.kind.in_(KINDS))
    found = session.scalars(query.order_by(OutboxMessage.id)).one_or_none()
    if found is None:
        raise NotFound("Không có thư nhắc này.")
    return found
