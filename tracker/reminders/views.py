"""The focal point's page of reminders: to come, sent, not sent and why; and the button that reminds a unit now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import join_and
from tracker.kernel.words import translated
from tracker.mail import queries as mail_queries
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import STATE_WORDS, MessageState
from tracker.reminders import access, ahead_queries, chase_views, policy_views, queries, service
from tracker.reminders.ahead_queries import Ahead
from tracker.reminders.rules import DIGEST, KIND_WORDS, LOOK_AHEAD
from tracker.reminders.service import Plan
from tracker.units import access as units_access
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web import sheets
from tracker.web.guards import allows
from tracker.web.links import next_path
from tracker.web.words import gettext as _

blueprint = Blueprint("reminders", __name__, url_prefix="/<authority>")
policy_views.install(blueprint)
chase_views.install(blueprint)

TROUBLE = (MessageState.FAILED, MessageState.CANCELLED, MessageState.EXPIRED)
#: How long a mail that did not go stays on the page.
TROUBLE_SHOWN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message of the lists and of the sheet. ``id``: of one that can be sent again."""

    id: int | None
    day: date
    to: str
    tasks: int
    kind: str
    state: str
    subject: str | None
    reason: str | None
    finished_at: datetime | None


def _row(message: OutboxMessage) -> MessageRow:
    return MessageRow(
        id=message.id if message.state is MessageState.FAILED else None,
        day=message.planned_on,
        to=f"{message.to_name} <{message.to_address}>",
        tasks=len(message.payload.get("items", ())),
        kind=_(KIND_WORDS[message.kind]),
        state=_(STATE_WORDS[message.state]),
        subject=message.subject,
        reason=message.reason,
        finished_at=message.finished_at,
    )


def _coming(drafted: Plan, ahead: list[Ahead]) -> list[Ahead]:
    """Today's digests not yet planned, then the days to come."""
    still = drafted.digests
    if not still:
        return ahead
    tasks = {task for digest in still for task in digest.task_ids}
    return [Ahead(drafted.day, tuple(digest.address for digest in still), len(tasks)), *ahead]


@blueprint.get("/reminders")
@allows(Action.CHASE)
def index(authority: str) -> str:
    """Thư nhắc: sắp gửi, hôm nay, không gửi được, và ai chưa nhận được thư."""
    session, here, today = db.session(), desk(), clock.today()
    drafted = service.draft(session, here.authority, today)
    return render_template(
        "reminders/index.html",
        authority=authority,
        drafted=drafted,
        coming=_coming(drafted, ahead_queries.look_ahead(session, here.authority, today, today + LOOK_AHEAD)),
        of_today=[_row(m) for m in queries.messages(session, here.authority.id, today, today)],
        trouble=[_row(m) for m in queries.messages(session, here.authority.id, today - TROUBLE_SHOWN, today, states=TROUBLE)],
        account=queries.reconciliation(session, today, here.authority.id),
        clockwork=mail_queries.clockwork(session, clock.real_now()),
    )


@blueprint.get("/reminders.xlsx")
@allows(Action.CHASE)
def export(authority: str) -> Response:
    """The same lists as a sheet: to come, then those of the last thirty days."""
    session, here, today = db.session(), desk(), clock.today()
    drafted = service.draft(session, here.authority, today)
    coming = _coming(drafted, ahead_queries.look_ahead(session, here.authority, today, today + LOOK_AHEAD))
    kind, state = _(KIND_WORDS[DIGEST]), _("Sắp gửi")
    rows = [MessageRow(None, one.day, join_and(one.recipients), one.tasks, kind, state, None, None, None) for one in coming]
    rows += [_row(m) for m in queries.messages(session, here.authority.id, today - TROUBLE_SHOWN, today, limit=5000)]
    columns = [
        sheets.Column("day", _("Ngày"), 12),
        sheets.Column("to", _("Người nhận"), 50),
        sheets.Column("tasks", _("Nhiệm vụ"), 10),
        sheets.Column("kind", _("Loại thư"), 22),
        sheets.Column("state", _("Tình trạng"), 16),
        sheets.Column("finished_at", _("Lúc"), 18),
        sheets.Column("reason", _("Lý do"), 40),
    ]
    return sheets.workbook(columns, rows, _("Thư nhắc việc"), f"thu-nhac-{authority}-{today.isoformat()}")


@blueprint.post("/reminders/messages/<int:message_id>/again")
@allows(Action.CHASE)
def send_again(authority: str, message_id: int) -> Response:
    """«Gửi lại» một thư không gửi được."""
    session, here = db.session(), desk()
    message = access.message(session, here.authority, message_id)
    try:
        address = service.send_again(session, actor(), here.authority, message, clock.today(), clock.now())
        db.session.commit()
        flash(_("Thư sẽ đi lại tới %(address)s trong ít phút.", address=address), "success")
    except Refused as refusal:
        db.session.rollback()
        flash(translated(refusal.message), "danger")
    return redirect(url_for("reminders.index", authority=authority))


@blueprint.post("/reminders/units/<slug>")
@allows(Action.CHASE)
def send_now(authority: str, slug: str) -> Response:
    """«Gửi mail nhắc» một đơn vị."""
    session, here = db.session(), desk()
    unit = units_access.unit_by_slug(session, slug)
    try:
        mails = service.remind_unit(session, actor(), here.authority, unit, clock.today(), clock.now())
        db.session.commit()
        flash(_("Đã lập %(mails)s thư nhắc %(unit)s; thư đi trong ít phút.", mails=mails, unit=unit.name), "success")
    except Refused as refusal:
        db.session.rollback()
        flash(translated(refusal.message), "danger")
    return redirect(next_path(url_for("reminders.index", authority=authority)))
