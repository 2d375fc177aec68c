"""Recomputes every chain of seals, compares it with the account kept outside the database, and says in words what does not fit.

What is found: a changed, removed or added event under a seal; an event added later that says it happened earlier; a seal removed,
exchanged or rewritten; an end cut off, as far as ``seals.log`` still tells of it; events nobody sealed. What cannot be found: an event
forged before it was first sealed; a database and a ``seals.log`` rewritten together, with no copy of either elsewhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tracker.audit import queries, witness
from tracker.audit.rules import FIRST_SEAL, PATIENCE, SealDigest
from tracker.audit.service import header
from tracker.audit.witness import Testimony
from tracker.kernel.vietnamese import datetime_vn

#: Seals, and lines of the account, looked at in one go.
PAGE = 100
#: Where a whole journal is broken its first sentences say enough; all are counted.
SENTENCES = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not fit: in whose chain, at which seal (None: at none), in words."""

    authority: str
    seal: int | None
    problem: str


@dataclass(slots=True)
class Verdict:
    """``bad`` counts every fault; ``faults`` holds the first ``SENTENCES`` of them. ``compared``: lines of the account that were checked."""

    events: int = 0
    seals: int = 0
    bad: int = 0
    compared: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class _Chain:
    """Where a walk along one chain stands."""

    name: str
    number: int = 0
    total: int = 0
    digest: str = FIRST_SEAL
    at: datetime | None = None


def verify(session: Session, data: Path, now: datetime) -> Verdict:
    """Recomputes everything; ``data`` is where ``seals.log`` lies. A few rows are in memory at a time, however long the history is."""
    verdict = Verdict()
    written = witness.extent(data)  # before the first read: what the account tells of until here was committed, so the reads find it
    names = queries.authority_names(session)

    def tell(authority_id: int | None, seal: int | None, problem: str) -> None:
        verdict.bad += 1
        if len(verdict.faults) < SENTENCES:
            verdict.faults.append(Fault(_name(names, authority_id), seal, problem))

    _compare(session, witness.lines(data, written), verdict, names, tell)
    for authority_id in queries.chains(session):
        _walk(session, authority_id, _Chain(_name(names, authority_id)), verdict, tell)
    _look_around(session, data, now, verdict, names, tell)
    return verdict


Tell = Callable[[int | None, int | None, str], None]


def _name(names: Mapping[int, str], authority_id: int | None) -> str:
    return "Chuỗi chung" if authority_id is None else names.get(authority_id, f"Cơ quan số {authority_id}")


def _walk(session: Session, authority_id: int | None, chain: _Chain, verdict: Verdict, tell: Tell) -> None:
    """One chain from its beginning to its end."""
    while page := queries.seals_after(session, authority_id, chain.number, PAGE):
        events = queries.events_of(session, [seal.id for seal in page])
        waiting = next(events, None)
        for seal in page:
            digest, count, first = SealDigest(seal.previous, header(seal)), 0, None
            while waiting is not None and waiting.seal_id == seal.id:
                digest.add(queries.plain(waiting))
                count, first = count + 1, min(first or waiting.at, waiting.at)
                waiting = next(events, None)
            verdict.seals, verdict.events = verdict.seals + 1, verdict.events + count
            for problem in _judge(seal, chain, digest.hexdigest(), count, first):
                tell(authority_id, seal.number, problem)
            chain.number, chain.digest, chain.at, chain.total = seal.number, seal.digest, seal.at, seal.total or 0


def _judge(seal: Any, chain: _Chain, digest: str, count: int, first: datetime | None) -> Iterator[str]:
    """What is wrong with one seal, given those before it."""
    which = f"{chain.name}, dấu niêm số {seal.number} lập {datetime_vn(seal.at)}"
    whole = seal.number == chain.number + 1
    if not whole:
        missing = f"số {chain.number + 1}" if seal.number == chain.number + 2 else f"từ số {chain.number + 1} đến số {seal.number - 1}"
        yield f"{which}: dấu niêm {missing} trước nó đã bị gỡ."
    elif seal.previous != chain.digest:
        yield f"{which}: không nối với dấu niêm trước nó; một trong hai đã bị viết lại, đổi chỗ hoặc thay thế."
    if digest != seal.digest:
        declared = seal.total - chain.total if seal.total is not None and whole else count
        if count < declared:
            yield f"{which}: thiếu {declared - count} trong {declared} sự kiện đã niêm; có sự kiện bị xóa hoặc bị gỡ khỏi dấu niêm."
        elif count > declared:
            yield f"{which}: thừa {count - declared} sự kiện ngoài {declared} sự kiện đã niêm; có sự kiện bị chèn thêm."
        else:
            yield f"{which}: nội dung sự kiện, hoặc chính dấu niêm, đã bị sửa sau khi niêm."
    if first is not None and chain.at is not None and first < chain.at - PATIENCE:
        yield f"{which}: có sự kiện ghi lúc {datetime_vn(first)}, trước cả dấu niêm số {chain.number}; sự kiện ấy được thêm về sau và lùi ngày."


def _compare(session: Session, lines: Iterator[Testimony], verdict: Verdict, names: Mapping[int, str], tell: Tell) -> None:
    """Every line of the account must find its seal as it was."""
    while batch := list(itertools.islice(lines, PAGE)):
        found = queries.named(session, [one.head.digest for one in batch if one.head is not None])
        for one in batch:
            verdict.compared += 1
            if one.head is None:
                tell(None, None, f"Dòng {one.line} của {witness.NAME} không đọc được; dòng ấy đã bị sửa hoặc ghi dở.")
            elif found.get(one.head.digest) != one.head:
                tell(one.head.authority_id, one.head.number, _lost(one, _name(names, one.head.authority_id)))


def _lost(one: Testimony, name: str) -> str:
    assert one.head is not None
    at = datetime_vn(datetime.fromisoformat(one.at)) if _is_instant(one.at) else one.at
    return (
        f"{name}, dấu niêm số {one.head.number} lập {at} có trong {witness.NAME} nhưng không còn như thế trong cơ sở dữ liệu:"
        " dấu niêm đã bị viết lại, hoặc đuôi của nhật ký đã bị cắt."
    )


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _look_around(session: Session, data: Path, now: datetime, verdict: Verdict, names: Mapping[int, str], tell: Tell) -> None:
    """What no seal can tell: ties that lead nowhere, an account that is gone, events nobody sealed."""
    if lost := queries.astray(session):
        tell(None, None, f"{lost} sự kiện gắn với dấu niêm, hoặc dấu niêm gắn với sự kiện, không còn trong cơ sở dữ liệu.")
    if not witness.exists(data) and queries.counted_seals(session):
        tell(None, None, f"Không có tệp {witness.NAME} trong TRACKER_DATA nên không biết đuôi của nhật ký có bị cắt hay không.")
    if not verdict.seals and not verdict.compared:
        return  # never sealed: a fresh installation, whose scheduler has not run yet
    for one in queries.forgotten(session, now - PATIENCE):
        name, oldest = _name(names, one.authority_id), datetime_vn(one.oldest)
        tell(
            one.authority_id,
            None,
            f"{name}: {one.count} sự kiện chưa được niêm, cũ nhất ghi lúc {oldest}; bộ lập lịch không chạy, hoặc có sự kiện bị chèn lùi ngày.",
        )
