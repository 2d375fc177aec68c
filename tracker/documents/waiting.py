"""Files between preview and confirmation. One authority cannot name another's."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tracker.kernel.errors import Refused

#: A file nobody confirmed goes after a day.
KEPT_SECONDS = 24 * 3600


class WaitingRoom:
    """A folder of TRACKER_DATA; every web process of the machine sees it."""

    def __init__(self, folder: Path, authority_id: int) -> None:
        self._folder = folder / "imports" / str(authority_id)

    def keep(self, data: bytes, real_now: float) -> str:
        """Keeps the bytes and returns their digest. Sweeps away what waited too long."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(self._folder.iterdir()):
            if real_now - old.stat().st_mtime > KEPT_SECONDS:
                old.unlink(missing_ok=True)
        digest = hashlib.sha256(data).hexdigest()
        (self._folder / digest).write_bytes(data)
        return digest

    def take(self, digest: str) -> bytes:
        """The bytes. Raises Refused where they are gone."""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise Refused("Tệp xem trước không còn; đồng chí chọn lại tệp.", field="file")
        try:
            return (self._folder / digest).read_bytes()
        except FileNotFoundError:
            raise Refused("Tệp xem trước không còn (để quá một ngày); đồng chí chọn lại tệp.", field="file") from None

    def forget(self, digest: str) -> None:
        (self._folder / digest).unlink(missing_ok=True)
