"""The tenant and who is in it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Identified, Keyed, text_enum, within_authority
from tracker.units.rules import AuthorityLevel, Role, UnitKind


class Authority(Identified, Base):
    """The tenant, on screen «Cơ quan». Its settings are columns: each has a default, a type and a sentence."""

    __tablename__ = "authority"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    level: Mapped[AuthorityLevel] = mapped_column(text_enum(AuthorityLevel, "level"))
    #: Địa danh, as official letters print it.
    place: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"))
    #: Shipped as a sample; pages carry ``note``.
    sample: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None] = mapped_column(Text)
    #: ≤ this many working days to the target day is «sắp đến hạn».
    due_soon_days: Mapped[int] = mapped_column(default=7)
    #: A unit's head approves before the focal point sees a task.
    head_approves: Mapped[bool] = mapped_column(default=False)
    #: Whether the focal point may accept a task of its own unit (shown as such where it may).
    own_acceptance: Mapped[bool] = mapped_column(default=True)
    #: Working days given to mend a task returned at or after its deadline.
    mend_days: Mapped[int] = mapped_column(default=3)
    reminders_on: Mapped[bool] = mapped_column(default=True)
    #: Letters to one person carry a link that takes a file, a figure or a request for time without signing in.
    action_links: Mapped[bool] = mapped_column(default=False)
    #: How the office reads what no statute settles; a round keeps the reading it was opened with.
    before_counts_day: Mapped[bool] = mapped_column(default=False)
    fixed_dates_roll: Mapped[bool] = mapped_column(default=False)
    #: Whether a task that came back after its days to mend counts as late.
    late_by_return: Mapped[bool] = mapped_column(default=False)
    #: The focal point decides extensions; else the chair does.
    focal_extends: Mapped[bool] = mapped_column(default=False)
    #: An extension is asked at least so many working days before the deadline.
    extension_notice_days: Mapped[int] = mapped_column(default=2)
    #: What a new rule with an outer deadline suggests, in working days.
    check_days: Mapped[int] = mapped_column(default=3)
    sign_days: Mapped[int] = mapped_column(default=2)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Unit(Keyed, Base):
    """Cơ quan, đơn vị, chức danh, nhóm. Never deleted: it has a beginning and an end."""

    __tablename__ = "unit"
    __constraints__ = (
        UniqueConstraint("authority_id", "slug", name="uq_unit_slug"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        Index("ix_unit_folded", "authority_id", "folded"),
        Index("uq_unit_focal", "authority_id", unique=True, sqlite_where=text("focal"), postgresql_where=text("focal")),
    )

    slug: Mapped[str]
    name: Mapped[str]
    short_name: Mapped[str | None]
    folded: Mapped[str]
    sort_key: Mapped[str]
    kind: Mapped[UnitKind] = mapped_column(text_enum(UnitKind, "kind"))
    #: «Các cơ quan, đơn vị và địa phương»: everybody. Not mailed by default.
    catch_all: Mapped[bool] = mapped_column(default=False)
    #: Cơ quan đầu mối: one in an authority.
    focal: Mapped[bool] = mapped_column(default=False)
    #: The shared mailbox of the unit, where it has one.
    email: Mapped[str | None]
    #: Order in the document that names it.
    position: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    demo: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class UnitAlias(Keyed, Base):
    """A spelling seen in a document. Two units cannot share one."""

    __tablename__ = "unit_alias"
    __constraints__ = (
        within_authority("unit_id", "unit", own="unit_alias"),
        UniqueConstraint("authority_id", "alias", name="uq_unit_alias_alias"),
    )

    unit_id: Mapped[int]
    alias: Mapped[str]
    #: ``vietnamese.name_key`` of the alias: what is compared.
    alias_key: Mapped[str]
    position: Mapped[int]


class UnresolvedName(Keyed, Base):
    """A printed name that could not be matched safely: kept apart and reported."""

    __tablename__ = "unresolved_name"
    __constraints__ = (within_authority("unit_id", "unit", own="unresolved_name"),)

    printed: Mapped[str]
    place: Mapped[str]
    unit_id: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    position: Mapped[int]


class GroupMember(Keyed, Base):
    """A dated member of a group."""

    __tablename__ = "group_member"
    __constraints__ = (
        within_authority("group_id", "unit", own="group_member"),
        within_authority("member_id", "unit", own="group_member"),
        UniqueConstraint("authority_id", "group_id", "member_id", "valid_from", name="uq_group_member_since"),
        CheckConstraint("group_id <> member_id", name="not_itself"),
    )

    group_id: Mapped[int]
    member_id: Mapped[int]
    position: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    demo: Mapped[bool] = mapped_column(default=False)


class Membership(Keyed, Base):
    """What a person is, where and when. Any number; rights add up. A position's holders are its memberships."""

    __tablename__ = "membership"
    __constraints__ = (
        within_authority("unit_id", "unit", own="membership"),
        UniqueConstraint("authority_id", "account_id", "role", "unit_id", "valid_from", name="uq_membership_since"),
        ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_membership_account_id_account"),
        CheckConstraint("(role IN ('specialist', 'head')) = (unit_id IS NOT NULL)", name="unit_where_the_role_needs_one"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        Index("ix_membership_account_id", "account_id"),
        Index("ix_membership_unit_id", "authority_id", "unit_id"),
    )

    account_id: Mapped[int]
    role: Mapped[Role] = mapped_column(text_enum(Role, "role"))
    unit_id: Mapped[int | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
