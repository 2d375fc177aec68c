"""What people intend with long work (ask, cancel), and what a worker does with it: claim, tell how far, end. Each step one statement."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from tracker.kernel import scope
from tracker.kernel.errors import Refused
from tracker.kernel.words import phrase
from tracker.longwork import queries
from tracker.longwork.models import LongWork
from tracker.longwork.rules import KEPT, MOST_ATTEMPTS, MOST_WAITING, UNDER_WAY, WorkKind, WorkState
from tracker.units import access as units


@dataclass(frozen=True, slots=True)
class Claim:
    """A piece of work as its worker holds it. ``owner`` fences: whoever lost the claim writes nothing any more."""

    work_id: int
    authority_id: int
    account_id: int
    kind: WorkKind
    given: Mapping[str, Any]
    owner: str


def ask(
    session: Session,
    authority_id: int,
    account_id: int,
    kind: WorkKind,
    title: str,
    origin: str,
    given: Mapping[str, Any],
    *,
    total: int,
    real_now: datetime,
) -> LongWork:
    """Puts work into the queue. The same work asked for twice is one. Raises Refused where a person has too much waiting."""
    units.hold(session, authority_id)
    for one in queries.of_person(session, account_id, origin=origin):
        if one.state in UNDER_WAY and one.kind is kind and one.given == dict(given):
            return one
    if queries.under_way(session, account_id) >= MOST_WAITING:
        raise Refused(
            phrase("Đồng chí đang có %(most_waiting)s việc chưa xong; chờ xong hoặc hủy bớt ở trang Việc đang chạy.", most_waiting=MOST_WAITING)
        )
    made = LongWork(
        authority_id=authority_id,
        account_id=account_id,
        kind=kind,
        title=title,
        origin=origin,
        given=dict(given),
        state=WorkState.WAITING,
        total=total,
        sentence="Chờ đến lượt.",
        asked_at=real_now,
    )
    session.add(made)
    session.flush()
    return made


def cancel(session: Session, one: LongWork, *, real_now: datetime) -> None:
    """Work that waits is over at once; of work that runs the worker is told, and stops at its next word."""
    changed = session.execute(
        update(LongWork)
        .where(LongWork.id == one.id, LongWork.state == WorkState.WAITING)
        .values(state=WorkState.CANCELLED, ended_at=real_now, sentence="Đã hủy trước khi bắt đầu.")
        .execution_options(synchronize_session=False)
    )
    assert isinstance(changed, CursorResult)
    if changed.rowcount == 0:
        session.execute(
            update(LongWork)
            .where(LongWork.id == one.id, LongWork.state == WorkState.RUNNING)
            .values(cancel_asked=True)
            .execution_options(synchronize_session=False)
        )


def claim(session: Session, *, real_now: datetime) -> Claim | None:
    """Takes up the oldest work that waits, or whose worker has died; the database decides between workers. None where there is none.

    Work that has killed its worker MOST_ATTEMPTS times is told as failed. Needs the whole installation as scope; the caller commits.
    """
    for work_id in queries.next_ids(session, real_now):
        owner = secrets.token_hex(8)
        taken = session.execute(
            update(LongWork)
            .where(LongWork.id == work_id, queries.claimable(real_now))
            .values(state=WorkState.RUNNING, owner=owner, heartbeat_at=real_now, started_at=real_now, attempts=LongWork.attempts + 1)
            .execution_options(synchronize_session=False)
        )
        assert isinstance(taken, CursorResult)
        if taken.rowcount != 1:
            continue
        one = session.get_one(LongWork, work_id, populate_existing=True)
        if one.cancel_asked or one.attempts > MOST_ATTEMPTS:
            over = WorkState.CANCELLED if one.cancel_asked else WorkState.FAILED
            words = "Đã hủy." if one.cancel_asked else f"Đã dừng giữa chừng {MOST_ATTEMPTS} lần; đồng chí báo quản trị hệ thống."
            end(session, Claim(one.id, one.authority_id, one.account_id, one.kind, one.given, owner), over, words, real_now=real_now)
            continue
        return Claim(one.id, one.authority_id, one.account_id, one.kind, one.given, owner)
    return None


def beat(session: Session, held: Claim, done: int, sentence: str, *, real_now: datetime) -> bool | None:
    """Says how far. True: go on; False: it is to be cancelled; None: the claim is lost, and nothing was written."""
    wrote = session.execute(
        update(LongWork)
        .where(LongWork.id == held.work_id, LongWork.owner == held.owner, LongWork.state == WorkState.RUNNING)
        .values(done=done, sentence=sentence, heartbeat_at=real_now)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(wrote, CursorResult)
    if wrote.rowcount != 1:
        return None
    return not session.get_one(LongWork, held.work_id, populate_existing=True).cancel_asked


def end(
    session: Session, held: Claim, state: WorkState, sentence: str, *, real_now: datetime, filename: str | None = None, size: int | None = None
) -> bool:
    """Over, with the result's name and size where there is one. False where the claim was lost."""
    values: dict[str, Any] = {"state": state, "sentence": sentence, "ended_at": real_now, "owner": None}
    if filename is not None:
        values |= {"filename": filename, "size": size, "kept_until": real_now + KEPT, "done": LongWork.total}
    wrote = session.execute(
        update(LongWork)
        .where(LongWork.id == held.work_id, LongWork.owner == held.owner)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(wrote, CursorResult)
    return wrote.rowcount == 1


def give_back(session: Session, held: Claim) -> None:
    """The worker is asked to stop: the work waits again, and this attempt does not count."""
    session.execute(
        update(LongWork)
        .where(LongWork.id == held.work_id, LongWork.owner == held.owner)
        .values(state=WorkState.WAITING, owner=None, attempts=LongWork.attempts - 1, sentence="Chờ đến lượt.", done=0)
        .execution_options(synchronize_session=False)
    )


def forget_results(session: Session, *, real_now: datetime) -> list[tuple[int, int]]:
    """(authority, work) of the results whose time is over; what was done stays listed. The caller removes the files."""
    with scope.using(session, scope.whole("results of long work whose time is over")):
        old = queries.outlived(session, real_now)
        for one in old:
            one.filename, one.size = None, None
        session.flush()
        return [(one.authority_id, one.id) for one in old]
