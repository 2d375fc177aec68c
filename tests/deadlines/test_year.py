"""The deadlines of the four sample authorities, as the command and the page give them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World, add_rule
from tests.page_client import PageClient
from tracker.deadlines import access, queries
from tracker.deadlines.calendar_rules import Certainty, DayKind
from tracker.deadlines.models import CalendarDay, Round
from tracker.deadlines.rules import RuleKind, Schedule
from tracker.kernel import scope
from tracker.kernel.errors import NotFound

pytestmark = pytest.mark.db

KEYS = {"rule", "round", "kind", "set", "wording", "period", "data_from", "data_to", "nominal_day", "last_day", "target_day", "explanation"}
NONE = (None, None)

#: (rule, round, set) → (last day, target day) without the year.
EXPECTED: dict[str, dict[int, list[tuple[str, str | None, str, tuple[str | None, str | None]]]]] = {
    "ninh-son": {
        2026: [("nam", "nam-2026", "ninh-son-2022", ("11-14", "11-13"))],
        2027: [("nam", "nam-2027", "ninh-son-2022", ("11-14", "11-12"))],
    },
    "bac-ninh": {
        2026: [
            ("nam", "nam-2026", "bac-ninh-so-2023", ("10-10", "10-09")),
            ("nam", "nam-2026", "bac-ninh-huyen-2023", ("10-10", "10-09")),
            ("cong-bo", "cong-bo-2026", "bac-ninh-so-2023", ("11-30", "11-30")),
            ("cong-bo", "cong-bo-2026", "bac-ninh-huyen-2023", ("11-30", "11-30")),
        ],
        2027: [
            ("nam", "nam-2027", "bac-ninh-so-2023", ("10-10", "10-08")),
            ("nam", "nam-2027", "bac-ninh-huyen-2023", ("10-10", "10-08")),
            ("cong-bo", "cong-bo-2027", "bac-ninh-so-2023", ("11-30", "11-30")),
            ("cong-bo", "cong-bo-2027", "bac-ninh-huyen-2023", ("11-30", "11-30")),
        ],
    },
    "ninh-thuan-vpub": {
        2026: [
            ("quy", "quy-1-2026", "ninh-thuan-vpub-2023", ("03-19", "03-19")),
            ("quy", "quy-2-2026", "ninh-thuan-vpub-2023", ("06-19", "06-19")),
            ("quy", "quy-3-2026", "ninh-thuan-vpub-2023", ("09-19", "09-18")),
            ("nam", "nam-2026", "ninh-thuan-vpub-2023", ("12-14", "12-14")),
            ("quy", "quy-4-2026", "ninh-thuan-vpub-2023", ("12-19", "12-18")),
            ("dot-xuat", None, "ninh-thuan-vpub-2023", NONE),
        ],
        2027: [
            ("quy", "quy-1-2027", "ninh-thuan-vpub-2023", ("03-19", "03-19")),
            ("quy", "quy-2-2027", "ninh-thuan-vpub-2023", ("06-19", "06-18")),
            ("quy", "quy-3-2027", "ninh-thuan-vpub-2023", ("09-19", "09-17")),
            ("nam", "nam-2027", "ninh-thuan-vpub-2023", ("12-14", "12-14")),
            ("quy", "quy-4-2027", "ninh-thuan-vpub-2023", ("12-19", "12-17")),
            ("dot-xuat", None, "ninh-thuan-vpub-2023", NONE),
        ],
    },
    "nghia-phuong": {
        year: [
            ("khao-sat", None, "nghia-phuong-2023", NONE),
            *(("ra-soat-3-thang", f"ra-soat-3-thang-{number}-{year}", "nghia-phuong-2023", NONE) for number in (1, 2, 3, 4)),
            *(("ra-soat-6-thang", f"ra-soat-6-thang-{number}-{year}", "nghia-phuong-2023", NONE) for number in (1, 2)),
        ]
        for year in (2026, 2027)
    },
}


def test_every_authority_has_the_deadlines_its_document_states(seeded: Any, command: Callable[..., Any]) -> None:
    for authority, years in EXPECTED.items():
        for year, lines in years.items():
            result = command("deadlines", authority, "--year", str(year), "--json")
            assert result.exit_code == 0, result.stderr
            rows = json.loads(result.stdout)["rows"]
            assert all(row.keys() >= KEYS for row in rows)
            dates = [(day and f"{year}-{day}", target and f"{year}-{target}") for *_named, (day, target) in lines]
            assert [(row["rule"], row["round"], row["set"]) for row in rows] == [(rule, one, of) for rule, one, of, _dates in lines]
            assert [(row["last_day"], row["target_day"]) for row in rows] == dates
            assert all(row["wording"] in row["explanation"] for row in rows)


def test_what_kind_of_duty_a_rule_is_and_which_days_it_asks_about(seeded: Any, command: Callable[..., Any]) -> None:
    rows = json.loads(command("deadlines", "bac-ninh", "--year", "2026", "--json").stdout)["rows"]
    assert [row["kind"] for row in rows] == ["collection", "collection", "publication", "publication"]
    assert {(row["period"], row["data_from"], row["data_to"]) for row in rows[:2]} == {("2026", "2025-10-01", "2026-09-30")}
    assert rows[0]["wording"] == "Ngày 10/10 hàng năm"
    reviews = json.loads(command("deadlines", "nghia-phuong", "--year", "2027", "--json").stdout)["rows"][1:]
    assert {row["kind"] for row in reviews} == {"review"}
    assert (reviews[0]["data_from"], reviews[0]["data_to"]) == ("2027-01-01", "2027-03-31")


def test_a_survey_letter_shows_its_round_in_the_year_it_ends(seeded: Any, command: Callable[..., Any]) -> None:
    started = command("rounds", "start", "khao-sat", "--letter", "05/CV-UBND", "--issued", "2026-11-06", "--authority", "nghia-phuong", "--json")
    dates = {"nominal_day": "2026-11-21", "last_day": "2026-11-23", "target_day": "2026-11-20"}
    assert json.loads(started.stdout).items() >= {"round": "khao-sat-05-cv-ubnd", **dates}.items()
    (row, *_reviews) = json.loads(command("deadlines", "nghia-phuong", "--year", "2026", "--json").stdout)["rows"]
    assert row.items() >= {"round": "khao-sat-05-cv-ubnd", "data_from": "2026-01-01", "data_to": "2026-12-31", **dates}.items()
    assert "06/11/2026 không tính" in row["explanation"]


def test_bad_usage_and_a_wrong_name_are_told_apart(seeded: Any, command: Callable[..., Any]) -> None:
    assert command("deadlines", "ninh-son").exit_code == 2
    assert command("deadlines", "ninh-son", "--year", "hai nghìn").exit_code == 2
    unknown = command("deadlines", "khong-co", "--year", "2026", "--json")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "khong-co" in unknown.stderr


def test_a_period_before_new_year_ends_in_the_year_after(session: Session, world: World) -> None:
    """«Trước ngày 01/01»: the deadline of the year's round falls into the year before."""
    add_rule(session, world.notice, [world.indicators], slug="tet", month=1, day=1, position=1)
    scope.choose(session, scope.one(world.authority.id))
    calendar = queries.working_calendar(session)
    lines = [line for line in queries.year_lines(session, calendar, 2026) if line.rule.slug == "tet"]
    assert [(line.slug, line.dates.last_on) for line in lines] == [("tet-2027", date(2026, 12, 31))]


