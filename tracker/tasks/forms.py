"""Shape and wording of decisions on tasks and of new rounds."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired

from tracker.tasks.rules import PROGRESS_WORDS, Move, Progress
from tracker.web.fields import DayField, Form


class ReasonForm(Form):
    """A decision that needs a sentence why."""

    version = HiddenField()
    next = HiddenField()
    reason = TextAreaField(_("Lý do"), validators=[InputRequired(_("Đồng chí ghi lý do, để đơn vị biết cần làm gì."))])


class SetAsideForm(ReasonForm):
    """Which of the two ways of needing nothing from the unit."""

    move = RadioField(
        _("Ghi nhiệm vụ này là"),
        choices=[
            (Move.SET_SUPPLIED_ELSEWHERE.value, PROGRESS_WORDS[Progress.SUPPLIED_ELSEWHERE]),
            (Move.SET_NOT_APPLICABLE.value, PROGRESS_WORDS[Progress.NOT_APPLICABLE]),
        ],
        validators=[InputRequired(_("Đồng chí chọn một trong hai."))],
    )


class LetterForm(Form):
    """A survey letter that starts the clock."""

    rule = SelectField(_("Quy tắc thời hạn"), coerce=str)
    letter = StringField(
        _("Số, ký hiệu văn bản"),
        description=_("Như in trên văn bản, ví dụ 05/CV-UBND."),
        validators=[InputRequired(_("Đồng chí ghi số, ký hiệu văn bản khảo sát."))],
    )
    issued = DayField(_("Ngày phát hành"), validators=[InputRequired(_("Ngày phát hành chưa đúng; ghi ngày có thật, dạng 06/11/2026."))])


class RequestForm(Form):
    """An ad-hoc round: a name, a date and a chosen subset."""

    rule = SelectField(_("Quy tắc thời hạn"), coerce=str)
    name = StringField(_("Tên đợt"), validators=[InputRequired(_("Đồng chí đặt tên cho đợt, ví dụ “Báo cáo đột xuất tháng 11/2026”."))])
    last_on = DayField(_("Ngày cuối"), validators=[InputRequired(_("Ngày cuối chưa đúng; ghi ngày có thật, dạng 27/11/2026."))])
    indicators = SelectMultipleField(_("Chỉ số"), description=_("Không chọn dòng nào nghĩa là tất cả."), coerce=int)
