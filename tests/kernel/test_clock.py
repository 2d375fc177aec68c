"""One clock: real, or pretended with TRACKER_NOW and moving on at the real pace."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.kernel import clock

REAL = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The real clock under the test's hand: change the one entry to let time pass."""
    hand = [REAL]
    monkeypatch.setattr(clock, "real_now", lambda: hand[0])
    monkeypatch.setattr(clock, "_STARTED", REAL)
    monkeypatch.delenv(clock.NOW_VARIABLE, raising=False)
    monkeypatch.delenv(clock.ANCHOR_VARIABLE, raising=False)
    return hand


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-23", datetime(2026, 11, 23, 5, 0, tzinfo=UTC)),  # a date alone is its noon
        ("2026-11-23T07:00", datetime(2026, 11, 23, 0, 0, tzinfo=UTC)),  # a time without a zone is Vietnamese
        ("2026-11-23 23:59:59", datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC)),
        ("2026-11-23T07:00Z", datetime(2026, 11, 23, 7, 0, tzinfo=UTC)),
        ("2026-11-23T07:00+07:00", datetime(2026, 11, 23, 0, 0, tzinfo=UTC)),
        ("2026-11-23T07:00:00.250-01:00", datetime(2026, 11, 23, 8, 0, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_in_every_iso_form(text: str, instant: datetime) -> None:
    assert clock.parse_instant(text) == instant


@pytest.mark.parametrize("text", ["", "hôm nay", "23/11/2026", "2026-02-30", "2026-11-23T25:00"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        clock.parse_instant(text)


def test_without_pretending_the_business_clock_is_the_real_one(real: list[datetime]) -> None:
    assert clock.now() == REAL
    assert not clock.pretends()


def test_a_pretended_instant_moves_on_at_the_real_pace(real: list[datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clock.NOW_VARIABLE, "2026-11-23T07:00")
    assert clock.now() == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    real[0] += timedelta(hours=17, minutes=1)
    assert clock.today() == date(2026, 11, 24)
    assert clock.pretends()


def test_two_processes_with_one_anchor_share_one_offset(real: list[datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    """The scheduler starts later than the web; the anchor, not its own start, says when TRACKER_NOW was true."""
    monkeypatch.setenv(clock.NOW_VARIABLE, "2026-11-23T07:00")
    monkeypatch.setenv(clock.ANCHOR_VARIABLE, REAL.isoformat())
    monkeypatch.setattr(clock, "_STARTED", REAL + timedelta(minutes=10))
    real[0] += timedelta(minutes=10)
    assert clock.now() == datetime(2026, 11, 23, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 14, 16, 59, 59, tzinfo=UTC), date(2026, 11, 14)),
        (datetime(2026, 11, 14, 17, 0, tzinfo=UTC), date(2026, 11, 15)),
        (datetime(2026, 11, 14, 23, 59, tzinfo=timezone(timedelta(hours=-5))), date(2026, 11, 15)),
    ],
)
def test_a_day_ends_at_midnight_in_viet_nam(instant: datetime, day: date) -> None:
    assert clock.local_day(instant) == day


@given(st.dates(min_value=date(1980, 1, 1), max_value=date(2100, 1, 1)))
def test_noon_of_a_day_falls_on_that_day(day: date) -> None:
    assert clock.local_day(clock.noon(day)) == day
    assert clock.noon(day).utcoffset() == timedelta()
