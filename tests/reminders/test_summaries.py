"""What a digest brings beside a unit's own tasks: the leaders' summary, what others ask, what is new; quiet days and hours; refusing summaries."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import World, add_person
from tests.page_client import PageClient
from tests.reminders.test_planning import mails, send, snapshot
from tracker.audit.rules import Actor
from tracker.evidence.contribution_models import Contribution
from tracker.evidence.contribution_rules import ContributionState
from tracker.kernel import clock
from tracker.kernel.errors import Refused
from tracker.mail.models import OutboxMessage
from tracker.reminders import ahead_queries, jobs, policy_service, service
from tracker.reminders.models import SummaryRefused, ToldNews
from tracker.reminders.news_rules import NewsKind, week_of
from tracker.reminders.plan_rules import Digest
from tracker.reminders.policy_rules import USUAL, Policy, Quiet, expect_livable, read_quiet
from tracker.tasks import directive_service, obstacle_service
from tracker.tasks.rules import Progress
from tracker.tasks.talk_models import Mention, Remark
from tracker.units.rules import Role

SignIn = Callable[..., PageClient]
FOCAL = Actor(None, "Đầu mối")
MONDAY, WEDNESDAY = date(2026, 11, 16), date(2026, 11, 18)


def choose(session: Session, world: World, **changes: object) -> None:
    """The usual policy with these changes, in force."""
    policy_service.choose(session, FOCAL, world.authority, replace(USUAL, **changes), version=0, now=clock.now())  # type: ignore[arg-type]
    session.commit()


def plan(session: Session, world: World, day: date = WEDNESDAY) -> dict[str, Digest]:
    """The day's digests by address. Committed."""
    made = service.plan(session, world.authority, day, clock.noon(day))
    session.commit()
    return {digest.address: digest for digest in made.digests}


def of_chair(session: Session, world: World, day: date) -> Digest | None:
    return plan(session, world, day).get(world.chair.email or "")


@pytest.mark.db
def test_leaders_get_the_summary_every_monday_and_when_something_climbs_to_them(session: Session, world: World) -> None:
    days = [MONDAY + timedelta(days=n) for n in range(12)]
    told = {day: digest for day in days if (digest := of_chair(session, world, day)) is not None}
    # Tasks aimed at Friday the 13th are three working days late on Wednesday the 18th: each climbs once.
    assert sorted(told) == [MONDAY, WEDNESDAY, date(2026, 11, 23)]
    assert all(digest.summary for digest in told.values())
    assert {row.code for row, _ in told[WEDNESDAY].counted} == {"1.1", "1.2", "1.3", "1.4"}
    assert told[MONDAY].counted == told[date(2026, 11, 23)].counted == []


@pytest.mark.db
def test_a_monday_slept_through_is_made_up_for_and_the_clock_going_back_says_nothing_twice(session: Session, world: World) -> None:
    choose(session, world, chair_from=None)
    assert of_chair(session, world, MONDAY)
    assert of_chair(session, world, date(2026, 11, 25)), "the scheduler slept on Monday the 23rd"
    assert of_chair(session, world, date(2026, 11, 26)) is None
    assert of_chair(session, world, MONDAY) is None
    assert list(session.scalars(select(ToldNews.subject_id).order_by(ToldNews.id))) == [202647, 202648]


@pytest.mark.db
def test_the_summary_says_how_it_stands_at_the_moment_of_sending(app: Flask, session: Session, world: World) -> None:
    plan(session, world, WEDNESDAY)
    world.task.status = Progress.ACCEPTED
    send(app, session)
    read = mails(app)[world.chair.email or ""]
    assert read.startswith("Đôn Đốc: 4 nhiệm vụ quá hạn trong 4 đang mở, ngày 18/11/2026")
    told, _, token = read.rpartition("/summary/")
    assert len(token) > 20
    snapshot("summary", f"{told}/summary/…")


