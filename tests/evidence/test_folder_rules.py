"""Files find their indicator by the code in their name: never by a number that only looks like one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.evidence.bulk_rules import best_line
from tracker.evidence.folder_rules import Matcher, folders_of, is_junk
from tracker.evidence.rules import WHOLE, Asked, Slot, SlotKind

CODES = ("1.1", "1.10", "1.3", "2.4", "15.11", "B.I", "B.I.1", "7")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("1.3.pdf", "1.3"),
        ("1.3 Quyết định.pdf", "1.3"),
        ("1.3_QD.pdf", "1.3"),
        ("1.3-01 Quyết định.pdf", "1.3"),
        ("1.3. Quyết định.pdf", "1.3"),
        ("1.3.Quyết định.pdf", "1.3"),
        ("1.3.v2.pdf", "1.3"),
        ("CS 1.10 – báo cáo.docx", "1.10"),
        ("(1.3) biên bản.pdf", "1.3"),
        ("1.3 kèm theo 2.4.pdf", "1.3"),
        ("B.I.1 Kế hoạch.pdf", "B.I.1"),
        ("b.i.1 kế hoạch.pdf", "B.I.1"),
        ("B.I Kế hoạch.pdf", "B.I"),
        ("1.3/QD.pdf", "1.3"),
        ("Minh chứng\\1.3\\QD.pdf", "1.3"),
        ("2.4/1.3 QD.pdf", "1.3"),
        ("1.1/2.4/QD.pdf", "2.4"),
        ("7. Kế hoạch.pdf", "7"),
        ("7-01 Kế hoạch.pdf", "7"),
        ("7/QD.pdf", "7"),
        ("15.11 Thống kê.pdf", "15.11"),
    ],
)
def test_a_code_in_the_name_is_found(path: str, code: str) -> None:
    assert Matcher(CODES).match(path) == code


@pytest.mark.parametrize(
    "path",
    [
        "11.3 Quyết định.pdf",
        "1.30 Quyết định.pdf",
        "1.3.1 Quyết định.pdf",
        "2.1.3 Quyết định.pdf",
        "1.3.2026.pdf",
        "ngày 1.3.2026.pdf",
        "15.11.2026 báo cáo.pdf",
        "Báo cáo ngày 15.11.pdf",
        "Báo cáo tháng 1.10.pdf",
        "Đạt 1.3% kế hoạch.pdf",
        "1.3a Quyết định.pdf",
        "QD1.3.pdf",
        "B.I.2 Kế hoạch.pdf",
        "B.I.a Kế hoạch.pdf",
        "A.B.I Kế hoạch.pdf",
        "7 QĐ-UBND.pdf",
        "7-QĐ-UBND.pdf",
        "7-11-2026 Quyết định.pdf",
        "07. Kế hoạch.pdf",
        "Quyết định số 7.pdf",
        "theo 1.3 và 2.4.pdf",
        "Quyết định.pdf",
        "",
    ],
)
def test_what_only_looks_like_a_code_is_left_to_the_person(path: str) -> None:
    assert Matcher(CODES).match(path) is None


def test_without_codes_nothing_matches() -> None:
    assert Matcher(()).match("1.3 QD.pdf") is None


_code = st.from_regex(r"\A(?:[A-C]\.)?[1-9IV]{1,3}(?:\.[0-9]{1,2}){0,2}\Z")
_path = st.lists(
    st.one_of(
        _code, st.sampled_from(["/", " ", ".", "-", "_", "ngày ", "Quyết định", "QĐ", ".pdf", "2026", "%", "ế", "e\u0302\u0301"]), st.text(max_size=4)
    ),
    max_size=8,
).map("".join)


@given(st.lists(_code, max_size=6), _path)
def test_only_a_given_code_is_ever_found(codes: list[str], path: str) -> None:
    assert Matcher(codes).match(path) in {None, *codes}


@given(st.lists(_code, max_size=6, unique=True), _path, st.randoms())
def test_the_order_of_the_codes_does_not_matter(codes: list[str], path: str, chance: object) -> None:
    mixed = sorted(codes, reverse=True)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert Matcher(mixed).match(path) == Matcher(codes).match(path)


@given(st.lists(_code, max_size=6), _path)
def test_a_name_from_a_mac_and_one_from_windows_mean_the_same(codes: list[str], path: str) -> None:
    matcher = Matcher(codes)
    assert matcher.match(unicodedata.normalize("NFD", path)) == matcher.match(unicodedata.normalize("NFC", path))


@given(_code, st.lists(_code, max_size=4))
def test_a_file_named_as_the_pack_names_it_comes_home(code: str, others: list[str]) -> None:
    assert Matcher([code, *others]).match(f"{code}-01 Quyết định.pdf") == code


def test_what_systems_leave_in_folders_is_not_sent() -> None:
    assert [name for name in ("a/.DS_Store", "Thumbs.db", "~$QD.docx", "desktop.ini", "1.3/QD.pdf") if not is_junk(name)] == ["1.3/QD.pdf"]
    assert folders_of("Nộp\\1.3\\QD.pdf") == "Nộp/1.3"
    assert folders_of("QD.pdf") == ""


DECISION = Asked(Slot(SlotKind.SOURCE, 1), "Quyết định thành lập Ban Chỉ đạo", "document")
MINUTES = Asked(Slot(SlotKind.SOURCE, 2), "Biên bản họp", "minutes")
FIGURE = Asked(Slot(SlotKind.VARIABLE, 3), "Số liệu a: số biên bản họp", "figures")


@pytest.mark.parametrize(
    ("name", "slot"),
    [
        ("1.1-01 Quyết định thành lập BCĐ.pdf", DECISION.slot),
        ("QĐ kiện toàn BCĐ.pdf", DECISION.slot),
        ("1.1 bien ban hop thang 3.pdf", MINUTES.slot),
        ("BB họp.docx", MINUTES.slot),
        ("quyet dinh.pdf", WHOLE),
        ("scan0001.pdf", WHOLE),
    ],
)
def test_a_file_ticks_the_line_whose_name_it_bears(name: str, slot: Slot) -> None:
    assert best_line([DECISION, MINUTES, FIGURE], name) == slot


def test_a_file_ticks_the_only_line_there_is_whatever_its_name() -> None:
    assert best_line([DECISION], "scan0001.pdf") == DECISION.slot
    assert best_line([DECISION, FIGURE], "scan0001.pdf") == WHOLE
    assert best_line([], "scan0001.pdf") == WHOLE
