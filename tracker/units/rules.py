"""Kinds, roles, and who may do what. The documentation page of rights is printed from this table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from tracker.kernel.words import phrase


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
    Role.ADMIN: phrase("Quản trị"),
    Role.FOCAL: phrase("Đầu mối"),
    Role.CHAIR: phrase("Lãnh đạo"),
    Role.VIEWER: phrase("Người xem"),
    Role.SPECIALIST: phrase("Chuyên viên"),
    Role.HEAD: phrase("Lãnh đạo đơn vị"),
}

KIND_WORDS: dict[UnitKind, str] = {
    UnitKind.OFFICE: phrase("Cơ quan, đơn vị"),
    UnitKind.LOCALITY: phrase("Địa phương"),
    UnitKind.POSITION: phrase("Chức danh"),
    UnitKind.EXTERNAL: phrase("Ngoài cơ quan"),
    UnitKind.GROUP: phrase("Nhóm"),
}

_TAKEN = """
    account accounts api calendar code deputies dev docs drafts edit end export favicon forgot handovers healthz help home huong-dan import index
    indicators l library mail manifest metrics new people print readyz robots rounds search settings setup sign-in sign-out start static styleguide
    successions summary tasks today units work work-in-progress
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
    REPORT_OBSTACLE = "report_obstacle"
    ANSWER_OBSTACLE = "answer_obstacle"
    DIRECT = "direct"  # leave a directive on a task
    ANSWER_DIRECTIVE = "answer_directive"
    DISCUSS = "discuss"
    MANAGE_ROUNDS = "manage_rounds"
    MANAGE_CALENDAR = "manage_calendar"  # days off of the office itself
    MANAGE_ASSIGNMENTS = "manage_assignments"
    MANAGE_UNITS = "manage_units"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_SETTINGS = "manage_settings"
    WITHDRAW_FILES = "withdraw_files"  # take a file's bytes away for good: a secret document


_READS = {Action.SEE_LIBRARY, Action.SEE_TASKS}
#: Of everybody who works in the unit that leads a task.
_LEADS = {Action.PREPARE_EVIDENCE, Action.ASK_EXTENSION, Action.REPORT_OBSTACLE, Action.ANSWER_DIRECTIVE, Action.DISCUSS}

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
            Action.WITHDRAW_FILES,
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
            Action.REPORT_OBSTACLE,
            Action.ANSWER_OBSTACLE,
            Action.ANSWER_DIRECTIVE,
            Action.DISCUSS,
            Action.MANAGE_ROUNDS,
            Action.MANAGE_CALENDAR,
            Action.MANAGE_ASSIGNMENTS,
            Action.MANAGE_UNITS,
            Action.MANAGE_PEOPLE,
        }
    ),
    Role.CHAIR: frozenset(
        _READS
        | {
            Action.SEE_ALL_TASKS,
            Action.SEE_OVERVIEW,
            Action.DECIDE_EXTENSION,
            Action.ANSWER_OBSTACLE,
            Action.DIRECT,
            Action.DISCUSS,
        }
    ),
    Role.VIEWER: frozenset(_READS | {Action.SEE_ALL_TASKS, Action.SEE_OVERVIEW}),
    Role.SPECIALIST: frozenset(_READS | _LEADS),
    Role.HEAD: frozenset(_READS | _LEADS | {Action.APPROVE_EVIDENCE}),
}


