"""Rows for tests: plain functions that add one thing each, and a small world of people who must not see each other's work.

Every function flushes, none commits. Names are roles and offices, never people's.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.harness.stores import PASSWORD
from tracker.accounts import credentials
from tracker.accounts.models import Account
from tracker.accounts.rules import username_key
from tracker.assignments.models import Assignment, Cooperation, Notice
from tracker.audit.rules import SYSTEM
from tracker.deadlines import queries as deadlines
from tracker.deadlines.models import DeadlineRule, Round, RuleSet
from tracker.deadlines.rules import Boundary, Roll, RuleKind, Schedule, Terms, Window
from tracker.indicators.models import Indicator, IndicatorSet, Requirement, SetAdoption
from tracker.indicators.rules import IndicatorKind, RequirementKind
from tracker.kernel.vietnamese import code_key, fold, name_key, slugify, sort_key
from tracker.tasks import rounds
from tracker.tasks.models import Task
from tracker.units.models import Authority, GroupMember, Membership, Unit, UnitAlias
from tracker.units.rules import AuthorityLevel, Role, UnitKind

Row = TypeVar("Row")
#: Everything in a world holds from here.
SINCE = date(2026, 1, 1)


@dataclass(frozen=True)
class Office:
    """An authority's settings that readings of time depend on."""

    due_soon_days: int = 7
    late_by_return: bool = False


#: Rounds of a world are opened on this day.
OPENED_ON = date(2026, 10, 1)
OPENED_AT = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)


def add_authority(session: Session, slug: str, name: str, *, parent: Authority | None = None, **more: Any) -> Authority:
    """A tenant without units or people."""
    authority = Authority(
        slug=slug, name=name, level=AuthorityLevel.DISTRICT, place=name.split()[-1], parent_id=parent.id if parent else None, **more
    )
    return _added(session, authority)


def add_unit(
    session: Session, authority: Authority, name: str, *, kind: UnitKind = UnitKind.OFFICE, slug: str = "", aliases: Sequence[str] = (), **more: Any
) -> Unit:
    """A unit, with the other spellings of its name."""
    unit = Unit(
        authority_id=authority.id,
        slug=slug or slugify(name),
        name=name,
        short_name=more.pop("short_name", None),
        folded=fold(name),
        sort_key=sort_key(name),
        kind=kind,
        position=more.pop("position", 0),
        valid_from=more.pop("valid_from", SINCE),
        **more,
    )
    _added(session, unit)
    for place, alias in enumerate(aliases):
        _added(session, UnitAlias(authority_id=authority.id, unit_id=unit.id, alias=alias, alias_key=name_key(alias), position=place))
    return unit


def add_group(session: Session, authority: Authority, name: str, members: Sequence[Unit], **more: Any) -> Unit:
    """A group and its members since SINCE."""
    group = add_unit(session, authority, name, kind=UnitKind.GROUP, **more)
    for place, member in enumerate(members):
        _added(session, GroupMember(authority_id=authority.id, group_id=group.id, member_id=member.id, position=place, valid_from=SINCE))
    return group


@functools.cache
def _hash() -> str:
    return credentials.hash_password(PASSWORD)


def add_account(session: Session, username: str, *, display_name: str = "", email: str | None = None, **more: Any) -> Account:
    """A person who signs in with PASSWORD."""
    shown = display_name or username.split("@")[0]
    account = Account(
        username=username,
        username_key=username_key(username),
        display_name=shown,
        folded=fold(f"{shown} {username}"),
        email=email,
        password_hash=_hash(),
        password_changed_at=OPENED_AT,
        created_at=OPENED_AT,
        **more,
    )
    return _added(session, account)


def add_membership(session: Session, account: Account, authority: Authority, role: Role, unit: Unit | None = None, **more: Any) -> Membership:
    """What a person is, since SINCE."""
    more.setdefault("valid_from", SINCE)
    return _added(session, Membership(authority_id=authority.id, account_id=account.id, role=role, unit_id=unit.id if unit else None, **more))


def add_person(session: Session, authority: Authority, role: Role, unit: Unit | None = None, *, username: str = "", email: str = "") -> Account:
    """An account with one membership: «specialist-phong-a@huyen-thu.test»."""
    name = username or f"{role.value}{f'-{unit.slug}' if unit else ''}@{authority.slug}.test"
    account = add_account(session, name, email=email or name)
    add_membership(session, account, authority, role, unit)
    return account


