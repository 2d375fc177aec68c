"""Pages of deadline rules: a sentence is read, shown back, put right and kept; the rule's own page; edit, end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.assignments import queries as assignments
from tracker.deadlines import access, queries, service
from tracker.deadlines.explanation_rules import basis
from tracker.deadlines.forms import EndRuleForm, RuleForm, WordingForm
from tracker.deadlines.models import DeadlineRule
from tracker.deadlines.restated_rules import restate
from tracker.deadlines.rules import RuleKind, Terms, target_day
from tracker.deadlines.stated_rules import LABELS, Shown, Stated, check, in_words, next_periods, proposed, same_deadline, tidied, understood
from tracker.deadlines.wording_rules import Reading, read_wording
from tracker.indicators import queries as indicators
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.words import translated
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web.fields import saving, tell
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]

#: Parts whose words the rule's page shows, below how it is read.
FACTS = ("kind", "sets", "schedule", "window", "opens_days_before", "cascade", "note")


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of deadlines."""
    for address, view, methods in (
        ("/rules/new", new_rule, ["GET", "POST"]),
        ("/rules/new/confirm", confirm_rule, ["POST"]),
        ("/rules/<slug>", rule, ["GET"]),
        ("/rules/<slug>/edit", edit_rule, ["GET", "POST"]),
        ("/rules/<slug>/end", end_rule, ["GET", "POST"]),
    ):
        blueprint.add_url_rule(address, view_func=view, methods=methods)


