"""Contradictions arithmetic finds."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tracker.documents.rules import (
    Assigned,
    Declared,
    FindingKind,
    Line,
    NamedUnit,
    declared_mismatches,
    divided_rows,
    empty_groups,
    in_order,
    missing_values,
    spellings,
    sums_of_children,
)
from tracker.indicators.rules import IndicatorKind


def main(code, points=None):
    return Line(code, None, code, IndicatorKind.MAIN, None if points is None else Decimal(points), "")


def component(code, points):
    above = code.split(".")[0]
    return Line(code, above, above, IndicatorKind.COMPONENT, None if points is None else Decimal(points), "")


def row(code, leads, cooperators=()):
    return Assigned(code, None, ", ".join(leads), "; ".join(cooperators), tuple((x, x) for x in leads), tuple((x, x) for x in cooperators))


def test_a_stated_total_that_is_not_the_sum_names_both_and_what_is_unknown():
    lines = [main("3", 100), component("3.1", 50), component("3.2", 40), component("3.3", None)]
    (finding,) = declared_mismatches(lines, [Declared("3", "points", "100", Decimal(100))])
    assert (finding.place, finding.kind, finding.printed, finding.expected) == ("section 3", FindingKind.DECLARED_TOTAL, "100", "90")
    assert "3.3" in finding.message


def test_a_right_total_and_a_right_count_are_not_findings():
    lines = [main("1", 100), component("1.1", 60), component("1.2", 40)]
    declared = [
        Declared("1", "points", "100", Decimal(100)),
        Declared("1", "components", "02", Decimal(2)),
        Declared("document", "mains", "1", Decimal(1)),
    ]
    assert declared_mismatches(lines, declared) == []


def test_the_same_wrong_count_stated_twice_is_told_once():
    wrong = Declared("document", "components", "63", Decimal(63))
    assert len(declared_mismatches([main("1"), component("1.1", 1)], [wrong, wrong])) == 1


def test_points_not_printed_are_told_and_a_group_of_zero_points_asks_for_none():
    lines = [main("6"), component("6.6", 10), component("6.7", None), main("9", 0), component("9.1", None)]
    assert [finding.place for finding in missing_values(lines)] == ["6.7"]


def test_a_document_without_any_points_is_told_once():
    (finding,) = missing_values([main("1"), component("1.1", None), component("1.2", None)])
    assert finding.place == "document"


def test_a_row_with_points_is_compared_with_its_children_unless_a_stated_total_was():
    lines = [main("5", 20), component("5.1", 15), Line("5.1.1", "5.1", "5", IndicatorKind.SUB, Decimal(9), "9")]
    assert [f.place for f in sums_of_children(lines, [Declared("5", "points", "20", Decimal(20))])] == ["5.1"]
    assert [f.place for f in sums_of_children(lines, [])] == ["5", "5.1"]


@given(st.lists(st.decimals(0, 100, places=1), min_size=1, max_size=8))
def test_a_total_that_is_the_sum_is_never_a_finding(points):
    lines = [main("1"), *(component(f"1.{n}", value) for n, value in enumerate(points))]
    assert declared_mismatches(lines, [Declared("1", "points", "", sum(points, Decimal(0)))]) == []


def test_two_leads_and_a_lead_among_its_cooperators():
    findings = divided_rows([row("9.1", ["A", "B"]), row("4.2", ["A"], ["C", "A"]), row("1.1", ["A"], ["B"])])
    assert [(f.place, f.kind) for f in findings] == [("9.1", FindingKind.TWO_LEADS), ("4.2", FindingKind.LEAD_IN_COOPERATORS)]
    assert findings[1].expected == "C"


def test_a_small_first_letter_or_a_full_stop_is_no_other_spelling():
    rows = [Assigned("1", None, "", "", (("các thôn", "Các thôn"), ("Đài xã.", "Đài xã"), ("CC VHTT", "Công chức VHTT")), ())]
    found = spellings(rows, [NamedUnit("Các thôn"), NamedUnit("Đài xã"), NamedUnit("Công chức VHTT", ("CC VH TT",))])
    assert [(f.printed, f.expected) for f in found] == [("CC VH TT; CC VHTT", "Công chức VHTT")]


def test_a_group_without_members_is_told_once_with_where_it_stands():
    rows = [row("8.2", ["Các ngân hàng"]), row("8.3", ["A"], ["Các ngân hàng"])]
    (finding,) = empty_groups(rows, [NamedUnit("Các ngân hàng", group=True), NamedUnit("Nhóm", group=True, members=3), NamedUnit("A")])
    assert "chủ trì 1 chỉ số (8.2) và phối hợp 1 chỉ số (8.3)" in finding.message


def test_findings_stand_in_document_order():
    lines = [main("6"), component("6.2", None), component("6.10", None), component("6.1", 5)]
    order = {"6": 0, "6.2": 1, "6.10": 2, "6.1": 3}
    told = in_order([*reversed(missing_values(lines)), *declared_mismatches(lines, [Declared("6", "points", "9", Decimal(9))])], order)
    assert [f.place for f in told] == ["section 6", "6.2", "6.10"]
