"""One authority of the synthetic country: its units, its people, its notice, its rounds. Everybody is called by a role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.accounts.rules import username_key
from tracker.assignments.models import Assignment, Cooperation, Notice
from tracker.deadlines.models import DeadlineRule, Round, RuleSet
from tracker.deadlines.rules import Boundary, Roll, RuleKind, Schedule, Terms, Window, month_end
from tracker.indicators.models import SetAdoption
from tracker.kernel.clock import ONE_DAY, local_day
from tracker.kernel.database import Identified
from tracker.kernel.vietnamese import fold, slugify, sort_key
from tracker.operations.synth_set import Leaf
from tracker.units.models import Authority, GroupMember, Membership, Unit
from tracker.units.rules import AuthorityLevel, Role, UnitKind

#: The yearly deadline lies this many days back, so that some tasks are late and most are done.
DAYS_LATE = 4
OPENS_DAYS_BEFORE = 45
UNITS: tuple[tuple[str, UnitKind], ...] = (
    ("Phòng Văn hóa và Thông tin", UnitKind.OFFICE),
    ("Phòng Nội vụ", UnitKind.OFFICE),
    ("Phòng Tài chính - Kế hoạch", UnitKind.OFFICE),
    ("Phòng Giáo dục và Đào tạo", UnitKind.OFFICE),
    ("Văn phòng HĐND và UBND", UnitKind.OFFICE),
    ("UBND thị trấn Trung Tâm", UnitKind.LOCALITY),
    ("UBND xã Đông", UnitKind.LOCALITY),
    ("UBND xã Tây", UnitKind.LOCALITY),
    ("UBND xã Nam", UnitKind.LOCALITY),
    ("Chi cục Thuế", UnitKind.EXTERNAL),
    ("Bưu điện", UnitKind.EXTERNAL),
    ("Các phòng, ban và UBND các xã, thị trấn", UnitKind.GROUP),
    ("Các cơ quan, đơn vị và địa phương", UnitKind.GROUP),
)
_WHOLE = {Role.ADMIN: "Quản trị", Role.FOCAL: "Đầu mối", Role.CHAIR: "Lãnh đạo", Role.VIEWER: "Người theo dõi"}


@dataclass(frozen=True, slots=True)
class Post:
    """A unit that gets tasks. ``account_id``: who acts in it; ``behalf``: the focal point, «thay mặt», where nobody in it signs in."""

    id: int
    name: str
    mailbox: str
    account_id: int
    behalf: bool


@dataclass(frozen=True, slots=True)
class Job:
    """A task to be made: its component (None for the review) and who does it."""

    round_id: int
    leaf: Leaf | None
    title: str | None
    assignment_id: int | None
    post: Post
    group_id: int | None
    #: None: no deadline.
    last_on: date | None


@dataclass(frozen=True, slots=True)
class Place:
    """The authority with what progress needs."""

    id: int
    slug: str
    focal: Post
    posts: tuple[Post, ...]
    jobs: tuple[Job, ...]
    opened_at: datetime
    accounts: int
    assignments: int


def put(session: Session, model: type[Identified], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Inserts rows, which all have the same keys, and returns their ids in the same order. Tables, not models: three times as fast."""
    table = _table(model)
    return list(session.scalars(insert(table).returning(table.c.id, sort_by_parameter_order=True), rows)) if rows else []


def lay(session: Session, model: type[Identified], rows: Sequence[dict[str, Any]]) -> None:
    """Inserts rows nobody points at: faster still."""
    if rows:
        session.execute(insert(_table(model)), rows)


def _table(model: type[Identified]) -> Table:
    return cast(Table, model.__table__)  # type: ignore[attr-defined]


