"""Autosave: a page's script sends what is being typed, and asks for it when the form is opened again.

Works only where scripts run; without them a form behaves as ever. A form that was kept is sent with a field ``draft``, the name it was
kept under, so that nothing is asked of the database for the others.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask_login import current_user

from tracker.accounts import draft_service
from tracker.accounts.current import person
from tracker.accounts.draft_rules import Fields, read_fields
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import BadInput
from tracker.kernel.vietnamese import datetime_vn
from tracker.kernel.words import translated
from tracker.web.guards import signed_in
from tracker.web.links import local_path

PLACE_AT_MOST = 300
#: How a form that was saved is answered: with the way onwards.
ONWARDS = (302, 303)


def install(blueprint: Blueprint) -> None:
    """The two addresses of autosave."""

    @blueprint.get("/drafts")
    @signed_in
    def draft() -> Response:
        """What the person left in the form of an address; 204 where nothing was."""
        found = draft_service.draft_of(db.session(), person().account_id, request.args.get("place", ""), clock.now())
        return Response(status=204) if found is None else jsonify(fields=found.fields, saved_at=datetime_vn(found.saved_at))

    @blueprint.post("/drafts")
    @signed_in
    def keep_draft() -> Response | tuple[Response, int]:
        """Keeps what is typed so far; forgets the draft where there are no fields."""
        try:
            place, fields = _read(request.get_json(silent=True))
        except BadInput as refusal:
            return jsonify(sentence=translated(refusal.message)), 400
        session, now = db.session(), clock.now()
        if fields:
            draft_service.keep(session, person().account_id, place, fields, now)
        else:
            draft_service.drop(session, person().account_id, place)
        session.commit()
        return jsonify(saved_at=datetime_vn(now))


def sent(response: Response) -> Response:
    """After each request: forgets the draft of a form that has just been saved."""
    if request.method == "POST" and response.status_code in ONWARDS and (place := request.form.get("draft")) and current_user.is_authenticated:
        session = db.session()
        draft_service.drop(session, person().account_id, place)
        session.commit()
    return response


def _read(given: object) -> tuple[str, Fields]:
    place = given.get("place") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(place, str) or len(place) > PLACE_AT_MOST or local_path(place) is None:
        raise BadInput("Bản nháp không ghi đúng địa chỉ của biểu mẫu; chưa lưu gì cả.")
    return place, read_fields(given.get("fields"))
