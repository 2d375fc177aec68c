"""Việc đang chạy: what one asked for, how far it is, its result."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, render_template, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Gone
from tracker.longwork import access, queries, results, service
from tracker.longwork.models import LongWork
from tracker.longwork.rules import KEPT, KIND_WORDS, STATE_WORDS, UNDER_WAY, share
from tracker.units.current import desk
from tracker.units.rules import Action
from tracker.web.guards import allows
from tracker.web.words import gettext as _

blueprint = Blueprint("longwork", __name__, url_prefix="/<authority>/work-in-progress")


def _me() -> int:
    return desk().viewer.account_id


@blueprint.get("")
@allows(Action.SEE_TASKS)
def index(authority: str) -> str:
    rows = queries.of_person(db.session(), _me())
    return render_template(
        "longwork/index.html",
        rows=rows,
        kinds=KIND_WORDS,
        states=STATE_WORDS,
        under_way=UNDER_WAY,
        share=share,
        days=KEPT.days,
        authority=authority,
    )


@blueprint.get("/<int:work_id>")
@allows(Action.SEE_TASKS)
def one(authority: str, work_id: int) -> str:
    found = access.own(db.session(), _me(), work_id)
    return render_template(
        "longwork/one.html", one=found, state=STATE_WORDS[found.state], running=found.state in UNDER_WAY, share=share, authority=authority
    )


@blueprint.get("/<int:work_id>/state.json")
@allows(Action.SEE_TASKS)
def state(authority: str, work_id: int) -> Response:
    """For the script of the page."""
    found = access.own(db.session(), _me(), work_id)
    return jsonify(over=found.state not in UNDER_WAY, share=share(found.done, found.total), sentence=found.sentence)


@blueprint.post("/<int:work_id>/cancel")
@allows(Action.SEE_TASKS)
def cancel(authority: str, work_id: int) -> BaseResponse:
    service.cancel(db.session(), access.own(db.session(), _me(), work_id), real_now=clock.real_now())
    db.session.commit()
    flash(_("Đã báo hủy; việc dừng trong vài giây."), "success")
    return redirect(url_for("longwork.one", authority=authority, work_id=work_id))


@blueprint.get("/<int:work_id>/result")
@allows(Action.SEE_TASKS)
def result(authority: str, work_id: int) -> Response:
    """The bytes, as long as they are kept. Parts may be asked for: a broken download goes on."""
    found = access.own(db.session(), _me(), work_id)
    return _file(found)


def _file(found: LongWork) -> Response:
    path = results.path_of(Path(current_app.config["TRACKER_DATA"]), found.authority_id, found.id)
    if found.filename is None or not path.exists():
        raise Gone(_("Kết quả không còn được giữ; đồng chí chuẩn bị lại ở trang cũ."))
    return send_file(path, mimetype="application/zip", as_attachment=True, download_name=found.filename, conditional=True)
