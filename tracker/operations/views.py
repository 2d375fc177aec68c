"""Whether the installation is well, and the mails a demonstration wrote."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify, render_template
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.wrappers import Response

from tracker.kernel.database import db
from tracker.mail import queries as mail
from tracker.operations import mailbox as letters
from tracker.web.guards import public

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> tuple[Response, int]:
    """For a monitor: does the database answer, when did each scheduled job last go well, how many mails wait. 503 where it does not."""
    session = db.session()
    try:
        session.execute(select(1))
        runs = mail.runs(session)
        waiting = mail.waiting(session)
    except SQLAlchemyError:
        current_app.logger.exception("health: the database does not answer")
        session.rollback()
        return jsonify(database="error"), 503
    jobs = {run.name: {"good_at": run.good_at.isoformat() if run.good_at else None, "ok": run.ok} for run in runs}
    last = mail.last_good(runs)
    return jsonify(database="ok", scheduler={"last_run": last.isoformat() if last else None, "jobs": jobs}, mails_waiting=waiting), 200


def _only_for_demonstrations() -> None:
    if current_app.config["TRACKER_ENV"] == "production":
        raise NoSuchPage


@blueprint.get("/dev/mail")
@public
def mailbox() -> str:
    """The mails in the folder, newest first. Not in production."""
    _only_for_demonstrations()
    return render_template("operations/mailbox.html", mails=letters.listed(current_app.config["MAIL_FOLDER"]))


@blueprint.get("/dev/mail/<name>")
@public
def mail_page(name: str) -> str:
    """One mail, as its reader sees it. Not in production."""
    _only_for_demonstrations()
    return render_template("operations/mail.html", mail=letters.one(current_app.config["MAIL_FOLDER"], name))
