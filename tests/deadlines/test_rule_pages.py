"""A sentence is read, shown back with its days, put right and kept; the rule's page says why each day. Without script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from tests.factories import World
from tests.page_client import Page, PageClient
from tracker.deadlines import access, queries
from tracker.deadlines.models import DeadlineRule
from tracker.deadlines.rules import Boundary, RuleKind, Schedule, Window
from tracker.kernel import scope

pytestmark = pytest.mark.db

NEW = "/huyen-thu/rules/new"


@pytest.fixture
def focal(world: World, sign_in: Callable[..., PageClient]) -> PageClient:
    return sign_in(world.focal.username)


def read(person: PageClient, wording: str, *, kind: str = "collection", status: int = 200) -> Page:
    return person.get(NEW).form(NEW).fill(wording=wording, place="Mục IV.1", kind=kind).submit("Đọc câu này", status=status)


def rule_of(session: Session, world: World, slug: str) -> DeadlineRule:
    with scope.using(session, scope.one(world.authority.id)):
        return access.rule(session, slug)


def test_a_sentence_is_read_shown_back_and_kept(world: World, focal: PageClient, session: Session) -> None:
    page = read(focal, "định kỳ hằng quý (trước ngày 20 tháng cuối quý)")
    assert page.h1 == "Xác nhận quy tắc"
    assert "không tính ngày 20" in page.main
    shown = page.table("Các kỳ tới")
    assert [row["Ngày cuối"] for row in shown] == ["Thứ Bảy, 19/12/2026", "Thứ Sáu, 19/03/2027", "Thứ Bảy, 19/06/2027"]
    assert [row["Ngày nhắm tới"] for row in shown][:1] == ["Thứ Sáu, 18/12/2026"]
    assert "“trước” không tính ngày 20/12/2026" in shown[0]["Vì sao ngày này"]
    assert "Báo cáo quý I/2026" in page.main  # this year's quarters that would open at once
    assert "bao-cao-quy" not in {rule.slug for rule in queries.rules(session)}
    kept = page.form("/rules/new/confirm").submit("Lưu quy tắc")
    assert (kept.path, kept.h1) == ("/huyen-thu/rules/bao-cao-quy", "Báo cáo quý")
    assert "Đã thêm quy tắc “Báo cáo quý”." in kept.text
    rule = rule_of(session, world, "bao-cao-quy")
    assert (rule.schedule, rule.day, rule.boundary, rule.kind, rule.opens_days_before) == (
        Schedule.QUARTERLY, 20, Boundary.BEFORE, RuleKind.COLLECTION, 30,
    )  # fmt: skip
    assert rule.wording == "định kỳ hằng quý (trước ngày 20 tháng cuối quý)"


def test_every_part_may_be_put_right_before_it_is_kept(world: World, focal: PageClient, session: Session) -> None:
    page = read(focal, "trước ngày 20 tháng cuối quý")
    form = page.form("/rules/new/confirm").fill(
        name="Báo cáo hằng quý", boundary="by", window="stated", window_from="15/9", window_to="14/12", note="a"
    )
    again = form.submit("Tính lại các ngày")
    assert again.table("Các kỳ tới")[0]["Ngày cuối"] == "Chủ nhật, 20/12/2026"
    assert [rule.slug for rule in queries.rules(session) if rule.authority_id == world.authority.id] == ["nam"]
    again.form("/rules/new/confirm").submit("Lưu quy tắc")
    rule = rule_of(session, world, "bao-cao-hang-quy")
    assert (rule.boundary, rule.window, rule.note) == (Boundary.BY, Window.STATED, "a")
    assert (rule.window_from_day, rule.window_from_month, rule.window_to_day, rule.window_to_month) == (15, 9, 14, 12)


def test_a_sentence_nobody_can_read_leaves_the_form_to_fill(world: World, focal: PageClient, session: Session) -> None:
    page = read(focal, "khi nào xong thì gửi", kind="review")
    assert "Chưa đọc được thời hạn trong câu này" in page.main
    form = page.form("/rules/new/confirm").fill(name="Rà soát", schedule="monthly", day="25", kind="review", opens_days_before="5")
    assert form.submit("Lưu quy tắc").h1 == "Rà soát"
    assert rule_of(session, world, "ra-soat").wording == "khi nào xong thì gửi"


def test_a_day_that_does_not_exist_is_told_when_the_sentence_is_read(world: World, focal: PageClient) -> None:
    assert "Tháng 11 chỉ có 30 ngày" in read(focal, "trước ngày 31/11 hằng năm").main


def test_a_sentence_with_several_deadlines_gives_one_rule_for_each(world: World, focal: PageClient, session: Session) -> None:
    page = read(focal, "hằng quý (trước ngày 20 tháng cuối quý) và hằng năm (trước ngày 15/12)", kind="review")
    assert "Mỗi kỳ hạn là một quy tắc" in page.main
    other = page.form("/rules/new").submit("Xem kỳ hạn này")
    assert other.table("Các kỳ tới")[0]["Ngày cuối"] == "Thứ Hai, 14/12/2026"
    kept = other.form("/rules/new/confirm").submit("Lưu quy tắc")
    assert kept.h1 == "Rà soát năm"
    assert "hết hạn cuối ngày 19" in kept.texts("//*[@id='others']")[0]
    quarterly = kept.form("/rules/new").submit("Thêm quy tắc cho kỳ hạn này").form("/rules/new/confirm").submit("Lưu quy tắc")
    assert quarterly.h1 == "Rà soát quý"
    assert not quarterly.all("//*[@id='others']")
    assert [rule.slug for rule in queries.rules(session) if rule.authority_id == world.authority.id] == ["nam", "ra-soat-nam", "ra-soat-quy"]


def test_what_the_document_says_must_be_there_before_it_is_read(world: World, focal: PageClient) -> None:
    page = focal.get(NEW).form(NEW).fill(wording=" ", place="", sets=[]).submit(status=400)
    assert page.errors == [
        "Đồng chí chép câu nêu thời hạn, đúng như văn bản ghi.",
        "Đồng chí ghi chỗ của câu ấy trong văn bản, ví dụ “Mục III.2.a”.",
        "Quy tắc thu thập cần ít nhất một bộ chỉ số; đồng chí chọn bộ chỉ số được thu thập.",
    ]


@pytest.mark.parametrize(
    ("filled", "says"),
    [
        ({"day": "31", "month": "11"}, "Tháng 11 chỉ có 30 ngày"),
        ({"month": ""}, "cần cả ngày và tháng"),
        ({"day": "không"}, "nhập số nguyên từ 1 đến 31"),
        ({"schedule": "event", "term_length": "0"}, "nhập số nguyên từ 1 đến 366"),
        ({"schedule": "event", "term_length": ""}, "cần độ dài"),
        ({"window": "stated", "window_from": "1-10"}, "ghi ngày và tháng như 01/10"),
        ({"window": "stated", "window_from": "01/10", "window_to": "30/9"}, "trước khi bắt đầu"),
        ({"opens_days_before": "400"}, "từ 0 đến 366"),
        ({"kind": "collection"}, "Đã có quy tắc “Báo cáo năm” cho cùng kỳ"),
        ({"notice": ""}, "chọn văn bản"),
    ],
)
def test_what_cannot_be_stands_beside_its_field_and_nothing_is_saved(
    world: World, focal: PageClient, session: Session, filled: dict[str, str], says: str
) -> None:
    page = read(focal, "trước ngày 15/12 hằng năm", kind="publication")
    refused = page.form("/rules/new/confirm").fill(**filled).submit("Lưu quy tắc", status=400)
    assert any(says in sentence for sentence in refused.errors), refused.errors
    assert refused.form("/rules/new/confirm").values["name"] == "Công bố năm"
    assert [rule.slug for rule in queries.rules(session) if rule.authority_id == world.authority.id] == ["nam"]


def test_the_page_of_a_rule_says_why_each_day(world: World, focal: PageClient) -> None:
    page = focal.get("/huyen-thu/rounds#rules").link("Báo cáo năm").follow()
    assert page.h1 == "Báo cáo năm"
    for words in (
        "“trước ngày 15/11 hàng năm”",
        "Thông báo 01/TB-UBND ngày 01/01/2026, Phân công theo dõi, đánh giá chỉ số chuyển đổi số",
        "Mục 5",
        "không tính ngày 15/11",
        "chữ “trước” không tính ngày 15/11/2027, nên ngày cuối còn đúng hạn là Chủ nhật, 14/11/2027",
        "ngày ấy là Chủ nhật nhưng hạn không lùi",
        "việc nhắc và hoàn thành nhắm vào Thứ Sáu, 12/11/2027",
        "Chưa văn bản nào quy định hai điểm này",
    ):
        assert words in page.main
    assert len(page.texts("//textarea[@readonly]")) == 3
    assert [row["Đợt"] for row in page.table("Các đợt đã mở")] == ["Báo cáo năm 2026"]
    assert "kể cả ngày X" not in page.main


def test_the_page_says_which_reading_is_in_force(world: World, focal: PageClient, session: Session) -> None:
    world.authority.before_counts_day = True
    world.authority.fixed_dates_roll = True
    page = focal.get("/huyen-thu/rules/nam")
    assert "kể cả ngày X" in page.main
    assert "lùi sang ngày làm việc tiếp theo, trừ quy tắc ghi khác" in page.main
    assert "Thứ Hai, 15/11/2027" in page.main
    assert "Thứ Bảy, 14/11/2026" not in page.main
    assert page.table("Các đợt đã mở")[0]["Ngày cuối"] == "14/11/2026"


def test_a_deadline_before_its_figures_are_closed_is_warned_of_and_kept(world: World, focal: PageClient) -> None:
    page = read(focal, "trước ngày 15/12 hằng năm", kind="publication").form("/rules/new/confirm").fill(window="calendar_year").submit("Lưu quy tắc")
    assert page.path == "/huyen-thu/rules/cong-bo-nam"
    flashed = page.texts("//*[@class='flashes']//*[contains(@class, 'banner-warn')]")
    assert len(flashed) == 1 and "điểm b khoản 5 Điều 8 Nghị định 09/2019/NĐ-CP" in flashed[0]
    assert "điểm b khoản 5 Điều 8" in focal.get("/huyen-thu/rules/cong-bo-nam").main


def test_a_rule_is_edited_for_the_rounds_to_come(world: World, focal: PageClient, session: Session) -> None:
    page = focal.get("/huyen-thu/rules/nam").link("Sửa quy tắc").follow()
    assert "Các đợt đã mở giữ nguyên hạn và câu chữ" in page.main
    assert "wording" not in page.form("/nam/edit").values
    seen = page.form("/nam/edit").fill(day="20").submit("Tính lại các ngày")
    assert [row["Ngày cuối"] for row in seen.table("Các kỳ tới")] == ["Thứ Năm, 19/11/2026", "Thứ Sáu, 19/11/2027", "Chủ nhật, 19/11/2028"]
    saved = seen.form("/nam/edit").tamper(wording="chữ khác").submit("Lưu quy tắc")
    assert "Đã lưu quy tắc “Báo cáo năm”." in saved.text
    session.expire_all()
    assert (world.rule.day, world.rule.wording) == (20, "trước ngày 15/11 hàng năm")
    assert str(world.round.last_on) == "2026-11-14"


def test_of_two_who_edit_the_second_is_shown_both_versions(world: World, focal: PageClient, session: Session) -> None:
    first, second = (focal.get("/huyen-thu/rules/nam/edit") for _ in range(2))
    first.form("/nam/edit").fill(day="20").submit()
    wrong = second.form("/nam/edit").fill(day="").submit(status=400)
    page = wrong.form("/nam/edit").fill(day="10").submit(status=409)
    rows = {row["Mục"]: (row["Bản đã lưu"], row["Bản của đồng chí"]) for row in page.table("Bản đã lưu")}
    assert rows["Ngày"] == ("20", "10")
    session.expire_all()
    assert world.rule.day == 20


def test_a_rule_is_laid_aside_with_a_reason(world: World, focal: PageClient, session: Session) -> None:
    page = focal.get("/huyen-thu/rules/nam").link("Ngừng dùng quy tắc").follow()
    assert "ghi lý do" in page.form("/nam/end").submit(status=400).errors[0]
    ended = page.form("/nam/end").fill(reason="Thay bằng Quyết định 12").submit()
    assert "không mở thêm đợt nào" in ended.main
    assert not ended.has_link("Sửa quy tắc")
    assert "đã ngừng dùng" in focal.get("/huyen-thu/rules/nam/edit", status=400).main
    assert [row["Đợt"] for row in ended.table("Các đợt đã mở")] == ["Báo cáo năm 2026"]
    session.expire_all()
    assert (world.rule.active, world.round.closed_at) == (False, None)


def test_an_event_started_rule_shows_an_example(world: World, focal: PageClient) -> None:
    page = read(focal, "trong thời hạn 15 ngày, kể từ ngày phát hành văn bản khảo sát")
    kept = page.form("/rules/new/confirm").submit("Lưu quy tắc")
    assert "Ví dụ: nếu tính từ hôm nay, 18/11/2026" in kept.main
    assert "Thứ Năm, 03/12/2026" in kept.main


def test_everybody_reads_a_rule_and_only_who_manages_rounds_changes_it(world: World, sign_in: Callable[..., PageClient]) -> None:
    owner = sign_in(world.owner.username)
    page = owner.get("/huyen-thu/rules/nam")
    assert not page.has_link("Sửa quy tắc")
    assert not owner.get("/huyen-thu/rounds").has_link("Thêm quy tắc")
    assert owner.get("/huyen-thu/deadlines").link("Báo cáo năm").follow().h1 == "Báo cáo năm"
    for path in ("new", "nam/edit", "nam/end"):
        owner.get(f"/huyen-thu/rules/{path}", status=403)
    sign_in(world.stranger.username).get("/huyen-thu/rules/nam", status=404)
    assert sign_in(world.admin.username).get("/huyen-thu/rounds").link("Thêm quy tắc").follow().h1 == "Thêm quy tắc"
