"""Vietnamese text: folding for search, keys for sorting and for matching names, and how dates and numbers are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from tracker.kernel.clock import ZONE
from tracker.kernel.words import Words, joined, phrase

_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}  # huyền hỏi ngã sắc nặng: dictionary order
_BASES = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_WEEKDAYS = (
    phrase("Thứ Hai"),
    phrase("Thứ Ba"),
    phrase("Thứ Tư"),
    phrase("Thứ Năm"),
    phrase("Thứ Sáu"),
    phrase("Thứ Bảy"),
    phrase("Chủ nhật"),
)
_SEPARATORS = str.maketrans(",.", ".,")
_SPACES = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[^0-9a-z]+")
_NAME_NOISE = re.compile(r"[\s\-–—&,.]+")


def clean(text: str) -> str:
    """NFC, one space between words, none at the ends."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def fold(text: str) -> str:
    """What is compared when searching without diacritics: «Đôn Đốc» → «don doc»."""
    lowered = clean(text).casefold().replace("đ", "d")
    return "".join(c for c in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(c))


def search_patterns(text: str) -> tuple[str, str]:
    """What LIKE compares with folded text (anywhere in it) and with codes (their beginning). LIKE's own signs are dropped; nothing finds nothing."""
    words, code = ("".join(c for c in part if c not in "%_\\") for part in (fold(text), text.strip()))
    return f"%{words}%" if words.strip() else "", f"{code}%" if code else ""


def slugify(text: str) -> str:
    """An ASCII slug: «Văn phòng HĐND-UBND» → «van-phong-hdnd-ubnd»."""
    return _NOT_WORD.sub("-", fold(text)).strip("-")


def sort_key(text: str) -> str:
    """A key that sorts in Vietnamese dictionary order, the same on every database: digits only, for those every collation orders alike.

    Letters first (a ă â b … d đ e ê …), two digits each; other characters before them, spaces before those, and the end before all, so that
    «An» stands before «An ninh» and «Ban» before «Banh». Then tones as a tie-break.
    """
    letters: list[str] = []
    tones: list[str] = []
    for char in clean(clean(text).casefold()):
        base, tone = _split_tone(char)
        place = _BASES.find(base)
        letters.append("01" if char == " " else f"{10 + place}" if place >= 0 else "02" + "".join(f"{ord(part):07d}" for part in base))
        tones.append(str(tone))
    return "".join(letters) + "00" + "".join(tones)


def _split_tone(char: str) -> tuple[str, int]:
    """«ệ» → («ê», 5)."""
    tone = 0
    kept = ""
    for part in unicodedata.normalize("NFD", char):
        if part in _TONES:
            tone = _TONES[part]
        else:
            kept += part
    return unicodedata.normalize("NFC", kept), tone


def name_key(text: str) -> str:
    """What two spellings of one unit share: case, spaces, hyphens, full stops and the place of the tone mark fall away.

    «Phòng Văn hoá và Thông tin» and «phòng văn hóa và thông tin.» agree. Diacritics themselves stay: «Hòa Sơn» is not «Hoa Sơn».
    """
    words = (_NAME_NOISE.sub(" ", clean(text).casefold())).strip().split(" ")
    return " ".join(_tone_last(word) for word in words)


def _tone_last(word: str) -> str:
    """Moves the tone of a syllable behind it: «hoá» and «hóa» both become «hoa4»."""
    tones = ""
    letters = ""
    for char in word:
        base, tone = _split_tone(char)
        letters += base
        tones += str(tone) if tone else ""
    return letters + tones


def code_key(code: str) -> str:
    """Sorts codes as numbers: 6.2 before 6.10, B.II.2 before B.III.1."""
    parts = re.split(r"[.\-]", code)
    return ".".join(f"{_part_number(part):05d}" if _part_number(part) is not None else part for part in parts)


_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}


def _part_number(part: str) -> int | None:
    if part.isdecimal():
        return int(part)
    if part and all(c in _ROMAN for c in part):
        values = [_ROMAN[c] for c in part]
        return sum(-v if i + 1 < len(values) and v < values[i + 1] else v for i, v in enumerate(values))
    return None


def date_vn(day: date | datetime | None) -> str:
    """14/11/2026; an instant is shown as its Vietnamese day; nothing as «–»."""
    if day is None:
        return "–"
    if isinstance(day, datetime):
        day = day.astimezone(ZONE).date()
    return f"{day.day:02d}/{day.month:02d}/{day.year}"


def weekday_vn(day: date) -> Words:
    """«Thứ Hai» … «Chủ nhật»."""
    return _WEEKDAYS[day.weekday()]


def long_date_vn(day: date | None) -> str:
    """«Thứ Bảy, 14/11/2026»."""
    return "–" if day is None else joined(", ", (weekday_vn(day), date_vn(day)))


def datetime_vn(instant: datetime | None) -> str:
    """«17/11/2026, 15:22», Vietnamese time."""
    if instant is None:
        return "–"
    local = instant.astimezone(ZONE)
    return f"{date_vn(local)}, {local.hour:02d}:{local.minute:02d}"


def number_vn(number: int | float | Decimal | None, decimals: int = 2) -> str:
    """95,5 and 1.000; what is not known is «–», never 0."""
    if number is None:
        return "–"
    text = f"{number:,}" if isinstance(number, int) else f"{number:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.translate(_SEPARATORS)


def parse_date_vn(text: str) -> date:
    """Reads dd/mm/yyyy only: 03/04/2026 is 3 April. Raises ValueError otherwise, also for 31/02."""
    match = re.fullmatch(r"\s*(\d{1,2})/(\d{1,2})/(\d{4})\s*", text)
    if match is None:
        raise ValueError(text)
    return date(int(match[3]), int(match[2]), int(match[1]))


def join_and(words: Iterable[str]) -> str:
    """«a, b và c»."""
    items = list(words)
    if len(items) < 2:
        return items[0] if items else ""
    return phrase("%(first)s và %(last)s", first=joined(", ", items[:-1]), last=items[-1])
