"""Opening a round: the round and its fan-out in one transaction. Doing it again adds what is missing and removes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.assignments.models import Assignment
from tracker.assignments.queries import on_day
from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.deadlines import queries as deadlines
from tracker.deadlines.explanation_rules import TRIGGER_WORDS
from tracker.deadlines.models import DeadlineRule, Round, RoundPaper
from tracker.deadlines.rules import Period, RuleKind, Schedule, Trigger, on_request, started_by_letter
from tracker.files import service as files
from tracker.files.storage import Stored
from tracker.indicators.models import Indicator
from tracker.indicators.rules import SourceKind
from tracker.kernel.clock import local_day
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.vietnamese import clean, date_vn, slugify
from tracker.kernel.words import phrase
from tracker.tasks import extension_service, proposal_service
from tracker.tasks.models import Task
from tracker.tasks.queries import task_ids_of_round
from tracker.tasks.rules import Progress
from tracker.tasks.service import REASON_LIMIT
from tracker.units.models import GroupMember, Unit
from tracker.units.queries import focal_unit, holds, units_by_id
from tracker.units.rules import UnitKind, in_force
from tracker.units.succession_queries import heirs

#: Of a letter's number and of a round's name: they become the round's address.
NAME_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Start:
    """What starts an event-started round: the letter's number and day of issue, and day 0 where the rule counts from another day."""

    letter: str
    issued_on: date
    started_on: date


@dataclass(frozen=True, slots=True)
class Opened:
    """A round just opened, with the number of tasks made and the empty groups that keep theirs themselves.

    ``ended``: a sentence for each lead that has ended: who got its tasks.
    """

    round: Round
    tasks: int
    empty_groups: tuple[str, ...]
    ended: tuple[str, ...] = ()


def open_due(session: Session, day: date, actor: Actor, now: datetime) -> list[Opened]:
    """Opens every round of ``day``'s calendar year whose opening day has come, for the authorities in scope. Idempotent."""
    calendar = deadlines.working_calendar(session)
    rules = deadlines.rules(session)
    made = deadlines.round_periods(session, [rule.id for rule in rules])
    opened = []
    for rule in rules:
        for period in deadlines.opening_periods(session, rule, calendar, day):
            if (rule.id, period.key) not in made:
                one = open_round(session, rule, period, actor, now, as_of=day)
                opened += [one] if one else []
    return opened


def start_by_letter(
    session: Session, rule: DeadlineRule, letter: str, issued: date, actor: Actor, now: datetime, *, started: date | None = None
) -> Opened:
    """Starts an event-started round: the survey letter's number and issue date, and the day of receipt or of the meeting (``started``) where
    the rule counts from that. Raises Refused where it runs already.
    """
    if rule.schedule is not Schedule.EVENT:
        raise Refused(
            phrase("Quy tắc “%(slug)s” không bắt đầu bằng văn bản; chỉ quy tắc tính từ ngày phát hành văn bản mới dùng được.", slug=rule.slug),
            field="rule",
        )
    number = letter.strip()
    if not slugify(number):
        raise Refused("Đồng chí ghi số, ký hiệu văn bản khảo sát, ví dụ 05/CV-UBND.", field="letter")
    if len(number) > NAME_LIMIT:
        raise Refused(
            phrase(
                "Số, ký hiệu văn bản dài %(count)s ký tự; ghi như in trên văn bản, không quá %(name_limit)s.",
                count=len(number),
                name_limit=NAME_LIMIT,
            ),
            field="letter",
        )
    if issued > local_day(now):
        raise Refused(
            phrase(
                "Ngày phát hành %(issued)s chưa đến; ghi ngày trên văn bản, không muộn hơn %(now)s.",
                issued=date_vn(issued),
                now=date_vn(local_day(now)),
            ),
            field="issued",
        )
    start = Start(number, issued, _day_zero(rule, issued, started, local_day(now)))
    period = started_by_letter(deadlines.terms_of(session, rule), deadlines.working_calendar(session), number, start.started_on)
    opened = open_round(session, rule, period, actor, now, as_of=start.started_on, start=start)
    if opened is None:
        raise Refused(phrase("Đợt theo văn bản %(number)s đã có; mỗi văn bản chỉ mở một đợt.", number=number), field="letter")
    return opened