def add_set(session: Session, slug: str, *, points: bool = True, leaves: int = 4, adopters: Sequence[Authority] = ()) -> IndicatorSet:
    """A published set: main indicator 1 with components 1.1 … ; 1.1 asks for two documents, the others for none."""
    made = IndicatorSet(
        slug=slug,
        title=f"Bộ chỉ số thử {slug}",
        level="district",
        document_type="Thông báo",
        scale=100 if points else None,
        source="Văn bản thử",
        published_at=OPENED_AT,
    )
    _added(session, made)
    main = add_indicator(session, made, "1", "Nhận thức số", kind=IndicatorKind.MAIN, points=Decimal(10 * leaves) if points else None)
    main.main_id = main.id
    for number in range(1, leaves + 1):
        leaf = add_indicator(
            session, made, f"1.{number}", f"Chỉ số thành phần {number}", parent=main, position=number, points=Decimal(10) if points else None
        )
        if number == 1:
            add_requirement(session, leaf, "Quyết định thành lập Ban Chỉ đạo", position=1)
            add_requirement(session, leaf, "Biên bản họp", position=2, kind=RequirementKind.MINUTES)
    for authority in adopters:
        _added(session, SetAdoption(authority_id=authority.id, set_id=made.id, position=0, valid_from=SINCE))
    return made


def add_indicator(
    session: Session,
    of: IndicatorSet,
    code: str,
    name: str,
    *,
    parent: Indicator | None = None,
    kind: IndicatorKind = IndicatorKind.COMPONENT,
    points: Decimal | None = None,
    position: int = 0,
) -> Indicator:
    """One row of a set, printed as it is corrected."""
    shown = "" if points is None else str(points)
    indicator = Indicator(
        set_id=of.id,
        parent_id=parent.id if parent else None,
        main_id=parent.main_id or parent.id if parent else None,
        code=code,
        code_key=code_key(code),
        position=position,
        kind=kind,
        name=name,
        printed=name,
        folded=fold(name),
        max_points=points,
        max_points_printed=shown,
        **dict.fromkeys(("scoring", "scoring_printed", "evidence", "evidence_printed", "data_source", "data_source_printed"), ""),
    )
    return _added(session, indicator)


def add_requirement(
    session: Session, indicator: Indicator, name: str, *, position: int = 1, kind: RequirementKind = RequirementKind.DOCUMENT
) -> Requirement:
    return _added(session, Requirement(indicator_id=indicator.id, position=position, kind=kind, name=name, quantity=1))


def leaves_of(session: Session, of: IndicatorSet) -> list[Indicator]:
    """The components of a set, in order."""
    return list(session.scalars(select(Indicator).where(Indicator.set_id == of.id, Indicator.parent_id.is_not(None)).order_by(Indicator.position)))


def add_notice(session: Session, authority: Authority, slug: str = "thong-bao-phan-cong") -> Notice:
    """A notice in force since SINCE."""
    notice = Notice(
        authority_id=authority.id,
        slug=slug,
        document_type="Thông báo",
        number="01/TB-UBND",
        issued_on=SINCE,
        issuer=authority.name,
        title="Phân công theo dõi, đánh giá chỉ số chuyển đổi số",
        report_clause="gửi trước ngày 15/11 hàng năm",
        valid_from=SINCE,
    )
    return _added(session, notice)


def assign(session: Session, notice: Notice, indicator: Indicator, lead: Unit, cooperators: Sequence[Unit] = ()) -> Assignment:
    """One indicator to one lead, with its cooperators."""
    assignment = Assignment(
        authority_id=notice.authority_id,
        notice_id=notice.id,
        indicator_id=indicator.id,
        lead_unit_id=lead.id,
        lead_printed=lead.name,
        cooperators_printed=", ".join(unit.name for unit in cooperators),
        position=indicator.position,
        valid_from=SINCE,
    )
    _added(session, assignment)
    for place, unit in enumerate(cooperators):
        _added(session, Cooperation(authority_id=notice.authority_id, assignment_id=assignment.id, unit_id=unit.id, position=place))
    return assignment


def add_rule(session: Session, notice: Notice, sets: Sequence[IndicatorSet], *, slug: str = "nam", **terms: Any) -> DeadlineRule:
    """«Trước ngày 15/11 hàng năm», unless ``terms`` say otherwise."""
    stated: dict[str, Any] = {
        "name": "Báo cáo năm",
        "kind": RuleKind.COLLECTION,
        "wording": "trước ngày 15/11 hàng năm",
        "place": "Mục 5",
        "schedule": Schedule.YEARLY,
        "month": 11,
        "day": 15,
        "boundary": Boundary.BEFORE,
        "roll": Roll.NONE,
        "window": Window.NOT_STATED,
        "opens_days_before": 45,
        "position": 0,
        **terms,
    }
    rule = _added(session, DeadlineRule(authority_id=notice.authority_id, notice_id=notice.id, slug=slug, **stated))
    for place, one in enumerate(sets):
        _added(session, RuleSet(authority_id=notice.authority_id, rule_id=rule.id, set_id=one.id, position=place))
    return rule


#: What a round made by hand keeps of its rule.
KEPT_TERMS = Terms(
    slug="nam",
    name="Báo cáo năm",
    kind=RuleKind.COLLECTION,
    wording="trước ngày 15/11 hàng năm",
    schedule=Schedule.YEARLY,
    month=11,
    day=15,
    boundary=Boundary.BEFORE,
    opens_days_before=45,
).as_kept()


