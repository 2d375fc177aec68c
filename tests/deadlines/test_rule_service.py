"""A rule is kept, put right and laid aside; what cannot be is refused with a sentence, and nothing is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import World, add_rule, add_set
from tracker.audit import service as audit
from tracker.audit.rules import SYSTEM
from tracker.deadlines import queries, service
from tracker.deadlines.models import DeadlineRule, Round
from tracker.deadlines.rules import Boundary, Readings, Roll, RuleKind, Schedule, TermUnit, Window, periods_of_year
from tracker.deadlines.stated_rules import Stated
from tracker.kernel import scope
from tracker.kernel.errors import Refused, Stale
from tracker.tasks import rounds

pytestmark = pytest.mark.db

NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
QUARTERLY = Stated(
    name="Báo cáo quý",
    kind=RuleKind.COLLECTION,
    wording="trước ngày 20 tháng cuối quý",
    place="Mục IV.1",
    schedule=Schedule.QUARTERLY,
    day=20,
    boundary=Boundary.BEFORE,
    opens_days_before=30,
)
YEARLY = replace(QUARTERLY, name="Công bố", kind=RuleKind.PUBLICATION, schedule=Schedule.YEARLY, month=11, day=30)
EVENT = replace(QUARTERLY, name="Khảo sát", schedule=Schedule.EVENT, day=None, boundary=None, term_length=15, term_unit=TermUnit.DAY)


@pytest.fixture
def here(world: World, session: Session) -> World:
    scope.choose(session, scope.one(world.authority.id))
    return world


def keep(
    session: Session, world: World, stated: Stated, *, notice: str = "thong-bao-phan-cong", sets: tuple[str, ...] = ("thu-2026",)
) -> DeadlineRule:
    return service.create_rule(session, SYSTEM, world.authority, stated, notice=notice, sets=sets, now=NOW)


def edit(session: Session, world: World, rule: DeadlineRule, stated: Stated, *, version: int = 1, sets: tuple[str, ...] = ("thu-2026",)) -> None:
    service.edit_rule(session, SYSTEM, world.authority, rule, stated, notice=world.notice.slug, sets=sets, version=version, now=NOW)


def last_event(session: Session, world: World, rule: DeadlineRule) -> Any:
    return audit.history(session, world.authority.id, "rule", rule.id)[0]


def test_a_rule_is_kept_with_its_words_and_its_history(here: World, session: Session) -> None:
    rule = keep(session, here, QUARTERLY)
    assert (rule.slug, rule.position, rule.active, rule.wording) == ("bao-cao-quy", 1, True, "trước ngày 20 tháng cuối quý")
    assert [one.slug for one in queries.sets_by_rule(session, [rule.id])[rule.id]] == ["thu-2026"]
    made = last_event(session, here, rule)
    assert made.action == "rule.created"
    assert made.changes["schedule"] == [None, "Hằng quý"]
    assert made.changes["boundary"] == [None, "“trước ngày”"]
    dates = [p.dates.last_on for p in periods_of_year(queries.terms_of(session, rule), queries.working_calendar(session), 2027)]
    assert dates == [date(2027, 3, 19), date(2027, 6, 19), date(2027, 9, 19), date(2027, 12, 19)]


@pytest.mark.parametrize(
    ("stated", "field", "says"),
    [
        (replace(YEARLY, day=31), "day", "Tháng 11 chỉ có 30 ngày"),
        (replace(YEARLY, month=2, day=30), "day", "Tháng 2 chỉ có 29 ngày"),
        (replace(YEARLY, day=0), "day", "từ 1 đến 30"),
        (replace(QUARTERLY, day=32), "day", "nhiều nhất 31 ngày"),
        (replace(YEARLY, month=13), "month", "Không có tháng 13"),
        (replace(YEARLY, day=None), "day", "cần cả ngày và tháng"),
        (replace(YEARLY, month=None), "month", "cần cả ngày và tháng"),
        (replace(YEARLY, months_after=1), "months_after", "trong năm, năm sau hoặc năm trước"),
        (replace(QUARTERLY, months_after=13), "months_after", "không quá 12 tháng"),
        (replace(QUARTERLY, boundary=None), "boundary", "“trước ngày” hay “chậm nhất ngày”"),
        (replace(EVENT, term_length=None), "term_length", "cần độ dài"),
        (replace(EVENT, term_length=0), "term_length", "từ 1 đến 366"),
        (replace(EVENT, term_length=-3), "term_length", "từ 1 đến 366"),
        (replace(EVENT, term_length=367), "term_length", "từ 1 đến 366"),
        (replace(QUARTERLY, window=Window.STATED), "window_from", "cần cả ngày đầu và ngày cuối"),
        (replace(QUARTERLY, window=Window.STATED, window_from=(1, 10)), "window_to", "cần cả ngày đầu và ngày cuối"),
        (replace(QUARTERLY, window=Window.STATED, window_from=(31, 4), window_to=(30, 9)), "window_from", "Tháng 4 chỉ có 30 ngày"),
        (replace(QUARTERLY, window=Window.STATED, window_from=(1, 13), window_to=(30, 9)), "window_from", "Không có tháng 13"),
        (replace(QUARTERLY, window=Window.STATED, window_from=(1, 10), window_to=(30, 9)), "window_to", "trước khi bắt đầu 01/10"),
        (replace(QUARTERLY, opens_days_before=-1), "opens_days_before", "từ 0 đến 366"),
        (replace(QUARTERLY, opens_days_before=367), "opens_days_before", "từ 0 đến 366"),
        (replace(QUARTERLY, wording=""), "wording", "chép câu"),
        (replace(QUARTERLY, place=""), "place", "chỗ của câu ấy"),
        (replace(QUARTERLY, name=""), "name", "đặt tên"),
        (replace(QUARTERLY, name="…"), "name", "không có chữ nào"),
        (replace(EVENT, upward=True), "upward", "định kỳ có ngày"),
        (replace(EVENT, schedule=Schedule.AD_HOC, upward=True), "upward", "định kỳ có ngày"),
        (replace(QUARTERLY, day=None, boundary=None, upward=True), "upward", "định kỳ có ngày"),
        (replace(QUARTERLY, upward=True, check_days=61), "check_days", "từ 0 đến 60"),
        (replace(QUARTERLY, upward=True, check_days=60, sign_days=20), "check_days", "khi kỳ trước chưa gửi xong"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(here: World, session: Session, stated: Stated, field: str, says: str) -> None:
    with pytest.raises(Refused, match=says) as refusal:
        keep(session, here, stated)
    assert refusal.value.field == field
    assert [rule.slug for rule in queries.rules(session)] == ["nam"]


def test_the_last_of_february_is_a_day_though_not_every_year_has_it(here: World, session: Session) -> None:
    rule = keep(session, here, replace(YEARLY, month=2, day=29, boundary=Boundary.BY))
    terms, calendar = queries.terms_of(session, rule), queries.working_calendar(session)
    assert [next(periods_of_year(terms, calendar, year)).dates.last_on for year in (2027, 2028)] == [date(2027, 2, 28), date(2028, 2, 29)]


def test_a_stated_window_may_begin_the_year_before(here: World, session: Session) -> None:
    window = {"window": Window.STATED, "window_from": (1, 10), "window_from_last_year": True, "window_to": (30, 9)}
    rule = keep(session, here, replace(YEARLY, **window))
    dates = next(periods_of_year(queries.terms_of(session, rule), queries.working_calendar(session), 2027)).dates
    assert (dates.data_from, dates.data_to) == (date(2026, 10, 1), date(2027, 9, 30))
    assert service.stated_of(rule) == replace(YEARLY, **window)


@pytest.mark.parametrize("notice", ["", "khong-co"])
def test_a_rule_stands_in_a_document_of_the_authority(here: World, session: Session, notice: str) -> None:
    with pytest.raises(Refused, match="chọn văn bản") as refusal:
        keep(session, here, QUARTERLY, notice=notice)
    assert refusal.value.field == "notice"


def test_a_collection_asks_for_sets_the_authority_uses(here: World, session: Session) -> None:
    add_set(session, "la-2026")
    for sets, says in ((), "ít nhất một bộ chỉ số"), (("la-2026",), "đang dùng"), (("thu-2026", "khong-co"), "đang dùng"):
        with pytest.raises(Refused, match=says) as refusal:
            keep(session, here, QUARTERLY, sets=sets)
        assert refusal.value.field == "sets"
    assert keep(session, here, YEARLY, sets=()).kind is RuleKind.PUBLICATION


def test_a_second_rule_for_the_same_period_of_a_set_is_refused(here: World, session: Session) -> None:
    with pytest.raises(Refused, match="Đã có quy tắc “Báo cáo năm” cho cùng kỳ của bộ chỉ số “Bộ chỉ số thử thu-2026”"):
        keep(session, here, replace(YEARLY, kind=RuleKind.COLLECTION))
    keep(session, here, QUARTERLY)
    with pytest.raises(Refused, match="“Báo cáo quý” cho cùng kỳ"):
        keep(session, here, replace(QUARTERLY, schedule=Schedule.EVERY_3_MONTHS))
    other = keep(session, here, YEARLY)
    with pytest.raises(Refused, match="“Báo cáo năm” cho cùng kỳ"):
        edit(session, here, other, replace(YEARLY, kind=RuleKind.COLLECTION))
    # An event-started rule may stand beside another; and one laid aside makes room.
    keep(session, here, EVENT)
    keep(session, here, replace(EVENT, name="Khảo sát khác"))
    service.end_rule(session, SYSTEM, here.rule, "Thay bằng văn bản mới", version=1, now=NOW)
    keep(session, here, replace(YEARLY, kind=RuleKind.COLLECTION))


def test_what_another_schedule_left_in_the_form_says_nothing(here: World, session: Session) -> None:
    rule = keep(session, here, replace(EVENT, day=20, month=3, months_after=1, boundary=Boundary.BEFORE, check_days=3, sign_days=2))
    assert (rule.day, rule.month, rule.months_after, rule.boundary, rule.check_days, rule.sign_days) == (None, None, 0, Boundary.BY, 0, 0)
    undated = keep(session, here, replace(QUARTERLY, kind=RuleKind.REVIEW, day=None, month=4, term_length=7))
    assert (undated.month, undated.boundary, undated.roll, undated.term_length) == (None, None, Roll.NONE, None)


def test_no_two_rules_call_their_rounds_alike(here: World, session: Session) -> None:
    """«nam-2» yearly and «nam» quarterly would both open «nam-2-2026»."""
    add_rule(session, here.notice, [], slug="ky", schedule=Schedule.QUARTERLY, month=None, kind=RuleKind.REVIEW)
    event = replace(EVENT, name="Kỳ 2")
    assert [keep(session, here, one).slug for one in (event, event, replace(EVENT, name="Kỳ"))] == ["ky-2-v2", "ky-2-v3", "ky-v2"]
    assert keep(session, here, replace(EVENT, name="New")).slug == "new-v2"


def test_an_edit_keeps_the_address_and_tells_old_and_new(here: World, session: Session) -> None:
    rule = keep(session, here, QUARTERLY)
    edit(session, here, rule, replace(QUARTERLY, name="Báo cáo hằng quý", day=25, roll=Roll.NEXT_WORKING_DAY))
    assert (rule.slug, rule.name, rule.day, rule.version) == ("bao-cao-quy", "Báo cáo hằng quý", 25, 2)
    event = last_event(session, here, rule)
    assert event.summary == "Sửa quy tắc thời hạn “Báo cáo quý”: Tên quy tắc, Ngày và Rơi vào ngày nghỉ."
    assert event.changes["day"] == ["20", "25"]
    assert event.changes["roll"] == ["Theo thiết lập của cơ quan", "Lùi sang ngày làm việc tiếp theo"]
    assert set(event.changes) == {"name", "day", "roll"}


def test_an_edit_that_changes_nothing_is_no_event(here: World, session: Session) -> None:
    rule = keep(session, here, QUARTERLY)
    edit(session, here, rule, QUARTERLY)
    assert (rule.version, last_event(session, here, rule).action) == (1, "rule.created")


def test_other_sets_alone_are_a_new_version(here: World, session: Session) -> None:
    add_set(session, "hai-2026", adopters=(here.authority,))
    rule = keep(session, here, QUARTERLY)
    edit(session, here, rule, QUARTERLY, sets=("thu-2026", "hai-2026"))
    assert rule.version == 2
    assert last_event(session, here, rule).changes["sets"][1] == "Bộ chỉ số thử thu-2026; Bộ chỉ số thử hai-2026"


def test_an_older_form_is_shown_both_versions(here: World, session: Session) -> None:
    rule = keep(session, here, QUARTERLY)
    edit(session, here, rule, replace(QUARTERLY, day=25))
    with pytest.raises(Stale) as stale:
        edit(session, here, rule, replace(QUARTERLY, day=10))
    assert (stale.value.theirs["Ngày"], stale.value.yours["Ngày"]) == ("25", "10")
    with pytest.raises(Stale):
        service.end_rule(session, SYSTEM, rule, "Nhầm", version=1, now=NOW)


def test_the_wording_is_kept_for_ever_once_a_round_is_open(here: World, session: Session) -> None:
    fresh = keep(session, here, QUARTERLY)
    edit(session, here, fresh, replace(QUARTERLY, wording="trước ngày 20 của tháng cuối quý"))
    assert fresh.wording == "trước ngày 20 của tháng cuối quý"
    with pytest.raises(Refused, match="câu chữ gốc được giữ nguyên") as refusal:
        edit(session, here, here.rule, replace(service.stated_of(here.rule), wording="chậm nhất ngày 15/11"))
    assert refusal.value.field == "wording"


def test_rounds_already_open_keep_their_days(here: World, session: Session) -> None:
    before = (here.round.last_on, dict(here.round.terms))
    edit(session, here, here.rule, replace(service.stated_of(here.rule), day=25))
    session.refresh(here.round)
    assert (here.round.last_on, here.round.terms) == before


def test_a_rule_laid_aside_opens_nothing_more_and_its_rounds_stay(here: World, session: Session, on_day: Callable[[str], None]) -> None:
    rounds_before = session.scalars(select(func.count()).select_from(Round)).one()
    with pytest.raises(Refused, match="lý do") as refusal:
        service.end_rule(session, SYSTEM, here.rule, " ", version=1, now=NOW)
    assert refusal.value.field == "reason"
    service.end_rule(session, SYSTEM, here.rule, "Thay bằng Quyết định 12", version=1, now=NOW)
    assert not rounds.open_due(session, date(2027, 11, 1), SYSTEM, NOW)
    assert session.scalars(select(func.count()).select_from(Round)).one() == rounds_before
    assert last_event(session, here, here.rule).changes["reason"] == [None, "Thay bằng Quyết định 12"]
    for deed in (
        lambda: edit(session, here, here.rule, QUARTERLY, version=2),
        lambda: service.end_rule(session, SYSTEM, here.rule, "x", version=2, now=NOW),
    ):
        with pytest.raises(Refused, match="đã ngừng dùng"):
            deed()


def test_an_upward_rule_gives_the_units_their_own_day(here: World, session: Session) -> None:
    rule = keep(session, here, replace(QUARTERLY, upward=True, check_days=3, sign_days=2, boundary=Boundary.BY))
    dates = list(periods_of_year(queries.terms_of(session, rule), queries.working_calendar(session), 2026))[3].dates
    assert (dates.outer_on, dates.check_on, dates.last_on) == (date(2026, 12, 20), date(2026, 12, 16), date(2026, 12, 11))
    assert last_event(session, here, rule).changes["cascade"] == [None, "Có: 3 ngày làm việc kiểm tra, 2 ngày làm việc trình ký"]


def test_the_offices_reading_is_its_setting(here: World, session: Session) -> None:
    assert service.readings_of(here.authority) == Readings()
    here.authority.before_counts_day = True
    assert service.readings_of(here.authority).before_counts_day
