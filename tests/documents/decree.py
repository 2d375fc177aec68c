"""A letter's pages measured against Nghị định 30/2020/NĐ-CP, Phụ lục I, whoever set them: us in PDF, or an office programme from our Word file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tests.documents.test_letter_pdf import POINT, Mark, Sheet, look, middle

#: Millimetres a measure may be off: programmes round to twentieths of a point, and letters have bearings.
OFF = 0.6
TOP, BOTTOM, LEFT, RIGHT = (20, 25), (20, 25), (30, 35), (15, 20)
#: Ô 2 and ô 3 stand left, ô 1 and ô 4 right: columns of 66 and 99 millimetres.
OF_ORGAN, OF_COUNTRY, OF_SIGNATURE = 30 + 66 / 2, 30 + 66 + 99 / 2, 30 + 75 + 90 / 2
#: Times New Roman and the fonts of its widths that stand in for it.
TIMES = re.compile(r"(\w+\+)?(TimesNewRoman|LiberationSerif|Tinos)")

#: Beginning of an element → smallest and largest size, bold, italic, where its middle is (None: not centred).
ELEMENTS: dict[str, tuple[float, float, bool, bool, float | None]] = {
    "CỘNG HÒA XÃ HỘI": (12, 13, True, False, OF_COUNTRY),
    "Độc lập - Tự do": (13, 14, True, False, OF_COUNTRY),
    "ỦY BAN NHÂN DÂN": (12, 13, True, False, OF_ORGAN),
    "Số:": (13, 13, False, False, OF_ORGAN),
    "V/v": (12, 13, False, False, OF_ORGAN),
    "Thử, ngày": (13, 14, False, True, OF_COUNTRY),
    "Kính gửi": (13, 14, False, False, None),
    "Căn cứ": (13, 14, False, True, None),
    "Nơi nhận:": (12, 12, True, True, None),
    "- Như trên;": (11, 11, False, False, None),
    "TM. ỦY BAN": (13, 14, True, False, OF_SIGNATURE),
    "KT. CHỦ TỊCH": (13, 14, True, False, OF_SIGNATURE),
    "PHÓ CHỦ TỊCH": (13, 14, True, False, OF_SIGNATURE),
}


def faults(pages: Sequence[Sheet]) -> list[str]:
    """What is not as the decree has it, in words; the first page stands, an appendix lies."""
    standing = [page for page in pages if page.height > page.width]
    lying = [page for page in pages if page.width > page.height]
    return [
        *_paper(pages),
        *_elements(standing),
        *_places(standing),
        *_lines(standing[0]),
        *_body(standing[0]),
        *_numbers(standing),
        *_appendix(lying),
    ]


def _of(pages: Sequence[Sheet], start: str) -> list[Mark]:
    """The line on the page that has it: what ends a letter may stand on a later one."""
    for page in pages:
        if start.replace(" ", "") in "".join(mark.text for mark in page.marks):
            return page.line(start)
    raise AssertionError(f"“{start}” is nowhere")


def _text(page: Sheet) -> list[Mark]:
    """Without the page number in the top margin."""
    return [mark for mark in page.marks if mark.feet > TOP[0]]


def _paper(pages: Sequence[Sheet]) -> Iterator[str]:
    for number, page in enumerate(pages, 1):
        if sorted((round(page.width), round(page.height))) != [210, 297]:
            yield f"page {number}: {page.width:.0f} × {page.height:.0f} mm is not A4"
        if odd := {mark.font for mark in page.marks if not TIMES.match(mark.font)}:
            yield f"page {number}: set in {sorted(odd)}"
        text = _text(page)
        edges = {
            "left": (min(mark.left for mark in text), LEFT),
            "right": (page.width - max(mark.right for mark in text), RIGHT),
            # From the top of the first letters; nothing says how full the last page is.
            "top": (min(mark.feet - mark.size * 0.891 * POINT for mark in text), TOP),
        }
        for side, (margin, (least, most)) in edges.items():
            if not least - OFF <= margin <= most + OFF:
                yield f"page {number}: {margin:.1f} mm on the {side}"
        if page.height - max(mark.feet for mark in text) < BOTTOM[0] - OFF:
            yield f"page {number}: text in the lower margin"


def _elements(pages: Sequence[Sheet]) -> Iterator[str]:
    for start, (least, most, bold, italic, centre) in ELEMENTS.items():
        marks = _of(pages, start)
        size, *style = look(marks)
        if not least <= size <= most or style != [bold, italic]:
            yield f"“{start}” in {size} points, bold {style[0]}, italic {style[1]}"
        if centre is not None and abs(middle(marks) - centre) > 1:
            yield f"“{start}” has its middle at {middle(marks):.1f} mm, not {centre:.1f}"


def _places(pages: Sequence[Sheet]) -> Iterator[str]:
    feet = {start: _of(pages, start)[0].feet for start in ELEMENTS}
    level: tuple[tuple[str, str], ...] = (("ỦY BAN NHÂN DÂN", "CỘNG HÒA XÃ HỘI"), ("Số:", "Thử, ngày"), ("Nơi nhận:", "TM. ỦY BAN"))
    for one, other in level:
        if abs(feet[one] - feet[other]) > 1:
            yield f"“{one}” and “{other}” do not stand on one line"
    below: tuple[tuple[str, str, float], ...] = (
        ("CỘNG HÒA XÃ HỘI", "Độc lập - Tự do", 13 * POINT),
        ("ỦY BAN NHÂN DÂN", "Số:", 13 * POINT),
        ("Số:", "V/v", (12 + 6) * POINT),
        ("V/v", "Kính gửi", 14 * POINT),
        ("Kính gửi", "Căn cứ", 14 * POINT),
        ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", 13 * POINT),
    )
    for above, under, least in below:
        if feet[under] - feet[above] < least - 0.1:
            yield f"“{under}” stands {feet[under] - feet[above]:.1f} mm below “{above}”"
    colon = next(mark for mark in _of(pages, "Kính gửi") if mark.text == ":")
    dash = _of(pages, "- Phòng")[0]
    if 1 < dash.feet - colon.feet < 15 and abs(dash.left - colon.left) > OFF:
        yield "the dashes do not stand under the colon"


def _lines(page: Sheet) -> Iterator[str]:
    """Under ô 1 as long as the words, under ô 2 a third to a half of its longest line; each alone, in the middle, close below."""
    motto, last = page.line("Độc lập - Tự do"), page.line("HUYỆN THỬ")
    longest = max(_width(page.line("ỦY BAN NHÂN DÂN")), _width(last))
    for words, least, most, centre in (
        (motto, _width(motto) * 0.97, _width(motto) * 1.03, OF_COUNTRY),
        (last, longest / 3 - 0.3, longest / 2 + 0.3, OF_ORGAN),
    ):
        name = "".join(mark.text for mark in words)[:12]
        # LibreOffice draws each twice, at the same place.
        strokes = {(round(left, 1), round(length, 1), round(down, 1)) for left, length, down in page.strokes()}
        under = [one for one in strokes if 0 < one[2] - words[0].feet < 4 and abs(one[0] + one[1] / 2 - centre) < 1]
        if len(under) != 1:
            yield f"{len(under)} lines under “{name}”"
        elif not least <= under[0][1] <= most:
            yield f"the line under “{name}” is {under[0][1]:.1f} mm long, not {least:.1f} to {most:.1f}"


def _width(marks: Sequence[Mark]) -> float:
    return marks[-1].right - marks[0].left


def _body(page: Sheet) -> Iterator[str]:
    first = page.line("Thực hiện")
    if not LEFT[0] + 10 - OFF <= first[0].left <= LEFT[0] + 12.7 + OFF:
        yield f"the first line of a paragraph begins at {first[0].left - LEFT[0]:.1f} mm"
    if not RIGHT[0] - OFF <= page.width - first[-1].right <= RIGHT[1] + OFF:
        yield "the body is not justified"
    if not 13 <= look(first)[0] <= 14:
        yield f"the body is set in {look(first)[0]} points"
    upright = [mark for mark in _text(page) if look([mark]) == look(first)]
    feet = sorted({round(mark.feet, 1) for mark in upright if mark.feet >= first[0].feet - 0.1})
    steps = [after - before for before, after in pairwise(feet) if after - before > 1]
    single = look(first)[0] * 1.149 * POINT
    if not single - 0.1 <= min(steps) <= 1.5 * single + 0.1:
        yield f"lines are {min(steps):.2f} mm apart"
    between = page.line("1. Khẩn trương")[0].feet
    before = max(one for one in feet if one < between - 1)
    if between - before < min(steps) + 6 * POINT - 0.1:
        yield f"paragraphs are {between - before:.2f} mm apart"


def _numbers(pages: Sequence[Sheet]) -> Iterator[str]:
    """In the top margin, in its middle, 13 to 14 points upright; hidden on the first page of the letter and of an appendix."""
    for number, page in enumerate(pages, 1):
        above = [mark for mark in page.marks if mark.feet <= TOP[0]]
        shown, wanted = "".join(mark.text for mark in above), "" if number == 1 else str(number)
        if shown != wanted:
            yield f"“{shown}” above page {number}"
        elif above:
            size, bold, italic = look(above)
            if not 13 <= size <= 14 or bold or italic:
                yield f"the page number in {size} points, bold {bold}, italic {italic}"
            if abs(middle(above) - (LEFT[0] + page.width - RIGHT[0]) / 2) > 1:
                yield f"the page number stands at {middle(above):.1f} mm"


def _appendix(pages: Sequence[Sheet]) -> Iterator[str]:
    yield from _numbers(pages)
    centre = (LEFT[0] + pages[0].width - RIGHT[0]) / 2
    for start, wanted in (("Phụ lục", (14, True, False)), ("DANH SÁCH", (14, True, False)), ("(Kèm theo", (14, False, True))):
        marks = pages[0].line(start)
        if look(marks) != wanted or abs(middle(marks) - centre) > 1:
            yield f"“{start}” in {look(marks)} at {middle(marks):.1f} mm"
    for number, page in enumerate(pages, 1):
        if "STT" not in "".join(mark.text for mark in page.marks):
            yield f"page {number} of the appendix has no headings"
        elif look(page.line("STT")[:3]) != (13, True, False):
            yield f"the headings on page {number} of the appendix in {look(page.line('STT')[:3])}"
