"""What people intend when an office is set up: bring the first authority in, choose a set, take units, give out indicators."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from tracker.accounts import credentials
from tracker.accounts import service as accounts
from tracker.accounts.models import Account
from tracker.assignments import queries as assignments
from tracker.assignments import service as assigning
from tracker.assignments.models import Notice
from tracker.audit.rules import SYSTEM, Actor
from tracker.deadlines import service as deadline_service
from tracker.deadlines.models import DeadlineRule
from tracker.deadlines.rules import RuleKind
from tracker.deadlines.stated_rules import proposed
from tracker.deadlines.wording_rules import Understood
from tracker.documents import service as documents
from tracker.documents.reading import Draft
from tracker.indicators import queries as indicators
from tracker.indicators import service as sets
from tracker.indicators.models import IndicatorSet
from tracker.kernel import scope
from tracker.kernel.clock import local_day
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import clean, name_key
from tracker.kernel.words import phrase
from tracker.start import queries
from tracker.start.models import PrintedLead, SetupCode
from tracker.start.rules import MOST_UNITS, Proposed, merged, slug_of
from tracker.units import access as units_access
from tracker.units import authority_service, people_service
from tracker.units import queries as unit_queries
from tracker.units import service as units
from tracker.units.models import Authority, Unit
from tracker.units.queries import Directory
from tracker.units.rules import AuthorityLevel, Role, UnitKind

#: A set-up code is used on the day it is made, or the day after.
CODE_LIFE = timedelta(days=2)
_WRONG = phrase("Mã thiết lập không đúng, đã dùng hoặc đã hết hạn. Người vận hành máy chủ cấp mã mới bằng lệnh “flask setup-code”.")


def new_code(session: Session, *, now: datetime) -> str:
    """A fresh set-up code; earlier ones die. Only its hash is kept. Raises Refused once the installation has an authority."""
    if queries.any_authority(session):
        raise Refused("Hệ thống đã có cơ quan nên không thiết lập lần đầu nữa. Thêm cơ quan khác: flask authorities add.")
    session.execute(update(SetupCode).where(SetupCode.used_at.is_(None)).values(used_at=now))
    code = credentials.new_printed_code()
    session.add(SetupCode(code_hash=credentials.code_hash(code), created_at=now, expires_at=now + CODE_LIFE, used_at=None))
    session.flush()
    return code


def check_code(session: Session, typed: str, now: datetime) -> SetupCode:
    """The live code that was typed, compared in constant time. Raises Refused (field ``code``)."""
    wanted = credentials.code_hash(typed)
    fitting = [one for one in queries.live_codes(session) if hmac.compare_digest(one.code_hash, wanted)]
    if not fitting or fitting[0].expires_at <= now:
        raise Refused(_WRONG, "code")
    return fitting[0]


@dataclass(frozen=True, slots=True)
class Founder:
    """The first authority and who will administer it."""

    name: str
    level: AuthorityLevel
    place: str
    display_name: str
    username: str
    email: str | None


def found(session: Session, typed: str, given: Founder, password_hash: str, *, now: datetime) -> tuple[Authority, Account]:
    """Spends the code and makes the installation's first authority with its administrator, who is its focal point too until somebody else is.

    The database decides who was first: of two at once only one succeeds. Raises Refused with the field at fault.
    """
    code = check_code(session, typed, now)
    taken = session.execute(
        update(SetupCode).where(SetupCode.id == code.id, SetupCode.used_at.is_(None)).values(used_at=now).execution_options(synchronize_session=False)
    )
    assert isinstance(taken, CursorResult)
    if taken.rowcount != 1 or queries.any_authority(session):
        raise Refused(_WRONG, "code")
    with scope.using(session, scope.whole("the first authority of the installation")):
        authority = authority_service.create_authority(
            session, SYSTEM, name=given.name, level=given.level, place=given.place, slug=slug_of(given.name), now=now
        )
        account = accounts.create_account(
            session,
            username=given.username,
            display_name=given.display_name,
            email=given.email,
            password_hash=password_hash,
            now=now,
            authority_id=authority.id,
        )
        day = local_day(now)
        people_service.grant(session, SYSTEM, authority.id, account, Role.ADMIN, None, by=frozenset(Role), valid_from=day, now=now)
    return authority, account


def choose_set(session: Session, authority: Authority, chosen: IndicatorSet, actor: Actor, now: datetime) -> None:
    """The office uses a set from today."""
    sets.adopt(session, chosen, authority.id, local_day(now), actor, now)


def drop_set(session: Session, authority: Authority, chosen: IndicatorSet, actor: Actor, now: datetime) -> None:
    """A set chosen by mistake. Raises Refused where something hangs on it already."""
    if queries.in_use(session, authority.id, chosen):
        raise Refused(phrase("“%(chosen)s” đã có chỉ số được giao hoặc có thời hạn nên không bỏ được nữa.", chosen=chosen.title))
    sets.lay_aside(session, chosen, authority.id, local_day(now), actor, now)


def take_in_file(session: Session, authority: Authority, draft: Draft, title: str, actor: Actor, now: datetime) -> IndicatorSet:
    """The office's own spreadsheet as a set it uses, with what it prints about leads. All of it or nothing. Raises Refused."""
    title = clean(title)
    if not title:
        raise Refused("Đồng chí đặt tên cho bộ chỉ số.", "title")
    today = local_day(now)
    details = documents.Details(title=title, document_type="Bảng tính", number=None, issued_on=None, valid_from=today, issuer=authority.name)
    slug = documents.free_slug(session, authority, title)
    made, rows = documents.take_in_set(session, authority, draft, details, slug, actor, now)
    for position, row in enumerate(draft.rows, start=1):
        if row.lead_printed or row.cooperators_printed:
            session.add(
                PrintedLead(
                    authority_id=authority.id,
                    indicator_id=rows[row.code].id,
                    lead=row.lead_printed,
                    cooperators=row.cooperators_printed,
                    position=position,
                )
            )
    session.flush()
    sets.adopt(session, made, authority.id, today, actor, now)
    return made


