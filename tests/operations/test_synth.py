"""The synthetic country: believable, the same for the same seed, never in production."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.harness.stores import make_app
from tracker.deadlines import queries as deadlines
from tracker.indicators.models import Indicator
from tracker.kernel import scope
from tracker.operations import synth
from tracker.tasks import queries as tasks
from tracker.tasks.queries import Filters
from tracker.tasks.rules import Horizon, Progress, Timeliness
from tracker.units.models import Authority

pytestmark = pytest.mark.db

NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)


def rows_of(session: Session, slug: str) -> list[Any]:
    """What the authority's tasks look like, without ids."""
    authority = session.scalars(select(Authority).where(Authority.slug == slug)).one()
    calendar = deadlines.working_calendar(session)
    with scope.using(session, scope.one(authority.id)):
        return tasks.listed(session, Filters(), calendar, Horizon.of(calendar, NOW.date(), authority))


def told(rows: list[Any]) -> list[tuple[Any, ...]]:
    return sorted((row.code or "", row.unit_slug, row.status.value, row.reason or "", str(row.submitted_at)) for row in rows)


def test_an_authority_has_400_tasks_in_every_state_and_every_band(session: Session) -> None:
    counts = synth.make(session, 4, 1, NOW)
    assert (counts["authorities"], counts["tasks"]) == (4, 1600)
    rows = [row for number in range(1, 5) for row in rows_of(session, f"tong-hop-000{number}")]
    assert {row.status for row in rows} == set(Progress)
    assert {row.standing.timeliness for row in rows} == set(Timeliness)
    assert any(row.returned for row in rows) and any(row.on_behalf for row in rows)
    mains = session.scalars(select(Indicator.code).where(Indicator.parent_id.is_(None)).order_by(Indicator.position)).all()
    assert mains == [str(number) for number in range(1, 9)]


def test_the_same_seed_gives_the_same_authority_however_many_are_made(session: Session) -> None:
    synth.make(session, 1, 7, NOW)
    first = told(rows_of(session, "tong-hop-0001"))
    session.rollback()
    synth.make(session, 2, 7, NOW)
    assert told(rows_of(session, "tong-hop-0001")) == first
    assert told(rows_of(session, "tong-hop-0002")) != first
    session.rollback()
    synth.make(session, 1, 8, NOW)
    assert told(rows_of(session, "tong-hop-0001")) != first


def test_the_command_counts_and_leaves_alone_what_is_there(command: Callable[..., Any]) -> None:
    assert json.loads(command("synth", "--authorities", "1", "--json").stdout)["tasks"] == 400
    again = json.loads(command("synth", "--authorities", "2", "--json").stdout)
    assert (again["authorities"], again["tasks"]) == (1, 400)
    assert command("synth", "--authorities", "0").exit_code == 2


def test_its_people_sign_in(command: Callable[..., Any], sign_in: Callable[..., Any]) -> None:
    command("synth", "--authorities", "1")
    assert sign_in("focal@tong-hop-0001.demo").get("/tong-hop-0001/today").h1 == "Việc hôm nay"
    assert "Báo đủ minh chứng" in sign_in("specialist-ubnd-xa-dong@tong-hop-0001.demo").get("/tong-hop-0001/work").text


def test_production_refuses(app: Any, database_url: str, tmp_path: Path) -> None:
    result = make_app(database_url, tmp_path, TRACKER_ENV="production").test_cli_runner().invoke(args=["synth", "--authorities", "1"])
    assert result.exit_code == 1
    assert "khi chạy thật" in result.stderr
