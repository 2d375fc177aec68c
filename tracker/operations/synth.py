"""A synthetic country: believable authorities of any number, for tests of scale. The same seed and day give the same country."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.deadlines import queries as deadlines
from tracker.operations import synth_place, synth_progress, synth_set
from tracker.operations.synth_place import UNITS
from tracker.units.models import Authority

COUNTED = ("authorities", "units", "accounts", "indicators", "assignments", "tasks", "proofs", "reminders", "events")


def make(session: Session, authorities: int, seed: int, now: datetime, *, password_hash: str | None = None) -> dict[str, int]:
    """Makes authorities ``tong-hop-0001`` … up to ``authorities``, 400 tasks each; those that exist are left alone. Returns counts of new rows.

    Needs the whole installation as scope; the caller commits. Without ``password_hash`` nobody of them can sign in.
    An authority depends on ``seed``, its number and ``now`` alone, not on how many others are made.
    """
    counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
    there = set(session.scalars(select(Authority.slug).where(Authority.slug.like("tong-hop-%")).order_by(Authority.slug)))
    set_id, leaves = synth_set.leaves(session, now)
    calendar = deadlines.working_calendar(session)
    for number in range(1, authorities + 1):
        if synth_place.slug_of(number) in there:
            continue
        if counts["authorities"].bit_count() == 1:
            _replan(session)
        rng = Random(f"{seed}/{number}")  # noqa: S311 - believable, not secret
        place = synth_place.found(session, number, set_id, leaves, password_hash, rng, now)
        made = synth_progress.unfold(session, place, calendar, rng, now)
        counts.update(
            authorities=1,
            units=len(UNITS),
            accounts=place.accounts,
            indicators=len(leaves),
            assignments=place.assignments,
            tasks=made.tasks,
            proofs=made.proofs,
            reminders=made.reminders,
            events=made.events,
        )
    counts["indicators"] = len(leaves)
    return dict(counts)


def _replan(session: Session) -> None:
    """PostgreSQL keeps the plans of foreign key checks as long as a connection lives: those made for small tables read large ones from end to end."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE")
