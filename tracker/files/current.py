"""The store of this installation, and a file as an answer: for views and commands of every room."""

from __future__ import annotations

import mimetypes
from pathlib import Path

import structlog
from flask import Response, current_app, request, send_file

from tracker.files.models import StoredFile
from tracker.files.rules import INLINE, withdrawn_words
from tracker.files.storage import Storage
from tracker.kernel.errors import Gone, NotFound
from tracker.web.headers import FILE_POLICY

log = structlog.get_logger(__name__)


def storage() -> Storage:
    """Where this installation keeps evidence: STORAGE_URL."""
    return Storage(current_app.config["STORAGE_URL"], scratch())


def scratch() -> Path:
    """Where this installation keeps what it can make again, or has under way."""
    return Path(current_app.config["TRACKER_DATA"]) / "scratch"


def expect_there(stored: StoredFile) -> None:
    """Raises Gone, with the day and the reason, where an administrator took the bytes away."""
    if stored.withdrawn_at is not None:
        raise Gone(withdrawn_words(stored.withdrawn_at, stored.withdrawn_reason or ""))


def answer(stored: StoredFile, name: str) -> Response:
    """The bytes, whole or the range asked for, under the name the person gave them. Nothing in them can run on this site.

    Raises Gone where they were withdrawn, NotFound where they are lost, Unable where the store does not answer.
    """
    expect_there(stored)
    try:
        stream = storage().open(stored.authority_id, stored.sha256)
    except FileNotFoundError:
        log.error("a stored file is missing", authority_id=stored.authority_id, sha256=stored.sha256)
        raise NotFound from None
    ending = mimetypes.guess_extension(stored.media_type) or ""
    shown = name if "." in name else name + ending
    as_attachment = stored.media_type not in INLINE
    given = send_file(stream, mimetype=stored.media_type, as_attachment=as_attachment, download_name=shown, etag=stored.sha256, conditional=False)
    given.content_length = stored.size
    given.headers["Content-Security-Policy"] = FILE_POLICY
    given.make_conditional(request.environ, accept_ranges=True, complete_length=stored.size)
    return given
