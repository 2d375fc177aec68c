"""What a lead may propose, and when there is nothing left to decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.kernel.vietnamese import date_vn
from tracker.tasks.rules import OPEN, PROGRESS_WORDS, Move, Progress


class ProposalKind(StrEnum):
    NOT_APPLICABLE = "not_applicable"
    SUPPLIED_ELSEWHERE = "supplied_elsewhere"
    #: Đã gửi công văn, chờ số liệu của cơ quan khác.
    DATA_REQUEST = "data_request"


class ProposalState(StrEnum):
    PENDING = "pending"
    AGREED = "agreed"
    REFUSED = "refused"
    #: Taken back by who asked, or overtaken: handed in, set aside, round closed.
    WITHDRAWN = "withdrawn"


KIND_WORDS: dict[ProposalKind, str] = {
    ProposalKind.NOT_APPLICABLE: "Không áp dụng",
    ProposalKind.SUPPLIED_ELSEWHERE: "Do cơ quan khác cung cấp",
    ProposalKind.DATA_REQUEST: "Chờ số liệu của cơ quan khác",
}

STATE_WORDS: dict[ProposalState, str] = {
    ProposalState.PENDING: "Chờ đầu mối quyết định",
    ProposalState.AGREED: "Đầu mối đồng ý",
    ProposalState.REFUSED: "Đầu mối không đồng ý",
    ProposalState.WITHDRAWN: "Đã rút",
}

#: What agreeing does to the task; a data request moves no progress, it pauses lateness.
MOVE_OF: dict[ProposalKind, Move] = {
    ProposalKind.NOT_APPLICABLE: Move.SET_NOT_APPLICABLE,
    ProposalKind.SUPPLIED_ELSEWHERE: Move.SET_SUPPLIED_ELSEWHERE,
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to another body: its number, its day, and the day an answer is asked by."""

    number: str
    sent_on: date
    reply_on: date


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the decider said of some proposals, all alike. ``until`` shortens the pause of data requests."""

    agreed: bool
    until: date | None = None
    answer: str | None = None


def may_propose(status: Progress, *, pending: bool, closed: bool) -> str | None:
    """Why nothing can be proposed for a task now; None where something can."""
    if closed:
        return "Đợt đã đóng nên không đề nghị được nữa."
    if status not in OPEN:
        return f"Nhiệm vụ đang ở trạng thái “{PROGRESS_WORDS[status]}” nên không cần đề nghị."
    return "Nhiệm vụ đang có một đề nghị chờ đầu mối quyết định; mỗi nhiệm vụ chỉ có một đề nghị một lúc." if pending else None


def wrong_letter(letter: Letter, today: date) -> tuple[str, str] | None:
    """(the field at fault, why) of a letter that cannot be; None where it can."""
    if letter.sent_on > today:
        return "letter_on", f"Ngày văn bản {date_vn(letter.sent_on)} chưa đến; ghi ngày không muộn hơn {date_vn(today)}."
    if letter.reply_on < today:
        return "reply_on", f"Ngày hẹn trả lời {date_vn(letter.reply_on)} đã qua; ghi ngày từ {date_vn(today)} trở đi."
    return None


def overtaken(status: Progress, closed: bool) -> str | None:
    """Why a proposal that waits has nothing left to decide; None where it has."""
    if closed:
        return "đợt đã đóng"
    return None if status in OPEN else f"nhiệm vụ đang ở trạng thái “{PROGRESS_WORDS[status]}”"


def pause_words(until: date, body: str | None, number: str | None) -> str:
    """«Tạm dừng tính hạn đến hết ngày 30/11/2026 do chờ Cục Thuế trả lời công văn số 12/CV»."""
    letter = f" công văn số {number}" if number else ""
    return f"Tạm dừng tính hạn đến hết ngày {date_vn(until)} do chờ {body or 'cơ quan khác'} trả lời{letter}."
