"""The administrator's pages of listeners: who they are, what they were sent, a try, another secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.mail.hook_rules import Reach
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import STATE_WORDS
from tracker.reminders import webhook_access as access
from tracker.reminders import webhook_queries as queries
from tracker.reminders import webhook_service as service
from tracker.reminders.webhook_forms import WebhookForm
from tracker.reminders.webhook_models import Webhook
from tracker.reminders.webhook_rules import KIND_WORDS, PING, EventKind, kinds_words, secret_of
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _

blueprint = Blueprint("webhooks", __name__, url_prefix="/<authority>/webhooks")

Page = str | AnyResponse | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of the list. ``key``: what the listener got as X-DonDoc-Delivery."""

    at: datetime
    what: str
    state: str
    tries: int
    reason: str | None
    finished_at: datetime | None
    key: str


def _delivery(message: OutboxMessage) -> Delivery:
    return Delivery(
        at=message.created_at,
        what=_(KIND_WORDS[message.kind]) if message.kind == PING else message.subject or _(KIND_WORDS[message.kind]),
        state=_(STATE_WORDS[message.state]),
        tries=message.attempts,
        reason=message.reason,
        finished_at=message.finished_at,
        key=message.message_id,
    )


@blueprint.get("")
@allows(Action.MANAGE_SETTINGS)
def index(authority: str) -> str:
    """Hệ thống nhận tin: đang gửi, đã tắt và vì sao."""
    rows = [{"row": hook, "kinds": kinds_words(hook.kinds)} for hook in queries.webhooks(db.session())]
    return render_template("reminders/webhooks.html", authority=authority, rows=rows)


@blueprint.route("/new", methods=["GET", "POST"])
@allows(Action.MANAGE_SETTINGS)
def new(authority: str) -> Page:
    if request.method == "GET":
        form = WebhookForm(formdata=None, **{kind.value: True for kind in EventKind})
        return render_template("reminders/webhook_new.html", authority=authority, form=form, kinds=list(EventKind))
    form = WebhookForm()
    if form.validate():
        with saving(form) as attempt:
            url, kinds = form.chosen(Reach.of(current_app.config))
            made = service.make(db.session(), actor(), desk().authority, url, kinds, now=clock.now(), real_now=clock.real_now())
        if attempt.saved:
            return _secret_page(authority, made)
    return render_template("reminders/webhook_new.html", authority=authority, form=form, kinds=list(EventKind)), 400


@blueprint.route("/<int:webhook_id>", methods=["GET", "POST"])
@allows(Action.MANAGE_SETTINGS)
def edit(authority: str, webhook_id: int) -> Page:
    hook = access.webhook(db.session(), webhook_id)
    if request.method == "GET":
        return _page(authority, hook, WebhookForm.showing(hook))
    form = WebhookForm()
    if form.validate():
        with saving(form) as attempt:
            url, kinds = form.chosen(Reach.of(current_app.config))
            changed = service.change(
                db.session(),
                actor(),
                hook,
                url,
                kinds,
                bool(form.active.data),
                version=form.version.data,
                now=clock.now(),
                real_now=clock.real_now(),
            )
        if attempt.saved:
            flash(_("Đã lưu nơi nhận.") if changed else _("Nơi nhận vẫn như cũ."), "success")
            return redirect(url_for("webhooks.edit", authority=authority, webhook_id=webhook_id))
    return _page(authority, access.webhook(db.session(), webhook_id), form), 400


def _page(authority: str, hook: Webhook, form: WebhookForm) -> str:
    sent = [_delivery(message) for message in queries.deliveries(db.session(), hook, clock.today() - queries.SHOWN)]
    return render_template("reminders/webhook.html", authority=authority, hook=hook, form=form, kinds=list(EventKind), deliveries=sent)


@blueprint.post("/<int:webhook_id>/ping")
@allows(Action.MANAGE_SETTINGS)
def ping(authority: str, webhook_id: int) -> Page:
    """«Gửi thử»."""
    hook = access.webhook(db.session(), webhook_id)
    queued = service.ping(db.session(), actor(), hook, now=clock.now())
    db.session.commit()
    said = _("Đã lập tin thử; tin đi trong ít giây.") if queued else _("Tin thử của phút này đã lập rồi; đồng chí xem ở danh sách bên dưới.")
    flash(said, "success")
    return redirect(url_for("webhooks.edit", authority=authority, webhook_id=webhook_id, _anchor="deliveries"))


@blueprint.post("/<int:webhook_id>/rotate")
@allows(Action.MANAGE_SETTINGS)
def rotate(authority: str, webhook_id: int) -> Page:
    """«Đổi khóa»."""
    hook = access.webhook(db.session(), webhook_id)
    version = request.form.get("version", 0, type=int)
    hook = service.rotate(db.session(), actor(), hook, version=version, now=clock.now())
    db.session.commit()
    return _secret_page(authority, hook)


def _secret_page(authority: str, hook: Webhook) -> Response:
    """The secret is shown this once, so the page is the answer to the form itself."""
    secret = secret_of(current_app.config["SECRET_KEY"], hook.id, hook.nonce)
    response = make_response(render_template("reminders/webhook_secret.html", authority=authority, hook=hook, secret=secret))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
