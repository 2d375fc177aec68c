"""Recording a change of units, carrying it out when its day comes, calling it off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.kernel import vietnamese
from tracker.kernel.clock import ONE_DAY, local_day
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.vietnamese import clean, date_vn, join_and
from tracker.kernel.words import phrase
from tracker.units import queries
from tracker.units import succession_queries as successions
from tracker.units.models import GroupMember, Membership, Unit, UnitAlias
from tracker.units.rules import UnitKind
from tracker.units.service import append_alias, check_names, create_unit, hold_names
from tracker.units.succession_models import Succession, SuccessionUnit, UnitName
from tracker.units.succession_queries import SuccessionRow
from tracker.units.succession_rules import (
    FARTHEST,
    KIND_WORDS,
    STATE_WORDS,
    Side,
    SuccessionKind,
    SuccessionState,
    not_alive,
    problem,
)

WORDS_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody records: the kind, the first day of the new order, by which document. ``new_units``: names of units to be set up."""

    kind: SuccessionKind
    effective_on: date
    document: str
    note: str = ""
    new_name: str = ""
    new_short_name: str = ""
    new_units: tuple[str, ...] = ()


def record(
    session: Session, actor: Actor, authority_id: int, change: Change, predecessors: Sequence[Unit], successors: Sequence[Unit], now: datetime
) -> SuccessionRow:
    """Writes a change down. One whose day has come is carried out at once; one to come waits for its morning and can be called off.

    Raises Refused with the field at fault.
    """
    change = _tidied(change)
    _check_words(change, local_day(now))
    _check_units(session, change, predecessors, successors)
    receiving = [*successors, *_set_up(session, actor, authority_id, change, predecessors, now)]
    if change.kind is SuccessionKind.RENAME:
        receiving = list(predecessors)
        hold_names(session, authority_id)
        check_names(session, predecessors[0].id, {"new_name": change.new_name, "new_short_name": change.new_short_name}, local_day(now))
    wrong = problem(change.kind, [u.id for u in predecessors], [u.id for u in receiving], change.new_name)
    if wrong:
        raise Refused(wrong.message, field=wrong.field)
    one = Succession(
        authority_id=authority_id,
        kind=change.kind,
        effective_on=change.effective_on,
        document=change.document,
        note=change.note or None,
        new_name=change.new_name if change.kind is SuccessionKind.RENAME else None,
        new_short_name=(change.new_short_name or None) if change.kind is SuccessionKind.RENAME else None,
        recorded_at=now,
        recorded_by=actor.words,
        account_id=actor.account_id,
        kept={},
    )
    session.add(one)
    session.flush()
    for side, units in ((Side.FROM, predecessors), (Side.TO, receiving)):
        session.add_all(SuccessionUnit(authority_id=authority_id, succession_id=one.id, unit_id=unit.id, side=side) for unit in units)
    session.flush()
    row = SuccessionRow(one, tuple(predecessors), tuple(receiving))
    _tell(session, actor, row, "recorded", f"Ghi nhận: {sentence(row)}", now)
    if change.effective_on <= local_day(now):
        apply(session, actor, row, now)
    return row


def apply(session: Session, actor: Actor, row: SuccessionRow, now: datetime) -> None:
    """Carries a change out: the name, or the last day of those that end, of their places in groups and of their people's roles.

    Duties are not touched: whoever is responsible moves them by a hand-over. Raises Refused where the day has not come or it is over.
    """
    one = row.succession
    if row.state is not SuccessionState.WAITING:
        raise Refused(phrase("Thay đổi này ở trạng thái “%(state)s” nên không thực hiện lại.", state=STATE_WORDS[row.state]))
    if one.effective_on > local_day(now):
        raise Refused(phrase("Chưa đến ngày %(effective_on)s; hệ thống tự thực hiện vào sáng ngày ấy.", effective_on=date_vn(one.effective_on)))
    ending = row.ending_ids
    if one.kind is SuccessionKind.RENAME:
        kept = _rename(session, row.predecessors[0], one)
    else:
        kept = {"units": [_end(session, unit, one.effective_on - ONE_DAY) for unit in row.predecessors if unit.id in ending]}
    one.applied_at, one.kept = now, kept
    _tell(session, actor, row, "applied", f"Thực hiện: {sentence(row)}", now)
    session.flush()


def undo(session: Session, actor: Actor, row: SuccessionRow, version: int, now: datetime) -> None:
    """Calls a change off before its day; undoes one carried out today. Units set up for it stay. Raises Stale, Refused."""
    one = row.succession
    if one.version != version:
        raise Stale(
            "Thay đổi này vừa được người khác xử lý sau khi đồng chí mở trang. Chưa lưu gì cả; đồng chí xem lại rồi làm tiếp.",
            theirs={KIND_WORDS[one.kind]: STATE_WORDS[row.state]},
            yours={KIND_WORDS[one.kind]: phrase("Hủy")},
        )
    if row.state is SuccessionState.UNDONE:
        raise Refused("Thay đổi này đã được hủy.")
    if one.applied_at is not None:
        if local_day(one.applied_at) != local_day(now):
            raise Refused(
                phrase(
                    "Chỉ hoàn tác được trong ngày thực hiện, %(applied_at)s; nay đồng chí ghi một thay đổi mới.",
                    applied_at=date_vn(local_day(one.applied_at)),
                )
            )
        _put_back(session, row)
    words = "Hoàn tác" if one.applied_at is not None else "Hủy trước ngày thực hiện"
    one.undone_at, one.undone_by = now, actor.words
    _tell(session, actor, row, "undone", f"{words}: {sentence(row)}", now)
    session.flush()


