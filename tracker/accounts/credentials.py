"""Secrets: how passwords, session tokens and one-time codes are made and compared. Only their hashes are kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tracker.accounts.rules import CODE_ALPHABET, LINK_CODE_LENGTH, PRINTED_CODE_LENGTH, code_key

#: argon2id, 19 MiB and five passes: about 60 ms on one slow core. The library's defaults take 64 MiB and 400 ms.
_HASHER = PasswordHasher(time_cost=5, memory_cost=19456, parallelism=1)
#: A burst of sign-ins must not take the memory or both cores of a small server: the others wait their turn.
_PLACES = threading.BoundedSemaphore(2)
#: Compared against where there is no account or no password yet, so that the answer takes as long. Nobody knows its password.
NOBODY = "$argon2id$v=19$m=19456,t=5,p=1$nLeeehw9yQo9xEr4MRCB7A$49XYGMQE3znER/EhZX3F8ZB/G+SzM2QxAebVVMBoqiQ"


def hash_password(password: str) -> str:
    """The argon2id hash of a password. About 60 ms."""
    with _PLACES:
        return _HASHER.hash(_same_letters(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one hashed. Takes as long where there is no hash."""
    with _PLACES:
        try:
            _HASHER.verify(password_hash or NOBODY, _same_letters(password))
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def _same_letters(password: str) -> str:
    """Two keyboards may write «ố» in two ways; both are the same password."""
    return unicodedata.normalize("NFC", password)


def new_token() -> str:
    """A fresh session token: 256 random bits."""
    return secrets.token_urlsafe(32)


def new_printed_code() -> str:
    """A code to be typed from paper."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(PRINTED_CODE_LENGTH))


def new_nonce() -> str:
    """What a mailed code is derived from; by itself it opens nothing."""
    return secrets.token_hex(16)


def link_code(key: str, nonce: str) -> str:
    """The code of a mailed link, derived from the installation's secret key and the message's nonce.

    The outbox keeps only the nonce: neither a copy of the database nor a look at the outbox gives a usable link,
    and a message tried twice carries the same link.
    """
    number = int.from_bytes(hmac.digest(key.encode(), b"one-time-code:" + nonce.encode(), "sha256"), "big")
    letters: list[str] = []
    for _place in range(LINK_CODE_LENGTH):
        number, rest = divmod(number, len(CODE_ALPHABET))
        letters.append(CODE_ALPHABET[rest])
    return "".join(letters)


def token_hash(token: str) -> str:
    """What is kept of a session token. Random enough that one round of SHA-256 is safe."""
    return hashlib.sha256(token.encode()).hexdigest()


def code_hash(code: str) -> str:
    """What is kept of a one-time code, whichever way it was typed."""
    return hashlib.sha256(code_key(code).encode()).hexdigest()
