"""``flask evidence verify``."""

from __future__ import annotations

from flask import Flask
from flask.cli import AppGroup

from tracker.files.current import storage
from tracker.files.queries import stored_files
from tracker.kernel import scope
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
    """So từng tệp đã lưu với mã SHA-256 của nó."""
    session = db.session()
    store = storage()
    bad = []
    with scope.using(session, scope.whole("integrity check of every stored file")):
        files = stored_files(session)
    for one in files:
        found = store.digest(one.authority_id, one.sha256)
        if found != one.sha256:
            bad.append({"authority_id": one.authority_id, "sha256": one.sha256, "problem": "mất tệp" if found is None else "nội dung đã đổi"})
    terminal.emit({"checked": len(files), "bad": len(bad), "rows": bad}, as_json, ("authority_id", "sha256", "problem"))
    if bad:
        raise SystemExit(1)
