"""What lies on the store but was not confirmed yet: the list goes to the preview and comes back with its form, signed.

Bytes nobody confirms are orphans, and go after a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from tracker.evidence.content_rules import BroughtFile, Particulars
from tracker.evidence.rules import Signing
from tracker.files.storage import Stored
from tracker.kernel.errors import Refused
from tracker.kernel.words import phrase

#: Less than the reaper of orphans leaves alone.
KEPT_SECONDS = 20 * 3600
GONE = phrase("Các tệp xem trước không còn (để quá lâu, hoặc trang của người khác); đồng chí chọn lại tệp.")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Files on the store, each with the folders it came from; what the document says of itself; since when they lie there."""

    files: tuple[BroughtFile, ...]
    folders: tuple[str, ...]
    since: float
    particulars: Particulars

    def only(self, places: Sequence[int]) -> Waiting:
        """Some of them, by place. They lie there no longer for it."""
        return Waiting(tuple(self.files[n] for n in places), tuple(self.folders[n] for n in places), self.since, self.particulars)


class Seal:
    """For one person and one unit of one authority: nobody else can send the list in, nor change it."""

    def __init__(self, secret: str, authority_id: int, account_id: int, unit_id: int) -> None:
        self._serializer = URLSafeSerializer(secret, salt=f"evidence-waiting-{authority_id}-{account_id}-{unit_id}")

    def close(self, waiting: Waiting) -> str:
        said = waiting.particulars
        kept: dict[str, Any] = {
            "files": [[one.filename, one.stored.sha256, one.stored.size, one.stored.media_type] for one in waiting.files],
            "folders": list(waiting.folders),
            "since": waiting.since,
            "said": [
                said.document_number,
                said.document_on.isoformat() if said.document_on else None,
                said.issuer,
                said.summary,
                said.signer,
                said.signing.value if said.signing else None,
                said.in_force_to.isoformat() if said.in_force_to else None,
            ],
        }
        return str(self._serializer.dumps(kept))

    def open(self, text: str, now: datetime) -> Waiting:
        """The list. ``now``: the wall clock. Raises Refused where it is not this person's for this unit, or too old."""
        try:
            kept = self._serializer.loads(text)
        except BadData:
            raise Refused(GONE) from None
        if now.timestamp() - kept["since"] > KEPT_SECONDS:
            raise Refused(GONE)
        number, day, issuer, summary, signer, signing, until = kept["said"]
        said = Particulars(
            number, date.fromisoformat(day) if day else None, issuer, summary, signer, Signing(signing) if signing else None,
            date.fromisoformat(until) if until else None,
        )  # fmt: skip
        files = tuple(BroughtFile(Stored(sha256, size, kind), name) for name, sha256, size, kind in kept["files"])
        return Waiting(files, tuple(kept["folders"]), kept["since"], said)
