"""Checklists and doubts, without a database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tracker.evidence.content_rules import Particulars, a_figure, figure_words, particulars
from tracker.evidence.rules import WHOLE, Asked, ItemKind, Signing, Slot, SlotKind, completeness
from tracker.evidence.warning_rules import Facts, Window, warnings
from tracker.kernel.errors import Refused

YEAR = Window(date(2026, 1, 1), date(2026, 12, 31))


def asked(number: int, *, quantity: int = 1, **more: bool) -> Asked:
    return Asked(Slot(SlotKind.SOURCE, number), f"Tài liệu {number}", "document", quantity, **more)


def slot(number: int) -> Slot:
    return Slot(SlotKind.SOURCE, number)


def test_completeness_names_what_is_missing_and_how_many_are_still_wanted() -> None:
    found = completeness([asked(1), asked(2), asked(3, quantity=2)], {slot(1): (1, False), slot(3): (1, False)})
    assert not found.complete
    assert found.missing == ("Tài liệu 2", "Tài liệu 3 (có 1, cần 2)")
    assert found.sentence == "Còn thiếu: Tài liệu 2 và Tài liệu 3 (có 1, cần 2)"


def test_a_sentence_why_there_is_none_excuses_a_document() -> None:
    assert completeness([asked(1), asked(2, quantity=2)], {slot(1): (0, True), slot(2): (2, False)}).complete


def test_an_item_for_the_task_as_a_whole_does_not_tick_a_listed_document() -> None:
    assert not completeness([asked(1)], {WHOLE: (5, False)}).complete


def test_where_no_documents_are_listed_one_item_is_enough() -> None:
    assert completeness([], {WHOLE: (1, False)}).complete
    assert completeness([], {slot(9): (1, False)}).complete, "what ticked a line that is asked for no more still answers"
    assert not completeness([], {}).complete
    assert "ít nhất một" in completeness([], {}).sentence


@pytest.mark.parametrize("one", [WHOLE, Slot(SlotKind.SOURCE, 4), Slot(SlotKind.LOCAL, 5), Slot(SlotKind.VARIABLE, 6)])
def test_a_slot_is_what_its_proof_stores(one: Slot) -> None:
    assert Slot.of(**one.columns) == one
    assert sum(value is not None for value in one.columns.values()) == (one != WHOLE)


def facts(kind: ItemKind = ItemKind.FILE, **more: object) -> Facts:
    values: dict[str, object] = dict.fromkeys(("document_on", "in_force_to", "signing", "figure", "denominator", "opened"))
    return Facts(kind, **{**values, "estimate": False, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "until", "said"),
    [
        (date(2025, 12, 31), None, "trước kỳ số liệu (từ ngày 01/01/2026)"),
        (date(2026, 1, 1), None, None),
        (date(2026, 12, 31), None, None),
        (date(2027, 1, 1), None, "sau kỳ số liệu (đến hết ngày 31/12/2026)"),
        (date(2021, 5, 1), date(2026, 1, 1), None),
        (date(2021, 5, 1), date(2025, 12, 31), "hết hiệu lực ngày 31/12/2025"),
        (None, None, None),
    ],
)
def test_a_document_outside_the_data_window_is_doubtful_unless_it_is_still_in_force(day: date | None, until: date | None, said: str | None) -> None:
    found = warnings(facts(document_on=day, in_force_to=until), asked(1), YEAR)
    assert found == () if said is None else said in found[0]


def test_a_plan_of_several_years_is_not_doubtful_where_the_line_says_so() -> None:
    plan = facts(document_on=date(2021, 5, 1))
    assert warnings(plan, asked(1, while_in_force=True), YEAR) == ()
    assert warnings(facts(document_on=date(2021, 5, 1), in_force_to=date(2025, 1, 1)), asked(1, while_in_force=True), YEAR), "it has ended"
    assert warnings(plan, asked(1), Window(None, None)) == (), "no window is stated"


@pytest.mark.parametrize(
    ("signing", "by_head", "said"),
    [
        (Signing.UNSIGNED, False, "dự thảo"),
        (Signing.DEPUTY, True, "cấp phó"),
        (None, True, "chưa ghi ai ký"),
        (Signing.HEAD, True, None),
        (Signing.DEPUTY, False, None),
    ],
)
def test_who_signed_is_doubted_where_it_counts(signing: Signing | None, by_head: bool, said: str | None) -> None:
    found = warnings(facts(signing=signing), asked(1, signed_by_head=by_head), YEAR)
    assert found == () if said is None else said in found[0]


def test_a_link_nobody_opened_an_estimate_and_a_ratio_over_one_are_doubtful() -> None:
    assert "Chưa ai xác nhận" in warnings(facts(ItemKind.LINK), None, YEAR)[0]
    assert "không được" in warnings(facts(ItemKind.LINK, opened=False), None, YEAR)[0]
    assert warnings(facts(ItemKind.LINK, opened=True), None, YEAR) == ()
    assert "ước thực hiện" in warnings(facts(ItemKind.FIGURE, figure=Decimal(4), estimate=True), None, YEAR)[0]
    assert "lớn hơn mẫu số" in warnings(facts(ItemKind.FIGURE, figure=Decimal(4), denominator=Decimal(3)), None, YEAR)[0]


def test_a_ratio_is_told_with_its_parts() -> None:
    assert figure_words(Decimal(45), Decimal(60), "hồ sơ", True) == "45/60 hồ sơ (75 %), ước thực hiện"
    with pytest.raises(Refused) as refusal:
        a_figure(Decimal(1), None, Decimal(0))
    assert refusal.value.field == "denominator"


def test_particulars_are_tidied_and_an_end_before_the_beginning_is_refused() -> None:
    said = particulars(document_number=" 15/QĐ-UBND ", document_on=date(2026, 2, 20), issuer="")
    assert said == Particulars("15/QĐ-UBND", date(2026, 2, 20))
    with pytest.raises(Refused) as refusal:
        particulars(document_on=date(2026, 2, 20), in_force_to=date(2026, 2, 19))
    assert refusal.value.field == "in_force_to"
