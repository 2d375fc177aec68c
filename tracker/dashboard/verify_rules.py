"""The queue of what waits for the focal point's word: one task at a time, the oldest first; and what lies beside the decision. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.evidence.queries import FileLine, ProofLine
from tracker.evidence.rules import Completeness, ItemKind, ProofState
from tracker.files.rules import FILE_TYPES, INLINE
from tracker.kernel.words import phrase

PDF = FILE_TYPES[".pdf"]


@dataclass(frozen=True, slots=True, order=True)
class Waiting:
    """A task in the queue; what came in first stands first."""

    since: datetime
    task_id: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the queue one stands. ``number``: counted from 1; ``before`` and ``after``: the neighbours' tasks."""

    task_id: int
    number: int
    total: int
    before: int | None
    after: int | None


def place_of(queue: Sequence[Waiting], task_id: int) -> Place | None:
    """The place of a task; None where it waits no more."""
    for number, one in enumerate(queue, 1):
        if one.task_id == task_id:
            before = queue[number - 2].task_id if number > 1 else None
            after = queue[number].task_id if number < len(queue) else None
            return Place(task_id, number, len(queue), before, after)
    return None


def first_after(queue: Sequence[Waiting], gone: Waiting) -> int | None:
    """The next task to look at once ``gone`` was decided; None behind the last."""
    return next((one.task_id for one in queue if one > gone), None)


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that was brought, to be looked at beside the decision: a file of a document, a link, a figure, a sentence."""

    number: int
    proof: ProofLine
    file: FileLine | None = None

    @property
    def name(self) -> str:
        return self.file.filename if self.file else self.proof.version.title

    @property
    def drawn(self) -> bool:
        """Whether there are pictures of it."""
        return self.file is not None and not self.file.withdrawn and (self.file.media_type == PDF or self.file.media_type in INLINE)


def pieces_of(proofs: Iterable[ProofLine]) -> list[Piece]:
    """Everything in force, in the order it was brought; what was returned is not looked at again."""
    found: list[Piece] = []
    for proof in proofs:
        if proof.state is ProofState.RETURNED:
            continue
        for file in proof.version.files or (None,):
            found.append(Piece(len(found) + 1, proof, file))
    return found


def shown_piece(pieces: Sequence[Piece], wanted: int | None) -> Piece | None:
    """The piece asked for, else the first that can be seen as it is, else the first."""
    if wanted is not None and 1 <= wanted <= len(pieces):
        return pieces[wanted - 1]
    return next((piece for piece in pieces if piece.drawn), pieces[0] if pieces else None)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the checklist as it is judged: ticked or not, the documents that tick it, and what is doubtful about them."""

    name: str
    met: bool
    brought: tuple[str, ...]
    doubts: tuple[str, ...]

    @property
    def state(self) -> str:
        return "missing" if not self.met else "warn" if self.doubts else "ok"


def lines_of(done: Completeness, proofs: Sequence[ProofLine], doubts: dict[int, tuple[str, ...]]) -> list[Line]:
    """The checklist with the names and doubts of what ticks each line; doubts about what ticks none stand at the end."""
    lines, told = [], set()
    whole = len(done.lines) == 1 and not done.lines[0].slot.key
    for line in done.lines:
        own = [one for one in proofs if one.state is not ProofState.RETURNED and (whole or one.slot == line.slot)]
        told |= {one.id for one in own}
        sentences = tuple(sentence for one in own for sentence in doubts.get(one.id, ()))
        lines.append(Line(line.name, line.met, tuple(one.version.title for one in own), sentences))
    loose = [one for one in proofs if one.id not in told and one.state is not ProofState.RETURNED and doubts.get(one.id)]
    return lines + [Line(one.version.title, True, (), doubts[one.id]) for one in loose]


def figures_of(proofs: Sequence[ProofLine]) -> list[tuple[str, str]]:
    """(what, how much) of the figures that were given; a figure without a name of its own is called what it is."""
    given = [one.version for one in proofs if one.version.kind is ItemKind.FIGURE and one.state is not ProofState.RETURNED]
    return [(one.title if one.title != one.figure_words else phrase("Giá trị khai"), one.figure_words) for one in given]
