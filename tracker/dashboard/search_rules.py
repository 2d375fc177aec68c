"""What a search through everything found, in groups, as the page and the box under the bar show it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tracker.kernel.words import phrase

#: What was typed beyond this is not looked for.
TEXT_LIMIT = 100
#: Of each group, on the page and under the box.
ON_PAGE, UNDER_BOX = 20, 4


class Group(StrEnum):
    """What is searched, in the order it is told."""

    INDICATORS = "indicators"
    TASKS = "tasks"
    UNITS = "units"
    DOCUMENTS = "documents"
    NOTICES = "notices"
    LETTERS = "letters"
    PEOPLE = "people"


GROUP_WORDS: dict[Group, str] = {
    Group.INDICATORS: phrase("Chỉ số"),
    Group.TASKS: phrase("Nhiệm vụ"),
    Group.UNITS: phrase("Đơn vị"),
    Group.DOCUMENTS: phrase("Minh chứng"),
    Group.NOTICES: phrase("Văn bản phân công"),
    Group.LETTERS: phrase("Công văn đôn đốc"),
    Group.PEOPLE: phrase("Người"),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: what to call it, where it leads (the arguments of its page), and what tells it from others of its name."""

    name: str
    endpoint: str
    arguments: dict[str, str | int]
    code: str | None = None
    detail: str = ""


def joined(*parts: str | None) -> str:
    """«Phòng Nội vụ · năm 2026» of what there is."""
    return " · ".join(part for part in parts if part)
