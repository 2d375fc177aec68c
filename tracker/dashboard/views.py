"""The three front doors and the list of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from tracker.dashboard import queries, rules
from tracker.dashboard.filter_queries import of_person
from tracker.dashboard.filter_rules import known, query_of
from tracker.dashboard.live_items import today_items, work_items
from tracker.dashboard.reading import Reading, reading
from tracker.dashboard.verify_queries import queue
from tracker.dashboard.verify_rules import Waiting
from tracker.dashboard.verifying import Verifying, verifying
from tracker.deadlines import queries as deadlines
from tracker.evidence import contribution_queries as contributions
from tracker.evidence.queries import completeness_of
from tracker.kernel import clock
from tracker.kernel.vietnamese import long_date_vn
from tracker.kernel.words import phrase
from tracker.reminders.chase_queries import last_chases
from tracker.tasks import extension_access
from tracker.tasks import extension_queries as extensions
from tracker.tasks import queries as tasks
from tracker.tasks.handover_queries import left_behind
from tracker.tasks.queries import Filters, Tally, TaskRow
from tracker.tasks.rules import OPEN, PROGRESS_WORDS, TIMELINESS_WORDS, Progress, Timeliness
from tracker.tasks.waiting_queries import Door, waiting
from tracker.units.rules import Action, Role, front_doors
from tracker.web import sheets
from tracker.web.guards import allows
from tracker.web.words import gettext as _

blueprint = Blueprint("dashboard", __name__, url_prefix="/<authority>")

PAGE_SIZE = 50
#: The list of cooperation on a front door shows this many; the rest is one link away.
HELPING_SHOWN = 15
URGENT = (Timeliness.OVERDUE, Timeliness.DUE_TODAY, Timeliness.DUE_SOON)
SHOWN_BANDS = {"overdue": (Timeliness.OVERDUE,), "soon": (Timeliness.DUE_TODAY, Timeliness.DUE_SOON), "all": URGENT}
#: What the list of tasks can be narrowed to besides one timeliness, so that every number of the front doors has its list.
COMBINED = {"soon": SHOWN_BANDS["soon"], "urgent": URGENT, "open": (*URGENT, Timeliness.NOT_DUE)}
COMBINED_WORDS = {"soon": phrase("Đến hạn và sắp đến hạn"), "urgent": phrase("Cần đôn đốc"), "open": phrase("Chưa xong, có thời hạn")}


@blueprint.get("/")
@allows(Action.SEE_LIBRARY)
def home(authority: str) -> BaseResponse:
    """To the person's first door: focal, chair, unit, administrator; before any round, to the steps of the start for who takes them."""
    read = reading()
    if read.viewer.may(Action.MANAGE_ASSIGNMENTS) and not deadlines.any_round(read.session):
        return redirect(url_for("start.index", authority=authority))
    doors = {Role.FOCAL: "dashboard.today", Role.CHAIR: "dashboard.overview", Role.SPECIALIST: "dashboard.work", Role.ADMIN: "units.people"}
    return redirect(url_for(doors[front_doors(read.viewer.roles)[0]], authority=authority))


@blueprint.get("/today")
@allows(Action.CHASE)
def today(authority: str) -> str | Response:
    """Việc hôm nay: whom to chase, what to verify, units × status."""
    read = reading()
    tallies = rules.by_unit(tasks.tallies(read.session, Filters(), read.horizon, by_unit=True))
    units = queries.unit_names(read.session, tallies)
    whole = rules.added(tallies.values())
    asked = request.args.get("show", "overdue" if whole.overdue else "soon")
    show = asked if asked in SHOWN_BANDS else "all"
    urgent = tasks.urgent_codes(read.session, SHOWN_BANDS[show], read.horizon)
    chase = rules.chase_list(units, tallies, urgent, read.today, late=show != "soon")
    matrix = sorted(((units[unit_id], tally) for unit_id, tally in tallies.items()), key=lambda pair: pair[0].position)
    if request.args.get("export") == "xlsx":
        return _matrix_sheet(read, matrix)
    waiting_here = queue(read.session)
    return render_template(
        "dashboard/today.html",
        read=read,
        chase=chase,
        chased=last_chases(read.session, read.authority, [line.unit.id for line in chase]),
        show=show,
        whole=whole,
        live_items=(items := today_items(authority, whole)),
        stamp=rules.stamp_of(items, read.today),
        own_filters=of_person(read.session, read.viewer.account_id),
        found=_on_desk(read, waiting_here),
        left=len(waiting_here),
        matrix=matrix,
        lead=long_date_vn(read.today),
        points_known=whole.points_total is not None,
        asked_for=extensions.waiting(read.session),
        left_units=left_behind(read.session, read.today),
        said=waiting(read.session, read.viewer, Door.TODAY, clock.now()),
        next_dates=queries.next_dates(read.session, read.calendar, read.horizon, Filters(), whole=True),
        authority=authority,
    )


