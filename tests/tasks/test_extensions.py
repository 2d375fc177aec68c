"""More time: asked before the deadline with a reason, decided by whom the office says, the original deadline always shown."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from email import message_from_bytes
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.deadlines.shipped import shipped_calendar
from tests.factories import Office, World, add_membership
from tests.page_client import Page, PageClient
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.deadlines import queries as deadlines
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.kernel.errors import Refused, Stale
from tracker.mail import jobs as mail_jobs
from tracker.mail.models import OutboxMessage
from tracker.reminders import service as reminders
from tracker.tasks import access, extension_queries, extension_service, queries, service
from tracker.tasks.extension_rules import Conditions, Decision, Ruling, cannot_reach, decides, last_day_to_ask, may_ask
from tracker.tasks.models import Extension, Task
from tracker.tasks.queries import Filters, TaskRow
from tracker.tasks.rules import OPEN, ExtensionState, Fulfilment, Horizon, Move, Progress, Timeliness, in_force
from tracker.units.rules import Role, Viewer

pytestmark = pytest.mark.db

CALENDAR = shipped_calendar()
TERMS = Conditions(2, "lãnh đạo UBND huyện Thử")
#: The world's tasks are due on Saturday 14/11/2026; two working days before is Thursday 12/11.
DUE, TUESDAY = date(2026, 11, 14), "2026-11-10"
SignIn = Callable[..., PageClient]
OnDay = Callable[[str], None]
Command = Callable[..., Any]


def seen(session: Session, world: World, task: Task) -> TaskRow:
    calendar = deadlines.working_calendar(session)
    filters = Filters(task_ids=frozenset({task.id}), current=False)
    (row,) = queries.listed(session, filters, calendar, Horizon.of(calendar, clock.today(), world.authority))
    return row


def asked(session: Session, world: World, wished: date = date(2026, 11, 20), *tasks: Task) -> list[Extension]:
    """Requests of the owner, as the service makes them."""
    chosen = [(task, seen(session, world, task)) for task in tasks or (world.task,)]
    who = Actor(world.owner.id, "Chuyên viên, Phòng Nội vụ")
    made = extension_service.ask(session, chosen, wished, "Chờ số liệu.", who, clock.now(), calendar=CALENDAR, terms=TERMS)
    session.commit()
    return made


def decide(session: Session, world: World, ruling: Ruling, *requests: Extension) -> extension_service.Outcome:
    rows = [(row, row.version) for row in extension_queries.of_ids(session, [one.id for one in requests])]
    return extension_service.decide(session, rows, ruling, Actor(world.chair.id, "Lãnh đạo UBND huyện Thử"), clock.now())


def to_ask(client: PageClient, world: World, task: Task | None = None, status: int = 200) -> Page:
    return client.get(f"/{world.slug}/tasks/{(task or world.task).id}/extension", status=status)


# Rules


@pytest.mark.parametrize(("notice", "day"), [(0, date(2026, 11, 14)), (1, date(2026, 11, 13)), (2, date(2026, 11, 12)), (5, date(2026, 11, 9))])
def test_notice_is_counted_in_working_days_before_the_last_day(notice: int, day: date) -> None:
    assert last_day_to_ask(CALENDAR, DUE, notice) == day
    terms = Conditions(notice, "cơ quan đầu mối")
    assert may_ask(Progress.COLLECTING, DUE, day, CALENDAR, terms, pending=False) is None
    late = may_ask(Progress.COLLECTING, DUE, day + timedelta(days=1), CALENDAR, terms, pending=False)
    assert late is not None
    assert f"{day:%d/%m/%Y}" in late, "the sentence says until when one could have asked"
    assert "liên hệ cơ quan đầu mối" in late


def test_who_decides_is_a_setting() -> None:
    assert [decides([role], focal_extends=False) for role in (Role.CHAIR, Role.FOCAL, Role.ADMIN, Role.HEAD)] == [True, False, False, False]
    assert [decides([role], focal_extends=True) for role in (Role.CHAIR, Role.FOCAL, Role.ADMIN, Role.HEAD)] == [False, True, False, False]


@given(
    due=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    apart=st.integers(-400, 400),
    ahead=st.integers(-500, 500),
    notice=st.integers(0, 15),
    status=st.sampled_from(sorted(Progress)),
)
def test_an_extension_never_shortens_never_reaches_back_and_is_asked_in_time(
    due: date, apart: int, ahead: int, notice: int, status: Progress
) -> None:
    today, until = due + timedelta(days=apart), due + timedelta(days=ahead)
    if cannot_reach(due, until, today) is None:
        assert until > due
        assert today <= until <= today + timedelta(days=366)
    hindered = may_ask(status, due, today, CALENDAR, Conditions(notice, "lãnh đạo"), pending=False)
    assert (hindered is None) == (status in OPEN and today <= last_day_to_ask(CALENDAR, due, notice))
    if hindered is None:
        assert today <= due


# Asking


def test_a_request_is_asked_granted_and_moves_the_deadline_while_the_original_stays(
    session: Session, world: World, sign_in: SignIn, on_day: OnDay, command: Command
) -> None:
    on_day(TUESDAY)
    owner = sign_in(world.owner.username)
    page = owner.get(f"/{world.slug}/tasks/{world.task.id}").link("Đề nghị gia hạn…").follow()
    assert "12/11/2026" in page.main, "until when one can ask"
    page = page.form().fill(wished_on="20/11/2026", reason="Chờ số liệu của Chi cục Thống kê").submit("Gửi đề nghị")
    assert "1 đề nghị gia hạn; lãnh đạo UBND huyện Thử sẽ quyết định" in page.text
    assert "Chờ quyết định" in page.main
    assert not page.has_link("Đề nghị gia hạn…"), "one request a task"

    chair = sign_in(world.chair.username)
    page = chair.get(f"/{world.slug}/overview").link("xin từ 14/11 đến 20/11").follow()
    (line,) = page.table("Đề nghị chờ quyết định")
    assert line["Đề nghị đến"] == "20/11/2026"
    (one,) = session.scalars(select(Extension)).all()
    page = page.form("/decide").fill(requests=[ticket(one)], decision="grant", answer="Đồng ý, lần cuối").submit()
    assert "Đã quyết định 1 đề nghị" in page.text
    assert page.table("Đề nghị đã có kết quả")[0]["Gia hạn đến"] == "20/11/2026"

    session.expire_all()
    task = session.get_one(Task, world.task.id)
    assert (task.extended_to_on, task.extensions, world.round.last_on) == (date(2026, 11, 20), 1, DUE)
    for path in (f"tasks/{task.id}", f"tasks?unit={world.room.slug}", "work", f"units/{world.room.slug}"):
        text = owner.get(f"/{world.slug}/{path}").main
        assert "ốc 14/11/2026, gia hạn 1 lần" in text, path
        assert "20/11/2026" in text, path
    page = owner.get(f"/{world.slug}/tasks/{task.id}")
    assert "Hạn gốc 14/11/2026, gia hạn 1 lần" in page.main
    assert "Được gia hạn đến hết ngày 20/11/2026, Lãnh đạo UBND huyện Thử" in page.main
    assert "Đồng ý, lần cuối" in page.main
    (row,) = [row for row in json.loads(command("tasks", world.slug, "--json").stdout)["rows"] if row["id"] == task.id]
    assert (row["due_on"], row["original_on"], row["extensions"]) == ("2026-11-20", "2026-11-14", 1)
    told = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_type == "task", AuditEvent.subject_id == task.id)).all()
    assert told == ["extension.ask", "extension.granted"]


def ticket(one: Extension) -> str:
    """A request as the list's tick names it."""
    return f"{one.id}-{one.version}"


