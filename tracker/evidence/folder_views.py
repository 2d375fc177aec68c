"""A whole folder at once: each file goes to the task whose code its name bears, after the person has looked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from tracker.evidence import bulk_access, bulk_queries, bulk_service, folder_rules, folder_service
from tracker.evidence.bulk_forms import FolderForm
from tracker.evidence.bulk_rules import Left, best_line, tickets
from tracker.evidence.bulk_service import Choice, Piece
from tracker.evidence.content_rules import BroughtFile, a_file
from tracker.evidence.queries import checklists
from tracker.evidence.rules import Asked, ItemKind
from tracker.evidence.share_views import back_to, lines_of, open_rows, seal
from tracker.evidence.waiting import Waiting
from tracker.files.current import storage
from tracker.files.rules import FILE_TYPES, MEBIBYTE
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refused, Unable
from tracker.kernel.vietnamese import join_and
from tracker.tasks.queries import TaskRow
from tracker.units.current import desk
from tracker.units.models import Unit
from tracker.units.rules import Action
from tracker.web.bodies import takes
from tracker.web.guards import allows
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]


def install(blueprint: Blueprint) -> None:
    """Hangs the page on the blueprint of evidence."""
    blueprint.add_url_rule("/units/<slug>/folder", view_func=folder, methods=["GET", "POST"])


@dataclass(frozen=True, slots=True)
class Row:
    """One file of the preview: which task it is offered for, and the lines of that task's checklist."""

    place: int
    file: BroughtFile
    folder: str
    ticket: str
    slot: str
    lines: Sequence[tuple[str, str]]
    #: What the person should know before confirming.
    note: str | None


@takes(folder_rules.WHOLE_LIMIT + MEBIBYTE)
@allows(Action.SEE_TASKS)
def folder(authority: str, slug: str) -> Page:
    """Files of a folder; then the list of what goes where; then, confirmed, one item for each."""
    session, viewer = db.session(), desk().viewer
    unit, stand = bulk_access.to_bring_for(session, viewer, slug)
    form = FolderForm()
    if request.method == "POST":
        try:
            if request.form.get("sealed"):
                return _confirmed(authority, unit)
            return _received(authority, unit, stand.on_behalf_of)
        except (NotFound, Unable):
            raise
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(refusal.message)
    page = render_template(
        "evidence/folder.html",
        form=form,
        unit=unit,
        rows=open_rows(unit),
        on_behalf=stand.on_behalf_of,
        accept=",".join(FILE_TYPES),
        limit=folder_rules.FILES_LIMIT,
        back=back_to(authority, unit),
        authority=authority,
    )
    return page, 400 if request.method == "POST" else 200


def _received(authority: str, unit: Unit, on_behalf: str | None) -> str:
    uploads = [one for name in ("folder", "files") for one in request.files.getlist(name) if one.filename and not folder_rules.is_junk(one.filename)]
    if not uploads:
        raise Refused(_("Đồng chí chưa chọn tệp nào."))
    if len(uploads) > folder_rules.FILES_LIMIT:
        raise Refused(
            _(
                "Thư mục có %(count)s tệp; mỗi lần không quá %(limit)s. Đồng chí chọn từng thư mục con.",
                count=len(uploads),
                limit=folder_rules.FILES_LIMIT,
            )
        )
    # Nobody waits for the database while files are laid on the store.
    authority_id = desk().authority.id
    db.session.rollback()
    sent = [(one.filename or "", one.stream) for one in uploads]
    received = folder_service.receive(storage(), authority_id, sent, clock.real_now().timestamp())
    return _preview(authority, unit, on_behalf, received.waiting, received.refused)


def _preview(authority: str, unit: Unit, on_behalf: str | None, waiting: Waiting, refused: Sequence[Left]) -> str:
    tasks = open_rows(unit)
    return render_template(
        "evidence/folder_preview.html",
        unit=unit,
        rows=_rows(waiting, tasks),
        tasks=[("", _("Bỏ qua")), *((row.ticket, _choice(row)) for row in tasks)],
        refused=refused,
        sealed=seal(unit).close(waiting),
        on_behalf=on_behalf,
        back=back_to(authority, unit),
        authority=authority,
    )


