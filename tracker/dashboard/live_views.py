"""The counts over *Việc hôm nay* and *Việc của đơn vị*, asked for again while the page is open: 304 while nothing changed."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request

from tracker.dashboard import queries, rules
from tracker.dashboard.live_items import today_items, work_items
from tracker.dashboard.reading import Reading, reading
from tracker.dashboard.search_views import blueprint as blueprint
from tracker.kernel import clock
from tracker.kernel.clock import ZONE
from tracker.tasks import queries as tasks
from tracker.tasks.queries import Filters
from tracker.units.rules import Action
from tracker.web.guards import allows


@blueprint.get("/counts/today")
@allows(Action.CHASE)
def live_today(authority: str) -> Response:
    """What is late, soon due, returned and waiting in the whole authority."""
    read = reading()
    return _answer(today_items(authority, rules.added(tasks.tallies(read.session, Filters(), read.horizon))), read)


@blueprint.get("/counts/work")
@allows(Action.PREPARE_EVIDENCE)
def live_work(authority: str) -> Response:
    """The same for one's units, or the one chosen."""
    read = reading()
    units = queries.unit_names(read.session, read.viewer.unit_ids)
    chosen = next((unit.id for unit in units.values() if unit.slug == request.args.get("unit")), None)
    shown = frozenset({chosen}) if chosen else read.viewer.unit_ids
    whole = rules.added(tasks.tallies(read.session, Filters(unit_ids=shown), read.horizon))
    counts = {"overdue": whole.overdue, "soon": whole.due_soon + whole.due_today, "ready": whole.ready, "accepted": whole.accepted}
    return _answer(work_items(counts), read)


def _answer(items: list[dict[str, Any]], read: Reading) -> Response:
    at = f"{clock.now().astimezone(ZONE):%H:%M}"
    answer = make_response(render_template("dashboard/_live.html", items=items, at=at))
    answer.headers["ETag"] = rules.stamp_of(items, read.today)
    answer.make_conditional(request)
    return answer