def _on_desk(read: Reading, waiting_here: Sequence[Waiting]) -> Verifying | None:
    """The task of the queue that lies on the desk: the one asked for while it still waits, else the oldest."""
    asked = request.args.get("task", type=int)
    wanted = asked if any(one.task_id == asked for one in waiting_here) else waiting_here[0].task_id if waiting_here else None
    return verifying(read, waiting_here, wanted, whole=False) if wanted is not None else None


def _matrix_sheet(read: Reading, matrix: Sequence[tuple[rules.UnitName, Tally]]) -> Response:
    columns = [sheets.Column("unit", _("Đơn vị chủ trì"), 42)]
    columns += [sheets.Column(key, label, 12) for key, label in MATRIX_COLUMNS.items()]
    rows = [{"unit": unit.name, **{key: getattr(tally, key) for key in MATRIX_COLUMNS}} for unit, tally in matrix]
    title = _("Bảng theo dõi tiến độ, %(day)s", day=long_date_vn(read.today))
    return sheets.workbook(columns, rows, title, f"tien-do-{read.authority.slug}-{read.today.isoformat()}")


MATRIX_COLUMNS = {
    "not_started": phrase("Chưa làm"),
    "collecting": phrase("Đang làm"),
    "returned": phrase("Trả lại"),
    "prepared": phrase("Chờ lãnh đạo duyệt"),
    "ready": phrase("Chờ xác nhận"),
    "accepted": phrase("Đã xác nhận"),
    "set_aside": phrase("Không tính"),
    "total": phrase("Cộng"),
    "overdue": phrase("Trong đó quá hạn"),
}


@blueprint.get("/work")
@allows(Action.PREPARE_EVIDENCE)
def work(authority: str) -> str | Response:
    """The lead unit's list: what is late, due, missing, in words; report ready from the row."""
    read = reading()
    mine = read.viewer.unit_ids
    units = queries.unit_names(read.session, mine)
    chosen = next((unit for unit in units.values() if unit.slug == request.args.get("unit")), None)
    shown = frozenset({chosen.id}) if chosen else mine
    rows = tasks.listed(read.session, Filters(unit_ids=shown), read.calendar, read.horizon)
    if request.args.get("export") == "xlsx":
        return tasks_sheet(read, rows)
    open_rows = [row for row in rows if row.status in OPEN]
    shown_once = rules.one_list(open_rows)
    return render_template(
        "dashboard/work.html",
        read=read,
        units=list(units.values()),
        chosen=chosen,
        sections=_sections(shown_once.rows),
        others=shown_once.others,
        prepared=[row for row in open_rows if row.status is Progress.PREPARED and row.unit_id in read.viewer.head_unit_ids],
        finished=[row for row in rows if row.status not in OPEN],
        live_items=(items := work_items(rules.counted(rows))),
        stamp=rules.stamp_of(items, read.today),
        completeness=completeness_of(read.session, [(row.id, row.indicator_id) for row in open_rows]),
        asks_time=extension_access.askable(read.session, read.authority, open_rows, read.calendar, read.today),
        helping=tasks.listed(
            read.session, Filters(not_unit_ids=mine, open_only=True), read.calendar, read.horizon, seen_by=read.viewer, limit=HELPING_SHOWN
        )
        if not read.viewer.may(Action.SEE_ALL_TASKS)
        else [],
        said=waiting(read.session, read.viewer, Door.WORK, clock.now()),
        asked=contributions.waiting_of_units(read.session, shown, contributions.WAITING_SHOWN),
        next_dates=queries.next_dates(read.session, read.calendar, read.horizon, Filters(unit_ids=shown), whole=False),
        lead=long_date_vn(read.today),
        authority=authority,
    )


def _sections(rows: Sequence[TaskRow]) -> list[tuple[Timeliness, list[TaskRow]]]:
    order = (Timeliness.OVERDUE, Timeliness.DUE_TODAY, Timeliness.DUE_SOON, Timeliness.NOT_DUE, Timeliness.NO_DEADLINE)
    return [(band, found) for band in order if (found := [row for row in rows if row.standing.timeliness is band])]