def sentence(row: SuccessionRow) -> str:
    """«Sáp nhập, hợp nhất từ 01/07/2026: Ấp 1, Ấp 2 → Ấp A, theo Nghị quyết 12.»"""
    one = row.succession
    old = join_and(unit.name for unit in row.predecessors)
    new = one.new_name if one.kind is SuccessionKind.RENAME else join_and(unit.name for unit in row.successors)
    return phrase(
        "%(kind)s từ %(effective_on)s: %(old)s%(more)s, theo %(document)s.",
        kind=KIND_WORDS[one.kind],
        effective_on=date_vn(one.effective_on),
        old=old,
        more=f" → {new}" if new else "",
        document=one.document,
    )


def _tidied(change: Change) -> Change:
    names = tuple(dict.fromkeys(name for line in change.new_units if (name := clean(line))))
    return Change(
        change.kind, change.effective_on, clean(change.document), clean(change.note), clean(change.new_name), clean(change.new_short_name), names
    )


def _check_words(change: Change, today: date) -> None:
    if not change.document:
        raise Refused("Đồng chí ghi văn bản căn cứ: loại, số, ngày.", field="document")
    for field in ("document", "note"):
        if len(getattr(change, field)) > WORDS_LIMIT:
            raise Refused(
                phrase(
                    "Nội dung dài %(count)s ký tự; đồng chí rút gọn còn %(words_limit)s.", count=len(getattr(change, field)), words_limit=WORDS_LIMIT
                ),
                field=field,
            )
    if abs(change.effective_on - today) > FARTHEST:
        raise Refused(
            phrase("Ngày %(effective_on)s quá xa hôm nay; đồng chí kiểm tra lại năm.", effective_on=date_vn(change.effective_on)),
            field="effective_on",
        )


def _check_units(session: Session, change: Change, predecessors: Sequence[Unit], successors: Sequence[Unit]) -> None:
    day = change.effective_on
    for unit in predecessors:
        if unit.valid_from >= day:
            raise Refused(
                phrase("%(unit)s bắt đầu từ %(valid_from)s; ngày thay đổi phải sau ngày ấy.", unit=unit.name, valid_from=date_vn(unit.valid_from)),
                field="effective_on",
            )
        if unit.kind is UnitKind.GROUP and change.kind is not SuccessionKind.RENAME:
            raise Refused(phrase("%(unit)s là một nhóm; đồng chí chọn các đơn vị thành viên.", unit=unit.name), field="predecessors")
        if unit.focal and change.kind in (SuccessionKind.MERGE, SuccessionKind.SPLIT, SuccessionKind.DISSOLVE) and unit not in successors:
            raise Refused("Cơ quan đầu mối không kết thúc được; đồng chí chọn đầu mối khác ở trang Thiết lập trước.", field="predecessors")
    heirs = successions.heirs(session, [unit.id for unit in successors])
    for unit in successors:
        if unit.kind is UnitKind.GROUP:
            raise Refused(phrase("%(unit)s là một nhóm; đồng chí chọn đơn vị cụ thể.", unit=unit.name), field="successors")
        why_not = not_alive(unit.name, unit.valid_from, unit.valid_to, day, heirs[unit.id])
        if why_not:
            raise Refused(why_not, field="successors")
    waiting = successions.waiting_of(session, [unit.id for unit in predecessors]) if predecessors else []
    if waiting:
        raise Refused(
            phrase("Đã có một thay đổi đang chờ: %(waiting)s Đồng chí hủy thay đổi ấy trước.", waiting=sentence(waiting[0])), field="predecessors"
        )


def _set_up(session: Session, actor: Actor, authority_id: int, change: Change, predecessors: Sequence[Unit], now: datetime) -> list[Unit]:
    """The new units of a change, of the kind of the first former one, from the day of the change on."""
    if change.kind is SuccessionKind.RENAME or not predecessors:
        return []
    made = []
    for name in change.new_units:
        try:
            made.append(create_unit(session, actor, authority_id, name=name, kind=predecessors[0].kind, valid_from=change.effective_on, now=now))
        except Refused as refusal:
            raise Refused(refusal.message, field="new_units") from None
    return made


