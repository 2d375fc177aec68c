"""What pages load to fetch parts of themselves: from this host, within the strict policy, with its licence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.factories import World
from tests.page_client import PageClient
from tracker.web import asset_version

BUILD = ROOT / "static" / "build"


def test_htmx_is_the_file_of_the_package_and_comes_with_its_licence() -> None:
    found = find_spec("django_htmx")
    assert found is not None and found.origin is not None
    source = Path(found.origin).parent / "static" / "django_htmx" / "htmx-2.min.js"
    assert (BUILD / "htmx.js").read_bytes() == source.read_bytes()
    licence = (BUILD / "htmx-LICENSE.txt").read_text(encoding="utf-8")
    assert "Zero-Clause BSD" in licence and "Permission is hereby granted" in licence


def test_another_script_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "new.js").write_text("1")
    first = asset_version.version(tmp_path)
    (tmp_path / "js" / "new.js").write_text("2")
    assert asset_version.version(tmp_path) != first


def test_the_fonts_a_page_asks_for_ahead_are_those_of_the_stylesheet_under_the_same_address() -> None:
    css = (BUILD / "app.css").read_text(encoding="utf-8")
    ahead = asset_version.text_fonts(BUILD.parent)
    assert len(ahead) == 2
    for address in ahead:
        assert f'url("../build/{address.removeprefix("/static/build/")}")' in css
        assert re.search(r"\.woff2\?v=[0-9a-f]{10}$", address)
    assert asset_version.text_fonts(BUILD) == []


@pytest.mark.db("sqlite")
def test_it_is_told_to_run_and_style_nothing_inline(world: World, sign_in: Callable[..., PageClient]) -> None:
    page = sign_in(world.focal.username).get("/huyen-thu/today")
    [said] = page.all("//meta[@name='htmx-config']/@content")
    told = json.loads(said)
    assert (told["includeIndicatorStyles"], told["allowEval"], told["allowScriptTags"], told["selfRequestsOnly"]) == (False, False, False, True)
    scripts = page.all("//script")
    assert all(script.get("src").startswith("/static/") for script in scripts)
    assert all(script.get("defer") is not None for script in scripts if "theme.js" not in script.get("src"))
