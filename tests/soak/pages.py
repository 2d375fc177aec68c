"""``python -m tests.soak.pages [--role ROLE]``: axe on every page a person can come to by links, light and dark, and at 320 px.

Every role, in an office full of work and in one that has only just begun; and every form of those pages, sent as it was opened or
with nonsense in it, for the page that refuses it. One page of each kind for each role. Changes nothing but the demonstration in a temporary folder.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Browser, Error
from werkzeug.exceptions import HTTPException

from tests.factories import add_authority, add_person, add_unit
from tests.harness.browser import chromium, serving
from tests.harness.stores import PASSWORD
from tests.journeys.visitor import DESK, Visitor
from tests.screenshots import __main__ as pictures
from tracker.kernel import scope
from tracker.kernel.database import db, writing
from tracker.units.rules import Role

FULL, EMPTY = "ninh-son", "xa-moi"
UNIT = "van-phong-hdnd-ubnd-huyen"
#: Downloads, fragments and what only a script asks for are no pages.
NO_PAGES = ("static", "accounts.draft", "evidence.file", "api.feed")
NONSENSE = "=1+1<b>"


@dataclass
class Walk:
    """One person's way through one office."""

    app: Flask
    visitor: Visitor
    office: str
    seen: set[str] = field(default_factory=set)
    found: list[str] = field(default_factory=list)

    def run(self) -> None:
        pending = [f"/{self.office}", "/account", "/huong-dan"]
        while pending:
            path = pending.pop(0)
            kind = self._kind(path)
            if kind is None or kind in self.seen:
                continue
            self.seen.add(kind)
            if not self._open(path):
                continue
            self._look(f"{kind} {path}")
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

    def _look(self, where: str) -> None:
        self.found += [f"{where}: {fault}" for fault in (*self.visitor.faults(), *self.visitor.complaints)]
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
                self._look(f"{kind} refused")
            self.visitor.complaints.clear()


def demonstration(folder: Path) -> Flask:
    """The demonstration of the pictures, and an office that has people and nothing else."""
    app = pictures.demonstration(folder, PASSWORD)
    with app.app_context(), writing():
        session = db.session()
        with scope.using(session, scope.whole("a soak")):
            office = add_authority(session, EMPTY, "UBND xã Mới")
            unit = add_unit(session, office, "Văn phòng", slug=UNIT)
            for role in Role:
                of_unit = role in (Role.SPECIALIST, Role.HEAD)
                add_person(session, office, role, unit if of_unit else None, username=_username(role, EMPTY))
            session.commit()
        db.session.remove()
    return app


def _username(role: Role, office: str) -> str:
    return f"{role.value}-{UNIT}@{office}.demo" if role in (Role.SPECIALIST, Role.HEAD) else f"{role.value}@{office}.demo"


def walks(app: Flask, browser: Browser, address: str, roles: list[Role]) -> Iterator[Walk]:
    for role in roles:
        for office in (FULL, EMPTY):
            context = browser.new_context(viewport=DESK, locale="vi-VN")  # type: ignore[arg-type]
            context.set_default_timeout(15_000)
            visitor = Visitor(context.new_page(), address, set())
            visitor.page.on("dialog", lambda dialog: dialog.accept())
            visitor.sign_in(_username(role, office))
            walk = Walk(app, visitor, office)
            walk.run()
            yield walk
            context.close()


def main() -> int:
    """Returns 0 where nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.pages", description=__doc__)
    parser.add_argument("--role", choices=[role.value for role in Role])
    asked = parser.parse_args()
    began, pages, found = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory(prefix="dondoc-pages-") as folder:
        app = demonstration(Path(folder))
        with serving(app) as address, chromium() as browser:
            for walk in walks(app, browser, address, [role for role in Role if asked.role in (None, role.value)]):
                pages += len(walk.seen)
                found += len(walk.found)
                for fault in walk.found:
                    print(fault, file=sys.stderr)
                print(
                    f"{walk.office}: {len(walk.seen)} kinds of pages, {len(walk.found)} faults  {time.monotonic() - began:.0f} s",
                    file=sys.stderr,
                    flush=True,
                )
    print(f"{pages} pages looked at, {found} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
