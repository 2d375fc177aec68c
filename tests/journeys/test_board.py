"""The leaders' page measured in a browser: what the first screen holds, what a phone gets, and slides by keys and without a script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.db("sqlite")]

Enter = Callable[..., Any]
#: A laptop's screen of 1366 × 768 without what the browser itself takes.
FIRST_SCREEN = {"width": 1366, "height": 650}
PHONE = {"width": 360, "height": 740}
#: With points and 25 units; without points; offices of a province.
OFFICES = ("ninh-son", "bac-ninh", "ninh-thuan-vpub")
_BOXES = "(all) => all.map((one) => { const box = one.getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom]; })"


def boxes(page: Any, selector: str) -> list[list[float]]:
    """Left, top, right, bottom of everything that answers to it."""
    found: list[list[float]] = page.locator(selector).evaluate_all(_BOXES)
    return found


@pytest.mark.parametrize("office", OFFICES)
def test_the_first_screen_holds_the_numbers_the_units_and_what_waits(visitor: Enter, office: str) -> None:
    """With the bar, and with both strips of the demonstration, which a real office does not have."""
    chair = visitor(f"chair@{office}.demo", viewport=FIRST_SCREEN)
    for part in (".appbar", ".headline", "#units", "#decisions"):
        ((left, top, right, bottom),) = boxes(chair.page, part)
        assert top >= 0 and left >= 0
        assert right <= FIRST_SCREEN["width"], part
        assert bottom <= FIRST_SCREEN["height"], f"{part} ends at {bottom}"
    # Nothing hides inside: the last row in sight ends above the end of its panel.
    for rows, panel in (("#units > .panel-body > .table-wrap tbody tr", "#units"), ("#decisions > .panel-body > ul > li", "#decisions")):
        ends = [bottom for _left, _top, _right, bottom in boxes(chair.page, rows)]
        assert all(end <= boxes(chair.page, panel)[0][3] for end in ends)


def test_a_phone_gets_a_list_instead_of_a_clipped_grid(visitor: Enter) -> None:
    chair = visitor("chair@bac-ninh.demo", viewport=PHONE)
    assert chair.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shown = boxes(chair.page, "#units > .panel-body > .table-wrap tbody tr > *:visible")
    assert len(shown) > 30
    assert all(left >= 0 and right <= PHONE["width"] for left, _top, right, _bottom in shown)
    # Each entry stands apart: no two of one row lie across each other.
    row = boxes(chair.page, "#units > .panel-body > .table-wrap tbody tr:first-child > *:visible")
    for place, (left, top, right, bottom) in enumerate(row):
        for other in row[place + 1 :]:
            assert right <= other[0] + 1 or other[2] <= left + 1 or bottom <= other[1] + 1 or other[3] <= top + 1


def test_the_page_prints_on_one_lying_sheet(visitor: Enter) -> None:
    chair = visitor("chair@bac-ninh.demo")
    printed = pypdfium2.PdfDocument(chair.page.pdf(prefer_css_page_size=True, print_background=True))
    assert len(printed) == 1
    width, height = printed[0].get_size()
    assert width > height


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_slide_fits_its_screen(visitor: Enter, size: tuple[int, int]) -> None:
    width, height = size
    chair = visitor("chair@bac-ninh.demo", viewport={"width": width, "height": height})
    chair.open("/bac-ninh/overview/present")
    assert chair.page.locator(".slide").count() == 4
    assert [round(bottom - top) for _left, top, _right, bottom in boxes(chair.page, ".slide")] == [height] * 4
    for place in range(1, 5):
        ((_left, foot, _right, _bottom),) = boxes(chair.page, f"#slide-{place} .slide-foot")
        inside = boxes(chair.page, f"#slide-{place} .slide-head, #slide-{place} .slide-body > *")
        assert all(bottom <= foot + 1 for _l, _top, _r, bottom in inside), f"slide {place} runs into its foot"
        assert all(right <= width for _l, _top, right, _b in inside)


def test_slides_are_turned_by_keys_and_left_by_escape(visitor: Enter) -> None:
    chair = visitor("chair@ninh-son.demo")
    chair.press("Trình chiếu")
    number = chair.page.locator("[data-slide-number]")
    for key, shown in (("ArrowRight", "2/4"), ("ArrowRight", "3/4"), ("ArrowLeft", "2/4"), ("End", "4/4"), ("ArrowRight", "4/4"), ("Home", "1/4")):
        chair.page.keyboard.press(key)
        assert number.inner_text() == shown, key
        place = shown[0]
        assert abs(boxes(chair.page, f"#slide-{place}")[0][1]) < 2
    with chair.page.expect_navigation():
        chair.page.keyboard.press("Escape")
    assert chair.path == "/ninh-son/overview"


def test_without_a_script_the_slides_are_a_page_to_scroll(visitor: Enter) -> None:
    chair = visitor("chair@ninh-son.demo", scripts=False)
    chair.press("Trình chiếu")
    assert chair.page.locator(".slide").count() == 4
    assert not chair.page.locator("[data-slide-number]").is_visible()
    chair.page.get_by_role("link", name="Thoát trình chiếu").click()
    assert chair.path == "/ninh-son/overview"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_number_of_the_timeline_is_a_link_one_can_see_and_follow(visitor: Enter, theme: str) -> None:
    chair = visitor("chair@ninh-son.demo", color_scheme=theme)
    mark = chair.page.locator("#ahead svg a").first
    count = int(mark.locator(".on-fill").text_content())
    with chair.page.expect_navigation():
        mark.click()
    assert f"{count} nhiệm vụ" in chair.page.locator("#list").inner_text()