def found(session: Session, number: int, set_id: int, leaves: Sequence[Leaf], password_hash: str | None, rng: Random, now: datetime) -> Place:
    """Authority ``number`` with everything but progress."""
    stated = local_day(now) - timedelta(days=DAYS_LATE) + ONE_DAY
    since = date(stated.year, 1, 1)
    name = f"UBND huyện Tổng hợp {number:04}"
    authority = Authority(
        slug=slug_of(number), name=name, level=AuthorityLevel.DISTRICT, place=f"Tổng hợp {number:04}", head_approves=number % 4 == 0
    )
    session.add(authority)
    session.flush()
    unit_ids = put(session, Unit, [_unit(authority, place, unit, kind, since) for place, (unit, kind) in enumerate(UNITS)])
    group, everybody = unit_ids[-2:]
    members = [unit_id for unit_id, (_, kind) in zip(unit_ids, UNITS, strict=True) if kind in (UnitKind.OFFICE, UnitKind.LOCALITY)]
    lay(
        session,
        GroupMember,
        [{"authority_id": authority.id, "group_id": group, "member_id": one, "position": n, "valid_from": since} for n, one in enumerate(members)],
    )
    posts, people = _people(session, authority, unit_ids, since, password_hash, now)
    notice_id = _notice(session, authority, stated, since)
    lay(session, SetAdoption, [{"authority_id": authority.id, "set_id": set_id, "position": 0, "valid_from": since}])
    assigned = _assignments(session, authority.id, notice_id, leaves, posts, group, everybody, since, rng)
    opened_at = now - timedelta(days=OPENS_DAYS_BEFORE)
    rules, terms = _rules(session, authority.id, notice_id, set_id, stated)
    yearly, review = _rounds(session, authority.id, rules, terms, stated, opened_at)
    last_on = stated - ONE_DAY
    jobs: list[Job] = [Job(review, None, "Rà soát, đôn đốc việc thực hiện các chỉ số", None, posts[0], None, None)]
    for leaf, assignment_id, lead in assigned:
        targets = [post for post in posts if post.id in members] if lead == group else [post for post in posts if post.id == lead]
        jobs += [Job(yearly, leaf, None, assignment_id, post, group if lead == group else None, last_on) for post in targets]
    return Place(authority.id, authority.slug, posts[0], tuple(posts), tuple(jobs), opened_at, people, len(assigned))


def slug_of(number: int) -> str:
    """«tong-hop-0001»."""
    return f"tong-hop-{number:04}"


def _unit(authority: Authority, place: int, name: str, kind: UnitKind, since: date) -> dict[str, Any]:
    slug = slugify(name)
    return {
        "authority_id": authority.id,
        "slug": slug,
        "name": name,
        "short_name": None,
        "folded": fold(name),
        "sort_key": sort_key(name),
        "kind": kind,
        "catch_all": place == len(UNITS) - 1,
        "focal": place == 0,
        "email": None if kind is UnitKind.GROUP else f"{slug}@{authority.slug}.example",
        "position": place + 1,
        "valid_from": since,
        "demo": True,
    }


def _people(
    session: Session, authority: Authority, unit_ids: Sequence[int], since: date, password_hash: str | None, now: datetime
) -> tuple[list[Post], int]:
    """The four roles of the authority; a specialist and a head for each unit whose people sign in."""
    wanted: list[tuple[Role, int | None, str, str, str]] = [
        (role, None, f"{role.value}@{authority.slug}.demo", f"{words} {authority.name}", f"{role.value}@{authority.slug}.example")
        for role, words in _WHOLE.items()
    ]
    inside = (UnitKind.OFFICE, UnitKind.LOCALITY)
    for unit_id, (name, kind) in zip(unit_ids, UNITS, strict=True):
        slug = slugify(name)
        for role, words in ((Role.SPECIALIST, "Chuyên viên"), (Role.HEAD, "Lãnh đạo")):
            if kind in inside:
                wanted.append((role, unit_id, f"{role.value}-{slug}@{authority.slug}.demo", f"{words} {name}", f"{slug}@{authority.slug}.example"))
    ids = put(session, Account, [_account(username, shown, email, password_hash, now) for _r, _u, username, shown, email in wanted])
    lay(
        session,
        Membership,
        [
            {"authority_id": authority.id, "account_id": account_id, "role": role, "unit_id": unit_id, "valid_from": since}
            for account_id, (role, unit_id, *_rest) in zip(ids, wanted, strict=True)
        ],
    )
    acting = {unit_id: account_id for account_id, (role, unit_id, *_rest) in zip(ids, wanted, strict=True) if role is Role.SPECIALIST}
    focal_account = ids[list(_WHOLE).index(Role.FOCAL)]
    posts = [
        Post(unit_id, name, f"{slugify(name)}@{authority.slug}.example", acting.get(unit_id, focal_account), unit_id not in acting)
        for unit_id, (name, kind) in zip(unit_ids, UNITS, strict=True)
        if kind is not UnitKind.GROUP
    ]
    return posts, len(ids)


def _account(username: str, shown: str, email: str, password_hash: str | None, now: datetime) -> dict[str, Any]:
    return {
        "username": username,
        "username_key": username_key(username),
        "display_name": shown,
        "folded": fold(f"{shown} {username}"),
        "email": email,
        "password_hash": password_hash,
        "password_changed_at": now if password_hash else None,
        "demo": True,
        "created_at": now,
    }


def _notice(session: Session, authority: Authority, stated: date, since: date) -> int:
    clause = f"gửi về Phòng Văn hóa và Thông tin trước ngày {stated.day}/{stated.month} hàng năm"
    row = {
        "authority_id": authority.id,
        "slug": "thong-bao-phan-cong",
        "document_type": "Thông báo",
        "number": "01/TB-UBND",
        "issued_on": since,
        "issuer": authority.name,
        "title": "Phân công theo dõi, đánh giá các chỉ số chuyển đổi số",
        "report_clause": clause,
        "valid_from": since,
    }
    return put(session, Notice, [row])[0]


