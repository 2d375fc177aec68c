"""What waits for the leaders, in its order, and a round beside the former one on the same day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tracker.dashboard.decision_rules import Decision, DecisionKind, in_order, of_escalations, of_extensions
from tracker.dashboard.rules import short_name
from tracker.dashboard.trend_rules import Counted, counted_of, current_round, trend_of

TODAY = date(2026, 11, 18)
DAY = timedelta(days=1)


def decision(kind: DecisionKind, day: date = TODAY, *, points: int | None = None, unit: str = "Phòng A") -> Decision:
    return Decision(kind, day, unit, None, (1,), (1,), ("1.1",), "Chỉ số", None if points is None else Decimal(points))


def request(id_: int, *, unit: int = 1, due: date = TODAY, wished: date = date(2026, 12, 1), points: int | None = 10, **more: Any) -> Any:
    values = {
        "id": id_,
        "task_id": 100 + id_,
        "unit_id": unit,
        "unit_name": f"Phòng {unit}",
        "unit_slug": f"phong-{unit}",
        "due_on": due,
        "wished_on": wished,
        "label": f"1.{id_}",
        "name": f"Chỉ số {id_}",
        "points": None if points is None else Decimal(points),
        "extensions": 0,
        "reason": "Chờ số liệu",
        "overtaken": None,
    }
    return SimpleNamespace(**{**values, **more})


def late(id_: int, *, unit: int = 1, due: date = date(2026, 11, 14), points: int | None = 10) -> Any:
    standing = SimpleNamespace(due_on=due, days_late=(TODAY - due).days)
    known = None if points is None else Decimal(points)
    return SimpleNamespace(
        id=id_, unit_id=unit, unit_name=f"Phòng {unit}", unit_slug=f"phong-{unit}", label=f"1.{id_}", name="Chỉ số", points=known, standing=standing
    )


def test_who_cannot_go_on_comes_before_who_does_nothing_and_news_comes_last() -> None:
    kinds = list(DecisionKind)
    ordered = [one.kind for one in in_order(decision(kind) for kind in reversed(kinds))]
    assert set(ordered[:4]) == {DecisionKind.EXTENSION, DecisionKind.PROPOSAL, DecisionKind.OBSTACLE, DecisionKind.DIRECTIVE_LATE}
    assert ordered[4:] == [DecisionKind.ESCALATION, DecisionKind.REMARK, DecisionKind.DIRECTIVE, DecisionKind.ANSWERED]


def test_among_equals_the_earliest_day_comes_first_then_what_is_worth_more() -> None:
    soon = decision(DecisionKind.EXTENSION, TODAY, points=1)
    much = decision(DecisionKind.EXTENSION, TODAY + DAY, points=50)
    little = decision(DecisionKind.EXTENSION, TODAY + DAY, points=2)
    unknown = decision(DecisionKind.EXTENSION, TODAY + DAY)
    assert in_order([unknown, little, much, soon]) == [soon, much, little, unknown]


def test_what_a_unit_asks_from_one_day_to_another_is_one_line() -> None:
    found = of_extensions([request(1), request(2, points=5), request(3, unit=2), request(4, wished=date(2026, 12, 9)), request(5, points=None)])
    assert [(one.codes, one.points, one.several) for one in found] == [
        (("1.1", "1.2", "1.5"), Decimal(15), True),
        (("1.3",), Decimal(10), False),
        (("1.4",), Decimal(10), False),
    ]
    assert found[0].name is None
    assert found[1].name == "Chỉ số 3"


def test_a_request_that_was_overtaken_waits_for_nobody() -> None:
    assert of_extensions([request(1, overtaken="đợt đã đóng")]) == []


def test_points_nobody_printed_stay_unknown() -> None:
    assert of_extensions([request(1, points=None)])[0].points is None


def test_a_unit_climbs_to_the_leaders_when_one_of_its_tasks_does_and_is_counted_whole() -> None:
    rows = [late(1, due=date(2026, 11, 1)), late(2), late(3, unit=2)]
    (one,) = of_escalations(rows, frozenset({1}), {1: 3})
    assert (one.unit, one.task_ids, one.days, one.times, one.points) == ("Phòng 1", (1, 2), 17, 3, Decimal(20))
    assert of_escalations(rows, frozenset(), {}) == []


def test_a_name_in_capitals_is_read_as_a_name() -> None:
    assert [short_name(name) for name in ("Hoạt động chính quyền số", "HOẠT ĐỘNG CHÍNH QUYỀN SỐ", "THÔNG TIN CHUNG", "An toàn thông tin mạng")] == [
        "Chính quyền",
        "Chính quyền",
        "Thông tin chung",
        "An toàn thông tin",
    ]


# The trend

NOW = Counted(2, "Năm 2026", "nam-2026", date(2026, 10, 1), date(2026, 11, 14), 10, {date(2026, 10, 20): 2, date(2026, 11, 10): 3, TODAY: 1})
THEN = Counted(
    1, "Năm 2025", "nam-2025", date(2025, 10, 1), date(2025, 11, 15), 20, {date(2025, 11, 10): 4, date(2025, 11, 19): 6, date(2025, 11, 20): 4}
)


def test_the_same_day_is_the_day_with_the_same_distance_from_the_last_day() -> None:
    trend = trend_of(NOW, THEN, TODAY)
    assert trend.then_on == date(2025, 11, 19), "four days after the last day, as today is"
    assert (trend.share, trend.then, trend.ahead) == (60.0, 50.0, 10.0)


def test_a_first_round_is_compared_with_nothing() -> None:
    for former in (None, Counted(1, "Năm 2025", "nam-2025", date(2025, 10, 1), date(2025, 11, 15), 0, {})):
        trend = trend_of(NOW, former, TODAY)
        assert (trend.former, trend.then, trend.ahead, trend.before) == (None, None, None, ())
        assert {row.before for row in trend.rows} == {None}


def test_the_curve_of_this_round_ends_today_and_the_former_one_goes_on() -> None:
    trend = trend_of(NOW, THEN, TODAY)
    assert trend.now[-1] == (TODAY, 60.0)
    assert trend.before[-1] == (trend.end, 70.0)
    assert trend.end > TODAY
    assert all(row.now is None for row in trend.rows if row.day > TODAY)


def test_the_table_names_the_last_day_and_today() -> None:
    rows = {row.offset: (row.now, row.before) for row in trend_of(NOW, THEN, TODAY).rows}
    assert rows[0] == (50.0, 20.0)
    assert rows[4] == (60.0, 50.0)
    assert rows[-7] == (20.0, 0.0)


def test_the_page_speaks_of_the_largest_round_that_has_a_day() -> None:
    assert current_round([(1, None, 900), (2, TODAY, 5), (3, TODAY + DAY, 5), (4, TODAY, 0)]) == 3
    assert current_round([(1, None, 9)]) is None
    assert current_round([]) is None


def test_what_was_not_handed_in_counts_in_the_whole_only() -> None:
    (one,) = counted_of([(1, "Năm", "nam", TODAY, TODAY)], [(1, None, 3), (1, TODAY, 1)])
    assert (one.total, one.share(TODAY - DAY), one.share(TODAY)) == (4, 0.0, 25.0)


@given(
    days=st.lists(st.integers(-60, 40), max_size=30),
    extra=st.integers(0, 20),
    shift=st.integers(300, 400),
    today=st.integers(-70, 60),
)
def test_a_curve_never_falls_and_says_on_each_day_what_was_handed_in(days: list[int], extra: int, shift: int, today: int) -> None:
    last, handed_in = date(2026, 11, 14), {}
    for one in days:
        handed_in[last + one * DAY] = handed_in.get(last + one * DAY, 0) + 1
    now = Counted(2, "Năm 2026", "nam-2026", last - 45 * DAY, last, len(days) + extra, handed_in)
    moved = {on - shift * DAY: count for on, count in handed_in.items()}
    then = Counted(1, "Năm 2025", "nam-2025", last - (45 + shift) * DAY, last - shift * DAY, len(days) + extra, moved)
    trend = trend_of(now, then, last + today * DAY)
    for curve in (trend.now, trend.before):
        shares = [share for _day, share in curve]
        assert shares == sorted(shares)
        assert [day for day, _share in curve] == sorted({day for day, _share in curve})
        for day, share in curve:
            assert share == now.share(day), "the former round did the same, a year before"
    if now.total:
        assert trend.ahead == 0, "the same on every day is neither more nor less"
