"""The year's deadlines of an authority, each with its explanation."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.exceptions import NotFound

from tracker.deadlines import queries
from tracker.deadlines.rules import explain, target_day
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.units.current import desk
from tracker.units.rules import Action
from tracker.web.guards import allows

blueprint = Blueprint("deadlines", __name__, url_prefix="/<authority>")

#: What the calendar can speak of at all.
FIRST_YEAR, LAST_YEAR = 2000, 2100


@blueprint.get("/deadlines")
@allows(Action.SEE_LIBRARY)
def year(authority: str) -> str:
    """Every deadline of a year, with the document's own words and why this day."""
    session = db.session()
    wanted = request.args.get("year", clock.today().year, type=int)
    if not FIRST_YEAR <= wanted <= LAST_YEAR:
        raise NotFound
    calendar = queries.working_calendar(session)
    rows = []
    for line in queries.year_lines(session, calendar, wanted):
        issued = line.round.letter_issued_on if line.round else None
        rows.append(
            {
                "line": line,
                "target": target_day(calendar, line.dates.nominal_on, line.dates.last_on),
                "explanation": explain(queries.terms_of(line.rule), calendar, line.dates, issued),
            }
        )
    official = wanted in calendar.official_years
    return render_template(
        "deadlines/year.html", rows=rows, year=wanted, official=official, authority=authority, authority_name=desk().authority.name
    )
