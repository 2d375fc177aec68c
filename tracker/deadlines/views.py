"""The year's deadlines of an authority, each with its explanation."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from tracker.deadlines import calendar_views, queries, rule_views
from tracker.deadlines.calendar_rules import FIRST_YEAR, LAST_YEAR
from tracker.deadlines.explanation_rules import explain
from tracker.deadlines.rules import target_day
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.units.current import desk
from tracker.units.rules import Action
from tracker.web import sheets
from tracker.web.guards import allows
from tracker.web.words import gettext as _

blueprint = Blueprint("deadlines", __name__, url_prefix="/<authority>")
rule_views.install(blueprint)
calendar_views.install(blueprint)


@blueprint.get("/deadlines")
@allows(Action.SEE_LIBRARY)
def year(authority: str) -> str | Response:
    """Every deadline of a year, with the document's own words and why this day."""
    session = db.session()
    wanted = request.args.get("year", clock.today().year, type=int)
    if not FIRST_YEAR <= wanted <= LAST_YEAR:
        raise NotFound
    calendar = queries.working_calendar(session)
    rows = []
    for line in queries.year_lines(session, calendar, wanted):
        started = line.round.started_on if line.round else None
        rows.append(
            {
                "line": line,
                "target": target_day(calendar, line.dates.nominal_on, line.dates.last_on),
                "explanation": explain(line.terms, calendar, line.dates, started),
            }
        )
    if request.args.get("export") == "xlsx":
        return _sheet(rows, wanted, authority)
    official = wanted in calendar.official_years
    return render_template(
        "deadlines/year.html", rows=rows, year=wanted, official=official, authority=authority, authority_name=desk().authority.name
    )


def _sheet(rows: list[dict[str, Any]], wanted: int, authority: str) -> Response:
    columns = [
        sheets.Column("last", _("Ngày cuối"), 13),
        sheets.Column("rule", _("Quy tắc"), 30),
        sheets.Column("set", _("Bộ chỉ số"), 40),
        sheets.Column("target", _("Ngày nhắm tới"), 13),
        sheets.Column("why", _("Vì sao ngày này"), 70),
        sheets.Column("round", _("Đợt"), 30),
    ]
    lines = [
        {
            "last": row["line"].dates.last_on,
            "rule": row["line"].rule.name,
            "set": row["line"].indicator_set.title if row["line"].indicator_set else None,
            "target": row["target"],
            "why": row["explanation"],
            "round": row["line"].round.name if row["line"].round else _("chưa mở"),
        }
        for row in rows
    ]
    return sheets.workbook(columns, lines, _("Thời hạn năm %(year)s", year=wanted), f"thoi-han-{authority}-{wanted}")
