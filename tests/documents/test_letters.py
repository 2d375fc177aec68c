"""The official chasing letter: the produced .docx is opened and measured against Nghị định 30/2020/NĐ-CP."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml.ns import qn
from sqlalchemy.orm import Session

from tests.factories import World
from tracker.deadlines.queries import working_calendar
from tracker.documents import letter_rules, letter_writing
from tracker.documents.letter_queries import late_cases, late_tasks
from tracker.documents.letter_rules import Basis, Case, Issuer, LateTask, LateUnit
from tracker.kernel import scope
from tracker.tasks import queries as tasks
from tracker.tasks.queries import Filters
from tracker.tasks.rules import Horizon, Progress, Timeliness
from tracker.units.rules import UnitKind

#: The tasks of the world were due on 14/11/2026.
ON = date(2026, 11, 18)
AT = datetime(2026, 11, 18, 5, tzinfo=UTC)
TIMES = {qn(f"w:{script}"): "Times New Roman" for script in ("ascii", "hAnsi", "cs", "eastAsia")}


def case(units: tuple[LateUnit, ...] | None = None, **issuer: Any) -> Case:
    """A case without a database; two units, three tasks, unless given."""
    about = {"name": "UBND huyện Thử", "place": "Thử", "superior": None, "focal": "Phòng Văn hóa và Thông tin", "focal_short": None, **issuer}
    basis = Basis(
        "Thông báo",
        "01/TB-UBND",
        date(2026, 1, 5),
        "UBND huyện Thử",
        "Phân công chỉ số chuyển đổi số",
        "trước ngày 15/11 hàng năm",
    )
    found = units or (unit("Phòng Nội vụ", "1.1", "1.2"), unit("Phòng Tài chính - Kế hoạch", "1.3"))
    return Case(Issuer(**about), basis, "nam-2026", "Báo cáo năm 2026", ON, found)


def unit(name: str, *codes: str, kind: UnitKind = UnitKind.OFFICE, asks: str = "Biên bản họp") -> LateUnit:
    owed = tuple(
        LateTask(place, code, f"Chỉ số {code}", (), date(2026, 11, 14), date(2026, 11, 14), Progress.NOT_STARTED, False, 4, (asks,))
        for place, code in enumerate(codes)
    )
    return LateUnit(letter_rules.initials(name).lower(), name, kind, owed)


def opened(tmp_path: Path, given: Case, only: LateUnit | None = None) -> Any:
    path = tmp_path / "letter.docx"
    path.write_bytes(letter_writing.written(letter_rules.compose(given, date(2026, 11, 25), only), AT))
    return Document(path)


def every_paragraph(document: Any) -> list[Any]:
    cells = [cell for table in document.tables for row in table._tbl.tr_lst for cell in row.tc_lst]
    return [*document.paragraphs, *(line for cell in cells for line in _cell(document, cell).paragraphs)]


def _cell(document: Any, tc: Any) -> Any:
    return type(document.tables[0].rows[0].cells[0])(tc, document.tables[0])


def words_of(document: Any) -> str:
    return "\n".join(line.text for line in every_paragraph(document))


def line_with(document: Any, start: str) -> Any:
    return next(line for line in every_paragraph(document) if line.text.startswith(start))


def look(line: Any) -> tuple[float, bool, bool]:
    """(size, bold, italic) of a line, the same in all of it."""
    found = {(run.font.size.pt, bool(run.bold), bool(run.italic)) for run in line.runs}
    assert len(found) == 1, (line.text, found)
    return found.pop()


def test_the_paper_and_its_margins_are_those_of_the_decree(tmp_path: Path) -> None:
    letter, appendix = opened(tmp_path, case()).sections
    assert (round(letter.page_width.mm), round(letter.page_height.mm)) == (210, 297)
    assert (round(appendix.page_width.mm), round(appendix.page_height.mm)) == (297, 210)
    assert appendix.orientation == WD_ORIENT.LANDSCAPE
    for page in (letter, appendix):
        assert [round(edge.mm) for edge in (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)] == [20, 20, 30, 15]


def test_page_numbers_stand_in_the_top_margin_and_not_on_the_first_page(tmp_path: Path) -> None:
    letter, appendix = opened(tmp_path, case()).sections
    assert letter.different_first_page_header_footer
    assert not "".join(line._p.xml for line in letter.first_page_header.paragraphs).count("PAGE")
    number = letter.header.paragraphs[0]
    assert number.alignment == ALIGN.CENTER
    assert "PAGE" in number._p.xml
    assert look(number) == (14, False, False)
    assert 0 < letter.header_distance.mm < letter.top_margin.mm
    assert appendix.header.is_linked_to_previous
    assert appendix._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1", "an appendix counts its own pages"


def test_every_script_is_times_new_roman_in_black_and_nothing_is_underlined(tmp_path: Path) -> None:
    document = opened(tmp_path, case())
    styles = document.styles.element
    for fonts in (styles.find(f".//{qn('w:rPrDefault')}//{qn('w:rFonts')}"), document.styles["Normal"].element.rPr.rFonts):
        assert dict(fonts.attrib) == TIMES
    runs = [run for line in [*every_paragraph(document), *document.sections[0].header.paragraphs] for run in line.runs]
    assert len(runs) > 40
    for run in runs:
        assert dict(run._r.rPr.rFonts.attrib) == TIMES, run.text
        assert not run.underline
        assert str(run.font.color.rgb or "000000") == "000000"
        assert 11 <= run.font.size.pt <= 14
    assert str(document.styles["Normal"].font.color.rgb) == "000000"


def test_the_head_has_two_columns_of_66_and_99_millimetres_without_borders_or_padding(tmp_path: Path) -> None:
    head = opened(tmp_path, case()).tables[0]
    assert [round(column.width.mm) for column in head.columns] == [66, 99]
    assert [round(cell.width.mm) for row in head.rows for cell in row.cells] == [66, 99, 66, 99]
    padding = head._tbl.tblPr.find(qn("w:tblCellMar"))
    assert [edge.get(qn("w:w")) for edge in padding] == ["0"] * 4
    assert head._tbl.tblPr.find(qn("w:tblBorders")) is None
    assert "Grid" not in head.style.name


def test_each_element_has_its_size_style_and_place(tmp_path: Path) -> None:
    document = opened(tmp_path, case())
    wanted = {
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM": (13, True, False),
        "Độc lập - Tự do - Hạnh phúc": (14, True, False),
        "ỦY BAN NHÂN DÂN": (13, True, False),
        "HUYỆN THỬ": (13, True, False),
        "Số:": (13, False, False),
        "Thử, ngày": (14, False, True),
        "V/v ": (12, False, False),
        "TM. ỦY BAN NHÂN DÂN": (14, True, False),
        "KT. CHỦ TỊCH": (14, True, False),
        "PHÓ CHỦ TỊCH": (14, True, False),
        "Phụ lục": (14, True, False),
        "DANH SÁCH": (14, True, False),
        "(Kèm theo": (14, False, True),
    }
    for start, wished in wanted.items():
        line = line_with(document, start)
        assert look(line) == wished, start
        assert line.alignment == ALIGN.CENTER, start
    assert look(line_with(document, "Nơi nhận:")) == (12, True, True)
    assert look(line_with(document, "- Như trên;")) == (11, False, False)
    assert look(line_with(document, "Căn cứ")) == (14, False, True)
    assert line_with(document, "Căn cứ").text.endswith(".")
    assert look(line_with(document, "Kính gửi:")) == (14, False, False)


def test_the_lines_are_borders_as_long_as_the_decree_says(tmp_path: Path) -> None:
    head = opened(tmp_path, case()).tables[0]
    drawn = {}
    for cell, width in zip(head.rows[0].cells, (66, 99), strict=True):
        (line,) = (line for line in cell.paragraphs if line._p.pPr.find(qn("w:pBdr")) is not None)
        assert line.text == ""
        names = [child.tag.partition("}")[2] for child in line._p.pPr]
        assert names.index("pBdr") < names.index("spacing") < names.index("ind") < names.index("jc"), "the order of the schema"
        drawn[width] = width - line.paragraph_format.left_indent.mm - line.paragraph_format.right_indent.mm
    assert drawn[99] == pytest.approx(letter_writing.text_width("Độc lập - Tự do - Hạnh phúc", 14, bold=True), abs=0.5)
    longest = letter_writing.text_width("ỦY BAN NHÂN DÂN", 13, bold=True)
    assert longest / 3 <= drawn[66] <= longest / 2


def test_the_widths_of_text_are_those_of_times(tmp_path: Path) -> None:
    country = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    assert letter_writing.text_width(country, 13, bold=True) == pytest.approx(95.7, abs=0.5)
    assert letter_writing.text_width(country, 12, bold=True) == pytest.approx(88.3, abs=0.5)
    assert letter_writing.text_width("Độc lập - Tự do - Hạnh phúc", 14, bold=True) == pytest.approx(60, abs=0.7)


def test_the_body_is_justified_indented_and_ends_with_its_sign(tmp_path: Path) -> None:
    document = opened(tmp_path, case())
    body = [line for line in document.paragraphs if line.alignment == ALIGN.JUSTIFY]
    assert len(body) == 6
    for line in body:
        assert line.paragraph_format.first_line_indent.cm == pytest.approx(1.27, abs=0.01)
        assert line.paragraph_format.space_after.pt >= 6
        assert 13 <= look(line)[0] <= 14
    assert body[-1].text.endswith("./.")
    assert sum(line.text.endswith("./.") for line in every_paragraph(document)) == 1
    assert body[-1].paragraph_format.keep_with_next, "a signature never stands alone on a page"


@pytest.mark.parametrize(
    ("day", "shown"),
    [(date(2026, 11, 18), "tháng 11 năm 2026"), (date(2027, 1, 9), "tháng 01 năm 2027"), (date(2027, 6, 9), "tháng 6 năm 2027")],
)
def test_the_number_and_the_day_are_left_to_the_clerk(tmp_path: Path, day: date, shown: str) -> None:
    given = case()
    document = opened(tmp_path, Case(given.issuer, given.basis, given.round_slug, given.round_name, day, given.units))
    assert re.fullmatch(r"Số: {4,}/UBND-VHTT", line_with(document, "Số:").text)
    assert re.fullmatch(rf"Thử, ngày {{4,}}{shown}", line_with(document, "Thử, ngày").text)
    assert re.fullmatch(
        r"\(Kèm theo Công văn số {4,}/UBND-VHTT ngày {4,}tháng {4,}năm {4,}của Ủy ban nhân dân huyện Thử\)", line_with(document, "(Kèm").text
    )
    signer = document.tables[1].rows[0].cells[1].paragraphs[-1]
    assert signer.text == ""
    assert 25 <= signer.paragraph_format.space_before.mm <= 30
    assert look(signer) == (14, True, False), "the name that is typed there is bold"
    assert "<w:drawing" not in document.element.xml


def test_a_day_and_a_month_have_a_leading_nought_only_where_the_decree_says() -> None:
    assert letter_rules.long_day(date(2026, 1, 5)) == "ngày 05 tháng 01 năm 2026"
    assert letter_rules.long_day(date(2026, 6, 29)) == "ngày 29 tháng 6 năm 2026"


def test_one_addressee_stands_on_the_line_and_several_stand_under_the_colon(tmp_path: Path) -> None:
    given = case()
    one = opened(tmp_path, given, given.units[1])
    assert line_with(one, "Kính gửi:").text == "Kính gửi: Phòng Tài chính - Kế hoạch"
    assert "18/11/2026, Phòng Tài chính - Kế hoạch chưa hoàn thành 1 chỉ số" in words_of(one)
    many = opened(tmp_path, given)
    texts = [line.text for line in many.paragraphs]
    place = texts.index("Kính gửi:")
    assert texts[place + 1 : place + 3] == ["- Phòng Nội vụ;", "- Phòng Tài chính - Kế hoạch."]
    colon = many.paragraphs[place].paragraph_format.left_indent.mm + letter_writing.text_width("Kính gửi", 14, bold=False)
    for line in many.paragraphs[place + 1 : place + 3]:
        dash = line.paragraph_format.left_indent.mm + line.paragraph_format.first_line_indent.mm
        assert dash == pytest.approx(colon, abs=0.3)
    assert "còn 2 cơ quan, đơn vị chưa hoàn thành 3 chỉ số được giao chủ trì đã quá hạn" in words_of(many)


def test_the_appendix_repeats_its_headings_and_has_a_row_for_each_unit(tmp_path: Path) -> None:
    table = opened(tmp_path, case()).tables[-1]
    trs = table._tbl.tr_lst
    assert [tr.trPr is not None and tr.trPr.find(qn("w:tblHeader")) is not None for tr in trs] == [True, False, False, False, False, False]
    assert all(tr.trPr.find(qn("w:cantSplit")) is not None for tr in trs)
    assert [cell.text for cell in table.rows[0].cells] == list(letter_rules.APPENDIX_COLUMNS)
    for cell in table.rows[0].cells:
        assert look(cell.paragraphs[0]) == (13, True, False)
        assert cell.paragraphs[0].alignment == ALIGN.CENTER
    for place, words in ((1, "I. Phòng Nội vụ (2 chỉ số)"), (4, "II. Phòng Tài chính - Kế hoạch (1 chỉ số)")):
        assert len(trs[place].tc_lst) == 1
        assert trs[place].tc_lst[0].grid_span == 9
        line = table.rows[place].cells[0].paragraphs[0]
        assert (line.text, look(line), line.alignment) == (words, (13, True, False), ALIGN.LEFT)
    assert [table.rows[place].cells[0].text for place in (2, 3, 5)] == ["1", "2", "3"], "counted on through the units"
    assert sum(column.width.mm for column in table.columns) == pytest.approx(297 - 30 - 15, abs=1)


@pytest.mark.parametrize(
    ("name", "superior", "head", "signs"),
    [
        ("UBND xã Nghĩa Phương", None, (None, ("ỦY BAN NHÂN DÂN", "XÃ NGHĨA PHƯƠNG")), "TM. ỦY BAN NHÂN DÂN"),
        ("UBND xã Thử", "UBND huyện Thử", (None, ("ỦY BAN NHÂN DÂN", "XÃ THỬ")), "TM. ỦY BAN NHÂN DÂN"),
        ("Văn phòng UBND tỉnh Ninh Thuận", None, ("ỦY BAN NHÂN DÂN TỈNH NINH THUẬN", ("VĂN PHÒNG",)), "KT. CHÁNH VĂN PHÒNG"),
        ("Sở Nội vụ", "UBND tỉnh Thử", ("ỦY BAN NHÂN DÂN TỈNH THỬ", ("SỞ NỘI VỤ",)), "KT. GIÁM ĐỐC"),
    ],
)
def test_the_organ_above_is_not_bold_and_a_committee_has_none(
    tmp_path: Path, name: str, superior: str | None, head: tuple[str | None, tuple[str, ...]], signs: str
) -> None:
    given = case(name=name, superior=superior)
    assert letter_rules.letterhead(given.issuer) == head
    assert letter_rules.signature(given.issuer)[0] == signs
    lines = opened(tmp_path, given).tables[0].rows[0].cells[0].paragraphs
    shown = [(line.text, look(line)[1]) for line in lines if line.text]
    assert shown == [*([(head[0], False)] if head[0] else []), *((text, True) for text in head[1])]


def test_the_symbol_names_the_organ_and_the_drafting_unit() -> None:
    names = {
        "Phòng Văn hóa và Thông tin": "VHTT",
        "Phòng Văn hóa - Xã hội": "VHXH",
        "Sở Nội vụ": "SNV",
        "Công chức Văn hóa xã hội xã": "VHXH",
        "Văn phòng HĐND-UBND": "VPHĐNDUBND",
    }
    assert {name: letter_rules.initials(name) for name in names} == names
    assert letter_rules.symbol(case(focal=None).issuer) == "UBND"
    assert letter_rules.in_full("Văn phòng HĐND-UBND huyện") == "Văn phòng Hội đồng nhân dân và Ủy ban nhân dân huyện"


def test_names_with_signs_of_xml_and_of_control_come_through(tmp_path: Path) -> None:
    nasty = "Trung tâm <VH> & \"TT\" 'số'\x07\x1b\u200b\ud800\ufffe ]]> &amp; _x0041_"
    decomposed = unicodedata.normalize("NFD", "Phòng Lao động - Thương binh và Xã hội, Đường Ngưỡng")
    document = opened(tmp_path, case((unit(nasty, "1.1", asks=nasty), unit(decomposed, "1.2"), unit("Phòng\nNội\tvụ", "1.3"))))
    told = words_of(document)
    assert "- Trung tâm <VH> & \"TT\" 'số' ]]> &amp; _x0041_;" in told
    assert "- Phòng Lao động - Thương binh và Xã hội, Đường Ngưỡng;" in told
    assert "- Phòng Nội vụ." in told
    assert told == unicodedata.normalize("NFC", told)


def test_only_units_without_persons_are_led_by_heads() -> None:
    bodies = "\n".join(letter_rules.compose(case(), ON).body)
    assert "đề nghị Thủ trưởng các cơ quan, đơn vị:" in bodies
    holder = unit("Công chức Văn hóa - Xã hội", "1.4", kind=UnitKind.POSITION)
    bodies = "\n".join(letter_rules.compose(case((*case().units, holder)), ON).body)
    assert "đề nghị các cơ quan, đơn vị, cá nhân:" in bodies


def test_an_indicator_owed_by_two_units_is_counted_as_two_duties() -> None:
    letter = letter_rules.compose(case((unit("Phòng Nội vụ", "1.1"), unit("Phòng Tư pháp", "1.1"))), ON)
    assert "chưa hoàn thành 2 nhiệm vụ" in letter.body[0]


def test_the_focal_unit_follows_up_but_never_itself_alone() -> None:
    focal = unit("Phòng Văn hóa và Thông tin", "1.5")
    alone, among = (letter_rules.compose(case(units), ON) for units in ((focal,), (*case().units, focal)))
    assert "Giao Phòng Văn hóa và Thông tin theo dõi" in among.body[-1]
    assert "Giao" not in alone.body[-1]
    assert "gửi văn bản về Ủy ban nhân dân huyện Thử" in alone.body[3]
    assert all(letter.body[-1].endswith("./.") for letter in (alone, among))


def test_what_a_copy_leaves_blank_is_not_invented() -> None:
    blank = Basis("Thông báo", None, None, "Ủy ban nhân dân huyện Thử", "Phân công trách nhiệm", "")
    assert letter_rules.basis_words(blank) == "Thông báo của Ủy ban nhân dân huyện Thử về việc phân công trách nhiệm"
    full = "Thông báo số 01/TB-UBND ngày 05 tháng 01 năm 2026 của Ủy ban nhân dân huyện Thử về việc phân công chỉ số chuyển đổi số"
    assert letter_rules.basis_words(case().basis) == full


@pytest.mark.parametrize(("number", "sign"), [(1, "I"), (4, "IV"), (9, "IX"), (14, "XIV"), (40, "XL"), (99, "XCIX"), (126, "CXXVI")])
def test_groups_bear_roman_numbers(number: int, sign: str) -> None:
    assert letter_rules.roman(number) == sign


def chased(command: Callable[..., Any], folder: Path, *more: str, slug: str = "huyen-thu") -> dict[str, Any]:
    said = command("letters", "chase", slug, "--out", str(folder), "--json", *more)
    assert said.exit_code == 0, said.output
    return json.loads(said.stdout)


@pytest.mark.db
def test_the_letter_counts_what_the_database_counts(session: Session, world: World, command: Callable[..., Any], tmp_path: Path) -> None:
    world.tasks[-1].status = Progress.ACCEPTED
    world.task.extended_to_on = date(2026, 12, 1)
    world.task.extensions = 1
    session.commit()
    counted = json.loads(command("tasks", "huyen-thu", "--on", ON.isoformat(), "--overdue", "--json").stdout)["rows"]
    assert len(counted) == 3, "five, without the accepted one and the one with more time"
    found = chased(command, tmp_path, "--on", ON.isoformat())
    assert found["files"] == [str(tmp_path / f"DuThao_CV_DonDoc_{world.round.slug}.docx")]
    document = Document(found["files"][0])
    told = words_of(document)
    names = {row["unit"] for row in counted}
    noun = "chỉ số" if len({row["code"] for row in counted}) == len(counted) else "nhiệm vụ"
    assert f"còn {len(names)} cơ quan, đơn vị chưa hoàn thành {len(counted)} {noun}" in told
    table = document.tables[-1]
    rows = [[cell.text for cell in row.cells] for row in table.rows if len(row._tr.tc_lst) == 9][1:]
    assert sorted((row[1], row[3], row[7]) for row in rows) == sorted((row["code"], row["unit"], str(row["days_late"])) for row in counted)
    assert {row[5] for row in rows} == {"14/11/2026"}
    assert len([row for row in table.rows if len(row._tr.tc_lst) == 1]) == len(names)
    assert all(f"- {name}" in told for name in names)
    assert "“trước ngày 15/11 hàng năm”" in told
    assert "UBND huyện Khác" not in told


@pytest.mark.db
def test_each_unit_gets_a_letter_of_its_own(session: Session, world: World, command: Callable[..., Any], tmp_path: Path) -> None:
    found = chased(command, tmp_path / "công văn", "--on", ON.isoformat(), "--each")
    scope.choose(session, scope.one(world.authority.id))
    (known,) = late_cases(session, world.authority, ON)
    assert [Path(file).name for file in found["files"]] == [f"DuThao_CV_DonDoc_{world.round.slug}_{one.slug}.docx" for one in known.units]
    assert sum(row["tasks"] for row in found["rows"]) == known.tasks == 5
    for file, one in zip(found["files"], known.units, strict=True):
        document = Document(file)
        assert line_with(document, "Kính gửi:").text == f"Kính gửi: {one.name}"
        others = {other.name for other in known.units} - {one.name}
        appendix = [row.cells[3].text for row in document.tables[-1].rows if len(row._tr.tc_lst) == 9][1:]
        assert set(appendix) == {one.name}
        assert not others & set(appendix)


@pytest.mark.db
def test_what_is_missing_extended_and_returned_stands_in_the_appendix(session: Session, world: World) -> None:
    world.task.extended_to_on = date(2026, 11, 16)
    world.task.extensions = 1
    world.task.status = Progress.COLLECTING
    world.task.returned_at = AT
    session.commit()
    scope.choose(session, scope.one(world.authority.id))
    (known,) = late_cases(session, world.authority, ON)
    letter = letter_rules.compose(known, date(2026, 11, 25))
    line = next(line for group in letter.groups for line in group.lines if line[1] == "1.1")
    assert line[3:8] == (
        world.room.name, world.other_room.name, "16/11/2026 (hạn gốc 14/11/2026)", "Trả lại, yêu cầu bổ sung", "2",
    )  # fmt: skip
    assert "Quyết định thành lập Ban Chỉ đạo" in line[8]
    assert "Biên bản họp" in line[8]


@pytest.mark.db
def test_only_late_open_tasks_are_read(session: Session, world: World) -> None:
    scope.choose(session, scope.one(world.authority.id))
    late = {row.id for row in late_tasks(session, world.authority, ON)}
    assert late == {task.id for task in world.tasks}
    assert not late_tasks(session, world.authority, date(2026, 11, 14)), "the last day itself is in time"
    calendar = working_calendar(session)
    overdue = tasks.listed(session, Filters(timeliness=Timeliness.OVERDUE), calendar, Horizon.of(calendar, ON, world.authority))
    assert {row.id for row in overdue} == late


@pytest.mark.db
def test_where_nothing_is_late_no_letter_is_written(world: World, command: Callable[..., Any], tmp_path: Path) -> None:
    said = command("letters", "chase", "huyen-thu", "--on", "2026-11-14", "--out", str(tmp_path / "x"), "--json")
    assert said.exit_code == 1
    assert said.stdout == ""
    assert "không có nhiệm vụ nào quá hạn tính đến ngày 14/11/2026" in said.stderr
    assert not (tmp_path / "x").exists()
    assert command("letters", "chase", "khong-co", "--out", str(tmp_path)).exit_code == 1
    assert command("letters", "chase", "huyen-thu", "--on", "18/11/2026", "--out", str(tmp_path)).exit_code == 2
    before = command("letters", "chase", "huyen-thu", "--on", "2026-11-18", "--until", "2026-11-18", "--out", str(tmp_path / "x"))
    assert before.exit_code == 1
    assert "phải sau ngày lập" in before.stderr


@pytest.mark.db("sqlite")
def test_a_draft_that_is_there_is_never_written_over(world: World, command: Callable[..., Any], tmp_path: Path) -> None:
    (first,) = chased(command, tmp_path)["files"]
    Path(first).write_bytes(b"mended by hand")
    (second,) = chased(command, tmp_path)["files"]
    assert Path(first).read_bytes() == b"mended by hand"
    assert second.endswith(f"DuThao_CV_DonDoc_{world.round.slug} (2).docx")
