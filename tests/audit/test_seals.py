"""Whatever happens is sealed into the chain of its authority: once, in bounded pieces, whoever seals and whatever the clock does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tests.audit.journal import APPEND_ONLY, NOW, found, record, sealed
from tests.factories import World
from tracker.audit import jobs, queries, service, witness
from tracker.audit.models import AuditEvent, AuditSeal, SealedEvent
from tracker.audit.rules import FIRST_SEAL, LATE_IDS, Actor, SealDigest
from tracker.kernel.database import db


def chain_of(session: Session, authority_id: int | None) -> list[AuditSeal]:
    return list(session.scalars(select(AuditSeal).where(queries.of_chain(authority_id)).order_by(AuditSeal.number)))


@pytest.mark.db
def test_the_database_refuses_to_change_delete_or_empty_what_happened(session: Session, chain: list[AuditEvent], backend: str) -> None:
    event_id = chain[0].id
    refused: dict[str, Any] = {
        "an event rewritten": update(AuditEvent).where(AuditEvent.id == event_id).values(summary="Việc khác."),
        "an event deleted": delete(AuditEvent).where(AuditEvent.id == event_id),
        "a seal rewritten": update(AuditSeal).values(digest="0"),
        "a seal deleted": delete(AuditSeal),
        "an event unsealed": delete(SealedEvent).where(SealedEvent.event_id == event_id),
        "an event moved to another seal": update(SealedEvent).where(SealedEvent.event_id == event_id).values(seal_id=SealedEvent.seal_id + 1),
    }
    if backend == "postgresql":
        refused |= {f"{table} emptied": text(f"TRUNCATE {table} CASCADE") for table in (*APPEND_ONLY, "account", "authority")}
    else:  # «OR REPLACE» deletes without asking the DELETE trigger
        replaced = {"audit_event": "id", "audit_seal": "id", "sealed_event": "event_id"}
        refused |= {
            f"{table} replaced": text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} ORDER BY {key} LIMIT 1")
            for table, key in replaced.items()
        }
        refused["a seal replaced by its number"] = text(
            "REPLACE INTO audit_seal (at, number, previous, digest) VALUES ('2026-11-18 00:00:00', 1, 'a', 'b')"
        )
    for words, statement in refused.items():
        with pytest.raises(DatabaseError, match="append-only"):
            session.execute(statement)
            pytest.fail(f"{words}: the database let it through")
        session.rollback()
    assert session.scalar(select(AuditEvent.summary).where(AuditEvent.id == event_id)) == "Việc thứ 0.0."


@pytest.mark.db
def test_each_authority_has_a_chain_of_its_own(session: Session, world: World, data: Path) -> None:
    here, there = world.authority.id, world.elsewhere.id
    sealed(session, data, minutes=-30)  # what building the world recorded
    before = {one: len(chain_of(session, one)) for one in (here, there, None)}
    for hour in (0, 1):
        for authority_id in (here, None, there, here):
            record(session, f"Việc giờ {hour}.", minutes=60 * hour, authority_id=authority_id)
        sealed(session, data, minutes=60 * hour + 10)
    for authority_id, each in ((here, 2), (there, 1), (None, 1)):
        seals = chain_of(session, authority_id)
        assert len(seals) == before[authority_id] + 2
        assert [one.number for one in seals] == list(range(1, len(seals) + 1))
        assert [one.previous for one in seals] == [FIRST_SEAL, *(one.digest for one in seals[:-1])]
        assert seals[-1].total - seals[-2].total == each
    verdict = found(session, data)
    assert verdict.faults == []
    assert verdict.events == session.scalar(select(func.count(AuditEvent.id)))
    assert verdict.compared == verdict.seals == session.scalar(select(func.count(AuditSeal.id)))


@pytest.mark.db
def test_seals_from_before_there_were_chains_go_on_verifying(session: Session, world: World, data: Path) -> None:
    """They covered everybody's events; the chain of no authority goes on from them."""
    session.commit()
    previous = FIRST_SEAL
    for number in (1, 2):
        for authority_id in (world.authority.id, None):
            record(session, f"Việc cũ {number}.", authority_id=authority_id)
        events = queries.unsealed(session, NOW + timedelta(minutes=10), 0, 1000)
        digest = SealDigest(previous, None)
        for event in events:
            digest.add(queries.plain(event))
        old = AuditSeal(at=NOW, authority_id=None, number=number, total=None, previous=previous, digest=digest.hexdigest())
        session.add(old)
        session.flush()
        session.execute(insert(SealedEvent), [{"event_id": event.id, "seal_id": old.id} for event in events])
        previous = old.digest
    session.commit()
    assert found(session, data).faults == [], "and no account outside the database is asked of them"
    record(session, "Việc mới.", minutes=30)
    record(session, "Việc mới.", minutes=30, authority_id=world.authority.id)
    sealed(session, data, minutes=40)
    assert [(one.number, one.total) for one in chain_of(session, None)] == [(1, None), (2, None), (3, 1)]
    assert chain_of(session, None)[-1].previous == previous
    assert [(one.number, one.total) for one in chain_of(session, world.authority.id)] == [(1, 1)]
    assert found(session, data).faults == []


