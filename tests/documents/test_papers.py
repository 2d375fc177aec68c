"""The assignment notice and the periodic report: what they say is what the tables and the overview page say, in Word and in PDF."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from docx import Document
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.documents.test_letters import AT, ON, case, words_of
from tests.factories import World
from tests.page_client import PageClient
from tracker.assignments import queries as assignments
from tracker.dashboard import rules as dashboard
from tracker.deadlines import queries as deadlines
from tracker.documents import notice_rules, report_rules, service
from tracker.documents.letter_writing import as_word
from tracker.documents.notice_queries import assigning
from tracker.documents.report_queries import report_of
from tracker.kernel import scope
from tracker.tasks import queries as tasks
from tracker.tasks.models import Task
from tracker.tasks.queries import Filters
from tracker.tasks.rules import Horizon, Progress
from tracker.tasks.talk_models import Obstacle
from tracker.tasks.talk_rules import ObstacleState
from tracker.units.models import Authority

SignIn = Callable[..., PageClient]
Command = Callable[..., Any]


def grid(document: Any, place: int = -1) -> list[list[str]]:
    """The rows of a table under its headings."""
    return [[cell.text for cell in row.cells] for row in document.tables[place].rows][1:]


def pdf_words(data: bytes) -> str:
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(data))


# The notice


@pytest.mark.db
def test_the_notice_says_who_leads_and_who_helps_with_what_is_in_force(session: Session, world: World) -> None:
    scope.choose(session, scope.one(world.authority.id))
    found = assigning(session, world.authority, world.notice, ON)
    document = Document(io.BytesIO(as_word(notice_rules.compose(found), AT)))
    told = words_of(document)
    for words in ("THÔNG BÁO", "Số:        /TB-UBND", "TM. ỦY BAN NHÂN DÂN", "- Lưu: VT"):
        assert words in told
    assert "Kính gửi" not in told, "a notice is addressed by its «Nơi nhận»"
    rows = {row[0]: row[1:] for row in grid(document)}
    given = assignments.of_notice(session, world.notice, ON)
    assert {row.indicator.code for row in given} <= set(rows)
    for row in given:
        cells = rows[row.indicator.code]
        assert cells[:3] == [row.indicator.name, row.lead.name, "; ".join(unit.name for unit in row.cooperators)]
    assert rows["1.1"][3] == "Quyết định thành lập Ban Chỉ đạo; Biên bản họp"
    assert {rows[row.indicator.code][4] for row in given} == {"trước ngày 15/11 hàng năm"}
    bold = [run.text for line in document.paragraphs for run in line.runs if run.bold and "15/11" in run.text]
    assert bold == ["trước ngày 15/11 hàng năm"], "the deadline stands out"
    of_round = assigning(session, world.authority, world.notice, ON, world.round)
    assert {row.due for part in of_round.parts for row in part.rows if row.lead} == {"14/11/2026"}


@pytest.mark.db
@pytest.mark.parametrize("slug", ["ninh-son", "nghia-phuong"])
def test_what_a_notice_says_is_read_again_as_it_was(seeded: Flask, session: Session, slug: str) -> None:
    authority = session.scalars(select(Authority).where(Authority.slug == slug)).one()
    scope.choose(session, scope.one(authority.id))
    (notice, _count), *_older = assignments.notices(session, authority.id)
    day = max(ON, notice.valid_from)
    paper = notice_rules.compose(assigning(session, authority, notice, day))
    draft = service.read(session, f"{paper.name}.docx", as_word(paper, AT), day)
    assert draft.problems == []
    given = assignments.of_notice(session, notice, day)
    assert len(given) > 70
    read = {row.code: (row.name, row.lead, row.cooperators) for row in draft.rows if row.lead}
    lead_too = {row.indicator.code for row in given if row.lead.slug in {unit.slug for unit in row.cooperators}}
    assert not lead_too
    assert read == {row.indicator.code: (row.indicator.name, row.lead.slug, tuple(unit.slug for unit in row.cooperators)) for row in given}
    assert [row.code for row in draft.rows if row.lead] == [row.indicator.code for row in sorted(given, key=lambda row: row.indicator.position)]


@pytest.mark.db("sqlite")
def test_an_ended_assignment_is_not_in_the_notice_and_without_any_there_is_none(
    session: Session, world: World, command: Command, tmp_path: Path
) -> None:
    for row in assignments.of_authority(session, world.authority.id, ON):
        if row.indicator.code != "1.2":
            row.assignment.valid_to = date(2026, 11, 1)
    session.commit()
    said = command("letters", "notice", world.slug, "--on", ON.isoformat(), "--out", str(tmp_path), "--json")
    assert said.exit_code == 0, said.output
    answer = json.loads(said.stdout)
    assert [row["indicators"] for row in answer["rows"]] == [1]
    assert [row[0] for row in grid(Document(answer["files"][0]))] == ["1", "1.2"], "with the indicator above it"
    early = command("letters", "notice", world.slug, "--on", "2020-01-01", "--out", str(tmp_path / "x"), "--json")
    assert early.exit_code == 1
    assert "không có phân công nào có hiệu lực ngày 01/01/2020" in early.stderr
    assert not (tmp_path / "x").exists()


# The report


def _tally(session: Session, world: World, day: date) -> Any:
    calendar = deadlines.working_calendar(session)
    return dashboard.added(tasks.tallies(session, Filters(), Horizon.of(calendar, day, world.authority), by_unit=True, by_main=True))


def _obstacle(session: Session, world: World, task: Task, words: str) -> None:
    session.add(
        Obstacle(
            authority_id=world.authority.id,
            task_id=task.id,
            state=ObstacleState.OPEN,
            words=words,
            reported_at=AT,
            reported_by="Cán bộ",
            reported_by_id=world.owner.id,
        )
    )


@pytest.mark.db
def test_the_report_has_the_figures_of_the_overview(session: Session, world: World, command: Command, tmp_path: Path) -> None:
    world.tasks[0].status = Progress.COLLECTING
    world.tasks[1].status, world.tasks[1].submitted_at, world.tasks[1].submitted_on = Progress.ACCEPTED, AT, date(2026, 11, 10)
    world.tasks[2].status, world.tasks[2].submitted_at, world.tasks[2].submitted_on = Progress.READY, AT, date(2026, 11, 16)
    world.tasks[3].extended_to_on, world.tasks[3].extensions = date(2026, 12, 1), 1
    _obstacle(session, world, world.tasks[0], "Chưa có <kinh phí> & phần mềm")
    session.commit()
    said = command("letters", "report", world.slug, "--on", ON.isoformat(), "--out", str(tmp_path), "--pdf", "--json")
    assert said.exit_code == 0, said.output
    answer = json.loads(said.stdout)
    scope.choose(session, scope.one(world.authority.id))
    whole = _tally(session, world, ON)
    (row,) = answer["rows"]
    assert (row["tasks"], row["done"], row["done_late"], row["overdue"]) == (whole.total, whole.done, whole.done_late, whole.overdue) == (5, 2, 1, 2)
    word, pdf = (Path(file) for file in answer["files"])
    assert (word.suffix, pdf.suffix) == (".docx", ".pdf")
    document = Document(str(word))
    told = words_of(document)
    for words in (
        "BÁO CÁO",
        "Tổng số 5 nhiệm vụ",
        "Đã hoàn thành 2 nhiệm vụ, trong đó đúng hạn 1, muộn 1; đang thực hiện 1; quá hạn 2",
        "2 nhiệm vụ quá hạn ở 2 đơn vị (chi tiết tại Phụ lục II); lâu nhất là 4 ngày",
        "1 khó khăn, vướng mắc do đơn vị phản ánh",
        "1. Xem xét, tháo gỡ 1 khó khăn, vướng mắc của các đơn vị (chi tiết tại Phụ lục III).",
        "I. Công tác chỉ đạo, đôn đốc",
        "III. Kiến nghị",
    ):
        assert words in told, words
        assert " ".join(words.split()) in pdf_words(pdf.read_bytes()), words
    assert sum(line.text.endswith("./.") for line in document.paragraphs) == 1
    results, late, asked = (grid(document, place) for place in (-3, -2, -1))
    assert [int(cell) for cell in results[-1][2:]] == [5, 1, 1, 1, 2, 0]
    for column in range(2, 8):
        assert sum(int(one[column]) for one in results[:-1]) == int(results[-1][column])
    assert len(late) == 2
    assert [one[3:] for one in asked] == [["Khó khăn, vướng mắc", "Chưa có <kinh phí> & phần mềm"]]


@pytest.mark.db
def test_a_report_of_the_sample_authorities_adds_up(seeded: Flask, session: Session) -> None:
    for authority in session.scalars(select(Authority).order_by(Authority.slug)):
        with scope.using(session, scope.one(authority.id)):
            found = report_of(session, authority, ON)
            for figures in (found.whole, *(unit.figures for unit in found.units)):
                assert figures.total == figures.on_time + figures.late + figures.under_way + figures.overdue + figures.uncounted
            assert sum(unit.figures.total for unit in found.units) == found.whole.total
            assert len(found.overdue) == found.whole.overdue


@pytest.mark.db("sqlite")
def test_a_report_without_tasks_is_refused(session: Session, world: World, command: Command, tmp_path: Path) -> None:
    missing = command("letters", "report", world.slug, "--round", "khong-co", "--out", str(tmp_path / "x"))
    assert missing.exit_code == 1
    assert not (tmp_path / "x").exists()


def test_a_report_on_nothing_late_says_so() -> None:
    whole = report_rules.Figures(1, 1, 0, 0, 0, 0)
    issuer = case().issuer
    found = report_rules.Report(
        issuer,
        ON,
        None,
        "các đợt đang mở",
        None,
        report_rules.Direction(0, 0, 0, 0),
        whole,
        (report_rules.UnitResult("A", whole),),
        None,
        None,
        (),
        (),
    )
    paper = report_rules.compose(found)
    told = [paragraph.text for paragraph in paper.body]
    assert "Không có nhiệm vụ quá hạn; không có khó khăn, vướng mắc chưa được giải quyết." in told
    assert told[-1] == "Không có./."
    assert [annex.label for annex in paper.annexes] == ["Phụ lục"]


# The pages and the commands


@pytest.mark.db
def test_the_pages_show_what_the_files_say(session: Session, world: World, sign_in: SignIn, on_day: Callable[[str], None]) -> None:
    on_day("2026-11-18 09:30")
    reader = sign_in(world.chair.username)
    for kind, words in (("notice", "THÔNG BÁO"), ("report", "BÁO CÁO")):
        page = reader.get(f"/huyen-thu/letters/{kind}")
        assert page.status == 200
        word = reader.get(f"/huyen-thu/letters/{kind}/draft?as=docx")
        assert words in words_of(Document(io.BytesIO(word.data)))
        pdf = reader.get(f"/huyen-thu/letters/{kind}/draft?as=pdf&round={world.round.slug}")
        assert pdf.headers["Content-Type"] == "application/pdf"
        assert words in pdf_words(pdf.data)
        assert ".pdf" in pdf.headers["Content-Disposition"]
        assert reader.get(f"/huyen-thu/letters/{kind}/draft?as=exe", 404).status == 404
        assert reader.get(f"/huyen-thu/letters/{kind}?round=khong-co", 404).status == 404
    scope.choose(session, scope.one(world.authority.id))
    late = report_of(session, world.authority, ON).whole.overdue
    assert f"{late} nhiệm vụ quá hạn" in reader.get("/huyen-thu/overview").main
    assert f"quá hạn {late};" in reader.get("/huyen-thu/letters/report").main


@pytest.mark.db("sqlite")
def test_chase_writes_a_pdf_beside_the_letter(world: World, command: Command, tmp_path: Path) -> None:
    said = command("letters", "chase", world.slug, "--on", ON.isoformat(), "--out", str(tmp_path), "--pdf", "--json")
    assert said.exit_code == 0, said.output
    word, pdf = json.loads(said.stdout)["files"]
    assert Path(word).stem == Path(pdf).stem
    told = pdf_words(Path(pdf).read_bytes())
    for line in words_of(Document(word)).split("\n"):
        assert " ".join(line.split()).replace(" ", "") in told.replace(" ", "").replace("\ufffe", ""), line