def attach_paper(session: Session, one: Round, stored: Stored, filename: str, actor: Actor, now: datetime) -> RoundPaper:
    """Adds the document a round stands on; its bytes are on the store already."""
    kept = files.keep(session, one.authority_id, stored, now)
    paper = RoundPaper(authority_id=one.authority_id, round_id=one.id, file_id=kept.id, filename=filename, added_at=now, added_by=actor.words)
    session.add(paper)
    session.flush()
    summary = f"Thêm tệp văn bản “{filename}” vào đợt {one.name}."
    audit.record(session, actor, "round.paper", summary, now=now, authority_id=one.authority_id, subject=("round", one.id))
    return paper


def _day_zero(rule: DeadlineRule, issued: date, started: date | None, today: date) -> date:
    """The day the term counts from, as the rule says. Raises Refused where it is missing or cannot be."""
    if rule.trigger is Trigger.ISSUED:
        return issued
    words = TRIGGER_WORDS[rule.trigger]
    if started is None:
        raise Refused(phrase("Quy tắc này tính từ %(words)s; đồng chí ghi ngày ấy.", words=words), field="started")
    if started > today:
        raise Refused(
            phrase(
                "%(event)s %(started)s chưa đến; ghi ngày không muộn hơn %(today)s.",
                event=words.capitalize(),
                started=date_vn(started),
                today=date_vn(today),
            ),
            field="started",
        )
    if rule.trigger is Trigger.RECEIVED and started < issued:
        raise Refused(
            phrase(
                "Ngày nhận %(started)s trước ngày phát hành %(issued)s; đồng chí kiểm tra lại hai ngày.",
                started=date_vn(started),
                issued=date_vn(issued),
            ),
            field="started",
        )
    return started


def start_on_request(
    session: Session,
    rule: DeadlineRule,
    name: str,
    last: date,
    indicator_ids: Collection[int],
    actor: Actor,
    now: datetime,
    *,
    window: tuple[date | None, date | None] = (None, None),
) -> Opened:
    """Đột xuất: a name, a date, a chosen subset of indicators (all of the rule's sets where none is chosen), and the days asked about."""
    if rule.schedule is not Schedule.AD_HOC:
        raise Refused(phrase("Quy tắc “%(slug)s” không phải quy tắc đột xuất.", slug=rule.slug), field="rule")
    today = local_day(now)
    if last < today:
        raise Refused(phrase("Hạn %(last)s đã qua; ghi một ngày từ %(today)s trở đi.", last=date_vn(last), today=date_vn(today)), field="last_on")
    if not slugify(name):
        raise Refused("Đồng chí đặt tên cho đợt, ví dụ “Báo cáo đột xuất tháng 11/2026”.", field="name")
    if len(name.strip()) > NAME_LIMIT:
        raise Refused(
            phrase("Tên đợt dài %(count)s ký tự; rút gọn còn %(name_limit)s.", count=len(name.strip()), name_limit=NAME_LIMIT), field="name"
        )
    data_from, data_to = window
    if data_from and data_to and data_to < data_from:
        raise Refused(
            phrase(
                "Kỳ số liệu kết thúc %(data_to)s trước khi bắt đầu %(data_from)s; đồng chí ghi lại hai ngày.",
                data_to=date_vn(data_to),
                data_from=date_vn(data_from),
            ),
            field="data_to",
        )
    if (data_from is None) is not (data_to is None):
        raise Refused("Kỳ số liệu cần cả ngày đầu và ngày cuối, hoặc để trống cả hai.", field="data_to" if data_from else "data_from")
    period = on_request(deadlines.terms_of(session, rule), name.strip(), last, today, window)
    opened = open_round(session, rule, period, actor, now, as_of=today, indicator_ids=indicator_ids)
    if opened is None:
        raise Refused(phrase("Đã có đợt tên “%(name)s”; đồng chí đặt tên khác.", name=name.strip()), field="name")
    return opened


