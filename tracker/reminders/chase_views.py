"""Chasing by hand: Zalo messages to copy, calls to note, and the log of everything said to a unit."""

from __future__ import annotations

from datetime import date, timedelta

import segno
from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.vietnamese import date_vn
from tracker.reminders import chase_access as access
from tracker.reminders import chase_queries as queries
from tracker.reminders import chase_service as service
from tracker.reminders.chase_forms import CallForm, LogForm, StrikeForm
from tracker.reminders.chase_queries import Chaseable, DutySheet
from tracker.reminders.chase_rules import ChaseKind, Entry, zalo_text
from tracker.units import access as units_access
from tracker.units.current import actor, desk
from tracker.units.models import Unit
from tracker.units.rules import Action
from tracker.web import sheets
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.links import local_path, next_path
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]

#: How far back a log goes unless asked.
LOG_DAYS = timedelta(days=92)


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of reminders."""
    blueprint.add_url_rule("/reminders/zalo", "zalo", zalo)
    blueprint.add_url_rule("/reminders/zalo/<slug>", "zalo_sent", zalo_sent, methods=["POST"])
    blueprint.add_url_rule("/reminders/sheets", "sheets_", sheets_)
    blueprint.add_url_rule("/reminders/sheets/<slug>", "sheet", sheet)
    blueprint.add_url_rule("/reminders/sheets/<slug>/given", "sheet_given", sheet_given, methods=["POST"])
    blueprint.add_url_rule("/reminders/log", "logs", logs)
    blueprint.add_url_rule("/reminders/log/<slug>", "log", log)
    blueprint.add_url_rule("/reminders/log/<slug>/call", "note_call", note_call, methods=["GET", "POST"])
    blueprint.add_url_rule("/reminders/log/<slug>/<int:entry_id>/strike", "strike", strike, methods=["GET", "POST"])


def _message(one: Chaseable) -> str:
    authority = desk().authority
    return zalo_text(authority.name, one.name, one.owed, f"{current_app.config['BASE_URL']}/{authority.slug}")


@allows(Action.CHASE)
def zalo(authority: str) -> str:
    """Tin nhắn Zalo soạn sẵn cho từng đơn vị còn nợ việc, hoặc cho một đơn vị (``unit``)."""
    session, slug = db.session(), request.args.get("unit")
    unit = units_access.unit_by_slug(session, slug) if slug else None
    units = queries.chaseable(session, desk().authority, clock.today(), unit.id if unit else None)
    rows = [(one, _message(one)) for one in units]
    return render_template(
        "reminders/zalo.html",
        authority=authority,
        unit=unit,
        now=[row for row in rows if row[0].now],
        later=[row for row in rows if not row[0].now],
        back=local_path(request.args.get("next")),
    )


@allows(Action.CHASE)
def zalo_sent(authority: str, slug: str) -> Response:
    """«Đã nhắn»: the message goes into the log. A page that copies it in the same click asks for JSON and gets the words."""
    session, here, today = db.session(), desk(), clock.today()
    unit = units_access.unit_by_slug(session, slug)
    found = queries.chaseable(session, here.authority, today, unit.id)
    if not found:
        return _noted(authority, _("%(unit)s không còn nhiệm vụ nào đang mở nên không có gì để nhắn.", unit=unit.name), None)
    [one] = found
    text = _message(one)
    tasks = {owed.task_id: owed.due_on for owed in one.owed}
    kept = service.note_once(session, actor(), kind=ChaseKind.ZALO, unit=unit, task_ids=tasks, words=text, now=clock.now(), day=today)
    db.session.commit()
    said = _("Đã ghi vào nhật ký: nhắn Zalo %(unit)s.", unit=unit.name) if kept else _("Hôm nay đã ghi tin nhắn này rồi.")
    return _noted(authority, said, text)


def _noted(authority: str, said: str, text: str | None) -> Response:
    """The answer of the button, as a page or as JSON. ``text``: the message noted; None where there was none to send."""
    if request.accept_mimetypes.best == "application/json":
        answer = jsonify(said=said, text=text)
        answer.status_code = 200 if text else 409
        return answer
    flash(said, "success" if text else "danger")
    return redirect(next_path(url_for("reminders.zalo", authority=authority)))


@allows(Action.CHASE)
def sheets_(authority: str) -> str:
    """Phiếu nhiệm vụ của mọi đơn vị còn nợ việc, mỗi đơn vị một tờ."""
    return _sheets(authority, queries.duty_sheets(db.session(), desk().authority, clock.today()), _("Phiếu nhiệm vụ"))


@allows(Action.SEE_TASKS)
def sheet(authority: str, slug: str) -> str:
    """Phiếu nhiệm vụ của một đơn vị."""
    session, here = db.session(), desk()
    unit = units_access.unit_by_slug(session, slug)
    access.expect_reader(here.viewer, unit)
    title = _("Phiếu nhiệm vụ %(unit)s", unit=unit.name)
    return _sheets(authority, queries.duty_sheets(session, here.authority, clock.today(), unit.id), title, unit)


def _sheets(authority: str, found: list[DutySheet], title: str, unit: Unit | None = None) -> str:
    address = f"{current_app.config['BASE_URL']}/{authority}"
    # Drawn inside the page: the content policy takes no image that is not a file of this site.
    code = Markup(segno.make(address, error="m").svg_inline(scale=3, border=4, light="#fff"))  # noqa: S704  (drawn from our own address)
    return render_template(
        "reminders/sheets.html",
        authority=authority,
        chases=desk().viewer.may(Action.CHASE),
        title=title,
        unit=unit,
        sheets=found,
        address=address,
        code=code,
        today=clock.today(),
        name=desk().authority.name,
    )


@allows(Action.CHASE)
def sheet_given(authority: str, slug: str) -> Response:
    """«Đã trao phiếu»: goes into the log, once a day."""
    session, here, today = db.session(), desk(), clock.today()
    unit = units_access.unit_by_slug(session, slug)
    found = queries.duty_sheets(session, here.authority, today, unit.id)
    tasks = {one.task_id: one.due_on for one, _documents in found[0].lines} if found else {}
    if tasks:
        words = _("Trao phiếu nhiệm vụ in ngày %(day)s.", day=date_vn(today))
        service.note_once(session, actor(), kind=ChaseKind.SHEET, unit=unit, task_ids=tasks, words=words, now=clock.now(), day=today)
        db.session.commit()
        flash(_("Đã ghi vào nhật ký: trao phiếu cho %(unit)s.", unit=unit.name), "success")
    else:
        flash(_("%(unit)s không còn nhiệm vụ nào đang mở.", unit=unit.name), "danger")
    return redirect(url_for("reminders.sheet", authority=authority, slug=slug))


def _days() -> tuple[LogForm, date, date, int]:
    """From ``since`` to ``until`` of the address, the last three months where it does not say; with 400, and those months, for what are no days."""
    form, today, status = LogForm(request.args), clock.today(), 200
    usual = today - LOG_DAYS, today
    since, until = form.since.data or usual[0], form.until.data or usual[1]
    if not form.read():
        since, until, status = *usual, 400
    else:
        form.since.data, form.until.data = since, until
    return form, since, until, status


@allows(Action.SEE_TASKS)
def log(authority: str, slug: str) -> Page:
    """Nhật ký đôn đốc của một đơn vị."""
    session, here = db.session(), desk()
    unit = units_access.unit_by_slug(session, slug)
    access.expect_reader(here.viewer, unit)
    return _log(authority, unit)


@allows(Action.SEE_OVERVIEW)
def logs(authority: str) -> Page:
    """Nhật ký đôn đốc của cả cơ quan: đã nói với ai, điều gì, lúc nào."""
    return _log(authority, None)


def _log(authority: str, unit: Unit | None) -> Page:
    session, here = db.session(), desk()
    chases = here.viewer.may(Action.CHASE)
    form, since, until, status = _days()
    if unit:
        entries = queries.log_of_unit(session, here.authority, unit.id, since, until, addresses=chases)
    else:
        entries = queries.log_of_all(session, here.authority, since, until, addresses=chases)
    if request.args.get("export") == "xlsx" and status == 200:
        return _sheet(entries, authority, unit)
    whole = len(entries) < queries.SHOWN
    shown = {"entries": entries, "since": since, "until": until, "whole": whole}
    return render_template("reminders/log.html", authority=authority, unit=unit, chases=chases, form=form, **shown), status


def _sheet(entries: list[Entry], authority: str, unit: Unit | None) -> Response:
    columns = [
        sheets.Column("at", _("Lúc"), 18),
        sheets.Column("means", _("Hình thức"), 22),
        sheets.Column("by", _("Người làm"), 34),
        *([] if unit else [sheets.Column("units_words", _("Đơn vị"), 40)]),
        sheets.Column("words", _("Nội dung"), 70),
        sheets.Column("tasks_words", _("Nhiệm vụ"), 30),
        sheets.Column("struck", _("Gạch vì"), 30),
    ]
    as_is = ("at", "means", "by", "words", "struck")
    rows = [
        {"tasks_words": ", ".join(one.tasks), "units_words": "; ".join(one.units), **{name: getattr(one, name) for name in as_is}} for one in entries
    ]
    whose = f"{authority}-{unit.slug}" if unit else authority
    return sheets.workbook(columns, rows, _("Nhật ký đôn đốc"), f"nhat-ky-don-doc-{whose}-{clock.today().isoformat()}")


@allows(Action.CHASE)
def note_call(authority: str, slug: str) -> Page:
    """Ghi một cuộc gọi hoặc buổi gặp."""
    session, here, today = db.session(), desk(), clock.today()
    unit = units_access.unit_by_slug(session, slug)
    found = queries.chaseable(session, here.authority, today, unit.id)
    owed = found[0].owed if found else ()
    form = CallForm.about(owed, today)
    status = 200
    if form.is_submitted():
        status = 400
        if form.validate():
            due = {one.task_id: one.due_on for one in owed}
            tasks = {task: due[task] for task in form.tasks.data}
            with saving(form) as attempt:
                service.note_call(
                    session,
                    actor(),
                    unit,
                    tasks,
                    with_whom=form.with_whom.data,
                    words=form.words.data,
                    on_day=form.on_day.data,
                    today=today,
                    now=clock.now(),
                )
            if attempt.saved:
                flash(_("Đã ghi vào nhật ký đôn đốc."), "success")
                return redirect(url_for("reminders.log", authority=authority, slug=slug))
    return render_template("reminders/call.html", authority=authority, unit=unit, form=form, owed=owed), status


@allows(Action.CHASE)
def strike(authority: str, slug: str, entry_id: int) -> Page:
    """Gạch một dòng ghi nhầm; dòng ấy vẫn đọc được."""
    session = db.session()
    unit = units_access.unit_by_slug(session, slug)
    entry = access.entry(session, unit, entry_id)
    form, status = StrikeForm(), 200
    if form.is_submitted():
        status = 400
        if form.validate():
            with saving(form) as attempt:
                service.strike(session, actor(), entry, form.why.data, clock.now())
            if attempt.saved:
                flash(_("Đã gạch dòng ấy; nhật ký vẫn giữ."), "success")
                return redirect(url_for("reminders.log", authority=authority, slug=slug))
    return render_template("reminders/strike.html", authority=authority, unit=unit, entry=entry, form=form), status
