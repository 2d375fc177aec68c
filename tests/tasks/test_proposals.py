"""Nothing is needed, or somebody else's data is awaited: proposed by the lead, decided by the focal point; only then the clock stops."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.page_client import PageClient
from tracker.audit.rules import Actor
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel.errors import Refused, Stale
from tracker.tasks import proposal_queries, proposal_service, rounds
from tracker.tasks.models import Task
from tracker.tasks.proposal_models import Proposal
from tracker.tasks.proposal_rules import Letter, ProposalKind, ProposalState, Verdict
from tracker.tasks.rules import Horizon, Progress, Timeliness, standing

pytestmark = pytest.mark.db

NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
TODAY = date(2026, 11, 18)
Browser = Callable[..., PageClient]
LETTER = {"body": "Chi cục Thuế", "letter_number": "12/CV-VP", "letter_on": "10/11/2026", "reply_on": "25/11/2026"}


def of(task: Task) -> str:
    return f"/huyen-thu/tasks/{task.id}"


def propose(browser: PageClient, task: Task, kind: str, *, status: int = 200, **fields: str):
    return (
        browser.get(f"{of(task)}/propose")
        .form("/propose")
        .fill(kind=kind, **{"reason": "Xã không có khu công nghiệp", **fields})
        .submit(status=status)
    )


def tickets(page) -> list[str]:
    return [box.get("value") for box in page.all("//input[@name='proposals']")]


def decide(browser: PageClient, decision: str, *, status: int = 200, **fields: str):
    page = browser.get("/huyen-thu/proposals")
    return page.form("/proposals/decide").fill(proposals=tickets(page), decision=decision, **fields).submit(status=status)


def test_a_lead_proposes_and_only_the_decision_stops_the_clock(session: Session, world: World, sign_in: Browser) -> None:
    owner, focal, task = sign_in(world.owner.username), sign_in(world.focal.username), world.task
    assert "hạn vẫn tính như thường" in propose(owner, task, "not_applicable").text
    assert "Quá hạn" in owner.get(of(task)).main, "nothing has changed yet"
    assert "Đề nghị của đơn vị: 1 đang chờ" in focal.get("/huyen-thu/today").main
    assert "Chờ đầu mối quyết định" in owner.get(of(task)).main
    decide(focal, "agree")
    session.rollback()
    assert task.status is Progress.NOT_APPLICABLE
    assert task.reason == "Xã không có khu công nghiệp"
    assert "Quá hạn" not in owner.get(of(task)).main
    assert "Đề nghị của đơn vị" not in focal.get("/huyen-thu/today").main


def test_a_refusal_needs_an_answer_and_leaves_the_task_as_it_was(session: Session, world: World, sign_in: Browser) -> None:
    owner, focal, task = sign_in(world.owner.username), sign_in(world.focal.username), world.task
    propose(owner, task, "supplied_elsewhere", body="Chi cục Thuế")
    assert "ghi câu trả lời" in decide(focal, "refuse", status=400).main
    decide(focal, "refuse", answer="Đơn vị vẫn có số liệu này.")
    session.rollback()
    assert task.status is Progress.NOT_STARTED
    assert "Đơn vị vẫn có số liệu này." in owner.get(of(task)).main
    propose(owner, task, "supplied_elsewhere", body="Chi cục Thuế")
    assert session.scalars(select(Proposal.state).order_by(Proposal.id)).all() == [ProposalState.REFUSED, ProposalState.PENDING]


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("not_applicable", {"reason": " "}, "ghi lý do"),
        ("supplied_elsewhere", {}, "tên cơ quan"),
        ("data_request", {"body": "Chi cục Thuế"}, "số, ký hiệu và ngày"),
        ("data_request", {**LETTER, "reply_on": "17/11/2026"}, "đã qua"),
        ("data_request", {**LETTER, "letter_on": "19/11/2026"}, "chưa đến"),
        ("data_request", {**LETTER, "reply_on": "31/02/2027"}, "không phải là một ngày có thật"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    session: Session, world: World, sign_in: Browser, kind: str, fields: dict[str, str], said: str
) -> None:
    page = propose(sign_in(world.owner.username), world.task, kind, status=400, **fields)
    assert said in page.main
    assert page.form("/propose").values["kind"] == kind
    assert session.scalars(select(Proposal.id)).all() == []


def test_a_data_request_pauses_lateness_only_once_confirmed_and_until_its_reply_day(session: Session, world: World, sign_in: Browser, on_day) -> None:
    owner, focal, task = sign_in(world.owner.username), sign_in(world.focal.username), world.task
    propose(owner, task, "data_request", **LETTER)
    assert "Quá hạn 4 ngày" in owner.get(of(task)).main
    decide(focal, "agree", until="23/11/2026")
    session.rollback()
    assert (task.status, task.paused_until_on) == (Progress.NOT_STARTED, date(2026, 11, 23))
    shown = owner.get(of(task)).main
    assert "Quá hạn" not in shown
    assert "Tạm dừng tính hạn đến hết ngày 23/11/2026" in shown
    assert "Thứ Bảy, 14/11/2026" in shown, "the round's own day stays"
    overdue = "/huyen-thu/tasks?timeliness=overdue"
    assert "1.1" not in [row["Mã"] for row in focal.get(overdue).table("Nhiệm vụ") if row.get("Đơn vị", "") == world.room.name]
    on_day("2026-11-25")
    assert "Quá hạn 2 ngày" in sign_in(world.owner.username).get(of(task)).main


def test_what_is_handed_in_during_the_pause_is_on_time(session: Session, world: World) -> None:
    world.task.paused_until_on = date(2026, 11, 25)
    world.task.status, world.task.submitted_on = Progress.READY, date(2026, 11, 24)
    found = standing(**_facts(world, world.task), calendar=_calendar(), horizon=_horizon())
    assert found.timeliness is Timeliness.DONE_ON_TIME


def _calendar() -> WorkingCalendar:
    return WorkingCalendar({})


def _horizon() -> Horizon:
    class _Office:
        due_soon_days = 7
        late_by_return = False

    return Horizon.of(_calendar(), TODAY, _Office())


def _facts(world: World, task: Task) -> dict[str, object]:
    return {
        "status": task.status,
        "nominal_on": world.round.nominal_on,
        "last_on": world.round.last_on,
        "extended_to_on": task.extended_to_on,
        "mend_by_on": task.mend_by_on,
        "paused_until_on": task.paused_until_on,
        "submitted_on": task.submitted_on,
        "resubmitted_on": task.resubmitted_on,
    }


def test_one_proposal_waits_at_a_time_and_its_unit_may_take_it_back(session: Session, world: World, sign_in: Browser) -> None:
    owner, task = sign_in(world.owner.username), world.task
    propose(owner, task, "not_applicable")
    assert "chỉ có một đề nghị một lúc" in propose(owner, task, "supplied_elsewhere", body="Bưu điện", status=400).main
    owner.get(of(task)).form("/withdraw").submit("Rút đề nghị")
    assert session.scalars(select(Proposal.state)).all() == [ProposalState.WITHDRAWN]


def test_others_may_not_propose_decide_or_take_back(session: Session, world: World, sign_in: Browser) -> None:
    propose(sign_in(world.owner.username), world.task, "not_applicable")
    proposal = session.scalars(select(Proposal.id)).one()
    colleague, chair = sign_in(world.colleague.username), sign_in(world.chair.username)
    colleague.get(f"{of(world.task)}/propose", status=403)
    assert "Xã không có khu công nghiệp" not in colleague.get(of(world.task)).main, "a cooperating unit does not read it"
    assert not chair.get("/huyen-thu/proposals").has_form("/proposals/decide")
    token = chair.get("/huyen-thu/proposals").form("/sign-out").values["csrf_token"]
    chair.post("/huyen-thu/proposals/decide", {"csrf_token": token, "proposals": f"{proposal}-1", "decision": "agree"}, status=403)
    sign_in(world.stranger.username).get("/huyen-thu/proposals", status=404)


def test_a_decision_on_what_was_taken_back_meanwhile_is_told_with_both(session: Session, world: World, sign_in: Browser) -> None:
    owner, focal = sign_in(world.owner.username), sign_in(world.focal.username)
    propose(owner, world.task, "not_applicable")
    page = focal.get("/huyen-thu/proposals")
    form = page.form("/proposals/decide").fill(proposals=tickets(page), decision="agree", answer="Đồng ý")
    owner.get(of(world.task)).form("/withdraw").submit("Rút đề nghị")
    assert "Đã rút" in form.submit(status=409).main
    session.rollback()
    assert world.task.status is Progress.NOT_STARTED


def test_what_was_handed_in_or_closed_meanwhile_is_not_decided_any_more(session: Session, world: World) -> None:
    lead, focal = Actor(world.owner.id, "Chuyên viên"), Actor(world.focal.id, "Đầu mối")
    proposal_service.propose(session, world.task, ProposalKind.NOT_APPLICABLE, "Không có", lead, NOW)
    world.task.status = Progress.READY
    session.flush()
    rows = [(row, row.version) for row in proposal_queries.pending(session)]
    outcome = proposal_service.decide(session, rows, Verdict(True), focal, NOW)
    assert (outcome.decided, len(outcome.overtaken)) == (0, 1)
    assert world.task.status is Progress.READY
    other = world.tasks[1]
    proposal_service.propose(session, other, ProposalKind.NOT_APPLICABLE, "Không có", lead, NOW)
    rounds.close(session, world.round, focal, NOW)
    assert session.scalars(select(Proposal.state)).all() == [ProposalState.WITHDRAWN, ProposalState.WITHDRAWN]
    with pytest.raises(Refused, match="đã đóng"):
        proposal_service.propose(session, world.task, ProposalKind.NOT_APPLICABLE, "Không có", lead, NOW)


def test_a_stale_version_of_a_proposal_is_refused(session: Session, world: World) -> None:
    lead, focal = Actor(world.owner.id, "Chuyên viên"), Actor(world.focal.id, "Đầu mối")
    letter = Letter("12/CV", date(2026, 11, 10), date(2026, 11, 25))
    proposal_service.propose(session, world.task, ProposalKind.DATA_REQUEST, "Chờ", lead, NOW, body="Chi cục Thuế", letter=letter)
    rows = [(row, row.version) for row in proposal_queries.pending(session)]
    proposal_service.decide(session, rows, Verdict(True), focal, NOW)
    assert world.task.paused_until_on == date(2026, 11, 25)
    with pytest.raises(Stale):
        proposal_service.decide(session, rows, Verdict(False, answer="Không"), focal, NOW)


@given(
    last=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    extended=st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    mend=st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    paused=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    submitted=st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    status=st.sampled_from([Progress.NOT_STARTED, Progress.COLLECTING, Progress.READY, Progress.ACCEPTED]),
)
def test_a_pause_never_makes_a_task_later(last, extended, mend, paused, submitted, status) -> None:
    facts = {"status": status, "nominal_on": last, "last_on": last, "extended_to_on": extended, "mend_by_on": mend, "submitted_on": submitted}
    day = {"calendar": _calendar(), "horizon": _horizon(), "resubmitted_on": None}
    without, with_pause = standing(**facts, **day), standing(**facts, **day, paused_until_on=paused)
    assert with_pause.days_late <= without.days_late
    assert with_pause.due_on >= without.due_on
    if paused < min(last, extended or last) - timedelta(days=1):
        assert with_pause == without
