"""Sets in the library, the tree of one, drafts that only their owner sees."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from tests.factories import add_set
from tracker.evidence.queries import checklist
from tracker.indicators import queries as reads
from tracker.indicators.models import Indicator, IndicatorSet
from tracker.kernel import clock

pytestmark = pytest.mark.db


def of(session, slug):
    return session.scalars(select(IndicatorSet).where(IndicatorSet.slug == slug)).one()


def test_codes_sort_as_numbers_and_parts_keep_their_order(seeded, session):
    codes = [row.indicator.code for row in reads.tree(session, of(session, "nghia-phuong-2023").id)]
    assert codes.index("6.2") < codes.index("6.10") < codes.index("7")
    assert codes[codes.index("5.11") : codes.index("5.11") + 3] == ["5.11", "5.11.1", "5.11.2"]
    parts = [row.indicator.code for row in reads.tree(session, of(session, "bac-ninh-so-2023").id)]
    assert parts[0] == "I"
    assert parts.index("I.2.2.5") < parts.index("II") < parts.index("1") < parts.index("1.1") < parts.index("6")


def test_only_leaves_may_be_answered(seeded, session):
    found = of(session, "nghia-phuong-2023")
    leaves = {one.code for one in reads.leaves_of_set(session, found.id)}
    assert "5.11" not in leaves
    assert {"5.11.1", "5.11.6", "5.10"} <= leaves
    assert len(leaves) == 84
    assert leaves == {row.indicator.code for row in reads.tree(session, found.id) if row.leaf}


def test_every_row_knows_its_main_indicator(seeded, session):
    found = of(session, "ninh-thuan-vpub-2023")
    rows = {one.id: one for one in reads.indicators(session, found.id)}
    mains = {one.code: rows[one.main_id].code for one in rows.values()}
    assert (mains["B.III.7"], mains["B.III"], mains["A.1"], mains["B"]) == ("B.III", "B.III", "A", "B")
    assert [one.code for one in reads.main_indicators(session, found.id)] == ["B.I", "B.II", "B.III"]


def test_requirements_stand_in_printed_order(seeded, session):
    found = of(session, "nghia-phuong-2023")
    one = session.scalars(select(Indicator).where(Indicator.set_id == found.id, Indicator.code == "1.1")).one()
    asked = checklist(session, one.id)
    assert [(item.kind, item.name) for item in asked] == [("document", "Quyết định BCĐ"), ("minutes", "Biên bản họp")]


def test_the_command_prints_the_tree(seeded, command):
    rows = json.loads(command("indicators", "ninh-thuan-vpub-2023", "--json").stdout)["rows"]
    assert {"code": "B.III.2", "parent": "B.III", "max_points": 10}.items() <= next(r for r in rows if r["code"] == "B.III.2").items()
    refused = command("indicators", "khong-co", "--json")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "khong-co" in refused.stderr


def test_the_tree_page_shows_points_and_leads_and_unknown_points_as_a_dash(demo, sign_in):
    client = sign_in("chair@nghia-phuong.demo")
    page = client.get("/nghia-phuong/indicators/nghia-phuong-2023")
    rows = {row["Mã"]: row for row in page.table("Chỉ số đánh giá")}
    assert (rows["6.7"]["Điểm tối đa"], rows["6.8"]["Điểm tối đa"]) == ("–", "10")
    assert rows["1.1"]["Chủ trì"] == "Công chức Văn hóa - Thông tin"
    found = client.get("/nghia-phuong/indicators/nghia-phuong-2023?q=do+thi+kpi").table("Chỉ số đánh giá")
    assert [row["Mã"] for row in found] == ["9", "9.3"]
    led = client.get("/nghia-phuong/indicators/nghia-phuong-2023?lead=cong-an-xa").table("Chỉ số đánh giá")
    assert [row["Mã"] for row in led] == ["8", "8.1", "8.3"]
    assert client.get("/nghia-phuong/indicators/nghia-phuong-2023?main=9&export=xlsx").data[:2] == b"PK"


def test_the_library_shows_what_is_used_and_what_is_not(demo, sign_in):
    page = sign_in("viewer@ninh-son.demo").get("/ninh-son/indicators")
    assert [row["Chỉ số thành phần"] for row in page.table("đang áp dụng")] == ["81"]
    assert len(page.table("Các bộ khác")) == 5


def test_a_draft_is_seen_by_its_owner_only_until_it_is_published(world, session, sign_in):
    draft = add_set(session, "nhap-2026")
    draft.published_at, draft.owner_authority_id = None, world.authority.id
    session.flush()
    path = f"/{world.slug}/indicators/nhap-2026"
    elsewhere = sign_in(world.foreign_focal.username)
    assert elsewhere.get(f"/{world.elsewhere.slug}/indicators/nhap-2026", status=404)
    assert "nhap-2026" not in elsewhere.get(f"/{world.elsewhere.slug}/indicators").text
    assert not sign_in(world.owner.username).get(path).has_form("/publish")
    page = sign_in(world.focal.username).get(path)
    page.form("/publish").submit("Công bố")
    session.expire_all()
    assert clock.local_day(of(session, "nhap-2026").published_at).isoformat() == "2026-11-18"
    assert elsewhere.get(f"/{world.elsewhere.slug}/indicators/nhap-2026").h1 == draft.title
    assert page.form("/publish").submit("Công bố", status=400)
