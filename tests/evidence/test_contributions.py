"""Cooperators have their own tick: asked for a stated part by a day, they give it, or say that there is none; the lead sees who has not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.evidence import samples
from tests.factories import World, add_group, add_person, add_unit
from tests.page_client import Page, PageClient
from tracker.accounts.models import Account
from tracker.assignments.models import Cooperation
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.evidence import content_rules, contribution_queries, contribution_service, queries
from tracker.evidence.contribution_models import Contribution
from tracker.evidence.contribution_rules import ContributionState, answer_words, cannot_ask_for, not_sent, waiting_words
from tracker.evidence.models import EvidenceItem, ItemVersion, Proof
from tracker.evidence.rules import Slot
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.kernel.errors import Refused, Stale
from tracker.tasks.models import Task
from tracker.tasks.rules import Progress
from tracker.units.models import Unit
from tracker.units.rules import Role, UnitKind

pytestmark = pytest.mark.db

#: The world's tasks are due on Saturday 14/11/2026.
DUE, TUESDAY = date(2026, 11, 14), "2026-11-10"
WANTED = "Số hồ sơ trực tuyến 9 tháng"
SignIn = Callable[..., PageClient]
OnDay = Callable[[str], None]


@dataclass
class Helpers:
    """Beside ``other_room``, whom the notice names, a unit that cooperates and one that does not, each with its specialist."""

    justice: Unit
    clerk: Account
    outside: Unit
    outsider: Account


@pytest.fixture
def helpers(session: Session, world: World, on_day: OnDay) -> Helpers:
    on_day(TUESDAY)
    justice = add_unit(session, world.authority, "Phòng Tư pháp", position=8)
    outside = add_unit(session, world.authority, "Phòng Y tế", position=9)
    cooperate(session, world, justice)
    clerk = add_person(session, world.authority, Role.SPECIALIST, justice, username="clerk@huyen-thu.test")
    outsider = add_person(session, world.authority, Role.SPECIALIST, outside, username="outsider@huyen-thu.test")
    session.commit()
    return Helpers(justice, clerk, outside, outsider)


def cooperate(session: Session, world: World, unit: Unit) -> None:
    session.add(Cooperation(authority_id=world.authority.id, assignment_id=world.task.assignment_id, unit_id=unit.id, position=5))
    session.flush()


def task_url(world: World) -> str:
    return f"/{world.slug}/tasks/{world.task.id}"


def asking(browser: PageClient, world: World, *, due: str = "12/11/2026", wanted: str = WANTED, status: int = 200, **fields: object) -> Page:
    form = browser.get(f"{task_url(world)}/contributions/new").form("/contributions/new")
    return form.fill(wanted=wanted, due_on=due, **fields).submit("Gửi lời nhờ", status=status)


def asked(session: Session, world: World, *units: Unit, due: date = date(2026, 11, 12)) -> list[Contribution]:
    """Requests of the owner, as the service makes them."""
    chosen = [one for one in contribution_queries.candidates(session, world.task, clock.today()) if one.id in {unit.id for unit in units}]
    who = Actor(world.owner.id, "Chuyên viên, Phòng Nội vụ")
    made = contribution_service.ask(session, world.task, DUE, chosen, WANTED, due, who, clock.now())
    session.commit()
    return made


def page_of(world: World, one: Contribution, kind: str = "") -> str:
    return f"/{world.slug}/contributions/{one.id}{f'?kind={kind}' if kind else ''}"


def answer(browser: PageClient, world: World, one: Contribution, kind: str, *, status: int = 200, **fields: str) -> Page:
    return browser.get(page_of(world, one, kind)).form("/answer").fill(**fields).submit(status=status)


def fresh(session: Session, one: Contribution) -> Contribution:
    session.rollback()
    session.refresh(one)
    return one


def events(session: Session, task: Task) -> list[str]:
    wanted = (AuditEvent.subject_type == "task", AuditEvent.subject_id == task.id)
    return list(session.scalars(select(AuditEvent.summary).where(*wanted).order_by(AuditEvent.id)))


# Words


def test_the_day_asked_for_is_neither_past_nor_later_than_the_task() -> None:
    today = date(2026, 11, 10)
    assert cannot_ask_for(DUE, today, today) is None
    assert cannot_ask_for(DUE, DUE, today) is None
    assert "đã qua" in (cannot_ask_for(DUE, today - timedelta(1), today) or "")
    assert "không muộn hơn" in (cannot_ask_for(DUE, DUE + timedelta(1), today) or "")
    # Of a task that is late already help is wanted all the more.
    assert cannot_ask_for(DUE, date(2026, 11, 25), date(2026, 11, 20)) is None
    assert cannot_ask_for(None, date(2026, 12, 25), today) is None
    assert "quá xa" in (cannot_ask_for(None, date(2036, 11, 10), today) or "")


def test_waiting_and_lateness_are_said_in_words() -> None:
    today = date(2026, 11, 10)
    assert [waiting_words(today + timedelta(n), today) for n in (-2, 0, 3)] == ["quá ngày hẹn 2 ngày", "hẹn hôm nay", "còn 3 ngày"]
    assert (answer_words(today, today), answer_words(today, today + timedelta(1))) == (None, "sau ngày hẹn 1 ngày")
    assert not_sent([("Phòng A", today), ("Phòng B", today - timedelta(1))], today) == "Chưa gửi: Phòng A; Phòng B (quá ngày hẹn 1 ngày)"
    assert not_sent([], today) is None


# Asking


def test_a_lead_asks_all_cooperators_at_once_and_sees_who_has_not_sent(session: Session, world: World, helpers: Helpers, sign_in: SignIn) -> None:
    owner = sign_in(world.owner.username)
    assert "Chưa nhờ đơn vị nào" in owner.get(task_url(world)).main
    page = asking(owner, world)
    assert "Đã nhờ 2 đơn vị" in page.text
    assert "Chưa gửi: Phòng Tài chính - Kế hoạch; Phòng Tư pháp" in page.main
    assert "0 trên 2 đã trả lời" in page.main
    rows = session.scalars(select(Contribution).order_by(Contribution.id)).all()
    assert [(row.unit_id, row.wanted, row.due_on, row.state) for row in rows] == [
        (unit.id, WANTED, date(2026, 11, 12), ContributionState.ASKED) for unit in (world.other_room, helpers.justice)
    ]
    said = f"Nhờ Phòng Tài chính - Kế hoạch và Phòng Tư pháp cung cấp trước hết ngày 12/11/2026: {WANTED}"
    assert events(session, world.task) == [said]
    session.refresh(world.task)
    assert world.task.status is Progress.NOT_STARTED, "asking moves nothing"


def test_those_who_wait_are_said_to_be_late_after_the_day(session: Session, world: World, helpers: Helpers, sign_in: SignIn, on_day: OnDay) -> None:
    asked(session, world, world.other_room, helpers.justice)
    on_day("2026-11-14")
    for who in (world.owner, world.focal, world.chair, world.viewer):
        page = sign_in(who.username).get(task_url(world))
        assert "Chưa gửi: Phòng Tài chính - Kế hoạch (quá ngày hẹn 2 ngày); Phòng Tư pháp (quá ngày hẹn 2 ngày)" in page.main, who.username
    assert "quá ngày hẹn 2 ngày" in sign_in(helpers.clerk.username).get(f"/{world.slug}/work").main


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"wanted": "  "}, "Đồng chí ghi rõ cần gì"),
        ({"wanted": "x" * 2001}, "rút gọn còn 2000"),
        ({"due": ""}, "Đồng chí ghi ngày cần có"),
        ({"due": "31/02/2026"}, "không phải là một ngày có thật"),
        ({"due": "09/11/2026"}, "Ngày 09/11/2026 đã qua"),
        ({"due": "15/11/2026"}, "không muộn hơn ngày ấy"),
        ({"units": []}, "Đồng chí chọn ít nhất một đơn vị"),
    ],
)
def test_a_wrong_request_comes_back_with_a_sentence_and_what_was_typed(
    fields: dict[str, object], sentence: str, session: Session, world: World, helpers: Helpers, sign_in: SignIn
) -> None:
    page = asking(sign_in(world.owner.username), world, status=400, **fields)  # type: ignore[arg-type]
    assert sentence in page.main
    assert page.form("/contributions/new").values["wanted"] == (fields.get("wanted", WANTED))
    assert session.scalar(select(func.count(Contribution.id))) == 0


def test_only_units_of_the_assignment_can_be_asked_whatever_the_form_says(session: Session, world: World, helpers: Helpers, sign_in: SignIn) -> None:
    owner = sign_in(world.owner.username)
    for unit in (helpers.outside, world.room, world.group):
        form = owner.get(f"{task_url(world)}/contributions/new").form("/contributions/new")
        form.fill(wanted=WANTED, due_on="12/11/2026").tamper(units=str(unit.id)).submit(status=400)
    assert session.scalar(select(func.count(Contribution.id))) == 0


def test_members_of_a_group_are_asked_one_by_one_and_never_the_group(session: Session, world: World, helpers: Helpers) -> None:
    member = add_unit(session, world.authority, "UBND xã A")
    cooperate(session, world, add_group(session, world.authority, "Các xã", [member, world.room]))
    names = {one.name: one.named for one in contribution_queries.candidates(session, world.task, clock.today())}
    assert names == {"Phòng Tài chính - Kế hoạch": True, "Phòng Tư pháp": True, "UBND xã A": True}


def test_where_the_notice_names_everybody_units_are_chosen_and_none_is_ticked(
    session: Session, world: World, helpers: Helpers, sign_in: SignIn
) -> None:
    everybody = add_unit(session, world.authority, "Các cơ quan, đơn vị liên quan", kind=UnitKind.GROUP, catch_all=True)
    cooperate(session, world, everybody)
    session.commit()
    with scope.using(session, scope.one(world.authority.id)):
        found = {one.name: one.named for one in contribution_queries.candidates(session, world.task, clock.today())}
    assert found["Phòng Y tế"] is False
    assert found["Phòng Tư pháp"] is True
    assert not {"Các cơ quan, đơn vị liên quan", "UBND các xã, thị trấn", "Các ngân hàng", "Phòng Nội vụ"} & set(found)
    owner = sign_in(world.owner.username)
    assert "Đã nhờ 2 đơn vị" in asking(owner, world).text
    assert "Đã nhờ 1 đơn vị" in asking(owner, world, units=[str(helpers.outside.id)]).text
    assert WANTED in sign_in(helpers.outsider.username).get(f"/{world.slug}/contributions").main


def test_a_unit_that_has_not_answered_is_not_asked_twice(session: Session, world: World, helpers: Helpers, sign_in: SignIn) -> None:
    asked(session, world, helpers.justice)
    page = sign_in(world.owner.username).get(f"{task_url(world)}/contributions/new")
    assert "Đã nhờ và đang chờ: Phòng Tư pháp." in page.main
    with pytest.raises(Refused, match="Phòng Tư pháp đã được nhờ và chưa trả lời"):
        asked(session, world, helpers.justice)
    session.rollback()
    asked(session, world, world.other_room)
    assert "Mọi đơn vị phối hợp đều đã được nhờ" in sign_in(world.owner.username).get(f"{task_url(world)}/contributions/new").main
    first = session.scalars(select(Contribution).order_by(Contribution.id)).first()
    assert first is not None
    taken = {column.name: getattr(first, column.name) for column in Contribution.__table__.columns if column.name != "id"}
    session.add(Contribution(**taken))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_the_focal_point_asks_on_behalf_and_others_may_not(session: Session, world: World, helpers: Helpers, sign_in: SignIn) -> None:
    new = f"{task_url(world)}/contributions/new"
    assert "thay mặt Phòng Nội vụ" in sign_in(world.focal.username).get(new).main
    asking(sign_in(world.focal.username), world)
    assert "thay mặt Phòng Nội vụ" in session.scalars(select(Contribution.asked_by)).first()  # type: ignore[operator]
    for who in (helpers.clerk, world.chair, world.viewer):
        assert "Chỉ đơn vị chủ trì" in sign_in(who.username).get(new, status=403).text
    for who in (helpers.outsider, world.stranger):
        sign_in(who.username).get(new, status=404)


# Answering


def test_every_kind_of_answer(session: Session, world: World, helpers: Helpers, sign_in: SignIn) -> None:
    clerk, owner = sign_in(helpers.clerk.username), sign_in(world.owner.username)
    for kind, fields, shown in (
        ("link", {"url": "https://huyen-thu.example/bang"}, "https://huyen-thu.example/bang"),
        ("figure", {"figure": "45", "denominator": "60", "figure_unit": "hồ sơ"}, "45/60 hồ sơ (75 %)"),
        ("file", {}, "so-lieu.pdf"),
    ):
        (one,) = asked(session, world, helpers.justice)
        form = clerk.get(page_of(world, one, kind)).form("/answer").fill(**fields)
        if kind == "file":
            form.upload("file", "so-lieu.pdf", samples.PDF)
        page = form.submit("Gửi")
        assert "Đã gửi cho Phòng Nội vụ." in page.text
        assert shown in page.main
        assert fresh(session, one).state is ContributionState.GIVEN
        item = session.get_one(EvidenceItem, one.item_id)
        assert item.unit_id == helpers.justice.id, "it stays the giver's own"
        assert shown in owner.get(task_url(world)).main
        assert shown in owner.get(f"/{world.slug}/items/{item.id}").text, "the lead opens it before it is a proof"
    assert session.scalar(select(func.count(Proof.id))) == 0
    session.refresh(world.task)
    assert world.task.status is Progress.NOT_STARTED, "giving moves nothing"
    assert events(session, world.task)[-1] == "Phòng Tư pháp gửi tệp “so-lieu.pdf”."


def test_nothing_to_report_needs_a_sentence(session: Session, world: World, helpers: Helpers, sign_in: SignIn) -> None:
    clerk = sign_in(helpers.clerk.username)
    (one,) = asked(session, world, helpers.justice)
    assert "Đồng chí ghi một câu" in answer(clerk, world, one, "statement", status=400, sentence=" ").main
    page = answer(clerk, world, one, "statement", sentence="Trong kỳ không phát sinh hồ sơ.")
    assert "Không phát sinh" in page.main
    assert fresh(session, one).state is ContributionState.NONE
    assert (one.sentence, one.item_id, one.answered_by) == ("Trong kỳ không phát sinh hồ sơ.", None, "Chuyên viên, Phòng Tư pháp")
    lead = sign_in(world.owner.username).get(task_url(world))
    assert "“Trong kỳ không phát sinh hồ sơ.”" in lead.main
    assert "1 trên 1 đã trả lời" in lead.main
    assert "Chưa gửi" not in lead.main
    assert events(session, world.task)[-1] == "Phòng Tư pháp trả lời không phát sinh: Trong kỳ không phát sinh hồ sơ."


def test_a_refused_answer_keeps_what_was_typed(session: Session, world: World, helpers: Helpers, sign_in: SignIn) -> None:
    (one,) = asked(session, world, helpers.justice)
    page = answer(sign_in(helpers.clerk.username), world, one, "figure", status=400, figure="45,x", figure_unit="hồ sơ")
    assert "không phải một số" in page.main
    assert page.form("/answer").values["figure_unit"] == "hồ sơ"
    assert fresh(session, one).state is ContributionState.ASKED


def test_an_answer_after_its_day_says_so(session: Session, world: World, helpers: Helpers, sign_in: SignIn, on_day: OnDay) -> None:
    (one,) = asked(session, world, helpers.justice)
    on_day("2026-11-13")
    answer(sign_in(helpers.clerk.username), world, one, "link", url="https://a.vn/x")
    assert "Đã gửi, sau ngày hẹn 1 ngày" in sign_in(world.owner.username).get(task_url(world)).main


def test_the_focal_point_answers_for_a_unit_that_never_signs_in(session: Session, world: World, helpers: Helpers, sign_in: SignIn) -> None:
    (one,) = asked(session, world, helpers.justice)
    focal = sign_in(world.focal.username)
    assert "thay mặt Phòng Tư pháp" in focal.get(page_of(world, one)).main
    answer(focal, world, one, "link", url="https://a.vn/x")
    assert (fresh(session, one).answered_by or "").endswith(", thay mặt Phòng Tư pháp")
    assert session.scalars(select(ItemVersion.on_behalf)).one() is True


def test_a_newer_version_of_what_was_given_reaches_the_task_that_uses_it(session: Session, world: World, helpers: Helpers, sign_in: SignIn) -> None:
    clerk, owner = sign_in(helpers.clerk.username), sign_in(world.owner.username)
    (one,) = asked(session, world, helpers.justice)
    answer(clerk, world, one, "link", url="https://a.vn/1")
    decision = queries.checklist(session, world.task.indicator_id)[0]
    page = owner.get(task_url(world)).form("/use").fill(slot=decision.slot.key).submit("Dùng làm minh chứng")
    assert "Đã dùng “https://a.vn/1” làm minh chứng." in page.text
    assert "đang dùng làm minh chứng" in page.main
    assert not page.has_form("/use")
    (proof,) = queries.proofs(session, world.task.id)
    assert (proof.slot, proof.version.unit_id, proof.version.number) == (decision.slot, helpers.justice.id, 1)
    assert session.scalar(select(func.count(EvidenceItem.id))) == 1, "no copy"
    session.refresh(world.task)
    assert world.task.status is Progress.COLLECTING
    assert events(session, world.task)[-1] == f"Dùng “https://a.vn/1” của Phòng Tư pháp làm minh chứng cho “{decision.name}”."

    form = clerk.get(page_of(world, one)).link("Gửi bản mới…").follow().form("/supersede")
    form.fill(url="https://a.vn/2", why="Số đã chốt").submit("Lưu bản mới")
    session.rollback()
    (proof,) = queries.proofs(session, world.task.id)
    assert (proof.version.url, proof.version.number) == ("https://a.vn/2", 2)
    assert "bản 2" in owner.get(task_url(world)).main


def test_what_was_given_can_serve_the_task_as_a_whole_but_no_line_of_another(
    session: Session, world: World, helpers: Helpers, sign_in: SignIn
) -> None:
    (one,) = asked(session, world, helpers.justice)
    answer(sign_in(helpers.clerk.username), world, one, "link", url="https://a.vn/1")
    owner = sign_in(world.owner.username)
    form = owner.get(task_url(world)).form("/use")
    form.tamper(slot="r987654").submit(status=404)
    assert session.scalar(select(func.count(Proof.id))) == 0
    owner.get(task_url(world)).form("/use").fill(slot="").submit("Dùng làm minh chứng")
    assert [proof.slot for proof in queries.proofs(session, world.task.id)] == [Slot()]


# Taking back, closing, colliding


def test_a_request_taken_back_asks_for_nothing_and_can_be_made_again(session: Session, world: World, helpers: Helpers, sign_in: SignIn) -> None:
    (one,) = asked(session, world, helpers.justice)
    clerk, owner = sign_in(helpers.clerk.username), sign_in(world.owner.username)
    form = clerk.get(page_of(world, one, "link")).form("/answer").fill(url="https://a.vn/1")
    assert "Đã rút lời nhờ Phòng Tư pháp" in owner.get(task_url(world)).form("/withdraw").submit("Rút lời nhờ").text
    assert fresh(session, one).state is ContributionState.WITHDRAWN
    stale = form.submit(status=409)
    assert "https://a.vn/1" in stale.main, "what was typed is kept"
    assert "Đã rút lời nhờ" in stale.main
    assert session.scalar(select(func.count(EvidenceItem.id))) == 0
    assert "đã rút lời nhờ này" in clerk.get(page_of(world, one)).main
    assert WANTED not in clerk.get(f"/{world.slug}/work").main
    asked(session, world, helpers.justice)
    assert WANTED in clerk.get(f"/{world.slug}/work").main


def test_an_answer_does_not_overwrite_another_and_a_request_answered_is_not_taken_back(
    session: Session, world: World, helpers: Helpers, sign_in: SignIn
) -> None:
    (one,) = asked(session, world, helpers.justice)
    clerk, focal, owner = sign_in(helpers.clerk.username), sign_in(world.focal.username), sign_in(world.owner.username)
    slow = focal.get(page_of(world, one, "statement")).form("/answer").fill(sentence="Không phát sinh hồ sơ nào.")
    take_back = owner.get(task_url(world)).form("/withdraw")
    answer(clerk, world, one, "figure", figure="45", figure_unit="hồ sơ")
    page = slow.submit(status=409)
    assert "45 hồ sơ" in page.main
    assert "Không phát sinh hồ sơ nào." in page.main
    assert "Đã gửi: 45 hồ sơ" in take_back.submit("Rút lời nhờ", status=409).main
    assert fresh(session, one).state is ContributionState.GIVEN


def test_of_two_answers_at_once_one_wins_and_the_other_is_shown_both(app: Flask, session: Session, world: World, helpers: Helpers) -> None:
    (one,) = asked(session, world, helpers.justice)
    together, id_, task_id, authority_id = Barrier(2, timeout=30), one.id, world.task.id, world.authority.id
    who, at = Actor(helpers.clerk.id, "Chuyên viên, Phòng Tư pháp"), clock.now()
    session.commit()

    def try_it(number: int) -> str:
        with app.app_context(), writing():
            mine = db.session()
            scope.choose(mine, scope.one(authority_id))
            together.wait()
            row = contribution_queries.by_id(mine, id_)
            asked_for, task = mine.get_one(Contribution, id_), mine.get_one(Task, task_id)
            try:
                content = content_rules.a_link(f"https://a.vn/{number}")
                contribution_service.answer(mine, asked_for, task, row, 1, content, who, at)
                db.session.commit()
            except Stale as refusal:
                return f"{refusal.theirs['Phòng Tư pháp']} | {refusal.yours['Phòng Tư pháp']}"
            finally:
                db.session.remove()
            return f"given {number}"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(try_it, range(2)), key=len)
    winner = int(answers[0].removeprefix("given "))
    assert answers[1] == f"Đã gửi: https://a.vn/{winner} | https://a.vn/{1 - winner}"
    assert session.scalars(select(ItemVersion.url)).all() == [f"https://a.vn/{winner}"]


def test_what_the_other_said_is_told_though_the_row_was_read_before_it(session: Session, world: World, helpers: Helpers, sign_in: SignIn) -> None:
    (one,) = asked(session, world, helpers.justice)
    row = contribution_queries.by_id(session, one.id)
    session.commit()
    answer(sign_in(helpers.clerk.username), world, one, "figure", figure="45", figure_unit="hồ sơ")
    late, who = content_rules.a_link("https://a.vn/1"), Actor(helpers.clerk.id, "Chuyên viên, Phòng Tư pháp")
    with pytest.raises(Stale) as refusal:
        contribution_service.answer(session, fresh(session, one), world.task, row, 1, late, who, clock.now())
    assert refusal.value.theirs["Phòng Tư pháp"] == "Đã gửi: 45 hồ sơ"


def test_a_closed_round_and_a_task_handed_in_refuse(session: Session, world: World, helpers: Helpers, sign_in: SignIn) -> None:
    other, one = asked(session, world, helpers.justice, world.other_room)
    clerk, owner = sign_in(helpers.clerk.username), sign_in(world.owner.username)
    form = clerk.get(page_of(world, one, "link")).form("/answer").fill(url="https://a.vn/1")
    back = owner.get(task_url(world)).form(f"/contributions/{other.id}/withdraw")
    new = owner.get(f"{task_url(world)}/contributions/new")
    assert new.status == 200

    world.task.status = Progress.READY
    session.commit()
    assert "không cần cung cấp thêm" in form.submit(status=400).main
    assert "không cần gửi nữa" in clerk.get(page_of(world, one)).main
    assert WANTED not in clerk.get(f"/{world.slug}/work").main

    world.task.status = Progress.COLLECTING
    world.round.closed_at = clock.now()
    session.commit()
    for refused in (form.submit(status=400), back.submit("Rút lời nhờ", status=400), owner.get(f"{task_url(world)}/contributions/new", status=400)):
        assert "đã đóng ngày" in refused.text
    assert not owner.get(task_url(world)).has_form("/withdraw")
    assert fresh(session, one).state is ContributionState.ASKED


# Who sees what


def test_a_cooperator_sees_its_own_part_and_nothing_else(session: Session, world: World, helpers: Helpers, sign_in: SignIn) -> None:
    theirs, mine = asked(session, world, helpers.justice, world.other_room)
    colleague, clerk, owner = (sign_in(one.username) for one in (world.colleague, helpers.clerk, world.owner))
    form = colleague.get(page_of(world, theirs, "file")).form("/answer")
    form.upload("file", "bi-mat.pdf", samples.PDF).submit("Gửi")
    item_id = fresh(session, theirs).item_id
    owner.get(f"{task_url(world)}/evidence?kind=link").form("/evidence").fill(url="https://cua-chu-tri.vn/x").submit()

    page = clerk.get(task_url(world))
    assert "Nhờ đơn vị đồng chí cung cấp" in page.main
    for hidden in ("bi-mat.pdf", "https://cua-chu-tri.vn/x", "Chưa gửi:", "đã trả lời"):
        assert hidden not in page.main, hidden
    assert not page.has_form("/withdraw")
    assert page.link("Trả lời").follow().h1 == "Cung cấp cho 1.1"
    for path in (page_of(world, theirs), f"/{world.slug}/items/{item_id}"):
        clerk.get(path, status=404)
        owner.get(path)
    (version,) = queries.versions_of(session, item_id or 0)
    address = f"/{world.slug}/evidence/files/{version.files[0].id}"
    assert clerk.raw.get(address).status_code == 404
    assert owner.raw.get(address).status_code == 200
    for who in (helpers.outsider, world.stranger):
        sign_in(who.username).get(page_of(world, mine), status=404)
    assert sign_in(helpers.outsider.username).get(f"/{world.slug}/contributions").main.count(WANTED) == 0


def test_only_the_unit_that_is_asked_answers(session: Session, world: World, helpers: Helpers, sign_in: SignIn) -> None:
    (one,) = asked(session, world, helpers.justice)
    for who, status in ((world.owner, 403), (world.chair, 403), (world.colleague, 404)):
        browser = sign_in(who.username)
        if status == 403:
            assert not browser.get(page_of(world, one)).has_form("/answer")
        token = browser.get(f"/{world.slug}/").form("/sign-out").values["csrf_token"]
        data = {"csrf_token": token, "kind": "link", "url": "https://a.vn/1", "version": "1"}
        browser.post(f"{page_of(world, one)}/answer", data, status=status)
    assert fresh(session, one).state is ContributionState.ASKED


def test_the_front_page_of_a_unit_says_what_is_asked_of_it_and_for_how_long(
    session: Session, world: World, helpers: Helpers, sign_in: SignIn
) -> None:
    clerk = sign_in(helpers.clerk.username)
    assert "Đơn vị khác nhờ cung cấp" not in clerk.get(f"/{world.slug}/work").main
    assert "Không có lời nhờ nào đang chờ" in clerk.get(f"/{world.slug}/contributions").main
    (one,) = asked(session, world, helpers.justice)
    page = clerk.get(f"/{world.slug}/work")
    for words in ("Đơn vị khác nhờ cung cấp", "1 chưa gửi", WANTED, "Phòng Nội vụ nhờ", "còn 2 ngày"):
        assert words in page.main, words
    listed = page.link("Xem tất cả").follow()
    assert WANTED in listed.main
    answer(clerk, world, one, "statement", sentence="Không phát sinh hồ sơ.")
    assert "Đơn vị khác nhờ cung cấp" not in clerk.get(f"/{world.slug}/work").main
    (row,) = clerk.get(f"/{world.slug}/contributions").table("Lời nhờ đã xong")
    assert (row["Mã"], row["Đơn vị nhờ"], row["Kết quả"]) == ("1.1", "Phòng Nội vụ", "Không phát sinh")
