"""Lịch năm: a year of the authority at a glance, on screen and on one sheet of paper."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.exceptions import NotFound

from tracker.dashboard import calendar_rules as rules
from tracker.dashboard.live_views import blueprint as blueprint
from tracker.dashboard.reading import reading
from tracker.deadlines import calendar_queries
from tracker.deadlines import queries as deadlines
from tracker.deadlines.calendar_rules import DAY_WORDS, FIRST_YEAR, LAST_YEAR
from tracker.tasks import queries as tasks
from tracker.tasks.queries import Filters
from tracker.units.rules import Action
from tracker.web.guards import allows


@blueprint.get("/calendar")
@allows(Action.SEE_LIBRARY)
def calendar(authority: str) -> str:
    """Twelve months, the days off with their sources, and every deadline of the year with why it falls on its day."""
    read = reading()
    year = request.args.get("year", read.today.year, type=int)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFound
    counts = tasks.counts_by_round(read.session, Filters(), read.horizon, seen_by=read.seen_by)
    dues = rules.dues_of(deadlines.year_lines(read.session, read.calendar, year), read.calendar, counts, read.today)
    listed = calendar_queries.listed_days(read.session, year)
    return render_template(
        "dashboard/calendar.html",
        read=read,
        year=year,
        earliest=FIRST_YEAR,
        latest=LAST_YEAR,
        months=rules.months_of(year, read.calendar, listed, dues, read.today),
        working_days=read.calendar.working_days_of(year),
        official=year in read.calendar.official_years,
        known=year in read.calendar.listed_years,
        listed=listed,
        day_words=DAY_WORDS,
        stretches=rules.stretches(listed),
        dues=[due for due in dues if due.last],
        undated=[due for due in dues if not due.last],
        has_steps=any(due.line.dates.outer_on for due in dues),
        manages=read.viewer.may(Action.MANAGE_CALENDAR),
        authority=authority,
    )
