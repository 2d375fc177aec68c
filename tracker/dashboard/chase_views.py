"""Chasing several units at once from *Việc hôm nay*: a mail to each that was ticked, or one letter to all of them."""

from __future__ import annotations

from collections import Counter

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from tracker.dashboard.one_views import blueprint as blueprint
from tracker.dashboard.reading import reading
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.words import translated
from tracker.reminders import service as reminders
from tracker.tasks import queries as tasks
from tracker.tasks.rules import Timeliness
from tracker.units import access as units_access
from tracker.units.current import actor, desk
from tracker.units.models import Unit
from tracker.units.rules import Action
from tracker.web.guards import allows
from tracker.web.links import next_path
from tracker.web.words import gettext as _

#: A page of the list has no more.
TOGETHER_LIMIT = 200


@blueprint.post("/today/chase")
@allows(Action.CHASE)
def chase_many(authority: str) -> Response:
    """The ticked units: «Gửi mail» to each, or on to a new letter with just them chosen."""
    session = db.session()
    slugs = list(dict.fromkeys(request.form.getlist("units")))[:TOGETHER_LIMIT]
    units = [units_access.unit_by_slug(session, slug) for slug in slugs]
    if not units:
        flash(_("Đồng chí chọn ít nhất một đơn vị ở bảng rồi bấm lại."), "error")
    elif request.form.get("do") == "letter":
        slug = _late_round({unit.id for unit in units})
        if slug is not None:
            return redirect(url_for("documents.draft_letter", authority=authority, round=slug, unit=slugs))
        flash(_("Không đơn vị nào đã chọn có nhiệm vụ quá hạn; công văn đôn đốc chỉ lập cho nhiệm vụ quá hạn."), "error")
    else:
        _mail(units)
    return redirect(next_path(url_for("dashboard.today", authority=authority)))


def _late_round(unit_ids: set[int]) -> str | None:
    """The round in which most tasks of these units are late: what one letter can be about."""
    read = reading()
    late = Counter(one.round_slug for one in tasks.urgent_codes(read.session, (Timeliness.OVERDUE,), read.horizon) if one.unit_id in unit_ids)
    return late.most_common(1)[0][0] if late else None


def _mail(units: list[Unit]) -> None:
    """Each for itself: what cannot be told is named with its reason, the others are told."""
    session, here = db.session(), desk()
    told, mails, left = 0, 0, []
    for unit in units:
        try:
            mails += reminders.remind_unit(session, actor(), here.authority, unit, clock.today(), clock.now())
            told += 1
        except NotFound:
            raise
        except Refused as refusal:
            left.append(refusal.message)
    db.session.commit()
    if told:
        flash(_("Đã lập %(mails)s thư nhắc %(units)s đơn vị; thư đi trong ít phút.", mails=mails, units=told), "success")
    for sentence in left:
        flash(translated(sentence), "warning")
