"""What the front doors work out of counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tracker.dashboard.rules import UNITS_SHOWN, MainName, UnitName, added, by_unit, chase_list, column_key, heat, named, step
from tracker.tasks.queries import Tally, UrgentCode

TODAY = date(2026, 11, 18)
UNITS = {number: UnitName(number, f"Phòng {number}", f"phong-{number}", number) for number in range(1, 20)}


def tally(
    unit: int | None = 1, main: int | None = 1, *, overdue: int = 0, points: float | None = None, missed: str | None = None, **more: Any
) -> Tally:
    numbers = dict.fromkeys(
        ("not_started", "collecting", "returned", "prepared", "ready", "accepted", "set_aside", "due_today", "due_soon", "not_due", "done_late"), 0
    )
    return Tally(
        unit_id=unit,
        main_id=main,
        total=more.pop("total", overdue),
        overdue=overdue,
        points_at_risk=None if points is None else Decimal(str(points)),
        points_total=None if points is None else Decimal(str(points)),
        first_missed_on=date.fromisoformat(missed) if missed else None,
        **{**numbers, **more},
    )


def chased(*tallies: Tally, late: bool = True) -> list[tuple[int, float]]:
    whole = {one.unit_id or 0: one for one in tallies}
    urgent = [UrgentCode(one.unit_id or 0, f"1.{number}") for one in tallies for number in range(one.overdue or 1)]
    return [(line.unit.id, line.weight) for line in chase_list(UNITS, whole, urgent, TODAY, late=late)]


def test_whom_to_chase_first_is_points_times_days_late() -> None:
    many_points = tally(1, overdue=1, points=50, missed="2026-11-16")  # 50 × 2
    long_late = tally(2, overdue=1, points=10, missed="2026-11-01")  # 10 × 17
    little = tally(3, overdue=1, points=5, missed="2026-11-14")  # 5 × 4
    assert chased(many_points, long_late, little) == [(2, 170.0), (1, 100.0), (3, 20.0)]


def test_without_points_the_number_of_tasks_counts() -> None:
    assert chased(tally(1, overdue=2, missed="2026-11-14"), tally(2, overdue=5, missed="2026-11-14")) == [(2, 20.0), (1, 8.0)]


def test_ties_go_by_number_and_then_by_the_order_of_the_document() -> None:
    assert [unit for unit, _weight in chased(tally(3, overdue=1, points=4), tally(1, overdue=4, points=4), tally(2, overdue=1, points=4))] == [
        1,
        2,
        3,
    ]


def test_what_is_due_soon_is_not_weighed_by_what_is_overdue() -> None:
    assert chased(tally(1, overdue=1, points=50, missed="2026-11-01"), late=False) == [(1, 1.0)]


def test_codes_beyond_three_are_counted() -> None:
    assert named(["5.1"]) == "5.1"
    assert named(["5.1", "5.2", "5.7"]) == "5.1, 5.2, 5.7"
    assert named(["5.1", "5.2", "5.7", "6.1", "6.2"]) == "5.1, 5.2, 5.7 và 2 nữa"


def test_sums_keep_unknown_points_unknown() -> None:
    assert added([]).total == 0
    assert added([tally(points=None), tally(points=None)]).points_at_risk is None
    assert added([tally(points=None), tally(points=3)]).points_at_risk == 3
    assert added([tally(missed="2026-11-14"), tally(missed="2026-11-01")]).first_missed_on == date(2026, 11, 1)
    assert {unit: whole.total for unit, whole in by_unit([tally(1, 1, total=2), tally(1, 2, total=3), tally(2, 1, total=1)]).items()} == {1: 5, 2: 1}


def test_what_is_neither_done_nor_in_a_band_has_no_deadline() -> None:
    assert tally(total=10, ready=1, accepted=2, overdue=1, due_today=1, due_soon=1, not_due=1).no_deadline == 3


def test_main_indicators_of_two_sets_with_one_code_and_name_share_a_column() -> None:
    mains = {
        1: MainName(1, "1", "Nhận thức số"),
        2: MainName(2, "1", "Nhận thức số"),
        3: MainName(3, "1", "Hạ tầng số"),
        4: MainName(4, "10", "Khác"),
    }
    drawn = heat(
        UNITS, mains, [tally(1, 1, overdue=1), tally(1, 2, overdue=2), tally(2, 3, overdue=1), tally(2, 4, overdue=1), tally(2, None, overdue=1)]
    )
    assert [column.id for column in drawn.columns] == [1, 3, 4]
    first = next(cells for unit, _whole, cells in drawn.rows if unit.id == 1)
    assert first[column_key(mains[1])].overdue == 3
    second = next(whole for unit, whole, _cells in drawn.rows if unit.id == 2)
    assert second.overdue == 3, "a titled duty stands in no column but counts for its unit"


def test_units_beyond_the_first_ten_are_folded_with_their_number() -> None:
    drawn = heat(UNITS, {1: MainName(1, "1", "Nhận thức số")}, [tally(unit, 1, overdue=unit, points=unit) for unit in UNITS])
    assert [unit.id for unit, _whole, _cells in drawn.rows] == list(range(19, 19 - UNITS_SHOWN, -1))
    assert (drawn.folded, drawn.folded_overdue) == (9, sum(range(1, 10)))


def test_shades_have_their_borders() -> None:
    assert [step(tally(overdue=1, points=points), True) for points in (0, 9.5, 10, 19, 20, 39, 40, 400)] == [1, 1, 2, 2, 3, 3, 4, 4]
    assert [step(tally(overdue=overdue), False) for overdue in (0, 1, 2, 3, 4, 7, 8, 80)] == [0, 1, 2, 2, 3, 3, 4, 4]
