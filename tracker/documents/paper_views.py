"""The assignment notice and the periodic report: choose, see what they will say, download in Word or PDF."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, abort, render_template, request

from tracker.assignments import access as assignments
from tracker.assignments import queries as assignment_queries
from tracker.deadlines import access as deadlines
from tracker.deadlines import queries as deadline_queries
from tracker.deadlines.models import Round
from tracker.documents import letter_pdf, notice_rules, report_rules
from tracker.documents.letter_writing import as_word
from tracker.documents.notice_queries import assigning
from tracker.documents.notice_rules import Assigning
from tracker.documents.paper_rules import Paper
from tracker.documents.report_queries import report_of
from tracker.documents.report_rules import Report
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.units.current import desk
from tracker.units.rules import Action
from tracker.web.guards import allows
from tracker.web.words import gettext as _

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the room's blueprint."""
    blueprint.add_url_rule("/letters/notice", view_func=notice_paper)
    blueprint.add_url_rule("/letters/notice/draft", view_func=notice_file)
    blueprint.add_url_rule("/letters/report", view_func=report_paper)
    blueprint.add_url_rule("/letters/report/draft", view_func=report_file)


def _round() -> Round | None:
    slug = request.args.get("round")
    return deadlines.round_(db.session(), slug) if slug else None


def _assigning() -> Assigning | None:
    """Of the notice asked for, or the newest that assigns something today; None where none does."""
    session, authority, day, one = db.session(), desk().authority, clock.today(), _round()
    slug = request.args.get("notice")
    wanted = [assignments.notice(session, authority.id, slug)] if slug else [row for row, _n in assignment_queries.notices(session, authority.id)]
    found = (assigning(session, authority, row, day, one) for row in wanted)
    return next((draft for draft in found if draft.parts), None)


@allows(Action.SEE_OVERVIEW)
def notice_paper(authority: str) -> str:
    """Thông báo phân công: chọn văn bản giao việc và đợt, xem trước, tải Word hoặc PDF."""
    session, here, found = db.session(), desk(), _assigning()
    return render_template(
        "documents/notice_paper.html",
        authority=authority,
        found=found,
        paper=notice_rules.compose(found) if found else None,
        notices=[row for row, count in assignment_queries.notices(session, here.authority.id) if count],
        rounds=deadline_queries.rounds(session, open_only=True),
        round_slug=request.args.get("round") or None,
    )


@allows(Action.SEE_OVERVIEW)
def notice_file(authority: str) -> Response:
    """The draft; ``as`` is docx or pdf."""
    found = _assigning()
    if found is None:
        raise NotFound("Không có phân công nào đang hiệu lực; không có gì để thông báo.")
    return _sent(notice_rules.compose(found), found.day, request.args.get("as", "docx"))


def _report() -> Report:
    return report_of(db.session(), desk().authority, clock.today(), _round())


@allows(Action.SEE_OVERVIEW)
def report_paper(authority: str) -> str:
    """Báo cáo kết quả: chọn đợt, xem trước, tải Word hoặc PDF."""
    found = _report()
    return render_template(
        "documents/report_paper.html",
        authority=authority,
        found=found,
        paper=report_rules.compose(found) if found.whole.total else None,
        rounds=deadline_queries.rounds(db.session(), open_only=True),
        round_slug=found.round_slug,
    )


@allows(Action.SEE_OVERVIEW)
def report_file(authority: str) -> Response:
    """The draft; ``as`` is docx or pdf."""
    found = _report()
    if not found.whole.total:
        raise NotFound(_("Không có nhiệm vụ nào; không có gì để báo cáo."))
    return _sent(report_rules.compose(found), found.day, request.args.get("as", "docx"))


def _sent(paper: Paper, day: date, ending: str) -> Response:
    at = clock.noon(day)
    if ending == "docx":
        response = Response(as_word(paper, at), mimetype=_DOCX)
    elif ending == "pdf":
        response = Response(letter_pdf.as_pdf(paper, at), mimetype="application/pdf")
    else:
        abort(404)
    response.headers.set("Content-Disposition", "attachment", filename=f"{paper.name}.{ending}")
    return response
