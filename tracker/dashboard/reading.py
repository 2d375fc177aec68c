"""What every page of this room reads first: the day, the calendar, and who is looking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from tracker.deadlines import queries as deadlines
from tracker.deadlines.calendar_rules import WorkingCalendar
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
    today: date
    calendar: WorkingCalendar
    horizon: Horizon

    @property
    def seen_by(self) -> Viewer | None:
        return None if self.viewer.may(Action.SEE_ALL_TASKS) else self.viewer


def reading() -> Reading:
    """The reading of this request."""
    here, session, today = desk(), db.session(), clock.today()
    calendar = deadlines.working_calendar(session)
    return Reading(session, here.authority, here.viewer, today, calendar, Horizon.of(calendar, today, here.authority))
