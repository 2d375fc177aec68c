"""When more time may be asked for and given, and who decides: pure.

Asked before the deadline with a reason, decided by who assigned, the original deadline always shown: the practice of the rules on following
up assigned tasks (Decision 42/2014/QĐ-TTg as amended and the provinces' copies of it).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel.vietnamese import date_vn
from tracker.tasks.rules import OPEN, PROGRESS_WORDS, ExtensionState, Progress
from tracker.units.rules import Role

#: Nobody asks for, or gives, more than this from today.
LONGEST = timedelta(days=366)

STATE_WORDS: dict[ExtensionState, str] = {
    ExtensionState.PENDING: "Chờ quyết định",
    ExtensionState.GRANTED: "Được gia hạn",
    ExtensionState.REFUSED: "Không gia hạn",
    ExtensionState.WITHDRAWN: "Đã rút",
}


class Decision(StrEnum):
    GRANT = "grant"
    GRANT_OTHER = "grant_other"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the decider wants of some requests: the days they wish, one other day for all, or none (then the answer says why)."""

    decision: Decision
    until: date | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """How an office takes requests: so many working days before the deadline, decided by ``decider`` (in words)."""

    notice_days: int
    decider: str


def decides(roles: Iterable[Role], *, focal_extends: bool) -> bool:
    """Whether somebody decides on extensions: the focal point where the office says so, else its leaders."""
    return (Role.FOCAL if focal_extends else Role.CHAIR) in set(roles)


def decider_words(authority_name: str, *, focal_extends: bool) -> str:
    """Who decides, in words: «lãnh đạo UBND huyện Ninh Sơn», «cơ quan đầu mối»."""
    return "cơ quan đầu mối" if focal_extends else f"lãnh đạo {authority_name}"


def last_day_to_ask(calendar: WorkingCalendar, due: date, notice_days: int) -> date:
    """The last day on which more time may be asked for: so many working days before the last day in force; 0 is that day itself."""
    return calendar.add(due, -notice_days)


def may_ask(status: Progress, due: date | None, today: date, calendar: WorkingCalendar, terms: Conditions, *, pending: bool) -> str | None:
    """Why more time cannot be asked for, whom to turn to instead; None where it can. ``due`` is the last day in force."""
    hindered = cannot_move(status, due)
    if hindered or due is None:
        return hindered
    if pending:
        return "Nhiệm vụ đang có một đề nghị gia hạn chờ quyết định; mỗi nhiệm vụ chỉ có một đề nghị một lúc."
    until = last_day_to_ask(calendar, due, terms.notice_days)
    turn_to = f"Đồng chí liên hệ {terms.decider}."
    if due < today:
        return f"Hạn {date_vn(due)} đã qua nên không đề nghị gia hạn được nữa; muộn nhất là đề nghị trong ngày {date_vn(until)}. {turn_to}"
    if until < today:
        days = f"trước hạn ít nhất {terms.notice_days} ngày làm việc, muộn nhất là ngày {date_vn(until)} cho hạn {date_vn(due)}"
        return f"Đề nghị gia hạn phải gửi {days}; nay đã quá ngày ấy. {turn_to}"
    return None


def cannot_move(status: Progress, due: date | None) -> str | None:
    """Why a task's deadline cannot be moved at all, whoever wants it; None where it can."""
    if status not in OPEN:
        return f"Nhiệm vụ đang ở trạng thái “{PROGRESS_WORDS[status]}” nên không gia hạn."
    return "Nhiệm vụ không có thời hạn nên không cần gia hạn." if due is None else None


def cannot_reach(due: date, until: date, today: date) -> str | None:
    """Why a deadline cannot be moved to a day; None where it can. An extension never shortens."""
    if until < today:
        return f"Ngày {date_vn(until)} đã qua; ghi một ngày từ {date_vn(today)} trở đi."
    if until <= due:
        return f"Ngày {date_vn(until)} không sau hạn đang áp dụng là {date_vn(due)}; gia hạn phải đến một ngày sau đó."
    if until > today + LONGEST:
        return f"Ngày {date_vn(until)} cách nay hơn một năm; ghi một ngày đến hết {date_vn(today + LONGEST)}."
    return None


def overtaken(status: Progress, round_closed: bool) -> str | None:
    """Why a request that still waits has nothing left to decide; None where it has."""
    if round_closed:
        return "đợt đã đóng"
    return None if status in OPEN else f"nhiệm vụ đã chuyển sang “{PROGRESS_WORDS[status]}”"
