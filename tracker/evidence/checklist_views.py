"""What the authority itself asks for, beside what the source of an indicator names."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.evidence import access, checklist_service
from tracker.evidence.forms import RequirementForm
from tracker.indicators import access as indicators_access
from tracker.indicators.rules import RequirementKind
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.links import next_path
from tracker.web.words import gettext as _


def install(blueprint: Blueprint) -> None:
    """Hangs the pages of checklists on the room's blueprint."""
    blueprint.add_url_rule("/indicators/<set_slug>/<code>/requirements/new", view_func=add_requirement, methods=["GET", "POST"])
    blueprint.add_url_rule("/requirements/<int:requirement_id>/drop", view_func=drop_requirement, methods=["POST"])


@allows(Action.MANAGE_ASSIGNMENTS)
def add_requirement(authority: str, set_slug: str, code: str) -> str | Response | tuple[str, int]:
    """One more document for every task of the indicator that is still open."""
    session, here = db.session(), desk()
    found = indicators_access.readable_set(session, set_slug, here.authority.id)
    indicator = indicators_access.indicator(session, found.id, code)
    back = url_for("dashboard.indicator_page", authority=authority, set_slug=set_slug, code=code)
    form = RequirementForm()
    if form.validate_on_submit():
        with saving(form) as attempt:
            made = checklist_service.add(
                session,
                here.authority.id,
                indicator,
                name=form.name.data,
                kind=RequirementKind(form.kind.data),
                quantity=form.quantity.data,
                signed_by_head=form.signed_by_head.data,
                while_in_force=form.while_in_force.data,
                actor=actor(),
                now=clock.now(),
            )
            name = made.name
        if attempt.saved:
            flash(_("Đã thêm “%(name)s” vào danh mục kiểm chứng của chỉ số %(code)s.", name=name, code=code), "success")
            return redirect(back)
    page = render_template("evidence/requirement.html", form=form, indicator=indicator, back=back, authority=authority)
    return page, 400 if request.method == "POST" else 200


@allows(Action.MANAGE_ASSIGNMENTS)
def drop_requirement(authority: str, requirement_id: int) -> Response:
    """Not asked for any more; what it was ticked by stays."""
    session = db.session()
    one = access.local_requirement(session, requirement_id)
    checklist_service.drop(session, one, actor(), clock.now())
    db.session.commit()
    flash(_("Đã bỏ “%(name)s” khỏi danh mục; minh chứng đã nộp vẫn giữ.", name=one.name), "success")
    return redirect(next_path(url_for("indicators.sets", authority=authority)))