#: Rights that are used in the name of a unit: whose they are depends on the unit.
UNIT_ACTIONS = frozenset(_LEADS | {Action.APPROVE_EVIDENCE})


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
        phrase("Số ngày “sắp đến hạn”"),
        phrase("Còn không quá chừng này ngày làm việc tới ngày nhắm tới thì nhiệm vụ được ghi “Sắp đến hạn”."),
        1,
        30,
    ),
    Setting(
        "mend_days",
        phrase("Số ngày để bổ sung"),
        phrase("Số ngày làm việc dành cho đơn vị bổ sung khi minh chứng bị trả lại vào đúng hạn hoặc sau hạn."),
        1,
        30,
    ),
    Setting(
        "head_approves",
        phrase("Lãnh đạo đơn vị duyệt trước"),
        phrase("Bật: minh chứng qua lãnh đạo đơn vị duyệt rồi mới tới cơ quan đầu mối. Tắt: chuyên viên báo thẳng cho đầu mối."),
    ),
    Setting(
        "own_acceptance",
        phrase("Đầu mối xác nhận việc của chính mình"),
        phrase("Bật: cơ quan đầu mối được xác nhận nhiệm vụ do chính mình chủ trì, và việc đó được ghi rõ. Tắt: không được."),
    ),
    Setting(
        "reminders_on",
        phrase("Nhắc việc tự động"),
        phrase("Bật: mỗi ngày làm việc hệ thống gửi thư nhắc việc. Tắt: không gửi thư nhắc nào; danh sách việc vẫn tính như thường."),
    ),
    Setting(
        "action_links",
        phrase("Liên kết nộp nhanh trong thư"),
        phrase(
            "Bật: thư nhắc riêng của từng người có liên kết để nộp tệp, số liệu hoặc xin thêm thời gian mà không cần đăng nhập; nội dung nộp "
            "phải được lãnh đạo đơn vị hoặc đầu mối xác thực. Hộp thư nhiều người cùng đọc không có liên kết. "
            "Tắt: mọi liên kết đã gửi hết hiệu lực ngay."
        ),
    ),
    Setting(
        "before_counts_day",
        phrase("“Trước ngày X” kể cả ngày X"),
        phrase(
            "Tắt: “trước ngày 15/11” hết hạn cuối ngày 14/11. Bật: hết hạn cuối ngày 15/11. Chưa có văn bản nào quy định; "
            "áp dụng cho các đợt mở từ nay."
        ),
    ),
    Setting(
        "fixed_dates_roll",
        phrase("Ngày ấn định rơi vào ngày nghỉ thì lùi"),
        phrase(
            "Tắt: hạn giữ nguyên ngày ghi trong văn bản. Bật: lùi sang ngày làm việc tiếp theo, trừ quy tắc ghi khác. Áp dụng cho các đợt mở từ nay."
        ),
    ),
    Setting(
        "late_by_return",
        phrase("Bổ sung muộn tính là quá hạn"),
        phrase("Tắt: đúng hạn hay không chỉ xét lần nộp đủ đầu tiên. Bật: nộp lại sau hạn bổ sung cũng tính là hoàn thành quá hạn."),
    ),
    Setting(
        "focal_extends",
        phrase("Đầu mối quyết định gia hạn"),
        phrase("Bật: cơ quan đầu mối quyết định đề nghị gia hạn. Tắt: lãnh đạo cơ quan quyết định."),
    ),
    Setting(
        "extension_notice_days",
        phrase("Đề nghị gia hạn trước"),
        phrase("Đơn vị đề nghị gia hạn trước hạn ít nhất chừng này ngày làm việc; 0 là đến hết ngày cuối."),
        0,
        15,
    ),
    Setting(
        "check_days",
        phrase("Số ngày đầu mối kiểm tra"),
        phrase("Gợi ý cho quy tắc tính lùi từ hạn của cấp trên: số ngày làm việc đầu mối cần để kiểm tra, tổng hợp."),
        0,
        30,
    ),
    Setting(
        "sign_days",
        phrase("Số ngày trình ký, gửi"),
        phrase("Gợi ý cho quy tắc tính lùi từ hạn của cấp trên: số ngày làm việc cần để trình ký và gửi cấp trên."),
        0,
        30,
    ),
)


