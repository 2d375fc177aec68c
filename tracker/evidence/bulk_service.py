"""Deciding on many tasks in one transaction: what can be done is, what changed since the preview is left out and named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.evidence import service
from tracker.evidence.bulk_queries import labels, locked_tasks, serving
from tracker.evidence.bulk_rules import CHANGED, Left, Outcome
from tracker.evidence.content_rules import Content
from tracker.evidence.queries import checklists
from tracker.evidence.rules import ITEM_WORDS, WHOLE, Asked, ItemKind, Slot
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.words import phrase
from tracker.tasks import service as tasks
from tracker.tasks.models import Task


def decide(session: Session, seen: Mapping[int, int], act: Callable[[Task], None]) -> Outcome:
    """Does ``act`` to each task that still has the version of the preview (task → version). What is refused is left out with its reason."""
    found, named = locked_tasks(session, seen), labels(session, seen)
    done: list[Task] = []
    left = []
    for task_id, version in seen.items():
        task = found.get(task_id)
        if task is None:
            raise NotFound
        if task.version != version:
            left.append(Left(named[task_id], CHANGED))
            continue
        try:
            act(task)
        except Refused as refusal:  # every service checks before it changes
            left.append(Left(named[task_id], refusal.message))
        else:
            done.append(task)
    session.flush()
    return Outcome(len(done), tuple(left), tuple(f"{task.id}-{task.version}" for task in done))


@dataclass(frozen=True, slots=True)
class Choice:
    """A task one piece of evidence is for, in the version of the preview, and the line of its checklist."""

    task_id: int
    version: int
    slot: Slot = WHOLE


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence and the tasks it is for: something new, or a version of an item the unit has."""

    kind: ItemKind
    title: str
    choices: tuple[Choice, ...]
    content: Content | None = None
    version_id: int | None = None


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of pieces brought together: how many proofs there are now, and which pieces (by place) still wait for which task."""

    proofs: int
    left: tuple[tuple[int, Left], ...] = ()


def bring_all(session: Session, pieces: Sequence[Piece], unit_id: int, actor: Actor, now: datetime) -> Brought:
    """Brings pieces to tasks of one unit, all in this transaction; a new piece makes one item, however many tasks it serves.

    A task that was closed or changed since the preview is left out. Raises NotFound where a task is not the unit's.
    """
    wanted = {choice.task_id for piece in pieces for choice in piece.choices}
    found, named = locked_tasks(session, wanted), labels(session, wanted)
    if len(found) != len(wanted) or any(task.unit_id != unit_id for task in found.values()):
        raise NotFound
    asked = checklists(session, {task.indicator_id for task in found.values() if task.indicator_id is not None})
    versions = {task_id: task.version for task_id, task in found.items()}
    hindered = {task_id: why for task_id, task in found.items() if (why := _hindrance(session, task, actor, now, versions, pieces))}
    proofs, left = 0, []
    for place, piece in enumerate(pieces):
        free = [choice for choice in piece.choices if choice.task_id not in hindered]
        left += [(place, Left(named[one.task_id], hindered[one.task_id])) for one in piece.choices if one.task_id in hindered]
        there = serving(session, piece.version_id, [one.task_id for one in free]) if piece.version_id is not None else {}
        twice = [one for one in free if tuple(one.slot.columns.values()) in there.get(one.task_id, ())]
        left += [(place, Left(named[one.task_id], phrase("minh chứng này đã có ở đúng mục ấy."))) for one in twice]
        free = [one for one in free if one not in twice]
        if free:
            _bring(session, piece, [(found[one.task_id], one.slot) for one in free], asked, unit_id, actor, now)
            proofs += len(free)
    session.flush()
    return Brought(proofs, tuple(left))


def _hindrance(session: Session, task: Task, actor: Actor, now: datetime, versions: Mapping[int, int], pieces: Sequence[Piece]) -> str | None:
    """Why nothing can be brought to this task now; where it can, it is begun."""
    if any(choice.version != versions[task.id] for piece in pieces for choice in piece.choices if choice.task_id == task.id):
        return CHANGED
    try:
        tasks.begin(session, task, actor, now)
    except Refused as refusal:
        return refusal.message
    return None


def _bring(
    session: Session,
    piece: Piece,
    places: Sequence[tuple[Task, Slot]],
    asked: Mapping[int, Collection[Asked]],
    unit_id: int,
    actor: Actor,
    now: datetime,
) -> None:
    version_id = piece.version_id
    if version_id is None:
        assert piece.content is not None, "a piece is something new or a version that is there"
        try:
            version_id = service.add_item(session, places[0][0].authority_id, unit_id, piece.content, actor, now).id
        except Refused as refusal:
            raise Refused(phrase("“%(piece)s”: %(message)s", piece=piece.title, message=refusal.message), field=refusal.field) from None
    together = f", dùng cho {len(places)} nhiệm vụ" if len(places) > 1 else ""
    for task, slot in places:
        what = service.line_words(asked.get(task.indicator_id or 0, ()), slot)
        service.prove(session, task, slot, version_id, now)
        summary = f"Thêm {ITEM_WORDS[piece.kind].lower()} “{piece.title[: service.TITLE_LIMIT]}”{what}{together}{actor.behalf}."
        audit.record(session, actor, "evidence.bring", summary, now=now, authority_id=task.authority_id, subject=("task", task.id))
