"""``flask deadlines``."""

from __future__ import annotations

import click
from flask import Flask

from tracker.deadlines import queries
from tracker.deadlines.rules import explain, target_day
from tracker.kernel import scope
from tracker.kernel.database import db
from tracker.units import access as units
from tracker.web import terminal


def install(app: Flask) -> None:
    """Hangs the command on the application."""
    app.cli.add_command(deadlines)


@click.command("deadlines")
@click.argument("authority")
@click.option("--year", type=int, required=True, help="Năm dương lịch, ví dụ 2026.")
@terminal.json_option
@terminal.refuses
def deadlines(authority: str, year: int, as_json: bool) -> None:
    """Mọi đợt có ngày cuối trong năm, và các quy tắc không có ngày."""
    session = db.session()
    scope.choose(session, scope.one(units.authority_by_slug(session, authority).id))
    calendar = queries.working_calendar(session)
    rows = []
    for line in queries.year_lines(session, calendar, year):
        terms, dates = queries.terms_of(line.rule), line.dates
        issued = line.round.letter_issued_on if line.round else None
        rows.append(
            {
                "rule": line.rule.slug,
                "round": line.slug,
                "kind": line.rule.kind.value,
                "set": line.indicator_set.slug if line.indicator_set else None,
                "wording": line.rule.wording,
                "period": line.period,
                "data_from": dates.data_from,
                "data_to": dates.data_to,
                "nominal_day": dates.nominal_on,
                "last_day": dates.last_on,
                "target_day": target_day(calendar, dates.nominal_on, dates.last_on),
                "explanation": explain(terms, calendar, dates, issued),
            }
        )
    terminal.emit({"rows": rows}, as_json, ("rule", "round", "kind", "set", "period", "last_day", "target_day"))