def test_a_round_keeps_its_last_day_when_the_rule_changes(session: Session, world: World) -> None:
    world.rule.day = 20
    session.commit()
    scope.choose(session, scope.one(world.authority.id))
    (line,) = queries.year_lines(session, queries.working_calendar(session), 2026)
    assert line.round is not None
    assert session.scalars(select(Round.last_on)).one() == date(2026, 11, 14)
    assert line.dates.last_on == date(2026, 11, 14), "what was promised when the round was opened"


def test_rules_and_rounds_are_found_by_name_in_their_authority_only(session: Session, world: World) -> None:
    add_rule(session, world.notice, [], slug="chi-o-day", kind=RuleKind.REVIEW, schedule=Schedule.EVERY_6_MONTHS, position=1)
    session.commit()
    scope.choose(session, scope.one(world.authority.id))
    assert access.rule(session, "chi-o-day").authority_id == world.authority.id
    assert access.round_(session, "nam-2026").id == world.round.id
    scope.choose(session, scope.one(world.elsewhere.id))
    for ask in (lambda: access.rule(session, "chi-o-day"), lambda: access.round_(session, "khong-co")):
        with pytest.raises(NotFound):
            ask()


def test_a_year_without_an_official_notice_is_provisional(session: Session) -> None:
    session.add_all(
        [
            CalendarDay(
                day=date(2026, 11, 24),
                kind=DayKind.HOLIDAY,
                name="Ngày Văn hóa Việt Nam",
                source="Nghị quyết 28/2026/QH16",
                certainty=Certainty.OFFICIAL,
            ),
            CalendarDay(day=date(2027, 1, 1), kind=DayKind.HOLIDAY, name="Tết Dương lịch", source="dự kiến", certainty=Certainty.PROVISIONAL),
        ]
    )
    session.flush()
    assert queries.working_calendar(session).official_years == {2026}
    session.add(CalendarDay(day=date(2026, 11, 23), kind=DayKind.SWAP_OFF, name="Hoán đổi", source="Thông báo", certainty=Certainty.OFFICIAL))
    session.flush()
    assert queries.working_calendar(session).is_working(date(2026, 11, 23)), "read once a session"
    queries.forget_calendar(session)
    assert not queries.working_calendar(session).is_working(date(2026, 11, 23))


def test_the_page_of_a_year_gives_the_words_the_day_and_the_reason(world: World, sign_in: Callable[..., PageClient]) -> None:
    page = sign_in(world.owner.username).get("/huyen-thu/deadlines?year=2026")
    assert "trước ngày 15/11 hàng năm" in page.main
    assert "14/11/2026" in page.main
    assert "không tính ngày 15/11/2026" in page.main
    page.client.get("/huyen-thu/deadlines?year=99999", status=404)
