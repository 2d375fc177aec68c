"""A visitor: a person with a real browser. Every page it comes to is looked at by axe, light and dark, and at 320 px."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from tests.harness.stores import PASSWORD

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}, "resultTypes": ["violations"]}
DESK = {"width": 1366, "height": 768}
NARROW = {"width": 320, "height": 640}
NUMBER = re.compile(r"\d+")


@dataclass
class Visitor:
    """One person's browser. Clicks are counted from ``clicks = 0``."""

    page: Page
    address: str
    looked_at: set[tuple[str, ...]]
    scripts: bool = True
    clicks: int = 0
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("request", self._stays_here)

    def _hear(self, said: Any) -> None:
        """A refused form answers 400, which Chromium calls an error; that is ours to say, and said on the page."""
        if said.type in ("error", "warning") and "status of 400" not in said.text:
            self.complaints.append(f"console: {said.text}")

    def _stays_here(self, request: Any) -> None:
        if urlsplit(request.url).netloc not in (urlsplit(self.address).netloc, "") and not request.url.startswith(("data:", "about:")):
            self.complaints.append(f"a request left the house: {request.url}")

    def open(self, path: str) -> Visitor:
        self.page.goto(self.address + path)
        return self.look()

    def sign_in(self, username: str, password: str = PASSWORD) -> Visitor:
        self.open("/sign-in")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", password)
        return self.press("Đăng nhập")

    def press(self, what: Locator | str) -> Visitor:
        """Clicks the link or button (by its words, the first in the main part) and looks at the page it leads to."""
        found = what if isinstance(what, Locator) else self.find(what)
        self.clicks += 1
        with self.page.expect_navigation():
            found.click()
        return self.look()

    def find(self, words: str) -> Locator:
        main = self.page.locator("main")
        return main.get_by_role("link", name=words).or_(main.get_by_role("button", name=words)).first

    @property
    def h1(self) -> str:
        return " ".join(self.page.locator("h1").inner_text().split())

    @property
    def text(self) -> str:
        return " ".join(self.page.locator("body").inner_text().split())

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def look(self) -> Visitor:
        """No complaint of the browser; and, where no such page was seen before: no violation in light and dark, no sideways scroll."""
        assert not self.complaints, f"{self.path}: {self.complaints}"
        kind = (NUMBER.sub("#", self.path), self.h1 if "sign-in" in self.path else "", str(self.page.locator(".error-summary").count()))
        if self.scripts and kind not in self.looked_at:
            self.looked_at.add(kind)
            found = self.faults()
            assert not found, f"{self.path}:\n" + "\n".join(found)
        return self

    def faults(self) -> list[str]:
        """What axe finds in the page on the screen, light and dark; and whether it scrolls sideways at 320 px."""
        size, found = self.page.viewport_size, []
        for theme in ("light", "dark"):
            self.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            found += [f"{theme}: {_words(violation)}" for violation in Axe().run(self.page, options=RULES).response["violations"]]
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        self.page.set_viewport_size(size or DESK)  # type: ignore[arg-type]
        if wide > NARROW["width"]:
            found.append(f"{wide} px wide on a 320 px screen: it scrolls sideways")
        return found


def _words(violation: dict[str, Any]) -> str:
    places = "; ".join(f"{node['target']} {node['html'][:120]} {node.get('failureSummary', '')[:160]}" for node in violation["nodes"][:3])
    return f"{violation['id']} ({violation['help']}) at {places}"
