"""Withdrawn files, the reaper, the nightly check: the store stays true to its rows, and nothing with a row is ever touched."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.evidence import samples
from tests.factories import World
from tests.page_client import PageClient
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.files import jobs, service
from tracker.files.current import storage
from tracker.files.models import StoredFile
from tracker.files.upkeep_service import STRANGE_FROM
from tracker.kernel import clock
from tracker.kernel.errors import Refused

pytestmark = [pytest.mark.db, pytest.mark.wall_clock]  # files in a folder are dated by the real clock

ADMIN = Actor(None, "Quản trị")


def put(authority: int, content: bytes = samples.PDF) -> str:
    return storage().put(authority, io.BytesIO(content), "a.pdf").sha256


def keep(session: Session, authority: int, content: bytes = samples.PDF) -> StoredFile:
    row = service.keep(session, authority, storage().put(authority, io.BytesIO(content), "a.pdf"), clock.now())
    session.commit()
    return row


def age(path: Path, hours: float) -> None:
    moment = (clock.real_now() - timedelta(hours=hours)).timestamp()
    os.utime(path, (moment, moment))


def place(data: Path, authority: int, sha256: str) -> Path:
    return data / "evidence" / str(authority) / sha256


def aside(data: Path, authority: int, sha256: str) -> Path:
    return data / "evidence" / "reaped" / str(authority) / sha256


def test_the_reaper_takes_what_has_no_row_for_a_day_and_nothing_else(app: Flask, session: Session, world: World, data: Path) -> None:
    here = world.authority.id
    kept, old, young = keep(session, here).sha256, put(here, samples.PDF + b"1"), put(here, samples.PDF + b"2")
    folder = place(data, here, kept).parent
    for name, hours in ((kept, 10_000), (old, 25), (young, 23)):
        age(folder / name, hours)
    for name, hours in ((".old.partial", 25), (".young.partial", 23), ("note.txt", 10_000)):
        (folder / name).write_bytes(b"x")
        age(folder / name, hours)
    assert vars_of(jobs.reap(app)) == (1, 1, 0, 0)
    assert sorted(path.name for path in folder.iterdir()) == sorted([kept, young, ".young.partial", "note.txt"])
    assert vars_of(jobs.reap(app)) == (0, 0, 0, 0), "aside it lies for an hour"
    age(aside(data, here, old), 1.1)
    assert vars_of(jobs.reap(app)) == (0, 0, 0, 1)
    assert not storage().holds(here, old)


def vars_of(reaped: Any) -> tuple[int, int, int, int]:
    return (reaped.partials, reaped.aside, reaped.back, reaped.deleted)


def test_bytes_that_gain_a_row_while_they_are_reaped_come_back(app: Flask, session: Session, world: World, data: Path) -> None:
    here = world.authority.id
    stored = storage().put(here, io.BytesIO(samples.PDF), "a.pdf")
    age(place(data, here, stored.sha256), 25)
    jobs.reap(app)
    assert not place(data, here, stored.sha256).exists()
    service.keep(session, here, stored, clock.now())
    session.commit()
    assert storage().digest(here, stored.sha256) == stored.sha256, "still found meanwhile"
    assert vars_of(jobs.reap(app)) == (0, 0, 1, 0)
    assert place(data, here, stored.sha256).exists()


def test_an_orphan_brought_again_is_young_again(app: Flask, session: Session, world: World, data: Path) -> None:
    here = world.authority.id
    age(place(data, here, put(here)), 1000)
    put(here)
    assert vars_of(jobs.reap(app)) == (0, 0, 0, 0)


def test_a_store_shared_with_another_database_is_not_reaped(app: Flask, session: Session, world: World, data: Path) -> None:
    here = world.authority.id
    for number in range(STRANGE_FROM + 1):
        age(place(data, here, put(here, samples.PDF + str(number).encode())), 25)
    with pytest.raises(Refused, match="STORAGE_URL"):
        jobs.reap(app)
    assert len(list(place(data, here, "x").parent.iterdir())) == STRANGE_FROM + 1


def test_a_withdrawn_file_leaves_a_tombstone_and_nothing_else(app: Flask, session: Session, world: World, data: Path) -> None:
    row = keep(session, world.authority.id)
    service.withdraw(session, row, "Văn bản có độ mật", ADMIN, clock.now())
    assert place(data, row.authority_id, row.sha256).exists(), "nothing goes before the commit"
    session.rollback()
    assert row.withdrawn_at is None
    service.withdraw(session, row, "Văn bản có độ mật", ADMIN, clock.now())
    session.commit()
    assert jobs.remove_withdrawn(app) == 1
    assert jobs.remove_withdrawn(app) == 0
    session.expire_all()
    assert not storage().holds(row.authority_id, row.sha256)
    assert (row.sha256, row.withdrawn_by, row.withdrawn_reason) == (row.sha256, "Quản trị", "Văn bản có độ mật")
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "file.withdraw")).one()
    assert row.sha256 in event.summary and event.subject_id == row.id


def test_the_same_bytes_brought_again_are_refused_with_the_reason_and_removed(app: Flask, session: Session, world: World) -> None:
    row = keep(session, world.authority.id)
    service.withdraw(session, row, "Văn bản có độ mật", ADMIN, clock.now())
    session.commit()
    jobs.remove_withdrawn(app)
    with pytest.raises(Refused, match=r"Văn bản có độ mật.*Không tải lên lại được") as refusal:
        keep(session, world.authority.id)
    assert refusal.value.field == "file"
    assert storage().holds(row.authority_id, row.sha256)
    assert jobs.remove_withdrawn(app) == 1
    keep(session, world.elsewhere.id)


@pytest.mark.parametrize("reason", ["", "   mật   ", "x" * 501])
def test_a_withdrawal_says_why(session: Session, world: World, reason: str) -> None:
    row = keep(session, world.authority.id)
    with pytest.raises(Refused) as refusal:
        service.withdraw(session, row, reason, ADMIN, clock.now())
    assert refusal.value.field == "reason" and row.withdrawn_at is None


def test_a_file_is_withdrawn_once(session: Session, world: World) -> None:
    row = keep(session, world.authority.id)
    service.withdraw(session, row, "Văn bản có độ mật", ADMIN, clock.now())
    with pytest.raises(Refused, match="đã được rút"):
        service.withdraw(session, row, "Một lý do khác hẳn", ADMIN, clock.now())
    assert row.withdrawn_reason == "Văn bản có độ mật"


def test_verify_does_not_miss_withdrawn_bytes_but_finds_those_still_lying_there(
    session: Session, world: World, command: Callable[..., Any], on_day: Callable[[str], None]
) -> None:
    row = keep(session, world.authority.id)
    service.withdraw(session, row, "Văn bản có độ mật", ADMIN, clock.now())
    session.commit()
    assert command("evidence", "verify").exit_code == 0, "they may lie there for a moment"
    on_day("2026-11-18T12:00")
    told = command("evidence", "verify", "--json")
    assert told.exit_code == 1
    assert [found["problem"] for found in json.loads(told.stdout)["rows"]] == ["đã rút mà vẫn còn trong kho"]
    storage().remove(row.authority_id, row.sha256)
    assert json.loads(command("evidence", "verify", "--json").stdout) == {"checked": 0, "bad": 0, "rows": []}


def test_a_backup_does_not_miss_what_was_withdrawn(session: Session, world: World, command: Callable[..., Any], tmp_path: Path) -> None:
    row = keep(session, world.authority.id)
    other = keep(session, world.authority.id, samples.PDF + b" ")
    service.withdraw(session, row, "Văn bản có độ mật", ADMIN, clock.now())
    session.commit()
    storage().remove(row.authority_id, row.sha256)
    saved = command("backup", str(tmp_path / "saved"), "--json")
    assert saved.exit_code == 0
    assert json.loads(saved.stdout)["files"] == 1
    assert [path.name for path in (tmp_path / "saved" / "files").rglob("*") if path.is_file()] == [other.sha256]


def test_one_flipped_bit_is_found_by_night_and_told_until_it_is_mended(app: Flask, session: Session, world: World, data: Path) -> None:
    rows = [keep(session, world.authority.id, samples.PDF + bytes([number])) for number in range(30)]
    path = place(data, world.authority.id, rows[17].sha256)
    whole = path.read_bytes()
    path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    for _night in range(2):
        with pytest.raises(jobs.DamagedFiles, match="1 tệp"):
            jobs.verify(app, threading.Event())
    path.write_bytes(whole)
    assert jobs.verify(app, threading.Event()) == "30 tệp nguyên vẹn"


def test_the_check_goes_on_where_the_last_night_stopped(app: Flask, session: Session, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        keep(session, world.authority.id, samples.PDF + bytes([number]))
    monkeypatch.setattr(jobs, "BATCH", 2)
    stop = threading.Event()
    taken: list[str] = []
    real = jobs.upkeep_service.problem_of
    monkeypatch.setattr(jobs.upkeep_service, "problem_of", lambda store, one: (taken.append(one.sha256), stop.set(), real(store, one))[2])
    for _night in range(3):
        stop.clear()
        jobs.verify(app, stop)
    assert len(taken) == len(set(taken)) == 5


def upload(browser: PageClient, world: World, name: str, content: bytes, status: int = 200) -> PageClient:
    address = f"/huyen-thu/tasks/{world.task.id}/evidence"
    return browser.get(f"{address}?kind=file").form(address).upload("file", name, content).submit(status=status)


def test_an_administrator_withdraws_a_secret_document_and_everybody_is_told_why(
    app: Flask, session: Session, world: World, sign_in: Callable[..., PageClient], data: Path
) -> None:
    owner, admin = sign_in(world.owner.username), sign_in(world.admin.username)
    page = upload(owner, world, "mật.pdf", samples.PDF)
    file = owner.get(f"/huyen-thu/tasks/{world.task.id}").link("mật.pdf").href
    row = session.scalars(select(StoredFile)).one()
    address = f"/huyen-thu/files/{row.id}/withdraw"
    asking = admin.get(address)
    assert "mật.pdf" in asking.main and row.sha256 in asking.main
    assert "từ 10" in asking.form(address).fill(reason="mật").submit("Rút tệp", status=400).main
    done = admin.get(address).form(address).fill(reason="Văn bản có độ mật").submit("Rút tệp")
    assert "mật.pdf" in done.main and "Văn bản có độ mật" in done.main
    assert not place(data, row.authority_id, row.sha256).exists()
    page = owner.get(file, status=410)
    assert "18/11/2026" in page.text and "Văn bản có độ mật" in page.text
    assert "Văn bản có độ mật" in upload(owner, world, "lại.pdf", samples.PDF, status=400).main
    for person in (world.owner, world.focal, world.chair):
        sign_in(person.username).get(address, status=403)
    sign_in(world.stranger.username).get(address, status=404)
    assert not admin.get(address).has_form(address)


def test_a_store_that_fails_is_a_page_of_its_own_and_saves_nothing(
    app: Flask, session: Session, world: World, sign_in: Callable[..., PageClient], data: Path
) -> None:
    owner = sign_in(world.owner.username)
    (data / "evidence").write_text("a file stands where the folder should")
    page = upload(owner, world, "a.pdf", samples.PDF, status=503)
    assert "Kho minh chứng không trả lời" in page.text
    owner.get(f"/huyen-thu/tasks/{world.task.id}")
    assert session.scalars(select(StoredFile)).all() == []
