"""What people type and paste: figures, links, sentences."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tracker.evidence import content_rules
from tracker.evidence.forms import parse_figure
from tracker.kernel.errors import Refused


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
        content_rules.a_figure(Decimal(figure), "%")
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
        content_rules.a_link(url)
    assert refusal.value.field == "url"


def test_a_link_is_kept_as_it_was_pasted() -> None:
    assert content_rules.a_link(" https://bacninh.gov.vn/văn-bản?id=1#đầu ").url == "https://bacninh.gov.vn/văn-bản?id=1#đầu"


@pytest.mark.parametrize("sentence", ["", "    ", "ok", "x" * 2001])
def test_a_sentence_must_say_something(sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        content_rules.a_statement(sentence)
    assert refusal.value.field == "sentence"
