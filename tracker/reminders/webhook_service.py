"""Listeners made and changed, and what happened queued for them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit import queries as audit_queries
from tracker.audit import service as audit
from tracker.audit.rules import SYSTEM, Actor
from tracker.kernel import clock
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.words import phrase
from tracker.mail import service as mail
from tracker.mail.hook_rules import place_of
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import Dropped, Posted
from tracker.reminders import webhook_access as access
from tracker.reminders import webhook_queries as queries
from tracker.reminders.webhook_models import Webhook
from tracker.reminders.webhook_rules import (
    EVENT,
    FAILING_FOR,
    FAILURES_IN_A_ROW,
    MOST_WEBHOOKS,
    PING,
    PING_TYPE,
    USEFUL_FOR,
    Told,
    body_of,
    event_key,
    keys_of,
    kinds_words,
    ping_body,
    secret_of,
    told_of,
)
from tracker.units import access as units
from tracker.units.models import Authority


def make(session: Session, actor: Actor, authority: Authority, url: str, kinds: list[str], *, now: datetime, real_now: datetime) -> Webhook:
    """A listener that hears of what is sealed from now on. ``url`` and ``kinds`` were checked. Raises Refused (field ``url``) for a second one."""
    # Two requests at once wait here for each other, so that neither passes the limit or makes the same one unseen.
    units.hold(session, authority.id)
    _expect_new(session, url, None)
    if len(queries.webhooks(session)) >= MOST_WEBHOOKS:
        raise Refused(phrase("Cơ quan đã có %(most_webhooks)s nơi nhận; đồng chí sửa một nơi không dùng nữa.", most_webhooks=MOST_WEBHOOKS))
    hook = Webhook(
        authority_id=authority.id,
        url=url,
        nonce=_nonce(),
        kinds=kinds,
        active=True,
        announced=queries.last_seal_number(session, authority.id),
        watched_from=real_now,
        created_at=now,
    )
    session.add(hook)
    session.flush()
    _record(session, actor, hook, "made", f"Thêm nơi nhận {_host(hook)}: {kinds_words(kinds)}.", now)
    return hook


def change(
    session: Session, actor: Actor, hook: Webhook, url: str, kinds: list[str], active: bool, *, version: int, now: datetime, real_now: datetime
) -> bool:
    """Saves the form. Switched on again, it hears of what is sealed from then on, not of what it missed. Returns whether anything changed.

    Raises Stale with both versions, and Refused (field ``url``) for an address another listener has.
    """
    hook = access.locked(session, hook.id)
    if version != hook.version:
        raise Stale("Nơi nhận này vừa được người khác lưu; chưa lưu gì cả.", _words(hook.url, hook.kinds, hook.active), _words(url, kinds, active))
    before, after = _words(hook.url, hook.kinds, hook.active), _words(url, kinds, active)
    if (hook.url, hook.kinds, hook.active) == (url, kinds, active):
        return False
    _expect_new(session, url, hook.id)
    if active and not hook.active:
        hook.announced, hook.off_reason = queries.last_seal_number(session, hook.authority_id), None
    if not active and hook.active:
        hook.off_reason = None
    hook.url, hook.kinds, hook.active, hook.watched_from = url, kinds, active, real_now
    hook.version += 1
    changed = {label: (before[label], after[label]) for label in after if before[label] != after[label]}
    _record(session, actor, hook, "changed", f"Sửa nơi nhận {_host(hook)}: {', '.join(changed).lower()}.", now, changed)
    return True


def rotate(session: Session, actor: Actor, hook: Webhook, *, version: int, now: datetime) -> Webhook:
    """Gives a listener another secret; the one before signs nothing any more. Raises Stale where somebody changed the listener meanwhile."""
    hook = access.locked(session, hook.id)
    if version != hook.version:
        shown = _words(hook.url, hook.kinds, hook.active)
        raise Stale("Nơi nhận này vừa được người khác lưu; khóa bí mật chưa đổi.", shown, {phrase("Khóa bí mật"): phrase("Đổi khóa mới")})
    hook.nonce = _nonce()
    hook.version += 1
    _record(session, actor, hook, "rotated", f"Đổi khóa bí mật của nơi nhận {_host(hook)}.", now)
    return hook


def ping(session: Session, actor: Actor, hook: Webhook, *, now: datetime) -> bool:
    """Queues a try. One a minute is enough: False where it is queued already."""
    key = f"{keys_of(hook.id)}{PING_TYPE}:{now.astimezone(clock.ZONE):%Y%m%d%H%M}"
    queued = _queue(session, hook, PING, key, {"webhook": hook.id}, now)
    if queued:
        _record(session, actor, hook, "pinged", f"Gửi thử tới nơi nhận {_host(hook)}.", now)
    return queued


def announce(session: Session, webhook_id: int, *, now: datetime) -> int | None:
    """Queues the events of the next seal of the chain. Returns how many; None where there is no further seal. The caller commits, and calls again.

    An event that was committed late got a later seal, so that none is skipped. Two processes wait for each other at the row.
    """
    hook = access.locked(session, webhook_id)
    seals = audit_queries.seals_after(session, hook.authority_id, hook.announced, 1) if hook.active else []
    if not seals:
        return None
    queued = 0
    for event in list(audit_queries.events_of(session, [seal.id for seal in seals])):
        if told_of(event) in hook.kinds:
            queued += _queue(session, hook, EVENT, event_key(hook.id, event.id), {"webhook": hook.id, "event": event.id}, now)
    hook.announced = seals[-1].number
    return queued


def judge(session: Session, webhook_id: int, *, now: datetime, real_now: datetime) -> bool:
    """Switches a listener off that says it is gone, or that took nothing for so long. Returns whether it did."""
    hook = access.locked(session, webhook_id)
    found = queries.failing(session, hook, clock.local_day(now))
    if not hook.active:
        return False
    if found.gone:
        reason = "Nơi nhận trả lời 410: không còn nhận nữa."
    elif found.tries >= FAILURES_IN_A_ROW and found.since is not None and found.since <= real_now - FAILING_FOR:
        reason = f"{found.tries} lần gửi liền không được lần nào trong hơn một ngày."
    else:
        return False
    hook.active, hook.off_reason = False, reason
    hook.version += 1
    _record(session, SYSTEM, hook, "switched_off", f"Tắt nơi nhận {_host(hook)}. {reason}", now)
    return True


def written(session: Session, message: OutboxMessage, now: datetime, key: str) -> Posted | Dropped:
    """A message read again at the moment of sending. ``key`` is the installation's. What is switched off is told nothing but a try."""
    hook = session.scalars(select(Webhook).where(Webhook.id == message.payload["webhook"])).one_or_none()
    if hook is None or hook.authority_id != message.authority_id or (message.kind == EVENT and not hook.active):
        return Dropped("Nơi nhận đã tắt.")
    authority = session.get_one(Authority, hook.authority_id)
    whose, secret = Told(authority.slug, authority.name), secret_of(key, hook.id, hook.nonce)
    if message.kind == PING:
        return Posted(PING_TYPE, ping_body(message.id, now, whose), headers={"X-DonDoc-Event": PING_TYPE}, url=hook.url, secret=secret)
    event = queries.event(session, hook.authority_id, message.payload["event"])
    if event is None or told_of(event) not in hook.kinds:
        return Dropped("Nơi nhận không còn nghe loại sự kiện này.")
    return Posted(event.action, body_of(event, whose), headers={"X-DonDoc-Event": event.action}, url=hook.url, secret=secret)


