"""Reading back the mails written into the folder, for demonstrations and development."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path

from tracker.kernel.errors import NotFound

_NAME = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of the folder, decoded."""

    name: str
    to: str
    sender: str
    subject: str
    sent_at: datetime | None
    text: str


def listed(folder: Path, limit: int = 200) -> list[Mail]:
    """The newest mails, newest first."""
    files = sorted(folder.glob("*.eml"), key=lambda path: (-path.stat().st_mtime_ns, path.name))
    return [_read(path) for path in files[:limit]]


def one(folder: Path, name: str) -> Mail:
    """The mail of that name. Raises NotFound."""
    path = folder / f"{name}.eml"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound
    return _read(path)


def _read(path: Path) -> Mail:
    message = message_from_bytes(path.read_bytes())
    date = message["Date"]
    return Mail(
        name=path.stem,
        to=_words(message["To"]),
        sender=_words(message["From"]),
        subject=_words(message["Subject"]),
        sent_at=parsedate_to_datetime(date) if date else None,
        text=_text(message),
    )


def _words(header: str | None) -> str:
    return str(make_header(decode_header(header))) if header else ""


def _text(message: Message) -> str:
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            return payload.decode("utf-8", "replace")
    return ""
