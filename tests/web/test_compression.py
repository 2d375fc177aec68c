"""Pages travel packed where the browser can unpack them; what people brought goes as it is."""

from __future__ import annotations

import gzip

import brotli
import pytest

from tests.page_client import PageClient

pytestmark = pytest.mark.db("sqlite")


@pytest.mark.parametrize("path", ["/sign-in", "/huong-dan/dau-moi", "/static/build/app.css"])
def test_a_page_travels_packed(path: str, client: PageClient) -> None:
    plain = client.raw.get(path)
    packed = client.raw.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "br" and "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.data) < len(plain.data) * 0.45
    if path != "/sign-in":  # holds a token of its own
        assert brotli.decompress(packed.data) == plain.data


def test_an_old_proxy_gets_gzip_or_nothing(client: PageClient) -> None:
    body = client.raw.get("/huong-dan", headers={"Accept-Encoding": "gzip"})
    assert b"</html>" in gzip.decompress(body.data)
    assert "Content-Encoding" not in client.raw.get("/huong-dan", headers={"Accept-Encoding": "identity"}).headers


def test_fonts_and_pictures_are_packed_already(client: PageClient) -> None:
    for path in ("/static/build/BeVietnamPro-Regular.woff2", "/huong-dan/anh/dau-moi.png"):
        assert "Content-Encoding" not in client.raw.get(path, headers={"Accept-Encoding": "br"}).headers


def test_what_was_not_changed_is_not_sent_again(client: PageClient) -> None:
    first = client.raw.get("/static/build/app.css", headers={"Accept-Encoding": "br"})
    again = client.raw.get("/static/build/app.css", headers={"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and again.data == b""
