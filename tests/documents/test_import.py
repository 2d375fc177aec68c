"""Taking a notice in, at the command line and in the browser: all of it or nothing."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import func, select

from tests.documents.files import GOOD, bomb, docx, xlsx
from tracker.assignments.models import Assignment, Notice
from tracker.indicators.models import Indicator, IndicatorSet, Requirement

pytestmark = pytest.mark.db

BAD = (*GOOD, ("1.1", "Trùng mã", "Phòng Nội vụ", "", "", ""), ("1.11", "Đơn vị lạ", "Phòng Y tế", "", "rất cao", ""))
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def counted(session):
    return tuple(session.scalar(select(func.count()).select_from(table)) for table in (IndicatorSet, Indicator, Notice, Assignment))


@pytest.fixture
def file(tmp_path):
    def write(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return write


@pytest.mark.parametrize(("name", "content"), [("giao-2026.docx", docx()), ("giao-2026.xlsx", xlsx())])
def test_a_good_file_becomes_a_draft_set_a_notice_and_assignments(world, session, command, file, name, content):
    result = command("documents", "import", file(name, content), "--authority", world.slug, "--valid-from", "2026-11-01", "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (answer["created"], answer["set"], answer["problems"]) == (3, "huyen-thu-giao-2026", [])
    assert [unit["slug"] for unit in answer["units"]] == [world.room.slug, world.other_room.slug, world.group.slug]
    made = session.scalars(select(IndicatorSet).where(IndicatorSet.slug == answer["set"])).one()
    assert (made.published_at, made.owner_authority_id) == (None, world.authority.id)
    rows = {one.code: one for one in session.scalars(select(Indicator).where(Indicator.set_id == made.id))}
    assert (rows["1.10"].parent_id, rows["1.10"].main_id, rows["1.10"].max_points) == (rows["1"].id, rows["1"].id, None)
    asked = session.scalars(select(Requirement.name).where(Requirement.indicator_id == rows["1.1"].id).order_by(Requirement.position))
    assert list(asked) == ["Quyết định BCĐ", "Biên bản họp"]
    given = session.scalars(select(Assignment).where(Assignment.indicator_id == rows["1.2"].id)).one()
    assert (given.lead_unit_id, given.valid_from) == (world.room.id, date(2026, 11, 1))


def test_what_the_rows_got_wrong_but_can_be_put_right_is_told(world, command, file):
    answer = json.loads(command("documents", "import", file("a.xlsx", xlsx()), "--authority", world.slug, "--dry-run", "--json").stdout)
    row = next(row for row in answer["rows"] if row["code"] == "1.10")
    assert (row["cooperators"], row["findings"]) == ([], ["lead_in_cooperators"])


def test_a_dry_run_writes_nothing(world, session, command, file):
    before = counted(session)
    result = command("documents", "import", file("a.docx", docx()), "--authority", world.slug, "--dry-run", "--json")
    assert (result.exit_code, json.loads(result.stdout)["created"]) == (0, 0)
    assert counted(session) == before


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx"])
def test_all_bad_rows_are_told_and_nothing_is_written(world, session, command, file, name):
    before = counted(session)
    data = docx(BAD) if name.endswith("docx") else xlsx(BAD)
    result = command("documents", "import", file(name, data), "--authority", world.slug, "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [problem["place"] for problem in answer["problems"]] == [f"{name}:6:1", f"{name}:7:3", f"{name}:7:5"]
    assert f"{name}:7:3: chưa có đơn vị “Phòng Y tế”" in result.stderr
    assert answer["created"] == 0
    assert counted(session) == before


def test_a_bomb_or_an_unknown_authority_is_refused_with_a_sentence(world, session, command, file):
    before = counted(session)
    refused = command("documents", "import", file("a.docx", bomb({"word/document.xml": 60 * 1024 * 1024})), "--authority", world.slug)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "bung ra" in refused.stderr
    assert command("documents", "import", file("b.docx", docx()), "--authority", "khong-co").exit_code == 1
    assert command("documents", "import", "/khong/co.docx", "--authority", world.slug).exit_code == 2
    assert counted(session) == before


def test_the_same_file_twice_gets_another_name(world, command, file):
    path = file("giao.xlsx", xlsx())
    first = json.loads(command("documents", "import", path, "--authority", world.slug, "--json").stdout)
    second = json.loads(command("documents", "import", path, "--authority", world.slug, "--json").stdout)
    assert (first["set"], second["set"]) == ("huyen-thu-giao", "huyen-thu-giao-2")


def test_in_the_browser_a_preview_comes_before_anything_is_taken_in(world, session, sign_in):
    before = counted(session)
    client = sign_in(world.focal.username)
    preview = (
        client.get(f"/{world.slug}/notices").link("Nhập từ Word, Excel").follow().form().upload("file", "giao.docx", docx(), DOCX).submit("Xem trước")
    )
    assert [row["Mã"] for row in preview.table("Các dòng đọc được")] == ["1", "1.1", "1.2", "1.10"]
    assert counted(session) == before
    done = preview.form("/confirm").fill(title="Phân công năm 2027", number="9/TB-UBND", valid_from="01/12/2026").submit("Nhập")
    assert done.h1 == "Phân công năm 2027"
    assert len(done.table("Giao việc")) == 3
    session.expire_all()
    assert session.scalars(select(Notice).where(Notice.title == "Phân công năm 2027")).one().number == "9/TB-UBND"
    draft = client.get(f"/{world.slug}/indicators")
    assert "bản nháp" in draft.main


def test_in_the_browser_problems_stand_with_their_places(world, session, sign_in):
    before = counted(session)
    page = sign_in(world.focal.username).get(f"/{world.slug}/documents/import").form().upload("file", "giao.docx", docx(BAD), DOCX).submit(status=400)
    assert page.table("Chỗ chưa đúng")[0]["Tệp:dòng:cột"] == "giao.docx:6:1"
    assert not page.has_form("/confirm")
    assert counted(session) == before


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("a.pdf", b"%PDF", "Không nhận tệp"), ("a.docx", b"", "hỏng"), ("a.docx", bomb({"word/document.xml": 60 * 1024 * 1024}), "bung ra")],
)
def test_in_the_browser_a_file_that_cannot_be_opened_is_refused_beside_the_field(world, sign_in, name, content, says):
    page = sign_in(world.focal.username).get(f"/{world.slug}/documents/import").form().upload("file", name, content).submit(status=400)
    assert any(says in error for error in page.errors)


def test_a_preview_belongs_to_the_authority_that_made_it(world, session, sign_in):
    client = sign_in(world.focal.username)
    preview = client.get(f"/{world.slug}/documents/import").form().upload("file", "giao.docx", docx(), DOCX).submit("Xem trước")
    digest = preview.form("/confirm").values["digest"]
    stranger = sign_in(world.foreign_focal.username)
    own = stranger.get(f"/{world.elsewhere.slug}/documents/import").form()
    token = own.values["csrf_token"]
    before = counted(session)
    assert "không còn" in stranger.post(f"/{world.elsewhere.slug}/documents/import/confirm", {"csrf_token": token, "digest": digest}, status=400).main
    assert stranger.post(f"/{world.elsewhere.slug}/documents/import/confirm", {"csrf_token": token, "digest": "../" + digest}, status=400)
    assert counted(session) == before


def test_a_taken_slug_comes_back_beside_its_field(world, session, sign_in):
    preview = (
        sign_in(world.focal.username).get(f"/{world.slug}/documents/import").form().upload("file", "giao.docx", docx(), DOCX).submit("Xem trước")
    )
    again = preview.form("/confirm").fill(slug="thu-2026").submit("Nhập", status=400)
    assert again.errors == ["Mã “thu-2026” đã có bộ chỉ số khác dùng; đồng chí đặt mã khác."]
    assert "địa chỉ của hệ thống" in again.form("/confirm").fill(slug="new").submit("Nhập", status=400).errors[0]


def test_only_who_manages_assignments_may_import(world, sign_in):
    assert sign_in(world.owner.username).get(f"/{world.slug}/documents/import", status=403)