def open_round(
    session: Session,
    rule: DeadlineRule,
    period: Period,
    actor: Actor,
    now: datetime,
    *,
    as_of: date,
    start: Start | None = None,
    indicator_ids: Collection[int] = (),
) -> Opened | None:
    """One round and its tasks. None where the round exists: the database decides, so two schedulers cannot both open it."""
    one = Round(
        authority_id=rule.authority_id,
        rule_id=rule.id,
        slug=period.slug,
        name=period.name,
        period=period.key,
        data_from=period.dates.data_from,
        data_to=period.dates.data_to,
        nominal_on=period.dates.nominal_on,
        last_on=period.dates.last_on,
        check_on=period.dates.check_on,
        outer_on=period.dates.outer_on,
        terms=deadlines.terms_of(session, rule).as_kept(),
        subset=bool(indicator_ids),
        letter_number=start.letter if start else None,
        letter_issued_on=start.issued_on if start else None,
        started_on=start.started_on if start else None,
        opened_at=now,
    )
    try:
        with session.begin_nested():
            session.add(one)
            session.flush()
    except IntegrityError:
        return None
    ended: dict[str, None] = {}
    tasks, empty = fan_out(session, rule, one, as_of, indicator_ids, ended)
    until = f", hạn {date_vn(one.last_on)}" if one.last_on else ", không thời hạn"
    audit.record(
        session,
        actor,
        "round.open",
        " ".join((f"Mở đợt {one.name}: {tasks} nhiệm vụ{until}.", *ended)),
        now=now,
        authority_id=rule.authority_id,
        subject=("round", one.id),
    )
    return Opened(one, tasks, empty, tuple(ended))


def fan_out(
    session: Session, rule: DeadlineRule, one: Round, as_of: date, indicator_ids: Collection[int] = (), ended: dict[str, None] | None = None
) -> tuple[int, tuple[str, ...]]:
    """Makes the round's missing tasks. Returns how many, and the names of groups without members (they keep the task themselves).

    A lead that has ended gets nothing new: its one successor does, else the focal unit keeps the task to hand it over; ``ended`` is told.
    """
    if rule.kind is not RuleKind.COLLECTION:
        return _one_duty(session, rule, one), ()
    wanted = _leaf_assignments(session, rule, as_of, indicator_ids)
    leads = {lead.id: lead for _, lead in wanted}
    members = _members(session, [unit.id for unit in leads.values() if unit.kind is UnitKind.GROUP], as_of)
    existing = task_ids_of_round(session, one.id)
    instead = _instead_of_ended(session, leads.values(), as_of, {} if ended is None else ended)
    sources = _sources(session, [assignment.indicator_id for assignment, _ in wanted])
    rows: list[dict[str, Any]] = []
    empty: dict[str, None] = {}
    for assignment, lead in wanted:
        group = lead.kind is UnitKind.GROUP
        source = sources.get(assignment.indicator_id)
        targets = members.get(lead.id, []) if group else [instead.get(lead.id, lead.id)]
        if group and not targets:
            empty[lead.name] = None
            targets = [lead.id]
        for unit_id in targets:
            if (assignment.indicator_id, unit_id) not in existing:
                existing.add((assignment.indicator_id, unit_id))
                rows.append(_task(one, assignment, unit_id, lead.id if group else None, source))
    if rows:
        session.execute(insert(Task), rows)
    return len(rows), tuple(empty)