def _queue(session: Session, hook: Webhook, kind: str, dedupe_key: str, payload: dict[str, int], now: datetime) -> bool:
    host = _host(hook)
    queued = mail.queue(
        session,
        mail.Outgoing(
            kind=kind,
            dedupe_key=dedupe_key,
            to_address=host,
            to_name=host,
            payload=payload,
            planned_on=clock.local_day(now),
            authority_id=hook.authority_id,
            expires_at=now + USEFUL_FOR,
        ),
        now,
    )
    return queued is not None


def _expect_new(session: Session, url: str, own: int | None) -> None:
    if any(one.url == url and one.id != own for one in queries.webhooks(session)):
        raise Refused("Cơ quan đã có nơi nhận với địa chỉ này; đồng chí sửa nơi nhận ấy.", "url")


def _words(url: str, kinds: Sequence[str], active: bool) -> dict[str, str]:
    return {
        phrase("Địa chỉ nhận"): url,
        phrase("Loại sự kiện"): kinds_words(kinds),
        phrase("Tình trạng"): phrase("Đang gửi") if active else phrase("Đã tắt"),
    }


def _host(hook: Webhook) -> str:
    return place_of(hook.url)


def _nonce() -> str:
    return secrets.token_hex(32)


def _record(
    session: Session, actor: Actor, hook: Webhook, what: str, summary: str, now: datetime, changes: dict[str, tuple[str, str]] | None = None
) -> None:
    audit.record(session, actor, f"webhook.{what}", summary, now=now, authority_id=hook.authority_id, subject=("webhook", hook.id), changes=changes)
