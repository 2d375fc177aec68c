"""Shape and wording of decisions on tasks and of new rounds."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional, ValidationError

from tracker.tasks.extension_rules import Decision
from tracker.tasks.rules import CAUSE_WORDS, PROGRESS_WORDS, Move, Progress, ReturnCause
from tracker.web.fields import DayField, Form, VersionField


class ReasonForm(Form):
    """A decision that needs a sentence why."""

    version = VersionField()
    next = HiddenField()
    reason = TextAreaField(_("Lý do"), validators=[InputRequired(_("Đồng chí ghi lý do, để đơn vị biết cần làm gì."))])


class ReturnForm(Form):
    """Why a task goes back: from the list, in words, or both."""

    version = VersionField()
    next = HiddenField()
    cause = SelectField(_("Lý do"), choices=[("", _("Ghi bằng lời ở dưới")), *((cause.value, words) for cause, words in CAUSE_WORDS.items())])
    reason = TextAreaField(_("Nói rõ thêm"))

    def validate_reason(self, field: Any) -> None:
        if self.cause.data in ("", ReturnCause.OTHER.value) and not (field.data or "").strip():
            raise ValidationError(_("Đồng chí ghi lý do, để đơn vị biết cần làm gì."))


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
    started = DayField(
        _("Ngày nhận hoặc ngày họp"),
        description=_("Chỉ ghi khi quy tắc tính từ ngày nhận văn bản hoặc từ ngày họp."),
        validators=[Optional()],
    )
    file = FileField(_("Tệp văn bản"), description=_("Bản chụp hoặc bản ký số; có thể thêm sau ở trang của đợt."))


class PaperForm(Form):
    """A document added to a round."""

    file = FileField(_("Tệp văn bản"), validators=[FileRequired(_("Đồng chí chưa chọn tệp."))])


class RequestForm(Form):
    """An ad-hoc round: a name, a date and a chosen subset."""

    rule = SelectField(_("Quy tắc thời hạn"), coerce=str)
    name = StringField(_("Tên đợt"), validators=[InputRequired(_("Đồng chí đặt tên cho đợt, ví dụ “Báo cáo đột xuất tháng 11/2026”."))])
    last_on = DayField(_("Ngày cuối"), validators=[InputRequired(_("Ngày cuối chưa đúng; ghi ngày có thật, dạng 27/11/2026."))])
    data_from = DayField(_("Số liệu từ ngày"), description=_("Để trống nếu văn bản không nêu kỳ số liệu."), validators=[Optional()])
    data_to = DayField(_("Số liệu đến hết ngày"), validators=[Optional()])
    indicators = SelectMultipleField(_("Chỉ số"), description=_("Không chọn dòng nào nghĩa là tất cả."), coerce=int)


class AskExtensionForm(Form):
    """More time for one task or several of the same unit and round: one reason, one day."""

    tasks = SelectMultipleField(_("Nhiệm vụ cần gia hạn"), description=_("Cùng một lý do và một ngày cho mọi nhiệm vụ đã chọn."), coerce=int)
    wished_on = DayField(_("Đề nghị gia hạn đến hết ngày"), validators=[InputRequired(_("Đồng chí ghi ngày đề nghị gia hạn đến, dạng 27/11/2026."))])
    reason = TextAreaField(_("Lý do"), validators=[InputRequired(_("Đồng chí ghi lý do, để người quyết định biết vì sao cần thêm thời gian."))])


class DecideExtensionForm(Form):
    """What becomes of some requests."""

    decision = RadioField(
        _("Quyết định"),
        choices=[
            (Decision.GRANT.value, _("Đồng ý đến ngày đơn vị đề nghị")),
            (Decision.GRANT_OTHER.value, _("Đồng ý đến một ngày khác, ghi ở ô dưới")),
            (Decision.REFUSE.value, _("Không gia hạn, có lý do ở ô dưới")),
        ],
        validators=[InputRequired(_("Đồng chí chọn một quyết định."))],
    )
    until = DayField(_("Gia hạn đến hết ngày"), description=_("Chỉ ghi khi đồng ý đến một ngày khác, dạng 27/11/2026."), validators=[Optional()])
    answer = TextAreaField(_("Trả lời đơn vị"), description=_("Bắt buộc khi không gia hạn."), validators=[Optional()])


class ExtendForm(Form):
    """More time nobody asked for."""

    version = VersionField()
    wished_on = DayField(_("Gia hạn đến hết ngày"), validators=[InputRequired(_("Đồng chí ghi ngày gia hạn đến, dạng 27/11/2026."))])
    reason = TextAreaField(_("Lý do"), validators=[InputRequired(_("Đồng chí ghi lý do gia hạn, để đơn vị và người theo dõi biết."))])


class CloseForm(Form):
    """Closing a round, seen as it was when the page was opened."""

    version = VersionField()


class ReopenForm(CloseForm):
    """Opening a closed round again."""

    reason = TextAreaField(_("Lý do mở lại"), validators=[InputRequired(_("Đồng chí ghi lý do mở lại đợt; lý do được ghi vào nhật ký."))])
