"""Official letters on the pages: drafted, kept, worded, numbered, set aside; and for whom one is proposed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.documents.test_letters import case
from tests.factories import World
from tests.page_client import Page, PageClient
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.documents import letter_register_queries as queries
from tracker.documents import letter_rules
from tracker.documents.letter_models import LetterTemplate, OfficialLetter, OfficialLetterTask
from tracker.documents.letter_register_rules import LetterState, as_composed, as_kept, number_of
from tracker.documents.letter_wording_rules import PLACEHOLDERS, USUAL, Addressed, LetterKind, Manner, Signer, expect_fillable, filled
from tracker.kernel import clock, scope
from tracker.kernel.errors import Refused
from tracker.reminders import policy_service
from tracker.reminders.chase_models import ChaseEntry, ChaseEntryTask
from tracker.reminders.chase_rules import ChaseKind
from tracker.reminders.policy_rules import Policy
from tracker.tasks.rules import Progress

SignIn = Callable[..., PageClient]
OnDay = Callable[[str], None]
CHASE = LetterKind.CHASE
UNTIL = date(2026, 11, 26)
NEW, LIST = "/huyen-thu/letters/new", "/huyen-thu/letters"
WORDING = "/huyen-thu/letters/wording/chase"


# The wording


def test_the_usual_wording_is_a_wording_and_every_placeholder_of_a_letter_is_known() -> None:
    assert expect_fillable(CHASE, USUAL[CHASE]) == USUAL[CHASE]
    every = "\n".join(f"Chữ {{{one.name}}}" for one in PLACEHOLDERS[CHASE])
    assert all("{" not in line for line in letter_rules.compose(case(), UNTIL, None, Manner(every)).body)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Kính đề nghị {ten_don_vi} nộp.", "Không có chỗ điền “{ten_don_vi}”; các chỗ điền dùng được: {co_quan}"),
        ("Đề nghị {co_quan.__class__} nộp.", "Không có chỗ điền “{co_quan.__class__}”"),
        ("Đề nghị {} nộp.", "Không có chỗ điền “{}”"),
        ("Đề nghị {co_quan nộp.", "Dấu ngoặc nhọn ở “{co_quan nộp.” không khép"),
        ("Đề nghị co_quan} nộp.", "Dấu ngoặc nhọn ở “} nộp.” không khép"),
        ("Đề nghị {{co_quan}} nộp.", "Dấu ngoặc nhọn ở “{} nộp.” không khép"),
        ("", "đang trống"),
        (" \n\t\n", "đang trống"),
        ("{co_quan}", "đang trống"),
        ("a" * 5001, "Câu chữ có 5.001 ký tự; tối đa 5.000"),
        ("Một dòng\nHai\x07 dòng", "Dòng 2 có ký tự điều khiển U+0007"),
        ("Đảo \u202e chiều", "U+202E"),
    ],
)
def test_a_wording_no_letter_could_have_is_refused_and_says_why(text: str, sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        expect_fillable(CHASE, text)
    assert sentence in refusal.value.message
    assert refusal.value.field == "body"


@given(st.text(max_size=200))
def test_whatever_is_typed_is_refused_or_can_be_filled(text: str) -> None:
    try:
        kept = expect_fillable(CHASE, text)
    except Refused:
        return
    paragraphs = filled(kept, {one.name: "X" for one in PLACEHOLDERS[CHASE]})
    assert paragraphs[-1].endswith("./.")
    assert all(paragraphs)
    assert expect_fillable(CHASE, kept) == kept


def test_a_name_with_braces_is_never_read_for_placeholders() -> None:
    assert filled("Gửi {don_vi}: {so_luong}.", {"don_vi": "Phòng {so_luong}", "so_luong": "3"}) == ("Gửi Phòng {so_luong}: 3./.",)


def test_a_paragraph_that_ends_with_a_placeholder_ends_as_a_sentence() -> None:
    values = {"giao_theo_doi": "Giao Phòng Văn hóa theo dõi"}
    assert filled("{giao_theo_doi}\nĐề nghị báo cáo", values) == ("Giao Phòng Văn hóa theo dõi.", "Đề nghị báo cáo./.")
    assert filled("Đề nghị báo cáo:\n{giao_theo_doi}", values) == ("Đề nghị báo cáo:", "Giao Phòng Văn hóa theo dõi./.")


def test_a_letter_is_signed_and_addressed_as_chosen() -> None:
    head = letter_rules.compose(case(), UNTIL, None, Manner(signer=Signer.HEAD, addressed=Addressed.TOGETHER))
    assert head.signature == ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")
    assert head.addressees == ("Các cơ quan, đơn vị có tên tại Phụ lục kèm theo",)
    office = case(name="Văn phòng UBND tỉnh Thử")
    assert letter_rules.compose(office, UNTIL, None, Manner(signer=Signer.HEAD)).signature == ("CHÁNH VĂN PHÒNG",)
    alone = letter_rules.compose(case(), UNTIL, case().units[0], Manner(addressed=Addressed.TOGETHER))
    assert alone.addressees == ("Phòng Nội vụ",)


def test_a_letter_is_kept_and_comes_back_as_it_was() -> None:
    letter = letter_rules.compose(case(), UNTIL)
    assert as_composed(as_kept(letter)) == letter


@pytest.mark.parametrize(
    ("typed", "kept"), [("123/UBND-VHTT", "123/UBND-VHTT"), (" Số: 07/VPUB ", "07/VPUB"), ("45-CV/HU", "45-CV/HU"), ("12/BC-UBND", "12/BC-UBND")]
)
def test_numbers_are_read_as_clerks_write_them(typed: str, kept: str) -> None:
    assert number_of(typed) == kept


@pytest.mark.parametrize("typed", ["UBND-VHTT", "123", "12 3/UBND", "1/" + "A" * 40, "1/\x07UBND", "<b>1/UB</b>", "/", "số"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="123/UBND-VHTT") as refusal:
        number_of(typed)
    assert refusal.value.field == "number"


# Drafting


def drafting(browser: PageClient, **values: Any) -> Any:
    return browser.get(NEW).form("/letters/new").fill(**values)


def texts(data: bytes) -> str:
    return "\n".join(line.text for line in Document(io.BytesIO(data)).paragraphs)


def inside(data: bytes) -> dict[str, bytes]:
    """The parts of a Word file; the archive around them says when it was packed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def only_letter(session: Session) -> OfficialLetter:
    session.expire_all()
    return session.scalars(select(OfficialLetter)).one()