def token(page: Page) -> str:
    return str(page.all("//input[@name='csrf_token']/@value")[0])


def test_the_excel_list_has_the_original_day_and_the_count(session: Session, world: World, sign_in: SignIn, on_day: OnDay) -> None:
    on_day(TUESDAY)
    decide(session, world, Ruling(Decision.GRANT), *asked(session, world))
    session.commit()
    answer = sign_in(world.owner.username).raw.get(f"/{world.slug}/tasks?export=xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    head = next(row for row in rows if "Hạn gốc" in row)
    line = next(row for row in rows if "1.1" in row)
    assert [line[head.index(name)] for name in ("Hạn", "Hạn gốc", "Số lần gia hạn")] == [date(2026, 11, 20), DUE, 1]
    answer = sign_in(world.chair.username).raw.get(f"/{world.slug}/extensions?export=xlsx")
    assert any("Được gia hạn" in row for row in CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python())


def test_several_tasks_of_a_unit_share_one_reason_and_one_day(session: Session, world: World, sign_in: SignIn, on_day: OnDay) -> None:
    on_day(TUESDAY)
    owner = sign_in(world.owner.username)
    page = to_ask(owner, world)
    mine = [task for task in world.tasks if task.unit_id == world.room.id]
    assert len(mine) == 2
    page.form().fill(tasks=[str(task.id) for task in mine], wished_on="20/11/2026", reason="Bão số 9").submit()
    requests = session.scalars(select(Extension).order_by(Extension.id)).all()
    assert [(one.task_id, one.wished_on, one.due_on, one.reason) for one in requests] == [
        (task.id, date(2026, 11, 20), DUE, "Bão số 9") for task in mine
    ]
    other = next(task for task in world.tasks if task.unit_id == world.other_room.id)
    with pytest.raises(Refused, match="một đơn vị trong một đợt"):
        asked(session, world, date(2026, 11, 20), world.task, other)


@pytest.mark.parametrize(
    ("day", "wished", "reason", "words"),
    [
        ("2026-11-10", "09/11/2026", "Chờ số liệu", "Ngày 09/11/2026 đã qua"),  # a day before today
        ("2026-11-10", "14/11/2026", "Chờ số liệu", "không sau hạn đang áp dụng là 14/11/2026"),
        ("2026-11-10", "12/11/2027", "Chờ số liệu", "hơn một năm"),
        ("2026-11-10", "31/11/2026", "Chờ số liệu", "31/11/2026"),
        ("2026-11-10", "", "Chờ số liệu", "ghi ngày đề nghị"),
        ("2026-11-10", "20/11/2026", "   ", "ghi lý do"),
        ("2026-11-10", "20/11/2026", "x" * 2001, "2001 ký tự"),
    ],
)
def test_what_cannot_be_asked_is_told_and_nothing_is_saved(
    session: Session, world: World, sign_in: SignIn, on_day: OnDay, day: str, wished: str, reason: str, words: str
) -> None:
    on_day(day)
    page = to_ask(sign_in(world.owner.username), world).form().fill(wished_on=wished, reason=reason).submit(status=400)
    assert words in page.main
    assert session.scalar(select(func.count(Extension.id))) == 0


@pytest.mark.parametrize(("day", "words"), [("2026-11-13", "12/11/2026 cho hạn 14/11/2026"), ("2026-11-15", "Hạn 14/11/2026 đã qua")])
def test_too_late_the_page_says_until_when_and_whom_to_turn_to(
    session: Session, world: World, sign_in: SignIn, on_day: OnDay, day: str, words: str
) -> None:
    on_day(day)
    owner = sign_in(world.owner.username)
    page = to_ask(owner, world)
    assert words in page.main
    assert "liên hệ lãnh đạo UBND huyện Thử" in page.main
    assert not page.has_form("/extension")
    assert words in owner.get(f"/{world.slug}/tasks/{world.task.id}").main
    with pytest.raises(Refused, match=words):
        asked(session, world)
    assert session.scalar(select(func.count(Extension.id))) == 0


def test_one_request_a_task_is_the_databases_word(session: Session, world: World, on_day: OnDay, app: Flask) -> None:
    on_day(TUESDAY)
    together, task_id, authority_id = Barrier(2, timeout=30), world.task.id, world.authority.id
    who, at = Actor(world.owner.id, "Chuyên viên"), clock.now()
    all_seeing = Viewer(world.focal.id, "", authority_id, frozenset({Role.FOCAL}), frozenset(), frozenset(), frozenset(), "")
    session.commit()

    def try_it() -> str:
        with app.app_context(), writing():
            mine = db.session()
            scope.choose(mine, scope.one(authority_id))
            together.wait()
            task = mine.get_one(Task, task_id)
            row = access.task_row(mine, all_seeing, task_id, CALENDAR, Horizon.of(CALENDAR, date(2026, 11, 10), Office()))
            try:
                extension_service.ask(mine, [(task, row)], date(2026, 11, 20), "Bão", who, at, calendar=CALENDAR, terms=TERMS)
                db.session.commit()
            except Refused as refusal:
                return refusal.message
            finally:
                db.session.remove()
            return "asked"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(lambda _: try_it(), range(2)))
    assert answers[1] == "asked"
    assert "mỗi nhiệm vụ chỉ có một đề nghị một lúc" in answers[0]
    assert session.scalar(select(func.count(Extension.id))) == 1