@pytest.mark.db
def test_a_leader_who_is_a_unit_s_head_too_gets_one_mail(app: Flask, session: Session, world: World) -> None:
    add_person(session, world.authority, Role.HEAD, world.room, username="kiem-nhiem", email=world.chair.email or "")
    digest = plan(session, world, WEDNESDAY)[world.chair.email or ""]
    assert digest.said and digest.summary
    send(app, session)
    read = mails(app)[world.chair.email or ""]
    assert "TÌNH HÌNH CHUNG" in read and "1.1" in read
    message = next(path for path in app.config["MAIL_FOLDER"].glob("*.eml") if (world.chair.email or "").encode() in path.read_bytes())
    assert b"List-Unsubscribe" not in message.read_bytes(), "its duties cannot be refused"


@pytest.mark.db
def test_who_refuses_summaries_gets_none_and_may_take_them_again(app: Flask, client: PageClient, session: Session, world: World) -> None:
    plan(session, world, WEDNESDAY)
    send(app, session)
    message = next(path for path in app.config["MAIL_FOLDER"].glob("*.eml") if b"List-Unsubscribe:" in path.read_bytes()).read_text()
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in message
    path = "/summary/" + mails(app)[world.chair.email or ""].rpartition("/summary/")[2].strip()
    assert "đang nhận bản tổng hợp" in client.get(path).text
    assert session.scalar(select(func.count(SummaryRefused.id))) == 0, "a GET changes nothing"
    client.get(path).form("/summary").submit("Thôi nhận bản tổng hợp")
    assert of_chair(session, world, date(2026, 11, 23)) is None
    assert client.get(path).form("/summary").submit("Nhận lại bản tổng hợp").has_form("/summary")
    assert of_chair(session, world, date(2026, 11, 30)) is not None
    # One click of a mail program: no session, no token of ours.
    assert app.test_client().post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    session.rollback()
    assert session.scalar(select(func.count(SummaryRefused.id))) == 1
    client.get(path[:-3] + "xyz", status=404)


@pytest.mark.db
def test_what_waits_when_summaries_are_refused_is_dropped(app: Flask, session: Session, world: World) -> None:
    plan(session, world, WEDNESDAY)
    session.add(SummaryRefused(authority_id=world.authority.id, account_id=world.chair.id, at=clock.now()))
    send(app, session)
    assert world.chair.email not in mails(app)


def asked(session: Session, world: World, due_on: date) -> Contribution:
    one = Contribution(
        authority_id=world.authority.id,
        task_id=world.task.id,
        unit_id=world.other_room.id,
        wanted="Danh sách tổ công nghệ số",
        due_on=due_on,
        asked_at=clock.now(),
        asked_by="Phòng Nội vụ",
        asked_by_id=world.owner.id,
    )
    session.add(one)
    session.commit()
    return one


@pytest.mark.db
def test_a_unit_that_was_asked_is_told_by_the_day_it_was_given(app: Flask, session: Session, world: World) -> None:
    choose(session, world, chair_from=None, chair_weekly=False)
    plan(session, world, date(2026, 11, 17))
    one = asked(session, world, date(2026, 11, 23))
    digest = plan(session, world, WEDNESDAY)["colleague@huyen-thu.test"]
    assert [(w.contribution_id, rung) for w, rung in digest.wanted] == [(one.id, -3)]
    send(app, session)
    snapshot("wanted", mails(app)["colleague@huyen-thu.test"])
    assert plan(session, world, date(2026, 11, 19)).get("colleague@huyen-thu.test") is None, "no new rung"


@pytest.mark.db
def test_what_was_given_meanwhile_is_not_asked_for_again(app: Flask, session: Session, world: World) -> None:
    choose(session, world, rungs=(-3,), afterwards=0, chair_from=None, chair_weekly=False)
    one = asked(session, world, date(2026, 11, 23))
    assert plan(session, world, WEDNESDAY)["colleague@huyen-thu.test"].wanted
    one.state, one.sentence, one.answered_at = ContributionState.NONE, "Không phát sinh", clock.now()
    send(app, session)
    assert "Danh sách tổ" not in mails(app).get("colleague@huyen-thu.test", "")


