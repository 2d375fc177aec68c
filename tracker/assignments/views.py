"""Notices, and who does which indicator by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from tracker.assignments import access, queries, service
from tracker.assignments.forms import AssignmentForm, EndForm, NoticeForm
from tracker.assignments.models import Assignment, Notice
from tracker.assignments.queries import AssignmentRow
from tracker.indicators import queries as indicators
from tracker.indicators.models import IndicatorSet
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import fold, join_and
from tracker.units import access as units_access
from tracker.units import queries as units
from tracker.units.current import actor, desk
from tracker.units.models import Unit
from tracker.units.rules import Action
from tracker.web import sheets
from tracker.web.guards import allows
from tracker.web.words import gettext as _

blueprint = Blueprint("assignments", __name__, url_prefix="/<authority>")


@blueprint.get("/notices")
@allows(Action.SEE_LIBRARY)
def notices(authority: str) -> str:
    """Every notice of the authority."""
    session, here = db.session(), desk()
    rows = [
        {"notice": notice, "count": count, "sets": queries.sets_of_notice(session, notice)}
        for notice, count in queries.notices(session, here.authority.id)
    ]
    may_manage, may_write = here.viewer.may(Action.MANAGE_ASSIGNMENTS), here.viewer.may(Action.SEE_OVERVIEW)
    return render_template("assignments/notices.html", rows=rows, may_manage=may_manage, may_write=may_write, authority=authority)


@blueprint.get("/notices/<slug>")
@allows(Action.SEE_LIBRARY)
def notice(authority: str, slug: str) -> str | Response:
    """One notice: who leads how much, and its rows."""
    session, here = db.session(), desk()
    found = access.notice(session, here.authority.id, slug)
    day = max(clock.today(), found.valid_from)
    rows = queries.of_notice(session, found, day)
    words, lead = request.args.get("q", ""), request.args.get("lead", "")
    shown = [row for row in rows if (not lead or row.lead.slug == lead) and _says(row, words)]
    if request.args.get("export") == "xlsx":
        return _sheet(found, shown)
    return render_template(
        "assignments/notice.html",
        notice=found,
        rows=shown,
        whole=len(rows),
        matrix=_matrix(authority, slug, rows),
        units=list({row.lead.slug: (row.lead.slug, row.lead.name) for row in rows}.values()),
        sets=queries.sets_of_notice(session, found),
        kept={key: value for key, value in (("q", words), ("lead", lead)) if value},
        may_manage=here.viewer.may(Action.MANAGE_ASSIGNMENTS),
        authority=authority,
    )


def _says(row: AssignmentRow, words: str) -> bool:
    text = " ".join([row.indicator.code.casefold(), row.indicator.folded, row.lead.folded, *(unit.folded for unit in row.cooperators)])
    return all(word in text for word in fold(words).split())


def _matrix(authority: str, slug: str, rows: Sequence[AssignmentRow]) -> dict[str, object]:
    """Units × leads and cooperations: how much each one has."""
    names = {unit.slug: unit.name for row in rows for unit in (row.lead, *row.cooperators)}
    leads = Counter(row.lead.slug for row in rows)
    helps = Counter(unit.slug for row in rows for unit in row.cooperators)
    lines = [
        {
            "label": name,
            "href": url_for("assignments.notice", authority=authority, slug=slug, lead=unit) if leads[unit] else None,
            "cells": {"leads": leads[unit], "helps": helps[unit]},
        }
        for unit, name in names.items()
    ]
    return {"columns": [{"key": "leads", "label": _("Chủ trì")}, {"key": "helps", "label": _("Phối hợp"), "ruled": True}], "rows": lines}


def _sheet(found: Notice, rows: Sequence[AssignmentRow]) -> Response:
    columns = [
        sheets.Column("code", _("Stt"), 10),
        sheets.Column("name", _("Chỉ số"), 60),
        sheets.Column("lead", _("Cơ quan chủ trì"), 36),
        sheets.Column("cooperators", _("Cơ quan phối hợp"), 48),
        sheets.Column("points", _("Điểm tối đa"), 12),
    ]
    values = [
        {
            "code": row.indicator.code,
            "name": row.indicator.name,
            "lead": row.lead.name,
            "cooperators": [unit.name for unit in row.cooperators],
            "points": row.indicator.max_points,
        }
        for row in rows
    ]
    return sheets.workbook(columns, values, found.title, found.slug)


@blueprint.route("/notices/new", methods=["GET", "POST"])
@allows(Action.MANAGE_ASSIGNMENTS)
def new(authority: str) -> str | BaseResponse | tuple[str, int]:
    """Enters a notice by hand; its rows come one by one, or from a file by the import."""
    session, here = db.session(), desk()
    form = NoticeForm(data={"issuer": here.authority.name, "document_type": _("Thông báo")} if request.method == "GET" else None)
    form.sets.choices = [(one.id, one.title) for one in indicators.published_sets(session, owner_id=here.authority.id)]
    if form.validate_on_submit():
        words = service.NoticeWords(
            form.document_type.data,
            form.number.data,
            form.issued_on.data,
            form.issuer.data,
            form.title.data,
            form.report_clause.data or "",
            form.valid_from.data,
        )
        try:
            made = service.create_notice(session, here.authority.id, words, form.sets.data, actor(), clock.now())
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            getattr(form, refusal.field or "title").errors = [refusal.message]
        else:
            flash(_("Đã ghi nhận văn bản; đồng chí giao từng chỉ số."), "success")
            return redirect(url_for("assignments.notice", authority=authority, slug=made.slug))
    crumbs = [(_("Văn bản"), url_for("assignments.notices", authority=authority))]
    back = url_for("assignments.notices", authority=authority)
    page = render_template("assignments/edit.html", form=form, title=_("Ghi nhận văn bản"), save=_("Ghi nhận"), crumbs=crumbs, back=back)
    return page, 400 if form.errors else 200


@blueprint.route("/notices/<slug>/assign", methods=["GET", "POST"])
@allows(Action.MANAGE_ASSIGNMENTS)
def assign(authority: str, slug: str) -> str | BaseResponse | tuple[str, int]:
    """Gives one more indicator to a unit."""
    session, here = db.session(), desk()
    found = access.notice(session, here.authority.id, slug)
    day = max(clock.today(), found.valid_from)
    taken = {row.indicator.id for row in queries.of_notice(session, found, day)}
    offered = [one for of in _offered_sets(found, day) for one in indicators.leaves_of_set(session, of.id) if one.id not in taken]
    form = AssignmentForm(data={"since": day} if request.method == "GET" else None)
    form.indicator.choices = [(one.id, f"{one.code} {one.name}") for one in offered]
    _offer_units(form, day)
    if form.validate_on_submit():
        indicator = next(one for one in offered if one.id == form.indicator.data)
        try:
            lead, cooperators = _chosen(form)
            service.assign(session, found, indicator, lead, cooperators, form.since.data, actor(), clock.now())
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            getattr(form, refusal.field or "lead").errors = [refusal.message]
        else:
            flash(_("Đã giao chỉ số %(code)s.", code=indicator.code), "success")
            return redirect(url_for("assignments.notice", authority=authority, slug=slug))
    return _edit_page(authority, found, form, _("Giao thêm chỉ số"))


def _offered_sets(found: Notice, day: date) -> list[IndicatorSet]:
    session, here = db.session(), desk()
    return queries.sets_of_notice(session, found) or indicators.adopted_sets(session, here.authority.id, day)


def _offer_units(form: AssignmentForm, day: date) -> None:
    choices = [(unit.id, unit.name) for unit in units.units(db.session(), day=day)]
    form.lead.choices = choices
    form.cooperators.choices = choices


def _chosen(form: AssignmentForm) -> tuple[Unit, list[Unit]]:
    session = db.session()
    by_id = units.units_by_id(session, form.cooperators.data or [])
    return units_access.unit(session, form.lead.data), [by_id[unit_id] for unit_id in form.cooperators.data or [] if unit_id in by_id]


@blueprint.route("/notices/<slug>/assignments/<int:assignment_id>", methods=["GET", "POST"])
@allows(Action.MANAGE_ASSIGNMENTS)
def change(authority: str, slug: str, assignment_id: int) -> str | BaseResponse | tuple[str, int]:
    """Another lead, other cooperators, from a day on."""
    session, here = db.session(), desk()
    found = access.notice(session, here.authority.id, slug)
    row = _row(found, access.assignment(session, found, assignment_id))
    code, day = row.indicator.code, max(clock.today(), row.assignment.valid_from)
    saved = {"version": row.assignment.version, "lead": row.lead.id, "cooperators": [unit.id for unit in row.cooperators], "since": day}
    form = AssignmentForm(data=saved if request.method == "GET" else None)
    del form.indicator
    _offer_units(form, day)
    if form.validate_on_submit():
        lead, cooperators = _chosen(form)
        service.expect_version(row.assignment, form.version.data, _words(row.lead, row.cooperators), _words(lead, cooperators))
        try:
            service.change(session, found, row.assignment, code, lead, cooperators, form.since.data, actor(), clock.now())
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            getattr(form, refusal.field or "lead").errors = [refusal.message]
        else:
            flash(_("Đã lưu chỉ số %(code)s.", code=code), "success")
            return redirect(url_for("assignments.notice", authority=authority, slug=slug))
    return _edit_page(authority, found, form, _("Sửa giao việc, chỉ số %(code)s", code=code), row=row)


@blueprint.route("/notices/<slug>/assignments/<int:assignment_id>/end", methods=["GET", "POST"])
@allows(Action.MANAGE_ASSIGNMENTS)
def end(authority: str, slug: str, assignment_id: int) -> str | BaseResponse | tuple[str, int]:
    """No longer assigned after a day."""
    session, here = db.session(), desk()
    found = access.notice(session, here.authority.id, slug)
    row = _row(found, access.assignment(session, found, assignment_id))
    code = row.indicator.code
    form = EndForm(
        data={"version": row.assignment.version, "last": max(clock.today(), row.assignment.valid_from)} if request.method == "GET" else None
    )
    if form.validate_on_submit():
        service.expect_version(row.assignment, form.version.data, _words(row.lead, row.cooperators), _("Thôi giao"))
        try:
            service.end(session, row.assignment, code, form.last.data, actor(), clock.now())
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            form.last.errors = [refusal.message]
        else:
            flash(_("Đã ghi ngày kết thúc của chỉ số %(code)s.", code=code), "success")
            return redirect(url_for("assignments.notice", authority=authority, slug=slug))
    return _edit_page(authority, found, form, _("Thôi giao chỉ số %(code)s", code=code))


def _row(found: Notice, assignment: Assignment) -> AssignmentRow:
    return next(row for row in queries.history_of(db.session(), assignment) if row.assignment.id == assignment.id)


def _words(lead: Unit, cooperators: Sequence[Unit]) -> str:
    helpers = join_and(unit.name for unit in cooperators) or _("không có")
    return str(_("%(lead)s chủ trì; phối hợp: %(helpers)s", lead=lead.name, helpers=helpers))


def _edit_page(authority: str, found: Notice, form: AssignmentForm | EndForm, title: str, row: AssignmentRow | None = None) -> tuple[str, int]:
    back = url_for("assignments.notice", authority=authority, slug=found.slug)
    crumbs = [(_("Văn bản"), url_for("assignments.notices", authority=authority)), (found.title, back)]
    lead = row.indicator.name if row else None
    history = queries.history_of(db.session(), row.assignment) if row else []
    end_url = url_for("assignments.end", authority=authority, slug=found.slug, assignment_id=row.assignment.id) if row else None
    page = render_template(
        "assignments/edit.html",
        form=form,
        title=title,
        lead=lead,
        save=_("Lưu"),
        crumbs=crumbs,
        back=back,
        history=history,
        end_url=end_url,
        authority=authority,
    )
    return page, 400 if form.errors else 200
