"""``flask seed``."""

from __future__ import annotations

import secrets
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

import config
from tracker.deadlines import queries as deadlines
from tracker.files.current import storage
from tracker.kernel import clock
from tracker.kernel.errors import Refused
from tracker.operations import demo as demonstration
from tracker.operations import demo_accounts
from tracker.operations import seed as seeds
from tracker.web import terminal

SEEDS = config.ROOT / "seeds"


def install(app: Flask) -> None:
    """Hangs the command on the application."""
    app.cli.add_command(seed)


@click.command("seed")
@with_appcontext
@click.option("--demo", is_flag=True, help="Thêm tài khoản, đơn vị thành viên và tiến độ để trình diễn.")
@click.option("--samples", is_flag=True, help="Nạp cả các cơ quan mẫu khi chạy thật.")
@click.option("--library", is_flag=True, help="Chỉ nạp các bộ chỉ số và lịch làm việc, không nạp cơ quan mẫu nào.")
@terminal.json_option
@terminal.refuses
def seed(demo: bool, samples: bool, library: bool, as_json: bool) -> None:
    """Nạp các bộ chỉ số, lịch làm việc và các cơ quan mẫu; chạy lại không đổi gì."""
    production = current_app.config["TRACKER_ENV"] == "production"
    if demo and production:
        raise Refused("Không nạp dữ liệu trình diễn khi chạy thật (TRACKER_ENV=production); bỏ --demo.")
    if library and (demo or samples):
        raise Refused("--library chỉ nạp thư viện; bỏ --demo, --samples hoặc bỏ --library.")
    now = clock.now()
    with terminal.work("seed", writes=True) as session:
        report = seeds.load(session, SEEDS, samples=samples or demo or not (production or library), now=now)
        deadlines.forget_calendar(session)
        if demo:
            known, wanted = passwords()
            if known != wanted and known is not None:
                report.add("password", "demo", "changed", demo_accounts.set_password(session, wanted))
            demonstration.load(session, SEEDS, storage(), wanted, report, now)
    if demo:
        keep_password(known, wanted)
    _tell(report, as_json)


def _tell(report: seeds.SeedReport, as_json: bool) -> None:
    for row in report.rows:
        if row["outcome"] == "kept":
            terminal.say(f"{row['name']}: nội dung trong cơ sở dữ liệu khác tệp seeds; giữ nguyên bản trong cơ sở dữ liệu.")
    counts: dict[str, object] = {outcome: report.total(outcome) for outcome in seeds.OUTCOMES}
    if not counts["created"] and not counts["changed"]:
        terminal.say("Không có gì thay đổi.")
    columns = [("kind", "Loại"), ("name", "Tên"), ("outcome", "Kết quả"), ("count", "Số dòng")]
    terminal.emit({**counts, "rows": report.rows}, as_json, columns)


def _password_file() -> Path:
    return Path(current_app.config["TRACKER_DATA"]) / "demo_password"


def passwords() -> tuple[str | None, str]:
    """The password kept by this installation, if any, and the one wanted now: the setting, or the kept one, or a new one."""
    kept = _password_file()
    known = kept.read_text(encoding="utf-8").strip() if kept.exists() else None
    return known, current_app.config["DEMO_PASSWORD"] or known or secrets.token_urlsafe(9)


def keep_password(known: str | None, wanted: str) -> None:
    """Written when the accounts are: a password in the file always opens them."""
    if known == wanted:
        return
    kept = _password_file()
    kept.touch(mode=0o600)
    kept.write_text(wanted + "\n", encoding="utf-8")
    terminal.say(f"Mật khẩu của các tài khoản trình diễn: {wanted}")
