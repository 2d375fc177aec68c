"""Closing a round, told first what that leaves undone, and opening it again with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from tracker.audit import service as audit
from tracker.deadlines import access as deadlines_access
from tracker.deadlines import queries as deadlines
from tracker.deadlines.models import Round
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.tasks import extension_queries as extensions
from tracker.tasks import queries, rounds
from tracker.tasks.forms import CloseForm, ReopenForm
from tracker.tasks.rules import Horizon
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of tasks."""
    for rule, view in (("/rounds/<slug>/close", close), ("/rounds/<slug>/reopen", reopen)):
        blueprint.add_url_rule(rule, view_func=view, methods=["GET", "POST"])


@dataclass(frozen=True, slots=True)
class Reopened:
    """A time somebody opened a closed round again, and why."""

    at: datetime
    who: str
    reason: str


def reopened(one: Round) -> list[Reopened]:
    """The newest first."""
    events = audit.history(db.session(), one.authority_id, "round", one.id)
    return [Reopened(e.at, e.actor, e.changes["reason"][1]) for e in events if e.action == "round.reopen"]


@allows(Action.MANAGE_ROUNDS)
def close(authority: str, slug: str) -> str | Response | tuple[str, int]:
    """Closes a round, after telling how many tasks are not handed in, not confirmed, and how many requests for more time wait."""
    session, here = db.session(), desk()
    one = deadlines_access.round_(session, slug)
    form = CloseForm(data={"version": one.version})
    if form.validate_on_submit():
        with saving(form) as attempt:
            rounds.expect_version(one, form.version.data, _("Đóng đợt"))
            left = rounds.close(session, one, actor(), clock.now())
        if attempt.saved:
            flash(_("Đã đóng đợt %(name)s.", name=one.name), "success")
            if left:
                flash(_("%(count)s đề nghị gia hạn chưa quyết định được ghi là đã rút.", count=left), "warning")
            return redirect(url_for("tasks.round_", authority=authority, slug=slug))
    horizon = Horizon.of(deadlines.working_calendar(session), clock.today(), here.authority)
    page = render_template(
        "tasks/close.html",
        form=form,
        one=one,
        tally=queries.tallies_of_round(session, one, horizon, None),
        waiting=len(extensions.pending_of_round(session, one.id)),
        authority=authority,
    )
    return page, 400 if form.errors or form.form_errors else 200


@allows(Action.MANAGE_ROUNDS)
def reopen(authority: str, slug: str) -> str | Response | tuple[str, int]:
    """Opens a closed round again; the reason stands on its page."""
    session = db.session()
    one = deadlines_access.round_(session, slug)
    form = ReopenForm(data={"version": one.version})
    if form.validate_on_submit():
        with saving(form) as attempt:
            rounds.expect_version(one, form.version.data, _("Mở lại đợt: %(reason)s", reason=form.reason.data))
            rounds.reopen(session, one, form.reason.data, actor(), clock.now())
        if attempt.saved:
            flash(_("Đã mở lại đợt %(name)s.", name=one.name), "success")
            return redirect(url_for("tasks.round_", authority=authority, slug=slug))
    page = render_template("tasks/reopen.html", form=form, one=one, authority=authority)
    return page, 400 if form.errors or form.form_errors else 200
