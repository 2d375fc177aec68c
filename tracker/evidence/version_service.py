"""A newer version of an item: nothing is overwritten, and two people cannot both be second."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.deadlines.models import Round
from tracker.evidence import service
from tracker.evidence.content_rules import Content
from tracker.evidence.models import EvidenceItem, ItemVersion, Proof
from tracker.evidence.queries import VersionLine
from tracker.evidence.rules import ITEM_WORDS, ItemKind, Slot
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.vietnamese import clean, datetime_vn
from tracker.kernel.words import phrase
from tracker.tasks import handin_service as handins
from tracker.tasks import service as tasks
from tracker.tasks.models import Task
from tracker.tasks.rules import OPEN

WHY_LIMIT = 500


def supersede(
    session: Session, item: EvidenceItem, versions: Sequence[VersionLine], seen: int, content: Content, why: str | None, actor: Actor, now: datetime
) -> tuple[ItemVersion, int]:
    """A newer version takes the place of the one the person had before them (``seen``, its number), in every task still open.

    ``versions``: all there are, newest first. Without new files a document keeps those it has. What is handed in keeps the version it was
    handed in with. Returns the version and how many tasks it serves now. Raises Stale where somebody else brought a version meanwhile.
    """
    newest = versions[0]
    if content.kind is not item.kind:
        raise Refused(phrase("Minh chứng này là %(kind)s; loại khác thì thêm thành minh chứng mới.", kind=ITEM_WORDS[item.kind].lower()))
    said = clean(why or "")
    if not said:
        raise Refused("Đồng chí ghi vì sao có bản mới, ví dụ “Bản đã ký, đóng dấu”.", field="why")
    if len(said) > WHY_LIMIT:
        raise Refused(phrase("Lý do dài %(count)s ký tự; rút gọn còn %(why_limit)s.", count=len(said), why_limit=WHY_LIMIT), field="why")
    if newest.number != seen:
        raise _stale(newest, content, said)
    try:
        with session.begin_nested():
            carried = newest.files if content.kind is ItemKind.FILE and not content.files else ()
            version = service.add_version(session, item, newest.number + 1, content, actor, now, why=said, carried=carried)
    except IntegrityError as error:
        if "uq_item_version_number" in str(error.orig) or "item_version.number" in str(error.orig):
            raise _stale(newest, content, said) from None
        raise
    item.title = (content.title or newest.title)[: service.TITLE_LIMIT]
    moved = _move_proofs(session, item, version, actor, now)
    summary = f"Bản {version.number} của “{item.title}”: {said}"
    audit.record(session, actor, "evidence.supersede", summary, now=now, authority_id=item.authority_id, subject=("evidence_item", item.id))
    session.flush()
    return version, moved


def _stale(newest: VersionLine, content: Content, why: str) -> Stale:
    mine = {phrase("Minh chứng"): content.title, **content.particulars.words(), phrase("Vì sao có bản mới"): why}
    theirs = {
        phrase("Minh chứng"): newest.title,
        **newest.particulars.words(),
        phrase("Bản"): f"{newest.number}, {newest.actor}, {datetime_vn(newest.created_at)}",
    }
    words = phrase(
        "Người khác vừa thêm một bản mới của minh chứng này sau khi đồng chí mở trang. Chưa lưu gì; đồng chí xem bản ấy rồi làm lại nếu vẫn cần."
    )
    return Stale(words, theirs={label: text for label, text in theirs.items() if text}, yours={label: text for label, text in mine.items() if text})


def _move_proofs(session: Session, item: EvidenceItem, version: ItemVersion, actor: Actor, now: datetime) -> int:
    """Every open task of an open round that the item serves goes on with the newest version; what was returned is offered anew."""
    older = (
        select(Proof, Task)
        .join(ItemVersion, and_(ItemVersion.authority_id == Proof.authority_id, ItemVersion.id == Proof.version_id))
        .join(Task, and_(Task.authority_id == Proof.authority_id, Task.id == Proof.task_id))
        .join(Round, and_(Round.authority_id == Task.authority_id, Round.id == Task.round_id))
        .where(
            ItemVersion.item_id == item.id,
            ItemVersion.id != version.id,
            Proof.withdrawn_at.is_(None),
            Round.closed_at.is_(None),
            Task.status.in_(OPEN),
        )
        .order_by(Task.id, Proof.id)
    )
    served: dict[int, Task] = {}
    for proof, task in session.execute(older).all():
        tasks.expect_round_open(session, task)
        proof.withdrawn_at = now
        handins.drop(session, task.id, proof.version_id, now)
        service.prove(session, task, Slot.of(proof.requirement_id, proof.local_requirement_id, proof.variable_id), version.id, now)
        served[task.id] = task
    for task in served.values():
        summary = f"Thay bằng bản {version.number} của “{item.title}”: {version.why}"
        audit.record(session, actor, "evidence.supersede", summary, now=now, authority_id=task.authority_id, subject=("task", task.id))
    return len(served)
