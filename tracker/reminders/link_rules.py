"""A personal link: one person, one unit, one round. How it is made, how long it lives, what a log may say of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import re
from datetime import timedelta

from tracker.kernel.words import phrase

LIFE = timedelta(days=14)
#: What one link may bring at most: who found a letter cannot fill the disk.
MOST_HANDINS = 100

DEAD = phrase("Liên kết không còn hiệu lực; đồng chí mở thư mới nhất hoặc đăng nhập.")
OFF = phrase("Cơ quan chưa bật liên kết nộp nhanh trong thư; người quản trị bật ở trang Thiết lập.")
FULL = phrase("Liên kết này đã nhận nhiều nội dung; đồng chí mở thư mới nhất hoặc đăng nhập để nộp tiếp.")
GONE = phrase("Nhiệm vụ này không còn mở, hoặc không còn của đơn vị; đồng chí chọn nhiệm vụ khác trong danh sách.")

#: As a token stands in an address.
_IN_ADDRESS = re.compile(r"/l/[A-Za-z0-9_-]{20,}")


def token_of(secret: str, nonce: str, whose: tuple[int, int, int, int]) -> str:
    """The token: 256 bits that only the installation's key can compute from a row. ``whose``: authority, account, unit, round."""
    said = "|".join(["action-link", *(str(one) for one in whose), nonce])
    digest = hmac.new(secret.encode(), said.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def hash_of(token: str) -> str:
    """What the row keeps: a copy of the database opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def path_of(token: str) -> str:
    """The path a letter carries behind BASE_URL."""
    return f"/l/{token}"


def masked(text: str) -> str:
    """The same words without tokens."""
    return _IN_ADDRESS.sub("/l/…", text)


class Masking(logging.Filter):
    """Takes tokens out of what is about to be logged: a failing request is logged with its address."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if "/l/" in said:
            record.msg, record.args = masked(said), ()
        return True
