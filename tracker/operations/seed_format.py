"""Which files make up ``seeds/`` and which columns they have. The loader and the exporter both go by this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tracker.operations.seed_files import SeedDocument, SeedRow, read_document, read_rows, write_document, write_rows
from tracker.units.rules import SETTINGS

SET_KEYS = (
    "slug", "title", "issuer", "level", "document_type", "document_number", "issued_on", "scale",
    "declared_main", "declared_components", "source", "note",
)  # fmt: skip
SET_TABLES: Mapping[str, tuple[str, ...]] = {
    "indicators": (
        "code", "parent", "kind", "name", "printed", "max_points", "max_points_printed", "scoring", "scoring_printed",
        "evidence", "evidence_printed", "data_source", "data_source_printed",
    ),
    "requirements": ("code", "position", "kind", "name", "quantity", "signed_by_head", "while_in_force"),
    "variables": ("code", "letter", "name"),
    "declared": ("place", "what", "printed", "value"),
    "findings": ("place", "kind", "field", "printed", "expected", "message"),
}  # fmt: skip
AUTHORITY_KEYS = ("slug", "name", "level", "place", "parent", "focal_unit", "sample", "note", "settings")
NOTICE_KEYS = ("slug", "document_type", "number", "issued_on", "valid_from", "issuer", "title", "sets", "report_clause", "note")
_UNIT_COLUMNS = ("slug", "name", "short_name", "kind", "catch_all", "valid_from", "note")
AUTHORITY_TABLES: Mapping[str, tuple[str, ...]] = {
    "units": _UNIT_COLUMNS,
    "units_demo": _UNIT_COLUMNS,
    "aliases": ("unit", "alias"),
    "members": ("group", "member", "demo"),
    "unresolved": ("printed", "place", "kept_as", "reason"),
    "assignments": ("set", "code", "lead", "lead_printed", "cooperators", "cooperators_printed"),
    "rules": (
        "slug", "name", "kind", "sets", "wording", "place", "schedule", "month", "day", "term_length", "term_unit", "boundary", "roll", "window",
        "opens_days_before", "note",
    ),
}  # fmt: skip
CALENDAR_COLUMNS = ("date", "kind", "name", "source", "certainty")

#: Columns of an authority that are settings, written only where they differ from their default.
SETTING_NAMES = tuple(setting.name for setting in SETTINGS)


@dataclass(frozen=True, slots=True)
class SetSeed:
    """One indicator set as its files tell it."""

    document: SeedDocument
    tables: Mapping[str, list[SeedRow]]


@dataclass(frozen=True, slots=True)
class AuthoritySeed:
    """One sample authority as its files tell it."""

    document: SeedDocument
    notice: SeedDocument
    tables: Mapping[str, list[SeedRow]]

    def base(self) -> AuthoritySeed:
        """The same without what is added for the demonstration."""
        members = [row for row in self.tables["members"] if row.text("demo") != "yes"]
        return AuthoritySeed(self.document, self.notice, {**self.tables, "units_demo": [], "members": members})


def folders(root: Path, kind: str) -> list[str]:
    """The names of the folders under ``sets`` or ``authorities``, in order."""
    return sorted(entry.name for entry in (root / kind).iterdir() if entry.is_dir()) if (root / kind).is_dir() else []


def calendar_years(root: Path) -> list[str]:
    return sorted(entry.stem for entry in (root / "calendar").glob("*.csv"))


def read_set(root: Path, slug: str) -> SetSeed:
    """Raises BadInput with file, line and column."""
    place = f"sets/{slug}"
    document = read_document(root, f"{place}/set.yaml", SET_KEYS)
    if document.values["slug"] != slug:
        raise document.bad("slug", f"“{document.values['slug']}” khác tên thư mục “{slug}”; hai tên phải giống nhau.")
    return SetSeed(document, {name: read_rows(root, f"{place}/{name}.csv", columns) for name, columns in SET_TABLES.items()})


def read_authority(root: Path, slug: str) -> AuthoritySeed:
    """Raises BadInput with file, line and column."""
    place = f"authorities/{slug}"
    document = read_document(root, f"{place}/authority.yaml", AUTHORITY_KEYS)
    if document.values["slug"] != slug:
        raise document.bad("slug", f"“{document.values['slug']}” khác tên thư mục “{slug}”; hai tên phải giống nhau.")
    notice = read_document(root, f"{place}/notice.yaml", NOTICE_KEYS)
    return AuthoritySeed(document, notice, {name: read_rows(root, f"{place}/{name}.csv", columns) for name, columns in AUTHORITY_TABLES.items()})


def read_calendar(root: Path, year: str) -> list[SeedRow]:
    """Raises BadInput with file, line and column."""
    return read_rows(root, f"calendar/{year}.csv", CALENDAR_COLUMNS)


def set_texts(seed: SetSeed) -> dict[str, str]:
    """File name → text, as the exporter would write it."""
    return {"set.yaml": write_document(seed.document.values), **_tables(seed.tables, SET_TABLES)}


def authority_texts(seed: AuthoritySeed) -> dict[str, str]:
    """File name → text, as the exporter would write it."""
    documents = {"authority.yaml": write_document(seed.document.values), "notice.yaml": write_document(seed.notice.values)}
    return {**documents, **_tables(seed.tables, AUTHORITY_TABLES)}


def _tables(tables: Mapping[str, list[SeedRow]], columns: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {f"{name}.csv": write_rows(columns[name], (row.cells for row in rows)) for name, rows in tables.items()}
