"""Step 4: who leads which indicator, by when, and which unit is cơ quan đầu mối."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.deadlines import queries as deadlines
from tracker.deadlines.restated_rules import restate
from tracker.deadlines.rules import RuleKind, target_day
from tracker.deadlines.service import readings_of
from tracker.deadlines.stated_rules import next_periods, proposed, tidied
from tracker.deadlines.wording_rules import Reading, Understood, read_wording
from tracker.indicators import queries as indicators
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.start import queries, service
from tracker.start.current import rail, sample_of, standing
from tracker.start.forms import DeadlineForm, PaperForm
from tracker.start.queries import MainGroup
from tracker.start.rules import Step
from tracker.units import queries as units
from tracker.units import service as unit_service
from tracker.units.current import actor, desk
from tracker.units.models import Unit
from tracker.units.rules import Action, UnitKind
from tracker.web.fields import saving, tell
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of the start."""
    for address, endpoint, view, methods in (
        ("/leads", "leads", leads_step, ["GET", "POST"]),
        ("/deadlines", "deadlines", deadlines_step, ["GET", "POST"]),
        ("/focal", "focal", focal, ["POST"]),
    ):
        blueprint.add_url_rule(f"/<authority>/start{address}", endpoint, view, methods=methods)


def _table() -> list[MainGroup]:
    session, here = db.session(), desk()
    used = indicators.adopted_sets(session, here.authority.id, clock.today())
    return queries.lead_table(session, here.authority.id, used, sample_of(), clock.today())


def _paper(fresh: bool) -> PaperForm | None:
    """Asked once: afterwards the document is known, and its own page edits it."""
    session, here = db.session(), desk()
    if queries.latest_notice(session, here.authority.id) is not None:
        return None
    if not fresh:
        return PaperForm()
    used = indicators.adopted_sets(session, here.authority.id, clock.today())
    known = queries.samples(used, sample_of())
    title = _("Phân công thực hiện %(set)s", set=used[0].title) if used else ""
    return PaperForm(formdata=None, document_type=known[0].document_type if known else _("Quyết định"), title=title)


@allows(Action.MANAGE_ASSIGNMENTS)
def leads_step(authority: str) -> Page:
    if request.method == "GET":
        return _leads_page(_paper(fresh=True))
    paper = _paper(fresh=False)
    if paper is not None and not paper.validate():
        return _leads_page(paper, typed=request.form), 400
    rows = {row.indicator.id: row for group in _table() for row in group.rows}
    wanted = _wanted(request.form)
    given, form = 0, paper or PaperForm(formdata=None)
    with saving(form) as attempt:
        if wanted:
            notice = service.notice_for(db.session(), desk().authority, _words(paper), actor(), clock.now())
            given = service.give_out(db.session(), notice, wanted, rows, actor(), clock.now())
    if not attempt.saved:
        return _leads_page(form, typed=request.form), 400
    if given:
        flash(_("Đã giao %(count)s chỉ số.", count=given), "success")
    if not standing().assigned:
        return _leads_page(_paper(fresh=True), problem=_("Chưa chỉ số nào có cơ quan chủ trì; đồng chí chọn cho ít nhất một chỉ số.")), 400
    return redirect(url_for("start.deadlines", authority=authority))


def _words(paper: PaperForm | None) -> service.Paper | None:
    return service.Paper(paper.document_type.data, paper.number.data or None, paper.issued_on.data, paper.title.data) if paper else None


def _wanted(form: Mapping[str, str]) -> dict[int, tuple[Unit, Sequence[Unit]]]:
    """Indicator → its lead and cooperators: what its own row says, else what its main indicator says for rows left empty."""
    by_slug = {unit.slug: unit for unit in queries.lead_units(db.session(), clock.today())}
    found: dict[int, tuple[Unit, Sequence[Unit]]] = {}
    for group in _table():
        whole = form.get(f"group-{group.key}", "")
        for row in group.rows:
            lead = by_slug.get(form.get(f"lead-{row.indicator.id}", "") or whole)
            if row.lead is None and lead is not None:
                found[row.indicator.id] = (lead, row.cooperators)
    return found


def _leads_page(paper: PaperForm | None, *, problem: str = "", typed: Mapping[str, str] | None = None) -> str:
    session, here, at = db.session(), desk(), standing()
    groups = _table()
    chosen = {
        row.indicator.id: (typed.get(f"lead-{row.indicator.id}", "") if typed is not None else row.proposed.slug if row.proposed else "")
        for group in groups
        for row in group.rows
    }
    notice = queries.latest_notice(session, here.authority.id)
    return render_template(
        "start/leads.html",
        rail=rail(Step.LEADS, at),
        at=at,
        groups=groups,
        chosen=chosen,
        options=[(unit.slug, unit.name) for unit in queries.lead_units(session, clock.today())],
        lacking=sum(1 for group in groups for row in group.rows if row.lead is None and not chosen[row.indicator.id]),
        paper=paper if notice is None else None,
        notice=notice,
        problem=problem,
        authority=here.authority.slug,
    )


