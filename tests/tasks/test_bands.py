"""SQL and Python draw the same lines: the counts of the front doors and the words beside each task never disagree."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from tests.deadlines.shipped import shipped_calendar
from tests.factories import KEPT_TERMS, OPENED_AT, Office, World
from tracker.deadlines.models import Round
from tracker.tasks import queries
from tracker.tasks.models import Task
from tracker.tasks.narrowing import BANDS, days_of
from tracker.tasks.queries import Filters
from tracker.tasks.rules import OPEN, SET_ASIDE, Horizon, Progress, Timeliness

pytestmark = pytest.mark.db

CALENDAR = shipped_calendar()
#: (nominal, last): none, a fixed Saturday, a rolled Saturday, a day before a holiday, a working day.
ROUNDS = [
    (None, None),
    (date(2026, 11, 14), date(2026, 11, 14)),
    (date(2026, 11, 21), date(2026, 11, 23)),
    (date(2026, 11, 24), date(2026, 11, 25)),
    (date(2026, 11, 18), date(2026, 11, 18)),
]
EXTENDED = [None, date(2026, 11, 22)]
#: With a day to mend until, and a day until which another body's answer is awaited.
OWN_DAYS = [(None, None), (date(2026, 11, 12), None), (date(2026, 11, 24), date(2026, 11, 19)), (None, date(2026, 11, 19))]
SUBMITTED = [None, date(2026, 11, 18), date(2026, 11, 26)]
RESUBMITTED = [None, date(2026, 11, 22), date(2026, 11, 24), date(2026, 11, 25)]
#: About every border of the rounds above, working days and days off.
DAYS = [date(2026, 11, number) for number in (3, 4, 6, 10, 11, 12, 13, 14, 15, 18, 20, 22, 23, 24, 26)]


@pytest.fixture
def grid(session: Session, world: World) -> int:
    """A task for every combination. Returns how many."""
    session.execute(delete(Task))
    rounds = []
    for number, (nominal, last) in enumerate(ROUNDS):
        one = Round(
            authority_id=world.authority.id,
            rule_id=world.rule.id,
            slug=f"luoi-{number}",
            name=f"Lưới {number}",
            period=f"luoi-{number}",
            nominal_on=nominal,
            last_on=last,
            opened_at=OPENED_AT,
            terms=KEPT_TERMS,
        )
        session.add(one)
        session.flush()
        rounds.append(one.id)
    rows = [
        {
            "authority_id": world.authority.id,
            "round_id": round_id,
            "unit_id": world.room.id,
            "title": f"Việc {number}",
            "status": status,
            "extended_to_on": extended,
            "mend_by_on": mend,
            "paused_until_on": paused,
            "submitted_on": submitted,
            "resubmitted_on": resubmitted,
            "extensions": 0,
            "own_acceptance": False,
            "on_behalf": False,
            "version": 1,
        }
        for number, (round_id, status, extended, (mend, paused), submitted, resubmitted) in enumerate(
            itertools.product(rounds, Progress, EXTENDED, OWN_DAYS, SUBMITTED, RESUBMITTED)
        )
    ]
    session.execute(insert(Task), rows)
    session.commit()
    return len(rows)


def test_every_task_stands_in_sql_where_it_stands_in_python(session: Session, grid: int) -> None:
    seen: set[Timeliness] = set()
    for today, late_by_return in itertools.product(DAYS, (False, True)):
        horizon = Horizon.of(CALENDAR, today, Office(late_by_return=late_by_return))
        python = {row.id: row.standing.timeliness for row in queries.listed(session, Filters(), CALENDAR, horizon)}
        sql: dict[int, Timeliness] = {}
        for band in Timeliness:
            ids = session.scalars(queries._joined(Task.id).where(BANDS[band]), days_of(horizon)).all()
            assert not sql.keys() & set(ids), f"{today}: a task in two bands, {band} is the second"
            sql |= dict.fromkeys(ids, band)
        assert len(python) == grid
        assert sql == python, f"on {today}, {late_by_return=}"
        seen |= set(sql.values())
    assert seen == set(Timeliness), "the grid reaches every band"


def test_the_setting_of_how_soon_is_soon_means_the_same_in_both(session: Session, grid: int) -> None:
    for today, soon in itertools.product(DAYS[::6], (1, 30)):
        horizon = Horizon.of(CALENDAR, today, Office(soon))
        listed = queries.listed(session, Filters(), CALENDAR, horizon)
        for band in Timeliness:
            expected = sum(row.standing.timeliness is band for row in listed)
            assert queries.count(session, Filters(timeliness=band), horizon) == expected, f"{band} on {today}"


@pytest.mark.parametrize("late_by_return", [False, True])
def test_the_tallies_and_the_deadlines_ahead_are_the_counts_of_the_list(session: Session, grid: int, late_by_return: bool) -> None:
    horizon = Horizon.of(CALENDAR, date(2026, 11, 18), Office(late_by_return=late_by_return))
    listed = queries.listed(session, Filters(), CALENDAR, horizon)
    (tally,) = queries.tallies(session, Filters(), horizon)
    bands = {"overdue": Timeliness.OVERDUE, "due_today": Timeliness.DUE_TODAY, "due_soon": Timeliness.DUE_SOON, "done_late": Timeliness.DONE_LATE}
    for name, band in bands.items():
        assert getattr(tally, name) == sum(row.standing.timeliness is band for row in listed), name
    for status in (Progress.NOT_STARTED, Progress.COLLECTING, Progress.PREPARED, Progress.READY, Progress.ACCEPTED):
        assert getattr(tally, status.value) == sum(row.status is status for row in listed), status
    assert tally.set_aside == sum(row.status in SET_ASIDE for row in listed)
    assert tally.total == grid
    late = [row.standing.due_on for row in listed if row.standing.timeliness is Timeliness.OVERDUE]
    assert tally.first_missed_on == min(late)
    until = date(2026, 11, 24)
    expected: dict[date, int] = {}
    for row in listed:
        due = row.standing.due_on
        if row.status in OPEN and due is not None and horizon.today <= due <= until:
            expected[due] = expected.get(due, 0) + 1
    assert {row.day: row.tasks for row in queries.deadlines_ahead(session, horizon, until)} == expected


def test_the_nearest_deadline_comes_first(session: Session, grid: int) -> None:
    horizon = Horizon.of(CALENDAR, date(2026, 11, 18), Office())
    listed = [row for row in queries.listed(session, Filters(), CALENDAR, horizon) if row.status in OPEN]
    dues = [row.standing.due_on for row in listed]
    dated = [due for due in dues if due is not None]
    assert dated == sorted(dated)
    assert dues[: len(dated)] == dated, "those without a deadline come last"
    paged = [queries.listed(session, Filters(), CALENDAR, horizon, limit=100, offset=offset) for offset in range(0, grid, 100)]
    ids = [row.id for page in paged for row in page]
    assert len(set(ids)) == len(ids) == grid, "pages neither repeat nor lose a task"
