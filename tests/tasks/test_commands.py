"""``flask tasks`` and ``flask rounds``: the keys of the contract, the filters, the exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories import World
from tracker.kernel import clock
from tracker.tasks.rules import Progress

pytestmark = pytest.mark.db

KEYS = {"id", "set", "code", "name", "unit", "unit_slug", "round", "status", "timeliness", "due_on", "days_late", "points"}


@pytest.fixture
def rows(command: Callable[..., Any]) -> Callable[..., list[dict[str, Any]]]:
    """The rows of ``flask tasks huyen-thu … --json``."""

    def ask(*options: str) -> list[dict[str, Any]]:
        result = command("tasks", "huyen-thu", *options, "--json")
        assert result.exit_code == 0, result.stderr
        found: list[dict[str, Any]] = json.loads(result.stdout)["rows"]
        return found

    return ask


def test_every_task_is_told_with_every_key(world: World, rows: Callable[..., list[dict[str, Any]]]) -> None:
    told = rows()
    assert all(row.keys() >= KEYS for row in told)
    assert [(row["code"], row["unit_slug"]) for row in told] == [
        ("1.1", "phong-noi-vu"),
        ("1.2", "phong-tai-chinh-ke-hoach"),
        ("1.3", "phong-noi-vu"),
        ("1.3", "phong-tai-chinh-ke-hoach"),
        ("1.4", "cac-ngan-hang"),
    ]
    first = {
        "set": "thu-2026",
        "round": "nam-2026",
        "status": "not_started",
        "timeliness": "overdue",
        "due_on": "2026-11-14",
        "days_late": 4,
        "points": 10,
    }
    assert told[0].items() >= first.items()


def test_the_day_and_the_filters_narrow(session: Session, world: World, rows: Callable[..., list[dict[str, Any]]]) -> None:
    assert {row["timeliness"] for row in rows("--on", "2026-11-13")} == {"due_today"}
    assert {row["timeliness"] for row in rows("--on", "2026-11-03")} == {"not_due"}
    assert {row["days_late"] for row in rows("--on", "2026-11-15")} == {1}
    assert len(rows("--unit", "phong-noi-vu")) == 2
    assert len(rows("--round", "nam-2026", "--unit", "cac-ngan-hang")) == 1
    world.task.status, world.task.submitted_at, world.task.submitted_on = Progress.READY, clock.now(), date(2026, 11, 14)
    session.commit()
    assert len(rows("--overdue")) == 4
    assert rows("--overdue", "--on", "2026-11-14") == []
    assert [row["timeliness"] for row in rows("--unit", "phong-noi-vu") if row["code"] == "1.1"] == ["done_on_time"]


def test_points_that_are_not_printed_are_null(session: Session, world: World, rows: Callable[..., list[dict[str, Any]]]) -> None:
    world.leaves[0].max_points = None
    session.commit()
    assert next(row["points"] for row in rows() if row["code"] == "1.1") is None


def test_a_closed_round_is_still_told(session: Session, world: World, rows: Callable[..., list[dict[str, Any]]]) -> None:
    world.round.closed_at = clock.now()
    session.commit()
    assert len(rows()) == len(rows("--round", "nam-2026")) == 5


def test_what_does_not_exist_is_refused_and_bad_usage_is_told_apart(world: World, command: Callable[..., Any]) -> None:
    for wrong in (["khong-co"], ["huyen-thu", "--round", "khong-co"], ["huyen-thu", "--unit", "khong-co"], ["huyen-khac", "--unit", "cac-ngan-hang"]):
        result = command("tasks", *wrong, "--json")
        assert (result.exit_code, result.stdout) == (1, ""), wrong
        assert result.stderr.strip(), wrong
    for usage in (["huyen-thu", "--on", "18/11/2026"], [], ["huyen-thu", "--khong-co"]):
        assert command("tasks", *usage).exit_code == 2, usage
    for usage in (["khao-sat", "--letter", "1", "--issued", "06/11/2026", "--authority", "huyen-thu"], ["khao-sat", "--authority", "huyen-thu"]):
        assert command("rounds", "start", *usage).exit_code == 2, usage
    refused = command("rounds", "start", "nam", "--letter", "1", "--issued", "2026-11-06", "--authority", "huyen-thu", "--json")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "không bắt đầu bằng văn bản" in refused.stderr


def test_without_json_it_is_a_table_for_people(world: World, command: Callable[..., Any]) -> None:
    result = command("tasks", "huyen-thu")
    assert result.exit_code == 0
    assert "Phòng Nội vụ" in result.stdout
    assert not result.stdout.startswith("{")