def test_ones_own_request_is_taken_back_and_asked_again(session: Session, world: World, sign_in: SignIn, on_day: OnDay) -> None:
    on_day(TUESDAY)
    (one,) = asked(session, world)
    focal = sign_in(world.focal.username)
    focal.post(f"/{world.slug}/extensions/{one.id}/withdraw", status=400)  # no token
    page = sign_in(world.head.username).get(f"/{world.slug}/tasks/{world.task.id}").form("/withdraw").submit()
    assert "Đã rút" in page.main
    session.expire_all()
    assert session.get_one(Extension, one.id).state is ExtensionState.WITHDRAWN
    with pytest.raises(Refused, match="Đã rút"):
        extension_service.withdraw(session, one, world.task, Actor(world.owner.id, "Chuyên viên"), clock.now())
    asked(session, world)


# Who


def test_only_the_lead_unit_or_the_focal_point_for_it_may_ask(session: Session, world: World, sign_in: SignIn, on_day: OnDay) -> None:
    on_day(TUESDAY)
    for person in (world.owner, world.head):
        assert to_ask(sign_in(person.username), world).has_form("/extension")
    to_ask(sign_in(world.colleague.username), world, status=403)  # helps with 1.1, does not lead it
    assert "thay mặt Phòng Nội vụ" in to_ask(sign_in(world.focal.username), world).main
    for person in (world.chair, world.viewer, world.admin):
        to_ask(sign_in(person.username), world, status=403)
    to_ask(sign_in(world.stranger.username), world, status=404)
    (one,) = asked(session, world)
    form = sign_in(world.owner.username).get(f"/{world.slug}/tasks/{world.task.id}").form("/withdraw")
    assert form.action.endswith(f"/extensions/{one.id}/withdraw")
    assert not sign_in(world.focal.username).get(f"/{world.slug}/tasks/{world.task.id}").has_form("/withdraw"), "not the focal point's to take back"
    assert not sign_in(world.colleague.username).get(f"/{world.slug}/tasks/{world.task.id}").has_form("/withdraw")


