"""The store of this installation, for views and commands."""

from __future__ import annotations

from pathlib import Path

from flask import current_app

from tracker.evidence.storage import Storage


def storage() -> Storage:
    """Where this installation keeps evidence: STORAGE_URL."""
    return Storage(current_app.config["STORAGE_URL"], Path(current_app.config["TRACKER_DATA"]) / "scratch")