def _instead_of_ended(session: Session, leads: Iterable[Unit], day: date, told: dict[str, None]) -> dict[int, int]:
    """Lead that has ended → the unit that gets its new tasks: the one that followed it, if it was one; else the focal unit keeps them."""
    gone = {unit.id: unit for unit in leads if unit.kind is not UnitKind.GROUP and unit.valid_to is not None and unit.valid_to < day}
    if not gone:
        return {}
    following, instead = heirs(session, gone), {}
    focal = focal_unit(session)
    for unit in gone.values():
        taking = {id_: name for heir in following[unit.id] for id_, name in zip(heir.unit_ids, heir.names, strict=True)}
        alive = {id_: u for id_, u in units_by_id(session, taking).items() if in_force(u.valid_from, u.valid_to, day)}
        heir = next(iter(alive.values())) if len(alive) == 1 else focal
        if heir is not None:
            instead[unit.id] = heir.id
            role = phrase("nhận thay") if heir.id in alive else phrase("giữ để chuyển giao")
            told[
                phrase(
                    "%(unit)s đã kết thúc ngày %(valid_to)s; %(heir)s %(role)s nhiệm vụ mới.",
                    unit=unit.name,
                    valid_to=date_vn(unit.valid_to),
                    heir=heir.name,
                    role=role,
                )
            ] = None
    return instead


def _sources(session: Session, indicator_ids: Collection[int]) -> dict[int, str]:
    """Indicator → the printed source, of those whose data another body or a system supplies (R14)."""
    query = (
        select(Indicator.id, Indicator.data_source)
        .where(Indicator.id.in_(indicator_ids), Indicator.source_kind != SourceKind.OWN)
        .order_by(Indicator.id)
    )
    return {row.id: row.data_source for row in session.execute(query)}


def _task(one: Round, assignment: Assignment, unit_id: int, group_id: int | None, source: str | None) -> dict[str, Any]:
    """``source``: what is printed where another supplies the data: then nothing is asked of the unit until the focal point says so."""
    return {
        "authority_id": one.authority_id,
        "round_id": one.id,
        "assignment_id": assignment.id,
        "indicator_id": assignment.indicator_id,
        "unit_id": unit_id,
        "group_id": group_id,
        "status": Progress.NOT_STARTED if source is None else Progress.SUPPLIED_ELSEWHERE,
        "reason": None if source is None else f"Nguồn cung cấp dữ liệu theo văn bản: {source}",
        "own_acceptance": False,
        "extensions": 0,
        "on_behalf": False,
        "version": 1,
    }


def _one_duty(session: Session, rule: DeadlineRule, one: Round) -> int:
    """A review or a publication is one duty of the focal unit."""
    focal = session.scalars(select(Unit).where(Unit.authority_id == rule.authority_id, Unit.focal)).one_or_none()
    if focal is None:
        raise Refused("Cơ quan chưa có đơn vị đầu mối, nên chưa giao được việc rà soát, công bố. Đồng chí chọn đơn vị đầu mối ở trang Đơn vị.")
    exists = session.scalars(select(Task.id).where(Task.round_id == one.id, Task.title.is_not(None))).first()
    if exists is not None:
        return 0
    session.add(Task(authority_id=rule.authority_id, round_id=one.id, unit_id=focal.id, title=one.name, status=Progress.NOT_STARTED))
    session.flush()
    return 1


def _leaf_assignments(session: Session, rule: DeadlineRule, day: date, indicator_ids: Collection[int]) -> Sequence[tuple[Assignment, Unit]]:
    """Assignments of the rule's sets in force on a day. Only leaves of the tree get tasks."""
    sets = deadlines.sets_by_rule(session, [rule.id]).get(rule.id, [])
    child = select(Indicator.id).where(Indicator.parent_id == Assignment.indicator_id).correlate(Assignment)
    query = (
        select(Assignment, Unit)
        .join(Unit, (Unit.authority_id == Assignment.authority_id) & (Unit.id == Assignment.lead_unit_id))
        .join(Indicator, Indicator.id == Assignment.indicator_id)
        .where(
            Assignment.authority_id == rule.authority_id,
            Indicator.set_id.in_([s.id for s in sets]),
            on_day(day),
            ~child.exists(),
        )
        .order_by(Indicator.set_id, Indicator.position)
    )
    if indicator_ids:
        query = query.where(Assignment.indicator_id.in_(indicator_ids))
    return [(assignment, unit) for assignment, unit in session.execute(query)]


