"""Newer versions of an item, documents decided one by one, former proofs, an authority's own checklist, two hands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.evidence import samples
from tests.factories import World, open_yearly
from tests.page_client import Page, PageClient
from tracker.audit.rules import Actor
from tracker.evidence import content_rules, queries, service, version_service
from tracker.evidence.models import EvidenceItem, ItemVersion, LinkCheck, LocalRequirement, Proof, VersionFile
from tracker.evidence.rules import ProofState
from tracker.indicators.models import Indicator, IndicatorSet, Variable
from tracker.kernel.errors import Stale
from tracker.tasks import rounds
from tracker.tasks.models import Task
from tracker.tasks.rules import Progress, ReturnCause

pytestmark = pytest.mark.db

NOW = datetime(2026, 11, 12, 2, 0, tzinfo=UTC)
Browser = Callable[..., PageClient]


def of(task: Task) -> str:
    return f"/huyen-thu/tasks/{task.id}"


def bring(browser: PageClient, task: Task, slot: str = "", *, name: str = "quyết định.pdf", **fields: str) -> Page:
    form = browser.get(f"{of(task)}/evidence?slot={slot}").form(f"{of(task)}/evidence")
    if slot:
        form.fill(slot=slot)
    return form.fill(**fields).upload("file", name, samples.PDF).submit()


def answered(session: Session, world: World, sign_in: Browser) -> tuple[PageClient, list[str]]:
    """The owner has brought both documents of 1.1 and handed in."""
    owner = sign_in(world.owner.username)
    slots = [one.slot.key for one in queries.checklist(session, world.task.indicator_id)]
    for number, slot in enumerate(slots):
        bring(owner, world.task, slot, name=f"tài liệu {number}.pdf", document_number=f"{number + 1}/QĐ-UBND")
    owner.get(of(world.task)).form("/report").submit("Báo đủ minh chứng")
    return owner, slots


def test_a_document_carries_its_particulars_and_several_files(session: Session, world: World, sign_in: Browser) -> None:
    world.round.data_from, world.round.data_to = date(2026, 1, 1), date(2026, 12, 31)
    session.commit()
    owner, task = sign_in(world.owner.username), world.task
    form = owner.get(f"{of(task)}/evidence").form(f"{of(task)}/evidence")
    form.fill(
        document_number="15/QĐ-UBND",
        document_on="20/02/2025",
        issuer="UBND xã Thử",
        summary="Kiện toàn Ban Chỉ đạo",
        signer="Chủ tịch UBND xã",
        signing="deputy",
    )
    form.upload("file", "trang 1.pdf", samples.PDF).upload("file", "trang 2.png", samples.PNG)
    page = form.submit()
    version = session.scalars(select(ItemVersion)).one()
    assert (version.file_count, version.document_number, version.document_on) == (2, "15/QĐ-UBND", date(2025, 2, 20))
    assert session.scalars(select(VersionFile.filename).order_by(VersionFile.position)).all() == ["trang 1.pdf", "trang 2.png"]
    assert session.scalars(select(EvidenceItem.title)).one() == "15/QĐ-UBND, 20/02/2025, UBND xã Thử, Kiện toàn Ban Chỉ đạo"
    assert "ban hành trước kỳ số liệu" in page.main
    assert page.has_link("trang 1.pdf")
    assert page.has_link("trang 2.png")


def test_a_newer_version_takes_the_place_of_the_old_and_the_old_stays(session: Session, world: World, sign_in: Browser) -> None:
    owner, task = sign_in(world.owner.username), world.task
    old = bring(owner, task, name="dự thảo.pdf").link("dự thảo.pdf").href
    item = session.scalars(select(EvidenceItem.id)).one()
    form = owner.get(f"/huyen-thu/items/{item}/supersede").form("/supersede")
    form.fill(why="Bản đã ký", document_number="15/QĐ-UBND").upload("file", "bản ký.pdf", samples.PDF + b"% signed")
    page = form.submit()
    assert page.texts("//li/h3") == ["Bản 2 đang dùng", "Bản 1"]
    assert "vì: Bản đã ký" in page.main
    assert owner.get(old).data == samples.PDF, "nothing is overwritten"
    shown = owner.get(of(task))
    assert shown.has_link("bản ký.pdf")
    assert not shown.has_link("dự thảo.pdf")
    assert "Thay bằng bản 2" in shown.main
    assert session.scalar(select(func.count(Proof.id)).where(Proof.withdrawn_at.is_(None))) == 1


def test_particulars_alone_make_a_version_that_keeps_the_files(session: Session, world: World, sign_in: Browser) -> None:
    owner = sign_in(world.owner.username)
    bring(owner, world.task)
    item = session.scalars(select(EvidenceItem.id)).one()
    owner.get(f"/huyen-thu/items/{item}/supersede").form("/supersede").fill(why="Bổ sung số", document_number="7/KH").submit()
    assert session.scalars(select(ItemVersion.file_count).order_by(ItemVersion.number)).all() == [1, 1]
    assert len(set(session.scalars(select(VersionFile.file_id)).all())) == 1, "the same bytes, no copy"


def test_a_stale_version_form_shows_both_and_keeps_the_first(session: Session, world: World, sign_in: Browser) -> None:
    owner = sign_in(world.owner.username)
    bring(owner, world.task)
    item = session.scalars(select(EvidenceItem.id)).one()
    first, second = (owner.get(f"/huyen-thu/items/{item}/supersede").form("/supersede") for _ in range(2))
    first.fill(why="Bản của tôi", document_number="1/QĐ").submit()
    page = second.fill(why="Bản của người khác", document_number="2/QĐ", summary="Câu đã gõ dài").submit(status=409)
    assert "1/QĐ" in page.main
    assert "2/QĐ" in page.main
    assert "Câu đã gõ dài" in page.main
    assert session.scalars(select(ItemVersion.document_number).order_by(ItemVersion.number)).all() == [None, "1/QĐ"]


def test_two_people_cannot_both_bring_the_second_version(session: Session, world: World) -> None:
    actor = Actor(world.owner.id, "Chuyên viên")
    service.bring(session, world.task, content_rules.a_link("https://a.vn/1"), None, world.room.id, actor, NOW)
    item = session.scalars(select(EvidenceItem)).one()
    seen = queries.versions_of(session, item.id)
    version_service.supersede(session, item, seen, 1, content_rules.a_link("https://a.vn/2"), "mới", actor, NOW)
    with pytest.raises(Stale):
        version_service.supersede(session, item, seen, 1, content_rules.a_link("https://a.vn/3"), "mới hơn", actor, NOW)
    assert session.scalars(select(ItemVersion.url).order_by(ItemVersion.number)).all() == ["https://a.vn/1", "https://a.vn/2"]


def test_what_is_handed_in_keeps_the_version_it_was_handed_in_with(session: Session, world: World, sign_in: Browser) -> None:
    owner, _slots = answered(session, world, sign_in)
    item = session.scalars(select(EvidenceItem.id).order_by(EvidenceItem.id)).first()
    page = owner.get(f"/huyen-thu/items/{item}/supersede").form("/supersede").fill(why="Bản rõ hơn").submit()
    assert "0 nhiệm vụ đang mở dùng bản này" in page.text
    numbers = select(ItemVersion.number).join(Proof, Proof.version_id == ItemVersion.id).where(Proof.withdrawn_at.is_(None))
    assert session.scalars(numbers).all() == [1, 1]


def test_the_focal_point_returns_one_document_of_two_and_the_other_stays_accepted(session: Session, world: World, sign_in: Browser) -> None:
    owner, slots = answered(session, world, sign_in)
    focal = sign_in(world.focal.username)
    first, second = session.scalars(select(Proof.id).order_by(Proof.id)).all()
    form = focal.get(of(world.task)).link("Xem xét từng tài liệu…").follow().form("/review")
    wanted = {f"decision-{first}": "accept", f"decision-{second}": "return", f"cause-{second}": "unsigned", f"words-{second}": "trang cuối"}
    page = form.fill(**wanted).submit("Lưu quyết định")
    session.rollback()
    assert world.task.status is Progress.COLLECTING
    assert world.task.return_cause is ReturnCause.UNSIGNED
    assert session.scalars(select(Proof.state).order_by(Proof.id)).all() == [ProofState.ACCEPTED, ProofState.RETURNED]
    shown = owner.get(of(world.task))
    assert "Bị trả lại: Dự thảo, chưa ký, chưa đóng dấu: trang cuối" in shown.main
    assert "1 trên 2 mục" in shown.main
    assert "Còn thiếu" in owner.get("/huyen-thu/work").main
    item = session.scalars(select(EvidenceItem.id).order_by(EvidenceItem.id.desc())).first()
    owner.get(f"/huyen-thu/items/{item}/supersede").form("/supersede").fill(why="Đã ký").upload("file", "ký.pdf", samples.PDF + b"%2").submit()
    owner.get(of(world.task)).form("/report").submit("Báo đủ minh chứng")
    states = select(Proof.state).where(Proof.withdrawn_at.is_(None)).order_by(Proof.id)
    assert session.scalars(states).all() == [ProofState.ACCEPTED, ProofState.OFFERED], "only the mended one waits again"
    last = session.scalars(select(Proof.id).where(Proof.state == ProofState.OFFERED)).one()
    page = focal.get(f"{of(world.task)}/review").form("/review").fill(**{f"decision-{last}": "accept"}).submit("Lưu quyết định")
    session.rollback()
    assert world.task.status is Progress.ACCEPTED
    assert "Đã xác nhận" in page.main
    assert slots


def test_a_document_returned_without_a_cause_is_refused_and_what_was_typed_stays(session: Session, world: World, sign_in: Browser) -> None:
    answered(session, world, sign_in)
    focal = sign_in(world.focal.username)
    first, second = session.scalars(select(Proof.id).order_by(Proof.id)).all()
    form = focal.get(f"{of(world.task)}/review").form("/review")
    page = form.fill(**{f"decision-{first}": "return", f"words-{first}": "mờ quá", f"decision-{second}": "accept"}).submit(status=400)
    assert "chọn lý do" in page.main
    assert page.form("/review").values[f"words-{first}"] == "mờ quá"
    assert page.form("/review").values[f"decision-{second}"] == "accept"
    assert session.scalars(select(Proof.state).distinct()).all() == [ProofState.OFFERED]


def test_a_review_of_a_task_somebody_else_decided_meanwhile_is_refused_with_both(session: Session, world: World, sign_in: Browser) -> None:
    answered(session, world, sign_in)
    focal = sign_in(world.focal.username)
    proof = session.scalars(select(Proof.id).order_by(Proof.id)).first()
    form = focal.get(f"{of(world.task)}/review").form("/review")
    focal.get(of(world.task)).form("/accept").submit("Xác nhận")
    page = form.fill(**{f"decision-{proof}": "return", f"cause-{proof}": "other", f"words-{proof}": "Câu tôi đã gõ"}).submit(status=409)
    assert "Câu tôi đã gõ" in page.main
    session.rollback()
    assert world.task.status is Progress.ACCEPTED


def test_a_task_is_returned_for_a_cause_from_the_list(session: Session, world: World, sign_in: Browser) -> None:
    answered(session, world, sign_in)
    focal = sign_in(world.focal.username)
    focal.get(f"{of(world.task)}/return").form("/return").fill(cause="", reason="").submit(status=400)
    focal.get(f"{of(world.task)}/return").form("/return").fill(cause="wrong_period").submit()
    session.rollback()
    assert (world.task.reason, world.task.return_cause) == ("Không thuộc kỳ số liệu", ReturnCause.WRONG_PERIOD)


def test_the_head_approves_or_gives_back_to_the_specialist(session: Session, world: World, sign_in: Browser) -> None:
    world.authority.head_approves = True
    session.commit()
    owner, _slots = answered(session, world, sign_in)
    session.rollback()
    assert world.task.status is Progress.PREPARED
    head = sign_in(world.head.username)
    page = head.get(of(world.task)).link("Trả lại chuyên viên…").follow()
    page.form("/send-back").fill(reason="").submit(status=400)
    page.form("/send-back").fill(reason="Thiếu phụ lục").submit()
    session.rollback()
    assert (world.task.status, world.task.submitted_at, world.task.mend_by_on) == (Progress.COLLECTING, None, None)
    assert "Thiếu phụ lục" in owner.get(of(world.task)).main
    owner.get(of(world.task)).form("/report").submit("Báo đủ minh chứng")
    owner.get(f"{of(world.task)}/send-back", status=403)
    head.get(of(world.task)).form("/report").submit("Báo đủ minh chứng")
    session.rollback()
    assert world.task.status is Progress.READY


def test_what_served_last_year_is_proposed_and_needs_a_word_that_it_still_holds(session: Session, world: World, sign_in: Browser, on_day) -> None:
    owner, slots = answered(session, world, sign_in)
    sign_in(world.focal.username).get(of(world.task)).form("/accept").submit("Xác nhận")
    rounds.close(session, world.round, Actor(None, "Đầu mối"), NOW + timedelta(days=30))
    session.commit()
    on_day("2027-10-20")
    next_year = open_yearly(session, world.rule, day=date(2027, 10, 20), now=NOW + timedelta(days=342))
    session.commit()
    task = session.scalars(select(Task).where(Task.round_id == next_year.id, Task.indicator_id == world.task.indicator_id)).one()
    owner = sign_in(world.owner.username)
    page = owner.get(of(task)).link("Dùng lại minh chứng kỳ trước…").follow()
    page.form("/former").submit(status=400)
    kept = session.scalars(select(Proof.id).order_by(Proof.id)).first()
    shown = page.form("/former").fill(proofs=[str(kept)]).submit()
    proof = session.scalars(select(Proof).where(Proof.task_id == task.id)).one()
    assert (proof.affirmed_by, proof.state) == ("Chuyên viên, Phòng Nội vụ", ProofState.OFFERED)
    assert "còn giá trị theo Chuyên viên, Phòng Nội vụ" in shown.main
    assert session.scalar(select(func.count(ItemVersion.id))) == len(slots), "no copy is made"


def test_who_could_open_a_link_is_remembered_and_the_server_never_opens_it(session: Session, world: World, sign_in: Browser) -> None:
    owner, task = sign_in(world.owner.username), world.task
    form = owner.get(f"{of(task)}/evidence?kind=link").form(f"{of(task)}/evidence")
    page = form.fill(url="https://khong-co.invalid/van-ban").submit()
    assert "Chưa ai xác nhận đã mở được đường dẫn này" in page.main
    item = session.scalars(select(EvidenceItem.id)).one()
    shown = owner.get(f"/huyen-thu/items/{item}").form("/check").submit("Tôi mở được")
    assert "Chuyên viên, Phòng Nội vụ mở được" in shown.main
    assert session.scalars(select(LinkCheck.opened)).all() == [True]
    assert "Chưa ai xác nhận" not in owner.get(of(task)).main


def test_the_same_file_in_another_task_is_pointed_out(session: Session, world: World, sign_in: Browser) -> None:
    owner = sign_in(world.owner.username)
    bring(owner, world.task)
    other = next(task for task in world.tasks if task.unit_id == world.room.id and task.id != world.task.id)
    page = bring(owner, other)
    assert "Cùng tệp này đã dùng ở 1.1" in page.main


def test_an_authority_asks_for_a_document_of_its_own(session: Session, world: World, sign_in: Browser) -> None:
    focal, owner = sign_in(world.focal.username), sign_in(world.owner.username)
    set_id = session.get_one(Indicator, world.task.indicator_id).set_id
    of_indicator = f"/huyen-thu/indicators/{session.get_one(IndicatorSet, set_id).slug}/1.1"
    page = focal.get(of_indicator).link("Thêm tài liệu…").follow()
    page.form("/requirements/new").fill(name="Ảnh hội nghị", kind="picture", quantity="2").submit()
    page.form("/requirements/new").fill(name="Ảnh hội nghị", kind="picture", quantity="2").submit(status=400)
    assert "0 trên 3 mục" in owner.get(of(world.task)).main
    slot = next(one.slot.key for one in queries.checklist(session, world.task.indicator_id) if one.name == "Ảnh hội nghị")
    bring(owner, world.task, slot)
    assert "Ảnh hội nghị (có 1, cần 2)" in owner.get("/huyen-thu/work").main
    focal.get(of_indicator).form("/drop").submit("Bỏ")
    shown = owner.get(of(world.task)).main
    assert "0 trên 2 mục" in shown
    assert "Minh chứng khác" in shown, "what was brought for it stays"
    assert session.scalars(select(LocalRequirement.dropped_at)).one() is not None


def test_the_letters_of_a_formula_are_lines_of_the_checklist(session: Session, world: World, sign_in: Browser) -> None:
    for position, letter in enumerate("ab", 1):
        session.add(Variable(indicator_id=world.task.indicator_id, position=position, letter=letter, name=f"Số {letter}"))
    session.commit()
    owner = sign_in(world.owner.username)
    assert "0 trên 4 mục" in owner.get(of(world.task)).main
    slot = next(one.slot.key for one in queries.checklist(session, world.task.indicator_id) if one.name == "Số liệu a: Số a")
    form = owner.get(f"{of(world.task)}/evidence?slot={slot}").form(f"{of(world.task)}/evidence")
    assert form.values["kind"] == "figure"
    page = form.fill(figure="45", denominator="60", figure_unit="hồ sơ", estimate=True).submit()
    assert "45/60 hồ sơ (75 %), ước thực hiện" in page.main
    assert "1 trên 4 mục" in page.main
    again = owner.get(f"{of(world.task)}/evidence?slot={slot}").form(f"{of(world.task)}/evidence")
    assert "Mẫu số bằng 0" in again.fill(figure="45", denominator="0").submit(status=400).main


def test_an_administrator_takes_the_bytes_of_a_secret_document_away(session: Session, world: World, sign_in: Browser) -> None:
    file = bring(sign_in(world.owner.username), world.task, name="mật.pdf").link("mật.pdf").href
    item = session.scalars(select(EvidenceItem.id)).one()
    assert not sign_in(world.owner.username).get(f"/huyen-thu/items/{item}").has_link("Thu hồi nội dung…")
    admin = sign_in(world.admin.username)
    page = admin.get(f"/huyen-thu/items/{item}").link("Thu hồi nội dung…").follow()
    page.form("/withdraw").fill(reason="Văn bản có dấu chỉ mức độ mật").submit()
    assert "đã thu hồi nội dung" in admin.get(f"/huyen-thu/items/{item}").main
    admin.get(file, status=410)


def test_an_item_is_for_who_oversees_its_unit_and_the_lead(session: Session, world: World, sign_in: Browser) -> None:
    bring(sign_in(world.owner.username), world.task)
    item = session.scalars(select(EvidenceItem.id)).one()
    for who, status in ((world.chair, 200), (world.head, 200), (world.colleague, 404), (world.stranger, 404)):
        browser = sign_in(who.username)
        browser.get(f"/huyen-thu/items/{item}", status=status)
    sign_in(world.chair.username).get(f"/huyen-thu/items/{item}/supersede", status=403)
