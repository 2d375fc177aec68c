"""What has happened in a synthetic authority by now: evidence, decisions, history, reminders. Rows only; every band occurs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from tracker.audit.models import AuditEvent
from tracker.deadlines.calendar_rules import WorkingCalendar
from tracker.evidence.models import EvidenceItem, ItemVersion, Proof
from tracker.evidence.rules import ITEM_WORDS, ItemKind
from tracker.kernel.clock import local_day, noon
from tracker.kernel.vietnamese import number_vn
from tracker.mail.models import MailAttempt, OutboxMessage
from tracker.mail.rules import MessageState, Outcome, Phase, message_key
from tracker.operations.synth_place import Job, Place, Post, lay, put
from tracker.reminders.models import Reminder
from tracker.reminders.rules import DIGEST, digest_key
from tracker.tasks.models import Task
from tracker.tasks.rules import OPEN, Progress

#: Rungs already said; the next one is for the planner to say.
SAID = (-3, 0)
REASONS = (
    "Văn bản chưa có số và ngày ban hành; đề nghị gửi bản đã ký.",
    "Biên bản họp thiếu danh sách người dự; đề nghị bổ sung.",
    "Số liệu chưa khớp với báo cáo quý trước; đề nghị rà soát lại.",
)


class Fate(StrEnum):
    """Where a synthetic task ends up."""

    ACCEPTED = "accepted"
    LATE = "late"
    READY = "ready"
    PREPARED = "prepared"
    RETURNED = "returned"
    COMPLETE = "complete"
    COLLECTING = "collecting"
    NOT_STARTED = "not_started"
    NOT_APPLICABLE = "not_applicable"
    ELSEWHERE = "elsewhere"


_STATUS = {
    Fate.ACCEPTED: Progress.ACCEPTED,
    Fate.LATE: Progress.ACCEPTED,
    Fate.READY: Progress.READY,
    Fate.PREPARED: Progress.PREPARED,
    Fate.RETURNED: Progress.COLLECTING,
    Fate.COMPLETE: Progress.COLLECTING,
    Fate.COLLECTING: Progress.COLLECTING,
    Fate.NOT_STARTED: Progress.NOT_STARTED,
    Fate.NOT_APPLICABLE: Progress.NOT_APPLICABLE,
    Fate.ELSEWHERE: Progress.SUPPLIED_ELSEWHERE,
}
#: Everything asked for is there.
_WHOLE = frozenset({Fate.ACCEPTED, Fate.LATE, Fate.READY, Fate.PREPARED, Fate.RETURNED, Fate.COMPLETE})
_LEFT_THE_UNIT = frozenset({Fate.ACCEPTED, Fate.LATE, Fate.READY, Fate.RETURNED})


@dataclass(slots=True)
class Story:
    """One task and what happened to it."""

    job: Job
    fate: Fate
    row: dict[str, Any]
    brought_at: datetime
    task_id: int = 0
    #: (requirement, what the item says), in order.
    brought: list[tuple[int | None, dict[str, Any]]] = field(default_factory=list)
    #: (when, action, actor's account, actor, sentence)
    events: list[tuple[datetime, str, int, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Made:
    """How many rows."""

    tasks: int
    proofs: int
    reminders: int
    events: int


def unfold(session: Session, place: Place, calendar: WorkingCalendar, rng: Random, now: datetime) -> Made:
    """Makes the tasks of an authority with everything that has happened to them."""
    diligence = {post.id: rng.uniform(0.25, 0.95) for post in place.posts}
    stories = [_story(place, job, diligence[job.post.id], calendar, rng, now) for job in place.jobs]
    for story, task_id in zip(stories, put(session, Task, [story.row for story in stories]), strict=True):
        story.task_id = task_id
    proofs = _evidence(session, place, stories)
    events = [_event(place, story, *said) for story in stories for said in story.events]
    lay(session, AuditEvent, events)
    return Made(len(stories), proofs, _reminders(session, place, stories, calendar, now), len(events))


def _story(place: Place, job: Job, diligence: float, calendar: WorkingCalendar, rng: Random, now: datetime) -> Story:
    fate = Fate.ACCEPTED if job.leaf is None else _fate(place, diligence, rng)
    brought_at = place.opened_at + (now - place.opened_at) * rng.uniform(0.1, 0.8)
    row: dict[str, Any] = {
        "authority_id": place.id,
        "round_id": job.round_id,
        "assignment_id": job.assignment_id,
        "indicator_id": job.leaf.id if job.leaf else None,
        "title": job.title,
        "unit_id": job.post.id,
        "group_id": job.group_id,
        "status": _STATUS[fate],
        **dict.fromkeys(("reason", "submitted_at", "submitted_on", "resubmitted_at", "accepted_at", "returned_at", "extended_to_on", "mend_by_on")),
        "own_acceptance": fate in (Fate.ACCEPTED, Fate.LATE) and job.post.id == place.focal.id,
        "on_behalf": job.post.behalf and fate in _LEFT_THE_UNIT,
        "version": 1,
    }
    story = Story(job, fate, row, brought_at)
    _bring(place, story, rng)
    _decide(place, story, calendar, rng, now)
    if job.last_on is not None and row["status"] in OPEN and fate is not Fate.RETURNED and rng.random() < 0.15:
        row["extended_to_on"] = local_day(now) + timedelta(days=rng.choice((0, 3, 40)))
    return story


def _fate(place: Place, diligence: float, rng: Random) -> Fate:
    weights = {
        Fate.ACCEPTED: 60 * diligence,
        Fate.LATE: 5,
        Fate.READY: 16 * diligence,
        Fate.PREPARED: 4 if int(place.slug[-4:]) % 4 == 0 else 0,
        Fate.RETURNED: 5,
        Fate.COMPLETE: 9,
        Fate.COLLECTING: 9,
        Fate.NOT_STARTED: 6 + 30 * (1 - diligence),
        Fate.NOT_APPLICABLE: 2,
        Fate.ELSEWHERE: 3,
    }
    return rng.choices(list(weights), list(weights.values()))[0]


def _bring(place: Place, story: Story, rng: Random) -> None:
    leaf = story.job.leaf
    if story.fate in _WHOLE:
        slots = list(leaf.required) if leaf else []
    elif story.fate is Fate.COLLECTING and leaf and leaf.required:
        slots = list(leaf.required[:-1])
    else:
        return
    wanted: list[int | None] = [*slots] or ([None] if story.fate in _WHOLE else [])
    for place_number, requirement_id in enumerate(wanted, 1):
        story.brought.append((requirement_id, _item(place, story.job, place_number, rng)))
    for _requirement, item in story.brought:
        words = f"Thêm {ITEM_WORDS[item['kind']].lower()} “{item['title']}”."
        story.events.append((story.brought_at, "evidence.bring", story.job.post.account_id, _actor(place, story.job.post), words))


def _item(place: Place, job: Job, number: int, rng: Random) -> dict[str, Any]:
    """A link, a figure, or a sentence why there is none."""
    empty: dict[str, Any] = dict.fromkeys(("url", "figure", "figure_unit", "sentence"))
    chance = rng.random()
    if job.leaf and job.leaf.name.startswith("Tỷ lệ") and chance < 0.6:
        figure = Decimal(rng.randint(400, 1000)) / 10
        return {**empty, "kind": ItemKind.FIGURE, "title": f"{number_vn(figure, 4)} %", "figure": figure, "figure_unit": "%"}
    if chance > 0.9:
        sentence = "Trong kỳ không phát sinh, đơn vị đã rà soát."
        return {**empty, "kind": ItemKind.STATEMENT, "title": sentence, "sentence": sentence}
    url = f"https://{place.slug}.example/van-ban/{job.leaf.code if job.leaf else 'bao-cao'}-{number}"
    return {**empty, "kind": ItemKind.LINK, "title": url, "url": url}


def _decide(place: Place, story: Story, calendar: WorkingCalendar, rng: Random, now: datetime) -> None:
    """Handing in, accepting, returning, setting aside: the row and its history."""
    row, fate, post = story.row, story.fate, story.job.post
    focal, focal_words = place.focal.account_id, f"Đầu mối, {place.focal.name}"
    if fate in (Fate.NOT_APPLICABLE, Fate.ELSEWHERE):
        row["reason"] = "Số liệu do cấp trên cung cấp." if fate is Fate.ELSEWHERE else "Địa phương không có đối tượng áp dụng."
        move = "set_supplied_elsewhere" if fate is Fate.ELSEWHERE else "set_not_applicable"
        story.events.append((story.brought_at, f"task.{move}", focal, focal_words, row["reason"]))
    if fate is Fate.PREPARED:
        story.events.append((story.brought_at, "task.prepare", post.account_id, _actor(place, post), "Trình lãnh đạo đơn vị duyệt."))
    if fate not in _LEFT_THE_UNIT:
        return
    late = fate is Fate.LATE and story.job.last_on is not None
    submitted = noon((story.job.last_on or local_day(now)) + timedelta(days=rng.randint(1, 3))) if late else story.brought_at + timedelta(hours=2)
    row["submitted_at"], row["submitted_on"] = submitted, local_day(submitted)
    story.events.append((submitted, "task.report_ready", post.account_id, _actor(place, post), "Báo đủ minh chứng."))
    decided = min(submitted + timedelta(hours=rng.randint(3, 60)), now)
    if fate in (Fate.ACCEPTED, Fate.LATE):
        row["accepted_at"] = decided
        story.events.append((decided, "task.accept", focal, focal_words, "Xác nhận đủ minh chứng."))
    if fate is Fate.RETURNED:
        row["returned_at"], row["reason"] = decided, rng.choice(REASONS)
        if rng.random() < 0.6:
            row["mend_by_on"] = calendar.add(local_day(now), rng.randint(1, 3))
        story.events.append((decided, "task.return", focal, focal_words, f"Trả lại: {row['reason']}"))


def _actor(place: Place, post: Post) -> str:
    return f"Đầu mối, {place.focal.name}" if post.behalf else f"Chuyên viên, {post.name}"


def _event(place: Place, story: Story, at: datetime, action: str, account_id: int, actor: str, words: str) -> dict[str, Any]:
    post = story.job.post
    return {
        "at": at,
        "authority_id": place.id,
        "account_id": account_id,
        "actor": actor,
        "on_behalf_of": post.name if post.behalf and account_id == post.account_id else None,
        "action": action,
        "subject_type": "task",
        "subject_id": story.task_id,
        "summary": words,
        "changes": {},
    }


def _evidence(session: Session, place: Place, stories: Sequence[Story]) -> int:
    """Items, their one version, and the proof that ties it to the task. Returns how many."""
    flat = [(story, requirement_id, item) for story in stories for requirement_id, item in story.brought]
    items = put(
        session,
        EvidenceItem,
        [
            {"authority_id": place.id, "unit_id": s.job.post.id, "kind": i["kind"], "title": i["title"], "created_at": s.brought_at}
            for s, _r, i in flat
        ],
    )
    versions = put(
        session,
        ItemVersion,
        [
            {
                "authority_id": place.id,
                "item_id": item_id,
                "number": 1,
                **{key: item[key] for key in ("url", "figure", "figure_unit", "sentence")},
                "created_at": story.brought_at,
                "account_id": story.job.post.account_id,
                "actor": _actor(place, story.job.post),
                "on_behalf": story.job.post.behalf,
            }
            for item_id, (story, _requirement, item) in zip(items, flat, strict=True)
        ],
    )
    lay(
        session,
        Proof,
        [
            {"authority_id": place.id, "task_id": s.task_id, "requirement_id": requirement_id, "version_id": version_id, "created_at": s.brought_at}
            for version_id, (s, requirement_id, _item) in zip(versions, flat, strict=True)
        ],
    )
    return len(flat)


def _reminders(session: Session, place: Place, stories: Sequence[Story], calendar: WorkingCalendar, now: datetime) -> int:
    """What the scheduler said before the deadline about the tasks still open today: one sent digest for each mailbox and rung."""
    digests: dict[tuple[str, int], list[Story]] = defaultdict(list)
    for story in stories:
        if story.job.last_on is not None and story.row["status"] in OPEN and story.fate is not Fate.RETURNED:
            mailbox = place.focal.mailbox if story.job.post.behalf else story.job.post.mailbox
            for rung in SAID:
                digests[(mailbox, rung)].append(story)
    keys = sorted(digests)
    days = {key: calendar.add(calendar.on_or_before(digests[key][0].job.last_on or local_day(now)), key[1]) for key in keys}
    messages = put(session, OutboxMessage, [_message(place, key[0], days[key], digests[key], key[1]) for key in keys])
    lay(session, MailAttempt, [_attempt(message_id, days[key]) for key, message_id in zip(keys, messages, strict=True)])
    rows = [
        {
            "authority_id": place.id,
            "task_id": story.task_id,
            "recipient": key[0],
            "due_on": story.job.last_on,
            "rung": key[1],
            "planned_on": days[key],
            "outbox_message_id": message_id,
        }
        for key, message_id in zip(keys, messages, strict=True)
        for story in digests[key]
    ]
    lay(session, Reminder, rows)
    return len(rows)


def _message(place: Place, mailbox: str, day: date, stories: Sequence[Story], rung: int) -> dict[str, Any]:
    sent_at, key = noon(day), digest_key(place.id, day, mailbox)
    due = stories[0].job.last_on
    return {
        "dedupe_key": key,
        "kind": DIGEST,
        "authority_id": place.id,
        "account_id": stories[0].job.post.account_id,
        "to_address": mailbox,
        "to_name": f"Chuyên viên {stories[0].job.post.name}",
        "payload": {"items": [[story.task_id, due.isoformat() if due else None, rung] for story in stories]},
        "planned_on": day,
        "created_at": sent_at,
        "not_before": sent_at,
        "expires_at": None,
        "state": MessageState.SENT,
        "attempts": 1,
        "message_id": message_key(key),
        "subject": f"Đôn Đốc: {len(stories)} chỉ số đến hạn",
        "finished_at": sent_at,
    }


def _attempt(message_id: int, day: date) -> dict[str, Any]:
    sent_at = noon(day)
    return {
        "outbox_message_id": message_id,
        "number": 1,
        "owner": "synth",
        "started_at": sent_at,
        "ended_at": sent_at,
        "phase": Phase.ACKED,
        "outcome": Outcome.OK,
        "detail": None,
    }
