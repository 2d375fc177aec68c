"""Who may do what, titles, doors."""

from __future__ import annotations

from datetime import date

from tracker.units.rules import RIGHTS, Action, Holding, Role, UnitKind, front_doors, in_force, may_manage_person, title_of

READS = {Action.SEE_LIBRARY, Action.SEE_TASKS}


def test_the_table_of_rights_is_this_one() -> None:
    decides = {Action.CHASE, Action.DECIDE_EVIDENCE, Action.ACT_FOR_UNIT, Action.ASK_EXTENSION, Action.DECIDE_EXTENSION}
    decides |= {Action.REPORT_OBSTACLE, Action.ANSWER_OBSTACLE, Action.ANSWER_DIRECTIVE, Action.DISCUSS}
    leads = {Action.PREPARE_EVIDENCE, Action.ASK_EXTENSION, Action.REPORT_OBSTACLE, Action.ANSWER_DIRECTIVE, Action.DISCUSS}
    chairs = {Action.DECIDE_EXTENSION, Action.ANSWER_OBSTACLE, Action.DIRECT, Action.DISCUSS}
    manages = {Action.MANAGE_ROUNDS, Action.MANAGE_CALENDAR, Action.MANAGE_ASSIGNMENTS, Action.MANAGE_UNITS, Action.MANAGE_PEOPLE}
    assert {
        Role.ADMIN: READS | manages | {Action.SEE_ALL_TASKS, Action.MANAGE_SETTINGS, Action.WITHDRAW_FILES},
        Role.FOCAL: READS | manages | decides | {Action.SEE_ALL_TASKS, Action.SEE_OVERVIEW},
        Role.CHAIR: READS | chairs | {Action.SEE_ALL_TASKS, Action.SEE_OVERVIEW},
        Role.VIEWER: READS | {Action.SEE_ALL_TASKS, Action.SEE_OVERVIEW},
        Role.SPECIALIST: READS | leads,
        Role.HEAD: READS | leads | {Action.APPROVE_EVIDENCE},
    } == RIGHTS


def test_only_an_administrator_touches_administrators() -> None:
    assert not may_manage_person({Role.FOCAL}, {Role.ADMIN, Role.CHAIR})
    assert may_manage_person({Role.FOCAL}, {Role.CHAIR})
    assert may_manage_person({Role.ADMIN, Role.FOCAL}, {Role.ADMIN})


def test_a_person_lands_on_the_focal_door_first_then_the_chairs_then_the_units() -> None:
    assert front_doors({Role.ADMIN, Role.SPECIALIST, Role.CHAIR, Role.FOCAL}) == (Role.FOCAL, Role.CHAIR, Role.SPECIALIST, Role.ADMIN)
    assert front_doors({Role.VIEWER}) == (Role.CHAIR,)
    assert front_doors({Role.HEAD}) == (Role.SPECIALIST,)


def test_a_title_says_who_the_person_is() -> None:
    office, focal = "UBND huyện Ninh Sơn", "Phòng Văn hóa và Thông tin"
    room = Holding(Role.SPECIALIST, "Phòng Tài chính-Kế hoạch", UnitKind.OFFICE)
    assert title_of(office, focal, [room, Holding(Role.FOCAL)]) == "Đầu mối, Phòng Văn hóa và Thông tin"
    assert title_of(office, None, [Holding(Role.FOCAL)]) == "Đầu mối, UBND huyện Ninh Sơn"
    assert title_of(office, focal, [Holding(Role.CHAIR), room]) == "Lãnh đạo UBND huyện Ninh Sơn"
    assert title_of(office, focal, [room]) == "Chuyên viên, Phòng Tài chính-Kế hoạch"
    assert title_of(office, focal, [Holding(Role.HEAD, "Phòng Nội vụ", UnitKind.OFFICE)]) == "Lãnh đạo đơn vị, Phòng Nội vụ"
    assert title_of(office, focal, [Holding(Role.SPECIALIST, "Công chức Văn hóa - Thông tin", UnitKind.POSITION)]) == "Công chức Văn hóa - Thông tin"
    assert title_of(office, focal, [Holding(Role.ADMIN)]) == "Quản trị, UBND huyện Ninh Sơn"


def test_both_ends_of_a_term_count() -> None:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    assert in_force(first, last, first)
    assert in_force(first, last, last)
    assert not in_force(first, last, date(2027, 1, 1))
    assert in_force(first, None, date(2099, 1, 1))