def take_units(session: Session, authority: Authority, chosen: Sequence[Proposed], actor: Actor, now: datetime) -> int:
    """Makes the units the office does not have yet, their other spellings, and the members of groups. Returns how many were made.

    Lines of one name are one unit. A name the office has already is that unit: sent twice, nothing happens twice. Raises Refused.
    """
    if len(chosen) > MOST_UNITS:
        raise Refused(
            phrase("Một lần thêm không quá %(most_units)s đơn vị; danh sách này có %(count)s.", most_units=MOST_UNITS, count=len(chosen)), "lines"
        )
    units.hold_names(session, authority.id)
    names, made = _Names(Directory.load(session, local_day(now))), 0
    for one in merged(chosen):
        unit = names.resolve(one.name)
        if unit is None:
            unit = names.add(one.name, _make(session, authority, one, actor, now))
            made += 1
        for spelling in one.spellings:
            # A spelling another unit has is that unit's, and is told at the check of the document.
            if names.resolve(spelling) is None:
                units.add_alias(session, actor, unit, spelling, now=now)
                names.add(spelling, unit)
        made += _members(session, authority, unit, one.members, names, actor, now)
    return made


class _Names:
    """Every name of the office's units, those just made among them."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._made: dict[str, Unit] = {}

    def resolve(self, name: str) -> Unit | None:
        return self._made.get(name_key(name)) or self._directory.resolve(name)

    def add(self, name: str, unit: Unit) -> Unit:
        self._made[name_key(name)] = unit
        return unit


def _make(session: Session, authority: Authority, one: Proposed, actor: Actor, now: datetime) -> Unit:
    unit = units.create_unit(session, actor, authority.id, name=one.name, kind=one.kind, valid_from=local_day(now), now=now)
    unit.catch_all = one.catch_all and one.kind is UnitKind.GROUP
    session.flush()
    return unit


def _members(session: Session, authority: Authority, group: Unit, listed: Iterable[str], names: _Names, actor: Actor, now: datetime) -> int:
    made, today = 0, local_day(now)
    held = {unit.id for _row, unit in unit_queries.member_rows(session, group.id)} if group.kind is UnitKind.GROUP else set()
    for name in listed:
        member = names.resolve(name)
        if member is None:
            member = names.add(name, units.create_unit(session, actor, authority.id, name=name, kind=UnitKind.LOCALITY, valid_from=today, now=now))
            made += 1
        if member.id not in held:
            held.add(member.id)
            units.add_member(session, actor, group, member, today, now=now)
    return made


@dataclass(frozen=True, slots=True)
class Paper:
    """What the office says about the document it assigns by; asked once, with the first assignment or the first deadline."""

    document_type: str
    number: str | None
    issued_on: date | None
    title: str


def notice_for(session: Session, authority: Authority, paper: Paper | None, actor: Actor, now: datetime) -> Notice:
    """The office's newest notice, or its first one, recorded now. Raises Refused with the field at fault."""
    units_access.hold(session, authority.id)
    known = queries.latest_notice(session, authority.id)
    if known is not None:
        return known
    used = indicators.adopted_sets(session, authority.id, local_day(now))
    words = assigning.NoticeWords(
        document_type=paper.document_type if paper else "Văn bản",
        number=paper.number if paper else None,
        issued_on=paper.issued_on if paper else None,
        issuer=authority.name,
        title=(paper.title if paper else "") or _title(used),
        report_clause="",
        valid_from=local_day(now),
    )
    if words.issued_on is not None and words.issued_on > local_day(now):
        raise Refused("Ngày ban hành chưa đến; ghi ngày in trên văn bản, hoặc để trống.", "issued_on")
    return assigning.create_notice(session, authority.id, words, [one.id for one in used], actor, now)