def test_the_focal_point_asks_in_the_units_name_and_history_says_so(session: Session, world: World, sign_in: SignIn, on_day: OnDay) -> None:
    on_day(TUESDAY)
    to_ask(sign_in(world.focal.username), world).form().fill(wished_on="20/11/2026", reason="Đơn vị báo qua điện thoại").submit()
    one = session.scalars(select(Extension)).one()
    assert one.asked_by.endswith("thay mặt Phòng Nội vụ")
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "extension.ask")).one()
    assert event.on_behalf_of == "Phòng Nội vụ"


@pytest.mark.parametrize("focal_extends", [False, True])
def test_who_does_not_decide_reads_without_buttons(session: Session, world: World, sign_in: SignIn, on_day: OnDay, focal_extends: bool) -> None:
    on_day(TUESDAY)
    world.authority.focal_extends = focal_extends
    (one,) = asked(session, world)
    decider, other = (world.focal, world.chair) if focal_extends else (world.chair, world.focal)
    assert sign_in(decider.username).get(f"/{world.slug}/extensions").has_form("/decide")
    for person in (other, world.viewer, world.admin):
        client = sign_in(person.username)
        page = client.get(f"/{world.slug}/extensions")
        assert "Chờ số liệu." in page.main
        assert not page.has_form("/decide")
        assert not page.all("//input[@name='requests']")
        task_page = client.get(f"/{world.slug}/tasks/{world.task.id}")
        assert not task_page.has_link("Quyết định đề nghị gia hạn…")
    client = sign_in(other.username)
    forged = {"requests": [ticket(one)], "decision": "grant", "csrf_token": token(client.get(f"/{world.slug}/extensions"))}
    client.post(f"/{world.slug}/extensions/decide", forged, status=403)
    client.get(f"/{world.slug}/tasks/{world.task.id}/extend", status=403)
    for person in (world.owner, world.colleague):
        sign_in(person.username).get(f"/{world.slug}/extensions", status=403)
    sign_in(world.foreign_focal.username).get(f"/{world.slug}/extensions", status=404)
    assert session.scalars(select(Extension.state)).one() is ExtensionState.PENDING
    page = sign_in(decider.username).get(f"/{world.slug}/tasks/{world.task.id}").link("Quyết định đề nghị gia hạn…").follow()
    page = page.form("/decide").fill(decision="refuse", answer="Cấp trên không lùi hạn").submit()
    assert "Không gia hạn" in page.main


