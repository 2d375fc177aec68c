"""The five steps. Each is a plain form that saves what it says; what is done is read from the office's own rows, so it can be left at any time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from tracker.documents import queries as checks
from tracker.documents import service as documents
from tracker.documents.reading import Draft, Heading
from tracker.documents.rules import KIND_WORDS as FINDING_WORDS
from tracker.documents.waiting import WaitingRoom
from tracker.files.rules import tidy_name
from tracker.indicators import access as indicator_access
from tracker.indicators import queries as indicators
from tracker.indicators.models import IndicatorSet
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import BadInput
from tracker.kernel.words import joined, small
from tracker.start import current, finish_views, leads_views, people_views, queries, service, setup_views, units_views
from tracker.start.current import rail, sample_of, standing
from tracker.start.forms import FileForm, NameForm, TakeInForm
from tracker.start.rules import Step
from tracker.units import authority_service
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web import sheets
from tracker.web.fields import saving, tell
from tracker.web.guards import allows
from tracker.web.words import gettext as _

blueprint = Blueprint("start", __name__)
blueprint.add_url_rule("/setup", view_func=setup_views.setup, methods=["GET", "POST"])
for _pages in (units_views, leads_views, people_views, finish_views):
    _pages.install(blueprint)

Page = str | BaseResponse | tuple[str, int]
install = current.install
#: What a set's level is called in its file → whom it is for.
_LEVELS = {"commune": "commune", "district": "district", "department": "province", "province": "province", "office": "office"}


@blueprint.get("/<authority>/start")
@allows(Action.MANAGE_ASSIGNMENTS)
def index(authority: str) -> Page:
    """To the first step that lacks something: where one left off."""
    step = standing().next
    return redirect(url_for(f"start.{step.value}" if step else "start.finish", authority=authority))


def _shown(step: Step, template: str, status: int = 200, **more: Any) -> Page:
    at = standing()
    page = render_template(template, rail=rail(step, at), at=at, authority=desk().authority.slug, **more)
    return page if status == 200 else (page, status)


# 1. The authority


@blueprint.get("/<authority>/start/authority", endpoint="authority")
@allows(Action.MANAGE_ASSIGNMENTS)
def authority_step(authority: str) -> Page:
    return _authority_page(NameForm(formdata=None, obj=desk().authority))


def _authority_page(form: NameForm, status: int = 200) -> Page:
    here = desk()
    return _shown(Step.AUTHORITY, "start/authority.html", status, form=form, row=here.authority, may_rename=here.viewer.may(Action.MANAGE_SETTINGS))


@blueprint.post("/<authority>/start/authority")
@allows(Action.MANAGE_SETTINGS)
def rename(authority: str) -> Page:
    form = NameForm()
    if form.validate():
        with saving(form) as attempt:
            authority_service.rename_authority(
                db.session(),
                actor(),
                desk().authority,
                name=form.name.data,
                place=form.place.data,
                version=request.form.get("version", 0, type=int),
                now=clock.now(),
            )
        if attempt.saved:
            return redirect(url_for("start.set", authority=authority))
    return _authority_page(form, 400)


# 2. The set


@blueprint.route("/<authority>/start/set", methods=["GET", "POST"], endpoint="set")
@allows(Action.MANAGE_ASSIGNMENTS)
def set_step(authority: str) -> Page:
    """Choose a shipped set, or go and fill a spreadsheet."""
    session, here = db.session(), desk()
    if request.method == "GET":
        return _set_page()
    chosen = request.form.get("set", "")
    if chosen == "file":
        return redirect(url_for("start.file", authority=authority))
    if not chosen:
        if standing().sets:
            return redirect(url_for("start.units", authority=authority))
        return _set_page(_("Đồng chí chọn một bộ chỉ số, hoặc chọn nạp từ bảng tính."))
    service.choose_set(session, here.authority, indicator_access.readable_set(session, chosen, here.authority.id), actor(), clock.now())
    db.session.commit()
    return redirect(url_for("start.units", authority=authority))


def _set_page(problem: str = "") -> Page:
    session, here = db.session(), desk()
    used = indicators.adopted_sets(session, here.authority.id, clock.today())
    ids = {one.id for one in used}
    library = [one for one in indicators.published_sets(session, owner_id=here.authority.id) if one.id not in ids]
    library.sort(key=lambda one: _LEVELS.get(one.level) != here.authority.level.value)
    return _shown(
        Step.SET,
        "start/set.html",
        400 if problem else 200,
        used=[(queries.set_facts(session, one), queries.in_use(session, here.authority.id, one)) for one in used],
        cards=[_card(session, one) for one in library],
        problem=problem,
    )


def _card(session: Session, one: IndicatorSet) -> dict[str, Any]:
    facts, sample = queries.set_facts(session, one), sample_of()(one.slug)
    counts: dict[str, int] = {}
    for finding in checks.findings_of_set(session, one):
        words = FINDING_WORDS[finding.kind]
        counts[words] = counts.get(words, 0) + 1
    told = joined(", ", (small(words) + f" ({count})" for words, count in counts.items()))
    return {"facts": facts, "sample": sample, "findings": told, "total": sum(counts.values())}


@blueprint.post("/<authority>/start/set/<set_slug>/drop")
@allows(Action.MANAGE_ASSIGNMENTS)
def drop(authority: str, set_slug: str) -> Page:
    """A set chosen by mistake, while nothing hangs on it."""
    session, here = db.session(), desk()
    service.drop_set(session, here.authority, indicator_access.readable_set(session, set_slug, here.authority.id), actor(), clock.now())
    db.session.commit()
    return redirect(url_for("start.set", authority=authority))


TEMPLATE = (
    sheets.Column("code", Heading.CODE, 8),
    sheets.Column("name", Heading.NAME, 60),
    sheets.Column("points", Heading.POINTS, 12),
    sheets.Column("lead", Heading.LEAD, 32),
    sheets.Column("cooperators", Heading.COOPERATORS, 44),
    sheets.Column("scoring", Heading.SCORING, 40),
    sheets.Column("evidence", Heading.EVIDENCE, 40),
    sheets.Column("source", Heading.SOURCE, 20),
)


@blueprint.get("/<authority>/start/set/mau.xlsx")
@allows(Action.MANAGE_ASSIGNMENTS)
def template(authority: str) -> Response:
    """The spreadsheet to fill in, with two rows that show how."""
    rows = [
        {
            "code": "1",
            "name": "Nhận thức số (dòng ví dụ, xóa đi)",
            "points": 100,
            "lead": "",
            "cooperators": "",
            "scoring": "",
            "evidence": "",
            "source": "",
        },
        {
            "code": "1.1",
            "name": "Người đứng đầu chỉ đạo chuyển đổi số (dòng ví dụ, xóa đi)",
            "points": 20,
            "lead": "Văn phòng HĐND và UBND",
            "cooperators": "Phòng Văn hóa - Xã hội; Công an xã",
            "scoring": "Có văn bản: điểm tối đa",
            "evidence": "Quyết định; Kế hoạch",
            "source": "UBND xã",
        },
    ]
    return sheets.workbook(TEMPLATE, rows, _("Bộ chỉ số và cơ quan chủ trì"), "mau-bo-chi-so")


def _room() -> WaitingRoom:
    return WaitingRoom(Path(current_app.config["TRACKER_DATA"]) / "scratch", desk().authority.id)


@blueprint.route("/<authority>/start/set/file", methods=["GET", "POST"], endpoint="file")
@allows(Action.MANAGE_ASSIGNMENTS)
def file_step(authority: str) -> Page:
    """Reads the spreadsheet and shows what it holds; nothing is taken in yet."""
    form = FileForm()
    if request.method == "POST" and form.validate():
        data, filename = form.file.data.read(), tidy_name(form.file.data.filename)
        try:
            draft = documents.read_set(filename, data)
        except BadInput as refusal:
            tell(form, refusal)
        else:
            if draft.problems:
                return _shown(Step.SET, "start/file.html", 400, form=form, draft=draft, filename=filename, take=None)
            digest = _room().keep(data, clock.real_now().timestamp())
            take = TakeInForm(formdata=None, digest=digest, filename=filename, title=Path(filename).stem)
            return _preview(draft, take)
    return _shown(Step.SET, "start/file.html", 400 if request.method == "POST" else 200, form=form, draft=None, filename="", take=None)


def _preview(draft: Draft, take: TakeInForm, status: int = 200) -> Page:
    return _shown(Step.SET, "start/file.html", status, form=FileForm(formdata=None), draft=draft, filename=take.filename.data, take=take)


@blueprint.post("/<authority>/start/set/file/confirm")
@allows(Action.MANAGE_ASSIGNMENTS)
def take_in(authority: str) -> Page:
    """The file is read again, so that what is made is what it says: all of it or nothing."""
    take = TakeInForm()
    room, digest, filename = _room(), take.digest.data or "", tidy_name(take.filename.data)
    draft = documents.read_set(filename, room.take(digest))
    if take.validate():
        with saving(take) as attempt:
            made = service.take_in_file(db.session(), desk().authority, draft, take.title.data, actor(), clock.now())
            title = made.title
        if attempt.saved:
            room.forget(digest)
            flash(_("Đã nạp “%(title)s”: %(count)s dòng.", title=title, count=len(draft.rows)), "success")
            return redirect(url_for("start.units", authority=authority))
    return _preview(draft, take, 400)
