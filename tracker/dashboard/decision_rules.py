"""What waits for the leaders' word, the most urgent first: pure. In which words it is shown: board_views.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from tracker.kernel.clock import local_day
from tracker.tasks.extension_queries import ExtensionRow
from tracker.tasks.proposal_queries import ProposalRow
from tracker.tasks.queries import TaskRow
from tracker.tasks.talk_rules import Kind
from tracker.tasks.waiting_queries import Waiting

#: Of a quoted text, as much as one line of the panel needs.
QUOTED = 120
#: Codes named in a row before «và n nữa».
NAMED = 4


class DecisionKind(StrEnum):
    EXTENSION = "extension"
    PROPOSAL = "proposal"
    OBSTACLE = "obstacle"
    DIRECTIVE_LATE = "directive_late"
    ESCALATION = "escalation"
    REMARK = "remark"
    DIRECTIVE = "directive"
    #: News, not a thing to do: it is shown and not counted.
    ANSWERED = "answered"


#: Who cannot go on without the leaders' word comes first, then who does nothing, then what only waits to be read.
_URGENCY = {
    DecisionKind.EXTENSION: 0,
    DecisionKind.PROPOSAL: 0,
    DecisionKind.OBSTACLE: 0,
    DecisionKind.DIRECTIVE_LATE: 0,
    DecisionKind.ESCALATION: 1,
    DecisionKind.REMARK: 2,
    DecisionKind.DIRECTIVE: 3,
    DecisionKind.ANSWERED: 4,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the panel: what one unit wants, or does not do, in one or several tasks.

    ``day`` orders lines of one urgency: the day by which, or since which, something is owed. ``ids`` are of what is decided (the requests,
    the proposals), ``task_ids`` of the tasks; ``codes`` what to call them. ``times``: how often it was said already.
    """

    kind: DecisionKind
    day: date
    unit: str
    unit_slug: str | None
    ids: tuple[int, ...]
    task_ids: tuple[int, ...]
    codes: tuple[str, ...]
    #: The name of the one task; None where there are several.
    name: str | None
    points: Decimal | None = None
    until: date | None = None
    days: int = 0
    times: int = 0
    round_: int = 0
    words: str = ""

    @property
    def several(self) -> bool:
        return len(self.task_ids) > 1

    @property
    def waits(self) -> bool:
        return self.kind is not DecisionKind.ANSWERED


def in_order(decisions: Iterable[Decision]) -> list[Decision]:
    """The most urgent first; among equals the earliest day, then what is worth more."""
    return sorted(decisions, key=lambda one: (_URGENCY[one.kind], one.day, -(one.points or 0), one.unit, one.task_ids))


def of_extensions(rows: Iterable[ExtensionRow]) -> list[Decision]:
    """What a unit asks from one day to another is one request, whatever the number of its tasks; what is overtaken is none."""
    groups: dict[tuple[int, date, date], list[ExtensionRow]] = defaultdict(list)
    for row in rows:
        if row.overtaken is None:
            groups[row.unit_id, row.due_on, row.wished_on].append(row)
    return [
        Decision(
            kind=DecisionKind.EXTENSION,
            day=due_on,
            unit=group[0].unit_name,
            unit_slug=group[0].unit_slug,
            ids=tuple(row.id for row in group),
            task_ids=tuple(row.task_id for row in group),
            codes=tuple(row.label for row in group),
            name=group[0].name if len(group) == 1 else None,
            points=_sum(row.points for row in group),
            until=wished_on,
            round_=max(row.extensions for row in group) + 1,
            words=group[0].reason[:QUOTED],
        )
        for (_unit, due_on, wished_on), group in groups.items()
    ]


def of_proposals(rows: Iterable[ProposalRow]) -> list[Decision]:
    """Each for itself: why differs from task to task."""
    return [
        Decision(
            kind=DecisionKind.PROPOSAL,
            day=local_day(row.asked_at),
            unit=row.unit_name,
            unit_slug=None,
            ids=(row.id,),
            task_ids=(row.task_id,),
            codes=(row.label,),
            name=row.name,
            words=row.reason[:QUOTED],
        )
        for row in rows
        if row.overtaken is None
    ]


def of_talk(rows: Iterable[Waiting], today: date) -> list[Decision]:
    """Obstacles, directives, mentions, and the answers that came."""
    return [
        Decision(
            kind=_talk_kind(row, today),
            day=row.reply_by_on or local_day(row.at),
            unit=row.unit_name,
            unit_slug=None,
            ids=(row.id,),
            task_ids=(row.task_id,),
            codes=(row.code,) if row.code else (),
            name=row.name,
            until=row.reply_by_on,
            days=row.days_late(today),
            times=row.times,
            words=row.words,
        )
        for row in rows
    ]


def _talk_kind(row: Waiting, today: date) -> DecisionKind:
    if row.answered:
        return DecisionKind.ANSWERED
    if row.kind is Kind.DIRECTIVE:
        return DecisionKind.DIRECTIVE_LATE if row.days_late(today) else DecisionKind.DIRECTIVE
    return DecisionKind.OBSTACLE if row.kind is Kind.OBSTACLE else DecisionKind.REMARK


def of_escalations(rows: Sequence[TaskRow], reached: frozenset[int], reminded: Mapping[int, int]) -> list[Decision]:
    """Units with late tasks for which nothing was brought, one of which has climbed to the leaders.

    ``rows``: all late tasks not begun; ``reached``: the tasks past the policy's rung for the leaders; ``reminded``: unit → on how many days it
    was reminded. A unit's line counts all its rows, so that it leads to the list of them.
    """
    groups: dict[int, list[TaskRow]] = defaultdict(list)
    for row in rows:
        groups[row.unit_id].append(row)
    found = []
    for unit_id, group in groups.items():
        days = [row.standing.due_on for row in group if row.standing.due_on is not None]
        if days and any(row.id in reached for row in group):
            found.append(
                Decision(
                    kind=DecisionKind.ESCALATION,
                    day=min(days),
                    unit=group[0].unit_name,
                    unit_slug=group[0].unit_slug,
                    ids=(),
                    task_ids=tuple(row.id for row in group),
                    codes=tuple(row.label for row in group),
                    name=group[0].name if len(group) == 1 else None,
                    points=_sum(row.points for row in group),
                    days=max(row.standing.days_late for row in group),
                    times=reminded.get(unit_id, 0),
                )
            )
    return found


def _sum(points: Iterable[Decimal | None]) -> Decimal | None:
    known = [one for one in points if one is not None]
    return sum(known, Decimal(0)) if known else None
