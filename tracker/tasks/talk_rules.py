"""Obstacles, directives and remarks on a task: their states, words and limits: pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from enum import StrEnum

from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import date_vn
from tracker.kernel.words import phrase
from tracker.tasks.rules import OPEN, PROGRESS_WORDS, Progress

#: Characters of one remark, obstacle, directive or answer.
TEXT_LIMIT = 4000
#: What was answered stays on the pages of those who wait for the answer so long.
ANSWER_SHOWN = timedelta(days=7)
#: A directive is to be answered within so long.
LONGEST_REPLY = timedelta(days=366)


class ObstacleState(StrEnum):
    """Open until somebody answers, or the unit took it back: solved by itself."""

    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class DirectiveState(StrEnum):
    """Waits for an answer; answered; closed by the leaders, also where it was given once more."""

    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"


OBSTACLE_WORDS: dict[ObstacleState, str] = {
    ObstacleState.OPEN: phrase("Chờ trả lời"),
    ObstacleState.ANSWERED: phrase("Đã trả lời"),
    ObstacleState.WITHDRAWN: phrase("Đơn vị đã tự giải quyết"),
}

DIRECTIVE_WORDS: dict[DirectiveState, str] = {
    DirectiveState.WAITING: phrase("Chờ trả lời"),
    DirectiveState.ANSWERED: phrase("Đã trả lời"),
    DirectiveState.CLOSED: phrase("Đã kết thúc"),
}


class Kind(StrEnum):
    """What stands on a front page or in the talk of a task."""

    DIRECTIVE = "directive"
    OBSTACLE = "obstacle"
    REMARK = "remark"


#: The invisible signs that turn the direction of writing: a text that reads otherwise than it is stored.
_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n{3,}")


def tidy(text: str) -> str:
    """Plain text as it is kept: NFC, lines kept, no control signs, at most one empty line in a row."""
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = _CONTROLS.sub(" ", _TURNS.sub("", lines))
    return _BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in lines.split("\n"))).strip()


def cannot_report(status: Progress, *, waiting: bool) -> str | None:
    """Why no obstacle can be reported on a task; None where it can. One waits at a time."""
    if status not in OPEN:
        return phrase("Nhiệm vụ đang ở trạng thái “%(state)s” nên không báo khó khăn, vướng mắc.", state=PROGRESS_WORDS[status])
    if waiting:
        return phrase("Nhiệm vụ đang có một vướng mắc chờ trả lời; mỗi nhiệm vụ chỉ có một vướng mắc chờ trả lời một lúc.")
    return None


def cannot_reply_by(day: date | None, today: date) -> str | None:
    """Why a directive cannot be answerable by that day; None where it can, or where no day is given."""
    if day is None:
        return None
    if day < today:
        return phrase("Ngày %(day)s đã qua; ghi một ngày từ %(today)s trở đi, hoặc để trống.", day=date_vn(day), today=date_vn(today))
    if day > today + LONGEST_REPLY:
        return phrase("Ngày %(day)s cách nay hơn một năm; ghi một ngày đến hết %(today)s.", day=date_vn(day), today=date_vn(today + LONGEST_REPLY))
    return None


def days_late(reply_by_on: date | None, answered_on: date | None, today: date) -> int:
    """By how many days an answer is late; 0 where it is not, or no day was given."""
    if reply_by_on is None:
        return 0
    return max(((answered_on or today) - reply_by_on).days, 0)


def said(text: str | None, missing: str, field: str, limit: int = TEXT_LIMIT) -> str:
    """What was written, as it is kept. Raises Refused with ``missing`` where nothing was, or where it is too long."""
    words = tidy(text or "")
    if not words:
        raise Refused(missing, field=field)
    if len(words) > limit:
        raise Refused(phrase("Đồng chí ghi %(count)s ký tự; rút gọn còn %(limit)s.", count=len(words), limit=limit), field=field)
    return words
