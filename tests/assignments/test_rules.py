"""One lead, each cooperator once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tracker.assignments.rules import Fault, divide

names = st.lists(st.sampled_from("abcdef"), max_size=6)


def test_of_two_printed_leads_the_first_leads_and_the_second_cooperates():
    division = divide(["VHTT", "VPTK"], [])
    assert (division.lead, division.cooperators, division.faults) == ("VHTT", ("VPTK",), (Fault.TWO_LEADS,))


def test_a_lead_among_its_own_cooperators_is_dropped_there():
    division = divide(["UBND xã"], ["Văn phòng", "UBND xã", "Phòng Nội vụ"])
    assert division.cooperators == ("Văn phòng", "Phòng Nội vụ")
    assert division.faults == (Fault.LEAD_IN_COOPERATORS,)


def test_a_clean_row_has_no_fault_and_keeps_the_printed_order():
    assert divide(["a"], ["c", "b", "c"]).cooperators == ("c", "b")
    assert divide(["a"], ["c", "b"]).faults == ()


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4), names)
def test_nobody_is_lost_and_nobody_stands_twice(leads, cooperators):
    division = divide(leads, cooperators)
    assert [division.lead, *division.cooperators].count(division.lead) == 1
    assert len(set(division.cooperators)) == len(division.cooperators)
    assert {division.lead, *division.cooperators} == set(leads) | set(cooperators)
