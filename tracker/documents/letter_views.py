"""Official letters: the register, drafting with a preview, the number and day once a letter has gone out, and the files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from tracker.documents import letter_access as access
from tracker.documents import letter_pdf
from tracker.documents import letter_register_queries as queries
from tracker.documents import letter_service as service
from tracker.documents.letter_forms import AsideForm, NumberForm
from tracker.documents.letter_models import OfficialLetter
from tracker.documents.letter_register_rules import STATE_WORDS, LetterState, as_composed, number_of, reason_of
from tracker.documents.letter_rules import APPENDIX_COLUMNS, Letter, numbered_name
from tracker.documents.letter_writing import written
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web import sheets
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | BaseResponse | tuple[str, int]

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: Letters on one page of the register, and the most that go into one archive.
ON_A_PAGE = 50
MOST_AT_ONCE = 500


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the room's blueprint."""
    blueprint.add_url_rule("/letters", view_func=letters)
    blueprint.add_url_rule("/letters/drafts.zip", view_func=letter_files)
    blueprint.add_url_rule("/letters/<int:letter_id>", view_func=letter)
    blueprint.add_url_rule("/letters/<int:letter_id>/word", view_func=letter_word)
    blueprint.add_url_rule("/letters/<int:letter_id>/pdf", view_func=letter_as_pdf)
    blueprint.add_url_rule("/letters/<int:letter_id>/number", view_func=number_letter, methods=["POST"])
    blueprint.add_url_rule("/letters/<int:letter_id>/set-aside", view_func=set_letter_aside, methods=["POST"])


def _state() -> LetterState | None:
    """What the list is narrowed to; an address nobody offered narrows nothing."""
    return next((one for one in LetterState if one.value == request.args.get("state")), None)


