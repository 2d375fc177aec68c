"""The child process that opens a PDF nobody trusts: ``python -I rendering.py FILE FOLDER FIRST COUNT``. Knows nothing of the application.

It limits itself before it reads a byte: memory, processor time, size of what it writes, open files. Writes ``page-<n>.png`` into FOLDER and
prints how many pages there are. Exit codes: LOCKED, BROKEN; anything else is a crash or a limit.
"""

from __future__ import annotations

import os
import resource
import struct
import sys
import zlib
from pathlib import Path

import pypdfium2

LOCKED, BROKEN = 3, 4
WIDTH = 1000
#: A page as long as a roll is shown as far as this goes.
HEIGHT = 4000
MEMORY = 768 * 1024 * 1024
SECONDS = 15
PICTURE = 16 * 1024 * 1024


def limit() -> None:
    """From here on this process can take no more than this, whatever it reads."""
    for what, much in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, PICTURE),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (much, much))
    os.nice(10)


def png(width: int, height: int, stride: int, pixels: bytes) -> bytes:
    """A PNG of 8-bit RGB rows."""
    packer = zlib.compressobj(6)
    body = bytearray()
    for row in range(height):
        body += packer.compress(b"\x00" + pixels[row * stride : row * stride + width * 3])
    body += packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _part(b"IHDR", head) + _part(b"IDAT", bytes(body)) + _part(b"IEND", b"")


def _part(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def draw(document: pypdfium2.PdfDocument, number: int) -> bytes:
    """One page, counted from 1, as a PNG at most WIDTH wide."""
    page = document[number - 1]
    width, height = page.get_size()
    if not (width > 0 and height > 0):
        raise ValueError("a page without an area")
    scale = min(WIDTH / width, HEIGHT / height, 4.0)
    bitmap = page.render(scale=scale, rev_byteorder=True, may_draw_forms=False, prefer_bgrx=False)
    picture = png(bitmap.width, bitmap.height, bitmap.stride, bytes(bitmap.buffer))
    bitmap.close()
    page.close()
    return picture


def main(file: str, folder: str, first: int, count: int) -> int:
    """Returns the exit code."""
    limit()
    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        return LOCKED if "password" in str(error).lower() or "security" in str(error).lower() else BROKEN
    pages = len(document)
    if pages == 0:
        return BROKEN
    print(pages, flush=True)
    for number in range(first, min(first + count, pages + 1)):
        try:
            (Path(folder) / f"page-{number}.png").write_bytes(draw(document, number))
        except (pypdfium2.PdfiumError, ValueError):
            continue  # the other pages may be whole
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
