"""Hoàn tác: a decision just made is taken back by who made it, within ten minutes, and only while nobody changed the task since."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.evidence.test_bulk import handed_in as handed_in
from tests.evidence.test_bulk import states, tick
from tests.factories import World
from tests.page_client import Page, PageClient
from tests.reminders.test_planning import send
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.deadlines import queries as deadlines
from tracker.evidence import queries as evidence
from tracker.evidence import review_service
from tracker.evidence import service as evidence_service
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.kernel.errors import Refused
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import MessageState
from tracker.reminders import service as reminders
from tracker.tasks import service, undo_queries
from tracker.tasks.models import Task
from tracker.tasks.rules import Move, Progress, ReturnCause
from tracker.tasks.undo_rules import Decided

SignIn = Callable[..., PageClient]
NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
COLUMNS = ("status", "reason", "return_cause", "returned_at", "accepted_at", "own_acceptance", "mend_by_on", "submitted_at", "resubmitted_at")


def undone(page: Page) -> Page:
    return page.form("/tasks/undo-many").submit("Hoàn tác")


def as_it_is(session: Session, task: Task) -> dict[str, Any]:
    session.rollback()
    fresh = session.get_one(Task, task.id, populate_existing=True)
    return {name: getattr(fresh, name) for name in COLUMNS}


def test_ten_minutes_are_ten_minutes_and_only_for_who_decided() -> None:
    decided = Decided(Move.ACCEPT, NOW, 7, {"status": ["ready", "accepted"]})
    decided.expect_undoable(7, NOW)
    decided.expect_undoable(7, NOW + timedelta(minutes=10))
    for who, when in ((7, NOW + timedelta(minutes=10, seconds=1)), (8, NOW), (None, NOW), (7, NOW - timedelta(seconds=1))):
        with pytest.raises(Refused):
            decided.expect_undoable(who, when)


def test_what_is_put_back_is_read_as_it_was_written() -> None:
    changes = {
        "status": ["accepted", "collecting"],
        "reason": ["", "Thiếu dấu"],
        "returned_at": [None, NOW.isoformat()],
        "accepted_at": [NOW.isoformat(), None],
        "own_acceptance": [True, False],
        "mend_by_on": ["2026-11-20", None],
        "return_cause": ["missing", None],
    }
    decided = Decided(Move.RETURN, NOW, 7, changes)
    assert decided.undo is Move.UNDO_RETURN_OF_ACCEPTED
    assert decided.before() == {
        "reason": None,
        "returned_at": None,
        "accepted_at": NOW,
        "own_acceptance": True,
        "mend_by_on": date(2026, 11, 20),
        "return_cause": ReturnCause.MISSING,
    }
    with pytest.raises(Refused):
        _ = Decided(Move.RETURN, NOW, 7, {"status": ["prepared", "collecting"]}).undo


@pytest.mark.db
def test_one_accepted_by_mistake_waits_again(session: Session, world: World, handed_in: list[Task], sign_in: SignIn) -> None:
    before = as_it_is(session, world.task)
    focal = sign_in(world.focal.username)
    told = focal.get(f"/huyen-thu/tasks/{world.task.id}").form("/accept").submit("Xác nhận")
    assert re.search(r"Đã xác nhận 1\.1\. ?Hoàn tác.{0,3}đến 09:[345]\d", told.text), "until when it can be undone is said"
    assert states(session, [world.task]) == [Progress.ACCEPTED]
    after = undone(told)
    assert "Đã hoàn tác 1 nhiệm vụ." in after.text
    assert as_it_is(session, world.task) == before
    [event] = session.scalars(select(AuditEvent).where(AuditEvent.action == "task.undo_accept")).all()
    assert event.summary.startswith("Hoàn tác: xác nhận lúc 18/11/2026, 09:") and event.changes["status"] == ["accepted", "ready"]
    assert not after.has_form("/tasks/undo-many"), "what was undone is not offered again"


@pytest.mark.db
@pytest.mark.parametrize("accepted_first", [False, True])
def test_one_returned_by_mistake_is_as_it_was(session: Session, world: World, handed_in: list[Task], sign_in: SignIn, accepted_first: bool) -> None:
    focal = sign_in(world.focal.username)
    if accepted_first:
        focal.get(f"/huyen-thu/tasks/{world.task.id}").form("/accept").submit("Xác nhận")
    before = as_it_is(session, world.task)
    told = focal.get(f"/huyen-thu/tasks/{world.task.id}/return").form("/return").fill(cause="unsigned", reason="trang cuối").submit("Trả lại")
    assert as_it_is(session, world.task)["mend_by_on"] is not None
    assert "Đã hoàn tác 1 nhiệm vụ." in undone(told).text
    assert as_it_is(session, world.task) == before


@pytest.mark.db
def test_many_accepted_or_returned_together_are_undone_together(session: Session, world: World, handed_in: list[Task], sign_in: SignIn) -> None:
    focal, chosen = sign_in(world.focal.username), handed_in[:3]
    before = [as_it_is(session, task) for task in chosen]
    preview = tick(focal.get("/huyen-thu/tasks?status=ready"), "/accept-many", chosen, "Xác nhận…")
    told = preview.form("/accept-many").submit()
    assert "Đã xác nhận 3 nhiệm vụ." in told.text
    assert "Đã hoàn tác 3 nhiệm vụ." in undone(told).text
    assert [as_it_is(session, task) for task in chosen] == before
    preview = tick(focal.get("/huyen-thu/tasks?status=ready"), "/accept-many", chosen, "Trả lại…")
    told = preview.form("/return-many").fill(reason="Thiếu dấu").submit()
    assert states(session, chosen) == [Progress.COLLECTING] * 3
    assert "Đã hoàn tác 3 nhiệm vụ." in undone(told).text
    assert [as_it_is(session, task) for task in chosen] == before


@pytest.mark.db
def test_what_somebody_changed_since_stays_and_is_named(session: Session, world: World, handed_in: list[Task], sign_in: SignIn) -> None:
    focal, chosen = sign_in(world.focal.username), handed_in[:2]
    told = tick(focal.get("/huyen-thu/tasks?status=ready"), "/accept-many", chosen, "Xác nhận…").form("/accept-many").submit()
    session.rollback()
    evidence_service.touch(session.get_one(Task, chosen[0].id, populate_existing=True))
    session.commit()
    after = undone(told)
    assert "Đã hoàn tác 1 nhiệm vụ." in after.text
    assert "Không hoàn tác 1.1: vừa có người khác thay đổi" in after.text
    assert states(session, chosen) == [Progress.ACCEPTED, Progress.READY]


@pytest.mark.db
def test_it_is_too_late_after_ten_minutes(
    session: Session, world: World, handed_in: list[Task], sign_in: SignIn, on_day: Callable[[str], None]
) -> None:
    focal = sign_in(world.focal.username)
    told = focal.get(f"/huyen-thu/tasks/{world.task.id}").form("/accept").submit("Xác nhận")
    on_day("2026-11-19")
    assert "đã quá 10 phút" in undone(told).text
    assert states(session, [world.task]) == [Progress.ACCEPTED]


@pytest.mark.db
def test_a_decision_of_another_or_one_with_verdicts_on_documents_is_not_undone(
    session: Session, world: World, handed_in: list[Task], sign_in: SignIn
) -> None:
    one, other = handed_in[:2]
    service.accept(session, one, Actor(world.admin.id, "Người khác"), clock.now(), own=False, own_allowed=True)
    lines = evidence.proofs(session, other.id)
    terms = review_service.Terms(deadlines.round_by_id(session, other.round_id), deadlines.working_calendar(session), 3, False, True)
    verdicts = {line.id: review_service.Verdict(accepted=True) for line in lines}
    review_service.review(session, other, lines, verdicts, Actor(world.focal.id, "Đầu mối"), clock.now(), terms=terms)
    session.commit()
    assert states(session, [one, other]) == [Progress.ACCEPTED] * 2
    tickets = f"{one.id}-{one.version} {other.id}-{other.version}"
    session.rollback()
    focal = sign_in(world.focal.username)
    token = focal.get("/huyen-thu/today").form("/sign-out").values["csrf_token"]
    after = focal.post("/huyen-thu/tasks/undo-many", {"csrf_token": token, "tickets": tickets})
    assert "do người khác quyết định" in after.text and "không có quyết định nào vừa làm" in after.text
    assert states(session, [one, other]) == [Progress.ACCEPTED] * 2


@pytest.mark.db
def test_a_closed_round_keeps_what_was_decided(session: Session, world: World, handed_in: list[Task], sign_in: SignIn) -> None:
    told = sign_in(world.focal.username).get(f"/huyen-thu/tasks/{world.task.id}").form("/accept").submit("Xác nhận")
    session.rollback()
    world.round.closed_at = clock.now()
    session.commit()
    assert "đã đóng ngày" in undone(told).text
    assert states(session, [world.task]) == [Progress.ACCEPTED]


@pytest.mark.db
def test_undoing_and_changing_at_the_same_instant_one_wins(app: Flask, session: Session, world: World, handed_in: list[Task]) -> None:
    """Two undo at once: the history tells of one. The second meets the version in the WHERE, or the first one's lock."""
    actor = Actor(world.focal.id, "Đầu mối")
    service.accept(session, world.task, actor, clock.now(), own=False, own_allowed=True)
    session.commit()
    task_id, authority_id, together = world.task.id, world.authority.id, Barrier(2)
    session.rollback()

    def undo(_place: int) -> bool:
        with app.app_context(), writing():
            own = db.session()
            scope.choose(own, scope.one(authority_id))
            task = own.get_one(Task, task_id)
            decided = undo_queries.last_decisions(own, authority_id, [task_id])[task_id]
            if own.get_bind().dialect.name == "postgresql":
                together.wait(20)
            try:
                service.undo(own, task, decided, actor, clock.now())
                own.commit()
            except (StaleDataError, Refused):
                own.rollback()
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(undo, range(2))) == [False, True]
    assert states(session, [world.task]) == [Progress.READY]
    assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == "task.undo_accept")).all()) == 1


@pytest.mark.db
def test_a_mail_about_what_was_undone_is_dropped_when_it_would_go(
    app: Flask, session: Session, world: World, handed_in: list[Task], sign_in: SignIn
) -> None:
    """Everything was handed in; one task returned is reminded of, and handed in again by undoing before the mail leaves."""
    told = sign_in(world.focal.username).get(f"/huyen-thu/tasks/{world.task.id}/return").form("/return").fill(reason="Thiếu dấu").submit("Trả lại")
    session.rollback()
    scope.choose(session, scope.one(world.authority.id))
    reminders.remind_unit(session, Actor(world.focal.id, "Đầu mối"), world.authority, world.room, clock.today(), clock.now())
    session.commit()
    undone(told)
    tally = send(app, session)
    assert tally.sent == 0
    told_of = session.scalars(select(OutboxMessage).where(OutboxMessage.authority_id == world.authority.id)).all()
    assert {one.state for one in told_of} == {MessageState.CANCELLED}
