"""Nobody overwrites somebody else: every form that changes something is opened twice and saved twice.

What a new form needs stands in the head of stale_forms.py.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests.architecture.source import ROOT
from tests.factories import World, add_unit
from tests.harness.page_rules import parse
from tests.page_client import PageClient
from tests.security.plant import Planted
from tests.security.rows import differences, fingerprint
from tests.security.stale_forms import EDITS, NO_VERSION, PROVED, assigned
from tests.security.walk import _values
from tracker.assignments.models import Assignment
from tracker.audit.rules import Actor
from tracker.evidence import content_rules
from tracker.evidence import service as evidence
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.tasks import service as tasks
from tracker.tasks.rules import Move

SignIn = Callable[..., PageClient]
#: Fields that carry the version somebody saw.
SEEN = ("version", "number")


def test_every_address_that_takes_a_form_has_a_line(bare_app: Flask) -> None:
    posts = {rule.endpoint for rule in bare_app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    lines = [*EDITS, *PROVED, *NO_VERSION]
    assert len(lines) == len(set(lines)), f"two lines for {sorted({one for one in lines if lines.count(one) > 1})}"
    assert not posts - set(lines), f"Say in tests/security/stale_forms.py what a stale form meets at {sorted(posts - set(lines))}."
    assert not set(lines) - posts, f"tests/security/stale_forms.py speaks of {sorted(set(lines) - posts)}, which are gone."


@pytest.mark.parametrize("endpoint", PROVED)
def test_the_test_a_line_names_is_there_and_is_about_it(endpoint: str) -> None:
    path, _, name = PROVED[endpoint].partition("::")
    source = (ROOT / "tests" / path).read_text(encoding="utf-8")
    bodies = [ast.get_source_segment(source, node) for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == name]
    assert bodies, f"{path} has no {name}"
    assert "409" in (bodies[0] or ""), f"{name} never meets a 409"


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("who", ["focal", "owner", "head", "chair", "admin"])
def test_no_form_that_carries_a_version_is_said_to_have_none(app: Flask, planted: Planted, who: str) -> None:
    """Every page of the planted database is opened, and the fields of its forms are read."""
    browser = PageClient(app).raw
    browser.set_cookie(app.config["SESSION_COOKIE_NAME"], planted.cookies[who])
    wrong = set()
    for rule, path in _pages(app, planted):
        answer = browser.get(path)
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        for endpoint in _versioned(app, answer.data):
            if endpoint in NO_VERSION:
                wrong.add(f"{endpoint} (on {rule.endpoint})")
    assert not wrong, f"They carry a version: give them a line in EDITS or PROVED: {sorted(wrong)}"


def _pages(app: Flask, planted: Planted) -> Iterator[tuple[Rule, str]]:
    bound = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            yield rule, bound.build(rule.endpoint, _values(rule, planted.here))


def _versioned(app: Flask, page: bytes) -> Iterator[str]:
    tree, _errors = parse(page)
    bound = app.url_map.bind("localhost")
    for form in tree.xpath("//form[translate(@method,'POST','post')='post']"):
        seen = {control.get("name") for control in form.xpath(".//input[@type='hidden']") if control.get("value") not in (None, "", "0")}
        if seen & set(SEEN) and (form.get("action") or "").startswith("/"):
            yield str(bound.match(form.get("action").split("?")[0], method="POST")[0])


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("endpoint", EDITS)
def test_of_two_who_save_the_second_is_told_and_the_first_stays(app: Flask, session: Session, world: World, sign_in: SignIn, endpoint: str) -> None:
    edit = EDITS[endpoint]
    names = {
        "slug": world.slug, "task": world.task.id, "round": world.round.slug, "notice": world.notice.slug, "unit": world.room.slug,
        "person": world.owner.id, **(edit.given(session, world) or {}),
    }  # fmt: skip
    session.commit()
    browser = sign_in(getattr(world, edit.who).username)
    first, second = (browser.get(edit.page.format(**names)).form(edit.form.format(**names)) for _ in range(2))
    bound = app.url_map.bind("localhost")
    assert bound.match(first.action.split("?")[0], method="POST")[0] == endpoint
    first.fill(**_filled(edit.first, names)).submit(edit.button)
    before = _rows(app)
    page = second.fill(**_filled(edit.second, names)).submit(edit.button, status=409)
    assert not differences(before, _rows(app)), "the second changed something all the same"
    (both, *_more) = [page.table("Bản đã lưu")]
    assert both, "both versions side by side"
    assert edit.theirs in " ".join(row["Bản đã lưu"] for row in both)
    assert edit.yours in " ".join(row["Bản của đồng chí"] for row in both)
    without = {name: None for name in SEEN if name in second.values}
    for wrong in ("", "x", "9" * 40):
        second.tamper(**dict.fromkeys(without, wrong)).submit(edit.button, status=409)


def _filled(values: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.format(**names) if isinstance(value, str) else value for name, value in values.items()}


def _rows(app: Flask) -> dict[str, str]:
    with app.app_context():
        found = fingerprint(db.session())
        db.session.remove()
        return found


@pytest.mark.db("sqlite")
def test_a_report_of_what_moved_meanwhile_is_told(session: Session, world: World, sign_in: SignIn) -> None:
    """The button stands where the proofs are complete; somebody sets the task aside in between."""
    owner = Actor(world.owner.id, "Chuyên viên")
    task = next(one for one in world.tasks if one.unit_id == world.room.id)
    evidence.bring(session, task, content_rules.a_statement("Không có tài liệu này."), None, task.unit_id, owner, clock.now())
    session.commit()
    browser = sign_in(world.owner.username)
    token = browser.get(f"/{world.slug}/tasks/{task.id}").form("/sign-out").values["csrf_token"]
    seen = task.version
    tasks.set_aside(session, task, Move.SET_NOT_APPLICABLE, "Không có.", Actor(None, "Đầu mối"), clock.now())
    session.commit()
    for version in (str(seen), "", "x"):
        page = browser.post(f"/{world.slug}/tasks/{task.id}/report", {"csrf_token": token, "version": version}, status=409)
        (row,) = page.table("Bản đã lưu")
        assert "Không áp dụng" in row["Bản đã lưu"]
        assert row["Bản của đồng chí"] == "Báo đủ minh chứng"


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("what", ["assignment", "rule", "unit"])
def test_ending_what_was_changed_meanwhile_is_told(session: Session, world: World, sign_in: SignIn, what: str) -> None:
    row = assigned(session, world)["row"]
    session.commit()
    base = f"/{world.slug}"
    pages = {
        "assignment": (f"{base}/notices/{world.notice.slug}/assignments/{row}/end", "/end", {}, "Thôi giao"),
        "rule": (f"{base}/rules/nam/end", "/end", {"reason": "Câu tôi đã gõ"}, "Câu tôi đã gõ"),
        "unit": (f"{base}/units/{world.room.slug}/edit", "/end", {"last_day": "31/12/2026"}, "31/12/2026"),
    }
    page, action, typed, yours = pages[what]
    form = sign_in(world.focal.username).get(page).form(action).fill(**typed)
    changed: Any = {"assignment": session.get_one(Assignment, row), "rule": world.rule, "unit": world.room}[what]
    field_ = {"assignment": "lead_printed", "rule": "name", "unit": "note"}[what]
    setattr(changed, field_, "Tên mới của người khác")
    session.commit()
    told = form.submit(status=409)
    assert yours in told.main


@pytest.mark.db("sqlite")
def test_a_proposal_about_a_task_that_moved_meanwhile_is_told(session: Session, world: World, sign_in: SignIn) -> None:
    form = sign_in(world.owner.username).get(f"/{world.slug}/tasks/{world.task.id}/propose").form("/propose")
    tasks.begin(session, world.task, Actor(None, "Chuyên viên"), clock.now())
    session.commit()
    told = form.fill(kind="not_applicable", reason="Câu tôi đã gõ").submit(status=409)
    assert "Câu tôi đã gõ" in told.main
    assert "Đang thực hiện" in told.main


@pytest.mark.db("sqlite")
def test_undoing_a_hand_over_twice_is_told(session: Session, world: World, sign_in: SignIn) -> None:
    target = add_unit(session, world.authority, "Phòng Tổng hợp")
    session.commit()
    focal = sign_in(world.focal.username)
    page = focal.get(f"/{world.slug}/handovers/new?unit={world.room.slug}&on=2026-11-01")
    page = page.form("/new").fill(target=str(target.id), reason="Sáp nhập").submit("Xem trước")
    page = page.form("/new").submit("Chuyển giao 3 mục")
    first, second = page.form("/undo"), page.form("/undo")
    first.submit("Hoàn tác")
    told = second.submit("Hoàn tác", status=409)
    (row,) = told.table("Bản đã lưu")
    assert row["Bản của đồng chí"] == "Hoàn tác"
    session.expire_all()
    assert session.scalars(select(type(world.task).unit_id).where(type(world.task).id == world.task.id)).one() == world.room.id
