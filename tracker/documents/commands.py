"""``flask documents check | import``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from tracker.audit.rules import SYSTEM
from tracker.deadlines import access as deadlines
from tracker.documents import pack_writing, queries, service
from tracker.documents.pack_queries import pack_of
from tracker.documents.reading import Draft
from tracker.evidence.commands import group as evidence_group
from tracker.files.current import storage
from tracker.indicators import access as indicators
from tracker.kernel import clock, scope
from tracker.kernel.errors import BadInput
from tracker.units import access as units
from tracker.units import queries as units_queries
from tracker.web import terminal

group = AppGroup("documents", help="Văn bản: kiểm tra và nhập.")
#: How often the writing of a pack says how far it is, in files.
_TOLD = 50


def install(app: Flask) -> None:
    """Hangs the commands on the application."""
    app.cli.add_command(group)


@group.command("check")
@click.argument("set_slug", metavar="SET")
@terminal.on_option
@terminal.json_option
@terminal.refuses
def check(set_slug: str, on: date | None, as_json: bool) -> None:
    """Mâu thuẫn trong một bộ chỉ số và trong văn bản giao nó."""
    with terminal.work("check a set and every notice of it") as session:
        found = indicators.any_set(session, set_slug)
        rows = [
            {
                "place": finding.place,
                "kind": finding.kind.value,
                "field": finding.field,
                "printed": finding.printed,
                "expected": finding.expected,
                "message": finding.message,
                "authority": authority.slug if authority else None,
            }
            for authority, finding in queries.check(session, found, on or clock.today())
        ]
    terminal.emit({"set": set_slug, "rows": rows}, as_json, [("place", "Chỗ"), ("kind", "Loại"), ("message", "Nội dung")])


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--authority", required=True, help="Cơ quan nhận văn bản.")
@click.option("--dry-run", is_flag=True, help="Chỉ đọc và báo, không nhập gì.")
@click.option("--title", help="Trích yếu; mặc định là tên tệp.")
@click.option("--type", "document_type", default="Thông báo", show_default=True, help="Loại văn bản.")
@click.option("--number", help="Số, ký hiệu.")
@click.option("--issued", type=terminal.ISO_DATE, help="Ngày ban hành.")
@click.option("--valid-from", type=terminal.ISO_DATE, help="Ngày có hiệu lực; mặc định là ngày ban hành, hoặc hôm nay.")
@click.option("--slug", help="Mã của bộ chỉ số và văn bản; mặc định lấy theo tên tệp.")
@terminal.json_option
@terminal.refuses
def import_(
    file: Path,
    authority: str,
    dry_run: bool,
    title: str | None,
    document_type: str,
    number: str | None,
    issued: date | None,
    valid_from: date | None,
    slug: str | None,
    as_json: bool,
) -> None:
    """Nhập một văn bản Word (.docx) hoặc Excel (.xlsx): tất cả hoặc không gì cả."""
    day = valid_from or issued or clock.today()
    with terminal.work("import a notice", writes=not dry_run) as session:
        found = units.authority_by_slug(session, authority)
        with scope.using(session, scope.one(found.id)):
            draft = service.read(session, file.name, file.read_bytes(), day)
            answer = _told(draft, {unit.slug: unit.name for unit in units_queries.units(session)})
            if not draft.problems and not dry_run:
                details = service.Details(title or file.stem, document_type, number, issued, day, found.name)
                made = service.take_in(session, found, draft, details, slug or service.free_slug(session, found, file.name), SYSTEM, clock.now())
                answer |= {"created": made.assignments, "set": made.indicator_set.slug, "notice": made.notice.slug}
    for problem in draft.problems:
        terminal.say(f"{problem.place}: {problem.message}")
    terminal.emit(answer, as_json, [("code", "Mã"), ("lead", "Chủ trì"), ("max_points", "Điểm"), ("name", "Chỉ số")])
    if draft.problems:
        raise terminal.refuse(f"Tệp còn {len(draft.problems)} chỗ chưa đúng; chưa nhập gì cả.")


def _told(draft: Draft, names: dict[str, str]) -> dict[str, Any]:
    rows = [
        {
            "line": row.line,
            "code": row.code,
            "parent": row.parent,
            "name": row.name,
            "max_points": row.points,
            "lead": names[row.lead] if row.lead else None,
            "cooperators": [names[slug] for slug in row.cooperators],
            "findings": [fault.value for fault in row.faults],
        }
        for row in draft.rows
    ]
    used = [{"slug": slug, "name": names[slug]} for slug in draft.unit_slugs]
    problems = [{"place": problem.place, "message": problem.message} for problem in draft.problems]
    return {"rows": rows, "units": used, "problems": problems, "created": 0}


@evidence_group.command("pack")
@click.argument("authority_slug", metavar="AUTHORITY")
@click.option("--round", "round_slug", required=True, help="Đợt, ví dụ nam-2026.")
@click.option("--out", "target", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Tệp .zip sẽ viết.")
@click.option("--all", "everything", is_flag=True, help="Kể cả minh chứng của nhiệm vụ chưa nộp.")
@terminal.json_option
@terminal.refuses
def pack(authority_slug: str, round_slug: str, target: Path, everything: bool, as_json: bool) -> None:
    """Hồ sơ minh chứng của một đợt: tệp .zip theo thứ tự bộ chỉ số, có danh mục và bìa."""
    if not target.parent.is_dir():
        raise BadInput(f"Thư mục “{target.parent}” chưa có; tạo thư mục rồi chạy lại.")
    with terminal.work("an evidence pack") as session:
        authority = units.authority_by_slug(session, authority_slug)
        scope.choose(session, scope.one(authority.id))
        found = pack_of(session, authority.name, deadlines.round_(session, round_slug), everything=everything)
    store = storage()
    written = pack_writing.prepared(found, store)
    total = len(written.files)

    def tell(done: int) -> None:
        if done % _TOLD == 0 or done == total:
            click.echo(f"{done}/{total} tệp", err=True)

    partial = target.with_name(f"{target.name}.partial")
    try:
        with partial.open("wb") as out:
            for chunk in pack_writing.stream(written, store, tell):
                out.write(chunk)
        partial.replace(target)
    except pack_writing.ChangedWhileSent as error:
        raise terminal.refuse(f"Tệp “{error}” trong kho không còn đúng mã băm; chưa viết gì. “flask evidence verify” tìm tệp hỏng.") from error
    finally:
        partial.unlink(missing_ok=True)
    row = {"files": total, "missing": written.missing, "bytes": target.stat().st_size, "out": str(target)}
    terminal.emit({**row, "rows": [row]}, as_json, ("files", "missing", "bytes", "out"))
