"""Calendar feeds: the page where a person makes and revokes them, and the address a calendar programme reads."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from tracker.accounts.current import person
from tracker.api import access, queries, rendering, service
from tracker.api.forms import FeedForm
from tracker.api.rules import FeedKind, may_read
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.units import access as units_access
from tracker.units import queries as units
from tracker.units.current import actor, desk
from tracker.units.models import Unit
from tracker.units.rules import Action, UnitKind
from tracker.web.fields import saving
from tracker.web.guards import allows, public, signed_in
from tracker.web.words import gettext as _

blueprint = Blueprint("api", __name__)

Page = str | AnyResponse | tuple[str, int]

MEDIA_TYPE = "text/calendar; charset=utf-8"
#: Programmes and their makers' servers ask again and again; a quarter of an hour is as fresh as a deadline needs.
_KEPT_SECONDS = 900


@blueprint.get("/calendar/<token>.ics")
@public
def feed(token: str) -> Response:
    """For programmes, which bring no cookie: the token is the key. 256 random bits need no throttle: nobody guesses one."""
    try:
        found = access.reading(db.session(), token, clock.today())
    except NotFound:
        return _unlinked(Response("404", 404, mimetype="text/plain"))
    response = Response(_contents(found), content_type=MEDIA_TYPE)
    response.headers.set("Content-Disposition", "inline", filename=f"don-doc-{found.authority.slug}.ics")
    response.cache_control.private = True
    response.cache_control.max_age = _KEPT_SECONDS
    response.set_etag(hashlib.sha256(response.data).hexdigest())
    response.make_conditional(request)
    return _unlinked(response)


def _contents(found: access.Reading) -> bytes:
    feed, session, today = found.feed, db.session(), clock.today()
    office = queries.office_of(session, found.authority)
    if feed.kind is FeedKind.AUTHORITY:
        events = queries.events_of_authority(session, office, today, feed.created_at)
        whose = "mọi đợt"
    else:
        own = found.own if feed.unit_id is None else {feed.unit_id}
        events = queries.events_of_units(session, office, own, today)
        whose = "việc của tôi" if feed.unit_id is None else units_access.unit(session, feed.unit_id).name
    return rendering.calendar_file(f"Đôn Đốc – {whose} – {office.name}", events, current_app.config["BASE_URL"])


def _unlinked(response: Response) -> Response:
    """The address is a secret: nobody it leads to may learn it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/calendar/feeds")
@signed_in
def my_feeds() -> Page:
    """From one's own account: one authority is opened at once, of several one is chosen."""
    found = units.authorities_of(db.session(), person().account_id, clock.today())
    if len(found) == 1:
        return redirect(url_for("api.feeds", authority=found[0].slug))
    return render_template("api/choose.html", authorities=found)


@blueprint.route("/<authority>/calendar/feeds", methods=["GET", "POST"])
@allows(Action.SEE_TASKS)
def feeds(authority: str) -> Page:
    form = FeedForm()
    _offer(form)
    if request.method == "GET":
        return _feeds_page(form)
    if form.validate():
        with saving(form) as attempt:
            kind, slug = form.chosen()
            unit = units_access.unit_by_slug(db.session(), slug) if slug else None
            token = service.make(db.session(), actor(), desk().viewer, kind, unit, form.name.data, now=clock.now())
        if attempt.saved:
            return _made_page(token, form.name.data)
    return _feeds_page(form), 400


def _offer(form: FeedForm) -> None:
    viewer, own = desk().viewer, queries.own_units(db.session(), desk().viewer)
    form.offer(
        _offered_units(own),
        person=may_read(viewer, FeedKind.PERSON, None, own),
        whole=may_read(viewer, FeedKind.AUTHORITY, None, own),
    )


def _offered_units(own: frozenset[int]) -> list[Unit]:
    """A group has no work of its own; its members have."""
    viewer = desk().viewer
    found = units.units(db.session(), day=clock.today())
    return [u for u in found if u.kind is not UnitKind.GROUP and may_read(viewer, FeedKind.UNIT, u.id, own)]


def _feeds_page(form: FeedForm) -> str:
    viewer = desk().viewer
    manages = viewer.may(Action.MANAGE_PEOPLE)
    rows = queries.feeds(db.session(), None if manages else viewer.account_id)
    return render_template(
        "api/feeds.html",
        form=form,
        authority=desk().authority.slug,
        mine=[row for row in rows if row.feed.account_id == viewer.account_id],
        others=[row for row in rows if row.feed.account_id != viewer.account_id],
        manages=manages,
    )


def _made_page(token: str, name: str) -> AnyResponse:
    """The address is shown this once, so the page is the answer to the form itself."""
    address = current_app.config["BASE_URL"] + url_for("api.feed", token=token)
    page = render_template("api/made.html", address=address, webcal=_webcal(address), name=name, authority=desk().authority.slug)
    return _unlinked(make_response(page))


def _webcal(address: str) -> str:
    """The same address as Apple's programmes open it."""
    return "webcal://" + address.partition("://")[2]


@blueprint.post("/<authority>/calendar/feeds/<int:feed_id>/revoke")
@allows(Action.SEE_TASKS)
def revoke(authority: str, feed_id: int) -> Page:
    row = access.feed(db.session(), desk().viewer, feed_id)
    service.revoke(db.session(), actor(), row, now=clock.now())
    db.session.commit()
    flash(_("Đã thu hồi lịch “%(name)s”; địa chỉ của nó không mở được nữa.", name=row.name), "success")
    return redirect(url_for("api.feeds", authority=authority))
