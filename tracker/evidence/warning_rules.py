"""What makes a proof doubtful: said to everybody who sees it, never a wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tracker.evidence.rules import Asked, ItemKind, Signing
from tracker.kernel.vietnamese import date_vn, join_and
from tracker.kernel.words import phrase


@dataclass(frozen=True, slots=True)
class Window:
    """Kỳ số liệu of the round; both ends count, None where the document states none."""

    begins: date | None
    ends: date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a version says of itself, as far as doubts need it."""

    kind: ItemKind
    document_on: date | None
    in_force_to: date | None
    signing: Signing | None
    figure: Decimal | None
    denominator: Decimal | None
    estimate: bool
    #: The last check of a link: whether it opened; None where nobody has tried.
    opened: bool | None
    #: Other places the same bytes serve, in words: «1.3, đợt năm 2025».
    also_in: Sequence[str] = ()


def warnings(facts: Facts, asked: Asked | None, window: Window) -> tuple[str, ...]:
    """Sentences, the gravest first. ``asked``: the line the proof ticks, None for the task as a whole."""
    found = [
        _signing(facts, asked),
        _day(facts, asked, window),
        _link(facts),
        _figure(facts),
        phrase("Cùng tệp này đã dùng ở %(also_in)s.", also_in=join_and(facts.also_in)) if facts.also_in else None,
    ]
    return tuple(sentence for sentence in found if sentence)


def _signing(facts: Facts, asked: Asked | None) -> str | None:
    if facts.signing is Signing.UNSIGNED:
        return phrase("Bản dự thảo, chưa ký; hội đồng thẩm định thường không tính.")
    if asked is None or not asked.signed_by_head or facts.kind is not ItemKind.FILE:
        return None
    if facts.signing is Signing.DEPUTY:
        return phrase("Mục này tính văn bản do người đứng đầu ký; bản này do cấp phó hoặc người được ủy quyền ký.")
    return None if facts.signing is Signing.HEAD else phrase("Mục này tính văn bản do người đứng đầu ký; chưa ghi ai ký bản này.")


def _day(facts: Facts, asked: Asked | None, window: Window) -> str | None:
    day = facts.document_on
    if day is None or (window.begins is None and window.ends is None):
        return None
    if window.ends is not None and day > window.ends:
        return phrase("Văn bản ngày %(day)s ban hành sau kỳ số liệu (đến hết ngày %(ends)s).", day=date_vn(day), ends=date_vn(window.ends))
    if window.begins is None or day >= window.begins:
        return None
    if facts.in_force_to is not None and facts.in_force_to < window.begins:
        return phrase(
            "Văn bản ngày %(day)s hết hiệu lực ngày %(in_force_to)s, trước kỳ số liệu (từ ngày %(begins)s).",
            day=date_vn(day),
            in_force_to=date_vn(facts.in_force_to),
            begins=date_vn(window.begins),
        )
    if facts.in_force_to is not None or (asked is not None and asked.while_in_force):
        return None
    return phrase(
        "Văn bản ngày %(day)s ban hành trước kỳ số liệu (từ ngày %(begins)s); nếu còn hiệu lực thì ghi hiệu lực đến ngày nào.",
        day=date_vn(day),
        begins=date_vn(window.begins),
    )


def _link(facts: Facts) -> str | None:
    if facts.kind is not ItemKind.LINK or facts.opened:
        return None
    return phrase("Lần mở gần nhất không được.") if facts.opened is False else phrase("Chưa ai xác nhận đã mở được đường dẫn này.")


def _figure(facts: Facts) -> str | None:
    if facts.kind is not ItemKind.FIGURE:
        return None
    if facts.denominator is not None and facts.figure is not None and abs(facts.figure) > abs(facts.denominator):
        return phrase("Tử số lớn hơn mẫu số; đồng chí kiểm tra lại.")
    return phrase("Số ước thực hiện, chưa phải số liệu chính thức.") if facts.estimate else None
