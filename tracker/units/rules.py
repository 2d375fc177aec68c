"""Kinds, roles, and who may do what. The documentation page of rights is printed from this table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class AuthorityLevel(StrEnum):
    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    OFFICE = "office"


class UnitKind(StrEnum):
    """A group is itself a unit, so that a lead or a cooperator is always one foreign key."""

    OFFICE = "office"
    LOCALITY = "locality"
    POSITION = "position"
    EXTERNAL = "external"
    GROUP = "group"


class Role(StrEnum):
    """The first four are of an authority, the last two of a unit. Lead or cooperator is never a role."""

    ADMIN = "admin"
    FOCAL = "focal"
    CHAIR = "chair"
    VIEWER = "viewer"
    SPECIALIST = "specialist"
    HEAD = "head"


UNIT_ROLES = frozenset({Role.SPECIALIST, Role.HEAD})

#: On screen, in lists and in the Excel file people are imported from.
ROLE_WORDS: dict[Role, str] = {
    Role.ADMIN: "Quản trị",
    Role.FOCAL: "Đầu mối",
    Role.CHAIR: "Lãnh đạo",
    Role.VIEWER: "Người xem",
    Role.SPECIALIST: "Chuyên viên",
    Role.HEAD: "Lãnh đạo đơn vị",
}

KIND_WORDS: dict[UnitKind, str] = {
    UnitKind.OFFICE: "Cơ quan, đơn vị",
    UnitKind.LOCALITY: "Địa phương",
    UnitKind.POSITION: "Chức danh",
    UnitKind.EXTERNAL: "Ngoài cơ quan",
    UnitKind.GROUP: "Nhóm",
}

_TAKEN = """
    account accounts api calendar code dev docs edit end export favicon forgot healthz help home import index indicators library mail
    metrics new people print readyz robots rounds search settings sign-in sign-out static styleguide tasks today units work
