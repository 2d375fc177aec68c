"""Mail held back: after a restore nobody knows which waiting messages have gone out already, so none goes until a person says so.

The mark is a file in TRACKER_DATA, so that it survives whatever happens to the database.
"""

from __future__ import annotations

from pathlib import Path

FILE = "mail.hold"


def hold(data: Path, reason: str) -> None:
    """From now on no message leaves. ``reason`` is the sentence an administrator reads."""
    data.mkdir(parents=True, exist_ok=True)
    (data / FILE).write_text(reason + "\n", encoding="utf-8")


def held(data: Path) -> str | None:
    """Why mail is held; None where it is not."""
    try:
        return (data / FILE).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def release(data: Path) -> bool:
    """Lets mail go again. False where it was not held."""
    try:
        (data / FILE).unlink()
    except FileNotFoundError:
        return False
    return True
