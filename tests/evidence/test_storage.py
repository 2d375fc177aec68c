"""Bytes on the store: what is accepted, under which name, and that nothing is left of what is refused."""

from __future__ import annotations

import hashlib
import io
import unicodedata
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence import samples
from tracker.evidence import service
from tracker.evidence.forms import parse_figure
from tracker.evidence.rules import Required, completeness
from tracker.files.rules import FILE_LIMIT, FILE_TYPES
from tracker.files.storage import ENTRIES_LIMIT, NAME_LIMIT, UNPACKED_LIMIT, Storage, tidy_name
from tracker.kernel.errors import Refused


@pytest.fixture
def store(tmp_path: Path) -> Storage:
    return Storage((tmp_path / "evidence").as_uri(), tmp_path / "scratch")


def left(tmp_path: Path) -> list[str]:
    return sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", samples.PDF),
        ("A.PDF", samples.PDF),
        ("a.png", samples.PNG),
        ("a.jpg", samples.JPG),
        ("a.jpeg", samples.JPG),
        ("a.docx", samples.office(samples.WORD)),
        ("a.xlsx", samples.office(samples.SHEET)),
    ],
)
def test_a_file_of_an_accepted_type_lies_under_its_own_digest(store: Storage, tmp_path: Path, name: str, content: bytes) -> None:
    stored = store.put(7, io.BytesIO(content), name)
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert (stored.size, stored.media_type) == (len(content), FILE_TYPES["." + name.rsplit(".", 1)[1].lower()])
    assert left(tmp_path) == [f"evidence/7/{stored.sha256}"]
    with store.open(7, stored.sha256) as stream:
        assert stream.read() == content


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("rong.pdf", b"", "0 byte"),
        ("a.exe", samples.EXE, "Không nhận tệp “.exe”"),
        ("a.pdf", samples.EXE, "không phải PDF"),
        ("a.pdf", samples.HTML, "không phải PDF"),
        ("a.pdf", samples.PNG, "không phải PDF"),
        ("a.png", samples.JPG, "không phải PNG"),
        ("a.html", samples.HTML, "“.html”"),
        ("a.svg", b"<svg onload='x()'/>", "“.svg”"),
        ("a.docm", samples.office(samples.MACROS), "“.docm”"),
        ("a.docx", samples.office(samples.MACROS), "không phải DOCX"),
        (
            "a.docx",
            samples.office(samples.WORD, extra='<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'),
            "không phải DOCX",
        ),
        ("a.docx", samples.office(samples.SHEET), "không phải DOCX"),
        ("a.xlsx", samples.office(samples.WORD), "không phải XLSX"),
        ("a.docx", b"PK\x03\x04 not a zip", "không phải DOCX"),
        ("a.docx", samples.damaged(), "không phải DOCX"),
        ("a.docx", samples.office(samples.WORD, entries=ENTRIES_LIMIT, size=0), "không phải DOCX"),
        ("a.xlsx", samples.office(samples.SHEET, entries=1, size=UNPACKED_LIMIT + 1), "không phải XLSX"),
        ("a.zip", samples.office(samples.WORD), "“.zip”"),
        ("khong-duoi", samples.PDF, "khong-duoi"),
        ("a.pdf.exe", samples.PDF, "“.exe”"),
    ],
)
def test_anything_else_is_refused_with_a_sentence_and_leaves_nothing(store: Storage, tmp_path: Path, name: str, content: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        store.put(7, io.BytesIO(content), name)
    assert refusal.value.field == "file"
    assert left(tmp_path) == []


def test_the_limit_is_twenty_megabytes_to_the_byte(store: Storage, tmp_path: Path) -> None:
    assert store.put(7, io.BytesIO(samples.PDF.ljust(FILE_LIMIT, b" ")), "a.pdf").size == 20 * 1024 * 1024
    with pytest.raises(Refused, match="20 MB"):
        store.put(7, io.BytesIO(samples.PDF.ljust(FILE_LIMIT + 1, b" ")), "b.pdf")
    assert len(left(tmp_path)) == 1


def test_the_same_bytes_of_two_authorities_are_two_files(store: Storage, tmp_path: Path) -> None:
    first, second = (store.put(authority, io.BytesIO(samples.PDF), "a.pdf") for authority in (7, 8))
    assert first == second
    assert left(tmp_path) == [f"evidence/7/{first.sha256}", f"evidence/8/{first.sha256}"]
    assert store.put(7, io.BytesIO(samples.PDF), "khac.pdf") == first
    assert len(left(tmp_path)) == 2


def test_one_flipped_bit_and_a_missing_file_are_seen(store: Storage, tmp_path: Path) -> None:
    stored = store.put(7, io.BytesIO(samples.PDF), "a.pdf")
    path = tmp_path / "evidence" / "7" / stored.sha256
    assert store.digest(7, stored.sha256) == stored.sha256
    content = bytearray(path.read_bytes())
    content[10] ^= 1
    path.write_bytes(bytes(content))
    assert store.digest(7, stored.sha256) not in (None, stored.sha256)
    path.unlink()
    assert store.digest(7, stored.sha256) is None


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Quyết định số 01.pdf", "Quyết định số 01.pdf"),
        (unicodedata.normalize("NFD", "Đề án chuyển đổi số huyện.docx"), "Đề án chuyển đổi số huyện.docx"),
        ("C:\\Users\\a\\Báo cáo.pdf", "Báo cáo.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("a\r\nb\x00.pdf", "ab.pdf"),
        ("bao\u202egpj.pdf", "baogpj.pdf"),  # a direction character that shows «fdp.jpg»
        (" .. ", "tep"),
        (None, "tep"),
        ("b" * 300 + ".pdf", "b" * 196 + ".pdf"),
        ("a." + "b" * 300, "a." + "b" * 198),
    ],
)
def test_a_file_keeps_the_name_its_people_know(given_name: str | None, kept: str) -> None:
    assert tidy_name(given_name) == kept


