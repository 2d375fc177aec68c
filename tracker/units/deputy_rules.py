"""Whose roles may be lent, and to whom: pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.kernel.vietnamese import date_vn
from tracker.kernel.words import phrase
from tracker.units.rules import Role

#: What a deputy acts with. The focal point and administrators have colleagues with the same role instead: those are given by name.
LENT = frozenset({Role.SPECIALIST, Role.HEAD, Role.CHAIR})
#: Nobody is away for longer; who is has a successor.
LONGEST = timedelta(days=184)
REASON_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Terms:
    """From when to when, why, and in which unit only (None: in all)."""

    valid_from: date
    valid_to: date
    reason: str
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be, and the field it is about."""

    message: str
    field: str


def problem(terms: Terms, today: date, held: Collection[tuple[Role, int | None]]) -> Problem | None:
    """What is wrong with lending, where the principal holds these (role, unit); None where nothing is."""
    if not terms.reason:
        return Problem(phrase("Đồng chí ghi lý do ủy quyền, ví dụ “đi công tác”."), "reason")
    if len(terms.reason) > REASON_LIMIT:
        return Problem(
            phrase("Lý do dài %(count)s ký tự; đồng chí rút gọn còn %(reason_limit)s.", count=len(terms.reason), reason_limit=REASON_LIMIT), "reason"
        )
    if terms.valid_to < terms.valid_from:
        return Problem(phrase("Ngày cuối phải từ %(valid_from)s, ngày bắt đầu.", valid_from=date_vn(terms.valid_from)), "valid_to")
    if terms.valid_from < today:
        return Problem(
            phrase("Ngày %(valid_from)s đã qua; ủy quyền từ %(today)s trở đi.", valid_from=date_vn(terms.valid_from), today=date_vn(today)),
            "valid_from",
        )
    if terms.valid_to - terms.valid_from > LONGEST:
        return Problem(phrase("Ủy quyền không quá sáu tháng; nghỉ lâu hơn thì đồng chí chuyển giao hẳn cho người khác."), "valid_to")
    lent = {unit for role, unit in held if role in LENT}
    if not lent:
        return Problem(phrase("Người này không có vai trò chuyên viên, lãnh đạo đơn vị hay lãnh đạo cơ quan để ủy quyền."), "principal")
    if terms.unit_id is not None and terms.unit_id not in lent:
        return Problem(phrase("Người này không có vai trò ở đơn vị đã chọn."), "unit")
    return None
