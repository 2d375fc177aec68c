"""Reads of how far an office has come, and of what its documents propose. Those of keyed rows need the office as scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.accounts.models import Account
from tracker.assignments.models import Assignment, Notice
from tracker.assignments.queries import on_day
from tracker.assignments.rules import divide
from tracker.deadlines import queries as deadlines
from tracker.deadlines.models import DeadlineRule, Round
from tracker.deadlines.rules import Period, RuleKind, Schedule
from tracker.deadlines.stated_rules import next_periods
from tracker.indicators import queries as indicators
from tracker.indicators.models import Indicator, IndicatorSet
from tracker.indicators.rules import IndicatorKind
from tracker.start.models import PrintedLead, SetupCode
from tracker.start.rules import PrintedRow, Proposed, Sample, SampleOf, Standing, proposals
from tracker.units.models import Authority, Membership, Unit
from tracker.units.queries import Directory, focal_unit, holds, units
from tracker.units.rules import UnitKind

#: Rows that ask nobody for anything.
_UNASKED = (IndicatorKind.PART, IndicatorKind.INFO, IndicatorKind.FIELD)


def any_authority(session: Session) -> bool:
    """Whether the installation has an authority: from then on nobody sets it up."""
    return session.scalars(select(Authority.id).limit(1)).first() is not None


def live_codes(session: Session) -> list[SetupCode]:
    """Set-up codes neither spent nor replaced, whether or not their time is over."""
    return list(session.scalars(select(SetupCode).where(SetupCode.used_at.is_(None)).order_by(SetupCode.id)))


def standing(session: Session, authority: Authority, day: date) -> Standing:
    """How far the office has come, from its own rows: nothing is kept beside them."""
    used = indicators.adopted_sets(session, authority.id, day)
    leaves = [leaf.id for one in used for leaf in asked_leaves(session, one)]
    assigned = set(session.scalars(select(Assignment.indicator_id).where(Assignment.authority_id == authority.id, on_day(day))))
    own_units = select(func.count(Unit.id)).where(
        Unit.authority_id == authority.id, Unit.kind != UnitKind.GROUP, holds(Unit.valid_from, Unit.valid_to, day)
    )
    own_rules = select(func.count(DeadlineRule.id)).where(DeadlineRule.authority_id == authority.id, DeadlineRule.active)
    own_people = (
        select(func.count(func.distinct(Membership.account_id)))
        .join(Account, Account.id == Membership.account_id)
        .where(Membership.authority_id == authority.id, Account.active, holds(Membership.valid_from, Membership.valid_to, day))
    )
    return Standing(
        authority=authority.name,
        sets=len(used),
        units=session.scalar(own_units) or 0,
        indicators=len(leaves),
        assigned=sum(1 for leaf in leaves if leaf in assigned),
        rules=session.scalar(own_rules) or 0,
        focal=focal_unit(session) is not None,
        people=session.scalar(own_people) or 0,
        rounds=session.scalar(select(func.count(Round.id)).where(Round.authority_id == authority.id)) or 0,
    )


def asked_leaves(session: Session, found: IndicatorSet) -> list[Indicator]:
    """The rows of a set that get tasks, in the order of the document."""
    return [leaf for leaf in indicators.leaves_of_set(session, found.id) if leaf.kind not in _UNASKED]


@dataclass(frozen=True, slots=True)
class SetFacts:
    """A set as a card shows it."""

    set: IndicatorSet
    leaves: int
    mains: int
    #: The sum of the points printed; None where none is.
    points: object | None
    #: How many rows print no points.
    without_points: int


def set_facts(session: Session, found: IndicatorSet) -> SetFacts:
    """Counts of one set."""
    leaves = asked_leaves(session, found)
    printed = [leaf.max_points for leaf in leaves if leaf.max_points is not None]
    mains = indicators.main_indicators(session, found.id)
    return SetFacts(found, len(leaves), len(mains), sum(printed) if printed else None, len(leaves) - len(printed))


def in_use(session: Session, authority_id: int, found: IndicatorSet) -> bool:
    """Whether anything of the office hangs on a set: an assignment, or a rule that asks for it."""
    rows = select(Assignment.id).join(Indicator, Indicator.id == Assignment.indicator_id)
    if session.scalars(rows.where(Assignment.authority_id == authority_id, Indicator.set_id == found.id).limit(1)).first() is not None:
        return True
    asked = deadlines.sets_by_rule(session, [rule.id for rule in deadlines.rules(session)])
    return any(one.id == found.id for sets in asked.values() for one in sets)


def printed_rows(session: Session, used: Iterable[IndicatorSet], sample_of: SampleOf) -> dict[int, PrintedRow]:
    """Indicator → who has it as the document prints it: the office's own spreadsheet, or the sample that assigns the set.

    What a document prints for a row it prints for the rows below it too.
    """
    found: dict[int, PrintedRow] = {}
    for one in used:
        rows = indicators.indicators(session, one.id)
        by_id = {row.id: row for row in rows}
        own = {
            row.indicator_id: PrintedRow(by_id[row.indicator_id].code, row.lead, row.cooperators)
            for row in session.scalars(select(PrintedLead).where(PrintedLead.indicator_id.in_(by_id)).order_by(PrintedLead.position))
        }
        sample = None if own else sample_of(one.slug)
        if sample:
            codes = {row.code: row for row in sample.rows}
            own = {row.id: codes[row.code] for row in rows if row.code in codes}
        for row in rows:
            above: Indicator | None = row
            while above is not None and above.id not in own:
                above = by_id.get(above.parent_id) if above.parent_id else None
            if above is not None:
                found[row.id] = own[above.id]
    return found


def samples(used: Iterable[IndicatorSet], sample_of: SampleOf) -> list[Sample]:
    """The samples of the sets an office uses."""
    return [found for one in used if (found := sample_of(one.slug)) is not None]


def proposed_units(session: Session, used: Sequence[IndicatorSet], sample_of: SampleOf, day: date) -> list[Proposed]:
    """The units the documents of these sets name and the office does not have."""
    directory = Directory.load(session, day)
    printed = printed_rows(session, used, sample_of)
    rows = {id(row): row for one in used for leaf in asked_leaves(session, one) if (row := printed.get(leaf.id)) is not None}
    known = [unit for sample in samples(used, sample_of) for unit in sample.units]
    return proposals(rows.values(), known, lambda name: directory.resolve(name) is not None)


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A row of the table indicator → lead: who has it, or whom the document names."""

    indicator: Indicator
    lead: Unit | None
    proposed: Unit | None
    cooperators: tuple[Unit, ...]
    printed: str


