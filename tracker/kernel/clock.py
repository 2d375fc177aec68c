"""The one clock of the product.

Read it only at the edges (views, jobs, commands); everything below takes ``now`` or ``today`` as an argument.
Leases, back-off, throttles, sessions and logs run on the real clock: a pretended date must not make a
password expire or a lease live for a year.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

#: Deadlines are local days of Việt Nam: UTC+7 all year, no daylight saving.
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
ONE_DAY = timedelta(days=1)

NOW_VARIABLE = "TRACKER_NOW"
#: The real instant at which TRACKER_NOW was true; lets two processes share one offset.
ANCHOR_VARIABLE = "TRACKER_NOW_ANCHOR"


def real_now() -> datetime:
    """The real instant, aware, UTC."""
    return datetime.now(UTC)


def parse_instant(text: str) -> datetime:
    """Reads an ISO instant; a date alone is its noon, a time without a zone is Vietnamese time.

    Raises ValueError where the text is neither.
    """
    instant = datetime.fromisoformat(text)
    if len(text) == len("2026-11-23"):
        instant = instant.replace(hour=12)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=ZONE)
    return instant.astimezone(UTC)


def _offset() -> timedelta:
    pretended = os.environ.get(NOW_VARIABLE)
    if not pretended:
        return timedelta()
    anchor = os.environ.get(ANCHOR_VARIABLE)
    return parse_instant(pretended) - (parse_instant(anchor) if anchor else _STARTED)


_STARTED = real_now()


def now() -> datetime:
    """The business instant, aware, UTC: the real one, or TRACKER_NOW moving on at the real pace."""
    return real_now() + _offset()


def pretends() -> bool:
    """Whether TRACKER_NOW stands for the real instant."""
    return bool(os.environ.get(NOW_VARIABLE))


def local_day(instant: datetime) -> date:
    """The Vietnamese calendar day an instant falls on."""
    return instant.astimezone(ZONE).date()


def today() -> date:
    """The Vietnamese calendar day of the business instant."""
    return local_day(now())


def noon(day: date) -> datetime:
    """Noon of a Vietnamese day as an instant: what ``--on DATE`` stands for where an instant is needed."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZONE).astimezone(UTC)
