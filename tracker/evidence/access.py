"""The only way to fetch a proof, an item or a file by id, and in whose name a person may bring one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from tracker.assignments.models import Cooperation
from tracker.audit.rules import Actor
from tracker.evidence.contribution_models import Contribution
from tracker.evidence.models import EvidenceItem, ItemVersion, LocalRequirement, Proof, VersionFile
from tracker.files.models import StoredFile
from tracker.kernel.errors import Forbidden, NotFound
from tracker.tasks import access as tasks_access
from tracker.tasks.models import Task
from tracker.units.models import Unit
from tracker.units.rules import Action, Viewer


@dataclass(frozen=True, slots=True)
class Standpoint:
    """In whose name a person stands before a task.

    ``unit_id`` is the unit that brings; ``leads``: it may report ready; ``on_behalf_of``: the unit acted for by the focal point.
    """

    unit_id: int
    leads: bool
    is_head: bool
    on_behalf_of: str | None

    def actor(self, viewer: Viewer) -> Actor:
        """The person as the history names it."""
        return Actor(viewer.account_id, viewer.title, self.on_behalf_of)


def standpoint(session: Session, viewer: Viewer, task: Task) -> Standpoint | None:
    """How this person may bring evidence for a task; None where not at all.

    Its lead unit's people first; then cooperators; then the focal point, «thay mặt» the lead.
    """
    own = _serving(viewer, task.unit_id)
    if own is not None:
        return own
    helper = _helping_unit(session, viewer, task) if viewer.may(Action.PREPARE_EVIDENCE) else None
    if helper is not None:
        return Standpoint(helper, False, False, None)
    if not viewer.may(Action.ACT_FOR_UNIT):
        return None
    return _acting_for(viewer, session.scalars(select(Unit).where(Unit.id == task.unit_id)).one())


def _helping_unit(session: Session, viewer: Viewer, task: Task) -> int | None:
    asked = session.execute(
        select(Unit.id, Unit.catch_all)
        .join(Cooperation, and_(Cooperation.authority_id == Unit.authority_id, Cooperation.unit_id == Unit.id))
        .where(Cooperation.assignment_id == task.assignment_id, or_(Unit.id.in_(viewer.unit_ids | viewer.group_ids), Unit.catch_all))
        .order_by(Cooperation.position)
    ).all()
    if not asked:
        return None
    direct = [unit_id for unit_id, _ in asked if unit_id in viewer.unit_ids]
    return direct[0] if direct else min(viewer.unit_ids, default=None)


def to_bring(session: Session, viewer: Viewer, task: Task) -> Standpoint:
    """The standpoint, or Forbidden with the reason."""
    found = standpoint(session, viewer, task)
    if found is None:
        raise Forbidden("Chỉ đơn vị chủ trì, đơn vị phối hợp hoặc đầu mối mới thêm minh chứng cho nhiệm vụ này.")
    return found


def to_report(session: Session, viewer: Viewer, task: Task) -> Standpoint:
    """The standpoint of somebody who may report the task ready, or Forbidden."""
    found = standpoint(session, viewer, task)
    if found is None or not found.leads:
        raise Forbidden("Chỉ đơn vị chủ trì (hoặc đầu mối thay mặt) mới báo đủ minh chứng.")
    return found


def to_withdraw(session: Session, viewer: Viewer, brought: Proof, task: Task) -> Standpoint:
    """The standpoint of somebody who may take a proof back: the lead, the focal point for it, or the unit that brought it. Raises Forbidden."""
    found = to_bring(session, viewer, task)
    if not found.leads and _brought_by(session, brought) != found.unit_id:
        raise Forbidden("Minh chứng này do đơn vị khác mang đến; chỉ đơn vị ấy, đơn vị chủ trì hoặc đầu mối mới gỡ được.")
    return found


def _brought_by(session: Session, brought: Proof) -> int | None:
    return session.scalar(
        select(EvidenceItem.unit_id)
        .join(ItemVersion, and_(ItemVersion.authority_id == EvidenceItem.authority_id, ItemVersion.item_id == EvidenceItem.id))
        .where(ItemVersion.id == brought.version_id)
    )


def proof(session: Session, viewer: Viewer, proof_id: int) -> tuple[Proof, Task]:
    """A proof in force and its task, visible to the person. Raises NotFound."""
    found = session.scalars(select(Proof).where(Proof.id == proof_id, Proof.withdrawn_at.is_(None))).one_or_none()
    if found is None:
        raise NotFound
    task = tasks_access.task(session, viewer, found.task_id)
    if not sees_everything(viewer, task) and _brought_by(session, found) not in viewer.unit_ids:
        raise NotFound
    return found, task


def sees_everything(viewer: Viewer, task: Task) -> bool:
    """Whether the person sees all that was brought for a task: who oversees, and its lead unit. A cooperator sees its own only."""
    return viewer.may(Action.SEE_ALL_TASKS) or task.unit_id in viewer.unit_ids


def item(session: Session, viewer: Viewer, item_id: int) -> EvidenceItem:
    """An item: for who oversees, for the unit that brought it, and for the lead of a task it serves, served or was given to. Raises NotFound."""
    found = session.scalars(select(EvidenceItem).where(EvidenceItem.id == item_id)).one_or_none()
    own = found is not None and (viewer.may(Action.SEE_ALL_TASKS) or found.unit_id in viewer.unit_ids)
    if found is None or not (own or _serves(session, viewer, item_id) or _given(session, viewer, item_id)):
        raise NotFound
    return found


def _given(session: Session, viewer: Viewer, item_id: int) -> bool:
    """Whether a cooperating unit gave it to a task the person's unit leads."""
    given = (
        select(Contribution.id)
        .join(Task, and_(Task.authority_id == Contribution.authority_id, Task.id == Contribution.task_id))
        .where(Contribution.item_id == item_id, Task.unit_id.in_(viewer.unit_ids))
        .limit(1)
    )
    return session.scalar(given) is not None


