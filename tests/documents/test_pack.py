"""The evidence pack: order, names, index, covers; streamed with a length known beforehand; nothing of others in it."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from docx import Document
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.evidence import samples
from tests.factories import World
from tests.page_client import PageClient
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.documents import pack_writing
from tracker.documents.pack_queries import pack_of
from tracker.documents.pack_rules import COVER_NAME, INDEX_NAME, NAME_LIMIT, Entry, archive_length, file_name, safe_name
from tracker.documents.pack_writing import ChangedWhileSent
from tracker.evidence import content_rules, queries, service
from tracker.files.models import StoredFile
from tracker.files.storage import Storage
from tracker.tasks.models import Task
from tracker.tasks.rules import Progress

NOW = datetime(2026, 11, 12, 2, 0, tzinfo=UTC)
Browser = Callable[..., PageClient]


@pytest.fixture
def store(app: Flask) -> Storage:
    return Storage(app.config["STORAGE_URL"], app.config["TRACKER_DATA"] / "scratch")


@pytest.fixture
def answered(session: Session, world: World, store: Storage) -> Task:
    """1.1 is handed in: two files for the decision, a link for the minutes. Another unit's 1.2 has a file of its own."""
    actor = Actor(world.owner.id, "Chuyên viên")
    decision, minutes = (one.slot for one in queries.checklist(session, world.task.indicator_id))
    brought = tuple(
        content_rules.BroughtFile(store.put(world.authority.id, io.BytesIO(samples.PDF + extra), name), name)
        for name, extra in (("Quyết định/15: kiện toàn.pdf".replace("/", "-"), b"%1"), ("Phụ lục.pdf", b"%2"))
    )
    said = content_rules.particulars(document_number="15/QĐ-UBND", issuer="UBND huyện Thử")
    service.bring(session, world.task, content_rules.some_files(brought).with_particulars(said), decision, world.room.id, actor, NOW)
    service.bring(session, world.task, content_rules.a_link("https://thu.example/bien-ban"), minutes, world.room.id, actor, NOW)
    world.task.status = Progress.READY
    other = next(task for task in world.tasks if task.unit_id == world.other_room.id)
    stored = store.put(world.authority.id, io.BytesIO(samples.PDF + b"%other"), "bí mật của phòng khác.pdf")
    service.bring(session, other, content_rules.a_file(stored, "bí mật của phòng khác.pdf"), None, other.unit_id, actor, NOW)
    other.status = Progress.READY
    session.commit()
    return world.task


def download(browser: PageClient, world: World) -> tuple[bytes, int]:
    page = browser.get(f"/huyen-thu/rounds/{world.round.slug}/pack")
    answer = page.form("/pack.zip").submit("Tải hồ sơ")
    return answer.data, int(answer.headers["Content-Length"])


@pytest.mark.db
def test_the_pack_stands_in_the_order_of_the_set_with_codes_as_names(session: Session, world: World, answered: Task, sign_in: Browser) -> None:
    data, promised = download(sign_in(world.focal.username), world)
    assert len(data) == promised, "the browser was told the true length"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names[0] == INDEX_NAME
        folder = next(name.partition("/")[0] for name in names if name.endswith("Phụ lục.pdf"))
        assert folder.startswith("1 ")
        assert f"{folder}/{COVER_NAME}" in names
        files = [name for name in names if name.endswith(".pdf")]
        assert files[:2] == [f"{folder}/1.1-01 Quyết định-15 kiện toàn.pdf", f"{folder}/1.1-01.2 Phụ lục.pdf"]
        assert archive.read(files[0]) == samples.PDF + b"%1"
        rows = CalamineWorkbook.from_filelike(io.BytesIO(archive.read(INDEX_NAME))).get_sheet_by_index(0).to_python()
        words = [" ".join(str(cell) for cell in row) for row in rows]
        assert any("15/QĐ-UBND" in line and "1.1-01" in line for line in words)
        assert any("https://thu.example/bien-ban" in line and "1.1-02" in line for line in words)
        assert any("Còn thiếu" in line for line in words), "what nobody brought stands in the index"
        cover = Document(io.BytesIO(archive.read(f"{folder}/{COVER_NAME}")))
        assert "HỒ SƠ MINH CHỨNG" in [line.text for line in cover.paragraphs]
        assert "tblHeader" in cover.tables[0].rows[0]._tr.xml, "the headings come again on the next page"
        assert round(sum(cell.width.cm for cell in cover.tables[0].rows[0].cells), 1) == 16.5
    assert session.scalars(select(AuditEvent.action).where(AuditEvent.action == "evidence.pack")).all()


@pytest.mark.db
def test_a_lead_unit_gets_its_own_proofs_and_nothing_of_others(session: Session, world: World, answered: Task, sign_in: Browser) -> None:
    data, _promised = download(sign_in(world.owner.username), world)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        told = " ".join(archive.namelist()) + " ".join(
            str(cell)
            for row in CalamineWorkbook.from_filelike(io.BytesIO(archive.read(INDEX_NAME))).get_sheet_by_index(0).to_python()
            for cell in row
        )
    assert "Phụ lục.pdf" in told
    assert "bí mật" not in told
    assert world.other_room.name not in told
    sign_in(world.stranger.username).get(f"/huyen-thu/rounds/{world.round.slug}/pack", status=404)