# By when


@allows(Action.MANAGE_ROUNDS)
def deadlines_step(authority: str) -> Page:
    """The document's sentence, read back; then kept."""
    if request.method == "GET":
        return _deadlines_page(_prefilled())
    form = DeadlineForm()
    if not form.validate():
        return _deadlines_page(form), 400
    readings, unread = _readings(form.wording.data)
    if "keep" not in request.form or not readings:
        return _deadlines_page(form, readings, unread), 400 if unread else 200
    picked = [read for number, read in enumerate(readings) if str(number) in request.form.getlist("reading")]
    if not picked:
        return _deadlines_page(form, readings, _("Đồng chí đánh dấu ít nhất một thời hạn trong câu.")), 400
    with saving(form) as attempt:
        notice = service.notice_for(db.session(), desk().authority, None, actor(), clock.now())
        made = service.keep_rules(db.session(), desk().authority, notice, picked, form.rule_place.data, actor(), clock.now())
        count = len(made)
    if not attempt.saved:
        return _deadlines_page(form, readings), 400
    flash(_("Đã ghi %(count)s thời hạn.", count=count), "success")
    return redirect(url_for("start.deadlines" if not standing().focal else "start.people", authority=authority))


def _readings(wording: str) -> tuple[Reading, str]:
    try:
        return read_wording(wording), ""
    except Refused as refusal:
        return (), refusal.message


def _prefilled() -> DeadlineForm:
    """The sentence of the sample that assigns the set, as long as the office has no deadline of its own."""
    session, here = db.session(), desk()
    used = indicators.adopted_sets(session, here.authority.id, clock.today())
    rules = [rule for sample in queries.samples(used, sample_of()) for rule in sample.rules if rule.kind is RuleKind.COLLECTION]
    if standing().rules or not rules:
        return DeadlineForm(formdata=None)
    wording = "; ".join(dict.fromkeys(rule.wording for rule in rules))
    return DeadlineForm(formdata=None, wording=wording, rule_place=rules[0].place)


def _deadlines_page(form: DeadlineForm, readings: Reading = (), problem: str = "", focal_problem: str = "") -> str:
    session, here, at = db.session(), desk(), standing()
    office = readings_of(here.authority)
    possible = [unit for unit in units.units(session, day=clock.today()) if unit.kind not in (UnitKind.GROUP, UnitKind.EXTERNAL)]
    focal = units.focal_unit(session)
    return render_template(
        "start/deadlines.html",
        rail=rail(Step.LEADS, at),
        at=at,
        form=form,
        readings=[
            {"number": number, "words": read.words, "said": restate(read, office), "dates": _dates(read)} for number, read in enumerate(readings)
        ],
        picked=request.form.getlist("reading") if "keep" in request.form else [str(number) for number in range(len(readings))],
        problem=problem,
        rules=deadlines.rules(session),
        focal=focal,
        focal_problem=focal_problem,
        options=[(unit.slug, unit.name) for unit in possible],
        likely=_likely_focal(possible),
        may_focal=here.viewer.may(Action.MANAGE_SETTINGS),
        authority=here.authority.slug,
    )


def _likely_focal(possible: Sequence[Unit]) -> str:
    """The unit the sample's notice makes cơ quan đầu mối, where the office has it."""
    session, here = db.session(), desk()
    used = indicators.adopted_sets(session, here.authority.id, clock.today())
    directory = units.Directory.load(session, clock.today())
    named = [directory.resolve(unit.name) for sample in queries.samples(used, sample_of()) for unit in sample.units if unit.focal]
    slugs = {unit.slug for unit in possible}
    return next((unit.slug for unit in named if unit is not None and unit.slug in slugs), "")


def _dates(read: Understood) -> list[dict[str, Any]]:
    """The next days a reading would give, with what is to be warned of."""
    authority, calendar = desk().authority, deadlines.working_calendar(db.session())
    stated = proposed(read, kind=RuleKind.COLLECTION, wording=read.words, place="-", check_days=authority.check_days, sign_days=authority.sign_days)
    terms = tidied(stated).terms("quy-tac", readings_of(authority))
    return [
        {
            "name": one.period.name,
            "last": one.period.dates.last_on,
            "target": target_day(calendar, one.period.dates.nominal_on, one.period.dates.last_on),
            "started": one.started,
            "warning": one.warning,
        }
        for one in next_periods(terms, calendar, clock.today(), count=2)
    ]


@allows(Action.MANAGE_SETTINGS)
def focal(authority: str) -> Page:
    """Names cơ quan đầu mối."""
    form = DeadlineForm(formdata=None)
    try:
        unit_service.choose_focal(db.session(), actor(), desk().authority, request.form.get("focal_unit", ""), now=clock.now())
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        tell(form, refusal)
        return _deadlines_page(_prefilled(), focal_problem=refusal.message), 400
    return redirect(url_for("start.people" if standing().rules else "start.deadlines", authority=authority))