def _offer(form: WordingForm, own: DeadlineRule | None = None) -> None:
    """The authority's notices, and the sets it uses, those the rule asks for already among them."""
    session, here = db.session(), desk().authority
    sets = indicators.adopted_sets(session, here.id, clock.today())
    sets += [one for one in queries.sets_by_rule(session, [own.id]).get(own.id, []) if one not in sets] if own else []
    notices = [notice for notice, _count in assignments.notices(session, here.id)]
    form.offer([(one.slug, service.notice_words(one)) for one in notices], [(one.slug, one.title) for one in sets])


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would say and which days it would give; ``opening`` are the rounds that would open at once."""

    said: str
    shown: list[dict[str, Any]]
    opening: list[str]


def _preview(terms: Terms) -> Preview:
    calendar, today = queries.working_calendar(db.session()), clock.today()
    opening = [period.name for period in queries.due_to_open(terms, calendar, today)]
    return Preview(restate(understood(terms), terms.readings), [_dates(terms, one) for one in next_periods(terms, calendar, today)], opening)


def _dates(terms: Terms, one: Shown) -> dict[str, Any]:
    """One period with the basis of each of its dates, for the page."""
    calendar, dates = queries.working_calendar(db.session()), one.period.dates
    return {
        "period": one.period,
        "dates": dates,
        "target": target_day(calendar, dates.nominal_on, dates.last_on),
        "basis": basis(terms, calendar, dates, one.started) if dates.last_on else None,
        "explanation": one.explanation,
        "warning": one.warning,
        "started": one.started,
    }


def _terms(stated: Stated, slug: str) -> Terms:
    """The terms of what a form states. Raises Refused where it cannot be."""
    stated, readings = tidied(stated), service.readings_of(desk().authority)
    check(stated, queries.working_calendar(db.session()), readings, clock.today())
    return stated.terms(slug, readings)


@allows(Action.MANAGE_ROUNDS)
def new_rule(authority: str) -> Page:
    """First the sentence; posted, it is shown back as it is read."""
    form = WordingForm()
    _offer(form)
    if request.method == "POST" and form.validate():
        return _read_back(form)
    if request.method == "GET":
        form.notice.data = form.notice.choices[-1].value if len(form.notice.choices) == 2 else ""
        form.sets.data = [one.value for one in form.sets.choices] if len(form.sets.choices) == 1 else []
    page = render_template("deadlines/rule_new.html", form=form, authority=authority)
    return (page, 400) if request.method == "POST" else page


def _read_back(words: WordingForm) -> str:
    """The sentence as it is read, the form filled with one of its readings, and the days that gives."""
    here = desk().authority
    readings, unread = _readings(words.wording.data)
    at = request.form.get("reading", 0, type=int)
    form = RuleForm(formdata=None, data={name: words[name].data for name in ("wording", "notice", "place", "kind", "sets")})
    _offer(form)
    preview = None
    if readings:
        read = readings[at if 0 <= at < len(readings) else 0]
        kind = RuleKind(words.kind.data)
        stated = proposed(read, kind=kind, wording=words.wording.data, place=words.place.data, check_days=here.check_days, sign_days=here.sign_days)
        form.fill(stated)
        try:
            preview = _preview(_terms(stated, "quy-tac"))
        except Refused as refusal:
            unread = refusal.message
    else:
        form.check_days.data, form.sign_days.data = here.check_days, here.sign_days
    return _confirm_page(form, preview, readings=readings, at=at, unread=unread)


def _readings(wording: str) -> tuple[Reading, str | None]:
    """The readings of a sentence, or why there are none."""
    try:
        return read_wording(wording), None
    except Refused as refusal:
        return (), refusal.message


def _confirm_page(form: RuleForm, preview: Preview | None, *, readings: Reading = (), at: int = 0, unread: str | None = None) -> str:
    here = desk().authority
    said = [{"number": n, "words": one.words, "said": restate(one, service.readings_of(here))} for n, one in enumerate(readings)]
    return render_template(
        "deadlines/rule_form.html", form=form, preview=preview, said=said, at=at, unread=unread, rule=None, locked=False, authority=here.slug
    )


@allows(Action.MANAGE_ROUNDS)
def confirm_rule(authority: str) -> Page:
    """Keeps the rule as the person put it right; or shows the days it would give."""
    form = RuleForm()
    _offer(form)
    preview = None
    if form.validate():
        if "preview" in request.form:
            preview = _previewed(form, form.stated(), "quy-tac")
            return _confirm_page(form, preview), 200 if preview else 400
        with saving(form) as attempt:
            made = service.create_rule(
                db.session(), actor(), desk().authority, form.stated(), notice=form.notice.data, sets=form.sets.data or [], now=clock.now()
            )
            slug = made.slug
        if attempt.saved:
            flash(_("Đã thêm quy tắc “%(name)s”.", name=form.name.data), "success")
            return _to_rule(slug)
    return _confirm_page(form, preview), 400


def _previewed(form: RuleForm, stated: Stated, slug: str) -> Preview | None:
    """The days of what a form states; None, with a sentence beside the field, where it cannot be."""
    try:
        return _preview(_terms(stated, slug))
    except Refused as refusal:
        tell(form, refusal)
        return None


def _to_rule(slug: str) -> Response:
    """To the rule's page, with a warning where its next deadline leaves no working day after its figures are closed."""
    session = db.session()
    terms = queries.terms_of(session, access.rule(session, slug))
    shown = next_periods(terms, queries.working_calendar(session), clock.today())
    for sentence in [one.warning for one in shown if one.warning][:1]:
        flash(translated(sentence), "warning")
    return redirect(url_for("deadlines.rule", authority=desk().authority.slug, slug=slug))


@allows(Action.SEE_LIBRARY)
def rule(authority: str, slug: str) -> Page:
    """The document's words, how they are read, and why each of the next days."""
    session, here = db.session(), desk()
    found = access.rule(session, slug)
    stated, terms = service.stated_of(found), queries.terms_of(session, found)
    sets = queries.sets_by_rule(session, [found.id]).get(found.id, [])
    notice = queries.notice_of(session, found)
    opened = queries.rounds_of_rule(session, found)
    made = {one.period for one in opened}
    calendar, today = queries.working_calendar(session), clock.today()
    words = in_words(stated) | {"sets": "; ".join(one.title for one in sets) or "–"}
    may_manage = here.viewer.may(Action.MANAGE_ROUNDS)
    return render_template(
        "deadlines/rule.html",
        rule=found,
        notice=notice,
        notice_words=service.notice_words(notice),
        preview=_preview(terms) if found.active else None,
        said=restate(understood(terms), terms.readings),
        more=[(_(LABELS[part]), words[part]) for part in FACTS if words[part] != "–"],
        readings=terms.readings,
        rounds=[{"round": one, "target": target_day(calendar, one.nominal_on, one.last_on)} for one in opened],
        made=made,
        waiting=[period.name for period in queries.due_to_open(terms, calendar, today) if period.key not in made] if found.active else [],
        others=_unkept(found) if may_manage and found.active else [],
        set_slugs=[one.slug for one in sets],
        may_manage=may_manage,
        may_settings=here.viewer.may(Action.MANAGE_SETTINGS),
        authority=authority,
    )


