"""Carrying one written message out: over SMTP, or into a folder where no server is set."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import os
import re
import smtplib
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, formataddr, parseaddr
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask_mail import Connection, Mail, Message

from tracker.kernel import clock
from tracker.kernel.failpoints import reach
from tracker.mail.rules import ANSWER_TIMEOUT, DOT_TIMEOUT, Outcome, Phase, Prepared, Result, header_text

SENDER_NAME = "Đôn Đốc"

_LINE_BEGINS_WITH_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message and the address on its envelope, as ``rules.checked_address`` lets it pass."""

    message_key: str
    to_address: str
    to_name: str
    prepared: Prepared


class Transport(Protocol):
    """Delivers letters one after another; never raises for what a server or a line does."""

    def deliver(self, letter: Letter) -> Result: ...

    def close(self) -> None: ...


class WrittenMessage(Message):
    """Flask-Mail's message in bytes of our own: the standard library's generator loses the spaces of long Vietnamese subjects
    in Python 3.11, and takes longer than everything else of a mail together.
    """

    written_at: datetime

    def as_bytes(self) -> bytes:
        lines = [
            f"Subject: {encoded_words(header_text(self.subject))}",
            f"From: {_from(str(self.sender))}",
            *(f"To: {_mailbox(*one)}" for one in self.recipients if isinstance(one, tuple)),
            f"Date: {format_datetime(self.written_at)}",
            f"Message-ID: {self.msgId}",
            "Auto-Submitted: auto-generated",
            *(f"{header_text(name)}: {encoded_words(header_text(value))}" for name, value in (self.extra_headers or {}).items()),
            "MIME-Version: 1.0",
        ]
        text = _part("plain", self.body or "")
        if not self.html:
            return _joined(lines) + text
        boundary = f"=_{hashlib.sha256(self.msgId.encode()).hexdigest()[:24]}"
        lines.append(f'Content-Type: multipart/alternative; boundary="{boundary}"')
        between = f"--{boundary}\r\n".encode()
        return _joined(lines) + b"\r\n" + between + text + between + _part("html", self.html) + f"--{boundary}--\r\n".encode()


def _joined(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _part(subtype: str, text: str) -> bytes:
    """Base64: no relay can break a line of it, and no line of it can begin with a dot."""
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return head.encode() + base64.encodebytes(text.encode()).replace(b"\n", b"\r\n")


#: A line with an encoded word may have 76 characters (RFC 2047 §2): «Subject: » and 39 bytes of text.
_WORD_BYTES = 39


@functools.lru_cache(maxsize=4096)
def encoded_words(text: str) -> str:
    """A header's text for the wire (RFC 2047): ASCII as it is, else encoded words cut between characters, folded one a line."""
    if text.isascii() and len(text) <= 900 and "=?" not in text:
        return text
    words: list[bytes] = [b""]
    for character in text:
        piece = character.encode()
        if len(words[-1]) + len(piece) > _WORD_BYTES:
            words.append(b"")
        words[-1] += piece
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in words)


def _mailbox(name: str, address: str) -> str:
    name = header_text(name)
    if not name:
        return address
    return f"{encoded_words(name)} <{address}>" if not name.isascii() else formataddr((name, address))


@functools.lru_cache(maxsize=16)
def _from(sender: str) -> str:
    """The same in every mail of an installation."""
    return _mailbox(*parseaddr(sender))


def write(letter: Letter, *, sender: str, domain: str, at: datetime) -> bytes:
    """The message as bytes for the wire."""
    message = WrittenMessage(
        subject=letter.prepared.subject,
        recipients=[(letter.to_name, letter.to_address)],
        body=letter.prepared.text,
        html=letter.prepared.html or None,
        sender=sender,
        extra_headers=dict(letter.prepared.headers),
    )
    message.written_at = at
    message.msgId = f"<{letter.message_key}@{domain}>"
    return message.as_bytes()


