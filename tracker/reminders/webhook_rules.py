"""What listeners may be told, in which words, and with which secret it is signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from tracker.kernel.clock import ZONE
from tracker.kernel.errors import Refused
from tracker.kernel.words import joined, phrase

#: Kinds of messages in the outbox.
EVENT, PING = "webhook.event", "webhook.ping"
KIND_WORDS: dict[str, str] = {EVENT: phrase("Sự kiện"), PING: phrase("Gửi thử")}
#: What a listener did not take by then is of no use to it.
USEFUL_FOR = timedelta(days=3)
#: So many tries in a row without one success, over so long: nobody listens there any more.
FAILURES_IN_A_ROW = 20
FAILING_FOR = timedelta(days=1)
MOST_WEBHOOKS = 20
PING_TYPE = "ping"


class EventKind(StrEnum):
    """What may be listened to. Accounts, people, discussions and settings are nobody else's business."""

    TASK = "task"
    EVIDENCE = "evidence"
    REQUEST = "request"
    ROUND = "round"
    ASSIGNMENT = "assignment"
    CHASING = "chasing"


EVENT_KIND_WORDS: dict[EventKind, str] = {
    EventKind.TASK: phrase("Nhiệm vụ: nộp, xác nhận, trả lại, bàn giao"),
    EventKind.EVIDENCE: phrase("Minh chứng: thêm, thay, rút, xác nhận"),
    EventKind.REQUEST: phrase("Xin gia hạn, vướng mắc, chỉ đạo, đề nghị"),
    EventKind.ROUND: phrase("Đợt và thời hạn: mở, đóng, đổi quy tắc"),
    EventKind.ASSIGNMENT: phrase("Phân công: văn bản, đơn vị chủ trì và phối hợp"),
    EventKind.CHASING: phrase("Đôn đốc: nhắc đơn vị, đổi chính sách nhắc"),
}

_SHORT: dict[EventKind, str] = {
    EventKind.TASK: phrase("Nhiệm vụ"),
    EventKind.EVIDENCE: phrase("Minh chứng"),
    EventKind.REQUEST: phrase("Xin gia hạn, vướng mắc, chỉ đạo, đề nghị"),
    EventKind.ROUND: phrase("Đợt và thời hạn"),
    EventKind.ASSIGNMENT: phrase("Phân công"),
    EventKind.CHASING: phrase("Đôn đốc"),
}

#: The first part of an audit event's action → what it is an event of. What is not here never leaves.
_KIND_OF: dict[str, EventKind] = {
    "task": EventKind.TASK,
    "evidence": EventKind.EVIDENCE,
    "requirement": EventKind.EVIDENCE,
    "extension": EventKind.REQUEST,
    "obstacle": EventKind.REQUEST,
    "directive": EventKind.REQUEST,
    "proposal": EventKind.REQUEST,
    "contribution": EventKind.REQUEST,
    "round": EventKind.ROUND,
    "rule": EventKind.ROUND,
    "local_day": EventKind.ROUND,
    "assignments": EventKind.ASSIGNMENT,
    "handover": EventKind.ASSIGNMENT,
    "unit": EventKind.ASSIGNMENT,
    "documents": EventKind.ASSIGNMENT,
    "reminders": EventKind.CHASING,
    "chase": EventKind.CHASING,
    "link": EventKind.CHASING,
    "letters": EventKind.CHASING,
}

_MAILBOX = re.compile(r"[^\s@<>“”\"(),;:]+@[^\s@<>“”\"(),;:]+")
_TELEPHONE = re.compile(r"(?<![\w./-])(?:\+84|0)(?:[ .-]?\d){8,10}(?![\w/-])")
_WITHHELD = "…"


def kind_of(action: str) -> EventKind | None:
    """What an audit event's action is an event of; None for what is told to nobody."""
    return _KIND_OF.get(action.partition(".")[0])


def told_of(event: Any) -> EventKind | None:
    """What an audit event is told as; None also for whatever is about a person, under which name so ever."""
    return None if event.subject_type == "account" else kind_of(event.action)


def chosen_kinds(names: Iterable[str]) -> list[str]:
    """The kinds as the row keeps them, in the order of the list. Raises Refused (field ``kinds``) for none and for strangers."""
    wanted = set(names)
    if not wanted or wanted - set(EventKind):
        raise Refused("Đồng chí chọn ít nhất một loại sự kiện trong danh sách.", "kinds")
    return [kind.value for kind in EventKind if kind in wanted]


def kinds_words(kinds: Sequence[str]) -> str:
    """«Nhiệm vụ, Minh chứng»: the first words of each kind."""
    return joined(", ", (_SHORT[EventKind(kind)] for kind in kinds))


def secret_of(key: str, webhook_id: int, nonce: str) -> str:
    """The secret shared with a listener: 64 hexadecimal digits, computed from the installation's key so that it is stored nowhere.

    Another nonce, or another key, is another secret.
    """
    return hmac.new(key.encode(), f"webhook|{webhook_id}|{nonce}".encode(), hashlib.sha256).hexdigest()


def event_key(webhook_id: int, event_id: int) -> str:
    """The outbox's key of one event for one listener: queued twice it is queued once."""
    return f"{keys_of(webhook_id)}{event_id}"


def keys_of(webhook_id: int) -> str:
    """How the keys of all messages of one listener begin."""
    return f"webhook:{webhook_id}:"


def without_contacts(words: str) -> str:
    """A sentence with mailboxes and telephone numbers taken out."""
    return _TELEPHONE.sub(_WITHHELD, _MAILBOX.sub(_WITHHELD, words))


@dataclass(frozen=True, slots=True)
class Told:
    """Whose event it is: the authority's slug and name."""

    slug: str
    name: str

    @property
    def plain(self) -> dict[str, str]:
        return {"slug": self.slug, "name": self.name}


def body_of(event: Any, whose: Told) -> str:
    """An audit event as a listener reads it: ids, the office, the sentence of the history; no contacts, no values of fields."""
    kind = told_of(event)
    assert kind is not None, "what has no kind is not announced"
    return _json(
        {
            "id": event.id,
            "type": event.action,
            "kind": kind.value,
            "authority": whose.plain,
            "at": event.at.astimezone(ZONE).isoformat(timespec="seconds"),
            "subject": {"type": event.subject_type, "id": event.subject_id} if event.subject_type else None,
            "actor": without_contacts(event.actor),
            "words": without_contacts(event.summary),
        }
    )


def ping_body(message_id: int, at: Any, whose: Told) -> str:
    """What «Gửi thử» sends."""
    at = at.astimezone(ZONE).isoformat(timespec="seconds")
    return _json({"id": message_id, "type": PING_TYPE, "kind": PING_TYPE, "authority": whose.plain, "at": at, "words": "Thư thử của Đôn Đốc."})


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
