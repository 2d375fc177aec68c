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
from tracker.kernel.words import phrase
from tracker.tasks.rules import OPEN, PROGRESS_WORDS, ExtensionState, Progress
from tracker.units.rules import Role

#: Nobody asks for, or gives, more than this from today.
LONGEST = timedelta(days=366)

STATE_WORDS: dict[ExtensionState, str] = {
    ExtensionState.PENDING: phrase("Chờ quyết định"),
    ExtensionState.GRANTED: phrase("Được gia hạn"),
    ExtensionState.REFUSED: phrase("Không gia hạn"),
    ExtensionState.WITHDRAWN: phrase("Đã rút"),
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
    return phrase("cơ quan đầu mối") if focal_extends else phrase("lãnh đạo %(authority_name)s", authority_name=authority_name)


def last_day_to_ask(calendar: WorkingCalendar, due: date, notice_days: int) -> date:
    """The last day on which more time may be asked for: so many working days before the last day in force; 0 is that day itself."""
    return calendar.add(due, -notice_days)


def may_ask(status: Progress, due: date | None, today: date, calendar: WorkingCalendar, terms: Conditions, *, pending: bool) -> str | None:
    """Why more time cannot be asked for, whom to turn to instead; None where it can. ``due`` is the last day in force."""
    hindered = cannot_move(status, due)
    if hindered or due is None:
        return hindered
    if pending:
        return phrase("Nhiệm vụ đang có một đề nghị gia hạn chờ quyết định; mỗi nhiệm vụ chỉ có một đề nghị một lúc.")
    until = last_day_to_ask(calendar, due, terms.notice_days)
    turn_to = phrase("Đồng chí liên hệ %(decider)s.", decider=terms.decider)
    if due < today:
        return phrase(
            "Hạn %(due)s đã qua nên không đề nghị gia hạn được nữa; muộn nhất là đề nghị trong ngày %(until)s. %(turn_to)s",
            due=date_vn(due),
            until=date_vn(until),
            turn_to=turn_to,
        )
    if until < today:
        days = phrase(
            "trước hạn ít nhất %(notice_days)s ngày làm việc, muộn nhất là ngày %(until)s cho hạn %(due)s",
            notice_days=terms.notice_days,
            until=date_vn(until),
            due=date_vn(due),
        )
        return phrase("Đề nghị gia hạn phải gửi %(days)s; nay đã quá ngày ấy. %(turn_to)s", days=days, turn_to=turn_to)
    return None


def cannot_move(status: Progress, due: date | None) -> str | None:
    """Why a task's deadline cannot be moved at all, whoever wants it; None where it can."""
    if status not in OPEN:
        return phrase("Nhiệm vụ đang ở trạng thái “%(state)s” nên không gia hạn.", state=PROGRESS_WORDS[status])
    return phrase("Nhiệm vụ không có thời hạn nên không cần gia hạn.") if due is None else None


def cannot_reach(due: date, until: date, today: date) -> str | None:
    """Why a deadline cannot be moved to a day; None where it can. An extension never shortens."""
    if until < today:
        return phrase("Ngày %(until)s đã qua; ghi một ngày từ %(today)s trở đi.", until=date_vn(until), today=date_vn(today))
    if until <= due:
        return phrase(
            "Ngày %(until)s không sau hạn đang áp dụng là %(due)s; gia hạn phải đến một ngày sau đó.", until=date_vn(until), due=date_vn(due)
        )
    if until > today + LONGEST:
        return phrase("Ngày %(until)s cách nay hơn một năm; ghi một ngày đến hết %(today)s.", until=date_vn(until), today=date_vn(today + LONGEST))
    return None


def overtaken(status: Progress, round_closed: bool) -> str | None:
    """Why a request that still waits has nothing left to decide; None where it has."""
    if round_closed:
        return phrase("đợt đã đóng")
    return None if status in OPEN else phrase("nhiệm vụ đã chuyển sang “%(state)s”", state=PROGRESS_WORDS[status])
