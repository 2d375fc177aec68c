"""``flask audit verify``."""

from __future__ import annotations

from flask import Flask
from flask.cli import AppGroup

from tracker.audit import service
from tracker.kernel.database import db
from tracker.web import terminal

group = AppGroup("audit", help="Nhật ký.")


def install(app: Flask) -> None:
    """Hangs the commands on the application."""
    app.cli.add_command(group)


@group.command("verify")
@terminal.json_option
@terminal.refuses
def verify(as_json: bool) -> None:
    """Tính lại chuỗi niêm của nhật ký."""
    verdict = service.verify(db.session())
    rows = [{"problem": sentence} for sentence in verdict.bad]
    terminal.emit({"events": verdict.events, "seals": verdict.seals, "bad": len(rows), "rows": rows}, as_json, ("problem",))
    if rows:
        raise SystemExit(1)