def identity(config: Mapping[str, Any]) -> tuple[str, str]:
    """(From, domain of Message-IDs) of this installation."""
    name, address = parseaddr(config["MAIL_DEFAULT_SENDER"])
    domain = urlsplit(config["BASE_URL"]).hostname or address.rpartition("@")[2]
    return f'"{header_text(name or SENDER_NAME)}" <{address}>', domain.replace(":", "-")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server said instead of going on."""

    code: int
    answer: bytes
    hang_up: bool = False


class _Patient:
    """What smtplib lacks: it says how far it got, and waits ten minutes after the final dot."""

    phase: Phase = Phase.CONNECT

    def envelope(self: Any, sender: str, recipient: str, size: int) -> Refusal | None:
        """MAIL, RCPT, DATA, in one packet where the server takes several commands at once. None where it waits for the text."""
        options = [f"SIZE={size}"] if self.has_extn("size") else []
        commands = [" ".join([f"MAIL FROM:<{sender}>", *options]), f"RCPT TO:<{recipient}>", "DATA"]
        at_once = self.has_extn("pipelining")
        if at_once:
            self.send("".join(f"{command}\r\n" for command in commands).encode("ascii"))
        refusal: Refusal | None = None
        for command, phase, welcome in zip(commands, (Phase.MAIL, Phase.RCPT, Phase.RCPT), ((250,), (250, 251), (354,)), strict=True):
            if refusal is None:
                self.phase = phase
            elif not at_once:
                break
            code, answer = self.getreply() if at_once else self.docmd(command)
            if code not in welcome:
                refusal = refusal or Refusal(code, answer)
            elif refusal is not None and phase is Phase.RCPT and code == 354:
                # It waits for a text that must not come: only hanging up says so.
                refusal = Refusal(refusal.code, refusal.answer, hang_up=True)
            elif command != "DATA":
                reach(phase)
        return refusal

    def text_patiently(self: Any, message: bytes) -> tuple[int, bytes]:
        """The text, the dot. Returns the server's last word."""
        # None does in a mail of our own (base64): looking is quicker than replacing nothing.
        quoted = _LINE_BEGINS_WITH_DOT.sub(b"..", message) if b"\n." in message or message.startswith(b".") else message
        quoted = quoted if quoted.endswith(b"\r\n") else quoted + b"\r\n"
        middle = len(quoted) // 2
        self.send(quoted[:middle])
        reach("mid-data")
        self.send(quoted[middle:])
        self.sock.settimeout(DOT_TIMEOUT.total_seconds())
        self.phase = Phase.DOT
        try:
            self.send(b".\r\n")
            reach("dot")
            code, answer = self.getreply()
        finally:
            if self.sock is not None:
                self.sock.settimeout(ANSWER_TIMEOUT.total_seconds())
        return code, answer


class PatientSMTP(_Patient, smtplib.SMTP):
    pass


class PatientSMTPOverTLS(_Patient, smtplib.SMTP_SSL):
    pass


class VerifiedConnection(Connection):
    """Flask-Mail's connection with a checked certificate, a timeout, and no falling back to plain text."""

    def __init__(self, mail: Any, local_name: str) -> None:
        super().__init__(mail)
        self.local_name = local_name

    def configure_host(self) -> PatientSMTP | PatientSMTPOverTLS:
        host: PatientSMTP | PatientSMTPOverTLS
        timeout = ANSWER_TIMEOUT.total_seconds()
        server, port = self.mail.server, self.mail.port or 0
        if self.mail.use_ssl:
            host = PatientSMTPOverTLS(server, port, local_hostname=self.local_name, timeout=timeout, context=ssl.create_default_context())
        else:
            host = PatientSMTP(server, port, local_hostname=self.local_name, timeout=timeout)
        if self.mail.use_tls:
            host.starttls(context=ssl.create_default_context())
        if self.mail.username and self.mail.password:
            host.login(self.mail.username, self.mail.password)
        host.ehlo_or_helo_if_needed()
        # The dot goes as a packet of its own: without this it would wait for the server's delayed acknowledgement.
        assert host.sock is not None
        host.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return host


