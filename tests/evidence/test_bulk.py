"""Many tasks at once: always looked at first, done together, and what changed meanwhile is left out by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.evidence import samples
from tests.factories import World, add_indicator, add_person
from tests.page_client import Page, PageClient
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.evidence import content_rules, service
from tracker.evidence.models import EvidenceItem, ItemVersion, Proof
from tracker.indicators.models import Indicator, IndicatorSet
from tracker.tasks import service as tasks
from tracker.tasks.models import Task
from tracker.tasks.rules import Fulfilment, Progress, ReturnCause
from tracker.units.rules import Role

pytestmark = pytest.mark.db

NOW = datetime(2026, 11, 12, 2, 0, tzinfo=UTC)
Browser = Callable[..., PageClient]


def prove(session: Session, world: World, task: Task) -> None:
    """A sentence for every line, so that nothing is missing."""
    actor = Actor(world.owner.id, "Chuyên viên")
    for asked in service.checklist(session, task.indicator_id):
        service.bring(session, task, content_rules.a_statement("Trong kỳ không phát sinh"), asked.slot, task.unit_id, actor, NOW)
    service.bring(session, task, content_rules.a_link("https://mau.test/qd"), None, task.unit_id, actor, NOW)


def move(session: Session, world: World, task: Task, *, head: bool) -> None:
    prove(session, world, task)
    actor = Actor(world.owner.id, "Chuyên viên")
    tasks.mark_ready(session, task, Fulfilment(True), actor, NOW, needs_head=not head, is_head=head)


def gather(session: Session, world: World) -> list[Task]:
    """All five tasks of the world in the owner's unit, each for an indicator of its own."""
    found = list(session.scalars(select(Task).where(Task.authority_id == world.authority.id).order_by(Task.id)))
    taken: set[int | None] = set()
    for task in found:
        if task.indicator_id in taken:
            of = session.get_one(IndicatorSet, session.get_one(Indicator, task.indicator_id).set_id)
            task.indicator_id = add_indicator(session, of, "1.9", "Chỉ số thành phần 9", position=9).id
        task.unit_id = world.room.id
        taken.add(task.indicator_id)
        session.flush()
    session.commit()
    return found


@pytest.fixture
def handed_in(session: Session, world: World) -> list[Task]:
    """All the tasks of the world wait for the focal point's word."""
    found = list(session.scalars(select(Task).where(Task.authority_id == world.authority.id).order_by(Task.id)))
    for task in found:
        move(session, world, task, head=True)
    session.commit()
    return found


def ticket(task: Task) -> str:
    return f"{task.id}-{task.version}"


def tick(page: Page, action: str, chosen: list[Task], button: str) -> Page:
    """Ticks rows of a table and presses a button of its bar."""
    return page.form(action).fill(tickets=[ticket(task) for task in chosen]).submit(button)


def states(session: Session, chosen: list[Task]) -> list[Progress]:
    session.rollback()
    return [session.get_one(Task, task.id, populate_existing=True).status for task in chosen]


def test_the_focal_point_accepts_what_it_ticked_after_a_look(session: Session, world: World, handed_in: list[Task], sign_in: Browser) -> None:
    focal = sign_in(world.focal.username)
    chosen = handed_in[:3]
    preview = tick(focal.get("/huyen-thu/tasks?status=ready"), "/accept-many", chosen, "Xác nhận…")
    assert preview.h1 == "Xác nhận nhiều nhiệm vụ"
    assert len(preview.table("Sẽ xác nhận")) == 3
    assert "Có 3 điểm cần xem lại" in preview.main, "nobody has opened the links"
    assert states(session, chosen) == [Progress.READY] * 3, "a preview changes nothing"
    done = preview.form("/accept-many").submit("Xác nhận 3 nhiệm vụ")
    assert "Đã xác nhận 3 nhiệm vụ." in done.text
    assert states(session, handed_in) == [Progress.ACCEPTED] * 3 + [Progress.READY] * (len(handed_in) - 3)


def test_the_queue_of_today_can_be_ticked_too(session: Session, world: World, handed_in: list[Task], sign_in: Browser) -> None:
    today = sign_in(world.focal.username).get("/huyen-thu/today")
    preview = tick(today.link(f"Xem cả {len(handed_in)} nhiệm vụ chờ xác nhận").follow(), "/accept-many", handed_in[:2], "Xác nhận…")
    back = preview.form("/accept-many").submit()
    assert back.h1 == "Nhiệm vụ" and "Đã xác nhận 2 nhiệm vụ." in back.text


