"""Bringing people in, giving and ending roles, codes, import from Excel."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import World, add_membership
from tests.page_client import Page, PageClient
from tracker.accounts.models import Account, UserSession
from tracker.mail.models import OutboxMessage
from tracker.units.models import Membership
from tracker.units.rules import Role

pytestmark = pytest.mark.db
NEW = "mật khẩu mới tinh 2026"
HEADS = ("Họ và tên", "Tên đăng nhập", "Thư điện tử", "Điện thoại", "Vai trò", "Đơn vị")


@pytest.fixture
def focal(world: World, sign_in: Callable[..., PageClient]) -> PageClient:
    return sign_in(world.focal.username)


@pytest.fixture
def admin(world: World, sign_in: Callable[..., PageClient]) -> PageClient:
    return sign_in(world.admin.username)


def _add(browser: PageClient, status: int = 200, **values: Any) -> Page:
    form = browser.get("/huyen-thu/people/new").form("/people/new")
    return (
        form.fill(display_name="Cán bộ mới", username="can-bo-moi@huyen-thu.test", role="specialist", unit="phong-noi-vu")
        .fill(**values)
        .submit(status=status)
    )


def test_a_new_person_gets_a_printed_code_and_works_with_it(world: World, focal: PageClient, client: PageClient) -> None:
    page = _add(focal)
    assert page.h1 == "Phiếu mã một lần"
    code = page.texts("//dl/dt[.='Mã một lần']/following-sibling::dd[1]")[0]
    client.get("/code").form("/code").fill(code=code, password=NEW, repeated=NEW).submit()
    client.sign_in("can-bo-moi@huyen-thu.test", NEW)
    assert "Phòng Nội vụ" in client.get("/huyen-thu/units").main


def test_a_new_person_can_be_invited_by_mail(world: World, focal: PageClient, session: Session) -> None:
    assert _add(focal, status=400, how="mail").errors == ["Gửi thư mời cần địa chỉ thư điện tử; đồng chí nhập địa chỉ hoặc chọn in phiếu."]
    assert session.scalars(select(Account).where(Account.username == "can-bo-moi@huyen-thu.test")).first() is None
    _add(focal, how="mail", email="moi@huyen-thu.test")
    message = session.scalars(select(OutboxMessage)).one()
    assert (message.kind, message.to_address, message.authority_id) == ("account.invitation", "moi@huyen-thu.test", world.authority.id)


def test_what_is_wrong_with_a_new_person_is_told_beside_its_field(world: World, focal: PageClient) -> None:
    assert _add(focal, status=400, unit="").errors == ["Vai trò “Chuyên viên” cần một đơn vị; đồng chí chọn đơn vị."]
    assert _add(focal, status=400, role="chair").errors == ["Vai trò “Lãnh đạo” là của cả cơ quan; đồng chí bỏ trống ô đơn vị."]
    assert "đã có người dùng" in _add(focal, status=400, username="OWNER@huyen-thu.test").errors[0]
    assert "có từ 3 đến 100 ký tự" in _add(focal, status=400, username="a b").errors[0]
    assert "chưa phải là địa chỉ thư điện tử" in _add(focal, status=400, email="khong-phai").errors[0]


def test_an_account_of_another_authority_is_not_taken_over_by_its_name(world: World, focal: PageClient, session: Session) -> None:
    world.stranger.email = "rieng-tu@huyen-khac.test"
    page = _add(focal, status=400, username=world.stranger.username)
    assert "đã có người dùng" in page.errors[0]
    assert world.stranger.email not in page.main
    held = select(Membership.authority_id).where(Membership.account_id == world.stranger.id)
    assert session.scalars(held).all() == [world.elsewhere.id]


def test_the_focal_point_makes_no_administrators_and_prints_no_codes_for_them(world: World, focal: PageClient, session: Session) -> None:
    assert _add(focal, status=400, role="admin", unit="").errors == ["Chỉ người quản trị giao được vai trò quản trị."]
    page = focal.get(f"/huyen-thu/people/{world.admin.id}")
    assert not page.has_form("/code")
    assert "Chỉ người quản trị sửa được tài khoản của người quản trị." in page.main
    token = page.form("/roles").values["csrf_token"]
    for action in ("code", "invite", "active"):
        focal.post(f"/huyen-thu/people/{world.admin.id}/{action}", {"csrf_token": token}, status=400)
    answer = focal.post(f"/huyen-thu/people/{world.focal.id}/roles", {"csrf_token": token, "role": "admin", "valid_from": "18/11/2026"}, status=400)
    assert "Chỉ người quản trị giao được vai trò quản trị." in answer.main


def test_nobody_prints_a_code_for_who_also_serves_elsewhere(world: World, admin: PageClient, session: Session) -> None:
    add_membership(session, world.owner, world.elsewhere, Role.CHAIR)
    page = admin.get(f"/huyen-thu/people/{world.owner.id}")
    assert "còn vai trò ở cơ quan khác" in page.main
    token = page.form("/roles").values["csrf_token"]
    admin.post(f"/huyen-thu/people/{world.owner.id}/code", {"csrf_token": token}, status=400)


def test_roles_are_given_and_ended_by_the_day(world: World, admin: PageClient, session: Session) -> None:
    path = f"/huyen-thu/people/{world.owner.id}"
    page = admin.get(path).form("/roles").fill(role="head", unit="phong-tai-chinh-ke-hoach", valid_from="18/11/2026").submit()
    assert "Lãnh đạo đơn vị, Phòng Tài chính - Kế hoạch" in page.main
    again = page.form("/roles").fill(role="head", unit="phong-tai-chinh-ke-hoach", valid_from="19/11/2026").submit(status=400)
    assert "đã có vai trò" in again.main
    row = session.scalars(select(Membership).where(Membership.account_id == world.owner.id, Membership.role == Role.HEAD)).one()
    wrong = page.form(f"/roles/{row.id}/end").fill(last_day="17/11/2026").submit(status=400)
    assert "Ngày cuối phải từ 18/11/2026" in wrong.main
    page.form(f"/roles/{row.id}/end").fill(last_day="20/11/2026").submit()
    session.expire_all()
    assert row.valid_to == date(2026, 11, 20)


def test_the_last_administrator_stays(world: World, admin: PageClient, session: Session) -> None:
    row = session.scalars(select(Membership).where(Membership.account_id == world.admin.id)).one()
    page = admin.get(f"/huyen-thu/people/{world.admin.id}").form(f"/roles/{row.id}/end").submit(status=400)
    assert "ít nhất một người quản trị" in page.main


def test_locking_an_account_ends_its_sessions_and_one_cannot_lock_oneself(
    world: World, admin: PageClient, sign_in: Callable[..., PageClient], session: Session
) -> None:
    victim = sign_in(world.owner.username)
    admin.get(f"/huyen-thu/people/{world.owner.id}").form("/active").submit()
    assert victim.get("/").path.startswith("/sign-in")
    alive = select(UserSession.id).where(UserSession.account_id == world.owner.id, UserSession.revoked_at.is_(None))
    assert session.scalars(alive).all() == []
    page = admin.get(f"/huyen-thu/people/{world.admin.id}").form("/active").submit(status=400)
    assert "không tự khóa" in page.main


def test_contacts_are_mended_and_a_stale_form_is_refused(world: World, focal: PageClient, session: Session) -> None:
    path = f"/huyen-thu/people/{world.owner.id}"
    first, second = focal.get(path), focal.get(path)
    first.form(path).fill(email="chung@huyen-thu.test", phone="0259 3 123 456").submit()
    assert "0259 3 123 456" in second.form(path).fill(phone="1").submit(status=409).main
    session.expire_all()
    assert (world.owner.email, world.owner.phone) == ("chung@huyen-thu.test", "0259 3 123 456")


def _excel(rows: Sequence[Sequence[object]], heads: Sequence[str] = HEADS) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([("Danh sách cán bộ",), heads, *rows]):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def _preview(browser: PageClient, content: bytes, status: int = 200) -> Page:
    return browser.get("/huyen-thu/people/import").form("/people/import").upload("file", "can-bo.xlsx", content).submit(status=status)


GOOD = (
    ("Cán bộ Một", "mot@huyen-thu.test", "mot@huyen-thu.test", 912345678, "Chuyên viên", "phòng nội vụ."),
    ("Cán bộ Hai", "hai@huyen-thu.test", "", "", "lãnh đạo đơn vị", "Phòng TC-KH"),
    ("Cán bộ Hai", "hai@huyen-thu.test", "", "", "Người xem", ""),
    ("Chủ việc", "owner@huyen-thu.test", "", "", "Người xem", ""),
)


def test_a_good_file_is_shown_first_and_saved_after(world: World, focal: PageClient, session: Session) -> None:
    before = session.scalars(select(func.count()).select_from(Membership)).one()
    page = _preview(focal, _excel(GOOD))
    assert [row["Kết quả"] for row in page.table("Xem trước")] == [
        "Tài khoản mới",
        "Tài khoản mới",
        "Thêm vai trò cho người đã có",
        "Thêm vai trò cho người đã có",
    ]
    assert [row["Dòng"] for row in page.table("Xem trước")] == ["3", "4", "5", "6"]
    assert session.scalars(select(func.count()).select_from(Membership)).one() == before
    done = page.form("/people/import/commit").fill(how=True).submit()
    assert "Đã xếp 1 thư mời" in done.main
    assert done.texts("//dl/dt[.='Tên đăng nhập']/following-sibling::dd[1]") == ["hai@huyen-thu.test"]
    assert session.scalars(select(func.count()).select_from(Membership)).one() == before + 4
    assert session.scalars(select(Account.phone).where(Account.username == "mot@huyen-thu.test")).one() == "912345678"


def test_every_problem_of_every_row_is_told_with_its_number(world: World, focal: PageClient) -> None:
    rows = (
        ("", "a b", "không-phải", "", "Trưởng ban", ""),
        ("Ai đó", "ai-do@huyen-thu.test", "", "", "Chuyên viên", "Phòng Nội vu"),
        ("Quản trị mới", "qt@huyen-thu.test", "", "", "Quản trị", ""),
        ("Người lạ", world.stranger.username, "", "", "Người xem", ""),
        ("Chủ việc", "owner@huyen-thu.test", "", "", "Chuyên viên", "Phòng Nội vụ"),
        ("Tên khác", "ai-do@huyen-thu.test", "", "", "Người xem", ""),
    )
    page = _preview(focal, _excel(rows))
    told = [row["Kết quả"] for row in page.table("Xem trước")]
    assert told[0].startswith("Dòng 3: Họ và tên còn trống. Tên đăng nhập có từ 3 đến 100 ký tự")
    assert "chưa phải là địa chỉ thư điện tử" in told[0]
    assert "Vai trò “Trưởng ban” không có" in told[0]
    assert "Không có đơn vị “Phòng Nội vu”" in told[1]
    assert told[2] == "Dòng 5: Chỉ người quản trị giao được vai trò quản trị."
    assert "ở cơ quan khác" in told[3]
    assert "đã có vai trò này" in told[4]
    assert "trùng với dòng 4 nhưng họ và tên khác" in told[5]
    assert not page.has_form("/people/import/commit")


def test_one_bad_row_saves_nobody_even_if_it_went_bad_after_the_preview(world: World, focal: PageClient, session: Session) -> None:
    page = _preview(focal, _excel(GOOD))
    add_membership(session, world.owner, world.authority, Role.VIEWER)
    before = session.scalars(select(func.count()).select_from(Account)).one()
    answer = page.form("/people/import/commit").submit(status=400)
    assert "Còn 1 dòng chưa đúng" in answer.main
    assert session.scalars(select(func.count()).select_from(Account)).one() == before


def test_files_that_cannot_be_read_are_refused_with_a_sentence(world: World, focal: PageClient) -> None:
    assert "không phải là tệp Excel" in _preview(focal, b"khong phai excel", 400).errors[0]
    assert "Không thấy dòng tiêu đề cột" in _preview(focal, _excel(GOOD, heads=("A", "B", "C", "D", "E", "F")), 400).errors[0]
    assert "thiếu cột “Vai trò”" in _preview(focal, _excel(GOOD, heads=(*HEADS[:4], "Chức vụ", "Đơn vị")), 400).errors[0]
    assert "không có người nào" in _preview(focal, _excel(()), 400).errors[0]
    assert focal.get("/huyen-thu/people/import").form("/people/import").submit(status=400).errors == ["Đồng chí chọn tệp Excel (.xlsx)."]


def test_the_empty_form_and_the_list_go_out_as_excel(world: World, focal: PageClient) -> None:
    assert focal.get("/huyen-thu/people/import.xlsx").data[:2] == b"PK"
    assert "attachment" in focal.get("/huyen-thu/people.xlsx?role=chair").headers["Content-Disposition"]


def test_people_are_found_by_name_without_marks_and_by_role(world: World, focal: PageClient) -> None:
    assert len(focal.get("/huyen-thu/people").table("Người dùng")) == 7
    assert [row["Tên đăng nhập"] for row in focal.get("/huyen-thu/people?q=COLLEAGUE").table("Người dùng")] == ["colleague@huyen-thu.test"]
    assert [row["Vai trò"] for row in focal.get("/huyen-thu/people?role=chair").table("Người dùng")] == ["Lãnh đạo"]
    assert "stranger" not in focal.get("/huyen-thu/people").main


def test_the_operator_makes_the_first_administrator(world: World, command: Callable[..., Any], client: PageClient) -> None:
    made = command("people", "add", "huyen-khac", "quan-tri@huyen-khac.test", "--role", "admin", "--name", "Quản trị", "--json")
    assert made.exit_code == 0, made.stderr
    code = json.loads(made.stdout)["code"]
    client.get("/code").form("/code").fill(code=code, password=NEW, repeated=NEW).submit()
    client.sign_in("quan-tri@huyen-khac.test", NEW)
    assert client.get("/huyen-khac/people").h1 == "Người dùng"
    again = command("people", "add", "huyen-khac", "quan-tri@huyen-khac.test", "--role", "admin", "--json")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "đã có vai trò" in again.stderr
    assert command("people", "add", "huyen-khac", "ai-do@x.test", "--role", "specialist", "--name", "Ai").exit_code == 1
    assert command("people", "add", "huyen-khac", "ai-do@x.test", "--role", "vua").exit_code == 2
