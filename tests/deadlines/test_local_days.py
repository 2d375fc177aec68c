"""An office's own days: entered over the national list, seen at once by targets and reminders, withdrawn again; last days stand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.page_client import PageClient
from tracker.audit.models import AuditEvent
from tracker.audit.rules import SYSTEM
from tracker.deadlines import access, calendar_queries, queries
from tracker.deadlines.calendar_rules import Certainty, DayKind
from tracker.deadlines.calendar_service import Effect, enter_local_day, withdraw_local_day
from tracker.deadlines.models import CalendarDay, LocalDay, Round
from tracker.deadlines.rules import target_day
from tracker.kernel import scope
from tracker.kernel.errors import NotFound, Refused

pytestmark = pytest.mark.db

NOW = datetime(2026, 11, 9, 2, 30, tzinfo=UTC)
LAST, TARGET = date(2026, 11, 14), date(2026, 11, 13)
DAYS = "/huyen-thu/calendar/days"


#: Enough of the national list of 2026.
NATIONAL = (
    ("2026-08-22", DayKind.MAKE_UP, "Làm bù cho thứ Hai 31/8/2026"),
    ("2026-08-31", DayKind.SWAP_OFF, "Hoán đổi với thứ Bảy 22/8/2026"),
    ("2026-11-24", DayKind.HOLIDAY, "Ngày Văn hóa Việt Nam"),
)


@pytest.fixture
def here(world: World, session: Session) -> World:
    """The first office in scope; its round ends on Saturday 14/11/2026 and aims at Friday 13/11."""
    for day, kind, name in NATIONAL:
        session.add(CalendarDay(day=date.fromisoformat(day), kind=kind, name=name, source="Thông báo", certainty=Certainty.OFFICIAL))
    session.flush()
    scope.choose(session, scope.one(world.authority.id))
    return world


@pytest.fixture
def focal(world: World, sign_in: Callable[..., PageClient]) -> PageClient:
    return sign_in(world.focal.username)


def enter(session: Session, world: World, day: date = TARGET, kind: DayKind = DayKind.CLOSURE, **more: Any) -> Effect:
    given = {"name": "Nghỉ tránh bão số 9", "source": "Công điện 12/CĐ-UBND", "now": NOW} | more
    return enter_local_day(session, SYSTEM, world.authority.id, day, kind, **given)


def target(session: Session, one: Round) -> date | None:
    return target_day(queries.working_calendar(session), one.nominal_on, one.last_on)


def standing(session: Session) -> list[date]:
    return [one.day for one in calendar_queries.local_days(session)]


def planned(command: Callable[..., Any], day: str, *more: str) -> int:
    result = command("reminders", "plan", "--authority", "huyen-thu", "--on", day, *more, "--json")
    assert result.exit_code == 0, result.stderr
    return int(json.loads(result.stdout)["planned"])


def test_a_closure_on_the_target_day_moves_the_target_and_not_the_last_day(here: World, session: Session) -> None:
    assert (here.round.last_on, target(session, here.round)) == (LAST, TARGET)
    effect = enter(session, here)
    assert (here.round.last_on, target(session, here.round)) == (LAST, date(2026, 11, 12))
    assert [(one.round.id, one.before, one.after) for one in effect.moved] == [(here.round.id, TARGET, date(2026, 11, 12))]


def test_withdrawing_brings_the_target_back_and_keeps_the_row(here: World, session: Session) -> None:
    (made,) = enter(session, here).days
    effect = withdraw_local_day(session, SYSTEM, made, NOW)
    assert target(session, here.round) == TARGET
    assert [(one.before, one.after) for one in effect.moved] == [(date(2026, 11, 12), TARGET)]
    assert session.scalars(select(LocalDay.withdrawn_at)).one() == NOW
    assert standing(session) == []


def test_the_reminders_of_a_day_follow_the_calendar(
    here: World, session: Session, command: Callable[..., Any], on_day: Callable[[str], None]
) -> None:
    """Three working days before the target everybody was told; the next letter goes out on the day before it, whichever that is."""
    on_day("2026-11-10T06:00")
    assert planned(command, "2026-11-10") > 0
    assert planned(command, "2026-11-11", "--dry-run") == 0, "two days before the target nothing new is said"
    scope.choose(session, scope.one(here.authority.id))
    (made,) = enter(session, here).days
    session.commit()
    assert planned(command, "2026-11-11", "--dry-run") > 0, "now it is the day before the target"
    assert session.scalars(select(Round.last_on).where(Round.id == here.round.id)).one() == LAST
    scope.choose(session, scope.one(here.authority.id))
    withdraw_local_day(session, SYSTEM, session.get_one(LocalDay, made.id), NOW)
    session.commit()
    assert planned(command, "2026-11-11", "--dry-run") == 0
    assert planned(command, "2026-11-12", "--dry-run") > 0, "the day before the target it was at first"


def test_no_reminder_goes_out_on_a_day_the_office_is_shut(here: World, session: Session, command: Callable[..., Any]) -> None:
    assert planned(command, "2026-11-12", "--dry-run") > 0
    scope.choose(session, scope.one(here.authority.id))
    enter(session, here, date(2026, 11, 12))
    session.commit()
    assert planned(command, "2026-11-12", "--dry-run") == 0


def test_a_closure_of_one_office_does_not_touch_another(here: World, session: Session) -> None:
    (made,) = enter(session, here).days
    made_id = made.id
    scope.choose(session, scope.one(here.elsewhere.id))
    assert queries.working_calendar(session).is_working(TARGET)
    assert standing(session) == []
    with pytest.raises(NotFound):
        access.local_day(session, made_id)


def test_a_swap_is_two_days_entered_and_withdrawn_together(here: World, session: Session) -> None:
    """Monday 23/11/2026 off before the holiday of 24/11, made up for on Saturday 28/11."""
    off, worked = date(2026, 11, 23), date(2026, 11, 28)
    effect = enter(session, here, off, DayKind.SWAP_OFF, name="Hoán đổi dịp 24/11", made_up_on=worked)
    calendar = queries.working_calendar(session)
    assert (calendar.is_working(off), calendar.is_working(worked)) == (False, True)
    assert [one.name for one in effect.days] == [
        "Hoán đổi dịp 24/11 (làm bù Thứ Bảy, 28/11/2026)",
        "Hoán đổi dịp 24/11 (làm bù cho Thứ Hai, 23/11/2026)",
    ]
    assert calendar.off_because(off) == "ngày nghỉ (Hoán đổi dịp 24/11 (làm bù Thứ Bảy, 28/11/2026))"
    enter(session, here, date(2026, 12, 4), name="Chuyển trụ sở")
    assert len(withdraw_local_day(session, SYSTEM, effect.days[1], NOW).days) == 2
    assert standing(session) == [date(2026, 12, 4)], "what was entered at the same moment but is no part of the swap stays"


@pytest.mark.parametrize(
    ("made_up_on", "sentence"),
    [
        ("2026-11-25", "Thứ Tư, 25/11/2026 đã là ngày làm việc; ngày làm bù phải là một ngày nghỉ."),
        ("2026-11-23", "Thứ Hai, 23/11/2026 đã là ngày làm việc"),
        ("2026-11-24", "là ngày nghỉ (Ngày Văn hóa Việt Nam); ngày làm bù phải là ngày nghỉ cuối tuần"),
    ],
)
def test_of_a_swap_that_cannot_be_neither_day_is_entered(here: World, session: Session, made_up_on: str, sentence: str) -> None:
    with pytest.raises(Refused, match=re.escape(sentence)) as refusal:
        enter(session, here, date(2026, 11, 23), DayKind.SWAP_OFF, made_up_on=date.fromisoformat(made_up_on))
    assert refusal.value.field == "made_up_on"
    assert standing(session) == []


@pytest.mark.parametrize(
    ("day", "kind", "sentence"),
    [
        ("2026-11-16", DayKind.MAKE_UP, "Thứ Hai, 16/11/2026 đã là ngày làm việc; ngày làm bù phải là một ngày nghỉ."),
        ("2026-11-14", DayKind.CLOSURE, "Thứ Bảy, 14/11/2026 đã là thứ Bảy; chỉ ghi ngày nghỉ cho một ngày đang là ngày làm việc."),
        ("2026-11-24", DayKind.CLOSURE, "Thứ Ba, 24/11/2026 đã là ngày nghỉ (Ngày Văn hóa Việt Nam)"),
        ("2026-08-31", DayKind.SWAP_OFF, "Thứ Hai, 31/08/2026 đã là ngày nghỉ (Hoán đổi với thứ Bảy 22/8/2026)"),
        ("2026-08-22", DayKind.MAKE_UP, "Thứ Bảy, 22/08/2026 đã là ngày làm việc"),
        ("1999-11-10", DayKind.CLOSURE, "Năm 1999 nằm ngoài lịch; lịch ghi được các năm 2000–2100."),
        ("2101-11-10", DayKind.CLOSURE, "Năm 2101 nằm ngoài lịch"),
    ],
)
def test_a_day_that_cannot_be_what_it_is_said_to_be_is_refused(here: World, session: Session, day: str, kind: DayKind, sentence: str) -> None:
    with pytest.raises(Refused, match=re.escape(sentence)) as refusal:
        enter(session, here, date.fromisoformat(day), kind)
    assert refusal.value.field == "day"
    assert standing(session) == []


@pytest.mark.parametrize("kind", [DayKind.HOLIDAY, DayKind.LIEU])
def test_an_office_makes_no_holidays(here: World, session: Session, kind: DayKind) -> None:
    with pytest.raises(Refused, match="lấy từ lịch chung") as refusal:
        enter(session, here, kind=kind)
    assert refusal.value.field == "kind"


@pytest.mark.parametrize("field", ["name", "source"])
def test_a_day_says_why_and_after_which_document(here: World, session: Session, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        enter(session, here, **{field: " \n"})
    assert refusal.value.field == field


def test_a_day_is_entered_once(here: World, session: Session) -> None:
    enter(session, here)
    for kind in (DayKind.CLOSURE, DayKind.MAKE_UP):
        with pytest.raises(Refused, match="đã có trong lịch của cơ quan"):
            enter(session, here, kind=kind)


def test_a_day_is_withdrawn_once_and_may_then_be_entered_again(here: World, session: Session) -> None:
    (made,) = enter(session, here).days
    withdraw_local_day(session, SYSTEM, made, NOW)
    with pytest.raises(Refused, match="đã được rút khỏi lịch của cơ quan trước đó"):
        withdraw_local_day(session, SYSTEM, made, NOW)
    enter(session, here)
    assert standing(session) == [TARGET]
    assert len(session.scalars(select(LocalDay)).all()) == 2


def test_entering_and_withdrawing_are_on_record(here: World, session: Session) -> None:
    (made,) = enter(session, here).days
    withdraw_local_day(session, SYSTEM, made, NOW)
    session.flush()
    said = session.scalars(select(AuditEvent).where(AuditEvent.subject_type == "local_day").order_by(AuditEvent.id)).all()
    assert [(one.action, one.summary) for one in said] == [
        (
            "local_day.entered",
            "Ghi ngày nghỉ Thứ Sáu, 13/11/2026 (Cơ quan tạm nghỉ: Nghỉ tránh bão số 9) vào lịch của cơ quan, theo Công điện 12/CĐ-UBND.",
        ),
        ("local_day.withdrawn", "Rút ngày nghỉ Thứ Sáu, 13/11/2026 (Cơ quan tạm nghỉ: Nghỉ tránh bão số 9) khỏi lịch của cơ quan."),
    ]
    assert said[0].changes["day"] == [None, "2026-11-13"]


def fill(person: PageClient, **values: str) -> Any:
    given = {"kind": "closure", "day": "13/11/2026", "name": "Nghỉ tránh bão số 9", "source": "Công điện 12/CĐ-UBND"} | values
    return person.get(DAYS).form("/calendar/days").fill(**given)


def test_the_page_enters_a_day_tells_what_it_means_and_withdraws_it(world: World, focal: PageClient) -> None:
    page = fill(focal).submit("Ghi vào lịch")
    assert "Đã ghi cơ quan tạm nghỉ Thứ Sáu, 13/11/2026 vào lịch của cơ quan." in page.text
    assert f"1 đợt đang mở đổi ngày nhắm tới: {world.round.name} từ 13/11/2026 sang 12/11/2026. Ngày cuối theo văn bản không đổi." in page.text
    (row,) = page.table("Ngày nghỉ, ngày làm bù của cơ quan")
    assert (row["Ngày"], row["Loại"], row["Theo"]) == ("Thứ Sáu, 13/11/2026", "Cơ quan tạm nghỉ", "Công điện 12/CĐ-UBND")
    gone = page.form("/withdraw").submit("Rút")
    assert f"{world.round.name} từ 12/11/2026 sang 13/11/2026" in gone.text
    assert "Cơ quan đang theo đúng lịch nghỉ chung." in gone.main


def test_a_swap_is_entered_on_one_page(focal: PageClient) -> None:
    page = fill(focal, kind="swap_off", day="23/11/2026", made_up_on="28/11/2026", name="Hoán đổi dịp 24/11").submit("Ghi vào lịch")
    assert [row["Loại"] for row in page.table("Ngày nghỉ, ngày làm bù của cơ quan")] == ["Nghỉ hoán đổi", "Làm bù"]
    assert "Ngày nhắm tới của các đợt đang mở không đổi." in page.text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"day": "31/11/2026"}, "“31/11/2026” không phải là một ngày có thật"),
        ({"day": ""}, "Đồng chí ghi ngày"),
        ({"day": "14/11/2026"}, "đã là thứ Bảy"),
        ({"kind": "make_up"}, "Thứ Sáu, 13/11/2026 đã là ngày làm việc"),
        ({"kind": "swap_off"}, "Đồng chí ghi ngày làm bù của ngày nghỉ hoán đổi"),
        ({"made_up_on": "28/11/2026"}, "Chỉ ngày nghỉ hoán đổi mới có ngày làm bù"),
        ({"name": ""}, "Đồng chí ghi vì sao"),
        ({"source": ""}, "Đồng chí ghi thông báo hoặc chỉ đạo"),
    ],
)
def test_what_cannot_be_entered_is_told_beside_its_field_and_nothing_is_saved(
    focal: PageClient, session: Session, values: dict[str, str], sentence: str
) -> None:
    page = fill(focal, **values).submit("Ghi vào lịch", status=400)
    assert any(sentence in one for one in page.errors), page.errors
    assert not session.scalars(select(LocalDay)).all()
