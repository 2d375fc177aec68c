"""Who did it, and how a seal is computed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

FIRST_SEAL = "0" * 64


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts. ``words`` is who it was on that day: «Đầu mối, Phòng VH&TT». ``on_behalf_of`` names the unit acted for."""

    account_id: int | None
    words: str
    on_behalf_of: str | None = None


#: Jobs and commands.
SYSTEM = Actor(None, "Hệ thống")


def seal_digest(previous: str, events: Sequence[dict[str, Any]]) -> str:
    """SHA-256 over the previous digest and the events, in a form that does not depend on the database."""
    digest = hashlib.sha256(previous.encode())
    for event in events:
        digest.update(json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
    return digest.hexdigest()
