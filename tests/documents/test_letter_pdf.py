"""Official documents as PDF, measured on the page: Nghị định 30/2020/NĐ-CP, Phụ lục I (paper, margins, fonts, sizes, places)."""

from __future__ import annotations

import ctypes
import dataclasses
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from tests.documents.test_letters import AT, case, unit
from tracker.documents import letter_pdf, letter_rules
from tracker.documents.letter_rules import Case
from tracker.documents.paper_rules import LYING_WIDTH, Paper, Row, Span, of_letter, plain

UNTIL = date(2026, 11, 25)
LETTERS = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
POINT = 25.4 / 72


@dataclass(frozen=True)
class Mark:
    """A letter on a page, in millimetres from the left and from the top; ``bottom`` is the feet of the line."""

    text: str
    font: str
    size: float
    weight: int
    left: float
    right: float
    feet: float


class Sheet:
    """One page, read back letter by letter."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self.width, self.height = (side * POINT for side in page.get_size())
        self.page = page
        text = page.get_textpage()
        self.words = text.get_text_range()
        self.marks = [mark for place in range(text.count_chars()) if (mark := self._mark(text, place)) is not None]

    def _mark(self, text: pypdfium2.PdfTextPage, place: int) -> Mark | None:
        letter = chr(pdfium.FPDFText_GetUnicode(text.raw, place))
        if letter.isspace():
            return None
        name, flags = ctypes.create_string_buffer(100), ctypes.c_int()
        pdfium.FPDFText_GetFontInfo(text.raw, place, name, 100, ctypes.byref(flags))
        edges = pdfium.FS_RECTF()
        pdfium.FPDFText_GetLooseCharBox(text.raw, place, edges)
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(text.raw, place, ctypes.byref(x), ctypes.byref(y))
        size = pdfium.FPDFText_GetFontSize(text.raw, place)
        return Mark(letter, name.value.decode(), size, 0, edges.left * POINT, edges.right * POINT, self.height - y.value * POINT)

    def line(self, start: str) -> list[Mark]:
        """The letters of the line that begins so (spaces left out); marks of one line stand on the same feet, side by side."""
        wanted = start.replace(" ", "")
        joined = "".join(mark.text for mark in self.marks)
        place = joined.index(wanted)
        first = self.marks[place]
        found = []
        for mark in self.marks[place:]:
            if abs(mark.feet - first.feet) > 0.1 or mark.left < (found[-1].left if found else 0):
                break
            found.append(mark)
        return found

    def strokes(self) -> list[tuple[float, float, float]]:
        """(left, length, from the top) of the lines drawn across."""
        found = []
        for one in self.page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
            left, bottom, right, top = (edge * POINT for edge in one.get_bounds())
            if top - bottom < 1 < right - left:
                found.append((left, right - left, self.height - (top + bottom) / 2))
        return found


def sheets(paper: Paper) -> list[Sheet]:
    return [Sheet(page) for page in pypdfium2.PdfDocument(letter_pdf.as_pdf(paper, AT))]


def letter(given: Case | None = None) -> Paper:
    return of_letter(letter_rules.compose(given or case(), UNTIL))


def look(marks: list[Mark]) -> tuple[float, bool, bool]:
    """(size, bold, italic), the same in the whole line."""
    found = {(round(mark.size, 1), "Bold" in mark.font, "Italic" in mark.font) for mark in marks}
    assert len(found) == 1, ("".join(mark.text for mark in marks), found)
    return found.pop()


def middle(marks: list[Mark]) -> float:
    return (marks[0].left + marks[-1].right) / 2


def test_the_paper_and_its_margins_are_those_of_the_decree() -> None:
    first, appendix = sheets(letter())
    assert (round(first.width), round(first.height)) == (210, 297)
    assert (round(appendix.width), round(appendix.height)) == (297, 210)
    for sheet in (first, appendix):
        assert min(mark.left for mark in sheet.marks) >= 30 - 0.2
        assert max(mark.right for mark in sheet.marks) <= sheet.width - 15 + 0.2
        assert min(mark.feet for mark in sheet.marks) >= 20
        assert max(mark.feet for mark in sheet.marks) <= sheet.height - 20
    body = first.line("Thực hiện Thông báo")
    assert body[-1].right == pytest.approx(210 - 15, abs=0.3), "justified to the right margin"
    assert body[0].left == pytest.approx(30 + 12.7, abs=0.3), "1.27 cm on its first line"


def test_every_font_has_the_widths_of_times_and_is_embedded() -> None:
    data = letter_pdf.as_pdf(letter(), AT)
    names = {mark.font for page in pypdfium2.PdfDocument(data) for mark in Sheet(page).marks}
    assert names
    assert all(re.fullmatch(r"(MPDFAA\+)?(LiberationSerif|TimesNewRoman|Tinos)[\w,-]*", name) for name in names), names
    assert data.count(b"/FontFile2") == 4
    country = Sheet(pypdfium2.PdfDocument(data)[0]).line("CỘNG HÒA")
    assert country[-1].right - country[0].left == pytest.approx(95.7, abs=0.5)


def test_each_element_has_its_size_style_and_place() -> None:
    first, appendix = sheets(letter())
    left, right = 30 + 66 / 2, 30 + 66 + 99 / 2
    wanted = {
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM": (13, True, False, right),
        "Độc lập - Tự do - Hạnh phúc": (14, True, False, right),
        "ỦY BAN NHÂN DÂN": (13, True, False, left),
        "HUYỆN THỬ": (13, True, False, left),
        "Số:": (13, False, False, left),
        "V/v": (12, False, False, left),
        "Thử, ngày": (14, False, True, right),
        "TM. ỦY BAN": (14, True, False, 30 + 75 + 90 / 2),
        "KT. CHỦ TỊCH": (14, True, False, 30 + 75 + 90 / 2),
    }
    for start, (size, bold, italic, centre) in wanted.items():
        marks = first.line(start)
        assert look(marks) == (size, bold, italic), start
        assert middle(marks) == pytest.approx(centre, abs=0.8), start
    assert look(first.line("Nơi nhận:")) == (12, True, True)
    assert look(first.line("- Như trên;")) == (11, False, False)
    assert look(first.line("Căn cứ")) == (14, False, True)
    assert look(first.line("Khẩn trương")) == (14, False, False)
    for start, size, bold, italic in (("Phụ lục", 14, True, False), ("DANH SÁCH", 14, True, False), ("(Kèm theo", 14, False, True)):
        assert look(appendix.line(start)) == (size, bold, italic)
        assert middle(appendix.line(start)) == pytest.approx(30 + LYING_WIDTH / 2, abs=0.8)


def test_elements_stand_beside_and_below_each_other_as_in_the_diagram() -> None:
    (first, _appendix) = sheets(letter())
    feet = {start: first.line(start)[0].feet for start in ("ỦY BAN", "CỘNG HÒA", "Số:", "Thử,", "V/v", "Nơi nhận", "TM.", "PHÓ", "Kính gửi")}
    assert feet["ỦY BAN"] == pytest.approx(feet["CỘNG HÒA"], abs=0.1)
    assert feet["Số:"] == pytest.approx(feet["Thử,"], abs=0.6), "one line: 13 and 14 points"
    assert feet["V/v"] > feet["Số:"] + 6 * POINT
    assert feet["Nơi nhận"] == pytest.approx(feet["TM."], abs=1)
    colon = next(mark for mark in first.line("Kính gửi") if mark.text == ":")
    for start in ("- Phòng Nội vụ;", "- Phòng Tài chính"):
        assert first.line(start)[0].left == pytest.approx(colon.left, abs=0.4), "the dashes stand under the colon"


def test_the_lines_are_as_long_as_the_decree_says() -> None:
    first = sheets(letter())[0]
    organ, motto = sorted(first.strokes())
    words = first.line("Độc lập")
    assert motto[1] == pytest.approx(words[-1].right - words[0].left, abs=0.8)
    assert motto[2] > words[0].feet
    name = first.line("ỦY BAN NHÂN DÂN")
    assert (name[-1].right - name[0].left) / 3 <= organ[1] <= (name[-1].right - name[0].left) / 2
    assert organ[2] > first.line("HUYỆN THỬ")[0].feet
    assert organ[0] + organ[1] / 2 == pytest.approx(30 + 66 / 2, abs=0.3)


def test_the_lines_of_the_body_have_single_spacing_and_six_points_between_paragraphs() -> None:
    first = sheets(letter())[0]
    feet = sorted({round(mark.feet, 2) for mark in first.marks if look([mark]) == (14, False, False)})
    steps = [after - before for before, after in pairwise(feet)]
    assert min(steps) == pytest.approx(14 * 1.149 * POINT, abs=0.05)
    end, start = first.line("quan, đơn vị:")[0].feet, first.line("1. Khẩn trương")[0].feet
    assert start - end >= (14 * 1.149 + 6) * POINT - 0.05


def test_a_table_of_five_hundred_rows_repeats_its_headings_and_numbers_its_pages() -> None:
    pages = sheets(letter(case((unit("Phòng Nội vụ", *(f"1.{n}" for n in range(1, 501))),))))
    appendix = [page for page in pages if page.width > page.height]
    assert len(appendix) > 10
    joined = " ".join("".join(mark.text for mark in page.marks) for page in appendix)
    assert all(f"1.{n}Chỉsố1.{n}" in joined for n in range(1, 501))
    for number, page in enumerate(appendix, 1):
        heads = page.line("STT")
        assert look(heads[:3]) == (13, True, False)
        above = [mark for mark in page.marks if mark.feet < 20]
        assert "".join(mark.text for mark in above) == ("" if number == 1 else str(number)), "an appendix counts its own pages"
        if above:
            assert look(above) == (14, False, False)
            assert middle(above) == pytest.approx(30 + LYING_WIDTH / 2, abs=0.5)
        assert max(mark.feet for mark in page.marks) <= 190


def test_a_groups_heading_stays_with_the_row_below_it() -> None:
    """Also where its cells are not drawn into one, as in the assignment notice."""
    paper = letter(case((unit("Phòng A", "1.1"),)))
    cells = len(paper.annexes[0].columns)
    for before in range(20, 34):
        rows = tuple(Row(("x",) * cells) for _ in range(before))
        groups = (Row(("ZZ",) + ("",) * (cells - 1), bold=True), Row(("YY",) + ("x",) * (cells - 1)))
        annex = dataclasses.replace(paper.annexes[0], rows=rows + groups)
        document = pypdfium2.PdfDocument(letter_pdf.as_pdf(dataclasses.replace(paper, annexes=(annex,)), AT))
        words = [page.get_textpage().get_text_range() for page in document]
        assert [("ZZ" in one) == ("YY" in one) for one in words] == [True] * len(words), f"after {before} rows"


def test_a_long_letter_keeps_words_beside_the_signature() -> None:
    paper = letter()
    for count in range(1, 40):
        long = dataclasses.replace(paper, body=(*(plain("Nội dung " * 30) for _ in range(count)), plain("Hết phần nội dung " * 12 + "./.")))
        standing = [page for page in sheets(long) if page.height > page.width]
        last = standing[-1]
        signature = last.line("TM. ỦY BAN")[0].feet
        beside = {round(mark.feet, 1) for mark in last.marks if 20 <= mark.feet < signature - 2 and look([mark]) == (14, False, False)}
        assert len(beside) >= 2, f"{count} paragraphs: a signature never stands alone"
        assert last.line("PHÓ CHỦ TỊCH")[0].feet + 28 <= 297 - 20 + 0.5, "room for the signature"
        for number, page in enumerate(standing[1:], 2):
            assert "".join(mark.text for mark in page.marks if mark.feet < 20) == str(number)


def test_every_vietnamese_letter_can_be_read_back_in_every_weight() -> None:
    words = f"{LETTERS} {LETTERS.upper()} “–…” ½"
    body = (plain(words), plain(words, bold=True), plain(words, italic=True))
    (first, _) = sheets(dataclasses.replace(letter(), body=body))
    joined = unicodedata.normalize("NFC", "".join(mark.text for mark in first.marks))
    assert joined.count(LETTERS) == 3
    assert joined.count(LETTERS.upper()) == 3
    assert {look([mark])[1:] for mark in first.marks if mark.text == "ữ" and mark.size == 14} >= {(False, False), (True, False), (False, True)}


def test_hostile_names_are_words() -> None:
    nasty = "<script>alert(1)</script> <img src=http://x/> **đậm** &amp; (x) \\) Tj ET\r\nBcc: y"
    paper = letter(case((unit(nasty, "1.1"), unit("Phòng Nội vụ", "1.2"))))
    odd = dataclasses.replace(paper, body=(plain("Dòng\r\nhai\x07\x00 <b>ba</b> ./."),))
    data = letter_pdf.as_pdf(odd, AT)
    assert not re.search(rb"/(URI|JavaScript|JS|Launch|AA|OpenAction /Java)\b", data)
    first, appendix = (Sheet(page) for page in pypdfium2.PdfDocument(data))
    assert "<script>alert(1)</script><imgsrc=http://x/>**đậm**&amp;(x)\\)TjETBcc:y" in "".join(mark.text for mark in first.marks)
    assert "Dònghai<b>ba</b>./." in "".join(mark.text for mark in first.marks)
    assert "<script>" in "".join(mark.text for mark in appendix.marks)


def test_a_word_longer_than_its_column_and_a_row_longer_than_a_page_are_cut() -> None:
    annex = letter().annexes[0]
    long = dataclasses.replace(annex, rows=(Row(("1", "1.1", "x" * 400, "từ " * 1500, "", "", "", "", "")),))
    pages = sheets(dataclasses.replace(letter(), annexes=(long,)))[1:]
    assert len(pages) > 3
    joined = "".join(mark.text for page in pages for mark in page.marks)
    assert joined.count("x") == 400
    assert joined.count("từ") == 1500
    for page in pages:
        assert max(mark.right for mark in page.marks) <= 297 - 15 + 0.2
        assert max(mark.feet for mark in page.marks) <= 190


def test_words_in_bold_stand_inside_a_paragraph() -> None:
    body = (dataclasses.replace(plain(""), spans=(Span("Báo cáo "), Span("trước ngày 15/11", bold=True), Span(" để tổng hợp./."))),)
    first = sheets(dataclasses.replace(letter(), body=body))[0]
    bold = "".join(mark.text for mark in first.line("Báo cáo trước ngày") if "Bold" in mark.font)
    assert bold == "trướcngày15/11"


def test_the_same_letter_at_the_same_moment_is_the_same_file() -> None:
    assert letter_pdf.as_pdf(letter(), AT) == letter_pdf.as_pdf(letter(), AT)
    document = pypdfium2.PdfDocument(letter_pdf.pdf(letter_rules.compose(case(), UNTIL), AT))
    about = document.get_metadata_dict()
    assert about["Title"].startswith("V/v đôn đốc")
    assert about["Subject"] == "Dự thảo"
