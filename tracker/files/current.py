"""The store of this installation, and a file as an answer: for views and commands of every room."""

from __future__ import annotations

import mimetypes
from pathlib import Path

import structlog
from flask import Response, current_app, send_file

from tracker.files.models import StoredFile
from tracker.files.storage import Storage
from tracker.kernel.errors import NotFound
from tracker.web.headers import FILE_POLICY

log = structlog.get_logger(__name__)

#: Shown in the browser itself; everything else is a download.
INLINE = frozenset({"image/png", "image/jpeg"})


def storage() -> Storage:
    """Where this installation keeps evidence: STORAGE_URL."""
    return Storage(current_app.config["STORAGE_URL"], Path(current_app.config["TRACKER_DATA"]) / "scratch")


def answer(stored: StoredFile, name: str) -> Response:
    """The bytes, under the name the person gave them. Nothing in them can run on this site. Raises NotFound where they are gone."""
    try:
        stream = storage().open(stored.authority_id, stored.sha256)
    except FileNotFoundError:
        log.error("a stored file is missing", authority_id=stored.authority_id, sha256=stored.sha256)
        raise NotFound from None
    ending = mimetypes.guess_extension(stored.media_type) or ""
    shown = name if "." in name else name + ending
    given = send_file(stream, mimetype=stored.media_type, as_attachment=stored.media_type not in INLINE, download_name=shown, etag=stored.sha256)
    given.headers["Content-Security-Policy"] = FILE_POLICY
    given.headers["Content-Length"] = str(stored.size)
    return given
