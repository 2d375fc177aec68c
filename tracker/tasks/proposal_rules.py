"""What a lead may propose, and when there is nothing left to decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.kernel.vietnamese import date_vn
from tracker.kernel.words import phrase
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
    ProposalKind.NOT_APPLICABLE: phrase("Không áp dụng"),
    ProposalKind.SUPPLIED_ELSEWHERE: phrase("Do cơ quan khác cung cấp"),
    ProposalKind.DATA_REQUEST: phrase("Chờ số liệu của cơ quan khác"),
}

STATE_WORDS: dict[ProposalState, str] = {
    ProposalState.PENDING: phrase("Chờ đầu mối quyết định"),
    ProposalState.AGREED: phrase("Đầu mối đồng ý"),
    ProposalState.REFUSED: phrase("Đầu mối không đồng ý"),
    ProposalState.WITHDRAWN: phrase("Đã rút"),
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
        return phrase("Đợt đã đóng nên không đề nghị được nữa.")
    if status not in OPEN:
        return phrase("Nhiệm vụ đang ở trạng thái “%(state)s” nên không cần đề nghị.", state=PROGRESS_WORDS[status])
    return phrase("Nhiệm vụ đang có một đề nghị chờ đầu mối quyết định; mỗi nhiệm vụ chỉ có một đề nghị một lúc.") if pending else None


def wrong_letter(letter: Letter, today: date) -> tuple[str, str] | None:
    """(the field at fault, why) of a letter that cannot be; None where it can."""
    if letter.sent_on > today:
        return "letter_on", phrase(
            "Ngày văn bản %(sent_on)s chưa đến; ghi ngày không muộn hơn %(today)s.", sent_on=date_vn(letter.sent_on), today=date_vn(today)
        )
    if letter.reply_on < today:
        return "reply_on", phrase(
            "Ngày hẹn trả lời %(reply_on)s đã qua; ghi ngày từ %(today)s trở đi.", reply_on=date_vn(letter.reply_on), today=date_vn(today)
        )
    return None


def overtaken(status: Progress, closed: bool) -> str | None:
    """Why a proposal that waits has nothing left to decide; None where it has."""
    if closed:
        return phrase("đợt đã đóng")
    return None if status in OPEN else phrase("nhiệm vụ đang ở trạng thái “%(state)s”", state=PROGRESS_WORDS[status])


def pause_words(until: date, body: str | None, number: str | None) -> str:
    """«Tạm dừng tính hạn đến hết ngày 30/11/2026 do chờ Cục Thuế trả lời công văn số 12/CV»."""
    letter = phrase(" công văn số %(number)s", number=number) if number else ""
    return phrase(
        "Tạm dừng tính hạn đến hết ngày %(until)s do chờ %(body)s trả lời%(letter)s.",
        until=date_vn(until),
        body=body or phrase("cơ quan khác"),
        letter=letter,
    )
