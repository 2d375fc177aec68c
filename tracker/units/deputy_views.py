"""The page of deputies: everybody's own lendings, and everybody's for who manages people."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from tracker.accounts.models import Account
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.units import access, deputy_access, queries
from tracker.units import deputy_queries as lendings
from tracker.units import deputy_service as service
from tracker.units.current import actor, desk
from tracker.units.deputy_forms import DeputyForm
from tracker.units.deputy_rules import Terms
from tracker.units.forms import offered
from tracker.units.rules import Action, UnitKind
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of units."""
    blueprint.add_url_rule("/deputies", view_func=deputies, methods=["GET", "POST"])
    blueprint.add_url_rule("/deputies/<int:deputy_id>/revoke", view_func=revoke_deputy, methods=["POST"])


def _form() -> DeputyForm:
    session, viewer, today = db.session(), desk().viewer, clock.today()
    form = DeputyForm()
    everybody = viewer.may(Action.MANAGE_PEOPLE)
    lending = deputy_access.principals(session, viewer, today)
    form.principal.choices = _people(lending, nobody=viewer.account_id not in {a.id for a in lending})
    chosen = form.principal.data or request.args.get("person") or str(viewer.account_id)
    acting = deputy_access.candidates(session, viewer, today)
    form.acting.choices = _people([a for a in acting if everybody or str(a.id) != chosen], nobody=True)
    mine = viewer.own_unit_ids
    known = [u for u in queries.units(session, day=today) if u.kind is not UnitKind.GROUP and (everybody or u.id in mine)]
    form.unit.choices = offered(known, _("Mọi vai trò ở đơn vị"))
    if request.method == "GET":
        form.principal.data, form.valid_from.data = chosen, today
    return form


@allows(Action.SEE_TASKS)
def deputies(authority: str) -> Page:
    """What lasts or is to come, and the form."""
    form = _form()
    if request.method == "POST" and form.validate():
        with saving(form) as attempt:
            _appoint(form)
        if attempt.saved:
            flash(_("Đã ghi ủy quyền."), "success")
            return redirect(url_for("units.deputies", authority=authority))
        form = _form_again(form)
    session, viewer, today = db.session(), desk().viewer, clock.today()
    everybody = viewer.may(Action.MANAGE_PEOPLE)
    page = render_template(
        "units/deputies.html",
        form=form,
        rows=[
            {"row": row, "deputy": row.deputy, "over": row.deputy.revoked_at is not None, "coming": row.deputy.valid_from > today,
             "mine": everybody or row.deputy.account_id == viewer.account_id}
            for row in lendings.lendings(session, today, None if everybody else viewer.account_id)
        ],
        authority=authority,
    )  # fmt: skip
    return (page, 400) if request.method == "POST" else page


def _people(found: list[Account], *, nobody: bool) -> list[SelectChoice]:
    """People to choose from, with words for nobody yet; nothing at all where there is nobody."""
    first = [SelectChoice("", _("Chọn người"))] if nobody and found else []
    return [*first, *(SelectChoice(str(a.id), a.display_name) for a in found)]


def _form_again(form: DeputyForm) -> DeputyForm:
    """The same after what was refused was undone: the choices are read anew."""
    fresh = _form()
    form.principal.choices, form.acting.choices, form.unit.choices = fresh.principal.choices, fresh.acting.choices, fresh.unit.choices
    return form


def _appoint(form: DeputyForm) -> None:
    session, here, today = db.session(), desk(), clock.today()
    principals = {str(a.id): a for a in deputy_access.principals(session, here.viewer, today)}
    acting = {str(a.id): a for a in deputy_access.candidates(session, here.viewer, today)}
    if form.principal.data not in principals:
        raise Refused(_("Đồng chí chọn người ủy quyền trong danh sách."), "principal")
    if form.acting.data not in acting:
        raise Refused(_("Đồng chí chọn người được ủy quyền trong danh sách."), "acting")
    unit = access.unit_by_slug(session, form.unit.data) if form.unit.data else None
    terms = Terms(form.valid_from.data, form.valid_to.data, form.reason.data, unit.id if unit else None)
    service.appoint(session, actor(), here.authority, principals[form.principal.data], acting[form.acting.data], terms, clock.now())


@allows(Action.SEE_TASKS)
def revoke_deputy(authority: str, deputy_id: int) -> Response:
    """Thu hồi, at once."""
    session = db.session()
    row = deputy_access.lending(session, desk().viewer, deputy_id)
    service.revoke(session, actor(), row, request.form.get("version", 0, type=int), clock.now())
    session.commit()
    flash(_("Đã thu hồi ủy quyền, có hiệu lực ngay."), "success")
    return redirect(url_for("units.deputies", authority=authority))
