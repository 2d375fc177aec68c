"""What a file really contains: its name and its content must agree, and nothing in it may be meant to run, fetch or swell.

Nothing is trusted that the file says of itself: a zip's entries are unpacked and counted, a picture's size is read from its own header.
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Any
from xml.etree import ElementTree

import filetype

from tracker.files.rules import FILE_TYPES, INSTEAD, MEBIBYTE
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import join_and
from tracker.kernel.words import phrase

CHUNK = 256 * 1024
#: What a Word or Excel file may unpack to, in entries and bytes really read, and how often its own size; a «bomb» wants more.
UNPACKED_LIMIT = 200 * MEBIBYTE
ENTRIES_LIMIT = 2000
RATIO_LIMIT = 100
#: Below this an honest little file may well repeat itself more often than RATIO_LIMIT.
RATIO_FROM = MEBIBYTE
#: Parts the checks read whole; larger ones no Office program writes.
PART_LIMIT = 4 * MEBIBYTE
#: 50 000 × 50 000 takes 10 GB to show; the largest phone cameras make 108 million.
PIXEL_LIMIT = 150_000_000

_ENTRY = b"PK\x01\x02"
_ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an OLE container: old Office, or a new file under a password
_OFFICE_PART = {".docx": "wordprocessingml.document.main+xml", ".xlsx": "spreadsheetml.sheet.main+xml"}
_LISTING = "[Content_Types].xml"
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ElementTree.ParseError,
    KeyError,
    OSError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
)
#: Office writes neither: with them a reader can be made to open other files, or to fill its memory.
_DOCUMENT_TYPE = tuple(word.encode(coding) for word in ("<!DOCTYPE", "<!ENTITY") for coding in ("ascii", "utf-16-le", "utf-16-be"))
_DDE = re.compile(rb"<ddeLink[\s>]|<(?:\w+:)?instrText[^>]*>\s*DDE(?:AUTO)?\b|instr=\"\s*DDE(?:AUTO)?\b")
#: Fetched by Word as soon as it opens the document; a template on the writer's own disk (file:///C:…) is usual and fetches nothing.
_FETCHED = ("attachedTemplate", "oleObject", "frame", "subDocument")
_OWN_DISK = re.compile(r"file:/+[A-Za-z][:|]|[A-Za-z]:", re.IGNORECASE)
_FAR = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|\\\\|//)", re.IGNORECASE)


def media_type(path: Path, filename: str) -> str:
    """What the content is, where name and content agree and the type is accepted. Raises Refused, saying what would be right."""
    ending = PurePosixPath(filename.lower()).suffix
    expected = FILE_TYPES.get(ending)
    if expected is None:
        accepted = join_and(sorted({e.removeprefix(".").upper() for e in FILE_TYPES}))
        raise _refused(
            phrase(
                "Không nhận tệp “%(ending)s”. Nhận %(accepted)s; đồng chí %(instead)s rồi chọn lại.",
                ending=ending or filename,
                accepted=accepted,
                instead=INSTEAD.get(ending, phrase("xuất tệp ra PDF")),
            )
        )
    if ending in _OFFICE_PART:
        _expect_office(path, ending)
        return expected
    guess: Any = filetype.guess(str(path))
    if guess is None or guess.mime != expected:
        raise _not_as_named(ending)
    if expected.startswith("image/"):
        _expect_moderate(path, expected)
    return expected


def _refused(sentence: str) -> Refused:
    return Refused(sentence, field="file")


def _not_as_named(ending: str) -> Refused:
    return _refused(
        phrase("Nội dung tệp không phải %(value)s như tên gọi. Đồng chí lưu lại đúng loại rồi chọn lại.", value=ending.removeprefix(".").upper())
    )


def _expect_moderate(path: Path, kind: str) -> None:
    with path.open("rb") as stream:
        size = _png_size(stream) if kind == "image/png" else _jpeg_size(stream)
    if size is not None and size[0] * size[1] > PIXEL_LIMIT:
        raise _refused(
            phrase("Ảnh rộng %(size)s × %(size2)s điểm ảnh, không máy nào mở nổi. Đồng chí thu nhỏ ảnh rồi chọn lại.", size=size[0], size2=size[1])
        )


def _png_size(stream: IO[bytes]) -> tuple[int, int] | None:
    head = stream.read(24)
    return struct.unpack(">II", head[16:24]) if len(head) == 24 and head[12:16] == b"IHDR" else None


def _jpeg_size(stream: IO[bytes]) -> tuple[int, int] | None:
    """Width and height from the frame header, going from segment to segment; None where there is none."""
    stream.seek(2)
    while len(mark := stream.read(4)) == 4 and mark[0] == 0xFF:
        if mark[1] == 0xFF:  # padding
            stream.seek(-3, 1)
            continue
        if 0xC0 <= mark[1] <= 0xCF and mark[1] not in (0xC4, 0xC8, 0xCC):
            frame = stream.read(5)
            return (int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big")) if len(frame) == 5 else None
        stream.seek(max(int.from_bytes(mark[2:], "big") - 2, 0), 1)
    return None


def _expect_office(path: Path, ending: str) -> None:
    """A Word or Excel file without macros, passwords, bombs or anything that is fetched or run when it is opened."""
    with path.open("rb") as stream:
        if stream.read(len(_ENCRYPTED)) == _ENCRYPTED:
            raise _refused(
                phrase("Tệp Office có mật khẩu hoặc là bản Office cũ. Đồng chí bỏ mật khẩu, lưu lại thành DOCX, XLSX hoặc PDF rồi chọn lại.")
            )
    if _entries(path) > ENTRIES_LIMIT:  # before zipfile makes an object of each
        raise _swells()
    try:
        with zipfile.ZipFile(path) as archive:
            _expect_plain(archive, ending)
            _read_through(archive, path.stat().st_size)
    except _DAMAGED:
        raise _not_as_named(ending) from None


def _entries(path: Path) -> int:
    """At least how many entries a zip lists, counted in its bytes: the number it states may lie."""
    found, tail = 0, b""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            found += (tail + chunk).count(_ENTRY)
            tail = chunk[1 - len(_ENTRY) :]
    return found


def _swells() -> Refused:
    return _refused(phrase("Tệp Office bung ra quá lớn so với chính nó, như tệp phá hoại. Đồng chí mở tệp, lưu lại hoặc xuất ra PDF rồi chọn lại."))


def _expect_plain(archive: zipfile.ZipFile, ending: str) -> None:
    """What the list of entries tells: kinds, names, macros, passwords."""
    names = [entry.filename for entry in archive.infolist()]
    if len(set(names)) < len(names):  # two readers would see two documents
        raise _not_as_named(ending)
    for entry in archive.infolist():
        if entry.flag_bits & 0x1:
            raise _refused(phrase("Tệp nén có mật khẩu. Đồng chí bỏ mật khẩu, lưu lại rồi chọn lại."))
        parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
        strange = not parts or parts[0] == "/" or ".." in parts or ":" in parts[0] or stat.S_ISLNK(entry.external_attr >> 16)
        if strange or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _not_as_named(ending)
        if parts[-1].lower() == "vbaproject.bin":
            raise _macros()
    with archive.open(_LISTING) as listing:
        text = listing.read(PART_LIMIT).decode("utf-8", "replace")
    if "macroEnabled" in text or "vbaProject" in text:
        raise _macros()
    if _OFFICE_PART[ending] not in text:
        raise _not_as_named(ending)


def _macros() -> Refused:
    return _refused(phrase("Tệp Office có macro. Đồng chí lưu lại thành DOCX hoặc XLSX không macro, hoặc PDF, rồi chọn lại."))


def _read_through(archive: zipfile.ZipFile, packed: int) -> None:
    """Unpacks every entry once, counting what really comes out, and looks at each part of XML on the way."""
    unpacked = 0
    for entry in archive.infolist():
        written, tail, relations = entry.filename.lower().endswith((".xml", ".rels")), b"", []
        with archive.open(entry) as part:
            while chunk := part.read(CHUNK):
                unpacked += len(chunk)
                if unpacked > UNPACKED_LIMIT or (unpacked > RATIO_FROM and unpacked > packed * RATIO_LIMIT):
                    raise _swells()
                if written:
                    _expect_harmless(tail + chunk)
                    tail = chunk[-256:]
                if entry.filename.lower().endswith(".rels"):
                    relations.append(chunk)
                    if len(relations) * CHUNK > PART_LIMIT:
                        raise _swells()
        if relations:
            _expect_near(b"".join(relations))


def _expect_harmless(text: bytes) -> None:
    if any(word in text for word in _DOCUMENT_TYPE):
        raise _refused(phrase("Tệp Office có khai báo XML lạ (DOCTYPE) mà Word, Excel không bao giờ ghi. Đồng chí xuất ra PDF rồi chọn lại."))
    if _DDE.search(text):
        raise _refused(phrase("Tệp có lệnh DDE gọi chương trình khác khi mở. Đồng chí gỡ liên kết ấy, hoặc xuất ra PDF, rồi chọn lại."))


def _expect_near(relations: bytes) -> None:
    """Nothing the document points to is fetched from elsewhere when it is opened."""
    for one in ElementTree.fromstring(relations).iter():  # noqa: S314 - declarations of entities were refused while reading
        target = one.get("Target", "")
        fetched = one.get("TargetMode") == "External" and one.get("Type", "").rpartition("/")[2] in _FETCHED
        if fetched and _FAR.match(target) and not _OWN_DISK.match(target):
            raise _refused(phrase("Tệp Word tự tải mẫu hoặc đối tượng từ nơi khác khi mở. Đồng chí gỡ mẫu ngoài, hoặc xuất ra PDF, rồi chọn lại."))
