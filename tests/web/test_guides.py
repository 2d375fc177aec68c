"""The guides: one text for the repository and the application; every picture it shows exists; the site can be kept on a phone."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from flask import Flask
from PIL import Image

import config
from tests.page_client import PageClient
from tracker.web import guides
from tracker.web.terms import TERMS
from tracker.web.views import GUIDES

pytestmark = pytest.mark.db("sqlite")


def test_every_guide_is_a_page_with_its_parts_and_pictures(client: PageClient) -> None:
    for slug in GUIDES:
        page = client.get(f"/huong-dan/{slug}")
        text = (guides.FOLDER / f"{slug}.md").read_text(encoding="utf-8")
        for heading in re.findall(r"^## (.+)$", text, re.MULTILINE):
            assert heading.replace("*", "") in page.main
        pictures = page.root.xpath("//main//img/@src")
        assert len(pictures) == text.count("](anh/") >= 1
        for source in pictures:
            assert client.raw.get(source).mimetype == "image/png"


def test_the_list_of_guides_tells_every_term(client: PageClient) -> None:
    page = client.get("/huong-dan")
    assert all(term.word in page.main and term.meaning in page.main for term in TERMS.values())
    assert len(page.root.xpath("//main//a[starts-with(@href, '/huong-dan/')]")) == len(GUIDES)


@pytest.mark.parametrize("path", ["/huong-dan/khac", "/huong-dan/anh/khac.png", "/huong-dan/anh/..%2Fdau-moi.md"])
def test_nothing_else_is_served(path: str, client: PageClient) -> None:
    client.get(path, status=404)


def test_a_phone_can_keep_the_site_among_its_programs(app: Flask, client: PageClient) -> None:
    found = client.raw.get("/manifest.webmanifest")
    manifest = found.get_json()
    assert found.mimetype == "application/manifest+json"
    assert (manifest["lang"], manifest["display"], manifest["start_url"]) == ("vi", "standalone", "/")
    for icon in manifest["icons"]:
        path = urlsplit(icon["src"]).path
        assert client.raw.get(icon["src"]).status_code == 200
        with Image.open(config.ROOT / path.lstrip("/")) as image:
            assert f"{image.width}x{image.height}" == icon["sizes"]
    assert client.get("/sign-in").root.xpath("//link[@rel='manifest']/@href") == ["/manifest.webmanifest"]
