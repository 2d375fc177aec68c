"""What every page of this room reads first: the day, the calendar, and who is looking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.deadlines import queries as deadlines
from tracker.deadlines.rules import WorkingCalendar
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.tasks.rules import Horizon
from tracker.units.current import desk
from tracker.units.models import Authority
from tracker.units.rules import Action, Viewer


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at one authority. ``seen_by`` is None for who may see every task."""

    session: Session
    authority: Authority
    viewer: Viewer
    now: datetime
    today: date
    calendar: WorkingCalendar
    horizon: Horizon

    @property
    def seen_by(self) -> Viewer | None:
        return None if self.viewer.may(Action.SEE_ALL_TASKS) else self.viewer


def reading() -> Reading:
    """The reading of this request."""
    here, session, now = desk(), db.session(), clock.now()
    calendar = deadlines.working_calendar(session)
    today = clock.local_day(now)
    return Reading(session, here.authority, here.viewer, now, today, calendar, Horizon.of(calendar, today, here.authority.due_soon_days))
