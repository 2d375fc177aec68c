"""The address «/»: where a person lands after sign-in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from tracker.accounts.current import person
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.units import queries
from tracker.web.guards import signed_in

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@signed_in
def home() -> str | Response:
    """One authority: its front door. Several: a page to choose. None: a sentence."""
    found = queries.authorities_of(db.session(), person().account_id, clock.today())
    if len(found) == 1:
        return redirect(url_for("dashboard.home", authority=found[0].slug))
    return render_template("units/home.html", authorities=found)
