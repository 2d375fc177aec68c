"""Bộ lọc đã lưu: a person's own, kept from the list of tasks, used from *Việc hôm nay* and the list."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.dashboard import filter_queries, filter_service, queries
from tracker.dashboard.filter_access import own_filter
from tracker.dashboard.filter_forms import FilterForm
from tracker.dashboard.filter_rules import asked_of, known, sentence
from tracker.dashboard.verify_views import blueprint as blueprint
from tracker.dashboard.views import COMBINED_WORDS
from tracker.deadlines import queries as deadlines
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.tasks.rules import PROGRESS_WORDS, TIMELINESS_WORDS
from tracker.units.current import desk
from tracker.units.rules import Action
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _


@blueprint.route("/filters", methods=["GET", "POST"])
@allows(Action.SEE_TASKS)
def filters_(authority: str) -> str | Response | tuple[str, int]:
    """The person's filters; with questions in the address also the form that keeps them."""
    session, here = db.session(), desk()
    asked = known(request.args)
    form, status = FilterForm(), 200
    if form.is_submitted():
        status = 400
        if form.validate():
            with saving(form) as attempt:
                filter_service.keep(session, here.authority.id, here.viewer.account_id, form.name.data, asked, clock.now())
            if attempt.saved:
                flash(_("Đã lưu bộ lọc; đồng chí mở lại ở Việc hôm nay hoặc ở danh sách nhiệm vụ."), "success")
                return redirect(url_for("dashboard.tasks_", authority=authority, **asked))  # type: ignore[arg-type]  # only names of filters
    words = {
        "unit": {unit.slug: unit.name for unit in queries.unit_names(session).values()},
        "round": {one.slug: one.name for one in deadlines.rounds(session)},
        "timeliness": {**{band.value: word for band, word in TIMELINESS_WORDS.items()}, **COMBINED_WORDS},
        "status": {state.value: word for state, word in PROGRESS_WORDS.items()},
        "returned": {"1": _("chỉ nhiệm vụ bị trả lại"), "0": _("trừ nhiệm vụ bị trả lại")},
    }
    kept = filter_queries.of_person(session, here.viewer.account_id)
    page = render_template(
        "dashboard/filters.html",
        form=form,
        asked=asked,
        told=sentence(asked, words),
        kept=[(one, asked_of(one.query), sentence(asked_of(one.query), words)) for one in kept],
        authority=authority,
    )
    return page, status


@blueprint.post("/filters/<int:filter_id>/drop")
@allows(Action.SEE_TASKS)
def drop_filter(authority: str, filter_id: int) -> Response:
    """Xóa một bộ lọc của mình."""
    session = db.session()
    kept = own_filter(session, desk().viewer.account_id, filter_id)
    flash(_("Đã xóa bộ lọc “%(name)s”.", name=kept.name), "success")
    filter_service.drop(session, kept)
    db.session.commit()
    return redirect(url_for("dashboard.filters_", authority=authority))
