"""The only way to fetch a proof or a file by id, and in whose name a person may bring one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from tracker.assignments.models import Cooperation
from tracker.audit.rules import Actor
from tracker.evidence.models import EvidenceItem, ItemVersion, Proof
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
    if viewer.may(Action.PREPARE_EVIDENCE):
        if task.unit_id in viewer.unit_ids:
            return Standpoint(task.unit_id, True, task.unit_id in viewer.head_unit_ids, None)
        helper = _helping_unit(session, viewer, task)
        if helper is not None:
            return Standpoint(helper, False, False, None)
    if viewer.may(Action.ACT_FOR_UNIT):
        unit = session.scalars(select(Unit).where(Unit.id == task.unit_id)).one()
        return Standpoint(unit.id, True, True, None if unit.focal else unit.name)
    return None


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
    return found, tasks_access.task(session, viewer, found.task_id)


def file_of_proof(session: Session, viewer: Viewer, proof_id: int) -> tuple[StoredFile, str]:
    """The stored file of a proof and its name, for whoever may see the task; also of one taken back. Raises NotFound."""
    row = session.execute(
        select(StoredFile, ItemVersion.filename, Proof.task_id)
        .join(ItemVersion, and_(ItemVersion.authority_id == StoredFile.authority_id, ItemVersion.file_id == StoredFile.id))
        .join(Proof, and_(Proof.authority_id == StoredFile.authority_id, Proof.version_id == ItemVersion.id))
        .where(Proof.id == proof_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    tasks_access.task(session, viewer, row.task_id)
    return row.StoredFile, row.filename or "tep"
