"""``python -m tests.screenshots [--out FOLDER]``.

Writes the pictures of the README and of the guides. With ``--out`` also every main page, 1366 and 360 wide, light and dark, of a fresh demonstration
whose day is the one of the drawings; and in ``every/`` below it each kind of page anybody can come to by links, full, empty and refusing a form.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, Page

from tests.harness.browser import NoBrowser, chromium, serving
from tests.harness.stores import PASSWORD
from tests.journeys.visitor import Visitor
from tests.journeys.walk import EMPTY, open_empty_office, walks
from tests.screenshots.demonstration import demonstration
from tracker.dashboard.verify_queries import queue
from tracker.kernel import scope
from tracker.kernel.database import db
from tracker.units.models import Authority
from tracker.units.rules import Role

ROOT = Path(__file__).resolve().parents[2]
WIDTHS = {1366: 768, 360: 740}
#: Of a list of a thousand rows the beginning says enough.
TALLEST = 4000
THEMES = ("light", "dark")
AUTHORITY = "ninh-son"


@dataclass(frozen=True)
class Shot:
    """One page as one person sees it."""

    name: str
    who: str
    path: str


def shots(task: int, done: int, last: int) -> list[Shot]:
    """The main pages. ``task`` is open and late; ``done`` waits for confirmation, ``last`` behind all others."""
    a, focal, chair, lead = (
        f"/{AUTHORITY}",
        f"focal@{AUTHORITY}.demo",
        f"chair@{AUTHORITY}.demo",
        f"specialist-van-phong-hdnd-ubnd-huyen@{AUTHORITY}.demo",
    )
    return [
        Shot("sign-in", "", "/sign-in"),
        Shot("code", "", "/code"),
        Shot("today", focal, f"{a}/today"),
        Shot("overview", chair, f"{a}/overview"),
        Shot("overview-nghia-phuong", "chair@nghia-phuong.demo", "/nghia-phuong/overview"),
        Shot("overview-bac-ninh", "chair@bac-ninh.demo", "/bac-ninh/overview"),
        Shot("overview-former", "chair@ninh-thuan-vpub.demo", "/ninh-thuan-vpub/overview?round=quy-3-2026"),
        Shot("overview-empty", "chair@ninh-thuan-vpub.demo", "/ninh-thuan-vpub/overview?round=khong-co"),
        Shot("present", chair, f"{a}/overview/present"),
        Shot("present-bac-ninh", "chair@bac-ninh.demo", "/bac-ninh/overview/present"),
        Shot("work", lead, f"{a}/work"),
        Shot("tasks", focal, f"{a}/tasks"),
        Shot("tasks-print", focal, f"{a}/tasks?print=1"),
        Shot("task-focal", focal, f"{a}/tasks/{done}"),
        Shot("task-lead", lead, f"{a}/tasks/{task}"),
        Shot("bring", lead, f"{a}/tasks/{task}/evidence"),
        Shot("bring-link", lead, f"{a}/tasks/{task}/evidence?kind=link"),
        Shot("return", focal, f"{a}/tasks/{done}/return"),
        Shot("rounds", focal, f"{a}/rounds"),
        Shot("round", focal, f"{a}/rounds/nam-2026"),
        Shot("deadlines", focal, f"{a}/deadlines?year=2026"),
        Shot("sets", focal, f"{a}/indicators"),
        Shot("set", focal, f"{a}/indicators/ninh-son-2022"),
        Shot("indicator", focal, f"{a}/indicators/ninh-son-2022/1.1"),
        Shot("check", focal, f"{a}/documents/ninh-son-2022/check"),
        Shot("import", focal, f"{a}/documents/import"),
        Shot("notices", focal, f"{a}/notices"),
        Shot("units", focal, f"{a}/units"),
        Shot("unit", focal, f"{a}/units/van-phong-hdnd-ubnd-huyen"),
        Shot("unit-edit", focal, f"{a}/units/van-phong-hdnd-ubnd-huyen/edit"),
        Shot("reminders", focal, f"{a}/reminders"),
        Shot("policy", focal, f"{a}/reminders/policy"),
        Shot("zalo", focal, f"{a}/reminders/zalo"),
        Shot("sheets", focal, f"{a}/reminders/sheets"),
        Shot("sheet", lead, f"{a}/reminders/sheets/van-phong-hdnd-ubnd-huyen"),
        Shot("chase-log", chair, f"{a}/reminders/log"),
        Shot("chase-log-unit", focal, f"{a}/reminders/log/van-phong-hdnd-ubnd-huyen"),
        Shot("call", focal, f"{a}/reminders/log/van-phong-hdnd-ubnd-huyen/call"),
        Shot("letters", focal, f"{a}/letters"),
        Shot("letter-new", focal, f"{a}/letters/new"),
        Shot("letter", focal, f"{a}/letters/1"),
        Shot("letter-wording", focal, f"{a}/letters/wording/chase"),
        Shot("notice-paper", focal, f"{a}/letters/notice"),
        Shot("report-paper", chair, f"{a}/letters/report"),
        Shot("webhooks", f"admin@{AUTHORITY}.demo", f"{a}/webhooks"),
        Shot("webhook-new", f"admin@{AUTHORITY}.demo", f"{a}/webhooks/new"),
        Shot("link-dead", "", "/l/khong-co"),
        Shot("search", focal, f"{a}/search?q=van+ban"),
        Shot("search-nothing", focal, f"{a}/search?q=khong+co+that"),
        Shot("today-soon", focal, f"{a}/today?show=soon"),
        Shot("today-empty", "focal@bac-ninh.demo", "/bac-ninh/today"),
        Shot("verify", focal, f"{a}/verify"),
        Shot("verify-end", focal, f"{a}/verify?after={last}"),
        Shot("verify-gone", focal, f"{a}/verify?task={task}"),
        Shot("verify-empty", "focal@bac-ninh.demo", "/bac-ninh/verify"),
        Shot("filters-save", focal, f"{a}/filters?status=ready&unit=phong-noi-vu"),
        Shot("filters-empty", focal, f"{a}/filters"),
        Shot("zalo-unit", focal, f"{a}/reminders/zalo?unit=van-phong-hdnd-ubnd-huyen"),
        Shot("people", f"admin@{AUTHORITY}.demo", f"{a}/people"),
        Shot("person-new", f"admin@{AUTHORITY}.demo", f"{a}/people/new"),
        Shot("settings", f"admin@{AUTHORITY}.demo", f"{a}/settings"),
        Shot("account", lead, "/account"),
        Shot("mailbox", focal, "/dev/mail"),
        Shot("not-found", lead, f"{a}/tasks/1"),
    ]


def documented() -> list[tuple[Shot, str, bool]]:
    """What the README (the first screen) and the guides (the whole page) show: the page, the file, whether all of it."""
    doors = {
        "chair": Shot("overview", f"chair@{AUTHORITY}.demo", f"/{AUTHORITY}/overview"),
        "focal": Shot("today", f"focal@{AUTHORITY}.demo", f"/{AUTHORITY}/today"),
        "lead": Shot("work", f"specialist-van-phong-hdnd-ubnd-huyen@{AUTHORITY}.demo", f"/{AUTHORITY}/work"),
    }
    guides = {"chair": "lanh-dao", "focal": "dau-moi", "lead": "don-vi"}
    readme = [(shot, f"docs/images/{name}.png", False) for name, shot in doors.items()]
    return readme + [(shot, f"docs/huong-dan/anh/{guides[name]}.png", True) for name, shot in doors.items()]


class Gallery:
    """Pages by person and theme; a person signs in once a theme."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser, self._address = browser, address
        self._pages: dict[tuple[str, str], Page] = {}

    def take(self, shot: Shot, width: int, theme: str, path: Path, *, whole: bool = True) -> None:
        page = self._page(shot.who, theme)
        page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        page.goto(self._address + shot.path)
        page.screenshot(path=path, full_page=whole)

    def _page(self, who: str, theme: str) -> Page:
        if (who, theme) not in self._pages:
            page = self._browser.new_context(color_scheme=theme, locale="vi-VN").new_page()  # type: ignore[arg-type]
            if who:
                page.goto(f"{self._address}/sign-in")
                page.fill("[name=username]", who)
                page.fill("[name=password]", PASSWORD)
                page.click("main button[type=submit] >> nth=0")
            self._pages[who, theme] = page
        return self._pages[who, theme]


