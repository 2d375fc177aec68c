"""Planning many authorities at once: the same as one by one, with the statements of one, and no trouble of one is another's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.harness.stores import TODAY
from tracker.audit.rules import Actor
from tracker.kernel import bulk, clock, scope
from tracker.mail.models import OutboxMessage
from tracker.reminders import jobs, policy_service, service
from tracker.reminders.models import Reminder, ReminderPolicy
from tracker.reminders.plan_rules import Digest
from tracker.reminders.policy_rules import USUAL

pytestmark = pytest.mark.db

DAY = clock.local_day(clock.parse_instant(TODAY))


def told(digest: Digest) -> tuple[str, set[tuple[int, object, int]], dict[str, object]]:
    return digest.address, digest.rungs, digest.payload


def test_together_everybody_is_told_what_each_would_be_told_alone(session: Session, world: World) -> None:
    alone = [service.draft(session, one, DAY) for one in (world.authority, world.elsewhere)]
    together = service.drafts(session, [world.authority, world.elsewhere], DAY)
    assert all(made.digests for made in alone)
    assert [[told(digest) for digest in made.digests] for made in together] == [[told(digest) for digest in made.digests] for made in alone]
    assert [made.quiet_units for made in together] == [made.quiet_units for made in alone]


def test_two_authorities_cost_the_statements_of_one(session: Session, world: World, queries: Callable) -> None:
    """Without the line each gets in its history, which SQLite writes one by one."""

    def statements(authorities: list) -> int:
        session.commit()
        authorities = [session.merge(one) for one in authorities]
        [one.name for one in authorities]
        with queries() as counted:
            service.plans(session, authorities, DAY, clock.noon(DAY))
        session.rollback()
        return int(counted.number)

    service.draft(session, world.authority, DAY)  # the calendar is kept from here on
    assert statements([world.authority, world.elsewhere]) == statements([world.authority])


def test_one_authoritys_trouble_does_not_stop_the_others(app: Flask, session: Session, world: World, on_day: Callable[[str], None]) -> None:
    policy_service.choose(session, Actor(None, "Đầu mối"), world.elsewhere, replace(USUAL, afterwards=4), version=0, now=clock.now())
    with scope.using(session, scope.one(world.elsewhere.id)):
        session.scalars(select(ReminderPolicy)).one().quiet = [["no day", "no day"]]
        session.commit()
    on_day(f"{TODAY}T09:00")
    assert jobs.plan_today(app) > 0
    session.rollback()
    assert set(session.scalars(select(OutboxMessage.authority_id).where(OutboxMessage.planned_on == DAY))) == {world.authority.id}


def test_rows_laid_in_bulk_cannot_leave_the_scope(session: Session, world: World) -> None:
    with scope.using(session, scope.one(world.authority.id)), pytest.raises(scope.OutOfScope):
        bulk.lay(session, Reminder, ("authority_id", "task_id"), [(world.elsewhere.id, world.elsewhere_tasks[0].id)])
