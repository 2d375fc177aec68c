"""Chasing beyond mail, in a browser: an official letter from the draft to its number, a Zalo message from the copy to the log."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_journeys import CHAIR, FOCAL

pytestmark = [pytest.mark.browser, pytest.mark.db("sqlite")]

Enter = Callable[..., Any]
UNIT = "Phòng Giáo dục và Đào tạo"


def downloaded(person: Any, words: str) -> bytes:
    """The file a link or button of the page gives."""
    with person.page.expect_download(timeout=60_000) as given:
        person.find(words).click()
    return Path(given.value.path()).read_bytes()


def test_a_letter_is_drafted_downloaded_numbered_and_counts_as_a_chase(visitor: Enter) -> None:
    focal = visitor(FOCAL)
    focal.open("/ninh-son/today").press("Thư nhắc").press("Công văn đôn đốc").press("Lập công văn")
    for box in focal.page.locator("[name=units]").all():
        box.set_checked(UNIT in (box.locator("xpath=..").inner_text()))
    focal.press("Xem trước")
    assert UNIT in focal.page.locator("#draft").inner_text()
    draft = downloaded(focal, "Tải dự thảo")
    assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(draft)).namelist()
    focal.open("/ninh-son/letters")
    focal.press(focal.page.locator("#register tbody tr").filter(has_text=UNIT).filter(has_not_text="đơn vị khác").get_by_role("link").first)
    assert downloaded(focal, "Tải Word")[:2] == b"PK"
    assert downloaded(focal, "Tải PDF")[:5] == b"%PDF-"
    focal.page.fill("[name=number]", "31/UBND-VHTT")
    focal.page.fill("[name=issued_on]", "18/11/2026")
    focal.press("Lưu số, ngày")
    assert focal.h1 == "Công văn số 31/UBND-VHTT"
    chair = visitor(CHAIR)
    chair.open("/ninh-son/overview")
    chair.page.locator(".page-head details > summary").click()
    chair.press("Nhật ký đôn đốc")
    line = chair.page.locator("#log tbody tr").filter(has_text="31/UBND-VHTT").inner_text()
    assert "Công văn" in line and UNIT in line


def test_a_zalo_message_is_copied_and_logged_as_a_chase(visitor: Enter) -> None:
    focal = visitor(FOCAL, permissions=["clipboard-read", "clipboard-write"])
    focal.open("/ninh-son/reminders").press("Nhắn Zalo")
    focal.find(f"Chép tin nhắn cho {UNIT}").click()
    focal.page.get_by_text("Đã chép").first.wait_for()
    copied = focal.page.evaluate("navigator.clipboard.readText()")
    assert f"đề nghị {UNIT} hoàn thành" in copied and "/ninh-son" in copied and "/l/" not in copied, "the plain address, never a personal link"
    focal.press(f"Đã nhắn {UNIT}")
    assert f"Đã ghi vào nhật ký: nhắn Zalo {UNIT}" in focal.text
    focal.open("/ninh-son/reminders/log/phong-giao-duc-va-dao-tao")
    line = focal.page.locator("#log tbody tr").filter(has_text="Nhắn Zalo").inner_text()
    assert copied.splitlines()[0] in line
    focal.press("Ghi nhầm…")
    focal.page.fill("[name=why]", "Nhắn nhầm nhóm")
    focal.press("Gạch dòng này")
    assert "Gạch: Nhắn nhầm nhóm" in focal.text