@pytest.mark.db
def test_the_latest_minute_waits(session: Session, data: Path) -> None:
    record(session, "Vừa xong.")
    assert sealed(session, data, minutes=0.5) is None
    assert sealed(session, data, minutes=1) is not None


@pytest.mark.db
def test_a_clock_that_stands_still_or_was_put_back_keeps_nothing_from_being_sealed(session: Session, data: Path) -> None:
    record(session, "Đồng hồ chạy trước một ngày.", minutes=24 * 60)
    for number in range(3):
        record(session, f"Cùng một lúc {number}.", minutes=-5)
    made = sealed(session, data, minutes=0)
    assert made is not None
    assert made.heads[0].number == 1
    assert sealed(session, data, minutes=0) is None
    record(session, "Vẫn lúc ấy.", minutes=-5)
    assert sealed(session, data, minutes=0) is not None, "another seal at the same instant"
    assert found(session, data, minutes=0).faults == []


@pytest.mark.db
def test_an_event_whose_transaction_ends_late_gets_a_later_seal(session: Session, data: Path) -> None:
    """Ids are given out before they are committed: this one comes after others with higher ids are sealed."""
    taken = record(session, "Mã được cấp trước.", minutes=0).id + 1
    later = {"id": taken + 1, "at": NOW, "actor": "a", "action": "b", "subject_type": "", "summary": "Xong trước.", "changes": {}}
    session.execute(insert(AuditEvent), [later])
    sealed(session, data, minutes=2)
    session.execute(insert(AuditEvent), [{**later, "id": taken, "summary": "Mã thấp hơn, xong sau."}])
    session.commit()
    sealed(session, data, minutes=4)
    under = session.scalar(select(AuditSeal.number).join(SealedEvent, SealedEvent.seal_id == AuditSeal.id).where(SealedEvent.event_id == taken))
    assert under == 2
    assert found(session, data).faults == []


@pytest.mark.db
def test_thousands_of_events_are_sealed_in_bounded_pieces(
    app: Flask, session: Session, world: World, data: Path, on_day: Callable[[str], None]
) -> None:
    rows = [
        {
            "at": NOW, "authority_id": (None, world.authority.id, world.elsewhere.id)[n % 3], "actor": "Máy", "action": "x",
            "subject_type": "", "summary": f"Việc {n}.", "changes": {},
        }
        for n in range(4500)
    ]  # fmt: skip
    session.execute(insert(AuditEvent), rows)
    session.commit()
    everything = session.scalar(select(func.count(AuditEvent.id)))
    on_day("2026-11-18T09:40")
    assert jobs.seal_events(app) >= 9, "three chains, three rounds"
    assert jobs.seal_events(app) == 0
    session.rollback()
    verdict = found(session, data, minutes=30)
    assert (verdict.events, verdict.faults) == (everything, [])


@pytest.mark.db
def test_between_its_full_rounds_the_job_looks_among_the_latest_ids_only(
    app: Flask, session: Session, data: Path, on_day: Callable[[str], None]
) -> None:
    record(session, "Đầu.")
    session.commit()
    on_day("2026-11-18T09:40")
    assert jobs.seal_events(app, everything=False) == 1
    event = {"at": NOW, "actor": "a", "action": "b", "subject_type": "", "summary": "Muộn.", "changes": {}}
    session.execute(insert(AuditEvent), [{**event, "id": 2 * LATE_IDS}])
    session.commit()
    assert jobs.seal_events(app, everything=False) == 1
    session.execute(insert(AuditEvent), [{**event, "id": 2 * LATE_IDS - 5}, {**event, "id": 50}])
    session.commit()
    assert jobs.seal_events(app, everything=False) == 1
    session.rollback()
    assert [one.count for one in queries.forgotten(session, NOW + timedelta(minutes=10))] == [1]
    assert jobs.seal_events(app) == 1
    session.rollback()
    assert found(session, data).faults == []


