"""The page of the policy of chasing: seen, tried for any day, put in force."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.reminders import ahead_queries, policy_service, queries
from tracker.reminders.policy_forms import PolicyForm
from tracker.reminders.policy_rules import Policy, expect_near
from tracker.reminders.rules import LOOK_AHEAD
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web.fields import saving, tell
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]


def install(blueprint: Blueprint) -> None:
    """Hangs the page on the blueprint of reminders."""
    blueprint.add_url_rule("/reminders/policy", "policy", policy, methods=["GET", "POST"])


@allows(Action.CHASE)
def policy(authority: str) -> Page:
    """Chính sách nhắc: các mốc, người nhận, và thử xem sẽ gửi gì. POST saves, or only shows with ``step=try``."""
    row = queries.policy_row(db.session())
    if request.method == "GET":
        kept = queries.policy_of(row)
        return _page(authority, PolicyForm.showing(kept, clock.today()), kept)
    form = PolicyForm()
    typed = _typed(form)
    if typed is None:
        return _page(authority, form, None), 400
    if request.form.get("step") == "try":
        return _page(authority, form, typed)
    with saving(form) as attempt:
        version = request.form.get("version", 0, type=int)
        changed = policy_service.choose(db.session(), actor(), desk().authority, typed, version=version, now=clock.now())
    if not attempt.saved:
        return _page(authority, form, typed), 400
    flash(_("Đã lưu chính sách nhắc; có hiệu lực từ lần lập thư tới.") if changed else _("Chính sách nhắc vẫn như cũ."), "success")
    return redirect(url_for("reminders.policy", authority=authority))


def _typed(form: PolicyForm) -> Policy | None:
    """The policy of the form; None with sentences beside the fields at fault."""
    if not form.validate():
        return None
    try:
        expect_near(form.seen_from.data or clock.today(), clock.today())
        return form.policy()
    except Refused as refusal:
        tell(form, refusal)
        return None


def _page(authority: str, form: PolicyForm, shown: Policy | None) -> str:
    session, here = db.session(), desk()
    row = queries.policy_row(session)
    since = form.seen_from.data or clock.today()
    ahead = [] if shown is None else ahead_queries.look_ahead(session, here.authority, since, since + LOOK_AHEAD, shown)
    return render_template(
        "reminders/policy.html",
        authority=authority,
        form=form,
        version=row.version if row else 0,
        shown=shown,
        in_force=queries.policy_of(row),
        since=since,
        ahead=ahead,
        reminders_on=here.authority.reminders_on,
    )
