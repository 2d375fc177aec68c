"""What the shipped samples say about a set, out of ``seeds/``: for the step-by-step start of an office, which proposes it."""

from __future__ import annotations

import functools
from pathlib import Path

from tracker.deadlines.rules import RuleKind
from tracker.operations.seed_format import AuthoritySeed, folders, read_authority
from tracker.start.rules import PrintedRow, Sample, SampleOf, SampleRule, SampleUnit
from tracker.units.rules import UnitKind


def samples_in(root: Path) -> SampleOf:
    """Set → the sample that assigns it. The files are read once in a process."""

    @functools.cache
    def read() -> dict[str, Sample]:
        return {slug: sample for name in folders(root, "authorities") for slug, sample in _of(read_authority(root, name)).items()}

    return lambda set_slug: read().get(set_slug)


def _of(seed: AuthoritySeed) -> dict[str, Sample]:
    spelt: dict[str, list[str]] = {}
    for row in seed.tables["aliases"]:
        spelt.setdefault(row.text("unit"), []).append(row.text("alias"))
    focal = seed.document.maybe("focal_unit")
    units = tuple(
        SampleUnit(
            row.text("name"),
            row.text("short_name"),
            UnitKind(row.text("kind")),
            row.yes("catch_all"),
            row.text("slug") == focal,
            tuple(spelt.get(row.text("slug"), ())),
        )
        for row in seed.tables["units"]
    )
    found = {}
    for slug in seed.notice.names("sets"):
        rows = tuple(
            PrintedRow(row.text("code"), row.text("lead_printed"), row.text("cooperators_printed"))
            for row in seed.tables["assignments"]
            if row.text("set") == slug
        )
        rules = tuple(
            SampleRule(RuleKind(row.text("kind")), row.text("wording"), row.text("place"))
            for row in seed.tables["rules"]
            if slug in row.text("sets").split(";")
        )
        found[slug] = Sample(seed.document.text("name"), seed.notice.text("document_type"), units, rows, rules)
    return found
