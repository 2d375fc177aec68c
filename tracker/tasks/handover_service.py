"""Handing over: what moves and what cannot, moving it, and putting it back the same day.

A task that moves keeps its id, deadline, evidence, cooperators and history. What was handed in or set aside stays with the unit that did it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.audit.rules import Actor
from tracker.kernel.clock import local_day
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.vietnamese import clean, date_vn, join_and
from tracker.kernel.words import phrase
from tracker.tasks import handover_moves as moves
from tracker.tasks import handover_queries as queries
from tracker.tasks.handover_models import Handover
from tracker.tasks.handover_queries import Item, Source
from tracker.tasks.handover_rules import LineKind, Ticket, day_problem, undo_problem
from tracker.tasks.models import Task
from tracker.tasks.service import REASON_LIMIT, expect_round_open
from tracker.units import queries as units
from tracker.units.models import GroupMember, Membership, Unit
from tracker.units.rules import Role, UnitKind
from tracker.units.succession_queries import heirs
from tracker.units.succession_rules import not_alive

MISSING_TARGET = phrase("Chưa chọn nơi nhận; ở lại đơn vị cũ.")


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing and where it is to go: a unit's id, or where a person hands over, the other person's; None where nobody said."""

    ticket: Ticket
    target_id: int | None


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of the preview. ``why_not``: why it stays where it is; None where it moves."""

    item: Item
    to: Unit | Account | None
    why_not: str | None

    @property
    def to_name(self) -> str:
        return "" if self.to is None else self.to.name if isinstance(self.to, Unit) else self.to.display_name


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants handed over: by whom, from which day, why, by which document."""

    source: Source
    effective_on: date
    reason: str
    document: str


def preview(session: Session, wish: Wish, offered: Sequence[Item], choices: Sequence[Choice], today: date) -> list[Planned]:
    """What would move and what would not, in the order of the offer. Raises Stale where something chosen is no longer as it was shown."""
    wrong = day_problem(wish.effective_on, today)
    if wrong:
        raise Refused(wrong, field="effective_on")
    by_ticket = {item.ticket: item for item in offered}
    lost = [choice.ticket for choice in choices if choice.ticket not in by_ticket]
    if lost:
        raise _overtaken(wish.source, len(lost))
    wanted = {choice.ticket: choice.target_id for choice in choices}
    chosen = [item for item in offered if item.ticket in wanted]
    ids = {target for target in wanted.values() if target is not None}
    if wish.source.unit is None:
        return _to_people(session, wish, chosen, wanted, ids)
    return _to_units(session, wish, wish.source.unit, chosen, wanted, ids, today)


def _overtaken(source: Source, count: int) -> Stale:
    return Stale(
        "Việc của đơn vị này vừa được người khác chuyển giao hoặc xử lý sau khi đồng chí mở trang. Chưa chuyển gì cả; đồng chí xem lại rồi làm tiếp.",
        theirs={source.name: phrase("%(count)s mục đã thay đổi", count=count)},
        yours={source.name: phrase("Chuyển giao")},
    )


def _to_units(
    session: Session, wish: Wish, source: Unit, chosen: Sequence[Item], wanted: dict[Ticket, int | None], ids: set[int], today: date
) -> list[Planned]:
    targets = units.units_by_id(session, ids)
    unfit = _unfit(session, source, targets.values(), (wish.effective_on, today))
    duties = queries.duties_of(session, ids)
    places = queries.places_held(session, ids, wish.effective_on)
    roles = queries.roles_held(session, wish.effective_on)
    rows = _dated_rows(session, chosen)
    found = []
    for item in chosen:
        target = targets.get(wanted[item.ticket] or 0)
        if target is None:
            found.append(Planned(item, None, MISSING_TARGET))
            continue
        why_not = unfit[target.id] or _clash(item, target, duties, places, roles, rows.get(item.ticket), wish.effective_on)
        row = rows.get(item.ticket)
        if why_not is None and item.duty:
            duties.add((target.id, *item.duty))
        if why_not is None and isinstance(row, GroupMember):
            places.add((row.group_id, target.id))
        found.append(Planned(item, target, why_not))
    return found


