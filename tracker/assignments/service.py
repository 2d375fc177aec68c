"""What a person intends with notices: record one, give an indicator to a unit, give it to another from a day on, end it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tracker.assignments.models import Assignment, Cooperation, Notice
from tracker.assignments.rules import divide
from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.indicators.models import Indicator, SetAdoption
from tracker.kernel.clock import ONE_DAY
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.vietnamese import clean, date_vn, join_and, slugify
from tracker.kernel.words import phrase
from tracker.units.models import Unit
from tracker.units.rules import RESERVED_SLUGS, in_force
from tracker.units.succession_queries import heirs
from tracker.units.succession_rules import not_alive


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """What a notice says about itself."""

    document_type: str
    number: str | None
    issued_on: date | None
    issuer: str
    title: str
    report_clause: str
    valid_from: date


def create_notice(session: Session, authority_id: int, words: NoticeWords, set_ids: Sequence[int], actor: Actor, now: datetime) -> Notice:
    """Records a notice and takes up the sets it assigns. Raises Refused where the name or the days cannot be right."""
    title = clean(words.title)
    if not title:
        raise Refused("Đồng chí ghi trích yếu của văn bản.", field="title")
    if words.issued_on is not None and words.valid_from < words.issued_on:
        raise Refused(
            phrase(
                "Ngày hiệu lực %(valid_from)s trước ngày ban hành %(issued_on)s; ghi từ ngày ban hành trở đi.",
                valid_from=date_vn(words.valid_from),
                issued_on=date_vn(words.issued_on),
            ),
            field="valid_from",
        )
    slug = _free_slug(session, authority_id, words)
    notice = Notice(
        authority_id=authority_id,
        slug=slug,
        document_type=clean(words.document_type),
        number=clean(words.number or "") or None,
        issued_on=words.issued_on,
        issuer=clean(words.issuer),
        title=title,
        report_clause=clean(words.report_clause),
        valid_from=words.valid_from,
    )
    session.add(notice)
    session.flush()
    _adopt(session, authority_id, set_ids, words.valid_from)
    audit.record(
        session,
        actor,
        "assignments.notice",
        f"Ghi nhận {notice.document_type} “{title}”.",
        now=now,
        authority_id=authority_id,
        subject=("notice", notice.id),
    )
    session.flush()
    return notice


def _free_slug(session: Session, authority_id: int, words: NoticeWords) -> str:
    base = slugify(f"{words.document_type} {words.number or words.valid_from.year}")[:60] or "van-ban"
    taken = set(session.scalars(select(Notice.slug).where(Notice.authority_id == authority_id))) | RESERVED_SLUGS
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


def _adopt(session: Session, authority_id: int, set_ids: Sequence[int], day: date) -> None:
    adopted = set(session.scalars(select(SetAdoption.set_id).where(SetAdoption.authority_id == authority_id, SetAdoption.valid_to.is_(None))))
    last = session.scalar(select(func.coalesce(func.max(SetAdoption.position), 0)).where(SetAdoption.authority_id == authority_id)) or 0
    for position, set_id in enumerate([one for one in set_ids if one not in adopted], start=last + 1):
        session.add(SetAdoption(authority_id=authority_id, set_id=set_id, position=position, valid_from=day))
    session.flush()


def assign(
    session: Session, notice: Notice, indicator: Indicator, lead: Unit, cooperators: Sequence[Unit], since: date, actor: Actor, now: datetime
) -> Assignment:
    """Gives an indicator to a lead unit with cooperators, from a day on. Raises Refused where somebody has it already."""
    _refuse_ended(session, lead, since, "lead")
    if since < notice.valid_from:
        raise Refused(phrase("Văn bản có hiệu lực từ %(valid_from)s; ghi ngày từ đó trở đi.", valid_from=date_vn(notice.valid_from)), field="since")
    clash = session.scalars(
        select(Assignment).where(
            Assignment.authority_id == notice.authority_id,
            Assignment.notice_id == notice.id,
            Assignment.indicator_id == indicator.id,
            (Assignment.valid_to.is_(None)) | (Assignment.valid_to >= since),
        )
    ).first()
    if clash is not None:
        raise Refused(phrase("Chỉ số %(code)s đã được giao trong văn bản này; đồng chí sửa dòng đã có.", code=indicator.code), field="indicator")
    made = _add(session, notice, indicator.id, indicator.position, lead, cooperators, since)
    summary = f"Giao chỉ số {indicator.code} cho {lead.name} chủ trì{_with(cooperators)}, từ {date_vn(since)}."
    audit.record(session, actor, "assignments.assign", summary, now=now, authority_id=notice.authority_id, subject=("assignment", made.id))
    session.flush()
    return made


def _refuse_ended(session: Session, unit: Unit, since: date, field: str) -> None:
    """A unit that has ended, or has not begun, gets nothing new; the sentence names who followed it."""
    if not in_force(unit.valid_from, unit.valid_to, since):
        why_not = not_alive(unit.name, unit.valid_from, unit.valid_to, since, heirs(session, [unit.id])[unit.id])
        raise Refused(why_not or "", field=field)


def _add(session: Session, notice: Notice, indicator_id: int, position: int, lead: Unit, cooperators: Sequence[Unit], since: date) -> Assignment:
    kept = _kept(lead, cooperators)
    made = Assignment(
        authority_id=notice.authority_id,
        notice_id=notice.id,
        indicator_id=indicator_id,
        lead_unit_id=lead.id,
        lead_printed=lead.name,
        cooperators_printed="; ".join(unit.name for unit in kept),
        position=position,
        valid_from=since,
    )
    session.add(made)
    session.flush()
    _set_cooperators(session, made, kept)
    return made


def _kept(lead: Unit, cooperators: Sequence[Unit]) -> list[Unit]:
    """The cooperators without the lead, each once."""
    by_id = {unit.id: unit for unit in cooperators}
    return [by_id[unit_id] for unit_id in divide([lead.id], list(by_id)).cooperators]


def _set_cooperators(session: Session, assignment: Assignment, cooperators: Sequence[Unit]) -> None:
    session.execute(delete(Cooperation).where(Cooperation.authority_id == assignment.authority_id, Cooperation.assignment_id == assignment.id))
    for order, unit in enumerate(cooperators, start=1):
        session.add(Cooperation(authority_id=assignment.authority_id, assignment_id=assignment.id, unit_id=unit.id, position=order))
    session.flush()


def _with(cooperators: Sequence[Unit]) -> str:
    return f", {join_and(unit.name for unit in cooperators)} phối hợp" if cooperators else ""


def expect_version(assignment: Assignment, version: int, theirs: str, yours: str) -> None:
    """Refuses a form opened before somebody else changed the row. Raises Stale with both versions in words."""
    if version != assignment.version:
        raise Stale(
            "Dòng giao việc này vừa được người khác sửa sau khi đồng chí mở trang. Chưa lưu gì cả; đồng chí xem bản mới rồi sửa lại.",
            theirs={phrase("Giao việc"): theirs},
            yours={phrase("Giao việc"): yours},
        )


def change(
    session: Session,
    notice: Notice,
    assignment: Assignment,
    code: str,
    lead: Unit,
    cooperators: Sequence[Unit],
    since: date,
    actor: Actor,
    now: datetime,
) -> Assignment:
    """Another lead or other cooperators from a day on: the old row ends the day before and stays; a new one begins.

    From the very day the row began it is put right in place; what the document prints is kept either way. Tasks of open rounds
    stay where they are: handing one over is the focal point's decision. Raises Refused where the day cannot be right.
    """
    if since < assignment.valid_from:
        raise Refused(
            phrase("Lần giao đang có bắt đầu ngày %(valid_from)s; ghi từ ngày đó trở đi.", valid_from=date_vn(assignment.valid_from)), field="since"
        )
    if assignment.valid_to is not None and since > assignment.valid_to:
        raise Refused(phrase("Lần giao này đã kết thúc ngày %(valid_to)s; đồng chí giao mới.", valid_to=date_vn(assignment.valid_to)), field="since")
    _refuse_ended(session, lead, since, "lead")
    kept = _kept(lead, cooperators)
    if since == assignment.valid_from:
        made, assignment.lead_unit_id = assignment, lead.id
        made.version += 1
        session.flush()
        _set_cooperators(session, made, kept)
    else:
        until, assignment.valid_to = assignment.valid_to, since - ONE_DAY
        session.flush()
        made = _add(session, notice, assignment.indicator_id, assignment.position, lead, kept, since)
        made.valid_to = until
    summary = f"Chỉ số {code}: từ {date_vn(since)} do {lead.name} chủ trì{_with(kept)}."
    audit.record(session, actor, "assignments.change", summary, now=now, authority_id=notice.authority_id, subject=("assignment", made.id))
    session.flush()
    return made


def end(session: Session, assignment: Assignment, code: str, last: date, actor: Actor, now: datetime) -> None:
    """The assignment holds to the end of a day. Nothing is deleted. Raises Refused where it would end before it begins."""
    if last < assignment.valid_from:
        raise Refused(
            phrase("Lần giao này bắt đầu ngày %(valid_from)s; ngày kết thúc không được trước đó.", valid_from=date_vn(assignment.valid_from)),
            field="last",
        )
    assignment.valid_to = last
    audit.record(
        session,
        actor,
        "assignments.end",
        f"Chỉ số {code}: thôi giao sau ngày {date_vn(last)}.",
        now=now,
        authority_id=assignment.authority_id,
        subject=("assignment", assignment.id),
    )
    session.flush()
