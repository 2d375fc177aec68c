"""``flask deadlines`` and ``flask calendar``."""

from __future__ import annotations

import click
from flask import Flask

from tracker.deadlines import calendar_queries, queries
from tracker.deadlines.calendar_rules import FIRST_YEAR, LAST_YEAR
from tracker.deadlines.explanation_rules import tell_deadline
from tracker.kernel import scope
from tracker.kernel.database import db
from tracker.units import access as units
from tracker.web import terminal


def install(app: Flask) -> None:
    """Hangs the command on the application."""
    app.cli.add_command(deadlines)
    app.cli.add_command(calendar)


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
        dates = line.dates
        told = tell_deadline(line.terms, calendar, dates, line.round.started_on if line.round else None)
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
                "target_day": told.target_on,
                "check_day": dates.check_on,
                "outer_day": dates.outer_on,
                "warning": told.warning,
                "explanation": told.explanation,
            }
        )
    terminal.emit({"rows": rows}, as_json, ("rule", "round", "kind", "set", "period", "last_day", "target_day"))


@click.command("calendar")
@click.argument("year", type=click.IntRange(FIRST_YEAR, LAST_YEAR))
@click.option("--authority", help="Mã cơ quan; không ghi thì in lịch chung.")
@terminal.json_option
@terminal.refuses
def calendar(year: int, authority: str | None, as_json: bool) -> None:
    """Ngày nghỉ và ngày làm bù của một năm, kèm số ngày làm việc."""
    session = db.session()
    if authority:
        scope.choose(session, scope.one(units.authority_by_slug(session, authority).id))
        listed = calendar_queries.listed_days(session, year)
    else:
        scope.choose(session, scope.whole("the national calendar"))
        listed = calendar_queries.listed_days(session, year, own=False)
    found = queries.working_calendar(session)
    rows = [
        {"day": one.day, "kind": one.kind.value, "name": one.name, "source": one.source, "certainty": one.certainty.value, "local": one.local}
        for one in listed
    ]
    answer = {"year": year, "working_days": found.working_days_of(year), "official": year in found.official_years, "rows": rows}
    terminal.emit(answer, as_json, ("day", "kind", "name", "certainty", "local"))
