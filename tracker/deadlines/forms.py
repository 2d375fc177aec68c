"""Shape and wording of the forms of deadline rules."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from tracker.deadlines.explanation_rules import TRIGGER_WORDS, UNIT_WORDS
from tracker.deadlines.rules import Boundary, Roll, RuleKind, Schedule, TermUnit, Trigger, Window
from tracker.deadlines.stated_rules import (
    BOUNDARY_WORDS,
    KIND_WORDS,
    LONGEST_OPENING,
    LONGEST_TERM,
    MONTHS_BACK,
    MONTHS_ON,
    MOST_BUFFER,
    ROLL_WORDS,
    SCHEDULE_WORDS,
    WINDOW_WORDS,
    Stated,
    months_after_words,
)
from tracker.kernel import vietnamese
from tracker.web.fields import Form, WholeNumberField
from tracker.web.words import gettext

_TOO_LONG = _("Nội dung này quá dài; tối đa %(max)d ký tự.")
_CHOOSE = _("Đồng chí chọn một mục trong danh sách.")


def _clean(text: str | None) -> str:
    return vietnamese.clean(text or "")


def _choices(words: dict[Any, str]) -> list[SelectChoice]:
    return [SelectChoice(one.value if isinstance(one, StrEnum) else one, _(said)) for one, said in words.items()]


class NumberOrNothingField(WholeNumberField):
    """A whole number between two bounds, or nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if " ".join(valuelist).strip():
            super().process_formdata(valuelist)


class DayMonthField(StringField):  # type: ignore[misc]
    """A day of any year typed dd/mm; whether the month has it, the rules say. ``data`` is (day, month) or None."""

    data: Any

    def _value(self) -> str:
        return f"{self.data[0]:02d}/{self.data[1]:02d}" if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = " ".join(valuelist).strip()
        self.data = None
        if not text:
            return
        day, slash, month = text.partition("/")
        if not (slash and day.isdecimal() and month.isdecimal() and len(text) <= 5):
            raise ValueError(gettext("“%(text)s” chưa đúng; đồng chí ghi ngày và tháng như 01/10.", text=text))
        self.data = (int(day), int(month))


class WordingForm(Form):
    """What the document says, where, and what for."""

    wording = TextAreaField(
        _("Câu nêu thời hạn, đúng như văn bản ghi"),
        [DataRequired(_("Đồng chí chép câu nêu thời hạn, đúng như văn bản ghi.")), Length(max=1000, message=_TOO_LONG)],
        filters=[_clean],
        description=_("Chép nguyên văn; câu này được giữ mãi cùng quy tắc."),
    )
    notice = SelectField(_("Văn bản"), [InputRequired(_("Đồng chí chọn văn bản trong danh sách."))], validate_choice=False)
    place = StringField(
        _("Chỗ ghi trong văn bản"),
        [DataRequired(_("Đồng chí ghi chỗ của câu ấy trong văn bản, ví dụ “Mục III.2.a”.")), Length(max=250, message=_TOO_LONG)],
        filters=[_clean],
        description=_("Như “Mục III.2.a” hoặc “đoạn sau bảng phân công”."),
    )
    kind = RadioField(
        _("Văn bản yêu cầu"),
        [InputRequired(_CHOOSE)],
        choices=_choices(dict(KIND_WORDS)),
        default=RuleKind.COLLECTION.value,
    )
    sets = SelectMultipleField(_("Bộ chỉ số"), validate_choice=False, description=_("Trong các bộ chỉ số cơ quan đang dùng."))

    def offer(self, notices: Sequence[tuple[str, str]], sets: Sequence[tuple[str, str]]) -> None:
        """The notices and sets to choose from: (slug, words)."""
        self.notice.choices = [SelectChoice("", _("Chọn văn bản")), *(SelectChoice(*one) for one in notices)]
        self.sets.choices = [SelectChoice(*one) for one in sets]

    def validate_sets(self, field: SelectMultipleField) -> None:
        if self.kind.data == RuleKind.COLLECTION and not field.data:
            raise ValidationError(gettext("Quy tắc thu thập cần ít nhất một bộ chỉ số; đồng chí chọn bộ chỉ số được thu thập."))