def test_what_changed_since_the_preview_is_left_out_by_name(session: Session, world: World, handed_in: list[Task], sign_in: Browser) -> None:
    one, other = handed_in[:2]
    preview = tick(sign_in(world.focal.username).get("/huyen-thu/tasks?status=ready"), "/accept-many", [one, other], "Xác nhận…")
    session.refresh(one)
    service.touch(one)
    session.commit()
    done = preview.form("/accept-many").submit()
    assert "Đã xác nhận 1 nhiệm vụ." in done.text
    assert re.search(r"Để lại 1\.1: vừa có người khác thay đổi", done.text)
    assert states(session, [one, other]) == [Progress.READY, Progress.ACCEPTED]


def test_the_preview_says_what_cannot_be_accepted_and_why(session: Session, world: World, handed_in: list[Task], sign_in: Browser) -> None:
    page = sign_in(world.focal.username).get("/huyen-thu/tasks?status=ready")
    tasks.accept(session, handed_in[0], Actor(world.focal.id, "Đầu mối"), NOW, own=False, own_allowed=True)
    session.commit()
    form = page.form("/accept-many")
    form.values.setlist("tickets", [ticket(task) for task in handed_in[:2]])
    preview = form.submit("Xác nhận…")
    assert len(preview.table("Sẽ xác nhận")) == 1
    assert "Đã xác nhận" in preview.table("Nhiệm vụ để lại")[0]["Vì sao"]


def test_where_the_office_forbids_it_its_own_tasks_are_left(session: Session, world: World, handed_in: list[Task], sign_in: Browser) -> None:
    world.authority.own_acceptance = False
    own = handed_in[0]
    own.unit_id = world.focal_unit.id
    session.commit()
    preview = tick(sign_in(world.focal.username).get("/huyen-thu/tasks?status=ready"), "/accept-many", [own], "Xác nhận…")
    assert "không tự xác nhận nhiệm vụ của chính đơn vị mình" in preview.table("Nhiệm vụ để lại")[0]["Vì sao"]
    assert not preview.has_form("/accept-many")


def test_pressing_twice_accepts_once(session: Session, world: World, handed_in: list[Task], sign_in: Browser) -> None:
    preview = tick(sign_in(world.focal.username).get("/huyen-thu/tasks?status=ready"), "/accept-many", handed_in[:2], "Xác nhận…")
    preview.form("/accept-many").submit()
    again = preview.form("/accept-many").submit()
    assert "Để lại 1.1" in again.text
    session.rollback()
    told = select(func.count()).where(AuditEvent.action == "task.accept")
    assert session.scalar(told) == 2


def test_many_are_returned_for_one_cause_with_words_for_all(session: Session, world: World, handed_in: list[Task], sign_in: Browser) -> None:
    preview = tick(sign_in(world.focal.username).get("/huyen-thu/tasks?status=ready"), "/accept-many", handed_in[:2], "Trả lại…")
    assert preview.h1 == "Trả lại nhiều nhiệm vụ"
    refused = preview.form("/return-many").submit("Trả lại 2 nhiệm vụ", status=400)
    assert "Đồng chí ghi lý do" in refused.text
    assert states(session, handed_in[:2]) == [Progress.READY] * 2
    refused.form("/return-many").fill(cause="unsigned", reason="thiếu dấu của đơn vị").submit("Trả lại 2 nhiệm vụ")
    assert states(session, handed_in[:2]) == [Progress.COLLECTING] * 2
    for task in handed_in[:2]:
        assert (task.return_cause, task.reason) == (ReturnCause.UNSIGNED, "Dự thảo, chưa ký, chưa đóng dấu: thiếu dấu của đơn vị")


def test_nothing_ticked_is_told(world: World, handed_in: list[Task], sign_in: Browser) -> None:
    page = sign_in(world.focal.username).get("/huyen-thu/tasks?status=ready").form("/accept-many").submit("Xác nhận…")
    assert "Đồng chí chọn ít nhất một nhiệm vụ" in page.text


def test_a_list_without_anything_to_decide_has_no_ticks(world: World, handed_in: list[Task], sign_in: Browser) -> None:
    assert not sign_in(world.focal.username).get("/huyen-thu/tasks").has_form("/accept-many")
    assert not sign_in(world.owner.username).get("/huyen-thu/tasks?status=ready").has_form("/accept-many")


