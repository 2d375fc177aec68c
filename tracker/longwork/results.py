"""Where results lie: a folder of TRACKER_DATA, one file for each piece of work."""

from __future__ import annotations

from pathlib import Path


def path_of(data: Path, authority_id: int, work_id: int) -> Path:
    """The file of a result; its folder exists."""
    folder = data / "results" / str(authority_id)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / str(work_id)
