"""A deadline as a day in a calendar, without a database: what it says, when it goes, and that its number of changes only grows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.conftest import parsed
from tests.factories import KEPT_TERMS
from tracker.api.event_rules import Counts, Duty, Event, Office, Term, authority_events, uid, unit_events
from tracker.api.rendering import calendar_file
from tracker.deadlines.calendar_rules import DayKind, WorkingCalendar
from tracker.deadlines.rules import Dates, Terms
from tracker.tasks.rules import Progress

STAMP = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
OFFICE = Office("huyen-thu", "UBND huyện Thử", WorkingCalendar(), 10, None)
LAST = date(2026, 11, 14)
TERM = Term("nam-2026", "Báo cáo năm 2026", Terms.from_kept(KEPT_TERMS), Dates(LAST, LAST, None, None), None, None, 2, STAMP)


def duty(code: str = "1.1", status: Progress = Progress.NOT_STARTED, **more: object) -> Duty:
    known = {"id": 1, "key": f"bo/{code}", "code": code, "name": "Chỉ số", "status": status, "extended_to_on": None, "mend_by_on": None, "version": 1}
    return Duty(**{**known, **more})  # type: ignore[arg-type]


def of_unit(*duties: Duty, term: Term = TERM, office: Office = OFFICE) -> list[Event]:
    return list(unit_events(office, term, "phong-noi-vu", "Phòng Nội vụ", duties, named=False, own_day=True))


def test_a_round_is_one_day_on_its_target_and_names_what_is_open() -> None:
    (event,) = of_unit(duty("1.1"), duty("1.2"), duty("1.3", Progress.READY))
    assert event.on == date(2026, 11, 13)
    assert event.summary == "Hạn: Báo cáo năm 2026 – 2 chỉ số"
    assert "Còn 2 chỉ số: 1.1, 1.2" in event.description
    assert "Hạn cuối: Thứ Bảy, 14/11/2026." in event.description
    assert "chữ “trước” không tính ngày 15/11/2026" in event.description
    assert event.alarms and not event.cancelled


def test_only_twenty_codes_are_told() -> None:
    (event,) = of_unit(*(duty(f"1.{n}") for n in range(1, 25)))
    assert "Còn 24 chỉ số: 1.1, " in event.description
    assert event.description.endswith("1.20, …")


def test_nothing_open_rings_no_more() -> None:
    (event,) = of_unit(duty(status=Progress.READY))
    assert event.summary.endswith("đã nộp đủ")
    assert not event.alarms and not event.cancelled


@pytest.mark.parametrize("why", ["set aside", "extended", "closed early"])
def test_a_day_that_goes_is_cancelled_under_its_uid(why: str) -> None:
    (before,) = of_unit(duty())
    term = replace(TERM, closed_on=date(2026, 11, 12), changes=TERM.changes + 1) if why == "closed early" else TERM
    changed = {
        "set aside": duty(status=Progress.NOT_APPLICABLE, version=2),
        "extended": duty(extended_to_on=date(2026, 11, 30), version=2),
        "closed early": duty(),
    }[why]
    after = of_unit(changed, term=term)[0]
    assert after.uid == before.uid and after.cancelled and not after.alarms
    assert after.sequence > before.sequence


def test_a_round_closed_after_its_day_stays_as_it_was() -> None:
    (event,) = of_unit(duty(), term=replace(TERM, closed_on=date(2026, 11, 16)))
    assert not event.cancelled and not event.alarms


def test_an_extension_has_its_own_day_and_tells_the_first_one() -> None:
    _round, own = of_unit(duty(extended_to_on=date(2026, 11, 29), version=3))
    assert own.on == date(2026, 11, 27)
    assert own.summary == "Hạn đã gia hạn: 1.1 – Báo cáo năm 2026"
    assert "Được gia hạn đến hết Chủ nhật, 29/11/2026; hạn chung của đợt là Thứ Bảy, 14/11/2026." in own.description
    assert own.alarms


def test_a_return_has_its_own_day_until_it_is_mended() -> None:
    returned = duty(status=Progress.COLLECTING, mend_by_on=date(2026, 11, 23), version=4)
    base, own = of_unit(returned)
    assert own.on == date(2026, 11, 23) and own.alarms
    assert base.summary.endswith("đang bổ sung 1 chỉ số") and not base.alarms
    _base, mended = of_unit(replace(returned, status=Progress.READY, version=5))
    assert mended.uid == own.uid and mended.cancelled and mended.sequence > own.sequence


def test_an_extension_beyond_the_days_to_mend_takes_them_away() -> None:
    _base, extension, mend = of_unit(duty(status=Progress.COLLECTING, mend_by_on=date(2026, 11, 23), extended_to_on=date(2026, 11, 30)))
    assert extension.alarms and mend.cancelled


def test_a_cascade_has_three_days() -> None:
    dates = Dates(LAST, LAST, None, None, check_on=date(2026, 11, 17), outer_on=date(2026, 11, 20))
    days = list(authority_events(OFFICE, replace(TERM, dates=dates), Counts(total=5, open=2)))
    assert [event.on for event in days] == [date(2026, 11, 13), date(2026, 11, 17), date(2026, 11, 20)]
    assert days[0].summary == "Hạn: Báo cáo năm 2026 – còn 2/5 nhiệm vụ"
    assert days[2].summary == "Gửi cấp trên: Báo cáo năm 2026"
    assert len({event.uid for event in days}) == 3


def test_a_period_to_come_keeps_its_uid_and_its_number_grows_when_it_is_opened() -> None:
    (coming,) = authority_events(OFFICE, replace(TERM, opened=False, changes=1), None)
    (opened,) = authority_events(OFFICE, replace(TERM, changes=2), Counts(total=5, open=5))
    assert coming.uid == opened.uid and coming.summary.endswith("đợt chưa mở")
    assert opened.sequence > coming.sequence


def test_a_uid_never_changes() -> None:
    """Written down: another one would double every event in every programme that has subscribed."""
    assert uid("round", "huyen-thu", "nam-2026", "phong-noi-vu") == "aa9aaae9-403e-5361-ab0c-3ed6b969034e"


def test_the_alarms_ring_at_eight() -> None:
    calendar = parsed(calendar_file("Đôn Đốc", of_unit(duty()), "https://dondoc.test"))
    (event,) = calendar.walk("VEVENT")
    rings = [datetime.combine(event["DTSTART"].dt, datetime.min.time()) + alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]
    assert [f"{ring:%d/%m %H:%M}" for ring in rings] == ["06/11 08:00", "12/11 08:00", "13/11 08:00"]
    raw = calendar_file("Đôn Đốc", of_unit(duty()), "https://dondoc.test")
    assert [line for line in raw.split(b"\r\n") if line.startswith(b"TRIGGER")] == [b"TRIGGER:-P6DT16H", b"TRIGGER:-PT16H", b"TRIGGER:PT8H"]


@given(st.text(min_size=1, max_size=200).filter(lambda text: not any(ord(c) < 32 or 0xD800 <= ord(c) <= 0xDFFF for c in text)))
def test_any_words_survive_folding_and_escaping(words: str) -> None:
    (event,) = of_unit(duty(), term=replace(TERM, name=words))
    (read,) = parsed(calendar_file("Đôn Đốc", [event], "https://dondoc.test")).walk("VEVENT")
    assert str(read["SUMMARY"]) == event.summary


steps = st.lists(
    st.sampled_from(["close the day", "open the day", "extend", "return", "hand in", "set aside", "resume", "close", "reopen"]), max_size=14
)


@given(steps)
def test_whatever_happens_the_number_of_changes_never_falls_and_grows_with_every_move(moves: list[str]) -> None:
    office, term, one = OFFICE, TERM, duty()
    seen: dict[str, Event] = {}
    for move in ("", *moves):
        office, term, one = _moved(office, term, one, move)
        for event in of_unit(one, term=term, office=office):
            before = seen.get(event.uid)
            if before is not None:
                assert event.sequence >= before.sequence
                if (event.on, event.cancelled) != (before.on, before.cancelled):
                    assert event.sequence > before.sequence, move
            seen[event.uid] = event


def _moved(office: Office, term: Term, one: Duty, move: str) -> tuple[Office, Term, Duty]:
    """One thing that happens in life, with the counters the database moves for it."""
    off = {"close the day": {date(2026, 11, 13): DayKind.CLOSURE}, "open the day": {}}
    if move in off:
        return replace(office, calendar=WorkingCalendar(off[move]), changes=office.changes + 1), term, one
    if move in ("close", "reopen"):
        return office, replace(term, closed_on=date(2026, 11, 12) if move == "close" else None, changes=term.changes + 1), one
    changed = {
        "extend": {"extended_to_on": (one.extended_to_on or LAST) + timedelta(days=9)},
        "return": {"status": Progress.COLLECTING, "mend_by_on": (one.extended_to_on or LAST) + timedelta(days=4)},
        "hand in": {"status": Progress.READY},
        "set aside": {"status": Progress.NOT_APPLICABLE},
        "resume": {"status": Progress.COLLECTING},
    }
    return office, term, replace(one, **changed[move], version=one.version + 1) if move else one  # type: ignore[arg-type]