def test_another_authoritys_request_cannot_be_named(session: Session, world: World, sign_in: SignIn, on_day: OnDay) -> None:
    on_day(TUESDAY)
    (one,) = asked(session, world)
    add_membership(session, world.foreign_focal, world.elsewhere, Role.CHAIR)
    session.commit()
    client = sign_in(world.foreign_focal.username)
    sent = {"decision": "grant", "csrf_token": token(client.get("/huyen-khac/extensions"))}
    for named in (f"{one.id}-1", "7-1", "x", "1", "-", "1-1-1", "²-1", "9" * 40 + "-1"):
        client.post("/huyen-khac/extensions/decide", {**sent, "requests": [named]}, status=404)
    client.post(f"/huyen-khac/extensions/{one.id}/withdraw", sent, status=404)
    client.get(f"/huyen-khac/tasks/{world.task.id}/extension", status=404)
    client.get(f"/huyen-khac/tasks/{world.task.id}/extend", status=404)


# Deciding


def test_another_day_a_refusal_and_several_at_once(session: Session, world: World, on_day: OnDay) -> None:
    on_day(TUESDAY)
    mine = [task for task in world.tasks if task.unit_id == world.room.id]
    requests = asked(session, world, date(2026, 11, 30), *mine)
    for wrong, words in ((None, "ghi ngày"), (DUE, "không sau hạn"), (date(2026, 11, 9), "đã qua"), (date(2027, 11, 12), "một năm")):
        with pytest.raises(Refused, match=words) as refusal:
            decide(session, world, Ruling(Decision.GRANT_OTHER, wrong), *requests)
        assert refusal.value.field == "until"
        session.rollback()
    with pytest.raises(Refused) as refusal:
        decide(session, world, Ruling(Decision.REFUSE), *requests)
    assert refusal.value.field == "answer"
    with pytest.raises(Refused, match="ít nhất một"):
        decide(session, world, Ruling(Decision.GRANT))
    assert decide(session, world, Ruling(Decision.GRANT_OTHER, date(2026, 11, 20)), *requests).decided == 2
    session.commit()
    assert {(task.extended_to_on, task.extensions) for task in mine} == {(date(2026, 11, 20), 1)}
    assert {one.wished_on for one in requests} == {date(2026, 11, 30)}, "what was wished stays"
    (again,) = asked(session, world, date(2026, 12, 1))
    assert again.due_on == date(2026, 11, 20)
    decide(session, world, Ruling(Decision.REFUSE, answer="Cấp trên đã chốt"), again)
    assert (again.state, again.answer, world.task.extensions) == (ExtensionState.REFUSED, "Cấp trên đã chốt", 1)


