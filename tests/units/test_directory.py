"""Printed names and the units they mean: never a guess."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

import config
from tests.factories import add_authority, add_unit
from tracker.kernel import scope
from tracker.units import queries
from tracker.units.models import Authority, Unit

pytestmark = pytest.mark.db
SEEDS = config.ROOT / "seeds" / "authorities"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_spelling_of_the_sources_resolves_to_its_unit(seeded: Flask, session: Session) -> None:
    checked = 0
    for folder in sorted(path for path in SEEDS.iterdir() if path.is_dir()):
        authority = session.scalars(select(Authority).where(Authority.slug == folder.name)).one()
        with scope.using(session, scope.one(authority.id)):
            directory = queries.Directory.load(session)
            spellings = [(row["unit"], row["alias"]) for row in _rows(folder / "aliases.csv")]
            spellings += [(row["slug"], name) for row in _rows(folder / "units.csv") for name in (row["name"], row["short_name"]) if name]
            for slug, printed in spellings:
                for variant in (printed, printed.upper(), f"  {printed}. ", printed.replace("-", "–"), printed.replace("hóa", "hoá")):
                    found = directory.resolve(variant)
                    assert found is not None, f"{folder.name}: “{variant}” is nobody"
                    assert found.slug == slug, f"{folder.name}: “{variant}” is {found.slug}, not {slug}"
                    checked += 1
    assert checked > 400


@pytest.fixture
def directory(session: Session) -> queries.Directory:
    here = add_authority(session, "huyen", "UBND huyện Thử")
    names = ("Phòng Văn hóa, Thể thao", "Phòng Nội vụ", "17 sở, ban, ngành", "UBND xã Hòa Sơn", "UBND xã Hoa Sơn", "Công an", "Công an xã")
    for number, name in enumerate(names):
        add_unit(session, here, name, slug=f"don-vi-{number}", short_name="CA" if name.startswith("Công an") else None)
    session.flush()
    return queries.Directory.load(session)


def _names(found: list[tuple[str, Unit | None]]) -> list[tuple[str, str | None]]:
    return [(printed, unit.name if unit else None) for printed, unit in found]


def test_a_name_with_a_comma_is_not_cut(directory: queries.Directory) -> None:
    assert _names(directory.split_and_resolve("Phòng Văn hoá, Thể thao")) == [("Phòng Văn hoá, Thể thao", "Phòng Văn hóa, Thể thao")]
    assert _names(directory.split_and_resolve("Phòng Nội vụ, Phòng Văn hóa, Thể thao; 17 sở, ban, ngành.")) == [
        ("Phòng Nội vụ", "Phòng Nội vụ"),
        ("Phòng Văn hóa, Thể thao", "Phòng Văn hóa, Thể thao"),
        ("17 sở, ban, ngành.", "17 sở, ban, ngành"),
    ]


def test_what_is_nobody_stays_as_printed(directory: queries.Directory) -> None:
    assert _names(directory.split_and_resolve("Phòng Nội vụ; Phòng Nội  vu;\nPhòng Kế hoạch")) == [
        ("Phòng Nội vụ", "Phòng Nội vụ"),
        ("Phòng Nội vu", None),
        ("Phòng Kế hoạch", None),
    ]
    assert directory.split_and_resolve(" , ; . ") == []


def test_diacritics_tell_units_apart(directory: queries.Directory) -> None:
    hoa, hoa_flower = directory.resolve("ubnd xã hoà sơn"), directory.resolve("UBND xã Hoa Sơn")
    assert hoa is not None
    assert hoa_flower is not None
    assert hoa.id != hoa_flower.id


def test_a_name_two_units_share_is_nobodys(directory: queries.Directory) -> None:
    assert directory.resolve("CA") is None


def test_an_ended_unit_is_left_out_where_a_day_is_asked_for(session: Session) -> None:
    here = add_authority(session, "huyen", "UBND huyện Thử")
    add_unit(session, here, "Phòng Y tế", valid_to=date(2026, 6, 30))
    assert queries.resolve(session, "Phòng Y tế") is not None
    assert queries.Directory.load(session, date(2026, 7, 1)).resolve("Phòng Y tế") is None
