"""Changing the policy of chasing. What is queued already goes as it was planned."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.kernel.errors import Stale
from tracker.kernel.words import phrase
from tracker.reminders import queries
from tracker.reminders.models import ReminderPolicy
from tracker.reminders.policy_rules import Policy
from tracker.units import access as units
from tracker.units.models import Authority


def choose(session: Session, actor: Actor, authority: Authority, policy: Policy, *, version: int, now: datetime) -> bool:
    """Puts a policy in force from the next planning on. ``version`` as the form showed it, 0 for the usual one.

    Returns whether anything changed; raises Stale with both policies where somebody saved another one meanwhile.
    """
    # Two people who choose for the first time have no row to be stale against: they wait for the authority's own.
    units.hold(session, authority.id)
    row = queries.policy_row(session)
    before = queries.policy_of(row)
    if version != (row.version if row else 0):
        raise Stale(
            "Chính sách nhắc vừa được người khác lưu; chưa lưu gì cả.",
            theirs={phrase("Chính sách"): before.words},
            yours={phrase("Chính sách"): policy.words},
        )
    if policy == before:
        return False
    if row is None:
        row = ReminderPolicy(authority_id=authority.id)
        session.add(row)
    for name, value in queries.columns_of(policy).items():
        setattr(row, name, value)
    words = f"Đổi chính sách nhắc. Trước: {before.words} Nay: {policy.words}"
    audit.record(session, actor, "reminders.policy", words, now=now, authority_id=authority.id)
    session.flush()
    return True
