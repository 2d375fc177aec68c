"""Renaming, merging, splitting, transferring and dissolving units: pure.

A receiving body takes over the functions of the former one without interruption, gaps or overlaps (Resolution 190/2025/QH15). Which of
its duties goes to which of several receivers no rule says: a person does («không tự suy đoán»).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tracker.kernel.vietnamese import date_vn, join_and
from tracker.kernel.words import phrase

#: How far ahead, and how far back, a change of units is recorded.
FARTHEST = timedelta(days=2 * 366)


class SuccessionKind(StrEnum):
    RENAME = "rename"
    MERGE = "merge"
    SPLIT = "split"
    TRANSFER = "transfer"
    DISSOLVE = "dissolve"


class Side(StrEnum):
    FROM = "from"
    TO = "to"


KIND_WORDS: dict[SuccessionKind, str] = {
    SuccessionKind.RENAME: phrase("Đổi tên"),
    SuccessionKind.MERGE: phrase("Sáp nhập, hợp nhất"),
    SuccessionKind.SPLIT: phrase("Chia, tách"),
    SuccessionKind.TRANSFER: phrase("Chuyển nhiệm vụ"),
    SuccessionKind.DISSOLVE: phrase("Giải thể"),
}

#: What a unit that goes this way has done, for a sentence that names it.
ENDED_WORDS: dict[SuccessionKind, str] = {
    SuccessionKind.RENAME: phrase("đã đổi tên"),
    SuccessionKind.MERGE: phrase("đã sáp nhập"),
    SuccessionKind.SPLIT: phrase("đã chia, tách"),
    SuccessionKind.TRANSFER: phrase("đã chuyển nhiệm vụ"),
    SuccessionKind.DISSOLVE: phrase("đã giải thể"),
}

#: Kinds by which a unit that is not among the receivers ends the day before.
ENDING = frozenset({SuccessionKind.MERGE, SuccessionKind.SPLIT, SuccessionKind.DISSOLVE})


class SuccessionState(StrEnum):
    WAITING = "waiting"
    APPLIED = "applied"
    UNDONE = "undone"


STATE_WORDS: dict[SuccessionState, str] = {
    SuccessionState.WAITING: phrase("Chờ đến ngày"),
    SuccessionState.APPLIED: phrase("Đã thực hiện"),
    SuccessionState.UNDONE: phrase("Đã hủy"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be, and the field it is about."""

    message: str
    field: str


def problem(kind: SuccessionKind, predecessors: Collection[int], successors: Collection[int], new_name: str) -> Problem | None:
    """What is wrong with the units of a change, by id; None where nothing is."""
    if not predecessors:
        return Problem(phrase("Đồng chí chọn ít nhất một đơn vị cũ."), "predecessors")
    if kind is SuccessionKind.RENAME:
        if len(predecessors) > 1:
            return Problem(phrase("Đổi tên thì chỉ chọn một đơn vị; nhiều đơn vị thành một là sáp nhập."), "predecessors")
        return None if new_name else Problem(phrase("Đồng chí ghi tên mới của đơn vị."), "new_name")
    if kind is SuccessionKind.DISSOLVE:
        if set(predecessors) & set(successors):
            return Problem(phrase("Đơn vị giải thể không tự nhận việc của mình; đồng chí bỏ chọn ở phần đơn vị nhận."), "successors")
        return None
    if not successors:
        return Problem(phrase("Đồng chí chọn đơn vị nhận, hoặc ghi tên đơn vị mới."), "successors")
    if kind is SuccessionKind.MERGE and set(predecessors) <= set(successors):
        return Problem(phrase("Sáp nhập thì ít nhất một đơn vị cũ thôi hoạt động; đồng chí chọn thêm đơn vị cũ hoặc bớt đơn vị nhận."), "successors")
    if kind is SuccessionKind.SPLIT:
        if len(predecessors) > 1:
            return Problem(phrase("Mỗi lần chia, tách chỉ một đơn vị; đồng chí ghi từng đơn vị một."), "predecessors")
        if len(set(successors)) < 2:
            return Problem(phrase("Chia, tách cần ít nhất hai đơn vị nhận (đơn vị cũ ở lại thì chọn cả đơn vị ấy)."), "successors")
    if kind is SuccessionKind.TRANSFER and set(predecessors) & set(successors):
        return Problem(phrase("Đơn vị giao và đơn vị nhận phải khác nhau."), "successors")
    return None


def ending(kind: SuccessionKind, predecessors: Iterable[int], successors: Collection[int]) -> list[int]:
    """Which of the former units end the day before: of a merger, a split or a dissolution those that do not go on themselves."""
    return [one for one in predecessors if one not in successors] if kind in ENDING else []


def state_of(applied: bool, undone: bool) -> SuccessionState:
    """Where a recorded change stands."""
    if undone:
        return SuccessionState.UNDONE
    return SuccessionState.APPLIED if applied else SuccessionState.WAITING


@dataclass(frozen=True, slots=True)
class Heir:
    """Who followed a unit: how, when, and the names of those that took over."""

    kind: SuccessionKind
    effective_on: date
    names: tuple[str, ...]
    unit_ids: tuple[int, ...] = ()


def heirs_words(heirs: Sequence[Heir]) -> str:
    """«đã sáp nhập ngày 01/07/2026 vào Ấp 1; đơn vị nhận: …», for a refusal that sends the reader on; empty where nobody is known."""
    named = [one for one in heirs if one.names]
    if not named:
        return ""
    last = named[-1]
    return phrase(
        "%(ended)s từ %(effective_on)s, đơn vị nhận: %(names)s",
        ended=ENDED_WORDS[last.kind],
        effective_on=date_vn(last.effective_on),
        names=join_and(last.names),
    )


def not_alive(name: str, valid_from: date, valid_to: date | None, day: date, heirs: Sequence[Heir]) -> str | None:
    """Why a unit cannot be given work on a day, naming who followed it; None where it can."""
    if day < valid_from:
        return phrase(
            "%(name)s chỉ bắt đầu từ ngày %(valid_from)s; chọn đơn vị đang hoạt động vào ngày %(day)s.",
            name=name,
            valid_from=date_vn(valid_from),
            day=date_vn(day),
        )
    if valid_to is None or day <= valid_to:
        return None
    told = heirs_words(heirs)
    if told:
        return phrase("%(name)s %(told)s; đồng chí chọn đơn vị nhận.", name=name, told=told)
    return phrase("%(name)s đã kết thúc ngày %(valid_to)s; chọn đơn vị đang hoạt động.", name=name, valid_to=date_vn(valid_to))
