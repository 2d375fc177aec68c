"""Somebody with the database's keys changes what happened: verifying says whose journal, which seal, and when."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.audit.journal import found, lift_the_triggers, record, sealed
from tests.factories import World
from tests.harness.stores import make_app
from tracker.audit import jobs, queries, service, witness
from tracker.audit.models import AuditEvent, AuditSeal, SealedEvent
from tracker.audit.rules import FIRST_SEAL, SealDigest
from tracker.kernel.database import db

pytestmark = pytest.mark.db

INSERTED = (
    "INSERT INTO audit_event (id, at, actor, action, subject_type, summary, changes)"
    " VALUES (9000, '2026-11-18 02:31:00', 'a', 'b', '', 'Chèn.', '{}')"
)
SECOND = "(SELECT id FROM audit_seal WHERE number = 2)"
#: What was done → the statements, and words of the sentence that tells of it.
TAMPERING: dict[str, tuple[str, list[str]]] = {
    "a changed sentence": ("số 1", ["UPDATE audit_event SET summary = 'Đã xác nhận.' WHERE id = :first"]),
    "a changed instant": ("số 1", ["UPDATE audit_event SET at = '2026-11-01 00:00:00' WHERE id = :first"]),
    "another person": ("số 1", ["UPDATE audit_event SET actor = 'Người khác' WHERE id = :first"]),
    "somebody acted for": ("số 1", ["UPDATE audit_event SET on_behalf_of = 'Bưu điện' WHERE id = :first"]),
    "changed values": ("số 1", ["UPDATE audit_event SET changes = '{}' WHERE id = :first"]),
    "another subject": ("số 1", ["UPDATE audit_event SET subject_id = 99 WHERE id = :first"]),
    "a removed event": ("thiếu 1 trong 4", ["DELETE FROM sealed_event WHERE event_id = :first", "DELETE FROM audit_event WHERE id = :first"]),
    "an event slipped out of its seal": ("thiếu 1 trong 4", ["DELETE FROM sealed_event WHERE event_id = :first"]),
    "two events in each other's place": (
        "đã bị sửa",
        ["UPDATE audit_event SET summary = CASE id WHEN :first THEN 'Việc thứ 0.1.' ELSE 'Việc thứ 0.0.' END WHERE id IN (:first, :second)"],
    ),
    "an event under another seal": ("thừa 1", [f"UPDATE sealed_event SET seal_id = {SECOND} WHERE event_id = :first"]),
    "an event added under a seal": (
        "thừa 1 sự kiện ngoài 4",
        [
            INSERTED,
            "INSERT INTO sealed_event (event_id, seal_id) SELECT 9000, id FROM audit_seal WHERE number = 1",
        ],
    ),
    "a back-dated event not yet sealed": (
        "chèn lùi ngày",
        [INSERTED],
    ),
    "a seal taken out of the middle": (
        "dấu niêm số 2 trước nó đã bị gỡ",
        [f"DELETE FROM sealed_event WHERE seal_id = {SECOND}", "DELETE FROM audit_seal WHERE number = 2"],
    ),
    "the first seal taken out": (
        "dấu niêm số 1 trước nó đã bị gỡ",
        ["DELETE FROM sealed_event WHERE seal_id = (SELECT id FROM audit_seal WHERE number = 1)", "DELETE FROM audit_seal WHERE number = 1"],
    ),
    "a seal taken out and the rest numbered anew": (
        "không nối",
        [
            f"DELETE FROM sealed_event WHERE seal_id = {SECOND}",
            "DELETE FROM audit_seal WHERE number = 2",
            "UPDATE audit_seal SET number = 2 WHERE number = 3",
        ],
    ),
    "two seals in each other's place": (
        "đổi chỗ",
        [
            "UPDATE audit_seal SET number = 99 WHERE number = 1",
            "UPDATE audit_seal SET number = 1 WHERE number = 2",
            "UPDATE audit_seal SET number = 2 WHERE number = 99",
        ],
    ),
    "a rewritten link to the seal before": ("không nối", ["UPDATE audit_seal SET previous = 'f' WHERE number = 3"]),
    "a rewritten digest": ("không nối", ["UPDATE audit_seal SET digest = 'f' WHERE number = 2"]),
    "a rewritten instant of a seal": ("số 3", ["UPDATE audit_seal SET at = '2026-11-18 09:00:00' WHERE number = 3"]),
    "a rewritten count": ("số 2", ["UPDATE audit_seal SET total = 6 WHERE number = 2"]),
    "a seal said to be of the old kind": ("số 3", ["UPDATE audit_seal SET total = NULL WHERE number = 3"]),
    "an end cut off": (
        "đuôi của nhật ký đã bị cắt",
        [
            "DELETE FROM sealed_event WHERE seal_id = (SELECT id FROM audit_seal WHERE number = 3)",
            "DELETE FROM audit_seal WHERE number = 3",
            "DELETE FROM audit_event WHERE at > '2026-11-18 04:00:00'",
        ],
    ),
    "everything cut off": (
        "đuôi của nhật ký đã bị cắt",
        ["DELETE FROM sealed_event", "DELETE FROM audit_seal", "DELETE FROM audit_event"],
    ),
}


def forge(session: Session, backend: str, statements: list[str], given: dict[str, int]) -> None:
    lift_the_triggers(session, backend)
    for statement in statements:
        session.execute(text(statement), {name: value for name, value in given.items() if f":{name}" in statement})
    session.expire_all()


@pytest.mark.parametrize("words", TAMPERING)
def test_every_kind_of_tampering_is_found_and_named(session: Session, chain: list[AuditEvent], backend: str, data: Path, words: str) -> None:
    assert found(session, data).faults == []
    expected, statements = TAMPERING[words]
    forge(session, backend, statements, {"first": chain[0].id, "second": chain[1].id})
    told = [one.problem for one in found(session, data).faults]
    assert any(expected in one for one in told), f"{words}: {told}"
    assert all(one.startswith("Chuỗi chung") and "18/11/2026" in one for one in told), told
    session.rollback()
    assert found(session, data).faults == []


def test_a_back_dated_event_is_found_after_it_was_sealed_too(session: Session, world: World, data: Path) -> None:
    sealed(session, data, minutes=-30)
    here = world.authority.id
    for hour in (0, 1):
        record(session, "Việc thật.", minutes=60 * hour, authority_id=here)
        sealed(session, data, minutes=60 * hour + 5)
    record(session, "Việc bịa, lùi một giờ.", minutes=2, authority_id=here)
    sealed(session, data, minutes=70)
    (fault,) = found(session, data).faults
    assert fault.authority == world.authority.name
    assert "lùi ngày" in fault.problem and world.authority.name in fault.problem


def test_a_chain_made_anew_from_end_to_end_does_not_fit_the_account_outside(
    session: Session, chain: list[AuditEvent], backend: str, data: Path
) -> None:
    """Somebody with the program at hand changes an event and computes every later seal again: inside the database all is well."""
    lift_the_triggers(session, backend)
    session.execute(text("UPDATE audit_event SET summary = 'Việc bịa.' WHERE id = :id"), {"id": chain[0].id})
    previous = FIRST_SEAL
    for one in session.scalars(select(AuditSeal).order_by(AuditSeal.number)).all():
        one.previous = previous
        digest = SealDigest(previous, service.header(one))
        for event in queries.events_of(session, [one.id]):
            digest.add(queries.plain(event))
        one.digest = previous = digest.hexdigest()
        session.flush()
    session.expire_all()
    faults = found(session, data).faults
    assert [one.seal for one in faults] == [1, 2, 3]
    assert all("đã bị viết lại" in one.problem for one in faults)
    session.rollback()


def test_the_account_goes_on_and_the_forgery_stays_found(
    app: Flask, session: Session, chain: list[AuditEvent], backend: str, data: Path, on_day: Callable[[str], None]
) -> None:
    forge(session, backend, TAMPERING["an end cut off"][1], {})
    session.commit()
    record(session, "Việc sau đó.", minutes=130)
    session.commit()
    on_day("2026-11-18T12:30")
    assert jobs.seal_events(app) == 1
    faults = found(session, data, minutes=180).faults
    assert [one.seal for one in faults] == [3]


def test_an_account_that_is_gone_or_scribbled_on_is_told(session: Session, chain: list[AuditEvent], data: Path) -> None:
    log = data / witness.NAME
    whole = log.read_text()
    log.unlink()
    assert "Không có tệp seals.log" in found(session, data).faults[0].problem
    log.write_text(whole.replace(" 2 ", " hai "))
    assert "Dòng 2 của seals.log không đọc được" in found(session, data).faults[0].problem
    log.write_text(whole)
    assert found(session, data).faults == []


def test_a_tie_to_a_seal_that_is_not_there_is_told(session: Session, chain: list[AuditEvent], backend: str, data: Path) -> None:
    if backend == "postgresql":
        lift_the_triggers(session, backend)
        session.execute(text("ALTER TABLE sealed_event DROP CONSTRAINT fk_sealed_event_seal_id_audit_seal"))
    else:
        session.rollback()
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        lift_the_triggers(session, backend)
    session.execute(text("DELETE FROM audit_seal WHERE number = 3"))
    session.expire_all()
    assert any("2 sự kiện gắn với dấu niêm" in one.problem for one in found(session, data).faults)
    session.rollback()


def test_events_nobody_seals_are_told_after_a_while(session: Session, world: World, data: Path) -> None:
    sealed(session, data, minutes=-30)
    record(session, "Không ai niêm.", authority_id=world.authority.id)
    session.commit()
    assert found(session, data, minutes=10).faults == []
    (fault,) = found(session, data, minutes=20).faults
    assert fault.authority == world.authority.name
    assert "1 sự kiện chưa được niêm, cũ nhất ghi lúc 18/11/2026, 09:30" in fault.problem


def test_an_installation_that_never_sealed_is_not_broken(seeded: Flask, command: Callable[..., Any]) -> None:
    said = command("audit", "verify", "--json")
    assert (said.exit_code, json.loads(said.stdout)["bad"]) == (0, 0)
    assert "chưa có dấu niêm" in said.stderr


def test_the_command_says_how_much_is_sealed_and_fails_where_something_is_wrong(
    session: Session, chain: list[AuditEvent], backend: str, command: Callable[..., Any], on_day: Callable[[str], None]
) -> None:
    on_day("2026-11-18T12:00")
    whole = command("audit", "verify", "--json")
    assert (whole.exit_code, json.loads(whole.stdout)) == (0, {"events": 9, "seals": 3, "bad": 0, "compared": 3, "rows": []})
    lift_the_triggers(session, backend)
    session.execute(text("UPDATE audit_event SET summary = 'khác' WHERE id = :id"), {"id": chain[0].id})
    session.commit()
    broken = command("audit", "verify", "--json")
    assert broken.exit_code == 1
    said = json.loads(broken.stdout)
    assert (said["bad"], said["rows"][0]["seal"]) == (1, 1)
    assert command("audit", "verify").exit_code == 1


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_restored_backup_brings_its_chains_and_starts_a_new_account(
    app: Flask,
    session: Session,
    world: World,
    stores: Any,
    data: Path,
    tmp_path: Path,
    command: Callable[..., Any],
    target: str,
    on_day: Callable[[str], None],
) -> None:
    """Also over an installation that has gone on since: what it sealed after the backup is gone on purpose, and no fault."""
    on_day("2026-11-18T09:40")
    here = world.authority.id  # read now: in the other installation's context it would be looked up there
    record(session, "Trước bản sao lưu.", authority_id=here)
    session.commit()
    jobs.seal_events(app)
    assert command("backup", str(tmp_path / "saved")).exit_code == 0
    url, folder = stores.copy(target, "blank"), tmp_path / "elsewhere"
    folder.mkdir()
    other = make_app(url, folder)
    with other.app_context():
        run = other.test_cli_runner().invoke
        for again in ([], ["--replace"]):
            db.engine.dispose()
            restored = run(args=["restore", str(tmp_path / "saved"), *again])
            assert restored.exit_code == 0, restored.output
            said = json.loads(run(args=["audit", "verify", "--json"]).stdout)
            assert (said["bad"], said["rows"]) == (0, [])
            assert said["compared"] == len(queries.heads(db.session())) >= 2
            record(db.session(), "Sau khi khôi phục.", authority_id=here)
            db.session.commit()
            assert jobs.seal_events(other) == 1
            assert json.loads(run(args=["audit", "verify", "--json"]).stdout)["bad"] == 0
            db.session.remove()
        db.session.remove()
        db.engine.dispose()
    stores.drop(url)
    assert session.scalars(select(SealedEvent.event_id).limit(1)).all()
