"""Loads ``seeds/`` in one transaction. What is there already is left alone: a second run changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.assignments.models import Notice
from tracker.audit import service as audit
from tracker.audit.rules import SYSTEM
from tracker.indicators.models import IndicatorSet
from tracker.operations.seed_authorities import add_authority
from tracker.operations.seed_export import authority_files, set_files
from tracker.operations.seed_format import AuthoritySeed, authority_texts, calendar_years, folders, read_authority, read_calendar, read_set, set_texts
from tracker.operations.seed_sets import add_calendar, add_set
from tracker.units.models import Authority

Outcome = Literal["created", "changed", "unchanged", "kept"]
OUTCOMES: tuple[Outcome, ...] = ("created", "changed", "unchanged", "kept")


@dataclass(slots=True)
class SeedReport:
    """What a run did, one line a thing; ``count`` in rows of the files.

    ``kept``: what stands in the database was edited there, so the files were not read over it.
    """

    rows: list[dict[str, object]] = field(default_factory=list)

    def add(self, kind: str, name: str, outcome: Outcome, count: int) -> None:
        if count:
            self.rows.append({"kind": kind, "name": name, "outcome": outcome, "count": count})

    def total(self, outcome: Outcome) -> int:
        return sum(int(str(row["count"])) for row in self.rows if row["outcome"] == outcome)


def load(session: Session, root: Path, *, samples: bool, now: datetime) -> SeedReport:
    """Sets and calendar; with ``samples`` also the authorities. Needs the whole installation as scope; the caller commits.

    Raises BadInput («tệp:dòng:cột») at the first fault; the caller rolls back, so nothing is half-loaded.
    """
    report = SeedReport()
    for year in calendar_years(root):
        for outcome, count in zip(OUTCOMES, add_calendar(session, year, read_calendar(root, year)), strict=False):
            report.add("calendar", year, outcome, count)
    for slug in folders(root, "sets"):
        _load_set(session, root, slug, report, now)
    if samples:
        parents: dict[str, Authority] = {}
        for slug in _parents_first(root, folders(root, "authorities")):
            parents[slug] = _load_authority(session, root, slug, parents, report, now)
    return report


def _load_set(session: Session, root: Path, slug: str, report: SeedReport, now: datetime) -> None:
    seed = read_set(root, slug)
    count = sum(len(rows) for rows in seed.tables.values()) + 1
    found = session.scalars(select(IndicatorSet).where(IndicatorSet.slug == slug)).first()
    if found is None:
        made = add_set(session, seed, now)
        audit.record(
            session,
            SYSTEM,
            "indicators.publish",
            f"Nạp bộ chỉ số “{made.title}” ({slug}).",
            now=now,
            authority_id=None,
            subject=("indicator_set", made.id),
        )
        report.add("set", slug, "created", count)
    else:
        report.add("set", slug, "unchanged" if set_files(session, found) == set_texts(seed) else "kept", count)


def _load_authority(session: Session, root: Path, slug: str, parents: dict[str, Authority], report: SeedReport, now: datetime) -> Authority:
    seed = read_authority(root, slug).base()
    count = sum(len(rows) for rows in seed.tables.values()) + 2
    found = session.scalars(select(Authority).where(Authority.slug == slug)).first()
    if found is None:
        made = add_authority(session, seed, parents)
        audit.record(session, SYSTEM, "units.seed", f"Nạp cơ quan mẫu “{made.name}”.", now=now, authority_id=made.id, subject=("authority", made.id))
        report.add("authority", slug, "created", count)
        return made
    report.add("authority", slug, "unchanged" if _same(session, found, seed) else "kept", count)
    return found


def _same(session: Session, authority: Authority, seed: AuthoritySeed) -> bool:
    notice = session.scalars(select(Notice).where(Notice.authority_id == authority.id, Notice.slug == seed.notice.values["slug"])).first()
    return notice is not None and authority_files(session, authority, notice, demo=False) == authority_texts(seed)


def _parents_first(root: Path, slugs: list[str]) -> list[str]:
    """A parent before those below it."""
    parent = {slug: read_authority(root, slug).document.maybe("parent") for slug in slugs}

    def depth(slug: str) -> int:
        steps, above = 0, parent.get(slug)
        while above is not None and steps < len(slugs):
            steps, above = steps + 1, parent.get(above)
        return steps

    return sorted(slugs, key=lambda slug: (depth(slug), slug))
