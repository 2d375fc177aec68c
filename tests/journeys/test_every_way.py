"""What each of the three comes for, on a phone, a tablet and a desk, by mouse, by keyboard alone and without scripts; with the clicks it takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator

pytestmark = [pytest.mark.browser, pytest.mark.db("sqlite")]

Enter = Callable[..., Any]
FOCAL, CHAIR = "focal@ninh-son.demo", "chair@ninh-son.demo"
LEAD = "specialist-van-phong-hdnd-ubnd-huyen@ninh-son.demo"
SIZES = [(360, 740), (768, 1024), (1366, 768)]
#: More stops of the Tab key than any page has before what is wanted.
STOPS = 200


@dataclass
class Hand:
    """How somebody presses things: with a mouse, or going from stop to stop with the Tab key."""

    person: Any
    keyboard: bool

    def press(self, what: Locator) -> None:
        """The link or button, and the page it leads to."""
        if not self.keyboard:
            self.person.press(what)
            return
        self.go_to(what)
        self.person.clicks += 1
        with self.person.page.expect_navigation():
            self.person.page.keyboard.press("Enter")
        self.person.look()

    def go_to(self, what: Locator) -> None:
        wanted = what.element_handle()
        for _stop in range(STOPS):
            self.person.page.keyboard.press("Tab")
            if wanted.evaluate("wanted => wanted === document.activeElement"):
                break
        else:
            pytest.fail(f"{STOPS} stops after the start of {self.person.path} «{what}» is not reached")
        assert wanted.evaluate("wanted => getComputedStyle(wanted).outlineStyle") != "none", "the focus is not to be seen"


@pytest.fixture(params=["mouse", "keyboard", "no script"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def hand(request: pytest.FixtureRequest, way: str, visitor: Enter) -> Callable[[str], Hand]:
    """``hand(username)``: somebody who has signed in on that screen."""
    width, height = request.param
    screen: dict[str, Any] = {"viewport": {"width": width, "height": height}}
    if way == "mouse" and width < 1000:
        screen |= {"has_touch": True, "is_mobile": True}
    return lambda username: Hand(visitor(username, scripts=way != "no script", **screen), way == "keyboard")


def test_a_task_goes_from_ready_to_accepted_and_its_evidence_is_found(
    hand: Callable[[str], Hand], way: str, record_property: Callable[..., None]
) -> None:
    lead = hand(LEAD)
    lead.person.clicks = 0
    code = lead.person.page.locator(".work .code").first.inner_text().split()[0]
    lead.press(lead.person.find(f"Báo đủ minh chứng {code}"))
    record_property("clicks to mark ready", lead.person.clicks)
    assert lead.person.clicks <= 2
    assert "Đã báo đủ minh chứng" in lead.person.text

    focal = hand(FOCAL)
    focal.person.open("/ninh-son/verify")
    shown = focal.person.page.locator(".judge h3").inner_text()
    if way == "keyboard":
        with focal.person.page.expect_navigation():
            focal.person.page.keyboard.press("a")
        focal.person.look()
    else:
        focal.press(focal.person.find("Xác nhận"))
    assert "Đã xác nhận" in focal.person.text
    assert focal.person.page.locator(".judge h3").inner_text() != shown, "the next is not shown"

    chair = hand(CHAIR)
    chair.person.clicks = 0
    number = re.findall(r"(\d+) ?nhiệm vụ quá hạn", chair.person.text)[0]
    chair.press(chair.person.find("nhiệm vụ quá hạn"))
    assert f"{number} nhiệm vụ" in chair.person.text
    chair.press(chair.person.page.locator("#list tbody tr", has_text="6.9").get_by_role("link").first)
    file = chair.person.page.locator("main").get_by_role("link", name="Minh chứng 6.9.pdf").first
    if chair.keyboard:
        chair.go_to(file)
    with chair.person.page.expect_download() as download:
        if chair.keyboard:
            chair.person.page.keyboard.press("Enter")
        else:
            file.click()
    record_property("clicks from the number to the file", chair.person.clicks + 1)
    assert chair.person.clicks + 1 <= 3
    assert download.value.suggested_filename.endswith(".pdf")
