"""Small files of every kind a unit may bring, and of some it may not."""

from __future__ import annotations

import io
import zipfile

PDF = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
EXE = b"MZ\x90\x00" + b"\x00" * 120
HTML = b"<!DOCTYPE html><script>alert(1)</script>"

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


def office(kind: str, entries: int = 1, size: int = 10, extra: str = "") -> bytes:
    """A zip whose list of contents says it is ``kind``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types><Override PartName="/word/document.xml" ContentType="{kind}"/>{extra}</Types>')
        for number in range(entries):
            archive.writestr(f"word/{number}.xml", b"\x00" * size)
    return out.getvalue()


def damaged() -> bytes:
    """A Word file whose list of contents does not unpack."""
    whole = bytearray(office(WORD))
    at = whole.index(b"[Content_Types].xml") + len("[Content_Types].xml")
    whole[at : at + 20] = b"\xff" * 20
    return bytes(whole)
