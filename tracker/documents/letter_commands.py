"""``flask letters chase``, ``notice`` and ``report``: drafts in Word, and in PDF where asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from tracker.assignments import access as assignments
from tracker.assignments import queries as assignment_queries
from tracker.deadlines import access as deadlines
from tracker.documents import letter_pdf, notice_rules, report_rules
from tracker.documents.letter_queries import answer_day, late_cases
from tracker.documents.letter_register_queries import wording
from tracker.documents.letter_rules import Case, LateUnit, compose, numbered_name
from tracker.documents.letter_wording_rules import LetterKind, Manner
from tracker.documents.letter_writing import as_word
from tracker.documents.notice_queries import assigning
from tracker.documents.paper_rules import Paper, of_letter
from tracker.documents.report_queries import report_of
from tracker.kernel import clock, scope
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import date_vn
from tracker.units import access as units
from tracker.web import terminal

group = AppGroup("letters", help="Công văn, thông báo, báo cáo: dự thảo Word, PDF theo Nghị định 30/2020/NĐ-CP.")
_out = click.option("--out", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="Thư mục sẽ viết; chưa có thì tạo.")
_pdf = click.option("--pdf", "also_pdf", is_flag=True, help="Viết thêm một tệp PDF bên cạnh tệp Word.")
_round = click.option("--round", "round_slug", help="Đợt, ví dụ nam-2026.")


def install(app: Flask) -> None:
    """Hangs the commands on the application."""
    app.cli.add_command(group)


@group.command("chase")
@click.argument("authority_slug", metavar="AUTHORITY")
@terminal.on_option
@click.option("--each", is_flag=True, help="Mỗi đơn vị một công văn; mặc định một công văn gửi mọi đơn vị.")
@click.option("--until", type=terminal.ISO_DATE, help="Hạn nêu trong công văn; mặc định 5 ngày làm việc sau ngày lập.")
@_out
@_pdf
@terminal.json_option
@terminal.refuses
def chase(authority_slug: str, on: date | None, each: bool, until: date | None, folder: Path, also_pdf: bool, as_json: bool) -> None:
    """Dự thảo công văn đôn đốc các đơn vị quá hạn: mỗi đợt một tệp .docx, số và ngày để trống."""
    day = on or clock.today()
    with terminal.work("chasing letters") as session:
        authority = units.authority_by_slug(session, authority_slug)
        scope.choose(session, scope.one(authority.id))
        cases = late_cases(session, authority, day)
        name, asked = authority.name, until or answer_day(session, day)
        manner = Manner(wording(session, LetterKind.CHASE))
    if not cases:
        raise Refused(f"{name} không có nhiệm vụ nào quá hạn tính đến ngày {date_vn(day)}; không cần công văn đôn đốc.")
    if asked <= day:
        raise Refused(f"Hạn nêu trong công văn ({date_vn(asked)}) phải sau ngày lập {date_vn(day)}.", field="until")
    rows = [_chased(case, asked, unit, manner, folder, also_pdf) for case in cases for unit in (case.units if each else (None,))]
    _tell(rows, as_json, ("file", "round", "units", "tasks"))


def _chased(case: Case, until: date, unit: LateUnit | None, manner: Manner, folder: Path, also_pdf: bool) -> dict[str, Any]:
    files = _written(of_letter(compose(case, until, unit, manner)), case.day, folder, also_pdf)
    told = case.units if unit is None else (unit,)
    return {**files, "round": case.round_slug, "units": [one.slug for one in told], "tasks": sum(len(one.tasks) for one in told)}


@group.command("notice")
@click.argument("authority_slug", metavar="AUTHORITY")
@click.option("--notice", "notice_slug", help="Văn bản giao việc; mặc định là văn bản mới nhất có phân công đang hiệu lực.")
@_round
@terminal.on_option
@_out
@_pdf
@terminal.json_option
@terminal.refuses
def notice(
    authority_slug: str, notice_slug: str | None, round_slug: str | None, on: date | None, folder: Path, also_pdf: bool, as_json: bool
) -> None:
    """Dự thảo thông báo phân công: phân công đang hiệu lực của một văn bản; có --round thì ghi hạn của đợt ấy."""
    day = on or clock.today()
    with terminal.work("a notice of assignment") as session:
        authority = units.authority_by_slug(session, authority_slug)
        scope.choose(session, scope.one(authority.id))
        one = deadlines.round_(session, round_slug) if round_slug else None
        given = [row for row, _count in assignment_queries.notices(session, authority.id)]
        if notice_slug:
            given = [assignments.notice(session, authority.id, notice_slug)]
        drafts = (assigning(session, authority, row, day, one) for row in given)
        found = next((draft for draft in drafts if draft.parts), None)
    if found is None:
        raise Refused(f"{authority.name} không có phân công nào có hiệu lực ngày {date_vn(day)}; không có gì để thông báo.")
    row = {**_written(notice_rules.compose(found), day, folder, also_pdf), "notice": found.slug, "indicators": found.indicators, "leads": found.leads}
    _tell([row], as_json, ("file", "notice", "indicators", "leads"))


@group.command("report")
@click.argument("authority_slug", metavar="AUTHORITY")
@_round
@terminal.on_option
@_out
@_pdf
@terminal.json_option
@terminal.refuses
def report(authority_slug: str, round_slug: str | None, on: date | None, folder: Path, also_pdf: bool, as_json: bool) -> None:
    """Dự thảo báo cáo kết quả của một đợt, hoặc của mọi đợt đang mở: số liệu như trang Tổng quan."""
    day = on or clock.today()
    with terminal.work("a periodic report") as session:
        authority = units.authority_by_slug(session, authority_slug)
        scope.choose(session, scope.one(authority.id))
        found = report_of(session, authority, day, deadlines.round_(session, round_slug) if round_slug else None)
    if not found.whole.total:
        raise Refused(f"{found.issuer.name} không có nhiệm vụ nào trong {found.round_name}; không có gì để báo cáo.")
    whole = found.whole
    counts = {"tasks": whole.total, "done": whole.done, "done_late": whole.late, "under_way": whole.under_way, "overdue": whole.overdue}
    row = {**_written(report_rules.compose(found), day, folder, also_pdf), "round": round_slug, **counts, "uncounted": whole.uncounted}
    _tell([row], as_json, ("file", "tasks", "done", "done_late", "under_way", "overdue"))


def _tell(rows: list[dict[str, Any]], as_json: bool, columns: tuple[str, ...]) -> None:
    files = [row[key] for row in rows for key in ("file", "pdf") if key in row]
    terminal.emit({"files": files, "rows": rows} if as_json else {"rows": rows}, as_json, columns)


def _written(paper: Paper, day: date, folder: Path, also_pdf: bool) -> Mapping[str, str]:
    """«file» and, where asked, «pdf». Both are made before the first is written: a refusal leaves nothing behind."""
    made = {"file": (".docx", as_word(paper, clock.noon(day)))}
    if also_pdf:
        made["pdf"] = (".pdf", letter_pdf.as_pdf(paper, clock.noon(day)))
    folder.mkdir(parents=True, exist_ok=True)
    return {key: str(_kept(folder, f"{paper.name}{ending}", data)) for key, (ending, data) in made.items()}


def _kept(folder: Path, name: str, data: bytes) -> Path:
    """Writes under the first free name: a draft somebody has been working on is never written over."""
    number = 1
    while True:
        path = folder / numbered_name(name, number)
        try:
            with path.open("xb") as out:
                out.write(data)
        except FileExistsError:
            number += 1
        else:
            return path
