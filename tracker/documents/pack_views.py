"""The evidence pack of a round: what it holds and lacks, and its bytes as a stream."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from tracker.audit import service as audit
from tracker.deadlines import access as deadlines
from tracker.documents import pack_rules, pack_writing
from tracker.documents.pack_queries import Pack, pack_of
from tracker.documents.pack_rules import safe_name
from tracker.files.current import storage
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.vietnamese import number_vn
from tracker.longwork import queries as longwork
from tracker.longwork import service as longwork_service
from tracker.longwork.rules import STATE_WORDS, WorkKind
from tracker.units.current import actor, desk
from tracker.units.rules import Action
from tracker.web.guards import allows
from tracker.web.words import gettext as _


def install(blueprint: Blueprint) -> None:
    """Hangs the pages on the room's blueprint."""
    blueprint.add_url_rule("/rounds/<slug>/pack", view_func=pack)
    blueprint.add_url_rule("/rounds/<slug>/pack.zip", view_func=send_pack, methods=["POST"])
    blueprint.add_url_rule("/rounds/<slug>/pack/prepare", view_func=prepare_pack, methods=["POST"])


def _pack(slug: str, *, everything: bool) -> Pack:
    """A unit's people get the proofs of what their units lead; who oversees gets all."""
    session, here = db.session(), desk()
    one = deadlines.round_(session, slug)
    mine = None if here.viewer.may(Action.SEE_ALL_TASKS) else here.viewer.unit_ids
    return pack_of(session, here.authority.name, one, unit_ids=mine, everything=everything)


@allows(Action.SEE_TASKS)
def pack(authority: str, slug: str) -> str:
    """What the pack would hold, how large it is, and which documents are missing, before anybody downloads it."""
    everything = request.args.get("all") == "1"
    found = _pack(slug, everything=everything)
    lacking = [task for task in found.tasks if task.missing]
    return render_template(
        "documents/pack.html",
        pack=found,
        slug=slug,
        everything=everything,
        size=(size := sum(file.line.size for file in found.files)),
        long=size > pack_rules.LONG_BYTES or len(found.files) > pack_rules.LONG_FILES,
        works=longwork.of_person(db.session(), desk().viewer.account_id, origin=_address(slug, everything=everything)),
        states=STATE_WORDS,
        lacking=lacking,
        authority=authority,
    )


def _address(slug: str, *, everything: bool) -> str:
    return url_for("documents.pack", authority=desk().authority.slug, slug=slug, all=1 if everything else None)


@allows(Action.SEE_TASKS)
def prepare_pack(authority: str, slug: str) -> BaseResponse:
    """A large pack is written to disk by a worker; whoever asked finds it on the page of long work."""
    session, here = db.session(), desk()
    everything = request.form.get("all") == "1"
    one = deadlines.round_(session, slug)
    asked = longwork_service.ask(
        session,
        here.authority.id,
        here.viewer.account_id,
        WorkKind.PACK,
        _("Hồ sơ minh chứng: %(round)s", round=one.name),
        _address(slug, everything=everything),
        {"round": slug, "everything": everything},
        total=len(_pack(slug, everything=everything).files),
        real_now=clock.real_now(),
    )
    summary = f"Yêu cầu chuẩn bị hồ sơ minh chứng đợt {one.name}."
    audit.record(session, actor(), "evidence.pack", summary, now=clock.now(), authority_id=here.authority.id, subject=("round", one.id))
    work_id = asked.id
    db.session.commit()
    return redirect(url_for("longwork.one", authority=authority, work_id=work_id))


@allows(Action.SEE_TASKS)
def send_pack(authority: str, slug: str) -> Response:
    """The archive. Its length is known beforehand, so that the browser shows how far it is; the database is not held while it goes out."""
    session, here = db.session(), desk()
    store = storage()
    found = _pack(slug, everything=request.form.get("all") == "1")
    one = deadlines.round_(session, slug)
    summary = f"Tải hồ sơ minh chứng đợt {one.name}: {number_vn(len(found.files))} tệp."
    audit.record(session, actor(), "evidence.pack", summary, now=clock.now(), authority_id=here.authority.id, subject=("round", one.id))
    name = safe_name(_("Hồ sơ minh chứng %(round)s.zip", round=one.name))
    db.session.commit()
    db.session.remove()
    written = pack_writing.prepared(found, store)
    given = Response(pack_writing.stream(written, store), mimetype="application/zip")
    given.headers["Content-Length"] = str(written.length)
    given.headers["Content-Disposition"] = f"attachment; filename=ho-so-minh-chung.zip; filename*=UTF-8''{quote(name)}"
    return given
