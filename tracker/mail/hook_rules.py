"""Where messages for listening programs may go, and how they are signed."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from tracker.kernel.errors import Refused
from tracker.kernel.words import phrase

LONGEST_URL = 2000
#: From the beginning of connecting to the end of the answer, in seconds.
HOOK_TIMEOUT = 10.0
#: As much of an answer is read, in bytes.
MOST_OF_ANSWER = 1024

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
#: What programs read as a number and therefore as an IPv4 address: 2130706433, 0x7f.1, 0177.0.0.1.
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
#: NAT64 (RFC 6052, 8215): the last 32 bits are the IPv4 address behind it.
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


@dataclass(frozen=True, slots=True)
class Reach:
    """How far this installation reaches: ``private`` hosts it may call though they lie in its own network, as named in WEBHOOK_PRIVATE_HOSTS.

    ``plain``: http is allowed for the machine itself, where that is among them; never in production.
    """

    private: frozenset[str] = frozenset()
    plain: bool = False

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Reach:
        """As the settings of the installation say."""
        return cls(frozenset(config["WEBHOOK_PRIVATE_HOSTS"]), config["TRACKER_ENV"] != "production")


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart. ``host``: lower case, without brackets; ``path``: with the query."""

    scheme: str
    host: str
    port: int
    path: str


def place_of(url: str) -> str:
    """«may-chu.gov.vn:8443»: what lists show of an address that was checked; its path may be a secret of the listener's."""
    return urlsplit(url).netloc.lower()


def checked_url(text: str, reach: Reach) -> Target:
    """The address of a listener. Raises Refused (field ``url``) with a sentence where it is none, or leads where nobody may be sent.

    The name is not looked up here.
    """
    if len(text) > LONGEST_URL:
        raise _refused(phrase("Địa chỉ nhận dài quá %(longest_url)s ký tự.", longest_url=LONGEST_URL))
    # Before anything takes it apart: urlsplit drops line breaks without a word.
    if any(not "!" <= character <= "~" or character in '\\"<>' for character in text):
        raise _refused(phrase("Địa chỉ nhận có dấu cách, xuống dòng hoặc chữ có dấu; đồng chí viết như https://may-chu.gov.vn/nhan."))
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _refused(phrase("Địa chỉ nhận không đúng dạng; đồng chí viết như https://may-chu.gov.vn/nhan.")) from None
    host = _checked_host(parts)
    if parts.scheme != "https" and not (parts.scheme == "http" and reach.plain and host in _LOOPBACK & reach.private):
        raise _refused(phrase("Địa chỉ nhận phải bắt đầu bằng https:// để nội dung không bị đọc trên đường đi."))
    if port == 0 or parts.fragment:
        raise _refused(phrase("Địa chỉ nhận không được có cổng 0 hay phần sau dấu #."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)


def _checked_host(parts: SplitResult) -> str:
    if "@" in parts.netloc:
        raise _refused(phrase("Địa chỉ nhận không được kèm tên đăng nhập hay mật khẩu; nơi nhận kiểm tra bằng chữ ký."))
    host = (parts.hostname or "").removesuffix(".")
    with suppress(ValueError):
        if "%" not in host:
            return str(ip_address(host))
    if not _NAME.fullmatch(host) or len(host) > 253 or _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise _refused(phrase("Địa chỉ nhận không có tên máy chủ đúng; đồng chí viết như https://may-chu.gov.vn/nhan."))
    return host


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address lies on the open Internet, also looked at from inside another: ::ffff:127.0.0.1 is 127.0.0.1."""
    if isinstance(address, IPv6Address):
        if any(address in network for network in _NAT64):
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if inner:
            return is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_loopback or address.is_link_local)


def expect_allowed(host: str, addresses: list[str], reach: Reach) -> None:
    """Refuses a host that has an address in a private network, unless the installation names it. One bad address is enough."""
    if host in reach.private:
        return
    if not all("%" not in one and is_public(ip_address(one)) for one in addresses):
        raise _refused(
            phrase(
                "Địa chỉ nhận dẫn vào mạng nội bộ nên không gửi; nếu đúng là máy của cơ quan, quản trị máy chủ thêm tên vào WEBHOOK_PRIVATE_HOSTS."
            )
        )


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """``v1=`` and the HMAC-SHA256 of «timestamp.body», in hexadecimal."""
    return "v1=" + hmac.new(secret.encode("ascii"), f"{timestamp}.".encode("ascii") + body, hashlib.sha256).hexdigest()


def _refused(sentence: str) -> Refused:
    return Refused(sentence, "url")
