"""Every rule of the sources in every year 2024–2030, written out by hand from a wall calendar and the lists of days off."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.db

YEARS = range(2024, 2031)
#: (authority, rule, round without its year) → last day, then the target day of each year 2024 … 2030.
TABLE: dict[tuple[str, str, str], tuple[str, tuple[str, ...]]] = {
    ("ninh-son", "nam", "nam"): ("11-14", ("11-14", "11-14", "11-13", "11-12", "11-14", "11-14", "11-14")),
    ("bac-ninh", "nam", "nam"): ("10-10", ("10-10", "10-10", "10-09", "10-08", "10-10", "10-10", "10-10")),
    ("bac-ninh", "cong-bo", "cong-bo"): ("11-30", ("11-29", "11-28", "11-30", "11-30", "11-30", "11-30", "11-29")),
    ("ninh-thuan-vpub", "nam", "nam"): ("12-14", ("12-13", "12-12", "12-14", "12-14", "12-14", "12-14", "12-13")),
    ("ninh-thuan-vpub", "quy", "quy-1"): ("03-19", ("03-19", "03-19", "03-19", "03-19", "03-17", "03-19", "03-19")),
    ("ninh-thuan-vpub", "quy", "quy-2"): ("06-19", ("06-19", "06-19", "06-19", "06-18", "06-19", "06-19", "06-19")),
    ("ninh-thuan-vpub", "quy", "quy-3"): ("09-19", ("09-19", "09-19", "09-18", "09-17", "09-19", "09-19", "09-19")),
    ("ninh-thuan-vpub", "quy", "quy-4"): ("12-19", ("12-19", "12-19", "12-18", "12-17", "12-19", "12-19", "12-19")),
}
WITHOUT_A_DAY = {
    "ninh-thuan-vpub": {("dot-xuat", None)},
    "nghia-phuong": {
        ("khao-sat", None),
        *(("ra-soat-3-thang", f"ra-soat-3-thang-{number}") for number in (1, 2, 3, 4)),
        *(("ra-soat-6-thang", f"ra-soat-6-thang-{number}") for number in (1, 2)),
    },
}
#: Survey letters: the day of issue, the day the fifteen days are full, the last day, the target day.
LETTERS = (
    ("2024-01-26", "2024-02-10", "2024-02-15", "2024-02-07"),  # ends inside Tết Giáp Thìn
    ("2024-04-14", "2024-04-29", "2024-05-02", "2024-04-26"),  # a swap of 29/4
    ("2024-04-19", "2024-05-04", "2024-05-04", "2024-05-04"),  # a Saturday that was worked
    ("2025-01-14", "2025-01-29", "2025-02-03", "2025-01-24"),  # mùng một Ất Tỵ
    ("2025-04-17", "2025-05-02", "2025-05-05", "2025-04-29"),
    ("2026-02-01", "2026-02-16", "2026-02-23", "2026-02-13"),
    ("2026-04-11", "2026-04-26", "2026-04-28", "2026-04-24"),  # Giỗ Tổ on a Sunday, in lieu on Monday
    ("2026-08-07", "2026-08-22", "2026-08-22", "2026-08-22"),  # a Saturday that was worked
    ("2026-08-16", "2026-08-31", "2026-09-03", "2026-08-28"),
    ("2026-11-06", "2026-11-21", "2026-11-23", "2026-11-20"),
    ("2026-11-09", "2026-11-24", "2026-11-25", "2026-11-23"),
    ("2027-11-09", "2027-11-24", "2027-11-25", "2027-11-23"),
    ("2027-04-16", "2027-05-01", "2027-05-04", "2027-04-29"),
)


def _rows(command: Callable[..., Any], authority: str, year: int) -> list[dict[str, Any]]:
    result = command("deadlines", authority, "--year", str(year), "--json")
    assert result.exit_code == 0, result.stderr
    rows: list[dict[str, Any]] = json.loads(result.stdout)["rows"]
    return rows


@pytest.mark.parametrize("year", YEARS)
def test_every_rule_of_the_sources(seeded: Any, command: Callable[..., Any], year: int) -> None:
    for authority in ("ninh-son", "nghia-phuong", "bac-ninh", "ninh-thuan-vpub"):
        rows = _rows(command, authority, year)
        dated = {(authority, row["rule"], (row["round"] or "").removesuffix(f"-{year}")): row for row in rows if row["last_day"]}
        assert dated.keys() == {key for key in TABLE if key[0] == authority}
        for key, row in dated.items():
            last, targets = TABLE[key]
            assert (row["nominal_day"], row["last_day"], row["target_day"]) == (
                f"{year}-{last}",
                f"{year}-{last}",
                f"{year}-{targets[year - YEARS[0]]}",
            ), key
        undated = {(row["rule"], row["round"] and row["round"].removesuffix(f"-{year}")) for row in rows if not row["last_day"]}
        assert undated == WITHOUT_A_DAY.get(authority, set())
        for row in rows:
            assert row["wording"] in row["explanation"]
            assert ". " not in row["explanation"], "one sentence"
            if row["last_day"]:
                y, m, d = row["last_day"].split("-")
                assert f"{d}/{m}/{y}" in row["explanation"]


@pytest.mark.parametrize(("issued", "nominal", "last", "target"), LETTERS)
def test_fifteen_days_from_a_letter(seeded: Any, command: Callable[..., Any], issued: str, nominal: str, last: str, target: str) -> None:
    asked = ("rounds", "start", "khao-sat", "--letter", f"KS-{issued}", "--issued", issued, "--authority", "nghia-phuong", "--json")
    started = json.loads(command(*asked).stdout)
    assert (started["nominal_day"], started["last_day"], started["target_day"]) == (nominal, last, target)
    rows = [row for row in _rows(command, "nghia-phuong", int(last[:4])) if row["round"] == started["round"]]
    assert [(row["nominal_day"], row["last_day"], row["target_day"]) for row in rows] == [(nominal, last, target)]
    d, m, y = issued.split("-")[::-1]
    assert f"ngày phát hành {d}/{m}/{y} không tính" in rows[0]["explanation"]