@blueprint.get("/tasks")
@allows(Action.SEE_TASKS)
def tasks_(authority: str) -> str | Response:
    """Every task the person may see, narrowed; on screen, on paper, in Excel."""
    read = reading()
    filters = _filters()
    if request.args.get("export") == "xlsx":
        return tasks_sheet(read, tasks.listed(read.session, filters, read.calendar, read.horizon, seen_by=read.seen_by))
    printing = request.args.get("print") == "1"
    total = tasks.count(read.session, filters, read.horizon, seen_by=read.seen_by)
    pages = max((total + PAGE_SIZE - 1) // PAGE_SIZE, 1)
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    rows = tasks.listed(
        read.session,
        filters,
        read.calendar,
        read.horizon,
        seen_by=read.seen_by,
        limit=None if printing else PAGE_SIZE,
        offset=0 if printing else (page - 1) * PAGE_SIZE,
    )
    kept = known(request.args)
    return render_template(
        "dashboard/tasks.html",
        read=read,
        rows=rows,
        total=total,
        page=page,
        pages=1 if printing else pages,
        first=(page - 1) * PAGE_SIZE + 1,
        printing=printing,
        kept=kept,
        own_filters=of_person(read.session, read.viewer.account_id),
        query=query_of(kept),
        page_url=lambda number: url_for("dashboard.tasks_", authority=authority, **{**kept, "page": number}),
        units=[(unit.slug, unit.name) for unit in queries.unit_names(read.session).values()],
        rounds=[(one.slug, one.name) for one in deadlines.rounds(read.session)],
        bands=[*((band.value, word) for band, word in TIMELINESS_WORDS.items()), *COMBINED_WORDS.items()],
        statuses=[(status.value, word) for status, word in PROGRESS_WORDS.items()],
        authority=authority,
    )


def _filters() -> Filters:
    args: Any = request.args
    band, status = args.get("timeliness"), args.get("status")
    return Filters(
        round_slug=args.get("round") or None,
        unit_slug=args.get("unit") or None,
        main_code=args.get("main") or None,
        timeliness=Timeliness(band) if band in set(Timeliness) else None,
        bands=COMBINED.get(band or "", ()),
        status=Progress(status) if status in set(Progress) else None,
        returned_only=args.get("returned") == "1",
        not_returned=args.get("returned") == "0",
        text=(args.get("q") or "").strip()[:100] or None,
        due_on=_due_on(args.get("due")),
    )


def _due_on(text: str | None) -> date | None:
    """The day of an address, which nobody types; anything else narrows nothing."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def tasks_sheet(read: Reading, rows: Sequence[TaskRow]) -> Response:
    """The tasks of a list as an office's own table in Excel."""
    columns = [
        sheets.Column("stt", _("STT"), 6),
        sheets.Column("code", _("Mã"), 10),
        sheets.Column("name", _("Chỉ số"), 60),
        sheets.Column("unit", _("Đơn vị chủ trì"), 32),
        sheets.Column("round", _("Đợt"), 18),
        sheets.Column("due", _("Hạn"), 13),
        sheets.Column("original", _("Hạn gốc"), 13),
        sheets.Column("extensions", _("Số lần gia hạn"), 10),
        sheets.Column("time", _("Tình trạng thời hạn"), 20),
        sheets.Column("late", _("Số ngày quá hạn"), 10),
        sheets.Column("status", _("Tiến độ"), 24),
        sheets.Column("submitted", _("Nộp đủ lần đầu"), 18),
        sheets.Column("resubmitted", _("Nộp lại"), 18),
        sheets.Column("mend", _("Hạn bổ sung"), 13),
        sheets.Column("points", _("Điểm tối đa"), 10),
    ]
    lines = [
        {
            "stt": number,
            "code": row.code,
            "name": row.name,
            "unit": row.unit_name,
            "round": row.round_name,
            "due": row.standing.due_on,
            "original": row.original_on,
            "extensions": row.extensions or None,
            "time": TIMELINESS_WORDS[row.standing.timeliness],
            "late": row.standing.days_late or None,
            "status": _("Trả lại") if row.returned else PROGRESS_WORDS[row.status],
            "submitted": row.submitted_at,
            "resubmitted": row.resubmitted_at,
            "mend": row.mend_by_on,
            "points": row.points,
        }
        for number, row in enumerate(rows, 1)
    ]
    title = _("Bảng theo dõi tiến độ, %(day)s", day=long_date_vn(read.today))
    return sheets.workbook(columns, lines, title, f"nhiem-vu-{read.authority.slug}-{read.today.isoformat()}")