@pytest.fixture
def prepared(session: Session, world: World) -> list[Task]:
    """The tasks of the head's unit, all handed up."""
    world.authority.head_approves = True
    found = gather(session, world)
    for task in found:
        move(session, world, task, head=False)
    session.commit()
    return found


def test_a_head_approves_five_at_once(session: Session, world: World, prepared: list[Task], sign_in: Browser) -> None:
    assert len(prepared) == 5
    preview = tick(sign_in(world.head.username).get("/huyen-thu/work"), "/approve-many", prepared, "Duyệt…")
    done = preview.form("/approve-many").submit("Duyệt 5 nhiệm vụ")
    assert "Đã duyệt 5 nhiệm vụ" in done.text
    assert states(session, prepared) == [Progress.READY] * 5
    who = set(session.scalars(select(AuditEvent.actor).where(AuditEvent.action == "task.report_ready")))
    assert who == {f"Lãnh đạo đơn vị, {world.room.name}"}


def test_what_lacks_a_document_is_left_to_the_specialist(session: Session, world: World, prepared: list[Task], sign_in: Browser) -> None:
    for proof in session.scalars(select(Proof).where(Proof.task_id == world.task.id)):
        proof.withdrawn_at = NOW
    session.commit()
    preview = tick(sign_in(world.head.username).get("/huyen-thu/work"), "/approve-many", prepared, "Duyệt…")
    assert len(preview.table("Sẽ duyệt và báo đủ minh chứng")) == 4
    assert "Còn thiếu" in preview.table("Nhiệm vụ để lại")[0]["Vì sao"]


def test_only_the_head_of_the_unit_approves(session: Session, world: World, prepared: list[Task], sign_in: Browser) -> None:
    page = sign_in(world.head.username).get("/huyen-thu/work")
    token = page.form("/sign-out").values["csrf_token"]
    other = add_person(session, world.authority, Role.HEAD, world.other_room)
    session.commit()
    rival = sign_in(other.username)
    token = rival.get("/huyen-thu/work").form("/sign-out").values["csrf_token"]
    data = {"csrf_token": token, "tickets": ticket(prepared[0]), "confirm": "1"}
    rival.post("/huyen-thu/tasks/approve-many", data, status=403)
    owner = sign_in(world.owner.username)
    token = owner.get("/huyen-thu/work").form("/sign-out").values["csrf_token"]
    owner.post("/huyen-thu/tasks/approve-many", {**data, "csrf_token": token}, status=403)
    assert states(session, prepared) == [Progress.PREPARED] * 5


# One proof for many tasks


@pytest.fixture
def own_tasks(session: Session, world: World) -> list[Task]:
    """The tasks of the owner's unit, made to be all those of the world."""
    return gather(session, world)


def share_of(world: World) -> str:
    return f"/huyen-thu/units/{world.room.slug}/share"


def counted(session: Session) -> tuple[int, int]:
    session.rollback()
    return session.scalar(select(func.count(EvidenceItem.id))) or 0, session.scalar(select(func.count(Proof.id))) or 0


def choose(page: Page, chosen: list[Task]) -> Page:
    form = page.form("/share")
    return form.fill(tickets=[ticket(task) for task in chosen]).upload("file", "Biên bản họp.pdf", samples.PDF).submit("Xem trước")


def test_one_file_serves_many_tasks_as_one_item(session: Session, world: World, own_tasks: list[Task], sign_in: Browser) -> None:
    items, proofs = counted(session)
    owner = sign_in(world.owner.username)
    preview = choose(owner.get("/huyen-thu/work").link("Một minh chứng, nhiều chỉ số").follow(), own_tasks[:3])
    assert counted(session) == (items, proofs), "a preview stores no row"
    minutes = preview.form("/share").values[f"slot-{world.task.id}"]
    assert minutes.startswith("r"), "1.1 asks for minutes, and the file is called so"
    done = preview.form("/share").submit("Dùng cho 3 nhiệm vụ")
    assert "Đã dùng “Biên bản họp.pdf” cho 3 nhiệm vụ." in done.text
    assert counted(session) == (items + 1, proofs + 3)
    versions = set(session.scalars(select(Proof.version_id).where(Proof.task_id.in_([task.id for task in own_tasks[:3]]))))
    assert len(versions) == 1
    assert states(session, own_tasks[:3]) == [Progress.COLLECTING] * 3
    told = session.scalars(select(AuditEvent.summary).where(AuditEvent.action == "evidence.bring").order_by(AuditEvent.id)).all()
    assert told[-3:][0].endswith("cho “Biên bản họp”, dùng cho 3 nhiệm vụ.")