@pytest.mark.db
def test_where_the_policy_leaves_cooperators_and_news_out_nobody_hears_of_them(session: Session, world: World) -> None:
    choose(session, world, cooperators=False, news=False, chair_from=None, chair_weekly=False)
    asked(session, world, date(2026, 11, 23))
    obstacle_service.report(session, world.task, "Thiếu số liệu", Actor(world.owner.id, "Chuyên viên"), clock.now())
    assert all(not digest.wanted and not digest.news for digest in plan(session, world).values())


@pytest.mark.db
def test_news_reaches_whom_it_turns_to_once(app: Flask, session: Session, world: World) -> None:
    choose(session, world, chair_from=None, chair_weekly=False)
    plan(session, world, date(2026, 11, 17))
    now = clock.noon(WEDNESDAY) - timedelta(hours=3)
    directive_service.direct(session, world.task, "Xong trước thứ Sáu.\nBáo lại.", date(2026, 11, 20), Actor(world.chair.id, "Phó Chủ tịch"), now)
    obstacle_service.report(session, world.task, "Thiếu số liệu", Actor(world.owner.id, "Chuyên viên, Phòng Nội vụ"), now)
    remark = Remark(
        authority_id=world.authority.id, task_id=world.task.id, words="Đã gửi", said_at=now, said_by="Chuyên viên", said_by_id=world.owner.id
    )
    session.add(remark)
    session.flush()
    session.add(Mention(authority_id=world.authority.id, remark_id=remark.id, account_id=world.chair.id, title="Phó Chủ tịch"))
    session.commit()
    kinds = {address: {one.kind for one in digest.news} for address, digest in plan(session, world).items() if digest.news}
    assert kinds == {
        "owner@huyen-thu.test": {NewsKind.DIRECTIVE},
        world.head.email: {NewsKind.DIRECTIVE},
        world.focal.email: {NewsKind.OBSTACLE},
        world.chair.email: {NewsKind.MENTION},
    }
    send(app, session)
    read = mails(app)
    assert "chỉ đạo của Phó Chủ tịch: “Xong trước thứ Sáu. Báo lại.”; trả lời chậm nhất ngày 20/11/2026" in read["owner@huyen-thu.test"]
    snapshot("news", read[world.chair.email or ""])
    assert all(not digest.news for digest in plan(session, world, date(2026, 11, 19)).values())


@pytest.mark.db
def test_news_answered_before_the_mail_goes_is_left_out(app: Flask, session: Session, world: World) -> None:
    choose(session, world, rungs=(60,), chair_from=None, chair_weekly=False)
    plan(session, world, date(2026, 11, 17))
    one = obstacle_service.report(session, world.task, "Thiếu số liệu", Actor(world.owner.id, "Chuyên viên"), clock.now())
    session.commit()
    assert plan(session, world)[world.focal.email or ""].news
    obstacle_service.answer(session, one, world.task, "Đã có", one.version, Actor(world.focal.id, "Đầu mối"), clock.now())
    assert send(app, session).dropped == 1


@pytest.mark.db
def test_the_focal_point_watches_from_the_rung_the_policy_says(app: Flask, session: Session, world: World) -> None:
    choose(session, world, focal_from=3, chair_from=None, chair_weekly=False)
    digest = plan(session, world)[world.focal.email or ""]
    assert {row.code for row, _ in digest.watched} >= {"1.1", "1.2"}
    send(app, session)
    read = mails(app)[world.focal.email or ""]
    assert world.room.name in read and f"/{world.slug}\n" in read


@pytest.mark.db
def test_on_a_quiet_day_nothing_is_said_and_the_day_after_makes_up_for_it(session: Session, world: World) -> None:
    choose(session, world, quiet=(Quiet(date(2026, 11, 17), WEDNESDAY),))
    drafted = service.draft(session, world.authority, WEDNESDAY)
    assert drafted.digests == () and "ngày yên lặng" in (drafted.reason or "")
    assert plan(session, world, date(2026, 11, 19))
    ahead = ahead_queries.look_ahead(session, world.authority, MONDAY, date(2026, 11, 30))
    assert not {one.day for one in ahead} & {date(2026, 11, 17), WEDNESDAY}