def open_yearly(session: Session, rule: DeadlineRule, *, day: date = OPENED_ON, now: datetime = OPENED_AT) -> Round:
    """Opens the rule's round whose opening day has come, with its tasks, as the scheduler would."""
    period = deadlines.opening_periods(session, rule, deadlines.working_calendar(session), day)[0]
    opened = rounds.open_round(session, rule, period, SYSTEM, now, as_of=day)
    assert opened is not None, f"the round {period.slug} is open already"
    session.flush()
    return opened.round


def tasks_of(session: Session, one: Round) -> list[Task]:
    """The tasks of a round, in the order of their indicators."""
    return list(session.scalars(select(Task).where(Task.round_id == one.id).order_by(Task.indicator_id, Task.unit_id)))


@dataclass
class World:
    """Two authorities. In the first: a focal unit, two rooms and a group of the two; four indicators, five tasks due on 14/11/2026.

    1.1 is led by ``room`` (cooperator ``other_room``), 1.2 by ``other_room``, 1.3 by the group (one task each), 1.4 by an external bank.
    """

    authority: Authority
    focal_unit: Unit
    room: Unit
    other_room: Unit
    group: Unit
    bank: Unit
    indicators: IndicatorSet
    notice: Notice
    rule: DeadlineRule
    round: Round
    tasks: list[Task]
    admin: Account
    focal: Account
    chair: Account
    viewer: Account
    owner: Account  # specialist of ``room``
    head: Account  # head of ``room``
    colleague: Account  # specialist of ``other_room``: same authority, another unit
    elsewhere: Authority
    elsewhere_round: Round
    elsewhere_tasks: list[Task]
    stranger: Account  # specialist of another authority
    foreign_focal: Account
    leaves: list[Indicator] = field(default_factory=list)

    @property
    def task(self) -> Task:
        """The owner's first task: 1.1, which asks for two documents."""
        return self.tasks[0]

    @property
    def slug(self) -> str:
        return self.authority.slug


def build_world(session: Session) -> World:
    """The small world most tests live in; committed, so that requests see it."""
    here = add_authority(session, "huyen-thu", "UBND huyện Thử")
    there = add_authority(session, "huyen-khac", "UBND huyện Khác")
    indicators = add_set(session, "thu-2026", adopters=(here, there))
    leaves = leaves_of(session, indicators)
    focal_unit = add_unit(session, here, "Phòng Văn hóa và Thông tin", focal=True, position=1, email="vhtt@huyen-thu.test")
    room = add_unit(session, here, "Phòng Nội vụ", position=2)
    other_room = add_unit(session, here, "Phòng Tài chính - Kế hoạch", position=3, aliases=("Phòng TC-KH",))
    group = add_group(session, here, "UBND các xã, thị trấn", (room, other_room), position=4)
    bank = add_unit(session, here, "Các ngân hàng", kind=UnitKind.EXTERNAL, position=5)
    notice = add_notice(session, here)
    leads = ((room, (other_room,)), (other_room, ()), (group, ()), (bank, ()))
    for leaf, (lead, cooperators) in zip(leaves, leads, strict=True):
        assign(session, notice, leaf, lead, cooperators)
    rule = add_rule(session, notice, [indicators])
    opened = open_yearly(session, rule)

    foreign_unit = add_unit(session, there, "Phòng Nội vụ", focal=True)
    foreign_notice = add_notice(session, there)
    for leaf in leaves:
        assign(session, foreign_notice, leaf, foreign_unit)
    foreign_round = open_yearly(session, add_rule(session, foreign_notice, [indicators]))
    world = World(
        authority=here,
        focal_unit=focal_unit,
        room=room,
        other_room=other_room,
        group=group,
        bank=bank,
        indicators=indicators,
        notice=notice,
        rule=rule,
        round=opened,
        tasks=tasks_of(session, opened),
        admin=add_person(session, here, Role.ADMIN),
        focal=add_person(session, here, Role.FOCAL),
        chair=add_person(session, here, Role.CHAIR),
        viewer=add_person(session, here, Role.VIEWER),
        owner=add_person(session, here, Role.SPECIALIST, room, username="owner@huyen-thu.test"),
        head=add_person(session, here, Role.HEAD, room),
        colleague=add_person(session, here, Role.SPECIALIST, other_room, username="colleague@huyen-thu.test"),
        elsewhere=there,
        elsewhere_round=foreign_round,
        elsewhere_tasks=tasks_of(session, foreign_round),
        stranger=add_person(session, there, Role.SPECIALIST, foreign_unit, username="stranger@huyen-khac.test"),
        foreign_focal=add_person(session, there, Role.FOCAL),
        leaves=leaves,
    )
    session.commit()
    return world


def _added(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row
