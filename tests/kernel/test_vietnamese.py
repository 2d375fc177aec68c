"""Folding, dictionary order, keys of names and codes, numbers and dates as offices write them."""

from __future__ import annotations

import random
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from tracker.kernel import vietnamese as vi

LETTERS = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
vietnamese_words = st.text(alphabet=LETTERS + LETTERS.upper(), min_size=1, max_size=8)
#: In the order of a Vietnamese dictionary.
WORDS = """
An; An ninh mạng; Ba; Bà; Bả; Bã; Bá; Bạ; Ban; Bán; Băng; Bằng; Bắc Ninh; Bân; Bần; Ca; Cần Thơ; Dân; Đa; Đà Nẵng; Đắk Lắk;
Đầu mối; Đôn Đốc; Đông; Đồng Nai; Em; Ế; Hòa Sơn; Hội; Huế; La; Lâm Sơn; Lương Sơn; Ma Nới; Mỹ Sơn; Ninh Sơn; Nhơn Sơn; Ôm; Ơn;
Phòng Nội vụ; Phòng Tư pháp; Quảng Sơn; Ta; Tà; Tả; Tã; Tá; Tạ; Tân Sơn; Thuế; Thư; Tư; U; Ù; Ư; Ừ; Xã; Yên; Ỷ
"""


def test_the_five_tones_follow_huyen_hoi_nga_sac_nang() -> None:
    assert sorted(["tạ", "tá", "tã", "tả", "tà", "ta"], key=vi.sort_key) == ["ta", "tà", "tả", "tã", "tá", "tạ"]


def test_letters_come_before_tones() -> None:
    assert sorted(["bán", "băn", "bàng", "ban", "bân"], key=vi.sort_key) == ["ban", "bán", "bàng", "băn", "bân"]
    assert sorted(["Banh", "An ninh", "An", "Ban", "Ba", "A-n", "A 1"], key=vi.sort_key) == ["A 1", "A-n", "An", "An ninh", "Ba", "Ban", "Banh"]
    assert sorted(["Đa", "Da", "Ea", "Dy"], key=vi.sort_key) == ["Da", "Dy", "Đa", "Ea"]


@pytest.mark.db("postgresql")
def test_the_sort_key_gives_the_order_of_postgresqls_vietnamese_collation(session: Session) -> None:
    if not session.scalar(sql("SELECT count(*) FROM pg_collation WHERE collname = 'vi-x-icu'")):
        pytest.skip("NOT TESTED: this PostgreSQL was built without ICU, so it has no vi-x-icu to compare with")
    dice = random.Random(1)
    words = [word.strip() for word in WORDS.replace("\n", " ").split(";")]
    words += [" ".join("".join(dice.choices(LETTERS, k=dice.randint(1, 3))) for _word in range(dice.randint(1, 3))) for _name in range(400)]
    words = list({word.casefold(): word for word in words}.values())  # case only breaks ties, and ours leaves ties to the caller
    dice.shuffle(words)
    theirs = session.scalars(sql('SELECT w FROM unnest(CAST(:words AS text[])) AS w ORDER BY w COLLATE "vi-x-icu"'), {"words": words}).all()
    assert sorted(words, key=vi.sort_key) == list(theirs)


@given(vietnamese_words)
def test_a_sort_key_does_not_depend_on_case_or_on_how_marks_are_encoded(word: str) -> None:
    assert vi.sort_key(word) == vi.sort_key(word.upper()) == vi.sort_key(unicodedata.normalize("NFD", word))


@given(st.text(max_size=40))
def test_folding_is_done_once_for_all(text: str) -> None:
    assert vi.fold(vi.fold(text)) == vi.fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đôn Đốc", "don doc"),
        ("  Ủy  ban\u00a0nhân dân ", "uy ban nhan dan"),
        ("ƯỠN ẸO", "uon eo"),
        (unicodedata.normalize("NFD", "Thẻ chế số"), "the che so"),
        ("", ""),
    ],
)
def test_folding_takes_every_mark_away(text: str, folded: str) -> None:
    assert vi.fold(text) == folded


def test_a_search_means_its_words_and_no_wildcards() -> None:
    assert vi.search_patterns(" Đôn Đốc ") == ("%don doc%", "Đôn Đốc%")
    assert vi.search_patterns("5.1_%\\") == ("%5.1%", "5.1%")
    assert vi.search_patterns(" %_ ") == ("", "")