@pytest.mark.db
@pytest.mark.parametrize(("at", "planned"), [("07:29", 0), ("07:30", 5), ("16:59", 5), ("17:00", 0), ("23:00", 0)])
def test_the_scheduler_plans_in_the_hours_of_the_policy(
    app: Flask, session: Session, world: World, on_day: Callable[[str], None], at: str, planned: int
) -> None:
    session.commit()
    on_day(f"2026-11-18T{at}")
    jobs.plan_today(app)
    session.rollback()
    mine = OutboxMessage.authority_id == world.authority.id
    assert session.scalar(select(func.count(OutboxMessage.id)).where(mine)) == planned


@pytest.mark.db
def test_looking_ahead_names_the_leaders_on_the_days_they_are_told(session: Session, world: World) -> None:
    told = {
        one.day
        for one in ahead_queries.look_ahead(session, world.authority, date(2026, 11, 13), date(2026, 11, 27))
        if world.chair.email in one.recipients
    }
    assert told == {MONDAY, WEDNESDAY, date(2026, 11, 23)}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ()),
        ("24/12/2026", (Quiet(date(2026, 12, 24), date(2026, 12, 24)),)),
        ("28/12/2026 - 31/12/2026; 24/12/2026", (Quiet(date(2026, 12, 24), date(2026, 12, 24)), Quiet(date(2026, 12, 28), date(2026, 12, 31)))),
    ],
)
def test_quiet_days_are_read_as_people_type_them(typed: str, read: tuple[Quiet, ...]) -> None:
    assert read_quiet(typed, "quiet") == read
    assert read_quiet("; ".join(one.words for one in read), "quiet") == read


@pytest.mark.parametrize(
    "typed", ["31/02/2026", "mai", "31/12/2026 - 28/12/2026", "01/01/2026 - 31/12/2026", "; ".join(["24/12/2026"] * 13), "1/1/2026-"]
)
def test_quiet_days_that_are_none_are_refused(typed: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_quiet(typed, "quiet")
    assert refusal.value.field == "quiet"


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        (Policy(afterwards=0, chair_from=8), "chair_from"),
        (Policy(afterwards=0, focal_from=8), "focal_from"),
        (Policy(opens_at=time(17), closes_at=time(7)), "closes_at"),
    ],
)
def test_a_policy_whose_steps_are_never_reached_or_whose_hours_run_backwards_is_refused(policy: Policy, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        expect_livable(policy)
    assert refusal.value.field == field


@pytest.mark.db
def test_every_part_of_a_policy_is_kept(sign_in: SignIn, session: Session, world: World) -> None:
    address = f"/{world.slug}/reminders/policy"
    page = sign_in(world.focal.username).get(address)
    filled = page.form(address).fill(
        cooperators=False, focal_from="1", chair_from="never", chair_weekly=False, zalo_from="never", letter_from="13", opens_at="08:00", closes_at="16:30",
        quiet="24/12/2026; 28/12/2026 - 31/12/2026",
    )  # fmt: skip
    saved = filled.submit("Lưu chính sách")
    assert "Thư đi từ 08:00 đến 16:30; yên lặng 24/12/2026 và 28/12/2026 – 31/12/2026." in saved.text
    again = sign_in(world.focal.username).get(address)
    assert "Chính sách nhắc vẫn như cũ" in again.form(address).submit("Lưu chính sách").text


def test_a_week_has_one_number() -> None:
    assert [week_of(date(2026, 11, 18)), week_of(date(2027, 1, 1)), week_of(date(2027, 1, 4))] == [202647, 202653, 202701]


def test_payloads_hold_no_words() -> None:
    digest = Digest("a@x.vn", summary=True)
    assert json.loads(json.dumps(digest.payload)) == {"items": [], "summary": True}