def _assignments(
    session: Session,
    authority_id: int,
    notice_id: int,
    leaves: Sequence[Leaf],
    posts: Sequence[Post],
    group: int,
    everybody: int,
    since: date,
    rng: Random,
) -> list[tuple[Leaf, int, int]]:
    """(component, assignment, lead unit): every other one is led by the group, the rest by single units."""
    names = {post.id: post.name for post in posts} | {group: UNITS[-2][0], everybody: UNITS[-1][0]}
    singles = [post.id for place, post in enumerate(posts) if UNITS[place][1] in (UnitKind.OFFICE, UnitKind.EXTERNAL)]
    leads = [group if place % 2 == 0 else rng.choice(singles) for place in range(len(leaves))]
    helpers = [[everybody] if rng.random() < 0.6 else rng.sample([post.id for post in posts], rng.randint(1, 3)) for _ in leaves]
    helpers = [[one for one in found if one != lead] for lead, found in zip(leads, helpers, strict=True)]
    rows = [
        {
            "authority_id": authority_id,
            "notice_id": notice_id,
            "indicator_id": leaf.id,
            "lead_unit_id": lead,
            "lead_printed": names[lead],
            "cooperators_printed": ", ".join(names[one] for one in helping),
            "position": leaf.position,
            "valid_from": since,
        }
        for leaf, lead, helping in zip(leaves, leads, helpers, strict=True)
    ]
    ids = put(session, Assignment, rows)
    lay(
        session,
        Cooperation,
        [
            {"authority_id": authority_id, "assignment_id": assignment_id, "unit_id": one, "position": place}
            for assignment_id, helping in zip(ids, helpers, strict=True)
            for place, one in enumerate(helping)
        ],
    )
    return list(zip(leaves, ids, leads, strict=True))


def _rules(session: Session, authority_id: int, notice_id: int, set_id: int, stated: date) -> tuple[list[int], list[dict[str, Any]]]:
    """The yearly collection and a review without a deadline: their ids, and their terms as rounds keep them."""
    common = {"roll": Roll.NONE, "window": Window.CALENDAR_YEAR}
    place = {"authority_id": authority_id, "notice_id": notice_id, "place": "Mục 5"}
    rules: list[dict[str, Any]] = [
        {
            **common,
            "slug": "nam",
            "name": "Báo cáo năm",
            "kind": RuleKind.COLLECTION,
            "wording": f"trước ngày {stated.day}/{stated.month} hàng năm",
            "schedule": Schedule.YEARLY,
            "month": stated.month,
            "day": stated.day,
            "boundary": Boundary.BEFORE,
            "opens_days_before": OPENS_DAYS_BEFORE,
        },
        {
            **common,
            "slug": "ra-soat-3-thang",
            "name": "Rà soát, đôn đốc",
            "kind": RuleKind.REVIEW,
            "wording": "định kỳ 03 tháng rà soát, đôn đốc",
            "schedule": Schedule.EVERY_3_MONTHS,
            "month": None,
            "day": None,
            "boundary": None,
            "opens_days_before": 0,
        },
    ]
    ids = put(session, DeadlineRule, [{**place, **rule, "position": number} for number, rule in enumerate(rules)])
    lay(session, RuleSet, [{"authority_id": authority_id, "rule_id": ids[0], "set_id": set_id, "position": 0}])
    return ids, [Terms(**rule).as_kept() for rule in rules]


def _rounds(
    session: Session, authority_id: int, rules: Sequence[int], terms: Sequence[dict[str, Any]], stated: date, opened_at: datetime
) -> tuple[int, int]:
    """One open round of each rule: the collection just past its last day, the review without one."""
    last_on, year = stated - ONE_DAY, stated.year
    quarter = (stated.month - 1) // 3 + 1
    rows = [
        {
            "rule_id": rules[0],
            "terms": terms[0],
            "slug": f"nam-{year}",
            "name": f"Báo cáo năm {year}",
            "period": str(year),
            "data_from": date(year, 1, 1),
            "data_to": date(year, 12, 31),
            "nominal_on": last_on,
            "last_on": last_on,
        },
        {
            "rule_id": rules[1],
            "terms": terms[1],
            "slug": f"ra-soat-3-thang-{quarter}-{year}",
            "name": f"Rà soát, đôn đốc, lần {quarter}/{year}",
            "period": f"{year}-3M{quarter}",
            "data_from": date(year, quarter * 3 - 2, 1),
            "data_to": month_end(year, quarter * 3),
            "nominal_on": None,
            "last_on": None,
        },
    ]
    first, second = put(session, Round, [{"authority_id": authority_id, "opened_at": opened_at, **row} for row in rows])
    return first, second
