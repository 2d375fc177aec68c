"""A closed round refuses every change of its tasks; closing tells first what it leaves undone; reopening needs a reason."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.deadlines.shipped import shipped_calendar
from tests.factories import World
from tests.page_client import PageClient
from tracker.audit.models import AuditEvent
from tracker.audit.rules import SYSTEM, Actor
from tracker.deadlines.models import Round
from tracker.evidence import content_rules
from tracker.evidence import service as evidence
from tracker.evidence.models import Proof
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.kernel.errors import Refused
from tracker.tasks import extension_queries, extension_service, rounds, service
from tracker.tasks.extension_rules import Conditions, Decision, Ruling
from tracker.tasks.models import Extension, Task
from tracker.tasks.queries import Filters, listed
from tracker.tasks.rules import ExtensionState, Fulfilment, Horizon, Move, Progress

pytestmark = pytest.mark.db

CALENDAR = shipped_calendar()
SignIn = Callable[..., PageClient]
CLOSED = r"Đợt .* đã đóng ngày 18/11/2026; cần sửa thì đầu mối mở lại đợt."


def request_of(session: Session, task: Task, who: Actor) -> Extension:
    """A request that waits, put there as if it had been asked in time."""
    one = Extension(
        authority_id=task.authority_id,
        task_id=task.id,
        state=ExtensionState.PENDING,
        asked_at=clock.now(),
        asked_by=who.words,
        asked_by_id=who.account_id or 0,
        reason="Chờ số liệu",
        due_on=date(2026, 11, 14),
        wished_on=date(2026, 11, 27),
    )
    session.add(one)
    session.flush()
    return one


def test_every_change_of_a_task_in_a_closed_round_is_refused(session: Session, world: World) -> None:
    owner, chair = Actor(world.owner.id, "Chuyên viên, Phòng Nội vụ"), Actor(world.chair.id, "Lãnh đạo")
    task, other = world.tasks[0], world.tasks[1]
    link = content_rules.a_link("https://thu.example/1")
    proof = evidence.bring(session, task, link, None, task.unit_id, owner, clock.now())
    service.mark_ready(session, other, Fulfilment(True), owner, clock.now(), needs_head=False, is_head=False)
    rounds.close(session, world.round, SYSTEM, clock.now())
    session.commit()
    horizon = Horizon.of(CALENDAR, clock.today(), world.authority)
    (row,) = listed(session, Filters(task_ids=frozenset({task.id}), current=False), CALENDAR, horizon)
    before = [(one.id, one.status, one.version) for one in world.tasks]
    now = clock.now()
    for change in (
        lambda: service.begin(session, task, owner, now),
        lambda: evidence.bring(session, task, link, None, task.unit_id, owner, now),
        lambda: evidence.withdraw(session, task, proof, owner, now),
        lambda: evidence.submit(session, task, owner, now, needs_head=False, is_head=False),
        lambda: service.mark_ready(session, task, Fulfilment(True), owner, now, needs_head=False, is_head=False),
        lambda: service.accept(session, other, chair, now, own=False, own_allowed=True),
        lambda: service.return_(session, other, world.round, "Thiếu", chair, now, calendar=CALENDAR, mend_days=3),
        lambda: service.set_aside(session, task, Move.SET_NOT_APPLICABLE, "Không có", chair, now),
        lambda: service.resume(session, task, "Có", chair, now),
        lambda: extension_service.ask(
            session, [(task, row)], date(2026, 11, 27), "Bão", owner, now, calendar=CALENDAR, terms=Conditions(0, "lãnh đạo")
        ),
        lambda: extension_service.extend(session, task, "1.1", date(2026, 11, 27), "Bão", chair, now),
    ):
        with pytest.raises(Refused, match=CLOSED):
            change()
        session.rollback()
    session.expire_all()
    assert [(one.id, one.status, one.version) for one in world.tasks] == before
    assert session.scalars(select(Proof.withdrawn_at)).all() == [None]


def test_closing_tells_what_is_undone_and_takes_requests_back(session: Session, world: World, sign_in: SignIn) -> None:
    owner = Actor(world.owner.id, "Chuyên viên, Phòng Nội vụ")
    one = request_of(session, world.tasks[0], owner)
    service.mark_ready(session, world.tasks[1], Fulfilment(True), owner, clock.now(), needs_head=False, is_head=False)
    session.commit()
    focal = sign_in(world.focal.username)
    page = focal.get(f"/{world.slug}/rounds/{world.round.slug}").link("Đóng đợt…").follow()
    counts = {words.partition(" ")[2]: words.partition(" ")[0] for words in page.texts("//ul[@class='counts']/li")}
    assert counts == {"nhiệm vụ chưa nộp": "4", "chờ xác nhận": "1", "đề nghị gia hạn đang chờ": "1", "đã xác nhận": "0"}
    stale = focal.get(f"/{world.slug}/rounds/{world.round.slug}/close").form("/close")
    for version in ("", "x", "0", "7"):
        page.form("/close").tamper(version=version).submit(status=409)
    page = page.form("/close").submit("Đóng đợt")
    assert "Đã đóng ngày 18/11/2026" in page.main
    assert "1 đề nghị gia hạn" in page.text
    stale.submit(status=409)
    session.expire_all()
    assert (one.state, world.tasks[0].extended_to_on) == (ExtensionState.WITHDRAWN, None)
    assert "đợt đã đóng" in session.scalars(select(AuditEvent.summary).where(AuditEvent.action == "extension.withdrawn")).one()
    assert "Đợt đã đóng" in focal.get(f"/{world.slug}/rounds/{world.round.slug}/close").main


def test_the_page_of_a_task_in_a_closed_round_says_so_and_has_no_buttons(session: Session, world: World, sign_in: SignIn) -> None:
    rounds.close(session, world.round, SYSTEM, clock.now())
    session.commit()
    path = f"/{world.slug}/tasks/{world.task.id}"
    for person in (world.owner, world.head, world.focal, world.chair):
        client = sign_in(person.username)
        page = client.get(path)
        assert "đã đóng ngày 18/11/2026" in page.main
        assert not page.all("//main//form")
        assert not page.has_link("Thêm minh chứng")
        assert not page.has_link("Gia hạn…")
        assert page.has_link("Mở lại đợt…") == (person is world.focal)
    owner, focal = sign_in(world.owner.username), sign_in(world.focal.username)
    for client, part in ((owner, "evidence"), (owner, "extension"), (focal, "return"), (focal, "set-aside")):
        assert "đã đóng ngày" in client.get(f"{path}/{part}", status=400).main
    sign_in(world.stranger.username).get(path, status=404)


def test_reopening_needs_a_reason_that_the_rounds_page_shows(session: Session, world: World, sign_in: SignIn) -> None:
    rounds.close(session, world.round, SYSTEM, clock.now())
    session.commit()
    focal = sign_in(world.focal.username)
    path = f"/{world.slug}/rounds/{world.round.slug}"
    page = focal.get(path).link("Mở lại đợt…").follow()
    for reason, words in (("  ", "ghi lý do"), ("x" * 2001, "2001 ký tự")):
        assert words in page.form("/reopen").fill(reason=reason).submit(status=400).main
    page = page.form("/reopen").fill(reason="Sửa số liệu theo ý kiến của tỉnh").submit()
    assert "Ngày 18/11/2026 vì: Sửa số liệu theo ý kiến của tỉnh" in page.main
    session.expire_all()
    assert world.round.closed_at is None
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "round.reopen")).one()
    assert event.changes["reason"] == ["", "Sửa số liệu theo ý kiến của tỉnh"]
    assert "Thêm minh chứng" in sign_in(world.owner.username).get(f"/{world.slug}/tasks/{world.task.id}").main
    assert "đang mở nên không cần" in focal.get(f"{path}/reopen").main
    with pytest.raises(Refused, match="đang mở"):
        rounds.reopen(session, world.round, "Nữa", SYSTEM, clock.now())


def test_only_who_manages_rounds_closes_and_opens_them(session: Session, world: World, sign_in: SignIn) -> None:
    path = f"/{world.slug}/rounds/{world.round.slug}"
    for person in (world.owner, world.colleague, world.head, world.chair, world.viewer):
        client = sign_in(person.username)
        assert not client.get(path).has_link("Đóng đợt…")
        for part in ("close", "reopen"):
            client.get(f"{path}/{part}", status=403)
    for person in (world.stranger, world.foreign_focal):
        for part in ("close", "reopen"):
            sign_in(person.username).get(f"{path}/{part}", status=404)
    there = f"/huyen-khac/rounds/{world.round.slug}-khong-co"
    sign_in(world.foreign_focal.username).get(f"{there}/close", status=404)
    sign_in(world.admin.username).get(f"{path}/close")


@pytest.mark.parametrize("other", ["hand in", "decide"])
def test_closing_and_a_change_at_the_same_moment_never_cross(session: Session, world: World, app: Flask, other: str) -> None:
    """Whichever comes first: nothing changed in a round after it was closed, and nothing is left waiting in it."""
    one = request_of(session, world.tasks[1], Actor(world.owner.id, "Chuyên viên"))
    session.commit()
    authority_id, round_id, task_id, one_id, chair_id = world.authority.id, world.round.id, world.tasks[0].id, one.id, world.chair.id
    session.commit()
    together = Barrier(2, timeout=30)

    def close() -> str:
        rounds.close(db.session(), db.session().get_one(Round, round_id), SYSTEM, clock.now())
        return "closed"

    def change() -> str:
        mine, who = db.session(), Actor(chair_id, "Lãnh đạo")
        if other == "hand in":
            service.mark_ready(mine, mine.get_one(Task, task_id), Fulfilment(True), who, clock.now(), needs_head=False, is_head=False)
            return "changed"
        rows = [(row, 1) for row in extension_queries.of_ids(mine, [one_id])]
        return "changed" if extension_service.decide(mine, rows, Ruling(Decision.GRANT), who, clock.now()).decided else "told"

    def run(act: Callable[[], str]) -> str:
        with app.app_context(), writing():
            scope.choose(db.session(), scope.one(authority_id))
            together.wait()
            try:
                said = act()
                db.session.commit()
                return said
            except (Refused, StaleDataError):
                db.session.rollback()
                return "told"
            finally:
                db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        closed, said = pool.map(run, (close, change))
    session.expire_all()
    assert closed == "closed"
    assert one.state is not ExtensionState.PENDING
    if other == "hand in":
        assert (world.tasks[0].status is Progress.READY) == (said == "changed")
    else:
        assert (one.state is ExtensionState.GRANTED) == (said == "changed")
        assert (world.tasks[1].extensions == 1) == (said == "changed")


@pytest.mark.db("postgresql")
def test_closing_waits_for_a_hand_in_that_has_begun(session: Session, world: World, app: Flask) -> None:
    """The lock itself: while somebody is handing in, the round cannot be closed under their hands."""
    ids = (world.authority.id, world.round.id)
    session.commit()
    begun, order = Barrier(2, timeout=30), []

    def close() -> None:
        with app.app_context(), writing():
            scope.choose(db.session(), scope.one(ids[0]))
            begun.wait()
            rounds.close(db.session(), db.session().get_one(Round, ids[1]), SYSTEM, clock.now())
            order.append("closed")
            db.session.commit()
            db.session.remove()

    with ThreadPoolExecutor(1) as pool:
        service.mark_ready(session, world.task, Fulfilment(True), SYSTEM, clock.now(), needs_head=False, is_head=False)
        closing = pool.submit(close)
        begun.wait()
        with pytest.raises(TimeoutError):
            closing.result(timeout=0.5)
        order.append("handed in")
        session.commit()
        closing.result(timeout=30)
    assert order == ["handed in", "closed"]
