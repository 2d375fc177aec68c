"""Reads of listeners, of what they were sent, and of how the tries at it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from tracker.audit import queries as audit
from tracker.audit.models import AuditEvent
from tracker.mail.models import MailAttempt, OutboxMessage
from tracker.mail.rules import Outcome
from tracker.reminders.webhook_models import Webhook
from tracker.reminders.webhook_rules import KIND_WORDS, USEFUL_FOR, keys_of

#: How far back deliveries are shown.
SHOWN = timedelta(days=30)


def webhooks(session: Session) -> list[Webhook]:
    """Those of the authority in scope, in the order they were made."""
    return list(session.scalars(select(Webhook).order_by(Webhook.id)))


def active_ids(session: Session) -> list[int]:
    """Those that are told something."""
    return list(session.scalars(select(Webhook.id).where(Webhook.active).order_by(Webhook.id)))


def authorities_that_tell(session: Session) -> list[int]:
    """Who has a listener that is switched on. Only for jobs, whose scope is the whole installation."""
    return list(session.scalars(select(Webhook.authority_id).where(Webhook.active).distinct().order_by(Webhook.authority_id)))


def last_seal_number(session: Session, authority_id: int) -> int:
    """Where an authority's chain ends now; 0 before its first seal."""
    last = audit.last_seal(session, authority_id)
    return last.number if last else 0


def event(session: Session, authority_id: int, event_id: int) -> AuditEvent | None:
    """An event of this authority."""
    return session.scalars(select(AuditEvent).where(AuditEvent.id == event_id, AuditEvent.authority_id == authority_id)).one_or_none()


def deliveries(session: Session, hook: Webhook, since: date, limit: int = 50) -> list[OutboxMessage]:
    """What a listener was sent or is to be sent, newest first."""
    return list(session.scalars(select(OutboxMessage).where(_of(hook, since)).order_by(OutboxMessage.id.desc()).limit(limit)))


@dataclass(frozen=True, slots=True)
class Failing:
    """The tries since the last success: how many, since when (real clock), and what the last one was told."""

    tries: int = 0
    since: datetime | None = None
    gone: bool = False


def failing(session: Session, hook: Webhook, today: date) -> Failing:
    """How the tries at a listener have failed since it was last changed and since its last success."""
    ended = select(MailAttempt).join(OutboxMessage, OutboxMessage.id == MailAttempt.outbox_message_id)
    tries = ended.where(_of(hook, today - 2 * USEFUL_FOR), MailAttempt.started_at >= hook.watched_from)
    good = session.scalar(tries.where(MailAttempt.outcome == Outcome.OK).with_only_columns(func.max(MailAttempt.started_at)))
    bad = tries.where(MailAttempt.outcome.in_([Outcome.TEMPORARY, Outcome.PERMANENT, Outcome.UNKNOWN]))
    if good is not None:
        bad = bad.where(MailAttempt.started_at > good)
    count, since = session.execute(bad.with_only_columns(func.count(MailAttempt.id), func.min(MailAttempt.started_at))).one()
    gone = bad.where(MailAttempt.outcome == Outcome.PERMANENT, MailAttempt.detail.startswith("410 ")).with_only_columns(MailAttempt.id)
    return Failing(count, since, session.scalar(gone.limit(1)) is not None)


def _of(hook: Webhook, since: date) -> ColumnElement[bool]:
    """Messages of one listener. The outbox is the installation's: the authority stands in every question."""
    return and_(
        OutboxMessage.authority_id == hook.authority_id,
        OutboxMessage.planned_on >= since,
        OutboxMessage.kind.in_(list(KIND_WORDS)),
        OutboxMessage.dedupe_key.startswith(keys_of(hook.id), autoescape=True),
    )
