"""A program that listens, with manners to choose: what the tests of webhooks send to."""

from __future__ import annotations

import hashlib
import hmac
import ssl
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tracker.kernel import clock


@dataclass(frozen=True)
class Heard:
    """One POST as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def delivery(self) -> str:
        return self.headers["X-DonDoc-Delivery"]

    def signed_with(self, secret: str) -> bool:
        """As docs/webhooks.md tells a listener to look."""
        signed = f"{self.headers['X-DonDoc-Timestamp']}.".encode() + self.body
        return hmac.compare_digest(self.headers["X-DonDoc-Signature"], "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest())


def certificate_for(name: str, folder: Path) -> Path:
    """A file with a key and a certificate it signed itself, for one host."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.real_now() - timedelta(days=1))
        .not_valid_after(clock.real_now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / f"{name}.pem"
    path.write_bytes(plain + made.public_bytes(serialization.Encoding.PEM))
    return path


class Listener:
    """``with Listener("500", "200") as listener``: the first answer, then the second, and so on with the last. Beside numbers:

    «silent» takes the body and hangs up · «slow» answers nothing for ``slowness`` seconds · «drip» sends its answer letter by letter ·
    «huge» answers 200 with a megabyte.
    """

    def __init__(self, *answers: str, slowness: float = 3.0, certificate: Path | None = None) -> None:
        self.answers, self.slowness, self.certificate = answers or ("200",), slowness, certificate
        self.heard: list[Heard] = []
        self.port = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/nhan?khoa=1"

    def __enter__(self) -> Listener:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with listener._lock:
                    answer = listener.answers[min(len(listener.heard), len(listener.answers) - 1)]
                    listener.heard.append(Heard(self.path, dict(self.headers.items()), body))
                listener._answer(self, answer)

            def do_GET(self) -> None:
                listener.heard.append(Heard(self.path, dict(self.headers.items()), b""))

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def _answer(self, handler: BaseHTTPRequestHandler, answer: str) -> None:
        if answer == "silent":
            handler.close_connection = True
        elif answer == "slow":
            time.sleep(self.slowness)
        elif answer == "drip":
            try:
                for letter in b"HTTP/1.1 200 " + b"O" * 100:
                    handler.wfile.write(bytes([letter]))
                    handler.wfile.flush()
                    time.sleep(0.1)
            except OSError:
                pass
        elif answer == "huge":
            handler.send_response(200)
            handler.end_headers()
            try:
                for _ in range(1024):
                    handler.wfile.write(b"x" * 1024)
            except OSError:
                pass
        else:
            handler.send_response(int(answer))
            if answer.startswith("3"):
                handler.send_header("Location", f"http://127.0.0.1:{self.port}/khac")
            handler.send_header("Content-Length", "0")
            handler.end_headers()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