@allows(Action.SEE_OVERVIEW)
def letters(authority: str) -> str | Response:
    """Sổ công văn đôn đốc, và đơn vị nên gửi công văn."""
    session, here, state = db.session(), desk(), _state()
    if request.args.get("export") == "xlsx":
        return _sheet(queries.register(session, state))
    counts = queries.counts(session)
    total = counts.get(state, 0) if state else sum(counts.values())
    pages = max(1, -(-total // ON_A_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template(
        "documents/letters.html",
        authority=authority,
        rows=queries.register(session, state, limit=ON_A_PAGE, offset=(page - 1) * ON_A_PAGE),
        proposed=queries.proposed(session, here.authority, clock.today()),
        counts=counts,
        state=state,
        states=STATE_WORDS,
        total=total,
        page=page,
        pages=pages,
        may_draft=here.viewer.may(Action.CHASE),
    )


def _sheet(rows: Sequence[queries.RegisterRow]) -> Response:
    columns = [
        sheets.Column("number", _("Số, ký hiệu"), 20),
        sheets.Column("issued_on", _("Ngày phát hành"), 14),
        sheets.Column("subject", _("Trích yếu"), 60),
        sheets.Column("round_name", _("Đợt"), 24),
        sheets.Column("units", _("Đơn vị"), 50),
        sheets.Column("tasks", _("Số nhiệm vụ"), 10),
        sheets.Column("answer_by", _("Hạn trả lời"), 14),
        sheets.Column("drafted_on", _("Ngày lập dự thảo"), 14),
        sheets.Column("words", _("Tình trạng"), 14),
        sheets.Column("reason", _("Lý do bỏ"), 40),
    ]
    lines = [
        {**{column.key: getattr(row, column.key) for column in columns if column.key != "words"}, "words": _(STATE_WORDS[row.state])} for row in rows
    ]
    return sheets.workbook(columns, lines, _("Sổ công văn đôn đốc"), "so-cong-van-don-doc")


@allows(Action.SEE_OVERVIEW)
def letter(authority: str, letter_id: int) -> str:
    """Một công văn: nội dung dự thảo, số và ngày phát hành."""
    one = access.letter(db.session(), letter_id)
    return _page(authority, one)


def _page(authority: str, one: OfficialLetter, numbering: NumberForm | None = None, aside: AsideForm | None = None) -> str:
    composed = as_composed(one.content)
    return render_template(
        "documents/letter.html",
        authority=authority,
        one=one,
        state=_(STATE_WORDS[one.state]),
        letter=composed,
        appendix=appendix_of(composed),
        appendix_columns=APPENDIX_COLUMNS,
        drafter=queries.drafter(db.session(), one),
        units=queries.units_of(db.session(), [one.id])[one.id],
        numbering=numbering or NumberForm(formdata=None, number=one.number, issued_on=one.issued_on, version=one.version),
        aside=aside or AsideForm(formdata=None, version=one.version),
        may_draft=desk().viewer.may(Action.CHASE),
    )


def appendix_of(composed: Letter) -> list[dict[str, Any]]:
    """The lines of the appendix for a table of the screen: the number of the column → the words."""
    return [{str(place): words for place, words in enumerate(line)} for group in composed.groups for line in group.lines]


@allows(Action.CHASE)
def number_letter(authority: str, letter_id: int) -> Page:
    """Nhập hoặc sửa số, ngày phát hành."""
    session, form = db.session(), NumberForm()
    if form.validate():
        with saving(form) as attempt:
            changed = service.number(
                session,
                actor(),
                desk().authority,
                letter_id,
                number_of(form.number.data or ""),
                form.issued_on.data,
                version=form.version.data,
                now=clock.now(),
            )
        if attempt.saved:
            flash(_("Đã ghi số, ngày phát hành vào sổ.") if changed else _("Số, ngày phát hành vẫn như cũ."), "success")
            return redirect(url_for("documents.letter", authority=authority, letter_id=letter_id))
    return _page(authority, access.letter(session, letter_id), numbering=form), 400


@allows(Action.CHASE)
def set_letter_aside(authority: str, letter_id: int) -> Page:
    """Bỏ một dự thảo sẽ không phát hành."""
    session, form = db.session(), AsideForm()
    if form.validate():
        with saving(form) as attempt:
            reason = reason_of(form.reason.data or "")
            service.set_aside(session, actor(), desk().authority, letter_id, reason, version=form.version.data, now=clock.now())
        if attempt.saved:
            flash(_("Đã bỏ dự thảo."), "success")
            return redirect(url_for("documents.letter", authority=authority, letter_id=letter_id))
    return _page(authority, access.letter(session, letter_id), aside=form), 400


def _attached(data: bytes, media_type: str, filename: str) -> Response:
    response = Response(data, mimetype=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response


def _docx(one: OfficialLetter) -> bytes:
    return written(as_composed(one.content), clock.noon(one.drafted_on))


@allows(Action.SEE_OVERVIEW)
def letter_word(authority: str, letter_id: int) -> Response:
    """The draft as it was made, in Word."""
    one = access.letter(db.session(), letter_id)
    return _attached(_docx(one), DOCX, one.content["file_name"])


@allows(Action.SEE_OVERVIEW)
def letter_as_pdf(authority: str, letter_id: int) -> Response:
    """The draft as it was made, in PDF."""
    one = access.letter(db.session(), letter_id)
    return _attached(
        letter_pdf.pdf(as_composed(one.content), clock.noon(one.drafted_on)),
        "application/pdf",
        one.content["file_name"].removesuffix(".docx") + ".pdf",
    )


@allows(Action.SEE_OVERVIEW)
def letter_files(authority: str) -> BaseResponse:
    """Several drafts in one archive: ``id`` once for each; without any, the register to choose from."""
    ids = request.args.getlist("id", type=int)
    if not ids:
        return redirect(url_for("documents.letters", authority=authority))
    if len(ids) > MOST_AT_ONCE:
        abort(400)
    if not ids:
        return redirect(url_for("documents.letters", authority=authority))
    found = access.letters(db.session(), ids)
    out, taken = io.BytesIO(), set()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in found:
            tries = (numbered_name(one.content["file_name"], number) for number in range(1, len(found) + 2))
            name = next(name for name in tries if name not in taken)
            taken.add(name)
            archive.writestr(zipfile.ZipInfo(name, (one.drafted_on.year, one.drafted_on.month, one.drafted_on.day, 12, 0, 0)), _docx(one))
    return _attached(out.getvalue(), "application/zip", "DuThao_CV_DonDoc.zip")
