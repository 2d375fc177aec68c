"""Carrying a message to a program that listens: one POST over urllib3, to an address that was looked at, never further.

Redirects are not followed and no proxy of the environment is used: both would lead around the check of the address.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from tracker.kernel import clock
from tracker.kernel.errors import Refused
from tracker.kernel.words import phrase
from tracker.mail.hook_rules import HOOK_TIMEOUT, MOST_OF_ANSWER, Reach, Target, checked_url, expect_allowed, signature
from tracker.mail.rules import Outcome, Phase, Posted, Result, header_text
from tracker.mail.transport import Letter

AGENT = "DonDoc-Webhook/1"
#: Answers that say «later»: too early, too many, too slow.
_LATER = frozenset({408, 425, 429})
#: What a line or a server that speaks no HTTP may raise.
_TROUBLE = (OSError, HTTPError, http.client.HTTPException, ValueError)


def addresses_of(target: Target) -> list[str]:
    """The addresses a name has now. Raises OSError where it has none."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def expect_reachable(url: str, reach: Reach) -> Target:
    """Looks at an address and at where its name leads today. Raises Refused (field ``url``) with what is wrong."""
    target = checked_url(url, reach)
    try:
        addresses = addresses_of(target)
    except (OSError, UnicodeError):
        raise Refused(phrase("Không tìm thấy máy chủ “%(host)s”; đồng chí kiểm tra lại địa chỉ nhận.", host=target.host), "url") from None
    expect_allowed(target.host, addresses, reach)
    return target


class _ToAddress:
    """A connection that goes to addresses looked at before, whatever the name says a moment later; name and certificate stay the host's."""

    def __init__(self, addresses: list[str], port: int) -> None:
        self._addresses, self._port = addresses, port
        self._handle: socket.socket | None = None
        self._cut = False

    def connected(self) -> socket.socket:
        """The first that lets itself be reached."""
        trouble: OSError = OSError("no address")
        for address in self._addresses:
            try:
                made = socket.create_connection((address, self._port), HOOK_TIMEOUT)
            except OSError as error:
                trouble = error
                continue
            self._handle = made.dup()
            if self._cut:
                self.cut()
            return made
        raise trouble

    def cut(self) -> None:
        """Ends the conversation from outside: whoever reads from it stops at once."""
        self._cut = True
        if self._handle is not None:
            with contextlib.suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        if self._handle is not None:
            self._handle.close()

    @property
    def was_cut(self) -> bool:
        return self._cut


class _Plain(HTTPConnection):
    way: _ToAddress

    def _new_conn(self) -> socket.socket:
        return self.way.connected()


class _Secure(HTTPSConnection):
    way: _ToAddress

    def _new_conn(self) -> socket.socket:
        return self.way.connected()


class HookTransport:
    """One connection for each message. A listener that did not answer is left alone until the next run, so that others need not wait for it."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._tired: set[str] = set()

    def deliver(self, letter: Letter) -> Result:
        """One try. Before the body is through a failure doubles nothing; after it only the listener knows."""
        posted = letter.prepared
        assert isinstance(posted, Posted)
        if posted.url in self._tired:
            return Result(Outcome.TEMPORARY, Phase.CHECK, "Nơi nhận vừa không trả lời; để lượt sau gửi.")
        try:
            target = checked_url(posted.url, self._reach)
            addresses = addresses_of(target)
            expect_allowed(target.host, addresses, self._reach)
        except Refused as refusal:
            return Result(Outcome.PERMANENT, Phase.CHECK, refusal.message)
        except (OSError, UnicodeError) as error:
            return self._silent(posted.url, Result(Outcome.TEMPORARY, Phase.MAIL, _words(error)))
        return self._converse(target, addresses, posted, letter.message_key)

    def _converse(self, target: Target, addresses: list[str], posted: Posted, key: str) -> Result:
        # Not Phase.CONNECT before the body is through: it ends a claim, and one listener's absence is no reason for the others to wait.
        phase = Phase.MAIL
        with _conversation(target, addresses) as connection:
            try:
                connection.connect()
                body = posted.text.encode()
                connection.request("POST", target.path, body, _headers(posted, body, key), preload_content=False, decode_content=False)
                phase = Phase.DOT
                answer = connection.getresponse()
                said = answer.read(MOST_OF_ANSWER)
                return _judged(answer.status, answer.reason or "", said)
            except _TROUBLE as error:
                words = phrase("Quá %(hook_timeout).0f giây không xong.", hook_timeout=HOOK_TIMEOUT) if connection.way.was_cut else _words(error)
                return self._silent(posted.url, Result(Outcome.UNKNOWN if phase is Phase.DOT else Outcome.TEMPORARY, phase, words))

    def _silent(self, url: str, result: Result) -> Result:
        self._tired.add(url)
        return result

    def close(self) -> None:
        """Nothing is kept open."""


@contextlib.contextmanager
def _conversation(target: Target, addresses: list[str]) -> Iterator[_Plain | _Secure]:
    """A connection that lives HOOK_TIMEOUT at most: a listener that sends a byte now and then must not hold the lane."""
    connection: _Plain | _Secure
    if target.scheme == "https":
        connection = _Secure(target.host, target.port, timeout=HOOK_TIMEOUT, ssl_context=ssl.create_default_context())
    else:
        connection = _Plain(target.host, target.port, timeout=HOOK_TIMEOUT)
    connection.way = _ToAddress(addresses, target.port)
    watch = threading.Timer(HOOK_TIMEOUT, connection.way.cut)
    watch.daemon = True
    watch.start()
    try:
        yield connection
    finally:
        watch.cancel()
        connection.close()
        connection.way.close()


def _headers(posted: Posted, body: bytes, key: str) -> dict[str, str]:
    timestamp = int(clock.real_now().timestamp())
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": AGENT,
        **{name: header_text(value) for name, value in posted.headers.items()},
        "X-DonDoc-Delivery": key,
        "X-DonDoc-Timestamp": str(timestamp),
        "X-DonDoc-Signature": signature(posted.secret, timestamp, body),
    }


def _judged(status: int, reason: str, said: bytes) -> Result:
    """2xx is taken; «later» and the listener's own trouble are tried again; everything else will not get better by itself."""
    words = header_text(f"{status} {reason} {said.decode('utf-8', 'replace')}")[:300]
    if 200 <= status < 300:
        return Result(Outcome.OK, Phase.ACKED, words)
    if 300 <= status < 400:
        return Result(Outcome.PERMANENT, Phase.DOT, f"{status}: nơi nhận chuyển hướng, hệ thống không đi theo; đồng chí ghi thẳng địa chỉ cuối cùng.")
    return Result(Outcome.PERMANENT if 400 <= status < 500 and status not in _LATER else Outcome.TEMPORARY, Phase.DOT, words)


def _words(error: Exception) -> str:
    return header_text(f"{type(error).__name__}: {error}")[:300]