def _title(used: Sequence[IndicatorSet]) -> str:
    return f"Phân công thực hiện {used[0].title}" if used else "Phân công thực hiện bộ chỉ số"


def give_out(
    session: Session,
    notice: Notice,
    wanted: Mapping[int, tuple[Unit, Sequence[Unit]]],
    rows: Mapping[int, queries.LeadRow],
    actor: Actor,
    now: datetime,
) -> int:
    """Gives indicators to their leads. One that somebody has given out meanwhile stays as it is. Returns how many were given."""
    units_access.hold(session, notice.authority_id)
    since = max(local_day(now), notice.valid_from)
    taken = {row.indicator.id for row in assignments.of_authority(session, notice.authority_id, since)}
    given = 0
    for indicator_id, (lead, cooperators) in wanted.items():
        if indicator_id not in taken:
            assigning.assign(session, notice, rows[indicator_id].indicator, lead, cooperators, since, actor, now)
            given += 1
    return given


def keep_rules(
    session: Session, authority: Authority, notice: Notice, readings: Sequence[Understood], place: str, actor: Actor, now: datetime
) -> list[DeadlineRule]:
    """A rule for each chosen reading of a sentence, for every set the office uses. Raises Refused with the field at fault."""
    used = [one.slug for one in indicators.adopted_sets(session, authority.id, local_day(now))]
    made = []
    for read in readings:
        stated = proposed(
            read,
            kind=RuleKind.COLLECTION,
            wording=read.words,
            place=clean(place),
            check_days=authority.check_days,
            sign_days=authority.sign_days,
        )
        made.append(deadline_service.create_rule(session, actor, authority, stated, notice=notice.slug, sets=used, now=now))
    return made


def be_focal(session: Session, authority: Authority, account: Account, by: frozenset[Role], actor: Actor, now: datetime) -> None:
    """Whoever sets the office up is its focal point too."""
    people_service.grant(session, actor, authority.id, account, Role.FOCAL, None, by=by, valid_from=local_day(now), now=now)
