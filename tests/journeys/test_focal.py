"""The focal point's day in a real browser: the queue by keyboard, by mouse and without script; chasing; search as one types."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.db("sqlite")]

Enter = Callable[..., Any]
FOCAL = "focal@ninh-son.demo"
LEAD = "specialist-phong-tai-chinh-ke-hoach@ninh-son.demo"


def place(focal: Any) -> tuple[int, int]:
    """(where in the queue, how many wait)."""
    found = re.search(r"(\d+)/(\d+)", focal.page.locator("#queue .side").inner_text())
    assert found is not None
    return int(found[1]), int(found[2])


def key(focal: Any, letter: str) -> None:
    """One key, and the page it leads to."""
    with focal.page.expect_navigation():
        focal.page.keyboard.press(letter)
    focal.look()


def test_accept_and_next_is_one_key(visitor: Enter) -> None:
    focal = visitor(FOCAL)
    focal.open("/ninh-son/verify")
    _first, total = place(focal)
    shown = focal.page.locator(".judge h3").inner_text()
    key(focal, "a")
    assert place(focal) == (1, total - 1), "one key accepted it and brought the next"
    assert focal.page.locator(".judge h3").inner_text() != shown and "Đã xác nhận" in focal.text
    key(focal, "u")
    assert place(focal)[1] == total and focal.page.locator(".judge h3").inner_text() == shown, "one key took it back"
    key(focal, "j")
    key(focal, "j")
    assert place(focal) == (3, total)
    key(focal, "k")
    assert place(focal) == (2, total)
    key(focal, "r")
    assert focal.h1.startswith("Trả lại để bổ sung")
    focal.page.keyboard.press("Tab")
    focal.page.keyboard.type("Báo cáo chưa có chữ ký.")
    focal.page.keyboard.press("Tab")
    with focal.page.expect_navigation():
        focal.page.keyboard.press("Enter")
    focal.look()
    assert "Đã trả lại" in focal.text and place(focal) == (2, total - 1)


def test_letters_typed_into_a_field_decide_nothing(visitor: Enter) -> None:
    focal = visitor(FOCAL)
    focal.open("/ninh-son/verify")
    before = place(focal)
    focal.page.locator("#appbar-q").focus()
    focal.page.keyboard.type("ajra")
    focal.page.wait_for_timeout(600)
    assert place(focal) == before and focal.path == "/ninh-son/verify"


@pytest.mark.parametrize("scripts", [True, False])
def test_the_queue_goes_by_links_and_buttons_to_its_end(visitor: Enter, scripts: bool) -> None:
    focal = visitor(FOCAL, scripts=scripts)
    focal.press("Mở rộng")
    assert focal.h1 == "Chờ xác nhận"
    total = place(focal)[1]
    focal.press("Tiếp")
    focal.press("Trước")
    for left in range(total - 1, 0, -1):
        focal.press("Xác nhận")
        assert place(focal)[1] == left
    focal.press("Xác nhận")
    assert "Xong. Không còn nhiệm vụ nào chờ xác nhận." in focal.text
    focal.press(focal.page.locator(".toast").get_by_role("button", name="Hoàn tác"))
    assert place(focal) == (1, 1)


def test_the_proof_stands_above_the_decision_on_a_telephone(visitor: Enter) -> None:
    focal = visitor(FOCAL, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    for path in ("/ninh-son/today", "/ninh-son/verify", "/ninh-son/filters", "/ninh-son/search?q=van+ban"):
        focal.open(path)
        assert focal.page.evaluate("document.documentElement.scrollWidth") <= 360, f"{path} scrolls sideways"
    focal.open("/ninh-son/verify")
    proof, judge = (focal.page.locator(part).bounding_box() for part in (".proof", ".judge"))
    assert proof["y"] + proof["height"] <= judge["y"] + 1


def test_the_zalo_message_is_noted_and_shown_in_one_click(visitor: Enter) -> None:
    focal = visitor(FOCAL)
    row = focal.page.locator("#chase tbody tr").first
    unit = row.get_by_role("link").first.inner_text()
    row.get_by_role("link", name="Chép tin Zalo").click()
    box = focal.page.locator("#zalo-box")
    box.wait_for(state="visible")
    assert f"nhắn Zalo {unit}" in box.inner_text()
    assert unit in box.locator("textarea").input_value()
    focal.page.keyboard.press("Escape")
    focal.open("/ninh-son/today")
    assert "Zalo hôm nay, lần 1" in focal.page.locator("#chase tbody tr").first.inner_text()


def test_units_are_ticked_and_mailed_with_one_key(visitor: Enter) -> None:
    focal = visitor(FOCAL)
    boxes = focal.page.locator("#chase tbody input[type=checkbox]")
    assert not focal.page.locator("#chase-many").is_visible(), "nothing is ticked"
    boxes.nth(0).check()
    boxes.nth(1).check()
    assert "2 đơn vị" in focal.page.locator("#chase-many").inner_text()
    key(focal, "m")
    assert "2 đơn vị; thư đi trong ít phút" in focal.text


def test_results_come_as_one_types_and_the_arrows_walk_them(visitor: Enter) -> None:
    focal = visitor(FOCAL)
    page = focal.page
    page.keyboard.press("/")
    page.keyboard.type("ke hoach", delay=20)
    box = page.locator("#appbar-found")
    box.wait_for(state="visible")
    assert "Kế hoạch" in box.inner_text() and "Phòng Tài chính-Kế hoạch" in box.inner_text()
    assert "kết quả" in page.locator(".appbar-search [data-found-said]").inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    first = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Escape")
    assert not box.is_visible() and page.evaluate("document.activeElement.id") == "appbar-q"
    page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    focal.look()
    assert focal.path == first


def test_without_script_enter_opens_the_page_of_results(visitor: Enter) -> None:
    focal = visitor(FOCAL, scripts=False)
    focal.page.fill("#appbar-q", "ke hoach")
    with focal.page.expect_navigation():
        focal.page.keyboard.press("Enter")
    assert focal.h1 == "Tìm kiếm" and "Phòng Tài chính-Kế hoạch" in focal.text


def test_counts_keep_up_without_touching_what_is_typed(visitor: Enter) -> None:
    """Somebody else decides; the window is looked at again: the counts change, the page around them does not."""
    focal, other = visitor(FOCAL), visitor(FOCAL)
    focal.page.locator("#chase tbody input[type=checkbox]").first.check()
    before = focal.page.locator(".live").inner_text()
    focal.page.evaluate("window.dispatchEvent(new Event('focus'))")
    focal.page.wait_for_timeout(800)
    assert focal.page.locator(".live").inner_text() == before
    other.open("/ninh-son/verify")
    other.press("Xác nhận")
    focal.page.evaluate("window.dispatchEvent(new Event('focus'))")
    focal.page.locator(".live-note").wait_for(state="visible")
    assert focal.page.locator(".live").inner_text() != before
    assert focal.page.locator("#chase tbody input[type=checkbox]").first.is_checked()
    focal.look()


def test_a_filter_is_kept_from_the_list_and_used_from_today(visitor: Enter) -> None:
    focal = visitor(FOCAL)
    focal.open("/ninh-son/tasks?status=ready")
    focal.press("Lưu bộ lọc này")
    focal.page.fill("[name=name]", "")
    focal.press(focal.page.locator("main form button[type=submit]").first)
    assert focal.page.locator(".error-summary").is_visible()
    focal.page.fill("[name=name]", "Đang chờ tôi")
    focal.press(focal.page.locator("main form button[type=submit]").first)
    assert focal.h1 == "Nhiệm vụ"
    focal.open("/ninh-son/today")
    focal.press("Đang chờ tôi")
    assert focal.path == "/ninh-son/tasks"
    focal.open("/ninh-son/filters")
    assert "Tiến độ: Đã đủ minh chứng, chờ xác nhận" in focal.text
