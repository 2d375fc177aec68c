"""What an operator and an administrator intend with an authority itself: bring one in, put its name right."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.kernel import vietnamese
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.words import phrase
from tracker.units.models import Authority
from tracker.units.rules import RESERVED_SLUGS, AuthorityLevel

_LABELS = {"name": phrase("Tên cơ quan"), "place": phrase("Địa danh")}


def create_authority(
    session: Session, actor: Actor, *, name: str, level: AuthorityLevel, place: str, slug: str, now: datetime, parent: Authority | None = None
) -> Authority:
    """A tenant without units or people. ``slug`` is its address for ever; a taken one gets a number behind it.

    Raises Refused (field ``name``, ``place``).
    """
    name, place = _checked(name, place)
    if not slug:
        raise Refused(phrase("Tên “%(name)s” không có chữ nào để làm địa chỉ; đồng chí ghi tên như “UBND xã Nghĩa Phương”.", name=name), "name")
    made = Authority(slug=_free_slug(session, slug), name=name, level=level, place=place, parent_id=parent.id if parent else None)
    session.add(made)
    session.flush()
    audit.record(session, actor, "authority.created", f"Lập cơ quan “{name}”.", now=now, authority_id=made.id, subject=("authority", made.id))
    return made


def rename_authority(session: Session, actor: Actor, authority: Authority, *, name: str, place: str, version: int, now: datetime) -> None:
    """Another name or place; the address stays. Raises Stale where the form shows an older version, Refused (field ``name``, ``place``)."""
    name, place = _checked(name, place)
    if authority.version != version:
        raise Stale(
            "Thông tin cơ quan vừa được người khác lưu; chưa lưu gì cả.",
            theirs={_LABELS["name"]: authority.name, _LABELS["place"]: authority.place},
            yours={_LABELS["name"]: name, _LABELS["place"]: place},
        )
    changes = {field: (getattr(authority, field), value) for field, value in (("name", name), ("place", place)) if getattr(authority, field) != value}
    if not changes:
        return
    authority.name, authority.place = name, place
    audit.record(
        session,
        actor,
        "authority.renamed",
        f"Sửa thông tin cơ quan: {name}, {place}.",
        now=now,
        authority_id=authority.id,
        subject=("authority", authority.id),
        changes=changes,
    )


def _checked(name: str, place: str) -> tuple[str, str]:
    name, place = vietnamese.clean(name), vietnamese.clean(place)
    if not name:
        raise Refused("Đồng chí nhập tên cơ quan.", "name")
    if not place:
        raise Refused("Đồng chí nhập địa danh, như in trên công văn.", "place")
    return name, place


def _free_slug(session: Session, base: str) -> str:
    taken = set(session.scalars(select(Authority.slug).where(Authority.slug.startswith(base, autoescape=True)).order_by(Authority.slug)))
    taken |= RESERVED_SLUGS
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)
