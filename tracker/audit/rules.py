"""Who did it, and how a seal is computed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

FIRST_SEAL = "0" * 64
#: What happened within the last minute waits: its transaction may not be through, and others of the same moment belong beside it.
SETTLED = timedelta(minutes=1)
#: Events of one seal at most: how much memory a sealer needs, and how long one transaction of it lasts.
SEALED_AT_ONCE = 2000
#: How far back among the ids the sealer looks between its full rounds for what was committed late.
LATE_IDS = 10_000
#: An event this old without a seal means that nobody seals, or that somebody added it afterwards.
PATIENCE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts. ``words`` is who it was on that day: «Đầu mối, Phòng VH&TT». ``on_behalf_of`` names the unit acted for."""

    account_id: int | None
    words: str
    on_behalf_of: str | None = None

    @property
    def behalf(self) -> str:
        """«, thay mặt Bưu điện huyện», to be put after what was done; empty where one acts for oneself."""
        return f", thay mặt {self.on_behalf_of}" if self.on_behalf_of else ""

    @property
    def told(self) -> str:
        """Who it was, with the unit acted for, as rows keep it."""
        return self.words + self.behalf

    @property
    def person(self) -> int:
        """The account, where only a person can be meant: jobs and commands ask, answer and say nothing."""
        assert self.account_id is not None, "a person asks and decides"
        return self.account_id


#: Jobs and commands.
SYSTEM = Actor(None, "Hệ thống")


@dataclass(frozen=True, slots=True)
class Head:
    """The name of a seal: whose chain (None: of no authority), which number in it, and its digest."""

    authority_id: int | None
    number: int
    digest: str


class SealDigest:
    """SHA-256 over the digest before, what the seal says of itself, and its events one by one; no matter in which database.

    ``header`` is None for seals made before each authority had a chain of its own.
    """

    def __init__(self, previous: str, header: Mapping[str, Any] | None) -> None:
        self._found = hashlib.sha256(previous.encode())
        if header is not None:
            self.add(header)

    def add(self, event: Mapping[str, Any]) -> None:
        """The next event, in the order of ids."""
        self._found.update(json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())

    def hexdigest(self) -> str:
        return self._found.hexdigest()
