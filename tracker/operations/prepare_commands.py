"""``flask prepare``: what ``make run`` does before it starts anything. Not part of the contract of commands."""

from __future__ import annotations

import io
import os
from contextlib import redirect_stdout
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

import config
from tracker.accounts.rules import grouped
from tracker.kernel import clock, vietnamese
from tracker.kernel.database import db
from tracker.operations import prepare as steps
from tracker.operations.seed_commands import seed
from tracker.start import queries as start
from tracker.start import service as start_service
from tracker.web import terminal


def install(app: Flask) -> None:
    """Hangs the command on the application."""
    app.cli.add_command(prepare)


@click.command("prepare", hidden=True)
@with_appcontext
@click.pass_context
def prepare(context: click.Context) -> None:
    """Sao lưu tệp SQLite, nâng cấp cơ sở dữ liệu, nạp dữ liệu đi kèm; in một đối tượng JSON."""
    data, kind = Path(current_app.config["TRACKER_DATA"]), current_app.config["TRACKER_ENV"]
    due = steps.migration_due(db.engine, config.ROOT / "migrations")
    copy = steps.copy_sqlite(db.engine, data / "backups", clock.real_now(), due=due)
    if copy:
        terminal.say(f"Đã sao lưu cơ sở dữ liệu vào {copy}.")
    if due:
        terminal.say("Đang nâng cấp cơ sở dữ liệu …")
        upgrade()
    # TRACKER_BLANK: nothing but the library, to see an office begin.
    blank = os.environ.get("TRACKER_BLANK") == "1"
    with redirect_stdout(io.StringIO()):
        context.invoke(seed, demo=kind != "production" and not blank, samples=False, library=blank, as_json=False)
    kept = data / "demo_password"
    with terminal.work("prepare") as session:
        accounts = steps.demo_accounts(session) if kind != "production" else []
        never = not start.any_authority(session)
    with terminal.work("prepare", writes=True) as session:
        code = start_service.new_code(session, now=clock.now()) if never else None
    terminal.emit(
        {
            "accounts": accounts,
            "password": kept.read_text(encoding="utf-8").strip() if accounts and kept.exists() else None,
            "now": vietnamese.long_date_vn(clock.today()) if clock.pretends() else None,
            "setup_code": grouped(code) if code else None,
            "mail": kind != "production" and not current_app.config["MAIL_SERVER"],
        },
        as_json=True,
    )
