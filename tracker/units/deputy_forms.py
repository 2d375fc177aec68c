"""Shape and wording of lending one's roles."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from tracker.web.fields import DayField, Form


class DeputyForm(Form):
    """Who acts for whom, where, from when to when and why."""

    principal = SelectField(_("Người ủy quyền"), validate_choice=False)
    acting = SelectField(_("Người được ủy quyền"), validate_choice=False)
    unit = SelectField(_("Phạm vi"), validate_choice=False)
    valid_from = DayField(_("Từ ngày"), [InputRequired(_("Đồng chí nhập ngày bắt đầu."))])
    valid_to = DayField(_("Đến hết ngày"), [InputRequired(_("Đồng chí nhập ngày cuối."))])
    reason = StringField(_("Lý do"), [InputRequired(_("Đồng chí ghi lý do ủy quyền, ví dụ “đi công tác”."))])
