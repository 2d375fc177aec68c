"""Completeness: every line of the checklist ticked by an item, or by a sentence why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tracker.kernel.vietnamese import join_and
from tracker.kernel.words import phrase


class ItemKind(StrEnum):
    FILE = "file"
    LINK = "link"
    FIGURE = "figure"
    #: «không phát sinh», «không có vì …»: a sentence why there is none.
    STATEMENT = "statement"


ITEM_WORDS = {
    ItemKind.FILE: phrase("Tệp"),
    ItemKind.LINK: phrase("Đường dẫn"),
    ItemKind.FIGURE: phrase("Số liệu"),
    ItemKind.STATEMENT: phrase("Giải thích"),
}


class Signing(StrEnum):
    """Who signed a document; None on a version means that nobody said."""

    HEAD = "head"
    DEPUTY = "deputy"
    UNSIGNED = "unsigned"


SIGNING_WORDS = {
    Signing.HEAD: phrase("Người đứng đầu ký"),
    Signing.DEPUTY: phrase("Cấp phó hoặc người được ủy quyền ký"),
    Signing.UNSIGNED: phrase("Dự thảo, chưa ký"),
}


class ProofState(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    RETURNED = "returned"


STATE_WORDS = {ProofState.OFFERED: phrase("Chờ xem xét"), ProofState.ACCEPTED: phrase("Đã xác nhận"), ProofState.RETURNED: phrase("Bị trả lại")}


class SlotKind(StrEnum):
    """Who asks for a line: the task as a whole, the source, the authority, the scoring formula."""

    WHOLE = ""
    SOURCE = "r"
    LOCAL = "l"
    VARIABLE = "v"


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """Which line of a checklist a proof is for. ``id``: of the requirement, the local requirement or the variable; 0 for the whole task."""

    kind: SlotKind = SlotKind.WHOLE
    id: int = 0

    @property
    def key(self) -> str:
        """As forms and addresses carry it: «r12», «l3», «v5»; empty for the whole task."""
        return f"{self.kind}{self.id}" if self.kind is not SlotKind.WHOLE else ""

    @classmethod
    def of(cls, requirement_id: int | None, local_requirement_id: int | None, variable_id: int | None) -> Slot:
        """The slot of a proof's three columns, of which at most one is set."""
        if requirement_id is not None:
            return cls(SlotKind.SOURCE, requirement_id)
        if local_requirement_id is not None:
            return cls(SlotKind.LOCAL, local_requirement_id)
        return cls(SlotKind.VARIABLE, variable_id) if variable_id is not None else cls()

    @property
    def columns(self) -> dict[str, int | None]:
        """What a proof stores for it."""
        return {
            "requirement_id": self.id if self.kind is SlotKind.SOURCE else None,
            "local_requirement_id": self.id if self.kind is SlotKind.LOCAL else None,
            "variable_id": self.id if self.kind is SlotKind.VARIABLE else None,
        }


WHOLE = Slot()


@dataclass(frozen=True, slots=True)
class Asked:
    """What one line of a checklist asks for, before anything was brought."""

    slot: Slot
    name: str
    #: Of ``indicators.rules.RequirementKind``; None for the line of an indicator whose source lists nothing.
    kind: str | None = None
    quantity: int = 1
    signed_by_head: bool = False
    while_in_force: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a task's checklist: what it asks for and how far it is ticked."""

    asked: Asked
    #: Proofs in force that tick it; what was returned does not.
    proofs: int
    #: Whether one of them is a sentence why there is none.
    excused: bool = False

    @property
    def slot(self) -> Slot:
        return self.asked.slot

    @property
    def name(self) -> str:
        return self.asked.name

    @property
    def met(self) -> bool:
        return self.excused or self.proofs >= self.asked.quantity

    @property
    def lacks(self) -> str:
        """What to bring, in words: the name, with how many are still wanted where it asks for several."""
        if self.asked.quantity == 1:
            return self.name
        return phrase("%(name)s (có %(proofs)s, cần %(quantity)s)", name=self.name, proofs=self.proofs, quantity=self.asked.quantity)


@dataclass(frozen=True, slots=True)
class Completeness:
    """Whether a task may leave the unit, and what it lacks, in words."""

    lines: tuple[Line, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(line.lacks for line in self.lines if not line.met)

    @property
    def complete(self) -> bool:
        return not self.missing

    @property
    def sentence(self) -> str:
        """«Còn thiếu: …» or «Đã đủ 2/2», for the work list."""
        if self.complete:
            return phrase("Đã đủ %(count)s/%(count)s", count=len(self.lines))
        return phrase("Còn thiếu: %(missing)s", missing=join_and(self.missing))


#: The line of an indicator whose source, authority and formula name nothing: any one item will do.
ANY_ONE = Asked(WHOLE, phrase("ít nhất một tệp, đường dẫn, số liệu hoặc lời giải thích"))


def completeness(asked: Sequence[Asked], ticked: dict[Slot, tuple[int, bool]]) -> Completeness:
    """``ticked``: slot → (proofs in force, excused by a sentence). Where nothing is asked for by name, any one item for any slot will do."""
    if asked:
        return Completeness(tuple(Line(one, *ticked.get(one.slot, (0, False))) for one in asked))
    excused = any(excused for _number, excused in ticked.values())
    return Completeness((Line(ANY_ONE, sum(number for number, _excused in ticked.values()), excused),))