@pytest.mark.db
def test_a_letter_to_every_late_unit_is_seen_drafted_kept_and_written_again(session: Session, world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.focal.username)
    page = browser.get(NEW)
    assert page.h1 == "Lập công văn đôn đốc"
    seen = page.form("/letters/new").submit("Xem trước")
    assert "chậm nhất ngày 26/11/2026" in seen.main
    assert len(seen.table("DANH SÁCH")) == 5
    assert session.scalars(select(OfficialLetter)).all() == []
    first = seen.form("/letters/new").submit("Tải dự thảo")
    letter = only_letter(session)
    assert (letter.state, letter.round_id, letter.drafted_on, letter.answer_by) == (LetterState.DRAFT, world.round.id, date(2026, 11, 18), UNTIL)
    named = session.scalars(select(OfficialLetterTask)).all()
    assert {row.task_id for row in named} == {task.id for task in world.tasks}
    assert {row.due_on for row in named} == {date(2026, 11, 14)}
    assert "- Phòng Nội vụ;" in texts(first.data)
    world.task.status = Progress.ACCEPTED
    session.commit()
    again = browser.get(f"{LIST}/{letter.id}").link("Tải Word").follow().data
    assert browser.get(f"{LIST}/{letter.id}").link("Tải PDF").follow().data.startswith(b"%PDF-")
    assert inside(again) == inside(first.data), "the very same draft, whatever was done since"


