"""The story of README.md from an empty folder: set up, sign in as the three users, report, accept, remind, and ask what is late."""

from __future__ import annotations

import email
import email.policy
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.harness.stores import PASSWORD, SECRET
from tests.page_client import PageClient
from tracker.app import create_app
from tracker.kernel import clock

ROOT = Path(__file__).resolve().parents[2]
TODAY = "2026-11-18"
LEAD = "specialist-phong-tai-chinh-ke-hoach@ninh-son.demo"
FOCAL = "focal@ninh-son.demo"
CHAIR = "chair@ninh-son.demo"


def environment(data: Path) -> dict[str, str]:
    """What the person who types the commands has set: a folder, a day, a password."""
    given = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRACKER_", "MAIL_")) and name not in ("DATABASE_URL", "STORAGE_URL", "BASE_URL")
    }
    ours = {
        "FLASK_APP": "wsgi",
        "TRACKER_ENV": "demo",
        "TRACKER_DATA": str(data),
        "TRACKER_NOW": f"{TODAY}T09:30",
        "TRACKER_DEMO_PASSWORD": PASSWORD,
        "SECRET_KEY": SECRET,
        "MAIL_RATE_PER_MINUTE": "100000",
        "PYTHONPATH": str(ROOT),
    }
    return {**given, **ours}


def flask(data: Path, *words: str) -> Any:
    """Types a command. What it prints is JSON where the command was asked for it."""
    done = subprocess.run([sys.executable, "-m", "flask", *words], cwd=ROOT, env=environment(data), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"flask {' '.join(words)} exited {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout) if "--json" in words else done.stdout


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def start(data: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An empty folder becomes a running demonstration."""
    flask(data, "db", "upgrade")
    assert flask(data, "seed", "--demo", "--json")["created"] > 0
    for name, value in environment(data).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(clock.ANCHOR_VARIABLE, clock.real_now().isoformat())
    return create_app()


def enter(app: Flask, username: str) -> PageClient:
    client = PageClient(app)
    client.sign_in(username)
    return client


def letters(data: Path) -> list[Any]:
    found = (email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in sorted((data / "mail").glob("*.eml")))
    return list(found)


@pytest.mark.slow
@pytest.mark.db("sqlite")
def test_the_story_of_the_readme(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    app = start(data, monkeypatch)
    ready = time.monotonic()

    # Each of the three lands on its own front door.
    lead, focal, chair = (enter(app, name) for name in (LEAD, FOCAL, CHAIR))
    assert focal.get("/").h1 == "Việc hôm nay"
    assert chair.get("/").h1 == "Tổng quan"
    work = lead.get("/")
    assert work.h1 == "Việc của Phòng Tài chính-Kế hoạch"

    # The lead unit adds a link to what it has and reports the indicator ready.
    bring = work.link("Thêm minh chứng").follow()
    task = bring.path.removesuffix("/evidence")
    page = lead.get(f"{bring.path}?kind=link").form("/evidence").fill(url="https://ninhson.example/bao-cao").submit("Thêm")
    assert "https://ninhson.example/bao-cao" in page.text
    assert "Đã báo đủ minh chứng" in page.form("/report").submit("Báo đủ minh chứng").text
    assert "chờ xác nhận" in lead.get(task).text

    # The focal point accepts it; whoever opens the task sees who did what.
    assert "Đã xác nhận" in focal.get(task).form("/accept").submit("Xác nhận").text
    seen = chair.get(task)
    assert "Đã xác nhận" in seen.text
    assert "Xác nhận" in seen.main

    # The day's reminders are planned once and sent; the mail lies in the folder.
    planned = flask(data, "reminders", "plan", "--on", TODAY, "--json")
    assert planned["planned"] > 0
    assert flask(data, "reminders", "plan", "--on", TODAY, "--json")["planned"] == 0
    sent = flask(data, "reminders", "send", "--json")
    assert sent["sent"] == planned["planned"]
    assert sent["failed"] == 0
    assert flask(data, "reminders", "send", "--json")["sent"] == 0
    mails = letters(data)
    assert len(mails) == planned["planned"]
    to_culture = next(mail for mail in mails if "phong-van-hoa-va-thong-tin@ninh-son.example" in mail["To"])
    assert "quá hạn" in to_culture["Subject"]
    assert "1.3" in to_culture.get_body(("plain",)).get_content()
    assert to_culture["Subject"] in focal.get("/dev/mail").text
    assert flask(data, "reminders", "reconcile", "--on", TODAY, "--json")["difference"] == 0

    # In between the focal point reminds one unit itself: its specialist and its head.
    today = focal.get("/ninh-son/today")
    assert "Đã lập 2 thư nhắc" in today.form("/reminders/units/phong-noi-vu").submit("Gửi mail").text
    assert flask(data, "reminders", "send", "--json")["sent"] == 2

    # What is late on a chosen day: the accepted task is not.
    late = flask(data, "tasks", "ninh-son", "--on", TODAY, "--overdue", "--json")["rows"]
    assert late
    assert {row["timeliness"] for row in late} == {"overdue"}
    assert {row["days_late"] for row in late} == {4}
    assert int(task.rpartition("/")[2]) not in {row["id"] for row in late}
    assert not flask(data, "tasks", "ninh-son", "--on", "2026-11-14", "--overdue", "--json")["rows"], "the last day is still in time"

    with capsys.disabled():
        print(f"\n  the story: {time.monotonic() - began:.1f} s, {ready - began:.1f} s of them setting up", end=" ")
