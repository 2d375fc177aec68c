"""The page behind «không nhận bản tổng hợp này nữa»: whoever has the mail has the right, without signing in. A GET changes nothing."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.audit.rules import Actor
from tracker.kernel import clock, scope
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.reminders import queries, refusal_service, refusals
from tracker.units.models import Authority
from tracker.web.guards import public

blueprint = Blueprint("summaries", __name__)


@blueprint.route("/summary/<token>", methods=["GET", "POST"])
@public
def summary(token: str) -> str:
    """Thôi nhận, hoặc nhận lại bản tổng hợp. POST is also what a mail program sends for its one click (RFC 8058)."""
    session = db.session()
    authority, account = _meant(session, token)
    with scope.using(session, scope.one(authority.id)):
        if request.method == "POST":
            wanted = request.form.get("wanted") == "yes"
            actor = Actor(account.id, account.display_name)
            refusal_service.choose(session, actor, authority, account.id, wanted=wanted, now=clock.now())
            session.commit()
        refused = account.id in queries.refused_summaries(session)
    return render_template("reminders/summary.html", token=token, name=authority.name, refused=refused, done=request.method == "POST")


def _meant(session: Session, token: str) -> tuple[Authority, Account]:
    found = refusals.read(token)
    if found is None:
        raise NotFound("Địa chỉ này không đúng; đồng chí bấm lại trong thư mới nhất.")
    with scope.using(session, scope.whole("a signed address names its authority")):
        authority, account = session.get(Authority, found[0]), session.get(Account, found[1])
    if authority is None or account is None:
        raise NotFound("Địa chỉ này không còn dùng được.")
    return authority, account
