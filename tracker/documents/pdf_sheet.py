"""Pages of a PDF on which words are put at places: fonts, lines, and what may stand on a page together. What is put there: letter_pdf.py."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from tracker.documents.letter_writing import BODY, MARGINS, NUMBER_FROM_TOP, PAPER
from tracker.documents.paper_rules import Paper, Span
from tracker.kernel.errors import Refused

#: Regular, bold, italic, bold italic. The first family that is there is embedded; all but the last have the widths of Times New Roman.
_FAMILIES = (
    ("Times_New_Roman.ttf", "Times_New_Roman_Bold.ttf", "Times_New_Roman_Italic.ttf", "Times_New_Roman_Bold_Italic.ttf"),
    ("LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf", "LiberationSerif-Italic.ttf", "LiberationSerif-BoldItalic.ttf"),
    ("Tinos-Regular.ttf", "Tinos-Bold.ttf", "Tinos-Italic.ttf", "Tinos-BoldItalic.ttf"),
    ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSerif-Italic.ttf", "DejaVuSerif-BoldItalic.ttf"),
)
_STYLES = ("", "B", "I", "BI")
_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
#: Every Vietnamese letter with two marks, or a mark below, is in a font that has these.
_LETTERS = "ăâđêôơưẶẬĐỆỘỢỰặậệộợựỷỹỳỵ"
#: Millimetres in a point.
POINT = 25.4 / 72
#: Of Times New Roman, as parts of its size: single spacing, and from the top of a line to its feet.
_LEADING, _ASCENT = 1.149, 0.891
GAP = 6 * POINT


@lru_cache(maxsize=1)
def fonts() -> tuple[Path, ...]:
    """The four files of the first family at hand that can write Vietnamese. Raises Refused where a machine has none: see docs/deploy.md."""
    for names in _FAMILIES:
        folders = sorted({path.parent for root in _FOLDERS for path in root.rglob(names[0])}, reverse=True)
        for files in (tuple(folder / name for name in names) for folder in folders):
            if all(path.is_file() and _writes_vietnamese(path) for path in files):
                return files
    raise Refused("Máy chủ chưa có phông chữ để viết PDF; quản trị cài gói fonts-liberation2, hoặc đồng chí tải bản Word.")


def _writes_vietnamese(path: Path) -> bool:
    """Liberation 1 has the widths of Times and not the letters."""
    with import_module("fontTools.ttLib").TTFont(path, lazy=True) as font:
        known = font.getBestCmap()
    return all(ord(letter) in known for letter in _LETTERS)


@dataclass(frozen=True, slots=True)
class Token:
    """A word with the spaces after it, in its weight."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Line:
    """Words that fit side by side; the last of a paragraph is not stretched."""

    tokens: tuple[Token, ...]
    last: bool


@dataclass(slots=True)
class Block:
    """What no page break may divide: its height, the space wanted above it, and how it is drawn at a height of the page."""

    height: float
    draw: Callable[[float], None]
    above: float = 0
    keep: bool = False


