"""What people type is shown as they typed it: it runs nowhere, not in a page, not in a workbook, not in a mail."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.security.plant import pdf
from tracker.deadlines.models import DeadlineRule, Round
from tracker.indicators.models import Indicator, IndicatorSet, Requirement
from tracker.units.models import Authority, Unit

ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</textarea></title></style></script><b onmouseover=alert(1)>",
    "${7*7}<%= 7*7 %>#{7*7}",
    "javascript:alert(1)//",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    '<a href="javascript:alert(1)" style="x">a</a>',
]
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "＝1+1", '=HYPERLINK("http://ke-xau.test")', "=cmd|' /C calc'!A0", "{=1+1}"]


@pytest.fixture
def poisoned(world: Any, session: Session, request: pytest.FixtureRequest) -> Any:
    """The small world with one text in every name."""
    text = request.param
    session.execute(update(Authority).where(Authority.id == world.authority.id).values(name=text, note=text, sample=True))
    for row, column in ((world.room, "name"), (world.notice, "title"), (world.task, "reason"), (world.owner, "display_name")):
        session.execute(update(type(row)).where(type(row).id == row.id).values({column: text}))
    session.execute(update(Indicator).values(name=text, scoring=text, evidence=text, data_source=text))
    session.execute(update(IndicatorSet).values(title=text, source=text))
    session.execute(update(Requirement).values(name=text))
    session.execute(update(DeadlineRule).where(DeadlineRule.id == world.rule.id).values(name=text, wording=text, place=text))
    session.execute(update(Round).where(Round.id == world.round.id).values(name=text))
    world.task.returned_at = world.owner.created_at
    session.execute(update(Unit).where(Unit.id == world.other_room.id).values(note=text, short_name=text))
    session.commit()
    return world, text


PAGES = [
    "/",
    "/tasks",
    "/tasks/{task}",
    "/tasks/{task}/evidence",
    "/tasks/{task}/return",
    "/rounds",
    "/deadlines?year=2026",
    "/rules/nam",
    "/rules/nam/edit",
    "/units",
    "/indicators",
    "/notices",
    "/search?q=1",
    "/reminders",
    "/people",
]


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("poisoned", ATTACKS, indirect=True)
def test_a_name_that_is_code_is_shown_as_text(poisoned: Any, sign_in: Any) -> None:
    """The page client refuses a page with an inline script, a handler or a javascript: address; here the text must also arrive whole."""
    world, text = poisoned
    focal, owner = sign_in(world.focal.username), sign_in(world.owner.username)
    shown = 0
    for path in PAGES:
        page = focal.get(f"/{world.slug}{path.format(task=world.task.id)}")
        shown += " ".join(text.split()) in page.text
        assert not page.all("//img[@src='x'] | //svg[@onload] | //b[@onmouseover]")
    assert shown >= 6
    assert " ".join(text.split()) in owner.get(f"/{world.slug}/work").text
    hunted = focal.get(f"/{world.slug}/search", query_string={"q": text})
    assert not hunted.all("//img[@src='x'] | //svg[@onload]")


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("poisoned", FORMULAS, indirect=True)
def test_a_name_that_is_a_formula_stays_text_in_a_workbook(poisoned: Any, sign_in: Any) -> None:
    world, text = poisoned
    focal = sign_in(world.focal.username)
    for path in ("/tasks?export=xlsx", "/today?export=xlsx", "/units.xlsx", "/people.xlsx"):
        answer = focal.get(f"/{world.slug}{path}")
        with zipfile.ZipFile(BytesIO(answer.data)) as book:
            sheets = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/")]
        assert not any(sign in sheet for sheet in sheets for sign in (b"<f>", b"<f ", b"hyperlink")), f"{path} holds a formula or a link"
        cells = [cell for row in CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python() for cell in row]
        assert any(text.strip() in str(cell) for cell in cells), f"{path} does not say {text!r}"


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\boot.pdf", "boot.pdf"),
        ("<img src=x onerror=alert(1)>.pdf", "<img src=x onerror=alert(1)>.pdf"),
        ("a; filename=b.pdf", "a; filename=b.pdf"),
        ("hóa\u202efdp.exe.pdf", "hóafdp.exe.pdf"),
        ("Quyết định số 15.pdf", "Quyết định số 15.pdf"),
        ("=cmd.pdf", "=cmd.pdf"),
    ],
)
def test_a_file_keeps_its_name_and_does_no_harm_by_it(world: Any, sign_in: Any, name: str, kept: str) -> None:
    owner = sign_in(world.owner.username)
    path = f"/{world.slug}/tasks/{world.task.id}"
    page = owner.get(f"{path}/evidence").form("/evidence").upload("file", name, pdf("thu"), "application/pdf").submit()
    assert kept in page.text
    answer = page.link(kept).follow()
    assert answer.data == pdf("thu")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "\n" not in answer.headers["Content-Disposition"]


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "file:///etc/passwd", "//ke-xau.test", "https:///x", "https://a b.test"],
)
def test_a_link_that_is_no_web_address_is_refused(app: Flask, world: Any, sign_in: Any, address: str) -> None:
    owner = sign_in(world.owner.username)
    page = owner.get(f"/{world.slug}/tasks/{world.task.id}/evidence?kind=link").form("/evidence").fill(url=address).submit(status=400)
    assert page.errors
