"""Events are never changed or deleted; a chain of seals shows it where somebody got past the database's refusal."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tests.factories import World
from tracker.audit import jobs, service
from tracker.audit.models import AuditEvent, AuditSeal, SealedEvent
from tracker.audit.rules import FIRST_SEAL, SYSTEM, Actor, seal_digest

NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)


def record(session: Session, summary: str, *, minutes: int = 0) -> AuditEvent:
    at = NOW + timedelta(minutes=minutes)
    event = service.record(session, SYSTEM, "test.event", summary, now=at, authority_id=None, subject=("task", 1), changes={"a": (1, "hai")})
    session.flush()
    return event


@pytest.fixture
def chain(session: Session) -> list[AuditEvent]:
    """Six events under two seals."""
    events = [record(session, f"Việc thứ {number}.", minutes=number) for number in range(4)]
    service.seal(session, NOW + timedelta(hours=1))
    events += [record(session, f"Việc thứ {number}.", minutes=number) for number in (4, 5)]
    service.seal(session, NOW + timedelta(hours=2))
    session.commit()
    return events


def lift_the_triggers(session: Session, backend: str) -> None:
    """What somebody with the database's keys would do first; undone by a rollback."""
    for table in ("audit_event", "audit_seal", "sealed_event"):
        if backend == "sqlite":
            for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"), {"t": table}).all():
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


@pytest.mark.db
def test_the_database_refuses_to_change_or_delete_what_happened(session: Session, chain: list[AuditEvent]) -> None:
    event_id = chain[0].id
    refused = {
        "an event rewritten": update(AuditEvent).where(AuditEvent.id == event_id).values(summary="Việc khác."),
        "an event deleted": delete(AuditEvent).where(AuditEvent.id == event_id),
        "a seal rewritten": update(AuditSeal).values(digest="0"),
        "a seal deleted": delete(AuditSeal),
        "an event unsealed": delete(SealedEvent).where(SealedEvent.event_id == event_id),
        "an event moved to another seal": update(SealedEvent).where(SealedEvent.event_id == event_id).values(seal_id=SealedEvent.seal_id + 1),
    }
    for words, statement in refused.items():
        with pytest.raises(DatabaseError, match="append-only"):
            session.execute(statement)
            pytest.fail(f"{words}: the database let it through")
        session.rollback()
    assert session.scalar(select(AuditEvent.summary).where(AuditEvent.id == event_id)) == "Việc thứ 0."


@pytest.mark.db
def test_an_untouched_chain_is_whole(session: Session, chain: list[AuditEvent]) -> None:
    verdict = service.verify(session)
    assert (verdict.events, verdict.bad) == (6, [])
    assert service.seal(session, NOW) is None, "there is nothing left to seal"


@pytest.mark.db
def test_a_later_seal_continues_the_chain(session: Session, chain: list[AuditEvent]) -> None:
    record(session, "Việc sau niêm.")
    assert service.verify(session).events == 6
    made = service.seal(session, NOW)
    last = session.scalars(select(AuditSeal.digest).where(AuditSeal.id < made.id).order_by(AuditSeal.id.desc())).first()
    assert made.previous == last
    assert (service.verify(session).events, service.verify(session).bad) == (7, [])


TAMPERING = {
    "a changed sentence": ["UPDATE audit_event SET summary = 'Đã xác nhận.' WHERE id = :first"],
    "a changed instant": ["UPDATE audit_event SET at = '2026-11-01 00:00:00' WHERE id = :first"],
    "another person": ["UPDATE audit_event SET actor = 'Người khác' WHERE id = :first"],
    "somebody acted for": ["UPDATE audit_event SET on_behalf_of = 'Bưu điện' WHERE id = :first"],
    "changed values": ["UPDATE audit_event SET changes = '{}' WHERE id = :first"],
    "another subject": ["UPDATE audit_event SET subject_id = 99 WHERE id = :first"],
    "a removed event": ["DELETE FROM sealed_event WHERE event_id = :first", "DELETE FROM audit_event WHERE id = :first"],
    "an event slipped out of its seal": ["DELETE FROM sealed_event WHERE event_id = :first"],
    "two events in each other's place": [
        "UPDATE audit_event SET summary = CASE id WHEN :first THEN 'Việc thứ 1.' ELSE 'Việc thứ 0.' END WHERE id IN (:first, :second)"
    ],
    "an event under another seal": ["UPDATE sealed_event SET seal_id = (SELECT max(id) FROM audit_seal) WHERE event_id = :first"],
    "a removed seal": [
        "DELETE FROM sealed_event WHERE seal_id = (SELECT min(id) FROM audit_seal)",
        "DELETE FROM audit_seal WHERE id = (SELECT min(id) FROM audit_seal)",
    ],
    "a rewritten link to the seal before": ["UPDATE audit_seal SET previous = 'f' WHERE id = (SELECT max(id) FROM audit_seal)"],
    "a rewritten digest": ["UPDATE audit_seal SET digest = 'f' WHERE id = (SELECT min(id) FROM audit_seal)"],
}