def test_a_day_that_has_passed_while_the_request_waited_is_not_granted(session: Session, world: World, on_day: OnDay) -> None:
    on_day(TUESDAY)
    (one,) = asked(session, world, date(2026, 11, 16))
    on_day("2026-11-18")
    assert seen(session, world, world.task).standing.timeliness is Timeliness.OVERDUE
    with pytest.raises(Refused, match="16/11/2026 đã qua"):
        decide(session, world, Ruling(Decision.GRANT), one)
    session.rollback()
    decide(session, world, Ruling(Decision.GRANT_OTHER, date(2026, 11, 23)), one)
    session.commit()
    assert seen(session, world, world.task).standing.timeliness is not Timeliness.OVERDUE, "a granted extension stops overdue"


@pytest.mark.parametrize("how", ["handed in", "set aside"])
def test_a_request_that_was_overtaken_is_not_granted_and_is_told(session: Session, world: World, sign_in: SignIn, on_day: OnDay, how: str) -> None:
    on_day(TUESDAY)
    (one,) = asked(session, world)
    who = Actor(world.focal.id, "Đầu mối")
    if how == "handed in":
        service.mark_ready(session, world.task, Fulfilment(True), who, clock.now(), needs_head=False, is_head=False)
    else:
        service.set_aside(session, world.task, Move.SET_NOT_APPLICABLE, "Không có", who, clock.now())
    session.commit()
    chair = sign_in(world.chair.username)
    page = chair.get(f"/{world.slug}/extensions?request={one.id}")
    assert "không còn cần" in page.main
    assert "Đề nghị gia hạn ·" not in chair.get(f"/{world.slug}/overview").main, "nothing truly waits"
    page = page.form("/decide").fill(decision="grant").submit()
    assert "không còn cần quyết định" in page.text
    session.expire_all()
    assert one.state is ExtensionState.WITHDRAWN
    assert (world.task.extended_to_on, world.task.extensions) == (None, 0)


def test_two_deciders_at_once_one_wins_and_the_other_is_told(session: Session, world: World, on_day: OnDay, app: Flask) -> None:
    on_day(TUESDAY)
    (one,) = asked(session, world)
    together, id_, chair_id, authority_id = Barrier(2, timeout=30), one.id, world.chair.id, world.authority.id
    session.commit()

    def try_it(number: int) -> str:
        with app.app_context(), writing():
            mine = db.session()
            scope.choose(mine, scope.one(authority_id))
            together.wait()
            rows = [(row, 1) for row in extension_queries.of_ids(mine, [id_])]
            until = date(2026, 11, 20 + number)
            try:
                extension_service.decide(mine, rows, Ruling(Decision.GRANT_OTHER, until), Actor(chair_id, "Lãnh đạo"), clock.now())
                db.session.commit()
            except (Stale, StaleDataError):
                db.session.rollback()
                return "told"
            finally:
                db.session.remove()
            return until.isoformat()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(try_it, range(2)))
    session.expire_all()
    assert sorted(answers)[1] == "told"
    assert world.task.extended_to_on is not None
    assert sorted(answers)[0] == world.task.extended_to_on.isoformat()
    assert world.task.extensions == 1


