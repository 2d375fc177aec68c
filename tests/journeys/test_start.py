"""From a blank database to an opened round in a real browser: by mouse, without scripts, and with how much had to be typed and pressed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext
from xlsxwriter import Workbook

from tests.harness.browser import serving
from tests.journeys.conftest import DESK, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.db("sqlite")]
Command = Callable[..., Any]

PASSWORD = "mot-mat-khau-rat-dai"


@pytest.fixture
def blank(app: Flask, command: Command, browser: Browser, looked_at: set[tuple[str, ...]]) -> Iterator[Callable[..., Visitor]]:
    """``blank()``: somebody before an installation that has only its library."""
    assert command("seed", "--library").exit_code == 0
    contexts: list[BrowserContext] = []
    with serving(app) as address:

        def enter(*, scripts: bool = True, **options: Any) -> Visitor:
            context = browser.new_context(**{"viewport": DESK, "locale": "vi-VN", "java_script_enabled": scripts, **options})
            context.set_default_timeout(60_000)
            contexts.append(context)
            return Visitor(context.new_page(), address, looked_at, scripts)

        yield enter
        for context in contexts:
            context.close()


def code_of(command: Command) -> str:
    return str(json.loads(command("setup-code", "--json").stdout)["code"])


class Typist:
    """Fills fields and counts them."""

    def __init__(self, person: Visitor) -> None:
        self.person, self.fields = person, 0

    def type(self, **values: str) -> Typist:
        for name, value in values.items():
            self.person.page.fill(f"[name='{name.replace('__', '-')}']", value)
            self.fields += 1
        return self


def set_up(person: Visitor, code: str) -> Typist:
    """The first page, up to the choice of a set."""
    person.open("/")
    person.press("Bắt đầu")
    hand = Typist(person).type(
        code=code,
        name="UBND xã Nghĩa Phương",
        place="Nghĩa Phương",
        display_name="Cán bộ quản trị",
        username="quan-tri@nghiaphuong.gov.vn",
        password=PASSWORD,
        repeated=PASSWORD,
    )
    person.press("Lập cơ quan và tiếp tục")
    assert person.h1 == "Cơ quan dùng bộ chỉ số nào?"
    return hand


def go_through(person: Visitor, code: str) -> Typist:
    """Every step with the sample of a commune."""
    hand = set_up(person, code)
    person.page.check("[name=set][value='nghia-phuong-2023']")
    person.clicks += 1
    person.press("Tiếp tục: đơn vị")
    person.press("Tiếp tục: phân công")
    person.press("Tiếp tục: thời hạn")
    person.press("Đọc câu này")
    person.press("Đồng ý, ghi thời hạn")
    person.press("Chọn làm đầu mối")
    hand.type(name__0="Đồng chí Chủ tịch", email__0="chutich@nghiaphuong.gov.vn", name__1="Đồng chí Văn hóa", name__2="Đồng chí Văn phòng")
    person.press("Tiếp tục: mở đợt đầu tiên")
    assert person.h1 == "Phiếu mã một lần"
    person.press("Tiếp tục: mở đợt đầu tiên")
    hand.type(letter="05/CV-UBND", issued="18/11/2026")
    person.press(person.page.get_by_role("button", name="Mở đợt đầu tiên"))
    assert re.search(r"Đã mở đợt .*: \d+ nhiệm vụ", person.text)
    return hand


def test_a_commune_begins_with_few_fields_and_clicks(blank: Callable[..., Visitor], command: Command, record_property: Callable[..., None]) -> None:
    """Ten minutes are plenty: at most 15 fields and 15 clicks, which is what this counts; nothing is timed."""
    person = blank()
    hand = go_through(person, code_of(command))
    record_property("fields", hand.fields)
    record_property("clicks", person.clicks)
    print(f"\n  the start: {hand.fields} fields, {person.clicks} clicks", end=" ")
    assert hand.fields <= 15 and person.clicks <= 15
    person.open("/nghia-phuong/today")
    assert person.h1 == "Việc hôm nay" and "chưa" not in person.page.locator("#matrix").inner_text().lower()[:40].replace("chưa làm", "")


def test_the_start_needs_no_script(blank: Callable[..., Visitor], command: Command) -> None:
    go_through(blank(scripts=False), code_of(command))


def test_the_start_fits_a_telephone(blank: Callable[..., Visitor], command: Command) -> None:
    person = blank(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    set_up(person, code_of(command))
    for path in ("set", "set/file", "units", "leads", "deadlines", "people", "finish", "authority"):
        person.open(f"/nghia-phuong/start/{path}")
        assert person.page.evaluate("document.documentElement.scrollWidth") <= 360, f"{path} scrolls sideways"


def test_empty_pages_say_what_comes_next(blank: Callable[..., Visitor], command: Command) -> None:
    person = blank()
    set_up(person, code_of(command))
    person.open("/nghia-phuong/tasks")
    assert "Cơ quan chưa chọn bộ chỉ số" in person.text
    person.press("Chọn bộ chỉ số")
    person.page.check("[name=set][value='ninh-son-2022']")
    person.press("Tiếp tục: đơn vị")
    person.open("/nghia-phuong/rounds")
    assert "chưa có đơn vị nào để giao" in person.text
    person.press("Thêm đơn vị")
    assert person.h1 == "Những đơn vị nào thực hiện?"


def test_an_office_begins_with_its_own_spreadsheet(blank: Callable[..., Visitor], command: Command, tmp_path: Path) -> None:
    person = blank()
    set_up(person, code_of(command))
    person.page.check("[name=set][value=file]")
    person.press("Tiếp tục: đơn vị")
    with person.page.expect_download() as download:
        person.find("Tải mẫu Excel").click()
    assert Path(download.value.path()).stat().st_size > 2000

    person.page.locator("input[type=file]").set_input_files(
        _sheet(tmp_path / "sai.xlsx", [("1", "Nhận thức", "mười", ""), ("1.1", "", "5", "Văn phòng")])
    )
    person.press("Xem trước")
    assert "2 chỗ chưa đúng" in person.text and "sai.xlsx:2:3" in person.text

    rows = [("1", "Nhận thức số", "10", ""), ("1.1", "Kế hoạch", "5", "Phòng Văn hóa - Xã hội"), ("1.2", "Chuyên mục", "5", "")]
    person.page.locator("input[type=file]").set_input_files(_sheet(tmp_path / "Bộ của xã.xlsx", rows))
    person.press("Xem trước")
    person.press("Dùng bộ này, 3 dòng")
    assert person.h1 == "Những đơn vị nào thực hiện?"
    assert person.page.input_value("[name='name-phong_van_hoa_-_xa_hoi']") == "Phòng Văn hóa - Xã hội"
    person.press("Tiếp tục: phân công")
    assert "1 chỉ số chưa có cơ quan chủ trì" in person.text
    person.press("Tiếp tục: thời hạn")
    person.page.fill("[name=wording]", "trước ngày 15/12 hằng năm")
    person.page.fill("[name=rule_place]", "Mục II")
    person.press("Đọc câu này")
    assert "14/12" in person.text
    person.press("Đồng ý, ghi thời hạn")
    person.press("Chọn làm đầu mối") if person.page.input_value("[name=focal_unit]") else None
    person.open("/nghia-phuong/start/finish")
    person.press(person.page.get_by_role("button", name="Mở đợt đầu tiên"))
    assert re.search(r"Đã mở đợt .*: 1 nhiệm vụ", person.text)


def _sheet(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([("Stt", "Chỉ số", "Điểm tối đa", "Cơ quan chủ trì"), *rows]):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell)
    return path
