"""flask setup-code; flask authorities add (its group stands in units/commands.py)."""

from __future__ import annotations

from flask import Flask, current_app

from tracker.accounts.rules import grouped
from tracker.kernel import clock
from tracker.start import service
from tracker.web.terminal import emit, json_option, refuses, say, work


def install(app: Flask) -> None:
    """Hangs the command on the application."""

    @app.cli.command("setup-code", help="In mã thiết lập lần đầu, dùng một lần; mã cũ hết hiệu lực. Chỉ khi chưa có cơ quan nào.")
    @json_option
    @refuses
    def setup_code(as_json: bool) -> None:
        now = clock.now()
        with work("the operator sets the installation up", writes=True) as session:
            code = service.new_code(session, now=now)
        emit({"code": grouped(code), "until": now + service.CODE_LIFE, "address": f"{current_app.config['BASE_URL']}/setup"}, as_json)
        say("Mã chỉ hiện một lần. Ai có mã này lập được cơ quan đầu tiên và người quản trị của nó.")
