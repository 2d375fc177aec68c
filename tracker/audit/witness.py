"""``seals.log`` in TRACKER_DATA: the name of every seal, outside the database.

Who can rewrite the database can make its chains anew, or cut off their ends; the lines here then no longer fit. One seal a line:
``<authority id or -> <number> <digest> <instant>``. A line that begins with ``#`` starts the account afresh: nothing before it counts
(a first beginning, a restored backup). Who can rewrite this file too is found only by a copy of it kept elsewhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tracker.audit.rules import Head

NAME = "seals.log"
_LINE = re.compile(r"(?P<authority>-|\d{1,18}) (?P<number>\d{1,18}) (?P<digest>[0-9a-f]{64}) (?P<at>\S+)")


@dataclass(frozen=True, slots=True)
class Testimony:
    """One line. ``head`` is None where it cannot be read."""

    line: int
    head: Head | None
    at: str = ""


def append(data: Path, heads: Iterable[Head], at: datetime) -> None:
    """Writes seals down, after they were committed: a line must never speak of a seal that did not come to be."""
    stamp = at.astimezone(UTC).isoformat()
    _write(data, [f"{'-' if one.authority_id is None else one.authority_id} {one.number} {one.digest} {stamp}" for one in heads])


def begin(data: Path, why: str, heads: Iterable[Head], at: datetime) -> None:
    """Starts the account afresh from these seals. ``why``: one word for whoever reads the file."""
    _write(data, [f"# {why} {at.astimezone(UTC).isoformat()}"])
    append(data, heads, at)


def _write(data: Path, lines: list[str]) -> None:
    """All lines in one write at the end of the file, on the disk when this returns: several sealers do not tear each other's lines."""
    if not lines:
        return
    descriptor = os.open(data / NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, ("\n".join(lines) + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def exists(data: Path) -> bool:
    """Whether there is an account at all."""
    return (data / NAME).is_file()


def extent(data: Path) -> int:
    """How many bytes the account has now: what is read up to here speaks of seals that are committed now."""
    return (data / NAME).stat().st_size if exists(data) else 0


def lines(data: Path, until: int) -> Iterator[Testimony]:
    """What counts of the account's first ``until`` bytes, in the order it was written; one line in memory at a time."""
    start = max((number for number, line in _raw(data, until) if line.startswith("#")), default=0)
    for number, line in _raw(data, until):
        if number > start and line:
            yield _read(number, line)


def _raw(data: Path, until: int) -> Iterator[tuple[int, str]]:
    if not until:
        return
    with (data / NAME).open("rb") as stream:
        for number, line in enumerate(stream, 1):
            yield number, line.decode("utf-8", "replace").strip()
            if stream.tell() >= until:
                return


def _read(number: int, line: str) -> Testimony:
    said = _LINE.fullmatch(line)
    if said is None:
        return Testimony(number, None)
    authority_id = None if said["authority"] == "-" else int(said["authority"])
    return Testimony(number, Head(authority_id, int(said["number"]), said["digest"]), said["at"])
