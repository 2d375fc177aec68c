"""A visitor: a person with a real browser. Every page it comes to is looked at by axe, light and dark, and at 320 px."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from tests.harness.browser import NoBrowser, chromium, serving
from tests.harness.stores import PASSWORD, missing

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}, "resultTypes": ["violations"]}
DESK = {"width": 1366, "height": 768}
NARROW = {"width": 320, "height": 640}
NUMBER = re.compile(r"\d+")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        with chromium() as found:
            yield found
    except NoBrowser as error:
        missing(str(error))


@pytest.fixture(scope="session")
def looked_at() -> set[tuple[str, ...]]:
    """The kinds of pages axe has seen in this session: once each is enough."""
    return set()


@pytest.fixture
def address(demo: Flask) -> Iterator[str]:
    """The demonstration, served to browsers on this machine."""
    demo.config["TRACKER_ENV"] = "demo"
    with serving(demo) as address:
        yield address


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
            self._examine()
        return self

    def _examine(self) -> None:
        size, found = self.page.viewport_size, []
        for theme in ("light", "dark"):
            self.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            found += [f"{theme}: {_words(violation)}" for violation in Axe().run(self.page, options=RULES).response["violations"]]
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        self.page.set_viewport_size(size or DESK)  # type: ignore[arg-type]
        assert not found, f"{self.path}:\n" + "\n".join(found)
        assert wide <= NARROW["width"], f"{self.path} is {wide} px wide on a 320 px screen: it scrolls sideways"


def _words(violation: dict[str, Any]) -> str:
    places = "; ".join(f"{node['target']} {node['html'][:120]} {node.get('failureSummary', '')[:160]}" for node in violation["nodes"][:3])
    return f"{violation['id']} ({violation['help']}) at {places}"


@pytest.fixture
def visitor(browser: Browser, address: str, looked_at: set[tuple[str, ...]]) -> Iterator[Callable[..., Visitor]]:
    """``visitor("chair@ninh-son.demo")``: somebody who has signed in; without a name, somebody at the door."""
    contexts: list[BrowserContext] = []

    def enter(username: str = "", **options: Any) -> Visitor:
        scripts = options.pop("scripts", True)
        context = browser.new_context(**{"viewport": DESK, "locale": "vi-VN", "java_script_enabled": scripts, **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        person = Visitor(context.new_page(), address, looked_at, scripts)
        return person.sign_in(username) if username else person

    yield enter
    for context in contexts:
        context.close()
