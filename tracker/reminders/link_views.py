"""The page behind a personal link, and the button that confirms what came in through one.

Whoever holds the link is not signed in: the page shows what the unit is asked for, never what is there. A GET changes nothing, not even a
counter, so that programs which open every link of a mail do no harm; what the script of the page posts is a line of the log.
"""

from __future__ import annotations

import logging

from flask import Blueprint, Flask, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from tracker.accounts import service as accounts
from tracker.evidence import queries as evidence
from tracker.evidence.current import content_of
from tracker.files.rules import FILE_TYPES
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.words import phrase
from tracker.reminders import link_access as access
from tracker.reminders import link_service as service
from tracker.reminders.link_access import Opened
from tracker.reminders.link_forms import DEED_WORDS, OPENING, PAGE, Deed, HandinForm, MoreTimeForm, OpeningForm, stamp
from tracker.reminders.link_rules import DEAD, Masking
from tracker.tasks import access as tasks_access
from tracker.tasks.extension_access import terms_of
from tracker.tasks.extension_rules import may_ask
from tracker.tasks.queries import TaskRow
from tracker.units.current import desk
from tracker.units.rules import Action
from tracker.web import bodies
from tracker.web.fields import saving
from tracker.web.guards import allows, public
from tracker.web.words import gettext as _

blueprint = Blueprint("links", __name__)
confirming = Blueprint("handins", __name__, url_prefix="/<authority>")

#: What the throttle counts wrong tokens under.
LINK_KEY = "a link"
DONE_WORDS = {
    Deed.FILE: phrase("Đã nhận tệp. Lãnh đạo đơn vị hoặc cơ quan đầu mối xác thực rồi thì tính từ lúc vừa nộp."),
    Deed.FIGURE: phrase("Đã nhận số liệu. Lãnh đạo đơn vị hoặc cơ quan đầu mối xác thực rồi thì tính từ lúc vừa nộp."),
    Deed.TIME: phrase("Đã nhận đề nghị. Lãnh đạo đơn vị hoặc cơ quan đầu mối xác thực rồi mới chuyển người quyết định."),
}


def install(app: Flask) -> None:
    """No log of this process shows a token: neither that of the application nor that of the server."""
    mask = Masking()
    for logger in (app.logger, *(logging.getLogger(name) for name in ("gunicorn.error", "gunicorn.access", "werkzeug"))):
        logger.addFilter(mask)


def _alive(token: str) -> bool:
    """Asked before the request says whether it writes: that read is a transaction of its own."""
    found = access.known(db.session(), token, clock.now()) is not None
    db.session.rollback()
    return found


def _secret(page: str, status: int = 200) -> Response:
    """The address of the page is a secret: nobody it leads to may learn it, nothing keeps it, no search engine lists it."""
    return _quiet(make_response(page, status))


def _quiet(response: AnyResponse) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    assert isinstance(response, Response)
    return response


@blueprint.route("/l/<token>", methods=["GET", "POST"])
@public
@bodies.takes_files_of(_alive)
def page(token: str) -> AnyResponse:
    """The open tasks of one unit in one round; ``task`` and ``kind`` choose a form. A dead link and an unknown one answer alike."""
    found = access.opened(db.session(), token, clock.now())
    if found is None:
        return _dead()
    said = request.form if request.method == "POST" else request.args
    if request.form.get("kind") == OPENING:
        return _opening(token, found)
    deed = next((one for one in Deed if one.value == said.get("kind")), None)
    task_id = said.get("task", type=int)
    if deed is None or task_id is None:
        done = next((one for one in Deed if one.value == request.args.get("done")), None)
        return _list(token, found, DONE_WORDS[done] if done else None, 400 if request.method == "POST" else 200)
    try:
        row = found.row(task_id)
    except Refused as refusal:
        return _list(token, found, refusal.message, 400)
    return _time(token, found, row) if deed is Deed.TIME else _content(token, found, row, deed)


def _dead() -> Response:
    """Only a POST is counted as a try: opening an address changes nothing, and 256 bits are not guessed."""
    status = 410
    if request.method == "POST":
        try:
            _count_try()
        except accounts.TooManyTries:
            db.session.commit()
            status = 429
    return _secret(render_template("reminders/link_dead.html", sentence=_(DEAD)), status)


