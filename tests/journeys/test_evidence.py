"""Evidence as people meet it: on a phone, approving, returning one document of three."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.security.plant import pdf
from tracker.indicators.models import Indicator
from tracker.kernel import scope
from tracker.kernel.database import db
from tracker.tasks.models import Task
from tracker.tasks.rules import Progress
from tracker.units.models import Authority, Unit

pytestmark = [pytest.mark.browser, pytest.mark.db("sqlite")]

Enter = Callable[..., Any]
PHONE = {"width": 360, "height": 740}
FOCAL = "focal@nghia-phuong.demo"


@pytest.fixture
def a_file(tmp_path: Path) -> Path:
    path = tmp_path / "Quyết định kiện toàn Ban chỉ đạo.pdf"
    path.write_bytes(pdf("thu"))
    return path


def open_task(app: Flask, code: str) -> tuple[str, str]:
    """A task of Nghĩa Phương that nobody has begun: its path and the slug of its unit."""
    with app.app_context():
        session = db.session()
        scope.choose(session, scope.whole("a test"))
        task, unit = session.execute(
            select(Task, Unit)
            .join(Unit, Unit.id == Task.unit_id)
            .join(Indicator, Indicator.id == Task.indicator_id)
            .join(Authority, Authority.id == Task.authority_id)
            .where(Authority.slug == "nghia-phuong", Indicator.code == code)
            .order_by(Task.id)
        ).first()
        task.status, task.submitted_at, task.submitted_on, task.returned_at, task.mend_by_on = Progress.COLLECTING, None, None, None, None
        session.commit()
        found = f"/nghia-phuong/tasks/{task.id}", unit.slug
        db.session.remove()
        return found


def bring(lead: Any, path: str, title: str, a_file: Path) -> None:
    lead.open(path)
    line = lead.page.locator("#evidence li").filter(has=lead.page.get_by_role("heading", name=title, exact=True)).first
    lead.press(line.get_by_role("link", name="Thêm minh chứng cho").first)
    lead.page.locator("input[type=file]").last.set_input_files(a_file)
    lead.press(lead.page.locator("main form button[type=submit]").first)


def complete(lead: Any, path: str, a_file: Path) -> None:
    """Brings a file for every line that still lacks one, then reports ready."""
    for _line in range(5):
        lead.open(path)
        missing = lead.page.locator("#evidence li.is-missing")
        if not missing.count():
            break
        bring(lead, path, missing.first.get_by_role("heading").first.inner_text(), a_file)
    lead.press("Báo đủ minh chứng")


def test_a_lead_completes_an_indicator_on_a_phone(visitor: Enter, demo: Flask, a_file: Path) -> None:
    path, unit = open_task(demo, "1.2")
    lead = visitor(f"specialist-{unit}@nghia-phuong.demo", viewport=PHONE)
    complete(lead, path, a_file)
    assert "Đã báo đủ minh chứng" in lead.text
    assert lead.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    lead.open(path)
    lead.press(lead.page.locator("#evidence").get_by_role("link", name="bản 1").first)
    assert "Các bản" in lead.text


def test_the_focal_point_returns_one_document_of_several(visitor: Enter, demo: Flask, a_file: Path) -> None:
    path, unit = open_task(demo, "1.1")
    lead = visitor(f"specialist-{unit}@nghia-phuong.demo")
    complete(lead, path, a_file)
    focal = visitor(FOCAL)
    focal.open(path)
    focal.press("Xem xét từng tài liệu…")
    panels = focal.page.locator("section.panel")
    count = panels.count()
    assert count >= 2
    for number in range(count):
        panels.nth(number).get_by_label("Trả lại" if number == count - 1 else "Xác nhận").first.check()
    panels.nth(count - 1).locator("select").select_option("unsigned")
    focal.press("Lưu quyết định")
    assert "Dự thảo, chưa ký" in focal.text
    lead.open(path)
    assert "Bị trả lại: Dự thảo, chưa ký" in lead.text
    assert lead.page.locator("#evidence").get_by_text("Đã xác nhận: ").count() == count - 1


def five_prepared(app: Flask) -> str:
    """Five complete tasks of one unit of Nghĩa Phương wait for its head. Returns the unit's slug."""
    with app.app_context():
        session = db.session()
        scope.choose(session, scope.whole("a test"))
        office = session.scalars(select(Authority).where(Authority.slug == "nghia-phuong")).one()
        office.head_approves = True
        done = select(Task, Unit).join(Unit, Unit.id == Task.unit_id).where(Task.authority_id == office.id, Task.status.in_(["ready", "accepted"]))
        by_unit: dict[str, list[Task]] = {}
        for task, unit in session.execute(done.order_by(Task.id)):
            by_unit.setdefault(unit.slug, []).append(task)
        slug, tasks = max(by_unit.items(), key=lambda pair: len(pair[1]))
        assert len(tasks) >= 5
        for task in tasks[:5]:
            task.status, task.submitted_at, task.submitted_on = Progress.PREPARED, None, None
        session.commit()
        db.session.remove()
        return slug


def test_a_head_approves_five_at_once(visitor: Enter, demo: Flask) -> None:
    slug = five_prepared(demo)
    head = visitor(f"head-{slug}@nghia-phuong.demo")
    waiting = head.page.locator("#approve tbody input[type=checkbox]")
    assert waiting.count() == 5
    for place in range(5):
        waiting.nth(place).check()
    head.press(head.page.get_by_role("button", name="Duyệt… các nhiệm vụ đã chọn"))
    assert "chưa lưu gì cả" in head.text
    head.press(head.page.locator("main form button[type=submit]").first)
    assert head.page.locator("#approve").count() == 0, "nothing waits any more"
    with demo.app_context():
        session = db.session()
        scope.choose(session, scope.whole("a test"))
        assert not session.scalars(select(Task.id).where(Task.status == Progress.PREPARED)).all()
        db.session.remove()


def test_the_focal_point_downloads_the_pack_of_a_round(visitor: Enter) -> None:
    focal = visitor(FOCAL)
    focal.open("/nghia-phuong/rounds")
    focal.press(focal.page.locator("main table").get_by_role("link", name="05/CV-KS").first)
    focal.press("Hồ sơ minh chứng")
    with focal.page.expect_download() as arriving:
        focal.page.get_by_role("button", name="Tải hồ sơ").click()
    with zipfile.ZipFile(arriving.value.path()) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0].endswith(".xlsx")
