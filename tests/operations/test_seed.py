"""The five documents as data: counts, the way back byte for byte, running twice, files that cannot be read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

import config
from tracker.assignments.models import Assignment, Notice
from tracker.indicators.models import Indicator, IndicatorSet
from tracker.kernel import clock
from tracker.kernel.errors import BadInput
from tracker.operations import seed
from tracker.operations.seed_export import authority_files, calendar_file, set_files
from tracker.units.models import Authority, Unit

pytestmark = pytest.mark.db

SEEDS = config.ROOT / "seeds"
SETS = sorted(p.name for p in (SEEDS / "sets").iterdir())
AUTHORITIES = sorted(p.name for p in (SEEDS / "authorities").iterdir())


def files_of(folder):
    return {p.name: p.read_text(encoding="utf-8") for p in sorted(folder.iterdir())}


@pytest.fixture
def copy_of_seeds(tmp_path):
    return Path(shutil.copytree(SEEDS, tmp_path / "seeds"))


def test_every_printed_row_with_a_lead_is_an_assignment(seeded, session):
    rows = session.execute(
        select(IndicatorSet.slug, func.count())
        .join(Indicator, Indicator.set_id == IndicatorSet.id)
        .join(Assignment, Assignment.indicator_id == Indicator.id)
        .group_by(IndicatorSet.slug)
    )
    assert {row[0]: row[1] for row in rows} == {
        "ninh-son-2022": 81,
        "nghia-phuong-2023": 85,
        "bac-ninh-so-2023": 45,
        "bac-ninh-huyen-2023": 76,
        "ninh-thuan-vpub-2023": 11,
    }


def test_the_set_nobody_adopted_has_sixty_four_components(seeded, command):
    rows = json.loads(command("indicators", "huyen-2022", "--json").stdout)["rows"]
    assert sum(row["kind"] == "component" for row in rows) == 64
    assert next(row for row in rows if row["code"] == "3.11")["max_points"] is None


def test_eleven_units_lead_in_ninh_son(seeded, session):
    leads = session.scalars(
        select(Unit.name)
        .join(Assignment, Assignment.lead_unit_id == Unit.id)
        .join(Authority, Authority.id == Unit.authority_id)
        .where(Authority.slug == "ninh-son")
        .distinct()
    )
    assert len(set(leads)) == 11


@pytest.mark.parametrize("slug", SETS)
def test_a_set_is_written_back_byte_for_byte(seeded, session, slug):
    found = session.scalars(select(IndicatorSet).where(IndicatorSet.slug == slug)).one()
    assert set_files(session, found) == files_of(SEEDS / "sets" / slug)


@pytest.mark.parametrize("slug", AUTHORITIES)
def test_an_authority_is_written_back_byte_for_byte(demo, session, slug):
    found = session.scalars(select(Authority).where(Authority.slug == slug)).one()
    notice = session.scalars(select(Notice).where(Notice.authority_id == found.id)).one()
    assert authority_files(session, found, notice, demo=True) == files_of(SEEDS / "authorities" / slug)


def test_the_calendar_is_written_back_byte_for_byte(seeded, session):
    years = sorted((SEEDS / "calendar").glob("*.csv"))
    assert {p.stem: calendar_file(session, int(p.stem)) for p in years} == {p.stem: p.read_text(encoding="utf-8") for p in years}


def test_a_second_run_changes_nothing_and_says_so(seeded, command):
    again = command("seed", "--samples", "--json")
    answer = json.loads(again.stdout)
    assert (answer["created"], answer["changed"], answer["kept"]) == (0, 0, 0)
    assert answer["unchanged"] > 1000
    assert "Không có gì thay đổi." in again.stderr


def test_what_was_edited_in_the_database_is_kept_and_told(seeded, session, command):
    session.scalars(select(Unit).where(Unit.slug == "phong-noi-vu")).one().name = "Phòng Nội vụ và Lao động"
    again = command("seed", "--samples", "--json")
    assert json.loads(again.stdout)["kept"] == 108
    assert "ninh-son: nội dung trong cơ sở dữ liệu khác tệp seeds" in again.stderr
    session.expire_all()
    assert session.scalars(select(Unit).where(Unit.slug == "phong-noi-vu")).one().name == "Phòng Nội vụ và Lao động"


def test_a_later_notice_of_holidays_changes_the_calendar(seeded, session, copy_of_seeds):
    file = copy_of_seeds / "calendar" / "2027.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join([lines[0], lines[1].replace("provisional", "official"), *lines[3:]]), encoding="utf-8")
    report = seed.load(session, copy_of_seeds, samples=False, now=clock.now())
    assert (report.total("created"), report.total("changed")) == (0, 2)


def bad_files():
    units = "authorities/ninh-son/units.csv"
    return [
        ("sets/ninh-son-2022/indicators.csv", lambda t: t.replace(",main,", ",maim,", 1), "seeds/sets/ninh-son-2022/indicators.csv:2:3", "maim"),
        ("sets/huyen-2022/indicators.csv", lambda t: t.replace("\n1.2,1,", "\n1.1,1,", 1), "seeds/sets/huyen-2022/indicators.csv:14:1", "1.1"),
        ("sets/nghia-phuong-2023/indicators.csv", lambda t: t.replace(",10,10,", ",mười,10,", 1), ":6", "mười"),
        (units, lambda t: t.replace("2022-07-08", "2022-02-30", 1), f"seeds/{units}:2:6", "2022-02-30"),
        (units, lambda t: t.replace("slug,name", "slug,ten", 1), f"seeds/{units}:1:2", "ten"),
        (units, lambda t: t.replace("office,no,", "office,no", 1), f"seeds/{units}:2:7", "6 ô"),
        (units, lambda t: t.replace("office,no", '"office,no', 1), f"seeds/{units}:2:1", "ngoặc kép"),
        ("authorities/ninh-son/assignments.csv", lambda t: t.replace("phong-noi-vu", "phong-khong-co", 1), ":3", "phong-khong-co"),
        (
            "authorities/ninh-son/notice.yaml",
            lambda t: t.replace("valid_from: '2022-07-08'", "valid_from: [", 1),
            "seeds/authorities/ninh-son/notice.yaml:7:6",
            "YAML",
        ),
        (
            "authorities/ninh-son/authority.yaml",
            lambda t: t.replace("level: district", "level: làng", 1),
            "seeds/authorities/ninh-son/authority.yaml:3:1",
            "làng",
        ),
        ("calendar/2026.csv", lambda t: t.replace("2026-01-01", "2025-01-01", 1), "seeds/calendar/2026.csv:2:1", "2025-01-01"),
    ]


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(("name", "spoil", "place", "says"), bad_files(), ids=lambda v: v if isinstance(v, str) and "/" in v else "")
def test_an_unreadable_file_names_file_line_and_column_and_loads_nothing(session, copy_of_seeds, name, spoil, place, says):
    file = copy_of_seeds / name
    text = file.read_text(encoding="utf-8")
    file.write_text(spoil(text), encoding="utf-8")
    assert file.read_text(encoding="utf-8") != text
    with pytest.raises(BadInput) as refusal:
        seed.load(session, copy_of_seeds, samples=True, now=clock.now())
    assert place in refusal.value.message
    assert says in refusal.value.message
    session.rollback()
    assert session.scalar(select(func.count()).select_from(IndicatorSet)) == 0


@pytest.mark.db("sqlite")
def test_bytes_that_are_no_utf8_are_placed(session, copy_of_seeds):
    file = copy_of_seeds / "authorities" / "ninh-son" / "aliases.csv"
    file.write_bytes(file.read_bytes().replace("VP HĐND".encode(), b"VP H\xd0ND"))
    with pytest.raises(BadInput, match=r"seeds/authorities/ninh-son/aliases\.csv:2:\d+: không phải là UTF-8"):
        seed.load(session, copy_of_seeds, samples=True, now=clock.now())


def test_production_loads_no_samples_unasked_and_no_demo_at_all(app, command):
    app.config["TRACKER_ENV"] = "production"
    assert command("seed").exit_code == 0
    assert json.loads(command("authorities", "--json").stdout)["rows"] == []
    refused = command("seed", "--demo")
    assert refused.exit_code == 1
    assert "chạy thật" in refused.stderr
    assert command("seed", "--samples").exit_code == 0
    assert len(json.loads(command("authorities", "--json").stdout)["rows"]) == 4
