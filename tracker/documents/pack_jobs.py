"""A large pack, written to disk by a worker instead of streamed to a browser that waits."""

from __future__ import annotations

from pathlib import Path

from tracker.deadlines import access as deadlines
from tracker.documents import pack_writing
from tracker.documents.pack_queries import Pack, pack_of
from tracker.documents.pack_rules import safe_name
from tracker.files.current import storage
from tracker.kernel import clock, scope
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import number_vn
from tracker.longwork.jobs import Finished, Telling
from tracker.longwork.service import Claim
from tracker.units import access as units
from tracker.units.models import Authority
from tracker.units.rules import Action


def write_pack(held: Claim, path: Path, tell: Telling) -> Finished:
    """The pack as whoever asked may have it *now*: rights are asked again, for they may have ended since."""
    with scope.using(db.session(), scope.one(held.authority_id)):
        name, found = _pack(held)
    db.session.remove()
    store = storage()
    written, counted = pack_writing.prepared(found, store), _Counter()
    whole = len(written.files)
    with path.open("wb") as out:
        for chunk in pack_writing.stream(written, store, counted):
            out.write(chunk)
            tell(counted.done, f"{number_vn(counted.done)} trên {number_vn(whole)} tệp.")
    lacking = f"; còn thiếu {number_vn(written.missing)} tài liệu" if written.missing else ""
    return Finished(f"{number_vn(whole)} tệp{lacking}.", safe_name(f"Hồ sơ minh chứng {name}.zip"))


class _Counter:
    """How many files are done."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self, done: int) -> None:
        self.done = done


def _pack(held: Claim) -> tuple[str, Pack]:
    session = db.session()
    authority = session.get_one(Authority, held.authority_id)
    _authority, viewer = units.desk_of(session, held.account_id, "", authority.slug, clock.today())
    if not viewer.may(Action.SEE_TASKS):
        raise Refused("Đồng chí không còn quyền xem nhiệm vụ của cơ quan này.")
    one = deadlines.round_(session, str(held.given["round"]))
    mine = None if viewer.may(Action.SEE_ALL_TASKS) else viewer.unit_ids
    return one.name, pack_of(session, authority.name, one, unit_ids=mine, everything=bool(held.given["everything"]))
