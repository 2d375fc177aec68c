"""Visitors to the demonstration: see visitor.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext

from tests.harness.browser import NoBrowser, chromium, serving
from tests.harness.stores import missing
from tests.journeys.visitor import DESK, Visitor


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
