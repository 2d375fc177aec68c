"""What the authority itself asks for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.evidence.models import LocalRequirement
from tracker.indicators.models import Indicator
from tracker.indicators.rules import RequirementKind
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import clean
from tracker.kernel.words import phrase

NAME_LIMIT = 300
#: More would be no checklist.
LINES_LIMIT = 20


def add(
    session: Session,
    authority_id: int,
    indicator: Indicator,
    *,
    name: str,
    kind: RequirementKind,
    quantity: int,
    signed_by_head: bool,
    while_in_force: bool,
    actor: Actor,
    now: datetime,
) -> LocalRequirement:
    """One more document for every task of the indicator that is not handed in. Raises Refused where it is asked for already."""
    text = clean(name)
    if not text or len(text) > NAME_LIMIT:
        raise Refused(
            phrase("Tên tài liệu cần từ 1 đến %(name_limit)s ký tự; đồng chí đang ghi %(count)s.", name_limit=NAME_LIMIT, count=len(text)),
            field="name",
        )
    mine = (LocalRequirement.indicator_id == indicator.id, LocalRequirement.dropped_at.is_(None))
    if session.scalar(select(func.count(LocalRequirement.id)).where(*mine, LocalRequirement.name == text)):
        raise Refused(phrase("Danh mục của chỉ số này đã có “%(text)s”; cần nhiều hơn thì ghi số lượng.", text=text), field="name")
    if (session.scalar(select(func.count(LocalRequirement.id)).where(*mine)) or 0) >= LINES_LIMIT:
        raise Refused(phrase("Mỗi chỉ số thêm được nhiều nhất %(lines_limit)s tài liệu; đồng chí gộp bớt.", lines_limit=LINES_LIMIT), field="name")
    made = LocalRequirement(
        authority_id=authority_id,
        indicator_id=indicator.id,
        kind=kind,
        name=text,
        quantity=quantity,
        signed_by_head=signed_by_head,
        while_in_force=while_in_force,
        added_at=now,
    )
    session.add(made)
    session.flush()
    words = f"Thêm tài liệu kiểm chứng “{text}” (số lượng {quantity}) cho chỉ số {indicator.code}."
    audit.record(session, actor, "requirement.add", words, now=now, authority_id=authority_id, subject=("indicator", indicator.id))
    return made


def drop(session: Session, one: LocalRequirement, actor: Actor, now: datetime) -> None:
    """Not asked for any more; proofs that ticked it stay, for the task as a whole."""
    one.dropped_at = now
    words = f"Bỏ tài liệu kiểm chứng “{one.name}” khỏi danh mục."
    audit.record(session, actor, "requirement.drop", words, now=now, authority_id=one.authority_id, subject=("indicator", one.indicator_id))
    session.flush()