def _rename(session: Session, unit: Unit, one: Succession) -> dict[str, Any]:
    """The former name ends the day before and stays a spelling; the unit bears the new one."""
    rows = successions.names_of(session, unit.id)
    last = rows[0] if rows else None
    if last is None:
        last = UnitName(
            authority_id=unit.authority_id, unit_id=unit.id, name=unit.name, short_name=unit.short_name, valid_from=unit.valid_from, document=None
        )
        session.add(last)
    if last.valid_from >= one.effective_on:
        raise Refused(
            phrase("Tên hiện nay có từ %(valid_from)s; ngày đổi tên phải sau ngày ấy.", valid_from=date_vn(last.valid_from)), field="effective_on"
        )
    last.valid_to = one.effective_on - ONE_DAY
    assert one.new_name is not None
    session.add(
        UnitName(
            authority_id=unit.authority_id,
            unit_id=unit.id,
            name=one.new_name,
            short_name=one.new_short_name,
            valid_from=one.effective_on,
            document=one.document,
        )
    )
    known = queries.aliases(session, [unit.id]).get(unit.id, [])
    alias = append_alias(session, unit, unit.name) if unit.name not in known else None
    kept = {"name": unit.name, "short_name": unit.short_name, "alias_id": alias.id if alias else None}
    _bear(unit, one.new_name, one.new_short_name)
    session.flush()
    return kept


def _bear(unit: Unit, name: str, short_name: str | None) -> None:
    unit.name, unit.short_name = name, short_name
    unit.folded = vietnamese.fold(f"{name} {short_name or ''}")
    unit.sort_key = vietnamese.sort_key(name)


def _end(session: Session, unit: Unit, last_day: date) -> dict[str, Any]:
    """A unit's last day; what of it went on longer ends with it. Returns what it was before."""
    kept: dict[str, Any] = {"id": unit.id, "valid_to": _iso(unit.valid_to), "after": None, "members": [], "roles": []}
    if unit.valid_to is None or unit.valid_to > last_day:
        unit.valid_to = last_day
        kept["after"] = last_day.isoformat()
    places = select(GroupMember).where(
        (GroupMember.member_id == unit.id) | (GroupMember.group_id == unit.id),
        (GroupMember.valid_to.is_(None)) | (GroupMember.valid_to > last_day),
    )
    roles = select(Membership).where(Membership.unit_id == unit.id, (Membership.valid_to.is_(None)) | (Membership.valid_to > last_day))
    longer: list[tuple[str, GroupMember | Membership]] = [("members", row) for row in session.scalars(places.order_by(GroupMember.id))]
    longer += [("roles", row) for row in session.scalars(roles.order_by(Membership.id))]
    for name, row in longer:
        kept[name].append([row.id, _iso(row.valid_to)])
        # What was to begin later is given its first day as its last: validity cannot be empty.
        row.valid_to = max(last_day, row.valid_from)
    session.flush()
    return kept


def _put_back(session: Session, row: SuccessionRow) -> None:
    """What carrying it out changed, as it was before."""
    one = row.succession
    if one.kind is SuccessionKind.RENAME:
        _name_back(session, row.predecessors[0], one)
        return
    by_id = {unit.id: unit for unit in row.predecessors}
    for kept in one.kept.get("units", []):
        unit = by_id[kept["id"]]
        if kept["after"] is not None:
            if _iso(unit.valid_to) != kept["after"]:
                raise Refused(phrase("%(unit)s vừa được sửa ngày cuối nên không tự hoàn tác được; đồng chí sửa ở trang của đơn vị.", unit=unit.name))
            unit.valid_to = _day(kept["valid_to"])
        before = {name: {id_: _day(valid_to) for id_, valid_to in kept[name]} for name in ("members", "roles")}
        for place in session.scalars(select(GroupMember).where(GroupMember.id.in_(before["members"])).order_by(GroupMember.id)):
            place.valid_to = before["members"][place.id]
        for role in session.scalars(select(Membership).where(Membership.id.in_(before["roles"])).order_by(Membership.id)):
            role.valid_to = before["roles"][role.id]
    session.flush()


def _name_back(session: Session, unit: Unit, one: Succession) -> None:
    rows = successions.names_of(session, unit.id)
    if unit.name != one.new_name or not rows or rows[0].valid_from != one.effective_on:
        raise Refused(phrase("Tên “%(unit)s” vừa được sửa nên không tự hoàn tác được; đồng chí sửa ở trang của đơn vị.", unit=unit.name))
    session.delete(rows[0])
    if len(rows) == 2 and rows[1].document is None:
        session.delete(rows[1])
    else:
        rows[1].valid_to = None
    if one.kept["alias_id"] is not None:
        for alias in session.scalars(select(UnitAlias).where(UnitAlias.id == one.kept["alias_id"])):
            session.delete(alias)
    _bear(unit, one.kept["name"], one.kept["short_name"])
    session.flush()


def _tell(session: Session, actor: Actor, row: SuccessionRow, what: str, words: str, now: datetime) -> None:
    for unit in {u.id: u for u in (*row.predecessors, *row.successors)}.values():
        audit.record(
            session,
            actor,
            f"unit.succession_{what}",
            words,
            now=now,
            authority_id=unit.authority_id,
            subject=("unit", unit.id),
            changes={"succession": (None, row.succession.id)},
        )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
