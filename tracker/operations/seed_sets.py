"""Library rows from seeds: indicator sets and the working-day calendar."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.deadlines.calendar_rules import Certainty, DayKind
from tracker.deadlines.models import CalendarDay
from tracker.indicators.models import DeclaredTotal, DocumentFinding, Indicator, IndicatorSet, Requirement, Variable
from tracker.indicators.rules import IndicatorKind, RequirementKind, source_kind_of
from tracker.kernel.vietnamese import code_key, fold
from tracker.operations.seed_files import SeedRow
from tracker.operations.seed_format import SetSeed

LEVELS = ("province", "district", "commune", "department", "office")
DECLARED = ("points", "components", "mains")
FINDING_KINDS = ("ocr", "wrong_heading", "numbering", "column_shift", "ambiguous_steps", "formula_vs_max", "other")


def add_set(session: Session, seed: SetSeed, now: datetime) -> IndicatorSet:
    """Writes one published library set with all its rows. Raises BadInput at the first cell that cannot be right."""
    document = seed.document
    if document.values["level"] not in LEVELS:
        raise document.bad("level", f"“{document.values['level']}” phải là một trong: {', '.join(LEVELS)}.")
    made = IndicatorSet(
        slug=document.text("slug"),
        title=document.text("title"),
        issuer=document.maybe("issuer"),
        level=document.text("level"),
        document_type=document.text("document_type"),
        document_number=document.maybe("document_number"),
        issued_on=document.day("issued_on"),
        scale=document.whole("scale"),
        declared_main=document.whole("declared_main"),
        declared_components=document.whole("declared_components"),
        source=document.text("source"),
        note=document.maybe("note"),
        published_at=now,
    )
    session.add(made)
    session.flush()
    indicators = _add_indicators(session, made.id, seed.tables["indicators"])
    _add_requirements(session, seed.tables["requirements"], indicators)
    _add_variables(session, seed.tables["variables"], indicators)
    _add_statements(session, made.id, seed, indicators)
    session.flush()
    return made


def _add_indicators(session: Session, set_id: int, rows: list[SeedRow]) -> dict[str, Indicator]:
    made: dict[str, Indicator] = {}
    parents: dict[str, str | None] = {}
    codes: set[str] = set()
    for position, row in enumerate(rows, start=1):
        parent = row.maybe("parent")
        if parent is not None:
            row.one_of("parent", codes)
        code = row.unique("code", codes)
        parents[code] = parent
        made[code] = _indicator(set_id, position, row)
    session.add_all(made.values())
    session.flush()
    for code, indicator in made.items():
        above = parents[code]
        indicator.parent_id = made[above].id if above else None
        indicator.main_id = _main(made, parents, code).id
    return made


def _indicator(set_id: int, position: int, row: SeedRow) -> Indicator:
    name = row.needed("name")
    code = row.text("code")
    return Indicator(
        set_id=set_id,
        code=code,
        code_key=code_key(code),
        position=position,
        kind=row.choice("kind", IndicatorKind),
        name=name,
        printed=row.text("printed"),
        folded=fold(name),
        max_points=row.number("max_points"),
        max_points_printed=row.text("max_points_printed"),
        scoring=row.text("scoring"),
        scoring_printed=row.text("scoring_printed"),
        evidence=row.text("evidence"),
        evidence_printed=row.text("evidence_printed"),
        data_source=row.text("data_source"),
        data_source_printed=row.text("data_source_printed"),
        source_kind=source_kind_of(row.text("data_source")),
    )


def _main(made: dict[str, Indicator], parents: dict[str, str | None], code: str) -> Indicator:
    """The nearest main indicator above or at a row; for the unscored rows the part they stand in."""
    here: str | None = code
    top = code
    while here is not None:
        if made[here].kind is IndicatorKind.MAIN:
            return made[here]
        top, here = here, parents[here]
    return made[top]


def _add_requirements(session: Session, rows: list[SeedRow], indicators: dict[str, Indicator]) -> None:
    places: set[tuple[str, int | None]] = set()
    for row in rows:
        code, position, quantity = row.one_of("code", indicators), row.whole("position"), row.whole("quantity")
        if position is None or (code, position) in places:
            raise row.bad("position", "phải là số thứ tự chưa dùng của chỉ số này, từ 1.")
        if not quantity:
            raise row.bad("quantity", "phải là số nguyên từ 1.")
        places.add((code, position))
        session.add(
            Requirement(
                indicator_id=indicators[code].id,
                position=position,
                kind=row.choice("kind", RequirementKind),
                name=row.needed("name"),
                quantity=quantity,
                signed_by_head=row.yes("signed_by_head"),
                while_in_force=row.yes("while_in_force"),
            )
        )


def _add_variables(session: Session, rows: list[SeedRow], indicators: dict[str, Indicator]) -> None:
    seen: set[tuple[str, str]] = set()
    for position, row in enumerate(rows, start=1):
        code, letter = row.one_of("code", indicators), row.needed("letter")
        if (code, letter) in seen:
            raise row.bad("letter", f"“{letter}” đã có ở chỉ số {code}; mỗi chữ chỉ được có một lần.")
        seen.add((code, letter))
        session.add(Variable(indicator_id=indicators[code].id, position=position, letter=letter, name=row.needed("name")))


def _add_statements(session: Session, set_id: int, seed: SetSeed, indicators: dict[str, Indicator]) -> None:
    """What the document states about itself, and what a reader found wrong in it."""
    for position, row in enumerate(seed.tables["declared"], start=1):
        value = row.number("value")
        if value is None:
            raise row.bad("value", "đang trống; phải là số văn bản nêu.")
        session.add(
            DeclaredTotal(
                set_id=set_id,
                position=position,
                place=_place(row, indicators),
                what=row.one_of("what", DECLARED),
                printed=row.text("printed"),
                value=value,
            )
        )
    for position, row in enumerate(seed.tables["findings"], start=1):
        session.add(
            DocumentFinding(
                set_id=set_id,
                position=position,
                place=_place(row, indicators),
                kind=row.one_of("kind", FINDING_KINDS),
                field=row.text("field"),
                printed=row.text("printed"),
                expected=row.text("expected"),
                message=row.needed("message"),
            )
        )


def _place(row: SeedRow, indicators: dict[str, Indicator]) -> str:
    place = row.needed("place")
    if place != "document" and not place.startswith("section ") and place not in indicators:
        raise row.bad("place", f"“{place}” phải là mã một chỉ số, “section 5” hoặc “document”.")
    return place


def add_calendar(session: Session, year: str, rows: list[SeedRow]) -> tuple[int, int, int]:
    """Makes the days of a year those of the file: a later notice of holidays may add, change or drop some. Returns created, changed, unchanged."""
    counts = [0, 0, 0]
    first, last = date(int(year), 1, 1), date(int(year), 12, 31)
    dropped = {kept.day: kept for kept in session.scalars(select(CalendarDay).where(CalendarDay.day.between(first, last)).order_by(CalendarDay.day))}
    seen: set[str] = set()
    for row in rows:
        row.unique("date", seen)
        day = row.day("date")
        if str(day.year) != year:
            raise row.bad("date", f"“{day.isoformat()}” không thuộc năm {year} của tệp này.")
        values = {
            "kind": row.choice("kind", DayKind),
            "name": row.needed("name"),
            "source": row.needed("source"),
            "certainty": row.choice("certainty", Certainty),
        }
        kept = dropped.pop(day, None)
        if kept is None:
            session.add(CalendarDay(day=day, **values))
            counts[0] += 1
        elif not kept.dropped and all(getattr(kept, name) == value for name, value in values.items()):
            counts[2] += 1
        else:
            for name, value in values.items():
                setattr(kept, name, value)
            kept.dropped = False
            kept.version += 1
            counts[1] += 1
    gone = [kept for kept in dropped.values() if not kept.dropped]
    for kept in gone:
        kept.dropped = True
        kept.version += 1
    session.flush()
    return counts[0], counts[1] + len(gone), counts[2]
