"""Shape and wording of a change of units."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from tracker.web.fields import DayField, Form

_TOO_LONG = _("Nội dung này quá dài; tối đa %(max)d ký tự.")


class SuccessionForm(Form):
    """Which units become which, from which day, by which document. What a kind does not need is left out of its page."""

    predecessors = SelectMultipleField(_("Đơn vị cũ"), validate_choice=False)
    successors = SelectMultipleField(_("Đơn vị nhận"), validators=[Optional()], validate_choice=False)
    new_units = TextAreaField(
        _("Đơn vị mới"), [Optional(), Length(max=4000, message=_TOO_LONG)], description=_("Mỗi dòng một tên; lập cùng loại với đơn vị cũ.")
    )
    new_name = StringField(_("Tên mới"), [Optional(), Length(max=250, message=_TOO_LONG)])
    new_short_name = StringField(_("Tên ngắn mới"), [Optional(), Length(max=80, message=_TOO_LONG)])
    effective_on = DayField(_("Từ ngày"), [InputRequired(_("Đồng chí nhập ngày thay đổi có hiệu lực."))])
    document = StringField(
        _("Văn bản căn cứ"), [InputRequired(_("Đồng chí ghi văn bản căn cứ: loại, số, ngày."))], description=_("Loại, số, ngày của văn bản.")
    )
    note = TextAreaField(_("Ghi chú"), [Optional()])
