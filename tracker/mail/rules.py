"""States of a message and of an attempt to deliver it; what a kind of message hands over at the moment of sending."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from tracker.kernel.errors import Refused
from tracker.kernel.words import phrase


class MessageState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


#: Nothing moves any more.
FINISHED = frozenset({MessageState.SENT, MessageState.FAILED, MessageState.CANCELLED, MessageState.EXPIRED})

STATE_WORDS: dict[MessageState, str] = {
    MessageState.WAITING: phrase("Chờ gửi"),
    MessageState.SENDING: phrase("Đang gửi"),
    MessageState.SENT: phrase("Đã gửi"),
    MessageState.FAILED: phrase("Không gửi được"),
    MessageState.CANCELLED: phrase("Thôi không gửi"),
    MessageState.EXPIRED: phrase("Quá hạn gửi"),
}


class Phase(StrEnum):
    """How far an attempt got: after ``dot`` only the server knows whether it took the message."""

    CHECK = "check"
    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DOT = "dot"
    ACKED = "acked"


class Outcome(StrEnum):
    OK = "ok"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message checked again and written, ready to go. ``html`` may be empty: then it is plain text only."""

    subject: str
    text: str
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Posted(Prepared):
    """A message for a program that listens: ``text`` is the body, ``url`` where it goes, ``secret`` what it is signed with."""

    url: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Dropped:
    """The message is no longer wanted; ``reason`` is a Vietnamese sentence for the list of messages."""

    reason: str


@dataclass(frozen=True, slots=True)
class PutOff:
    """The message is wanted, but not now: it waits ``until`` then (on the clock of the caller) and has not been tried. ``reason`` for the list."""

    until: datetime
    reason: str


#: What checking a message again may come to.
Checked = Prepared | Dropped | PutOff


@dataclass(frozen=True, slots=True)
class Result:
    """How one try ended: how far it got, what the server said."""

    outcome: Outcome
    phase: Phase
    detail: str = ""


#: How the names of kinds begin that go to a program over HTTP: they have a lane of their own, and the rate of mail does not count them.
HOOKS = "webhook."

#: A claim dies this long after its sender's last heartbeat (real clock).
LEASE = timedelta(seconds=60)
HEARTBEAT = timedelta(seconds=10)
#: By how much the clocks of two hosts may differ.
CLOCKS_DIFFER = timedelta(minutes=5)
#: A lease past for so long is over, whoever looks; a younger one only where nobody renewed it before the looker's eyes.
GONE_AFTER = timedelta(hours=2)
#: RFC 5321 §4.5.3.2: after the final dot a client waits ten minutes, or it sends twice what the server was still filing.
DOT_TIMEOUT = timedelta(minutes=10)
#: For every other answer: giving up before the dot can double nothing.
ANSWER_TIMEOUT = timedelta(seconds=60)
#: A sender that has not moved for this long is stuck: its heartbeat stops, and others take over.
STUCK_AFTER = DOT_TIMEOUT + 2 * ANSWER_TIMEOUT
#: What was checked longer ago than this is checked again just before it goes.
CHECK_AGAIN_AFTER = timedelta(seconds=5)
#: Waits after a temporary failure; the last repeats until GIVE_UP_AFTER.
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 60))
GIVE_UP_AFTER = timedelta(hours=72)

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\\x00-\x1f\x7f]+@[^\s@<>()\[\],;:\"\\\x00-\x1f\x7f]+")
#: Separators the Unicode database does not call control characters, yet some mail programs break lines at.
_BREAKS = "\u2028\u2029\u0085"


def back_off(attempts: int) -> timedelta:
    """How long to wait after the n-th failed attempt (1 for the first)."""
    return BACK_OFF[min(attempts, len(BACK_OFF)) - 1]


def fold_address(address: str) -> str:
    """What tells whether two addresses are one mailbox: case falls away, and so does a «+tag».

    «Van.Phong+DTI@Huyen.gov.vn» → «van.phong@huyen.gov.vn». Mail goes to the address as written; only counting uses this.
    """
    local, _, domain = address.strip().casefold().rpartition("@")
    return f"{local.split('+', 1)[0] or local}@{domain}" if domain else address.strip().casefold()


def message_key(dedupe_key: str) -> str:
    """The local part of the Message-ID, stable for the row. Hexadecimal: a «:» in it truncates the ID in some mail programs."""
    return hashlib.sha256(dedupe_key.encode()).hexdigest()[:32]


def header_text(text: str) -> str:
    """One line for a header: control characters and line separators become spaces, so that no header can be smuggled in."""
    plain = unicodedata.normalize("NFC", text)
    if not plain.isprintable():  # nothing that breaks a line is printable
        plain = "".join(" " if unicodedata.category(c) == "Cc" or c in _BREAKS else c for c in plain)
    return " ".join(plain.split())


def checked_address(address: str) -> str:
    """An address SMTP can carry: ASCII before the @, the domain in its ASCII form. Raises Refused with what is wrong."""
    text = address.strip()
    if not _ADDRESS.fullmatch(text) or len(text) > 254:
        raise Refused(phrase("Địa chỉ thư “%(address)s” không đúng dạng ten@co-quan.gov.vn.", address=header_text(address)))
    local, _, domain = text.rpartition("@")
    try:
        local.encode("ascii")
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise Refused(phrase("Địa chỉ thư “%(address)s” có chữ mà máy chủ thư không chuyển được.", address=header_text(address))) from None
