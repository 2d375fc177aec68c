"""The calendar as it is shipped, for tests that touch no database."""

from __future__ import annotations

import csv
import functools
from datetime import date
from pathlib import Path

from tracker.deadlines.rules import DayKind, WorkingCalendar

FOLDER = Path(__file__).resolve().parents[2] / "seeds" / "calendar"


@functools.cache
def shipped_calendar() -> WorkingCalendar:
    """2024 to 2027, from ``seeds/calendar``."""
    days = {}
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            days |= {date.fromisoformat(row["date"]): DayKind(row["kind"]) for row in csv.DictReader(lines)}
    return WorkingCalendar(days)
