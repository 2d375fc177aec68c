"""The register of official letters: what a number and a day must be, and how a composed letter is kept to be written again."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from tracker.documents.letter_rules import Case, Group, LateUnit, Letter
from tracker.kernel.errors import Refused
from tracker.kernel.vietnamese import clean, date_vn
from tracker.kernel.words import phrase

#: Characters a number may have.
LONGEST_NUMBER = 30
#: Characters of the reason a draft is set aside for.
LONGEST_REASON = 500
_NUMBER = re.compile(r"\d{1,7}[\w.-]*(/[\w.&-]+)+")
_SAYS_NUMBER = re.compile(r"^số\s*:?\s*", re.IGNORECASE)


class LetterState(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    SET_ASIDE = "set_aside"


STATE_WORDS: dict[LetterState, str] = {
    LetterState.DRAFT: phrase("Dự thảo"),
    LetterState.SENT: phrase("Đã phát hành"),
    LetterState.SET_ASIDE: phrase("Đã bỏ"),
}


def number_of(text: str) -> str:
    """«Số: 123/UBND-VHTT» → «123/UBND-VHTT». Raises Refused (field ``number``)."""
    kept = _SAYS_NUMBER.sub("", clean(text))
    if len(kept) > LONGEST_NUMBER:
        raise Refused(
            phrase("Số công văn dài %(count)s ký tự; tối đa %(longest_number)s, như 123/UBND-VHTT.", count=len(kept), longest_number=LONGEST_NUMBER),
            field="number",
        )
    if not _NUMBER.fullmatch(kept):
        raise Refused(phrase("“%(kept)s” chưa phải số công văn; đồng chí viết như 123/UBND-VHTT.", kept=_shown(kept)), field="number")
    return kept


#: A letter asks for an answer within a year: a later day is a slip of the pen.
LONGEST_ANSWER = timedelta(days=366)


def expect_answer_day(answer_by: date, day: date) -> None:
    """Raises Refused (field ``answer_by``) for a day that is not after the letter's own, or later than LONGEST_ANSWER."""
    if answer_by <= day:
        raise Refused(
            phrase("Hạn trả lời %(answer_by)s phải sau ngày lập %(day)s.", answer_by=date_vn(answer_by), day=date_vn(day)), field="answer_by"
        )
    if answer_by - day > LONGEST_ANSWER:
        raise Refused(
            phrase(
                "Hạn trả lời %(answer_by)s quá một năm sau ngày lập %(day)s; đồng chí kiểm tra lại năm.",
                answer_by=date_vn(answer_by),
                day=date_vn(day),
            ),
            field="answer_by",
        )


def seen_of(case: Case) -> str:
    """What a page showed of a case, for its form to bring back: each unit with a check over its tasks and days."""
    return " ".join(f"{unit.slug}:{_check(unit)}" for unit in case.units)


def changed_since(seen: str, case: Case) -> Collection[str]:
    """The units a page showed with other tasks or days than they have now; those it did not show are not judged."""
    shown = dict(part.rpartition(":")[::2] for part in seen.split())
    return {unit.slug for unit in case.units if shown.get(unit.slug, _check(unit)) != _check(unit)}


def _check(unit: LateUnit) -> str:
    told = ";".join(f"{task.task_id},{task.due_on.isoformat()}" for task in unit.tasks)
    return f"{zlib.crc32(told.encode()):08x}"


def expect_issue_day(day: date, drafted_on: date, today: date) -> None:
    """Raises Refused (field ``issued_on``) for a day to come, and for one before the letter was drafted."""
    if day > today:
        raise Refused(
            phrase("Ngày phát hành %(day)s chưa tới; muộn nhất là hôm nay, %(today)s.", day=date_vn(day), today=date_vn(today)), field="issued_on"
        )
    if day < drafted_on:
        raise Refused(
            phrase("Ngày phát hành %(day)s trước ngày lập dự thảo; sớm nhất là %(drafted_on)s.", day=date_vn(day), drafted_on=date_vn(drafted_on)),
            field="issued_on",
        )


def reason_of(text: str) -> str:
    """Why a draft is set aside. Raises Refused (field ``reason``)."""
    kept = clean("".join(c for c in text if c.isprintable() or c.isspace()))
    if not kept:
        raise Refused("Đồng chí cho biết vì sao bỏ dự thảo này.", field="reason")
    if len(kept) > LONGEST_REASON:
        raise Refused(phrase("Lý do dài %(count)s ký tự; tối đa %(longest_reason)s.", count=len(kept), longest_reason=LONGEST_REASON), field="reason")
    return kept


def _shown(text: str) -> str:
    return "".join(c for c in text if c.isprintable())


def as_kept(letter: Letter) -> dict[str, Any]:
    """A letter as JSON can hold it."""
    return asdict(letter)


def as_composed(kept: Mapping[str, Any]) -> Letter:
    """The letter that was kept."""
    groups = tuple(Group(one["heading"], tuple(tuple(line) for line in one["lines"])) for one in kept["groups"])
    several: dict[str, Any] = {name: tuple(kept[name]) for name in ("issuer", "addressees", "grounds", "body", "recipients", "signature")}
    single = ("file_name", "superior", "number", "subject", "place_and_day", "appendix_title", "appendix_reference")
    several |= {name: kept[name] for name in single}
    return Letter(**several, groups=groups)


def digest_of(letter: Letter) -> str:
    """The same for two letters that say the same: a form sent twice is one draft."""
    return hashlib.sha256(json.dumps(as_kept(letter), ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