@pytest.mark.db
def test_several_sealers_at_once_make_one_chain(app: Flask, session: Session, data: Path, on_day: Callable[[str], None]) -> None:
    on_day("2026-11-18T09:40")
    for round_ in range(3):
        for number in range(20):
            record(session, f"Việc {round_}.{number}.")
        session.commit()
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda _n: jobs.seal_events(app), range(4)))
        assert sum(made) == 1
    verdict = found(session, data, minutes=30)
    assert (verdict.events, verdict.seals, verdict.faults) == (60, 3, [])


@pytest.mark.db
def test_events_are_recorded_and_sealed_at_the_same_time_and_none_is_forgotten(
    app: Flask, session: Session, data: Path, on_day: Callable[[str], None]
) -> None:
    """Four people work while two sealers seal: every event is under exactly one seal at the end."""
    on_day("2026-11-18T09:40")

    def work(person: int) -> None:
        with app.app_context():
            for number in range(15):
                record(db.session(), f"Người {person}, việc {number}.")
                db.session.commit()
            db.session.remove()

    with ThreadPoolExecutor(6) as pool:
        busy = [pool.submit(work, person) for person in range(4)]
        while not all(one.done() for one in busy):
            list(pool.map(lambda _n: jobs.seal_events(app), range(2)))
        for one in busy:
            one.result()
    jobs.seal_events(app)
    verdict = found(session, data, minutes=30)
    assert (verdict.events, verdict.faults) == (60, [])


@pytest.mark.db
def test_a_sealer_killed_between_its_commit_and_its_line_is_made_good(
    app: Flask, session: Session, data: Path, chain: list[AuditEvent], on_day: Callable[[str], None]
) -> None:
    on_day("2026-11-18T12:00")
    record(session, "Việc nữa.", minutes=125)
    service.seal(session, NOW + timedelta(minutes=130))
    session.commit()
    assert len(list(witness.lines(data, witness.extent(data)))) == 3
    jobs.seal_events(app)
    assert [line.head.number for line in witness.lines(data, witness.extent(data)) if line.head] == [1, 2, 3, 4]
    assert found(session, data, minutes=140).faults == []


@pytest.mark.db
def test_verifying_a_long_history_needs_no_more_memory_than_a_short_one(
    app: Flask, session: Session, data: Path, on_day: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted: how many events are alive at once while the chains are walked."""
    event = {"at": NOW, "actor": "a", "action": "b", "subject_type": "", "summary": "Việc.", "changes": {}}
    session.execute(insert(AuditEvent), [event] * 6000)
    session.commit()
    on_day("2026-11-18T09:40")
    jobs.seal_events(app)
    asked: list[int] = []
    monkeypatch.setattr(queries, "FETCHED", 100)
    real = queries.events_of

    def watched(of: Session, seal_ids: Any) -> Any:
        for row in real(of, seal_ids):
            asked.append(1)
            yield row

    monkeypatch.setattr(queries, "events_of", watched)
    with app.app_context():
        fetched: list[int] = []
        verdict = found(session, data, minutes=30)
        fetched.append(len(session.identity_map))
    assert (verdict.events, len(asked)) == (6000, 6000)
    assert fetched == [0], "rows are read as columns and let go"


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


def test_the_digest_depends_on_every_word_on_their_order_and_on_what_the_seal_says_of_itself() -> None:
    one, other = {"id": 1, "summary": "a"}, {"id": 2, "summary": "b"}

    def of(previous: str, header: dict[str, Any] | None, *events: dict[str, Any]) -> str:
        digest = SealDigest(previous, header)
        for event in events:
            digest.add(event)
        return digest.hexdigest()

    whole = of(FIRST_SEAL, {"total": 2}, one, other)
    assert whole == of(FIRST_SEAL, {"total": 2}, dict(reversed(one.items())), other), "the order of keys is no matter"
    changed = [
        of(FIRST_SEAL, {"total": 2}, other, one),
        of(FIRST_SEAL, {"total": 2}, one),
        of("1" * 64, {"total": 2}, one, other),
        of(FIRST_SEAL, {"total": 2}, one, {**other, "summary": "c"}),
        of(FIRST_SEAL, {"total": 3}, one, other),
        of(FIRST_SEAL, None, one, other),
    ]
    assert whole not in changed