class RuleForm(WordingForm):
    """Every part of a rule."""

    name = StringField(
        _("Tên quy tắc"),
        [DataRequired(_("Đồng chí đặt tên cho quy tắc, ví dụ “Báo cáo quý”.")), Length(max=120, message=_TOO_LONG)],
        filters=[_clean],
        description=_("Đợt mang tên này, thêm kỳ và năm: “Báo cáo quý IV/2026”."),
    )
    schedule = SelectField(_("Chu kỳ"), choices=_choices(dict(SCHEDULE_WORDS)))
    day = NumberOrNothingField(
        _("Ngày"),
        low=1,
        high=31,
        description=_("Ngày ghi trong văn bản; để trống nếu quy tắc định kỳ không nêu ngày. Tháng ngắn hơn thì lấy ngày cuối tháng."),
    )
    month = NumberOrNothingField(_("Tháng"), low=1, high=12, description=_("Chỉ ghi cho quy tắc hằng năm."))
    months_after = SelectField(
        _("Tháng của hạn"), coerce=int, choices=[SelectChoice(n, months_after_words(n)) for n in range(-MONTHS_BACK, MONTHS_ON + 1)], default=0
    )
    boundary = RadioField(
        _("Văn bản ghi"), choices=_choices(dict(BOUNDARY_WORDS)), default=Boundary.BY.value, description=_("“Trước ngày X” thì ngày X đã là muộn.")
    )
    roll = RadioField(_("Ngày cuối rơi vào ngày nghỉ"), choices=_choices(dict(ROLL_WORDS)), default=Roll.OFFICE.value)
    term_length = NumberOrNothingField(_("Trong thời hạn"), low=1, high=LONGEST_TERM, description=_("Chỉ ghi cho quy tắc tính từ một sự việc."))
    term_unit = SelectField(_("Đơn vị của thời hạn"), choices=_choices(dict(UNIT_WORDS)), default=TermUnit.DAY.value)
    trigger = SelectField(_("Kể từ"), choices=_choices(dict(TRIGGER_WORDS)), default=Trigger.ISSUED.value)
    window = SelectField(_("Kỳ số liệu"), choices=_choices(dict(WINDOW_WORDS)), default=Window.NOT_STATED.value)
    window_from = DayMonthField(_("Từ ngày"), description=_("Chỉ ghi khi chọn “Ngày văn bản ghi”, dạng 01/10."))
    window_from_last_year = BooleanField(_("Ngày đầu thuộc năm trước"))
    window_to = DayMonthField(_("Đến hết ngày"), description=_("Dạng 30/9."))
    opens_days_before = WholeNumberField(
        _("Mở đợt trước hạn"), low=0, high=LONGEST_OPENING, default=0, description=_("Số ngày trước ngày cuối của các đơn vị.")
    )
    upward = BooleanField(
        _("Ngày trong văn bản là hạn gửi cấp trên"), description=_("Hạn của đầu mối và của các đơn vị được tính lùi từ ngày ấy, theo ngày làm việc.")
    )
    check_days = WholeNumberField(_("Đầu mối kiểm tra, tổng hợp"), low=0, high=MOST_BUFFER, default=0)
    sign_days = WholeNumberField(_("Trình ký, gửi"), low=0, high=MOST_BUFFER, default=0)
    note = TextAreaField(_("Ghi chú"), [Optional(), Length(max=500, message=_TOO_LONG)], filters=[_clean])

    def fill(self, stated: Stated) -> None:
        """Shows a rule."""
        for field in self:
            if hasattr(stated, field.name):
                value = getattr(stated, field.name)
                field.data = value.value if isinstance(value, StrEnum) else value
        if stated.boundary is None:
            self.boundary.data = Boundary.BY.value

    def stated(self, **kept: str) -> Stated:
        """What the form says, of a form that is valid; ``kept`` is what it does not ask for."""
        given = {field.name: field.data for field in self if field.name not in ("csrf_token", "notice", "sets")}
        for name, enum in _ENUMS.items():
            given[name] = enum(given[name])
        return Stated(**{**given, **kept, "note": given["note"] or None})


_ENUMS: dict[str, type[StrEnum]] = {
    "kind": RuleKind,
    "schedule": Schedule,
    "boundary": Boundary,
    "roll": Roll,
    "term_unit": TermUnit,
    "trigger": Trigger,
    "window": Window,
}


class EndRuleForm(Form):
    """Why a rule is no longer used."""

    reason = TextAreaField(
        _("Lý do"),
        [DataRequired(_("Đồng chí ghi lý do ngừng dùng, ví dụ văn bản nào thay thế.")), Length(max=500, message=_TOO_LONG)],
        filters=[_clean],
    )
