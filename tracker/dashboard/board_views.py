"""Tổng quan: the leaders' page, the same as slides for a meeting room, and as one sheet of paper."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request

from tracker.dashboard import board_pdf, board_queries, board_words
from tracker.dashboard.calendar_views import blueprint as blueprint
from tracker.dashboard.reading import reading
from tracker.kernel import clock
from tracker.kernel.vietnamese import datetime_vn
from tracker.units.rules import Action, Role
from tracker.web.guards import allows

#: Decisions in sight on the page; more can be opened. On a slide and on paper, as many as there is room for.
DECISIONS_SHOWN = 5
SLIDE_DECISIONS = 6
SLIDE_DATES = 6


@blueprint.get("/overview")
@allows(Action.SEE_OVERVIEW)
def overview(authority: str) -> str:
    """The leaders' page: how many are late, where, what they are worth in points, and what waits for a word."""
    return render_template("dashboard/overview.html", shown=DECISIONS_SHOWN, **_context(authority))


@blueprint.get("/overview/present")
@allows(Action.SEE_OVERVIEW)
def present(authority: str) -> str:
    """Trình chiếu: the same as a few slides; without a script, a page to scroll."""
    return render_template("dashboard/present.html", shown=SLIDE_DECISIONS, dates_shown=SLIDE_DATES, **_context(authority))


@blueprint.get("/overview/pdf")
@allows(Action.SEE_OVERVIEW)
def overview_pdf(authority: str) -> Response:
    """Một trang PDF: the same on one sheet, A4 lying."""
    read, now = reading(), clock.now()
    board = board_queries.board(read, request.args.get("round") or None, now)
    page = board_words.one_page(read, board, request.args.get("round") or None, datetime_vn(now))
    response = Response(board_pdf.as_pdf(page, now), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=f"tong-quan-{read.authority.slug}-{read.today.isoformat()}.pdf")
    return response


def _context(authority: str) -> dict[str, Any]:
    read, now = reading(), clock.now()
    slug = request.args.get("round") or None
    board = board_queries.board(read, slug, now)
    return {
        "read": read,
        "board": board,
        "whole": board.whole,
        "figures": board_words.figures(board, authority, slug),
        "parts": board_words.parts(board, authority, slug),
        "columns": board_words.columns(board),
        "units": board_words.units(board, board.heat.rows, authority, slug),
        "other_units": board_words.units(board, board.heat.rest, authority, slug),
        "units_foot": board_words.units_foot(board),
        "decisions": board_words.decisions(read, board),
        "asks_reader": Role.CHAIR in read.viewer.roles,
        "marks": board_words.marks(board, authority),
        "compared": board_words.compared(board.trend),
        "scope": board_words.scope(board),
        "points_known": board.points_known,
        "round_slug": slug,
        "today": read.today,
        "now": now,
        "authority": authority,
    }
