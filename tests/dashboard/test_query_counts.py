"""A page asks the database as often for many rows as for few."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import OPENED_ON, World, add_indicator, add_requirement, add_unit, assign
from tests.harness.queries import Counted
from tests.harness.stores import PASSWORD
from tests.page_client import PageClient
from tracker.accounts import credentials
from tracker.audit.rules import Actor
from tracker.deadlines import queries as deadlines
from tracker.evidence import content_rules
from tracker.evidence import contribution_service as contributing
from tracker.evidence import service as evidence
from tracker.evidence.contribution_queries import Candidate
from tracker.evidence.queries import checklist
from tracker.kernel import clock
from tracker.operations import synth
from tracker.reminders import service as reminders
from tracker.tasks import rounds
from tracker.tasks.models import Task

pytestmark = pytest.mark.db

Counting = Callable[[], AbstractContextManager[Counted]]
SignIn = Callable[[str], PageClient]


@pytest.fixture(autouse=True)
def _one_reading_of_the_calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    """The calendar is read again each minute of the real clock: on a slow machine that would fall between two counts."""
    monkeypatch.setattr(deadlines, "KEPT_SECONDS", 3600.0)


def fill(session: Session, world: World, part: int) -> None:
    """Six more indicators with all that goes with them: tasks in every unit, cooperators, evidence, tasks handed in, reminders."""
    helpers = [add_unit(session, world.authority, f"Phòng {part}.{number}") for number in range(2)]
    main = add_indicator(session, world.indicators, f"{part + 1}", f"Nhóm {part}")
    main.main_id = main.id
    for number in range(1, 7):
        leaf = add_indicator(session, world.indicators, f"{part + 1}.{number}", f"Chỉ số {part}.{number}", parent=main, position=100 * part + number)
        add_requirement(session, leaf, "Kế hoạch", position=1)
        assign(session, world.notice, leaf, (world.room, world.other_room, world.group)[number % 3], [*helpers, world.bank])
    made, _ = rounds.fan_out(session, world.rule, world.round, OPENED_ON)
    assert made == 8
    person = Actor(world.owner.id, "Chuyên viên, Phòng Nội vụ")
    for place, task in enumerate(session.scalars(select(Task).where(Task.authority_id == world.authority.id).order_by(Task.id.desc()).limit(made))):
        for needed in checklist(session, task.indicator_id) if place % 4 else []:
            evidence.bring(session, task, content_rules.a_link(f"https://thu.example/{task.id}"), needed.slot, task.unit_id, person, clock.now())
        if place % 4 == 1:
            evidence.submit(session, task, person, clock.now(), needs_head=False, is_head=False)
    reminders.plan(session, world.authority, clock.today(), clock.now())
    add_to_one_task(session, world, person, part)
    others = session.scalars(select(Task).where(Task.authority_id == world.authority.id, Task.unit_id == world.other_room.id).order_by(Task.id))
    asked = [(world.task, Candidate(unit.id, unit.name, True)) for unit in helpers] + [(others.all()[part], Candidate(world.room.id, "", True))]
    for task, unit in asked:
        contributing.ask(session, task, None, [unit], "Số liệu", clock.today(), person, clock.now())


def add_to_one_task(session: Session, world: World, person: Actor, part: int) -> None:
    """More evidence, history and cooperation on the task whose page is looked at."""
    for needed in checklist(session, world.task.indicator_id):
        evidence.bring(
            session, world.task, content_rules.a_statement(f"Trong kỳ không phát sinh {part}"), needed.slot, world.room.id, person, clock.now()
        )
        evidence.bring(session, world.task, content_rules.a_link(f"https://thu.example/{part}"), needed.slot, world.room.id, person, clock.now())


def counts(world: World, queries: Counting, people: dict[str, PageClient]) -> dict[str, str]:
    """Page → the statements it sent."""
    pages = {
        "focal": ("today", "today?show=all", "tasks", f"tasks/{world.task.id}", "units", f"units/{world.room.slug}", "rounds", "reminders"),
        "chair": ("overview", f"overview?round={world.round.slug}", "overview/present", f"indicators/{world.indicators.slug}/1.1", "search?q=chi"),
        "owner": ("work", "tasks", f"tasks/{world.task.id}"),
    }
    found = {}
    for who, paths in pages.items():
        for path in paths:
            people[who].get(f"/{world.slug}/{path}")
            with queries() as counted:
                people[who].get(f"/{world.slug}/{path}")
            found[f"{who} /{path}"] = str(counted)
    return found


def test_pages_send_as_many_statements_when_rows_double(session: Session, world: World, queries: Counting, sign_in: SignIn) -> None:
    people = {who: sign_in(getattr(world, who).username) for who in ("focal", "chair", "owner")}
    fill(session, world, 1)
    few = counts(world, queries, people)
    fill(session, world, 2)
    many = counts(world, queries, people)
    for page, statements in few.items():
        assert many[page].split(" ", 1)[0] == statements.split(" ", 1)[0], f"{page}\n\nfew rows: {statements}\n\nmany rows: {many[page]}"


def test_reporting_ready_sends_as_many_statements_when_rows_double(session: Session, world: World, queries: Counting, sign_in: SignIn) -> None:
    owner = sign_in(world.owner.username)
    numbers = []
    for part in (1, 2):
        fill(session, world, part)
        waiting = select(Task).where(Task.unit_id == world.room.id, Task.status == "collecting").order_by(Task.id.desc())
        task = session.scalars(waiting).first()
        assert task is not None
        form = owner.get(f"/{world.slug}/tasks/{task.id}").form("/report")
        with queries() as counted:
            form.submit("Báo đủ minh chứng")
        numbers.append((counted.number, str(counted)))
    assert numbers[0][0] == numbers[1][0], f"{numbers[0][1]}\n\n{numbers[1][1]}"


def test_pages_of_a_whole_authority_stay_within_their_budget(session: Session, queries: Counting, sign_in: SignIn) -> None:
    """400 tasks; a statement more on a page that everybody opens every day is a decision, not an accident."""
    synth.make(session, 1, 1, clock.now(), password_hash=credentials.hash_password(PASSWORD))
    task_id = session.scalars(select(Task.id).order_by(Task.id)).first()
    budget = {
        # Among them: one for what the authority itself asks for beside the source (each page with a checklist); on the task's page what its proofs
        # carry, where their files serve elsewhere, and its proposals; one for units that ended with tasks left (today), one for the requests for more time that wait (front doors) or were made (task), two for the next dates,
        # one for directives, obstacles and mentions that wait (front doors) or for all that was said (task), one for what cooperating units
        # are asked for (work, task), one for what came through personal links and waits (task). On the leaders' page one each for requests for time,
        # for late tasks nobody began, the policy that says when they climb and how often they were reminded, and for this round and the former.
        # Eight of the first for the task that lies on the desk (the queue, the task, its checklist, proofs, link checks, round), one for the filters
        # a person keeps; the list of tasks waiting went instead. On the list of a unit one for the requests for more time of its tasks.
        ("focal", "today"): 20,
        ("chair", "overview"): 15,
        ("specialist-ubnd-xa-dong", "work"): 13,
        ("focal", f"tasks/{task_id}"): 23,
    }
    for (who, path), most in budget.items():
        person = sign_in(f"{who}@tong-hop-0001.demo")
        person.get(f"/tong-hop-0001/{path}")
        with queries() as counted:
            person.get(f"/tong-hop-0001/{path}")
        assert counted.number <= most, f"{path}: {counted}"
