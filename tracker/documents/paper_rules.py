"""What an administrative document consists of under Nghị định 30/2020/NĐ-CP, Phụ lục I: one shape for letters, notices and reports.

Who writes it down: letter_writing.py in Word, letter_pdf.py in PDF.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tracker.documents.letter_rules import (
    APPENDIX_COLUMNS,
    BLANK,
    BLANK_DAY,
    Issuer,
    Letter,
    in_full,
    in_short,
    letterhead,
    place_and_day,
    roman,
    signature,
    symbol,
)
from tracker.documents.letter_wording_rules import Signer

#: Millimetres between the margins of a page that lies (297 without 30 and 15).
LYING_WIDTH = 252
_LATE_WIDTHS = (14, 15, 52, 34, 35, 27, 25, 18, 32)
_LATE_CENTRED = (0, 1, 5, 7)


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a paragraph in one weight."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the body. ``keep``: stays on the page of the next one, as a heading does."""

    spans: tuple[Span, ...]
    italic: bool = False
    keep: bool = False

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table. ``merged``: its only text goes across all columns."""

    cells: tuple[str, ...]
    bold: bool = False
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Annex:
    """An appendix: a page of its own that lies, with one table; widths in millimetres, together at most LYING_WIDTH."""

    label: str
    title: str
    reference: str
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    centred: tuple[int, ...]
    rows: tuple[Row, ...]

    @property
    def head(self) -> int:
        """The column a row is known by: the widest."""
        return self.widths.index(max(self.widths))


@dataclass(frozen=True, slots=True)
class Paper:
    """A draft, element by element. ``subject``: ô 5b of a letter; ``kind`` and ``about``: ô 5a of every other document."""

    #: Without an ending.
    name: str
    category: str
    superior: str | None
    issuer: tuple[str, ...]
    number: str
    subject: str
    kind: str
    about: tuple[str, ...]
    place_and_day: str
    addressees: tuple[str, ...]
    body: tuple[Paragraph, ...]
    recipients: tuple[str, ...]
    signature: tuple[str, ...]
    annexes: tuple[Annex, ...]

    @property
    def title(self) -> str:
        """What the file calls itself."""
        return self.subject or " ".join((self.kind, *self.about))


def plain(text: str, *, italic: bool = False, bold: bool = False, keep: bool = False) -> Paragraph:
    """A paragraph in one weight."""
    return Paragraph((Span(text, bold),), italic, keep)


def of_letter(letter: Letter) -> Paper:
    """A chasing letter as a paper: its one appendix lists the late tasks by unit."""
    rows = [row for group in letter.groups for row in (Row((group.heading,), bold=True, merged=True), *(Row(line) for line in group.lines))]
    annex = Annex(
        "Phụ lục", letter.appendix_title, letter.appendix_reference, APPENDIX_COLUMNS, _LATE_WIDTHS, _LATE_CENTRED, tuple(rows)
    )  # fmt: skip
    return Paper(
        name=letter.file_name.removesuffix(".docx"),
        category="Công văn",
        superior=letter.superior,
        issuer=letter.issuer,
        number=letter.number,
        subject=letter.subject,
        kind="",
        about=(),
        place_and_day=letter.place_and_day,
        addressees=letter.addressees,
        body=(*(plain(line, italic=True) for line in letter.grounds), *(plain(line) for line in letter.body)),
        recipients=letter.recipients,
        signature=letter.signature,
        annexes=(annex,),
    )


#: (title, columns, their widths, which of them are centred, rows) of an appendix that has no label yet.
Table = tuple[str, tuple[str, ...], tuple[int, ...], tuple[int, ...], tuple[Row, ...]]


@dataclass(frozen=True, slots=True)
class Draft:
    """What differs between kinds of named documents; ``made`` adds what the issuer decides."""

    name: str
    kind: str
    abbreviation: str
    about: str
    addressees: tuple[str, ...]
    body: tuple[Paragraph, ...]
    recipients: tuple[str, ...]
    tables: tuple[Table, ...]


def made(draft: Draft, issuer: Issuer, day: date) -> Paper:
    """A named document of an issuer (Phụ lục III: TB, BC). Number and day stay blank: they are the registry clerk's (Điều 15)."""
    superior, lines = letterhead(issuer)
    organ, _dash, drafter = symbol(issuer).partition("-")
    mark = f"{draft.abbreviation}-{organ}"
    return Paper(
        name=draft.name,
        category=draft.kind,
        superior=superior,
        issuer=lines,
        number=f"Số:{BLANK}/{mark}",
        subject="",
        kind=draft.kind.upper(),
        about=(draft.about,),
        place_and_day=place_and_day(issuer, day),
        addressees=draft.addressees,
        body=draft.body,
        recipients=(*(f"- {line};" for line in draft.recipients), f"- Lưu: VT{f', {drafter}' if drafter else ''}."),
        signature=signature(issuer, Signer.DEPUTY),
        annexes=_annexes(draft, f"{draft.kind} số{BLANK}/{mark}", issuer),
    )


def _annexes(draft: Draft, document: str, issuer: Issuer) -> tuple[Annex, ...]:
    """One appendix has no number; several have Roman ones."""
    reference = f"(Kèm theo {document} ngày{BLANK_DAY}tháng{BLANK_DAY}năm{BLANK}của {in_full(issuer.name)})"
    several = len(draft.tables) > 1
    return tuple(
        Annex(f"Phụ lục {roman(place)}" if several else "Phụ lục", title.upper(), reference, columns, widths, centred, rows)
        for place, (title, columns, widths, centred, rows) in enumerate(draft.tables, 1)
    )


def leaders(issuer: Issuer) -> str:
    """«Chủ tịch, các Phó Chủ tịch UBND huyện Thử»; of an office «Lãnh đạo Văn phòng …»."""
    own = in_short(issuer.name)
    return f"Chủ tịch, các Phó Chủ tịch {own}" if own.startswith("UBND") else f"Lãnh đạo {own}"