@given(st.text(max_size=60))
def test_a_slug_is_ascii_words_joined_by_single_hyphens(text: str) -> None:
    slug = vi.slugify(text)
    assert slug == "" or all(part.isalnum() and part.isascii() and part == part.lower() for part in slug.split("-"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Phòng Văn hóa và Thông tin", "Phòng Văn hoá và Thông tin"),
        ("Phòng Văn hóa và Thông tin", "phòng  văn hóa và thông tin."),
        ("Ủy ban nhân dân cấp xã", "Uỷ ban nhân dân cấp xã"),
        ("Phòng Giáo dục và Đào tạo", "Phòng giáo dục và Đào tạo"),
        ("Phòng Tài chính-Kế hoạch", "Phòng Tài chính – Kế hoạch"),
        ("Văn phòng HĐND-UBND huyện", "Văn phòng HĐND - UBND huyện"),
        ("Chi cục Thuế", "Chi Cục thuế"),
        ("Công chức Văn hóa - Thông tin", unicodedata.normalize("NFD", "Công chức Văn hóa – Thông tin")),
        ("Lao động, Thương binh và Xã hội", "Lao động Thương binh và Xã hội"),
    ],
)
def test_spellings_of_one_unit_in_the_sources_share_a_key(one: str, other: str) -> None:
    assert vi.name_key(one) == vi.name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hòa Sơn", "Hoa Sơn"),
        ("CC VHTT", "CC VHXH"),
        ("CC VHXX", "CC VHXH"),
        ("Công an", "Công ăn"),
        ("Mỹ Sơn", "Ma Nới"),
        ("CC VHTT", "CC VH TT"),
        ("Thể chế số", "Thẻ chế số"),
    ],
)
def test_what_only_a_person_may_judge_to_be_one_unit_stays_apart(one: str, other: str) -> None:
    assert vi.name_key(one) != vi.name_key(other)


@given(st.lists(vietnamese_words, min_size=1, max_size=4))
def test_a_name_key_is_the_same_however_the_name_is_typed(words: list[str]) -> None:
    name = " ".join(words)
    assert vi.name_key(name) == vi.name_key(unicodedata.normalize("NFD", name.upper())) == vi.name_key(f" {name.replace(' ', '  ')}.")


def test_codes_sort_as_numbers() -> None:
    codes = ["1", "1.1", "1.2", "1.10", "2", "5.11", "5.11.1", "5.11.2", "5.11.10", "6.2", "6.10", "10.1"]
    assert sorted(set(codes), key=vi.code_key) == codes


def test_a_code_that_is_no_number_keeps_its_place_without_failing() -> None:
    assert vi.code_key("1.²") == "00001.²"


def test_codes_with_roman_parts_sort_as_numbers() -> None:
    codes = ["A.1", "A.2", "B.I.1", "B.II.2", "B.III.1", "B.III.7", "B.IV.1", "B.IX.1", "B.X.1"]
    assert sorted(set(codes), key=vi.code_key) == codes


@given(st.lists(st.integers(1, 99), min_size=1, max_size=4), st.lists(st.integers(1, 99), min_size=1, max_size=4))
def test_the_order_of_code_keys_is_the_order_of_their_numbers(one: list[int], other: list[int]) -> None:
    keys = [vi.code_key(".".join(map(str, parts))) for parts in (one, other)]
    assert (keys[0] < keys[1]) == (one < other)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (None, "–"),
        (0, "0"),
        (1000, "1.000"),
        (Decimal("95.5"), "95,5"),
        (Decimal("95.50"), "95,5"),
        (1234567.891, "1.234.567,89"),
        (Decimal("10.00"), "10"),
        (-1234.5, "-1.234,5"),
        (Decimal(1000), "1.000"),
    ],
)
def test_numbers_have_a_comma_for_decimals_and_dots_for_thousands(number: float | Decimal | None, shown: str) -> None:
    assert vi.number_vn(number) == shown


def test_a_number_without_decimals_keeps_its_zeros() -> None:
    assert vi.number_vn(1000.0, 0) == "1.000"
    assert vi.number_vn(Decimal("20"), 0) == "20"


def test_dates_are_written_day_first() -> None:
    assert vi.date_vn(date(2026, 4, 3)) == "03/04/2026"
    assert vi.date_vn(None) == "–"
    assert vi.date_vn(datetime(2026, 11, 14, 17, 30, tzinfo=UTC)) == "15/11/2026"
    assert vi.long_date_vn(date(2026, 11, 14)) == "Thứ Bảy, 14/11/2026"
    assert vi.long_date_vn(date(2026, 11, 15)) == "Chủ nhật, 15/11/2026"
    assert vi.datetime_vn(datetime(2026, 11, 17, 8, 22, tzinfo=UTC)) == "17/11/2026, 15:22"


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_written_date_is_read_back(day: date) -> None:
    assert vi.parse_date_vn(vi.date_vn(day)) == day


def test_the_day_stands_before_the_month() -> None:
    assert vi.parse_date_vn(" 3/4/2026 ") == date(2026, 4, 3)


@pytest.mark.parametrize("text", ["31/02/2026", "2026-11-14", "11/14/2026", "14/11/26", "14.11.2026", "", "14/11/2026 10:00"])
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        vi.parse_date_vn(text)


@pytest.mark.parametrize(("words", "joined"), [((), ""), (("a",), "a"), (("a", "b"), "a và b"), (("a", "b", "c"), "a, b và c")])
def test_words_are_joined_as_a_sentence_joins_them(words: tuple[str, ...], joined: str) -> None:
    assert vi.join_and(words) == joined
