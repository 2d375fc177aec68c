"""What people do with tasks: the clock that stops at handing in, days to mend, stale pages, two people at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.factories import Office, World, add_membership
from tests.page_client import PageClient
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.deadlines import queries as deadlines
from tracker.kernel import scope
from tracker.kernel.database import db, writing
from tracker.kernel.errors import Refused, Stale
from tracker.tasks import queries, service
from tracker.tasks.models import Task
from tracker.tasks.queries import Filters
from tracker.tasks.rules import Fulfilment, Horizon, Move, Progress, Standing, Timeliness
from tracker.units.rules import Role

pytestmark = pytest.mark.db

DONE = Fulfilment(True)
UNIT = Actor(None, "Chuyên viên, Phòng Nội vụ")
FOCAL = Actor(None, "Đầu mối, Phòng Văn hóa và Thông tin")


def at(day: int, hour: int = 9) -> datetime:
    """An hour of a day of November 2026, Vietnamese time."""
    return datetime(2026, 11, day, hour, tzinfo=UTC) - timedelta(hours=7)


def stands(session: Session, task: Task, on: int) -> Standing:
    calendar = deadlines.working_calendar(session)
    (row,) = queries.listed(session, Filters(task_ids=frozenset({task.id})), calendar, Horizon.of(calendar, date(2026, 11, on), Office()))
    return row.standing


def hand_in(session: Session, task: Task, when: datetime, actor: Actor = UNIT) -> None:
    service.mark_ready(session, task, DONE, actor, when, needs_head=False, is_head=False)


def give_back(session: Session, world: World, when: datetime, reason: str = "Thiếu chữ ký.") -> None:
    service.return_(session, world.task, world.round, reason, FOCAL, when, calendar=deadlines.working_calendar(session), mend_days=3)


def events(session: Session, task: Task) -> list[AuditEvent]:
    query = select(AuditEvent).where(AuditEvent.subject_type == "task", AuditEvent.subject_id == task.id).order_by(AuditEvent.id)
    return list(session.scalars(query))


def test_the_first_handing_in_is_never_overwritten(session: Session, world: World) -> None:
    """Handed in on the last day at 23:59, returned and handed in again ten days later: it was in time."""
    task = world.task
    hand_in(session, task, at(14, 23))
    give_back(session, world, at(17))
    hand_in(session, task, at(24))
    service.accept(session, task, FOCAL, at(25), own=False, own_allowed=True)
    assert (task.submitted_at, task.submitted_on, task.resubmitted_at) == (at(14, 23), date(2026, 11, 14), at(24))
    assert stands(session, task, 30).timeliness is Timeliness.DONE_ON_TIME
    assert task.mend_by_on == date(2026, 11, 20), "kept for judging when it came back"


def test_lateness_is_judged_at_handing_in_not_at_confirmation(session: Session, world: World) -> None:
    hand_in(session, world.task, at(16))
    service.accept(session, world.task, FOCAL, at(30), own=False, own_allowed=True)
    assert stands(session, world.task, 30) == Standing(Timeliness.DONE_LATE, date(2026, 11, 14), date(2026, 11, 13), days_late=2)


def test_a_task_returned_after_its_deadline_gets_days_of_its_own_and_is_not_overdue_until_then(session: Session, world: World) -> None:
    hand_in(session, world.task, at(13))
    give_back(session, world, at(18))
    assert world.task.mend_by_on == date(2026, 11, 23)
    assert [stands(session, world.task, day).timeliness for day in (19, 22, 23, 24)] == [
        Timeliness.DUE_SOON,
        Timeliness.DUE_SOON,
        Timeliness.DUE_TODAY,
        Timeliness.OVERDUE,
    ]
    assert "bổ sung trước hết ngày 23/11/2026" in events(session, world.task)[-1].summary


def test_a_task_returned_in_good_time_keeps_its_deadline(session: Session, world: World) -> None:
    hand_in(session, world.task, at(2))
    give_back(session, world, at(3))
    assert world.task.mend_by_on is None
    assert (world.task.status, world.task.accepted_at, world.task.reason) == (Progress.COLLECTING, None, "Thiếu chữ ký.")
    assert stands(session, world.task, 15).timeliness is Timeliness.OVERDUE


def test_a_return_needs_a_reason_of_reasonable_length(session: Session, world: World) -> None:
    hand_in(session, world.task, at(13))
    for reason in ("", "   ", "x" * 2001):
        with pytest.raises(Refused) as refusal:
            give_back(session, world, at(18), reason)
        assert refusal.value.field == "reason"


def test_setting_aside_stops_the_clock_and_resuming_starts_it(session: Session, world: World) -> None:
    for move, status in ((Move.SET_NOT_APPLICABLE, Progress.NOT_APPLICABLE), (Move.SET_SUPPLIED_ELSEWHERE, Progress.SUPPLIED_ELSEWHERE)):
        service.set_aside(session, world.task, move, "Bộ cấp số liệu.", FOCAL, at(16))
        assert world.task.status is status
        assert stands(session, world.task, 30).timeliness is Timeliness.NO_DEADLINE
        service.resume(session, world.task, "Bộ không cấp.", FOCAL, at(17))
        assert stands(session, world.task, 18).timeliness is Timeliness.OVERDUE
    assert [event.action for event in events(session, world.task)] == [
        "task.set_not_applicable",
        "task.resume",
        "task.set_supplied_elsewhere",
        "task.resume",
    ]


def test_every_change_is_an_event_with_who_and_what(session: Session, world: World) -> None:
    service.begin(session, world.task, UNIT, at(2))
    hand_in(session, world.task, at(3), Actor(None, "Đầu mối", "Phòng Nội vụ"))
    service.accept(session, world.task, FOCAL, at(4), own=True, own_allowed=True)
    told = events(session, world.task)
    assert [(event.actor, event.changes) for event in told] == [
        (UNIT.words, {"status": ["not_started", "collecting"]}),
        ("Đầu mối", {"status": ["collecting", "ready"]}),
        (FOCAL.words, {"status": ["ready", "accepted"], "accepted_at": [None, at(4).isoformat()], "own_acceptance": [False, True]}),
    ]
    assert (told[1].on_behalf_of, told[1].summary) == ("Phòng Nội vụ", "Báo đủ minh chứng thay mặt Phòng Nội vụ.")
    assert "tự xác nhận" in told[2].summary
    assert (world.task.on_behalf, world.task.own_acceptance) == (True, True)


def test_what_is_incomplete_does_not_leave_the_unit(session: Session, world: World) -> None:
    lacking = Fulfilment(False, ("Quyết định", "Biên bản họp"))
    with pytest.raises(Refused, match="Quyết định; Biên bản họp"):
        service.mark_ready(session, world.task, lacking, UNIT, at(3), needs_head=False, is_head=False)
    assert (world.task.status, world.task.submitted_at) == (Progress.NOT_STARTED, None)


def test_the_head_approves_where_the_setting_says_so(session: Session, world: World) -> None:
    service.mark_ready(session, world.task, DONE, UNIT, at(3), needs_head=True, is_head=False)
    assert (world.task.status, world.task.submitted_at) == (Progress.PREPARED, None), "it has not left the unit"
    with pytest.raises(Refused, match="Chờ lãnh đạo đơn vị duyệt"):
        service.mark_ready(session, world.task, DONE, UNIT, at(3), needs_head=True, is_head=False)
    service.mark_ready(session, world.task, DONE, UNIT, at(4), needs_head=True, is_head=True)
    assert (world.task.status, world.task.submitted_at) == (Progress.READY, at(4))


def test_own_acceptance_is_refused_where_the_setting_forbids_it(session: Session, world: World) -> None:
    hand_in(session, world.task, at(3))
    with pytest.raises(Refused, match="không tự xác nhận"):
        service.accept(session, world.task, FOCAL, at(4), own=True, own_allowed=False)
    assert world.task.status is Progress.READY
    service.accept(session, world.task, FOCAL, at(4), own=False, own_allowed=False)


def test_a_version_that_is_gone_is_refused_with_both_versions(session: Session, world: World) -> None:
    service.expect_version(world.task, world.task.version, "Xác nhận")
    with pytest.raises(Stale) as refusal:
        service.expect_version(world.task, world.task.version - 1, "Xác nhận")
    assert refusal.value.theirs.keys() == refusal.value.yours.keys()
    assert "Chưa thực hiện" in " ".join(refusal.value.theirs.values())
    assert "Xác nhận" in refusal.value.yours.values()


@pytest.mark.parametrize("other", ["accept", "return"])
def test_of_two_who_decide_at_once_one_wins(app: Flask, session: Session, world: World, other: str) -> None:
    hand_in(session, world.task, at(13))
    session.commit()
    task_id, round_id, together = world.task.id, world.round.id, Barrier(2)

    def decide(kind: str) -> str:
        with app.app_context():
            own = db.session()
            scope.choose(own, scope.whole("two browsers"))
            seen = own.scalars(select(Task).where(Task.id == task_id)).one().version
            own.rollback()
            together.wait(10)
            try:
                with writing():
                    task = own.scalars(select(Task).where(Task.id == task_id)).one()
                    service.expect_version(task, seen, "Quyết định")
                    if kind == "accept":
                        service.accept(own, task, FOCAL, at(18), own=False, own_allowed=True)
                    else:
                        one = deadlines.round_by_id(own, round_id)
                        service.return_(own, task, one, "Thiếu.", FOCAL, at(18), calendar=deadlines.working_calendar(own), mend_days=3)
                    own.commit()
            except (Stale, StaleDataError):
                own.rollback()
                return "beaten"
            return kind

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(decide, ("accept", other)))
    assert outcomes.count("beaten") == 1
    session.rollback()
    winner = next(outcome for outcome in outcomes if outcome != "beaten")
    session.refresh(world.task)
    assert world.task.status is (Progress.ACCEPTED if winner == "accept" else Progress.COLLECTING)
    decided = [event.action for event in events(session, world.task)][1:]
    assert decided == [f"task.{winner}"], "the loser left no trace"


@pytest.fixture
def handed_in(session: Session, world: World) -> World:
    hand_in(session, world.task, at(13))
    session.commit()
    return world


def test_a_stale_page_is_told_so_and_shown_both_versions(handed_in: World, sign_in: Callable[..., PageClient]) -> None:
    address = f"/huyen-thu/tasks/{handed_in.task.id}"
    focal = sign_in(handed_in.focal.username)
    old_page, old_return = focal.get(address), focal.get(f"{address}/return")
    focal.get(address).form("/accept").submit("Xác nhận")
    for answer in (old_page.form("/accept").submit("Xác nhận", status=409), old_return.form().fill(reason="Thiếu dấu").submit(status=409)):
        assert "Đã xác nhận" in answer.main
        (row,) = answer.table("Bản đã lưu")
        assert "Đã xác nhận" in row["Bản đã lưu"]
        assert row["Bản của đồng chí"] not in ("", "–")
    assert "Đã xác nhận" in focal.get(address).main


def test_a_version_nobody_could_have_is_stale_too(handed_in: World, sign_in: Callable[..., PageClient]) -> None:
    focal = sign_in(handed_in.focal.username)
    for version in ("", "abc", "-1", "٣", "9" * 40):
        focal.get(f"/huyen-thu/tasks/{handed_in.task.id}/return").form().fill(reason="Thiếu dấu").tamper(version=version).submit(status=409)


def test_accepting_and_returning_through_the_pages(handed_in: World, session: Session, sign_in: Callable[..., PageClient]) -> None:
    focal, address = sign_in(handed_in.focal.username), f"/huyen-thu/tasks/{handed_in.task.id}"
    form = focal.get(f"{address}/return").form()
    assert "ghi lý do" in form.submit(status=400).main
    long = focal.get(f"{address}/return").form().fill(reason="dài " * 600).submit(status=400)
    assert "rút gọn" in long.main
    assert long.form().values["reason"].startswith("dài dài"), "what was typed is still there"
    page = focal.get(f"{address}/return").form().fill(reason="Thiếu chữ ký.").submit()
    assert "Thiếu chữ ký." in page.main
    assert "Trả lại" in page.main
    owner = sign_in(handed_in.owner.username)
    assert "Thiếu chữ ký." in owner.get(address).main
    assert not owner.get(address).has_form("/accept")
    owner.get(f"{address}/return", status=403)
    sign_in(handed_in.stranger.username).get(address, status=404)
    sign_in(handed_in.chair.username).get(f"{address}/return", status=403)


def test_setting_aside_through_the_page_asks_which_and_why(world: World, sign_in: Callable[..., PageClient]) -> None:
    focal, address = sign_in(world.focal.username), f"/huyen-thu/tasks/{world.task.id}"
    assert focal.get(f"{address}/set-aside").form().fill(reason="Bộ cấp.").submit(status=400).errors
    assert focal.get(f"{address}/set-aside").form().fill(reason="Bộ cấp.").tamper(move="accept").submit(status=400).errors
    page = focal.get(f"{address}/set-aside").form().fill(reason="Bộ cấp số liệu.", move="set_supplied_elsewhere").submit()
    assert "Do cơ quan khác cung cấp" in page.main
    page = focal.get(f"{address}/resume").form().fill(reason="Bộ không cấp nữa.").submit()
    assert "Đang thực hiện" in page.main


def test_accepting_ones_own_units_task_is_shown_and_can_be_forbidden(session: Session, handed_in: World, sign_in: Callable[..., PageClient]) -> None:
    address = f"/huyen-thu/tasks/{handed_in.task.id}"
    add_membership(session, handed_in.focal, handed_in.authority, Role.SPECIALIST, handed_in.room)
    handed_in.authority.own_acceptance = False
    focal = sign_in(handed_in.focal.username)
    page = focal.get(address)
    assert not page.has_form("/accept")
    assert "không tự xác nhận" in page.main
    form = focal.get(f"{address}/return").form()
    answer = focal.post(f"{address}/accept", {"csrf_token": form.values["csrf_token"], "version": str(handed_in.task.version)}, status=400)
    assert "không tự xác nhận" in answer.main
    handed_in.authority.own_acceptance = True
    page = focal.get(address).form("/accept").submit("Xác nhận")
    assert "tự xác nhận" in page.main
    assert "tự xác nhận" in focal.get("/huyen-thu/tasks?status=accepted").main


def test_the_loser_leaves_nothing_half_saved(handed_in: World, session: Session, sign_in: Callable[..., PageClient]) -> None:
    focal, address = sign_in(handed_in.focal.username), f"/huyen-thu/tasks/{handed_in.task.id}"
    stale = focal.get(address)
    focal.get(address).form("/accept").submit("Xác nhận")
    before = session.scalar(select(func.count(AuditEvent.id)))
    stale.form("/accept").submit("Xác nhận", status=409)
    assert session.scalar(select(func.count(AuditEvent.id))) == before


def test_a_task_of_another_authority_cannot_be_decided_from_here(handed_in: World, sign_in: Callable[..., PageClient]) -> None:
    focal: Any = sign_in(handed_in.focal.username)
    foreign = handed_in.elsewhere_tasks[0].id
    token = focal.get(f"/huyen-thu/tasks/{handed_in.task.id}/return").form().values["csrf_token"]
    for action in ("accept", "return", "set-aside", "resume", "report"):
        focal.post(f"/huyen-thu/tasks/{foreign}/{action}", {"csrf_token": token, "reason": "x", "version": "1"}, status=404)
