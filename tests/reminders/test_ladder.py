"""The ladder as pure functions: whatever days a scheduler sleeps, each rung is said once at most, and never a lower one after a higher."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.deadlines.calendar_rules import DayKind, WorkingCalendar
from tracker.reminders.digest_rules import Line, grouped, subject
from tracker.reminders.policy_rules import USUAL
from tracker.reminders.rules import Contact, Directory, is_news

TARGET = date(2026, 11, 13)
CALENDAR = WorkingCalendar({date(2026, 11, 24): DayKind.HOLIDAY, date(2026, 10, 31): DayKind.MAKE_UP})
DAYS = [TARGET + timedelta(days=n) for n in range(-40, 60)]
awake = st.lists(st.sampled_from(DAYS), unique=True).map(sorted)


def told(days: list[date]) -> list[tuple[date, int]]:
    """What a scheduler says that is awake on these days only."""
    said: list[tuple[date, int]] = []
    for day in days:
        if CALENDAR.is_working(day):
            rung = USUAL.rung_reached(CALENDAR.between(TARGET, day))
            if rung is not None and is_news(rung, max((before for _, before in said), default=None)):
                said.append((day, rung))
    return said


@pytest.mark.parametrize(
    ("offset", "rung"),
    [(-16, None), (-15, -15), (-8, -15), (-7, -7), (-2, -3), (-1, -1), (0, 0), (1, 1), (2, 1), (3, 3), (7, 3), (8, 8), (12, 8), (13, 13), (100, 98)],
)
def test_the_rung_is_the_highest_reached(offset: int, rung: int | None) -> None:
    assert USUAL.rung_reached(offset) == rung


def test_a_scheduler_that_never_sleeps_says_every_rung_on_its_day() -> None:
    offsets = [CALENDAR.between(TARGET, day) for day, _ in told(DAYS)]
    assert offsets[: len(USUAL.rungs)] == list(USUAL.rungs)
    assert offsets[len(USUAL.rungs) :] == list(range(8, 8 + 5 * (len(offsets) - len(USUAL.rungs)), 5))


@given(awake)
def test_no_rung_twice_and_none_lower_after_a_higher(days: list[date]) -> None:
    rungs = [rung for _, rung in told(days)]
    assert rungs == sorted(set(rungs))


@given(awake)
def test_it_catches_up_on_the_first_working_day_it_is_awake(days: list[date]) -> None:
    said = told(days)
    working = [day for day in days if CALENDAR.is_working(day)]
    for number, day in enumerate(working):
        reached = USUAL.rung_reached(CALENDAR.between(TARGET, day))
        so_far = [rung for on, rung in said if on <= day]
        assert (max(so_far) if so_far else None) == reached, f"after the {number + 1}. day awake"


@given(awake, awake)
def test_a_clock_that_steps_back_says_nothing_twice(days: list[date], again: list[date]) -> None:
    rungs = [rung for _, rung in told(days + again)]
    assert rungs == sorted(set(rungs))


def test_looking_ahead_agrees_with_a_scheduler_that_never_sleeps() -> None:
    assert [day for day in DAYS if CALENDAR.is_working(day) and USUAL.climbs_on(CALENDAR, TARGET, day) is not None] == [day for day, _ in told(DAYS)]


def a_line(number: int = 1, due: date | None = TARGET, late: int = 0, points: str | None = None, code: str | None = "1.1") -> Line:
    return Line(
        number, code, f"Chỉ số {number}", "Phòng Nội vụ", None if points is None else Decimal(points), due, late, returned=False, instead=False
    )


def test_the_subject_says_how_many_and_when() -> None:
    late = [a_line(n, date(2026, 11, 2), late=8) for n in (6, 7)]
    assert subject([a_line(n, date(2026, 11, 14)) for n in range(5)] + late) == "Đôn Đốc: 5 chỉ số đến hạn 14/11/2026, 2 quá hạn"
    assert subject(late) == "Đôn Đốc: 2 chỉ số quá hạn"
    assert subject([a_line(1), a_line(2, date(2026, 11, 20))]) == "Đôn Đốc: 2 chỉ số đến hạn từ 13/11/2026 đến 20/11/2026"
    assert subject([a_line(1, code=None)]) == "Đôn Đốc: 1 nhiệm vụ đến hạn 13/11/2026"
    assert subject([a_line(1, None)]) == "Đôn Đốc: 1 chỉ số"


def test_groups_go_by_deadline_and_most_points_at_risk_stand_first() -> None:
    later = date(2026, 11, 20)
    found = grouped([a_line(1, later, points="5"), a_line(2, None), a_line(3, points=None), a_line(4, points="20"), a_line(5, points="2.5")])
    assert [(group.due_on, [line.task_id for line in group.lines], group.points) for group in found] == [
        (TARGET, [4, 5, 3], Decimal("22.5")),
        (later, [1], Decimal(5)),
        (None, [2], None),
    ]


def a_directory(**more: object) -> Directory:
    parts: dict[str, object] = {"people": {}, "mailboxes": {}, "focal": [Contact("Đầu mối", "focal@x.vn", 9)], "empty_groups": frozenset(), **more}
    return Directory(**parts)  # type: ignore[arg-type]


def test_one_mailbox_is_told_once() -> None:
    people = [Contact("A", "Phong.NV@x.vn", 1), Contact("B", "phong.nv+dti@X.vn", 2), Contact("C", None, 3), Contact("D", "d@x.vn", 4)]
    found = a_directory(people={1: people}).told_for(1)
    assert [contact.name for contact in found.contacts] == ["A", "D"]
    assert not found.instead


def test_without_people_the_mailbox_and_without_that_the_focal_point() -> None:
    directory = a_directory(
        people={1: [Contact("C", None, 3)]},
        mailboxes={1: Contact("Phòng", "phong@x.vn"), 3: Contact("Nhóm", "nhom@x.vn")},
        empty_groups=frozenset({3}),
    )
    assert [c.email for c in directory.told_for(1).contacts] == ["phong@x.vn"]
    assert [(c.email, directory.told_for(unit).instead) for unit in (2, 3) for c in directory.told_for(unit).contacts] == [("focal@x.vn", True)] * 2
    assert [c.name for c in directory.silent()] == ["C"]
