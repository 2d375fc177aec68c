"""A backup brings everything back, into either database, and a restore refuses what it must."""

from __future__ import annotations

import gzip
import json
import shutil
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from tests.harness.stores import make_app
from tracker.accounts import service as accounts
from tracker.accounts.models import UserSession
from tracker.files.models import StoredFile
from tracker.files.storage import Storage
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.mail import hold
from tracker.operations import backup, portable
from tracker.operations.running import mark_running
from tracker.schema import TABLES

pytestmark = pytest.mark.db

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def answer(result) -> dict:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def run(app, *args: str):
    """A command in another installation than the test's own."""
    with app.app_context():
        return app.test_cli_runner().invoke(args=list(args))


def contents(app) -> dict[str, list[str]]:
    """Every row of every table, as text that does not depend on the database; sessions apart, which a restore ends."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: [str([str(value) for value in row]) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in TABLES
            if table.name not in ("user_session", "audit_event")
        }


def add_evidence(app, world, data: Path, body: bytes = PDF) -> str:
    store = Storage(app.config["STORAGE_URL"], data / "scratch")
    stored = store.put(world.authority.id, BytesIO(body), "bien-ban.pdf")
    row = StoredFile(authority_id=world.authority.id, sha256=stored.sha256, size=stored.size, media_type=stored.media_type, stored_at=clock.now())
    db.session.add(row)
    db.session.commit()
    return stored.sha256


@pytest.fixture
def saved(app, world, data, command, tmp_path) -> Path:
    """A backup of a small world with one piece of evidence."""
    add_evidence(app, world, data)
    made = answer(command("backup", str(tmp_path / "saved"), "--json"))
    assert made["files"] == 1 and made["rows"] > 50 and made["missing"] == []
    return tmp_path / "saved"


@pytest.fixture
def elsewhere(stores, tmp_path):
    """Builds an empty installation on a database of either kind."""
    made = []

    def build(backend: str, template: str = "blank"):
        url = stores.copy(backend, template)
        folder = tmp_path / f"elsewhere-{len(made)}"
        folder.mkdir()
        app = make_app(url, folder)
        made.append((url, app))
        return app, folder

    yield build
    for url, app in made:
        with app.app_context():
            db.engine.dispose()
        stores.drop(url)


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_backup_restores_into_either_database(app, saved, elsewhere, target) -> None:
    other, folder = elsewhere(target)
    said = answer(run(other, "restore", str(saved), "--json"))
    assert contents(other) == contents(app)
    assert said["files"] == 1
    assert [path.read_bytes() for path in (folder / "evidence").rglob("*") if path.is_file()] == [PDF]


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_ids_go_on_after_the_restored_ones(saved, elsewhere, target) -> None:
    other, _folder = elsewhere(target)
    answer(run(other, "restore", str(saved), "--json"))
    with other.app_context():
        last = db.session.scalar(text("SELECT max(id) FROM account"))
        db.session.execute(
            text(
                "INSERT INTO account (username, username_key, display_name, folded, active, demo, created_at, version) "
                "VALUES ('x', 'x', 'x', 'x', :yes, :no, '2026-01-01 00:00:00', 1)"
            ),
            {"yes": True, "no": False},
        )
        assert db.session.scalar(text("SELECT max(id) FROM account")) > last
        db.session.rollback()


def test_after_a_restore_nobody_is_signed_in_and_mail_waits_for_an_administrator(session, world, command, tmp_path, elsewhere, backend) -> None:
    accounts.open_session(session, world.owner, old_token=None, now=clock.now(), real_now=clock.real_now())
    answer(command("backup", str(tmp_path / "saved"), "--json"))
    other, folder = elsewhere(backend)
    answer(run(other, "restore", str(tmp_path / "saved"), "--json"))
    with other.app_context():
        assert db.session.scalar(select(func.count()).select_from(UserSession)) > 0
        assert db.session.scalar(select(func.count()).select_from(UserSession).where(UserSession.revoked_at.is_(None))) == 0
    assert hold.held(folder)
    assert run(other, "mail", "release").exit_code == 0
    assert hold.held(folder) is None
    assert run(other, "mail", "release").exit_code == 1


def test_a_restore_refuses_a_running_server(app, saved, data, command) -> None:
    before = contents(app)
    with mark_running(data):
        result = command("restore", str(saved), "--replace")
    assert result.exit_code == 1 and "đang chạy" in result.stderr
    assert contents(app) == before and hold.held(data) is None


def test_a_restore_refuses_a_target_with_rows_unless_told_to_replace_them(app, session, world, saved, command) -> None:
    before = contents(app)
    world.authority.place = "Nơi khác"
    session.commit()
    session.close()
    assert command("restore", str(saved)).exit_code == 1
    assert contents(app) != before
    answer(command("restore", str(saved), "--replace", "--json"))
    assert contents(app) == before


@pytest.mark.db("sqlite")
def test_replacing_a_sqlite_file_keeps_a_copy_and_leaves_no_companion_behind(app, session, saved, data, command) -> None:
    path = Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
    session.close()
    answer(command("restore", str(saved), "--replace", "--json"))
    assert len(list((data / "backups").glob("*.sqlite"))) == 1
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    assert [p.name for p in path.parent.glob(path.name + "*")] == [path.name]


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("harm", ["table", "file", "lost table", "manifest", "format"])
def test_a_harmed_backup_is_refused_before_anything_is_touched(app, saved, data, command, harm) -> None:
    before = contents(app)
    table = saved / "tables" / "unit.jsonl.gz"
    if harm == "table":
        table.write_bytes(gzip.compress(gzip.decompress(table.read_bytes()).replace("Phòng".encode(), b"Ban")))
    elif harm == "lost table":
        table.unlink()
    elif harm == "file":
        next(p for p in (saved / "files").rglob("*") if p.is_file()).write_bytes(b"%PDF other")
    elif harm == "manifest":
        (saved / "manifest.json").unlink()
    else:
        (saved / "manifest.json").write_text((saved / "manifest.json").read_text().replace('"format": 1', '"format": 2'))
    result = command("restore", str(saved), "--replace")
    assert result.exit_code == 1 and str(saved) in result.stderr
    assert contents(app) == before and hold.held(data) is None


@pytest.mark.db("sqlite")
def test_a_backup_is_byte_for_byte_the_same_for_the_same_rows(saved, command, tmp_path) -> None:
    answer(command("backup", str(tmp_path / "again"), "--json"))
    first, again = portable.read_manifest(saved), portable.read_manifest(tmp_path / "again")
    assert first.tables == again.tables and first.files == again.files


def test_evidence_that_is_gone_is_named_and_the_rest_is_saved(app, world, data, command, tmp_path) -> None:
    kept = add_evidence(app, world, data)
    lost = add_evidence(app, world, data, PDF + b"% another\n")
    (data / "evidence" / str(world.authority.id) / lost).unlink()
    result = command("backup", str(tmp_path / "saved"), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["missing"] == [f"{world.authority.id}/{lost}"]
    assert (tmp_path / "saved" / "files" / str(world.authority.id) / kept).read_bytes() == PDF


@pytest.mark.db("sqlite")
def test_a_backup_does_not_write_over_anything(saved, command) -> None:
    result = command("backup", str(saved))
    assert result.exit_code == 1 and "đã có nội dung" in result.stderr


@pytest.mark.db("sqlite")
def test_an_interrupted_backup_is_no_backup(saved, command, tmp_path) -> None:
    shutil.copytree(saved, tmp_path / "half.partial")
    (tmp_path / "half.partial" / "manifest.json").unlink()
    assert command("restore", str(tmp_path / "half.partial"), "--replace").exit_code == 1


def test_a_backup_is_one_moment_although_people_go_on_working(app, session, world, tmp_path) -> None:
    """Rows written after the first read are not in it: no task without its round, no proof without its file."""
    with app.app_context(), backup._snapshot(db.engine) as connection:
        tables = {table.name: table for table in portable.tables_of(connection)}
        before = connection.scalar(select(func.count()).select_from(tables["unit"]))
        world.room.name = "Phòng Tên Mới"
        session.commit()
        assert connection.scalar(select(func.count()).select_from(tables["unit"]).where(tables["unit"].c.name == "Phòng Tên Mới")) == 0
        assert connection.scalar(select(func.count()).select_from(tables["unit"])) == before
