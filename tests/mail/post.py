"""What tests of the sender share: a kind of mail without a story, and an outbox full of it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy.orm import Session

from tracker.kernel import clock
from tracker.kernel.database import db, writing
from tracker.mail import service
from tracker.mail.delivery import Sender, Tally
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import LEASE, Dropped, Prepared
from tracker.mail.transport import SmtpTransport

KIND = "test.plain"


def prepare(_session: Session, message: OutboxMessage, _now: datetime) -> Prepared | Dropped:
    """``payload`` may ask for trouble."""
    if "drop" in message.payload:
        return Dropped(message.payload["drop"])
    if "raise" in message.payload:
        raise ValueError(message.payload["raise"])
    return Prepared(
        message.payload.get("subject", "Đôn Đốc: thư thử"), message.payload.get("text", "Kính gửi đồng chí."), "<p>Kính gửi đồng chí.</p>"
    )


service.register(KIND, prepare)


def fill(session: Session, addresses: Iterable[str], **payload: str) -> list[OutboxMessage]:
    """One waiting message to each address; committed."""
    now = clock.now()
    queued = [
        service.queue(
            session,
            service.Outgoing(
                kind=KIND,
                dedupe_key=f"test:{address}",
                to_address=address,
                to_name="Đồng chí",
                payload=dict(payload),
                planned_on=clock.local_day(now),
            ),
            now,
        )
        for address in addresses
    ]
    session.commit()
    return [message for message in queued if message is not None]


def smtp(app: Flask, port: int) -> SmtpTransport:
    """The real transport, to a sink."""
    return SmtpTransport({**app.config, "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": port})


def send(app: Flask, port: int, *, lease: timedelta = LEASE, limit: int | None = None, rate: int = 0, stop: threading.Event | None = None) -> Tally:
    """One run of one sender."""
    with app.app_context():
        try:
            sender = Sender(db.engine, db.session(), smtp(app, port), rate_per_minute=rate, lease=lease, stop=stop or threading.Event())
            return sender.run(limit)
        finally:
            db.session.remove()


def hurry(session: Session) -> None:
    """Lets every waiting message go at once: what back-off would have waited for has passed."""
    with writing():
        session.rollback()
        for message in session.query(OutboxMessage).order_by(OutboxMessage.id):
            message.not_before = clock.real_now() - timedelta(seconds=1)
        session.commit()
