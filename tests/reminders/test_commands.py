"""``flask reminders …`` as the command-line contract has it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import World
from tracker.mail import hold
from tracker.mail.models import OutboxMessage

pytestmark = pytest.mark.db
Command = Callable[..., Any]


def answer(command: Command, *args: str) -> dict[str, Any]:
    result = command("reminders", *args, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_dry_run_says_what_planning_would_do_and_does_nothing(command: Command, session: Session, world: World) -> None:
    dry = answer(command, "plan", "--authority", world.slug, "--dry-run")
    assert session.scalar(select(func.count(OutboxMessage.id))) == 0
    assert answer(command, "plan", "--authority", world.slug)["messages"] == dry["messages"]


def test_planning_sending_and_the_account_of_the_day(command: Command, app: Flask, session: Session, world: World) -> None:
    planned = answer(command, "plan")
    assert planned["planned"] == len(planned["messages"]) == 6
    own = next(message for message in planned["messages"] if message["to"] == "owner@huyen-thu.test")
    assert own["kind"] == "reminder.digest"
    assert world.task.id in own["tasks"]
    assert answer(command, "plan")["planned"] == 0
    assert answer(command, "send", "--limit", "2")["sent"] == 2
    assert answer(command, "reconcile") == {
        "planned": 6,
        "sent": 2,
        "failed": 0,
        "cancelled": 0,
        "expired": 0,
        "waiting": 4,
        "unknown": 0,
        "difference": 0,
    }
    assert answer(command, "send") == {"sent": 4, "failed": 0, "retried": 0, "dropped": 0, "expired": 0, "put_off": 0}
    assert answer(command, "send")["sent"] == 0
    assert len(list(app.config["MAIL_FOLDER"].glob("*.eml"))) == 6


def test_a_day_off_is_said_on_standard_error(command: Command, world: World) -> None:
    result = command("reminders", "plan", "--on", "2026-11-22", "--json")
    assert json.loads(result.stdout)["planned"] == 0
    assert "ngày nghỉ" in result.stderr


def test_a_day_that_does_not_exist_is_bad_usage(command: Command) -> None:
    assert command("reminders", "plan", "--on", "2026-02-30").exit_code == 2


def test_an_unknown_authority_is_refused_with_the_reason(command: Command) -> None:
    result = command("reminders", "plan", "--authority", "khong-co")
    assert result.exit_code == 1
    assert "khong-co" in result.stderr


def test_nothing_goes_while_mail_is_held_back(command: Command, app: Flask, session: Session, world: World) -> None:
    answer(command, "plan")
    hold.hold(app.config["TRACKER_DATA"], "Vừa khôi phục từ bản sao lưu.")
    result = command("reminders", "send")
    assert (result.exit_code, "khôi phục" in result.stderr) == (1, True)
    hold.release(app.config["TRACKER_DATA"])
    assert answer(command, "send")["sent"] == 6
