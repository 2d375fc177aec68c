"""Nothing is lost where many people change the same tasks at once. The long forms of these runs are in ``make soak``."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.tasks import crowd
from tests.tasks.crowd import LATER, State, serial
from tracker.audit.models import AuditEvent
from tracker.tasks.rules import Progress


@pytest.mark.db
def test_every_accepted_edit_is_a_version_and_a_line_of_the_history(app: Flask, session: Session, world: World) -> None:
    tasks = [task.id for task in world.tasks[:3]]
    before = {task.id: task.version for task in world.tasks[:3]}
    already = session.scalar(select(func.max(AuditEvent.id))) or 0
    people = [account.id for account in (world.owner, world.head, world.focal, world.chair, world.colleague)] * 2
    session.commit()
    found = crowd.work(app, world.authority.id, tasks, people, edits=25, seed=4)
    session.rollback()
    assert crowd.faults(session, found, before, already) == []
    assert found.accepted > 20, found.refused
    assert found.refused["Stale"] + found.refused["StaleDataError"] > 0, "nobody met anybody: the run proves nothing"


@pytest.mark.db
def test_approving_returning_and_extending_at_once_ends_as_some_order_of_them_would(app: Flask, session: Session, world: World) -> None:
    authority_id, task_id, account_id = world.authority.id, world.task.id, world.focal.id
    session.commit()
    told = [sentence for number in range(50) for sentence in crowd.race(app, authority_id, task_id, account_id, number)]
    assert told == []


def test_the_orders_that_are_possible_are_known() -> None:
    ready = State(Progress.READY, None)
    assert serial(ready, ["accept"], LATER[0]) == {State(Progress.ACCEPTED, None)}
    assert serial(ready, [], LATER[0]) == {ready}
    assert State(Progress.COLLECTING, LATER[0]) in serial(ready, ["return", "extend"], LATER[0])
    assert State(Progress.ACCEPTED, date(2026, 12, 31)) not in serial(ready, ["accept"], LATER[0])
