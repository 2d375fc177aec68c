"""The whole way of a proof: brought, ticked off, handed in, opened, taken back; by the lead, its helpers, its head and the focal point."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.evidence import samples
from tests.factories import World, add_person, add_unit
from tests.page_client import Page, PageClient
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.evidence import content_rules, queries, service
from tracker.evidence.models import EvidenceItem, ItemVersion, Proof, VersionFile
from tracker.evidence.rules import ItemKind
from tracker.files.models import StoredFile
from tracker.files.rules import FILE_LIMIT
from tracker.indicators.models import Requirement
from tracker.kernel import scope
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.tasks import service as tasks
from tracker.tasks.models import Task
from tracker.tasks.rules import Fulfilment, Progress
from tracker.units.rules import Role, UnitKind
from tracker.web.headers import FILE_POLICY

pytestmark = pytest.mark.db

NOW = datetime(2026, 11, 12, 2, 0, tzinfo=UTC)
Browser = Callable[..., PageClient]


def of(task: Task) -> str:
    return f"/huyen-thu/tasks/{task.id}"


def bring(browser: PageClient, task: Task, kind: str, slot: str | None = None, *, status: int = 200, **fields: str) -> Page:
    form = browser.get(f"{of(task)}/evidence?kind={kind}").form(f"{of(task)}/evidence")
    if slot is not None:
        fields["slot"] = slot
    return form.fill(**fields).submit(status=status)


def upload(browser: PageClient, task: Task, filename: str, content: bytes, slot: str | None = None, *, status: int = 200) -> Page:
    form = browser.get(f"{of(task)}/evidence?kind=file").form(f"{of(task)}/evidence")
    if slot is not None:
        form.fill(slot=slot)
    return form.upload("file", filename, content).submit(status=status)


def report(browser: PageClient, task: Task, *, status: int = 200) -> Page:
    """The button of the task's page; where it is not shown, the bare request with that page's token."""
    page = browser.get(of(task))
    if page.has_form("/report"):
        return page.form("/report").submit("Báo đủ minh chứng", status=status)
    token = page.form("/sign-out").values["csrf_token"]
    return browser.post(f"{of(task)}/report", {"csrf_token": token, "version": str(task.version)}, status=status)


def needs(session: Session, task: Task) -> list[str]:
    return [one.slot.key for one in queries.checklist(session, task.indicator_id)]


def state(session: Session, task: Task) -> Progress:
    session.rollback()
    session.refresh(task)
    return task.status


def test_a_lead_brings_every_kind_names_what_is_missing_and_hands_in(session: Session, world: World, sign_in: Browser) -> None:
    owner, task = sign_in(world.owner.username), world.task
    decision, minutes = needs(session, task)
    page = owner.get(of(task))
    assert "Còn thiếu: Quyết định thành lập Ban Chỉ đạo và Biên bản họp" in page.main
    assert "còn thiếu: Quyết định thành lập Ban Chỉ đạo; Biên bản họp" in report(owner, task).text
    assert state(session, task) is Progress.NOT_STARTED

    upload(owner, task, "Quyết định 01.pdf", samples.PDF, decision)
    assert state(session, task) is Progress.COLLECTING
    bring(owner, task, "link", url="https://huyen-thu.example/van-ban")
    bring(owner, task, "figure", figure="1.234,5", figure_unit="hồ sơ")
    page = owner.get(of(task))
    for shown in ("Quyết định 01.pdf", "https://huyen-thu.example/van-ban", "1.234,5", "hồ sơ", "Còn thiếu: Biên bản họp"):
        assert shown in page.main
    assert "còn thiếu: Biên bản họp" in report(owner, task).text

    bring(owner, task, "statement", minutes, sentence="Trong kỳ không tổ chức họp.")
    page = report(owner, task)
    assert "Đã báo đủ minh chứng" in page.text
    assert state(session, task) is Progress.READY
    assert (task.submitted_at is not None, task.on_behalf) == (True, False)
    kinds = session.scalars(select(EvidenceItem.kind).order_by(EvidenceItem.id)).all()
    assert kinds == [ItemKind.FILE, ItemKind.LINK, ItemKind.FIGURE, ItemKind.STATEMENT]
    history = session.scalars(
        select(AuditEvent.summary).where(AuditEvent.subject_id == task.id, AuditEvent.subject_type == "task").order_by(AuditEvent.id)
    ).all()
    assert history[0] == "Bắt đầu thu thập minh chứng."
    assert history[1] == "Thêm tệp “Quyết định 01.pdf” cho “Quyết định thành lập Ban Chỉ đạo”."
    assert history[-1] == "Báo đủ minh chứng."
    assert all(words in page.main for words in history)


def test_where_no_documents_are_listed_one_item_of_any_kind_is_enough(session: Session, world: World, sign_in: Browser) -> None:
    focal = sign_in(world.focal.username)
    ways = [
        (world.tasks[1], "link", {"url": "https://a.vn/x"}),
        (world.tasks[2], "figure", {"figure": "95,5", "figure_unit": "%"}),
        (world.tasks[3], "statement", {"sentence": "Trong kỳ không phát sinh."}),
    ]
    for task, kind, fields in ways:
        assert "ít nhất một tệp" in report(focal, task).text
        bring(focal, task, kind, **fields)
        report(focal, task)
        assert state(session, task) is Progress.READY, kind


def test_a_document_asked_for_twice_needs_two(session: Session, world: World) -> None:
    task, actor = world.task, Actor(world.owner.id, "Chuyên viên, Phòng Nội vụ")
    decision, minutes = queries.checklist(session, task.indicator_id)
    session.get_one(Requirement, decision.slot.id).quantity = 2
    service.bring(session, task, content_rules.a_statement("Không có họp."), minutes.slot, world.room.id, actor, NOW)
    for number in (1, 2):
        with pytest.raises(Refused, match="Quyết định thành lập"):
            service.submit(session, task, actor, NOW, needs_head=False, is_head=False)
        service.bring(session, task, content_rules.a_link(f"https://a.vn/{number}"), decision.slot, world.room.id, actor, NOW)
    service.submit(session, task, actor, NOW, needs_head=False, is_head=False)
    assert task.status is Progress.READY


def test_a_requirement_of_another_indicator_is_refused(session: Session, world: World, sign_in: Browser) -> None:
    foreign = queries.checklist(session, world.task.indicator_id)[0].slot
    with pytest.raises(Refused) as refusal:
        service.bring(session, world.tasks[1], content_rules.a_link("https://a.vn"), foreign, world.other_room.id, Actor(None, "x"), NOW)
    assert refusal.value.field == "slot"
    session.rollback()
    form = sign_in(world.colleague.username).get(f"{of(world.tasks[1])}/evidence?kind=link").form(f"{of(world.tasks[1])}/evidence")
    form.fill(url="https://a.vn").tamper(slot=foreign.key).submit(status=400)
    assert session.scalar(select(func.count(Proof.id))) == 0


def test_what_is_refused_comes_back_with_what_was_typed_and_saves_nothing(session: Session, world: World, sign_in: Browser) -> None:
    owner, task = sign_in(world.owner.username), world.task
    wrong: list[tuple[str, dict[str, str], str]] = [
        ("link", {"url": "bacninh.gov.vn"}, "https://"),
        ("link", {"url": ""}, "chưa dán đường dẫn"),
        ("figure", {"figure": "1,234.5"}, "1.234,5"),
        ("figure", {"figure": "99999999999999"}, "quá lớn"),
        ("statement", {"sentence": "ok"}, "một câu"),
    ]
    for kind, fields, words in wrong:
        page = bring(owner, task, kind, status=400, **fields)
        assert words in page.main, kind
        shown = page.form(f"{of(task)}/evidence").values
        assert all(shown[name] == value for name, value in fields.items()), kind
    for name, content, words in (
        ("a.pdf", b"", "0 byte"),
        ("a.pdf", samples.EXE, "không phải PDF"),
        ("a.pdf", samples.PDF.ljust(FILE_LIMIT + 1), "20 MB"),
    ):
        assert words in upload(owner, task, name, content, status=400).main
    assert "chưa chọn tệp" in owner.get(f"{of(task)}/evidence?kind=file").form(f"{of(task)}/evidence").submit(status=400).main
    assert state(session, task) is Progress.NOT_STARTED
    assert session.scalar(select(func.count(EvidenceItem.id))) == session.scalar(select(func.count(StoredFile.id))) == 0


def test_a_file_comes_back_as_it_was_with_its_vietnamese_name_and_can_run_nothing(
    session: Session, world: World, sign_in: Browser, data: Path
) -> None:
    owner, task = sign_in(world.owner.username), world.task
    name = "Đề án chuyển đổi số của huyện.pdf"
    upload(owner, task, unicodedata.normalize("NFD", name), samples.PDF)
    assert session.scalars(select(VersionFile.filename)).one() == name
    page = owner.get(of(task)).link(name).follow()
    assert page.data == samples.PDF
    disposition = page.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert "filename*=UTF-8''%C4%90%E1%BB%81%20%C3%A1n" in disposition
    assert page.headers["Content-Type"] == "application/pdf"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Content-Security-Policy"] == FILE_POLICY
    assert FILE_POLICY.startswith("sandbox")
    assert page.headers["Cache-Control"] == "no-store"
    stored = session.scalars(select(StoredFile)).one()
    assert (data / "evidence" / str(world.authority.id) / stored.sha256).read_bytes() == samples.PDF


def test_a_picture_is_shown_in_the_browser_and_still_can_run_nothing(world: World, sign_in: Browser) -> None:
    owner = sign_in(world.owner.username)
    upload(owner, world.task, "ảnh chụp.png", samples.PNG)
    page = owner.get(of(world.task)).link("ảnh chụp.png").follow()
    assert page.headers["Content-Disposition"].startswith("inline")
    assert page.headers["Content-Security-Policy"] == FILE_POLICY


def test_strangers_find_nothing_and_colleagues_only_what_they_are_asked_for(session: Session, world: World, sign_in: Browser) -> None:
    owner = sign_in(world.owner.username)
    upload(owner, world.task, "a.pdf", samples.PDF)
    file = owner.get(of(world.task)).link("a.pdf").href
    proof = session.scalars(select(Proof.id)).one()
    stranger = sign_in(world.stranger.username)
    for path in (file, of(world.task), f"{of(world.task)}/evidence", file.replace("huyen-thu", "huyen-khac")):
        stranger.get(path, status=404)
    helper = sign_in(world.colleague.username)
    assert "a.pdf" not in helper.get(of(world.task)).main, "its unit cooperates on 1.1: it sees the task and what itself brings"
    helper.get(file, status=404)
    outsider = sign_in(_outsider(session, world))
    for path in (file, of(world.task), f"{of(world.task)}/evidence"):
        outsider.get(path, status=404)
    token = outsider.get("/huyen-thu/tasks").form("/sign-out").values["csrf_token"]
    outsider.post(f"/huyen-thu/evidence/{proof}/withdraw", {"csrf_token": token}, status=404)
    outsider.post(f"{of(world.task)}/report", {"csrf_token": token}, status=404)
    assert sign_in(world.chair.username).get(file).data == samples.PDF
    sign_in(world.chair.username).get(f"{of(world.task)}/evidence", status=403)


def _outsider(session: Session, world: World) -> str:
    """Somebody of the same authority whose unit neither leads nor helps."""
    unit = add_unit(session, world.authority, "Phòng Tư pháp", position=9)
    return add_person(session, world.authority, Role.SPECIALIST, unit).username


def test_a_cooperator_sees_and_adds_but_does_not_report_or_take_others_proofs_away(session: Session, world: World, sign_in: Browser) -> None:
    colleague, owner, task = sign_in(world.colleague.username), sign_in(world.owner.username), world.task
    assert world.task.unit_id not in {world.other_room.id}
    bring(owner, task, "link", url="https://a.vn/chu-tri")
    page = bring(colleague, task, "link", url="https://a.vn/phoi-hop")
    assert page.main.count("Gỡ") == 1, "its own, not the lead's"
    assert not page.has_form("/report")
    report(colleague, task, status=403)
    leads = session.scalars(select(Proof.id).order_by(Proof.id)).first()
    token = page.form("/sign-out").values["csrf_token"]
    colleague.post(f"/huyen-thu/evidence/{leads}/withdraw", {"csrf_token": token}, status=404)
    assert session.scalars(select(EvidenceItem.unit_id).order_by(EvidenceItem.id)).all() == [world.room.id, world.other_room.id]
    assert owner.get(of(task)).main.count("Gỡ") == 2, "the lead answers for the whole"
    page.form("/withdraw").submit("Gỡ")
    assert session.scalar(select(func.count(Proof.id)).where(Proof.withdrawn_at.is_(None))) == 1


def test_a_proof_taken_back_no_longer_counts_and_stays_in_the_history(session: Session, world: World, sign_in: Browser) -> None:
    browser, task = sign_in(world.colleague.username), world.tasks[1]
    file = upload(browser, task, "nhầm.pdf", samples.PDF).link("nhầm.pdf").href
    assert browser.get(of(task)).has_form("/report")
    page = browser.get(of(task)).form("/withdraw").submit("Gỡ")
    assert not page.has_form("/report")
    assert "Gỡ minh chứng “nhầm.pdf”." in page.main
    assert not page.has_link("nhầm.pdf")
    assert "ít nhất một tệp" in report(browser, task).text
    proof = session.scalars(select(Proof)).one()
    assert proof.withdrawn_at is not None
    assert browser.get(file).data == samples.PDF, "the history can still be opened"
    token = page.form("/sign-out").values["csrf_token"]
    browser.post(f"/huyen-thu/evidence/{proof.id}/withdraw", {"csrf_token": token}, status=404)


def test_what_is_handed_in_takes_no_more_and_gives_nothing_back(session: Session, world: World, sign_in: Browser) -> None:
    browser, task = sign_in(world.colleague.username), world.tasks[1]
    page = bring(browser, task, "link", url="https://a.vn/x")
    withdraw = page.form("/withdraw")
    report(browser, task)
    assert "Đầu mối trả lại" in bring(browser, task, "link", url="https://a.vn/y", status=400).main
    assert "không gỡ minh chứng được nữa" in withdraw.submit("Gỡ", status=400).main
    assert session.scalar(select(func.count(Proof.id)).where(Proof.withdrawn_at.is_(None))) == 1


@pytest.mark.db("postgresql")
def test_a_proof_taken_back_while_the_task_is_reported_makes_the_report_look_again(app: Flask, session: Session, world: World) -> None:
    """SQLite lets one transaction write at a time; here the two overlap, and the version of the task decides."""
    task, actor = world.tasks[1], Actor(world.colleague.id, "Chuyên viên")
    proof_id = service.bring(session, task, content_rules.a_link("https://a.vn"), None, world.other_room.id, actor, NOW).id
    session.commit()
    task_id = task.id
    with app.app_context():
        other = db.session()
        scope.choose(other, scope.whole("the reporter's request"))
        reported = other.scalars(select(Task).where(Task.id == task_id)).one()
        service.withdraw(session, task, session.scalars(select(Proof).where(Proof.id == proof_id)).one(), actor, NOW)
        assert queries.completeness_of(other, [(task_id, reported.indicator_id)])[task_id].complete, "not yet committed: still counted"
        session.commit()
        with pytest.raises(StaleDataError):
            tasks.mark_ready(other, reported, Fulfilment(True), actor, NOW, needs_head=False, is_head=False)
        other.rollback()


def test_where_the_head_approves_a_report_waits_as_prepared(session: Session, world: World, sign_in: Browser) -> None:
    world.authority.head_approves = True
    task = world.tasks[2]
    assert task.unit_id == world.room.id
    owner, head = sign_in(world.owner.username), sign_in(world.head.username)
    bring(owner, task, "link", url="https://a.vn/x")
    assert "Đã trình lãnh đạo đơn vị duyệt" in report(owner, task).text
    assert state(session, task) is Progress.PREPARED
    assert task.submitted_at is None
    assert not owner.get(of(task)).has_form("/report")
    assert "Chờ lãnh đạo đơn vị duyệt" in report(owner, task).text
    assert not owner.get("/huyen-thu/work").has_form(f"{of(task)}/report")
    assert head.get("/huyen-thu/work").has_form(f"{of(task)}/report")
    report(head, task)
    assert state(session, task) is Progress.READY
    assert task.submitted_at is not None


def test_a_head_reports_without_waiting_for_itself(session: Session, world: World, sign_in: Browser) -> None:
    world.authority.head_approves = True
    head, task = sign_in(world.head.username), world.tasks[2]
    bring(head, task, "link", url="https://a.vn/x")
    report(head, task)
    assert state(session, task) is Progress.READY


def test_the_focal_point_acts_for_a_unit_that_never_signs_in_and_it_is_told_everywhere(session: Session, world: World, sign_in: Browser) -> None:
    focal, task = sign_in(world.focal.username), world.tasks[4]
    assert world.bank.kind is UnitKind.EXTERNAL
    world.authority.head_approves = True
    assert "thay mặt Các ngân hàng" in focal.get(of(task)).main
    bring(focal, task, "link", url="https://ngan-hang.example/so-lieu")
    page = report(focal, task)
    assert state(session, task) is Progress.READY, "a unit without people has no head to wait for"
    assert task.on_behalf
    version = session.scalars(select(ItemVersion)).one()
    assert (version.on_behalf, version.account_id) == (True, world.focal.id)
    assert session.scalars(select(EvidenceItem.unit_id)).one() == world.bank.id
    told = session.execute(
        select(AuditEvent.on_behalf_of, AuditEvent.summary)
        .where(AuditEvent.action.in_(["evidence.bring", "task.report_ready"]))
        .order_by(AuditEvent.id)
    ).all()
    assert [on_behalf for on_behalf, _summary in told] == ["Các ngân hàng", "Các ngân hàng"]
    assert all("thay mặt Các ngân hàng" in summary for _on_behalf, summary in told)
    assert "đầu mối thay mặt" in page.main
    assert "thay mặt" in focal.get("/huyen-thu/tasks?status=ready").main
    assert "thay mặt" in focal.get("/huyen-thu/today").main


def test_the_focal_points_own_unit_is_nobody_elses(session: Session, world: World, sign_in: Browser) -> None:
    world.tasks[4].unit_id = world.focal_unit.id
    focal, task = sign_in(world.focal.username), world.tasks[4]
    bring(focal, task, "link", url="https://a.vn")
    report(focal, task)
    assert state(session, task) is Progress.READY
    assert not task.on_behalf
    assert set(session.scalars(select(AuditEvent.on_behalf_of))) == {None}


def test_a_chair_and_a_viewer_see_but_bring_nothing(world: World, sign_in: Browser) -> None:
    for person in (world.chair, world.viewer, world.admin):
        page = sign_in(person.username).get(of(world.task))
        assert not page.has_form("/report")
        assert not page.has_link("Thêm minh chứng")


def test_the_same_bytes_are_kept_once_in_an_authority_and_shared_with_no_other(session: Session, world: World, sign_in: Browser, data: Path) -> None:
    owner, foreign = sign_in(world.owner.username), sign_in(world.stranger.username)
    upload(owner, world.task, "một.pdf", samples.PDF)
    upload(owner, world.tasks[2], "hai.pdf", samples.PDF)
    elsewhere = f"/huyen-khac/tasks/{world.elsewhere_tasks[0].id}"
    foreign.get(f"{elsewhere}/evidence?kind=file").form(f"{elsewhere}/evidence").upload("file", "ba.pdf", samples.PDF).submit()
    files = session.scalars(select(StoredFile.authority_id).order_by(StoredFile.authority_id)).all()
    assert files == sorted([world.authority.id, world.elsewhere.id])
    assert sorted(path.parent.name for path in (data / "evidence").glob("*/*")) == sorted(map(str, files))
    assert owner.get(of(world.tasks[2])).link("hai.pdf").follow().data == samples.PDF


def test_verify_finds_one_flipped_bit_and_a_missing_file(
    session: Session, world: World, sign_in: Browser, data: Path, command: Callable[..., Any]
) -> None:
    owner = sign_in(world.owner.username)
    upload(owner, world.task, "một.pdf", samples.PDF)
    upload(owner, world.task, "hai.png", samples.PNG)
    whole = command("evidence", "verify", "--json")
    assert (whole.exit_code, json.loads(whole.stdout)) == (0, {"checked": 2, "bad": 0, "rows": []})
    first, second = sorted((data / "evidence" / str(world.authority.id)).iterdir())
    content = bytearray(first.read_bytes())
    content[-1] ^= 1
    first.write_bytes(bytes(content))
    second.unlink()
    broken = command("evidence", "verify", "--json")
    assert broken.exit_code == 1
    told = json.loads(broken.stdout)
    assert (told["checked"], told["bad"]) == (2, 2)
    assert {(row["sha256"], row["problem"]) for row in told["rows"]} == {(first.name, "nội dung đã đổi"), (second.name, "mất tệp")}
    lost = "hai.png" if first.stat().st_size == len(samples.PDF) else "một.pdf"
    owner.get(of(world.task)).link(lost).follow(status=404)
