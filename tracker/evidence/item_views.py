"""The page of one item: its versions, where it serves; a newer version; who could open its link."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from tracker.evidence import access, queries, service, use_queries, version_service
from tracker.evidence.current import content_of
from tracker.evidence.forms import SupersedeForm
from tracker.evidence.models import EvidenceItem
from tracker.evidence.queries import VersionLine
from tracker.evidence.rules import ItemKind
from tracker.evidence.use_queries import Use
from tracker.files import preview as previews
from tracker.files.rules import FILE_TYPES, INLINE
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Gone, Refused
from tracker.kernel.vietnamese import number_vn
from tracker.units.current import actor, desk
from tracker.units.rules import Action, Viewer
from tracker.web.fields import saving
from tracker.web.guards import allows
from tracker.web.headers import FILE_POLICY
from tracker.web.words import gettext as _

PDF = FILE_TYPES[".pdf"]


def install(blueprint: Blueprint) -> None:
    """Hangs the pages of items on the room's blueprint."""
    blueprint.add_url_rule("/items/<int:item_id>", view_func=item)
    blueprint.add_url_rule("/items/<int:item_id>/supersede", view_func=supersede, methods=["GET", "POST"])
    blueprint.add_url_rule("/items/<int:item_id>/versions/<int:number>/check", view_func=check, methods=["POST"])
    blueprint.add_url_rule("/evidence/files/<int:file_id>/preview", view_func=preview)
    blueprint.add_url_rule("/evidence/files/<int:file_id>/pages/<int:page>", view_func=page)


@allows(Action.SEE_TASKS)
def item(authority: str, item_id: int) -> str:
    """Every version: who, when, why; and the tasks it serves that the person may see."""
    session, viewer = db.session(), desk().viewer
    found = access.item(session, viewer, item_id)
    return render_template(
        "evidence/item.html",
        item=found,
        versions=queries.versions_of(session, item_id),
        uses=_seen(viewer, use_queries.uses_of(session, item_id)),
        may_change=access.bringer(session, viewer, found) is not None,
        may_withdraw_bytes=viewer.may(Action.WITHDRAW_FILES),
        authority=authority,
    )


def _seen(viewer: Viewer, uses: list[Use]) -> list[Use]:
    return [one for one in uses if viewer.may(Action.SEE_ALL_TASKS) or one.unit_id in viewer.unit_ids]


@allows(Action.SEE_TASKS)
def supersede(authority: str, item_id: int) -> str | Response | tuple[str, int]:
    """A newer version. Nothing is overwritten: who had an older one before them is shown both."""
    session, viewer = db.session(), desk().viewer
    found, who = access.item_to_change(session, viewer, item_id)
    versions = queries.versions_of(session, item_id)
    form = SupersedeForm(data=_as_typed(found, versions[0]))
    form.kind.data = found.kind.value
    if form.validate_on_submit():
        with saving(form) as attempt:
            content = content_of(form, found.authority_id)
            version, served = version_service.supersede(session, found, versions, form.number.data, content, form.why.data, who, clock.now())
            number = version.number
        if attempt.saved:
            flash(_("Đã thêm bản %(number)s; %(served)s nhiệm vụ đang mở dùng bản này.", number=number, served=served), "success")
            return redirect(url_for("evidence.item", authority=authority, item_id=item_id))
    found = access.item(session, viewer, item_id)
    page = render_template(
        "evidence/supersede.html",
        form=form,
        item=found,
        newest=versions[0],
        accept=",".join(FILE_TYPES),
        on_behalf=who.on_behalf_of,
        back=url_for("evidence.item", authority=authority, item_id=item_id),
        authority=authority,
    )
    return page, 400 if request.method == "POST" else 200


def _as_typed(item: EvidenceItem, newest: VersionLine) -> dict[str, Any]:
    """The newest version, as its form shows it."""
    typed: dict[str, Any] = {
        name: getattr(newest, name)
        for name in (
            "url",
            "figure_unit",
            "estimate",
            "sentence",
            "document_number",
            "document_on",
            "issuer",
            "summary",
            "signer",
            "in_force_to",
            "number",
        )
    }
    typed["signing"] = newest.signing.value if newest.signing else ""
    if item.kind is ItemKind.FIGURE:
        typed["figure"] = number_vn(newest.figure, 4)
        typed["denominator"] = number_vn(newest.denominator, 4) if newest.denominator is not None else ""
    return typed


@allows(Action.SEE_TASKS)
def check(authority: str, item_id: int, number: int) -> Response:
    """«Tôi mở được» or «không mở được»: the server itself never opens a link."""
    session = db.session()
    found, version = access.version(session, desk().viewer, item_id, number)
    service.check_link(session, found, version.id, request.form.get("opened") == "1", actor(), clock.now())
    db.session.commit()
    flash(_("Đã ghi nhận, cảm ơn đồng chí."), "success")
    return redirect(url_for("evidence.item", authority=authority, item_id=item_id))


@allows(Action.SEE_TASKS)
def preview(authority: str, file_id: int) -> str:
    """A file as pictures in the page; never the file itself, but for png and jpg, which can run nothing."""
    named, stored, item_id = access.file(db.session(), desk().viewer, file_id)
    pictures, why_not = [], None
    if stored.media_type in INLINE:
        pictures = [url_for("evidence.file", authority=authority, file_id=file_id)]
    elif stored.media_type == PDF:
        try:
            pictures = [url_for("evidence.page", authority=authority, file_id=file_id, page=number + 1) for number in range(previews.pages(stored))]
        except Gone:
            raise
        except Refused as refusal:
            why_not = refusal.message
    return render_template(
        "evidence/preview.html",
        named=named,
        item_id=item_id,
        pictures=pictures,
        why_not=why_not or _("Tệp này không xem nhanh được; đồng chí tải về để mở."),
        shown_only=previews.PAGES if len(pictures) == previews.PAGES else None,
        authority=authority,
    )


@allows(Action.SEE_TASKS)
def page(authority: str, file_id: int, page: int) -> Response:
    """One page of a PDF as a picture, made in a limited child process."""
    _named, stored, _item_id = access.file(db.session(), desk().viewer, file_id)
    given = FlaskResponse(previews.page(stored, page), mimetype="image/png")
    given.headers["Content-Security-Policy"] = FILE_POLICY
    return given