def test_a_page_opened_before_another_decided_answers_409(session: Session, world: World, sign_in: SignIn, on_day: OnDay) -> None:
    on_day(TUESDAY)
    (one,) = asked(session, world)
    form = sign_in(world.chair.username).get(f"/{world.slug}/extensions?request={one.id}").form("/decide").fill(decision="grant")
    decide(session, world, Ruling(Decision.GRANT_OTHER, date(2026, 11, 17)), one)
    session.commit()
    assert "17/11/2026" in form.submit(status=409).main
    session.expire_all()
    assert world.task.extended_to_on == date(2026, 11, 17)


# Unasked


def test_the_decider_extends_unasked_with_a_reason_also_what_is_overdue(session: Session, world: World, sign_in: SignIn) -> None:
    chair = sign_in(world.chair.username)  # 18/11: overdue
    page = chair.get(f"/{world.slug}/tasks/{world.task.id}").link("Gia hạn…").follow()
    for wished, reason, words in (("17/11/2026", "Bão", "đã qua"), ("14/11/2026", "Bão", "đã qua"), ("30/11/2026", "", "ghi lý do")):
        assert words in page.form("/extend").fill(wished_on=wished, reason=reason).submit(status=400).main
    page = page.form("/extend").fill(wished_on="23/11/2026", reason="Bão số 9, mất điện").submit()
    assert "Gia hạn không theo đề nghị, từ 14/11/2026 đến 23/11/2026: Bão số 9, mất điện" in page.main
    session.expire_all()
    assert (world.task.extended_to_on, world.task.extensions) == (date(2026, 11, 23), 1)
    assert seen(session, world, world.task).standing.timeliness is not Timeliness.OVERDUE
    stale = chair.get(f"/{world.slug}/tasks/{world.task.id}/extend").form("/extend").fill(wished_on="30/11/2026", reason="Thêm")
    service.begin(session, world.task, Actor(None, "Chuyên viên"), clock.now())
    session.commit()
    stale.submit(status=409)


def test_where_a_request_waits_that_is_decided_instead(session: Session, world: World, sign_in: SignIn, on_day: OnDay) -> None:
    on_day(TUESDAY)
    asked(session, world)
    chair = sign_in(world.chair.username)
    page = chair.get(f"/{world.slug}/tasks/{world.task.id}/extend")
    assert page.has_link("Quyết định đề nghị ấy")
    assert not page.has_form("/extend")
    with pytest.raises(Refused, match="chờ quyết định"):
        extension_service.extend(session, world.task, "1.1", date(2026, 11, 20), "Bão", Actor(world.chair.id, "Lãnh đạo"), clock.now())


def test_days_to_mend_are_extended_without_making_a_late_first_handing_in_punctual(session: Session, world: World, on_day: OnDay) -> None:
    """Handed in two days late, returned with days to mend, these are extended: it stays two days late."""
    who = Actor(world.chair.id, "Lãnh đạo")
    on_day("2026-11-16")
    service.mark_ready(session, world.task, Fulfilment(True), who, clock.now(), needs_head=False, is_head=False)
    on_day("2026-11-17")
    service.return_(session, world.task, world.round, "Thiếu chữ ký", who, clock.now(), calendar=CALENDAR, mend_days=3)
    assert world.task.mend_by_on == date(2026, 11, 20)
    assert in_force(DUE, None, date(2026, 11, 20)) == date(2026, 11, 20)
    session.commit()
    (one,) = asked(session, world, date(2026, 11, 30))
    assert one.due_on == date(2026, 11, 20), "the last day in force"
    decide(session, world, Ruling(Decision.GRANT), one)
    session.commit()
    assert (world.task.mend_by_on, world.task.extended_to_on, world.task.extensions) == (date(2026, 11, 30), None, 1)
    assert seen(session, world, world.task).standing.due_on == date(2026, 11, 30)
    on_day("2026-11-27")
    service.mark_ready(session, world.task, Fulfilment(True), who, clock.now(), needs_head=False, is_head=False)
    for late_by_return in (False, True):
        world.authority.late_by_return = late_by_return
        session.flush()
        standing = seen(session, world, world.task).standing
        assert (standing.timeliness, standing.days_late) == (Timeliness.DONE_LATE, 2)


