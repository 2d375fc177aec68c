"""Messages at the moment of sending: checked again and written, each kind by whoever registered it. The poison of one stays with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from tracker.kernel import scope
from tracker.kernel.database import away
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import Checked
from tracker.mail.service import Preparer, kind_of

log = structlog.get_logger(__name__)


def prepared(session: Session, messages: Iterable[OutboxMessage], now: datetime) -> dict[int, Checked | Exception]:
    """By message id. A kind that can reads all its messages together, in the scope of their authorities; the others each in its own."""
    kinds: dict[str, list[OutboxMessage]] = defaultdict(list)
    for message in messages:
        kinds[message.kind].append(message)
    found: dict[int, Checked | Exception] = {}
    for kind, of_kind in kinds.items():
        found.update(_of_kind(session, kind, of_kind, now))
    return found


def _of_kind(session: Session, name: str, messages: Sequence[OutboxMessage], now: datetime) -> dict[int, Checked | Exception]:
    try:
        kind = kind_of(name)
    except LookupError as error:
        return {message.id: error for message in messages}
    found: dict[int, Checked | Exception] = {}
    together = [message for message in messages if message.authority_id is not None]
    if kind.in_bulk is not None and len(together) > 1:
        try:
            with scope.using(session, scope.several({message.authority_id for message in together if message.authority_id is not None})):
                found.update(kind.in_bulk(session, together, now))
        except Exception as error:
            if away(error):
                raise
            log.exception("mails not prepared together; one by one", kind=name)
            session.rollback()
    for message in messages:
        if message.id not in found:
            found[message.id] = _alone(session, kind.prepare, message, now)
    return found


def _alone(session: Session, prepare: Preparer, message: OutboxMessage, now: datetime) -> Checked | Exception:
    authority_id = message.authority_id
    chosen = scope.whole("a mail that belongs to no authority") if authority_id is None else scope.one(authority_id)
    try:
        with scope.using(session, chosen):
            return prepare(session, message, now)
    except Exception as error:  # the poison of one message stays with it
        if away(error):
            raise
        log.exception("mail not prepared", message=message.id, kind=message.kind)
        session.rollback()
        return error