"""
#: First segments of addresses that are not authorities, and words the pages of units use themselves: never a slug.
RESERVED_SLUGS = frozenset(_TAKEN.split())


class Action(StrEnum):
    """What a view asks for by name."""

    SEE_LIBRARY = "see_library"  # indicators, notices, units, rounds: no personal contacts
    SEE_TASKS = "see_tasks"  # those of one's units; with SEE_ALL_TASKS every one
    SEE_ALL_TASKS = "see_all_tasks"
    SEE_OVERVIEW = "see_overview"
    CHASE = "chase"
    DECIDE_EVIDENCE = "decide_evidence"  # accept, return, set aside
    ACT_FOR_UNIT = "act_for_unit"  # «thay mặt»
    PREPARE_EVIDENCE = "prepare_evidence"
    APPROVE_EVIDENCE = "approve_evidence"
    ASK_EXTENSION = "ask_extension"
    DECIDE_EXTENSION = "decide_extension"  # which of its holders, a setting says
    MANAGE_ROUNDS = "manage_rounds"
    MANAGE_CALENDAR = "manage_calendar"  # days off of the office itself
    MANAGE_ASSIGNMENTS = "manage_assignments"
    MANAGE_UNITS = "manage_units"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_SETTINGS = "manage_settings"


_READS = {Action.SEE_LIBRARY, Action.SEE_TASKS}

#: The role × action table. Rights of several memberships add up.
RIGHTS: dict[Role, frozenset[Action]] = {
    Role.ADMIN: frozenset(
        _READS
        | {
            Action.SEE_ALL_TASKS,
            Action.MANAGE_ASSIGNMENTS,
            Action.MANAGE_ROUNDS,
            Action.MANAGE_CALENDAR,
            Action.MANAGE_UNITS,
            Action.MANAGE_PEOPLE,
            Action.MANAGE_SETTINGS,
        }
    ),
    Role.FOCAL: frozenset(
        _READS
        | {
            Action.SEE_ALL_TASKS,
            Action.SEE_OVERVIEW,
            Action.CHASE,
            Action.DECIDE_EVIDENCE,
            Action.ACT_FOR_UNIT,
            Action.ASK_EXTENSION,
            Action.DECIDE_EXTENSION,
            Action.MANAGE_ROUNDS,
            Action.MANAGE_CALENDAR,
            Action.MANAGE_ASSIGNMENTS,
            Action.MANAGE_UNITS,
            Action.MANAGE_PEOPLE,
        }
    ),
    Role.CHAIR: frozenset(_READS | {Action.SEE_ALL_TASKS, Action.SEE_OVERVIEW, Action.DECIDE_EXTENSION}),
    Role.VIEWER: frozenset(_READS | {Action.SEE_ALL_TASKS, Action.SEE_OVERVIEW}),
    Role.SPECIALIST: frozenset(_READS | {Action.PREPARE_EVIDENCE, Action.ASK_EXTENSION}),
    Role.HEAD: frozenset(_READS | {Action.PREPARE_EVIDENCE, Action.APPROVE_EVIDENCE, Action.ASK_EXTENSION}),
}


def may_manage_person(manager: Iterable[Role], person: Iterable[Role]) -> bool:
    """Only an administrator gives, takes or touches administrators: whoever prints a code for an account could become it."""
    return Role.ADMIN in set(manager) or Role.ADMIN not in set(person)


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of an authority: the column, its words, what it does; ``low`` and ``high`` bound a number, None is yes or no."""

    name: str
    label: str
    help: str
    low: int | None = None
    high: int | None = None


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "due_soon_days",
        "Số ngày “sắp đến hạn”",
        "Còn không quá chừng này ngày làm việc tới ngày nhắm tới thì nhiệm vụ được ghi “Sắp đến hạn”.",
        1,
        30,
    ),
    Setting(
        "mend_days", "Số ngày để bổ sung", "Số ngày làm việc dành cho đơn vị bổ sung khi minh chứng bị trả lại vào đúng hạn hoặc sau hạn.", 1, 30
    ),
    Setting(
        "head_approves",
        "Lãnh đạo đơn vị duyệt trước",
        "Bật: minh chứng qua lãnh đạo đơn vị duyệt rồi mới tới cơ quan đầu mối. Tắt: chuyên viên báo thẳng cho đầu mối.",
    ),
    Setting(
        "own_acceptance",
        "Đầu mối xác nhận việc của chính mình",
        "Bật: cơ quan đầu mối được xác nhận nhiệm vụ do chính mình chủ trì, và việc đó được ghi rõ. Tắt: không được.",
    ),
    Setting(
        "reminders_on",
        "Nhắc việc tự động",
        "Bật: mỗi ngày làm việc hệ thống gửi thư nhắc việc. Tắt: không gửi thư nhắc nào; danh sách việc vẫn tính như thường.",
    ),
    Setting(
        "before_counts_day",
        "“Trước ngày X” kể cả ngày X",
        "Tắt: “trước ngày 15/11” hết hạn cuối ngày 14/11. Bật: hết hạn cuối ngày 15/11. Chưa có văn bản nào quy định; áp dụng cho các đợt mở từ nay.",
    ),
    Setting(
        "fixed_dates_roll",
        "Ngày ấn định rơi vào ngày nghỉ thì lùi",
        "Tắt: hạn giữ nguyên ngày ghi trong văn bản. Bật: lùi sang ngày làm việc tiếp theo, trừ quy tắc ghi khác. Áp dụng cho các đợt mở từ nay.",
    ),
    Setting(
        "late_by_return",
        "Bổ sung muộn tính là quá hạn",
        "Tắt: đúng hạn hay không chỉ xét lần nộp đủ đầu tiên. Bật: nộp lại sau hạn bổ sung cũng tính là hoàn thành quá hạn.",
    ),
    Setting(
        "focal_extends",
        "Đầu mối quyết định gia hạn",
        "Bật: cơ quan đầu mối quyết định đề nghị gia hạn. Tắt: lãnh đạo cơ quan quyết định.",
    ),
    Setting(
        "extension_notice_days",
        "Đề nghị gia hạn trước",
        "Đơn vị đề nghị gia hạn trước hạn ít nhất chừng này ngày làm việc; 0 là đến hết ngày cuối.",
        0,
        15,
    ),
    Setting(
        "check_days",
        "Số ngày đầu mối kiểm tra",
        "Gợi ý cho quy tắc tính lùi từ hạn của cấp trên: số ngày làm việc đầu mối cần để kiểm tra, tổng hợp.",
        0,
        30,
    ),
    Setting(
        "sign_days",
        "Số ngày trình ký, gửi",
        "Gợi ý cho quy tắc tính lùi từ hạn của cấp trên: số ngày làm việc cần để trình ký và gửi cấp trên.",
        0,
        30,
    ),
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking, in one authority, on one day: what rows and actions follow from.

    ``unit_ids`` are the units where the person is specialist or head, with the groups these belong to in ``group_ids``.
    """

    account_id: int
    name: str
    authority_id: int
    roles: frozenset[Role]
    unit_ids: frozenset[int]
    head_unit_ids: frozenset[int]
    group_ids: frozenset[int]
    #: In words for the history: «Đầu mối, Phòng Văn hóa và Thông tin».
    title: str

    @property
    def actions(self) -> frozenset[Action]:
        return frozenset(action for role in self.roles for action in RIGHTS[role])

    def may(self, action: Action) -> bool:
        return action in self.actions


@dataclass(frozen=True, slots=True)
class Holding:
    """One membership in words' terms: the role, and the unit it is of."""

    role: Role
    unit_name: str | None = None
    unit_kind: UnitKind | None = None