def _unkept(found: DeadlineRule) -> list[dict[str, Any]]:
    """The other deadlines of the rule's sentence that no rule keeps yet."""
    session = db.session()
    readings, _unread = _readings(found.wording)
    if len(readings) < 2:
        return []
    kept = [queries.terms_of(session, one) for one in queries.rules_of_wording(session, found)]
    office = service.readings_of(desk().authority)
    return [
        {"number": number, "said": restate(read, office)}
        for number, read in enumerate(readings)
        if not any(same_deadline(read, terms) for terms in kept)
    ]


@allows(Action.MANAGE_ROUNDS)
def edit_rule(authority: str, slug: str) -> Page:
    session, here = db.session(), desk().authority
    found = access.rule(session, slug)
    if not found.active:
        raise Refused(_("Quy tắc này đã ngừng dùng; đồng chí thêm quy tắc mới."))
    locked = queries.has_opened(session, found)
    form = RuleForm(formdata=None) if request.method == "GET" else RuleForm()
    _offer(form, found)
    kept = {"wording": found.wording} if locked else {}
    if locked:
        del form.wording
    if request.method == "GET":
        form.fill(service.stated_of(found))
        form.notice.data = queries.notice_of(session, found).slug
        form.sets.data = [one.slug for one in queries.sets_by_rule(session, [found.id]).get(found.id, [])]
        return _edit_page(found, form, _preview(queries.terms_of(session, found)), locked)
    if form.validate():
        stated = form.stated(**kept)
        if "preview" in request.form:
            preview = _previewed(form, stated, slug)
            return _edit_page(found, form, preview, locked), 200 if preview else 400
        with saving(form) as attempt:
            service.edit_rule(
                session, actor(), here, found, stated, notice=form.notice.data, sets=form.sets.data or [], version=_version(), now=clock.now()
            )
        if attempt.saved:
            flash(_("Đã lưu quy tắc “%(name)s”.", name=form.name.data), "success")
            return _to_rule(slug)
    return _edit_page(found, form, None, locked), 400


def _edit_page(found: DeadlineRule, form: RuleForm, preview: Preview | None, locked: bool) -> str:
    return render_template(
        "deadlines/rule_form.html",
        form=form,
        preview=preview,
        said=[],
        at=0,
        unread=None,
        rule=found,
        version=_version() or found.version,
        locked=locked,
        authority=desk().authority.slug,
    )


@allows(Action.MANAGE_ROUNDS)
def end_rule(authority: str, slug: str) -> Page:
    session = db.session()
    found = access.rule(session, slug)
    form = EndRuleForm()
    if request.method == "POST" and form.validate():
        with saving(form) as attempt:
            service.end_rule(session, actor(), found, form.reason.data, version=_version(), now=clock.now())
        if attempt.saved:
            flash(_("Đã ngừng dùng quy tắc. Các đợt đang mở ở nguyên chỗ, với hạn của chúng."), "success")
            return redirect(url_for("deadlines.rule", authority=authority, slug=slug))
    page = render_template("deadlines/rule_end.html", form=form, rule=found, version=_version() or found.version, authority=authority)
    return (page, 400) if request.method == "POST" else page


def _version() -> int:
    return request.form.get("version", 0, type=int)
