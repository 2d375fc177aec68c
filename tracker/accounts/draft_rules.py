"""What is kept of a form before it is sent: words and choices, never files or passwords."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tracker.kernel.errors import BadInput
from tracker.kernel.words import phrase

#: An unsent form is forgotten after so long.
DRAFT_LIFE = timedelta(days=30)
#: Drafts a person may have at once: the oldest goes first.
DRAFTS_KEPT = 50
FIELDS_AT_MOST = 100
CHARACTERS_AT_MOST = 30_000
#: Fields that carry no words of the person's.
NEVER_KEPT = frozenset({"csrf_token", "version", "next", "draft"})

Fields = dict[str, list[str]]


def read_fields(given: Any) -> Fields:
    """Name → values as the browser sent them, without what is never kept. Raises BadInput for another shape or too much."""
    if not isinstance(given, Mapping):
        raise BadInput("Bản nháp không đúng dạng; chưa lưu gì cả.")
    fields: Fields = {}
    for name, values in given.items():
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise BadInput("Bản nháp không đúng dạng; chưa lưu gì cả.")
        if name not in NEVER_KEPT:
            fields[str(name)] = values
    size = sum(len(name) + sum(map(len, values)) for name, values in fields.items())
    if len(fields) > FIELDS_AT_MOST or size > CHARACTERS_AT_MOST:
        raise BadInput(
            phrase(
                "Bản nháp dài quá %(characters_at_most)s ký tự nên không tự lưu; đồng chí gửi biểu mẫu để lưu.", characters_at_most=CHARACTERS_AT_MOST
            )
        )
    return fields