def _choice(row: TaskRow) -> str:
    name = row.name if len(row.name) <= 60 else f"{row.name[:59]}…"
    return f"{row.code} {name} ({row.round_name})" if row.code else f"{name} ({row.round_name})"


def _rows(waiting: Waiting, tasks: Sequence[TaskRow]) -> list[Row]:
    matcher = folder_rules.Matcher({row.code for row in tasks if row.code})
    asked = lines_of(tasks)
    there = bulk_queries.bytes_there(db.session(), [row.id for row in tasks], {one.stored.sha256 for one in waiting.files})
    twice = Counter(one.stored.sha256 for one in waiting.files)
    found = []
    for place, (file, inside) in enumerate(zip(waiting.files, waiting.folders, strict=True)):
        code = matcher.match(f"{inside}/{file.filename}")
        alike = [row for row in tasks if code is not None and row.code == code]
        known = [row for row in alike if (file.stored.sha256, row.id) in there]
        meant = None if known else next(iter(alike), None)
        lines = asked[meant.id] if meant else []
        found.append(
            Row(
                place,
                file,
                inside,
                meant.ticket if meant else "",
                best_line(lines, file.filename).key if meant else "",
                [("", _("Cả chỉ số")), *((one.slot.key, one.name) for one in lines)] if meant else (),
                _note(code, alike, known, twice[file.stored.sha256] > 1),
            )
        )
    return found


def _note(code: str | None, alike: Sequence[TaskRow], known: Sequence[TaskRow], twice: bool) -> str | None:
    if code is None:
        return str(_("Không thấy mã chỉ số trong tên; đồng chí chọn, hoặc bỏ qua."))
    if known:
        return str(_("Đúng tệp này đã có ở %(code)s.", code=code))
    if len(alike) > 1:
        return str(_("Mã này có ở %(where)s; đồng chí xem đúng đợt chưa.", where=join_and(row.round_name for row in alike)))
    return str(_("Trong lần nộp này có hai tệp nội dung giống hệt nhau.")) if twice else None


def _confirmed(authority: str, unit: Unit) -> Page:
    session, viewer = db.session(), desk().viewer
    waiting = seal(unit).open(request.form["sealed"], clock.real_now())
    _unit, stand = bulk_access.to_bring_for(session, viewer, unit.slug)
    wanted = {place: ticket for place in range(len(waiting.files)) if (ticket := request.form.get(f"task-{place}"))}
    if not wanted:
        raise Refused(_("Đồng chí đã bỏ qua mọi tệp; chưa nộp gì. Chọn lại tệp nếu cần."))
    seen = {place: next(iter(tickets([ticket]).items())) for place, ticket in wanted.items()}
    indicators = bulk_access.of_unit(session, unit.id, {task_id for task_id, _version in seen.values()})
    asked = checklists(session, {one for one in indicators.values() if one is not None})
    places = list(seen)
    pieces = [_piece(place, waiting.files[place], seen[place], asked[indicators[seen[place][0]] or 0]) for place in places]
    brought = bulk_service.bring_all(session, pieces, unit.id, stand.actor(viewer), clock.now())
    db.session.commit()
    if brought.proofs:
        flash(_("Đã nộp %(count)s tệp, mỗi tệp là một minh chứng.", count=brought.proofs), "success")
    for place, one in brought.left:
        flash(_("Để lại %(file)s; %(what)s", file=waiting.files[places[place]].filename, what=one.sentence), "warning")
    if brought.left:
        # What is left can be sent on from here, with the tasks as they are now.
        return _preview(authority, unit, stand.on_behalf_of, waiting.only([places[place] for place, _one in brought.left]), ())
    return redirect(back_to(authority, unit))


def _piece(place: int, file: BroughtFile, ticket: tuple[int, int], asked: Sequence[Asked]) -> Piece:
    """The line chosen, where the task it belongs to is still the one chosen; else the one the name speaks for."""
    slots: Mapping[str, Asked] = {one.slot.key: one for one in asked}
    typed = request.form.get(f"slot-{place}", "?")
    whole = typed == "" and request.form.get(f"was-{place}") == request.form.get(f"task-{place}")
    slot = slots[typed].slot if typed in slots else best_line(() if whole else asked, file.filename)
    content = a_file(file.stored, file.filename)
    return Piece(ItemKind.FILE, content.title, (Choice(*ticket, slot),), content)
