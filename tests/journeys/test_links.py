"""Who never signs in hands a file in from the mail, on a phone; the focal point confirms it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.journeys.test_evidence import FOCAL, PHONE, open_task
from tests.security.plant import pdf
from tracker.kernel import clock, scope
from tracker.kernel.database import db
from tracker.reminders import link_service
from tracker.reminders.link_rules import path_of
from tracker.tasks.models import Task
from tracker.units.models import Authority, Membership

pytestmark = [pytest.mark.browser, pytest.mark.db("sqlite")]


def link_of(app: Flask, task_id: int) -> str:
    """The path of a link for somebody of the unit that leads the task."""
    with app.app_context():
        session = db.session()
        scope.choose(session, scope.whole("a test"))
        task = session.get_one(Task, task_id)
        authority = session.get_one(Authority, task.authority_id)
        authority.action_links = True
        who = session.scalars(select(Membership.account_id).where(Membership.unit_id == task.unit_id).order_by(Membership.id)).first()
        assert who is not None
        key = app.config["SECRET_KEY"]
        link = link_service.issue(session, authority, who, task.unit_id, task.round_id, clock.now(), secret=key)
        session.commit()
        path = path_of(link_service.token(link, key))
        db.session.remove()
        return path


def test_a_file_is_handed_in_from_a_letter_on_a_phone(visitor: Callable[..., Any], demo: Flask, tmp_path: Path) -> None:
    page, _unit = open_task(demo, "1.2")
    task_id = int(page.rpartition("/")[2])
    a_file = tmp_path / "Quyết định.pdf"
    a_file.write_bytes(pdf("thu"))
    reader = visitor(viewport=PHONE)
    with reader.page.expect_response(lambda answer: answer.request.method == "POST") as noted:
        reader.open(link_of(demo, task_id))
    assert noted.value.status == 204, "that somebody reads is not told"
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    reader.press(reader.page.locator(f"#task-{task_id}").get_by_role("link", name="Nộp tệp").first)
    reader.page.locator("input[type=file]").last.set_input_files(a_file)
    reader.press(reader.page.locator("main form button[type=submit]").first)
    assert "Đã nhận tệp" in reader.text and "Quyết định.pdf" not in reader.text
    focal = visitor(FOCAL)
    focal.open("/nghia-phuong/reminders/log")
    assert "mở liên kết trong thư" in focal.text
    focal.open(page)
    assert "Nộp qua liên kết, chưa xác thực" in focal.text
    focal.press("Xác thực")
    assert "Đã xác thực 1 nội dung" in focal.text