def _three_tasks(app: Flask) -> tuple[int, int, int]:
    result = app.test_cli_runner().invoke(args=["tasks", AUTHORITY, "--json"])
    rows = json.loads(result.stdout)["rows"]
    ours = [row for row in rows if row["unit_slug"] == "van-phong-hdnd-ubnd-huyen"]
    late = next(row["id"] for row in ours if row["status"] == "collecting" and row["timeliness"] == "overdue")
    return late, next(row["id"] for row in ours if row["status"] == "ready"), _last_in_queue(app)


def _last_in_queue(app: Flask) -> int:
    with app.app_context():
        here = db.session.query(Authority.id).filter_by(slug=AUTHORITY).scalar()
        scope.choose(db.session(), scope.one(here))
        return queue(db.session())[-1].task_id


def _all(gallery: Gallery, chosen: list[Shot], out: Path) -> Iterator[Path]:
    out.mkdir(parents=True, exist_ok=True)
    for shot in chosen:
        for width in WIDTHS:
            for theme in THEMES:
                path = out / f"{shot.name}-{width}-{theme}.png"
                gallery.take(shot, width, theme, path)
                yield path


def _every(app: Flask, browser: Browser, address: str, out: Path) -> int:
    """One picture of each kind of page in every look. Returns how many. Sends forms: taken last."""

    def take(visitor: Visitor, kind: str) -> list[str]:
        office = "empty" if f"/{EMPTY}" in visitor.page.url else "full"
        for width in WIDTHS:
            visitor.page.set_viewport_size({"width": width, "height": WIDTHS[width]})
            for theme in THEMES:
                visitor.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                name = kind.replace("?", "-").replace(" ", "-")
                path = out / f"{name}-{office}-{width}-{theme}.png"
                if not path.exists():
                    tall = min(visitor.page.evaluate("document.documentElement.scrollHeight"), TALLEST)
                    visitor.page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": tall})
        return []

    open_empty_office(app)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for _walk in walks(app, browser, address, take, roles=list(Role), each_sees_all=False):
        pass
    return len(list(out.iterdir()))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, help="a folder for every main page as well")
    parser.add_argument("--only", help="the name of one page")
    options = parser.parse_args()

    began, taken = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="dondoc-pictures-") as folder:
        app = demonstration(Path(folder), PASSWORD)
        try:
            with serving(app) as address, chromium() as browser:
                gallery = Gallery(browser, address)
                for shot, place, whole in documented():
                    gallery.take(shot, 1366, "light", ROOT / place, whole=whole)
                    print(place)
                    taken += 1
                if options.out:
                    chosen = [shot for shot in shots(*_three_tasks(app)) if options.only in (None, shot.name)]
                    taken += sum(1 for _path in _all(gallery, chosen, options.out))
                if options.out and not options.only:
                    taken += _every(app, browser, address, options.out / "every")
        except NoBrowser as error:
            print(f"No pictures: {error}.", file=sys.stderr)
            return 1
    print(f"{taken} pictures, {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