@dataclass(frozen=True, slots=True)
class MainGroup:
    """A main indicator with its rows."""

    main: Indicator | None
    set: IndicatorSet
    rows: tuple[LeadRow, ...]

    @property
    def key(self) -> str:
        """What the field of the whole group is called."""
        return str(self.main.id if self.main else f"set-{self.set.id}")

    @property
    def open(self) -> bool:
        return any(row.lead is None for row in self.rows)


def lead_table(session: Session, authority_id: int, used: Sequence[IndicatorSet], sample_of: SampleOf, day: date) -> list[MainGroup]:
    """Every row that gets tasks, under its main indicator."""
    directory = Directory.load(session, day)
    printed = printed_rows(session, used, sample_of)
    leads = (
        select(Assignment.indicator_id, Unit)
        .join(Unit, (Unit.authority_id == Assignment.authority_id) & (Unit.id == Assignment.lead_unit_id))
        .where(Assignment.authority_id == authority_id, on_day(day))
        .order_by(Assignment.id)
    )
    taken = {row[0]: row[1] for row in session.execute(leads)}
    groups: list[MainGroup] = []
    for one in used:
        mains = {row.id: row for row in indicators.indicators(session, one.id)}
        found: dict[int | None, list[LeadRow]] = {}
        for leaf in asked_leaves(session, one):
            found.setdefault(leaf.main_id, []).append(_lead_row(leaf, taken.get(leaf.id), printed.get(leaf.id), directory))
        groups += [MainGroup(mains.get(main_id) if main_id else None, one, tuple(rows)) for main_id, rows in found.items()]
    return groups


def _lead_row(leaf: Indicator, lead: Unit | None, printed: PrintedRow | None, directory: Directory) -> LeadRow:
    if printed is None:
        return LeadRow(leaf, lead, None, (), "")
    leads = [unit for _words, unit in directory.split_and_resolve(printed.lead) if unit is not None]
    helpers = [unit for _words, unit in directory.split_and_resolve(printed.cooperators) if unit is not None]
    by_id = {unit.id: unit for unit in (*leads, *helpers)}
    division = divide([unit.id for unit in leads], [unit.id for unit in helpers]) if leads else None
    others = division.cooperators if division else tuple(dict.fromkeys(unit.id for unit in helpers))
    return LeadRow(leaf, lead, by_id[division.lead] if division else None, tuple(by_id[one] for one in others), printed.lead)


def latest_notice(session: Session, authority_id: int) -> Notice | None:
    """The document the office assigns by: its newest."""
    wanted = select(Notice).where(Notice.authority_id == authority_id).order_by(Notice.valid_from.desc(), Notice.id.desc())
    return session.scalars(wanted.limit(1)).first()


def lead_units(session: Session, day: date) -> list[Unit]:
    """Whom an indicator may be given to, in the order of the list."""
    return units(session, day=day)


def leading_ids(session: Session, authority_id: int, day: date) -> set[int]:
    """The units that lead something."""
    return set(session.scalars(select(Assignment.lead_unit_id).where(Assignment.authority_id == authority_id, on_day(day))))


@dataclass(frozen=True, slots=True)
class Opening:
    """A round that could be opened now. ``event``: it needs a letter. ``past``: its deadline is over. ``due``: it opens by itself anyway."""

    rule: DeadlineRule
    period: Period | None
    event: bool
    past: bool
    due: bool

    @property
    def key(self) -> str:
        return f"{self.rule.slug} {self.period.key}" if self.period else self.rule.slug


def openings(session: Session, day: date) -> list[Opening]:
    """What the first round may be: of each periodic rule what is due and the next one; of a rule that starts by a letter the rule."""
    calendar = deadlines.working_calendar(session)
    found: list[Opening] = []
    for rule in deadlines.rules(session):
        if rule.kind is not RuleKind.COLLECTION:
            continue
        if rule.schedule is Schedule.EVENT:
            found.append(Opening(rule, None, True, False, False))
            continue
        terms = deadlines.terms_of(session, rule)
        due = {period.key: period for period in deadlines.due_to_open(terms, calendar, day)}
        coming = {one.period.key: one.period for one in next_periods(terms, calendar, day, count=1)}
        for key, period in {**due, **coming}.items():
            last = period.dates.last_on
            found.append(Opening(rule, period, False, last is not None and last < day, key in due))
    return sorted(found, key=lambda one: (one.past, one.event))
