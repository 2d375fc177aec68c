"""Deadline arithmetic under any rule, calendar and clock. At least ten thousand examples a run, counted at the end."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.architecture.source import ROOT
from tests.deadlines.shipped import shipped_calendar
from tests.factories import Office
from tracker.deadlines.calendar_rules import STATUTORY, DayKind, WorkingCalendar, cannot_list
from tracker.deadlines.explanation_rules import explain, warning
from tracker.deadlines.rules import (
    PERIOD_MONTHS,
    Boundary,
    Dates,
    Period,
    Readings,
    Roll,
    RuleKind,
    Schedule,
    StatedWindow,
    Terms,
    TermUnit,
    Trigger,
    Window,
    month_end,
    periods_of_year,
    started_by_letter,
    target_day,
    too_early,
)
from tracker.kernel.clock import ONE_DAY, ZONE, local_day
from tracker.kernel.vietnamese import date_vn
from tracker.tasks.rules import Horizon, Progress, Timeliness, standing

EXAMPLES = 1000
many = settings(max_examples=EXAMPLES, deadline=None)

FIRST = date(2024, 1, 1)
years = st.integers(2024, 2030)
days = st.dates(min_value=FIRST, max_value=date(2030, 12, 31))
calendars = st.one_of(
    st.just(shipped_calendar()),
    st.just(WorkingCalendar()),
    st.just(WorkingCalendar(statutory=STATUTORY)),
    st.dictionaries(st.integers(0, 2556).map(lambda n: FIRST + timedelta(n)), st.sampled_from(DayKind), max_size=60).map(WorkingCalendar),
)
readings = st.builds(Readings, st.booleans(), st.booleans())
stated_windows = st.builds(StatedWindow, st.just(11), st.integers(1, 30), st.just(True), st.just(11), st.integers(1, 30))


def rules(schedules: st.SearchStrategy[Schedule]) -> st.SearchStrategy[Terms]:
    """A rule of any shape the form can make."""
    return st.builds(
        Terms,
        slug=st.just("thu"),
        name=st.just("Báo cáo thử"),
        kind=st.sampled_from(RuleKind),
        wording=st.just("như văn bản ghi"),
        schedule=schedules,
        month=st.integers(1, 12),
        day=st.integers(1, 31),
        months_after=st.sampled_from((-1, 0, 0, 0, 1, 12)),
        term_length=st.integers(1, 60),
        term_unit=st.sampled_from(TermUnit),
        trigger=st.sampled_from(Trigger),
        boundary=st.sampled_from(Boundary),
        roll=st.sampled_from(Roll),
        window=st.sampled_from(Window),
        stated_window=stated_windows,
        opens_days_before=st.integers(0, 90),
        upward=st.booleans(),
        check_days=st.integers(0, 10),
        sign_days=st.integers(0, 10),
        readings=readings,
    )


periodic = rules(st.sampled_from(sorted(PERIOD_MONTHS)))
event = rules(st.just(Schedule.EVENT))


def flat(terms: Terms, **changed: object) -> Terms:
    return Terms.from_kept({**terms.as_kept(), "upward": False, **changed})


def every(terms: Terms, calendar: WorkingCalendar, year: int) -> list[Period]:
    return list(periods_of_year(terms, calendar, year))


@given(periodic, calendars, years)
@many
def test_dates_stand_in_their_order(terms: Terms, calendar: WorkingCalendar, year: int) -> None:
    for period in every(terms, calendar, year):
        found = period.dates
        target = target_day(calendar, found.nominal_on, found.last_on)
        assert target is not None and found.nominal_on is not None and found.last_on is not None
        assert calendar.is_working(target)
        assert target <= found.nominal_on <= found.last_on
        assert period.opens_on <= found.last_on
        if found.last_on != found.nominal_on:
            assert terms.rolls
            assert calendar.is_working(found.last_on)
        if found.outer_on is not None:
            assert found.check_on is not None
            assert found.last_on <= found.check_on <= found.outer_on
            assert calendar.is_working(found.last_on) or (terms.check_days == 0 and terms.sign_days == 0)


@given(periodic, calendars, years)
@many
def test_a_year_is_cut_into_periods_without_a_gap_or_a_double(terms: Terms, calendar: WorkingCalendar, year: int) -> None:
    months = PERIOD_MONTHS[terms.schedule]
    now, then = every(terms, calendar, year), every(terms, calendar, year + 1)
    assert len(now) == 12 // months
    assert len({period.key for period in now + then}) == len({period.slug for period in now + then}) == len(now + then)
    windows = [(period.dates.data_from, period.dates.data_to) for period in [*now, *then] if period.dates.data_to]
    assert all(start <= end for start, end in windows if start and end)
    if terms.window in (Window.PERIOD, Window.DECREE_09):
        for (_, end), (start, _) in pairwise(windows):
            assert end is not None and start == end + ONE_DAY


@given(periodic, calendars, years)
@many
def test_before_is_by_less_a_day(terms: Terms, calendar: WorkingCalendar, year: int) -> None:
    strict = flat(terms, boundary=Boundary.BEFORE, readings={}, roll=Roll.NONE)
    inclusive = flat(terms, boundary=Boundary.BY, readings={}, roll=Roll.NONE)
    generous = flat(terms, boundary=Boundary.BEFORE, readings={"before_counts_day": True}, roll=Roll.NONE)
    for one, other, third in zip(every(strict, calendar, year), every(inclusive, calendar, year), every(generous, calendar, year), strict=True):
        assert one.dates.last_on is not None and other.dates.last_on is not None
        assert one.dates.last_on == other.dates.last_on - ONE_DAY
        assert third.dates.last_on == other.dates.last_on


@given(periodic, calendars, years)
@many
def test_short_months_end_on_their_last_day_and_long_ones_come_back(terms: Terms, calendar: WorkingCalendar, year: int) -> None:
    """29/02, and the 31st of every month (Civil Code Art. 148.3)."""
    rule = flat(terms, boundary=Boundary.BY, roll=Roll.NONE, months_after=0)
    for period in every(rule, calendar, year):
        assert period.dates.last_on is not None and rule.day is not None
        end = month_end(period.dates.last_on.year, period.dates.last_on.month)
        assert period.dates.last_on.day == min(rule.day, end.day)


@given(event, calendars, days)
@many
def test_the_day_of_the_event_is_not_counted(terms: Terms, calendar: WorkingCalendar, started: date) -> None:
    rule = flat(terms)
    found = started_by_letter(rule, calendar, "05", started).dates
    assert found.nominal_on is not None and rule.term_length is not None
    assert found.nominal_on > started
    if rule.term_unit is TermUnit.DAY:
        assert found.nominal_on - started == timedelta(rule.term_length)
    if rule.term_unit is TermUnit.WORKING_DAY:
        assert calendar.between(started, found.nominal_on) == rule.term_length
        assert found.last_on == found.nominal_on, "it ends on a working day"
    later = started_by_letter(rule, calendar, "05", started + ONE_DAY).dates
    assert later.nominal_on is not None and later.nominal_on >= found.nominal_on


@given(calendars, days, st.integers(0, 40))
@many
def test_working_days_are_counted_back_as_they_were_counted_forward(calendar: WorkingCalendar, day: date, number: int) -> None:
    reached = calendar.add(day, number)
    assert calendar.between(day, reached) == number
    assert calendar.add(day, number + 1) > reached >= day
    assert calendar.add(calendar.on_or_after(reached), -number) <= calendar.on_or_after(day)


@given(calendars, days, st.sampled_from(DayKind))
@many
def test_a_day_can_be_listed_only_as_what_it_is_not_yet(calendar: WorkingCalendar, day: date, kind: DayKind) -> None:
    refused = cannot_list(calendar, day, kind)
    changed = calendar.with_days({day: kind}, {day: "thử"})
    assert (refused is None) == (changed.is_working(day) != calendar.is_working(day))
    assert calendar.is_working(day) is (calendar.off_because(day) is None)


@given(periodic, calendars, years, st.sampled_from(DayKind), st.integers(-20, 5))
@many
def test_a_change_of_days_off_moves_targets_and_no_fixed_last_day(
    terms: Terms, calendar: WorkingCalendar, year: int, kind: DayKind, away: int
) -> None:
    for period in every(flat(terms, roll=Roll.NONE), calendar, year):
        found: Dates = period.dates
        assert found.last_on is not None
        changed = calendar.with_days({found.last_on + timedelta(away): kind}, {})
        (again,) = [one for one in every(flat(terms, roll=Roll.NONE), changed, year) if one.key == period.key]
        assert again.dates == found
        moved, before = target_day(changed, found.nominal_on, found.last_on), target_day(calendar, found.nominal_on, found.last_on)
        assert moved is not None and before is not None
        if kind is DayKind.MAKE_UP:
            assert moved >= before
        else:
            assert moved <= before


@given(periodic, calendars, years)
@many
def test_a_warning_is_given_exactly_where_no_working_day_is_left(terms: Terms, calendar: WorkingCalendar, year: int) -> None:
    for period in every(terms, calendar, year):
        found = period.dates
        last = found.outer_on or found.last_on
        first = too_early(calendar, found)
        assert (first is None) is (warning(calendar, found) is None)
        if found.data_to is not None and last is not None:
            assert (first is None) is (calendar.between(found.data_to, last) >= 1)


@given(st.one_of(periodic, event), calendars, days)
@many
def test_the_explanation_is_one_sentence_with_the_words_and_every_date(terms: Terms, calendar: WorkingCalendar, day: date) -> None:
    started = day if terms.schedule is Schedule.EVENT else None
    periods = [started_by_letter(terms, calendar, "05", day)] if started else every(terms, calendar, day.year)
    for period in periods:
        said = explain(terms, calendar, period.dates, started)
        assert terms.wording in said
        assert said.endswith(".") and ". " not in said
        for told in (period.dates.last_on, period.dates.check_on, period.dates.outer_on):
            assert told is None or date_vn(told) in said


@given(days, st.sampled_from((-1, 0)), st.integers(-2, 2), st.integers(-840, 840).map(lambda m: timezone(timedelta(minutes=m))))
@many
def test_late_is_from_the_first_microsecond_of_the_day_after_in_vietnam(last: date, edge: int, away: int, wherever: timezone) -> None:
    """24:00 of the last day, UTC+7, wherever the instant was written down (Art. 148.6)."""
    border = datetime(last.year, last.month, last.day, tzinfo=ZONE) + timedelta(days=1)
    handed_in = (border + timedelta(days=away, microseconds=edge)).astimezone(wherever)
    calendar = shipped_calendar()
    found = standing(
        status=Progress.READY,
        nominal_on=last,
        last_on=last,
        extended_to_on=None,
        mend_by_on=None,
        submitted_on=local_day(handed_in),
        resubmitted_on=None,
        calendar=calendar,
        horizon=Horizon.of(calendar, last, Office()),
    )
    late = handed_in.astimezone(UTC) >= border.astimezone(UTC)
    assert (found.timeliness is Timeliness.DONE_LATE) is late
    assert found.days_late == ((local_day(handed_in) - last).days if late else 0), "whole local days"


def _worked_out() -> Iterator[str]:
    """Every date of many rules, as text: the same wherever and whenever it is worked out."""
    calendar = shipped_calendar()
    for schedule in (*PERIOD_MONTHS, Schedule.EVENT):
        for boundary in Boundary:
            terms = Terms(
                "x", "X", RuleKind.COLLECTION, "như ghi", schedule, month=11, day=15, term_length=15, boundary=boundary, window=Window.DECREE_09
            )
            for year in range(2024, 2031):
                for period in periods_of_year(terms, calendar, year):
                    yield f"{period} {explain(terms, calendar, period.dates)}"
                if schedule is Schedule.EVENT:
                    yield str(started_by_letter(terms, calendar, "5", date(year, 11, 9)))


def digest() -> str:
    return hashlib.sha256("\n".join(_worked_out()).encode()).hexdigest()


@pytest.mark.parametrize(
    ("zone", "locale", "now"),
    [
        ("UTC", "C", "2026-11-18T09:30:00+07:00"),
        ("Asia/Ho_Chi_Minh", "vi_VN.UTF-8", "2026-12-31T23:59:59+07:00"),
        ("Pacific/Pago_Pago", "en_US.UTF-8", "2020-01-01T00:00:00+00:00"),
        ("Pacific/Kiritimati", "tr_TR.UTF-8", "2031-02-28T12:00:00+14:00"),
    ],
)
def test_no_zone_no_locale_and_no_clock_of_the_server_moves_a_day(zone: str, locale: str, now: str) -> None:
    environment = {**os.environ, "TZ": zone, "LC_ALL": locale, "LANG": locale, "TRACKER_NOW": now, "PYTHONHASHSEED": "random"}
    asked = "import json; from tests.deadlines.test_law_properties import digest; print(json.dumps(digest()))"
    run = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(run.stdout) == digest()


def test_the_examples_add_up_to_ten_thousand() -> None:
    properties = [one for name, one in globals().items() if name.startswith("test_") and hasattr(one, "hypothesis")]
    assert sum(one._hypothesis_internal_use_settings.max_examples for one in properties) >= 10_000
