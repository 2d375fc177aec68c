"""The signed address under which a person refuses summaries without signing in: it says who and where, and nobody can make another."""

from __future__ import annotations

from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from tracker.units.models import Authority

_PURPOSE = "reminders.summary"


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=_PURPOSE)


def unsubscribe_path(authority: Authority, account_id: int) -> str:
    """The path for one person of one authority."""
    return f"/summary/{_seal().dumps([authority.id, account_id])}"


def read(token: str) -> tuple[int, int] | None:
    """(authority id, account id); None for what nobody of us signed."""
    try:
        found: Any = _seal().loads(token)
    except BadData:
        return None
    return (found[0], found[1]) if isinstance(found, list) and len(found) == 2 and all(isinstance(one, int) for one in found) else None
