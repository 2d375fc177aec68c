"""Trao đổi and ý kiến chỉ đạo: who reads them, who is told, what waits on the front pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World
from tests.page_client import PageClient
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.kernel import clock
from tracker.kernel.errors import Refused, Stale
from tracker.tasks import directive_service, talk_queries, talk_service
from tracker.tasks.models import Task
from tracker.tasks.talk_models import Directive, Mention, Remark
from tracker.tasks.talk_rules import TEXT_LIMIT, DirectiveState, Kind, days_late, tidy

pytestmark = pytest.mark.db

SignIn = Callable[..., PageClient]
OnDay = Callable[[str], None]


def path_of(world: World, task: Task | None = None) -> str:
    return f"/{world.slug}/tasks/{(task or world.task).id}"


def directed(session: Session, world: World, words: str = "Hoàn thành trong tuần.", by: date | None = None) -> Directive:
    actor = Actor(world.chair.id, "Lãnh đạo UBND huyện Thử")
    one = directive_service.direct(session, world.task, words, by, actor, clock.now())
    session.commit()
    return one


def remarked(session: Session, world: World, words: str, *mentioned: int) -> Remark:
    people = talk_queries.people(session, world.authority, world.task.unit_id, clock.today())
    one = talk_service.say(session, world.task, words, mentioned, people, Actor(world.focal.id, "Đầu mối"), clock.now())
    session.commit()
    return one


# Rules


@given(st.text())
def test_plain_text_keeps_its_lines_and_loses_what_cannot_be_seen(text: str) -> None:
    kept = tidy(text)
    assert kept == tidy(kept)
    assert "\r" not in kept
    assert "\x00" not in kept
    assert "\u202e" not in kept
    assert "\n\n\n" not in kept


def test_lines_stay_lines() -> None:
    assert tidy("  Một  \r\nHai\r\n\r\n\r\n\r\nBa ") == "Một\nHai\n\nBa"


def test_an_answer_is_late_by_the_days_after_its_day() -> None:
    day, later = date(2026, 11, 18), date(2026, 11, 21)
    assert days_late(None, None, later) == 0
    assert days_late(day, None, day) == 0
    assert days_late(day, None, later) == 3
    assert days_late(day, day, later) == 0


# Directives


def test_a_directive_stands_on_top_until_it_is_answered_and_the_answer_stays_below(world: World, sign_in: SignIn) -> None:
    chair, owner, focal = (sign_in(one.username) for one in (world.chair, world.owner, world.focal))
    form = chair.get(path_of(world)).link("Cho ý kiến chỉ đạo…").follow().form("/directive")
    page = form.fill(words="Báo cáo rõ nguyên nhân chậm.\nĐề xuất giải pháp.", reply_by_on="20/11/2026").submit("Gửi ý kiến chỉ đạo")
    assert "Trả lời trước hết ngày 20/11/2026" in page.text
    for who, front in ((owner, "work"), (focal, "today"), (chair, "overview")):
        assert "Báo cáo rõ nguyên nhân chậm." in who.get(f"/{world.slug}/{front}").text
    page = owner.get(path_of(world)).link("Trả lời chỉ đạo…").follow().form("/answer").fill(words="Đã đủ số liệu, nộp ngày 19/11.").submit("Trả lời")
    assert "Đã đủ số liệu, nộp ngày 19/11." in page.text
    assert not page.has_link("Trả lời chỉ đạo…")
    for who, front in ((owner, "work"), (focal, "today")):
        assert "nguyên nhân chậm" not in who.get(f"/{world.slug}/{front}").text
    overview = chair.get(f"/{world.slug}/overview").text
    assert "Chỉ đạo đã có trả lời" in overview
    assert "Đã đủ số liệu, nộp ngày 19/11." in overview


def test_a_directive_not_answered_in_time_is_late_in_words(session: Session, world: World, sign_in: SignIn, on_day: OnDay) -> None:
    directed(session, world, by=date(2026, 11, 20))
    on_day("2026-11-23")
    assert "Quá hạn trả lời 3 ngày" in sign_in(world.owner.username).get(path_of(world)).text
    assert "quá hạn trả lời 3 ngày" in sign_in(world.chair.username).get(f"/{world.slug}/overview").text


def test_an_answer_leaves_the_leaders_page_after_a_week(session: Session, world: World, sign_in: SignIn, on_day: OnDay) -> None:
    one = directed(session, world)
    directive_service.answer(session, one, world.task, "Đã xong.", one.version, Actor(world.owner.id, "Chuyên viên"), clock.now())
    session.commit()
    chair = sign_in(world.chair.username)
    assert "Đã xong." in chair.get(f"/{world.slug}/overview").text
    on_day("2026-11-26")
    assert "Đã xong." not in sign_in(world.chair.username).get(f"/{world.slug}/overview").text


def test_a_directive_given_once_more_closes_the_former_with_its_answer(session: Session, world: World, sign_in: SignIn) -> None:
    one = directed(session, world, "Nộp ngay.")
    directive_service.answer(session, one, world.task, "Sẽ nộp.", one.version, Actor(world.owner.id, "Chuyên viên"), clock.now())
    session.commit()
    chair = sign_in(world.chair.username)
    page = chair.get(path_of(world)).link("Nhắc lại…").follow().form("/repeat").submit("Nhắc lại")
    assert "nhắc lại lần 2" in page.text
    assert "Sẽ nộp." in page.text
    states = list(session.execute(select(Directive.state, Directive.times).order_by(Directive.id)))
    assert states == [(DirectiveState.CLOSED, 1), (DirectiveState.WAITING, 2)]
    page = page.form("/close").submit("Kết thúc")
    assert not page.has_link("Nhắc lại…")


def test_an_answer_to_what_was_closed_meanwhile_is_told_and_saves_nothing(session: Session, world: World, sign_in: SignIn) -> None:
    one = directed(session, world)
    form = sign_in(world.owner.username).get(f"/{world.slug}/directives/{one.id}/answer").form("/answer").fill(words="Đang làm.")
    directive_service.close(session, one, world.task, one.version, Actor(world.chair.id, "Lãnh đạo"), clock.now())
    session.commit()
    page = form.submit("Trả lời", status=409)
    assert "Đang làm." in page.text
    assert session.get_one(Directive, one.id).answer is None


def test_a_directive_asks_for_words_and_a_day_to_come(session: Session, world: World, sign_in: SignIn) -> None:
    chair = sign_in(world.chair.username)
    form = chair.get(f"{path_of(world)}/directive").form("/directive")
    assert form.fill(words="  ").submit(status=400).errors
    page = chair.get(f"{path_of(world)}/directive").form("/directive").fill(words="Nộp ngay.", reply_by_on="17/11/2026").submit(status=400)
    assert "đã qua" in page.text
    assert page.texts("//textarea") == ["Nộp ngay."]
    with pytest.raises(Refused):
        directed(session, world, "x" * (TEXT_LIMIT + 1))


def test_only_leaders_direct_and_only_the_lead_or_the_focal_point_answers(session: Session, world: World, sign_in: SignIn) -> None:
    one = directed(session, world)
    for who in (world.owner, world.head, world.focal, world.viewer, world.admin):
        sign_in(who.username).get(f"{path_of(world)}/directive", status=403)
    for who, status in ((world.chair, 403), (world.viewer, 403), (world.colleague, 404), (world.head, 200), (world.focal, 200)):
        sign_in(who.username).get(f"/{world.slug}/directives/{one.id}/answer", status=status)
    page = sign_in(world.focal.username).get(f"/{world.slug}/directives/{one.id}/answer").form("/answer").fill(words="Đã đôn đốc.").submit()
    assert "thay mặt" in page.text


# Remarks


def test_who_is_mentioned_is_told_until_read_and_looking_changes_nothing(session: Session, world: World, sign_in: SignIn) -> None:
    focal, owner = sign_in(world.focal.username), sign_in(world.owner.username)
    form = focal.get(path_of(world)).link("Viết ý kiến…").follow().form("/remarks")
    page = form.fill(words="Đề nghị xem lại số liệu.\nTheo https://thu.example/bieu-1", mentioned=[str(world.owner.id)]).submit("Gửi ý kiến")
    assert "Nhắc tới: " in page.text
    (link,) = page.all("//a[@href='https://thu.example/bieu-1']")
    assert set(link.get("rel").split()) == {"noopener", "noreferrer", "nofollow"}
    work = f"/{world.slug}/work"
    assert "Đồng chí được nhắc tới" in owner.get(work).text
    page = owner.get(path_of(world))
    assert "Đồng chí được nhắc tới" in owner.get(work).text, "a GET changes nothing"
    page.form("/remarks/read").submit("Đã xem")
    assert "Đồng chí được nhắc tới" not in owner.get(work).text
    assert "Đồng chí được nhắc tới" not in sign_in(world.head.username).get(work).text


def test_answering_counts_as_having_read(session: Session, world: World, sign_in: SignIn) -> None:
    remarked(session, world, "Đề nghị xem lại.", world.owner.id)
    sign_in(world.owner.username).get(f"{path_of(world)}/remarks").form("/remarks").fill(words="Đã xem lại.").submit()
    assert session.scalars(select(Mention.read_at)).one() is not None


def test_nobody_is_mentioned_who_does_not_see_the_talk(session: Session, world: World, sign_in: SignIn) -> None:
    page = sign_in(world.owner.username).get(f"{path_of(world)}/remarks")
    for who in (world.colleague, world.stranger, world.foreign_focal):
        refused = page.form("/remarks").fill(words="Xin ý kiến.").tamper(mentioned=str(who.id)).submit(status=400)
        assert refused.errors
        with pytest.raises(Refused):
            remarked(session, world, "Xin ý kiến.", who.id)
        session.rollback()
    assert not list(session.scalars(select(Remark)))


def test_a_remark_is_taken_back_by_its_author_alone_and_that_shows(session: Session, world: World, sign_in: SignIn) -> None:
    one = remarked(session, world, "Nhầm nhiệm vụ.", world.owner.id)
    owner, focal = sign_in(world.owner.username), sign_in(world.focal.username)
    assert not owner.get(path_of(world)).has_form("/withdraw")
    owner.get(path_of(world)).form("/remarks/read")
    page = focal.get(path_of(world)).form(f"/remarks/{one.id}/withdraw").submit("Rút lại")
    assert "đã rút lại" in page.text
    assert "Nhầm nhiệm vụ." not in page.text
    assert "Nhầm nhiệm vụ." not in owner.get(f"/{world.slug}/work").text
    assert session.get_one(Remark, one.id).words == "Nhầm nhiệm vụ.", "the row stays"


def test_who_cooperates_sees_neither_the_talk_nor_its_words_in_the_history(session: Session, world: World, sign_in: SignIn) -> None:
    directed(session, world, "Chỉ đạo kín.")
    remarked(session, world, "Trao đổi kín.", world.owner.id)
    lines = talk_queries.of_task(session, world.authority.id, world.task.id)
    assert [line.kind for line in lines] == [Kind.DIRECTIVE, Kind.REMARK]
    for event in session.scalars(select(AuditEvent).where(AuditEvent.subject_type == "task").order_by(AuditEvent.id)):
        assert "kín" not in event.summary
    seen = [sign_in(one.username).get(path_of(world)).text for one in (world.owner, world.head, world.focal, world.chair, world.viewer, world.admin)]
    assert all("Chỉ đạo kín." in text and "Trao đổi kín." in text for text in seen)
    colleague = sign_in(world.colleague.username)
    assert "kín" not in colleague.get(path_of(world)).text, "who cooperates sees the task, not what is said"
    colleague.get(f"{path_of(world)}/remarks", status=404)
    assert not talk_queries.of_task(session, world.elsewhere.id, world.task.id), "another authority's number finds nothing"


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", '<a href="javascript:alert(1)">a</a>', 'https://a.test/"onmouseover=alert(1)'])
def test_a_text_that_is_code_is_shown_as_text(session: Session, world: World, sign_in: SignIn, attack: str) -> None:
    directed(session, world, attack)
    remarked(session, world, attack, world.owner.id)
    owner = sign_in(world.owner.username)
    assert owner.get(path_of(world)).text.count(attack) >= 2
    assert attack in owner.get(f"/{world.slug}/work").text


def test_a_stale_version_is_refused_by_the_service(session: Session, world: World) -> None:
    one = directed(session, world)
    with pytest.raises(Stale):
        directive_service.close(session, one, world.task, 99, Actor(world.chair.id, "Lãnh đạo"), clock.now())
    with pytest.raises(Stale):
        directive_service.close(session, one, world.task, None, Actor(world.chair.id, "Lãnh đạo"), clock.now())
