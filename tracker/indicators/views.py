"""Sets of indicators and the tree of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from flask import Blueprint, Flask, Response, current_app, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from tracker.indicators import access, queries, service
from tracker.indicators.queries import TreeRow
from tracker.indicators.rules import IndicatorKind
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.units.current import actor, desk
from tracker.units.models import Unit
from tracker.units.rules import Action
from tracker.web import sheets
from tracker.web.guards import allows
from tracker.web.words import gettext as _

blueprint = Blueprint("indicators", __name__, url_prefix="/<authority>")

_LEADS = "leads_of_set"


class LeadsOfSet(Protocol):
    """Indicator → the unit that leads it on a day. The room above that knows is registered in app.py."""

    def __call__(self, session: Session, authority_id: int, set_id: int, day: date) -> Mapping[int, Unit]: ...


def install(app: Flask, leads: LeadsOfSet) -> None:
    """Tells this room who answers «who leads it»."""
    app.extensions[_LEADS] = leads


@blueprint.get("/indicators")
@allows(Action.SEE_LIBRARY)
def sets(authority: str) -> str:
    """The sets the authority uses, and the others of the library."""
    session, here = db.session(), desk()
    used = queries.adopted_sets(session, here.authority.id, clock.today())
    ids = {one.id for one in used}
    others = [one for one in queries.published_sets(session, owner_id=here.authority.id) if one.id not in ids]
    return render_template("indicators/sets.html", used=used, others=others, counts=queries.component_counts(session), authority=authority)


@blueprint.get("/indicators/<set_slug>")
@allows(Action.SEE_LIBRARY)
def index(authority: str, set_slug: str) -> str | Response:
    """The tree of a set: code, name, points, who leads."""
    session, here = db.session(), desk()
    found = access.readable_set(session, set_slug, here.authority.id)
    leads = current_app.extensions[_LEADS](session, here.authority.id, found.id, clock.today())
    rows = queries.tree(session, found.id)
    mains = [row.indicator for row in rows if row.indicator.kind is IndicatorKind.MAIN]
    words, main, lead = request.args.get("q", ""), request.args.get("main", ""), request.args.get("lead", "")
    shown = _shown(queries.matching(rows, words), leads, main, lead, {one.id: one.code for one in mains})
    if request.args.get("export") == "xlsx":
        return _sheet(found.title, found.slug, shown, leads)
    units = sorted({(unit.slug, unit.name, unit.position) for unit in leads.values()}, key=lambda unit: unit[2])
    return render_template(
        "indicators/index.html",
        found=found,
        rows=shown,
        whole=len(rows),
        leads=leads,
        mains=[(one.code, f"{one.code}. {one.name}") for one in mains],
        units=[(slug, name) for slug, name, _position in units],
        points_known=any(row.indicator.max_points is not None for row in rows),
        kept={key: value for key, value in (("q", words), ("main", main), ("lead", lead)) if value},
        may_publish=found.published_at is None and here.viewer.may(Action.MANAGE_ASSIGNMENTS),
        authority=authority,
    )


def _shown(rows: list[TreeRow], leads: Mapping[int, Unit], main: str, lead: str, codes: Mapping[int, str]) -> list[TreeRow]:
    """The rows of one main indicator, or of one lead with the headings above them."""
    if main:
        rows = [row for row in rows if row.indicator.main_id is not None and codes.get(row.indicator.main_id) == main]
    if lead:
        parents = {row.indicator.code: row.parent for row in rows}
        wanted: set[str] = set()
        for row in rows:
            unit = leads.get(row.indicator.id)
            code = row.indicator.code if unit is not None and unit.slug == lead else None
            while code is not None and code not in wanted:
                wanted.add(code)
                code = parents.get(code)
        rows = [row for row in rows if row.indicator.code in wanted]
    return rows


def _sheet(title: str, slug: str, rows: list[TreeRow], leads: Mapping[int, Unit]) -> Response:
    columns = [
        sheets.Column("code", _("Mã"), 10),
        sheets.Column("name", _("Chỉ số"), 60),
        sheets.Column("max_points", _("Điểm tối đa"), 12),
        sheets.Column("lead", _("Cơ quan chủ trì"), 36),
        sheets.Column("scoring", _("Cách xác định"), 50),
        sheets.Column("evidence", _("Tài liệu kiểm chứng"), 36),
        sheets.Column("data_source", _("Nguồn cung cấp dữ liệu"), 24),
    ]
    values = [
        {
            "code": row.indicator.code,
            "name": row.indicator.name,
            "max_points": row.indicator.max_points,
            "lead": leads[row.indicator.id].name if row.indicator.id in leads else None,
            "scoring": row.indicator.scoring,
            "evidence": row.indicator.evidence,
            "data_source": row.indicator.data_source,
        }
        for row in rows
    ]
    return sheets.workbook(columns, values, title, slug)


@blueprint.post("/indicators/<set_slug>/publish")
@allows(Action.MANAGE_ASSIGNMENTS)
def publish(authority: str, set_slug: str) -> BaseResponse:
    """A draft becomes readable by all and unchangeable."""
    session, here = db.session(), desk()
    found = access.readable_set(session, set_slug, here.authority.id)
    service.publish(session, found, here.authority.id, actor(), clock.now())
    db.session.commit()
    flash(_("Đã công bố bộ chỉ số."), "success")
    return redirect(url_for("indicators.index", authority=authority, set_slug=set_slug))
