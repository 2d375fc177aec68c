"""The version of what the browser loads. Apart from assets.py so that no server has to load the font tools."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path


def version(static: Path) -> str:
    """Return a short hash of what the browser loads, for ``?v=``: it changes when a byte of it does."""
    digest = hashlib.sha256()
    for path in [static / "build" / "app.css", static / "build" / "icons.svg", static / "build" / "htmx.js", *sorted((static / "js").glob("*.js"))]:
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def text_fonts(static: Path) -> list[str]:
    """The addresses of the fonts every page is written in, as the stylesheet asks for them."""
    stylesheet = static / "build" / "app.css"
    css = stylesheet.read_text(encoding="utf-8") if stylesheet.is_file() else ""
    return [f"/static/build/{name}" for name in re.findall(r"\.\./build/(BeVietnamPro-[^\"]+)", css)]
