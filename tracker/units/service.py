"""What a person intends with units: create, edit, end; spellings; members of groups; the authority's settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.accounts.rules import email_problem
from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.kernel import clock, vietnamese
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.words import phrase
from tracker.units import access, queries
from tracker.units import succession_queries as successions
from tracker.units.models import Authority, GroupMember, Membership, Unit, UnitAlias
from tracker.units.queries import holds
from tracker.units.rules import KIND_WORDS, RESERVED_SLUGS, SETTINGS, Setting, UnitKind


def create_unit(
    session: Session,
    actor: Actor,
    authority_id: int,
    *,
    name: str,
    kind: UnitKind,
    valid_from: date,
    now: datetime,
    short_name: str | None = None,
    email: str | None = None,
    note: str | None = None,
    demo: bool = False,
) -> Unit:
    """A new unit at the end of the list, with a slug made of its name. Raises Refused (field ``name``, ``short_name``, ``email``)."""
    name, short_name, email = vietnamese.clean(name), vietnamese.clean(short_name or "") or None, vietnamese.clean(email or "") or None
    hold_names(session, authority_id)
    check_names(session, None, {"name": name, "short_name": short_name or ""}, clock.local_day(now))
    _check_email(email)
    last = session.scalars(select(func.max(Unit.position)).where(Unit.authority_id == authority_id)).one()
    unit = Unit(
        authority_id=authority_id,
        slug=_free_slug(session, name),
        name=name,
        short_name=short_name,
        folded=vietnamese.fold(f"{name} {short_name or ''}"),
        sort_key=vietnamese.sort_key(name),
        kind=kind,
        email=email,
        position=(last or 0) + 1,
        valid_from=valid_from,
        valid_to=None,
        note=vietnamese.clean(note or "") or None,
        demo=demo,
    )
    session.add(unit)
    session.flush()
    audit.record(
        session, actor, "unit.created", f"Thêm {KIND_WORDS[kind].lower()} “{name}”.", now=now, authority_id=authority_id, subject=("unit", unit.id)
    )
    return unit


def edit_unit(
    session: Session,
    actor: Actor,
    unit: Unit,
    *,
    version: int,
    name: str,
    short_name: str | None,
    kind: UnitKind,
    email: str | None,
    note: str | None,
    now: datetime,
) -> None:
    """Renames or mends a unit. The former name stays a spelling of it: papers that bear it still find the unit.

    Raises Stale where the form shows an older version, Refused (field ``name``, ``short_name``, ``kind``, ``email``).
    """
    name, short_name = vietnamese.clean(name), vietnamese.clean(short_name or "") or None
    new: dict[str, object] = {
        "name": name,
        "short_name": short_name,
        "kind": kind,
        "email": vietnamese.clean(email or "") or None,
        "note": vietnamese.clean(note or "") or None,
    }
    _check_fresh(unit, version, new)
    hold_names(session, unit.authority_id)
    check_names(session, unit.id, {"name": name, "short_name": short_name or ""}, clock.local_day(now))
    _check_email(new["email"] if isinstance(new["email"], str) else None)
    if kind is not unit.kind and unit.kind is UnitKind.GROUP and queries.member_rows(session, unit.id):
        raise Refused("Nhóm đã từng có thành viên nên không đổi thành loại khác được; đồng chí lập đơn vị mới.", "kind")
    changes = {field: (getattr(unit, field), value) for field, value in new.items() if getattr(unit, field) != value}
    if not changes:
        return
    former = unit.name
    for field, (_old, value) in changes.items():
        setattr(unit, field, value)
    unit.folded = vietnamese.fold(f"{name} {short_name or ''}")
    unit.sort_key = vietnamese.sort_key(name)
    if "name" in changes and (named := successions.names_of(session, unit.id)):
        # Put right here, not renamed by a document: the name in force keeps its days.
        named[0].name, named[0].short_name = name, short_name
    if "name" in changes and former not in queries.aliases(session, [unit.id]).get(unit.id, []):
        append_alias(session, unit, former)
    words = f"Đổi tên “{former}” thành “{name}”." if "name" in changes else f"Sửa thông tin “{name}”."
    audit.record(session, actor, "unit.changed", words, now=now, authority_id=unit.authority_id, subject=("unit", unit.id), changes=changes)


def end_unit(session: Session, actor: Actor, unit: Unit, last_day: date, *, version: int, now: datetime) -> None:
    """The unit's last day; its places in groups and its people's roles end with it. Open tasks stay, to be moved by the focal point.

    Raises Stale, Refused (field ``last_day``).
    """
    _check_fresh(unit, version, {"valid_to": last_day})
    if unit.focal:
        raise Refused("Cơ quan đầu mối không kết thúc được; đồng chí chọn đầu mối khác ở trang Thiết lập trước.", "last_day")
    if last_day < unit.valid_from:
        raise Refused(phrase("Ngày cuối phải từ %(valid_from)s, ngày đơn vị bắt đầu.", valid_from=vietnamese.date_vn(unit.valid_from)), "last_day")
    before = unit.valid_to
    unit.valid_to = last_day
    for row in session.scalars(
        select(GroupMember)
        .where((GroupMember.member_id == unit.id) | (GroupMember.group_id == unit.id), holds(GroupMember.valid_from, GroupMember.valid_to, last_day))
        .order_by(GroupMember.id)
    ):
        row.valid_to = last_day
    for held in session.scalars(
        select(Membership).where(Membership.unit_id == unit.id, holds(Membership.valid_from, Membership.valid_to, last_day)).order_by(Membership.id)
    ):
        held.valid_to = last_day
    audit.record(
        session,
        actor,
        "unit.ended",
        f"Kết thúc “{unit.name}”, ngày cuối {vietnamese.date_vn(last_day)}.",
        now=now,
        authority_id=unit.authority_id,
        subject=("unit", unit.id),
        changes={"valid_to": (_iso(before), last_day.isoformat())},
    )


def add_alias(session: Session, actor: Actor, unit: Unit, alias: str, *, now: datetime) -> UnitAlias:
    """Another spelling of a unit. Two units cannot share one: Refused (field ``alias``) names the other."""
    alias = vietnamese.clean(alias)
    if not alias:
        raise Refused("Cách viết còn trống.", "alias")
    hold_names(session, unit.authority_id)
    check_names(session, unit.id, {"alias": alias}, clock.local_day(now))
    if alias in (unit.name, *queries.aliases(session, [unit.id]).get(unit.id, [])):
        raise Refused(phrase("“%(alias)s” đã là một cách viết của đơn vị này.", alias=alias), "alias")
    row = append_alias(session, unit, alias)
    audit.record(
        session,
        actor,
        "unit.alias_added",
        f"Thêm cách viết “{alias}” cho “{unit.name}”.",
        now=now,
        authority_id=unit.authority_id,
        subject=("unit", unit.id),
    )
    return row


def remove_alias(session: Session, actor: Actor, unit: Unit, row: UnitAlias, *, now: datetime) -> None:
    """Takes a wrong spelling away."""
    audit.record(
        session,
        actor,
        "unit.alias_removed",
        f"Bỏ cách viết “{row.alias}” của “{unit.name}”.",
        now=now,
        authority_id=unit.authority_id,
        subject=("unit", unit.id),
    )
    session.delete(row)


def add_member(session: Session, actor: Actor, group: Unit, member: Unit, valid_from: date, *, now: datetime) -> GroupMember:
    """A unit joins a group on a day. Open rounds are not touched: the focal point is shown who came in. Raises Refused (field ``member``)."""
    if group.kind is not UnitKind.GROUP:
        raise Refused(phrase("“%(group)s” không phải là nhóm nên không có thành viên.", group=group.name), "member")
    if member.kind is UnitKind.GROUP:
        raise Refused("Nhóm không làm thành viên của nhóm khác được; đồng chí thêm từng đơn vị.", "member")
    rows = queries.member_rows(session, group.id)
    if any(unit.id == member.id and (row.valid_to is None or row.valid_to >= valid_from) for row, unit in rows):
        raise Refused(
            phrase("“%(member)s” đã là thành viên của nhóm vào ngày %(valid_from)s.", member=member.name, valid_from=vietnamese.date_vn(valid_from)),
            "member",
        )
    row = GroupMember(
        authority_id=group.authority_id,
        group_id=group.id,
        member_id=member.id,
        position=max((row.position for row, _unit in rows), default=0) + 1,
        valid_from=valid_from,
        valid_to=None,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor,
        "unit.member_added",
        f"“{member.name}” vào nhóm “{group.name}” từ {vietnamese.date_vn(valid_from)}.",
        now=now,
        authority_id=group.authority_id,
        subject=("unit", group.id),
    )
    return row


def end_member(session: Session, actor: Actor, group: Unit, row: GroupMember, last_day: date, *, now: datetime) -> None:
    """A unit leaves a group after a day. Raises Refused (field ``last_day``)."""
    if last_day < row.valid_from:
        raise Refused(phrase("Ngày cuối phải từ %(valid_from)s, ngày vào nhóm.", valid_from=vietnamese.date_vn(row.valid_from)), "last_day")
    before = row.valid_to
    row.valid_to = last_day
    member = queries.units_by_id(session, [row.member_id])[row.member_id]
    audit.record(
        session,
        actor,
        "unit.member_ended",
        f"“{member.name}” ra khỏi nhóm “{group.name}”, ngày cuối {vietnamese.date_vn(last_day)}.",
        now=now,
        authority_id=group.authority_id,
        subject=("unit", group.id),
        changes={"valid_to": (_iso(before), last_day.isoformat())},
    )


def change_settings(
    session: Session, actor: Actor, authority: Authority, values: Mapping[str, int | bool], focal_slug: str | None, *, version: int, now: datetime
) -> None:
    """New settings, each kept with its old value in the history; ``focal_slug`` names cơ quan đầu mối. Raises Stale, Refused."""
    focal = queries.focal_unit(session)
    if authority.version != version:
        raise Stale(
            "Thiết lập vừa được người khác lưu; chưa lưu gì cả.",
            theirs={s.label: setting_words(s, getattr(authority, s.name)) for s in SETTINGS},
            yours={s.label: setting_words(s, values[s.name]) for s in SETTINGS},
        )
    changes: dict[str, tuple[object, object]] = {
        s.name: (getattr(authority, s.name), values[s.name]) for s in SETTINGS if getattr(authority, s.name) != values[s.name]
    }
    for name, (_old, value) in changes.items():
        setattr(authority, name, value)
    if focal_slug and (focal is None or focal.slug != focal_slug):
        changes["focal_unit"] = (focal.slug if focal else None, _move_focal(session, focal, focal_slug, now).slug)
    if not changes:
        return
    labels = {s.name: s.label for s in SETTINGS} | {"focal_unit": phrase("Cơ quan đầu mối")}
    audit.record(
        session,
        actor,
        "authority.settings",
        f"Đổi thiết lập: {vietnamese.join_and(labels[name] for name in changes)}.",
        now=now,
        authority_id=authority.id,
        subject=("authority", authority.id),
        changes=changes,
    )


def choose_focal(session: Session, actor: Actor, authority: Authority, slug: str, *, now: datetime) -> None:
    """Names cơ quan đầu mối alone, without the other settings. Raises Refused (field ``focal_unit``)."""
    focal = queries.focal_unit(session)
    if focal is not None and focal.slug == slug:
        return
    chosen = _move_focal(session, focal, slug, now)
    audit.record(
        session,
        actor,
        "authority.settings",
        f"Cơ quan đầu mối: {chosen.name}.",
        now=now,
        authority_id=authority.id,
        subject=("authority", authority.id),
        changes={"focal_unit": (focal.slug if focal else None, chosen.slug)},
    )


def _move_focal(session: Session, focal: Unit | None, slug: str, now: datetime) -> Unit:
    chosen = _possible_focal(session, slug, clock.local_day(now))
    # One in an authority: the old one steps back before the new one comes forward, or the index refuses.
    if focal is not None:
        focal.focal = False
        session.flush()
    chosen.focal = True
    session.flush()
    return chosen


def setting_words(setting: Setting, value: int | bool) -> str:
    """The value as the page shows it."""
    return str(value) if setting.low is not None else phrase("Bật") if value else phrase("Tắt")


def _possible_focal(session: Session, slug: str, day: date) -> Unit:
    found = next((u for u in queries.units(session, day=day) if u.slug == slug), None)
    if found is None or found.kind in (UnitKind.GROUP, UnitKind.EXTERNAL):
        raise Refused("Cơ quan đầu mối phải là một đơn vị, địa phương hoặc chức danh đang hoạt động của cơ quan.", "focal_unit")
    return found


def hold_names(session: Session, authority_id: int) -> None:
    """Names are given one at a time in an authority: two people cannot give one name to two units at once."""
    access.hold(session, authority_id)


def check_names(session: Session, unit_id: int | None, names: Mapping[str, str], day: date) -> None:
    """Raises Refused where a name is empty or already another unit's, by ``name_key``. ``day``: what ended before it no longer counts."""
    if "name" in names and not names["name"]:
        raise Refused("Tên đơn vị còn trống.", "name")
    taken = {key: unit for key, unit in _keys(session, day - timedelta(days=1)) if unit.id != unit_id}
    for field, name in names.items():
        other = taken.get(vietnamese.name_key(name)) if name else None
        if other is not None:
            raise Refused(
                phrase("“%(name)s” đã là tên hoặc cách viết của “%(other)s”; hai đơn vị không dùng chung một tên.", name=name, other=other.name),
                field,
            )


