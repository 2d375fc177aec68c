"""Many tasks at once: which of them a form names, which line of a checklist a document is probably for, what was left out and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.evidence.rules import WHOLE, Asked, Slot
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.vietnamese import fold
from tracker.kernel.words import phrase
from tracker.tasks.rules import read_ticket

#: In one go: what one page of a list shows, twice.
TOGETHER_LIMIT = 100

_WORD = re.compile(r"[a-z]+")
#: As offices shorten the names of documents in the names of files.
_SHORT = {
    "bb": "bien ban",
    "bc": "bao cao",
    "bcd": "ban chi dao",
    "cv": "cong van",
    "ds": "danh sach",
    "kh": "ke hoach",
    "qc": "quy che",
    "qd": "quyet dinh",
    "tb": "thong bao",
    "ttr": "to trinh",
}
#: Words that stand in many lines and tell none from another.
_COMMON = frozenset(
    (
        "va",
        "cua",
        "cac",
        "ve",
        "cho",
        "hoac",
        "tai",
        "lieu",
        "viec",
        "trong",
        "nam",
        "theo",
        "so",
        "ubnd",
        "doc",
        "docx",
        "pdf",
        "xlsx",
        "jpg",
        "jpeg",
        "png",
    )
)
#: A line is meant where at least so many, and so large a part, of its words are in the name.
_WORDS_AT_LEAST, _PART_AT_LEAST = 2, 0.4


@dataclass(frozen=True, slots=True)
class Left:
    """A task, or a file, that was left out: what to call it, and the sentence why."""

    label: str
    why: str

    @property
    def sentence(self) -> str:
        return phrase("%(label)s: %(why)s", label=self.label, why=self.why)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of many things asked for at once."""

    done: int
    left: tuple[Left, ...] = ()
    #: What was done, each with the version it has now: what undoing names.
    tickets: tuple[str, ...] = ()


CHANGED = phrase("vừa có người khác thay đổi sau khi đồng chí mở trang; đồng chí xem lại rồi làm riêng.")


def tickets(texts: Iterable[str]) -> dict[int, int]:
    """Task → the version its page showed, from «12-3» as forms carry it. Raises NotFound for anything else, Refused where they are too many."""
    found = dict(_ticket(text) for text in texts)
    if len(found) > TOGETHER_LIMIT:
        raise Refused(
            phrase(
                "Đồng chí chọn %(count)s nhiệm vụ; mỗi lần làm cùng lúc không quá %(together_limit)s.",
                count=len(found),
                together_limit=TOGETHER_LIMIT,
            )
        )
    return found


def _ticket(text: str) -> tuple[int, int]:
    found = read_ticket(text)
    if found is None:
        raise NotFound
    return found


def best_line(asked: Sequence[Asked], name: str) -> Slot:
    """The line of a checklist a document of this name is probably for: the only one, or the one that shares most words; else the whole task."""
    lines = [one for one in asked if one.kind != "figures"]
    if len(lines) == 1 and len(asked) == 1:
        return lines[0].slot
    given = _words(name)
    best, slot = 0.0, WHOLE
    for one in lines:
        wanted = _words(one.name)
        shared = len(wanted & given)
        part = shared / len(wanted) if wanted else 0.0
        if shared >= min(_WORDS_AT_LEAST, len(wanted)) and part >= _PART_AT_LEAST and part > best:
            best, slot = part, one.slot
    return slot


def _words(text: str) -> frozenset[str]:
    spelled = " ".join(_SHORT.get(word, word) for word in _WORD.findall(fold(text)))
    return frozenset(spelled.split()) - _COMMON
