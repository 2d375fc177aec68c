"""What a digest tells beside deadlines: what waits for somebody's answer, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.kernel.clock import ONE_DAY
from tracker.kernel.vietnamese import date_vn
from tracker.mail.rules import header_text
from tracker.tasks.proposal_rules import ProposalState
from tracker.tasks.rules import ExtensionState

#: News nobody was told of for so long is not told any more: the pages show it.
NEWS_LIFE = timedelta(days=7)
#: Of what somebody wrote, as much as a line of a mail needs.
EXCERPT = 200


class NewsKind(StrEnum):
    DIRECTIVE = "directive"
    DIRECTIVE_ANSWERED = "directive_answered"
    MENTION = "mention"
    OBSTACLE = "obstacle"
    OBSTACLE_ANSWERED = "obstacle_answered"
    EXTENSION = "extension"
    EXTENSION_DECIDED = "extension_decided"
    PROPOSAL = "proposal"
    PROPOSAL_DECIDED = "proposal_decided"
    #: The week's summary for the leaders; no row of its own.
    SUMMARY = "summary"


class Turns(StrEnum):
    """Whom a piece of news is for."""

    UNIT = "unit"
    PERSON = "person"
    FOCAL = "focal"
    CHAIR = "chair"
    #: Whoever decides extensions in this authority.
    EXTENDERS = "extenders"


TURNS_TO: dict[NewsKind, Turns] = {
    NewsKind.DIRECTIVE: Turns.UNIT,
    NewsKind.DIRECTIVE_ANSWERED: Turns.CHAIR,
    NewsKind.MENTION: Turns.PERSON,
    NewsKind.OBSTACLE: Turns.FOCAL,
    NewsKind.OBSTACLE_ANSWERED: Turns.UNIT,
    NewsKind.EXTENSION: Turns.EXTENDERS,
    NewsKind.EXTENSION_DECIDED: Turns.UNIT,
    NewsKind.PROPOSAL: Turns.FOCAL,
    NewsKind.PROPOSAL_DECIDED: Turns.UNIT,
}

_DECIDED = {
    ExtensionState.GRANTED.value: "được gia hạn",
    ExtensionState.REFUSED.value: "không được gia hạn",
    ProposalState.AGREED.value: "được đồng ý",
}


@dataclass(frozen=True, slots=True)
class News:
    """One piece. ``account_id``: whom it is for, where that is one person; ``by_id``: whose doing it is, where known; ``day``: the day it names."""

    kind: NewsKind
    id: int
    task_id: int
    code: str | None
    name: str
    unit_id: int
    unit_name: str
    account_id: int | None
    words: str
    outcome: str
    at: datetime
    by: str
    by_id: int | None
    day: date | None
    authority_id: int

    @property
    def sentence(self) -> str:
        """As a line of a mail says it."""
        said = f"“{header_text(self.words)[:EXCERPT]}”" if self.words else ""
        until = f"; trả lời chậm nhất ngày {date_vn(self.day)}" if self.day else ""
        match self.kind:
            case NewsKind.DIRECTIVE:
                return f"chỉ đạo của {self.by}: {said}{until}"
            case NewsKind.DIRECTIVE_ANSWERED:
                return f"{self.by} trả lời chỉ đạo: {said}"
            case NewsKind.MENTION:
                return f"{self.by} nhắc tới đồng chí: {said}"
            case NewsKind.OBSTACLE:
                return f"{self.by} báo vướng mắc: {said}"
            case NewsKind.OBSTACLE_ANSWERED:
                return f"vướng mắc đã được {self.by} trả lời: {said}"
            case NewsKind.EXTENSION:
                return f"{self.by} đề nghị gia hạn{f' đến {date_vn(self.day)}' if self.day else ''}: {said}"
            case NewsKind.EXTENSION_DECIDED:
                return _answer(_DECIDED[self.outcome] + (f" đến {date_vn(self.day)}" if self.day else ""), self.by, said)
            case NewsKind.PROPOSAL:
                return f"{self.by} đề xuất: {said}"
            case _:
                return _answer("đề xuất " + _DECIDED.get(self.outcome, "không được đồng ý"), self.by, said)


def _answer(outcome: str, by: str, said: str) -> str:
    return f"{outcome} ({by}){f': {said}' if said else ''}"


def opens_week(calendar: WorkingCalendar, day: date) -> bool:
    """Whether no earlier day of its week is worked on."""
    return week_of(calendar.on_or_before(day - ONE_DAY)) != week_of(day)


def week_of(day: date) -> int:
    """2026-11-18 → 202647."""
    year, week, _ = day.isocalendar()
    return year * 100 + week
