"""Pages of an office's own days: what it entered over the national list, one more, one withdrawn."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.deadlines import access, calendar_queries, calendar_service
from tracker.deadlines.calendar_forms import LocalDayForm
from tracker.deadlines.calendar_rules import DAY_WORDS, DayKind
from tracker.deadlines.calendar_service import Effect
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.vietnamese import date_vn, join_and, long_date_vn
from tracker.kernel.words import phrase
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]

#: Rounds named one by one after a day was entered; of more the number is told.
NAMED_ROUNDS = 3


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of deadlines."""
    for address, view, methods in (
        ("/calendar/days", local_days, ["GET", "POST"]),
        ("/calendar/days/<int:local_day_id>/withdraw", withdraw_local_day, ["POST"]),
    ):
        blueprint.add_url_rule(address, view_func=view, methods=methods)


@allows(Action.MANAGE_CALENDAR)
def local_days(authority: str) -> Page:
    """The office's own days, with the form that enters one."""
    session, form = db.session(), LocalDayForm()
    if request.method == "POST" and form.validate():
        with saving(form) as attempt:
            effect = calendar_service.enter_local_day(
                session,
                actor(),
                desk().authority.id,
                form.day.data,
                DayKind(form.kind.data),
                form.name.data,
                form.source.data,
                clock.now(),
                made_up_on=form.made_up_on.data,
            )
            said = _("Đã ghi %(days)s vào lịch của cơ quan.", days=_days_words(effect))
            consequence = _consequence(effect)
        if attempt.saved:
            flash(f"{said} {consequence}", "success")
            return redirect(url_for("deadlines.local_days", authority=authority))
    page = render_template(
        "deadlines/local_days.html", form=form, days=calendar_queries.local_days(session), words=DAY_WORDS, today=clock.today(), authority=authority
    )
    return (page, 400) if request.method == "POST" else page


@allows(Action.MANAGE_CALENDAR)
def withdraw_local_day(authority: str, local_day_id: int) -> Page:
    session = db.session()
    effect = calendar_service.withdraw_local_day(session, actor(), access.local_day(session, local_day_id), clock.now())
    said = _("Đã rút %(days)s khỏi lịch của cơ quan.", days=_days_words(effect))
    consequence = _consequence(effect)
    session.commit()
    flash(f"{said} {consequence}", "success")
    return redirect(url_for("deadlines.local_days", authority=authority))


def _days_words(effect: Effect) -> str:
    return join_and(phrase("%(kind)s %(day)s", kind=DAY_WORDS[one.kind].lower(), day=long_date_vn(one.day)) for one in effect.days)


def _consequence(effect: Effect) -> str:
    """What it means for the open rounds; their last days stand."""
    if not effect.moved:
        return str(_("Ngày nhắm tới của các đợt đang mở không đổi."))
    named = [
        _("%(round)s từ %(before)s sang %(after)s", round=one.round.name, before=date_vn(one.before), after=date_vn(one.after))
        for one in effect.moved
    ]
    count = len(named)
    rest = [] if count <= NAMED_ROUNDS else [_("%(count)s đợt khác", count=count - NAMED_ROUNDS)]
    sentence: str = _(
        "%(count)s đợt đang mở đổi ngày nhắm tới: %(rounds)s. Ngày cuối theo văn bản không đổi.",
        count=count,
        rounds=join_and([*named[:NAMED_ROUNDS], *rest]),
    )
    return sentence
