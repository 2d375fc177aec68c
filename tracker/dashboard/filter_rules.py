"""Filters of the list of tasks that a person keeps: which questions count, how many, under what names. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import clean
from tracker.kernel.words import phrase

#: The questions of an address the list of tasks understands; anything else in it is not carried on.
FILTER_NAMES = ("q", "unit", "round", "main", "timeliness", "status", "returned", "due")
#: What one person keeps in one authority: as many as a row of chips can show.
MOST_FILTERS = 20
NAME_LIMIT = 60
#: An answer to one question is a slug, a word or a few.
VALUE_LIMIT = 100

QUESTION_WORDS = {
    "q": phrase("Tìm"),
    "unit": phrase("Đơn vị"),
    "round": phrase("Đợt"),
    "main": phrase("Chỉ số chính"),
    "timeliness": phrase("Thời hạn"),
    "status": phrase("Tiến độ"),
    "returned": phrase("Trả lại"),
    "due": phrase("Đến hạn ngày"),
}


def known(asked: Mapping[str, str]) -> dict[str, str]:
    """The questions the list understands and their answers, in one order."""
    return {name: value for name in FILTER_NAMES if (value := clean(asked.get(name) or "")[:VALUE_LIMIT])}


def query_of(asked: Mapping[str, str]) -> str:
    """The same as an address bears it; empty where nothing is narrowed."""
    return urlencode(known(asked))


def asked_of(query: str) -> dict[str, str]:
    """What a kept filter asks; a question that was dropped since is not asked."""
    return known(dict(parse_qsl(query)))


def name_of(typed: str | None) -> str:
    """A name as it is kept. Raises Refused: none, or too long for a chip."""
    name = clean(typed or "")
    if not name:
        raise Refused("Đồng chí đặt tên cho bộ lọc, ví dụ “Quá hạn của Văn phòng”.", field="name")
    if len(name) > NAME_LIMIT:
        raise Refused(phrase("Tên dài %(count)s ký tự; đồng chí rút gọn còn %(name_limit)s.", count=len(name), name_limit=NAME_LIMIT), field="name")
    return name


def sentence(asked: Mapping[str, str], words: Mapping[str, Mapping[str, str]]) -> str:
    """«Đơn vị: Phòng Nội vụ; Thời hạn: Quá hạn», for who wants to know what a filter holds."""
    return "; ".join(f"{QUESTION_WORDS[name]}: {words.get(name, {}).get(value, value)}" for name, value in asked.items())
