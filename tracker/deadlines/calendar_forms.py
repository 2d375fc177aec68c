"""Shape and wording of the form with which an office enters a day of its own."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from tracker.deadlines.calendar_rules import DayKind
from tracker.kernel import vietnamese
from tracker.web.fields import DayField, Form
from tracker.web.words import gettext

_TOO_LONG = _("Nội dung này quá dài; tối đa %(max)d ký tự.")

KIND_CHOICES = [
    SelectChoice(DayKind.CLOSURE.value, _("Cơ quan tạm nghỉ (bão, lũ, chuyển trụ sở)")),
    SelectChoice(DayKind.SWAP_OFF.value, _("Nghỉ hoán đổi, làm bù vào ngày khác")),
    SelectChoice(DayKind.MAKE_UP.value, _("Làm bù vào ngày nghỉ")),
]


def _clean(text: str | None) -> str:
    return vietnamese.clean(text or "")


class LocalDayForm(Form):
    """One day, or the two days of a swap."""

    kind = RadioField(_("Ngày này là"), [InputRequired(_("Đồng chí chọn ngày này là ngày gì."))], choices=KIND_CHOICES, default=DayKind.CLOSURE.value)
    day = DayField(_("Ngày"), [InputRequired(_("Đồng chí ghi ngày, như 13/11/2026."))], description=_("Dạng 13/11/2026."))
    made_up_on = DayField(_("Làm bù vào ngày"), [Optional()], description=_("Chỉ ghi cho ngày nghỉ hoán đổi; hai ngày được ghi cùng lúc."))
    name = StringField(
        _("Vì sao"),
        [InputRequired(_("Đồng chí ghi vì sao ngày ấy nghỉ hoặc làm bù, ví dụ “Nghỉ tránh bão số 9”.")), Length(max=120, message=_TOO_LONG)],
        filters=[_clean],
        description=_("Như “Nghỉ tránh bão số 9”; câu này hiện trong lịch và trong lời giải thích hạn."),
    )
    source = TextAreaField(
        _("Theo văn bản, chỉ đạo nào"),
        [InputRequired(_("Đồng chí ghi thông báo hoặc chỉ đạo mà cơ quan làm theo.")), Length(max=500, message=_TOO_LONG)],
        filters=[_clean],
        description=_("Như “Công điện 12/CĐ-UBND ngày 12/11/2026 của UBND tỉnh”."),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """A swap without its other day would be a day off for nothing."""
        valid = bool(super().validate(extra_validators))
        if self.kind.data == DayKind.SWAP_OFF and self.made_up_on.data is None and not self.made_up_on.errors:
            sentence = gettext("Đồng chí ghi ngày làm bù của ngày nghỉ hoán đổi; nếu không làm bù, chọn “Cơ quan tạm nghỉ”.")
            self.made_up_on.errors = [sentence]
            return False
        return valid
