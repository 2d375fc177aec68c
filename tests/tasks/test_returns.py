"""What came back: both times are kept and shown, and lateness follows the office's setting."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.deadlines.shipped import shipped_calendar
from tests.factories import Office, World
from tests.page_client import PageClient
from tracker.audit.rules import Actor
from tracker.deadlines import queries as deadlines
from tracker.tasks import queries, service
from tracker.tasks.models import Task
from tracker.tasks.queries import Filters
from tracker.tasks.rules import DONE, Fulfilment, Horizon, Progress, Standing, Timeliness, standing

pytestmark = pytest.mark.db

CALENDAR = shipped_calendar()
UNIT, FOCAL = Actor(None, "Chuyên viên, Phòng Nội vụ"), Actor(None, "Đầu mối")
DUE = date(2026, 11, 14)
SignIn = Callable[..., PageClient]


def at(day: int, hour: int = 9) -> datetime:
    """An hour of a day of November 2026, Vietnamese time."""
    return datetime(2026, 11, day, hour, tzinfo=UTC) - timedelta(hours=7)


def hand_in(session: Session, task: Task, when: datetime) -> None:
    service.mark_ready(session, task, Fulfilment(True), UNIT, when, needs_head=False, is_head=False)


def give_back(session: Session, world: World, when: datetime) -> None:
    service.return_(session, world.task, world.round, "Thiếu chữ ký", FOCAL, when, calendar=CALENDAR, mend_days=3)


def stands(session: Session, world: World, *, late_by_return: bool) -> Standing:
    calendar = deadlines.working_calendar(session)
    horizon = Horizon.of(calendar, date(2026, 12, 1), Office(late_by_return=late_by_return))
    (row,) = queries.listed(session, Filters(task_ids=frozenset({world.task.id})), calendar, horizon)
    return row.standing


@pytest.mark.parametrize(
    ("submitted", "mend", "back", "first_only", "by_return"),
    [
        (13, None, None, 0, 0),
        (16, None, None, 2, 2),
        (13, None, 14, 0, 0),  # returned in good time, back on the last day
        (13, None, 15, 0, 1),  # no days of its own: the deadline itself counts
        (13, 20, 20, 0, 0),  # back on the last day to mend
        (13, 20, 21, 0, 1),
        (13, 20, 30, 0, 10),
        (16, 20, 19, 2, 2),  # the first handing in was late: coming back in time mends nothing
        (16, 20, 27, 2, 7),
        (24, 20, 21, 10, 10),  # the later of the two does not hide the first
        (13, 12, 15, 0, 1),  # a day to mend before the deadline takes nothing away
    ],
)
@pytest.mark.parametrize("status", sorted(DONE))
def test_lateness_of_what_came_back(status: Progress, submitted: int, mend: int | None, back: int | None, first_only: int, by_return: int) -> None:
    for late_by_return, late in ((False, first_only), (True, by_return)):
        found = standing(
            status=status,
            nominal_on=DUE,
            last_on=DUE,
            extended_to_on=None,
            mend_by_on=date(2026, 11, mend) if mend else None,
            submitted_on=date(2026, 11, submitted),
            resubmitted_on=date(2026, 11, back) if back else None,
            calendar=CALENDAR,
            horizon=Horizon.of(CALENDAR, date(2026, 12, 31), Office(late_by_return=late_by_return)),
        )
        assert (found.days_late, found.timeliness) == (late, Timeliness.DONE_LATE if late else Timeliness.DONE_ON_TIME)
        assert found.due_on == DUE


def test_an_extension_moves_the_day_a_return_is_judged_by(session: Session, world: World) -> None:
    hand_in(session, world.task, at(13))
    give_back(session, world, at(17))
    assert world.task.mend_by_on == date(2026, 11, 20)
    world.task.extended_to_on = date(2026, 11, 25)
    hand_in(session, world.task, at(25, 23))
    assert stands(session, world, late_by_return=True).timeliness is Timeliness.DONE_ON_TIME


def test_both_times_are_kept_through_confirmation_and_the_next_return(session: Session, world: World) -> None:
    """Handed in 13/11, returned 17/11 until 20/11, back 23/11, confirmed; returned again 25/11, back 26/11."""
    task = world.task
    hand_in(session, task, at(13))
    give_back(session, world, at(17))
    hand_in(session, task, at(23))
    service.accept(session, task, FOCAL, at(24), own=False, own_allowed=True)
    assert (task.submitted_on, task.resubmitted_on, task.mend_by_on) == (date(2026, 11, 13), date(2026, 11, 23), date(2026, 11, 20))
    assert stands(session, world, late_by_return=False).timeliness is Timeliness.DONE_ON_TIME
    assert (stands(session, world, late_by_return=True).days_late, task.status) == (3, Progress.ACCEPTED)
    give_back(session, world, at(25))
    assert task.mend_by_on == date(2026, 11, 30), "the next return leaves its own days"
    hand_in(session, task, at(26, 23))
    assert (task.submitted_on, task.resubmitted_on, task.resubmitted_at) == (date(2026, 11, 13), date(2026, 11, 26), at(26, 23))
    assert stands(session, world, late_by_return=True).timeliness is Timeliness.DONE_ON_TIME


def test_the_day_it_came_back_is_the_vietnamese_day(session: Session, world: World) -> None:
    hand_in(session, world.task, at(13))
    give_back(session, world, at(17))
    hand_in(session, world.task, at(20, 23))  # 16:00 UTC
    assert world.task.resubmitted_on == date(2026, 11, 20)
    give_back(session, world, at(20, 23))
    hand_in(session, world.task, at(25, 0))  # still the 24th in UTC
    assert world.task.resubmitted_on == date(2026, 11, 25)


def test_the_setting_is_what_pages_counts_and_lists_follow(session: Session, world: World, sign_in: SignIn) -> None:
    hand_in(session, world.task, at(13))
    give_back(session, world, at(16))
    world.task.mend_by_on = date(2026, 11, 17)
    hand_in(session, world.task, at(18))
    owner, admin = sign_in(world.owner.username), sign_in(world.admin.username)
    page = owner.get(f"/{world.slug}/tasks/{world.task.id}")
    assert "Nộp đủ lần đầu" in page.main
    assert "18/11/2026" in page.main
    assert re.search(r"Hạn bổ sung: [^:]+17/11/2026", page.main)
    assert "nộp lại 18/11/2026, hạn bổ sung 17/11/2026" in owner.get(f"/{world.slug}/tasks").main
    late = f"/{world.slug}/tasks?timeliness=done_late"
    assert "Chỉ số thành phần 1" not in owner.get(late).main
    admin.get(f"/{world.slug}/settings").form().fill(late_by_return=True).submit()
    assert "Chỉ số thành phần 1" in owner.get(late).main
    assert "Chỉ số thành phần 1" not in owner.get(f"/{world.slug}/tasks?timeliness=done_on_time").main
