"""A round and its fan-out: what the shipped documents give, and that doing it again, or twice at once, adds nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.evidence import samples
from tests.factories import OPENED_AT, SINCE, World, add_indicator, add_rule, add_unit, assign
from tests.page_client import PageClient
from tracker.audit.models import AuditEvent
from tracker.audit.rules import SYSTEM
from tracker.deadlines import queries as deadlines
from tracker.deadlines.models import DeadlineRule, Round
from tracker.deadlines.rules import Boundary, Roll, RuleKind, Schedule, Trigger
from tracker.indicators.models import Indicator
from tracker.kernel import clock, scope
from tracker.kernel.database import db, writing
from tracker.kernel.errors import Refused
from tracker.tasks import jobs, rounds
from tracker.tasks.models import Task
from tracker.units.models import Authority, GroupMember, Unit
from tracker.units.rules import UnitKind

pytestmark = pytest.mark.db


def tasks_by_set(command: Callable[..., Any], authority: str) -> Counter[tuple[str, str | None]]:
    rows = json.loads(command("tasks", authority, "--json").stdout)["rows"]
    return Counter((row["round"], row["set"]) for row in rows)


def test_the_shipped_documents_fan_out_as_printed(
    seeded: Flask, command: Callable[..., Any], session: Session, on_day: Callable[[str], None]
) -> None:
    """Ninh Sơn 81, Bắc Ninh 765 and 608, Văn phòng 11 a round, Nghĩa Phương 84 a survey letter; with its eight communes Ninh Sơn has 88."""
    on_day("2026-12-20T08:00")
    opened = json.loads(command("rounds", "open", "--on", "2026-12-20", "--json").stdout)
    assert opened["opened"] == 1 + 2 + 5 + 3 + 1, (
        "Ninh Sơn; Bắc Ninh; the office's four quarters and year; the commune's past reviews of three and six months"
    )
    started = command("rounds", "start", "khao-sat", "--letter", "05/CV-UBND", "--issued", "2026-11-06", "--authority", "nghia-phuong", "--json")
    assert json.loads(started.stdout)["tasks"] == 84
    assert tasks_by_set(command, "ninh-son") == {("nam-2026", "ninh-son-2022"): 81}
    assert tasks_by_set(command, "bac-ninh") == {
        ("nam-2026", "bac-ninh-so-2023"): 765,
        ("nam-2026", "bac-ninh-huyen-2023"): 608,
        ("cong-bo-2026", None): 1,
    }
    assert tasks_by_set(command, "ninh-thuan-vpub") == {
        (name, "ninh-thuan-vpub-2023"): 11 for name in ("quy-1-2026", "quy-2-2026", "quy-3-2026", "quy-4-2026", "nam-2026")
    }
    survey = tasks_by_set(command, "nghia-phuong")
    assert survey.pop(("khao-sat-05-cv-ubnd", "nghia-phuong-2023")) == 84
    assert survey == {(f"ra-soat-{name}-2026", None): 1 for name in ("3-thang-1", "3-thang-2", "3-thang-3", "6-thang-1")}

    assert json.loads(command("rounds", "open", "--on", "2026-12-20", "--json").stdout) == {"opened": 0, "rows": []}
    scope.choose(session, scope.whole("the commands chose one authority after another"))
    _check_leaves_only(session)
    _join_the_communes(session)
    assert tasks_by_set(command, "ninh-son") == {("nam-2026", "ninh-son-2022"): 88}


def _check_leaves_only(session: Session) -> None:
    parents = select(Indicator.parent_id).where(Indicator.parent_id.is_not(None))
    assert session.scalar(select(func.count(Task.id)).where(Task.indicator_id.in_(parents))) == 0, "a parent's state follows from its children"


def _join_the_communes(session: Session) -> None:
    """What --demo has before it opens the round: the class «UBND cấp xã» with its eight members, one task each."""
    ninh_son = session.scalars(select(Authority).where(Authority.slug == "ninh-son")).one()
    communes = session.scalars(select(Unit).where(Unit.authority_id == ninh_son.id, Unit.slug == "ubnd-cac-xa-thi-tran")).one()
    kept = session.scalars(select(Task).where(Task.unit_id == communes.id)).one()
    assert kept.group_id == communes.id, "a class of units without members keeps its task"
    session.delete(kept)  # the round is opened anew for the group: what a focal point accepts when it is proposed
    for number in range(8):
        member = add_unit(session, ninh_son, f"UBND xã {number}", kind=UnitKind.LOCALITY, valid_from=date(2022, 1, 1))
        session.add(GroupMember(authority_id=ninh_son.id, group_id=communes.id, member_id=member.id, position=number, valid_from=date(2022, 1, 1)))
    session.flush()
    rule = session.scalars(select(DeadlineRule).where(DeadlineRule.authority_id == ninh_son.id)).one()
    one = session.scalars(select(Round).where(Round.authority_id == ninh_son.id)).one()
    banks = ("Các ngân hàng",)
    assert rounds.fan_out(session, rule, one, date(2026, 10, 1)) == (8, banks)
    assert rounds.fan_out(session, rule, one, date(2026, 10, 1)) == (0, banks)
    session.commit()


def test_running_it_again_adds_nothing_and_a_new_member_adds_only_its_own(session: Session, world: World) -> None:
    day = date(2026, 10, 1)
    assert rounds.fan_out(session, world.rule, world.round, day) == (0, ())
    before = set(session.scalars(select(Task.id)))
    newcomer = add_unit(session, world.authority, "UBND xã Mới", kind=UnitKind.LOCALITY)
    session.add(GroupMember(authority_id=world.authority.id, group_id=world.group.id, member_id=newcomer.id, position=9, valid_from=SINCE))
    session.flush()
    assert rounds.fan_out(session, world.rule, world.round, day) == (1, ())
    (added,) = session.scalars(select(Task).where(Task.id.not_in(before))).all()
    assert (added.unit_id, added.group_id, added.indicator_id) == (newcomer.id, world.group.id, world.leaves[2].id)
    assert before < set(session.scalars(select(Task.id))), "nothing was removed"


def test_a_member_that_has_left_gets_no_task_but_keeps_the_one_it_has(session: Session, world: World) -> None:
    gone = session.scalars(select(GroupMember).where(GroupMember.member_id == world.room.id)).one()
    gone.valid_to = date(2026, 9, 30)
    session.flush()
    assert rounds.fan_out(session, world.rule, world.round, date(2026, 10, 1)) == (0, ())
    assert session.scalar(select(func.count(Task.id)).where(Task.group_id == world.group.id)) == 2


def test_an_empty_group_keeps_its_task_and_is_reported(session: Session, world: World, app: Flask) -> None:
    banks = add_unit(session, world.authority, "Các ngân hàng trên địa bàn", kind=UnitKind.GROUP)
    leaf = add_indicator(session, world.indicators, "1.9", "Thanh toán số", parent=session.get(Indicator, world.leaves[0].parent_id), position=9)
    assign(session, world.notice, leaf, banks)
    assert rounds.fan_out(session, world.rule, world.round, date(2026, 10, 1)) == (1, (banks.name,))
    task = session.scalars(select(Task).where(Task.unit_id == banks.id)).one()
    assert task.group_id == banks.id


def test_assignments_out_of_force_and_parents_get_no_task(session: Session, world: World) -> None:
    parent = session.get(Indicator, world.leaves[0].parent_id)
    assert parent is not None
    assign(session, world.notice, parent, world.room)
    ended = add_indicator(session, world.indicators, "1.8", "Đã thôi giao", parent=parent, position=8)
    assign(session, world.notice, ended, world.room).valid_to = date(2026, 9, 30)
    later = add_indicator(session, world.indicators, "1.7", "Giao sau", parent=parent, position=7)
    assign(session, world.notice, later, world.room).valid_from = date(2026, 10, 2)
    session.flush()
    assert rounds.fan_out(session, world.rule, world.round, date(2026, 10, 1)) == (0, ())


def test_a_review_is_one_duty_of_the_focal_unit(session: Session, world: World) -> None:
    rule = add_rule(
        session,
        world.notice,
        [world.indicators],
        slug="ra-soat",
        name="Rà soát 6 tháng",
        kind=RuleKind.REVIEW,
        schedule=Schedule.EVERY_6_MONTHS,
        opens_days_before=0,
    )
    scope.choose(session, scope.one(world.authority.id))
    opened = rounds.open_due(session, date(2026, 7, 1), SYSTEM, OPENED_AT)
    assert [(one.round.slug, one.tasks) for one in opened] == [("ra-soat-1-2026", 1)]
    task = session.scalars(select(Task).where(Task.round_id == opened[0].round.id)).one()
    assert (task.unit_id, task.indicator_id, task.title) == (world.focal_unit.id, None, "Rà soát 6 tháng, lần 1/2026")
    assert rounds.fan_out(session, rule, opened[0].round, date(2026, 7, 1)) == (0, ())


def test_a_review_without_a_focal_unit_says_what_to_do(session: Session, world: World) -> None:
    world.focal_unit.focal = False
    add_rule(session, world.notice, [], slug="ra-soat", kind=RuleKind.REVIEW, schedule=Schedule.EVERY_6_MONTHS, opens_days_before=0)
    scope.choose(session, scope.one(world.authority.id))
    with pytest.raises(Refused, match="chưa có đơn vị đầu mối"):
        rounds.open_due(session, date(2026, 7, 1), SYSTEM, OPENED_AT)


@pytest.fixture
def closed_world(session: Session, world: World) -> DeadlineRule:
    """A second yearly rule of the world, whose round opens on 31/10/2026 (45 days before 15/12)."""
    rule = add_rule(session, world.notice, [world.indicators], slug="cuoi-nam", name="Báo cáo cuối năm", month=12, day=16, position=1)
    session.commit()
    return rule


def test_rounds_open_by_themselves_on_their_opening_day(
    app: Flask, session: Session, closed_world: DeadlineRule, on_day: Callable[[str], None]
) -> None:
    slugs = select(Round.slug).where(Round.rule_id == closed_world.id)
    on_day("2026-10-30T23:30")
    jobs.open_rounds(app)
    session.expire_all()
    assert session.scalars(slugs).all() == []
    on_day("2026-10-31T00:05")
    jobs.open_rounds(app)
    session.rollback()
    assert session.scalars(slugs).all() == ["cuoi-nam-2026"]
    assert jobs.open_rounds(app) == 0
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "round.open").order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert (event.actor, event.summary) == ("Hệ thống", "Mở đợt Báo cáo cuối năm 2026: 5 nhiệm vụ, hạn 15/12/2026.")


def test_a_round_of_early_january_opens_in_the_year_before(app: Flask, session: Session, world: World, on_day: Callable[[str], None]) -> None:
    add_rule(session, world.notice, [world.indicators], slug="dau-nam", month=1, day=10, opens_days_before=45, position=1)
    session.commit()
    on_day("2026-11-24")
    jobs.open_rounds(app)
    assert "dau-nam-2027" not in session.scalars(select(Round.slug)).all()
    on_day("2026-11-25")
    jobs.open_rounds(app)
    session.rollback()
    assert "dau-nam-2027" in session.scalars(select(Round.slug)).all()


def test_one_authoritys_trouble_does_not_stop_the_others(
    app: Flask, session: Session, world: World, closed_world: DeadlineRule, on_day: Callable[[str], None]
) -> None:
    broken = world.elsewhere
    session.scalars(select(Unit).where(Unit.authority_id == broken.id)).one().focal = False
    rule = DeadlineRule(
        authority_id=broken.id,
        notice_id=session.scalars(select(DeadlineRule.notice_id).where(DeadlineRule.authority_id == broken.id)).one(),
        slug="ra-soat",
        name="Rà soát",
        kind=RuleKind.REVIEW,
        wording="06 tháng",
        place="Mục 1",
        schedule=Schedule.EVERY_6_MONTHS,
        roll=Roll.NONE,
        window="not_stated",
        opens_days_before=0,
        position=0,
    )
    session.add(rule)
    session.commit()
    on_day("2026-11-01")
    assert jobs.open_rounds(app) == 1
    session.rollback()
    assert session.scalars(select(Round.slug).where(Round.rule_id == closed_world.id)).all() == ["cuoi-nam-2026"]
    assert session.scalars(select(Round.slug).where(Round.rule_id == rule.id)).all() == []


def test_two_who_open_a_round_at_once_make_one(app: Flask, session: Session, closed_world: DeadlineRule) -> None:
    rule_id, together = closed_world.id, Barrier(2)

    def open_it(_number: int) -> int | None:
        with app.app_context(), writing():
            own = db.session()
            scope.choose(own, scope.whole("two schedulers"))
            rule = own.scalars(select(DeadlineRule).where(DeadlineRule.id == rule_id)).one()
            (period, *_rest) = deadlines.opening_periods(own, rule, deadlines.working_calendar(own), date(2026, 11, 18))
            own.rollback()
            together.wait(10)
            rule = own.scalars(select(DeadlineRule).where(DeadlineRule.id == rule_id)).one()
            opened = rounds.open_round(own, rule, period, SYSTEM, clock.now(), as_of=date(2026, 11, 18))
            own.commit()
            return opened.tasks if opened else None

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(open_it, range(2)))
    assert sorted(made, key=str) == [5, None]
    session.rollback()
    (one,) = session.scalars(select(Round.id).where(Round.rule_id == rule_id)).all()
    assert session.scalar(select(func.count(Task.id)).where(Task.round_id == one)) == 5
    assert session.scalar(select(func.count(AuditEvent.id)).where(AuditEvent.subject_type == "round", AuditEvent.subject_id == one)) == 1


@pytest.fixture
def survey(session: Session, world: World) -> DeadlineRule:
    """«Trong thời hạn 15 ngày, kể từ ngày phát hành văn bản khảo sát»."""
    rule = add_rule(
        session,
        world.notice,
        [world.indicators],
        slug="khao-sat",
        name="Khảo sát",
        schedule=Schedule.EVENT,
        month=None,
        day=None,
        term_length=15,
        boundary=Boundary.BY,
        roll=Roll.NEXT_WORKING_DAY,
        opens_days_before=0,
        position=1,
    )
    add_rule(
        session,
        world.notice,
        [world.indicators],
        slug="dot-xuat",
        name="Đột xuất",
        schedule=Schedule.AD_HOC,
        month=None,
        day=None,
        boundary=None,
        opens_days_before=0,
        position=2,
    )
    session.commit()
    return rule


def test_a_survey_letter_starts_the_clock_of_all_its_indicators(session: Session, world: World, survey: DeadlineRule) -> None:
    opened = rounds.start_by_letter(session, survey, " 05/CV-UBND ", date(2026, 11, 6), SYSTEM, clock.now())
    assert (opened.tasks, opened.round.slug, opened.round.last_on) == (5, "khao-sat-05-cv-ubnd", date(2026, 11, 23))
    assert (opened.round.letter_number, opened.round.letter_issued_on) == ("05/CV-UBND", date(2026, 11, 6))


def test_a_letter_that_cannot_start_a_round_is_refused_beside_its_field(session: Session, world: World, survey: DeadlineRule) -> None:
    now, tomorrow = clock.now(), clock.today() + timedelta(days=1)
    rounds.start_by_letter(session, survey, "05/CV-UBND", date(2026, 11, 6), SYSTEM, now)
    wrong: list[tuple[DeadlineRule, str, date, str, str]] = [
        (survey, "05/CV-UBND", date(2026, 11, 6), "letter", "đã có"),
        (survey, "05-CV-UBND", date(2026, 11, 9), "letter", "đã có"),
        (survey, "   ", date(2026, 11, 6), "letter", "số, ký hiệu"),
        (survey, "///", date(2026, 11, 6), "letter", "số, ký hiệu"),
        (survey, "5" * 101, date(2026, 11, 6), "letter", "101 ký tự"),
        (survey, "06/CV-UBND", tomorrow, "issued", "19/11/2026"),
        (world.rule, "06/CV-UBND", date(2026, 11, 6), "rule", "nam"),
    ]
    for rule, letter, issued, field, words in wrong:
        with pytest.raises(Refused, match=words) as refusal:
            rounds.start_by_letter(session, rule, letter, issued, SYSTEM, now)
        assert refusal.value.field == field
    assert session.scalar(select(func.count(Round.id)).where(Round.rule_id == survey.id)) == 1


def test_an_ad_hoc_round_asks_for_a_chosen_subset(session: Session, world: World, survey: DeadlineRule) -> None:
    rule = session.scalars(select(DeadlineRule).where(DeadlineRule.slug == "dot-xuat")).one()
    chosen = [world.leaves[0].id, world.leaves[2].id]
    opened = rounds.start_on_request(session, rule, "Báo cáo nhanh", date(2026, 11, 28), chosen, SYSTEM, clock.now())
    assert (opened.tasks, opened.round.subset, opened.round.last_on) == (3, True, date(2026, 11, 28))
    assert set(session.scalars(select(Task.indicator_id).where(Task.round_id == opened.round.id))) == set(chosen)
    whole = rounds.start_on_request(session, rule, "Báo cáo cả bộ", date(2026, 11, 18), [], SYSTEM, clock.now())
    assert (whole.tasks, whole.round.subset) == (5, False)
    wrong = [
        ("Báo cáo nhanh", date(2026, 11, 28), "name"),
        ("Khác", date(2026, 11, 17), "last_on"),
        ("  ", date(2026, 11, 28), "name"),
        ("…", date(2026, 11, 28), "name"),
        ("a" * 101, date(2026, 11, 28), "name"),
    ]
    for name, last, field in wrong:
        with pytest.raises(Refused) as refusal:
            rounds.start_on_request(session, rule, name, last, chosen, SYSTEM, clock.now())
        assert refusal.value.field == field
    with pytest.raises(Refused):
        rounds.start_on_request(session, world.rule, "Khác", date(2026, 11, 28), chosen, SYSTEM, clock.now())


def test_a_closed_round_leaves_the_current_lists_and_is_closed_once(session: Session, world: World) -> None:
    rounds.close(session, world.round, SYSTEM, clock.now())
    with pytest.raises(Refused, match="18/11/2026"):
        rounds.close(session, world.round, SYSTEM, clock.now())


def test_the_pages_of_rounds_start_them_and_name_what_is_wrong(
    session: Session, world: World, survey: DeadlineRule, sign_in: Callable[..., PageClient]
) -> None:
    focal = sign_in(world.focal.username)
    page = focal.get("/huyen-thu/rounds/letter").form().fill(letter="05/CV-UBND", issued="31/02/2026").submit(status=400)
    assert "31/02/2026" in page.main
    page = focal.get("/huyen-thu/rounds/letter").form().fill(letter="05/CV-UBND", issued="19/11/2026").submit(status=400)
    assert "chưa đến" in page.main
    page = focal.get("/huyen-thu/rounds/letter").form().fill(letter="05/CV-UBND", issued="06/11/2026").submit()
    assert "5 nhiệm vụ" in page.text
    assert page.path == "/huyen-thu/rounds/khao-sat-05-cv-ubnd"
    asked = focal.get("/huyen-thu/rounds/request").form().fill(name="Báo cáo nhanh", last_on="28/11/2026", indicators=[str(world.leaves[1].id)])
    assert "1 nhiệm vụ" in asked.submit().text
    focal.get("/huyen-thu/rounds")
    sign_in(world.owner.username).get("/huyen-thu/rounds/letter", status=403)
    sign_in(world.stranger.username).get("/huyen-thu/rounds/nam-2026", status=404)


def test_a_letter_comes_with_its_file_and_more_may_follow(world: World, survey: DeadlineRule, sign_in: Callable[..., PageClient]) -> None:
    focal = sign_in(world.focal.username)
    form = focal.get("/huyen-thu/rounds/letter").form().fill(letter="05/CV-UBND", issued="06/11/2026")
    page = form.upload("file", "cong-van.txt", b"hello", "text/plain").submit(status=400)
    assert "Không nhận tệp" in page.text
    assert "05/CV-UBND" not in focal.get("/huyen-thu/rounds").text, "a refused file opens no round"
    form = focal.get("/huyen-thu/rounds/letter").form().fill(letter="05/CV-UBND", issued="06/11/2026")
    page = form.upload("file", "Công văn 05.pdf", samples.PDF, "application/pdf").submit()
    assert page.has_link("Công văn 05.pdf")
    page = page.link("Thêm tệp văn bản").follow().form().upload("file", "phu-luc.pdf", samples.PDF + b"\n%", "application/pdf").submit()
    owner = sign_in(world.owner.username)
    assert owner.get("/huyen-thu/rounds/khao-sat-05-cv-ubnd").has_link("phu-luc.pdf")
    owner.get("/huyen-thu/rounds/khao-sat-05-cv-ubnd/papers", status=403)


def test_a_term_may_count_from_the_day_of_receipt(session: Session, world: World, survey: DeadlineRule) -> None:
    survey.trigger = Trigger.RECEIVED
    session.flush()
    now = clock.now()
    for started, words in ((None, "tính từ ngày nhận văn bản"), (date(2026, 11, 19), "chưa đến"), (date(2026, 11, 5), "trước ngày phát hành")):
        with pytest.raises(Refused, match=words) as refused:
            rounds.start_by_letter(session, survey, "06/CV", date(2026, 11, 6), SYSTEM, now, started=started)
        assert refused.value.field == "started"
    opened = rounds.start_by_letter(session, survey, "06/CV", date(2026, 11, 6), SYSTEM, now, started=date(2026, 11, 9))
    assert (opened.round.nominal_on, opened.round.last_on) == (date(2026, 11, 24), date(2026, 11, 25)), "24/11 is a public holiday"
    assert opened.round.letter_issued_on == date(2026, 11, 6)


def test_an_ad_hoc_round_may_state_the_days_it_asks_about(session: Session, world: World, closed_world: DeadlineRule) -> None:
    rule = add_rule(
        session, world.notice, [world.indicators], slug="dot-xuat", schedule=Schedule.AD_HOC, month=None, day=None, boundary=None, position=7
    )
    first, last, now = date(2026, 10, 1), date(2026, 10, 31), clock.now()
    for window, words in (
        ((last, first), "trước khi bắt đầu"),
        ((first, None), "cả ngày đầu và ngày cuối"),
        ((None, last), "cả ngày đầu và ngày cuối"),
    ):
        with pytest.raises(Refused, match=words):
            rounds.start_on_request(session, rule, "Báo cáo nhanh", date(2026, 11, 27), [], SYSTEM, now, window=window)
    opened = rounds.start_on_request(session, rule, "Báo cáo nhanh", date(2026, 11, 27), [], SYSTEM, now, window=(first, last))
    assert (opened.round.data_from, opened.round.data_to) == (first, last)
