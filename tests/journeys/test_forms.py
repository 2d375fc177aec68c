"""Forms that lose nothing: what is typed comes back after the window was shut; a large file shows how far it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.journeys.test_evidence import PHONE, open_task
from tests.security.plant import pdf

pytestmark = [pytest.mark.browser, pytest.mark.db("sqlite")]

Enter = Callable[..., Any]
WORDS = "Chi cục Thống kê chưa công bố số liệu năm 2026"


def test_what_was_typed_is_there_when_the_window_is_opened_again(visitor: Enter, demo: Flask) -> None:
    path, unit = open_task(demo, "1.2")
    lead = visitor(f"specialist-{unit}@nghia-phuong.demo")
    lead.open(f"{path}/obstacle")
    box = lead.page.locator("main textarea")
    box.fill(WORDS)
    lead.page.get_by_text("Tự lưu lúc").wait_for()
    lead.open(f"{path}/obstacle")
    lead.page.get_by_text("Đã mở lại bản nháp lưu lúc").wait_for()
    assert box.input_value() == WORDS
    lead.page.get_by_role("button", name="Bỏ bản nháp").click()
    lead.page.get_by_text("Đã mở lại bản nháp").wait_for(state="hidden")
    assert box.input_value() == ""
    lead.open(f"{path}/obstacle")
    box.fill(WORDS)
    lead.page.get_by_text("Tự lưu lúc").wait_for()
    lead.press(lead.page.locator("main form button[type=submit]").first)
    assert WORDS in lead.text
    lead.open(f"{path}/evidence?kind=link")
    assert lead.page.locator("main input[name=url]").input_value() == "", "a draft belongs to one form"


def test_a_large_file_is_sent_from_a_phone_with_its_progress_told(visitor: Enter, demo: Flask, tmp_path: Path) -> None:
    path, unit = open_task(demo, "1.2")
    lead = visitor(f"specialist-{unit}@nghia-phuong.demo", viewport=PHONE, has_touch=True, is_mobile=True)
    scan = tmp_path / "Bản quét.pdf"
    scan.write_bytes(pdf("thu") + b"\n%" + os.urandom(700_000).hex().encode() + b"\n%%EOF\n")
    lead.open(f"{path}/evidence")
    assert lead.page.get_by_text("Chụp ảnh").is_visible() and lead.page.get_by_text("Chọn tệp").is_visible()
    lead.page.locator("input[type=file]").last.set_input_files(scan)
    assert "Bản quét.pdf (1,3 MB)" in lead.page.locator("[data-files]").inner_text()
    held: list[Any] = []
    lead.page.route("**/evidence", lambda route: held.append(route))
    lead.page.locator("main form button[type=submit]").first.click()
    lead.page.locator("[data-progress]").wait_for()
    assert lead.page.locator("main form button[type=submit]").first.is_disabled(), "it cannot be sent twice"
    held[0].continue_()
    lead.page.get_by_text("Đã thêm minh chứng").wait_for()
    lead.look()
    assert lead.path == path, "the address is that of the page shown"
    assert "Bản quét.pdf" in lead.text


def test_a_file_too_large_is_said_before_it_is_sent(visitor: Enter, demo: Flask, tmp_path: Path) -> None:
    path, unit = open_task(demo, "1.2")
    lead = visitor(f"specialist-{unit}@nghia-phuong.demo")
    heavy = tmp_path / "nang.pdf"
    with heavy.open("wb") as file:
        file.truncate(21 * 1024 * 1024)
    lead.open(f"{path}/evidence")
    lead.page.locator("input[type=file]").last.set_input_files(heavy)
    assert "nặng quá 20 MB nên hệ thống không nhận" in lead.page.locator("[data-files]").inner_text()
    lead.page.locator("main form button[type=submit]").first.click()
    lead.page.locator("h1").get_by_text("Chưa thực hiện được").or_(lead.page.locator(".error-summary")).first.wait_for()
