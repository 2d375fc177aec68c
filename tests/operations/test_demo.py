"""``flask seed --demo``: who can sign in, how many tasks there are, and that the picture is plausible."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from sqlalchemy import func, select

from tests.harness.stores import PASSWORD
from tracker.accounts.models import Account
from tracker.audit.models import AuditEvent
from tracker.documents.letter_models import OfficialLetter
from tracker.evidence.contribution_models import Contribution
from tracker.evidence.models import Proof
from tracker.reminders.chase_models import ChaseEntry
from tracker.reminders.chase_rules import ChaseKind
from tracker.tasks.models import Extension, Task
from tracker.tasks.proposal_models import Proposal
from tracker.tasks.talk_models import Directive, Obstacle
from tracker.units.models import Unit

pytestmark = pytest.mark.db


def tasks(command, authority, *options):
    return json.loads(command("tasks", authority, "--json", *options).stdout)["rows"]


def test_rounds_fan_out_as_the_documents_say(demo, command):
    assert len(tasks(command, "ninh-son", "--round", "nam-2026")) == 88
    assert Counter(row["set"] for row in tasks(command, "bac-ninh", "--round", "nam-2026")) == {"bac-ninh-so-2023": 765, "bac-ninh-huyen-2023": 608}
    assert len(tasks(command, "nghia-phuong", "--round", "khao-sat-05-cv-ks")) == 84
    assert Counter(row["round"] for row in tasks(command, "ninh-thuan-vpub"))["nam-2026"] == 11


def test_the_demo_shows_every_band_a_focal_point_meets(demo, command):
    rows = tasks(command, "ninh-son")
    assert {"accepted", "ready", "collecting", "not_started"} <= {row["status"] for row in rows}
    assert {"overdue", "done_on_time", "done_late", "due_soon"} <= {row["timeliness"] for row in rows}
    assert any(row["returned"] for row in rows)


def test_accounts_are_roles_with_the_names_of_the_contract(demo, session):
    names = set(session.scalars(select(Account.username)))
    assert {f"{role}@ninh-son.demo" for role in ("admin", "focal", "chair", "viewer")} <= names
    assert {"specialist-phong-noi-vu@ninh-son.demo", "head-phong-noi-vu@ninh-son.demo", "specialist-ubnd-xa-ma-noi@ninh-son.demo"} <= names
    assert "specialist-cong-chuc-van-hoa-thong-tin@nghia-phuong.demo" in names
    assert all(session.scalars(select(Account.demo)))
    assert all(address.endswith(".example") for address in session.scalars(select(Account.email)) if address)
    assert session.scalars(select(Unit.email).where(Unit.slug == "phong-noi-vu")).one() == "phong-noi-vu@ninh-son.example"


def test_everybody_signs_in_with_the_one_password(demo, data, sign_in):
    assert (data / "demo_password").read_text().strip() == PASSWORD
    assert (data / "demo_password").stat().st_mode & 0o077 == 0
    assert "Ninh Sơn" in sign_in("focal@ninh-son.demo").get("/ninh-son/notices").text


def test_progress_was_made_by_the_services_and_never_in_the_future(demo, session):
    done = list(session.scalars(select(Task).where(Task.submitted_at.is_not(None))))
    with_proof = set(session.scalars(select(Proof.task_id)))
    assert {task.id for task in done} <= with_proof
    events = list(session.scalars(select(AuditEvent).where(AuditEvent.subject_type == "task")))
    assert {"task.report_ready", "task.accept", "task.return", "evidence.bring"} <= {event.action for event in events}
    latest = max(event.at for event in events)
    assert latest.date().isoformat() <= "2026-11-18"


def test_the_focal_point_acted_for_bodies_outside(demo, session):
    acted = session.scalars(select(Unit.slug).join(Task, Task.unit_id == Unit.id).where(Task.on_behalf).distinct())
    assert {"cong-an-huyen"} & set(acted)


@pytest.mark.db("sqlite")
def test_a_newcomer_finds_something_waiting_on_every_page(demo, session):
    """One of each, all of the authority the README tells of; the letter is a draft without number."""
    for model in (Directive, Obstacle, Extension, Proposal, Contribution, OfficialLetter):
        assert session.scalar(select(func.count()).select_from(model)) == 1, model.__name__
    assert set(session.scalars(select(ChaseEntry.kind))) == {ChaseKind.CALL, ChaseKind.SHEET}
    assert session.scalars(select(OfficialLetter.number)).one() is None


@pytest.mark.db("sqlite")
def test_a_second_demo_run_changes_nothing(demo, command):
    answer = json.loads(command("seed", "--demo", "--json").stdout)
    assert (answer["created"], answer["changed"], answer["kept"]) == (0, 0, 0)


@pytest.mark.db("sqlite")
def test_another_password_is_given_to_the_accounts_that_exist(demo, app, command, data, sign_in):
    app.config["DEMO_PASSWORD"] = "mat-khau-moi-hon"
    answer = json.loads(command("seed", "--demo", "--json").stdout)
    assert answer["changed"] > 100
    assert (data / "demo_password").read_text().strip() == "mat-khau-moi-hon"
    assert sign_in("chair@ninh-son.demo", password="mat-khau-moi-hon").get("/ninh-son/notices").h1
