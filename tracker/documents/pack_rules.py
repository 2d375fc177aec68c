"""Names in an evidence pack, and the exact length of the archive before it is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

#: A pack beyond either is offered outside the request too: at 70 MB a second it takes more than a few seconds, on an office's line far more.
LONG_BYTES = 200 * 1024 * 1024
LONG_FILES = 500
#: Of one name in the archive: Windows opens deep folders of names no longer than this.
NAME_LIMIT = 150
FOLDER_LIMIT = 60
#: What Windows refuses in a name.
_REFUSED = re.compile(r'[<>:"/\\|?*]+')
INDEX_NAME = "00 Danh mục minh chứng.xlsx"
COVER_NAME = "00 Bìa.docx"

#: Parts of a zip (PKWARE APPNOTE): fixed lengths, and what a large file adds.
_LOCAL, _LOCAL_LARGE, _DESCRIPTOR, _CENTRAL, _END, _END_LARGE = 30, 20, 24, 46, 22, 76
_LARGE, _MANY = (1 << 31) - 1, (1 << 16) - 1


def safe_name(text: str, limit: int = NAME_LIMIT) -> str:
    """A name every system accepts: NFC, Vietnamese kept, no character Windows refuses, the ending kept when it is too long."""
    kept = unicodedata.normalize("NFC", "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs")))
    kept = " ".join(_REFUSED.sub(" ", kept).split()).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if dot and len(ending) <= 10 and len(kept) > limit:
        kept = stem[: limit - len(ending) - 1].rstrip(" .") + dot + ending
    return kept[:limit].rstrip(" .") or "tep"


def proof_code(indicator_code: str, number: int) -> str:
    """«1.3-01»: the code of a proof in a round."""
    return f"{indicator_code}-{number:02d}"


def folder_name(code: str, name: str) -> str:
    """Of a main indicator: «1 Nhận thức số»."""
    return safe_name(f"{code} {name}", FOLDER_LIMIT)


def file_name(code: str, place: int, original: str) -> str:
    """«1.3-01 Quyết định.pdf»; the second file of the same proof is «1.3-01.2 …»."""
    return safe_name(f"{code}{f'.{place}' if place > 1 else ''} {original}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive: its whole name with folders, and its size in bytes."""

    name: str
    size: int


def archive_length(entries: Iterable[Entry]) -> int:
    """The length in bytes of a zip of stored entries written to a stream, where each is allowed to be large and followed by its descriptor."""
    offset = central = count = 0
    for entry in entries:
        name = len(entry.name.encode("utf-8"))
        large = 16 * (entry.size > _LARGE) + 8 * (offset > _LARGE)
        central += _CENTRAL + name + (4 + large if large else 0)
        offset += _LOCAL + name + _LOCAL_LARGE + entry.size + _DESCRIPTOR
        count += 1
    end = _END + (_END_LARGE if count > _MANY or offset > _LARGE or central > _LARGE else 0)
    return offset + central + end
