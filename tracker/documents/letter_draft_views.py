"""Drafting chasing letters, with what they will say on the screen first; and the wording they are written with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from tracker.deadlines import access as deadlines
from tracker.deadlines.models import Round
from tracker.documents import letter_access as access
from tracker.documents import letter_register_queries as queries
from tracker.documents import letter_service as service
from tracker.documents.letter_forms import EACH, DraftForm, WordingForm
from tracker.documents.letter_queries import answer_day, late_cases
from tracker.documents.letter_register_rules import changed_since, expect_answer_day, seen_of
from tracker.documents.letter_rules import APPENDIX_COLUMNS, Case, Letter, compose
from tracker.documents.letter_views import appendix_of
from tracker.documents.letter_wording_rules import KIND_WORDS, PLACEHOLDERS, USUAL, LetterKind
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.vietnamese import join_and
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web.fields import saving, tell
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | BaseResponse | tuple[str, int]


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the room's blueprint."""
    blueprint.add_url_rule("/letters/new", view_func=draft_letter, methods=["GET", "POST"])
    blueprint.add_url_rule("/letters/wording/<kind>", view_func=letter_wording, methods=["GET", "POST"])
    blueprint.add_url_rule("/letters/wording/<kind>/reset", view_func=reset_letter_wording, methods=["POST"])


@dataclass(frozen=True, slots=True)
class Desktop:
    """What the drafting page is about: the late rounds, the one chosen and what is late in it; none where nothing is."""

    authority: str
    day: date
    rounds: list[tuple[Round, int]]
    one: Round | None
    case: Case | None


def _desktop(authority: str) -> Desktop:
    session, here, day = db.session(), desk(), clock.today()
    rounds = queries.late_rounds(session, here.authority, day)
    slug = request.values.get("round") or (rounds[0][0].slug if rounds else None)
    one = deadlines.round_(session, slug) if slug else None
    cases = late_cases(session, here.authority, day, one.slug) if one else []
    return Desktop(authority, day, rounds, one, cases[0] if cases else None)


@allows(Action.CHASE)
def draft_letter(authority: str) -> Page:
    """Lập công văn đôn đốc: chọn đợt, đơn vị, cách gửi; xem trước; tải dự thảo. POST drafts, or only shows with ``step=try``."""
    desktop = _desktop(authority)
    if desktop.one is None or desktop.case is None:
        return _page(desktop, None), 200 if request.method == "GET" else 400
    if request.method == "GET":
        wanted = [unit.slug for unit in desktop.case.units if unit.slug in request.args.getlist("unit")]
        chosen = {"units": wanted} if wanted else {}
        return _page(desktop, DraftForm.showing(desktop.case, answer_by=answer_day(db.session(), desktop.day), **chosen))
    form = DraftForm()
    form.offer(desktop.case)
    told, news = _told(form, desktop.one, desktop.case)
    if told is None:
        return _page(desktop, form, news=news), 400
    if news and request.form.get("step") != "try":
        return _page(desktop, form, told, news), 409
    if request.form.get("step") == "try":
        return _page(desktop, form, told, news)
    return _drafted(desktop, form, told)


def _told(form: DraftForm, one: Round, case: Case) -> tuple[Case | None, str]:
    """The case narrowed to the ticked units, and what became of it since the page was shown. None, with sentences on the form, where it cannot be."""
    ticked = list(dict.fromkeys(form.units.data or []))
    known, late = queries.units_of_round(db.session(), one.id), {unit.slug for unit in case.units}
    if any(slug not in known for slug in ticked):
        raise NotFound
    finished = [known[slug].name for slug in ticked if slug not in late]
    changed = changed_since(request.form.get("seen", ""), case)
    units = tuple(unit for unit in case.units if unit.slug in ticked)
    news = [_("%(units)s không còn nhiệm vụ quá hạn nên không có trong dự thảo.", units=join_and(finished))] if finished else []
    moved = [unit.name for unit in units if unit.slug in changed]
    news += [_("Nhiệm vụ quá hạn của %(units)s đã thay đổi.", units=join_and(moved))] if moved else []
    form.units.data = [unit.slug for unit in units]
    valid = form.validate()
    if not units:
        form.units.errors = [*form.units.errors, _("Đồng chí chọn ít nhất một đơn vị còn nhiệm vụ quá hạn.")]
        valid = False
    if valid:
        try:
            expect_answer_day(form.answer_by.data, case.day)
        except Refused as refusal:
            tell(form, refusal)
            valid = False
    return replace(case, units=units) if valid else None, " ".join(news)


