"""Every page somebody can come to by links, and every form of those pages refused: whoever walks says what is looked at.

In an office full of work and in one that has only just begun. One page of each kind. Changes nothing but the demonstration it walks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Browser, Error
from werkzeug.exceptions import HTTPException

from tests.factories import add_authority, add_person, add_unit
from tests.journeys.visitor import DESK, Visitor
from tracker.kernel import scope
from tracker.kernel.database import db, writing
from tracker.units.rules import Role

FULL, EMPTY = "ninh-son", "xa-moi"
UNIT = "van-phong-hdnd-ubnd-huyen"
#: Downloads, fragments and what only a script asks for are no pages.
NO_PAGES = ("static", "accounts.draft", "evidence.file", "api.feed")
NONSENSE = "=1+1<b>"

#: Looks at the page on the screen, of this kind («dashboard.today», «tasks.directive refused»), and says what is wrong with it.
Look = Callable[[Visitor, str], list[str]]


@dataclass
class Walk:
    """One person's way through one office. ``seen``: kinds of pages nobody needs to look at again."""

    app: Flask
    visitor: Visitor
    office: str
    look: Look
    seen: set[str] = field(default_factory=set)
    found: list[str] = field(default_factory=list)
    number: int = 0

    def run(self) -> None:
        door = f"/{self.office}"
        pending = [door, "/account", "/huong-dan"]
        opened = set()
        while pending:
            path = pending.pop(0)
            kind = self._kind(path)
            # Everybody has a front door of their own, whatever others have seen behind its address.
            if kind is None or path in opened or (kind in self.seen and path != door) or not self._open(path):
                continue
            opened.add(path)
            kind = (self._kind(self.visitor.path) or kind) if path == door else kind
            self.seen.add(kind)
            self._look(kind, path)
            pending += self._links()
            self._refused(kind, path)

    def _kind(self, path: str) -> str | None:
        """The endpoint of an address of this office; None for another office's, a download's or nobody's."""
        parts = urlsplit(path)
        try:
            endpoint, values = self.app.url_map.bind("localhost").match(parts.path, method="GET")
        except HTTPException:
            return None
        if endpoint in NO_PAGES or values.get("authority", self.office) != self.office or "export=" in parts.query:
            return None
        return f"{endpoint}?{parts.query.partition('=')[0]}" if parts.query.startswith(("view", "kind", "tab")) else str(endpoint)

    def _open(self, path: str) -> bool:
        try:
            answer = self.visitor.page.goto(self.visitor.address + path)
        except Error:  # a download
            return False
        return answer is not None and "text/html" in answer.headers.get("content-type", "")

    def _look(self, kind: str, path: str) -> None:
        self.number += 1
        self.found += [f"{kind} {path}: {fault}" for fault in (*self.look(self.visitor, kind), *self.visitor.complaints)]
        self.visitor.complaints.clear()

    def _links(self) -> list[str]:
        hrefs = self.visitor.page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
        return [href for href in hrefs if href and href.startswith("/") and "/sign-out" not in href]

    def _refused(self, kind: str, path: str) -> None:
        """Each long form of the page with nonsense in its boxes: the page that comes back is looked at where it has errors."""
        for number in range(self.visitor.page.locator("main form[data-guard]").count()):
            if not self._open(path):
                return
            form = self.visitor.page.locator("main form[data-guard]").nth(number)
            for box in form.locator("input[type=text]:visible, textarea:visible").all():
                box.fill(NONSENSE if box.get_attribute("inputmode") else "")
            submit = form.locator("button[type=submit]:visible")
            if not submit.count():
                continue
            with self.visitor.page.expect_navigation():
                submit.first.click()
            if self.visitor.page.locator(".error-summary").count():
                self._look(f"{kind} refused", path)
            self.visitor.complaints.clear()


def open_empty_office(app: Flask) -> None:
    """An office that has people and nothing else, beside the demonstration."""
    with app.app_context(), writing():
        session = db.session()
        with scope.using(session, scope.whole("a walk")):
            office = add_authority(session, EMPTY, "UBND xã Mới")
            unit = add_unit(session, office, "Văn phòng", slug=UNIT)
            for role in Role:
                of_unit = role in (Role.SPECIALIST, Role.HEAD)
                add_person(session, office, role, unit if of_unit else None, username=_username(role, EMPTY))
            session.commit()
        db.session.remove()


def _username(role: Role, office: str) -> str:
    return f"{role.value}-{UNIT}@{office}.demo" if role in (Role.SPECIALIST, Role.HEAD) else f"{role.value}@{office}.demo"


def walks(app: Flask, browser: Browser, address: str, look: Look, *, roles: list[Role], each_sees_all: bool = True) -> Iterator[Walk]:
    """Each role's walk through both offices, done. ``each_sees_all``: a page several roles see is looked at for each of them."""
    seen: dict[str, set[str]] = {FULL: set(), EMPTY: set()}
    for role in roles:
        for office in (FULL, EMPTY):
            context = browser.new_context(viewport=DESK, locale="vi-VN")  # type: ignore[arg-type]
            context.set_default_timeout(15_000)
            visitor = Visitor(context.new_page(), address, set())
            visitor.page.on("dialog", lambda dialog: dialog.accept())
            visitor.sign_in(_username(role, office))
            walk = Walk(app, visitor, office, look, set() if each_sees_all else seen[office])
            walk.run()
            yield walk
            context.close()
