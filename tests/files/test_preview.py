"""A PDF as pictures: made in a child that can take little, kept for a while, refused with a sentence and never with an error."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.evidence import samples
from tracker.files import preview
from tracker.files.current import storage
from tracker.files.models import StoredFile
from tracker.kernel import clock
from tracker.kernel.errors import Gone, NotFound, Refused
from tracker.operations.demo_files import one_page_pdf

pytestmark = pytest.mark.wall_clock  # what is kept is dated by the real clock


@pytest.fixture(autouse=True)
def _inside(bare_app: Flask, tmp_path: Path) -> Iterator[None]:
    with bare_app.app_context():
        yield


def kept(content: bytes, name: str = "a.pdf") -> StoredFile:
    stored = storage().put(7, io.BytesIO(content), name)
    return StoredFile(authority_id=7, sha256=stored.sha256, size=stored.size, media_type=stored.media_type)


def many_pages(number: int, box: str = "0 0 595 842", extra: str = "") -> bytes:
    """A PDF of so many pages, each of this size."""
    kids = " ".join(f"{3 + n} 0 R" for n in range(number))
    pages = "".join(f"{3 + n} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Resources<<>>{extra}>>endobj\n" for n in range(number))
    return f"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count {number}/Kids[{kids}]>>endobj\n{pages}trailer<</Root 1 0 R>>\n%%EOF\n".encode()


def size(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", picture[16:24])


def folder(stored: StoredFile) -> Path:
    return preview._folder(stored)


def test_a_page_is_a_picture_a_thousand_pixels_wide() -> None:
    stored = kept(one_page_pdf("Quyet dinh"))
    assert preview.pages(stored) == 1
    assert size(preview.page(stored, 1)) == (1000, 1416)


def test_the_first_thirty_pages_are_shown_and_no_other() -> None:
    stored = kept(many_pages(40))
    assert preview.pages(stored) == 30
    assert size(preview.page(stored, 30))[0] == 1000
    for number in (0, -1, 31, 40, 10**9):
        with pytest.raises(NotFound):
            preview.page(stored, number)


def test_a_page_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = kept(many_pages(3))
    first = preview.page(stored, 2)
    monkeypatch.setattr(preview, "CHILD", Path("/nowhere"))
    assert preview.page(stored, 2) == first


@pytest.mark.parametrize("box", ["0 0 1 1000000", "0 0 1000000 1", "0 0 14400 14400", "0 0 0 0", "0 0 -5 1e30"])
def test_a_page_of_any_size_is_a_moderate_picture_or_a_sentence(box: str) -> None:
    stored = kept(many_pages(1, box))
    try:
        width, height = size(preview.page(stored, 1))
    except Refused as refusal:
        assert "tải" in refusal.message
    else:
        assert 0 < width <= 1001 and 0 < height <= 4001


HOSTILE = {
    "no pages": samples.PDF,
    "cut off": one_page_pdf("x")[:200],
    "noise": b"%PDF-1.7\n" + os.urandom(5000),
    "empty": b"%PDF-1.4\n",
    "a loop of pages": b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[2 0 R]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
    "polyglot": samples.PDF + samples.HTML,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_broken_pdf_gets_a_sentence(name: str) -> None:
    with pytest.raises(Refused, match=r"tải về|tải tệp về"):
        preview.page(kept(HOSTILE[name]), 1)


def test_a_pdf_with_a_password_gets_its_own_sentence() -> None:
    locked = one_page_pdf("x").replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R /ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>] /Encrypt<</Filter/Standard/V 1/R 2/P -4"
        b"/O<" + b"ab" * 32 + b">/U<" + b"cd" * 32 + b">>>",
    )
    with pytest.raises(Refused, match="mật khẩu"):
        preview.pages(kept(locked))


def child(tmp_path: Path, body: str) -> Path:
    """Another child in the place of ours, to see what is around it."""
    path = tmp_path / "child.py"
    path.write_text(body)
    return path


def test_the_child_knows_no_secret_and_is_not_waited_for_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x" * 40)
    monkeypatch.setattr(
        preview,
        "CHILD",
        child(tmp_path, "import os, sys\nopen('/%s' % sys.argv[2].strip('/') + '/../env', 'w').write(repr(dict(os.environ)))\nprint(1)"),
    )
    stored = kept(many_pages(1))
    assert preview.pages(stored) == 1
    assert "SECRET" not in (folder(stored) / "env").read_text()
    monkeypatch.setattr(preview, "PATIENCE", 0.5)
    monkeypatch.setattr(preview, "CHILD", child(tmp_path, "import time\ntime.sleep(60)"))
    with pytest.raises(Refused, match="quá nặng"):
        preview.pages(kept(many_pages(2)))


@pytest.mark.parametrize(
    "greed",
    ["bytearray(4 << 30)", "open(sys.argv[2] + '/page-1.png', 'wb').write(bytes(64 << 20))", "[open('/dev/null') for _ in range(100)]", "os.abort()"],
)
def test_a_child_that_wants_too_much_ends_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, greed: str) -> None:
    """The limits are those of the real child, taken from its own file."""
    body = f"import runpy, os, sys\nreal = runpy.run_path({str(preview.CHILD)!r})\nreal['limit']()\n{greed}\nprint(1)"
    monkeypatch.setattr(preview, "CHILD", child(tmp_path, body))
    with pytest.raises(Refused):
        preview.pages(kept(many_pages(1)))


def test_a_refusal_is_believed_for_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = kept(one_page_pdf("x"))
    good = preview.CHILD
    monkeypatch.setattr(preview, "CHILD", Path("/nowhere"))
    with pytest.raises(Refused):
        preview.pages(stored)
    monkeypatch.setattr(preview, "CHILD", good)
    with pytest.raises(Refused):
        preview.pages(stored)
    moment = (clock.real_now() - timedelta(minutes=11)).timestamp()
    os.utime(folder(stored) / "pages", (moment, moment))
    assert preview.pages(stored) == 1


def test_withdrawn_lost_and_other_files_have_no_pages() -> None:
    gone = kept(one_page_pdf("x"))
    preview.pages(gone)
    gone.withdrawn_at, gone.withdrawn_reason = clock.now(), "Văn bản có độ mật"
    with pytest.raises(Gone):
        preview.page(gone, 1)
    preview.forget(gone)
    assert not folder(gone).exists()
    with pytest.raises(NotFound):
        preview.pages(StoredFile(authority_id=7, sha256="0" * 64, size=1, media_type="application/pdf"))
    with pytest.raises(NotFound):
        preview.pages(kept(samples.PNG, "a.png"))


def test_what_nobody_looks_at_goes_and_the_rest_fits_its_room(monkeypatch: pytest.MonkeyPatch) -> None:
    old, used, new = (kept(many_pages(number)) for number in (1, 2, 3))
    for days, stored in ((31, old), (2, used), (1, new)):
        preview.page(stored, 1)
        moment = (clock.real_now() - timedelta(days=days)).timestamp()
        os.utime(folder(stored) / "lock", (moment, moment))
    assert preview.reap() == 1 and not folder(old).exists()
    monkeypatch.setattr(preview, "ROOM", sum(one.stat().st_size for one in folder(new).iterdir()))
    assert preview.reap() == 1 and folder(new).exists() and not folder(used).exists()
