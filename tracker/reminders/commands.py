"""``flask reminders plan | send | reconcile``."""

from __future__ import annotations

from datetime import date
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel import clock, scope
from tracker.kernel.database import db
from tracker.mail import hold
from tracker.mail import jobs as mail_jobs
from tracker.reminders import queries, service
from tracker.reminders.rules import DIGEST
from tracker.units import access as units
from tracker.units.models import Authority
from tracker.web import terminal

group = AppGroup("reminders", help="Thư nhắc việc.")


def install(app: Flask) -> None:
    """Hangs the commands on the application."""
    app.cli.add_command(group)


@group.command("plan")
@terminal.on_option
@click.option("--authority", "slug", help="Chỉ cơ quan này.")
@click.option("--dry-run", is_flag=True, help="Chỉ cho biết, không ghi gì.")
@terminal.json_option
@terminal.refuses
def plan(on: date | None, slug: str | None, dry_run: bool, as_json: bool) -> None:
    """Lập thư nhắc của một ngày; chạy lại trong ngày không thêm gì."""
    day = on or clock.today()
    rows: list[dict[str, Any]] = []
    with terminal.work("reminders of every authority", writes=not dry_run) as session:
        chosen = [units.authority_by_slug(session, slug)] if slug else list(session.scalars(select(Authority).order_by(Authority.slug)))
        for authority in chosen:
            rows += _planned(session, authority, day, dry_run, on)
    result: dict[str, Any] = {"planned": len(rows), "rows": rows}
    terminal.emit({**result, "messages": rows} if as_json else result, as_json, ("authority", "to", "kind", "tasks"))


def _planned(session: Session, authority: Authority, day: date, dry_run: bool, on: date | None) -> list[dict[str, Any]]:
    with scope.using(session, scope.one(authority.id)):
        now = clock.noon(on) if on else clock.now()
        made = (
            service.draft(session, authority, day) if dry_run else service.plan(session, authority, day, now, secret=current_app.config["SECRET_KEY"])
        )
    if made.reason:
        terminal.say(made.reason)
    for contact in made.silent:
        terminal.say(f"{authority.name}: {contact.name} chưa có địa chỉ thư nên không được nhắc.")
    for unit in made.quiet_units:
        terminal.say(f"{authority.name}: {unit} chưa có người nhận thư; cơ quan đầu mối nhận thay.")
    return [{"authority": authority.slug, "to": digest.address, "kind": DIGEST, "tasks": digest.task_ids} for digest in made.digests]


@group.command("send")
@click.option("--limit", type=click.IntRange(min=1), help="Nhiều nhất bấy nhiêu thư.")
@terminal.json_option
@terminal.refuses
def send(limit: int | None, as_json: bool) -> None:
    """Gửi các thư đang chờ, không giới hạn số thư mỗi phút: người gõ lệnh đã muốn gửi ngay."""
    reason = hold.held(current_app.config["TRACKER_DATA"])
    if reason is not None:
        raise terminal.refuse(reason)
    tally = mail_jobs.send_waiting(current_app._get_current_object(), limit=limit, rate_per_minute=0)  # type: ignore[attr-defined]
    result = {
        "sent": tally.sent,
        "failed": tally.failed,
        "retried": tally.retried,
        "dropped": tally.dropped,
        "expired": tally.expired,
        "put_off": tally.put_off,
    }
    terminal.emit(result, as_json)


@group.command("reconcile")
@terminal.on_option
@terminal.json_option
@terminal.refuses
def reconcile(on: date | None, as_json: bool) -> None:
    """Đối chiếu thư của một ngày: lập = gửi + hỏng + thôi + quá hạn + chờ. Khác 0 thì lệnh kết thúc với mã 1."""
    found = queries.reconciliation(db.session(), on or clock.today())
    result = {name: getattr(found, name) for name in ("planned", "sent", "failed", "cancelled", "expired", "waiting", "unknown", "difference")}
    terminal.emit(result, as_json)
    if found.difference:
        raise terminal.refuse(f"Lệch {found.difference} thư: có thư ghi là đã gửi mà không lần gửi nào được máy chủ nhận.")
