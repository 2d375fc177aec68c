"""The leaders' page on one sheet of paper, A4 lying, black on white: every word is measured and set at a place worked out here.

What does not fit is said to be left out («Còn n việc nữa»), never cut off; a long name takes two lines, then smaller letters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from tracker.dashboard.trend_rules import Trend
from tracker.documents.paper_rules import Span
from tracker.documents.pdf_sheet import Line, Pen, tall

#: Of the lying sheet, and its margin on every side, in millimetres.
WIDTH, HEIGHT, MARGIN = 297.0, 210.0, 10.0
#: The left part (units, dates) and the right part (decisions, comparison).
_LEFT, _GAP = 186.0, 7.0
_RIGHT_X = MARGIN + _LEFT + _GAP
_RIGHT = WIDTH - MARGIN - _RIGHT_X
#: Where the three bands of the sheet begin and end.
_TOP, _FIGURES, _MIDDLE, _BOTTOM, _END = MARGIN, 26.0, 50.0, 157.0, HEIGHT - MARGIN
#: Greys of the parts of the whole and of the four steps of a cell: dark letters on the light, white on the dark.
_PART_GREYS = (90, 150, 195, 20, 225, 245)
_STEP_GREYS = {1: 225, 2: 190, 3: 110, 4: 40}
_WHITE_FROM = 120
#: The smallest letters a long name is set in, in points.
_SMALLEST = 6.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A large number, what it counts, and a note."""

    value: str
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of all tasks."""

    value: int
    value_text: str
    label: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A unit under a main indicator: what is printed («»: all is there, a tick), and how dark (0: nothing late, 1 to 4)."""

    text: str
    step: int


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit: its number as a bar, its late tasks, its cells in the order of the columns (None: has no part in it)."""

    name: str
    value: float
    value_text: str
    late: str
    cells: tuple[Cell | None, ...]
    bold: bool


@dataclass(frozen=True, slots=True)
class OnePage:
    """All that is printed, in words."""

    authority: str
    title: str
    scope: str
    at: str
    figures: tuple[Figure, ...]
    parts: tuple[Part, ...]
    parts_label: str
    units_title: str
    units_head: tuple[str, str, str]
    columns: tuple[tuple[str, str], ...]
    units: tuple[UnitLine, ...]
    units_foot: str
    cells_note: str
    decisions_title: str
    decisions: tuple[tuple[str, str, str], ...]
    decisions_none: str
    #: «Còn n việc nữa».
    more: Callable[[int], str]
    ahead_title: str
    ahead: tuple[tuple[str, str], ...]
    ahead_none: str
    trend_title: str
    trend: tuple[str, ...]
    #: Which line is which.
    curves_note: str
    curves: Trend | None
    today: date


def as_pdf(page: OnePage, at: datetime) -> bytes:
    """The sheet. ``at``: the moment the file says it was made. Raises Refused without a font."""
    pen = _Pen()
    pen.begin(f"{page.title}, {page.scope}", page.authority, page.at, at)
    pen.out.add_page(orientation="L")
    _head(pen, page)
    _figures(pen, page)
    _units(pen, page)
    _decisions(pen, page)
    _ahead(pen, page)
    _trend(pen, page)
    return pen.bytes()


class _Pen(Pen):
    """Words and boxes of a sheet where everything has its room."""

    def fitted(self, text: str, size: float, width: float, *, bold: bool = False, lines: int = 1) -> tuple[list[Line], float]:
        """The text on at most so many lines, in smaller letters where it needs them; at the smallest its end gives way to «…»."""
        spans = (Span(text, bold),)
        while True:
            found = self.wrap(spans, size, width)
            if len(found) <= lines:
                return found, size
            if size <= _SMALLEST:
                break
            size -= 0.5
        words = text
        while len(found) > lines and " " in words:
            words = words.rsplit(" ", 1)[0]
            found = self.wrap((Span(f"{words}…", bold),), size, width)
        return found[:lines], size

    def words(self, text: str, size: float, x: float, y: float, width: float, *, bold: bool = False, lines: int = 1, to: str = "left") -> float:
        """Sets a text in a room from its top; returns where it ends."""
        found, size = self.fitted(text, size, width, bold=bold, lines=lines)
        for line in found:
            free = width - self.long(line, size)
            self.put(line, size, x + (free if to == "right" else free / 2 if to == "middle" else 0), y)
            y += tall(size)
        return y

    def box(self, grey: int, x: float, y: float, width: float, height: float, *, edge: bool = False) -> None:
        """A filled box; with an edge where its grey is nearly that of the paper."""
        self.out.set_fill_color(grey)
        self.out.set_draw_color(120)
        self.out.set_line_width(0.15)
        self.out.rect(x, y, width, height, style="DF" if edge else "F")

    def rule(self, x: float, y: float, width: float, *, grey: int = 0, thick: float = 0.25) -> None:
        self.out.set_draw_color(grey)
        self.out.set_line_width(thick)
        self.out.line(x, y, x + width, y)

    def tick(self, x: float, y: float) -> None:
        """A tick around a place: no font for documents has one."""
        self.out.set_draw_color(0)
        self.out.set_line_width(0.3)
        self.out.line(x - 1.1, y, x - 0.3, y + 0.9)
        self.out.line(x - 0.3, y + 0.9, x + 1.3, y - 1.1)

    def ink(self, grey: int) -> None:
        self.out.set_text_color(grey)


def _head(pen: _Pen, page: OnePage) -> None:
    whole = WIDTH - 2 * MARGIN
    pen.words(page.authority, 10, MARGIN, _TOP, whole * 0.55, bold=True)
    pen.words(page.at, 9, MARGIN + whole * 0.55, _TOP + 0.3, whole * 0.45, to="right")
    pen.words(f"{page.title}: {page.scope}", 14, MARGIN, _TOP + 5, whole, bold=True)
    pen.rule(MARGIN, _TOP + 12.5, whole, thick=0.4)


def _figures(pen: _Pen, page: OnePage) -> None:
    x = MARGIN
    for figure in page.figures:
        long = pen.measure(figure.value, "B", 30)
        pen.words(figure.value, 30, x, _FIGURES - 2, long + 1, bold=True)
        pen.words(figure.label, 11, x + long + 3, _FIGURES + 0.6, 40, bold=True)
        pen.words(figure.note, 9, x + long + 3, _FIGURES + 5.6, 40)
        x += long + 46
    _parts(pen, page, x, WIDTH - MARGIN - x)


def _parts(pen: _Pen, page: OnePage, x: float, width: float) -> None:
    """All tasks as one bar, with each part's number and word under it."""
    whole = sum(part.value for part in page.parts) or 1
    at = x
    for part, grey in zip(page.parts, _PART_GREYS, strict=True):
        long = width * part.value / whole
        if long:
            pen.box(grey, at, _FIGURES, long, 4.5, edge=True)
        at += long
    pen.words(page.parts_label, 8, x, _FIGURES + 5.2, width)
    at, y = x, _FIGURES + 9.6
    for part, grey in zip(page.parts, _PART_GREYS, strict=True):
        if not part.value:
            continue
        text = f"{part.value_text} {part.label}"
        long = 3.5 + pen.measure(text, "", 8.5) + 4
        if at + long > x + width + 4 and at > x:
            at, y = x, y + 4.4
        pen.box(grey, at, y + 0.6, 2.4, 2.4, edge=True)
        pen.words(text, 8.5, at + 3.5, y, width)
        at += long