@given(st.one_of(st.text(max_size=400), st.tuples(st.text(max_size=220), st.text(max_size=30)).map(".".join)))
def test_a_name_never_holds_a_folder_or_what_cannot_be_seen(name: str) -> None:
    kept = tidy_name(name)
    assert kept
    assert len(kept) <= NAME_LIMIT
    assert not set(kept) & set("/\\\0\r\n\u202e")
    assert tidy_name(kept) == kept


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("1.234,5", "1234.5"),
        ("95,5", "95.5"),
        ("1.000", "1000"),
        (" 12 ", "12"),
        ("1 234", "1234"),
        ("-3,25", "-3.25"),
        ("1.234.567", "1234567"),
        ("0", "0"),
    ],
)
def test_figures_are_read_as_offices_write_them(text: str, figure: str) -> None:
    assert parse_figure(text) == Decimal(figure)


@pytest.mark.parametrize(
    "text", ["", "abc", "1,234.5", "12.5", "1.23", "1..000", "1e5", "1_000", "NaN", "Infinity", "5,", ",5", "1.000.00", "--1", "１２"]
)
def test_what_is_no_figure_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_figure(text)


@pytest.mark.parametrize("figure", ["1E+13", "NaN", "Infinity", "1.23456", "123456789012.3456"])
def test_a_figure_every_database_cannot_keep_exactly_is_refused(figure: str) -> None:
    with pytest.raises(Refused) as refusal:
        service.a_figure(Decimal(figure), "%")
    assert refusal.value.field == "figure"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "bacninh.gov.vn",
        "javascript:alert(1)",
        "ftp://a.vn",
        "https://",
        "http://[",
        "https://a.vn/ x",
        "file:///etc/passwd",
        "https://a.vn/\x00",
        "https://a.vn/" + "x" * 2000,
    ],
)
def test_a_link_must_be_a_full_address_of_the_web(url: str) -> None:
    with pytest.raises(Refused) as refusal:
        service.a_link(url)
    assert refusal.value.field == "url"


def test_a_link_is_kept_as_it_was_pasted() -> None:
    assert service.a_link(" https://bacninh.gov.vn/văn-bản?id=1#đầu ").url == "https://bacninh.gov.vn/văn-bản?id=1#đầu"


@pytest.mark.parametrize("sentence", ["", "    ", "ok", "x" * 2001])
def test_a_sentence_must_say_something(sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        service.a_statement(sentence)
    assert refusal.value.field == "sentence"


def line(number: int, proofs: int, *, quantity: int = 1, excused: bool = False) -> Required:
    return Required(number, f"Tài liệu {number}", quantity, proofs, excused)


def test_completeness_names_what_is_missing() -> None:
    found = completeness([line(1, 1), line(2, 0), line(3, 1, quantity=2)], 0)
    assert not found.complete
    assert found.missing == ("Tài liệu 2", "Tài liệu 3")
    assert found.sentence == "Còn thiếu: Tài liệu 2 và Tài liệu 3"


def test_a_sentence_why_there_is_none_excuses_a_document() -> None:
    assert completeness([line(1, 0, excused=True), line(2, 2, quantity=2)], 0).complete


def test_an_item_for_the_task_as_a_whole_does_not_tick_a_listed_document() -> None:
    assert not completeness([line(1, 0)], 5).complete


def test_where_no_documents_are_listed_one_item_is_enough() -> None:
    assert completeness([], 1).complete
    assert not completeness([], 0).complete
    assert "ít nhất một" in completeness([], 0).sentence
