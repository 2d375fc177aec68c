"""The leaders' page, its slides and its sheet of paper: what waits for a word, the comparison, and one page whatever the number of units."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.dashboard.test_numbers import length
from tests.factories import KEPT_TERMS, OPENED_AT, World, add_authority, add_indicator, add_notice, add_person, add_rule, add_set, add_unit, leaves_of
from tests.page_client import Page, PageClient
from tracker.audit.rules import Actor
from tracker.deadlines.models import Round
from tracker.indicators.rules import IndicatorKind
from tracker.kernel import clock
from tracker.tasks import directive_service, obstacle_service
from tracker.tasks.models import Extension, Task
from tracker.tasks.rules import ExtensionState, Progress
from tracker.units.models import Authority
from tracker.units.rules import Role

pytestmark = pytest.mark.db

SignIn = Callable[..., PageClient]
LONG = "Trung tâm Phục vụ hành chính công và Kiểm soát thủ tục hành chính liên thông huyện miền núi số"
POINT = 25.4 / 72


def asked(session: Session, task: Task, wished: date = date(2026, 12, 1)) -> Extension:
    """A request that waits, whatever the day: the service would not take one after the deadline."""
    one = Extension(
        authority_id=task.authority_id,
        task_id=task.id,
        state=ExtensionState.PENDING,
        asked_at=OPENED_AT,
        asked_by="Chuyên viên",
        asked_by_id=1,
        reason="Chờ số liệu của Chi cục Thống kê",
        due_on=date(2026, 11, 14),
        wished_on=wished,
    )
    session.add(one)
    session.flush()
    return one


def lines_of(page: Page) -> list[str]:
    """The kinds of the lines of the panel, in their order."""
    return [words.split(" · ")[0] for words in page.texts("//section[@id='decisions']//*[@class='kind']")]


def test_what_waits_stands_in_one_panel_the_most_urgent_first(session: Session, world: World, sign_in: SignIn) -> None:
    world.tasks[0].status = Progress.COLLECTING
    one = asked(session, world.tasks[0])
    obstacle_service.report(session, world.tasks[1], "Chưa có kinh phí", Actor(world.colleague.id, "Chuyên viên"), clock.now())
    directive_service.direct(session, world.tasks[1], "Báo cáo rõ", None, Actor(world.chair.id, "Lãnh đạo"), clock.now())
    session.commit()
    chair = sign_in(world.chair.username)
    page = chair.get(f"/{world.slug}/overview")
    assert "Chờ đồng chí quyết định" in page.main
    assert [line for line in lines_of(page) if line != "Chuyển cấp"] == [
        "Đề nghị gia hạn",
        "Khó khăn, vướng mắc chờ trả lời",
        "Ý kiến chỉ đạo chờ trả lời",
    ]
    assert lines_of(page)[2] == "Chuyển cấp"
    assert "Phòng Nội vụ xin từ 14/11 đến 01/12" in page.main
    assert page.link("xin từ 14/11").href.endswith(f"/extensions?request={one.id}")
    answer = page.link("Chưa có kinh phí").follow()
    assert answer.has_form("/answer")
    focal = sign_in(world.focal.username).get(f"/{world.slug}/overview")
    assert "Chờ lãnh đạo quyết định" in focal.main


def test_requests_the_focal_point_decides_do_not_wait_for_the_leaders(session: Session, world: World, sign_in: SignIn) -> None:
    asked(session, world.tasks[0])
    world.authority.focal_extends = True
    session.commit()
    assert "Đề nghị gia hạn" not in lines_of(sign_in(world.chair.username).get(f"/{world.slug}/overview"))
    assert "Đề nghị gia hạn" in lines_of(sign_in(world.focal.username).get(f"/{world.slug}/overview"))


def test_late_tasks_nobody_began_climb_on_the_day_of_the_policy_and_lead_to_their_list(
    session: Session, world: World, sign_in: SignIn, on_day: Callable[[str], None]
) -> None:
    """The target day is Friday 13/11: three working days later is Wednesday 18/11, the rung from which leaders are told."""
    for day, climbs in (("2026-11-17", False), ("2026-11-18", True)):
        on_day(day)
        chair = sign_in(world.chair.username)
        page = chair.get(f"/{world.slug}/overview")
        assert ("Chuyển cấp" in lines_of(page)) is climbs
    (line,) = [one for one in page.texts("//section[@id='decisions']//a") if "Phòng Nội vụ" in one]
    assert "2 nhiệm vụ: 1.1, 1.3" in line
    assert "20 điểm" in line
    assert "chưa được nhắc" in line
    assert length(chair, page, page.link("2 nhiệm vụ: 1.1, 1.3").href) == 2
    world.tasks[0].status = Progress.COLLECTING
    session.commit()
    assert "2 nhiệm vụ: 1.1, 1.3" not in chair.get(f"/{world.slug}/overview").main, "somebody began"


def test_nothing_to_decide_is_said(session: Session, world: World, sign_in: SignIn) -> None:
    for task in world.tasks:
        task.status = Progress.COLLECTING
    session.commit()
    chair = sign_in(world.chair.username)
    assert "Không có việc nào chờ đồng chí quyết định." in chair.get(f"/{world.slug}/overview").main
    assert "Không có việc nào chờ lãnh đạo quyết định." in chair.get(f"/{world.slug}/overview/present").main


# The comparison


def former_round(session: Session, world: World, handed_in: int) -> Round:
    """The round of 2025 of the same rule, closed, with five tasks of which some were handed in by its last day."""
    one = Round(
        authority_id=world.authority.id,
        rule_id=world.rule.id,
        slug="nam-2025",
        name="Báo cáo năm 2025",
        period="2025",
        nominal_on=date(2025, 11, 14),
        last_on=date(2025, 11, 14),
        opened_at=OPENED_AT - timedelta(days=365),
        closed_at=OPENED_AT - timedelta(days=100),
        terms=KEPT_TERMS,
    )
    session.add(one)
    session.flush()
    for place, task in enumerate(world.tasks):
        done = place < handed_in
        session.add(
            Task(
                authority_id=world.authority.id,
                round_id=one.id,
                unit_id=task.unit_id,
                indicator_id=task.indicator_id,
                status=Progress.ACCEPTED if done else Progress.NOT_STARTED,
                submitted_at=OPENED_AT - timedelta(days=340) if done else None,
                submitted_on=date(2025, 11, 14) if done else None,
            )
        )
    return one


def test_a_round_is_compared_with_the_former_one_on_the_same_day(session: Session, world: World, sign_in: SignIn) -> None:
    chair = sign_in(world.chair.username)
    assert "kỳ đầu tiên" in chair.get(f"/{world.slug}/overview").main
    before = former_round(session, world, 1)
    for task in world.tasks[:3]:
        task.status, task.submitted_at, task.submitted_on = Progress.READY, OPENED_AT, date(2026, 11, 10)
    world.tasks[4].status = Progress.NOT_APPLICABLE
    session.commit()
    page = chair.get(f"/{world.slug}/overview")
    assert "hơn 55 điểm phần trăm" in page.main, "3 of 4 that count, beside 1 of 5"
    table = page.table("Tỷ lệ nhiệm vụ đã báo đủ minh chứng")
    assert table[0].keys() == {"Ngày", world.round.name, "Báo cáo năm 2025"}
    (today,) = [row for row in table if "hôm nay" in row["Ngày"]]
    assert (today[world.round.name], today["Báo cáo năm 2025"]) == ("75%", "20%")
    assert "kém" not in page.main
    for task in session.scalars(select(Task).where(Task.round_id == before.id)):
        task.submitted_on = date(2025, 11, 14)
    session.commit()
    assert "kém 25 điểm phần trăm" in chair.get(f"/{world.slug}/overview").main
    closed = chair.get(f"/{world.slug}/overview/present?round=nam-2025").main
    assert "Báo cáo năm 2025" in closed, "a closed round is looked at by its own name"
    assert "100% nhiệm vụ đã báo đủ minh chứng" in closed


# One sheet of paper


class Sheet:
    """The one page of a PDF: its size, its words, its fonts."""

    def __init__(self, data: bytes) -> None:
        document = pypdfium2.PdfDocument(data)
        assert len(document) == 1, "one page"
        self.page = document[0]
        self.width, self.height = (round(side * POINT) for side in self.page.get_size())
        self.text = self.page.get_textpage()
        self.words = " ".join(self.text.get_text_range().split())

    def fonts_embedded(self) -> list[bool]:
        found = self.page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT])
        return [pdfium.FPDFFont_GetIsEmbedded(pdfium.FPDFTextObj_GetFont(one.raw)) == 1 for one in found]

    def outside(self, margin: float) -> list[str]:
        """Letters that stand nearer to an edge than that many millimetres."""
        wrong = []
        for place in range(self.text.count_chars()):
            left, bottom, right, top = (side * POINT for side in self.text.get_charbox(place))
            letter = self.text.get_text_range(place, 1)
            if letter.strip() and not (left > margin and bottom > margin and right < self.width - margin and top < self.height - margin):
                wrong.append(letter)
        return wrong


def sheet_of(browser: PageClient, path: str) -> Sheet:
    answer = browser.raw.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert ".pdf" in answer.headers["Content-Disposition"]
    return Sheet(answer.data)


def crowded(session: Session, count: int = 25) -> tuple[Authority, list[str]]:
    """An authority with so many units of long names, each with late tasks under nine main indicators; the names, the worst unit first."""
    here = add_authority(session, "tinh-dong", "UBND tỉnh có tên rất dài để thử một trang giấy")
    bundle = add_set(session, "dong-2026", adopters=(here,))
    leaves = leaves_of(session, bundle)
    for number in range(2, 10):
        main = add_indicator(session, bundle, f"{number}", f"Hoạt động chính quyền số nhóm {number}", kind=IndicatorKind.MAIN, position=100 * number)
        main.main_id = main.id
        leaves.append(add_indicator(session, bundle, f"{number}.1", f"Chỉ số {number}", parent=main, position=100 * number + 1, points=Decimal(10)))
    rule = add_rule(session, add_notice(session, here), [bundle])
    one = Round(
        authority_id=here.id,
        rule_id=rule.id,
        slug="nam-2026",
        name="Báo cáo kết quả thực hiện hằng năm 2026",
        period="2026",
        nominal_on=date(2026, 11, 14),
        last_on=date(2026, 11, 14),
        opened_at=OPENED_AT,
        terms=KEPT_TERMS,
    )
    session.add(one)
    session.flush()
    names = []
    for number in range(count):
        unit = add_unit(session, here, f"{LONG} {number + 1}", position=number, focal=number == 0)
        names.append(unit.name)
        for leaf in leaves[: max(len(leaves) - number, 1)]:
            session.add(Task(authority_id=here.id, round_id=one.id, unit_id=unit.id, indicator_id=leaf.id, status=Progress.NOT_STARTED))
    add_person(session, here, Role.CHAIR)
    session.commit()
    return here, names


def test_the_sheet_has_the_numbers_of_the_page_on_one_lying_a4(session: Session, world: World, sign_in: SignIn) -> None:
    asked(session, world.tasks[0])
    session.commit()
    chair = sign_in(world.chair.username)
    sheet = sheet_of(chair, f"/{world.slug}/overview/pdf")
    assert (sheet.width, sheet.height) == (297, 210)
    page = chair.get(f"/{world.slug}/overview")
    for figure, label in zip(page.texts("//*[@class='fig']/b"), page.texts("//*[@class='fig']//strong"), strict=True):
        assert figure in sheet.words
        assert label in sheet.words
    now = datetime.fromisoformat("2026-11-18T00:00").date()
    for words in ("UBND huyện Thử", f"{now:%d/%m/%Y}", "Thứ Tư", "Đề nghị gia hạn", "Phòng Nội vụ xin từ 14/11 đến 01/12", "kỳ đầu tiên"):
        assert words in sheet.words
    assert all(sheet.fonts_embedded())
    assert sheet.outside(9) == []


def test_25_units_with_long_names_are_one_page_with_the_ten_worst_in_full(session: Session, sign_in: SignIn) -> None:
    here, names = crowded(session)
    sheet = sheet_of(sign_in(f"chair@{here.slug}.test"), f"/{here.slug}/overview/pdf")
    assert (sheet.width, sheet.height) == (297, 210)
    for name in names[:10]:
        assert name in sheet.words
    assert names[10] not in sheet.words
    assert "Còn 15 đơn vị khác" in sheet.words
    assert "việc nữa" in sheet.words, "what has no room is said"
    assert sheet.outside(9) == []
    assert all(sheet.fonts_embedded())


def test_the_rest_of_the_units_can_be_opened_on_the_page(session: Session, sign_in: SignIn) -> None:
    here, names = crowded(session)
    page = sign_in(f"chair@{here.slug}.test").get(f"/{here.slug}/overview")
    (shown, folded) = page.all("//table[contains(@class, 'heat')]")
    rows = [len(table.xpath(".//tbody/tr")) for table in (shown, folded)]
    assert rows == [10, 15]
    assert folded.xpath("ancestor::details/@open") == [], "shut until it is asked for"
    assert list(page.texts("//table[contains(@class, 'heat')]//tbody/tr/th")) == names


def test_an_authority_without_rounds_has_slides_and_a_sheet_that_say_so(session: Session, sign_in: SignIn) -> None:
    bare = add_authority(session, "xa-moi", "UBND xã Mới")
    add_unit(session, bare, "Văn phòng", focal=True)
    chair = sign_in(add_person(session, bare, Role.CHAIR).username)
    assert "Chưa có nhiệm vụ nào" in chair.get("/xa-moi/overview/present").main
    sheet = sheet_of(chair, "/xa-moi/overview/pdf")
    assert "0 nhiệm vụ quá hạn" in sheet.words
    assert "Không có việc nào chờ lãnh đạo quyết định." in sheet.words


def test_slides_say_what_the_page_says_and_lead_back(world: World, sign_in: SignIn) -> None:
    chair = sign_in(world.chair.username)
    page = chair.get(f"/{world.slug}/overview/present?round={world.round.slug}")
    assert page.texts("//section//h1 | //section//h2") == [
        "Tổng quan UBND huyện Thử",
        "Đơn vị chủ trì",
        "Chờ lãnh đạo quyết định",
        "Hạn sắp tới",
    ]
    assert page.link("Thoát trình chiếu").href.endswith(f"/overview?round={world.round.slug}")
    assert not page.all("//header")
