"""The administrator's pages of files: taking one away that should never have been brought, and the list of those taken away."""

from __future__ import annotations

import structlog
from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from tracker.evidence import file_queries
from tracker.evidence.forms import WithdrawFileForm
from tracker.files import access, preview, queries, service, upkeep_service
from tracker.files.current import storage
from tracker.files.models import StoredFile
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Unable
from tracker.units.current import actor
from tracker.units.rules import Action
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _

log = structlog.get_logger(__name__)

blueprint = Blueprint("files", __name__, url_prefix="/<authority>")


@blueprint.get("/files")
@allows(Action.WITHDRAW_FILES)
def withdrawn(authority: str) -> str:
    """The files whose bytes were taken away: when, by whom, why."""
    session = db.session()
    files = queries.withdrawn_files(session)
    uses = file_queries.uses_of_files(session, [one.id for one in files])
    return render_template("evidence/withdrawn_files.html", files=files, uses=uses, authority=authority)


@blueprint.route("/files/<int:stored_id>/withdraw", methods=["GET", "POST"])
@allows(Action.WITHDRAW_FILES)
def withdraw(authority: str, stored_id: int) -> str | Response | tuple[str, int]:
    """Takes a file's bytes away for good, with a reason; its row and its hash stay."""
    session = db.session()
    stored = access.stored_file(session, stored_id)
    form = WithdrawFileForm()
    if form.validate_on_submit():
        with saving(form) as attempt:
            service.withdraw(session, stored, form.reason.data, actor(), clock.now())
        if attempt.saved:
            _remove_bytes(stored)
            flash(_("Đã rút tệp; không ai mở được nữa. Lý do hiện ở chỗ của tệp."), "success")
            return redirect(url_for("files.withdrawn", authority=authority))
        stored = access.stored_file(session, stored_id)
    uses = file_queries.uses_of_files(session, [stored_id]).get(stored_id, [])
    page = render_template("evidence/withdraw_file.html", form=form, stored=stored, uses=uses, authority=authority)
    return page, 400 if form.errors or form.form_errors else 200


def _remove_bytes(stored: StoredFile) -> None:
    """At once where the store answers; where it does not, or we die here, the scheduler does it within ten minutes."""
    try:
        upkeep_service.remove_withdrawn(storage(), [stored])
        preview.forget(stored)
    except Unable:
        log.warning("withdrawn bytes are removed later", authority_id=stored.authority_id, sha256=stored.sha256)