@dataclass(frozen=True, slots=True)
class Borrowed:
    """The roles of somebody a person acts for («thay»), with the units they are of."""

    account_id: int
    title: str
    roles: frozenset[Role]
    unit_ids: frozenset[int]
    head_unit_ids: frozenset[int]

    def lends(self, action: Action) -> bool:
        return any(action in RIGHTS[role] for role in self.roles)


@dataclass(slots=True)
class Matter:
    """What a request is about, noted where it becomes known: the right its view asked for, the unit of the task it fetched last."""

    action: Action | None = None
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking, in one authority, on one day: what rows and actions follow from.

    ``unit_ids`` are the units where the person is specialist or head, with the groups these belong to in ``group_ids``; among them
    those of the people the person acts for. What is whose own stands in ``borrowed``.
    """

    account_id: int
    name: str
    authority_id: int
    roles: frozenset[Role]
    unit_ids: frozenset[int]
    head_unit_ids: frozenset[int]
    group_ids: frozenset[int]
    #: In words, without anybody acted for: «Đầu mối, Phòng Văn hóa và Thông tin».
    own_title: str
    own_roles: frozenset[Role] = frozenset()
    own_unit_ids: frozenset[int] = frozenset()
    own_head_unit_ids: frozenset[int] = frozenset()
    borrowed: tuple[Borrowed, ...] = ()
    matter: Matter = field(default_factory=Matter, compare=False)

    @property
    def actions(self) -> frozenset[Action]:
        return frozenset(action for role in self.roles for action in RIGHTS[role])

    def may(self, action: Action) -> bool:
        return action in self.actions

    @property
    def title(self) -> str:
        """Who acts, for the history: «Chuyên viên, Phòng Nội vụ», and where the right is another's «… thay Lãnh đạo đơn vị, Phòng Nội vụ»."""
        return self.title_with(None)

    def title_with(self, role: Role | None) -> str:
        """The same, where what is done hangs on a role rather than on the right the page asked for."""
        lender = self._lender(role)
        return phrase("%(own_title)s, thay %(lender)s", own_title=self.own_title, lender=lender.title) if lender else self.own_title

    def _lender(self, role: Role | None) -> Borrowed | None:
        """Whose right is used for the matter of this request; None where it is the person's own."""
        if not self.borrowed:
            return None
        if role is not None:
            return None if role in self.own_roles else next((one for one in self.borrowed if role in one.roles), None)
        action, unit = self.matter.action, self.matter.unit_id
        if action is not None and not any(action in RIGHTS[own] for own in self.own_roles):
            lenders = [one for one in self.borrowed if one.lends(action)]
            return next((one for one in lenders if unit in one.unit_ids), lenders[0] if lenders else None)
        if unit is None or action not in UNIT_ACTIONS:
            return None
        # A head's right counts for more than a specialist's, and the focal point stands for every unit by its own right.
        if unit not in self.own_head_unit_ids:
            head = next((one for one in self.borrowed if unit in one.head_unit_ids), None)
            if head is not None:
                return head
        if unit in self.own_unit_ids or any(Action.ACT_FOR_UNIT in RIGHTS[own] for own in self.own_roles):
            return None
        return next((one for one in self.borrowed if unit in one.unit_ids), None)


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
        return phrase("Đầu mối, %(focal_unit)s", focal_unit=focal_unit or authority_name)
    if role is Role.CHAIR:
        return phrase("Lãnh đạo %(authority_name)s", authority_name=authority_name)
    if role in UNIT_ROLES:
        names = [h for h in held if h.role is role and h.unit_name]
        if role is Role.SPECIALIST and names and all(h.unit_kind is UnitKind.POSITION for h in names):
            return "; ".join(h.unit_name or "" for h in names)
        return phrase("%(role)s, %(list)s", role=ROLE_WORDS[role], list="; ".join(h.unit_name or "" for h in names))
    return phrase("%(role)s, %(authority_name)s", role=ROLE_WORDS[role], authority_name=authority_name)


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