_TITLE_ORDER = (Role.FOCAL, Role.CHAIR, Role.HEAD, Role.SPECIALIST, Role.VIEWER, Role.ADMIN)


def title_of(authority_name: str, focal_unit: str | None, holdings: Iterable[Holding]) -> str:
    """Who the person is, in words, by the first of their roles: focal, chair, head, specialist, viewer, administrator.

    «Đầu mối, Phòng Văn hóa và Thông tin»; «Lãnh đạo UBND huyện Ninh Sơn»; «Chuyên viên, Phòng Tài chính-Kế hoạch»; the holder of a
    position bears its name: «Công chức Văn hóa - Thông tin».
    """
    held = list(holdings)
    role = next((r for r in _TITLE_ORDER if any(h.role is r for h in held)), None)
    if role is None:
        return authority_name
    if role is Role.FOCAL:
        return f"Đầu mối, {focal_unit or authority_name}"
    if role is Role.CHAIR:
        return f"Lãnh đạo {authority_name}"
    if role in UNIT_ROLES:
        names = [h for h in held if h.role is role and h.unit_name]
        if role is Role.SPECIALIST and names and all(h.unit_kind is UnitKind.POSITION for h in names):
            return "; ".join(h.unit_name or "" for h in names)
        return f"{ROLE_WORDS[role]}, {'; '.join(h.unit_name or '' for h in names)}"
    return f"{ROLE_WORDS[role]}, {authority_name}"


def in_force(valid_from: date, valid_to: date | None, day: date) -> bool:
    """Whether a dated row holds on a day; both ends count."""
    return valid_from <= day and (valid_to is None or day <= valid_to)


def front_doors(roles: Iterable[Role]) -> tuple[Role, ...]:
    """The doors a person with these roles has, the one to land on first: focal, chair, unit, administrator."""
    held = set(roles)
    doors: list[Role] = []
    if Role.FOCAL in held:
        doors.append(Role.FOCAL)
    if held & {Role.CHAIR, Role.VIEWER}:
        doors.append(Role.CHAIR)
    if held & UNIT_ROLES:
        doors.append(Role.SPECIALIST)
    if Role.ADMIN in held:
        doors.append(Role.ADMIN)
    return tuple(doors)