def _count_try() -> None:
    """Raises TooManyTries. The try is committed before it is judged, so that parallel ones see each other."""
    session, now, address = db.session(), clock.real_now(), request.remote_addr or "?"
    noted = accounts.note_try(session, LINK_KEY, address, now)
    session.commit()
    accounts.check_tries(session, noted, LINK_KEY, address, now)


def _list(token: str, found: Opened, said: str | None, status: int) -> Response:
    asked = evidence.checklists(db.session(), [row.indicator_id for row in found.rows if row.indicator_id is not None])
    wanted = {row.id: asked[row.indicator_id] if row.indicator_id is not None else [] for row in found.rows}
    words = {"wanted": wanted, "askable": _askable(found), "deeds": DEED_WORDS, "said": said, "refused": status >= 400, "opening": OPENING}
    return _secret(render_template("reminders/link.html", token=token, found=found, stamp=stamp(found.link, PAGE), **words), status)


def _opening(token: str, found: Opened) -> Response:
    form = OpeningForm()
    form.expected = [found.link.id, PAGE]
    if not form.validate():
        return _list(token, found, None, 400)
    service.note_opening(db.session(), found, clock.now())
    db.session.commit()
    return _quiet(make_response("", 204))


def _askable(found: Opened) -> set[int]:
    """Tasks it is not too late to ask more time for. Whether a request waits already is nothing the page tells."""
    today, terms = clock.today(), terms_of(found.authority)
    return {row.id for row in found.rows if may_ask(row.status, row.standing.due_on, today, found.calendar, terms, pending=False) is None}


def _form_page(token: str, found: Opened, row: TaskRow, deed: Deed, form: HandinForm | MoreTimeForm) -> Response:
    words = {"accept": ",".join(FILE_TYPES), "deed": deed, "deeds": DEED_WORDS}
    mark = stamp(found.link, row.id)
    status = 400 if request.method == "POST" else 200
    return _secret(render_template("reminders/link_form.html", token=token, found=found, row=row, form=form, stamp=mark, **words), status)


def _content(token: str, found: Opened, row: TaskRow, deed: Deed) -> AnyResponse:
    session = db.session()
    asked = {one.slot.key: one for one in evidence.checklist(session, row.indicator_id)}
    form = HandinForm(data={"kind": deed.value, "task": row.id, "slot": request.args.get("slot", "")})
    form.expected = [found.link.id, row.id]
    form.slot.choices = [("", _("Cả chỉ số")), *((key, one.name) for key, one in asked.items())]
    if request.method == "POST" and form.validate():
        with saving(form) as attempt:
            task = access.task_of(session, found, row.id)
            slot = asked[form.slot.data].slot if form.slot.data else None
            service.hand_in(session, found, task, content_of(form, task.authority_id), slot, clock.now())
        if attempt.saved:
            return _taken(token, deed)
    return _form_page(token, found, row, deed, form)


def _time(token: str, found: Opened, row: TaskRow) -> AnyResponse:
    session = db.session()
    form = MoreTimeForm(data={"kind": Deed.TIME.value, "task": row.id})
    form.expected = [found.link.id, row.id]
    if request.method == "POST" and form.validate():
        with saving(form) as attempt:
            service.ask_time(session, found, access.task_of(session, found, row.id), form.wished_on.data, form.reason.data, clock.now())
        if attempt.saved:
            return _taken(token, Deed.TIME)
    return _form_page(token, found, row, Deed.TIME, form)


def _taken(token: str, deed: Deed) -> Response:
    return _quiet(redirect(url_for("links.page", token=token, done=deed.value), 303))


@confirming.post("/tasks/<int:task_id>/link-handins")
@allows(Action.SEE_TASKS)
def confirm(authority: str, task_id: int) -> AnyResponse:
    """«Xác thực» what came in through links, as far as the page showed it."""
    session, viewer = db.session(), desk().viewer
    task = tasks_access.task(session, viewer, task_id)
    actor = access.to_confirm(session, viewer, task)
    number = service.confirm(session, task, request.form.get("upto", 0, type=int), actor, clock.now())
    session.commit()
    flash(_("Đã xác thực %(count)s nội dung nộp qua liên kết.", count=number), "success")
    return redirect(url_for("dashboard.task_page", authority=authority, task_id=task_id))