class SmtpTransport:
    """One connection for as many letters as the server takes."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._sender, self._domain = identity(config)
        self._envelope = parseaddr(config["MAIL_DEFAULT_SENDER"])[1]
        self._connection = VerifiedConnection(Mail().init_mail(dict(config)), self._domain)
        self._host: PatientSMTP | PatientSMTPOverTLS | None = None

    def deliver(self, letter: Letter) -> Result:
        """One try. Before the dot a failure doubles nothing; after it only the server knows."""
        message = write(letter, sender=self._sender, domain=self._domain, at=clock.real_now())
        reused = self._host is not None
        result = self._try(letter.to_address, message)
        if reused and self._host is None and result.outcome is Outcome.TEMPORARY and result.phase is Phase.MAIL:
            # The server had closed the connection we kept: a new one, at once.
            result = self._try(letter.to_address, message)
        return result

    def _try(self, address: str, message: bytes) -> Result:
        if self._host is None:
            try:
                self._host = self._connection.configure_host()
                reach("connected")
            except (OSError, smtplib.SMTPException, UnicodeError) as error:
                return Result(Outcome.TEMPORARY, Phase.CONNECT, _words(error))
        host = self._host
        host.phase = Phase.MAIL
        try:
            return self._converse(host, address, message)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            outcome = Outcome.UNKNOWN if host.phase is Phase.DOT else Outcome.TEMPORARY
            return Result(outcome, host.phase, _words(error))

    def _converse(self, host: PatientSMTP | PatientSMTPOverTLS, address: str, message: bytes) -> Result:
        refusal = host.envelope(self._envelope, address, len(message))
        if refusal is None:
            code, answer = host.text_patiently(message)
            refusal = None if code == 250 else Refusal(code, answer)
        if refusal is not None:
            return self._refusal(host, refusal)
        host.phase = Phase.ACKED
        reach("acked")
        return Result(Outcome.OK, Phase.ACKED, _text(answer))

    def _refusal(self, host: PatientSMTP | PatientSMTPOverTLS, refusal: Refusal) -> Result:
        """4xx is tried again, 5xx never; an answer that is none tells nothing after the dot."""
        phase, code = host.phase, refusal.code
        if 500 <= code < 600:
            outcome = Outcome.PERMANENT
        elif 400 <= code < 500 or phase is not Phase.DOT:
            outcome = Outcome.TEMPORARY
        else:
            outcome = Outcome.UNKNOWN
        if refusal.hang_up or code == 421 or not 400 <= code < 600 or not self._reset(host):
            self._drop()
        return Result(outcome, phase, f"{code} {_text(refusal.answer)}".strip())

    @staticmethod
    def _reset(host: PatientSMTP | PatientSMTPOverTLS) -> bool:
        try:
            return host.rset()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def _drop(self) -> None:
        if self._host is not None:
            self._host.close()
            self._host = None

    def close(self) -> None:
        """Takes leave of the server; what it says to that changes nothing."""
        if self._host is not None:
            try:
                self._host.quit()
            except (OSError, smtplib.SMTPException):
                self._host.close()
            self._host = None


class FolderTransport:
    """Without a mail server: one ``.eml`` for each message. Writing it again replaces it: the name is the Message-ID."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._sender, self._domain = identity(config)
        self._folder = Path(config["MAIL_FOLDER"])

    def deliver(self, letter: Letter) -> Result:
        """Temporary file, fsync, rename: a reader never sees half a mail."""
        message = write(letter, sender=self._sender, domain=self._domain, at=clock.now())
        place = self._folder / f"{letter.message_key}.eml"
        partial = place.with_suffix(f".{os.getpid()}.partial")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                file.write(message)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(place)
            _settle(self._folder)
        except OSError as error:
            with contextlib.suppress(OSError):
                partial.unlink()
            return Result(Outcome.TEMPORARY, Phase.CONNECT, _words(error))
        return Result(Outcome.OK, Phase.ACKED, place.name)

    def close(self) -> None:
        """Nothing is kept open."""


def _settle(folder: Path) -> None:
    """Makes a rename survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def transport_for(config: Mapping[str, Any]) -> Transport:
    """SMTP where MAIL_SERVER is set, else the folder."""
    return SmtpTransport(config) if config.get("MAIL_SERVER") else FolderTransport(config)


def _text(answer: bytes | str) -> str:
    return header_text(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer)[:500]


def _words(error: Exception) -> str:
    return header_text(f"{type(error).__name__}: {error}")[:500]
