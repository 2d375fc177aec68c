"""The end: what there is, what is still missing, and the first round."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.start import queries
from tracker.start.current import rail, standing
from tracker.start.forms import LetterForm
from tracker.tasks import rounds
from tracker.units import queries as units
from tracker.units.current import actor, desk
from tracker.units.rules import Action, UnitKind
from tracker.web.fields import tell
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]


def install(blueprint: Blueprint) -> None:
    """Hangs the page on the blueprint of the start."""
    blueprint.add_url_rule("/<authority>/start/finish", "finish", finish, methods=["GET", "POST"])


@allows(Action.MANAGE_ROUNDS)
def finish(authority: str) -> Page:
    if request.method == "GET":
        return _page(LetterForm(formdata=None))
    form = LetterForm()
    wanted = next((one for one in queries.openings(db.session(), clock.today()) if one.key == request.form.get("open")), None)
    try:
        if wanted is None:
            raise Refused(_("Đồng chí chọn đợt để mở."))
        opened = _open(wanted, form)
    except Refused as refusal:
        db.session.rollback()
        tell(form, refusal)
        opened = None
    if opened is None:
        return _page(form), 400
    name, count, slug = opened.round.name, opened.tasks, opened.round.slug
    db.session.commit()
    flash(_("Đã mở đợt %(name)s: %(count)s nhiệm vụ.", name=name, count=count), "success")
    for group in opened.empty_groups:
        flash(_("Nhóm “%(name)s” chưa có thành viên nên đầu mối giữ nhiệm vụ của nhóm.", name=group), "warning")
    return redirect(url_for("tasks.round_", authority=authority, slug=slug))


def _open(wanted: queries.Opening, form: LetterForm) -> rounds.Opened | None:
    session, now = db.session(), clock.now()
    if wanted.event:
        if not form.validate():
            return None
        return rounds.start_by_letter(session, wanted.rule, form.letter.data, form.issued.data, actor(), now, started=form.issued.data)
    assert wanted.period is not None
    opened = rounds.open_round(session, wanted.rule, wanted.period, actor(), now, as_of=clock.today())
    if opened is None:
        raise Refused(_("Đợt này đã được mở; đồng chí xem ở trang Đợt."))
    return opened


def _page(form: LetterForm) -> str:
    session, here, at = db.session(), desk(), standing()
    today = clock.today()
    listed = units.units(session, day=today, kind=UnitKind.GROUP)
    members = units.members_of(session, [unit.id for unit in listed], today)
    leading = queries.leading_ids(session, here.authority.id, today)
    return render_template(
        "start/finish.html",
        rail=rail(None, at),
        at=at,
        form=form,
        openings=queries.openings(session, today) if at.ready else [],
        chosen=request.form.get("open", ""),
        empty_groups=[unit.name for unit in listed if unit.id in leading and not members[unit.id]],
        unserved=_unserved(leading),
        authority=here.authority.slug,
    )


def _unserved(leading: set[int]) -> list[str]:
    """Units that lead something and have nobody who could answer."""
    session, today = db.session(), clock.today()
    asked = [u for u in units.units(session, day=today) if u.id in leading and u.kind not in (UnitKind.GROUP, UnitKind.EXTERNAL)]
    served = units.people_by_unit(session, [unit.id for unit in asked], today)
    return [unit.name for unit in asked if not served[unit.id]]
