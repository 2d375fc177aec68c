"""``flask documents check``: every contradiction of the five documents that we know of is reported."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.db

KNOWN = {
    "huyen-2022": {
        ("document", "declared_count_vs_list"),
        ("document", "declared_total_vs_sum"),
        ("section 3", "declared_total_vs_sum"),
        ("section 5", "declared_total_vs_sum"),
        ("3.11", "missing_value"),
        ("7.7", "ocr"),
    },
    "nghia-phuong-2023": {
        ("section 5", "declared_total_vs_sum"),
        ("section 6", "declared_total_vs_sum"),
        ("6.7", "missing_value"),
        ("9.1", "two_leads"),
        ("9.2", "two_leads"),
        ("9.3", "two_leads"),
        ("8.3", "unit_alias"),
        ("section 6", "unit_alias"),
        ("8.5", "column_shift"),
        ("4.6", "formula_vs_max"),
        ("1.4", "ambiguous_steps"),
        ("1", "numbering"),
        ("document", "empty_group"),
        ("document", "wrong_heading"),
    },
    "ninh-son-2022": {("4.2", "lead_in_cooperators"), ("document", "unit_alias"), ("document", "empty_group"), ("4.3", "ocr")},
    "ninh-thuan-vpub-2023": {("B.II", "wrong_heading"), ("document", "numbering"), ("document", "unit_alias")},
    "bac-ninh-so-2023": {("I.2", "numbering")},
    "bac-ninh-huyen-2023": {("5.4", "ocr")},
}


def check(command, slug):
    return json.loads(command("documents", "check", slug, "--json").stdout)["rows"]


@pytest.mark.parametrize("slug", sorted(KNOWN))
def test_the_known_contradictions_are_reported(seeded, command, slug):
    rows = check(command, slug)
    assert KNOWN[slug] <= {(row["place"], row["kind"]) for row in rows}
    assert all(row["message"] for row in rows)


def test_the_numbers_are_those_of_the_documents(seeded, command):
    rows = {(row["place"], row["kind"]): row for row in check(command, "huyen-2022")}
    assert rows["document", "declared_count_vs_list"]["expected"] == "64"
    assert "63" in rows["document", "declared_count_vs_list"]["printed"]
    assert rows["document", "declared_total_vs_sum"]["expected"] == "985"
    assert rows["section 3", "declared_total_vs_sum"]["expected"] == "90"
    rows = {(row["place"], row["kind"]): row for row in check(command, "nghia-phuong-2023")}
    assert (rows["section 5", "declared_total_vs_sum"]["expected"], rows["section 6", "declared_total_vs_sum"]["expected"]) == ("105", "150")
    assert not [place for place, kind in rows if kind == "sum_of_children"]


@pytest.mark.parametrize("slug", ["bac-ninh-so-2023", "bac-ninh-huyen-2023"])
def test_sums_that_are_right_are_not_reported(seeded, command, slug):
    assert {row["kind"] for row in check(command, slug)} & {
        "declared_total_vs_sum",
        "declared_count_vs_list",
        "sum_of_children",
        "missing_value",
    } == set()


def test_members_given_to_a_group_end_the_finding(demo, command):
    groups = [row["printed"] for row in check(command, "ninh-son-2022") if row["kind"] == "empty_group"]
    assert "UBND các xã, thị trấn" not in groups
    assert "Các ngân hàng" in groups


def test_the_page_groups_by_kind_and_links_the_row(demo, sign_in):
    client = sign_in("focal@nghia-phuong.demo")
    page = client.get("/nghia-phuong/documents/nghia-phuong-2023/check")
    assert len(page.table("Hai đơn vị chủ trì")) == 3
    assert page.link("6.7").follow().h1
    assert client.get("/nghia-phuong/documents/nghia-phuong-2023/check?export=xlsx").data[:2] == b"PK"


def test_another_authority_sees_what_the_set_says_but_not_what_a_foreign_notice_says(demo, sign_in):
    page = sign_in("focal@ninh-son.demo").get("/ninh-son/documents/nghia-phuong-2023/check")
    assert "6.7" in page.main
    assert "CC VHXX" not in page.main
    assert "Hai đơn vị chủ trì" not in page.main