def _members(session: Session, group_ids: Collection[int], day: date) -> dict[int, list[int]]:
    """Members of each group in force on a day, in order."""
    found: dict[int, list[int]] = {}
    if not group_ids:
        return found
    query = (
        select(GroupMember.group_id, GroupMember.member_id)
        .join(Unit, (Unit.authority_id == GroupMember.authority_id) & (Unit.id == GroupMember.member_id))
        .where(
            GroupMember.group_id.in_(group_ids),
            holds(GroupMember.valid_from, GroupMember.valid_to, day),
            holds(Unit.valid_from, Unit.valid_to, day),
        )
        .order_by(GroupMember.group_id, GroupMember.position, GroupMember.id)
    )
    for group_id, member_id in session.execute(query):
        found.setdefault(group_id, []).append(member_id)
    return found


def close(session: Session, one: Round, actor: Actor, now: datetime) -> int:
    """Closes a round: its tasks leave the current lists and cannot be changed. Returns how many requests for more time that left undecided.

    Holds the round alone: whoever is handing in at this moment comes before it, or finds it closed.
    """
    _hold(session, one)
    if one.closed_at is not None:
        raise Refused(phrase("Đợt %(name)s đã đóng từ %(closed_at)s.", name=one.name, closed_at=date_vn(one.closed_at)))
    one.closed_at = now
    left = extension_service.withdraw_of_round(session, one.id, actor, now) + proposal_service.withdraw_of_round(session, one.id, actor, now)
    told = f" {left} đề nghị chưa quyết định được ghi là đã rút." if left else ""
    audit.record(session, actor, "round.close", f"Đóng đợt {one.name}.{told}", now=now, authority_id=one.authority_id, subject=("round", one.id))
    session.flush()
    return left


def reopen(session: Session, one: Round, reason: str | None, actor: Actor, now: datetime) -> None:
    """Mở lại a closed round, with a reason that its page shows from then on."""
    words = clean(reason or "")
    if not words:
        raise Refused("Đồng chí ghi lý do mở lại đợt; lý do được ghi vào nhật ký.", field="reason")
    if len(words) > REASON_LIMIT:
        raise Refused(
            phrase("Lý do dài %(count)s ký tự; đồng chí rút gọn còn %(reason_limit)s.", count=len(words), reason_limit=REASON_LIMIT), field="reason"
        )
    _hold(session, one)
    if one.closed_at is None:
        raise Refused(phrase("Đợt %(name)s đang mở nên không cần mở lại.", name=one.name))
    changes = {"closed_at": (one.closed_at.isoformat(), ""), "reason": ("", words)}
    one.closed_at = None
    summary = f"Mở lại đợt {one.name}: {words}"
    audit.record(session, actor, "round.reopen", summary, now=now, authority_id=one.authority_id, subject=("round", one.id), changes=changes)
    session.flush()


def expect_version(one: Round, version: int, yours: str) -> None:
    """Refuses a form opened before somebody else closed, opened or changed the round. Raises Stale with both versions in words."""
    if version != one.version:
        theirs = phrase("Đã đóng ngày %(closed_at)s", closed_at=date_vn(one.closed_at)) if one.closed_at else phrase("Đang mở")
        raise Stale(
            phrase(
                "Đợt %(name)s vừa được người khác thay đổi sau khi đồng chí mở trang. Chưa lưu gì cả; đồng chí xem lại rồi làm tiếp.", name=one.name
            ),
            theirs={one.name: theirs},
            yours={one.name: yours},
        )


def _hold(session: Session, one: Round) -> None:
    """Reads the round as it is now and lets nobody else pass until the transaction ends."""
    session.flush()
    session.refresh(one, with_for_update=True)
