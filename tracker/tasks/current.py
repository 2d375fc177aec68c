"""What the pages of this request say of a decision just made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import flash, url_for

from tracker.kernel.clock import ZONE
from tracker.tasks.undo_rules import UNDO_FOR
from tracker.units.current import desk


def offer_undo(text: str, tickets: Sequence[str], now: datetime, back: str) -> None:
    """The next page says ``text`` with «Hoàn tác» beside it. ``tickets``: the tasks decided, each with the version it has now."""
    until = (now + UNDO_FOR).astimezone(ZONE)
    flash(
        {  # type: ignore[arg-type]  # a message may be anything a session can hold
            "text": text,
            "until": f"{until:%H:%M}",
            "url": url_for("evidence.undo_many", authority=desk().authority.slug),
            "tickets": " ".join(tickets),
            "next": back,
        },
        "undo",
    )
