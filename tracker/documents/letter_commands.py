"""``flask letters chase``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from tracker.documents.letter_queries import answer_day, late_cases
from tracker.documents.letter_register_queries import wording
from tracker.documents.letter_rules import Case, LateUnit, compose, numbered_name
from tracker.documents.letter_wording_rules import LetterKind, Manner
from tracker.documents.letter_writing import written
from tracker.kernel import clock, scope
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import date_vn
from tracker.units import access as units
from tracker.web import terminal

group = AppGroup("letters", help="Công văn, dưới dạng dự thảo Word theo Nghị định 30/2020/NĐ-CP.")


def install(app: Flask) -> None:
    """Hangs the commands on the application."""
    app.cli.add_command(group)


@group.command("chase")
@click.argument("authority_slug", metavar="AUTHORITY")
@terminal.on_option
@click.option("--each", is_flag=True, help="Mỗi đơn vị một công văn; mặc định một công văn gửi mọi đơn vị.")
@click.option("--until", type=terminal.ISO_DATE, help="Hạn nêu trong công văn; mặc định 5 ngày làm việc sau ngày lập.")
@click.option("--out", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="Thư mục sẽ viết; chưa có thì tạo.")
@terminal.json_option
@terminal.refuses
def chase(authority_slug: str, on: date | None, each: bool, until: date | None, folder: Path, as_json: bool) -> None:
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
    folder.mkdir(parents=True, exist_ok=True)
    rows = [_written(case, asked, unit, manner, folder) for case in cases for unit in (case.units if each else (None,))]
    files = [row["file"] for row in rows]
    terminal.emit({"files": files, "rows": rows} if as_json else {"rows": rows}, as_json, ("file", "round", "units", "tasks"))


def _written(case: Case, until: date, unit: LateUnit | None, manner: Manner, folder: Path) -> dict[str, Any]:
    letter = compose(case, until, unit, manner)
    path = _kept(folder, letter.file_name, written(letter, clock.noon(case.day)))
    told = case.units if unit is None else (unit,)
    return {"file": str(path), "round": case.round_slug, "units": [one.slug for one in told], "tasks": sum(len(one.tasks) for one in told)}


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
