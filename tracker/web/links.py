"""Where to go next: only to a path of this site."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException


def local_path(text: str | None) -> str | None:
    """The text where it is a path of this site, else None: no scheme, no host, no backslash, no control character."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")) or "\\" in text or any(ord(c) < 32 for c in text):
        return None
    parts = urlsplit(text)
    return None if parts.scheme or parts.netloc else text


def next_path(default: str) -> str:
    """The form's ``next``, where it is a path of this site."""
    return local_path(request.form.get("next")) or default


def next_page(default: str) -> str:
    """The same, where it is a page to be opened: a refused form is shown under an address that may only take posts."""
    path = next_path(default)
    try:
        current_app.url_map.bind("").match(path.partition("?")[0], method="GET")
    except HTTPException:
        return default
    return path


def with_filters(path: str) -> str:
    """The path with the filters of the page on the screen: an export holds what is shown."""
    filters = request.query_string.decode("ascii", "replace")
    return f"{path}?{filters}" if filters else path
