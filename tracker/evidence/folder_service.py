"""Files sent together, laid on the store one by one; what cannot be kept is told with the reason, and the rest goes on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

from tracker.evidence.bulk_rules import Left
from tracker.evidence.content_rules import NOTHING_SAID, BroughtFile
from tracker.evidence.folder_rules import folders_of, is_junk
from tracker.evidence.waiting import Waiting
from tracker.files.rules import tidy_name
from tracker.files.storage import Storage
from tracker.kernel.errors import Refused, Unable


@dataclass(frozen=True, slots=True)
class Received:
    """What lies on the store now, and what was refused."""

    waiting: Waiting
    refused: tuple[Left, ...]


def receive(store: Storage, authority_id: int, uploads: Iterable[tuple[str, IO[bytes]]], since: float) -> Received:
    """``uploads``: (path as the browser names it, stream). Raises Unable where the store does not answer: nothing is half-kept then."""
    files, folders, refused = [], [], []
    for path, stream in uploads:
        if is_junk(path):
            continue
        name = tidy_name(path)
        try:
            stored = store.put(authority_id, stream, name)
        except Unable:
            raise
        except Refused as refusal:
            refused.append(Left(name, refusal.message))
        else:
            files.append(BroughtFile(stored, name))
            folders.append(folders_of(path))
    return Received(Waiting(tuple(files), tuple(folders), since, NOTHING_SAID), tuple(refused))
