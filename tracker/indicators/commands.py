"""``flask indicators``."""

from __future__ import annotations

import click
from flask import Flask

from tracker.indicators import access, queries
from tracker.kernel.database import db
from tracker.web import terminal


def install(app: Flask) -> None:
    """Hangs the command on the application."""
    app.cli.add_command(indicators)


@click.command("indicators")
@click.argument("set_slug", metavar="SET")
@terminal.json_option
@terminal.refuses
def indicators(set_slug: str, as_json: bool) -> None:
    """Cây chỉ số của một bộ."""
    session = db.session()
    found = access.any_set(session, set_slug)
    rows = [
        {
            "code": row.indicator.code,
            "parent": row.parent,
            "kind": row.indicator.kind.value,
            "name": row.indicator.name,
            "printed": row.indicator.printed,
            "max_points": row.indicator.max_points,
            "leaf": row.leaf,
            "source_kind": row.indicator.source_kind.value,
        }
        for row in queries.tree(session, found.id)
    ]
    terminal.emit({"set": found.slug, "rows": rows}, as_json, ("code", "max_points", "name"))