@pytest.mark.db
def test_the_command_writes_the_same_and_counts_what_is_missing(
    app: Flask, session: Session, world: World, answered: Task, command, tmp_path
) -> None:
    target = tmp_path / "hồ sơ.zip"
    said = command("evidence", "pack", "huyen-thu", "--round", world.round.slug, "--out", str(target), "--json")
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)
    assert found["files"] == 3
    assert found["missing"] > 0
    assert target.stat().st_size == found["bytes"]
    assert not list(tmp_path.glob("*.partial"))
    gone = session.scalars(select(StoredFile).order_by(StoredFile.id)).first()
    (app.config["TRACKER_DATA"] / "evidence" / str(gone.authority_id) / gone.sha256).unlink()
    again = json.loads(command("evidence", "pack", "huyen-thu", "--round", world.round.slug, "--out", str(target), "--json").stdout)
    assert (again["files"], again["missing"]) == (2, found["missing"] + 1), "a lost file is left out, told and counted"
    assert zipfile.ZipFile(target).testzip() is None
    assert command("evidence", "pack", "huyen-thu", "--round", "khong-co", "--out", str(target), "--json").exit_code == 1


@pytest.mark.db("sqlite")
def test_a_file_that_changed_on_the_store_cuts_the_stream(app: Flask, session: Session, world: World, answered: Task, store: Storage) -> None:
    written = pack_writing.prepared(pack_of(session, "Thử", world.round), store)
    one = session.scalars(select(StoredFile).order_by(StoredFile.id)).first()
    path = app.config["TRACKER_DATA"] / "evidence" / str(one.authority_id) / one.sha256
    path.write_bytes(path.read_bytes().replace(b"%1", b"%9"))
    with pytest.raises(ChangedWhileSent):
        list(pack_writing.stream(written, store))


@pytest.mark.db("sqlite")
def test_the_pack_opens_with_unzip_and_its_index_in_libreoffice(session: Session, world: World, answered: Task, store: Storage, tmp_path) -> None:
    target = tmp_path / "pack.zip"
    target.write_bytes(b"".join(pack_writing.stream(pack_writing.prepared(pack_of(session, "UBND huyện Thử", world.round), store), store)))
    if shutil.which("unzip"):
        assert subprocess.run(["unzip", "-tq", str(target)], capture_output=True, check=False).returncode == 0
    with zipfile.ZipFile(target) as archive:
        archive.extractall(tmp_path / "out")
    office = shutil.which("soffice")
    # An office without its spreadsheets converts nothing, and says so nowhere.
    if office and (Path(office).resolve().parent / "libsclo.so").exists():
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = [
            office,
            profile,
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76",
            "--outdir",
            str(tmp_path),
            str(tmp_path / "out" / INDEX_NAME),
        ]
        subprocess.run(command, check=True, timeout=120, capture_output=True)
        assert "15/QĐ-UBND" in next(tmp_path.glob("*.csv")).read_text(encoding="utf-8")


@pytest.mark.db("sqlite")
def test_the_memory_of_sending_does_not_grow_with_the_pack(session: Session, world: World, store: Storage) -> None:
    slot = queries.checklist(session, world.task.indicator_id)[0].slot
    for number in range(3):
        stored = store.put(world.authority.id, io.BytesIO(samples.PDF + bytes([number]) * (19 * 1024 * 1024)), "lớn.pdf")
        service.bring(session, world.task, content_rules.a_file(stored, "lớn.pdf"), slot, world.room.id, Actor(world.owner.id, "Chuyên viên"), NOW)
    written = pack_writing.prepared(pack_of(session, "Thử", world.round, everything=True), store)
    tracemalloc.start()
    sent = sum(len(chunk) for chunk in pack_writing.stream(written, store))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent == written.length > 57 * 1024 * 1024
    assert peak < 8 * 1024 * 1024, f"{peak} bytes at the highest"


@given(st.text(max_size=300))
def test_every_name_is_safe_and_comes_back_from_the_archive(original: str) -> None:
    name = file_name("1.3-01", 1, original)
    assert 0 < len(name) <= NAME_LIMIT
    assert not set(name) & set('<>:"/\\|?*')
    assert name == unicodedata.normalize("NFC", name)
    assert not name.endswith((" ", "."))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, b"x")
    assert zipfile.ZipFile(out).namelist() == [name]


def test_vietnamese_names_stay_and_long_ones_keep_their_ending() -> None:
    assert safe_name("Đề án chuyển đổi số – 2026.pdf") == "Đề án chuyển đổi số – 2026.pdf"
    assert safe_name("a" * 300 + ".pdf").endswith(".pdf")
    assert len(safe_name("a" * 300 + ".pdf")) == NAME_LIMIT


@given(st.lists(st.tuples(st.text(min_size=1, max_size=40), st.integers(0, 5000)), max_size=30))
def test_the_length_is_known_before_a_byte_is_written(entries: list[tuple[str, int]]) -> None:
    named = [(f"{place} {safe_name(name)}", size) for place, (name, size) in enumerate(entries)]
    sink = pack_writing._Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, size in named:
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as entry:
                entry.write(b"x" * size)
    assert len(sink.drain()) == archive_length(Entry(name, size) for name, size in named)
