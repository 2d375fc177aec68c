"""Khó khăn, vướng mắc: reported by the lead, on the pages of those who answer until answered, seen by the lead when it is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.page_client import PageClient
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.kernel.errors import Refused
from tracker.tasks import obstacle_service
from tracker.tasks.models import Task
from tracker.tasks.rules import OPEN, Progress
from tracker.tasks.talk_models import Obstacle
from tracker.tasks.talk_rules import ObstacleState, cannot_report

pytestmark = pytest.mark.db

SignIn = Callable[..., PageClient]
WORDS = "Chưa có số liệu của Chi cục Thống kê."


def path_of(world: World, task: Task | None = None) -> str:
    return f"/{world.slug}/tasks/{(task or world.task).id}"


def reported(session: Session, world: World, words: str = WORDS) -> Obstacle:
    one = obstacle_service.report(session, world.task, words, Actor(world.owner.id, "Chuyên viên, Phòng Nội vụ"), clock.now())
    session.commit()
    return one


@pytest.mark.parametrize("status", sorted(Progress))
def test_an_obstacle_is_of_an_open_task_and_one_at_a_time(status: Progress) -> None:
    assert (cannot_report(status, waiting=False) is None) == (status in OPEN)
    assert cannot_report(status, waiting=True) is not None


def test_an_obstacle_stands_on_the_pages_of_focal_point_and_leaders_until_answered(session: Session, world: World, sign_in: SignIn) -> None:
    owner, focal, chair = (sign_in(one.username) for one in (world.owner, world.focal, world.chair))
    page = owner.get(path_of(world)).link("Báo khó khăn, vướng mắc…").follow().form("/obstacle").fill(words=WORDS).submit("Báo vướng mắc")
    assert WORDS in page.text
    assert "Chờ đầu mối hoặc lãnh đạo trả lời" in page.text
    assert not page.has_link("Báo khó khăn, vướng mắc…"), "one at a time"
    for who, front in ((focal, "today"), (chair, "overview")):
        assert WORDS in who.get(f"/{world.slug}/{front}").text
    page = chair.get(path_of(world)).link("Trả lời vướng mắc…").follow()
    assert WORDS in page.text
    page.form("/answer").fill(words="Văn phòng đã gọi Chi cục; số liệu có ngày 19/11.").submit("Trả lời")
    for who, front in ((focal, "today"), (chair, "overview")):
        assert WORDS not in who.get(f"/{world.slug}/{front}").text
    work = owner.get(f"/{world.slug}/work").text
    assert "Vướng mắc đã có trả lời" in work
    assert "số liệu có ngày 19/11" in work
    assert "số liệu có ngày 19/11" in owner.get(path_of(world)).text
    assert owner.get(path_of(world)).has_link("Báo khó khăn, vướng mắc…"), "another may follow"
    summaries = list(session.scalars(select(AuditEvent.summary).where(AuditEvent.action.like("obstacle.%")).order_by(AuditEvent.id)))
    assert summaries == ["Báo khó khăn, vướng mắc.", "Trả lời khó khăn, vướng mắc."]


def test_the_unit_takes_back_what_it_solved_by_itself(session: Session, world: World, sign_in: SignIn) -> None:
    reported(session, world)
    page = sign_in(world.head.username).get(path_of(world)).form("/withdraw").submit("Đã tự giải quyết")
    assert "Đơn vị đã tự giải quyết" in page.text
    assert WORDS not in sign_in(world.focal.username).get(f"/{world.slug}/today").text


def test_an_answer_that_comes_second_is_told_and_keeps_the_words(session: Session, world: World, sign_in: SignIn) -> None:
    one = reported(session, world)
    form = sign_in(world.focal.username).get(f"/{world.slug}/obstacles/{one.id}/answer").form("/answer").fill(words="Đầu mối sẽ hỏi.")
    obstacle_service.answer(session, one, world.task, "Lãnh đạo đã hỏi.", one.version, Actor(world.chair.id, "Lãnh đạo"), clock.now())
    session.commit()
    page = form.submit("Trả lời", status=409)
    assert "Đầu mối sẽ hỏi." in page.text
    assert "Lãnh đạo đã hỏi." in page.text
    assert session.get_one(Obstacle, one.id).answer == "Lãnh đạo đã hỏi."


def test_the_focal_point_reports_for_a_unit_and_does_not_answer_itself(session: Session, world: World, sign_in: SignIn) -> None:
    focal = sign_in(world.focal.username)
    page = focal.get(f"{path_of(world)}/obstacle")
    assert "thay mặt" in page.text
    page = page.form("/obstacle").fill(words=WORDS).submit()
    assert "thay mặt Phòng Nội vụ" in page.text or "thay mặt" in page.text
    assert not page.has_link("Trả lời vướng mắc…")
    one = session.scalars(select(Obstacle)).one()
    focal.get(f"/{world.slug}/obstacles/{one.id}/answer", status=403)
    assert sign_in(world.chair.username).get(path_of(world)).has_link("Trả lời vướng mắc…")


def test_others_neither_report_nor_answer(session: Session, world: World, sign_in: SignIn) -> None:
    one = reported(session, world)
    for who, status in ((world.chair, 403), (world.viewer, 403), (world.admin, 403), (world.colleague, 404), (world.stranger, 404)):
        sign_in(who.username).get(f"{path_of(world)}/obstacle", status=status)
    for who, status in ((world.owner, 403), (world.viewer, 403), (world.foreign_focal, 404)):
        sign_in(who.username).get(f"/{world.slug}/obstacles/{one.id}/answer", status=status)


def test_no_words_are_refused_and_so_is_a_task_that_is_done(session: Session, world: World, sign_in: SignIn) -> None:
    owner = sign_in(world.owner.username)
    assert owner.get(f"{path_of(world)}/obstacle").form("/obstacle").fill(words=" \n ").submit(status=400).errors
    world.task.status = Progress.ACCEPTED
    session.commit()
    page = owner.get(f"{path_of(world)}/obstacle").form("/obstacle").fill(words=WORDS).submit(status=400)
    assert "nên không báo khó khăn, vướng mắc" in page.text
    assert WORDS in page.texts("//textarea")[0], "what was typed stays"


def test_a_closed_round_refuses_and_its_obstacles_wait_nowhere(session: Session, world: World, sign_in: SignIn) -> None:
    one = reported(session, world)
    world.round.closed_at = clock.now()
    session.commit()
    with pytest.raises(Refused, match="đã đóng"):
        obstacle_service.answer(session, one, world.task, "Muộn rồi.", one.version, Actor(world.chair.id, "Lãnh đạo"), clock.now())
    session.rollback()
    assert WORDS not in sign_in(world.focal.username).get(f"/{world.slug}/today").text
    page = sign_in(world.chair.username).get(path_of(world))
    assert WORDS in page.text
    assert not page.has_link("Trả lời vướng mắc…")


def test_of_two_who_report_at_once_one_is_told(app: Flask, session: Session, world: World) -> None:
    task_id, owner_id = world.task.id, world.owner.id
    session.commit()
    start = Barrier(2)

    def report(words: str) -> bool:
        with app.app_context(), writing():
            scope.choose(db.session(), scope.whole("a test"))
            start.wait(10)
            try:
                obstacle_service.report(db.session(), db.session.get_one(Task, task_id), words, Actor(owner_id, "Chuyên viên"), clock.now())
                db.session.commit()
                return True
            except Refused:
                db.session.rollback()
                return False
            finally:
                db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(report, ("Một", "Hai"))) == [False, True]
    assert session.scalar(select(func.count(Obstacle.id)).where(Obstacle.state == ObstacleState.OPEN)) == 1
