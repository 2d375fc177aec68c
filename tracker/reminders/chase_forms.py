"""Forms of the log of chasing."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from tracker.reminders.chase_rules import Owed
from tracker.web.fields import DayField, Form


class CallForm(Form):
    """A call or a meeting: with whom, when, what was said, about which tasks."""

    on_day = DayField(_("Ngày"), [InputRequired(_("Đồng chí ghi ngày đã gọi hoặc gặp."))])
    with_whom = StringField(_("Đã gọi, gặp ai"), [Length(max=200, message=_("Nội dung này quá dài; tối đa %(max)d ký tự."))])
    words = TextAreaField(_("Đã thống nhất gì"))
    tasks = SelectMultipleField(_("Về các nhiệm vụ"), coerce=int)

    @classmethod
    def about(cls, owed: tuple[Owed, ...], today: date) -> CallForm:
        """The form for a unit's open tasks, all of them chosen."""
        form = cls()
        form.tasks.choices = [SelectChoice(one.task_id, f"{one.code} {one.name}" if one.code else one.name) for one in owed]
        if not form.is_submitted():
            form.on_day.data, form.tasks.data = today, [one.task_id for one in owed]
        return form


class LogForm(Form):
    """From which day to which a log is shown. Sent in the address, which changes nothing."""

    since = DayField(_("Từ ngày"), [Optional()])
    until = DayField(_("đến hết ngày"), [Optional()])

    class Meta:
        csrf = False

    def read(self) -> bool:
        """Whether these are days, and the first is not after the last."""
        if not self.validate():
            return False
        if self.since.data and self.until.data and self.until.data < self.since.data:
            self.until.errors = [_("Ngày cuối trước ngày đầu.")]
            return False
        return True


class StrikeForm(Form):
    """Why a line was noted wrongly."""

    why = TextAreaField(_("Vì sao gạch dòng này"))
