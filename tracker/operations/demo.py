"""``flask seed --demo``: members the sources do not name, people, a survey letter, open rounds and plausible progress."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.accounts import credentials
from tracker.audit import service as audit
from tracker.audit.rules import SYSTEM
from tracker.deadlines import queries as deadlines
from tracker.deadlines.models import DeadlineRule, Round
from tracker.deadlines.rules import Schedule, started_by_letter
from tracker.files.storage import Storage
from tracker.kernel import scope
from tracker.kernel.clock import local_day, noon
from tracker.operations import demo_asking, demo_progress
from tracker.operations.demo_accounts import add_people, has_people
from tracker.operations.seed import SeedReport
from tracker.operations.seed_authorities import add_members, add_units, units_of
from tracker.operations.seed_format import folders, read_authority
from tracker.tasks import rounds
from tracker.units.models import Authority

#: The survey letter of the demonstration, and how many working days ago it was issued.
LETTER = "05/CV-KS"
LETTER_AGE = 10


def load(session: Session, root: Path, storage: Storage, password: str, report: SeedReport, now: datetime) -> None:
    """Adds the demonstration to every sample authority that does not have it yet. Needs the whole installation as scope; the caller commits."""
    hashed: str | None = None
    for slug in folders(root, "authorities"):
        authority = session.scalars(select(Authority).where(Authority.slug == slug)).one()
        if has_people(session, authority):
            report.add("demo", slug, "unchanged", 1)
            continue
        hashed = hashed or credentials.hash_password(password)
        report.add("demo", slug, "created", _prepare(session, root, authority, storage, hashed, now))


def _prepare(session: Session, root: Path, authority: Authority, storage: Storage, password_hash: str, now: datetime) -> int:
    seed = read_authority(root, authority.slug)
    members = [row for row in seed.tables["members"] if row.yes("demo")]
    since = seed.notice.day("valid_from") or local_day(now)
    with scope.using(session, scope.one(authority.id)):
        units = add_units(session, authority.id, seed.tables["units_demo"], None, demo=True)
        count = len(seed.tables["units_demo"]) + add_members(session, authority.id, members, units)
        count += add_people(session, authority, list(units_of(session, authority.id).values()), since, password_hash, now)
        audit.record(
            session,
            SYSTEM,
            "units.demo",
            f"Thêm dữ liệu trình diễn cho “{authority.name}”.",
            now=now,
            authority_id=authority.id,
            subject=("authority", authority.id),
        )
        opened = _open_rounds(session, now)
        session.flush()
        count += sum(one.tasks for one in opened)
        demo_progress.make(session, authority, [one.round for one in opened], storage, now)
        _close_finished(session, [one.round for one in opened], now)
        demo_asking.make(session, authority, now)
    return count


def _open_rounds(session: Session, now: datetime) -> list[rounds.Opened]:
    """The rounds of this year whose day has come, each opened at noon of its own day, and the round of the survey letter."""
    calendar, today = deadlines.working_calendar(session), local_day(now)
    opened: list[rounds.Opened | None] = []
    for rule in deadlines.rules(session):
        periods = deadlines.opening_periods(session, rule, calendar, today)
        opened += [rounds.open_round(session, rule, one, SYSTEM, min(noon(one.opens_on), now), as_of=one.opens_on) for one in periods]
        if rule.schedule is Schedule.EVENT:
            opened.append(_start_survey(session, rule, now))
    return [one for one in opened if one is not None]


def _start_survey(session: Session, rule: DeadlineRule, now: datetime) -> rounds.Opened | None:
    calendar = deadlines.working_calendar(session)
    issued = calendar.add(local_day(now), -LETTER_AGE)
    period = started_by_letter(deadlines.terms_of(session, rule), calendar, LETTER, issued)
    return rounds.open_round(session, rule, period, SYSTEM, noon(issued), as_of=issued, start=rounds.Start(LETTER, issued, issued))


def _close_finished(session: Session, opened: list[Round], now: datetime) -> None:
    """The rounds of quarters long past are closed, as a focal point would have done."""
    for one in opened:
        if demo_progress.long_past(one, local_day(now)):
            rounds.close(session, one, SYSTEM, now)