def test_sent_twice_it_is_brought_once(session: Session, world: World, own_tasks: list[Task], sign_in: Browser) -> None:
    items, proofs = counted(session)
    preview = choose(sign_in(world.owner.username).get(share_of(world)), own_tasks[:2])
    preview.form("/share").submit()
    again = preview.form("/share").submit()
    assert "Để lại 1.1" in again.text
    assert counted(session) == (items + 1, proofs + 2)


def test_an_item_of_the_store_is_chosen_for_one_task(session: Session, world: World, own_tasks: list[Task], sign_in: Browser) -> None:
    owner = sign_in(world.owner.username)
    choose(owner.get(share_of(world)), own_tasks[:1]).form("/share").submit()
    items, proofs = counted(session)
    task = own_tasks[1]
    store = owner.get(f"/huyen-thu/tasks/{task.id}/evidence").link("Chọn từ kho của đơn vị").follow()
    assert store.table("Minh chứng của đơn vị")[0]["Đang dùng cho"] == "1.1"
    assert "Không có minh chứng nào khớp" in store.form("/store").fill(q="nghị quyết").submit().text
    found = store.form("/store").fill(q="bien ban").submit()
    done = found.link("Chọn").follow().form("/share").submit("Dùng cho 1 nhiệm vụ")
    assert "cho 1 nhiệm vụ" in done.text
    assert counted(session) == (items, proofs + 1), "no copy"
    served = session.scalar(select(ItemVersion.item_id).join(Proof, Proof.version_id == ItemVersion.id).where(Proof.task_id == task.id))
    assert served == session.scalar(select(func.max(EvidenceItem.id)))


def test_files_wait_while_the_person_ticks_what_was_forgotten(session: Session, world: World, own_tasks: list[Task], sign_in: Browser) -> None:
    form = sign_in(world.owner.username).get(share_of(world)).form("/share")
    page = form.upload("file", "QD.pdf", samples.PDF).submit("Xem trước", status=400)
    assert "Đồng chí chọn ít nhất một nhiệm vụ." in page.text and "QD.pdf" in page.main
    preview = page.form("/share").fill(tickets=[ticket(own_tasks[0])]).submit("Xem trước")
    assert "Đã dùng “QD.pdf” cho 1 nhiệm vụ." in preview.form("/share").submit().text


def test_a_forged_list_of_files_is_refused(session: Session, world: World, own_tasks: list[Task], sign_in: Browser) -> None:
    before = counted(session)
    preview = choose(sign_in(world.owner.username).get(share_of(world)), own_tasks[:1])
    forged = preview.form("/share").tamper(sealed=preview.form("/share").values["sealed"][:-3] + "abc").submit(status=400)
    assert "Các tệp xem trước không còn" in forged.text
    # The same list in another person's hands.
    sealed = preview.form("/share").values["sealed"]
    head = sign_in(world.head.username).get(share_of(world)).form("/share").fill(tickets=[ticket(own_tasks[0])])
    head.tamper(sealed=sealed, confirm="1").submit("Xem trước", status=400)
    assert counted(session) == before


def test_cooperators_and_others_have_no_store_here(world: World, own_tasks: list[Task], sign_in: Browser) -> None:
    colleague = sign_in(world.colleague.username)
    for page in ("store", "share", "folder"):
        colleague.get(f"/huyen-thu/units/{world.room.slug}/{page}", status=403)
        sign_in(world.stranger.username).get(f"/huyen-thu/units/{world.room.slug}/{page}", status=404)


def test_the_focal_point_brings_for_a_unit(session: Session, world: World, own_tasks: list[Task], sign_in: Browser) -> None:
    page = sign_in(world.focal.username).get(f"/huyen-thu/units/{world.room.slug}").link("Một minh chứng, nhiều chỉ số").follow()
    assert f"thay mặt {world.room.name}" in page.main
    choose(page, own_tasks[:2]).form("/share").submit()
    version = session.scalars(select(ItemVersion).order_by(ItemVersion.id.desc())).first()
    assert version is not None and version.on_behalf
