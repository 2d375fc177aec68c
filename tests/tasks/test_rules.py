"""Two axes that never mix: progress moves by its table, timeliness is worked out from days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.deadlines.shipped import shipped_calendar
from tests.factories import Office
from tracker.kernel.errors import Refused
from tracker.tasks.rules import (
    DONE,
    MOVE_WORDS,
    MOVES,
    OPEN,
    PROGRESS_WORDS,
    SET_ASIDE,
    TIMELINESS_WORDS,
    Horizon,
    Move,
    Progress,
    Standing,
    Timeliness,
    mend_by,
    moved,
    read_ticket,
    standing,
)

CALENDAR = shipped_calendar()
P, M, T = Progress, Move, Timeliness

#: The transition table as the design states it, written a second time: what each move leads to, from where. Everything else is refused.
LEADS_TO: dict[Move, tuple[set[Progress], Progress]] = {
    M.COLLECT: ({P.NOT_STARTED, P.COLLECTING}, P.COLLECTING),
    M.PREPARE: ({P.NOT_STARTED, P.COLLECTING}, P.PREPARED),
    M.REPORT_READY: ({P.NOT_STARTED, P.COLLECTING, P.PREPARED}, P.READY),
    M.ACCEPT: ({P.READY}, P.ACCEPTED),
    M.RETURN: ({P.PREPARED, P.READY, P.ACCEPTED}, P.COLLECTING),
    M.SET_NOT_APPLICABLE: ({P.NOT_STARTED, P.COLLECTING, P.PREPARED}, P.NOT_APPLICABLE),
    M.SET_SUPPLIED_ELSEWHERE: ({P.NOT_STARTED, P.COLLECTING, P.PREPARED}, P.SUPPLIED_ELSEWHERE),
    M.SEND_BACK: ({P.PREPARED}, P.COLLECTING),
    M.RESUME: ({P.NOT_APPLICABLE, P.SUPPLIED_ELSEWHERE}, P.COLLECTING),
    M.UNDO_ACCEPT: ({P.ACCEPTED}, P.READY),
    M.UNDO_RETURN: ({P.COLLECTING}, P.READY),
    M.UNDO_RETURN_OF_ACCEPTED: ({P.COLLECTING}, P.ACCEPTED),
}


@pytest.mark.parametrize("move", Move)
@pytest.mark.parametrize("state", Progress)
def test_a_move_is_allowed_or_refused_with_a_sentence(state: Progress, move: Move) -> None:
    allowed, target = LEADS_TO[move]
    if state in allowed:
        assert moved(state, move) is target
        return
    with pytest.raises(Refused) as refusal:
        moved(state, move)
    assert PROGRESS_WORDS[state] in refusal.value.message
    assert MOVE_WORDS[move] in refusal.value.message


def test_the_table_has_no_row_beyond_the_design() -> None:
    assert {(state, move): target for move, (states, target) in LEADS_TO.items() for state in states} == MOVES
    assert set(Progress) == OPEN | DONE | SET_ASIDE
    assert len(OPEN) + len(DONE) + len(SET_ASIDE) == len(Progress)


def test_every_state_and_band_has_its_words() -> None:
    assert PROGRESS_WORDS.keys() == set(Progress)
    assert TIMELINESS_WORDS.keys() == set(Timeliness)
    assert PROGRESS_WORDS[P.READY] == "Đã đủ minh chứng, chờ xác nhận"
    assert PROGRESS_WORDS[P.ACCEPTED] == "Đã xác nhận"
    assert PROGRESS_WORDS[P.SUPPLIED_ELSEWHERE] == "Do cơ quan khác cung cấp"


def day(text: str) -> date:
    """«14/11» of 2026."""
    number, month = text.split("/")
    return date(2026, int(month), int(number))


def seen(today: str, **given: Any) -> Standing:
    """A task due by 14/11/2026 (a Saturday; target Friday 13/11) as it stands on a day."""
    facts: dict[str, Any] = {
        "status": P.COLLECTING,
        "nominal_on": day("14/11"),
        "last_on": day("14/11"),
        "extended_to_on": None,
        "mend_by_on": None,
        "submitted_on": None,
        "resubmitted_on": None,
        **given,
    }
    return standing(**facts, calendar=CALENDAR, horizon=Horizon.of(CALENDAR, day(today), Office()))


@pytest.mark.parametrize(
    ("today", "band", "left", "late"),
    [
        ("03/11", T.NOT_DUE, 8, 0),  # Tuesday: eight working days to Friday 13/11
        ("04/11", T.DUE_SOON, 7, 0),
        ("12/11", T.DUE_SOON, 1, 0),
        ("13/11", T.DUE_TODAY, 0, 0),  # the target day
        ("14/11", T.DUE_TODAY, 0, 0),  # the last day itself, a Saturday
        ("15/11", T.OVERDUE, 0, 1),  # «trước ngày 15/11»: late from 00:00
        ("18/11", T.OVERDUE, 0, 4),
    ],
)
def test_every_border_of_a_fixed_day(today: str, band: Timeliness, left: int, late: int) -> None:
    found = seen(today)
    assert (found.timeliness, found.working_days_left, found.days_late) == (band, left, late)
    assert (found.due_on, found.target_on) == (day("14/11"), day("13/11"))


@pytest.mark.parametrize(
    ("today", "band"),
    [
        ("10/11", T.NOT_DUE),
        ("11/11", T.DUE_SOON),
        ("19/11", T.DUE_SOON),
        ("20/11", T.DUE_TODAY),
        ("22/11", T.DUE_TODAY),
        ("23/11", T.DUE_TODAY),
        ("24/11", T.OVERDUE),
    ],
)
def test_every_border_of_a_rolled_term(today: str, band: Timeliness) -> None:
    """Fifteen days from 06/11: nominal Saturday 21/11, in time until Monday 23/11, aimed at Friday 20/11."""
    found = seen(today, nominal_on=day("21/11"), last_on=day("23/11"))
    assert found.timeliness is band
    assert (found.due_on, found.target_on) == (day("23/11"), day("20/11"))


@pytest.mark.parametrize(
    ("soon", "today", "band"), [(1, "11/11", T.NOT_DUE), (1, "12/11", T.DUE_SOON), (30, "02/10", T.DUE_SOON), (30, "01/10", T.NOT_DUE)]
)
def test_how_soon_is_soon_is_a_setting(soon: int, today: str, band: Timeliness) -> None:
    found = standing(
        status=P.NOT_STARTED,
        nominal_on=day("14/11"),
        last_on=day("14/11"),
        extended_to_on=None,
        mend_by_on=None,
        submitted_on=None,
        resubmitted_on=None,
        calendar=CALENDAR,
        horizon=Horizon.of(CALENDAR, day(today), Office(soon)),
    )
    assert found.timeliness is band


@pytest.mark.parametrize("status", sorted(DONE))
@pytest.mark.parametrize(
    ("submitted", "band", "late"), [("13/11", T.DONE_ON_TIME, 0), ("14/11", T.DONE_ON_TIME, 0), ("15/11", T.DONE_LATE, 1), ("30/11", T.DONE_LATE, 16)]
)
def test_lateness_is_judged_when_it_was_first_handed_in(status: Progress, submitted: str, band: Timeliness, late: int) -> None:
    for today in ("16/11", "31/12"):
        found = seen(today, status=status, submitted_on=day(submitted))
        assert (found.timeliness, found.days_late) == (band, late)


@pytest.mark.parametrize("status", sorted(SET_ASIDE))
def test_what_is_set_aside_is_never_late(status: Progress) -> None:
    assert seen("31/12", status=status).timeliness is T.NO_DEADLINE


def test_without_a_day_there_is_no_deadline() -> None:
    assert seen("18/11", nominal_on=None, last_on=None) == Standing(T.NO_DEADLINE, None, None)
    assert seen("18/11", nominal_on=None, last_on=None, status=P.READY, submitted_on=day("18/11")) == Standing(T.DONE_NO_DEADLINE, None, None)


def test_an_extension_moves_the_deadline_and_its_target() -> None:
    found = seen("18/11", extended_to_on=day("21/11"))
    assert (found.timeliness, found.due_on, found.target_on) == (T.DUE_SOON, day("21/11"), day("20/11"))
    assert seen("22/11", extended_to_on=day("21/11")).days_late == 1
    assert seen("22/11", extended_to_on=day("21/11"), status=P.READY, submitted_on=day("20/11")).timeliness is T.DONE_ON_TIME


def test_a_returned_task_is_not_overdue_until_its_day_to_mend() -> None:
    for today, band in (("18/11", T.DUE_SOON), ("20/11", T.DUE_SOON), ("23/11", T.DUE_TODAY), ("24/11", T.OVERDUE)):
        assert seen(today, mend_by_on=day("23/11")).timeliness is band, today
    assert seen("24/11", mend_by_on=day("23/11")).days_late == 1
    assert seen("12/11", mend_by_on=day("12/11")).due_on == day("14/11"), "a day to mend before the deadline takes nothing away"


@pytest.mark.parametrize(
    ("returned", "until"),
    [
        ("02/11", None),  # three working days are left before the deadline anyway
        ("10/11", None),
        ("11/11", "16/11"),
        ("14/11", "18/11"),
        ("18/11", "23/11"),
        ("23/11", "27/11"),  # 24/11 is off
    ],
)
def test_a_task_returned_near_or_after_its_deadline_gets_working_days_to_mend(returned: str, until: str | None) -> None:
    assert mend_by(CALENDAR, day(returned), day("14/11"), 3) == (day(until) if until else None)
    assert mend_by(CALENDAR, day(returned), None, 3) is None


@given(st.dates(date(2026, 1, 1), date(2027, 6, 1)), st.integers(-40, 40), st.sampled_from(sorted(OPEN)), st.integers(0, 15))
def test_an_open_task_is_overdue_exactly_after_its_last_day(last: date, apart: int, status: Progress, soon: int) -> None:
    today = last + timedelta(days=apart)
    found = standing(
        status=status,
        nominal_on=last,
        last_on=last,
        extended_to_on=None,
        mend_by_on=None,
        submitted_on=None,
        resubmitted_on=None,
        calendar=CALENDAR,
        horizon=Horizon.of(CALENDAR, today, Office(soon)),
    )
    assert (found.timeliness is T.OVERDUE) == (apart > 0)
    assert found.days_late == max(apart, 0)
    assert found.target_on is not None
    if apart <= 0:
        reached, left = today >= found.target_on, CALENDAR.between(today, found.target_on)
        assert found.timeliness is (T.DUE_TODAY if reached or left == 0 else T.DUE_SOON if left <= soon else T.NOT_DUE)


@pytest.mark.parametrize("text", ["", "12", "12-", "-3", "12-3-4", "a-1", "1-b", "١-1", " 1-1", f"{'9' * 19}-1", f"1-{'9' * 19}"])
def test_what_names_no_row_is_no_ticket(text: str) -> None:
    assert read_ticket(text) is None


def test_a_ticket_is_a_row_and_the_version_that_was_seen() -> None:
    assert read_ticket("12-3") == (12, 3)
