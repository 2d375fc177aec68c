"""Listeners by id, within the authority in scope."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.errors import NotFound
from tracker.reminders.webhook_models import Webhook


def webhook(session: Session, webhook_id: int) -> Webhook:
    """Raises NotFound."""
    row = session.scalars(select(Webhook).where(Webhook.id == webhook_id)).one_or_none()
    if row is None:
        raise NotFound
    return row


def locked(session: Session, webhook_id: int) -> Webhook:
    """The row as it is now, until the transaction ends nobody else's to change. Raises NotFound."""
    wanted = select(Webhook).where(Webhook.id == webhook_id).with_for_update().execution_options(populate_existing=True)
    row = session.scalars(wanted).one_or_none()
    if row is None:
        raise NotFound
    return row
