"""``flask audit verify``."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, current_app
from flask.cli import AppGroup

from tracker.audit import verify_service
from tracker.audit.verify_service import SENTENCES
from tracker.kernel import clock
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
    """Tính lại chuỗi niêm của nhật ký, so với tệp seals.log."""
    verdict = verify_service.verify(db.session(), Path(current_app.config["TRACKER_DATA"]), clock.now())
    answer = {"events": verdict.events, "seals": verdict.seals, "bad": verdict.bad, "compared": verdict.compared, "rows": verdict.faults}
    terminal.emit(answer, as_json, (("authority", "Cơ quan"), ("seal", "Dấu niêm"), ("problem", "Điều không khớp")))
    if verdict.bad > SENTENCES:
        terminal.say(f"Chỉ in {SENTENCES} điều đầu tiên trong {verdict.bad} điều không khớp.")
    if not verdict.seals and not verdict.bad:
        terminal.say("Nhật ký chưa có dấu niêm nào; flask scheduler niêm nhật ký khi chạy.")
    if verdict.bad:
        raise SystemExit(1)