def _drafted(desktop: Desktop, form: DraftForm, told: Case) -> Page:
    session, here = db.session(), desk()
    assert desktop.one is not None, "a case has a round"
    manner = form.manner(queries.wording(session, LetterKind.CHASE))
    ids = {slug: unit.id for slug, unit in queries.units_of_round(session, desktop.one.id).items()}
    with saving(form) as attempt:
        made = service.draft(
            session,
            actor(),
            here.authority,
            told,
            form.answer_by.data,
            manner,
            each=form.copies.data == EACH,
            round_id=desktop.one.id,
            units=ids,
            now=clock.now(),
        )
        found = [letter.id for letter in made]
    if not attempt.saved:
        return _page(desktop, form), 400
    flash(_("Dự thảo đã ghi vào sổ công văn. Sau khi phát hành, đồng chí nhập số và ngày ở đó."), "success")
    if len(found) == 1:
        return redirect(url_for("documents.letter_word", authority=desktop.authority, letter_id=found[0]))
    return redirect(url_for("documents.letter_files", authority=desktop.authority, id=found))


def _preview(form: DraftForm, told: Case | None) -> Letter | None:
    """The letter, or the first of several."""
    if told is None:
        return None
    manner = form.manner(queries.wording(db.session(), LetterKind.CHASE))
    return compose(told, form.answer_by.data, told.units[0] if form.copies.data == EACH else None, manner)


def _page(desktop: Desktop, form: DraftForm | None, told: Case | None = None, news: str = "") -> str:
    shown = _preview(form, told) if form else None
    return render_template(
        "documents/letter_new.html",
        authority=desktop.authority,
        desktop=desktop,
        form=form,
        seen=seen_of(desktop.case) if desktop.case else "",
        letter=shown,
        appendix=appendix_of(shown) if shown else [],
        appendix_columns=APPENDIX_COLUMNS,
        copies=len(told.units) if told and form and form.copies.data == EACH else 1,
        news=news,
    )


@allows(Action.CHASE)
def letter_wording(authority: str, kind: str) -> Page:
    """Câu chữ mẫu của cơ quan, với các chỗ điền."""
    of = access.kind(kind)
    if request.method == "GET":
        row = queries.template_row(db.session(), of)
        return _wording_page(authority, of, WordingForm(formdata=None, body=row.body if row else USUAL[of], version=row.version if row else 0))
    form = WordingForm()
    if form.validate():
        with saving(form) as attempt:
            changed = service.reword(db.session(), actor(), desk().authority, of, form.body.data or "", version=form.version.data, now=clock.now())
        if attempt.saved:
            flash(_("Đã lưu câu chữ; dự thảo lập từ nay theo câu chữ này.") if changed else _("Câu chữ vẫn như cũ."), "success")
            return redirect(url_for("documents.letter_wording", authority=authority, kind=kind))
    return _wording_page(authority, of, form), 400


@allows(Action.CHASE)
def reset_letter_wording(authority: str, kind: str) -> Page:
    """«Về câu chữ ban đầu»."""
    of = access.kind(kind)
    version = request.form.get("version", 0, type=int)
    service.reset_wording(db.session(), actor(), desk().authority, of, version=version, now=clock.now())
    db.session.commit()
    flash(_("Đã về câu chữ ban đầu."), "success")
    return redirect(url_for("documents.letter_wording", authority=authority, kind=kind))


def _wording_page(authority: str, kind: LetterKind, form: WordingForm) -> str:
    row = queries.template_row(db.session(), kind)
    return render_template(
        "documents/letter_wording.html",
        authority=authority,
        form=form,
        kind=kind,
        kind_words=_(KIND_WORDS[kind]),
        kinds=[(one, _(KIND_WORDS[one])) for one in USUAL],
        placeholders=PLACEHOLDERS[kind],
        own=row is not None and row.body != USUAL[kind],
        version=row.version if row else 0,
    )