@pytest.mark.db
def test_every_kind_of_tampering_is_found(session: Session, chain: list[AuditEvent], backend: str) -> None:
    given = {"first": chain[0].id, "second": chain[1].id}
    for words, statements in TAMPERING.items():
        lift_the_triggers(session, backend)
        for statement in statements:
            session.execute(text(statement), {name: value for name, value in given.items() if f":{name}" in statement})
        session.expire_all()
        assert service.verify(session).bad, f"{words} was not noticed"
        session.rollback()
    assert service.verify(session).bad == []


@pytest.mark.db
def test_an_event_written_under_an_old_seal_is_found(session: Session, chain: list[AuditEvent]) -> None:
    """Adding is what the triggers allow; the digest does not."""
    late = record(session, "Chèn thêm về sau.")
    session.add(SealedEvent(event_id=late.id, seal_id=session.scalars(select(AuditSeal.id).order_by(AuditSeal.id)).first()))
    session.flush()
    assert len(service.verify(session).bad) == 1


@pytest.mark.db
def test_the_command_says_how_much_is_sealed_and_fails_where_something_is_wrong(
    session: Session, chain: list[AuditEvent], backend: str, command: Callable[..., Any]
) -> None:
    whole = command("audit", "verify", "--json")
    assert (whole.exit_code, json.loads(whole.stdout)) == (0, {"events": 6, "seals": 2, "bad": 0, "rows": []})
    lift_the_triggers(session, backend)
    session.execute(text("UPDATE audit_event SET summary = 'khác' WHERE id = :id"), {"id": chain[0].id})
    session.commit()
    broken = command("audit", "verify", "--json")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["bad"] == 1


@pytest.mark.db
def test_the_job_seals_what_has_happened_since_and_only_once(app: Flask, session: Session) -> None:
    record(session, "Một việc.")
    session.commit()
    assert jobs.seal_events(app) is True
    assert jobs.seal_events(app) is False
    assert service.verify(session).events == 1


@pytest.mark.db
def test_two_sealers_at_once_make_one_chain(app: Flask, session: Session) -> None:
    record(session, "Một việc.")
    session.commit()
    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(lambda _n: jobs.seal_events(app), range(3)))
    assert made.count(True) == 1
    verdict = service.verify(session)
    assert (verdict.events, verdict.seals, verdict.bad) == (1, 1, [])


@pytest.mark.db
def test_an_event_is_recorded_with_who_on_whose_behalf_and_what_changed(session: Session, world: World) -> None:
    actor = Actor(world.focal.id, "Đầu mối, Phòng Văn hóa và Thông tin", "Các ngân hàng")
    service.record(
        session,
        actor,
        "task.accept",
        "Xác nhận.",
        now=NOW,
        authority_id=world.authority.id,
        subject=("task", world.task.id),
        changes={"status": ("ready", "accepted")},
    )
    session.commit()
    found = service.history(session, world.authority.id, "task", world.task.id)[0]
    assert (found.at, found.account_id, found.actor, found.on_behalf_of) == (NOW, world.focal.id, actor.words, "Các ngân hàng")
    assert found.changes == {"status": ["ready", "accepted"]}
    assert service.history(session, world.elsewhere.id, "task", world.task.id) == []


@pytest.mark.db
def test_an_event_falls_with_the_change_it_tells_of(session: Session) -> None:
    record(session, "Không xảy ra.")
    session.rollback()
    assert session.scalar(select(func.count(AuditEvent.id))) == 0


def test_the_digest_depends_on_every_word_and_on_their_order() -> None:
    one, other = {"id": 1, "summary": "a"}, {"id": 2, "summary": "b"}
    whole = seal_digest(FIRST_SEAL, [one, other])
    assert whole == seal_digest(FIRST_SEAL, [dict(reversed(one.items())), other]), "the order of keys is no matter"
    changed = [
        seal_digest(FIRST_SEAL, [other, one]),
        seal_digest(FIRST_SEAL, [one]),
        seal_digest("1" * 64, [one, other]),
        seal_digest(FIRST_SEAL, [one, {**other, "summary": "c"}]),
    ]
    assert whole not in changed