def _units(pen: _Pen, page: OnePage) -> None:
    """Units by what is at risk, their bars and their cells on one row, so that one reads across."""
    y = _title(pen, page.units_title, MARGIN, _MIDDLE, _LEFT)
    name, bar, late = 50.0, 34.0, 13.0
    each = min((_LEFT - name - bar - late) / max(len(page.columns), 1), 14.0)
    head = y
    for place, (code, label) in enumerate(page.columns):
        x = MARGIN + name + bar + late + place * each
        pen.words(code, 8, x, head, each - 0.5, bold=True, to="middle")
        if each >= 8:
            pen.words(label, 7, x, head + 3.2, each - 0.5, lines=2, to="middle")
    for text, x, width, to in (
        (page.units_head[0], MARGIN, name, "left"),
        (page.units_head[1], MARGIN + name, bar, "left"),
        (page.units_head[2], MARGIN + name + bar, late - 2, "right"),
    ):
        pen.words(text, 8, x, head + 6, width, to=to)
    y = head + 10.2
    pen.rule(MARGIN, y, _LEFT)
    room = (_BOTTOM - 8 - y) / max(len(page.units), 10)
    most = max((unit.value for unit in page.units), default=0) or 1
    for unit in page.units:
        _unit(pen, unit, y, room, (name, bar, late, each), most)
        y += room
        pen.rule(MARGIN, y, _LEFT, grey=200, thick=0.1)
    pen.words(" ".join(f"{part.rstrip('.')}." for part in (page.units_foot, page.cells_note) if part), 8.5, MARGIN, y + 1, _LEFT)


def _unit(pen: _Pen, unit: UnitLine, y: float, room: float, widths: tuple[float, float, float, float], most: float) -> None:
    name, bar, late, each = widths
    lines, size = pen.fitted(unit.name, 9, name - 2, bold=unit.bold, lines=2)
    top = y + (room - len(lines) * tall(size)) / 2
    for line in lines:
        pen.put(line, size, MARGIN, top)
        top += tall(size)
    middle = y + (room - tall(9)) / 2
    long = (bar - 16) * unit.value / most
    if long:
        pen.box(60, MARGIN + name, y + room / 2 - 1.4, max(long, 0.4), 2.8)
    pen.words(unit.value_text, 9, MARGIN + name + long + (1.5 if long else 0), middle, 14)
    pen.words(unit.late, 9, MARGIN + name + bar, middle, late - 2, to="right")
    for place, cell in enumerate(unit.cells):
        x = MARGIN + name + bar + late + place * each
        if cell is None:
            pen.words("·", 8, x, middle, each, to="middle")
            continue
        if not cell.text:
            pen.tick(x + each / 2, y + room / 2)
            continue
        grey = _STEP_GREYS.get(cell.step)
        if grey is not None:
            pen.box(grey, x + 0.4, y + 0.7, each - 0.8, room - 1.4)
            pen.ink(255 if grey < _WHITE_FROM else 0)
        pen.words(cell.text, 8.5, x, middle, each, bold=bool(cell.step), to="middle")
        pen.ink(0)