def _unfit(session: Session, source: Unit, targets: Iterable[Unit], days: Sequence[date]) -> dict[int, str | None]:
    """Unit → why it cannot receive anything; None where it can."""
    found: dict[int, str | None] = {}
    following = heirs(session, [target.id for target in targets])
    for target in targets:
        told = (not_alive(target.name, target.valid_from, target.valid_to, day, following[target.id]) for day in days)
        found[target.id] = next((words for words in told if words), None)
        if target.id == source.id or target.kind is UnitKind.GROUP:
            found[target.id] = phrase("Nơi nhận phải là một đơn vị khác, không phải nhóm.")
    return found


def _dated_rows(session: Session, chosen: Sequence[Item]) -> dict[Ticket, GroupMember | Membership]:
    """The places and roles among what was chosen."""
    tickets = {(item.kind, item.ticket.id): item.ticket for item in chosen}
    places, roles = ([id_ for kind, id_ in tickets if kind is wanted] for wanted in (LineKind.GROUP, LineKind.ROLE))
    found: dict[Ticket, GroupMember | Membership] = {}
    for place in session.scalars(select(GroupMember).where(GroupMember.id.in_(places)).order_by(GroupMember.id)):
        found[tickets[(LineKind.GROUP, place.id)]] = place
    for role in session.scalars(select(Membership).where(Membership.id.in_(roles)).order_by(Membership.id)):
        found[tickets[(LineKind.ROLE, role.id)]] = role
    return found


def _clash(
    item: Item,
    target: Unit,
    duties: set[tuple[int, int, int | str]],
    places: set[tuple[int, int]],
    roles: set[tuple[int, Role, int | None]],
    row: GroupMember | Membership | None,
    since: date,
) -> str | None:
    """Why one thing cannot join what the target has; None where it can."""
    if item.duty is not None and (target.id, *item.duty) in duties:
        return phrase(
            "%(target)s đã có nhiệm vụ của chỉ số này trong đợt; nhiệm vụ này ở lại. Đồng chí dồn minh chứng về một nơi rồi ghi "
            "“Không áp dụng” với lý do sáp nhập.",
            target=target.name,
        )
    if row is None:
        return None
    if row.valid_from >= since:
        return phrase("Bắt đầu từ %(valid_from)s; ngày chuyển giao phải sau ngày ấy.", valid_from=date_vn(row.valid_from))
    if isinstance(row, GroupMember):
        return phrase("%(target)s đã là thành viên của nhóm.", target=target.name) if (row.group_id, target.id) in places else None
    return phrase("Người này đã có vai trò ấy ở %(target)s.", target=target.name) if (row.account_id, row.role, target.id) in roles else None


def _to_people(session: Session, wish: Wish, chosen: Sequence[Item], wanted: dict[Ticket, int | None], ids: set[int]) -> list[Planned]:
    people = {row.account.id: row.account for row in units.people(session) if row.account.id in ids and row.account.active}
    held = queries.roles_held(session, wish.effective_on)
    rows = _dated_rows(session, chosen)
    found = []
    for item in chosen:
        account, row = people.get(wanted[item.ticket] or 0), rows[item.ticket]
        why_not = None
        assert isinstance(row, Membership)
        if account is None:
            why_not = MISSING_TARGET
        elif wish.source.account is not None and account.id == wish.source.account.id:
            why_not = phrase("Người nhận phải là người khác.")
        elif row.valid_from >= wish.effective_on:
            why_not = phrase("Vai trò bắt đầu từ %(valid_from)s; ngày chuyển giao phải sau ngày ấy.", valid_from=date_vn(row.valid_from))
        elif (account.id, row.role, row.unit_id) in held:
            why_not = phrase("%(account)s đã có vai trò này.", account=account.display_name)
        found.append(Planned(item, account, why_not))
    return found


