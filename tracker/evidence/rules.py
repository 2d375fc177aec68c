"""Completeness: every required document ticked by an item, or by a sentence why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tracker.kernel.vietnamese import join_and


class ItemKind(StrEnum):
    FILE = "file"
    LINK = "link"
    FIGURE = "figure"
    #: «không phát sinh», «không có vì …»: a sentence why there is none.
    STATEMENT = "statement"


ITEM_WORDS = {ItemKind.FILE: "Tệp", ItemKind.LINK: "Đường dẫn", ItemKind.FIGURE: "Số liệu", ItemKind.STATEMENT: "Giải thích"}


@dataclass(frozen=True, slots=True)
class Required:
    """One line of the checklist. ``id`` is None for the line of a set that lists no documents: any one item will do."""

    id: int | None
    name: str
    quantity: int
    #: Proofs in force that tick it.
    proofs: int
    #: Whether one of them is a sentence why there is none.
    excused: bool

    @property
    def met(self) -> bool:
        return self.excused or self.proofs >= self.quantity


@dataclass(frozen=True, slots=True)
class Completeness:
    """Whether a task may leave the unit, and what it lacks, in words."""

    lines: tuple[Required, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(line.name for line in self.lines if not line.met)

    @property
    def complete(self) -> bool:
        return not self.missing

    @property
    def sentence(self) -> str:
        """«Còn thiếu: …» or «Đã đủ 2/2», for the work list."""
        if self.complete:
            return f"Đã đủ {len(self.lines)}/{len(self.lines)}"
        return f"Còn thiếu: {join_and(self.missing)}"


ANY_ONE = "ít nhất một tệp, đường dẫn, số liệu hoặc lời giải thích"


def completeness(lines: Sequence[Required], loose_proofs: int) -> Completeness:
    """A set that lists no documents asks for one item of any kind: ``loose_proofs`` are those tied to no line."""
    if lines:
        return Completeness(tuple(lines))
    return Completeness((Required(None, ANY_ONE, 1, loose_proofs, False),))
