"""Every address that takes a form, and what happens to a form that was opened before somebody else saved: written by hand.

A new POST address needs one line here. Either

- ``EDITS``: how two people open the form and both save; the test does it (``Edit``), or
- ``PROVED``: the test that does it, where opening the form takes more steps than a line can tell, or
- ``NO_VERSION``: why there is nothing that could be overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import World, leaves_of
from tracker.assignments.models import Assignment
from tracker.audit.rules import Actor
from tracker.kernel import clock
from tracker.tasks import directive_service, obstacle_service, rounds, service
from tracker.tasks.rules import Fulfilment, Move

OWNER, FOCAL, CHAIR = Actor(None, "Chuyên viên"), Actor(None, "Đầu mối"), Actor(None, "Lãnh đạo")
AT = datetime(2026, 11, 13, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Edit:
    """``who`` opens ``page`` twice and sends its form to ``…form`` twice: ``first``, then ``second``, which must be told both versions."""

    who: str
    page: str
    form: str
    first: Mapping[str, Any] = field(default_factory=dict)
    second: Mapping[str, Any] = field(default_factory=dict)
    #: Words the refusal must show: what was saved first, and what the second person had typed.
    theirs: str = ""
    yours: str = ""
    button: str = ""
    #: What there must be before; what it returns fills the addresses.
    given: Callable[[Session, World], Mapping[str, Any] | None] = lambda _session, _world: None


def handed_in(session: Session, world: World) -> None:
    service.mark_ready(session, world.task, Fulfilment(True), OWNER, AT, needs_head=False, is_head=False)


def prepared(session: Session, world: World) -> None:
    service.mark_ready(session, world.task, Fulfilment(True), OWNER, AT, needs_head=True, is_head=False)


def set_aside(session: Session, world: World) -> None:
    service.set_aside(session, world.task, Move.SET_NOT_APPLICABLE, "Không có.", FOCAL, AT)


def closed(session: Session, world: World) -> None:
    rounds.close(session, world.round, FOCAL, AT)


def assigned(session: Session, world: World) -> Mapping[str, Any]:
    leaf = leaves_of(session, world.indicators)[1]
    wanted = select(Assignment.id).where(Assignment.authority_id == world.authority.id, Assignment.indicator_id == leaf.id)
    return {"row": session.scalars(wanted).one(), "other": str(world.room.id), "group_id": str(world.group.id)}


def obstacle(session: Session, world: World) -> Mapping[str, Any]:
    return {"row": obstacle_service.report(session, world.task, "Chưa có số liệu.", Actor(world.owner.id, "Chuyên viên"), clock.now()).id}


def directive(session: Session, world: World) -> Mapping[str, Any]:
    return {"row": directive_service.direct(session, world.task, "Hoàn thành trong tuần.", None, Actor(world.chair.id, "Lãnh đạo"), clock.now()).id}


def answered_directive(session: Session, world: World) -> Mapping[str, Any]:
    given = directive_service.direct(session, world.task, "Hoàn thành trong tuần.", None, Actor(world.chair.id, "Lãnh đạo"), clock.now())
    directive_service.answer(session, given, world.task, "Sẽ nộp.", given.version, Actor(world.owner.id, "Chuyên viên"), clock.now())
    return {"row": given.id}


TASK = "/{slug}/tasks/{task}"

EDITS: dict[str, Edit] = {
    "accounts.change_profile": Edit(
        "owner", "/account", "/account/profile", {"phone": "0259 111"}, {"phone": "0259 222"}, theirs="0259 111", yours="0259 222"
    ),
    "assignments.change": Edit(
        "focal",
        "/{slug}/notices/{notice}/assignments/{row}",
        "/assignments/{row}",
        {"lead": "{other}", "since": "01/01/2026"},
        {"lead": "{group_id}", "since": "01/01/2026"},
        theirs="Phòng Nội vụ chủ trì",
        yours="UBND các xã, thị trấn chủ trì",
        button="Lưu",
        given=assigned,
    ),
    "deadlines.edit_rule": Edit(
        "focal", "/{slug}/rules/nam/edit", "/nam/edit", {"day": "20"}, {"day": "10"}, theirs="20", yours="10", button="Lưu quy tắc"
    ),
    "start.rename": Edit(
        "admin",
        "/{slug}/start/authority",
        "/start/authority",
        {"name": "UBND huyện Thử Một"},
        {"name": "UBND huyện Thử Hai"},
        theirs="UBND huyện Thử Một",
        yours="UBND huyện Thử Hai",
    ),
    "tasks.accept": Edit("focal", TASK, "/accept", theirs="Đã xác nhận", yours="Xác nhận", button="Xác nhận", given=handed_in),
    "tasks.return_": Edit(
        "focal",
        TASK + "/return",
        "/return",
        {"reason": "Thiếu dấu"},
        {"reason": "Câu tôi đã gõ"},
        theirs="Thiếu dấu",
        yours="Câu tôi đã gõ",
        given=handed_in,
    ),
    "tasks.send_back": Edit(
        "head",
        TASK + "/send-back",
        "/send-back",
        {"reason": "Xem lại số liệu"},
        {"reason": "Câu tôi đã gõ"},
        theirs="Xem lại số liệu",
        yours="Câu tôi đã gõ",
        given=prepared,
    ),
    "tasks.set_aside": Edit(
        "focal",
        TASK + "/set-aside",
        "/set-aside",
        {"move": "set_not_applicable", "reason": "Không có khu công nghiệp"},
        {"move": "set_not_applicable", "reason": "Câu tôi đã gõ"},
        theirs="Không có khu công nghiệp",
        yours="Câu tôi đã gõ",
    ),
    "tasks.resume": Edit(
        "focal",
        TASK + "/resume",
        "/resume",
        {"reason": "Đã có"},
        {"reason": "Câu tôi đã gõ"},
        theirs="Đã có",
        yours="Câu tôi đã gõ",
        given=set_aside,
    ),
    "tasks.extend": Edit(
        "chair",
        TASK + "/extend",
        "/extend",
        {"wished_on": "23/11/2026", "reason": "Bão số 9"},
        {"wished_on": "30/11/2026", "reason": "Câu tôi đã gõ"},
        yours="Câu tôi đã gõ",
    ),
    "tasks.close": Edit("focal", "/{slug}/rounds/{round}/close", "/close", theirs="đóng", yours="Đóng đợt", button="Đóng đợt"),
    "tasks.reopen": Edit(
        "focal", "/{slug}/rounds/{round}/reopen", "/reopen", {"reason": "Sửa số"}, {"reason": "Câu tôi đã gõ"}, yours="Câu tôi đã gõ", given=closed
    ),
    "tasks.answer_obstacle": Edit(
        "focal",
        "/{slug}/obstacles/{row}/answer",
        "/answer",
        {"words": "Lãnh đạo đã hỏi."},
        {"words": "Câu tôi đã gõ"},
        theirs="Lãnh đạo đã hỏi.",
        yours="Câu tôi đã gõ",
        given=obstacle,
    ),
    "tasks.withdraw_obstacle": Edit("owner", TASK, "/obstacles/{row}/withdraw", button="Đã tự giải quyết", given=obstacle),
    "tasks.answer_directive": Edit(
        "owner",
        "/{slug}/directives/{row}/answer",
        "/answer",
        {"words": "Đã giao chuyên viên."},
        {"words": "Câu tôi đã gõ"},
        theirs="Đã giao chuyên viên.",
        yours="Câu tôi đã gõ",
        given=directive,
    ),
    "tasks.close_directive": Edit("chair", TASK, "/directives/{row}/close", button="Kết thúc", given=answered_directive),
    "tasks.repeat_directive": Edit(
        "chair",
        "/{slug}/directives/{row}/repeat",
        "/repeat",
        {"words": "Nhắc lần hai."},
        {"words": "Câu tôi đã gõ"},
        yours="Câu tôi đã gõ",
        given=answered_directive,
    ),
    "units.edit_unit": Edit(
        "focal",
        "/{slug}/units/{unit}/edit",
        "/{unit}/edit",
        {"name": "Phòng Nội vụ mới"},
        {"name": "Phòng Nội vụ khác"},
        theirs="Phòng Nội vụ mới",
        yours="Phòng Nội vụ khác",
    ),
    "reminders.policy": Edit(
        "focal", "/{slug}/reminders/policy", "/policy", {"before": "9"}, {"before": "4"}, theirs="trước 9", yours="trước 4", button="Lưu chính sách"
    ),
    "units.settings": Edit("admin", "/{slug}/settings", "/settings", {"mend_days": "4"}, {"mend_days": "9"}, theirs="4", yours="9"),
    "units.person": Edit(
        "focal",
        "/{slug}/people/{person}",
        "/people/{person}",
        {"phone": "0259 111"},
        {"phone": "0259 222"},
        theirs="0259 111",
        yours="0259 222",
    ),
}

PROVED: dict[str, str] = {
    "evidence.answer_contribution": "evidence/test_contributions.py::test_an_answer_does_not_overwrite_another_and_a_request_answered_is_not_taken_back",
    "evidence.withdraw_contribution": "evidence/test_contributions.py::test_an_answer_does_not_overwrite_another_and_a_request_answered_is_not_taken_back",
    "evidence.review": "evidence/test_versions.py::test_a_review_of_a_task_somebody_else_decided_meanwhile_is_refused_with_both",
    "evidence.supersede": "evidence/test_versions.py::test_a_stale_version_form_shows_both_and_keeps_the_first",
    "evidence.report": "security/test_stale.py::test_a_report_of_what_moved_meanwhile_is_told",
    "assignments.end": "security/test_stale.py::test_ending_what_was_changed_meanwhile_is_told",
    "deadlines.end_rule": "security/test_stale.py::test_ending_what_was_changed_meanwhile_is_told",
    "units.end_unit": "security/test_stale.py::test_ending_what_was_changed_meanwhile_is_told",
    "tasks.decide_extensions": "tasks/test_extensions.py::test_a_page_opened_before_another_decided_answers_409",
    "tasks.decide_proposals": "tasks/test_proposals.py::test_a_decision_on_what_was_taken_back_meanwhile_is_told_with_both",
    "documents.letter_wording": "documents/test_letter_pages.py::test_a_wording_saved_meanwhile_is_not_overwritten",
    "documents.number_letter": "documents/test_letter_pages.py::test_two_people_entering_different_numbers_are_told_of_each_other",
    "documents.reset_letter_wording": "documents/test_letter_pages.py::test_a_wording_saved_meanwhile_is_not_overwritten",
    "documents.set_letter_aside": "documents/test_letter_pages.py::test_a_draft_numbered_meanwhile_is_not_set_aside",
    "tasks.new_handover": "tasks/test_handover.py::test_a_form_opened_before_another_handed_over_answers_409",
    "tasks.propose": "security/test_stale.py::test_a_proposal_about_a_task_that_moved_meanwhile_is_told",
    "tasks.undo_handover": "security/test_stale.py::test_undoing_a_hand_over_twice_is_told",
    "webhooks.edit": "reminders/test_webhooks.py::test_a_listener_saved_meanwhile_is_not_overwritten",
    "webhooks.rotate": "reminders/test_webhooks.py::test_a_listener_saved_meanwhile_is_not_overwritten",
    "units.revoke_deputy": "units/test_deputies.py::test_revoking_ends_it_at_once",
    "units.undo_succession": "units/test_succession.py::test_the_pages_record_show_and_call_off",
}

_NEW = "adds a row: what is the same is refused by the database, what is not stands beside it"
_ONCE = "goes one way once: the second time finds it done and changes nothing"
_ACCOUNT = "about the person's own session"
_MANY = "names each task with the version its page showed; the preview tells which moved, and those stay as they are"

NO_VERSION: dict[str, str] = {
    "accounts.change_password": "the old password is asked for: who has it is the one who changes",
    "accounts.choose_locale": _ACCOUNT,
    "accounts.code": _ONCE,
    "accounts.code_link": _ONCE,
    "accounts.end_other_sessions": _ACCOUNT,
    "accounts.end_session": _ACCOUNT,
    "accounts.forgot": _NEW,
    "accounts.keep_draft": "one's own unsent words: what was typed last stands, in whichever window",
    "accounts.sign_in": _ACCOUNT,
    "accounts.sign_out": _ACCOUNT,
    "api.feeds": _NEW,
    "api.revoke": _ONCE,
    "assignments.assign": _NEW,
    "assignments.new": _NEW,
    "dashboard.filters_": _NEW,
    "dashboard.drop_filter": _ONCE,
    "dashboard.chase_many": "one mail a unit and day; the second try finds it",
    "deadlines.confirm_rule": _NEW,
    "deadlines.local_days": _NEW,
    "deadlines.new_rule": _NEW,
    "deadlines.withdraw_local_day": _ONCE,
    "documents.confirm": _NEW,
    "documents.draft_letter": _NEW,
    "documents.send_pack": "reads what there is and sends it; saves nothing",
    "documents.import": "reads a file and shows it; saves nothing",
    "evidence.accept_many": _MANY,
    "evidence.add_requirement": _NEW,
    "evidence.approve_many": _MANY,
    "evidence.ask_contribution": _NEW,
    "evidence.bring": _NEW,
    "evidence.check": "adds a line to who could open the link, and when",
    "evidence.drop_requirement": _ONCE,
    "evidence.folder": _NEW,
    "evidence.former": _NEW,
    "evidence.return_many": _MANY,
    "evidence.reuse": _NEW,
    "evidence.share": _NEW,
    "evidence.undo_many": "names each task with the version its decision left; what moved since stays as it is and is told",
    "evidence.use_contribution": _NEW,
    "evidence.withdraw": _ONCE,
    "files.withdraw": _ONCE,
    "indicators.publish": _ONCE,
    "reminders.send_now": _NEW,
    "handins.confirm": "confirms what the page showed, up to its last row; the second try finds it done",
    "links.page": "adds what was handed in beside what is there, which its page never shows",
    "reminders.sheet_given": "notes a sheet once a day; the second press finds it",
    "reminders.zalo_sent": "notes a message once a day; the second press finds it",
    "reminders.note_call": _NEW,
    "reminders.strike": _ONCE,
    "reminders.send_again": "sends one message once more; the second try finds it waiting",
    "documents.prepare_pack": "puts work into a queue; the same work asked for twice is one",
    "longwork.cancel": _ONCE,
    "start.setup": _ONCE,
    "start.set": "takes one more set up; the second try finds it taken up",
    "start.drop": "lays aside a set nothing hangs on; where something does by now it is refused",
    "start.file": "reads a file and shows it; saves nothing",
    "start.take_in": _NEW,
    "start.units": "only adds: a name the office has by now is that unit",
    "start.units_file": "reads a file and shows it; saves nothing",
    "start.leads": "only gives out what nobody has: a row given out meanwhile stays with whom it was given to",
    "start.deadlines": "reads a sentence back; keeps new rules, refused where one of that period is kept by now",
    "start.focal": "asked while there is none; the page of settings changes it, with a version",
    "start.people": "only adds people; a name that is taken by now is refused",
    "start.finish": _NEW,
    "summaries.summary": "says which of two states is wanted, not «the other one»",
    "tasks.add_paper": _NEW,
    "tasks.ask_extension": _NEW,
    "tasks.direct": _NEW,
    "tasks.letter": _NEW,
    "tasks.read_remarks": "moves forward only, for one reader",
    "tasks.report_obstacle": _NEW,
    "tasks.request_": _NEW,
    "tasks.say": _NEW,
    "tasks.withdraw_extension": _ONCE,
    "tasks.withdraw_proposal": _ONCE,
    "tasks.withdraw_remark": _ONCE,
    "units.active": "says which of two states is wanted, not «the other one»",
    "units.add_alias": _NEW,
    "units.add_member": _NEW,
    "units.add_role": _NEW,
    "units.apply_succession": _ONCE,
    "units.code": _NEW,
    "units.commit_people": _NEW,
    "units.deputies": _NEW,
    "units.end_member": _ONCE,
    "units.end_role": "one date of one row; the later word holds and the history tells both",
    "units.import_people": "reads a file and shows it; saves nothing",
    "units.invite": _NEW,
    "units.new_person": _NEW,
    "units.new_succession": _NEW,
    "units.new_unit": _NEW,
    "units.remove_alias": _ONCE,
    "webhooks.new": _NEW,
    "webhooks.ping": "sends a try, once a minute at most; changes nothing",
}