# Reminders follow


def reminded(session: Session, world: World, day: date) -> set[int]:
    """The tasks a day's plan would speak of."""
    return {row.id for digest in reminders.draft(session, world.authority, day).digests for row, _rung in digest.said}


def test_after_a_grant_the_old_ladder_is_silent_and_the_new_one_speaks(session: Session, world: World, on_day: OnDay, command: Command) -> None:
    """Due 14/11 the rungs are 04/11, 10/11, 12/11, 13/11 and, overdue, 16/11 and 18/11; due 01/12 they are 09/11, 19/11, 26/11, 30/11, 01/12."""
    on_day("2026-11-09T08:00")
    reminders.plan(session, world.authority, date(2026, 11, 9), clock.now())
    session.commit()
    (one,) = asked(session, world, date(2026, 12, 1))
    decide(session, world, Ruling(Decision.GRANT), one)
    session.commit()
    assert world.task.id in reminded(session, world, date(2026, 11, 10)), "the new ladder begins fifteen working days ahead"
    reminders.plan(session, world.authority, date(2026, 11, 10), clock.now())
    session.commit()
    for old in (date(2026, 11, 12), date(2026, 11, 13), date(2026, 11, 16), date(2026, 11, 18)):
        planned = json.loads(command("reminders", "plan", "--on", old.isoformat(), "--json").stdout)
        assert planned, old
        session.expire_all()
        scope.choose(session, scope.whole("a test"))
        payloads = session.scalars(select(OutboxMessage.payload).where(OutboxMessage.planned_on == old)).all()
        assert payloads, f"the others are told on {old}"
        spoken = {item[0] for payload in payloads for item in payload["items"] if item[2] is not None}
        assert world.task.id not in spoken, f"{old} belongs to the ladder of the old day"
    for new in (date(2026, 11, 19), date(2026, 11, 26), date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2)):
        assert world.task.id in reminded(session, world, new), new


def mailed(app: Flask) -> dict[str, str]:
    """Address → text of every mail in the folder."""
    found = {}
    for path in app.config["MAIL_FOLDER"].glob("*.eml"):
        message = message_from_bytes(path.read_bytes())
        text = next(part for part in message.walk() if part.get_content_type() == "text/plain")
        found[message["To"].rpartition("<")[2].strip(">")] = text.get_payload(decode=True).decode()
    return found


def test_a_digest_that_waits_in_the_outbox_drops_the_task_when_it_is_sent(app: Flask, session: Session, world: World, on_day: OnDay) -> None:
    on_day("2026-11-10T08:00")
    reminders.plan(session, world.authority, date(2026, 11, 10), clock.now())
    session.commit()
    (one,) = asked(session, world, date(2026, 11, 30))
    decide(session, world, Ruling(Decision.GRANT), one)
    session.commit()
    mail_jobs.send_waiting(app)
    told = mailed(app)[world.owner.email or ""]
    assert "- 1.3 " in told
    assert "- 1.1 " not in told, "what was given a new day is not spoken of by the old"


def test_a_digest_names_the_original_day_of_what_was_extended(app: Flask, session: Session, world: World, on_day: OnDay) -> None:
    on_day(TUESDAY)
    (one,) = asked(session, world)
    decide(session, world, Ruling(Decision.GRANT), one)
    on_day("2026-11-18T08:00")
    reminders.plan(session, world.authority, date(2026, 11, 18), clock.now())
    session.commit()
    mail_jobs.send_waiting(app)
    assert "- 1.1 Chỉ số thành phần 1; 10 điểm; hạn gốc 14/11/2026, gia hạn 1 lần" in mailed(app)[world.owner.email or ""]
