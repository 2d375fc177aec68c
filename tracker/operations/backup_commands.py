"""``flask backup DIR``, ``flask restore DIR``, ``flask mail release``."""

from __future__ import annotations

from pathlib import Path

import click
from alembic import command as alembic
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import Engine

from tracker.audit import service as audit
from tracker.audit.rules import SYSTEM
from tracker.files.current import storage
from tracker.kernel import clock
from tracker.kernel.database import db, writing
from tracker.mail import hold
from tracker.operations import backup as backups
from tracker.operations import restore as restores
from tracker.web import terminal

mail = AppGroup("mail", help="Thư gửi ra.")


def install(app: Flask) -> None:
    """Hangs the commands on the application."""
    app.cli.add_command(backup)
    app.cli.add_command(restore)
    app.cli.add_command(mail)


@click.command("backup")
@with_appcontext
@click.argument("directory", type=click.Path(path_type=Path))
@terminal.json_option
@terminal.refuses
def backup(directory: Path, as_json: bool) -> None:
    """Sao lưu cơ sở dữ liệu và minh chứng vào DIRECTORY; hệ thống cứ chạy."""
    made = backups.make(db.engine, storage(), directory.resolve(), clock.real_now(), terminal.counting())
    terminal.emit({"files": len(made.files), "rows": made.rows, "revision": made.revision, "missing": made.missing}, as_json)
    if made.missing:
        raise terminal.refuse(f"Đã sao lưu, nhưng {len(made.missing)} tệp minh chứng không còn nguyên trong kho; chạy flask evidence verify.")


@click.command("restore")
@with_appcontext
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--replace", is_flag=True, help="Thay dữ liệu đang có.")
@terminal.json_option
@terminal.refuses
def restore(directory: Path, replace: bool, as_json: bool) -> None:
    """Khôi phục từ DIRECTORY, vào SQLite hay PostgreSQL. Từ chối khi hệ thống đang chạy."""
    data = _data()
    with writing():
        made = restores.restore(
            db.engine, storage(), data, directory.resolve(), _migrate, clock.real_now(), replace=replace, tell=terminal.counting()
        )
    with terminal.work("restore", writes=True) as session:
        audit.record(session, SYSTEM, "restore", f"Khôi phục bản sao lưu lúc {made.made_at}.", now=clock.now(), authority_id=None)
    terminal.emit({"files": len(made.files), "rows": made.rows, "revision": made.revision, "missing": made.missing}, as_json)
    terminal.say("Mọi người phải đăng nhập lại. Thư đang được giữ; xem lại hộp thư chờ rồi chạy flask mail release.")


@mail.command("release")
@terminal.json_option
@terminal.refuses
def release(as_json: bool) -> None:
    """Cho gửi thư trở lại sau khi khôi phục."""
    released = hold.release(_data())
    if not released:
        raise terminal.refuse("Thư không bị giữ; không có gì để cho gửi trở lại.")
    with terminal.work("mail release", writes=True) as session:
        audit.record(session, SYSTEM, "mail.release", "Cho gửi thư trở lại sau khi khôi phục.", now=clock.now(), authority_id=None)
    terminal.emit({"released": released}, as_json)


def _migrate(engine: Engine, revision: str) -> None:
    settings = current_app.extensions["migrate"].migrate.get_config()
    settings.attributes["engine"] = engine
    if revision == "base":
        alembic.downgrade(settings, revision)
    else:
        alembic.upgrade(settings, revision)


def _data() -> Path:
    return Path(current_app.config["TRACKER_DATA"])
