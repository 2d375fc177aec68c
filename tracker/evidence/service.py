"""Bringing evidence, taking it back, handing a task in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.evidence.models import EvidenceItem, ItemVersion, Proof
from tracker.evidence.queries import completeness_of, requirements
from tracker.evidence.rules import ITEM_WORDS, ItemKind
from tracker.files import service as files
from tracker.files.storage import Stored
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import clean, number_vn
from tracker.tasks import service as tasks
from tracker.tasks.models import Task
from tracker.tasks.rules import OPEN, PROGRESS_WORDS, Fulfilment

TEXT_LIMIT = 2000
FIGURE_LIMIT = Decimal(10) ** 13
#: SQLite keeps figures as 64-bit floats: fifteen digits come back as they went in.
FIGURE_DIGITS, FIGURE_DECIMALS = 15, 4
UNIT_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Content:
    """What an item says: exactly one of file, link, figure or sentence."""

    kind: ItemKind
    stored: Stored | None = None
    filename: str | None = None
    url: str | None = None
    figure: Decimal | None = None
    figure_unit: str | None = None
    sentence: str | None = None

    @property
    def title(self) -> str:
        if self.kind is ItemKind.FIGURE:
            return f"{number_vn(self.figure, 4)} {self.figure_unit or ''}".strip()
        return self.filename or self.url or self.sentence or ""


def a_file(stored: Stored, filename: str) -> Content:
    """A file whose bytes are already on the store."""
    return Content(ItemKind.FILE, stored=stored, filename=filename)


def a_link(url: str) -> Content:
    """A link: stored and shown, never fetched by the server. Raises Refused unless it is http(s) with a host."""
    text = url.strip()
    if not _is_address(text) or len(text) > TEXT_LIMIT:
        raise Refused("Đường dẫn chưa đúng; dán cả địa chỉ, bắt đầu bằng https:// hoặc http://.", field="url")
    return Content(ItemKind.LINK, url=text)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # «http://[»
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and all(c.isprintable() and not c.isspace() for c in text)


def a_figure(figure: Decimal, unit: str | None) -> Content:
    """A figure with its unit of measure. Raises Refused where it is out of range or finer than every database keeps it."""
    if not figure.is_finite() or abs(figure) >= FIGURE_LIMIT:
        raise Refused("Số liệu quá lớn hoặc không phải một số; ghi dạng 1.234,5.", field="figure")
    if figure != round(figure, FIGURE_DECIMALS) or len(figure.normalize().as_tuple().digits) > FIGURE_DIGITS:
        raise Refused(f"Số liệu quá dài; ghi không quá {FIGURE_DIGITS} chữ số, trong đó {FIGURE_DECIMALS} chữ số sau dấu phẩy.", field="figure")
    words = clean(unit or "")
    if len(words) > UNIT_LIMIT:
        raise Refused(f"Đơn vị tính dài {len(words)} ký tự; rút gọn còn {UNIT_LIMIT}.", field="figure_unit")
    return Content(ItemKind.FIGURE, figure=figure, figure_unit=words or None)


def a_statement(sentence: str) -> Content:
    """A sentence why there is none. Raises Refused where it says nothing."""
    text = clean(sentence)
    if len(text) < 5:
        raise Refused("Đồng chí ghi một câu vì sao không có, ví dụ “Trong kỳ không phát sinh”.", field="sentence")
    if len(text) > TEXT_LIMIT:
        raise Refused(f"Câu giải thích dài {len(text)} ký tự; rút gọn còn {TEXT_LIMIT}.", field="sentence")
    return Content(ItemKind.STATEMENT, sentence=text)


def bring(
    session: Session,
    task: Task,
    content: Content,
    requirement_id: int | None,
    unit_id: int,
    actor: Actor,
    now: datetime,
    *,
    also: Sequence[Task] = (),
) -> Proof:
    """Adds an item and ticks it off for one required document (or for the whole task). Starts the task where it has not started.

    ``also``: the same indicator's tasks of the same unit in other rounds, which the item serves as well.
    """
    needed = {one.id: one.name for one in requirements(session, task.indicator_id)}
    if requirement_id is not None and requirement_id not in needed:
        raise Refused("Tài liệu này không thuộc danh mục kiểm chứng của chỉ số; tải lại trang rồi chọn lại.", field="requirement")
    tasks.begin(session, task, actor, now)
    item = EvidenceItem(authority_id=task.authority_id, unit_id=unit_id, kind=content.kind, title=content.title[:500], created_at=now)
    session.add(item)
    session.flush()
    version = ItemVersion(
        authority_id=task.authority_id,
        item_id=item.id,
        number=1,
        file_id=files.keep(session, task.authority_id, content.stored, now).id if content.stored else None,
        filename=content.filename,
        url=content.url,
        figure=content.figure,
        figure_unit=content.figure_unit,
        sentence=content.sentence,
        created_at=now,
        account_id=actor.account_id,
        actor=actor.words,
        on_behalf=actor.on_behalf_of is not None,
    )
    session.add(version)
    session.flush()
    proof = _prove(session, task, requirement_id, version.id, now)
    what = f" cho “{needed[requirement_id]}”" if requirement_id is not None else ""
    behalf = f", thay mặt {actor.on_behalf_of}" if actor.on_behalf_of else ""
    summary = f"Thêm {ITEM_WORDS[content.kind].lower()} “{item.title}”{what}{behalf}."
    audit.record(session, actor, "evidence.bring", summary, now=now, authority_id=task.authority_id, subject=("task", task.id))
    for twin in also:
        _expect_twin(task, twin)
        tasks.begin(session, twin, actor, now)
        _prove(session, twin, requirement_id, version.id, now)
        shared = f"{summary[:-1]}, dùng chung với đợt khác."
        audit.record(session, actor, "evidence.bring", shared, now=now, authority_id=twin.authority_id, subject=("task", twin.id))
    session.flush()
    return proof


def _prove(session: Session, task: Task, requirement_id: int | None, version_id: int, now: datetime) -> Proof:
    proof = Proof(authority_id=task.authority_id, task_id=task.id, requirement_id=requirement_id, version_id=version_id, created_at=now)
    session.add(proof)
    return proof


def _expect_twin(task: Task, other: Task) -> None:
    if task.indicator_id is None or (task.indicator_id, task.unit_id) != (other.indicator_id, other.unit_id) or task.id == other.id:
        raise Refused("Chỉ dùng chung minh chứng giữa các đợt của cùng một chỉ số và cùng một đơn vị.", field="also")


def reuse(session: Session, task: Task, other: Task, actor: Actor, now: datetime) -> int:
    """Lets what was brought for the same indicator in another round serve this task too. Returns how many items; raises Refused where none is new."""
    _expect_twin(task, other)
    there = select(Proof).where(Proof.task_id == other.id, Proof.withdrawn_at.is_(None)).order_by(Proof.id)
    here = select(Proof.requirement_id, Proof.version_id).where(Proof.task_id == task.id, Proof.withdrawn_at.is_(None)).order_by(Proof.id)
    served = {(requirement_id, version_id) for requirement_id, version_id in session.execute(here)}
    new = [proof for proof in session.scalars(there) if (proof.requirement_id, proof.version_id) not in served]
    if not new:
        raise Refused("Đợt kia chưa có minh chứng nào mà nhiệm vụ này chưa dùng.")
    tasks.begin(session, task, actor, now)
    taken_back = select(Proof).where(Proof.task_id == task.id, Proof.withdrawn_at.is_not(None)).order_by(Proof.id)
    back = {(proof.requirement_id, proof.version_id): proof for proof in session.scalars(taken_back)}
    for proof in new:
        old = back.get((proof.requirement_id, proof.version_id))
        if old is not None:
            old.withdrawn_at = None
        else:
            _prove(session, task, proof.requirement_id, proof.version_id, now)
    summary = f"Dùng {len(new)} minh chứng đã có ở đợt khác."
    audit.record(session, actor, "evidence.reuse", summary, now=now, authority_id=task.authority_id, subject=("task", task.id))
    session.flush()
    return len(new)


def withdraw(session: Session, task: Task, proof: Proof, actor: Actor, now: datetime) -> None:
    """Takes a proof back before the task is handed in. The row and the bytes stay for the history."""
    tasks.expect_round_open(session, task)
    if task.status not in OPEN:
        raise Refused(f"Nhiệm vụ đang ở trạng thái “{PROGRESS_WORDS[task.status]}” nên không gỡ minh chứng được nữa.")
    proof.withdrawn_at = now
    flag_modified(task, "status")  # a new version: whoever reports the task ready at this moment has counted this proof, and must look again
    title = session.scalar(
        select(EvidenceItem.title)
        .join(ItemVersion, (ItemVersion.authority_id == EvidenceItem.authority_id) & (ItemVersion.item_id == EvidenceItem.id))
        .where(ItemVersion.id == proof.version_id)
    )
    audit.record(session, actor, "evidence.withdraw", f"Gỡ minh chứng “{title}”.", now=now, authority_id=task.authority_id, subject=("task", task.id))
    session.flush()


def submit(session: Session, task: Task, actor: Actor, now: datetime, *, needs_head: bool, is_head: bool) -> None:
    """Báo đủ minh chứng: completeness decides, tasks move. Raises Refused naming what is missing."""
    tasks.expect_round_open(session, task)
    found = completeness_of(session, [(task.id, task.indicator_id)])[task.id]
    tasks.mark_ready(session, task, Fulfilment(found.complete, found.missing), actor, now, needs_head=needs_head, is_head=is_head)
