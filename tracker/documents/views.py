"""The check of a set and its notice; taking a notice in from Word or Excel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from tracker.documents import letter_draft_views, letter_views, pack_views, paper_views, queries, service
from tracker.documents.forms import DetailsForm, UploadForm
from tracker.documents.reading import Draft
from tracker.documents.rules import DOCUMENT, KIND_WORDS, Finding, FindingKind
from tracker.documents.waiting import WaitingRoom
from tracker.files.rules import tidy_name
from tracker.indicators import access as indicators
from tracker.indicators.models import IndicatorSet
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.units import queries as units
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web import sheets
from tracker.web.guards import allows
from tracker.web.words import gettext as _

blueprint = Blueprint("documents", __name__, url_prefix="/<authority>")
pack_views.install(blueprint)
letter_views.install(blueprint)
letter_draft_views.install(blueprint)
paper_views.install(blueprint)


@blueprint.get("/documents/<set_slug>/check")
@allows(Action.SEE_LIBRARY)
def check(authority: str, set_slug: str) -> str | Response:
    """Every contradiction in a set and in this authority's notice of it, grouped by kind."""
    session, here = db.session(), desk()
    found = indicators.readable_set(session, set_slug, here.authority.id)
    findings = [finding for _authority, finding in queries.check(session, found, clock.today())]
    if request.args.get("export") == "xlsx":
        return _sheet(found, findings)
    groups = [(KIND_WORDS[kind], [one for one in findings if one.kind is kind]) for kind in FindingKind]
    return render_template(
        "documents/check.html",
        found=found,
        groups=[(words, rows) for words, rows in groups if rows],
        total=len(findings),
        place=_place,
        codes=queries.order_of(session, found.id),
        authority=authority,
    )


def _place(finding: Finding) -> str:
    if finding.place == DOCUMENT:
        return str(_("Cả văn bản"))
    code = finding.place.removeprefix("section ")
    return str(_("Chỉ số chính %(code)s", code=code)) if code != finding.place else code


def _sheet(found: IndicatorSet, findings: list[Finding]) -> Response:
    columns = [
        sheets.Column("place", _("Chỗ"), 18),
        sheets.Column("kind", _("Loại"), 34),
        sheets.Column("printed", _("In trong văn bản"), 40),
        sheets.Column("expected", _("Lẽ ra"), 40),
        sheets.Column("message", _("Nội dung"), 60),
    ]
    rows = [
        {"place": _place(one), "kind": KIND_WORDS[one.kind], "printed": one.printed, "expected": one.expected, "message": one.message}
        for one in findings
    ]
    return sheets.workbook(columns, rows, _("Mâu thuẫn trong văn bản"), f"mau-thuan-{found.slug}")


def _room() -> WaitingRoom:
    return WaitingRoom(Path(current_app.config["TRACKER_DATA"]) / "scratch", desk().authority.id)


@blueprint.route("/documents/import", methods=["GET", "POST"], endpoint="import")
@allows(Action.MANAGE_ASSIGNMENTS)
def upload(authority: str) -> str | BaseResponse | tuple[str, int]:
    """Reads a file and shows what it holds; nothing is taken in yet."""
    session, here = db.session(), desk()
    form = UploadForm()
    if form.validate_on_submit():
        data, filename = form.file.data.read(), tidy_name(form.file.data.filename)
        try:
            draft = service.read(session, filename, data, clock.today())
        except Refused as refusal:
            form.file.errors = [refusal.message]
        else:
            digest = "" if draft.problems else _room().keep(data, clock.real_now().timestamp())
            details = DetailsForm(
                formdata=None,
                data={
                    "digest": digest,
                    "filename": filename,
                    "document_type": _("Thông báo"),
                    "issuer": here.authority.name,
                    "title": Path(filename).stem,
                    "valid_from": clock.today(),
                    "slug": service.free_slug(session, here.authority, filename),
                },
            )
            return _preview(authority, draft, details, filename, 400 if draft.problems else 200)
    return render_template("documents/import.html", form=form, authority=authority), 400 if form.errors else 200


@blueprint.post("/documents/import/confirm")
@allows(Action.MANAGE_ASSIGNMENTS)
def confirm(authority: str) -> str | BaseResponse | tuple[str, int]:
    """Takes the previewed file in: it is read again, so that what is created is what the file says now."""
    session, here = db.session(), desk()
    details = DetailsForm()
    room, digest, filename = _room(), details.digest.data or "", tidy_name(details.filename.data)
    data = room.take(digest)
    draft = service.read(session, filename, data, clock.today())
    if details.validate_on_submit():
        try:
            made = service.take_in(session, here.authority, draft, _details(details), details.slug.data, actor(), clock.now())
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            getattr(details, "slug" if refusal.field == "slug" else "title").errors = [refusal.message]
        else:
            room.forget(digest)
            flash(_("Đã nhập %(count)s dòng giao việc. Bộ chỉ số còn là bản nháp: đồng chí kiểm tra rồi công bố.", count=made.assignments), "success")
            return redirect(url_for("assignments.notice", authority=authority, slug=made.notice.slug))
    return _preview(authority, draft, details, filename, 400)


def _details(form: DetailsForm) -> service.Details:
    return service.Details(
        title=form.title.data,
        document_type=form.document_type.data,
        number=form.number.data or None,
        issued_on=form.issued_on.data,
        valid_from=form.valid_from.data,
        issuer=form.issuer.data,
        report_clause=form.report_clause.data or "",
    )


def _preview(authority: str, draft: Draft, details: DetailsForm, filename: str, status: int) -> tuple[str, int]:
    names: dict[str, Any] = {unit.slug: unit.name for unit in units.units(db.session())}
    page = render_template("documents/preview.html", draft=draft, form=details, filename=filename, names=names, authority=authority)
    return page, status
