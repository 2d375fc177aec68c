"""What came in through links and waits to be confirmed."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from tracker.tasks.handin_models import LinkHandin
from tracker.tasks.models import Extension
from tracker.tasks.rules import ExtensionState


def _waiting() -> Select[LinkHandin]:
    """A request that was answered or taken back meanwhile has nothing left to confirm."""
    return (
        select(LinkHandin)
        .outerjoin(Extension, and_(Extension.authority_id == LinkHandin.authority_id, Extension.id == LinkHandin.extension_id))
        .where(
            LinkHandin.confirmed_at.is_(None),
            LinkHandin.dropped_at.is_(None),
            or_(LinkHandin.extension_id.is_(None), Extension.state == ExtensionState.PENDING),
        )
        .order_by(LinkHandin.id)
    )


def waiting(session: Session, task_id: int) -> list[LinkHandin]:
    """Of one task, the oldest first."""
    return list(session.scalars(_waiting().where(LinkHandin.task_id == task_id)))


def waiting_versions(session: Session, task_id: int) -> list[LinkHandin]:
    """Of one task, files and figures only: what the task must not leave the unit with."""
    return list(session.scalars(_waiting().where(LinkHandin.task_id == task_id, LinkHandin.version_id.is_not(None))))


def unverified_requests(session: Session, extension_ids: Collection[int]) -> set[int]:
    """Which of some requests for time came through a link and wait to be confirmed."""
    if not extension_ids:
        return set()
    return {one.extension_id for one in session.scalars(_waiting().where(LinkHandin.extension_id.in_(extension_ids))) if one.extension_id}


def of_version(session: Session, task_id: int, version_id: int) -> LinkHandin | None:
    """What is known already of a version at a task: a form sent twice brings it twice."""
    return session.scalars(
        select(LinkHandin).where(LinkHandin.task_id == task_id, LinkHandin.version_id == version_id).order_by(LinkHandin.id)
    ).first()


def number_of_link(session: Session, link_id: int) -> int:
    """How much came in through one link."""
    return session.scalar(select(func.count(LinkHandin.id)).where(LinkHandin.link_id == link_id)) or 0