def _decisions(pen: _Pen, page: OnePage) -> None:
    """As many as there is room for, then how many more."""
    y = _title(pen, page.decisions_title, _RIGHT_X, _MIDDLE, _RIGHT)
    if not page.decisions:
        pen.words(page.decisions_none, 9.5, _RIGHT_X, y + 1, _RIGHT, lines=2)
    for place, (kind, title, what) in enumerate(page.decisions):
        rows = [(kind, 8.0, False, 1), (title, 9.5, True, 2), (what, 9.0, False, 2)]
        high = sum(len(found) * tall(size) for found, size in (pen.fitted(t, s, _RIGHT, bold=b, lines=n) for t, s, b, n in rows))
        last = place == len(page.decisions) - 1
        if y + high + (0 if last else 5) > _BOTTOM:
            pen.words(page.more(len(page.decisions) - place), 9, _RIGHT_X, y + 0.6, _RIGHT, bold=True)
            return
        for text, size, bold, lines in rows:
            y = pen.words(text, size, _RIGHT_X, y, _RIGHT, bold=bold, lines=lines)
        pen.rule(_RIGHT_X, y + 0.9, _RIGHT, grey=200, thick=0.1)
        y += 1.8


def _ahead(pen: _Pen, page: OnePage) -> None:
    y = _title(pen, page.ahead_title, MARGIN, _BOTTOM + 2, _LEFT)
    if not page.ahead:
        pen.words(page.ahead_none, 9.5, MARGIN, y, _LEFT)
    for place, (day, words) in enumerate(page.ahead):
        lines = len(pen.fitted(words, 9.5, _LEFT - 42, lines=2)[0])
        more = len(page.ahead) - place
        if y + lines * tall(9.5) + (tall(9) if more > 1 else 0) > _END:
            pen.words(page.more(more), 9, MARGIN, y, _LEFT)
            return
        pen.words(day, 9.5, MARGIN, y, 40, bold=True)
        y = pen.words(words, 9.5, MARGIN + 42, y, _LEFT - 42, lines=2) + 0.6


def _trend(pen: _Pen, page: OnePage) -> None:
    y = _title(pen, page.trend_title, _RIGHT_X, _BOTTOM + 2, _RIGHT)
    for sentence in page.trend:
        y = pen.words(sentence, 9, _RIGHT_X, y, _RIGHT, lines=2)
    if page.curves is not None and _END - y > 17:
        y = pen.words(page.curves_note, 7, _RIGHT_X, y + 0.5, _RIGHT)
        _curves(pen, page.curves, page.today, y + 2)


def _curves(pen: _Pen, trend: Trend, today: date, top: float) -> None:
    """This round in black, the former one dashed; the last day dotted, today a line."""
    left, right, foot = _RIGHT_X + 8, _RIGHT_X + _RIGHT - 2, _END - 4
    days = max((trend.end - trend.start).days, 1)

    def x(day: date) -> float:
        return left + (right - left) * (day - trend.start).days / days

    def at(share: float) -> float:
        return foot - (foot - top) * share / 100

    for share in (0, 50, 100):
        pen.rule(left, at(share), right - left, grey=190, thick=0.1)
        pen.words(f"{share}%", 6.5, _RIGHT_X, at(share) - 1.4, 7, to="right")
    pen.words(f"{trend.start:%d/%m}", 6.5, left, foot + 0.6, 12)
    pen.words(f"{trend.end:%d/%m}", 6.5, right - 12, foot + 0.6, 12, to="right")
    pen.out.set_draw_color(0)
    for day, dashes in ((trend.last_on, (0.5, 0.7)), (today, (0, 0))):
        if trend.start <= day <= trend.end:
            pen.out.set_line_width(0.2)
            pen.out.set_dash_pattern(*dashes)
            pen.out.line(x(day), top, x(day), foot)
    for points, thick, dashes in ((trend.before, 0.25, (1.2, 0.9)), (trend.now, 0.6, (0, 0))):
        pen.out.set_line_width(thick)
        pen.out.set_dash_pattern(*dashes)
        _line(pen, [(x(day), at(share)) for day, share in points])
    pen.out.set_dash_pattern()


def _line(pen: _Pen, points: Sequence[tuple[float, float]]) -> None:
    for (x1, y1), (x2, y2) in pairwise(points):
        pen.out.line(x1, y1, x2, y2)


def _title(pen: _Pen, text: str, x: float, y: float, width: float) -> float:
    end = pen.words(text, 10.5, x, y, width, bold=True)
    pen.rule(x, end + 0.4, width, thick=0.25)
    return end + 1.8