@dataclass(slots=True)
class Pen:
    """Puts words of the embedded family at places of a page (millimetres from its left and its top), without a page yet."""

    out: Any = field(init=False)
    widths: dict[tuple[str, str, float], float] = field(init=False, default_factory=dict)

    def begin(self, title: str, author: str, subject: str, at: datetime) -> None:
        """What the file says of itself; ``at``: the moment it says it was made. Raises Refused without a font."""
        # Slow to load: only who writes a PDF waits for it.
        self.out = import_module("fpdf").FPDF(unit="mm", format="A4")
        self.out.set_auto_page_break(False)
        for style, path in zip(_STYLES, fonts(), strict=True):
            self.out.add_font("roman", style, str(path))
        self.out.set_title(title)
        self.out.set_author(author)
        self.out.set_subject(subject)
        self.out.set_lang("vi-VN")
        self.out.set_creation_date(at)
        self.out.set_line_width(0.75 * POINT)

    def measure(self, text: str, style: str, size: float) -> float:
        key = (text, style, size)
        if key not in self.widths:
            self.out.set_font("roman", style, size)
            self.widths[key] = self.out.get_string_width(text)
        return self.widths[key]

    def wrap(self, spans: Iterable[Span], size: float, width: float, *, italic: bool = False, first: float = 0) -> list[Line]:
        """Words into lines; the first line is shorter by ``first``. A word longer than a line is cut."""
        lines: list[Line] = []
        row: list[Token] = []
        used = first
        for token in self._tokens(spans, size, width, "I" if italic else ""):
            if row and used + self.measure(token.text.rstrip(" "), token.style, size) > width + 0.01:
                lines.append(Line(tuple(row), last=False))
                row, used = [], 0
            row.append(token)
            used += self.measure(token.text, token.style, size)
        return [*lines, Line(tuple(row), last=True)]

    def _tokens(self, spans: Iterable[Span], size: float, width: float, slant: str) -> Iterable[Token]:
        for span in spans:
            style = f"B{slant}" if span.bold else slant
            for text in re.findall(r"[^ ]+ *| +", _printable(span.text)):
                rest = text
                while self.measure(rest.rstrip(" "), style, size) > width and len(rest) > 1:
                    cut = next((n for n in range(len(rest) - 1, 1, -1) if self.measure(rest[:n], style, size) <= width), 1)
                    yield Token(rest[:cut], style)
                    rest = rest[cut:]
                yield Token(rest, style)

    def long(self, line: Line, size: float) -> float:
        """How long a line is without the spaces at its end."""
        whole = sum(self.measure(token.text, token.style, size) for token in line.tokens)
        if not line.tokens:
            return 0
        end = line.tokens[-1]
        return whole - self.measure(end.text, end.style, size) + self.measure(end.text.rstrip(" "), end.style, size)

    def put(self, line: Line, size: float, x: float, y: float, *, room: float | None = None) -> None:
        """A line with its top at ``y``; stretched to ``room`` where that is given and it is not the last."""
        tokens = line.tokens
        between = (room - self.long(line, size)) / (len(tokens) - 1) if room is not None and not line.last and len(tokens) > 1 else 0
        feet = y + _ASCENT * size * POINT
        for token in tokens:
            self.out.set_font("roman", token.style, size)
            self.out.text(x, feet, token.text)
            x += self.measure(token.text, token.style, size) + between

    def centred(self, text: str, size: float, style: str, x: float, width: float, y: float) -> float:
        """Text in the middle between ``x`` and ``x + width``, on as many lines as it needs. Returns where it ends."""
        for line in self.wrap((Span(text, "B" in style),), size, width, italic="I" in style):
            self.put(line, size, x + (width - self.long(line, size)) / 2, y)
            y += tall(size)
        return y

    def ruled(self, length: float, x: float, width: float, y: float) -> float:
        """A line in the middle, three points below ``y``."""
        y += 3 * POINT
        self.out.line(x + (width - length) / 2, y, x + (width + length) / 2, y)
        return y

    def bytes(self) -> bytes:
        return bytes(self.out.output())


@dataclass(slots=True)
class Sheet(Pen):
    """The pages of a document written so far, and where on the page the next line begins (millimetres from the top)."""

    paper: Paper
    at: datetime
    y: float = field(init=False, default=0)
    section_page: int = field(init=False, default=0)
    lying: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.begin(self.paper.title, " ".join(self.paper.issuer), "Dự thảo", self.at)
        self.section(lying=False)

    @property
    def bottom(self) -> float:
        return PAPER[0 if self.lying else 1] - MARGINS[2]

    @property
    def width(self) -> float:
        return PAPER[1 if self.lying else 0] - MARGINS[1] - MARGINS[3]

    def section(self, *, lying: bool) -> None:
        """A new page with numbers of its own; the first has none."""
        self.lying, self.section_page = lying, 0
        self.page()

    def page(self) -> None:
        self.out.add_page(orientation="L" if self.lying else "P")
        self.section_page += 1
        self.y = MARGINS[0]
        if self.section_page > 1:
            self.centred(str(self.section_page), BODY, "", MARGINS[3], self.width, NUMBER_FROM_TOP)

    def flow(self, blocks: Sequence[Block]) -> None:
        """Sets blocks one below the other; what is kept with the next goes to its page."""
        place = 0
        while place < len(blocks):
            end = place
            while blocks[end].keep and end + 1 < len(blocks):
                end += 1
            held = blocks[place : end + 1]
            needed = sum(block.above + block.height for block in held)
            if self.y + needed > self.bottom + 0.01 and self.y > MARGINS[0]:
                self.page()
            for block in held:
                self.y += block.above if self.y > MARGINS[0] else 0
                block.draw(self.y)
                self.y += block.height
            place = end + 1


def tall(size: float) -> float:
    """How high a line is in single spacing, in millimetres."""
    return _LEADING * size * POINT


def _printable(text: str) -> str:
    """On one line, whatever it held: a line end or a sign of control is a space."""
    return "".join(" " if unicodedata.category(c).startswith("C") else c for c in unicodedata.normalize("NFC", text))
