"""The calendar as it is shipped, for tests that touch no database."""

from __future__ import annotations

import csv
import functools
from datetime import date
from pathlib import Path

from tracker.deadlines.calendar_rules import STATUTORY, Certainty, DayKind, WorkingCalendar

FOLDER = Path(__file__).resolve().parents[2] / "seeds" / "calendar"


@functools.cache
def shipped_calendar() -> WorkingCalendar:
    """Every year of ``seeds/calendar``."""
    days, names, provisional = {}, {}, set()
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                day = date.fromisoformat(row["date"])
                days[day], names[day] = DayKind(row["kind"]), row["name"]
                if row["certainty"] != Certainty.OFFICIAL:
                    provisional.add(day.year)
    listed = frozenset(day.year for day in days)
    return WorkingCalendar(days, listed - provisional, names, listed, STATUTORY)
