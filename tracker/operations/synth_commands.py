"""``flask synth``."""

from __future__ import annotations

import time

import click
from flask import Flask, current_app

from tracker.accounts import credentials
from tracker.kernel import clock
from tracker.kernel.errors import Refused
from tracker.operations import demo_accounts, seed_commands
from tracker.operations import synth as country
from tracker.web import terminal


def install(app: Flask) -> None:
    """Hangs the command on the application."""
    app.cli.add_command(synth)


@click.command("synth")
@click.option("--authorities", type=click.IntRange(1, 2000), required=True, help="Số cơ quan; mỗi cơ quan 400 nhiệm vụ.")
@click.option("--seed", type=int, default=1, show_default=True, help="Cùng một số thì ra cùng một dữ liệu.")
@terminal.json_option
@terminal.refuses
def synth(authorities: int, seed: int, as_json: bool) -> None:
    """Tạo các cơ quan giả có đủ mọi tình trạng để thử quy mô; cơ quan đã có thì giữ nguyên."""
    if current_app.config["TRACKER_ENV"] == "production":
        raise Refused("Không tạo dữ liệu tổng hợp khi chạy thật (TRACKER_ENV=production).")
    begun = time.monotonic()
    known, wanted = seed_commands.passwords()
    with terminal.work("synth", writes=True) as session:
        if known not in (None, wanted):
            demo_accounts.set_password(session, wanted)
        counts = country.make(session, authorities, seed, clock.now(), password_hash=credentials.hash_password(wanted))
    seed_commands.keep_password(known, wanted)
    terminal.say(f"Xong trong {time.monotonic() - begun:.1f} giây. Tài khoản: focal@tong-hop-0001.demo …, mật khẩu trình diễn.")
    terminal.emit(counts, as_json)
