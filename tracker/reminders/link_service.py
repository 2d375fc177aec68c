"""Links issued, what comes in through them, and the word of somebody who signed in that it is the unit's."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.audit.rules import Actor
from tracker.evidence import queries as evidence_queries
from tracker.evidence import service as evidence
from tracker.evidence.content_rules import Content
from tracker.evidence.rules import ItemKind, Slot
from tracker.kernel.clock import local_day
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import date_vn
from tracker.reminders import chase_service as chases
from tracker.reminders import link_queries as queries
from tracker.reminders.chase_rules import ChaseKind
from tracker.reminders.link_access import Opened
from tracker.reminders.link_models import ActionLink
from tracker.reminders.link_rules import FULL, MOST_HANDINS, OFF, hash_of, token_of
from tracker.tasks import extension_service as extensions
from tracker.tasks import handin_queries as handins
from tracker.tasks import service as tasks
from tracker.tasks.extension_access import terms_of
from tracker.tasks.handin_models import LinkHandin
from tracker.tasks.handin_rules import HANDIN_WORDS, HandinKind
from tracker.tasks.models import Task
from tracker.tasks.rules import Fulfilment, Progress
from tracker.units.models import Authority


def issue(session: Session, authority: Authority, account_id: int, unit_id: int, round_id: int, now: datetime, *, secret: str) -> ActionLink:
    """A new link of one person for one unit and round; the former one is dead from ``now``. ``secret``: the installation's SECRET_KEY.

    Raises Refused where the authority has not switched links on.
    """
    if not authority.action_links:
        raise Refused(OFF)
    for one in queries.former(session, account_id, unit_id, round_id):
        one.ended_at = now
    link = ActionLink(
        authority_id=authority.id, account_id=account_id, unit_id=unit_id, round_id=round_id, nonce=secrets.token_urlsafe(32), created_at=now
    )
    link.token_hash = hash_of(token(link, secret))
    session.add(link)
    session.flush()
    return link


def token(link: ActionLink, secret: str) -> str:
    """The token of a link, for its letter only: never kept, never logged."""
    return token_of(secret, link.nonce, (link.authority_id, link.account_id, link.unit_id, link.round_id))


def hand_in(session: Session, opened: Opened, task: Task, content: Content, slot: Slot | None, now: datetime) -> LinkHandin:
    """A file or a figure, brought as anybody of the unit would, and marked.

    Where nothing is missing any more the task becomes «prepared»: it has not left the unit. Raises Refused as bringing does.
    """
    _expect_room(session, opened)
    actor = opened.actor
    proof = evidence.bring(session, task, content, slot, opened.unit.id, actor, now)
    known = handins.of_version(session, task.id, proof.version_id)
    if known is not None:
        return known
    found = evidence_queries.completeness_of(session, [(task.id, task.indicator_id)])[task.id]
    if found.complete and task.status in (Progress.NOT_STARTED, Progress.COLLECTING):
        tasks.mark_ready(session, task, Fulfilment(True), actor, now, needs_head=True, is_head=False)
    line = evidence.line_words(evidence_queries.checklist(session, task.indicator_id), slot) if slot else ""
    kind = HandinKind.FIGURE if content.kind is ItemKind.FIGURE else HandinKind.FILE
    return _note(session, opened, task, kind, f"“{content.title}”{line}", now, version_id=proof.version_id, completes=found.complete)


def note_opening(session: Session, opened: Opened, now: datetime) -> bool:
    """Somebody reads the page of a link: a line of the log, once a day for each person. Not a chase, and nothing handed in."""
    words = f"{opened.viewer.own_title} mở liên kết trong thư ({opened.round.name})."
    due_on = {row.id: row.standing.due_on for row in opened.rows}
    return chases.note_once(session, opened.actor, kind=ChaseKind.LINK, unit=opened.unit, task_ids=due_on, words=words, now=now, day=local_day(now))


def ask_time(session: Session, opened: Opened, task: Task, wished_on: date, reason: str | None, now: datetime) -> LinkHandin:
    """A request for more time, under the rules of every request, and marked."""
    _expect_room(session, opened)
    pair = [(task, opened.row(task.id))]
    [one] = extensions.ask(session, pair, wished_on, reason, opened.actor, now, calendar=opened.calendar, terms=terms_of(opened.authority))
    return _note(session, opened, task, HandinKind.TIME, f"Đến hết ngày {date_vn(wished_on)}: {one.reason}", now, extension_id=one.id)


def _expect_room(session: Session, opened: Opened) -> None:
    if handins.number_of_link(session, opened.link.id) >= MOST_HANDINS:
        raise Refused(FULL)


def _note(
    session: Session,
    opened: Opened,
    task: Task,
    kind: HandinKind,
    words: str,
    now: datetime,
    *,
    version_id: int | None = None,
    extension_id: int | None = None,
    completes: bool = False,
) -> LinkHandin:
    one = LinkHandin(
        authority_id=task.authority_id,
        link_id=opened.link.id,
        task_id=task.id,
        kind=kind,
        version_id=version_id,
        extension_id=extension_id,
        words=words,
        at=now,
        account_id=opened.link.account_id,
        said_by=opened.viewer.own_title,
        completes=completes,
    )
    session.add(one)
    session.flush()
    due_on = {task.id: opened.row(task.id).standing.due_on}
    said = f"Liên kết được dùng: {HANDIN_WORDS[kind].lower()}."
    chases.note(session, opened.actor, kind=ChaseKind.LINK, unit_id=opened.unit.id, task_ids=due_on, words=said, on_day=local_day(now), now=now)
    return one


def confirm(session: Session, task: Task, upto: int, actor: Actor, now: datetime) -> int:
    """«Xác thực» what waits at a task, up to the last row the page showed. Returns how much that was.

    A task that is complete leaves the unit with it, at the instant the hand-in completed it: lateness is judged by that.
    Raises Refused where nothing waits any more.
    """
    tasks.expect_round_open(session, task)
    waiting = [one for one in handins.waiting(session, task.id) if one.id <= upto]
    if not waiting:
        raise Refused("Không còn nội dung nào chờ xác thực: đã có người xác thực, hoặc nội dung đã được gỡ. Đồng chí tải lại trang.")
    completed = min((one.at for one in waiting if one.completes), default=None)
    for one in waiting:
        one.confirmed_at, one.confirmed_by = now, actor.told
    session.flush()
    evidence.touch(task)
    what = "; ".join(one.words for one in waiting)
    summary = f"Xác thực nội dung nộp qua liên kết{actor.behalf}: {what}"
    audit.record(session, actor, "link.confirm", summary, now=now, authority_id=task.authority_id, subject=("task", task.id))
    found = evidence_queries.completeness_of(session, [(task.id, task.indicator_id)])[task.id]
    left = handins.waiting_versions(session, task.id)
    if completed is not None and task.status is Progress.PREPARED and found.complete and not left:
        tasks.mark_ready(session, task, Fulfilment(True), actor, now, needs_head=True, is_head=True, since=completed)
    session.flush()
    return len(waiting)