@pytest.mark.db
def test_each_unit_can_have_its_own_in_one_archive(session: Session, world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.focal.username)
    chosen = [world.room.slug, world.other_room.slug]
    packed = drafting(browser, units=chosen, copies="each", signer="head").submit("Tải dự thảo")
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        assert archive.testzip() is None
        files = {name: texts(archive.read(name)) for name in archive.namelist()}
    assert sorted(files) == [f"DuThao_CV_DonDoc_{world.round.slug}_{slug}.docx" for slug in sorted(chosen)]
    assert all(text.count("Kính gửi: ") == 1 for text in files.values())
    letters = session.scalars(select(OfficialLetter)).all()
    assert len(letters) == 2
    assert all(letter.content["signature"] == ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"] for letter in letters)


@pytest.mark.db
def test_nobody_chosen_an_early_day_and_units_of_others_are_refused(session: Session, world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.focal.username)
    assert "Đồng chí chọn ít nhất một đơn vị" in drafting(browser, units=[]).submit("Tải dự thảo", status=400).main
    early = drafting(browser, answer_by="18/11/2026").submit("Tải dự thảo", status=400)
    assert "Hạn trả lời 18/11/2026 phải sau ngày lập 18/11/2026." in early.main
    slip = drafting(browser, answer_by="26/11/2062").submit("Xem trước", status=400)
    assert "Hạn trả lời 26/11/2062 quá một năm sau ngày lập 18/11/2026" in slip.main
    assert "không phải là một ngày có thật" in drafting(browser, answer_by="31/02/2026").submit("Xem trước", status=400).main
    drafting(browser).tamper(units="khong-co").submit("Tải dự thảo", status=404)
    drafting(browser).tamper(units=world.focal_unit.slug).submit("Tải dự thảo", status=404)
    drafting(browser).tamper(round=world.elsewhere_round.slug + "-x").submit("Tải dự thảo", status=404)
    browser.get(f"{NEW}?round=khong-co", status=404)
    assert session.scalars(select(OfficialLetter)).all() == []


@pytest.mark.db
def test_what_was_finished_since_the_preview_is_told_and_left_out(session: Session, world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.focal.username)
    seen = browser.get(NEW).form("/letters/new").submit("Xem trước")
    gone = [task for task in world.tasks if task.unit_id == world.bank.id]
    for task in gone:
        task.status = Progress.ACCEPTED
    mended = next(task for task in world.tasks if task.unit_id == world.room.id)
    mended.status = Progress.ACCEPTED
    session.commit()
    told = seen.form("/letters/new").submit("Tải dự thảo", status=409)
    assert f"{world.bank.name} không còn nhiệm vụ quá hạn nên không có trong dự thảo" in told.main
    assert f"Nhiệm vụ quá hạn của {world.room.name} đã thay đổi" in told.main
    told.form("/letters/new").submit("Tải dự thảo")
    letter = only_letter(session)
    named = {row.task_id for row in session.scalars(select(OfficialLetterTask).where(OfficialLetterTask.letter_id == letter.id))}
    assert named == {task.id for task in world.tasks} - {mended.id, *(task.id for task in gone)}


@pytest.mark.db
def test_where_nothing_is_late_there_is_nothing_to_draft(world: World, sign_in: SignIn, on_day: OnDay) -> None:
    on_day("2026-11-14T09:00")
    page = sign_in(world.focal.username).get(NEW)
    assert "Không có nhiệm vụ nào quá hạn" in page.main
    assert not page.has_form("/letters/new")


@pytest.mark.db("sqlite")
def test_a_name_with_signs_nobody_sees_reaches_the_letter_clean(session: Session, world: World, sign_in: SignIn) -> None:
    world.room.name = "Phòng\u200b Nội <vụ>\u202e"
    session.commit()
    data = drafting(sign_in(world.focal.username)).submit("Tải dự thảo").data
    assert "- Phòng Nội <vụ>;" in texts(data)


@pytest.mark.db
def test_the_same_form_sent_twice_is_one_draft(session: Session, world: World, sign_in: SignIn) -> None:
    form = drafting(sign_in(world.focal.username), units=[world.room.slug])
    form.submit("Tải dự thảo")
    form.submit("Tải dự thảo")
    assert only_letter(session).state is LetterState.DRAFT


# Number and day


def drafted(session: Session, browser: PageClient, **values: Any) -> OfficialLetter:
    drafting(browser, **values).submit("Tải dự thảo")
    return only_letter(session)


def numbered(browser: PageClient, letter_id: int, number: str = "123/UBND-VHTT", day: str = "18/11/2026", status: int = 200) -> Page:
    page = browser.get(f"{LIST}/{letter_id}")
    return page.form("/number").fill(number=number, issued_on=day).submit("Lưu số, ngày", status=status)


@pytest.mark.db
def test_once_it_has_a_number_each_unit_was_chased_by_it(session: Session, world: World, sign_in: SignIn, on_day: OnDay) -> None:
    browser = sign_in(world.focal.username)
    letter = drafted(session, browser, units=[world.room.slug, world.other_room.slug])
    on_day("2026-11-20T09:00")
    page = numbered(browser, letter.id, "Số: 123/UBND-VHTT", "19/11/2026")
    assert page.h1 == "Công văn số 123/UBND-VHTT"
    letter = only_letter(session)
    assert (letter.state, letter.number, letter.issued_on) == (LetterState.SENT, "123/UBND-VHTT", date(2026, 11, 19))
    entries = session.scalars(select(ChaseEntry).order_by(ChaseEntry.id)).all()
    assert [(one.kind, one.on_day) for one in entries] == [(ChaseKind.LETTER, date(2026, 11, 19))] * 2
    assert {one.unit_id for one in entries} == {world.room.id, world.other_room.id}
    assert all("số 123/UBND-VHTT ngày 19/11/2026" in one.words for one in entries)
    tasks = session.scalars(select(ChaseEntryTask)).all()
    assert {one.task_id for one in tasks} == {row.task_id for row in session.scalars(select(OfficialLetterTask))}
    rows = browser.get(LIST).table("Sổ công văn đôn đốc")
    assert (rows[0]["Số, ký hiệu"], rows[0]["Ngày"], rows[0]["Tình trạng"]) == ("123/UBND-VHTT", "19/11/2026", "Đã phát hành")


@pytest.mark.db
@pytest.mark.parametrize(
    ("number", "day", "sentence"),
    [
        ("", "18/11/2026", "Đồng chí nhập số công văn"),
        ("một hai ba", "18/11/2026", "chưa phải số công văn"),
        ("1/" + "U" * 40, "18/11/2026", "tối đa 30"),
        ("1/UBND", "19/11/2026", "chưa tới; muộn nhất là hôm nay, 18/11/2026"),
        ("1/UBND", "17/11/2026", "trước ngày lập dự thảo; sớm nhất là 18/11/2026"),
        ("1/UBND", "31/02/2026", "không phải là một ngày có thật"),
    ],
)
def test_a_number_or_a_day_that_cannot_be_is_refused(session: Session, world: World, sign_in: SignIn, number: str, day: str, sentence: str) -> None:
    browser = sign_in(world.focal.username)
    letter = drafted(session, browser)
    assert sentence in numbered(browser, letter.id, number, day, status=400).main
    assert only_letter(session).state is LetterState.DRAFT
    assert session.scalars(select(ChaseEntry)).all() == []


@pytest.mark.db
def test_two_people_entering_different_numbers_are_told_of_each_other(session: Session, world: World, sign_in: SignIn) -> None:
    one, two = sign_in(world.focal.username), sign_in(world.focal.username)
    letter = drafted(session, one, units=[world.room.slug])
    other = two.get(f"{LIST}/{letter.id}").form("/number").fill(number="124/UBND", issued_on="18/11/2026")
    same = two.get(f"{LIST}/{letter.id}").form("/number").fill(number="123/UBND", issued_on="18/11/2026")
    numbered(one, letter.id, "123/UBND")
    told = other.submit("Lưu số, ngày", status=409)
    assert "số 123/UBND ngày 18/11/2026" in told.main
    assert "số 124/UBND ngày 18/11/2026" in told.main
    same.submit("Lưu số, ngày")
    assert only_letter(session).number == "123/UBND"
    assert len(session.scalars(select(ChaseEntry)).all()) == 1


@pytest.mark.db
def test_a_number_is_corrected_with_both_in_the_history_and_used_once_a_year(session: Session, world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.focal.username)
    drafting(browser, units=[world.room.slug, world.other_room.slug], copies="each").submit("Tải dự thảo")
    first, second = (letter.id for letter in session.scalars(select(OfficialLetter).order_by(OfficialLetter.id)))
    numbered(browser, first, "123/UBND")
    assert "Số 123/UBND năm 2026 đã nhập cho công văn" in numbered(browser, second, "123/UBND", status=400).main
    numbered(browser, first, "132/UBND")
    numbered(browser, second, "123/UBND")
    said = session.scalars(select(AuditEvent).where(AuditEvent.action == "letters.corrected")).one().summary
    assert "số 123/UBND ngày 18/11/2026" in said
    assert "số 132/UBND ngày 18/11/2026" in said
    assert len(session.scalars(select(ChaseEntry)).all()) == 2, "a correction chases nobody again"


@pytest.mark.db
def test_a_draft_is_set_aside_with_its_reason_and_then_has_no_number(session: Session, world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.focal.username)
    letter = drafted(session, browser)
    late = browser.get(f"{LIST}/{letter.id}").form("/number").fill(number="1/UBND", issued_on="18/11/2026")
    assert "vì sao bỏ" in browser.get(f"{LIST}/{letter.id}").form("/set-aside").submit("Bỏ dự thảo", status=400).main
    page = browser.get(f"{LIST}/{letter.id}").form("/set-aside").fill(reason="Đơn vị đã nộp.").submit("Bỏ dự thảo")
    assert "Đơn vị đã nộp." in page.main
    assert not page.has_form("/number")
    assert "Đã bỏ: Đơn vị đã nộp." in late.submit("Lưu số, ngày", status=409).main
    again = drafting(browser).submit("Tải dự thảo")
    assert again.data
    assert {one.state for one in session.scalars(select(OfficialLetter))} == {LetterState.DRAFT, LetterState.SET_ASIDE}


@pytest.mark.db
def test_a_draft_numbered_meanwhile_is_not_set_aside(session: Session, world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.focal.username)
    letter = drafted(session, browser)
    late = browser.get(f"{LIST}/{letter.id}").form("/set-aside").fill(reason="Không gửi nữa.")
    numbered(browser, letter.id)
    told = late.submit("Bỏ dự thảo", status=409)
    assert "số 123/UBND-VHTT" in told.main
    assert "Bỏ dự thảo: Không gửi nữa." in told.main
    assert only_letter(session).state is LetterState.SENT


@pytest.mark.db
def test_the_chair_reads_the_register_and_changes_nothing(session: Session, world: World, sign_in: SignIn) -> None:
    letter = drafted(session, sign_in(world.focal.username))
    chair = sign_in(world.chair.username)
    page = chair.get(LIST)
    assert "Dự thảo" in page.table("Sổ công văn đôn đốc")[0]["Tình trạng"]
    assert not page.has_link("Lập công văn")
    page = chair.get(f"{LIST}/{letter.id}")
    assert not page.has_form("/number")
    assert chair.get(f"{LIST}/{letter.id}/word").data
    chair.get(NEW, status=403)
    sign_in(world.owner.username).get(LIST, status=403)
    sign_in(world.foreign_focal.username).get(f"/huyen-khac/letters/{letter.id}", status=404)
    sign_in(world.foreign_focal.username).get(f"/huyen-khac/letters/drafts.zip?id={letter.id}", status=404)
    assert chair.get(f"{LIST}/drafts.zip").h1 == "Sổ công văn đôn đốc"
    assert chair.get(f"{LIST}?export=xlsx").data.startswith(b"PK")


# For whom


def names(session: Session, world: World, day: date) -> set[str]:
    with scope.using(session, scope.one(world.authority.id)):
        return {one.unit_slug for one in queries.proposed(session, world.authority, day)}


@pytest.mark.db
def test_a_letter_is_proposed_from_its_rung_on_and_again_at_the_next(session: Session, world: World, sign_in: SignIn, on_day: OnDay) -> None:
    """The target day is 13/11 and 24/11 is a holiday: +8 is 26/11, +13 is 03/12."""
    assert names(session, world, date(2026, 11, 25)) == set()
    assert {world.room.slug, world.other_room.slug, world.bank.slug} <= names(session, world, date(2026, 11, 26))
    on_day("2026-11-26T09:00")
    browser = sign_in(world.focal.username)
    assert world.room.name in str(browser.get(LIST).table("Đơn vị nên gửi công văn"))
    letter = drafted(session, browser, units=[world.room.slug])
    assert world.room.slug in names(session, world, date(2026, 11, 26)), "a draft chases nobody"
    numbered(browser, letter.id, "123/UBND", "26/11/2026")
    for day, stands in ((date(2026, 11, 26), False), (date(2026, 12, 2), False), (date(2026, 12, 3), True)):
        assert (world.room.slug in names(session, world, day)) is stands, day
    assert world.other_room.slug in names(session, world, date(2026, 11, 26))


@pytest.mark.db
def test_a_new_deadline_and_the_offices_own_policy_are_obeyed(session: Session, world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.focal.username)
    policy = Policy(rungs=(0, 1, 2, 3), afterwards=5, letter_from=3)
    with scope.using(session, scope.one(world.authority.id)):
        policy_service.choose(session, Actor(None, "Đầu mối"), world.authority, policy, version=0, now=clock.now())
    session.commit()
    assert world.room.slug in names(session, world, date(2026, 11, 18))
    letter = drafted(session, browser, units=[world.room.slug])
    numbered(browser, letter.id)
    assert world.room.slug not in names(session, world, date(2026, 11, 18))
    for task in world.tasks:
        if task.unit_id == world.room.id:
            task.extended_to_on, task.extensions = date(2026, 11, 20), 1
    session.commit()
    assert world.room.slug in names(session, world, date(2026, 11, 26)), "a moved deadline is another one"


# The page of the wording


@pytest.mark.db
def test_the_offices_own_wording_is_what_letters_say_until_it_is_taken_back(session: Session, world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.focal.username)
    page = browser.get(WORDING)
    assert page.table("Các chỗ điền dùng được")[0]["Viết"] == "{co_quan}"
    browser.get(WORDING).form("/wording/chase").fill(body="{co_quan} đề nghị {don_vi} nộp {so_luong} trước ngày {han_tra_loi}").submit("Lưu câu chữ")
    seen = browser.get(NEW).form("/letters/new").fill(units=[world.room.slug]).submit("Xem trước")
    assert "Ủy ban nhân dân huyện Thử đề nghị Phòng Nội vụ nộp" in seen.main
    assert "trước ngày 26/11/2026./." in seen.main
    browser.get(WORDING).form("/reset").submit("Về câu chữ ban đầu")
    assert "Để bảo đảm tiến độ" in browser.get(NEW).form("/letters/new").submit("Xem trước").main
    events = session.scalars(select(AuditEvent.summary).where(AuditEvent.action == "letters.reworded")).all()
    assert len(events) == 2


@pytest.mark.db
def test_a_wording_that_cannot_be_keeps_what_was_typed_and_saves_nothing(session: Session, world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.focal.username)
    page = browser.get(WORDING).form("/wording/chase").fill(body="Gửi {khong_co}.").submit("Lưu câu chữ", status=400)
    assert "Không có chỗ điền “{khong_co}”" in page.main
    assert "Gửi {khong_co}." in page.texts("//textarea")[0]
    assert session.scalars(select(LetterTemplate)).all() == []
    browser.get("/huyen-thu/letters/wording/report-x", status=404)


@pytest.mark.db
def test_a_wording_saved_meanwhile_is_not_overwritten(session: Session, world: World, sign_in: SignIn) -> None:
    one, two = sign_in(world.focal.username), sign_in(world.focal.username)
    late = two.get(WORDING).form("/wording/chase").fill(body="Câu của người thứ hai.")
    one.get(WORDING).form("/wording/chase").fill(body="Câu của người thứ nhất.").submit("Lưu câu chữ")
    reset = one.get(WORDING).form("/reset")
    told = late.submit("Lưu câu chữ", status=409)
    assert "Câu của người thứ nhất." in told.main
    assert "Câu của người thứ hai." in told.main
    one.get(WORDING).form("/wording/chase").fill(body="Câu mới hơn.").submit("Lưu câu chữ")
    assert "Câu mới hơn." in reset.submit("Về câu chữ ban đầu", status=409).main
    session.expire_all()
    assert session.scalars(select(LetterTemplate)).one().body == "Câu mới hơn."
