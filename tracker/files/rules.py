"""What may be brought, and how a file is called."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from pathlib import PurePosixPath

from tracker.kernel.clock import local_day
from tracker.kernel.vietnamese import date_vn
from tracker.kernel.words import phrase

MEBIBYTE = 1024 * 1024

#: What is accepted. Names are endings; the content is checked as well.
FILE_TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FILE_LIMIT = 20 * MEBIBYTE

#: Shown in the browser itself; everything else is a download.
INLINE = frozenset({"image/png", "image/jpeg"})

#: What to do instead, for endings people really choose.
INSTEAD = {
    ".doc": phrase("lưu lại thành DOCX hoặc PDF"),
    ".docm": phrase("lưu lại thành DOCX không macro, hoặc PDF"),
    ".dotx": phrase("lưu lại thành DOCX hoặc PDF"),
    ".xls": phrase("lưu lại thành XLSX hoặc PDF"),
    ".xlsm": phrase("lưu lại thành XLSX không macro, hoặc PDF"),
    ".heic": phrase("lưu lại thành JPG"),
    ".webp": phrase("lưu lại thành JPG hoặc PNG"),
    ".tif": phrase("lưu lại thành PDF hoặc JPG"),
    ".zip": phrase("giải nén rồi chọn từng tệp"),
    ".rar": phrase("giải nén rồi chọn từng tệp"),
    ".7z": phrase("giải nén rồi chọn từng tệp"),
}

NAME_LIMIT = 200
#: A longer «ending» is a sentence with a full stop in it.
ENDING_LIMIT = 20

#: A reason that says less than this says nothing.
REASON_MIN, REASON_MAX = 10, 500

#: So long an upload may take between its bytes and its row; what is older and has no row is nobody's.
ORPHAN_HOURS = 24
#: So long a removed orphan can still come back: longer than any transaction lasts.
ASIDE_HOURS = 1
#: Withdrawn bytes that still lie there after so long are a fault.
WITHDRAWN_HOURS = 1


def tidy_name(name: str | None) -> str:
    """The name as the person knows it: NFC, no folders, no control or direction characters, at most 200 long. Never used as a path."""
    last = PurePosixPath((name or "").replace("\\", "/")).name
    kept = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp")).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if dot and len(ending) < ENDING_LIMIT:
        kept = stem[: NAME_LIMIT - len(ending) - 1] + dot + ending
    return kept[:NAME_LIMIT].strip(" .") or "tep"


def withdrawn_words(at: datetime, reason: str) -> str:
    """What a reader is told in the place of withdrawn bytes."""
    return phrase("Tệp này đã được quản trị rút khỏi hệ thống ngày %(at)s. Lý do: %(reason)s", at=date_vn(local_day(at)), reason=reason)
