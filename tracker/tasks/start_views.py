"""Starting a round by hand: by a survey letter or on request; and the documents a round stands on."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from tracker.deadlines import access as deadlines_access
from tracker.deadlines import queries as deadlines
from tracker.deadlines.models import Round
from tracker.deadlines.rules import Schedule
from tracker.files.current import answer, storage
from tracker.files.rules import FILE_TYPES, tidy_name
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.words import translated
from tracker.tasks import queries, rounds
from tracker.tasks.forms import LetterForm, PaperForm, RequestForm
from tracker.units.current import actor
from tracker.units.rules import Action
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the blueprint of tasks."""
    for rule, view, methods in (
        ("/rounds/letter", letter, ["GET", "POST"]),
        ("/rounds/request", request_, ["GET", "POST"]),
        ("/rounds/<slug>/papers", add_paper, ["GET", "POST"]),
        ("/rounds/<slug>/papers/<int:paper_id>", paper, ["GET"]),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=methods)


@allows(Action.MANAGE_ROUNDS)
def letter(authority: str) -> str | Response | tuple[str, int]:
    """Enters a survey letter once, with its file; the clocks of all its indicators run."""
    session = db.session()
    form = LetterForm()
    form.rule.choices = [(r.slug, r.name) for r in deadlines.rules(session) if r.schedule is Schedule.EVENT]
    if form.validate_on_submit():
        with saving(form) as attempt:
            rule = deadlines_access.rule(session, form.rule.data)
            opened = rounds.start_by_letter(session, rule, form.letter.data, form.issued.data, actor(), clock.now(), started=form.started.data)
            if form.file.data:
                _attach(opened.round, form)
        if attempt.saved:
            return _to_round(authority, opened)
    page = render_template("tasks/letter.html", form=form, accept=",".join(FILE_TYPES), authority=authority)
    return page, 400 if form.errors or form.form_errors else 200


def _attach(one: Round, form: LetterForm | PaperForm) -> None:
    name = tidy_name(form.file.data.filename)
    stored = storage().put(one.authority_id, form.file.data.stream, name)
    rounds.attach_paper(db.session(), one, stored, name, actor(), clock.now())


@allows(Action.MANAGE_ROUNDS)
def request_(authority: str) -> str | Response | tuple[str, int]:
    """An ad-hoc round: a date and a chosen subset."""
    session = db.session()
    form = RequestForm()
    rules = [r for r in deadlines.rules(session) if r.schedule is Schedule.AD_HOC]
    form.rule.choices = [(r.slug, r.name) for r in rules]
    form.indicators.choices = [(i.id, f"{i.code} {i.name}") for i in queries.assigned_indicators(session, [r.id for r in rules])]
    if form.validate_on_submit():
        with saving(form) as attempt:
            rule = deadlines_access.rule(session, form.rule.data)
            opened = rounds.start_on_request(
                session,
                rule,
                form.name.data,
                form.last_on.data,
                form.indicators.data,
                actor(),
                clock.now(),
                window=(form.data_from.data, form.data_to.data),
            )
        if attempt.saved:
            return _to_round(authority, opened)
    page = render_template("tasks/start.html", form=form, title=_("Mở đợt đột xuất"), authority=authority)
    return page, 400 if form.errors or form.form_errors else 200


def _to_round(authority: str, opened: rounds.Opened) -> Response:
    """To the round just opened, saying how many tasks it has."""
    flash(_("Đã mở đợt %(name)s: %(count)s nhiệm vụ.", name=opened.round.name, count=opened.tasks), "success")
    for name in opened.empty_groups:
        flash(_("Nhóm “%(name)s” chưa có thành viên nên đầu mối giữ nhiệm vụ của nhóm.", name=name), "warning")
    for sentence in opened.ended:
        flash(translated(sentence), "warning")
    return redirect(url_for("tasks.round_", authority=authority, slug=opened.round.slug))


@allows(Action.MANAGE_ROUNDS)
def add_paper(authority: str, slug: str) -> str | Response | tuple[str, int]:
    """Adds a document to a round."""
    one = deadlines_access.round_(db.session(), slug)
    form = PaperForm()
    if form.validate_on_submit():
        with saving(form) as attempt:
            _attach(one, form)
        if attempt.saved:
            flash(_("Đã thêm tệp văn bản."), "success")
            return redirect(url_for("tasks.round_", authority=authority, slug=slug))
    one = deadlines_access.round_(db.session(), slug)
    page = render_template("tasks/paper.html", form=form, one=one, accept=",".join(FILE_TYPES), authority=authority)
    return page, 400 if form.errors or form.form_errors else 200


@allows(Action.SEE_LIBRARY)
def paper(authority: str, slug: str, paper_id: int) -> FlaskResponse:
    """The bytes of a document."""
    stored, name = deadlines_access.paper(db.session(), deadlines_access.round_(db.session(), slug), paper_id)
    return answer(stored, name)
