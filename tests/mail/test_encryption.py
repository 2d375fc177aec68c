"""Encryption asked for is never given up: a certificate that does not hold, a server that will not, words slipped in before the lock."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask

from tracker.kernel import clock
from tracker.mail.rules import Outcome, Phase, Prepared, message_key
from tracker.mail.transport import Letter, SmtpTransport

# These speak to servers of their own on 127.0.0.1; no database.
pytestmark = pytest.mark.db

LETTER = Letter(message_key("k"), "a@x.vn", "Phòng Nội vụ", Prepared("Đôn Đốc", "Kính gửi đồng chí.\n", "<p>Kính gửi</p>"))
A_DAY = datetime.timedelta(days=1)


@dataclass
class Authority:
    """Signs certificates; its own is in ``file``."""

    folder: Path
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def name(self) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Cơ quan cấp chứng thư thử")])

    @property
    def file(self) -> Path:
        own = self._signed(self.name, self.key, x509.BasicConstraints(ca=True, path_length=0), clock.real_now() + A_DAY)
        path = self.folder / "authority.pem"
        path.write_bytes(own.public_bytes(serialization.Encoding.PEM))
        return path

    def context(self, address: str = "127.0.0.1", *, ends: datetime.datetime | None = None) -> ssl.SSLContext:
        """What a server at ``address`` shows."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        certificate = self._signed(x509.Name([]), key, names, ends or clock.real_now() + A_DAY)
        path = self.folder / f"server-{address}.pem"
        form = serialization.PrivateFormat.TraditionalOpenSSL
        secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType, ends: datetime.datetime
    ) -> x509.Certificate:
        building = x509.CertificateBuilder(self.name, subject, key.public_key(), x509.random_serial_number(), ends - 9 * A_DAY, ends)
        return building.add_extension(extension, critical=True).sign(self.key, hashes.SHA256())


@dataclass
class Guarded:
    """A mail server that asks for encryption. ``injected`` follows its answer to STARTTLS in clear, in the same packet."""

    context: ssl.SSLContext
    answer: bytes = b"220 go on\r\n"
    injected: bytes = b""
    to_login: bytes = b"235 welcome\r\n"
    at_once: bool = False
    in_clear: list[bytes] = field(default_factory=list)
    in_secret: list[bytes] = field(default_factory=list)

    def __enter__(self) -> Guarded:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            try:
                self._converse(line)
            except OSError:
                pass
            finally:
                line.close()

    def _converse(self, line: socket.socket) -> None:
        if self.at_once:
            line = self.context.wrap_socket(line, server_side=True)
        heard = self.in_secret if self.at_once else self.in_clear
        line.sendall(b"220 guarded\r\n")
        words = line.makefile("rb")
        while command := words.readline():
            heard.append(command[:8].strip())
            verb = command[:4].upper()
            if verb == b"STAR" and self.answer.startswith(b"220"):
                line.sendall(self.answer + self.injected)
                line = self.context.wrap_socket(line, server_side=True)
                words, heard = line.makefile("rb"), self.in_secret
            elif verb == b"STAR":
                line.sendall(self.answer)
            elif verb == b"EHLO":
                line.sendall(b"250-guarded\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")
            elif verb == b"AUTH":
                line.sendall(self.to_login)
            elif verb == b"DATA":
                line.sendall(b"354 go on\r\n")
                while words.readline() != b".\r\n":
                    pass
                line.sendall(b"250 taken\r\n")
            else:
                line.sendall(b"250 ok\r\n")


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """One this machine trusts, as far as the test goes."""
    one = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(one.file))
    return one


def deliver(bare_app: Flask, server: Guarded, **more: object) -> tuple[Outcome, Phase]:
    asked: dict[str, object] = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": server.port, "MAIL_USERNAME": "don-doc", "MAIL_PASSWORD": "secret"}
    asked |= {"MAIL_USE_SSL": server.at_once, "MAIL_USE_TLS": not server.at_once}
    transport = SmtpTransport({**bare_app.config, **asked, **more})
    result = transport.deliver(LETTER)
    transport.close()
    return result.outcome, result.phase


@pytest.mark.parametrize("at_once", [False, True])
def test_a_certificate_that_holds_is_enough(bare_app: Flask, authority: Authority, at_once: bool) -> None:
    with Guarded(authority.context(), at_once=at_once) as server:
        assert deliver(bare_app, server) == (Outcome.OK, Phase.ACKED)
    assert set(server.in_clear) <= {b"ehlo loc", b"STARTTLS"} and b"AUTH PLA" in server.in_secret


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("fault", ["over", "another's address", "signed by nobody we know"])
def test_a_certificate_that_does_not_hold_gets_neither_password_nor_mail(
    bare_app: Flask, authority: Authority, tmp_path: Path, fault: str, at_once: bool
) -> None:
    (tmp_path / "other").mkdir()
    context = {
        "over": lambda: authority.context(ends=clock.real_now() - A_DAY),
        "another's address": lambda: authority.context("127.0.0.9"),
        "signed by nobody we know": lambda: Authority(tmp_path / "other").context(),
    }[fault]()
    with Guarded(context, at_once=at_once) as server:
        assert deliver(bare_app, server) == (Outcome.TEMPORARY, Phase.CONNECT)
    assert set(server.in_clear) <= {b"ehlo loc", b"STARTTLS"} and server.in_secret == []


@pytest.mark.parametrize("answer", [b"454 not now\r\n", b"502 what is that\r\n"])
def test_a_server_that_will_not_encrypt_gets_nothing(bare_app: Flask, authority: Authority, answer: bytes) -> None:
    with Guarded(authority.context(), answer=answer) as server:
        assert deliver(bare_app, server) == (Outcome.TEMPORARY, Phase.CONNECT)
    assert set(server.in_clear) <= {b"ehlo loc", b"STARTTLS", b"quit", b"QUIT"}


def test_words_slipped_in_before_the_lock_are_not_heard(bare_app: Flask, authority: Authority) -> None:
    with Guarded(authority.context(), injected=b"250 evil\r\n535 evil\r\n") as server:
        outcome, phase = deliver(bare_app, server)
    if outcome is Outcome.OK:
        assert [words[:4].upper() for words in server.in_secret][:2] == [b"EHLO", b"AUTH"], "each command was answered by the server behind the lock"
    else:
        assert (outcome, phase) == (Outcome.TEMPORARY, Phase.CONNECT)


def test_a_refused_password_is_tried_again_later_and_sends_nothing(bare_app: Flask, authority: Authority) -> None:
    with Guarded(authority.context(), to_login=b"535 wrong\r\n") as server:
        assert deliver(bare_app, server) == (Outcome.TEMPORARY, Phase.CONNECT)
    assert not any(words.upper().startswith((b"MAIL", b"DATA")) for words in server.in_secret)
