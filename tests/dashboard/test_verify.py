"""Chờ xác nhận: one task at a time, the oldest first, the proof beside the decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.evidence.test_bulk import handed_in as handed_in
from tests.evidence.test_bulk import states
from tests.factories import World
from tests.page_client import PageClient
from tracker.audit.rules import Actor
from tracker.dashboard.verify_rules import Waiting, first_after, place_of
from tracker.evidence import content_rules
from tracker.evidence import service as evidence
from tracker.kernel import clock
from tracker.tasks import service
from tracker.tasks.models import Task
from tracker.tasks.rules import Progress

SignIn = Callable[..., PageClient]
AT = datetime(2026, 11, 10, 3, tzinfo=UTC)


def test_the_queue_knows_its_neighbours_and_what_comes_behind_a_task_that_left() -> None:
    queue = [Waiting(AT + timedelta(days=day), number) for day, number in ((0, 7), (0, 9), (1, 3))]
    first, last = place_of(queue, 7), place_of(queue, 3)
    assert first and (first.number, first.total, first.before, first.after) == (1, 3, None, 9)
    assert last and (last.number, last.before, last.after) == (3, 9, None)
    assert place_of(queue, 8) is None
    assert first_after(queue, Waiting(AT, 8)) == 9
    assert first_after(queue, Waiting(AT + timedelta(days=1), 3)) is None


@pytest.fixture
def in_turn(session: Session, handed_in: list[Task]) -> list[Task]:
    """The tasks of the world, handed in one hour after the other, the last one first."""
    for hours, task in enumerate(reversed(handed_in)):
        task.submitted_at = AT + timedelta(hours=hours)
        task.submitted_on = task.submitted_at.date()
    session.commit()
    return list(reversed(handed_in))


def _shown(page: Any) -> int:
    [form] = [f for f in page.all("//*[@id='queue']//form/@action") if f.endswith("/accept")]
    return int(form.split("/")[-2])


@pytest.mark.db
def test_accepting_leads_to_the_next_and_the_end_says_so(session: Session, world: World, in_turn: list[Task], sign_in: SignIn) -> None:
    ids = [task.id for task in in_turn]
    page = sign_in(world.focal.username).get("/huyen-thu/verify")
    seen = []
    for place, _task in enumerate(ids, 1):
        seen.append(_shown(page))
        assert f"1/{len(ids) - place + 1}" in page.main, "what is accepted leaves the queue"
        page = page.form("/accept").submit("Xác nhận")
    assert seen == ids, "the oldest first"
    assert "Xong. Không còn nhiệm vụ nào chờ xác nhận." in page.main
    assert states(session, in_turn) == [Progress.ACCEPTED] * len(ids)


@pytest.mark.db
def test_one_goes_back_and_forth_without_script_and_skips_what_one_leaves(world: World, in_turn: list[Task], sign_in: SignIn) -> None:
    ids = [task.id for task in in_turn]
    page = sign_in(world.focal.username).get("/huyen-thu/verify")
    assert not page.has_link("Trước")
    for task_id in ids[1:]:
        page = page.link("Tiếp").follow()
        assert _shown(page) == task_id
    assert not page.has_link("Tiếp") and _shown(page.link("Trước").follow()) == ids[-2]
    end = page.form("/accept").submit("Xác nhận")
    assert "Đồng chí đã xem tới cuối hàng." in end.main and f"Còn {len(ids) - 1} nhiệm vụ" in end.main
    assert _shown(end.link("Xem lại từ đầu").follow()) == ids[0]


@pytest.mark.db
def test_returning_leads_to_the_next_and_undoing_leads_back(session: Session, world: World, in_turn: list[Task], sign_in: SignIn) -> None:
    page = sign_in(world.focal.username).get("/huyen-thu/verify")
    told = page.link("Trả lại…").follow().form("/return").fill(reason="Thiếu dấu").submit("Trả lại")
    assert _shown(told) == in_turn[1].id
    back = told.form("/tasks/undo-many").submit("Hoàn tác")
    assert _shown(back) == in_turn[0].id
    assert states(session, in_turn[:1]) == [Progress.READY]


@pytest.mark.db
def test_what_somebody_else_decided_meanwhile_is_told(session: Session, world: World, in_turn: list[Task], sign_in: SignIn) -> None:
    focal = sign_in(world.focal.username)
    page = focal.get("/huyen-thu/verify")
    session.rollback()
    service.accept(session, session.get_one(Task, in_turn[0].id), Actor(world.admin.id, "Người khác"), clock.now(), own=False, own_allowed=True)
    session.commit()
    refused = page.form("/accept").submit("Xác nhận", status=409)
    assert "vừa được người khác thay đổi" in refused.main
    gone = focal.get(f"/huyen-thu/verify?task={in_turn[0].id}")
    assert "không còn chờ xác nhận: đã xác nhận" in gone.main
    assert _shown(gone.link("Sang nhiệm vụ đang chờ").follow()) == in_turn[1].id


@pytest.mark.db
def test_the_proof_stands_beside_with_what_is_doubtful(session: Session, world: World, sign_in: SignIn) -> None:
    who = Actor(world.owner.id, "Chuyên viên")
    from_unit = world.room.id
    evidence.bring(session, world.task, content_rules.a_statement("Trong kỳ không phát sinh."), None, from_unit, who, clock.now())
    evidence.bring(session, world.task, content_rules.a_link("https://thu.example/bao-cao"), None, from_unit, who, clock.now())
    world.task.status, world.task.submitted_at, world.task.submitted_on = Progress.READY, AT, AT.date()
    session.commit()
    focal = sign_in(world.focal.username)
    page = focal.get("/huyen-thu/verify")
    assert "“Trong kỳ không phát sinh.”" in page.main
    assert page.texts("//ul[@class='judge-list']/li[@class='is-missing']"), "what is asked for and not there is marked"
    second = [a.get("href") for a in page.all("//ul[contains(@class, 'proof-pieces')]//a")][1]
    assert "https://thu.example/bao-cao" in focal.get(second).main
    assert "Nộp đủ 10/11/2026, 10:00" in page.main and "Hoàn thành đúng hạn" in page.main


@pytest.mark.db
def test_its_own_tasks_are_not_accepted_where_the_office_forbids_it(session: Session, world: World, in_turn: list[Task], sign_in: SignIn) -> None:
    world.authority.own_acceptance = False
    in_turn[0].unit_id = world.focal_unit.id
    session.commit()
    page = sign_in(world.focal.username).get("/huyen-thu/verify")
    assert "nhiệm vụ của chính đơn vị đồng chí" in page.main and not page.has_form("/accept")


@pytest.mark.db
def test_an_empty_queue_is_a_good_day(world: World, sign_in: SignIn) -> None:
    focal = sign_in(world.focal.username)
    assert "Xong. Không còn nhiệm vụ nào chờ xác nhận." in focal.get("/huyen-thu/verify").main
    assert "Không có nhiệm vụ nào chờ xác nhận." in focal.get("/huyen-thu/today").main
    focal.get(f"/huyen-thu/verify?after={world.task.id}", status=404)
    focal.get("/huyen-thu/verify?task=999999", status=404)
