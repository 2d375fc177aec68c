"""What a lead asks its cooperating units for: states, days, and who of them has not answered, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

from tracker.kernel.vietnamese import date_vn
from tracker.kernel.words import joined, phrase

#: Where the task has no day in force that is still to come, a day further off than this is a slip of the keyboard.
FURTHEST = timedelta(days=366)


class ContributionState(StrEnum):
    ASKED = "asked"
    GIVEN = "given"
    #: «Không phát sinh», with a sentence.
    NONE = "none"
    WITHDRAWN = "withdrawn"


STATE_WORDS = {
    ContributionState.ASKED: phrase("Chưa gửi"),
    ContributionState.GIVEN: phrase("Đã gửi"),
    ContributionState.NONE: phrase("Không phát sinh"),
    ContributionState.WITHDRAWN: phrase("Đã rút lời nhờ"),
}


def cannot_ask_for(due_on: date | None, wished_on: date, today: date) -> str | None:
    """Why a contribution cannot be asked for by that day; None where it can.

    ``due_on``: the last day in force of the task. One that has passed, or that there is none, bounds nothing: help is wanted all the more.
    """
    if wished_on < today:
        return phrase("Ngày %(wished_on)s đã qua; đồng chí hẹn từ hôm nay (%(today)s) trở đi.", wished_on=date_vn(wished_on), today=date_vn(today))
    if due_on is not None and due_on >= today and wished_on > due_on:
        return phrase("Nhiệm vụ phải xong trước hết ngày %(due_on)s; đồng chí hẹn không muộn hơn ngày ấy.", due_on=date_vn(due_on))
    if wished_on > today + FURTHEST:
        return phrase("Ngày %(wished_on)s còn quá xa; đồng chí hẹn trong vòng một năm.", wished_on=date_vn(wished_on))
    return None


def waiting_words(due_on: date, today: date) -> str:
    """How long until the day that was asked for, for what has not come."""
    days = (due_on - today).days
    if days < 0:
        return phrase("quá ngày hẹn %(days)s ngày", days=-days)
    return phrase("còn %(days)s ngày", days=days) if days else phrase("hẹn hôm nay")


def answer_words(due_on: date, answered_on: date) -> str | None:
    """What to say of an answer that came after its day; None where it came in time."""
    days = (answered_on - due_on).days
    return phrase("sau ngày hẹn %(days)s ngày", days=days) if days > 0 else None


def not_sent(waiting: Sequence[tuple[str, date]], today: date) -> str | None:
    """«Chưa gửi: Phòng A; Phòng B (quá ngày hẹn 2 ngày)»; None where everybody has answered."""
    if not waiting:
        return None
    told = [phrase("%(name)s (%(due_on)s)", name=name, due_on=waiting_words(due_on, today)) if due_on < today else name for name, due_on in waiting]
    return phrase("%(state)s: %(list)s", state=STATE_WORDS[ContributionState.ASKED], list=joined("; ", told))