def _keys(session: Session, day: date) -> Iterable[tuple[str, Unit]]:
    alive = {u.id: u for u in queries.units(session) if u.valid_to is None or u.valid_to >= day}
    for unit in alive.values():
        yield vietnamese.name_key(unit.name), unit
        if unit.short_name:
            yield vietnamese.name_key(unit.short_name), unit
    for row in queries.alias_rows(session):
        if row.unit_id in alive:
            yield row.alias_key, alive[row.unit_id]


def _check_email(email: str | None) -> None:
    if email and (problem := email_problem(email)):
        raise Refused(problem, "email")


def _check_fresh(unit: Unit, version: int, yours: Mapping[str, object]) -> None:
    if unit.version == version:
        return
    labels = {
        "name": phrase("Tên"),
        "short_name": phrase("Tên ngắn"),
        "kind": phrase("Loại"),
        "email": phrase("Thư điện tử"),
        "note": phrase("Ghi chú"),
        "valid_to": phrase("Ngày cuối"),
    }
    raise Stale(
        "Đơn vị này vừa được người khác lưu; chưa lưu gì cả.",
        theirs={labels[field]: _words(getattr(unit, field)) for field in yours},
        yours={labels[field]: _words(value) for field, value in yours.items()},
    )


def _words(value: object) -> str:
    if isinstance(value, UnitKind):
        return KIND_WORDS[value]
    if isinstance(value, date):
        return vietnamese.date_vn(value)
    return str(value) if value else "–"


def append_alias(session: Session, unit: Unit, alias: str) -> UnitAlias:
    """One more spelling behind the others; whether it may be is asked before."""
    last = session.scalars(select(func.max(UnitAlias.position)).where(UnitAlias.unit_id == unit.id)).one()
    row = UnitAlias(authority_id=unit.authority_id, unit_id=unit.id, alias=alias, alias_key=vietnamese.name_key(alias), position=(last or 0) + 1)
    session.add(row)
    session.flush()
    return row


def _free_slug(session: Session, name: str) -> str:
    """The name as a slug; a number behind it where the slug is taken or reserved. Stable from then on."""
    base = vietnamese.slugify(name)[:80].strip("-") or "don-vi"
    taken = set(session.scalars(select(Unit.slug).where(Unit.slug.startswith(base, autoescape=True)).order_by(Unit.slug))) | RESERVED_SLUGS
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