def _serves(session: Session, viewer: Viewer, item_id: int) -> bool:
    served = (
        select(Proof.id)
        .join(ItemVersion, and_(ItemVersion.authority_id == Proof.authority_id, ItemVersion.id == Proof.version_id))
        .join(Task, and_(Task.authority_id == Proof.authority_id, Task.id == Proof.task_id))
        .where(ItemVersion.item_id == item_id, Task.unit_id.in_(viewer.unit_ids))
        .limit(1)
    )
    return session.scalar(served) is not None


def for_unit(viewer: Viewer, unit: Unit) -> Standpoint | None:
    """How a person may bring what is a unit's: its own people, or the focal point «thay mặt»; None where not at all."""
    return _serving(viewer, unit.id) or _acting_for(viewer, unit)


def _serving(viewer: Viewer, unit_id: int) -> Standpoint | None:
    if viewer.may(Action.PREPARE_EVIDENCE) and unit_id in viewer.unit_ids:
        return Standpoint(unit_id, True, unit_id in viewer.head_unit_ids, None)
    return None


def _acting_for(viewer: Viewer, unit: Unit) -> Standpoint | None:
    return Standpoint(unit.id, True, True, None if unit.focal else unit.name) if viewer.may(Action.ACT_FOR_UNIT) else None


def bringer(session: Session, viewer: Viewer, found: EvidenceItem) -> Standpoint | None:
    """How a person may bring a newer version of an item: the unit that brought it, or the focal point for it."""
    return for_unit(viewer, session.scalars(select(Unit).where(Unit.id == found.unit_id)).one())


def item_to_change(session: Session, viewer: Viewer, item_id: int) -> tuple[EvidenceItem, Actor]:
    """An item the person may bring a newer version of, and as whom. Raises NotFound, Forbidden."""
    found = item(session, viewer, item_id)
    stand = bringer(session, viewer, found)
    if stand is None:
        raise Forbidden("Chỉ đơn vị đã mang minh chứng đến, hoặc đầu mối thay mặt, mới thêm bản mới.")
    return found, stand.actor(viewer)


def version(session: Session, viewer: Viewer, item_id: int, number: int) -> tuple[EvidenceItem, ItemVersion]:
    """One version of an item the person may see. Raises NotFound."""
    found = item(session, viewer, item_id)
    one = session.scalars(select(ItemVersion).where(ItemVersion.item_id == item_id, ItemVersion.number == number)).one_or_none()
    if one is None:
        raise NotFound
    return found, one


def file(session: Session, viewer: Viewer, file_id: int) -> tuple[VersionFile, StoredFile, int]:
    """A file of any version, its bytes' row, and its item's id. Raises NotFound."""
    row = session.execute(
        select(VersionFile, StoredFile, ItemVersion.item_id)
        .join(StoredFile, and_(StoredFile.authority_id == VersionFile.authority_id, StoredFile.id == VersionFile.file_id))
        .join(ItemVersion, and_(ItemVersion.authority_id == VersionFile.authority_id, ItemVersion.id == VersionFile.version_id))
        .where(VersionFile.id == file_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    item(session, viewer, row.item_id)
    return row.VersionFile, row.StoredFile, row.item_id


def local_requirement(session: Session, requirement_id: int) -> LocalRequirement:
    """A document the authority in scope asks for itself. Raises NotFound."""
    found = session.scalars(
        select(LocalRequirement).where(LocalRequirement.id == requirement_id, LocalRequirement.dropped_at.is_(None))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found
