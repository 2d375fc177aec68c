"""What the three users do all day, in a real browser: the focal point, the lead unit, the chair."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.security.plant import pdf

pytestmark = [pytest.mark.browser, pytest.mark.db("sqlite")]

Enter = Callable[..., Any]
FOCAL, CHAIR, ADMIN = "focal@ninh-son.demo", "chair@ninh-son.demo", "admin@ninh-son.demo"
LEAD = "specialist-van-phong-hdnd-ubnd-huyen@ninh-son.demo"
#: A unit that has not begun: its tasks have no evidence yet.
BEGINNER = "specialist-phong-van-hoa-va-thong-tin@ninh-son.demo"


@pytest.fixture
def a_file(tmp_path: Path) -> Path:
    path = tmp_path / "Kế hoạch chuyển đổi số.pdf"
    path.write_bytes(pdf("thu"))
    return path


def send_mails(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["reminders", "send"])
    assert result.exit_code == 0, result.output


def test_the_focal_point_confirms_returns_and_reminds(visitor: Enter, demo: Flask) -> None:
    focal = visitor(FOCAL)
    assert focal.h1 == "Việc hôm nay"
    waiting = focal.page.locator("#queue")
    before = int(re.findall(r"\d+", waiting.inner_text())[0])

    focal.press(waiting.get_by_role("button", name="Xác nhận").first)
    assert focal.h1 == "Việc hôm nay"
    assert "Đã xác nhận" in focal.text

    focal.press(focal.page.locator("#queue").get_by_role("link", name="Trả lại…").first)
    focal.page.fill("[name=reason]", "Báo cáo chưa có chữ ký và dấu.")
    focal.press(focal.page.locator("main form button[type=submit]").first)
    assert "Đã trả lại" in focal.text
    assert int(re.findall(r"\d+", focal.page.locator("#queue").inner_text())[0]) == before - 2

    unit = focal.page.locator("#chase tbody tr").first.get_by_role("link").first.inner_text()
    focal.press(focal.page.locator("#chase").get_by_role("button", name=f"Gửi mail nhắc {unit}"))
    assert unit in focal.text
    send_mails(demo)
    focal.open("/dev/mail")
    focal.press(focal.page.locator("main table").get_by_role("link").first)
    assert "quá hạn" in focal.text.lower()


def test_the_lead_unit_reports_ready_in_two_clicks(visitor: Enter) -> None:
    lead = visitor(LEAD)
    assert lead.h1 == "Việc của Văn phòng HĐND-UBND huyện"
    lead.clicks = 0
    code = lead.page.locator(".work .code").first.inner_text().split()[0]
    lead.press(f"Báo đủ minh chứng {code}")
    assert lead.clicks <= 2
    assert "Đã báo đủ minh chứng" in lead.text
    assert lead.h1 == "Việc của Văn phòng HĐND-UBND huyện", "the list does not come back"


def test_the_lead_unit_brings_a_file_a_link_and_a_reason(visitor: Enter, a_file: Path) -> None:
    lead = visitor(BEGINNER)
    task = lead.page.locator(".work li").filter(has_text="1.3").first
    lead.press(task.get_by_role("link").first)
    home = lead.path
    lead.press("Thêm minh chứng")
    lead.page.locator("input[type=file]").first.set_input_files(a_file)
    lead.press(lead.page.locator("main form button[type=submit]").first)
    assert a_file.name in lead.text
    lead.open(f"{home}/evidence?kind=link")
    lead.page.fill("[name=url]", "khong phai dia chi")
    lead.press(lead.page.locator("main form button[type=submit]").first)
    assert lead.page.locator(".error-summary").is_visible()
    lead.page.fill("[name=url]", "https://ninhson.example/ke-hoach")
    lead.press(lead.page.locator("main form button[type=submit]").first)
    lead.open(f"{home}/evidence?kind=statement")
    lead.page.fill("[name=sentence]", "Huyện chưa ban hành văn bản này.")
    lead.press(lead.page.locator("main form button[type=submit]").first)
    for shown in (a_file.name, "https://ninhson.example/ke-hoach", "Huyện chưa ban hành văn bản này."):
        assert shown in lead.text
    with lead.page.expect_download() as download:
        lead.page.get_by_role("link", name=a_file.name).first.click()
    assert Path(download.value.path()).read_bytes() == a_file.read_bytes()
    lead.press("Báo đủ minh chứng")
    assert "chờ xác nhận" in lead.text


def test_the_work_list_needs_no_mouse(visitor: Enter) -> None:
    lead = visitor()
    lead.open("/sign-in")
    page = lead.page
    page.locator("[name=username]").focus()
    page.keyboard.type(LEAD)
    page.keyboard.press("Tab")
    page.keyboard.type("mat-khau-thu-nghiem")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    lead.look()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main", "the first stop is not the way past the bar"
    page.keyboard.press("Enter")
    for _stop in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("(document.activeElement.getAttribute('aria-label') || document.activeElement.innerText).includes('Báo đủ minh chứng')"):
            break
    else:
        pytest.fail("twelve stops after the start of the list the button is not reached")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", "the focus is not to be seen"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    lead.look()
    assert "Đã báo đủ minh chứng" in lead.text


def test_the_work_list_fits_a_telephone(visitor: Enter) -> None:
    lead = visitor(LEAD, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    for path in ("/ninh-son/work", "/ninh-son/tasks", "/ninh-son/units"):
        lead.open(path)
        assert lead.page.evaluate("document.documentElement.scrollWidth") <= 360, f"{path} scrolls sideways"
    lead.open("/ninh-son/work")
    small = lead.page.evaluate(
        """() => [...document.querySelectorAll('main button, main .btn, nav a')].filter(e => e.offsetParent)
           .map(e => [e.innerText.trim(), e.getBoundingClientRect()]).filter(([_, r]) => r.width < 24 || r.height < 24).map(([t]) => t)"""
    )
    assert not small, f"too small for a thumb: {small}"
    lead.page.locator("main").get_by_role("link", name="Thêm minh chứng").first.tap()
    lead.page.wait_for_url("**/evidence*")
    lead.look()
    lead.press("Giải thích")
    lead.page.fill("[name=sentence]", "Chưa phát sinh trong năm.")
    lead.press(lead.page.locator("main form button[type=submit]").first)
    assert "Đã thêm minh chứng" in lead.text


def test_the_chair_goes_from_the_number_to_the_evidence_in_three_clicks(visitor: Enter) -> None:
    chair = visitor(CHAIR)
    assert chair.h1 == "Tổng quan"
    chair.clicks = 0
    number = re.findall(r"(\d+) ?nhiệm vụ quá hạn", chair.text)[0]
    chair.press("nhiệm vụ quá hạn")
    assert f"{number} nhiệm vụ" in chair.text
    chair.press(chair.page.locator("#list tbody").get_by_role("link", name="Số lượng máy chủ").first)
    assert "Minh chứng" in chair.text
    assert chair.clicks <= 3
    assert not chair.page.get_by_role("button", name="Xác nhận").count(), "the chair only reads"


def test_the_progress_table_prints_on_paper(visitor: Enter) -> None:
    chair = visitor(CHAIR)
    chair.open("/ninh-son/tasks?print=1")
    assert chair.page.locator("#list tbody tr").count() == 88
    chair.page.emulate_media(media="print", color_scheme="dark")
    assert not chair.page.locator("nav").first.is_visible()
    assert not chair.page.locator("main form").first.is_visible()
    paper = chair.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"), f"dark paper: {paper}"
    printed = chair.page.pdf(prefer_css_page_size=True, print_background=True)
    box = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", printed)[0]
    assert float(box[0]) > float(box[1]), f"not landscape: {box}"


def test_a_cooperating_unit_adds_what_it_has(visitor: Enter) -> None:
    helper = visitor("specialist-phong-tai-chinh-ke-hoach@ninh-son.demo")
    helper.page.locator("#helping summary").click()
    helper.press(helper.page.locator("#helping tbody").get_by_role("link").first)
    assert not helper.page.locator("main").get_by_role("button", name="Báo đủ minh chứng").count(), "a cooperator does not report for the lead"
    helper.press("Thêm minh chứng")
    helper.press("Đường dẫn")
    helper.page.fill("[name=url]", "https://ninhson.example/so-lieu-ngan-sach")
    helper.press(helper.page.locator("main form button[type=submit]").first)
    assert "https://ninhson.example/so-lieu-ngan-sach" in helper.text
    assert "Phòng Tài chính-Kế hoạch" in helper.text


def test_a_person_comes_in_with_a_printed_code(visitor: Enter) -> None:
    admin = visitor(ADMIN)
    admin.open("/ninh-son/people")
    admin.press("Thêm người")
    admin.page.fill("[name=display_name]", "Chuyên viên mới")
    admin.page.fill("[name=username]", "nguoi-moi")
    admin.page.select_option("[name=role]", "specialist")
    admin.page.select_option("[name=unit]", "phong-noi-vu")
    admin.press(admin.page.locator("main form button[type=submit]").first)
    code = re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", admin.text)[0]

    newcomer = visitor()
    newcomer.open("/code")
    newcomer.page.fill("[name=code]", code.lower())
    newcomer.page.fill("[name=password]", "mật khẩu của người mới")
    newcomer.page.fill("[name=repeated]", "mật khẩu của người mới")
    newcomer.press(newcomer.page.locator("main form button[type=submit]").first)
    assert "Đã đặt mật khẩu" in newcomer.text
    newcomer.sign_in("nguoi-moi", "mật khẩu của người mới")
    assert newcomer.h1 == "Việc của Phòng Nội vụ"


def test_the_loop_runs_without_scripts(visitor: Enter) -> None:
    lead = visitor(LEAD, scripts=False)
    task = lead.page.locator(".work li").first
    title = task.locator(".title").inner_text()
    lead.press(task.get_by_role("link", name="Thêm minh chứng"))
    lead.press("Giải thích")
    lead.page.fill("[name=sentence]", "Đã gửi bản giấy.")
    lead.press(lead.page.locator("main form button[type=submit]").first)
    lead.press("Báo đủ minh chứng")
    home = lead.path
    focal = visitor(FOCAL, scripts=False)
    focal.open(home if "/tasks/" in home else "/ninh-son/tasks?status=ready")
    if "/tasks/" not in home:
        focal.press(focal.find(title))
    focal.press("Xác nhận")
    assert "Đã xác nhận" in focal.text
