"""Which indicator a file is for, by the code in its name or in the names of its folders."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from tracker.files.rules import FILE_TYPES

FILES_LIMIT = 100
WHOLE_LIMIT = 200 * 1024 * 1024

#: What systems leave in folders, and what Office keeps beside an open document.
_JUNK = frozenset({"thumbs.db", "desktop.ini"})
#: A single letter or a Roman number goes on with a code («B.I.1»); a word («1.3.Quyết định») does not.
_GOES_ON = re.compile(r"(?:[0-9]+|[a-z]|[ivxlc]{1,5})(?![^\W_])")
#: «ngày 15.11», «tháng 1.10»: a day of the calendar.
_DAY_BEFORE = re.compile(r"(?:ngày|ngay|tháng|thang)[\s_.-]*$")
#: A code of one number says little by itself: it stands alone, or «15. …», «15) …», «15-01 …» as in the pack of evidence.
_ALONE = re.compile(r"\s*$|[.)](?=[\s_])|-[0-9]{2}(?![0-9])(?!\s*[-./][0-9])")


def is_junk(path: str) -> bool:
    """Whether nobody meant to send this."""
    name = PurePosixPath(path.replace("\\", "/")).name
    return not name or name.startswith((".", "~$")) or name.lower() in _JUNK


def folders_of(path: str) -> str:
    """The folders of a path as a person reads them: «1.3/Quyết định»; empty where there are none."""
    return "/".join(part for part in PurePosixPath(unicodedata.normalize("NFC", path.replace("\\", "/"))).parts[:-1] if part not in ("/", "."))


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    code: str


class Matcher:
    """Reads codes as they are printed: «1.3», «1.10», «B.I.1».

    A code counts only where it stands by itself: not inside a longer number (11.3, 1.3.1), a date (1.3.2026, ngày 15.11), a percentage or a word.
    The name of the file counts before its folders, the nearest folder before those around it. Where several codes stand in one name the one it
    begins with is meant, and where it begins with none of them nobody knows.
    """

    def __init__(self, codes: Iterable[str]) -> None:
        known: dict[str, str] = {}
        for code in sorted(codes):
            text = _plain(code).strip(" .")
            if text:
                known.setdefault(text, code)
        self._codes = known
        together = "|".join(re.escape(text) for text in sorted(known, key=lambda text: (-len(text), text)))
        self._pattern = re.compile(f"(?<![^\\W_])(?:{together})(?![^\\W_])") if together else None

    def match(self, path: str) -> str | None:
        """The code a path means, as it was given; None where none, or more than one, may be meant."""
        parts = [part for part in _plain(path.replace("\\", "/")).split("/") if part]
        for place, part in enumerate(reversed(parts)):
            found = self._in(_stem(part) if place == 0 else part)
            if found:
                return self._one(found)
        return None

    def _one(self, found: list[_Found]) -> str | None:
        if found[0].start == 0:
            return found[0].code
        codes = {one.code for one in found}
        return codes.pop() if len(codes) == 1 else None

    def _in(self, text: str) -> list[_Found]:
        text = text.strip()
        if self._pattern is None:
            return []
        return [_Found(one.start(), self._codes[one.group()]) for one in self._pattern.finditer(text) if _by_itself(text, one)]


def _by_itself(text: str, one: re.Match[str]) -> bool:
    before, after = text[: one.start()], text[one.end() :]
    if re.search(r"[^\W_][.,]$", before) or _DAY_BEFORE.search(before):
        return False
    if after[:1] in (".", ",") and _GOES_ON.match(after[1:]):
        return False
    if re.match(r"\s*%", after):
        return False
    if "." not in one.group():
        return not before and _ALONE.match(after) is not None
    return True


def _stem(name: str) -> str:
    ending = PurePosixPath(name).suffix
    # «1.3» has no ending, «1.3.pdf» has.
    return name[: -len(ending)] if ending in FILE_TYPES or (ending and ending[1:].isalpha() and len(ending) <= 5) else name


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
