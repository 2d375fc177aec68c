"""What holds of every calendar and every deadline, whatever the year."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.deadlines.shipped import shipped_calendar
from tracker.deadlines.calendar_rules import DayKind, WorkingCalendar
from tracker.deadlines.rules import Boundary, Roll, last_valid_day, rolled, target_day

FIRST = date(2026, 1, 1)
days = st.dates(min_value=date(2024, 1, 1), max_value=date(2028, 12, 31))
#: The shipped calendar, and others with any days listed as off or worked.
calendars = st.one_of(
    st.just(shipped_calendar()),
    st.dictionaries(st.integers(0, 400).map(lambda n: FIRST + timedelta(n)), st.sampled_from(DayKind), max_size=40).map(WorkingCalendar),
)
steps = st.integers(-30, 30).filter(bool)


@given(calendars, days, st.sampled_from(Roll))
def test_a_target_is_a_working_day_not_after_the_last_day(calendar: WorkingCalendar, nominal: date, roll: Roll) -> None:
    last = rolled(calendar, nominal, roll)
    target = target_day(calendar, nominal, last)
    assert target is not None
    assert calendar.is_working(target)
    assert target <= nominal <= last
    assert not any(calendar.is_working(target + timedelta(n)) for n in range(1, (nominal - target).days + 1)), "the nearest one"


@given(calendars, days)
def test_a_rolled_day_is_the_first_working_day_from_the_nominal_one(calendar: WorkingCalendar, nominal: date) -> None:
    last = rolled(calendar, nominal, Roll.NEXT_WORKING_DAY)
    assert calendar.is_working(last)
    assert not any(calendar.is_working(nominal + timedelta(n)) for n in range((last - nominal).days))
    assert rolled(calendar, nominal, Roll.NONE) == nominal


@given(calendars, days, days)
def test_a_later_deadline_never_has_an_earlier_target(calendar: WorkingCalendar, one: date, other: date) -> None:
    earlier, later = sorted((one, other))
    for roll in Roll:
        assert rolled(calendar, earlier, roll) <= rolled(calendar, later, roll)
        targets = [target_day(calendar, nominal, rolled(calendar, nominal, roll)) for nominal in (earlier, later)]
        assert targets[0] is not None
        assert targets[1] is not None
        assert targets[0] <= targets[1]


@given(calendars, days, steps)
def test_counting_undoes_adding(calendar: WorkingCalendar, day: date, number: int) -> None:
    start = calendar.on_or_after(day)
    reached = calendar.add(start, number)
    assert calendar.is_working(reached)
    assert calendar.between(start, reached) == number
    assert calendar.add(reached, -number) == start


@given(calendars, days, days)
def test_counting_backwards_is_counting_forwards_with_a_minus(calendar: WorkingCalendar, one: date, other: date) -> None:
    assert calendar.between(one, other) == -calendar.between(other, one)


@given(calendars, days, days, days)
def test_counts_add_up(calendar: WorkingCalendar, one: date, two: date, three: date) -> None:
    first, middle, last = sorted((one, two, three))
    assert calendar.between(first, middle) + calendar.between(middle, last) == calendar.between(first, last)


@given(days)
def test_before_a_day_is_by_the_day_before(day: date) -> None:
    assert last_valid_day(day, Boundary.BEFORE) == last_valid_day(day - timedelta(1), Boundary.BY)
