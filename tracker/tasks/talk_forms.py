"""Shape and wording of obstacles, directives and remarks."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField, TextAreaField
from wtforms.validators import Optional

from tracker.web.fields import DayField, Form, VersionField


class ObstacleForm(Form):
    """What hinders the unit."""

    words = TextAreaField(_("Khó khăn, vướng mắc"))


class AnswerForm(Form):
    """An answer, to what stood on the screen."""

    version = VersionField()
    words = TextAreaField(_("Trả lời"))


class DirectiveForm(Form):
    """What the unit is to do, and by when to say what was done."""

    version = VersionField()
    words = TextAreaField(_("Ý kiến chỉ đạo"))
    reply_by_on = DayField(_("Trả lời trước hết ngày"), description=_("Để trống nếu không ấn định ngày; dạng 27/11/2026."), validators=[Optional()])


class RemarkForm(Form):
    """One remark and whom it turns to."""

    words = TextAreaField(_("Ý kiến"))
    mentioned = SelectMultipleField(
        _("Nhắc tới"), description=_("Người được chọn thấy ở trang đầu cho tới khi xem; không chọn ai cũng được."), coerce=int
    )
