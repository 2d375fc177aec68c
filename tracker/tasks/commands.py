"""``flask rounds open | start`` and ``flask tasks``."""

from __future__ import annotations

from datetime import date, datetime

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select

from tracker.audit.rules import SYSTEM
from tracker.deadlines import access as deadlines_access
from tracker.deadlines import queries as deadlines
from tracker.deadlines.rules import target_day
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.tasks import queries, rounds
from tracker.tasks.rules import Horizon, Timeliness
from tracker.units import access as units
from tracker.units.models import Authority
from tracker.web import terminal

group = AppGroup("rounds", help="Mở các đợt thu thập.")


def install(app: Flask) -> None:
    """Hangs the commands on the application."""
    app.cli.add_command(group)
    app.cli.add_command(tasks)


@group.command("open")
@terminal.on_option
@terminal.json_option
@terminal.refuses
def open_(on: date | None, as_json: bool) -> None:
    """Mở mọi đợt của năm mà ngày mở đã đến; chạy lại không thêm gì."""
    day = on or clock.today()
    session = db.session()
    opened = []
    with writing():
        authorities = list(session.scalars(select(Authority).order_by(Authority.slug)))
        for authority in authorities:
            with scope.using(session, scope.one(authority.id)):
                opened += [
                    {"authority": authority.slug, "round": one.round.slug, "tasks": one.tasks, "last_day": one.round.last_on}
                    for one in rounds.open_due(session, day, SYSTEM, _instant(on))
                ]
        session.commit()
    terminal.emit({"opened": len(opened), "rows": opened}, as_json, ("authority", "round", "tasks", "last_day"))


@group.command("start")
@click.argument("rule")
@click.option("--letter", required=True, help="Số, ký hiệu văn bản khảo sát.")
@click.option("--issued", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Ngày phát hành, dạng 2026-11-06.")
@click.option("--started", type=click.DateTime(["%Y-%m-%d"]), help="Ngày nhận văn bản hoặc ngày họp, nếu quy tắc tính từ ngày ấy.")
@click.option("--authority", required=True, help="Cơ quan.")
@terminal.json_option
@terminal.refuses
def start(rule: str, letter: str, issued: datetime, started: datetime | None, authority: str, as_json: bool) -> None:
    """Mở một đợt bắt đầu bằng văn bản khảo sát."""
    session = db.session()
    with writing():
        scope.choose(session, scope.one(units.authority_by_slug(session, authority).id))
        begun = started.date() if started else None
        now = _at_least(max(issued.date(), begun or issued.date()))
        opened = rounds.start_by_letter(session, deadlines_access.rule(session, rule), letter, issued.date(), SYSTEM, now, started=begun)
        session.commit()
    one = opened.round
    target = target_day(deadlines.working_calendar(session), one.nominal_on, one.last_on)
    row = {"round": one.slug, "nominal_day": one.nominal_on, "last_day": one.last_on, "target_day": target, "tasks": opened.tasks}
    terminal.emit({**row, "rows": [row]}, as_json, tuple(row))


@click.command("tasks")
@click.argument("authority")
@terminal.on_option
@click.option("--round", "round_slug", help="Đợt.")
@click.option("--overdue", is_flag=True, help="Chỉ nhiệm vụ quá hạn.")
@click.option("--unit", "unit_slug", help="Đơn vị.")
@terminal.json_option
@terminal.refuses
def tasks(authority: str, on: date | None, round_slug: str | None, overdue: bool, unit_slug: str | None, as_json: bool) -> None:
    """Nhiệm vụ của một cơ quan, với thời hạn tính đến ngày ấy."""
    session = db.session()
    found = units.authority_by_slug(session, authority)
    scope.choose(session, scope.one(found.id))
    if round_slug:
        deadlines_access.round_(session, round_slug)
    if unit_slug:
        units.unit_by_slug(session, unit_slug)
    calendar = deadlines.working_calendar(session)
    horizon = Horizon.of(calendar, on or clock.today(), found)
    filters = queries.Filters(round_slug=round_slug, unit_slug=unit_slug, timeliness=Timeliness.OVERDUE if overdue else None, current=False)
    rows = [
        {
            "id": task.id,
            "set": task.set_slug,
            "code": task.code,
            "name": task.name,
            "unit": task.unit_name,
            "unit_slug": task.unit_slug,
            "round": task.round_slug,
            "status": task.status.value,
            "returned": task.returned,
            "timeliness": task.standing.timeliness.value,
            "due_on": task.standing.due_on,
            "original_on": task.original_on,
            "extensions": task.extensions,
            "days_late": task.standing.days_late,
            "points": task.points,
        }
        for task in queries.listed(session, filters, calendar, horizon)
    ]
    terminal.emit({"rows": rows}, as_json, ("id", "code", "unit", "round", "status", "timeliness", "due_on", "days_late", "points"))


def _instant(on: date | None) -> datetime:
    return clock.noon(on) if on else clock.now()


def _at_least(issued: date) -> datetime:
    """Entering an old letter is usual, and a rehearsal may enter one of a later day than the clock's."""
    return max(clock.now(), clock.noon(issued))