def commit(
    session: Session, authority_id: int, wish: Wish, offered: Sequence[Item], choices: Sequence[Choice], actor: Actor, now: datetime
) -> Handover:
    """Moves what was chosen: all of it or nothing. The reason and the document are kept with it.

    Raises Stale where another handed over or worked on something first, Refused where something cannot move.
    """
    reason, document = clean(wish.reason), clean(wish.document)
    if not reason:
        raise Refused("Đồng chí ghi lý do chuyển giao.", field="reason")
    for field, text in (("reason", reason), ("document", document)):
        if len(text) > REASON_LIMIT:
            raise Refused(
                phrase("Nội dung dài %(count)s ký tự; đồng chí rút gọn còn %(reason_limit)s.", count=len(text), reason_limit=REASON_LIMIT),
                field=field,
            )
    if not choices:
        raise Refused("Đồng chí chọn ít nhất một mục để chuyển giao.", field="lines")
    tasks = _hold(session, choices, wish.source)
    planned = preview(session, wish, offered, choices, local_day(now))
    stuck = next((one for one in planned if one.why_not), None)
    if stuck is not None:
        raise Refused(phrase("%(label)s: %(why_not)s", label=stuck.item.label, why_not=stuck.why_not), field="lines")
    one = Handover(
        authority_id=authority_id,
        source_unit_id=wish.source.unit.id if wish.source.unit else None,
        source_account_id=wish.source.account.id if wish.source.account else None,
        effective_on=wish.effective_on,
        reason=reason,
        document=document or None,
        committed_at=now,
        committed_by=actor.words,
        account_id=actor.account_id,
    )
    session.add(one)
    session.flush()
    act = moves.Act(session, one, wish.source, actor, now)
    for position, line in enumerate(planned, start=1):
        assert line.to is not None
        act.move(position, line.item, line.to, tasks.get(line.item.ticket.id))
    _tell(session, one, wish.source, planned, actor, now)
    return one


def _hold(session: Session, choices: Sequence[Choice], source: Source) -> dict[int, Task]:
    """The tasks as they are now, which nobody else may touch until the transaction ends; their rounds cannot close meanwhile.

    Raises Stale where one was moved or worked on since it was shown.
    """
    seen = {choice.ticket.id: choice.ticket.version for choice in choices if choice.ticket.kind is LineKind.TASK}
    if not seen:
        return {}
    query = select(Task).where(Task.id.in_(seen)).order_by(Task.id).with_for_update().execution_options(populate_existing=True)
    found = {task.id: task for task in session.scalars(query)}
    lost = [id_ for id_, version in seen.items() if id_ not in found or found[id_].version != version]
    if lost:
        raise _overtaken(source, len(lost))
    for task in {task.round_id: task for task in found.values()}.values():
        expect_round_open(session, task)
    return found


def _tell(session: Session, one: Handover, source: Source, planned: Sequence[Planned], actor: Actor, now: datetime) -> None:
    """An event on the source and one on each receiver."""
    by_target: dict[tuple[str, int], list[Planned]] = {}
    for line in planned:
        assert line.to is not None
        by_target.setdefault(("unit" if isinstance(line.to, Unit) else "account", line.to.id), []).append(line)
    why = f": {one.reason}" + (f" (theo {one.document})" if one.document else "")
    received = join_and(f"{lines[0].to_name} ({len(lines)} mục)" for lines in by_target.values())
    events = [(moves.subject_of(source), f"Chuyển giao từ {date_vn(one.effective_on)} cho {received}{why}")]
    events += [(key, f"Nhận {len(lines)} mục từ {source.name} từ {date_vn(one.effective_on)}{why}") for key, lines in by_target.items()]
    for subject, words in events:
        moves.record(session, one, actor, "handover.committed", subject, words, now)
    session.flush()


def undo(session: Session, one: Handover, source: Source, version: int, actor: Actor, now: datetime) -> None:
    """Hoàn tác, the same day, while nothing happened on what moved. All or nothing. Raises Stale, Refused naming what was touched."""
    session.flush()
    session.refresh(one, with_for_update=True)
    if one.version != version:
        raise Stale(
            "Lần chuyển giao này vừa được người khác xử lý. Chưa lưu gì cả; đồng chí xem lại.",
            theirs={
                phrase("Chuyển giao"): phrase("Đã hoàn tác ngày %(undone_at)s", undone_at=date_vn(one.undone_at))
                if one.undone_at
                else phrase("Đang có hiệu lực")
            },
            yours={phrase("Chuyển giao"): phrase("Hoàn tác")},
        )
    wrong = undo_problem(one.committed_at, one.undone_at, now)
    if wrong:
        raise Refused(wrong)
    act = moves.Act(session, one, source, actor, now)
    lines = queries.lines_of(session, one.id)
    receivers = {("account", line.to_account_id) if line.to_account_id else ("unit", line.to_unit_id): None for line in lines}
    for line in reversed(lines):
        act.put_back(line)
    one.undone_at, one.undone_by = now, actor.words
    for subject in (moves.subject_of(source), *receivers):
        assert subject[1] is not None
        moves.record(session, one, actor, "handover.undone", (subject[0], subject[1]), f"Hoàn tác chuyển giao của {source.name}: {one.reason}", now)
    session.flush()
