"""``flask evidence verify``."""

from __future__ import annotations

from flask import Flask
from flask.cli import AppGroup

from tracker.files import upkeep_service
from tracker.files.current import storage
from tracker.files.queries import stored_files
from tracker.kernel import clock, scope
from tracker.kernel.database import db
from tracker.web import terminal

group = AppGroup("evidence", help="Minh chứng.")


def install(app: Flask) -> None:
    """Hangs the commands on the application."""
    app.cli.add_command(group)


@group.command("verify")
@terminal.json_option
@terminal.refuses
def verify(as_json: bool) -> None:
    """So từng tệp đã lưu với mã SHA-256 của nó; tệp đã rút thì không được còn trong kho."""
    session, store = db.session(), storage()
    with scope.using(session, scope.whole("integrity check of every stored file")):
        files = stored_files(session)
        bad = upkeep_service.left_behind(session, store, clock.now())
    bad += [problem for one in files if (problem := upkeep_service.problem_of(store, one))]
    terminal.emit({"checked": len(files), "bad": len(bad), "rows": bad}, as_json, ("authority_id", "sha256", "problem"))
    if bad:
        raise SystemExit(1)
