"""A sentence of a document as a row of plain words: no diacritics, one space, numbers in figures; each word knows where it stood."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from tracker.deadlines.rules import month_end
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import fold
from tracker.kernel.words import phrase


def refused(sentence: str) -> Refused:
    """A refusal at the form field in which the wording stands."""
    return Refused(sentence, field="wording")


def must_exist(day: int, month: int, year: int | None) -> None:
    """Refuses a day that no year (or not this one) has. 29/02 is allowed without a year."""
    if not 1 <= month <= 12:
        swapped = (
            phrase("; nếu là ngày %(month)s tháng %(day)s, đồng chí ghi %(month)02d/%(day)02d", month=month, day=day)
            if 1 <= day <= 12 and 12 < month <= 31
            else ""
        )
        raise refused(
            phrase(
                "“%(day)s/%(month)s” không phải là một ngày: ngày ghi theo thứ tự ngày/tháng, tháng từ 01 đến 12%(swapped)s.",
                day=day,
                month=month,
                swapped=swapped,
            )
        )
    if year is not None and not 2000 <= year <= 2100:
        raise refused(phrase("Năm %(year)s nằm ngoài khoảng 2000–2100; đồng chí kiểm tra lại năm.", year=year))
    last = month_end(year or 2024, month).day
    if day < 1:
        raise refused(phrase("Không có ngày %(day)s tháng %(month)s; ngày trong tháng từ 01 đến %(last)s.", day=day, month=month, last=last))
    if day > last:
        of_year, days = (phrase(" năm %(year)s", year=year), str(last)) if year else ("", phrase("28 hoặc 29") if month == 2 else str(last))
        raise refused(
            phrase(
                "Tháng %(month)s%(of_year)s chỉ có %(days)s ngày, không có ngày %(day)s/%(month)s; đồng chí kiểm tra lại ngày.",
                month=month,
                of_year=of_year,
                days=days,
                day=day,
            )
        )


_TOKEN = re.compile(r"[0-9]+|[^\W0-9_]+|\S")
_FIGURES = {"một": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9, "mười": 10}
#: Only behind a ten: «mười lăm», «hai mươi mốt».
_ONES = {**_FIGURES, "mốt": 1, "năm": 5, "lăm": 5, "nhăm": 5, "mười": 0}


@dataclass(frozen=True, slots=True)
class Plain:
    """A sentence as plain words, and where each of them stands in it."""

    sentence: str
    text: str
    #: Where each word begins in ``text``, and the span it has in ``sentence``.
    starts: list[int]
    spans: list[tuple[int, int]]

    @classmethod
    def of(cls, sentence: str) -> Plain:
        words, spans = _without_repeated_numbers(*_in_figures(sentence))
        starts, at = [], 0
        for word in words:
            starts.append(at)
            at += len(word) + 1
        return cls(sentence, " ".join(words), starts, spans)

    def verbatim(self, start: int, end: int) -> str:
        """The sentence's own words for a stretch of ``text``, with the bracket that closes them."""
        first, last = bisect_right(self.starts, start) - 1, bisect_left(self.starts, end) - 1
        words = self.sentence[self.spans[first][0] : self.spans[last][1]]
        if words.count("(") > words.count(")") and self.text[end : end + 2] == " )":
            return self.sentence[self.spans[first][0] : self.spans[last + 1][1]]
        return words.strip(" (,;:")


def _in_figures(sentence: str) -> tuple[list[str], list[tuple[int, int]]]:
    """Plain words with their spans; numbers in words become figures: «mười lăm» → «15». «năm» alone stays a year."""
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    tens = 0
    for match in _TOKEN.finditer(sentence):
        word, (start, end) = match[0].casefold(), match.span()
        if tens and word in _ONES and _ONES[word] and not (word == "năm" and tens > 9 and words[-1] == "10"):
            words[-1], spans[-1], tens = str(tens + _ONES[word]), (spans[-1][0], end), 0
            continue
        if word == "mươi" and words and words[-1] in {"2", "3"}:
            tens = int(words[-1]) * 10
            words[-1], spans[-1] = str(tens), (spans[-1][0], end)
            continue
        tens = 10 if word == "mười" else 0
        if word in _FIGURES:
            word = str(_FIGURES[word])
        elif word.isascii() and word.isdigit():
            word = str(int(word)) if len(word) <= 4 else word
        elif word == "." and sentence[start - 1 : start].isdigit() and sentence[end : end + 1].isdigit():
            word = "/"
        words.append("-" if word in "–—" else fold(word) or word)
        spans.append((start, end))
    return words, spans


def _without_repeated_numbers(words: list[str], spans: list[tuple[int, int]]) -> tuple[list[str], list[tuple[int, int]]]:
    """«15 (mười lăm) ngày» is 15 days; two numbers that differ are refused."""
    kept_words, kept_spans, at = [], [], 0
    while at < len(words):
        kept_words.append(words[at])
        kept_spans.append(spans[at])
        repeated = words[at + 2] if words[at].isdigit() and words[at + 1 : at + 2] == ["("] and words[at + 3 : at + 4] == [")"] else ""
        if repeated.isdigit() and repeated != words[at]:
            raise refused(
                phrase(
                    "Câu này ghi số %(words)s nhưng trong ngoặc lại là %(repeated)s; đồng chí kiểm tra lại văn bản.",
                    words=words[at],
                    repeated=repeated,
                )
            )
        at += 4 if repeated.isdigit() else 1
    return kept_words, kept_spans
