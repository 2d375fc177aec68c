"""``flask assignments``."""

from __future__ import annotations

from datetime import date

import click
from flask import Flask

from tracker.assignments import queries
from tracker.kernel import clock, scope
from tracker.kernel.database import db
from tracker.units import access as units
from tracker.web import terminal


def install(app: Flask) -> None:
    """Hangs the command on the application."""
    app.cli.add_command(assignments)


@click.command("assignments")
@click.argument("authority")
@terminal.on_option
@terminal.json_option
@terminal.refuses
def assignments(authority: str, on: date | None, as_json: bool) -> None:
    """Ai làm chỉ số nào: mỗi dòng có đơn vị chủ trì là một dòng."""
    session = db.session()
    found = units.authority_by_slug(session, authority)
    scope.choose(session, scope.one(found.id))
    rows = [
        {
            "set": row.set_slug,
            "code": row.indicator.code,
            "name": row.indicator.name,
            "lead": row.lead.name,
            "lead_slug": row.lead.slug,
            "lead_kind": row.lead.kind.value,
            "cooperators": [unit.name for unit in row.cooperators],
            "notice": row.notice.slug,
        }
        for row in queries.of_authority(session, found.id, on or clock.today())
    ]
    terminal.emit({"authority": found.slug, "rows": rows}, as_json, ("set", "code", "lead", "lead_kind", "cooperators"))
