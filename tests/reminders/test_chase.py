"""Chasing by hand: the Zalo message, calls that were noted, and one log of everything said to a unit."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.factories import World
from tests.harness.stores import TODAY
from tests.page_client import PageClient
from tests.reminders.test_planning import send
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.kernel.errors import Refused
from tracker.reminders import chase_queries, chase_service, service
from tracker.reminders.chase_models import ChaseEntry, ChaseEntryTask
from tracker.reminders.chase_rules import MESSAGE_LIMIT, ChaseKind, Owed, zalo_text
from tracker.reminders.policy_rules import Policy
from tracker.tasks.models import Task
from tracker.tasks.rules import Progress
from tracker.units.models import Unit

SignIn = Callable[..., PageClient]
FOCAL = Actor(None, "Đầu mối")
WEDNESDAY = date.fromisoformat(TODAY)
ADDRESS = "https://dondoc.huyen-thu.test/huyen-thu"


def owed(
    number: int = 1, *, late: int = 0, due: date | None = date(2026, 11, 20), points: str | None = None, name: str = "Tỷ lệ hồ sơ trực tuyến"
) -> Owed:
    return Owed(number, f"1.{number}", name, due, late, None if points is None else Decimal(points))


def test_the_message_says_how_many_what_first_and_where() -> None:
    text = zalo_text("UBND huyện Thử", "Phòng Nội vụ", [owed(1), owed(2, late=4, due=date(2026, 11, 14))], ADDRESS)
    assert text == (
        "UBND huyện Thử đề nghị Phòng Nội vụ hoàn thành 2 chỉ số, trong đó 1 quá hạn; hạn gần nhất Thứ Sáu, 20/11/2026.\n"
        "- 1.2 Tỷ lệ hồ sơ trực tuyến (hạn 14/11/2026, quá 4 ngày)\n"
        "- 1.1 Tỷ lệ hồ sơ trực tuyến (hạn 20/11/2026)\n"
        f"Nộp minh chứng tại: {ADDRESS}"
    )


@pytest.mark.parametrize(
    ("late", "said"),
    [((0, 0), "hoàn thành 2 chỉ số;"), ((4, 4), "2 chỉ số, tất cả đã quá hạn."), ((4,), "1 chỉ số đã quá hạn."), ((4, 0), "trong đó 1 quá hạn;")],
)
def test_the_message_says_how_much_of_it_is_late(late: tuple[int, ...], said: str) -> None:
    assert said in zalo_text("A", "B", [owed(number, late=days) for number, days in enumerate(late, 1)], ADDRESS)


def test_a_long_name_is_cut_between_two_words() -> None:
    assert owed(name="Văn bản chỉ đạo chuyên đề về chuyển đổi số do người đứng đầu ký").line.startswith(
        "- 1.1 Văn bản chỉ đạo chuyên đề về chuyển đổi số do… (hạn"
    )
    assert "…" not in owed(name="x" * 48).line and len(owed(name="x" * 99).line.split(" (")[0]) == 6 + 48


def test_among_equals_most_points_stand_first_and_the_rest_is_counted() -> None:
    lines = zalo_text("A", "B", [owed(n, points=str(n)) for n in range(1, 9)], ADDRESS).split("\n")
    assert [line[:5] for line in lines[1:6]] == ["- 1.8", "- 1.7", "- 1.6", "- 1.5", "- 1.4"]
    assert lines[6] == "và 3 chỉ số khác."


@given(
    st.lists(
        st.builds(
            owed,
            st.integers(1, 999),
            late=st.integers(0, 400),
            due=st.none() | st.dates(date(2025, 1, 1), date(2030, 1, 1)),
            name=st.text(min_size=1, max_size=400),
        ),
        min_size=1,
        max_size=500,
    ),
    st.text(max_size=300),
)
def test_the_message_is_short_plain_and_has_the_address_whatever_it_is_about(tasks: list[Owed], unit: str) -> None:
    text = zalo_text("UBND huyện Thử", unit, tasks, ADDRESS)
    assert len(text) <= MESSAGE_LIMIT
    assert text.endswith(ADDRESS)
    assert all(ord(c) >= 32 or c == "\n" for c in text)
    assert len(text.split("\n")) <= 8


def test_zalo_is_due_once_for_each_rung_from_the_policys_on() -> None:
    calendar, policy, target = WorkingCalendar({}), Policy(zalo_from=1), date(2026, 11, 13)
    days = [target + timedelta(days=n) for n in range(12) if calendar.is_working(target + timedelta(days=n))]
    last: date | None = None
    told = []
    for day in days:
        if policy.zalo_due(calendar, target, day, last):
            told.append((calendar.between(target, day), day))
            last = day
    assert [offset for offset, _ in told] == [1, 3]
    assert not Policy(zalo_from=None).zalo_due(calendar, target, days[-1], None)


@pytest.mark.db
def test_the_focal_point_copies_a_message_and_the_log_keeps_it(sign_in: SignIn, session: Session, world: World) -> None:
    focal = sign_in(world.focal.username)
    page = focal.get(f"/{world.slug}/reminders").link("Nhắn Zalo").follow()
    assert "đề nghị Phòng Nội vụ hoàn thành" in page.text
    assert f"Nộp minh chứng tại: http://localhost/{world.slug}" in page.text
    for said in ("Đã ghi vào nhật ký", "Hôm nay đã ghi tin nhắn này rồi"):
        assert said in focal.get(f"/{world.slug}/reminders/zalo").form(f"/reminders/zalo/{world.room.slug}").submit("Đã nhắn").text
    session.rollback()
    entry = session.scalars(select(ChaseEntry)).one()
    assert entry.kind is ChaseKind.ZALO and entry.words.startswith("UBND huyện Thử đề nghị")
    assert session.scalar(select(func.count(ChaseEntryTask.id))) == 2
    assert (
        session.scalars(select(AuditEvent.summary).where(AuditEvent.action == "chase.zalo")).one().startswith("Nhắn Zalo: Phòng Nội vụ, 2 nhiệm vụ")
    )
    chased = {one.name: one.now for one in chase_queries.chaseable(session, world.authority, WEDNESDAY)}
    assert chased[world.room.name] is False and chased[world.other_room.name] is True


@pytest.mark.db
def test_a_button_pressed_by_many_at_once_is_one_chase(app: Flask, session: Session, world: World) -> None:
    unit_id, authority_id, task = world.room.id, world.authority.id, world.task.id
    session.commit()
    together = Barrier(4)

    def press(_: int) -> bool:
        with app.app_context(), writing(), scope.using(db.session(), scope.one(authority_id)):
            together.wait()
            unit = db.session().get_one(Unit, unit_id)
            kept = chase_service.note_once(
                db.session(), FOCAL, kind=ChaseKind.SHEET, unit=unit, task_ids={task: None}, words="Đã trao", now=clock.now(), day=WEDNESDAY
            )
            db.session().commit()
            db.session.remove()
            return kept

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(press, range(4))) == [False, False, False, True]


@pytest.mark.db
def test_a_call_is_noted_struck_out_and_never_deleted(sign_in: SignIn, session: Session, world: World) -> None:
    focal = sign_in(world.focal.username)
    page = focal.get(f"/{world.slug}/units/{world.room.slug}").link("Nhật ký đôn đốc").follow().link("Ghi cuộc gọi, buổi gặp").follow()
    refused = page.form("/call").fill(with_whom="", words="Thứ Sáu nộp").submit("Ghi vào nhật ký", status=400)
    assert "Đồng chí ghi đã gọi hoặc gặp ai" in refused.text and "Thứ Sáu nộp" in refused.data.decode()
    assert "chưa tới" in refused.form("/call").fill(with_whom="Trưởng phòng", on_day="19/11/2026").submit("Ghi vào nhật ký", status=400).text
    log = refused.form("/call").fill(with_whom="Trưởng phòng", on_day="17/11/2026").submit("Ghi vào nhật ký")
    assert "Ngày 17/11/2026, với Trưởng phòng: Thứ Sáu nộp" in log.text, "noted today, done yesterday"
    strike = log.link("Ghi nhầm…").follow()
    assert "vì sao gạch" in strike.form("/strike").submit("Gạch dòng này", status=400).text
    log = strike.form("/strike").fill(why="Gọi nhầm đơn vị").submit("Gạch dòng này")
    assert "Thứ Sáu nộp" in log.text and "Gạch: Gọi nhầm đơn vị" in log.text and not log.has_link("Ghi nhầm…")
    session.rollback()
    entry = session.scalars(select(ChaseEntry)).one()
    with pytest.raises(Refused, match="đã được gạch"):
        chase_service.strike(session, FOCAL, entry, "lần nữa", clock.now())


@pytest.mark.db
def test_the_log_tells_mails_messages_and_calls_in_one_line_of_time(app: Flask, sign_in: SignIn, session: Session, world: World) -> None:
    service.plan(session, world.authority, WEDNESDAY, clock.now())
    send(app, session)
    tasks = {world.task.id: date(2026, 11, 14)}
    chase_service.note(
        session,
        FOCAL,
        kind=ChaseKind.LETTER,
        unit_id=world.room.id,
        task_ids=tasks,
        words="Công văn số 12/UBND-VHTT",
        on_day=WEDNESDAY,
        now=clock.now(),
    )
    session.commit()
    log = sign_in(world.focal.username).get(f"/{world.slug}/reminders/log/{world.room.slug}")
    rows = log.table("Nhật ký đôn đốc")
    assert {row["Hình thức"] for row in rows} == {"Thư nhắc", "Công văn"}
    assert "owner@huyen-thu.test" in log.text
    sheet = sign_in(world.focal.username).get(f"/{world.slug}/reminders/log/{world.room.slug}?export=xlsx")
    assert sheet.data[:2] == b"PK"
    own = sign_in(world.owner.username).get(f"/{world.slug}/reminders/log/{world.room.slug}")
    assert "Công văn số 12/UBND-VHTT" in own.text and "@huyen-thu.test" not in own.main, "whose mailbox it was is the focal point's to know"
    assert not own.has_link("Ghi cuộc gọi, buổi gặp")
    assert not log.has_link("Ghi nhầm…"), "what the system noted is not struck out"


@pytest.mark.db
def test_one_page_tells_the_chair_who_was_told_what_and_when(app: Flask, sign_in: SignIn, session: Session, world: World) -> None:
    service.plan(session, world.authority, WEDNESDAY, clock.now())
    send(app, session)
    for unit in (world.room, world.other_room):
        chase_service.note(
            session, FOCAL, kind=ChaseKind.CALL, unit_id=unit.id, task_ids={}, words=f"Với {unit.slug}", on_day=WEDNESDAY, now=clock.now()
        )
    session.commit()
    chair = sign_in(world.chair.username)
    log = chair.get(f"/{world.slug}/overview").link("Nhật ký đôn đốc").follow()
    rows = log.table("Nhật ký đôn đốc")
    assert {row["Đơn vị"] for row in rows if row["Hình thức"] != "Thư nhắc"} == {world.room.name, world.other_room.name}
    assert any(world.room.name in row["Đơn vị"] for row in rows if row["Hình thức"] == "Thư nhắc")
    assert "@huyen-thu.test" not in log.main, "whose mailbox it was is the focal point's to know"
    assert "owner@huyen-thu.test" in sign_in(world.focal.username).get(f"/{world.slug}/reminders").link("Nhật ký đôn đốc").follow().text
    none = chair.get(f"/{world.slug}/reminders/log?since=01/01/2026&until=31/01/2026")
    assert "chưa đôn đốc đơn vị nào" in none.text
    assert chair.get(f"/{world.slug}/reminders/log?export=xlsx").data[:2] == b"PK"
    sign_in(world.owner.username).get(f"/{world.slug}/reminders/log", status=403)


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(
    ("days", "sentence"), [("since=mai", "không phải là một ngày có thật"), ("since=18/11/2026&until=17/11/2026", "trước ngày đầu")]
)
def test_days_that_are_none_are_told_beside_their_field(sign_in: SignIn, world: World, days: str, sentence: str) -> None:
    assert sentence in sign_in(world.focal.username).get(f"/{world.slug}/reminders/log?{days}", status=400).text


@pytest.mark.db
@pytest.mark.parametrize(("path", "status"), [("log/{other}", 403), ("zalo", 403), ("log/khong-co", 404), ("log/{own}?since=mai", 400)])
def test_who_may_not_or_asks_for_what_is_not_there_is_refused(sign_in: SignIn, world: World, path: str, status: int) -> None:
    address = path.format(other=world.other_room.slug, own=world.room.slug)
    sign_in(world.owner.username).get(f"/{world.slug}/reminders/{address}", status=status)


@pytest.mark.db
def test_what_the_system_noted_is_not_struck_out_and_a_line_of_another_unit_is_not_found(sign_in: SignIn, session: Session, world: World) -> None:
    entry = chase_service.note(
        session, FOCAL, kind=ChaseKind.LETTER, unit_id=world.room.id, task_ids={}, words="Công văn", on_day=WEDNESDAY, now=clock.now()
    )
    session.commit()
    focal = sign_in(world.focal.username)
    page = focal.get(f"/{world.slug}/reminders/log/{world.room.slug}/{entry.id}/strike")
    assert "chỉ gạch được việc ghi bằng tay" in page.form("/strike").fill(why="Nhầm").submit("Gạch dòng này", status=400).text
    focal.get(f"/{world.slug}/reminders/log/{world.other_room.slug}/{entry.id}/strike", status=404)


@pytest.mark.db
def test_a_unit_that_owes_nothing_has_no_message_and_no_call_to_note(sign_in: SignIn, session: Session, world: World) -> None:
    focal = sign_in(world.focal.username)
    page = focal.get(f"/{world.slug}/reminders/zalo")
    session.execute(update(Task).where(Task.unit_id == world.room.id).values(status=Progress.ACCEPTED))
    session.commit()
    assert "không còn nhiệm vụ nào đang mở" in page.form(f"/reminders/zalo/{world.room.slug}").submit("Đã nhắn").text
    assert "không còn nhiệm vụ nào đang mở" in focal.get(f"/{world.slug}/reminders/log/{world.room.slug}/call").text
    session.rollback()
    assert session.scalar(select(func.count(ChaseEntry.id))) == 0


@pytest.mark.db
def test_the_duty_sheet_says_what_by_when_with_which_documents_and_where(sign_in: SignIn, session: Session, world: World) -> None:
    focal = sign_in(world.focal.username)
    page = focal.get(f"/{world.slug}/reminders/zalo").link("Phiếu nhiệm vụ để in").follow()
    rows = page.table(f"Nhiệm vụ của {world.room.name}")
    assert [row["Mã"] for row in rows] == ["1.1", "1.3"]
    assert "Thứ Bảy, 14/11/2026, quá 4 ngày" in rows[0]["Hạn"] and rows[0]["Tài liệu cần có"] != "–"
    assert f"Nộp minh chứng tại http://localhost/{world.slug}" in page.text
    assert b"<svg" in page.data and "/l/" not in page.data.decode(), "the plain address, never a personal link"
    for _ in range(2):
        given = focal.get(f"/{world.slug}/reminders/sheets/{world.room.slug}").form("/given").submit("Đã trao phiếu")
        assert "trao phiếu cho" in given.text
    session.rollback()
    assert session.scalars(select(ChaseEntry.kind)).all() == [ChaseKind.SHEET]
    assert "Trao phiếu nhiệm vụ in ngày 18/11/2026" in focal.get(f"/{world.slug}/tasks/{world.task.id}").text
    own = sign_in(world.owner.username).get(f"/{world.slug}/reminders/sheets/{world.room.slug}")
    assert own.link(world.room.name).follow().h1 == world.room.name, "its way back is one the unit may go"
    assert world.room.name in own.text and not own.has_form("/given")
    sign_in(world.owner.username).get(f"/{world.slug}/reminders/sheets/{world.other_room.slug}", status=403)
