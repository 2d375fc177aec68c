"""What a person waits for in a browser: the six main pages on a slow line, measured in Chromium over its own protocol.

1.6 Mbit/s and 150 ms, as on a phone in a commune. ``first`` is a visit with an empty cache; the others are those that follow it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.bench.pages import LEAD, SLUG
from tests.bench.servers import HOST
from tests.harness.browser import chromium

LATENCY_MS = 150
BYTES_PER_SECOND = 1_600_000 / 8
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 740}
#: Runs before any script of the page: what it shifts, and how long it keeps the thread.
_WATCH = """
window.__shift = 0; window.__blocked = 0;
new PerformanceObserver(list => list.getEntries().forEach(e => { if (!e.hadRecentInput) window.__shift += e.value; }))
  .observe({type: "layout-shift", buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(e => { window.__blocked += Math.max(0, e.duration - 50); }))
  .observe({type: "longtask", buffered: true});
"""


@dataclass(frozen=True)
class Visit:
    """One page: milliseconds to its first paint, the layout's shift, milliseconds blocked, bytes and requests over the line."""

    page: str
    first: bool
    paint_ms: float
    shift: float
    blocked_ms: float
    bytes: int
    requests: int


def measure(port: int, password: str, task_id: int) -> list[dict[str, Any]]:
    """Each page twice: with nothing in the cache, and after another page of the site."""
    address = f"http://{HOST}:{port}"
    pages = [
        ("sign-in", "", "/sign-in", DESK),
        ("today", "focal", f"/{SLUG}/today", DESK),
        ("overview", "chair", f"/{SLUG}/overview", DESK),
        ("work", LEAD, f"/{SLUG}/work", PHONE),
        ("task", LEAD, f"/{SLUG}/tasks/{task_id}", PHONE),
        ("bring", LEAD, f"/{SLUG}/tasks/{task_id}/evidence", PHONE),
    ]
    with chromium() as browser:
        found = []
        for name, who, path, size in pages:
            kept = _signed_in(browser, address, who, password) if who else None
            found += [asdict(_visit(browser, kept, address, path, size, name, first=first)) for first in (True, False)]
    return found


def _signed_in(browser: Browser, address: str, who: str, password: str) -> Any:
    """The cookies of a person, for contexts whose cache is empty."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.fill("[name=username]", f"{who}@{SLUG}.demo")
    page.fill("[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    state = context.storage_state()
    context.close()
    return state


def _visit(browser: Browser, kept: Any, address: str, path: str, size: Any, name: str, *, first: bool) -> Visit:
    context = browser.new_context(storage_state=kept, viewport=size, locale="vi-VN")
    try:
        page = context.new_page()
        page.add_init_script(_WATCH)
        if not first:
            page.goto(f"{address}/huong-dan")
        received = _slowed(context, page)
        page.goto(address + path, wait_until="networkidle")
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        shift, blocked = page.evaluate("[window.__shift, window.__blocked]")
        return Visit(name, first, paint, shift, blocked, sum(received), len(received))
    finally:
        context.close()


def _slowed(context: BrowserContext, page: Page) -> list[int]:
    """Puts the page on the slow line; the bytes of each answer from then on, headers counted."""
    line = context.new_cdp_session(page)
    received: list[int] = []
    line.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": LATENCY_MS, "downloadThroughput": BYTES_PER_SECOND, "uploadThroughput": BYTES_PER_SECOND},
    )
    return received
