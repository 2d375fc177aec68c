"""Bringing evidence, taking it back, letting one proof serve again, handing a task in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.evidence.content_rules import Content
from tracker.evidence.models import EvidenceItem, ItemVersion, LinkCheck, Proof, VersionFile
from tracker.evidence.queries import FileLine, Former, checklist, completeness_of
from tracker.evidence.rules import ITEM_WORDS, WHOLE, Asked, ItemKind, Slot
from tracker.files import service as files
from tracker.files.models import StoredFile
from tracker.kernel.errors import Refused
from tracker.kernel.words import phrase
from tracker.tasks import handin_service as handins
from tracker.tasks import service as tasks
from tracker.tasks.models import Task
from tracker.tasks.rules import OPEN, PROGRESS_WORDS, Fulfilment

TITLE_LIMIT = 500


def bring(
    session: Session,
    task: Task,
    content: Content,
    slot: Slot | None,
    unit_id: int,
    actor: Actor,
    now: datetime,
    *,
    also: Sequence[Task] = (),
) -> Proof:
    """Adds an item and ticks it off for one line of the checklist (or for the whole task). Starts the task where it has not started.

    ``also``: the same indicator's tasks of the same unit in other rounds, which the item serves as well. A form sent twice is one item.
    """
    slot = slot or WHOLE
    what = line_words(checklist(session, task.indicator_id), slot) if slot != WHOLE else ""
    tasks.begin(session, task, actor, now)
    tasks.hold(session, task)
    if (twice := _sent_twice(session, task, slot, content, actor, now)) is not None:
        return twice
    version = add_item(session, task.authority_id, unit_id, content, actor, now)
    proof = prove(session, task, slot, version.id, now)
    summary = f"Thêm {ITEM_WORDS[content.kind].lower()} “{content.title[:TITLE_LIMIT]}”{what}{actor.behalf}."
    _tell(session, task, "evidence.bring", summary, actor, now)
    for twin in also:
        expect_twin(task, twin)
        tasks.begin(session, twin, actor, now)
        prove(session, twin, slot, version.id, now)
        _tell(session, twin, "evidence.bring", f"{summary[:-1]}, dùng chung với đợt khác.", actor, now)
    session.flush()
    return proof


def _sent_twice(session: Session, task: Task, slot: Slot, content: Content, actor: Actor, now: datetime) -> Proof | None:
    """What this person brought a moment ago for the same line, saying just the same."""
    said = ("url", "figure", "denominator", "figure_unit", "sentence", "document_number", "summary")
    values = {**{name: getattr(content, name) for name in said[:5]}, **{name: getattr(content.particulars, name) for name in said[5:]}}
    query = (
        select(Proof, ItemVersion.id)
        .join(ItemVersion, (ItemVersion.authority_id == Proof.authority_id) & (ItemVersion.id == Proof.version_id))
        .where(
            Proof.task_id == task.id,
            Proof.withdrawn_at.is_(None),
            Proof.created_at > now - tasks.SENT_TWICE,
            ItemVersion.account_id == actor.account_id,
            *(_is(getattr(ItemVersion, name), value) for name, value in values.items()),
            *(_is(getattr(Proof, name), value) for name, value in slot.columns.items()),
        )
        .order_by(Proof.id)
    )
    brought = sorted(one.stored.sha256 for one in content.files)
    for proof, version_id in session.execute(query):
        kept = (
            select(StoredFile.sha256)
            .join(VersionFile, (VersionFile.authority_id == StoredFile.authority_id) & (VersionFile.file_id == StoredFile.id))
            .where(VersionFile.version_id == version_id, StoredFile.withdrawn_at.is_(None))
            .order_by(StoredFile.sha256)
        )
        if list(session.scalars(kept)) == brought:
            return proof
    return None


def _is(column: Any, value: Any) -> ColumnElement[bool]:
    return cast("ColumnElement[bool]", column.is_(None) if value is None else column == value)


def line_words(asked: Iterable[Asked], slot: Slot) -> str:
    """« cho “Biên bản họp”», for the history; empty for the task as a whole. Raises Refused where the checklist has no such line."""
    if slot == WHOLE:
        return ""
    for one in asked:
        if one.slot == slot:
            return f" cho “{one.name}”"
    raise Refused("Tài liệu này không thuộc danh mục kiểm chứng của chỉ số; tải lại trang rồi chọn lại.", field="slot")


def add_item(session: Session, authority_id: int, unit_id: int, content: Content, actor: Actor, now: datetime) -> ItemVersion:
    """A new item of a unit, with its first version; it serves no task yet."""
    item = EvidenceItem(authority_id=authority_id, unit_id=unit_id, kind=content.kind, title=content.title[:TITLE_LIMIT], created_at=now)
    session.add(item)
    session.flush()
    return add_version(session, item, 1, content, actor, now)


def add_version(
    session: Session,
    item: EvidenceItem,
    number: int,
    content: Content,
    actor: Actor,
    now: datetime,
    *,
    why: str | None = None,
    carried: Sequence[FileLine] = (),
) -> ItemVersion:
    """One more version of an item; ``carried``: the files it keeps of the one before. The database refuses a number somebody else just took."""
    version = ItemVersion(
        authority_id=item.authority_id,
        item_id=item.id,
        number=number,
        file_count=len(content.files) + len(carried),
        url=content.url,
        figure=content.figure,
        denominator=content.denominator,
        figure_unit=content.figure_unit,
        estimate=content.estimate,
        sentence=content.sentence,
        **asdict(content.particulars),
        why=why,
        created_at=now,
        account_id=actor.account_id,
        actor=actor.words,
        on_behalf=actor.on_behalf_of is not None,
    )
    session.add(version)
    session.flush()
    named = [(files.keep(session, item.authority_id, one.stored, now).id, one.filename) for one in content.files]
    named += [(one.stored_id, one.filename) for one in carried]
    for position, (file_id, filename) in enumerate(named, 1):
        session.add(VersionFile(authority_id=item.authority_id, version_id=version.id, position=position, file_id=file_id, filename=filename))
    session.flush()
    return version


def prove(session: Session, task: Task, slot: Slot, version_id: int, now: datetime, *, affirmed_by: str | None = None) -> Proof:
    """Ties a version to a task. What was taken back from the same line comes into force again: the row is there only once."""
    columns = slot.columns
    lines = (_is(getattr(Proof, name), value) for name, value in columns.items())
    known = select(Proof).where(Proof.task_id == task.id, Proof.version_id == version_id, *lines).order_by(Proof.id)
    proof = session.scalars(known).first()
    if proof is None:
        proof = Proof(authority_id=task.authority_id, task_id=task.id, version_id=version_id, created_at=now, **columns)
        session.add(proof)
    proof.withdrawn_at = None
    proof.affirmed_by, proof.affirmed_at = affirmed_by, now if affirmed_by else None
    touch(task)
    return proof


def touch(task: Task) -> None:
    """A new version of the task: whoever hands it in or decides on it at this moment has counted other proofs, and must look again."""
    flag_modified(task, "status")


def _tell(session: Session, task: Task, action: str, summary: str, actor: Actor, now: datetime) -> None:
    audit.record(session, actor, action, summary, now=now, authority_id=task.authority_id, subject=("task", task.id))


def expect_twin(task: Task, other: Task) -> None:
    """Refuses what is not the same indicator and unit in another round."""
    if task.indicator_id is None or (task.indicator_id, task.unit_id) != (other.indicator_id, other.unit_id) or task.id == other.id:
        raise Refused("Chỉ dùng chung minh chứng giữa các đợt của cùng một chỉ số và cùng một đơn vị.", field="also")


def reuse(session: Session, task: Task, former: Sequence[Former], actor: Actor, now: datetime) -> int:
    """What served another round serves this one too: the same version, no copy; the person says that it still holds.

    A line this indicator's checklist does not have becomes one of the task as a whole. Returns how many; raises Refused where none is chosen.
    """
    if not former:
        raise Refused("Đồng chí chọn ít nhất một minh chứng còn giá trị.", field="proofs")
    tasks.begin(session, task, actor, now)
    asked = {one.slot for one in checklist(session, task.indicator_id)}
    for one in former:
        slot = one.slot if one.slot in asked else WHOLE
        prove(session, task, slot, one.version.version_id, now, affirmed_by=actor.words)
    names = "; ".join(f"“{one.version.title}” ({one.round_name})" for one in former)
    _tell(session, task, "evidence.reuse", f"Xác nhận còn giá trị và dùng lại {len(former)} minh chứng: {names}.", actor, now)
    session.flush()
    return len(former)


def withdraw(session: Session, task: Task, proof: Proof, actor: Actor, now: datetime) -> None:
    """Takes a proof back before the task is handed in. The row and the bytes stay for the history."""
    tasks.expect_round_open(session, task)
    if task.status not in OPEN:
        raise Refused(phrase("Nhiệm vụ đang ở trạng thái “%(state)s” nên không gỡ minh chứng được nữa.", state=PROGRESS_WORDS[task.status]))
    proof.withdrawn_at = now
    handins.drop(session, task.id, proof.version_id, now)
    touch(task)
    title = session.scalar(
        select(EvidenceItem.title)
        .join(ItemVersion, (ItemVersion.authority_id == EvidenceItem.authority_id) & (ItemVersion.item_id == EvidenceItem.id))
        .where(ItemVersion.id == proof.version_id)
    )
    _tell(session, task, "evidence.withdraw", f"Gỡ minh chứng “{title}”.", actor, now)
    session.flush()


def check_link(session: Session, item: EvidenceItem, version_id: int, opened: bool, actor: Actor, now: datetime) -> None:
    """Somebody opened a link, or could not; the server itself never fetches it."""
    if item.kind is not ItemKind.LINK or actor.account_id is None:
        raise Refused("Minh chứng này không phải đường dẫn.")
    session.add(
        LinkCheck(authority_id=item.authority_id, version_id=version_id, opened=opened, at=now, account_id=actor.account_id, actor=actor.words)
    )
    words = "Mở được" if opened else "Không mở được"
    summary = f"{words} đường dẫn “{item.title}”."
    audit.record(session, actor, "evidence.check", summary, now=now, authority_id=item.authority_id, subject=("evidence_item", item.id))
    session.flush()


def submit(session: Session, task: Task, actor: Actor, now: datetime, *, needs_head: bool, is_head: bool) -> None:
    """Báo đủ minh chứng: completeness decides, tasks move. Raises Refused naming what is missing."""
    tasks.expect_round_open(session, task)
    found = completeness_of(session, [(task.id, task.indicator_id)])[task.id]
    tasks.mark_ready(session, task, Fulfilment(found.complete, found.missing), actor, now, needs_head=needs_head, is_head=is_head)
