"""What a calendar feed speaks of: a person's duties, a unit's, or an authority's; and who may read which."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from enum import StrEnum

from tracker.units.rules import Action, Viewer

#: Live feeds of one person in one authority: a telephone, a tablet, an office computer, and each unit watched.
MOST_FEEDS = 20


class FeedKind(StrEnum):
    PERSON = "person"
    UNIT = "unit"
    AUTHORITY = "authority"


def may_read(viewer: Viewer, kind: FeedKind, unit_id: int | None, own: AbstractSet[int]) -> bool:
    """Whether somebody may read such a feed today. ``own`` are the units whose work is theirs."""
    if not viewer.may(Action.SEE_TASKS):
        return False
    if kind is FeedKind.PERSON:
        return bool(own)
    if kind is FeedKind.UNIT:
        return unit_id in own or viewer.may(Action.SEE_ALL_TASKS)
    return viewer.may(Action.SEE_OVERVIEW) or viewer.may(Action.MANAGE_ROUNDS)
